"""Compiled loops of the null models."""

from netanalysis._kernels import loading

__getattr__ = loading(__name__)
