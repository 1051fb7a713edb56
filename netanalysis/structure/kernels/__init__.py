"""Compiled loops of the measures of structure."""

from netanalysis._kernels import loading

__getattr__ = loading(__name__)
