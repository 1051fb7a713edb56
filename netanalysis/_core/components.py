"""Strongly connected components, numbered so that connections between them lead to lower numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csgraph

from netanalysis import _kernels
from netanalysis._core import stacks, validate


def strong_components(flat: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """How many components each network of a stack (m, n, n) has, and to which one its nodes belong, (m, n)."""
    stack = validate.for_kernels(flat)
    members, counts = np.empty(stack.shape[:2], np.intp), np.empty(len(stack), np.intp)

    def block(start: int, stop: int) -> None:
        _kernels.components.strong_components(start, stop, stack, members, counts)

    stacks.in_threads(block, stack)
    return counts, members


def strong_components_of_sparse(w: Any) -> NDArray[np.intp]:
    """The component of each node of a csr_array."""
    return np.asarray(csgraph.connected_components(w, directed=True, connection="strong")[1], np.intp)


def nodes_of(member: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """The nodes of each component, in ascending order."""
    return np.split(np.argsort(member, kind="stable"), np.cumsum(np.bincount(member))[:-1])
