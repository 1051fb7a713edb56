"""Jacobians of torch's layers against automatic differentiation, and right values of one unit."""

import numpy as np
import pytest
import torch
from torch import nn

import netanalysis as na
from models import SpikingCell, jacobian_pathways, jacobians

LAYERS = {
    "RNN": lambda: nn.RNN(3, 5),
    "RNN relu": lambda: nn.RNN(3, 5, nonlinearity="relu", batch_first=True),
    "GRU": lambda: nn.GRU(3, 5),
    "GRU without biases": lambda: nn.GRU(3, 5, bias=False),
    "LSTM": lambda: nn.LSTM(3, 5),
}
every_layer = pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)


def one_unit(layer, w_ih, w_hh, b_ih, b_hh):
    layer = layer(1, 1).double()
    with torch.no_grad():
        for name, values in {"weight_ih": w_ih, "weight_hh": w_hh, "bias_ih": b_ih, "bias_hh": b_hh}.items():
            p = getattr(layer, f"{name}_l0")
            p.copy_(torch.tensor(values, dtype=torch.float64).reshape(p.shape))
    return layer


def step(layer, state, x):
    """One step of torch's own layer from a state, which of an LSTM is (h, c) side by side."""
    if isinstance(layer, nn.LSTM):
        h, c = state.chunk(2)
        _, (h, c) = layer(x[None, None], (h[None, None], c[None, None]))
        return torch.cat([h[0, 0], c[0, 0]])
    return layer(x[None, None], state[None, None])[1][0, 0]


@every_layer
def test_equal_to_automatic_differentiation(layer):
    torch.manual_seed(0)
    layer = layer().double()
    x = torch.randn(2, 6, 3, dtype=torch.float64)
    size = 10 if isinstance(layer, nn.LSTM) else 5
    start = torch.randn(2, size, dtype=torch.float64)
    found = jacobians(layer, x, start=start)
    for b in range(2):
        state = start[b]
        for t in range(6):
            by_state, by_input = torch.autograd.functional.jacobian(lambda s, u: step(layer, s, u), (state, x[b, t]))
            np.testing.assert_allclose(found.recurrent[b, t], by_state.T, rtol=1e-10, atol=1e-14)
            np.testing.assert_allclose(found.inputs[b, t], by_input.T, rtol=1e-10, atol=1e-14)
            state = step(layer, state, x[b, t])
            np.testing.assert_allclose(found.states[b, t], state.detach(), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(sum(found.parts.values()), found.recurrent, rtol=1e-12)


@every_layer
def test_pathways_are_derivatives_of_the_read_out_along_the_sequence(layer):
    torch.manual_seed(1)
    layer, head = layer().double(), nn.Linear(5, 2).double()
    layer.batch_first = True
    x = torch.randn(3, 7, 3, dtype=torch.float64)
    found = jacobian_pathways(layer, x, outputs=head, max_lag=4)
    every = jacobian_pathways(layer, x, max_lag=4, times=[6])
    assert every.maps.shape == (5, 3, 5)
    right = [[] for _ in range(5)]
    for trial in x:
        by_input = torch.autograd.functional.jacobian(lambda u: head(layer(u[None])[0][0]), trial)
        for lag in range(5):
            right[lag] += [by_input[t, :, t - lag].T.numpy() for t in range(lag, 7)]
    for lag in range(5):
        np.testing.assert_allclose(found.maps[lag], np.mean(right[lag], axis=0), rtol=1e-10, atol=1e-14)


def test_gates_of_one_gated_unit():
    layer = one_unit(nn.GRU, [0.3, -0.2, 0.5], [0.7, 0.4, -0.9], [0.1, 0.2, 0.3], [-0.1, 0.05, 0.6])
    found = jacobians(layer, [[[1.0]]], start=[0.5])
    assert found.states.item() == pytest.approx(0.5943912, abs=5e-8)
    assert found.recurrent.item() == pytest.approx(0.4196861, abs=5e-8)
    right = {"direct": 0.5621765, "candidate": -0.1263193, "reset": 0.0050547, "update": -0.0212258}
    assert {name: part.item() for name, part in found.parts.items()} == pytest.approx(right, abs=5e-8)


def test_hidden_to_hidden_runs_through_the_cell():
    layer = one_unit(nn.LSTM, [0.3, -0.2, 0.5, 0.8], [0.7, 0.4, -0.9, 0.6], [0.1, 0.2, 0.3, -0.1], [0.05, 1, 0, 0.2])
    found = jacobians(layer, [[[1.0], [1.0]]], start=[0.5, -0.3])
    np.testing.assert_allclose(found.states[0, 0], [0.0011782, 0.0015331], atol=5e-8)
    first, second = found.recurrent[0]
    np.testing.assert_allclose(first, [[-0.4007701, -0.5216939], [0.590629, 0.7685248]], atol=5e-8)
    np.testing.assert_allclose(first @ second, [[-0.2021247, -0.3023827], [0.2977393, 0.4454025]], atol=5e-8)
    assert first[0, 0] * second[0, 0] == pytest.approx(0.0288274, abs=5e-8)  # another number, of another sign
    to_c = {name: part[0, 0, 0, 1] for name, part in found.parts.items()}
    right = {"cell": 0, "input": 0.0503678, "forget": -0.0213473, "candidate": -0.5507144, "output": 0}
    assert to_c == pytest.approx(right, abs=5e-8)
    assert found.parts["output"][0, 0, 0, 0] == pytest.approx(0.0001636, abs=5e-8)


def test_a_plain_layer_has_the_pathways_of_its_slopes():
    torch.manual_seed(2)
    layer = nn.RNN(3, 5).double()
    x = torch.randn(2, 6, 3, dtype=torch.float64)
    found = jacobian_pathways(layer, x, max_lag=3)
    net = na.from_torch(layer)
    states = jacobians(layer, x).states
    right = na.effective_pathways(net, slopes=na.slopes(states, activation="tanh"), outputs=range(5), max_lag=3)
    np.testing.assert_allclose(found.maps, right.maps, rtol=1e-10, atol=1e-14)


def test_units_of_a_layer_are_those_that_are_read():
    # The state of an LSTM goes on with its cells, which are no units to count from the end, or to mask.
    torch.manual_seed(3)
    layer, x = nn.LSTM(2, 3), np.random.default_rng(0).normal(size=(2, 5, 2))
    every = jacobian_pathways(layer, x, max_lag=2).maps
    for units, right in ([-1], [2]), ([True, False, True], [0, 2]), (torch.tensor([1]), [1]):
        found = jacobian_pathways(layer, x, max_lag=2, outputs=units).maps
        np.testing.assert_allclose(found, every[..., right], rtol=1e-12)
    with pytest.raises(ValueError, match=r"outputs must lie in 0\.\.2"):
        jacobian_pathways(layer, x, max_lag=2, outputs=[3])


def test_weights_in_parts_and_odd_arrays():
    layer, x = nn.GRU(2, 3), np.arange(20.0).reshape(2, 5, 2) / 20
    right = jacobians(layer, x).recurrent
    np.testing.assert_array_equal(jacobians(layer, x[::-1]).recurrent, right[::-1])
    x.flags.writeable = False
    nn.utils.parametrizations.weight_norm(layer, "weight_hh_l0")
    np.testing.assert_allclose(jacobians(layer, x).recurrent, right, rtol=1e-5)


class Surrogate(torch.autograd.Function):
    """A spike with the slope of the surrogate, written anew: the reset, taken from a detached copy, has none."""

    @staticmethod
    def forward(ctx, u, slope):
        ctx.save_for_backward(u)
        ctx.slope = slope
        return (u > 1).to(u.dtype)

    @staticmethod
    def backward(ctx, grad):
        (u,) = ctx.saved_tensors
        return grad / (1 + ctx.slope * (u - 1).abs()) ** 2, None


def spiking(seed, n=5, n_in=3, slope=4.0):
    rng = np.random.default_rng(seed)
    p = {"W_in": rng.normal(size=(n_in, n)), "W": rng.normal(size=(n, n)), "b": rng.normal(size=n) / 3}
    return SpikingCell(n=n, slope=slope), p | {"beta": rng.uniform(0.75, 0.95, n), "W_out": rng.normal(size=(n, 2))}


def spiking_step(cell, p, state, x):
    """Spikes and membranes side by side, one step on; nothing is detached but the reset."""
    s, u = state.chunk(2)
    p = {name: torch.as_tensor(value) for name, value in p.items()}
    u = p["beta"] * u + x @ p["W_in"] + s @ p["W"] + p["b"] - s.detach()
    return torch.cat([Surrogate.apply(u, cell.slope), u])


def test_spiking_units_as_automatic_differentiation_has_them():
    cell, p = spiking(0)
    x = torch.from_numpy(np.random.default_rng(1).normal(size=(2, 8, 3)) * 2)
    found = jacobians(cell, x, parameters=p)
    as_simulated = cell.states({k: torch.from_numpy(v)[None] for k, v in p.items()}, x.swapaxes(0, 1)[None])[0]
    np.testing.assert_array_equal(found.states[..., :5], as_simulated.swapaxes(0, 1))
    assert 0.1 < found.states[..., :5].mean() < 0.9
    for b in range(2):
        state = torch.zeros(10, dtype=torch.float64)
        for t in range(8):
            step = lambda s, u: spiking_step(cell, p, s, u)  # noqa: E731
            by_state, by_input = torch.autograd.functional.jacobian(step, (state, x[b, t]))
            np.testing.assert_allclose(found.recurrent[b, t], by_state.T, rtol=1e-12, atol=1e-15)
            np.testing.assert_allclose(found.inputs[b, t], by_input.T, rtol=1e-12, atol=1e-15)
            state = step(state, x[b, t]).detach()
    assert sorted(found.parts) == ["membrane", "recurrent"]
    np.testing.assert_allclose(sum(found.parts.values()), found.recurrent)


def test_spiking_pathways_are_the_gradients_that_train_the_cell():
    cell, p = spiking(2)
    x = torch.zeros(1, 7, 3, dtype=torch.float64)
    x[0, 2, 1] = 1.5  # one input at one step, so that the gradient of its weights is that of the input
    found = jacobian_pathways(cell, x, parameters=p, outputs=p["W_out"], max_lag=4, times=[6])
    tensors = {k: torch.from_numpy(v)[None].requires_grad_() for k, v in p.items()}
    spikes = cell.states(tensors, x.swapaxes(0, 1)[None])[0, :, 0]
    for unit in range(2):
        (grad,) = torch.autograd.grad(spikes[6] @ tensors["W_out"][0, :, unit], tensors["W_in"], retain_graph=True)
        by_input = (grad[0, 1] / 1.5) @ tensors["W_in"][0].T
        np.testing.assert_allclose(found.maps[4, :, unit], by_input.detach(), rtol=1e-10)
    assert found.maps.shape == (5, 3, 2)


def test_right_values_of_spiking_units():
    one = {"W_in": [[1.0]], "W": [[0.5]], "b": [0.0], "beta": [0.9]}
    found = jacobians(SpikingCell(n=1, slope=5.0), [[[0.0]]], start=[1, 1.2], parameters=one)
    surrogate = (1 + 5 * 0.2) ** -2
    from_spike, from_membrane = found.recurrent[0, 0, :, 1]
    assert (surrogate, from_membrane + surrogate * from_spike) == (pytest.approx(0.25), pytest.approx(1.025))
    assert found.states[0, 0, 1] == pytest.approx(0.58)
    two = {"W_in": np.eye(2), "W": [[0, 0.8], [-0.6, 0.3]], "b": [0.0, 0], "beta": [0.9, 0.7]}
    u0 = np.array([1.2, 0.9])
    found = jacobians(SpikingCell(n=2, slope=5.0), [[[0.2, 0.4]] * 2], start=[1, 0, *u0], parameters=two)
    np.testing.assert_allclose(found.states[0, 0, 2:], [0.28, 1.83])
    product = found.recurrent[0, 0] @ found.recurrent[0, 1]
    spikes = np.diag((1 + 5 * np.abs(u0 - 1)) ** -2.0)
    by_membrane = (spikes @ product[:2] + product[2:])[:, 2:]
    np.testing.assert_allclose(by_membrane, [[0.8054755, 0.1762887], [-0.2588519, 0.5826774]], atol=5e-8)


def test_refusals_of_spiking_units():
    cell, p = spiking(0)
    with pytest.raises(ValueError, match="missing: beta"):
        jacobians(cell, np.zeros((1, 2, 3)), parameters={k: v for k, v in p.items() if k != "beta"})
    with pytest.raises(ValueError, match="one network of 5 units"):
        jacobians(cell, np.zeros((1, 2, 3)), parameters={k: v[None] for k, v in p.items()})
    with pytest.raises(ValueError, match=r"batch must have shape \(trials, time, 3\)"):
        jacobians(cell, np.zeros((1, 2, 4)), parameters=p)
    with pytest.raises(ValueError, match="are of a SpikingCell"):
        jacobians(nn.RNN(3, 5), np.zeros((1, 2, 3)), parameters=p)


def test_refusals():
    with pytest.raises(TypeError, match=r"must be a torch\.nn\.RNN, GRU or LSTM, or a SpikingCell; got Linear"):
        jacobians(nn.Linear(2, 2), torch.zeros(1, 1, 2))
    with pytest.raises(ValueError, match="one layer in one direction"):
        jacobians(nn.GRU(2, 2, num_layers=2), torch.zeros(1, 1, 2))
    with pytest.raises(ValueError, match=r"batch must have shape \(trials, time, 2\); got \(1, 2\)"):
        jacobians(nn.GRU(2, 2), torch.zeros(1, 2))
    with pytest.raises(ValueError, match=r"batch must have shape \(trials, time, 2\); got \(1, 0, 2\)"):
        jacobians(nn.GRU(2, 2), torch.zeros(1, 0, 2))
    with pytest.raises(ValueError, match="batch must be finite"):
        jacobians(nn.GRU(2, 2), torch.full((1, 1, 2), torch.nan))
    with pytest.raises(ValueError, match=r"start must have shape \(4,\) or \(1, 4\)"):
        jacobians(nn.LSTM(2, 2), torch.zeros(1, 1, 2), start=[0.0, 0.0])
