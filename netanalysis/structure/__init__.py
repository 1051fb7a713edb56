"""One network in, numbers out."""
