"""Torch definitions that grow connectomes for netanalysis."""
