"""Jacobians of recurrent units along what they did, gate by gate, and the pathways that they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

import netanalysis as na
from models.cells.spiking import THRESHOLD, SpikingCell
from netanalysis._core.results import result
from netanalysis._core.validate import as_array, as_nodes

__all__ = ["Jacobians", "jacobian_pathways", "jacobians"]


@result
class Jacobians:
    """What :func:`jacobians` returns, all float64.

    Attributes
    ----------
    recurrent : ndarray, shape (trials, time, n, n)
        ``recurrent[.., t, i, j]``: derivative of state j at t with respect to state i at t - 1. The state of an LSTM
        is (h, c), that of spiking units (spikes, membranes), and n twice the number of units.
    inputs : ndarray, shape (trials, time, n_in, n)
        Derivatives with respect to the inputs at t.
    states : ndarray, shape (trials, time, n)
    parts : mapping of str to ndarray like `recurrent`
        Through what each derivative comes; they sum to `recurrent`. RNN: "recurrent". GRU: "direct" (what is kept of
        the state itself), "candidate", "reset", "update". LSTM: "cell" (from c), and to h and c from h through the
        gates "input", "forget", "candidate", "output". Spiking: "membrane" (what it keeps of itself), "recurrent" (from
        spikes).
    """

    recurrent: NDArray[np.float64]
    inputs: NDArray[np.float64]
    states: NDArray[np.float64]
    parts: Mapping[str, NDArray[np.float64]] = field(repr=False)


def jacobians(
    module: nn.Module | SpikingCell,
    batch: ArrayLike | Tensor,
    *,
    start: ArrayLike | Tensor | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Jacobians:
    """Jacobians of a recurrent layer at every step of some trials, in closed form.

    Parameters
    ----------
    module : torch.nn.RNN, GRU or LSTM, or models.SpikingCell
        Of torch one layer, one direction, without projection.
    batch : array_like or tensor, shape (trials, time, n_in)
        Inputs, with the trials first whatever ``batch_first`` says.
    start : array_like or tensor, shape (n,) or (trials, n), optional
        State before the first step (of an LSTM h and c side by side, of spiking units spikes and membranes); default 0.
    parameters : mapping, for a SpikingCell
        W_in, W, b and beta of one network: ``{name: value[row] for name, value in ensemble.parameters.items()}``.

    Returns
    -------
    Jacobians

    Raises
    ------
    TypeError, ValueError
        For a module of another kind, or more than a layer of it.

    Notes
    -----
    torch's GRU resets ``h W_n + b_n`` after the product, so that the candidate's part carries the reset gate and its
    bias cannot be merged with that of the inputs. The slope of ReLU at exactly 0 is 0.

    A spike has no derivative. Those of spiking units are through the surrogate gradient that they are trained with: a
    spike at membrane u has the slope ``1 / (1 + slope |u - 1|)^2`` (1 at threshold, with the cell's slope), and the
    reset has none. They say what training sees, not how spikes move with the input. From membranes to membranes of the
    next step, spikes eliminated, they are ``diag(beta) + diag(surrogate(u)) W``.

    Examples
    --------
    >>> import torch
    >>> found = jacobians(torch.nn.GRU(2, 5), torch.zeros(3, 4, 2))
    >>> found.recurrent.shape, sorted(found.parts)
    ((3, 4, 5, 5), ['candidate', 'direct', 'reset', 'update'])
    """
    if isinstance(module, SpikingCell):
        step, size, w_in, w, b_in, b, layer = _of_cell(module, parameters)
    else:
        step, size, w_in, w, b_in, b, layer = *_of_layer(module, parameters), module
    x = as_tensor(batch, "batch")
    if x.ndim != 3 or x.shape[-1] != len(w_in) or 0 in x.shape[:2]:
        raise ValueError(f"batch must have shape (trials, time, {len(w_in)}); got {tuple(x.shape)}")
    state = torch.zeros(len(x), size, dtype=torch.float64)
    if start is not None:
        given = as_tensor(start, "start")
        if given.shape not in ((size,), (len(x), size)):
            raise ValueError(f"start must have shape ({size},) or ({len(x)}, {size}); got {tuple(given.shape)}")
        state = state + given
    states, entries, parts = [], [], []
    for t in range(x.shape[1]):
        state, entry, part = step(state, x[:, t] @ w_in + b_in, state[:, : len(w)] @ w + b, w_in, w, layer)
        states.append(state)
        entries.append(entry)
        parts.append(part)
    gathered = {name: torch.stack([part[name] for part in parts], 1).numpy() for name in parts[0]}
    return Jacobians(
        np.sum(list(gathered.values()), axis=0),
        torch.stack(entries, 1).numpy(),
        torch.stack(states, 1).numpy(),
        gathered,
    )


def _of_layer(module: Any, parameters: Any) -> tuple[Any, int, Tensor, Tensor, Tensor, Tensor]:
    """Its step, size of its state, and weights and biases of inputs and of units."""
    steps: dict[Any, Any] = {nn.RNN: _rnn, nn.GRU: _gru, nn.LSTM: _lstm}
    kind = next((kind for kind in steps if isinstance(module, kind)), None)
    if kind is None:
        raise TypeError(
            f"module must be a torch.nn.RNN, GRU or LSTM, or a SpikingCell; got {type(module).__name__}. Of a cell of "
            "your own take the derivatives with torch.func.jacrev and hand them to "
            "netanalysis.effective_pathways(jacobians=...)"
        )
    if module.num_layers != 1 or module.bidirectional or module.proj_size:
        raise ValueError(
            "module must be one layer in one direction, without projection; give each layer as a module of its own, "
            "with what the layer below puts out as its batch"
        )
    if parameters is not None:
        raise ValueError("parameters= are of a SpikingCell; a torch layer has its own")
    size = int(module.hidden_size) * (2 if kind is nn.LSTM else 1)

    def held(name: str) -> Tensor:
        """What the layer computes with, also of weights in parts (weight norm, pruning)."""
        value: Tensor = getattr(module, f"{name}_l0")
        return value.detach().to("cpu", torch.float64)

    w_in, w = held("weight_ih").T, held("weight_hh").T
    b_in, b = (held(f"bias_{end}") if module.bias else w.new_zeros(w.shape[1]) for end in ("ih", "hh"))
    return steps[kind], size, w_in, w, b_in, b


def _of_cell(cell: SpikingCell, parameters: Any) -> tuple[Any, int, Tensor, Tensor, Tensor, Tensor, Any]:
    """The same of spiking units, and what else their step needs."""
    needed = ("W_in", "W", "b", "beta")
    if missing := [name for name in needed if name not in (parameters or {})]:
        raise ValueError(
            f"parameters must hold {', '.join(needed)} of one network for a SpikingCell; missing: {', '.join(missing)}"
        )
    w_in, w, b, beta = (as_tensor(parameters[name], f"parameters[{name!r}]") for name in needed)
    if w_in.ndim != 2 or w.shape != (cell.n, cell.n) or not w_in.shape[1] == len(b) == len(beta) == cell.n:
        raise ValueError(
            f"parameters must be those of one network of {cell.n} units; got W_in {tuple(w_in.shape)}, W "
            f"{tuple(w.shape)}, b {tuple(b.shape)}, beta {tuple(beta.shape)}"
        )
    return _spiking, 2 * cell.n, w_in, w, b, w.new_zeros(cell.n), _Spiking(beta, cell.slope)


def jacobian_pathways(
    module: nn.Module | SpikingCell,
    batch: ArrayLike | Tensor,
    *,
    max_lag: int,
    outputs: Any = None,
    times: ArrayLike | None = None,
    start: ArrayLike | Tensor | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> na.EffectivePathways:
    """Pathways of a recurrent layer at work, from its inputs to its units or to what reads from them, by lag.

    Parameters
    ----------
    module, batch, start, parameters
        As for :func:`jacobians`; derivatives of spiking units are through the surrogate gradient, as there.
    max_lag : int
    outputs : torch.nn.Linear, or weights (n_units, n_out), or units, optional
        What reads from the layer; default: every unit. Of spiking units it reads their spikes: with W_out of the cell,
        the current into its read-out.
    times : integers or mask, optional
        Final steps to average over; default all.

    Returns
    -------
    netanalysis.EffectivePathways

    Examples
    --------
    >>> import torch
    >>> layer, head = torch.nn.LSTM(2, 5), torch.nn.Linear(5, 3)
    >>> jacobian_pathways(layer, torch.randn(8, 20, 2), outputs=head, max_lag=10).maps.shape
    (11, 2, 3)
    """
    found = jacobians(module, batch, start=start, parameters=parameters)
    units = module.n if isinstance(module, SpikingCell) else int(module.hidden_size)  # type: ignore[arg-type]
    if isinstance(outputs, nn.Linear):
        outputs = outputs.weight.detach().cpu().double().numpy().T
    elif isinstance(outputs, Tensor):
        outputs = outputs.detach().cpu().numpy()
    if outputs is None:
        outputs = np.arange(units)
    elif np.ndim(outputs) < 2:
        outputs = as_nodes(outputs, units, "outputs")
    elif np.ndim(outputs) == 2:
        outputs = np.asarray(outputs, float)
        rest = found.recurrent.shape[-1] - units  # an LSTM is read from h alone
        outputs = np.concatenate([outputs, np.zeros((rest, outputs.shape[1]))]) if rest else outputs
    return na.effective_pathways(
        jacobians=found.recurrent, input_jacobians=found.inputs, outputs=outputs, max_lag=max_lag, times=times
    )


def as_tensor(values: Any, name: str) -> Tensor:
    """A tensor of finite numbers of its own, whatever the strides of the values and whoever may write to them."""
    return torch.from_numpy(np.array(as_array(values, name), order="C"))


_Step = tuple[Tensor, Tensor, dict[str, Tensor]]


def _rnn(h: Tensor, u: Tensor, heard: Tensor, w_in: Tensor, w: Tensor, module: Any) -> _Step:
    new = u + heard
    new = new.relu() if module.nonlinearity == "relu" else new.tanh()
    slope = (new.sign() if module.nonlinearity == "relu" else 1 - new**2)[:, None]
    return new, w_in * slope, {"recurrent": w * slope}


def _gru(h: Tensor, u: Tensor, heard: Tensor, w_in: Tensor, w: Tensor, module: Any) -> _Step:
    (u_r, u_z, u_n), (h_r, h_z, h_n) = u.chunk(3, -1), heard.chunk(3, -1)
    r, z = (u_r + h_r).sigmoid(), (u_z + h_z).sigmoid()
    n = (u_n + r * h_n).tanh()
    to_n = (1 - z) * (1 - n**2)
    to_r, to_z = to_n * h_n * r * (1 - r), (h - n) * z * (1 - z)
    (w_r, w_z, w_n), (i_r, i_z, i_n) = w.chunk(3, -1), w_in.chunk(3, -1)
    parts = {
        "direct": torch.diag_embed(z),
        "candidate": w_n * (to_n * r)[:, None],
        "reset": w_r * to_r[:, None],
        "update": w_z * to_z[:, None],
    }
    entry = i_n * to_n[:, None] + i_r * to_r[:, None] + i_z * to_z[:, None]
    return (1 - z) * n + z * h, entry, parts


def _lstm(state: Tensor, u: Tensor, heard: Tensor, w_in: Tensor, w: Tensor, module: Any) -> _Step:
    c = state.chunk(2, -1)[1]
    i, f, g, o = (u + heard).chunk(4, -1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    new = f * c + i * g
    out = new.tanh()
    through = o * (1 - out**2)  # from the new c to h
    slopes = {"input": g * i * (1 - i), "forget": c * f * (1 - f), "candidate": i * (1 - g**2)}
    kernels = dict(zip(("input", "forget", "candidate", "output"), w.chunk(4, -1), strict=True))
    enters = dict(zip(kernels, w_in.chunk(4, -1), strict=True))
    to_output = out * o * (1 - o)
    nothing = torch.zeros_like(state)[:, : len(w), None] * torch.zeros(len(w), dtype=state.dtype)

    def blocks(from_h: tuple[Tensor, Tensor], from_c: tuple[Tensor, Tensor]) -> Tensor:
        return torch.cat([torch.cat(from_h, -1), torch.cat(from_c, -1)], -2)

    parts = {"cell": blocks((nothing, nothing), (torch.diag_embed(through * f), torch.diag_embed(f)))}
    for name, slope in slopes.items():
        to_c = kernels[name] * slope[:, None]
        parts[name] = blocks((to_c * through[:, None], to_c), (nothing, nothing))
    parts["output"] = blocks((kernels["output"] * to_output[:, None], nothing), (nothing, nothing))
    entry_c = torch.stack([enters[name] * slope[:, None] for name, slope in slopes.items()]).sum(0)
    entry_h = entry_c * through[:, None] + enters["output"] * to_output[:, None]
    return torch.cat([o * out, new], -1), torch.cat([entry_h, entry_c], -1), parts


@dataclass(frozen=True)
class _Spiking:
    """What the step of spiking units needs beside weights."""

    beta: Tensor
    slope: float


def _spiking(state: Tensor, u: Tensor, heard: Tensor, w_in: Tensor, w: Tensor, module: Any) -> _Step:
    before, membrane = state.chunk(2, -1)
    new = module.beta * membrane + u + heard - THRESHOLD * before
    slope = (1 + module.slope * (new - THRESHOLD).abs()) ** -2
    nothing = torch.zeros(len(state), *w.shape, dtype=state.dtype)
    to_membrane, from_spikes = torch.diag(module.beta), torch.cat([w * slope[:, None], nothing + w], -1)
    from_membrane = torch.cat([to_membrane * slope[:, None], nothing + to_membrane], -1)
    zero = torch.cat([nothing, nothing], -1)
    parts = {"membrane": torch.cat([zero, from_membrane], -2), "recurrent": torch.cat([from_spikes, zero], -2)}
    entry = torch.cat([w_in * slope[:, None], w_in.expand(len(state), -1, -1)], -1)
    return torch.cat([(new > THRESHOLD).to(new.dtype), new], -1), entry, parts
