"""Compiled loops of the measures of activity."""

from netanalysis._kernels import loading

__getattr__ = loading(__name__)
