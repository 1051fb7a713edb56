"""Null models: random networks that keep some properties of a network and destroy the rest.

Every one is called as ``null(net, rng)`` and returns weights like those of `net` (ndarray, or csr_array if it is
sparse), so that any of them, or any function of your own with these two arguments, serves
:func:`netanalysis.null_test`. ``size=k`` gives k replicates at once:

- a stack (k, n, n), for a stack (..., n, n) of networks (k, ..., n, n), for a sparse network a list of k csr_arrays;
- replicate r does not depend on k, and ``null(net, rng)`` equals ``null(net, rng, size=k)[0]`` for the same seed;
- nor does it depend on whether the network comes as an array or sparse, but for :func:`distance_binned` of large ones.

Common to all: whether a network is undirected is read from its symmetry, member by member for a stack; undirected
networks stay symmetric. Self-connections stay where they are, except in :func:`permute_positions`. Each docstring
says what is kept exactly, what nearly, and what is destroyed. Options go in by :func:`functools.partial`.

Correlation matrices have null models of their own, since their entries cannot change one by one:
:func:`hirschberger_qi_steuer` needs only the matrix; :func:`phase_randomized` and :func:`circular_shift` need the
recording behind it, ``partial(phase_randomized, recording=recording)``, and keep what every unit does by itself.
"""

from netanalysis.nulls.blocks import block_degree_preserving, block_preserving
from netanalysis.nulls.correlation import correlation_drift as correlation_drift  # judges null models; is none itself
from netanalysis.nulls.correlation import hirschberger_qi_steuer
from netanalysis.nulls.degree import degree_preserving, reciprocity_preserving
from netanalysis.nulls.geometry import (
    distance_binned,
    geometry_preserving,
    lattice,
    permute_positions,
    wiring_length_preserving,
)
from netanalysis.nulls.shuffle import erdos_renyi, weight_shuffle
from netanalysis.nulls.strength import sign_preserving, strength_preserving
from netanalysis.nulls.strength import strength_error as strength_error  # judges too
from netanalysis.nulls.time_series import circular_shift as circular_shift  # needs the recording, not only the network
from netanalysis.nulls.time_series import phase_randomized as phase_randomized
from netanalysis.nulls.triads import triad_error as triad_error
from netanalysis.nulls.triads import triad_preserving

__all__ = [
    "block_degree_preserving",
    "block_preserving",
    "degree_preserving",
    "distance_binned",
    "erdos_renyi",
    "geometry_preserving",
    "hirschberger_qi_steuer",
    "lattice",
    "permute_positions",
    "reciprocity_preserving",
    "sign_preserving",
    "strength_preserving",
    "triad_preserving",
    "weight_shuffle",
    "wiring_length_preserving",
]


def __dir__() -> list[str]:
    return __all__
