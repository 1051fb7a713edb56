"""Networks from a program's own objects: torch modules, Keras layers, Flax parameters. None of them is imported."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import Any

import numpy as np

from netanalysis._core import options
from netanalysis.connectome import Connectome
from netanalysis.io import _names, torch_files
from netanalysis.io._entries import Entry, listing
from netanalysis.io._leaves import leaves
from netanalysis.io._oriented import as_connectome
from netanalysis.io._parts import effective
from netanalysis.io._roles import select, with_roles

__all__ = ["from_flax", "from_keras", "from_torch"]


def from_torch(
    source: Any,
    *,
    cell: str | None = None,
    layer: int | None = None,
    gate: str | int | None = None,
    reverse: bool = False,
) -> Connectome:
    """The recurrent network of a torch module or of its state dict, turned from torch's [target, source].

    Parameters
    ----------
    source : torch.nn.Module or mapping of tensors
        A GRU, LSTM, RNN or cell, a module that contains one, or what its ``state_dict()`` gives.
    cell : str, optional
        Name of the submodule (``"encoder.rnn"``, or the end of it); needed where there are several.
    layer : int, optional
        Of a cell with several layers: 0 is the first.
    gate : str or int, optional
        One gate's matrix: ``r z n`` of a GRU, ``i f g o`` of an LSTM. Without it, all as a stack (gates, n, n) in that
        order, and the matrix itself of an RNN.
    reverse : bool
        Of a bidirectional cell, the direction that reads the sequence from its end.

    Returns
    -------
    Connectome
        Weights W[i, j] from unit i to unit j, of the last step that trained them. `inputs` is the layer's weight_ih;
        `outputs` the layer that reads from it, if one is called ``fc``, ``head``, ``decoder``, ``readout``, ``linear``
        or ``out``. The metadata name them (``"inputs"``, ``"outputs"``) and hold ``"biases"``; of a stack of gates,
        ``"inputs_of_stack"`` (gates, inputs, n). Weights in parts (weight norm, spectral norm, pruning) come whole,
        and a projected LSTM as ``W_hh W_hr``, the recurrence from unit to unit.

    Raises
    ------
    ValueError
        If there is no recurrent layer, or several and none is chosen: the error lists them.

    Examples
    --------
    >>> import netanalysis as na, torch
    >>> model = torch.nn.ModuleDict({"rnn": torch.nn.GRU(2, 8), "readout": torch.nn.Linear(8, 3)})
    >>> net = na.from_torch(model, gate="n")
    >>> net.n_nodes, net.inputs.shape, net.outputs.shape, net.metadata["outputs"]
    (8, (2, 8), (8, 3), 'readout.weight')
    >>> na.from_torch(model).weights.shape
    (3, 8, 8)
    """
    options.flags(reverse=reverse)
    if layer is not None:
        options.positive_int(layer, "layer", minimum=0)
    module = source if hasattr(source, "state_dict") else None
    content = source if module is None else module.state_dict()
    if not isinstance(content, Mapping):
        raise TypeError(f"source must be a torch module or a state dict; got {type(source).__name__}")
    entries = [_entry(name, value) for name, value in _leaves(content, ".")]
    if module is not None:
        entries = [_computed(module, e) for e in effective(entries)]

    def chosen(entry: Entry) -> bool:
        place = entry.name.rpartition("weight_hh")[0].rstrip(".")
        tail = entry.name.rpartition("weight_hh")[2]
        return (
            (cell is None or place == cell or place.endswith("." + cell))
            and (layer is None or tail.removesuffix("_reverse") == f"_l{layer}" or (layer == 0 and not tail))
            and tail.endswith("_reverse") == reverse
        )

    what = type(source).__name__ if module is not None else "the state dict"
    choice = {"cell": cell, "layer": layer, "reverse": reverse or None}
    return _network(with_roles(entries), chosen, gate, what, choice)


def from_keras(source: Any, *, layer: str | None = None, gate: str | int | None = None) -> Connectome:
    """The recurrent network of a Keras layer or model, which keeps [source, target] as we do.

    Parameters
    ----------
    source : layer or model, mapping of arrays, or list of arrays
        Anything with ``weights`` that have a ``path`` (Keras 3) or a ``name`` (Keras 2); or arrays under such names; or
        ``layer.get_weights()`` of one recurrent layer: kernel, recurrent kernel, bias.
    layer : str, optional
        Name of the recurrent layer, needed where there are several (``"gru_1"``, ``"forward_gru"``).
    gate : str or int, optional
        One gate's matrix: ``z r h`` of a GRU, ``i f c o`` of an LSTM. Without it, all as a stack in that order.

    Returns
    -------
    Connectome
        As :func:`from_torch`. The blocks of CuDNNGRU and CuDNNLSTM layers, stored the other way round, are turned.

    Raises
    ------
    ValueError
        If there is no recurrent kernel, or several and none is chosen.

    Examples
    --------
    >>> import netanalysis as na, numpy as np
    >>> kernel, recurrent, bias = np.ones((2, 12)), np.arange(48.0).reshape(4, 12), np.zeros((2, 12))
    >>> na.from_keras([kernel, recurrent, bias], gate="h").weights[0]
    array([ 8.,  9., 10., 11.])
    """
    if hasattr(source, "weights"):
        pairs = [(str(getattr(w, "path", None) or w.name), w) for w in source.weights]
    elif isinstance(source, Mapping):
        pairs = list(_leaves(source, "/"))
    elif isinstance(source, Sequence) and len(source) in (2, 3):
        pairs = list(zip(("cell/kernel", "cell/recurrent_kernel", "cell/bias"), source, strict=False))
    else:
        raise TypeError(
            "source must be a Keras layer or model, a mapping of arrays, or the 2 or 3 arrays of get_weights() of one "
            f"recurrent layer; got {type(source).__name__}"
        )
    entries = with_roles([_entry(name, value) for name, value in pairs])
    return _network(entries, lambda e: layer is None or layer in e.name.split("/"), gate, "source", {"layer": layer})


def from_flax(params: Mapping[str, Any], *, cell: str | None = None, gate: str | int | None = None) -> Connectome:
    """The recurrent network of Flax parameters (linen or nnx), which keep [source, target] as we do.

    Parameters
    ----------
    params : nested mapping of arrays
        Of a model with a GRUCell, LSTMCell, OptimizedLSTMCell or SimpleCell.
    cell : str, optional
        Name of the cell, or the end of its path, needed where there are several (``"GRUCell_0"``).
    gate : str or int, optional
        One gate's matrix: ``r z n`` of a GRU, ``i f g o`` of an LSTM. Without it, all as a stack in that order.

    Returns
    -------
    Connectome
        As :func:`from_torch`.

    Raises
    ------
    ValueError
        If there is no recurrent cell, or several and none is chosen.

    Examples
    --------
    >>> import netanalysis as na, numpy as np
    >>> gates = {g: {"kernel": np.full((4, 4), k)} for k, g in enumerate(["hr", "hz", "hn"])}
    >>> inputs = {g: {"kernel": np.ones((2, 4))} for g in ["ir", "iz", "in"]}
    >>> na.from_flax({"params": {"GRUCell_0": gates | inputs}}, gate="n").weights[0]
    array([2., 2., 2., 2.])
    """
    if not isinstance(params, Mapping):
        raise TypeError(f"params must be a nested mapping of arrays; got {type(params).__name__}")
    entries = with_roles([_entry(name, value) for name, value in _leaves(params, "/")])

    def chosen(entry: Entry) -> bool:
        places = [entry.name.split("/")[:k] for k in range(1, entry.name.count("/") + 2)]
        return cell is None or any("/".join(place).endswith(cell) for place in places)

    return _network(entries, chosen, gate, "params", {"cell": cell})


def _network(
    entries: Sequence[Entry], chosen: Callable[[Entry], bool], gate: str | int | None, what: str, by: Mapping[str, Any]
) -> Connectome:
    """The one recurrent kernel that is chosen, as a Connectome."""
    recurrent = [e for e in entries if e.role == "recurrent"]
    found = [e for e in recurrent if chosen(e)]
    if len(found) != 1:
        given = ", ".join(f"{name}={value!r}" for name, value in by.items() if value is not None)
        problem = (
            "holds no recurrent weights by their names"
            if not recurrent
            else f"holds several recurrent layers; choose with {'=, '.join(by)}="
            if found
            else f"has no recurrent layer with {given}"
        )
        raise ValueError(f"{what} {problem}: {listing(found or recurrent or entries)}")
    entry = found[0]
    if entry.layout is None:
        raise ValueError(
            f"{what} holds {entry}, of which neither a library nor its name says what rows are: "
            "na.Connectome(W) if W[i, j] is the weight from i to j, na.Connectome(W.T) if it is to i from j"
        )
    key = entry.name if gate is None and not entry.blocks else f"{entry.name}[{':' if gate is None else gate}]"
    try:
        loaded = select(entries, key, what)
    except ValueError as error:  # in the words of the function that was called
        raise ValueError(re.sub(r"key='[^']*\[(\w+)\]'", r"gate='\1'", str(error))) from error
    return as_connectome(replace(loaded, settled=True), None, {"source": what}, None)


def _leaves(content: Mapping[Any, Any], separator: str) -> Iterator[tuple[str, Any]]:
    """Arrays of nested mappings, under joined names; Flax's variables hold theirs as ``value``."""
    for name, value in leaves(content, separator):
        if hasattr(value, "shape") or hasattr(value, "value") or isinstance(value, (list, tuple)):
            yield name, value if hasattr(value, "shape") else getattr(value, "value", value)


def _entry(name: str, value: Any) -> Entry:
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return torch_files.entry(torch, name, value)
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        return Entry(name, (), "V8", lambda: None)
    if array.dtype.kind == "V" and array.dtype.name in ("bfloat16", "float16"):
        array = array.astype(np.float32)
    dtype = array.dtype.str if array.dtype.kind in "biufc" else "V8"
    return Entry(name, array.shape, dtype, partial(np.asarray, array))


def _computed(module: Any, entry: Entry) -> Entry:
    """A weight that the module computes by code of its own, asked from the module."""
    if not entry.refusal or entry.role == "part" or _names.role(entry.name) == "optimizer":
        return entry
    history = (f"load: {entry.name} as the module computes it",)
    return replace(_entry(entry.name, attrgetter(entry.name)(module)), history=history)
