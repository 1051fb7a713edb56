"""Gated cells equal torch's, alone and in ensembles; penalties and relocation see the wires of every gate."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import netanalysis as na
from models import Ensemble, GRUCell, LSTMCell, penalties, recipes, settle, train
from models.cells._protocol import BLOCKS, wiring
from models.space import Space, grid

TORCH = {GRUCell: (torch.nn.GRU, ("_r", "_z", "")), LSTMCell: (torch.nn.LSTM, ("_i", "_f", "", "_o"))}  # torch's order
KINDS = list(TORCH)
ONE_FAST = [KINDS[0], pytest.param(KINDS[1], marks=pytest.mark.slow)]


def parameters(cell, networks=2, n_in=3, n_out=2):
    rng = np.random.default_rng(0)
    return {
        name: torch.from_numpy(rng.normal(size=(networks, *shape)) / 2).requires_grad_()
        for name, shape in cell.shapes(n_in, n_out).items()
    }


def twin(cell, p, k):
    """Torch's layer with the weights of one network."""
    kind, order = TORCH[type(cell)]
    layer = kind(p["W_in"].shape[1], cell.n).double()
    hidden = {"": "b_rec"} if isinstance(cell, GRUCell) else {}
    zeros = torch.zeros(cell.n, dtype=torch.float64)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.cat([p[f"W_in{s}"][k].T for s in order]))
        layer.weight_hh_l0.copy_(torch.cat([p[f"W{s}"][k].T for s in order]))
        layer.bias_ih_l0.copy_(torch.cat([p[f"b{s}"][k] for s in order]))
        layer.bias_hh_l0.copy_(torch.cat([p[hidden[s]][k] if s in hidden else zeros for s in order]))
    return layer


@pytest.mark.parametrize("kind", KINDS)
def test_states_and_gradient_equal_those_of_torch(kind):
    cell = kind(n=7)
    p = parameters(cell)
    x = torch.from_numpy(np.random.default_rng(1).normal(size=(2, 9, 4, 3)))
    states = cell.states(p, x)
    assert torch.equal(cell.states(p, x, last=True), states[:, -1])
    _, order = TORCH[kind]
    weight = torch.from_numpy(np.random.default_rng(2).normal(size=states[0].shape))
    names = [name for name in p if "out" not in name]
    found = dict(zip(names, torch.autograd.grad((states * weight).sum(), [p[name] for name in names]), strict=True))
    for k in range(2):
        layer = twin(cell, p, k)
        wanted, _ = layer(x[k])
        assert torch.allclose(states[k], wanted, rtol=1e-10, atol=1e-12)
        (wanted * weight).sum().backward()
        for name, ours in (
            (n, torch.cat([found[f"{n}{s}"][k].swapaxes(0, -1) for s in order])) for n in ("W_in", "W", "b")
        ):
            theirs = {"W_in": layer.weight_ih_l0, "W": layer.weight_hh_l0, "b": layer.bias_ih_l0}[name].grad
            assert torch.allclose(ours, theirs, rtol=1e-8, atol=1e-10), name
        if kind is GRUCell:
            assert torch.allclose(found["b_rec"][k], layer.bias_hh_l0.grad[14:], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_penalties_see_the_magnitudes_of_all_gates(kind):
    cell, space = kind(n=12), grid(3, 4)
    p = parameters(cell)
    seen = wiring(cell, p)
    _, order = TORCH[kind]
    total = sum(p[f"W{s}"].abs() for s in order)
    assert torch.allclose(seen["W"], total, rtol=1e-12)
    l1 = penalties.get("l1", blocks=BLOCKS)(seen)
    blocks = [f"W_in{s}" for s in order] + [f"W{s}" for s in order] + ["W_out"]
    assert torch.allclose(l1, sum(p[block].abs().sum((-2, -1)) for block in blocks), rtol=1e-12)
    cost = penalties.get("sernn", space)(seen)
    c = na.communicability(total[0].detach().numpy())
    np.fill_diagonal(c, 0)
    assert cost[0].item() == pytest.approx((total[0].detach().numpy() * c * space.distances()).sum(), rel=1e-9)
    grads = torch.autograd.grad(cost.sum(), [p[f"W{s}"] for s in order])
    assert all((grad != 0).any() for grad in grads)


@pytest.mark.parametrize("kind", ONE_FAST)
def test_they_train_in_ensembles_and_come_back_from_files(kind, tmp_path):
    recipe = recipes.get("sernn", cell=kind(), epochs=1, steps=6, batch=16, held_out=32)
    one, three = (train(recipe, [0.1, 0.2, 0.3], [3, 4, 5], group=group, progress=False) for group in (1, 3))
    assert np.allclose(one.table["loss"], three.table["loss"], rtol=1e-5)
    assert np.abs(one.parameters["W"] - three.parameters["W"]).mean() < 1e-6
    one.save(tmp_path / "gated.npz")
    again = Ensemble.load(tmp_path / "gated.npz")
    assert again.recipe.cell == kind()
    assert np.array_equal(again.record(-1, trials=4).activity, one.record(-1, trials=4).activity)
    net = again.connectome()
    p = {name: torch.from_numpy(value[[-1]].astype(float)) for name, value in one.parameters.items()}
    layer = twin(kind(), p, 0)
    theirs = na.from_torch(layer, gate="n" if kind is GRUCell else "g")
    assert np.allclose(net.weights, theirs.weights)
    assert np.allclose(net.inputs, theirs.inputs)
    assert net.outputs.shape == (100, 4)


@pytest.mark.parametrize("kind", ONE_FAST)
def test_a_cost_of_distance_shortens_their_wires_within_30_steps(kind):
    recipe = recipes.get("sernn", cell=kind(), epochs=1, steps=30, batch=32, held_out=32, lr=3e-3)
    trained = train(recipe, 0.1, 0, progress=False)
    r = []
    for row in (0, 1):
        p = {name: value[row] for name, value in trained.parameters.items()}
        total = wiring(recipe.cell, p)["W"]
        r.append(na.weight_distance_correlation(na.Connectome(total, positions=recipe.space.units)))
    assert abs(r[0]) < 0.05
    assert r[1] < -0.1
    assert na.weight_distance_correlation(trained.connectome()) < -0.1


@pytest.mark.parametrize("kind", KINDS)
def test_soft_thresholds_and_exchanges_reach_every_gate(kind, impulse):
    rng = np.random.default_rng(0)
    space = Space(rng.random((6, 2)), rng.random((2, 2)), rng.random((2, 2)))
    settings = {"task": impulse, "cell": kind(n=6), "space": space, "epochs": 1, "steps": 9, "batch": 4, "held_out": 4}
    still = train(recipes.Recipe(name="still", **settings), 0.0, 1, progress=False)
    moving = train(recipes.Recipe(name="moving", relocate=2, **settings), 0.0, 1, progress=False)
    assert np.allclose(still.table["loss"], moving.table["loss"], rtol=1e-5)
    assert not np.allclose(still.parameters["W"], moving.parameters["W"], atol=1e-3)
    moved = settle(still)
    assert np.allclose(
        moved.record(trials=3).conditions["correct_response"], still.record(trials=3).conditions["correct_response"]
    )
    shrunk = train(recipes.Recipe(name="l1", penalty="l1_proximal", **settings | {"lr": 0.02}), 1.0, 1, progress=False)
    _, order = TORCH[kind]
    for s in order:
        assert 0 < (shrunk.parameters[f"W{s}"][-1] == 0).mean() < 1
        assert (shrunk.parameters[f"W_in{s}"][-1] != 0).all()


@pytest.mark.parametrize("kind", ONE_FAST)
@pytest.mark.slow
def test_a_gated_network_learns(kind):
    recipe = replace(recipes.get("l1"), name="one", cell=kind(n=50), space=None, epochs=4, lr=3e-3)
    table = train(recipe, 0.0, 0, progress=False).table
    assert table["loss"].iloc[-1] < 0.75 * table["loss"].iloc[0]
