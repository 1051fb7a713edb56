"""A distance in two parts: what is measured of each network once, and what is measured between two of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any, NamedTuple, TypeVar

import numpy as np
from scipy import sparse

from netanalysis._core import stacks, undefined, validate
from netanalysis.connectome import Connectome

# What the distances that need all pairs of nodes name instead.
LARGE = 'Large networks have ks_distance(a, b, of=("degree", "clustering")); '
F = TypeVar("F", bound=Callable[..., Any])


class Parts(NamedTuple):
    """``between(describe(a), describe(b))`` is the distance: of many networks each is described once."""

    describe: Callable[[Any], Any]
    between: Callable[[Any, Any], float]


@dataclass(frozen=True)
class _Sized:
    """What describes a network; one too large is refused in words that a caller of the distance can follow."""

    describe: Callable[[Any], Any]
    distance: str
    instead: str

    def __call__(self, net: Any) -> Any:
        try:
            return self.describe(net)
        except MemoryError as error:
            reason = str(error).partition("; ")[0]
            raise MemoryError(f"{self.distance}: {reason}. {self.instead}") from error


def sized(distance: str, instead: str = "") -> Callable[[Callable[..., Parts]], Callable[..., Parts]]:
    """Mark what makes the parts of a distance: its refusals of large networks say what to take instead."""
    said = f"{instead}a part of each network, na.transform.subset, is compared as it is"

    def mark(parts: Callable[..., Parts]) -> Callable[..., Parts]:
        @wraps(parts)
        def made(**options: Any) -> Parts:
            found = parts(**options)
            return found._replace(describe=_Sized(found.describe, distance, said))

        return made

    return mark


def in_parts(parts: Callable[..., Parts], *, stacks: bool = True) -> Callable[[F], F]:
    """Mark a distance whose options make its two parts by ``parts(**options)``, and which may take stacks."""

    def mark(function: F) -> F:
        function.parts = parts  # type: ignore[attr-defined]
        if stacks:
            function.takes_stacks = True  # type: ignore[attr-defined]
        return function

    return mark


def parts_of(distance: Callable[..., Any]) -> Parts:
    """The two parts of a distance, or of a function of two networks that has none."""
    options: dict[str, Any] = {}
    inner: Any = distance
    while isinstance(inner, partial) and not inner.args:
        options = inner.keywords | options
        inner = inner.func
    made = getattr(inner, "parts", None)
    return Parts(_as_it_is, distance) if made is None else made(**options)


def _as_it_is(net: Any) -> Any:
    return net


def over(a: Any, b: Any, parts: Parts) -> Any:
    """The distance of two networks; of stacks, an array over their leading axes as numpy broadcasts them."""
    members = [_members(net, name) for net, name in ((a, "a"), (b, "b"))]
    try:
        lead = np.broadcast_shapes(*(shape for _, shape in members))
    except ValueError:
        raise ValueError(
            f"a and b must be single networks, or stacks whose leading axes match; got {members[0][1]} and "
            f"{members[1][1]}. network_distances compares each network of a collection with each other one"
        ) from None
    with undefined.once():
        first, second = ([parts.describe(net) for net in nets] for nets, _ in members)
        places = [np.broadcast_to(np.arange(len(n)).reshape(shape), lead).ravel() for n, shape in members]
        values = [parts.between(first[i], second[j]) for i, j in zip(*places, strict=True)]
    return stacks.restore(np.array(values, float), lead)


def _members(net: Any, name: str) -> tuple[list[Any], tuple[int, ...]]:
    w = validate.as_weights(net, name=name)
    if sparse.issparse(w) or w.ndim == 2:
        return [net if isinstance(net, Connectome) else w], ()
    flat, lead = stacks.flatten(w)
    return ([net[index] for index in np.ndindex(lead)] if isinstance(net, Connectome) else list(flat)), lead
