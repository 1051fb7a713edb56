"""Rate cell: its hand-written gradient against autograd through a plain loop, and against torch.nn.RNN."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from models.cells._initial import draw
from models.cells.rate import RateCell

FUNCTIONS = {"relu": torch.relu, "tanh": torch.tanh, "softplus": functional.softplus, "linear": lambda x: x}


def parameters(cell, n_in=3, n_out=2, networks=2, seed=0):
    rng = np.random.default_rng(seed)
    return {
        name: torch.from_numpy(rng.normal(size=(networks, *shape)) / 2).requires_grad_()
        for name, shape in cell.shapes(n_in, n_out).items()
    }


def plain_loop(cell, p, x, noise):
    h = torch.zeros(x.shape[0], x.shape[2], cell.n, dtype=x.dtype)
    states = []
    for t in range(x.shape[1]):
        drive = x[:, t] @ p["W_in"] + h @ p["W"]
        if cell.bias:
            drive = drive + p["b"][:, None]
        if noise is not None:
            drive = drive + noise[:, t]
        h = (1 - cell.leak) * h + cell.leak * FUNCTIONS[cell.activation](drive)
        states.append(h)
    return torch.stack(states, dim=1)


@pytest.mark.parametrize("activation", FUNCTIONS)
@pytest.mark.parametrize(("leak", "bias", "noisy", "last"), [(1.0, True, False, True), (0.3, False, True, False)])
def test_states_and_gradient_equal_a_plain_loop(activation, leak, bias, noisy, last):
    cell = RateCell(n=7, activation=activation, leak=leak, bias=bias)
    p = parameters(cell)
    rng = np.random.default_rng(1)
    x = torch.from_numpy(rng.normal(size=(2, 6, 4, 3)))
    noise = torch.from_numpy(rng.normal(size=(2, 6, 4, 7))) if noisy else None
    expected = plain_loop(cell, p, x, noise)
    expected = expected[:, -1] if last else expected
    got = cell.states(p, x, noise=noise, last=last)
    assert torch.allclose(got, expected, rtol=1e-12, atol=1e-14)
    weight = torch.from_numpy(rng.normal(size=expected.shape))
    names = [name for name in p if "out" not in name]
    wanted, found = (torch.autograd.grad((s * weight).sum(), [p[k] for k in names]) for s in (expected, got))
    for a, b in zip(wanted, found, strict=True):
        assert torch.allclose(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("running", [[5] * 4 + [3] * 15 + [2, 1, 1, 1], [5] + [4] * 22])
@pytest.mark.parametrize("leak", [1.0, 0.3])
def test_trials_that_have_ended_take_no_part(leak, running):
    cell = RateCell(n=7, leak=leak)
    p = parameters(cell)
    rng = np.random.default_rng(1)
    x = torch.from_numpy(rng.normal(size=(2, len(running), 5, 3)))
    x[:, -1, 4] = np.nan  # padding is never looked at
    live = (torch.arange(5) < torch.tensor(running)[:, None])[None, ..., None]
    expected = torch.where(live, plain_loop(cell, p, x.nan_to_num(), None), 0)
    got = cell.states(p, x, running=running)
    assert torch.allclose(got, expected, rtol=1e-12, atol=1e-14)
    weight = torch.from_numpy(rng.normal(size=expected.shape))
    names = [name for name in p if "out" not in name]
    wanted, found = (torch.autograd.grad((s * weight).sum(), [p[k] for k in names]) for s in (expected, got))
    for a, b in zip(wanted, found, strict=True):
        assert torch.allclose(a, b, rtol=1e-10, atol=1e-12)


def test_equals_torch_rnn():
    cell = RateCell(n=20)
    start = cell.start(3, 2, np.random.default_rng(0))
    p = {name: torch.from_numpy(value)[None].requires_grad_() for name, value in start.items()}
    rnn = torch.nn.RNN(3, 20, nonlinearity="relu")
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(p["W_in"][0].T)
        rnn.weight_hh_l0.copy_(p["W"][0].T)
        rnn.bias_ih_l0.zero_()
        rnn.bias_hh_l0.zero_()
    x = torch.from_numpy(np.random.default_rng(1).normal(size=(30, 16, 3)).astype(np.float32))
    states, _ = rnn(x)
    ours = cell.states(p, x[None])
    assert torch.allclose(ours[0], states, rtol=1e-5, atol=1e-6)
    (wanted,) = torch.autograd.grad(states.square().sum(), rnn.weight_hh_l0)
    (found,) = torch.autograd.grad(ours.square().sum(), p["W"])
    assert torch.allclose(found[0], wanted.T, rtol=1e-4, atol=1e-4 * wanted.abs().max())


def test_groups_of_networks_equal_single_ones():
    cell = RateCell(n=9, activation="tanh", leak=0.5)
    p = parameters(cell, networks=3)
    x = torch.from_numpy(np.random.default_rng(1).normal(size=(3, 6, 4, 3)))
    together = cell.outputs(p, cell.states(p, x))
    for k in range(3):
        one = {name: value[k : k + 1] for name, value in p.items()}
        assert torch.allclose(together[k : k + 1], cell.outputs(one, cell.states(one, x[k : k + 1])), rtol=1e-12)


def test_sigmoid_read_out():
    linear, sigmoid = (RateCell(n=5, output=output) for output in ("linear", "sigmoid"))
    p = parameters(linear)
    states = linear.states(p, torch.ones(2, 4, 3, 3, dtype=torch.float64))
    assert torch.allclose(sigmoid.outputs(p, states), 1 / (1 + torch.exp(-linear.outputs(p, states))))


@pytest.mark.parametrize("shape", [(40, 40), (30, 50)])
def test_initial_weights(shape):
    rng = np.random.default_rng(0)
    orthogonal = draw("orthogonal", 1.0, shape, rng).astype(float)
    assert np.allclose(orthogonal @ orthogonal.T, np.eye(shape[0]), atol=1e-6)
    assert np.abs(draw("glorot", 1.0, shape, rng)).max() == pytest.approx(np.sqrt(6 / sum(shape)), rel=0.01)
    assert np.abs(draw("uniform", 0.5, shape, rng)).max() == pytest.approx(0.5 / np.sqrt(shape[0]), rel=0.01)
    assert draw("normal", 2.0, shape, rng).std() == pytest.approx(2 / np.sqrt(shape[0]), rel=0.05)
    assert np.array_equal(draw("identity", 0.5, shape, rng), 0.5 * np.eye(*shape, dtype=np.float32))


def test_orthogonal_start_has_the_total_weight_of_the_paper():
    totals = [np.abs(draw("orthogonal", 1.0, (100, 100), np.random.default_rng(k))).sum() for k in range(10)]
    assert np.mean(totals) == pytest.approx(799.9, abs=3)


def test_bad_settings_are_refused():
    with pytest.raises(ValueError, match="relu"):
        RateCell(activation="gelu")
    with pytest.raises(ValueError, match="sigmoid"):
        RateCell(output="softmax")
    with pytest.raises(ValueError, match="leak"):
        RateCell(leak=0)
    with pytest.raises(ValueError, match="orthogonal"):
        draw("xavier", 1.0, (3, 3), np.random.default_rng(0))
