"""summarize: one tidy row per network and measure, the same for any way of computing it."""

import json
import signal
import subprocess
import sys
from functools import partial

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import netanalysis as na
from netanalysis.table.summary import MEASURES, Measure, summarize

FAST = ["density", "total_weight", "reciprocity", "weight_entropy", "clustering", "spectral_entropy"]


def shuffled(net, rng):
    weights = np.asarray(net)
    return rng.permutation(weights.ravel()).reshape(weights.shape)


@pytest.fixture
def stack():
    return np.random.default_rng(0).normal(size=(5, 12, 12))


def same(a, b):
    pd.testing.assert_frame_equal(a, b, check_exact=True)


quiet = partial(summarize, progress=False)


class TestMeasures:
    """The registry itself."""

    def test_every_measure_is_documented(self):
        for name, measure in MEASURES.items():
            assert measure.definition.endswith("."), name
            assert measure.source.startswith("doi:10."), name
            assert measure.family, name
            assert set(measure.needs) <= {"distances", "modules", "dense"}, name

    @pytest.mark.filterwarnings("ignore::netanalysis.UndefinedWarning")
    def test_every_measure_takes_one_a_stack_and_signed_weights(self, stack):
        given = {"positions": np.random.default_rng(1).random((12, 3)), "modules": np.arange(12) % 3}
        nets = na.Connectome(stack[:3], **given)
        for name, measure in MEASURES.items():
            assert measure.unmet(nets) == "", name
            together = measure(nets)
            assert together.shape == (3,), name
            loop = [measure(na.Connectome(w, **given)) for w in stack[:3]]
            np.testing.assert_allclose(together, loop, rtol=1e-9, err_msg=name)

    @pytest.mark.filterwarnings("ignore::netanalysis.UndefinedWarning")
    def test_magnitudes_are_used_exactly_where_the_definition_says_so(self, stack):
        given = {"positions": np.random.default_rng(1).random((12, 3)), "modules": np.arange(12) % 3}
        signed, unsigned = na.Connectome(stack[0], **given), na.Connectome(np.abs(stack[0]), **given)
        for name, measure in MEASURES.items():
            differs = not np.isclose(measure(signed), measure(unsigned), rtol=1e-9, equal_nan=True)
            assert differs == ("signed W" in measure.definition), name
            if not differs:
                assert any(word in measure.definition for word in ("|", "w != 0")), name

    def test_values_of_a_small_network(self):
        w = np.array([[2.0, -1, 0], [3, 0, 1], [0, 0, 0]])
        net = na.Connectome(w, positions=[[0.0], [1], [3]], modules=[0, 0, 1])
        k, s = np.array([2, 3, 1.0]), np.array([4, 5, 1.0])
        expected = {
            "density": 3 / 6,
            "total_weight": 7,
            "self_connection_share": 2 / 7,
            "reciprocity": 2 / 3,
            "degree_heterogeneity": np.mean(k**2) / np.mean(k) ** 2,
            "strength_heterogeneity": np.mean(s**2) / np.mean(s) ** 2,
            "path_length_binary": (1 + 1 + 1 + 2) / 4,
            "efficiency_binary": (1 + 1 + 1 + 0.5) / 6,
            "path_length": (1 + 1 / 3 + 1 + 2) / 4,
            "weight_entropy": (-(1 / 3) * np.log2(1 / 3) - (2 / 3) * np.log2(2 / 3) + 2 - 0.75 * np.log2(3)) / 3,
            "weight_entropy_no_self": (2 - 0.75 * np.log2(3)) / 3,
            "weight_distance_correlation": np.corrcoef([1, 3, 1], [1, 1, 2])[0, 1],
            "weight_distance_correlation_with_self": np.corrcoef([2, 1, 3, 1], [0, 1, 1, 2])[0, 1],
            "connection_distance": 4 / 3,
            # Known modules {0, 1} and {2}: weight inside 6; out-strengths 3, 4, 0; in-strengths 5, 1, 1.
            "modularity_known": (6 - (7 * 6 + 0 * 1) / 7) / 7,
            # Node 1 has 4 of its 5 in one module. Strengths without self-connections are 4, 5, 1, their mean 10 / 3.
            "mean_participation": (1 - (4**2 + 1**2) / 5**2) / 3,
            "core_quality": (4 + 5 - 2 * 10 / 3) / 5,
        }
        for name, value in expected.items():
            assert MEASURES[name](net) == pytest.approx(value, rel=1e-12), name

    def test_sparse_networks_give_the_same_values(self, directed):
        given = {"positions": np.random.default_rng(1).random((30, 3)), "modules": np.arange(30) % 3}
        dense = na.Connectome(directed, **given)
        thin = na.Connectome(sparse.csr_array(directed), **given)
        for name, measure in MEASURES.items():
            np.testing.assert_allclose(measure(thin), measure(dense), rtol=1e-7, err_msg=name)

    @pytest.mark.filterwarnings("ignore::netanalysis.UndefinedWarning")
    def test_empty_and_tiny_networks_have_a_value_or_nan(self):
        for w in (np.zeros((4, 4)), [[0.0]], [[1.0]], [[0.0, 1], [0, 0]]):
            net = na.Connectome(w, positions=np.arange(len(w))[:, None] * 1.0, modules=np.arange(len(w)) % 2)
            for name, measure in MEASURES.items():
                assert np.ndim(measure(net)) == 0, name


class TestTable:
    """What goes in and what comes out."""

    def test_one_row_per_network_and_measure(self, directed):
        net = na.Connectome(
            directed,
            name="worm",
            metadata={"species": "C. elegans", "licence": "MIT", "doi": "10.1/x", "age": np.int64(3)},
            history=("absolute",),
        )
        table = quiet([net, directed], FAST, metadata=["age"])
        assert list(table["network"]) == ["worm"] * 6 + ["network 1"] * 6
        assert list(table["measure"]) == FAST * 2
        row = table.iloc[0]
        assert row["value"] == net.density
        assert (row["species"], row["licence"], row["doi"], row["age"]) == ("C. elegans", "MIT", "10.1/x", 3)
        assert (row["history"], row["n_nodes"], row["n_nulls"], row["null"]) == ("absolute", 30, 0, None)
        assert row["definition"] == MEASURES["density"].definition
        assert row["source"].startswith("doi:")
        assert np.isnan(row["p"])

    def test_every_collection(self, stack, tmp_path):
        path = tmp_path / "net.npz"
        na.save(na.Connectome(stack[0]), path)
        value = quiet(stack[0], ["total_weight"])["value"][0]
        assert value == pytest.approx(np.abs(stack[0]).sum())
        ways = {
            "array": stack[0],
            "nested": stack[0].tolist(),
            "sparse": sparse.csr_array(stack[0]),
            "frame": pd.DataFrame(stack[0]),
            "mapping": {"a": stack[0]},
            "generator": (w for w in stack[:1]),
            "path": path,
            "text": str(path),
            "paths": [path],
        }
        for name, networks in ways.items():
            table = quiet(networks, ["total_weight"])
            assert len(table) == 1, name
            assert table["value"][0] == pytest.approx(value), name
        assert quiet(path, ["density"])["sha256"][0] is not None
        assert quiet(path, ["density"])["network"][0] == "net"
        assert list(quiet(stack, ["density"])["network"]) == [f"network [{k}]" for k in range(5)]
        pairs = quiet({"a": stack[:4].reshape(2, 2, 12, 12)}, ["density"])
        assert list(pairs["network"]) == ["a [0, 0]", "a [0, 1]", "a [1, 0]", "a [1, 1]"]
        twice = quiet([na.Connectome(stack[0], name="n"), na.Connectome(stack[1], name="n")], ["density"])
        assert list(twice["network"]) == ["n", "n (2)"]

    def test_nulls_are_those_of_null_test(self, stack):
        table = quiet(stack[0], ["clustering", "spectral_entropy"], null=shuffled, n_nulls=30, rng=3)
        root = np.random.SeedSequence(3)
        test = na.null_test(
            stack[0],
            na.spectral_entropy,
            shuffled,
            n_nulls=30,
            rng=np.random.SeedSequence(root.entropy, spawn_key=(0,)),
        )
        row = table.iloc[1]
        assert (row["null_mean"], row["null_std"], row["z"], row["p"]) == pytest.approx(
            (test.null_mean, test.null_std, test.z, test.p), rel=1e-12
        )
        assert (row["null_low"], row["null_high"]) == pytest.approx(test.interval, rel=1e-12)
        assert (row["null"], row["n_nulls"]) == ("shuffled", 30)

    def test_a_measure_that_does_not_apply_says_why(self, directed):
        table = quiet(directed, ["density", "connection_distance", "modularity_known"], null=shuffled, n_nulls=5)
        assert list(table["note"][1:]) == ["needs positions or distances", "needs known modules"]
        assert table["value"][1:].isna().all()
        assert table["note"][0] == "the null model keeps this measure fixed" or table["null_std"][0] > 0
        large = na.Connectome(sparse.csr_array((30000, 30000)))
        assert "dense" in quiet(large, ["spectral_entropy"])["note"][0]

    def test_a_heavy_diagonal_is_noted_where_it_counts(self):
        """Seen: Q of tracts with those within regions was 0.72, not 0.58, and nothing was said."""
        w = np.random.default_rng(0).random((12, 12)) + 5 * np.eye(12)
        for net in (w, sparse.csr_array(w)):
            table = quiet(net, ["modularity", "total_weight", "weight_entropy", "modularity_no_self", "density"])
            assert ["self-connections hold" in note for note in table["note"]] == [True, True, True, False, False]
            assert "hold 49 % of the weight and count; transform.remove_self" in table["note"][0]

    def test_rows_of_noise_are_noted_beside_the_entropy(self):
        w = 0.1 * np.eye(4) + 0.5
        w[1:3] = 1e-4
        w[3] = 0
        w[0, 3] = 6.0
        for net in (w, sparse.csr_array(w)):
            table = quiet([net, 1 - np.eye(4)], ["density", "weight_entropy", "weight_entropy_no_self"])
            assert [note[:22] for note in table["note"]] == ["", *["2 of 4 nodes have no o"] * 2, *[""] * 3]
        # Tables of null networks say so too, where nothing graver is to be said.
        assert "2 of 4" in quiet(w, ["weight_entropy"], null=na.nulls.weight_shuffle, n_nulls=9, rng=0)["note"][0]

    def test_notes_about_values(self, stack):
        undefined = quiet(np.zeros((3, 3)), ["reciprocity"]).iloc[0]
        assert np.isnan(undefined["value"])
        assert undefined["note"] == "undefined for this network: there are no connections between distinct nodes"
        kept = quiet(stack[0], ["total_weight"], null=shuffled, n_nulls=5, rng=0).iloc[0]
        assert kept["note"] == "the null model keeps this measure fixed"
        rare = {"rare": lambda net: np.nan if np.asarray(net)[0, 0] > 0 else 1.0}
        row = quiet(
            -np.abs(stack[0]) + np.eye(12) * 0,
            rare,
            null=lambda net, rng: net.weights * rng.choice([-1, 1]),
            n_nulls=40,
            rng=0,
        ).iloc[0]
        assert 0 < row["n_undefined"] < 40
        assert row["note"] == f"undefined for {row['n_undefined']} of 40 null networks"

    def test_functions_of_ones_own(self, stack):
        table = quiet(stack, {"corner": lambda net: net.weights[0, 1], "density": MEASURES["density"]})
        np.testing.assert_array_equal(table["value"][::2], stack[:, 0, 1])
        assert table["definition"][0] == "<lambda>"
        ours = quiet(stack, {"r": Measure(na.spectral_radius, "Spectral radius.")})
        np.testing.assert_allclose(ours["value"], na.spectral_radius(stack))

    def test_bad_arguments_are_refused(self, stack, tmp_path):
        with pytest.raises(
            ValueError, match=r"measures must be names of na.MEASURES; got 'densty'. Did you mean density"
        ):
            quiet(stack, ["densty"])
        with pytest.raises(TypeError, match="list of names"):
            quiet(stack, "density")
        with pytest.raises(ValueError, match="measures is empty"):
            quiet(stack, [])
        with pytest.raises(TypeError, match="null must be a function"):
            quiet(stack, FAST, null=3)
        with pytest.raises(ValueError, match=r"null must be one of .*'degree_preserving'"):
            quiet(stack, FAST, null="degree_preservation")
        with pytest.raises(ValueError, match="networks is empty"):
            quiet([], FAST)
        with pytest.raises(TypeError, match="networks must be"):
            quiet(3, FAST)
        with pytest.raises(TypeError, match=r"measures\['x'\]"):
            quiet(stack, {"x": 3})
        with pytest.raises(TypeError, match="one number per network"):
            quiet(stack, {"x": lambda net: net.weights[0]})

    @pytest.mark.parametrize("n_jobs", [1, 2])
    def test_errors_name_the_network_and_the_measure(self, stack, n_jobs):
        def picky(net):
            if net.weights[0, 0] == 7:
                raise ZeroDivisionError("no luck")
            return 1.0

        nets = stack.copy()
        nets[3, 0, 0] = 7
        with pytest.raises(ZeroDivisionError, match="no luck") as caught:
            quiet(nets, {"picky": picky}, n_jobs=n_jobs, strict=True)
        assert "measure picky" in caught.value.__notes__
        assert "network network [3]" in caught.value.__notes__
        with pytest.raises((OSError, ValueError)) as caught:
            quiet([*stack[:2], tmp_missing], ["density"], n_jobs=n_jobs, strict=True)
        assert any("missing.npz" in note or "network" in note for note in caught.value.__notes__)


tmp_missing = "missing.npz"


class TestOneNetworkNeverEndsTheRun:
    """Seen: one silent or complete network, or one bad file, ended a batch of hundreds."""

    @pytest.mark.parametrize("n_jobs", [1, 2])
    @pytest.mark.parametrize("other", [np.zeros((12, 12)), np.ones((12, 12))], ids=["silent", "complete"])
    def test_a_network_that_cannot_be_rewired_has_its_values_and_the_reason(self, other, n_jobs):
        rng = np.random.default_rng(0)
        good = rng.random((4, 12, 12)) * (rng.random((4, 12, 12)) < 0.3)
        nets = [*good[:2], other, *good[2:]]
        names = ["density", "modularity"]
        with pytest.warns(UserWarning, match=r"1 of 5 networks .* \(network 2: no null networks"):
            table = quiet(nets, names, null="degree_preserving", n_nulls=3, rng=0, n_jobs=n_jobs)
        bad = table[table["network"] == "network 2"].set_index("measure")
        assert bad.loc["density", "value"] == na.density(other)
        assert bad["null_mean"].isna().all()
        assert bad["note"]["density"].startswith("no null networks: net ")
        alone = quiet(good, names, null="degree_preserving", n_nulls=3, rng=0)
        rest = table[table["network"] != "network 2"]
        np.testing.assert_array_equal(rest["value"], alone["value"])
        np.testing.assert_array_equal(rest["null_mean"][:4], alone["null_mean"][:4])

    @pytest.mark.parametrize("n_jobs", [1, 2])
    def test_a_file_that_cannot_be_loaded_is_named_and_the_rest_is_done(self, stack, tmp_path, n_jobs):
        np.save(tmp_path / "good.npy", stack[0])
        (tmp_path / "torn.npz").write_bytes(b"PK half")
        files = [tmp_path / name for name in ("good.npy", "torn.npz", "missing.npz", "good.npy")]
        with pytest.warns(UserWarning, match=r"2 of 4 networks .*torn: not loaded: .*missing: not loaded"):
            table = quiet(files, ["density"], orientation="source_target", n_jobs=n_jobs)
        assert list(table["network"]) == ["good", "torn", "missing", "good (2)"]
        assert table["value"].isna().tolist() == [False, True, True, False]
        assert table["file"][1].endswith("torn.npz")

    def test_a_measure_that_refuses_a_network_leaves_the_others(self, stack):
        nets = [np.abs(stack[0]), stack[1]]
        with pytest.warns(UserWarning, match="network 1: not measured: "):
            table = quiet(nets, {"density": na.density, "clustering": lambda net: na.clustering(net).mean()})
        assert table["note"][3].startswith("not measured: ")
        assert table["value"].isna().tolist() == [False, False, False, True]

    def test_a_mistake_in_a_function_of_ones_own_stops_the_run(self, stack):
        with pytest.raises(AttributeError):
            quiet(stack, {"typo": lambda net: net.wieghts})

    def test_what_failed_is_tried_again_from_a_checkpoint(self, stack, tmp_path):
        np.save(tmp_path / "a.npy", stack[0])
        files, options = [tmp_path / "a.npy", tmp_path / "b.npy"], {"orientation": "source_target", "rng": 0}
        with pytest.warns(UserWarning, match="not loaded"):
            quiet(files, ["density"], checkpoint=tmp_path / "c.jsonl", **options)
        np.save(tmp_path / "b.npy", stack[1])
        table = quiet(files, ["density"], checkpoint=tmp_path / "c.jsonl", **options)
        assert table["value"].notna().all()

    def test_orientation_and_metadata_reach_the_table(self):
        stack = na.Connectome(np.random.default_rng(0).random((4, 3, 3)), metadata={"age": [8, 9, 11, 12]})
        assert quiet(stack, ["density"], metadata=["age"])["age"].tolist() == [8, 9, 11, 12]
        w = np.array([[0, 1.0, 1], [0, 0, 0], [0, 0, 0]])
        out = {"out": lambda net: na.degree(net, direction="out")[0]}
        assert quiet(w, out)["value"][0] == 2
        assert quiet(w, out, orientation="target_source")["value"][0] == 0


class TestSameAnswer:
    """Blocks, jobs, backends and order of work do not show in the table."""

    def test_a_stack_equals_the_loop(self, stack):
        together = quiet(stack, FAST, null=shuffled, n_nulls=8, rng=5)
        positions = np.random.default_rng(0).random((5, 12, 1))  # different positions: no two share a block
        apart = quiet(
            [na.Connectome(w, positions=x) for w, x in zip(stack, positions, strict=True)],
            FAST, null=shuffled, n_nulls=8, rng=5,
        )  # fmt: skip
        for column in ("value", "null_mean", "z", "p"):
            np.testing.assert_allclose(together[column], apart[column], rtol=1e-12)

    def test_one_and_two_jobs_are_bit_identical(self, stack):
        call = partial(quiet, stack, FAST, null=shuffled, n_nulls=8, rng=5)
        one = call(n_jobs=1)
        same(one, call(n_jobs=2))
        with joblib.parallel_config(backend="threading", n_jobs=2):
            same(one, call())
        alone = partial(quiet, stack[0], FAST, null=shuffled, n_nulls=40, rng=5)
        same(alone(n_jobs=1), alone(n_jobs=2))

    def test_a_measure_does_not_depend_on_the_others(self, stack):
        few = quiet(stack, ["clustering"], null=shuffled, n_nulls=8, rng=5)
        many = quiet(stack, FAST, null=shuffled, n_nulls=8, rng=5)
        many = many[many["measure"] == "clustering"].reset_index(drop=True)
        same(few, many)

    def test_networks_of_unlike_kinds_go_together(self, stack, directed):
        nets = [stack[0], directed, sparse.csr_array(directed), stack[1], na.Connectome(stack[2])]
        table = quiet(nets, ["density", "weight_entropy"], n_jobs=2)
        for k, net in enumerate(nets):
            assert table["value"][2 * k + 1] == pytest.approx(na.weight_entropy(net), rel=1e-12)


CHILD = """
import os, signal, sys
import numpy as np
from netanalysis.table.summary import summarize

calls = 0

def slow(net):
    global calls
    calls += 1
    if calls == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    with open(sys.argv[2], "a") as log:
        log.write(f"{float(net.weights[0, 0])}\\n")
    return float(net.weights.sum())

def shuffled(net, rng):
    return rng.permutation(net.weights.ravel()).reshape(net.weights.shape)

rng = np.random.default_rng(1)
networks = [rng.normal(size=(4 + k % 2, 4 + k % 2)) for k in range(20)]  # neighbours of unequal size: no blocks
summarize(networks, {"slow": slow}, null=shuffled, n_nulls=1, rng=7, checkpoint=sys.argv[1], progress=False)
"""


class TestCheckpoint:
    """A run that was killed goes on where it stopped."""

    def test_a_checkpoint_changes_nothing(self, stack, tmp_path):
        call = partial(quiet, stack, FAST, null=shuffled, n_nulls=6, rng=2, metadata=["x"])
        plain = call()
        same(plain, call(checkpoint=tmp_path / "c.jsonl"))
        same(plain, call(checkpoint=tmp_path / "c.jsonl"))

    def test_resumes_after_sigkill_without_recomputing(self, tmp_path):
        checkpoint, log = tmp_path / "c.jsonl", tmp_path / "log"
        command = [sys.executable, "-c", CHILD, str(checkpoint), str(log)]
        # Each network is measured twice, itself and its null: the 25th call falls into the 13th network.
        assert subprocess.run([*command, "25"]).returncode == -signal.SIGKILL
        whole = checkpoint.read_bytes().count(b"\n")
        assert whole == 1 + 12
        finished = {json.loads(line)["position"] for line in checkpoint.read_text().splitlines()[1:whole]}
        log.write_text("")

        subprocess.run([*command, "0"], check=True)
        observed_again = {float(line) for line in log.read_text().splitlines()}
        rng = np.random.default_rng(1)
        networks = [rng.normal(size=(4 + k % 2, 4 + k % 2)) for k in range(20)]
        assert not observed_again & {networks[k][0, 0] for k in finished}
        records = [json.loads(line) for line in checkpoint.read_text().splitlines()[1:]]
        assert sorted(r["position"] for r in records) == list(range(20))
        reference = quiet(networks, {"slow": lambda net: float(net.weights.sum())}, null=shuffled, n_nulls=1, rng=7)
        rows = [row for r in sorted(records, key=lambda r: r["position"]) for row in r["rows"]]
        assert [row["value"] for row in rows] == list(reference["value"])
        assert [row["null_mean"] for row in rows] == list(reference["null_mean"])

    def test_a_torn_last_line_is_computed_again(self, stack, tmp_path):
        path = tmp_path / "c.jsonl"
        call = partial(quiet, stack, FAST, rng=2, checkpoint=path)
        plain = call()
        lines = path.read_bytes().splitlines(keepends=True)
        for cut in (1, len(lines[-1]) - 1):
            path.write_bytes(b"".join(lines[:-1]) + lines[-1][:cut])
            same(plain, call())
            assert path.read_bytes() == b"".join(lines)
        path.write_bytes(lines[0][:9])  # killed while writing the settings
        same(plain, call())

    def test_without_rng_the_seed_in_the_file_is_used(self, stack, tmp_path):
        path = tmp_path / "c.jsonl"
        call = partial(quiet, stack, FAST, null=shuffled, n_nulls=4, checkpoint=path)
        first = call()
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[:3]))
        same(first, call())

    def test_other_settings_are_refused(self, stack, tmp_path):
        path = tmp_path / "c.jsonl"
        settings = {"null": shuffled, "n_nulls": 4, "rng": 1}
        quiet(stack, ["density"], checkpoint=path, **settings)
        before = path.read_bytes()
        for changes in ({"n_nulls": 5}, {"rng": 2}, {"null": None}, {"metadata": ["x"]}):
            with pytest.raises(ValueError, match="other settings"):
                quiet(stack, ["density"], checkpoint=path, **(settings | changes))
        with pytest.raises(ValueError, match="other settings: measures"):
            quiet(stack, ["total_weight"], checkpoint=path, **settings)
        with pytest.raises(ValueError, match="another network at position 0"):
            quiet(stack[::-1], ["density"], checkpoint=path, **settings)
        assert path.read_bytes() == before

    def test_a_file_of_something_else_is_left_alone(self, stack, tmp_path):
        for text in ("my notes\n", "my notes", '{"a": 1}\n'):
            path = tmp_path / "notes.txt"
            path.write_text(text)
            with pytest.raises(ValueError, match="no checkpoint"):
                quiet(stack, ["density"], checkpoint=path)
            assert path.read_text() == text


def test_undirected_says_so_of_arrays_too():
    """Seen: an upper triangle in memory stayed directed with undirected=True, without a word."""
    upper = np.triu(np.random.default_rng(0).random((6, 6)) < 0.5, 1).astype(float)
    table = quiet(upper, ["density", "reciprocity"], undirected=True)
    assert table["value"].tolist() == [na.density(upper + upper.T), 1.0]


def test_each_network_is_measured_with_its_own_labels_and_metadata():
    """Seen: networks measured together had the metadata of the first of them."""
    rng = np.random.default_rng(0)
    nets = [na.Connectome(rng.random((6, 6)), labels=np.arange(6) + 10 * k, metadata={"scale": k}) for k in range(3)]
    own = {"scale": lambda net: net.metadata["scale"], "label": lambda net: int(net.labels[1])}
    assert quiet(nets, own)["value"].tolist() == [0, 1, 1, 11, 2, 21]
    table = quiet(nets, ["total_weight"], null=lambda net, rng: net.weights * net.metadata["scale"], n_nulls=2, rng=0)
    np.testing.assert_allclose(table["null_mean"], [k * net.weights.sum() for k, net in enumerate(nets)])


def test_what_is_no_network_is_a_row_beside_those_that_are():
    w = np.random.default_rng(0).random((4, 4))
    with pytest.warns(UserWarning, match="2 of 3 networks"):
        table = quiet({"good": w, "nan": w * np.nan, "oblong": np.ones((2, 3))}, ["density"])
    assert table["note"].str.startswith("not loaded").tolist() == [False, True, True]


def test_names_that_come_again_stay_apart():
    nets = [na.Connectome(np.ones((2, 2)), name=name) for name in ("a", "a", "a (2)", "a")]
    assert quiet(nets, ["density"])["network"].nunique() == 4


@pytest.mark.parametrize(
    ("n_nulls", "note"), [(38, "p cannot be below 0.051 with n_nulls=38: 39 reach 0.05"), (39, "")]
)
def test_too_few_null_networks_say_so(n_nulls, note):
    """Seen: z = 43 beside p = 0.095, without a word."""
    net = na.datasets.load("celegans_gap")
    table = na.summarize(net, ["reciprocity", "clustering_binary"], null="degree_preserving", n_nulls=n_nulls, rng=0)
    assert table["note"].tolist()[1] == note
