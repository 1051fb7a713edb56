"""What every family builds on: no public name, no policy."""
