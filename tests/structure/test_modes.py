"""Modes of low rank against closed forms, numpy and scipy, and their overlaps against the beta distribution."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, sparse, stats

import netanalysis as na

OPTIONS = {"n_nulls": 20, "rng": 0}


def random(seed, n=12):
    return np.random.default_rng(seed).normal(size=(n, n))


def test_rank_one_is_read_along_u_and_written_along_v():
    u, v = np.array([1.0, 2, 0]), np.array([0, 1.0, 3])
    found = na.low_rank(np.outer(u, v), rank=1, inputs=[1.0, 0, 0], outputs=[0, 0, 1.0], **OPTIONS)
    assert found.values[0] == pytest.approx(7.0710678, abs=5e-8)  # norm(u) norm(v)
    assert found.eigenvalues[0] == pytest.approx(2)  # v.u, another number
    np.testing.assert_allclose(found.reads[:, 0], u / np.linalg.norm(u))
    np.testing.assert_allclose(found.writes[:, 0], v / np.linalg.norm(v))
    assert found.inputs.cosines[0, 0] == pytest.approx(1 / 5**0.5)
    assert found.outputs.cosines[0, 0] == pytest.approx(3 / 10**0.5)
    s = np.array([1.0, 0, 0])
    np.testing.assert_allclose(s @ np.outer(u, v), (s @ found.reads[:, 0]) * found.values[0] * found.writes[:, 0])
    assert found.share[0] == pytest.approx(1)
    assert found.recurrence[0, 0] == pytest.approx(2 / 50**0.5)
    eigen = na.low_rank(np.outer(u, v), rank=1, modes="eigen", inputs=[0], **OPTIONS)
    assert eigen.values[0] == pytest.approx(2)
    np.testing.assert_allclose(eigen.reads[:, 0], u / np.linalg.norm(u), atol=1e-12)
    np.testing.assert_allclose(eigen.writes[:, 0], v / np.linalg.norm(v), atol=1e-12)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_all_modes_make_the_network(seed, rank):
    w = random(seed)
    found = na.low_rank(w, rank=rank, **OPTIONS)
    np.testing.assert_allclose(found.values, np.linalg.svd(w, compute_uv=False)[:rank], rtol=1e-10)
    rest = w - found.reads * found.values @ found.writes.T
    assert 1 - found.share.sum() == pytest.approx((rest**2).sum() / (w**2).sum(), abs=1e-10)
    parts = np.sort_complex(np.linalg.eigvals(found.reads * found.values @ found.writes.T))
    ours = np.sort_complex(np.concatenate([found.eigenvalues, np.zeros(12 - rank)]))
    np.testing.assert_allclose(np.sort(np.abs(ours)), np.sort(np.abs(parts)), atol=1e-6)
    order = np.random.default_rng(seed).permutation(12)
    moved = na.low_rank(w[order][:, order], rank=rank, **OPTIONS)
    np.testing.assert_allclose(moved.reads, found.reads[order], atol=1e-8)
    np.testing.assert_allclose(na.low_rank(3 * w, rank=rank, **OPTIONS).share, found.share)
    np.testing.assert_allclose(na.low_rank(sparse.csr_array(w), rank=rank, **OPTIONS).writes, found.writes)


@pytest.mark.parametrize("seed", range(4))
def test_eigenvectors_on_both_sides(seed):
    w = random(seed)
    found = na.low_rank(w, rank=12, modes="eigen", inputs=[0, 1, 2], **OPTIONS)
    np.testing.assert_allclose(w @ found.reads, found.reads * found.values, atol=1e-10)
    np.testing.assert_allclose(found.writes.T @ w, found.values[:, None] * found.writes.T, atol=1e-10)
    assert found.share.sum() == pytest.approx(1 - na.non_normality(w) ** 2)
    off = found.recurrence - np.diag(np.diag(found.recurrence))
    np.testing.assert_allclose(off, 0, atol=1e-9)  # of different eigenvalues
    assert found.inputs.share == pytest.approx(1)  # all modes together are the whole space
    np.testing.assert_allclose(found.eigenvalues, found.values)


@pytest.mark.parametrize("values", [[2.0, 1], [3.0, 2, -0.5, 0, 0, 0], [2.0, 2, 2, 1, 0, 0]])
def test_eigenvectors_make_the_network_by_their_recurrence(values):
    rng = np.random.default_rng(len(set(values)))
    basis = rng.normal(size=(len(values), len(values)))
    w = basis * values @ np.linalg.inv(basis)
    found = na.low_rank(w, rank=np.count_nonzero(values), modes="eigen", **OPTIONS)
    between = np.linalg.inv(found.recurrence)
    np.testing.assert_allclose(found.reads * found.values @ between @ found.writes.T, w, atol=1e-12)
    if len(values) == 2 or values[1] != 2.0 or values[0] != 2.0:
        one_by_one = found.values / np.diag(found.recurrence)
        np.testing.assert_allclose(found.reads * one_by_one @ found.writes.T, w, atol=1e-12)


@pytest.mark.parametrize("unit", [1e-170, 1e300])
def test_the_unit_of_weights_is_that_of_values(unit):
    for w, rank in ((np.outer([1.0, 2, 0], [0, 1.0, 3]), 1), (random(6, 501), 2), (sparse.csr_array(random(6)), 2)):
        for modes in ("singular", "eigen"):
            one, other = (na.low_rank(k * w, rank=rank, modes=modes, **OPTIONS) for k in (1, unit))
            np.testing.assert_allclose(other.values / unit, one.values, rtol=1e-9)
            np.testing.assert_allclose(other.share, one.share, rtol=1e-9)


def test_overlaps_are_projections_and_principal_angles():
    rng = np.random.default_rng(0)
    w, w_in, w_out = random(0, 20), rng.normal(size=(3, 20)), rng.normal(size=(20, 2))
    for modes in ("singular", "eigen"):
        found = na.low_rank(na.Connectome(w, inputs=w_in, outputs=w_out), rank=5, modes=modes, n_nulls=50, rng=0)
        for end, rows, patterns in ((found.inputs, w_in, found.reads), (found.outputs, w_out.T, found.writes)):
            space = linalg.orth(np.hstack([patterns.real, patterns.imag]))
            assert end.share == pytest.approx(((rows @ space) ** 2).sum() / (rows**2).sum())
            np.testing.assert_allclose(
                np.cos(end.angles), np.linalg.svd(space.T @ linalg.orth(rows.T), compute_uv=False), atol=1e-10
            )
            cosine = np.abs(rows[1] @ patterns[:, 2]) / np.linalg.norm(rows[1])
            assert np.abs(end.cosines[2, 1]) == pytest.approx(cosine)
            assert end.by_mode[2] == pytest.approx((np.abs(rows @ patterns[:, 2]) ** 2).sum() / (rows**2).sum())
            if modes == "singular":
                assert end.by_mode.sum() == pytest.approx(end.share)


def test_the_null_of_a_random_input_is_the_beta_distribution():
    rng = np.random.default_rng(1)
    n, rank = 60, 4
    entry = rng.normal(size=n)
    found = na.low_rank(random(1, n), rank=rank, inputs=entry - entry.mean(), n_nulls=2000, rng=0)
    beta = stats.beta(rank / 2, (n - rank) / 2)
    assert found.inputs.null_mean == pytest.approx(beta.mean(), rel=0.15)
    assert found.inputs.null_std == pytest.approx(beta.std(), rel=0.2)
    assert found.inputs.p == pytest.approx(beta.sf(found.inputs.share), abs=0.06)


def test_p_is_uniform_where_inputs_have_nothing_to_do_with_modes():
    rng = np.random.default_rng(2)
    w = np.abs(random(2, 30))  # whose first mode has a mean, as the inputs do
    found = [na.low_rank(w, rank=3, inputs=rng.random((2, 30)), n_nulls=39, rng=rng).inputs for _ in range(150)]
    assert np.mean([end.share for end in found]) > 0.5
    for p in ([end.p for end in found], [end.p_by_mode.min() for end in found]):
        steps = np.arange(1, 41) / 40
        empirical = (np.array(p)[:, None] <= steps + 1e-9).mean(axis=0)
        assert np.abs(empirical - steps).max() < 1.63 / 150**0.5  # Kolmogorov-Smirnov at 1 %


def test_inputs_along_a_mode_are_found():
    w = random(3, 40)
    u, _, vt = np.linalg.svd(w)
    rng = np.random.default_rng(3)
    entry = u[:, 1] + 0.1 * rng.normal(size=40)
    found = na.low_rank(w, rank=4, inputs=entry, outputs=vt[2] + 0.1 * rng.normal(size=40), n_nulls=199, rng=0)
    assert found.inputs.p == 0.005
    assert found.inputs.p_by_mode.argmin() == 1
    assert found.outputs.by_mode.argmax() == 2
    table = found.table()
    assert table.columns.tolist() == [
        "mode", "value", "share", "cumulative", "inputs", "inputs_p", "outputs", "outputs_p",
    ]  # fmt: skip
    assert table.cumulative.iloc[-1] == pytest.approx(found.share.sum())
    again = na.low_rank(w, rank=4, inputs=entry, n_nulls=199, rng=0)
    assert again.inputs.null_mean == found.inputs.null_mean
    assert again.outputs is None


def test_large_networks_by_lanczos():
    rng = np.random.default_rng(4)
    w = sparse.random_array((700, 700), density=0.01, rng=rng, data_sampler=rng.standard_normal).tocsr()
    whole = np.linalg.svd(w.toarray())
    found = na.low_rank(w, rank=3, inputs=[0, 1], **OPTIONS)
    np.testing.assert_allclose(found.values, whole[1][:3], rtol=1e-8)
    np.testing.assert_allclose(np.abs((found.reads * whole[0][:, :3]).sum(axis=0)), 1, atol=1e-6)
    np.testing.assert_array_equal(found.reads, na.low_rank(w, rank=3, **OPTIONS).reads)


def test_trained_networks_read_what_comes_in():
    net = na.datasets.load("sernn_one_strength")[-1]
    found = na.low_rank(net, rank=2, n_nulls=199, rng=0)
    assert found.inputs.p < 0.05
    assert found.outputs.p < 0.05
    untrained = na.datasets.load("sernn")[0]
    before = na.low_rank(untrained, rank=2, n_nulls=199, rng=0)
    assert before.inputs.share < found.inputs.share


def test_refusals():
    w = random(5, 4)
    for bad, words in [
        ({"net": w, "rank": 5}, "at most the number of nodes, 4"),
        ({"net": w, "rank": 0}, "rank must be at least 1"),
        ({"net": np.outer(w[0], w[1]), "rank": 2}, "rank must be at most 1"),
        ({"net": np.zeros((3, 3)), "rank": 1}, "rank must be at most 0"),
        ({"net": np.zeros((501, 501)), "rank": 1}, "rank must be at most 0"),
        ({"net": [[1, 1.0], [0, 1]], "rank": 2, "modes": "eigen"}, "defective"),
        ({"net": np.triu(w, 1), "rank": 1, "modes": "eigen"}, "rank must be at most 0"),
        ({"net": w, "rank": 1, "modes": "all"}, "modes must be one of"),
        ({"net": w, "rank": 1, "inputs": np.ones((2, 3))}, "inputs must be nodes, or weights"),
        ({"net": w, "rank": 1, "outputs": np.ones((3, 2))}, r"weights \(n, n_out\)"),
        ({"net": w, "rank": 1, "inputs": np.zeros(4)}, "must have weights"),
        ({"net": np.stack([w, w]), "rank": 1}, "one by one"),
    ]:
        with pytest.raises(ValueError, match=words):
            na.low_rank(**bad)


def test_modes_that_lanczos_does_not_tell_apart_are_those_of_lapack(monkeypatch):
    from scipy.sparse import linalg

    from netanalysis.structure import modes

    def fails(*_, **__):
        raise linalg.ArpackNoConvergence("no", [], [])

    w = np.random.default_rng(0).normal(size=(40, 40))
    exact = na.low_rank(w, rank=2).values
    monkeypatch.setattr(modes, "_WHOLE_UP_TO", 10)
    monkeypatch.setattr(linalg, "svds", fails)
    np.testing.assert_allclose(na.low_rank(w, rank=2).values, exact, rtol=1e-12)
