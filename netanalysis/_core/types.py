"""Names for what signatures speak of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np

# What `validate.as_weights` takes: an array, nested list, sparse matrix, DataFrame, networkx graph, torch tensor or
# Connectome. Some of these libraries may not be installed, so their types cannot be spelled out here.
Network: TypeAlias = Any

# Every network of a collection: networks, stacks, paths, iterables of those, or a mapping of name to those.
Networks: TypeAlias = Any

# The weights of a network or stack: ndarray (..., n, n) or csr_array (n, n).
Weights: TypeAlias = Any

Statistic: TypeAlias = Callable[[Any], Any]


class Null(Protocol):
    """A null model: weights like those of a network. With a parameter `size` it is asked for many at once."""

    def __call__(self, net: Any, rng: np.random.Generator, /) -> Weights: ...


F = TypeVar("F", bound=Callable[..., Any])


def takes_stacks(function: F) -> F:
    """Mark a function of a network as one that also takes a stack (k, n, n), and returns k values.

    :func:`netanalysis.null_test` and :func:`netanalysis.summarize` then hand it many networks at once. All measures of
    netanalysis are marked; a function of your own may be, a lambda too.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> total = na.takes_stacks(lambda w: w.sum(axis=(-2, -1)))
    >>> na.null_test(np.ones((3, 3)), total, na.nulls.weight_shuffle, n_nulls=9, rng=0).observed
    9.0
    """
    function.takes_stacks = True  # type: ignore[attr-defined]
    return function
