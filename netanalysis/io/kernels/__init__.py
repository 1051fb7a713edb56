"""Compiled loops of the readers."""

from netanalysis._kernels import loading

__getattr__ = loading(__name__)
