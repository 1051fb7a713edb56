"""Fixed and slow points against roots, and torch's own layers."""

import numpy as np
import pytest
import torch
from scipy import optimize
from torch import nn

from models import fixed_points


def tanh(slope, shift=0.0):
    return lambda h: torch.tanh(slope * h + shift)


def test_right_values_of_one_unit():
    found = fixed_points(tanh(1.5), [[-1.0], [-0.3], [0.0], [1e-9], [0.4], [1.2]])
    order = np.argsort(found.points[:, 0])
    np.testing.assert_allclose(found.points[order, 0], [-0.8585596, 0, 0.8585596], atol=5e-8)
    assert found.stable[order].tolist() == [True, False, True]
    assert found.fixed.all()
    np.testing.assert_allclose(found.eigenvalues[order, 0].real, [0.394313, 1.5, 0.394313], atol=5e-8)
    np.testing.assert_allclose(found.time_constants[order[[0, 2]], 0], 1.0745638, atol=5e-7)
    assert found.time_constants[order[1], 0] < 0
    assert found.n_starts.sum() == 6


def test_a_slow_point_is_not_called_fixed():
    found = fixed_points(tanh(2.0, 0.542839975), [[-0.8], [-0.6], [0.9]])
    root, slow = found.points[:, 0]
    assert root == pytest.approx(0.9870577, abs=5e-8)
    assert slow == pytest.approx(-0.7121068, abs=1e-5)
    assert found.fixed.tolist() == [True, False]
    assert found.speed[1] == pytest.approx(0.005, rel=1e-5)
    assert found.stable.tolist() == [True, False]


def test_a_modulus_of_one_decides_nothing():
    found = fixed_points(tanh(1.0), [[0.0]])
    assert found.undecided.tolist() == [True]
    assert not found.stable.any()


def test_rotation_has_a_frequency_and_a_time_constant():
    angle = np.pi / 4
    w = torch.tensor(0.9 * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]))
    found = fixed_points(lambda h: h @ w, [[0.3, -0.1]])
    np.testing.assert_allclose(found.time_constants, 9.4912216, atol=5e-7)
    np.testing.assert_allclose(found.frequencies, 1 / 8)
    leaky = fixed_points(lambda h: 0.9 * h + 0.1 * (0.5 * h), [[0.3]])
    np.testing.assert_allclose(leaky.time_constants, 19.4957257, atol=5e-7)  # in continuous time 20 steps
    flip = fixed_points(lambda h: -0.5 * h, [[0.3]])
    assert flip.frequencies[0, 0] == 0.5


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_the_state_of_a_layer_stays_at_its_fixed_points(kind):
    torch.manual_seed(0)
    layer = kind(2, 6).double()
    size = 12 if kind is nn.LSTM else 6
    x = torch.tensor([0.4, -0.7], dtype=torch.float64)
    starts = torch.randn(5, size, dtype=torch.float64)
    found = fixed_points(layer, starts, input=x)
    assert found.fixed[0]
    state = torch.from_numpy(found.points[0])
    parts = tuple(s[None, None] for s in state.split(6))
    _, after = layer(x[None, None], parts if kind is nn.LSTM else parts[0])
    after = torch.cat([a.flatten() for a in after]) if kind is nn.LSTM else after.flatten()
    np.testing.assert_allclose(after.detach(), state, atol=1e-10)
    # Untrained layers settle to a single point, which the dynamics find as well.
    assert found.stable[0]
    _, end = layer(x.expand(2000, 1, 2))
    end = torch.cat([e.flatten() for e in end]) if kind is nn.LSTM else end.flatten()
    np.testing.assert_allclose(end.detach(), state, atol=1e-8)


def test_points_of_a_network_are_roots():
    rng = np.random.default_rng(1)
    w = 1.5 * rng.normal(size=(4, 4))
    found = fixed_points(lambda h: torch.tanh(h @ torch.from_numpy(w)), rng.normal(size=(40, 4)))
    assert found.fixed.sum() >= 1
    for point in found.points[found.fixed]:
        root = optimize.root(lambda h: np.tanh(h @ w) - h, point, tol=1e-14).x
        np.testing.assert_allclose(point, root, atol=1e-9)
        slopes = np.linalg.eigvals(w * (1 - np.tanh(point @ w) ** 2))
        row = found.eigenvalues[np.flatnonzero((found.points == point).all(1))[0]]
        np.testing.assert_allclose(np.sort(abs(row)), np.sort(abs(slopes)), atol=1e-8)


def test_a_module_that_takes_states_is_a_function_of_them():
    linear = nn.Linear(2, 2, dtype=torch.float64)
    found = fixed_points(nn.Sequential(linear, nn.Tanh()), np.zeros((1, 2)))
    again = fixed_points(lambda h: torch.tanh(linear(h)), np.zeros((1, 2)))
    np.testing.assert_array_equal(found.points, again.points)


def test_refusals():
    with pytest.raises(TypeError, match=r"step is a ModuleDict, .* give the rnn of it"):
        fixed_points(nn.ModuleDict({"rnn": nn.GRU(2, 3)}), torch.zeros(1, 3))
    with pytest.raises(ValueError, match="starts must have shape"):
        fixed_points(tanh(1.0), [0.0])
    with pytest.raises(ValueError, match="starts must be finite"):
        fixed_points(tanh(1.0), [[np.nan]])
    with pytest.raises(ValueError, match="step must give finite states"):
        fixed_points(lambda h: h * torch.nan, [[1.0]])
    with pytest.raises(ValueError, match="input must be finite"):
        fixed_points(nn.GRU(2, 3), torch.zeros(1, 3), input=[0.0, np.inf])
    with pytest.raises(TypeError, match="GRUCell, which takes its input first"):
        fixed_points(nn.GRUCell(3, 3), torch.zeros(1, 3))
    with pytest.raises(ValueError, match=r"input must have shape \(2,\)"):
        fixed_points(nn.GRU(2, 3), torch.zeros(1, 3), input=[0.0])
    with pytest.raises(ValueError, match="step must give states of the shape it gets"):
        fixed_points(lambda h: h[:, :1], torch.zeros(1, 3))
    with pytest.raises(ValueError, match="input is that of a layer"):
        fixed_points(tanh(1.0), [[0.0]], input=[1.0])
