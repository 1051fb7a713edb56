"""Hierarchically modular tasks: closed forms of targets, maps and variances, and where the signal is."""

import numpy as np
import pytest

from models import tasks
from models.tasks.modular import OPERATIONS, Modular

EVERY = [(operation, inputs) for operation in OPERATIONS for inputs in ("normal", "uniform")]
LINEAR = OPERATIONS[:3]


def test_targets_by_hand():
    x = np.arange(16.0)[None]  # module means 1.5, 5.5, 9.5, 13.5
    own, other = np.array([1.5, 5.5, 9.5, 13.5]), np.array([5.5, 1.5, 13.5, 9.5])
    for operation, wanted in (
        ("averaging", own),
        ("subtraction", own - other),
        ("addition", own + other),
        ("multiplication", own * other),
    ):
        assert Modular(operation=operation).target(x)[0] == pytest.approx(np.repeat(wanted, 4))


@pytest.mark.parametrize(
    ("signal", "steps"),
    [
        ("full", [1, 2, 3, 4, 5, 6]),
        ("oscillating", [2, 4, 6]),
        ("sparse", [3]),
        (0.5, [2, 4, 6]),
        (1 / 6, [6]),
        (1.0, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_signal_and_its_lags(signal, steps):
    task = Modular(signal=signal)
    assert (np.flatnonzero(task.signal) + 1).tolist() == steps
    hops = {6 - t + 2 for t in steps}  # pathways of k hops carry the input of step L - k + 2
    assert {k for k, share in zip(range(2, 8), task.lag_profile, strict=True) if share} == hops
    assert task.lag_profile.sum() == pytest.approx(1)
    u = np.random.default_rng(0).normal(size=(3, 6, 16))
    x = sum(u[:, t - 1] for t in steps) / np.sqrt(len(steps))
    assert task.combine(u) == pytest.approx(x, rel=1e-6)


def test_oscillating_signal_takes_even_hops_and_a_single_step_hop_five():
    assert (np.flatnonzero(Modular(signal="oscillating").lag_profile) + 2).tolist() == [2, 4, 6]
    assert (np.flatnonzero(Modular(signal="sparse").lag_profile) + 2).tolist() == [5]


@pytest.mark.parametrize(("operation", "inputs"), EVERY)
def test_batches(operation, inputs):
    task = tasks.get("modular", operation=operation, signal="oscillating", inputs=inputs)
    batch, again = (task.sample(4000, np.random.default_rng(1), noise=noise) for noise in (True, False))
    assert batch.inputs.shape == (4000, 6, task.n_in)
    assert batch.targets.shape == (4000, task.n_out)
    assert batch.inputs.dtype == batch.targets.dtype == np.float32
    assert np.array_equal(batch.inputs, again.inputs)
    assert np.array_equal(batch.targets, again.targets)
    assert not np.array_equal(batch.inputs, task.sample(4000, np.random.default_rng(2)).inputs)
    mean, std = (0, 1) if inputs == "normal" else (0.5, np.sqrt(1 / 12))
    assert batch.inputs.mean() == pytest.approx(mean, abs=0.01)
    assert batch.inputs.std() == pytest.approx(std, rel=0.01)
    assert batch.targets.var() == pytest.approx(task.variance, rel=0.1)
    x = task.combine(batch.inputs)
    assert batch.conditions["module_2"] == pytest.approx(x[:, 8:12].mean(axis=1), abs=1e-6)
    assert list(batch.conditions) == [f"module_{k}" for k in range(4)]


@pytest.mark.parametrize("signal", ["full", "oscillating", "sparse"])
@pytest.mark.parametrize("operation", LINEAR)
def test_least_squares_finds_the_optimal_map_in_the_steps_with_signal_only(operation, signal):
    task = Modular(operation=operation, signal=signal)
    batch = task.sample(1000, np.random.default_rng(3))
    found = np.linalg.lstsq(batch.inputs.reshape(1000, -1).astype(float), batch.targets.astype(float))[0]
    wanted = task.signal[:, None, None] * task.optimal / np.sqrt(task.signal.sum())
    assert found.reshape(6, 16, 16) == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("signal", ["full", "sparse"])
@pytest.mark.parametrize("inputs", ["normal", "uniform"])
def test_optimal_map_of_the_multiplication_is_its_mean_jacobian(inputs, signal):
    task = Modular(operation="multiplication", signal=signal, inputs=inputs)
    x = task.combine(task.sample(4000, np.random.default_rng(4)).inputs).astype(float)
    h = 1e-4
    jacobian = np.stack([(task.target(x + h * e) - task.target(x - h * e)) / (2 * h) for e in np.eye(16)], axis=1)
    mean = (np.abs(jacobian) if inputs == "normal" else jacobian).mean(axis=0)
    assert mean == pytest.approx(task.optimal, abs=0.05 * task.optimal.max())
    if inputs == "normal":
        assert np.abs(jacobian.mean(axis=0)).max() < 0.1 * task.optimal.max()
        assert task.optimal == pytest.approx(np.sqrt(2 / np.pi) / 2 * (task.own + task.other))
    elif signal == "sparse":
        assert task.optimal == pytest.approx(0.5 * (task.own + task.other))


@pytest.mark.parametrize(("operation", "inputs"), EVERY)
def test_scores(operation, inputs):
    task = Modular(operation=operation, inputs=inputs)
    batch = task.sample(4000, np.random.default_rng(5))
    assert task.score(batch.targets, batch) == pytest.approx(np.ones(4000))
    constant = np.broadcast_to(batch.targets.mean(axis=0), batch.targets.shape)
    assert task.score(constant, batch).mean() == pytest.approx(0, abs=0.1)


def test_hierarchy():
    task = Modular(modules=6, size=2)
    assert task.n_in == task.n_out == 12
    module = np.repeat(range(6), 2)
    assert np.array_equal(task.own > 0, module[:, None] == module)
    assert np.array_equal(task.other > 0, (module[:, None] // 2 == module // 2) & (module[:, None] != module))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"operation": "division"}, "averaging"),
        ({"signal": "rare"}, "oscillating"),
        ({"signal": 0.0}, "share"),
        ({"signal": 1.5}, "share"),
        ({"inputs": "binary"}, "uniform"),
        ({"modules": 3}, "even"),
        ({"size": 0}, "size must be at least 1; got 0"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Modular(**options)
