"""The ladder of null models finds a planted property, and none where nothing is planted."""

import numpy as np
import pytest

import netanalysis as na


def random_network(seed, n=30, density=0.2):
    rng = np.random.default_rng(seed)
    w = (rng.random((n, n)) < density) * rng.lognormal(size=(n, n))
    np.fill_diagonal(w, 0)
    return w


def hubs(w):
    """Spread of the numbers of sources: a property of degrees alone."""
    return float((w != 0).sum(axis=0).std())


def triangles(w):
    b = (w != 0).astype(float)
    return float(np.trace(b @ b @ b))


def planted(seed):
    """A network whose nodes have very different numbers of sources."""
    rng = np.random.default_rng(seed)
    w = (rng.random((40, 40)) < np.linspace(0.02, 0.5, 40)) * 1.0
    np.fill_diagonal(w, 0)
    return w


def test_degrees_suffice_where_they_are_planted():
    found = na.wiring_test(planted(0), hubs, nulls=["erdos_renyi", "degree_preserving"], n_nulls=99, rng=0)
    assert found.z[0] > 5
    assert found.p[0] < 0.05
    assert found.suffices() == "degree_preserving"
    assert found.tests[1].null_std == 0
    table = found.table()
    assert table["null"].tolist() == ["erdos_renyi", "degree_preserving"]
    np.testing.assert_array_equal(table["p"], found.p)


def test_modules_are_more_than_degrees():
    blocks = np.kron(np.eye(4), np.ones((8, 8)) - np.eye(8))
    blocks[0, 8] = blocks[8, 16] = blocks[16, 24] = 1
    found = na.wiring_test(blocks, triangles, nulls=["erdos_renyi", "degree_preserving"], n_nulls=99, rng=1)
    assert found.suffices() is None
    assert (found.p < 0.05).all()


@pytest.mark.slow
def test_nothing_is_found_where_nothing_is_planted():
    """Of 40 random networks few differ from the first null, fewer than a test at 5 % would allow by far."""
    wrong = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        w = (rng.random((20, 20)) < 0.2) * 1.0
        np.fill_diagonal(w, 0)
        found = na.wiring_test(w, triangles, nulls=["erdos_renyi", "degree_preserving"], n_nulls=99, rng=seed)
        wrong += found.suffices() != "erdos_renyi"
    assert wrong <= 6  # 2 expected at most; 7 or more have p below 0.005


def test_the_default_ladder_depends_on_the_network():
    w = random_network(0)
    run = lambda w: float(np.abs(np.asarray(w)).sum())  # noqa: E731
    options = {"n_nulls": 159, "rng": 0}
    assert na.wiring_test(w, run, **options).nulls == ("erdos_renyi", "degree_preserving", "strength_preserving")
    sign = np.where(np.random.default_rng(0).random(30) < 0.4, -1, 1)[:, None]
    net = na.Connectome(sign * w, positions=np.random.default_rng(1).random((30, 3)))
    names = na.wiring_test(net, run, **options).nulls
    assert names == ("erdos_renyi", "degree_preserving", "sign_preserving", "distance_binned")


def test_same_seed_same_answer_whatever_else_is_on_the_ladder():
    w = random_network(1)
    one = na.wiring_test(w, triangles, nulls="erdos_renyi", n_nulls=50, rng=3)
    two = na.wiring_test(w, triangles, nulls=["erdos_renyi", "degree_preserving"], n_nulls=99, rng=3, n_jobs=2)
    np.testing.assert_array_equal(one.tests[0].null_distribution, two.tests[0].null_distribution[:50])


def test_a_memory_is_a_score():
    net = random_network(0)
    run = lambda net: na.memory_capacity(net, n_steps=200, max_delay=10).total  # noqa: E731
    found = na.wiring_test(net, run, nulls=["degree_preserving"], n_nulls=39, rng=0)
    assert np.isfinite(found.z).all()


def test_39_null_networks_are_enough_for_one_model_and_38_are_not():
    w = random_network(3)
    assert na.wiring_test(w, triangles, nulls="erdos_renyi", n_nulls=39, rng=0).p[0] <= 1
    with pytest.raises(ValueError, match=r"n_nulls must be at least 39 .* got 38"):
        na.wiring_test(w, triangles, nulls="erdos_renyi", n_nulls=38)


def test_refusals():
    w = random_network(2)
    with pytest.raises(ValueError, match=r"n_nulls must be at least 119 .* over 3 null models; got 100"):
        na.wiring_test(w, triangles, n_nulls=100)
    with pytest.raises(ValueError, match="test each network by itself"):
        na.wiring_test(np.array([w, w]), triangles, n_nulls=200)
    with pytest.raises(ValueError, match="nulls must be one of"):
        na.wiring_test(w, triangles, nulls=["shuffle"], n_nulls=50)
    with pytest.raises(ValueError, match="at least one null model"):
        na.wiring_test(w, triangles, nulls=[], n_nulls=50)
    with pytest.raises(ValueError, match="names of their own"):
        na.wiring_test(w, triangles, nulls=[lambda w, rng: w, lambda w, rng: w], n_nulls=200)
    with pytest.raises(TypeError, match="run must be a callable"):
        na.wiring_test(w, 3.0)
    with pytest.raises(ValueError, match="run must return one number"):
        na.wiring_test(w, lambda w: w.sum(axis=0), nulls=["erdos_renyi"], n_nulls=50)
