"""Recordings in, numbers out; and function against anatomy."""
