"""The nodes that several networks have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core.types import Network
from netanalysis.connectome import Connectome
from netanalysis.transform.connections import subset

WITHOUT_VALUES = "without_values"  # in the metadata: which nodes a file had no value of


def shared_nodes(nets: Iterable[Network]) -> list[Connectome]:
    """Networks of the nodes that all of them have, in the order of the first.

    Nodes are the same by their labels or, where no network has labels, by their place. A node that a file has no value
    of, so that ``load(path, missing=0)`` made it a node without connections, is none that the network has: comparing
    people takes the same regions of everybody.

    Parameters
    ----------
    nets : iterable of networks (no stacks)

    Returns
    -------
    list of Connectome

    Raises
    ------
    ValueError
        If some have labels and others have none, if a label is not unique, if networks without labels have different
        numbers of nodes, or if no node is left.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> a = na.Connectome(np.ones((3, 3)), labels=["V1", "V2", "MT"])
    >>> b = na.Connectome(np.ones((2, 2)), labels=["MT", "V1"])
    >>> [net.labels.tolist() for net in na.transform.shared_nodes([a, b])]
    [['V1', 'MT'], ['V1', 'MT']]
    """
    every = [net if isinstance(net, Connectome) else Connectome(net) for net in nets]
    if not every:
        raise ValueError("nets is empty: give at least one network")
    if any(net.is_stack for net in every):
        raise ValueError("nets must be single networks; got a stack: take its members")
    named = [net.labels is not None for net in every]
    if any(named) != all(named):
        k = named.index(False)
        raise ValueError(f"nets[{k}] has no labels, and others have: their nodes cannot be told to be the same")
    names = [net.labels.tolist() if net.labels is not None else list(range(net.n_nodes)) for net in every]
    for k, own in enumerate(names):
        if len(set(own)) < len(own):
            twice = next(name for name in own if own.count(name) > 1)
            raise ValueError(f"labels must be unique to tell which nodes are the same; nets[{k}] has {twice!r} twice")
        if not all(named) and len(own) != len(names[0]):
            raise ValueError(
                f"nets without labels must have the same number of nodes; nets[0] has {len(names[0])}, nets[{k}] has "
                f"{len(own)}"
            )
    has = [{name for name, none in zip(own, without_values(net), strict=True) if not none}
           for own, net in zip(names, every, strict=True)]  # fmt: skip
    kept = [name for name in names[0] if all(name in own for own in has)]
    if not kept:
        raise ValueError("no node is in all of nets")
    out = []
    for net, own in zip(every, names, strict=True):
        place = {name: k for k, name in enumerate(own)}
        out.append(net if own == kept else subset(net, [place[name] for name in kept]))
    return out


def without_values(net: Any) -> NDArray[np.bool_]:
    """Which nodes of a Connectome its file had no value of, so that a number stands for all of them."""
    found = np.asarray(net.metadata.get(WITHOUT_VALUES, False))
    return found.astype(bool) if found.shape == (net.n_nodes,) else np.zeros(net.n_nodes, bool)


def said_of(nets: Any) -> str:
    """What to know before people are compared of whom some lack nodes that others have; else nothing."""
    if isinstance(nets, Connectome) and nets.is_stack and (count := int(without_values(nets).sum())):
        return (
            f"some networks of the stack have no values of {count} nodes, and are compared by the number that stands "
            f"for them: transform.subset(net, ~net.metadata[{WITHOUT_VALUES!r}]) leaves these nodes out of all"
        )
    every = nets if isinstance(nets, (list, tuple)) else ()
    masks = [without_values(net) for net in every if isinstance(net, Connectome)]
    lacking = [int(mask.sum()) for mask in masks]
    some = sum(map(bool, lacking))
    if not some or (some == len(every) and len({mask.tobytes() for mask in masks}) == 1):
        return ""
    return (
        f"{some} of {len(every)} networks have no values of up to {max(lacking)} nodes that others have, and are "
        "compared by the number that stands for them: transform.shared_nodes(nets) leaves these nodes out of all"
    )
