"""The classes of motifs: their names, drawings, and the patterns that belong to each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

# Patterns by one of their drawings, i > j being a connection from i to j; triads as networkx names them.
_TRIADS = {
    "003": "",
    "012": "01",
    "102": "01 10",
    "021D": "10 12",
    "021U": "01 21",
    "021C": "01 12",
    "111D": "01 10 21",
    "111U": "01 10 12",
    "030T": "01 21 02",
    "030C": "10 21 02",
    "201": "01 10 12 21",
    "120D": "10 12 02 20",
    "120U": "01 21 02 20",
    "120C": "01 12 02 20",
    "210": "01 12 21 02 20",
    "300": "01 10 12 21 02 20",
}
_UNDIRECTED = {
    3: {"empty": "", "one edge": "01", "path": "01 12", "triangle": "01 12 02"},
    4: {
        "star": "01 02 03",
        "path": "01 12 23",
        "paw": "01 12 02 23",
        "ring": "01 12 23 03",
        "diamond": "01 12 23 03 02",
        "complete": "01 12 23 03 02 13",
    },
}


@dataclass(frozen=True, eq=False)
class Classes:
    """What the classes are, and the class of each pattern that a kernel counts (see :mod:`.kernels.motifs`)."""

    names: tuple[str, ...]
    of_code: NDArray[np.intp]  # -1: none
    codes: NDArray[np.intp]  # a pattern of each class
    connected: NDArray[np.bool_]
    within: NDArray[np.int64]  # subgraphs of class j in a pattern of class i, at (i, j)


def _pairs(size: int) -> list[tuple[int, int]]:
    """Pairs of nodes in the order of their digits, the first one highest."""
    return sorted(combinations(range(size), 2), key=lambda pair: pair[::-1])


def matrices(size: int) -> NDArray[np.bool_]:
    """The adjacency matrix of each code, (codes, size, size)."""
    pairs = _pairs(size)
    codes = np.arange(4 ** len(pairs))
    out = np.zeros((len(codes), size, size), bool)
    for k, (i, j) in enumerate(pairs):
        digit = codes >> 2 * (len(pairs) - 1 - k)
        out[:, i, j], out[:, j, i] = digit & 1, digit >> 1 & 1
    return out


@cache
def classes_of(size: int, directed: bool) -> Classes:
    adjacency = matrices(size)
    place = 1 << np.arange(size * size).reshape(size, size)
    orders = [np.ix_(order, order) for order in map(list, permutations(range(size)))]
    number = np.min([(adjacency * place[order]).sum((1, 2)) for order in orders], axis=0)
    near = adjacency | adjacency.swapaxes(1, 2) | np.eye(size, dtype=bool)
    there = np.asarray(np.matmul(near @ near, near)).all((1, 2))
    undirected = (adjacency == adjacency.swapaxes(1, 2)).all((1, 2))
    if directed and size == 4:
        codes = np.unique(np.where(there, number, -1), return_index=True)[1][1:]
        names = tuple(str(number[code]) for code in codes)
    else:
        patterns = _TRIADS if directed else _UNDIRECTED[size]
        names = tuple(patterns)
        drawn = np.zeros((len(names), size, size), bool)
        for k, text in enumerate(patterns.values()):
            for pair in text.split():
                drawn[k, int(pair[0]), int(pair[1])] = True
        drawn = drawn if directed else drawn | drawn.swapaxes(1, 2)
        codes = np.array([np.flatnonzero((adjacency == one).all((1, 2)))[0] for one in drawn])
    of_code = np.full(len(number), -1)
    for k, code in enumerate(codes):
        of_code[(number == number[code]) & (directed | undirected)] = k
    every = np.arange(len(number))
    within = np.zeros((len(names), len(names)), np.int64)
    for k, code in enumerate(codes):
        parts = of_code[((every & code) == every) & (of_code >= 0)]
        within[k] = np.bincount(parts, minlength=len(names))
    return Classes(names, of_code, codes, np.asarray(there)[codes], within)


def drawings(size: int, directed: bool) -> dict[str, NDArray[np.bool_]]:
    """An adjacency matrix (size, size) of every class."""
    table = classes_of(size, directed)
    return dict(zip(table.names, matrices(size)[table.codes], strict=True))
