"""Exchanges of places: closed-form changes against recomputation, planted layouts, nothing else changed."""

import time

import numpy as np
import pytest
import torch

from models import Ensemble, recipes, settle
from models.cells.rate import RateCell
from models.relocation import exchange_changes, move, relocation, settled, wiring_cost
from models.space import Space, sheet
from models.training import train

AXES = RateCell().axes


def random_weights(n=30, n_in=5, n_out=4, seed=0):
    rng = np.random.default_rng(seed)
    return {"W_in": rng.normal(size=(n_in, n)), "W": rng.normal(size=(n, n)), "W_out": rng.normal(size=(n, n_out))}


def random_space(n=30, n_in=5, n_out=4, metric="manhattan"):
    rng = np.random.default_rng(1)
    return Space(rng.random((n, 2)), rng.random((n_in, 2)), rng.random((n_out, 2)), metric)


@pytest.mark.parametrize("metric", ["manhattan", "euclidean"])
def test_closed_form_equals_recomputation(metric):
    weights, space = random_weights(), random_space(metric=metric)
    changes = exchange_changes(weights, space)
    start = wiring_cost(weights, space)
    for j in range(30):
        for k in range(30):
            order = np.arange(30)
            order[[j, k]] = k, j
            change = wiring_cost(move(weights, order, AXES), space) - start
            assert changes[j, k] == pytest.approx(change, abs=1e-9 * start)


def test_a_round_takes_the_best_exchanges_in_turn():
    """Every accepted exchange must be costed from where the earlier ones left the units."""
    weights, space = random_weights(n=12), random_space(n=12)
    everything = sum(
        np.abs(w).sum(axis=1 - a)
        for w, a in zip(map(weights.get, ("W_in", "W", "W", "W_out")), (1, 0, 1, 0), strict=True)
    )
    order = np.arange(12)
    for unit in np.argsort(-everything)[:5]:
        best = (wiring_cost(move(weights, order, AXES), space), order)
        for k in range(12):
            other = order.copy()
            j = int(np.flatnonzero(order == unit)[0])
            other[[j, k]] = other[[k, j]]
            best = min(best, (wiring_cost(move(weights, other, AXES), space), other), key=lambda pair: pair[0])
        order = best[1]
    assert np.array_equal(relocation(weights, space, top=5), order)


@pytest.mark.parametrize(("top", "cost", "distance"), [(30, 0.60, 0.65), (100, 0.52, 0.57)])
def test_planted_blocks_come_together(top, cost, distance):
    """Rounds until no exchange helps; medians of five starts, which scatter by about .02."""
    costs, distances = zip(*(rounds(top, seed) for seed in range(5)), strict=True)
    assert np.median(costs) <= cost
    assert np.median(distances) <= distance


def rounds(top, seed):
    """Final cost over its start, and mean distance within planted blocks over that of all pairs."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(range(4), 25)
    w = rng.random((100, 100)) * (labels[:, None] == labels)
    order = rng.permutation(100)
    weights, labels = {"W": w[np.ix_(order, order)]}, labels[order]
    space = Space(sheet(10).units, metric="manhattan")
    costs = [wiring_cost(weights, space)]
    while True:
        order = relocation(weights, space, top=top)
        if np.array_equal(order, np.arange(100)):
            break
        weights, labels = move(weights, order, AXES), labels[order]
        costs.append(wiring_cost(weights, space))
    assert (np.diff(costs) < 0).all()
    d, other = space.distances(), ~np.eye(100, dtype=bool)
    return costs[-1] / costs[0], d[(labels[:, None] == labels) & other].mean() / d[other].mean()


def test_outputs_stay_the_same():
    rng = np.random.default_rng(0)
    cell = RateCell(n=30)
    start = cell.start(5, 4, rng) | {"b": rng.normal(size=30).astype(np.float32)}
    moved = move(start, relocation(start, random_space(), top=30), cell.axes)
    assert not np.array_equal(moved["W"], start["W"])
    x = torch.from_numpy(rng.normal(size=(1, 10, 8, 5)).astype(np.float32))
    one, other = ({k: torch.from_numpy(v)[None] for k, v in p.items()} for p in (start, moved))
    assert torch.allclose(cell.outputs(one, cell.states(one, x)), cell.outputs(other, cell.states(other, x)), atol=1e-5)


def test_moments_move_with_the_units_in_training(impulse):
    """With moments left behind the next steps would differ; moved, training without a penalty does not notice."""
    rng = np.random.default_rng(0)
    space = Space(rng.random((6, 2)), rng.random((2, 2)), rng.random((2, 2)))
    settings = {"task": impulse, "cell": RateCell(n=6), "space": space, "epochs": 1, "steps": 9, "batch": 4}
    still = train(recipes.Recipe(name="still", **settings), 0.0, 1, progress=False)
    moving = train(recipes.Recipe(name="moving", relocate=2, top=6, **settings), 0.0, 1, progress=False)
    assert np.allclose(still.table["loss"], moving.table["loss"], rtol=1e-5)
    (w, r) = (e.parameters["W"][-1] for e in (still, moving))
    assert not np.allclose(w, r, atol=1e-3)
    assert np.allclose(np.sort(w, axis=None), np.sort(r, axis=None), atol=1e-5)


def test_all_units_propose_unless_told_otherwise():
    weights, space = random_weights(), random_space()
    everyone, few = (relocation(weights, space, top=top) for top in (30, 3))
    assert np.array_equal(relocation(weights, space), everyone)
    assert not np.array_equal(few, everyone)


@pytest.mark.parametrize(("top", "seconds"), [(30, 0.2), (None, 1.0)])
def test_large_sheets_take_no_time(top, seconds):
    weights = random_weights(400, 53, 17)
    space = sheet(20)
    best = np.inf
    for _ in range(5):
        start = time.process_time()
        relocation(weights, space, top=top)
        best = min(best, time.process_time() - start)
    assert best < seconds


@pytest.mark.parametrize("metric", ["manhattan", "euclidean"])
def test_settled_units_have_no_exchange_left_that_helps(metric):
    weights, space = random_weights(), random_space(metric=metric)
    order = settled(weights, space, AXES)
    assert sorted(order) == list(range(30))
    after = move(weights, order, AXES)
    start = wiring_cost(weights, space)
    assert wiring_cost(after, space) < start
    assert exchange_changes(weights, space).min() < 0
    assert exchange_changes(after, space).min() > -1e-8 * start
    assert np.array_equal(settled(after, space, AXES), np.arange(30))


def test_settled_networks_compute_the_same_and_say_so(tmp_path):
    recipe = recipes.get("bimt", quick=True, epochs=1, steps=2, batch=8, held_out=8)
    trained = train(recipe, 1e-4, [0, 1], progress=False)
    before = {name: value.copy() for name, value in trained.parameters.items()}
    moved = settle(trained)
    for name, value in before.items():
        assert np.array_equal(trained.parameters[name], value)
    for row in range(4):
        one, other = (e.record(row, trials=20) for e in (trained, moved))
        assert np.array_equal(np.sort(trained.parameters["W"][row], None), np.sort(moved.parameters["W"][row], None))
        assert np.allclose(np.sort(one.activity, -1), np.sort(other.activity, -1), atol=1e-5)
        assert one.conditions.equals(other.conditions)
        blocks = {name: value[row] for name, value in moved.parameters.items()}
        assert exchange_changes(blocks, recipe.space).min() > -1e-8 * wiring_cost(blocks, recipe.space)
    moved.save(tmp_path / "settled.npz")
    again = Ensemble.load(tmp_path / "settled.npz")
    assert again.connectome().metadata["settled"] == moved.table["settled"].iloc[-1] > 0
    assert "settled" not in trained.table
    with pytest.raises(TypeError, match=r"trained must be a models\.Ensemble"):
        settle(trained.connectome())
    nowhere = train(recipes.get("resolvent", epochs=1, steps=1, batch=2, held_out=2), 0.0, 0, progress=False)
    with pytest.raises(ValueError, match="trained must have a space to settle in"):
        settle(nowhere)


def test_units_without_places_cannot_move():
    with pytest.raises(ValueError, match="space"):
        recipes.Recipe(name="nowhere", task="one_choice", relocate=10)
