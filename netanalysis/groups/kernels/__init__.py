"""Compiled loops of tests over many people."""

from netanalysis._kernels import loading

__getattr__ = loading(__name__)
