"""Trained pathway-regularised networks (arXiv:2605.03598): which of its claims hold in our settings.

Averaging within modules of four units, signal in every second step. The pathway map is that of the optimum although
the weights are not; under a strong penalty the pathway penalties keep the task that L1 gives up; only the hop-wise
form also keeps hops without signal silent. (The signed sum lets hops of opposite sign cancel: they hold half of the
mass, against the paper's claim of temporal sparsity.)
"""

import numpy as np
import pytest

import netanalysis as na
from models import penalties, recipes
from models.tasks import Batch
from models.train import train

MODULES = np.repeat(range(4), 4)
OPTIMUM = (MODULES[:, None] == MODULES) / 4
SIGNAL = np.array([0, 1, 0, 1, 0, 1], np.float32)


class Averaging:
    name, kind, read_out, n_in, n_out = "averaging", "regression", "last", 16, 16

    def sample(self, batch, rng, *, noise=True):
        u = rng.standard_normal((batch, 6, 16), dtype=np.float32)
        x = (u * SIGNAL[:, None]).sum(1) / np.sqrt(SIGNAL.sum())
        return Batch(inputs=u, targets=(x @ OPTIMUM).astype(np.float32))

    def score(self, outputs, batch):
        return 1 - 4 * ((outputs - batch.targets) ** 2).mean(axis=1)


def networks(penalty, gamma, options):
    """Medians over three seeds: normalised error, r of pathways and of weights with the optimum, off-signal mass."""
    recipe = recipes.get("resolvent", quick=True, task=Averaging(), penalty=penalty, penalty_options=options)
    trained = train(recipe, gamma, [0, 1, 2], progress=False).at(-1)
    rows = []
    for net, loss in zip(trained, trained.table["loss"], strict=True):
        total = na.pathways(net, max_hops=5, alpha=0.9, normalize=None).total
        mass = np.abs(na.pathways(net, max_hops=5, normalize=None).maps).sum(axis=(1, 2))
        r = [np.corrcoef(map_.ravel(), OPTIMUM.ravel())[0, 1] for map_ in (total, net.weights)]
        rows.append((4 * loss, *r, mass[1::2].sum() / mass.sum()))
    return np.median(rows, axis=0)


L1, SUM, HOP = (
    ("l1", {"blocks": penalties.BLOCKS}),
    ("resolvent", {"steps": 6}),
    ("resolvent_hop", {"steps": 6}),
)


@pytest.mark.slow
def test_pathways_not_weights_are_the_optimum():
    error, r_paths, r_weights, off = networks("none", 0.0, {})
    assert error <= 0.01
    assert r_paths >= 0.92
    assert abs(r_weights) <= 0.25
    assert off <= 0.10


@pytest.mark.slow
def test_pathway_penalties_cost_less_accuracy_than_l1():
    errors = {
        gamma: [networks(name, gamma, options)[0] for name, options in (L1, SUM, HOP)] for gamma in (1e-3, 3e-3, 1e-2)
    }
    l1, total, hop = errors[1e-3]
    assert max(total, hop) < l1
    l1, total, hop = errors[3e-3]
    assert max(total, hop) <= 0.5 * l1
    l1, total, _ = errors[1e-2]
    assert l1 >= 0.9
    assert total <= 0.6


@pytest.mark.slow
def test_only_the_hopwise_form_silences_hops_without_signal():
    _, r, _, off = networks(*(HOP[0], 1e-3, HOP[1]))
    assert off <= 0.05
    assert r >= 0.9
    _, r, _, off = networks(*(SUM[0], 3e-3, SUM[1]))
    assert off > 0.3
    assert r < 0.6
