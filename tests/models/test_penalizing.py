"""Penalties in a training loop of one's own: the same numbers as in ours, whatever the module."""

import numpy as np
import pytest
import torch
from torch.nn.utils.parametrizations import weight_norm

import models
import netanalysis as na
from models import penalize, penalties
from models.space import Space, grid

SPACE = grid(3, 4)


class Own(torch.nn.Module):
    """A recurrent layer under a name of its own."""

    def __init__(self):
        super().__init__()
        self.inputs, self.recurrent, self.fc = (torch.nn.Linear(*size) for size in ((2, 12), (12, 12), (12, 3)))

    def forward(self, x):
        h = x.new_zeros(x.shape[1], 12)
        for now in x:
            h = torch.tanh(self.inputs(now) + self.recurrent(h))
        return h, None


MODULES = {"RNN": {}, "GRU": {}, "LSTM": {}, "Own": {"weight": "recurrent.weight"}}


def module(name):
    torch.manual_seed(0)
    return Own() if name == "Own" else getattr(torch.nn, name)(2, 12)


def wires(net, name):
    """Magnitudes from source to target, over gates."""
    if name == "Own":
        return net.recurrent.weight.detach().numpy().T
    w = na.from_torch(net).weights
    return np.abs(w).sum(0) if w.ndim == 3 else w


@pytest.mark.parametrize("name", MODULES)
def test_the_same_number_as_on_arrays(name):
    net = module(name)
    w = wires(net, name).astype(float)
    rng = np.random.default_rng(0)
    uneven = Space(SPACE.units, rng.random((2, 2)), rng.random((3, 2)))
    c = na.communicability(w)
    np.fill_diagonal(c, 0)
    got = penalize(net, "sernn", space=uneven, **MODULES[name])
    assert got.shape == ()
    assert got.item() == pytest.approx((np.abs(w) * c * SPACE.distances()).sum(), rel=1e-5)
    assert torch.equal(got, penalize(net, penalties.get("sernn", uneven), **MODULES[name]))
    assert penalize(net, "none", **MODULES[name]).item() == 0


@pytest.mark.parametrize("name", MODULES)
def test_30_steps_shorten_wires_beside_a_watch(name, tmp_path):
    net = module(name)
    before = na.weight_distance_correlation(na.Connectome(wires(net, name), positions=SPACE.units))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)

    def loop():
        for _ in range(30):
            optimizer.zero_grad()
            loss = net(torch.ones(5, 8, 2))[0].square().mean()
            (loss + 0.1 * penalize(net, "sernn", space=SPACE, **MODULES[name])).backward()
            optimizer.step()

    if name == "Own":
        loop()
    else:
        with models.watch(net, optimizer, tmp_path / "run.npz", every=10):
            loop()
        assert na.load(tmp_path / "run.npz").metadata["step"] == [0, 10, 20, 30]
    after = na.weight_distance_correlation(na.Connectome(wires(net, name), positions=SPACE.units))
    assert after < min(before, 0) - 0.1


def test_orientation_gates_layers_and_directions_are_as_said():
    torch.manual_seed(0)
    gru = torch.nn.GRU(2, 12, num_layers=2, bidirectional=True)

    def first_row(p):
        return p["W"][:, 0].sum(-1)

    for layer, reverse in ((0, False), (1, True)):
        w = na.from_torch(gru, layer=layer, reverse=reverse, gate="z").weights
        got = penalize(gru, first_row, layer=layer, reverse=reverse, gate="z")
        assert got.item() == pytest.approx(w[0].sum(), rel=1e-5)
    own = Own()
    for orientation, axis in (("target_source", 1), ("source_target", 0)):
        got = penalize(own, first_row, weight="recurrent.weight", orientation=orientation)
        assert got.item() == pytest.approx(own.recurrent.weight.detach().numpy().take(0, axis=axis).sum(), rel=1e-5)
    cell = torch.nn.LSTMCell(2, 12)
    assert penalize(cell, "l1").item() == pytest.approx(cell.weight_hh.abs().sum().item(), rel=1e-5)


def test_parts_and_projections_are_what_they_amount_to():
    lstm = torch.nn.LSTM(2, 12, proj_size=5)
    w = na.from_torch(lstm).weights
    assert penalize(lstm, "l1").item() == pytest.approx(np.abs(w).sum(), rel=1e-5)
    rnn = weight_norm(torch.nn.RNN(2, 12), "weight_hh_l0")
    cost = penalize(rnn, "l1")
    assert cost.item() == pytest.approx(rnn.weight_hh_l0.abs().sum().item(), rel=1e-5)
    cost.backward()
    assert all(part.grad is not None for part in rnn.parametrizations.weight_hh_l0.parameters())


def test_penalties_on_inputs_and_outputs_find_them():
    net = torch.nn.ModuleDict({"rnn": torch.nn.RNN(2, 12, bias=False), "fc": torch.nn.Linear(12, 3)})
    ends = penalize(net, "l1", blocks=penalties.BLOCKS, readout="fc")
    parts = (net["rnn"].weight_ih_l0, net["rnn"].weight_hh_l0, net["fc"].weight)
    assert ends.item() == pytest.approx(sum(w.abs().sum().item() for w in parts), rel=1e-5)
    p = {name: w.detach().mT[None] for name, w in zip(penalties.BLOCKS, parts, strict=True)}
    whole = penalize(net, "resolvent", form="inverse", alpha=0.5, readout="fc")
    assert whole.item() == pytest.approx(penalties.get("resolvent", form="inverse", alpha=0.5)(p).item(), rel=1e-5)


def test_what_cannot_be_penalised_is_refused_by_name():
    gru = torch.nn.GRU(2, 12, num_layers=2)
    rnn = torch.nn.RNN(2, 12)
    wild = torch.nn.RNN(2, 12)
    with torch.no_grad():
        wild.weight_hh_l0.copy_(2 * torch.eye(12))
    for net, options, message in (
        (gru, {}, "GRU must have one recurrent weight.*2 of these fit: weight_hh_l0, weight_hh_l1"),
        (torch.nn.Linear(2, 2), {}, "Linear must have one recurrent weight.*0 of these fit: none"),
        (rnn, {"cell": "encoder"}, "0 of these fit: weight_hh_l0"),
        (rnn, {"gate": "z"}, "gate must be one of none: this cell has none; got 'z'"),
        (gru, {"layer": 0, "gate": "o"}, "gate must be one of r, z, n; got 'o'"),
        (Own(), {"weight": "hidden.weight"}, "Own has no weight 'hidden.weight'; it has inputs.weight, recurrent"),
        (Own(), {"weight": "inputs.bias"}, r"must be \(n, n\), or so for each gate; got \(12,\)"),
        (Own(), {"weight": "recurrent.weight", "orientation": "rows"}, "orientation must be one of"),
        (rnn, {"penalty": "sernn"}, "needs a space"),
        (rnn, {"space": grid(3, 3)}, "space must have a place for each of the 12 units; got 9"),
        (rnn, {"penalty": "l1", "blocks": ("W_out",)}, "the penalty counts W_out, which is not known here; readout="),
    ):
        with pytest.raises(ValueError, match=message):
            penalize(net, **{"penalty": "l1"} | options)
    ends = torch.nn.ModuleDict({"rnn": wild, "fc": torch.nn.Linear(12, 3)})
    with pytest.raises(ValueError, match="the penalty is inf"):
        penalize(ends, "resolvent", form="inverse", readout="fc")
    with pytest.raises(TypeError, match="options go with a penalty's name; got blocks"):
        penalize(rnn, penalties.L1(), blocks=("W",))
