"""Nodes, and rows, that belong together by their names: values in another order are refused, not taken by place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from netanalysis._core import frames
from netanalysis._core.kinds import is_instance, lists_networks


def own_labels(net: Any) -> list[str] | None:
    """Node names that a Connectome, DataFrame or graph brings along; None if those only count 0, 1, 2, …"""
    if is_instance(net, "netanalysis.connectome", "Connectome"):
        return None if net.labels is None else [str(name) for name in net.labels]
    if is_instance(net, "pandas", "DataFrame"):
        names = frames.labels_of(net, "net")
    elif is_instance(net, "networkx", "Graph"):
        names = list(net)
    else:
        return None
    return None if names == list(range(len(names))) else [str(name) for name in names]


def same_order(first: Any, second: Any, names: tuple[str, str]) -> None:
    """Refuse two networks with the same node names in another order."""
    one, other = own_labels(first), own_labels(second)
    if one is None or other is None or one == other or sorted(one) != sorted(other):
        return
    at = next(k for k, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)
    raise ValueError(
        f"{names[0]} and {names[1]} must have their nodes in the same order; node {at} is {one[at]!r} and {other[at]!r}"
    )


def same_nodes(first: Any, second: Any, names: tuple[str, str]) -> None:
    """Refuse networks, or lists of them, whose node names differ."""
    one, other = (own_labels(nets[0] if lists_networks(nets) else nets) for nets in (first, second))
    if one is not None and other is not None and one != other:
        raise ValueError(f"{names[1]} must have the nodes of {names[0]} in the same order; their labels differ")


def of_nodes(labels: Iterable[Any] | None, values: Any, name: str) -> None:
    """Refuse a Series or DataFrame of values of nodes in another order than the node names of the network."""
    index: Any = getattr(values, "index", None)
    if labels is None or not hasattr(index, "equals"):
        return
    wanted = [str(label) for label in labels]
    for given in (index, getattr(values, "columns", index)):
        found = [str(label) for label in given]
        if list(given) != list(range(len(found))) and found != wanted and sorted(found) == sorted(wanted):
            at = next(k for k, (a, b) in enumerate(zip(wanted, found, strict=True)) if a != b)
            raise ValueError(
                f"{name} has the names of the nodes in another order: node {at} of the network is {wanted[at]!r}, of "
                f"{name} {found[at]!r}. Put {name} into the order of the network, by .loc[labels]"
            )


def same_index(first: Any, second: Any, names: tuple[str, str]) -> None:
    """Refuse a Series or DataFrame with the rows of another one in another order."""
    one: Any = getattr(first, "index", None)
    other: Any = getattr(second, "index", None)
    if not hasattr(one, "equals") or not hasattr(other, "equals") or one.equals(other):
        return
    if len(one) == len(other) and set(one) == set(other):
        raise ValueError(
            f"{names[0]} and {names[1]} have the same index in another order: put them in one, {names[1]}.loc["
            f"{names[0]}.index]"
        )
