"""Compiled loops of networks that grow."""

from netanalysis._kernels import loading

__getattr__ = loading(__name__)
