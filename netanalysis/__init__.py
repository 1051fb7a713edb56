"""Network neuroscience for any weight matrix, with a null model behind every number.

``W[i, j]`` is the weight from source i to target j, everywhere.
"""

from typing import Any

from netanalysis import transform
from netanalysis.compare import compare
from netanalysis.connectome import Connectome, Recording
from netanalysis.inference import NullTest, null_test
from netanalysis.io import load, save
from netanalysis.spectrum import (
    eigenvalues,
    leading_real_part,
    spectral_entropy,
    spectral_participation_ratio,
    spectral_radius,
)

__version__ = "0.1.0"

_LAZY = ("plot", "report")  # matplotlib and the page template load on first use


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        from importlib import import_module

        return import_module(f"netanalysis.{name}")
    raise AttributeError(f"module 'netanalysis' has no attribute {name!r}")


__all__ = [
    "Connectome",
    "NullTest",
    "Recording",
    "compare",
    "eigenvalues",
    "leading_real_part",
    "load",
    "null_test",
    "save",
    "spectral_entropy",
    "spectral_participation_ratio",
    "spectral_radius",
    "transform",
]
