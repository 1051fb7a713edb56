"""Null models of maps, one value per node: surrogates as smooth in space as the map, or turned on the sphere.

Neighbours have like values, so two maps correlate by chance far more often than shuffled values do. Every null is
called as ``null(values, rng, size=k)`` with the geometry by keyword and returns k surrogates (k, n); the first do not
depend on k. Of a stack of maps (..., n) they are (k, ..., n), each as the map by itself has them.
:func:`netanalysis.map_test` runs all that are valid and says what each found.
"""

from netanalysis.maps._moran import moran, moran_index
from netanalysis.maps._spin import spin
from netanalysis.maps._variogram import variogram, variogram_matched

__all__ = ["moran", "moran_index", "spin", "variogram", "variogram_matched"]


def __dir__() -> list[str]:
    return __all__
