"""Two networks or two recordings in, numbers out: how far apart are they, and which node is which."""
