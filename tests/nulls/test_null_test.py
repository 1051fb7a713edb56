"""null_test against scipy's permutation machinery, closed forms, and its own promises."""

import functools
import warnings
from typing import get_args

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse, stats

import netanalysis as na
from netanalysis._core.pvalues import Side
from netanalysis.nulls import _null_test


def shuffled(weights, rng):
    """Any rearrangement of all entries."""
    weights = np.asarray(weights)
    return rng.permutation(weights.ravel()).reshape(weights.shape)


def relabelled(weights, rng):
    weights = np.asarray(weights)
    order = rng.permutation(len(weights))
    return weights[np.ix_(order, order)]


def total(w):
    return float(np.sum(np.asarray(w)))


def first_row(w):
    return w[..., 0, :].sum(axis=-1)


@pytest.fixture
def w():
    return np.random.default_rng(0).normal(size=(6, 6))


@pytest.mark.parametrize(
    "alternative", ["two-sided", *(pytest.param(side, marks=pytest.mark.slow) for side in ("greater", "less"))]
)
def test_p_equals_the_permutation_test_of_scipy(alternative):
    # Exchangeable statistic with ties: the trace of a 0/1 matrix is hypergeometric under a shuffle.
    w = (np.random.default_rng(3).random((7, 7)) < 0.4).astype(float)
    w[np.arange(5), np.arange(5)] = 1
    n_nulls = 5000
    ours = na.null_test(w, np.trace, shuffled, n_nulls=n_nulls, alternative=alternative, rng=1)
    law = stats.hypergeom(49, int(w.sum()), 7)
    greater, less = law.sf(ours.observed - 1), law.cdf(ours.observed)
    exact = {"greater": greater, "less": less, "two-sided": min(1, 2 * min(greater, less))}[alternative]
    assert ours.p == pytest.approx(exact, abs=4 * np.sqrt(exact / n_nulls) + 1e-3)

    def scipy_statistic(x, axis):
        return np.sum(x[..., ::8], axis=axis)  # every eighth entry of a raveled 7 x 7 matrix is diagonal

    reference = stats.permutation_test(
        (w.ravel(),), scipy_statistic, permutation_type="samples", n_resamples=9, alternative=alternative
    )
    small = _null_test.from_values(
        np.array([reference.statistic]), reference.null_distribution[None], (), alternative, "s", "n"
    )
    n = len(reference.null_distribution)
    tails = {"greater": 0, "less": 0}
    tails["greater"] = (np.sum(reference.null_distribution >= reference.statistic) + 1) / (n + 1)
    tails["less"] = (np.sum(reference.null_distribution <= reference.statistic) + 1) / (n + 1)
    tails["two-sided"] = min(1, 2 * min(tails.values()))
    assert small.p == pytest.approx(tails[alternative], rel=1e-12)


@given(st.lists(st.integers(-3, 3), min_size=2, max_size=30), st.integers(-4, 4))
def test_p_counts_ties_and_never_is_zero(values, observed):
    values = np.array(values, float)
    n = len(values)
    seen = np.array([float(observed)])
    fields = {a: _null_test.from_values(seen, values[None], (), a, "s", "n") for a in get_args(Side)}
    b, c = np.sum(values >= observed), np.sum(values <= observed)
    assert fields["greater"].p == pytest.approx((b + 1) / (n + 1))
    assert fields["less"].p == pytest.approx((c + 1) / (n + 1))
    assert fields["two-sided"].p == pytest.approx(min(1, 2 * (min(b, c) + 1) / (n + 1)))
    assert fields["less"].null_mean == pytest.approx(np.mean(values))
    assert fields["less"].null_std == pytest.approx(np.std(values, ddof=1))
    assert fields["less"].interval == pytest.approx(tuple(np.quantile(values, [0.025, 0.975])))
    if np.ptp(values) == 0:
        assert np.isnan(fields["less"].z)
    else:
        assert fields["less"].z == pytest.approx((observed - values.mean()) / values.std(ddof=1))


def test_two_sided_p_agrees_with_scipy_monte_carlo():
    rng = np.random.default_rng(5)
    reference = stats.monte_carlo_test(
        np.array([1.3]), rng.standard_normal, lambda x, axis: x.mean(axis=axis), n_resamples=199, vectorized=True
    )
    ours = _null_test.from_values(np.array([1.3]), reference.null_distribution[None], (), "two-sided", "s", "n")
    assert ours.p == pytest.approx(reference.pvalue, rel=1e-12)


def test_a_statistic_the_null_keeps_has_no_z_and_p_one(w):
    test = na.null_test(w, total, shuffled, n_nulls=50, rng=0)
    assert np.isnan(test.z)
    assert test.note == "z is nan: the null model keeps it fixed"
    assert test.p == 1
    one = na.null_test(w, total, shuffled, n_nulls=1, rng=0)
    assert one.note == "z is nan: one null network has no spread"


def test_undefined_replicates_are_counted_and_conservative(w):
    def sometimes(x):
        return float(x[0, 0]) if x[0, 0] > 0 else np.nan

    positive = w.copy()
    positive[0, 0] = 10
    test = na.null_test(positive, sometimes, shuffled, n_nulls=99, alternative="greater", rng=0)
    assert test.note == f"null_mean is nan: sometimes is nan for {test.n_undefined} null networks"
    drawn = test.null_distribution
    assert test.n_undefined == np.isnan(drawn).sum() > 0
    assert test.p == pytest.approx((1 + np.isnan(drawn).sum() + np.sum(drawn >= 10)) / 100)
    assert np.isnan(test.z)
    assert np.isnan(test.null_mean)
    undefined = na.null_test(w, lambda x: np.nan, shuffled, n_nulls=9, rng=0)
    assert undefined.note == "observed is nan: <lambda> is nan"
    assert np.isnan(undefined.p)
    infinite = na.null_test(w, lambda x: np.inf if x is not w and x[0, 0] > 0 else 1.0, shuffled, n_nulls=50, rng=0)
    assert infinite.n_undefined == 0
    assert 0 < infinite.p <= 1


@pytest.mark.parametrize("vectorized", [False, True])
def test_replicates_do_not_depend_on_their_number_or_on_the_jobs(w, vectorized):
    def statistic(x):
        return x[..., 0, 1]

    first = na.null_test(w, statistic, shuffled, n_nulls=40, rng=9, vectorized=vectorized)
    more = na.null_test(w, statistic, shuffled, n_nulls=90, rng=9, n_jobs=2, vectorized=vectorized)
    np.testing.assert_array_equal(first.null_distribution, more.null_distribution[:40])
    with joblib.parallel_config(backend="threading", n_jobs=2):
        threads = na.null_test(w, statistic, shuffled, n_nulls=90, rng=9, vectorized=vectorized)
    np.testing.assert_array_equal(threads.null_distribution, more.null_distribution)


@pytest.mark.parametrize("rng", [4, np.random.default_rng])
def test_a_stack_equals_the_loop(rng):
    stack = np.random.default_rng(1).normal(size=(2, 3, 5, 5))

    def source():
        return rng if isinstance(rng, int) else rng(8)

    one = source()
    loop = [na.null_test(w, np.diag, shuffled, n_nulls=20, rng=one) for w in stack.reshape(-1, 5, 5)]
    together = na.null_test(stack, np.diag, shuffled, n_nulls=20, rng=source())
    assert together.p.shape == (2, 3, 5)
    assert together.null_distribution.shape == (2, 3, 20, 5)
    for name in ("observed", "null_distribution", "null_mean", "null_std", "z", "p", "n_undefined"):
        expected = np.stack([getattr(t, name) for t in loop])
        np.testing.assert_array_equal(getattr(together, name).reshape(expected.shape), expected)


def test_a_connectome_reaches_null_and_statistic_whole(w):
    positions = np.arange(6.0)[:, None]
    net = na.Connectome(np.abs(w), positions=positions)

    def weight_distance(net):
        return np.corrcoef(np.asarray(net).ravel(), net.distances.ravel())[0, 1]

    def moved(net, rng):
        """The positions change, the weights stay."""
        return net.replace(positions=net.positions[rng.permutation(net.n_nodes)])

    by_positions = na.null_test(net, weight_distance, moved, n_nulls=400, rng=0)
    by_weights = na.null_test(net, weight_distance, relabelled, n_nulls=400, rng=1)
    assert by_positions.observed == weight_distance(net)
    assert by_positions.null_std > 0
    assert stats.ks_2samp(by_positions.null_distribution, by_weights.null_distribution).pvalue > 0.01


def test_sparse_networks_stay_sparse():
    w = sparse.random_array((20, 20), density=0.2, rng=np.random.default_rng(0), format="csr")

    def null(net, rng):
        assert sparse.issparse(net)
        order = rng.permutation(20)
        return net[order][:, order]

    test = na.null_test(w, lambda net: net.diagonal()[0], null, n_nulls=30, rng=0)
    dense = na.null_test(w.toarray(), lambda net: net[0, 0], relabelled, n_nulls=30, rng=0)
    np.testing.assert_array_equal(test.null_distribution, dense.null_distribution)


def test_the_input_is_not_modified(w):
    before = w.copy()
    na.null_test(w, total, shuffled, n_nulls=5, rng=0)
    np.testing.assert_array_equal(w, before)


def test_names_say_what_was_tested(w):
    def null(weights, rng, *, strength):
        return shuffled(weights, rng)

    test = na.null_test(w, functools.partial(np.linalg.norm, ord=2), functools.partial(null, strength=3), n_nulls=5)
    assert test.statistic == "norm(ord=2)"
    assert test.null == "null(strength=3)"
    assert test.alternative == "two-sided"


def test_bad_arguments_are_refused(w):
    with pytest.raises(TypeError, match="null must be a function"):
        na.null_test(w, total, 3)
    with pytest.raises(ValueError, match="null must be one of"):
        na.null_test(w, total, "degree_preservation")
    with pytest.raises(ValueError, match="n_nulls"):
        na.null_test(w, total, shuffled, n_nulls=0)
    with pytest.raises(ValueError, match="alternative"):
        na.null_test(w, total, shuffled, alternative="larger")
    with pytest.raises(TypeError, match="real number"):
        na.null_test(w, lambda x: "0.3", shuffled, n_nulls=2)
    with pytest.raises(TypeError, match="real number"):
        na.null_test(w, np.linalg.eigvals, shuffled, n_nulls=2)
    with pytest.raises(ValueError, match="null must return weights of shape"):
        na.null_test(w, total, lambda x, rng: x[:2, :2], n_nulls=2)
    with pytest.raises(ValueError, match="the network that null returned must be finite"):
        na.null_test(w, total, lambda x, rng: x * np.nan, n_nulls=2)
    with pytest.raises(ValueError, match="one value per network"):
        na.null_test(w, lambda x: float(np.sum(x)), shuffled, n_nulls=2, vectorized=True)
    with pytest.raises(ValueError, match="same shape"):
        na.null_test(w, lambda x: x[0, x[0] > 0], shuffled, n_nulls=20, rng=0)


def test_an_undefined_measure_gives_its_reason_in_the_note_once():
    test = na.null_test(np.zeros((4, 4)), na.reciprocity, shuffled, n_nulls=200, rng=0)
    assert test.note == "observed is nan: reciprocity is nan: there are no connections between distinct nodes"


def test_no_warning_escapes():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        na.null_test([[0.0]], total, shuffled, n_nulls=1, rng=0)
        na.null_test([[0.0, 1], [1, 0]], lambda w: np.inf, shuffled, n_nulls=9, rng=0)


@pytest.mark.parametrize("null", [na.nulls.degree_preserving, na.nulls.weight_shuffle, na.nulls.strength_preserving])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array, na.Connectome], ids=["array", "sparse", "connectome"])
def test_the_same_seed_gives_the_same_nulls_however_the_null_is_wrapped(directed, null, kind):
    net = kind(directed)

    def statistic(w):
        w = w.weights if isinstance(w, na.Connectome) else w
        return float((w @ w @ w).diagonal().sum())

    def by_size(net, rng, size=None):
        return null(net, rng, size=size)

    want = na.null_test(net, statistic, null, n_nulls=20, rng=3).null_distribution
    assert np.ptp(want) > 0
    for wrapped in (lambda net, rng: null(net, rng), by_size, functools.partial(null), null.__name__):
        got = na.null_test(net, statistic, wrapped, n_nulls=20, rng=3, n_jobs=2 if wrapped is by_size else 1)
        np.testing.assert_array_equal(got.null_distribution, want)


def test_a_null_that_draws_for_itself_gets_the_stream_of_its_replicate(directed):
    got = []

    def drawing(net, rng):
        got.append(rng.random())
        return net

    na.null_test(directed, total, drawing, n_nulls=3, rng=7)
    root = np.random.SeedSequence(7)
    want = [np.random.default_rng(np.random.SeedSequence(7, spawn_key=(r,))).random() for r in range(3)]
    assert got == want, root


def test_a_mark_says_that_a_statistic_takes_stacks(directed):
    shapes = []

    def total_weight(w):
        shapes.append(w.shape)
        return w.sum(axis=(-2, -1))

    na.null_test(directed, total_weight, na.nulls.weight_shuffle, n_nulls=5, rng=0)
    assert set(shapes) == {(30, 30)}
    shapes.clear()
    na.null_test(directed, na.takes_stacks(total_weight), na.nulls.weight_shuffle, n_nulls=5, rng=0)
    assert set(shapes) == {(1, 30, 30), (5, 30, 30)}


def test_a_measure_of_one_network_is_called_network_by_network(directed):
    test = na.null_test(
        directed, lambda w: float(na.estimate_path_length(w, rng=0)), na.nulls.weight_shuffle, n_nulls=3, rng=0
    )
    assert test.null_distribution.shape == (3,)
    with pytest.raises(ValueError, match="size=4"):
        na.null_test(directed, total, lambda net, rng, size=None: net[None], n_nulls=4)


@pytest.mark.slow
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_five_per_cent_of_true_nulls_are_rejected(alternative):
    """Networks drawn from the null itself: the test at 5 % rejects 5 % of them."""
    rng = np.random.default_rng(2024)
    stack = rng.lognormal(size=(2000, 6, 6))
    tests = na.null_test(stack, first_row, shuffled, n_nulls=199, alternative=alternative, rng=rng, vectorized=True)
    assert 0.035 <= np.mean(tests.p <= 0.05) <= 0.065
    assert stats.kstest(tests.p, "uniform").statistic < 0.05


def test_a_null_that_writes_into_the_network_is_stopped(directed):
    def careless(net, rng):
        net[0, 0] = 7
        return net

    before = directed.copy()
    with pytest.raises(ValueError, match="read-only"):
        na.null_test(directed, total, careless, n_nulls=2)
    assert np.array_equal(directed, before)


def test_without_a_seed_every_network_of_a_stack_has_nulls_of_its_own(directed):
    made = na.nulls.weight_shuffle(np.stack([directed] * 4))
    assert len({null.tobytes() for null in made}) == 4
