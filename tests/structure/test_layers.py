"""Layers from a source: enumeration of the sets a spread can reach, simulation step by step, and derivatives."""

from itertools import product

import numpy as np
import pytest
from scipy import sparse

import netanalysis as na

forms = pytest.mark.parametrize("form", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])


def reached_by(share, sources, steps, threshold=0.3):
    """Exact probability of each node to be reached by each step: over all sets of nodes."""
    n = len(share)
    chance = {frozenset(sources): 1.0}
    out = []
    for _ in range(steps):
        out.append([sum(p for s, p in chance.items() if v in s) for v in range(n)])
        after = {}
        for s, p in chance.items():
            rest = [v for v in range(n) if v not in s]
            join = [min(1.0, share[list(s), v].sum() / threshold) for v in rest]
            for outcome in product((0, 1), repeat=len(rest)):
                q = p * np.prod([j if o else 1 - j for j, o in zip(join, outcome, strict=True)])
                if q:
                    key = s | {v for v, o in zip(rest, outcome, strict=True) if o}
                    after[key] = after.get(key, 0) + q
        chance = after
    return np.array(out)


@forms
def test_two_weak_inputs_count_together(form):
    w = np.array([[0, 0, 15], [0, 0, 15], [0, 0, 0.0]])
    got = na.traversal(form(w), sources=[0, 1], totals=[0, 0, 100], n_runs=64, rng=0)
    assert got.mean_step.tolist() == [1, 1, 2]  # 1 - (1 - 0.5)^2 = 0.75 by connection
    assert got.reached_by[:2, 2].tolist() == [0, 1]


@forms
def test_a_chain_against_its_closed_form(form):
    w = np.array([[0, 15, 0], [0, 0, 15], [0, 0, 0.0]])
    got = na.traversal(form(w), sources=[0], totals=[1, 100, 100], n_runs=20_000, max_steps=60, rng=1)
    exact = reached_by(w / 100, [0], 5)
    np.testing.assert_allclose(np.diff(exact[:4, 1]), [0.5, 0.25, 0.125])
    np.testing.assert_allclose(np.diff(exact[:, 2]), [0, 0.25, 0.25, 0.1875])
    np.testing.assert_allclose(got.reached_by[:5], exact, atol=0.015)
    assert got.mean_step[1] == pytest.approx(3, abs=0.05)
    assert got.std_step[1] == pytest.approx(np.sqrt(2), abs=0.06)
    short = na.traversal(form(w), sources=[0], totals=[1, 100, 100], n_runs=20_000, max_steps=3, rng=2)
    assert short.mean_step[1] == pytest.approx(7 / 3, abs=0.02)  # among those that reached it
    assert short.reached[1] == pytest.approx(0.75, abs=0.015)


@forms
def test_sets_of_a_random_network(form):
    rng = np.random.default_rng(3)
    w = rng.integers(0, 4, (6, 6)) * (rng.random((6, 6)) < 0.5)
    got = na.traversal(form(w.astype(float)), sources=[0, 4], threshold=0.9, n_runs=20_000, max_steps=6, rng=3)
    np.testing.assert_allclose(
        got.reached_by, reached_by(na.transform.normalize(w, by="input"), [0, 4], 6, 0.9), atol=0.016
    )
    again = na.traversal(form(w.astype(float)), sources=[0, 4], threshold=0.9, n_runs=20_000, max_steps=6, rng=3)
    np.testing.assert_array_equal(got.reached_by, again.reached_by)


def test_nodes_that_are_not_reached_and_their_ranking():
    w = np.zeros((5, 5))
    w[0, 3] = w[3, 1] = 2
    with pytest.warns(na.UndefinedWarning, match="mean_step is nan for 2 of 5 nodes: no run reached them") as caught:
        got = na.traversal(na.Connectome(w, modules=list("sxxxx")), sources="s", n_runs=40, rng=0)
    assert len(caught) == 1
    assert got.ranking.tolist() == [0, 3, 1]
    assert got.reached.tolist() == [1, 1, 0, 1, 0]
    assert np.isnan(got.mean_step[[2, 4]]).all()


@forms
def test_mean_hop_by_hand_and_as_a_derivative(form):
    c = np.array([[0, 1, 0.5], [0, 0, 1], [0, 0, 0.0]])
    assert na.mean_hop(form(c), sources=[0])[2] == pytest.approx(5 / 3)
    assert na.mean_hop(form(c), sources=[0], alpha=0.5)[2] == pytest.approx(1.5)
    rng = np.random.default_rng(0)
    w = rng.random((8, 8)) * (rng.random((8, 8)) < 0.7)
    radius = na.spectral_radius(w)

    def log_sum(alpha):
        return np.log(np.linalg.inv(np.eye(8) - alpha * w / radius)[[0, 2]].sum(0))

    slope = (log_sum(0.5 * np.exp(1e-5)) - log_sum(0.5 * np.exp(-1e-5))) / 2e-5
    got = na.mean_hop(form(-w), sources=[0, 2], alpha=0.5, normalize="spectral_radius", max_hops=80)
    np.testing.assert_allclose(got, slope, rtol=1e-6)
    maps = na.pathways(w, inputs=[0, 2], max_hops=5).maps.sum(1)
    np.testing.assert_allclose(
        na.mean_hop(form(w), sources=[0, 2], max_hops=5), (np.arange(6) @ maps) / maps.sum(0), rtol=1e-12
    )


def test_mean_hop_of_a_stack_and_without_walks():
    rng = np.random.default_rng(1)
    stack = rng.random((2, 3, 5, 5))
    got = na.mean_hop(stack, sources=[1], normalize="spectral_radius")
    for k in np.ndindex(2, 3):
        np.testing.assert_allclose(got[k], na.mean_hop(stack[k], sources=[1], normalize="spectral_radius"))
    with pytest.warns(na.UndefinedWarning, match="mean_hop is nan for 2 of 3 nodes: no walk") as caught:
        assert np.isnan(na.mean_hop(np.zeros((3, 3)), sources=[1])).tolist() == [True, False, True]
    assert len(caught) == 1


def test_a_node_that_one_run_reached_has_no_spread():
    w = np.array([[0, 1.0], [0, 0]])
    with pytest.warns(na.UndefinedWarning, match="std_step is nan for 2 of 2 nodes: only one run") as caught:
        got = na.traversal(w, sources=[0], n_runs=1, rng=0)
    assert len(caught) == 1
    assert got.mean_step.tolist() == [1, 2]


def test_refusals():
    for bad, words in [
        ({"sources": []}, "sources"),
        ({"sources": [0], "threshold": 0}, "threshold"),
        ({"sources": [0], "totals": [0.5, 0.5]}, "totals must be at least"),
        ({"sources": [0], "n_runs": 0}, "n_runs"),
    ]:
        with pytest.raises(ValueError, match=words):
            na.traversal([[0, 1.0], [0, 0]], **bad)
    with pytest.raises(ValueError, match="one by one"):
        na.traversal(np.ones((2, 3, 3)), sources=[0])
    with pytest.raises(ValueError, match="alpha"):
        na.mean_hop([[0, 1.0], [0, 0]], alpha=0)


def test_walks_beyond_the_doubles_are_refused_with_a_remedy():
    """Seen: nan, and "no walk leads there"."""
    w = 1e160 * np.ones((3, 3))
    with pytest.raises(OverflowError, match="normalize='spectral_radius'"):
        na.mean_hop(w, sources=[0])
    unit = na.mean_hop(np.ones((3, 3)), sources=[0], normalize="spectral_radius")
    np.testing.assert_allclose(na.mean_hop(w, sources=[0], normalize="spectral_radius"), unit)
