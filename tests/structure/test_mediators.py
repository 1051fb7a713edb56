"""Mediators against enumeration, lifted powers, removal and values worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import netanalysis as na
from netanalysis._core.pvalues import maximum_p, p_value

A = np.array([[0, 2, -1, 0], [0, 0.5, 3, -1], [0, -2, 0, 4], [0, 0, 0, 0]])
forms = pytest.mark.parametrize("form", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])


def walks(w, sources, targets, hops):
    """Every walk of so many hops, with its signed weight."""
    found = [((i,), 1.0) for i in sources]
    for _ in range(hops):
        found = [((*p, int(j)), x * w[p[-1], j]) for p, x in found for j in np.flatnonzero(w[p[-1]])]
    return [(p, x) for p, x in found if p[-1] in targets]


def random_signed(rng, n=6):
    """With self-connections and cycles."""
    return rng.normal(size=(n, n)) * (rng.random((n, n)) < 0.45)


def lifted(w):
    plus, minus = np.maximum(w, 0), np.maximum(-w, 0)
    return np.block([[plus, minus], [minus, plus]])


@forms
@pytest.mark.parametrize("ends", [([0, 1], [3, 4, 5]), ([0, 1, 2, 5], [4])])
@pytest.mark.parametrize("count", [5, pytest.param(25, marks=pytest.mark.slow)])
def test_enumeration_of_random_signed_networks_with_loops(form, ends, count):
    rng = np.random.default_rng([len(ends[0]), form is np.asarray])
    for _ in range(count):  # times two ends and two forms
        w = random_signed(rng)
        kind = np.array(list("xyxyzz"))
        paths = na.pathways(form(w), inputs=ends[0], outputs=ends[1], max_hops=4)
        node, group = paths.through(per="pair"), paths.through(kind)
        met, of_group = paths.through(at="any"), paths.through(kind, at="any")
        edge = paths.through(of="connections")
        place = {tuple(e): k for k, e in enumerate(edge.names.tolist())}
        want = {
            name: np.zeros((2, *r.gross.shape))
            for name, r in [("node", node), ("group", group), ("met", met), ("of_group", of_group), ("edge", edge)]
        }
        total = np.zeros(node.total.shape)
        for h in range(5):
            for p, x in walks(w, *ends, h):
                sign, size = int(x < 0), abs(x)
                i, j = ends[0].index(p[0]), ends[1].index(p[-1])
                total[h, i, j] += size
                for t, m in enumerate(p):
                    want["node"][sign, h, t, i, j, m] += size
                    want["group"][sign, h, t, "xyz".index(kind[m])] += size
                    if t:
                        want["edge"][sign, h, t - 1, place[p[t - 1], m]] += size
                want["met"][sign, h, list(set(p))] += size
                want["of_group"][sign, h, ["xyz".index(k) for k in set(kind[list(p)])]] += size
        for name, got in [("node", node), ("group", group), ("met", met), ("of_group", of_group), ("edge", edge)]:
            for sign, values in enumerate((got.excitatory, got.inhibitory)):
                np.testing.assert_allclose(
                    np.nan_to_num(values), want[name][sign], rtol=1e-10, atol=1e-12, err_msg=name
                )
        np.testing.assert_allclose(node.total, total, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(np.nan_to_num(node.net[:, 0].sum(-1)), paths.maps, atol=1e-12)


@forms
def test_the_example_by_hand(form):
    paths = na.pathways(form(A), inputs=[0], outputs=[3], max_hops=3)
    first, second = paths.through(at=1, hops=3), paths.through(at=2, hops=3)
    assert first.total.tolist() == [27]
    assert first.gross[0, 1:3].tolist() == [25, 2]
    assert first.excitatory[0, 1:3].tolist() == [24, 0]
    assert first.inhibitory[0, 1:3].tolist() == [1, 2]
    assert first.net[0, 1:3].tolist() == [23, -2]
    assert second.gross[0, 1:3].tolist() == [3, 24]
    assert second.excitatory[0, 1:3].tolist() == [0, 24]
    assert second.inhibitory[0, 1:3].tolist() == [3, 0]
    assert second.net[0, 1:3].tolist() == [-3, 24]
    b = [[0, 1, -1, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]]
    both = na.pathways(form(b), inputs=[0], outputs=[3], max_hops=2).through(at=1, hops=2)
    assert both.total.tolist() == [2]
    assert both.net.sum() == 0
    assert both.share[0, 1:3].tolist() == [0.5, 0.5]
    assert (both.excitatory.sum(), both.inhibitory.sum()) == (1, 1)


@forms
def test_any_step_is_no_sum_of_steps_nor_of_nodes(form):
    paths = na.pathways(form(A), inputs=[0], outputs=[3], max_hops=3)
    met = paths.through(at="any", hops=3)
    assert met.gross.tolist() == [[27, 27, 26, 27]]
    assert np.nansum(paths.through(hops=3).gross[0, :, 1]) == 28
    assert paths.through({"both": [1, 2]}, at="any", hops=3).gross.item() == 27
    carried = paths.through(of="connections", at=2, hops=3)
    assert carried.gross[0, carried.names.tolist().index([1, 2])] == 24


@forms
@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_any_step_is_the_flow_minus_the_flow_without_the_node(form, seed):
    w = random_signed(np.random.default_rng(seed))
    ends = {"inputs": [0, 1], "outputs": [1, 5], "max_hops": 4}
    whole = na.pathways(form(w), **ends)
    met = whole.through(at="any")
    for m in range(6):
        without = w.copy()
        without[m] = without[:, m] = 0
        start, stop = ([0 if k == m else 1.0 for k in nodes] for nodes in (ends["inputs"], ends["outputs"]))
        power, rest = np.eye(12), []
        for _ in range(5):
            halves = power[:6].reshape(6, 2, 6)
            rest.append([(start @ halves[[0, 1], s][:, [1, 5]] @ stop) for s in (0, 1)])
            power = power @ lifted(without)
        rest = np.array(rest)
        total = np.array([na.pathways(form(np.abs(w)), **ends).maps.sum((1, 2))]).T
        np.testing.assert_allclose(met.gross[:, m : m + 1], total - rest.sum(1, keepdims=True), atol=1e-12)
        all_signs = np.stack([met.excitatory[:, m] + rest[:, 0], met.inhibitory[:, m] + rest[:, 1]], 1)
        np.testing.assert_allclose(all_signs[:, 0] - all_signs[:, 1], whole.maps.sum((1, 2)), atol=1e-12)


@forms
@pytest.mark.filterwarnings("ignore:share is nan:netanalysis.UndefinedWarning")
@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.sampled_from([None, "input", "output", "pair"]))
def test_shares_sum_to_one_at_every_hop_and_step(form, seed, per):
    rng = np.random.default_rng(seed)
    w, ends = random_signed(rng), (rng.normal(size=(2, 6)), rng.normal(size=(6, 3)))
    paths = na.pathways(form(w), inputs=ends[0], outputs=ends[1], max_hops=3)
    carried = paths.through(per=per)
    whole = carried.share.sum(-1)
    for h, t in np.ndindex(4, 4):
        flowing = carried.total[h] > 0
        np.testing.assert_allclose(whole[h, t][flowing], 1 if t <= h else np.nan)
        assert np.isnan(whole[h, t][~flowing]).all()


@forms
def test_weights_at_the_ends_count_with_their_signs(form):
    rng = np.random.default_rng(3)
    w, w_in, w_out = random_signed(rng), rng.normal(size=(2, 6)), rng.normal(size=(6, 3))
    paths = na.pathways(form(w), inputs=w_in, outputs=w_out, max_hops=3, alpha=-0.5, normalize=2.0)
    carried = paths.through(per="pair")
    assert carried.hops.tolist() == [2, 3, 4, 5]
    np.testing.assert_allclose(carried.net[:, 0].sum(-1), paths.maps, atol=1e-14)
    ahead, behind = np.abs(w_in) @ np.abs(w), np.abs(w) @ np.abs(w) @ np.abs(w_out)
    np.testing.assert_allclose(carried.gross[3, 1], 0.25**5 * ahead[:, None, :] * behind.T[None], rtol=1e-12)
    grouped = paths.through(per="pair", modules_in=["a", "a"], modules_out=[7, 2**62, 7])
    assert grouped.outputs.tolist() == [7, 2**62]
    np.testing.assert_allclose(grouped.gross[:, :, 0, 0], carried.gross[..., [0, 2], :].sum((2, 3)), rtol=1e-12)


def test_signs_do_not_cancel():
    w = [[0, 1e9, 1, 0], [0, 0, 0, 1e9], [0, 0, 0, -1], [0, 0, 0, 0]]
    carried = na.pathways(w, inputs=[0], outputs=[3], max_hops=2).through(at=1, hops=2)
    assert carried.inhibitory.sum() == 1


def test_shares_are_those_of_the_summed_flow():
    w = np.zeros((5, 5))
    w[0, 2], w[1, 2], w[1, 3], w[2, 4], w[3, 4] = 1, 9, 90, 1, 1
    paths = na.pathways(w, inputs=[0, 1], outputs=[4], max_hops=2)
    assert paths.through(at=1, hops=2).share[0, 2] == pytest.approx(0.1, rel=1e-14)
    each = paths.through(at=1, hops=2, per="input").share[0, :, 2]
    assert each.mean() == pytest.approx(0.5454545454545454, rel=1e-14)


def test_the_damped_sum_through_a_node_has_a_closed_form():
    w = np.array([[0, 0.5, 0, 0.2], [0.5, 0, 0.5, 0], [0, 0, 0, 0.4], [0, 0.3, 0, 0]])
    paths = na.pathways(w, inputs=[0], outputs=[3], max_hops=120)
    m = np.linalg.inv(np.eye(4) - w)
    assert paths.through(at="any").gross[:, 1].sum() == pytest.approx(m[0, 1] * m[1, 3] / m[1, 1], rel=1e-12)
    assert m[0, 1] * m[1, 3] / m[1, 1] == pytest.approx(0.2545454545454545)
    every_visit = np.nansum(paths.through().gross[..., 1])
    assert every_visit == pytest.approx(m[0, 1] * m[1, 3], rel=1e-12)
    assert every_visit == pytest.approx(0.3856749, abs=1e-7)


def test_types_in_the_middle_are_those_of_the_walks():
    w = np.zeros((4, 4))
    w[0, 1] = w[2, 3] = 1
    carried = na.pathways(w, inputs=[0], outputs=[3], max_hops=2).through(list("ABBC"))
    assert np.nansum(carried.gross) == 0
    with pytest.warns(na.UndefinedWarning, match="share is nan for 18 of 27 values: nothing flows") as caught:
        assert np.isnan(carried.share).all()
    assert len(caught) == 1
    assert len(carried.table()) == 0


def test_names_and_table():
    ids = np.array([2**63 + 5, 2**63 + 1, 720575940600000001, 720575940600000003], dtype=np.uint64)
    paths = na.pathways(na.Connectome(A, labels=ids), inputs=[0], outputs=[3], max_hops=3)
    carried = paths.through()
    assert carried.names.dtype == np.uint64
    assert carried.names.tolist() == ids.tolist()
    rows = paths.through(hops=3, per="pair").table()
    assert rows.input.tolist() == [2**63 + 5] * 6
    assert set(rows.mediator) == set(ids.tolist())
    edges = paths.through(hops=3, at=2, of="connections").table()
    assert [edges.source[0], edges.target[0]] == [2**63 + 1, 720575940600000001]
    assert edges.gross.tolist() == [24, 2, 1]
    assert repr(carried).startswith("<Mediators")


@pytest.mark.filterwarnings("ignore:share is nan:netanalysis.UndefinedWarning")
@pytest.mark.parametrize("at", [None, 1, "any"])
def test_a_stack_equals_the_loop(at):
    rng = np.random.default_rng(0)
    stack = np.stack([random_signed(rng) for _ in range(6)]).reshape(2, 3, 6, 6)
    options = {"inputs": [0, 2], "outputs": [1], "max_hops": 3, "normalize": "spectral_radius"}
    got = na.pathways(stack, **options).through(list("aabbbc"), at=at, per="input")
    for k in np.ndindex(2, 3):
        one = na.pathways(stack[k], **options).through(list("aabbbc"), at=at, per="input")
        for name in ("excitatory", "inhibitory", "total", "share"):
            np.testing.assert_allclose(getattr(got, name)[k], getattr(one, name), rtol=1e-12)


def test_a_large_sparse_network_as_scipy_multiplies_it():
    rng = np.random.default_rng(1)
    n = 3000
    w = sparse.random_array((n, n), density=0.003, rng=rng, data_sampler=rng.standard_normal).tocsr()
    groups, inputs, outputs = np.arange(n) % 70, np.arange(40), np.arange(100, 130)
    paths = na.pathways(w, inputs=inputs, outputs=outputs, max_hops=3)
    carried, met = paths.through(groups, per="input", hops=3), paths.through(groups, at="any", hops=3)
    size = abs(w)
    ahead, behind = size[inputs].toarray(), (size @ (size @ np.isin(np.arange(n), outputs).astype(float)))
    flow = ahead * behind
    expected = np.stack([flow[:, groups == g].sum(1) for g in range(70)], 1)
    np.testing.assert_allclose(carried.gross[0, 1], expected, rtol=1e-10)
    np.testing.assert_allclose(carried.net[0, 1].sum(-1), paths.maps[3].sum(1), rtol=1e-8, atol=1e-8)
    keep = groups != 5
    left = np.isin(np.arange(n), inputs).astype(float) * keep
    for _ in range(3):
        left = (left @ size) * keep
    assert met.gross[0, 5] == pytest.approx(met.total[0] - left[outputs].sum(), rel=1e-10)
    assert paths.through(groups, per="output", hops=3).gross.sum(-2)[0, 2] == pytest.approx(
        carried.gross.sum(-2)[0, 2], rel=1e-10
    )


def test_corrected_p_by_hand_and_by_a_loop():
    null = np.array([[4, 1, 2], [1, 3, 2], [6, 0, 1], [2, 2, 2]])
    np.testing.assert_allclose(maximum_p([5, 3, 3], null, "greater"), [0.4, 0.8, 0.8])
    np.testing.assert_allclose(p_value([5, 3, 3], null.T, "greater"), [0.4, 0.4, 0.2])  # each by itself
    rng = np.random.default_rng(2)
    observed, null = rng.normal(size=(2, 5)), rng.normal(size=(2, 19, 5))
    for side, turn in (("greater", np.asarray), ("less", np.negative), ("two-sided", np.abs)):
        got = maximum_p(observed, null, side)
        for i, m in np.ndindex(2, 5):
            beaten = sum(max(turn(null[i, r])) >= turn(observed[i, m]) for r in range(19))
            assert got[i, m] == pytest.approx((beaten + 1) / 20)
    null[:, :, 3] = np.nan
    assert np.isnan(maximum_p(observed, null, "greater")[:, 3]).all()


@pytest.mark.slow
def test_the_corrected_p_of_relabelled_networks_is_uniform():
    def relabelled(net, rng):
        order = rng.permutation(12)
        return net[order][:, order]

    rng = np.random.default_rng(4)
    smallest = []
    for _ in range(60):
        w = rng.lognormal(size=(12, 12)) * (rng.random((12, 12)) < 0.3)
        test = na.mediator_test(
            w,
            relabelled,
            inputs=[0, 1],
            outputs=[10, 11],
            max_hops=2,
            hops=2,
            at=1,
            n_nulls=19,
            rng=rng,
            alternative="greater",
        )
        if not np.isnan(test.p_corrected).all():
            smallest.append(np.nanmin(test.p_corrected))
    hits = np.mean(np.array(smallest) <= 0.2)
    assert 0.04 < hits < 0.37  # 0.2, three standard deviations either way


def test_a_planted_relay_is_found():
    rng = np.random.default_rng(5)
    w = (rng.random((30, 30)) < 0.2).astype(float)
    w[:5, 12] = w[12, 25:] = 1
    net = na.Connectome(w, modules=["in"] * 5 + ["mid"] * 20 + ["out"] * 5)
    ends = {"inputs": "in", "outputs": "out", "max_hops": 2, "hops": 2, "at": 1, "n_nulls": 99, "rng": 0}
    test = na.mediator_test(net, "erdos_renyi", **ends)
    assert test.names[np.nanargmax(test.z)] == 12
    assert test.p_corrected[0, 12] <= 0.05
    assert (np.nan_to_num(test.p_corrected, nan=1) >= np.nan_to_num(test.p, nan=0) - 0.02).all()
    again = na.mediator_test(net, "erdos_renyi", **ends)
    np.testing.assert_array_equal(test.p_corrected, again.p_corrected)
    pairs = na.mediator_test(
        net, "weight_shuffle", groups=net.modules, of="connections", value="gross", **(ends | {"n_nulls": 9})
    )
    assert pairs.names.shape[1] == 2
    assert pairs.observed.shape == pairs.p_corrected.shape


def test_refusals():
    paths = na.pathways(A, inputs=[0], outputs=[3], max_hops=3)
    for bad, words in [
        ({"at": 4}, "at must be a step from 0 to 3"),
        ({"at": "all"}, "at must be None"),
        ({"hops": 9}, "hops must be among"),
        ({"per": "both"}, "per must be"),
        ({"groups": ["a", "b"]}, "groups must have one entry per node"),
        ({"groups": {"none": []}}, r"groups\['none'\]"),
        ({"groups": {}}, "empty mapping"),
        ({"modules_in": ["a"]}, "per='input'"),
        ({"of": "edges"}, "of must be one of"),
        ({"of": "connections", "at": "any"}, "for nodes and groups"),
        ({"of": "connections", "groups": {"a": [1]}}, "every node once"),
    ]:
        with pytest.raises(ValueError, match=words):
            paths.through(**bad)
    with pytest.raises(ValueError, match="carry no network"):
        na.Pathways(paths.maps, paths.hops, 1.0, 1.0).through()
    with pytest.raises(ValueError, match="one by one"):
        na.pathways(np.stack([A, A]), max_hops=1).through(of="connections")
    with pytest.raises(ValueError, match="those between them"):
        na.mediator_test(A, "weight_shuffle", max_hops=2, of="connections")
    big = sparse.csr_array((np.ones(2), ([0, 1], [1, 2])), shape=(200_000, 200_000))
    ring = sparse.diags_array(np.ones(200_000), format="csr") + big
    walked = na.pathways(ring, inputs=range(60), outputs=[2], max_hops=30)
    with pytest.raises(MemoryError, match='at="any"'):
        walked.through(at="any", per="input")
    many = na.pathways(ring, inputs=range(60), outputs=range(50), max_hops=30)
    with pytest.raises(MemoryError, match=r"walks from 50 outputs .* 200000 nodes would take 4\.62 GiB"):
        many.through(at=1, hops=30, per="pair")


def test_many_weak_paths_are_not_dropped():
    w = np.zeros((102, 102))
    w[0, 1:101], w[1:101, 101] = 0.01, 0.005
    paths = na.pathways(w, inputs=[0], outputs=[101], max_hops=2)
    assert paths.maps[2, 0, 0] == pytest.approx(0.005)
    assert paths.through(at=1, hops=2).gross.sum() == pytest.approx(0.005)
    assert na.strongest_paths(w, inputs=[0], outputs=[101], max_hops=2).strengths[0] == pytest.approx(5e-5)
    assert na.strongest_paths(w, inputs=[0], outputs=[101], max_hops=2).tied


def test_a_test_has_a_table_and_a_note():
    net = na.Connectome(A, labels=list("abcd"))
    ends = {"inputs": [0], "outputs": [3], "max_hops": 3, "n_nulls": 19, "rng": 0}
    test = na.mediator_test(net, "weight_shuffle", hops=[2, 3], **ends)
    table = test.table()
    assert table.columns.tolist() == [
        "hops", "step", "mediator", "share", "null_mean", "null_std", "z", "p", "p_corrected",
    ]  # fmt: skip
    row = table.query("hops == 3 and step == 1 and mediator == 'b'").iloc[0]
    assert row.share == pytest.approx(25 / 27)
    assert row.p_corrected == test.p_corrected[1, 1, 1]
    corrected = table.query("hops == 3 and step == 1").p_corrected.dropna().to_numpy()
    assert (np.diff(corrected) >= 0).all()
    assert "z is nan" in test.note or "observed is nan" in test.note
    each = na.mediator_test(net, "weight_shuffle", at=1, per="pair", value="gross", **(ends | {"outputs": [2, 3]}))
    assert each.table().columns.tolist()[:4] == ["hops", "input", "output", "mediator"]
    assert set(each.table().output) == {"c", "d"}
    pairs = na.mediator_test(net, "weight_shuffle", at=1, of="connections", groups=list("xyyz"), **ends)
    assert pairs.table().columns.tolist()[1:3] == ["source", "target"]


@pytest.mark.slow
@pytest.mark.parametrize("alternative", ["greater", "two-sided"])
def test_p_of_a_mediator_is_uniform_where_labels_are_permuted(alternative):
    def relabelled(net, rng):
        order = rng.permutation(9)
        return net[order][:, order]

    rng, p = np.random.default_rng([6, alternative == "greater"]), []
    options = {"inputs": [0, 1], "outputs": [7, 8], "max_hops": 2, "hops": 2, "at": 1, "n_nulls": 19}
    for _ in range(1000):
        test = na.mediator_test(rng.lognormal(size=(9, 9)), relabelled, alternative=alternative, rng=rng, **options)
        p.append([test.p[0, 4], np.nanmin(test.p_corrected)])
    for values, steps in zip(np.array(p).T, (20 if alternative == "greater" else 10, 20), strict=True):
        grid = np.arange(1, steps + 1) / steps  # p has these values only; between them both distributions are flat
        empirical = (values[:, None] <= grid + 1e-9).mean(axis=0)
        assert np.abs(empirical - grid).max() < 1.63 / 1000**0.5  # Kolmogorov-Smirnov at 1 %


def test_groups_that_are_not_connected_have_no_connections_to_test():
    with pytest.raises(ValueError, match="no two groups are connected"):
        na.mediator_test(np.zeros((3, 3)), "erdos_renyi", max_hops=1, groups=[0, 0, 1], of="connections", n_nulls=9)
