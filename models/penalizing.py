"""Penalties for a recurrent module in any training loop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import attrgetter
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils import parametrize

from models import penalties
from models.penalties import Penalty
from models.space import Space
from netanalysis._core.options import choice

__all__ = ["penalize"]

_GATES = {3: "rzn", 4: "ifgo"}  # torch's order
_KERNEL = re.compile(r"(weight_hh(_l\d+)?(_reverse)?)(_orig|_v)?")  # in parts if pruned, or of a weight norm


def penalize(
    module: torch.nn.Module,
    penalty: str | Penalty,
    *,
    space: Space | None = None,
    cell: str | None = None,
    layer: int | None = None,
    gate: str | None = None,
    reverse: bool = False,
    weight: str | None = None,
    orientation: str = "target_source",
    readout: str | None = None,
    **options: Any,
) -> Tensor:
    """The penalty of a module's recurrent weights, to be added to the loss of a training loop of your own.

    Parameters
    ----------
    module : torch.nn.Module
        An RNN, GRU, LSTM or cell, or a module that contains one; or any module, with `weight`.
    penalty : str or callable
        Name for :func:`models.penalties.get`, with its `options`, or a penalty itself, which saves to make it anew in
        every step.
    space : Space, optional
        Places of the units, for penalties on distance.
    cell : str, optional
        Name of the submodule, or the end of it; needed where there are several.
    layer : int, optional
        Of a cell with several layers.
    gate : str, optional
        One gate's kernel: ``r z n`` of a GRU, ``i f g o`` of an LSTM. Default: the sum of magnitudes over gates, as
        every gate is wiring.
    reverse : bool
        Of a bidirectional cell, the direction that reads the sequence from its end.
    weight : str, optional
        Name of the recurrent weight of a module of another kind, as ``"recurrent.weight"``: (n, n), or gates one below
        the other.
    orientation : {"target_source", "source_target"}
        What rows and columns of `weight` are; torch's layers have [target, source].
    readout : str, optional
        Name of the linear layer that reads from the units, for penalties that count its weights.

    Returns
    -------
    Tensor
        A scalar, differentiable. Weights in parts (weight norm, pruning) and projections come as what they amount to.

    Raises
    ------
    ValueError
        If there is no recurrent weight, or several and none is chosen, if places are not as many as units, if the
        penalty needs weights that are not there, or is not finite.

    See Also
    --------
    models.watch : record the trajectory of the same loop.

    Examples
    --------
    >>> import torch
    >>> from models.space import grid
    >>> torch.manual_seed(0)  # doctest: +ELLIPSIS
    <torch._C.Generator object at ...>
    >>> gru, space = torch.nn.GRU(2, 12), grid(3, 4)
    >>> optimizer = torch.optim.SGD(gru.parameters(), lr=0.1)
    >>> for step in range(30):
    ...     optimizer.zero_grad()
    ...     loss = gru(torch.ones(5, 8, 2))[0].square().mean() + 0.1 * penalize(gru, "sernn", space=space)
    ...     loss.backward()
    ...     optimizer.step()
    >>> import netanalysis as na
    >>> net = na.Connectome(na.from_torch(gru, gate="n").weights, positions=space.units)
    >>> na.weight_distance_correlation(net) < 0
    True
    """
    choice(orientation, ("target_source", "source_target"), "orientation")
    if weight is None:
        owner, tail = _only(module, cell, layer, reverse)
        kernel, inputs = (getattr(owner, f"{name}{tail}") for name in ("weight_hh", "weight_ih"))
        if (projection := getattr(owner, f"weight_hr{tail}", None)) is not None:
            kernel = kernel @ projection
    else:
        kernel, inputs = _named(module, weight), None
        if kernel.dim() == 2 and orientation == "source_target":
            kernel = kernel.mT
    if kernel.dim() != 2 or not kernel.shape[1] or kernel.shape[0] % kernel.shape[1]:
        raise ValueError(f"the recurrent weight must be (n, n), or so for each gate; got {tuple(kernel.shape)}")
    n = kernel.shape[1]
    if space is not None and len(space.units) != n:
        raise ValueError(f"space must have a place for each of the {n} units; got {len(space.units)}")
    p = {"W": _seen(kernel, n, gate)}
    if inputs is not None:
        p["W_in"] = _seen(inputs, n, gate)
    if readout is not None:
        p["W_out"] = _named(module, f"{readout}.weight").mT[None]
    if isinstance(penalty, str):
        made = penalties.get(penalty, space, **options)
        if made is None:
            return kernel.new_zeros(())
    else:
        made = penalty
        if options:
            raise TypeError(f"options go with a penalty's name; got {', '.join(options)} beside {penalty!r}")
    try:
        (cost,) = made(p)
    except KeyError as error:
        raise ValueError(
            f"the penalty counts {error.args[0]}, which is not known here; readout= names the layer of W_out, and W_in "
            "is known of torch's cells"
        ) from error
    if not torch.isfinite(cost):
        raise ValueError(f"the penalty is {cost.item()}: weights are not finite, or sums over walks diverge")
    return cost


def _seen(kernel: Tensor, n: int, gate: str | None) -> Tensor:
    """A kernel of torch, gates one below the other, as penalties see it: (1, sources, n)."""
    each = kernel.unflatten(0, (-1, n)).mT
    names = _GATES.get(len(each), "")
    if gate is not None:
        if gate not in [*names]:
            raise ValueError(f"gate must be one of {', '.join(names) or 'none: this cell has none'}; got {gate!r}")
        return each[[names.index(gate)]]
    return each if len(each) == 1 else each.abs().sum(0, keepdim=True)


def _named(module: torch.nn.Module, name: str) -> Tensor:
    try:
        value = attrgetter(name)(module)
    except AttributeError:
        value = None
    if not isinstance(value, Tensor):
        known = ", ".join(key for key, entry in module.named_parameters() if entry.dim() == 2)
        raise ValueError(f"{type(module).__name__} has no weight {name!r}; it has {known or 'none'}")
    return value


def _kernels(module: torch.nn.Module) -> Iterator[tuple[str, torch.nn.Module, str, str]]:
    """Name, cell and tail (``_l0_reverse``) of each recurrent weight."""
    for place, owner in module.named_modules():
        names = [name for name, _ in owner.named_parameters(recurse=False)]
        if parametrize.is_parametrized(owner):
            names += list(owner.parametrizations)  # type: ignore[arg-type]
        for name in names:
            if match := _KERNEL.fullmatch(name):
                yield f"{place}.{match[1]}".lstrip("."), owner, place, match[1].removeprefix("weight_hh")


def _only(module: torch.nn.Module, cell: str | None, layer: int | None, reverse: bool) -> tuple[torch.nn.Module, str]:
    """The one recurrent weight that is chosen."""
    every = list(_kernels(module))
    found = [
        (owner, tail)
        for _, owner, place, tail in every
        if (cell is None or place == cell or place.endswith("." + cell))
        and (layer is None or tail.removesuffix("_reverse") == f"_l{layer}" or (layer == 0 and not tail))
        and tail.endswith("_reverse") == reverse
    ]
    if len(found) != 1:
        listed = ", ".join(name for name, *_ in every) or "none"
        raise ValueError(
            f"{type(module).__name__} must have one recurrent weight, chosen by cell=, layer=, reverse= or weight=; "
            f"{len(found)} of these fit: {listed}"
        )
    return found[0]
