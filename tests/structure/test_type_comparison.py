"""Types of two networks against sums by hand, draws of the counts, exact tests of Poisson rates, and real brains."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats

import netanalysis as na
from netanalysis._core.pvalues import holm
from netanalysis.structure._count_ratios import Amounts, two_sided, z_of_ratio
from netanalysis.structure.type_comparison import _typed
from netanalysis.transform import aggregate, subset


def circuit(rng, n=20, mean=4.0):
    return na.Connectome(rng.poisson(mean, (n, n)), modules=list("abbc" * (n // 4)))


def redrawn(net, rng):
    return net.replace(weights=rng.poisson(net.weights))


@pytest.fixture(scope="module")
def larva():
    return [na.datasets.load(f"drosophila_larva_mb_{side}") for side in ("left", "right")]


@pytest.mark.parametrize("how", ["sum", "mean_source", "mean_target", "mean_pair", "input_share", "output_share"])
def test_amounts_are_powers_of_the_cells_summed_by_type(how):
    rng = np.random.default_rng(0)
    a, b = circuit(rng), circuit(rng, n=12)
    found = na.compare_types(a, b, how=how, max_hops=3)
    for h in range(3):
        for net, got in ((a, found.a), (b, found.b)):
            power = np.linalg.matrix_power(net.weights, h + 1)
            summed = aggregate(power, by=net.modules, how="sum" if how.endswith("share") else how)
            if how.endswith("share"):
                summed = na.transform.normalize(summed, by=how.split("_")[0])
            np.testing.assert_allclose(got[h], summed, rtol=1e-12)
    np.testing.assert_allclose(found.ratio, found.a / found.b)
    assert found.types.tolist() == ["a", "b", "c"]
    assert (found.hops.tolist(), found.noise, found.note) == ([1, 2, 3], "poisson", "")


@pytest.mark.parametrize("how", ["mean_target", "input_share", "output_share"])
def test_the_variance_of_amounts_is_that_of_draws(larva, how):
    net = larva[0]

    def value(drawn):
        return _typed(drawn, None, "a").amounts(how, 2, counted=False).value

    drawn = na.uncertainty(net, value, noise="resampling", n_draws=200, rng=0)
    found = _typed(net, None, "a").amounts(how, 2, counted=True)
    std = np.sqrt(found.unit * found.value)
    many = (found.value > 30 * found.unit) & (found.unit > 0)
    assert many.sum() > 8
    np.testing.assert_allclose(std[many], drawn.std[many], rtol=0.2)


def test_one_count_of_a_mean_is_one_in_so_many_cells():
    rng = np.random.default_rng(1)
    found = _typed(circuit(rng), None, "a").amounts("mean_target", 1, counted=True)
    np.testing.assert_allclose(found.unit[0], np.broadcast_to([1 / 5, 1 / 10, 1 / 5], (3, 3)))


@pytest.mark.parametrize(("x", "y"), [(50, 30), (8, 1), (12, 0), (40, 41), (300, 240)])
def test_two_counts_as_the_exact_test_of_poisson_rates_has_them(x, y):
    a, b = ([[0, float(count)], [0, 0]] for count in (x, y))
    found = na.compare_types(a, b, by=["s", "t"], how="sum")
    exact = stats.binomtest(x, x + y)
    middle = exact.pvalue - stats.binom.pmf(x, x + y, 0.5)  # exact tests of counts are too careful by half a step
    assert found.p[0, 0, 1] == pytest.approx(middle, abs=0.02)
    assert found.p[0, 0, 1] < 1.6 * exact.pvalue
    low, high = (end[0, 0, 1] for end in found.interval)
    ends = exact.proportion_ci(0.95)
    assert low == pytest.approx(ends.low / (1 - ends.low), rel=0.35 if y else 0.6)
    assert high == pytest.approx(ends.high / (1 - ends.high) if y else np.inf, rel=0.35)
    assert (low > 1 or high < 1) == (found.p[0, 0, 1] < 0.05)
    assert "nan for 3 of 4" in found.note


def test_a_share_of_few_counts_is_near_any_and_one_of_nothing_is_undefined():
    a, b = np.zeros((2, 3, 3))
    a[0, 2], b[0, 2], b[1, 2] = 1, 60, 40
    for few in (1, 2, 3):
        a[0, 2] = few
        found = na.compare_types(a, b, by=list("abc"))
        exact = stats.fisher_exact([[few, 0], [60, 40]]).pvalue  # 1, 0.52, 0.28
        middle = exact - stats.hypergeom.pmf(few, 100 + few, 60 + few, few) / 2
        for source in (0, 1):
            assert middle - 0.12 < found.p[0, source, 2] <= exact
            low, high = (end[0, source, 2] for end in found.interval)
            assert low < 0.3 * few  # 3 of 3 are a share of at least 0.29, by the exact interval
            assert high > 1.4
    out = na.compare_types(a, b, by=list("abc"), how="output_share")
    assert out.p[0, 0, 2] == 1  # all of it in both
    assert np.isnan([each[0, 1, 2] for each in (out.a, out.ratio, out.z, out.p, *out.interval)]).all()
    assert "in one network nothing is there to have a share of" in out.note
    assert len(out.table()) == 2
    empty = na.compare_types(np.zeros((9, 9)), np.full((9, 9), 2), by=list("abc" * 3))
    assert np.isnan(empty.p).all()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["input_share", "output_share"])
@pytest.mark.parametrize("mean", [0.3, 1, 3])
def test_shares_of_few_counts_raise_few_false_alarms(how, mean):
    rng = np.random.default_rng(0)
    options = {"by": list("abcd"), "how": how, "max_hops": 2}
    found = [na.compare_types(*rng.poisson(mean, (2, 4, 4)), **options) for _ in range(20)]
    for hops in range(2):
        p = np.concatenate([one.p[hops].ravel() for one in found])
        p = p[~np.isnan(p)]
        assert (p < 0.05).mean() < 0.05 + 2 * (0.05 * 0.95 / len(p) * 4) ** 0.5  # shares of one target hang together


@pytest.mark.slow
@pytest.mark.parametrize("how", ["input_share", "output_share"])
def test_two_draws_of_a_worm_of_two_hundred_types(how):
    net, rng = na.datasets.load("celegans_chemical"), np.random.default_rng(2)
    names = set(net.labels.tolist())
    kind = [label[:-1] if {label[:-1] + "L", label[:-1] + "R"} <= names else label for label in net.labels.tolist()]
    smallest = []
    for _ in range(150):
        a, b = (_typed(redrawn(net, rng), kind, "").amounts(how, 1, counted=True) for _ in range(2))
        smallest.append(np.nanmin(holm(two_sided(z_of_ratio(a, b, 0.0), 0).ravel())))
    assert np.mean(np.array(smallest) <= 0.05) <= 0.05


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["sum", "input_share", "mean_pair"]))
def test_order_of_nodes_storage_and_who_comes_first(seed, how):
    rng = np.random.default_rng(seed)
    a, b = circuit(rng, 12, 0.7), circuit(rng, 8, 0.7)
    found = na.compare_types(a, b, how=how, max_hops=2)
    order = rng.permutation(12)
    moved = na.Connectome(sparse.csr_array(a.weights[order][:, order]), modules=a.modules[order])
    again = na.compare_types(moved, b, how=how, max_hops=2)
    for name in ("a", "ratio", "z", "p_corrected"):
        np.testing.assert_allclose(getattr(again, name), getattr(found, name), rtol=1e-9, atol=1e-12)
    with np.errstate(divide="ignore"):
        turned = na.compare_types(b, a, how=how, max_hops=2)
        np.testing.assert_allclose(turned.z, -found.z, atol=1e-9)
        np.testing.assert_allclose(turned.interval[0], 1 / found.interval[1], rtol=1e-6)
    inside = ~np.isnan(found.z) & (found.ratio > 0) & np.isfinite(found.ratio) & (found.z != 0)
    assert ((found.interval[0] <= found.ratio) & (found.ratio <= found.interval[1]))[inside].all()


def test_two_draws_of_one_brain_differ_in_one_comparison_of_twenty(larva):
    rng = np.random.default_rng(0)
    smallest = [np.nanmin(na.compare_types(*(redrawn(larva[0], rng) for _ in range(2))).p_corrected) for _ in range(80)]
    assert np.mean(np.array(smallest) <= 0.05) < 0.05 + 2 * (0.05 * 0.95 / 80) ** 0.5


@pytest.mark.slow
@pytest.mark.parametrize("how", ["mean_target", "input_share", "output_share"])
@pytest.mark.parametrize("spread", [0, 0.1, 0.4])
def test_false_alarms_with_and_without_a_spread(larva, how, spread):
    rng, kind = np.random.default_rng(1), np.unique(larva[0].modules, return_inverse=True)[1]

    def brain():
        factor = np.exp(spread * rng.normal(size=(4, 4)))
        return larva[0].replace(weights=rng.poisson(larva[0].weights * factor[kind][:, kind]))

    hits, said = [], []
    for _ in range(200):
        alike = [brain() for _ in range(4)] if spread else None
        found = na.compare_types(brain(), brain(), how=how, max_hops=2, spread=alike)
        hits.append([np.nanmin(p) <= 0.05 for p in found.p_corrected])
        said.append(found.spread[0])
    limit = 0.05 if spread < 0.4 else 0.08  # shares do not vary as logarithms of amounts where those vary that much
    assert (np.mean(hits, axis=0) < limit + 2.5 * (0.05 * 0.95 / 200) ** 0.5).all()
    assert np.mean(hits) > 0.005
    assert np.mean(said) == pytest.approx(spread, rel=0.2)


def test_a_planted_difference_is_found_and_a_spread_as_large_hides_it():
    rng = np.random.default_rng(2)
    net, kind = circuit(rng, 40), np.array(list("abbc" * 10))
    more = net.replace(weights=net.weights * np.where((kind == "a")[:, None] & (kind == "c"), 2, 1))
    a, b = redrawn(more, rng), redrawn(net, rng)
    found = na.compare_types(a, b, how="mean_target")
    assert found.table().loc[0, ["source", "target"]].tolist() == ["a", "c"]
    assert found.table().p_corrected[0] < 1e-6
    low, high = (end[0, 0, 2] for end in found.interval)
    assert low < 2 < high

    def unlike():
        factor = np.exp(0.7 * rng.normal(size=(3, 3)))
        place = np.searchsorted(list("abc"), kind)
        return net.replace(weights=rng.poisson(net.weights * factor[place][:, place]))

    wide = na.compare_types(a, b, how="mean_target", spread=[unlike() for _ in range(5)])
    assert wide.spread[0] == pytest.approx(0.7, rel=0.4)
    assert wide.n_spread == 36
    assert wide.p_corrected[0, 0, 2] > 0.05


def test_left_and_right_of_a_larva(larva):
    found = na.compare_types(*larva, how="mean_target").table().set_index(["source", "target"])
    sums = [aggregate(side, how="mean_target") for side in larva]
    k, o, p = (sums[0].labels.tolist().index(name) for name in ("Kenyon cell", "output neuron", "projection neuron"))
    pair = found.loc[("projection neuron", "Kenyon cell")]
    assert pair.ratio == pytest.approx(sums[0].weights[p, k] / sums[1].weights[p, k])
    assert pair.p_corrected > 0.05
    between = found.loc[("output neuron", "output neuron")]
    assert between.ratio == pytest.approx(sums[0].weights[o, o] / sums[1].weights[o, o])
    assert between.high < 0.3  # four times as many synapses on the right


def test_sides_of_eight_worms_are_alike_and_a_larva_is_no_adult():
    worms = na.datasets.load("celegans_witvliet")
    side = np.array([str(label)[-1] for label in worms.labels])
    halves = [tuple(subset(worm, side == s) for s in "LR") for worm in worms]
    grown = na.compare_types(worms[0], worms[7], how="mean_target", spread=halves)
    assert grown.spread[0] < 0.1  # types of both sides differ by little more than counting does
    assert grown.n_spread > 100
    assert (grown.table().p_corrected < 0.05).sum() > 10  # an adult has several times the synapses of a hatchling
    adults = na.compare_types(worms[6], worms[7], spread=halves)
    assert np.nanmin(adults.p_corrected) > 0.05


def test_trained_networks_have_the_spread_of_their_seeds():
    trained = na.datasets.load("l1_one_strength")
    rows = np.flatnonzero((trained.table.gamma == 0.01) & (trained.table.epoch == 9))
    nets, kind = [trained[k] for k in rows], np.arange(100) % 4
    options = {"by": kind, "how": "mean_pair", "max_hops": 2}
    with pytest.raises(ValueError, match="weights that are no counts"):
        na.compare_types(nets[0], nets[1], **options)
    smallest = []
    for k in range(0, 20, 2):
        rest = [net for j, net in enumerate(nets) if j not in (k, k + 1)][::3]
        found = na.compare_types(nets[k], nets[k + 1], spread=rest, **options)
        assert found.noise == "none"
        smallest.append(np.nanmin(found.p_corrected, axis=(1, 2)))
    assert np.mean(np.array(smallest) <= 0.05) <= 0.25
    logs = np.array([np.log(_typed(net, kind, "").amounts("mean_pair", 1, counted=False).value) for net in rest])
    assert found.spread[0] == pytest.approx(np.sqrt(logs.var(axis=0, ddof=1).mean()), rel=1e-9)
    other = na.compare_types(nets[0], nets[0].replace(weights=3 * nets[0].weights), spread=rest, **options)
    np.testing.assert_allclose(other.z[0], -np.log(3) / (np.sqrt(2) * other.spread[0]))


def test_types_of_one_network_alone_and_zeros():
    a = na.Connectome([[0, 5, 0], [0, 0, 4], [0, 0, 0]], modules=["x", "y", "only"])
    b = na.Connectome([[0, 0, 2], [3, 0, 0], [0, 0, 0]], modules=["x", "y", "other"])
    found = na.compare_types(a, b, how="sum")
    assert (found.types.tolist(), found.only_a, found.only_b) == (["x", "y"], ("only",), ("other",))
    assert np.isposinf(found.ratio[0, 0, 1])
    assert found.ratio[0, 1, 0] == 0
    assert found.interval[0][0, 1, 0] == 0
    assert len(found.table()) == 2
    assert na.compare_types(a, a, how="sum").z[0, 1, 2] == 0
    alone = na.compare_types(a, a, by=["x", "y", "y"])  # all of y's input may come from x, a share that cannot vary
    assert not np.isnan(alone.p[alone.a > 0]).any()


def test_refusals():
    a = na.Connectome([[0, 1.5], [0, 0]], modules=["x", "y"])
    counts = na.Connectome([[0, 1], [0, 0]], modules=["x", "y"])
    for bad, words in [
        ({"a": a, "b": counts}, "weights that are no counts"),
        ({"a": a, "b": counts, "noise": "poisson"}, "the weights of a are no whole numbers"),
        ({"a": counts, "b": np.ones((2, 2))}, "b is no Connectome with modules"),
        ({"a": counts, "b": counts, "by": ["x"]}, "by must have one entry per node"),
        ({"a": counts, "b": counts, "how": "mean"}, "how must be"),
        ({"a": counts, "b": counts, "noise": "thinning"}, "noise must be"),
        ({"a": counts, "b": counts.replace(modules=["u", "v"])}, "types in common"),
        ({"a": np.ones((2, 2, 2)), "b": counts}, "two by two"),
        ({"a": counts, "b": counts, "spread": [counts]}, "at least two networks"),
        ({"a": a, "b": a, "spread": [a, a]}, "networks that differ"),
        ({"a": counts, "b": counts, "max_hops": 0}, "max_hops"),
    ]:
        with pytest.raises(ValueError, match=words):
            na.compare_types(**bad)


def test_a_pair_is_not_its_own_spread():
    left, right = (na.datasets.load(f"drosophila_larva_mb_{side}") for side in ("left", "right"))
    with pytest.raises(ValueError, match="spread must hold other networks than a and b"):
        na.compare_types(left, right, spread=[left, right])


def test_shares_that_differ_by_rounding_do_not_differ():
    """0.1 three times is not 0.3 to the last bit, and few counts are drawn to one half by more than many."""
    share, few, many = (np.array([x]) for x in (0.1, 8.0, 1000.0))
    for ratio in (3.0, 1 / 3.0, 7.0, 0.7):
        for wholes in ((few, many), (many, few)):
            for ulp in (-1, 0, 1):
                value = ratio * share * (1 + ulp * 2.3e-16)
                a, b = (Amounts(v, v / n, np.ones(1), n) for v, n in zip((value, share), wholes, strict=True))
                assert z_of_ratio(a, b, 0.01, ratio) == 0
