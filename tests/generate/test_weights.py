"""Weights that grow, against the published procedure, finite differences and automatic differentiation."""

import numpy as np
import pytest
import scipy.linalg

import netanalysis as na
from netanalysis.generate.weights import OBJECTIVES, _gradient

CASES = [(objective, omega, directed) for objective in OBJECTIVES for omega, directed in ((0.7, False), (1.3, True))]


def places(seed=0, n=7):
    x = np.random.default_rng(seed).normal(size=(n, 3))
    return np.linalg.norm(x[:, None] - x, axis=-1)


def communicability(w):
    s = w.sum(axis=1)
    r = np.where(s > 0, 1 / np.sqrt(np.where(s > 0, s, 1)), 0)
    return scipy.linalg.expm(w * r[:, None] * r)


def objective_of(w, d, objective, omega):
    c = communicability(w)
    return {
        "communicability": c**omega,
        "distance_communicability": (d * c) ** omega,
        "sernn": (w * d * c) ** omega,
    }[objective].sum()


def entries(i, j, directed):
    return [(i, j)] if directed else [(i, j), (j, i)]


def published_step(w, d, omega, alpha, directed):
    """Every weight is varied by small shares of itself and a line is fitted, as in the published code."""
    out = w.copy()
    shares = np.arange(-2, 3) * 1e-3
    for i, j in np.argwhere(w > 0):
        values = []
        for share in shares:
            varied = w.copy()
            for entry in entries(i, j, directed):
                varied[entry] *= 1 + share
            values.append((d[i, j] * communicability(varied).sum()) ** omega)
        out[i, j] -= alpha * 0.05 * np.polyfit(shares, values, 1)[0]
    return np.maximum(out, 0)


def gradient_step(w, d, objective, omega, alpha, directed, connected):
    """Every entry on its own, by central differences."""
    slope, h = np.zeros(w.shape), 1e-6
    for i, j in np.argwhere(connected):
        sides = []
        for sign in (1, -1):
            varied = w.copy()
            varied[i, j] += sign * h
            sides.append(objective_of(varied, d, objective, omega))
        slope[i, j] = (sides[0] - sides[1]) / (2 * h)
    if not directed:
        slope = (slope + slope.T) / 2
    return np.maximum(w - alpha * slope, 0)


@pytest.mark.parametrize(("objective", "omega", "directed"), CASES)
def test_step_by_step_with_the_slopes_of_small_changes(objective, omega, directed):
    """Connections come one by one from smaller networks: the first m do not depend on how many follow."""
    d, alpha, m = places(), 0.02 if objective == "akarca" else 0.002, 9
    options = {"rule": "matching", "eta": -1, "gamma": 0.5, "directed": directed, "rng": 3}
    w, before = np.zeros(d.shape), np.zeros(d.shape)
    for k in range(1, m + 1):
        now = na.grow(d, n_connections=k, **options)
        w[now > before] = 1.0
        if objective == "akarca":
            w = published_step(w, d, omega, alpha, directed)
        else:
            w = gradient_step(w, d, objective, omega, alpha, directed, now > 0)
        before = now
    found = na.grow(d, n_connections=m, weights=objective, alpha=alpha, omega=omega, **options)
    np.testing.assert_allclose(found, w, atol=2e-6)
    assert np.ptp(found[found > 0]) > 1e-4
    assert np.array_equal(found, found.T) != directed


@pytest.mark.parametrize("objective", ["communicability", "distance_communicability"])
def test_gradients_are_those_of_automatic_differentiation(objective):
    """As the toolbox of generative models takes them: every entry by itself, then the mean of both."""
    torch = pytest.importorskip("torch")
    d = places(2, 20)
    w = na.grow(d, n_connections=60, rng=0)
    w *= 1 + np.random.default_rng(0).random(w.shape)
    w = (w + w.T) / 2
    variable = torch.tensor(w, requires_grad=True)
    s = variable.sum(dim=1)
    c = torch.matrix_exp(variable / torch.sqrt(torch.outer(s, s) + 1e-20))
    costs = 1.0 if objective == "communicability" else torch.tensor(d)
    ((costs * c) ** 1.3).sum().backward()
    slope = variable.grad.numpy()
    found = _gradient(w, d, objective=objective, omega=1.3, directed=False)
    np.testing.assert_allclose(np.where(w > 0, found, 0), np.where(w > 0, (slope + slope.T) / 2, 0), atol=1e-9)


def test_weights_leave_connections_as_they_are_and_every_parameter_has_its_axis():
    d = places(1, 12)
    options = {"n_connections": 30, "eta": -1, "size": 3, "rng": 0}
    plain = na.grow(d, **options)
    found = na.grow(d, weights="akarca", alpha=[0.0, 0.1], omega=[[0.5], [0.9], [1.1]], **options)
    assert found.shape == (3, 2, 3, 12, 12)
    np.testing.assert_array_equal(found[0, 0], plain)  # a step of no length
    assert (np.count_nonzero(found, axis=(-2, -1)) <= 60).all()
    assert (found >= 0).all()
    alone = na.grow(d, weights="akarca", alpha=[0.0, 0.1], omega=[[0.5], [0.9], [1.1]], **(options | {"size": 1}))
    np.testing.assert_array_equal(found[:, :, :1], alone)


def test_weights_to_begin_with_are_gone_on_from():
    d = places(1, 12)
    start = na.grow(d, n_connections=10, weights="akarca", rng=0)
    assert np.ptp(start[start > 0]) > 0
    np.testing.assert_array_equal(na.grow(d, n_connections=10, start=start, weights="sernn"), start)
    grown = na.grow(d, n_connections=20, start=start, weights="akarca", rng=0)
    assert np.count_nonzero(grown) == 40
    with pytest.raises(ValueError, match="start"):
        na.grow(d, n_connections=20, start=-start, weights="akarca")


def test_communication_becomes_less_redundant():
    """The objective falls against weights that stay at 1."""
    d = places(4, 30)
    options = {"n_connections": 120, "eta": -1, "rng": 0}
    flat = na.grow(d, **options)
    tuned = na.grow(d, weights="distance_communicability", alpha=0.01, omega=1.0, **options)
    assert (d * communicability(tuned)).sum() < (d * communicability(flat)).sum()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": "wgm"}, "weights must be one of"),
        ({"weights": "akarca", "alpha": -1}, "alpha must not be below 0"),
        (
            {"weights": "sernn", "omega": 5000},
            r"weights grew beyond what doubles hold, at alpha=0.05, omega=5000: take",
        ),
    ],
)
def test_refusals(options, message):
    with pytest.raises(ValueError, match=message):
        na.grow(places(), n_connections=3, **options)
