"""Spiking cell against a plain loop with a surrogate, in double precision, and the rules of its membrane."""

import numpy as np
import pytest
import torch

from models.cells.spiking import SpikingCell, decay_of
from models.recipes import Recipe
from models.space import grid
from models.tasks import Batch
from models.training import train


class Surrogate(torch.autograd.Function):
    @staticmethod
    def forward(ctx, u):
        ctx.save_for_backward(u)
        return (u > 1).to(u.dtype)

    @staticmethod
    def backward(ctx, grad):
        (u,) = ctx.saved_tensors
        return grad / (1 + 100 * (u - 1).abs()) ** 2


def plain_loop(p, x, decay):
    """One network, step by step."""
    u = torch.zeros(x.shape[1], p["W"].shape[0], dtype=x.dtype)
    s, m = torch.zeros_like(u), torch.zeros(x.shape[1], p["W_out"].shape[1], dtype=x.dtype)
    spikes, membranes = [], []
    for t in range(len(x)):
        u = p["beta"] * u + x[t] @ p["W_in"] + p["b"] + s @ p["W"] - (u > 1).to(u.dtype).detach()
        s = Surrogate.apply(u)
        m = decay * m + s @ p["W_out"] + p["b_out"] - (m > 1).to(m.dtype).detach()
        spikes.append(s)
        membranes.append(m)
    return torch.stack(spikes), torch.stack(membranes)


def parameters(cell, networks=2):
    p = [cell.start(6, 3, np.random.default_rng(k)) for k in range(networks)]
    return {k: torch.from_numpy(np.stack([q[k] for q in p]).astype(float)).requires_grad_() for k in p[0]}


def test_spikes_membranes_and_gradients_equal_a_plain_loop():
    cell = SpikingCell(n=8)
    p = parameters(cell)
    x = torch.from_numpy(np.random.default_rng(1).normal(size=(2, 30, 5, 6)) * 2)
    spikes = cell.states(p, x)
    membranes = cell.membranes(p, spikes)
    assert 0.05 < spikes.mean() < 0.95
    weight = torch.from_numpy(np.random.default_rng(2).normal(size=(2, 5, 3)))
    found = torch.autograd.grad((cell.outputs(p, spikes) * weight).sum(), list(p.values()))
    for k in range(2):
        one = {name: value[k] for name, value in p.items()}
        s, m = plain_loop(one, x[k], float(decay_of(20.0)))
        assert torch.equal(spikes[k], s)
        assert torch.allclose(membranes[k], m, rtol=1e-12)
        wanted = torch.autograd.grad((m.amax(0) * weight[k]).sum(), list(p.values()))
        for a, b in zip(wanted, found, strict=True):
            assert torch.allclose(a[k], b[k], rtol=1e-9, atol=1e-12)


def test_a_membrane_decays_fires_and_loses_one():
    cell = SpikingCell(n=1)
    p = {"W_in": [[1.0]], "W": [[0.0]], "b": [0.0], "beta": [0.9], "W_out": [[0.0]], "b_out": [0.0]}
    p = {k: torch.tensor([v], dtype=torch.float64, requires_grad=True) for k, v in p.items()}
    x = torch.tensor([0.9, 0.0, 0.6, 0.0, 0.0, 0.0], dtype=torch.float64)[None, :, None, None]
    # u: .9, .81, 1.329 (fires), .196, .176, .159
    assert cell.states(p, x).flatten().tolist() == [0, 0, 1, 0, 0, 0]
    x[0, 3] = 0.81  # .196 + .81 fires again, which it would not without what the reset left
    assert cell.states(p, x).flatten().tolist() == [0, 0, 1, 1, 0, 0]
    # at threshold the surrogate is 1
    x = torch.tensor([1.0], dtype=torch.float64)[None, :, None, None]
    (grad,) = torch.autograd.grad(cell.states(p, x).sum(), p["W_in"])
    assert grad.item() == 1


def test_time_constants():
    assert decay_of([1.5, 100.0]) == pytest.approx([0.7165, 0.995], abs=1e-4)
    assert decay_of(20.0) == pytest.approx(0.9753, abs=1e-4)
    assert -0.5 / np.log(decay_of(33.0)) == pytest.approx(33.0)
    beta = SpikingCell(n=5000).start(3, 2, np.random.default_rng(0))["beta"]
    assert beta.min() >= np.float32(0.7165)
    assert beta.max() <= np.float32(0.995)
    assert np.median(-0.5 / np.log(beta)) == pytest.approx(17.8, rel=0.05)  # of Gamma(3, 20/3), in ms


class Templates:
    """Each class has channels of its own."""

    name, kind, read_out, n_in, n_out = "templates", "class", "last", 12, 3

    def sample(self, batch, rng, *, noise=True):
        targets = rng.integers(3, size=batch)
        likely = 0.05 + 0.3 * (np.arange(12)[None] % 3 == targets[:, None])
        x = rng.random((batch, 20, 12), dtype=np.float32) < likely[:, None]
        return Batch(inputs=x.astype(np.float32), targets=targets, conditions={"class": targets})

    def score(self, outputs, batch):
        return outputs.argmax(-1) == batch.targets


def test_trains_and_keeps_decays_within_bounds():
    cell = SpikingCell(n=12, decays=(0.9, 0.95))
    recipe = Recipe(name="spikes", task=Templates(), cell=cell, space=grid(3, 4), penalty="sernn", lr=1e-2, steps=30)
    trained = train(recipe, [1e-5], [0], progress=False)
    accuracy = trained.table["accuracy"].to_numpy()
    assert accuracy[-1] > accuracy[0] + 0.2
    assert accuracy[-1] > 0.6
    beta = trained.parameters["beta"]
    assert beta.min() >= np.float32(0.9)
    assert beta.max() <= np.float32(0.95)
    assert not np.array_equal(beta[0], beta[-1])
    recording = trained.record(trials=6)
    assert set(np.unique(recording.activity)) <= {0.0, 1.0}
    assert recording.conditions["correct_response"].dtype == bool
