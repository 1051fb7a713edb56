"""The report: everything on one page, nothing from elsewhere, right in a real browser."""

import importlib.util
import re
import shutil
import warnings
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import netanalysis as na
from netanalysis import choose_null, report
from netanalysis.nulls._null_test import callable_name
from netanalysis.page import _null_tests, content
from netanalysis.page.inputs import as_connectomes
from netanalysis.page.svg import render
from netanalysis.page.workers import over
from netanalysis.table.summary import summarize_with_nulls

_spec = importlib.util.spec_from_file_location("browser", Path(__file__).parent / "browser.py")
browser = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(browser)

HOSTILE = '<script>alert(1)</script> $x^2$ & "quotes" \''
MEASURES = ["density", "clustering", "efficiency", "weight_entropy", "weight_distance_correlation"]


def networks(directed, undirected, signed):
    rng = np.random.default_rng(0)
    metadata = {"species": HOSTILE, "doi": "10.1038/s41586-019-1352-7", "sha256": "ab" * 32, "unit": "mm"}
    yield na.Connectome(
        directed,
        positions=rng.normal(size=(30, 3)),
        modules=[HOSTILE if k % 3 else "motor" for k in range(30)],
        name=HOSTILE,
        metadata=metadata,
        history=["absolute"],
    )
    yield na.Connectome(undirected, name="undirected_network_with_a_long_name")
    yield na.Connectome(signed, name="trained", inputs=rng.normal(size=(3, 40)), outputs=rng.normal(size=(40, 2)))
    yield na.Connectome(sparse.csr_array(np.triu(undirected)), name="sparse")


@pytest.fixture(scope="module")
def nets():
    rng = np.random.default_rng(7)
    w = rng.lognormal(size=(30, 30)) * (rng.random((30, 30)) < 0.3)
    np.fill_diagonal(w, 0)
    return list(networks(w, np.maximum(w, w.T), rng.normal(size=(40, 40)) / np.sqrt(40)))


@pytest.fixture(scope="module")
def written(nets, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    path = report(
        nets[:3], against=nets[3], output=folder, measures=MEASURES, n_nulls=19, rng=5, progress=False, command="run me"
    )
    return path, path.read_text(encoding="utf-8")


class Elements(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.seen, self.ids = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.seen.append((tag, attrs))
        if "id" in attrs:
            self.ids.append(attrs["id"])


def test_table_is_that_of_summarize(written, nets):
    path, _ = written
    table = pd.read_csv(path.with_name("measures.csv"))
    assert list(dict.fromkeys(table["network"])) == [net.name for net in nets]
    for net in nets:
        expected = na.summarize(net, MEASURES, null=choose_null(net)[0], n_nulls=19, rng=5, progress=False)
        got = table[table["network"] == net.name]
        for column in ("value", "null_mean", "z", "p"):
            np.testing.assert_allclose(got[column], expected[column], rtol=1e-12)


def test_nothing_is_requested_from_elsewhere(written):
    _, html = written
    for tag, attrs in Elements(html).seen:
        for name in ("src", "href", "xlink:href", "data", "poster", "srcset"):
            target = attrs.get(name, "")
            if tag == "a":  # followed by the reader, not by the page
                assert target in ("", "measures.csv") or target.startswith(("#", "https://doi.org/"))
            else:
                assert target == "" or target.startswith(("#", "data:"))
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)


def test_names_and_labels_from_files_are_text(written):
    _, html = written
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; $x^2$" in html
    scripts = [attrs for tag, attrs in Elements(html).seen if tag == "script"]
    assert len(scripts) == 1


def test_ids_are_unique_and_every_anchor_leads_somewhere(written):
    _, html = written
    found = Elements(html)
    assert len(found.ids) == len(set(found.ids))
    anchors = {attrs["href"][1:] for tag, attrs in found.seen if tag == "a" and attrs.get("href", "").startswith("#")}
    assert anchors <= set(found.ids)


def test_says_what_was_done(written):
    _, html = written
    for text in ("run me", "ab" * 32, "Seed", "numpy", "degree preserving", "weight shuffle", "absolute", "19 null"):
        assert text in html
    assert 'href="https://doi.org/10.1038/s41586-019-1352-7"' in html
    for name in MEASURES:
        assert na.MEASURES[name].definition.split(" <")[0][:40] in html.replace("&lt;", "<")
    assert 'id="function"' not in html  # nothing was recorded


def test_what_cannot_be_computed_says_why(written):
    _, html = written
    assert "needs positions or distances" in html
    assert "network in space (no node positions are given)" in html


def test_figures_of_each_network(written):
    _, html = written
    first, second, third = re.findall(r'<section id="net-.*?</section>', html, re.DOTALL)
    titles = [re.findall(r"<figure[^>]*><h3>(.*?)</h3>", text) for text in (first, second, third)]
    assert titles[0][:4] == ["Weight matrix", "Network in space", "Weights", "Degrees"]
    assert "Weight and distance" in titles[0]
    assert "Weight and distance" not in titles[1]
    assert "Strengths" in titles[2]
    for shown in titles:
        assert {"Eigenvalues", "Pathways per hop", "Clustering: null distribution"} <= set(shown)
    assert "from the network’s inputs to the network’s outputs" in third


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2])
def test_same_seed_same_page_for_any_number_of_workers(nets, tmp_path, count):
    pages = []
    for jobs in (None, 2):
        path = report(
            nets[:count],
            output=tmp_path / str(jobs),
            measures=["clustering"],
            n_nulls=9,
            rng=3,
            n_jobs=jobs,
            progress=False,
            command="run me",
        )
        pages.append(path.read_text(encoding="utf-8"))
    volatile = r"\d\d \w+ \d{4}, \d\d:\d\d UTC|<dt>Time</dt><dd>.*?</dd>"
    assert re.sub(volatile, "", pages[0]) == re.sub(volatile, "", pages[1])


@pytest.mark.usefixtures("undrawn")
def test_takes_files_stacks_and_a_null_of_ones_own(tmp_path, directed):
    na.save(na.Connectome(directed, name="mine"), tmp_path / "mine.npz")

    def shuffled(weights, rng, *, twice=False):
        return rng.permutation(np.asarray(weights).ravel()).reshape(np.shape(weights))

    path = report(
        [tmp_path / "mine.npz", np.stack([directed, directed.T])],
        output=tmp_path / "out",
        measures=["clustering"],
        null=partial(shuffled, twice=True),
        n_nulls=5,
        progress=False,
    )
    html = path.read_text(encoding="utf-8")
    assert len(re.findall(r'<section id="net-', html)) == 3
    assert "<strong>shuffled</strong>" in html
    assert "mine.npz" in html


def test_what_a_worker_warns_of_is_said(nets):
    def warns(task):
        warnings.warn(f"odd: {task[0].name}", UserWarning, stacklevel=1)
        return task[1]

    with pytest.warns(UserWarning, match="odd: sparse"):
        assert over(warns, nets[3:], ["key"], what="figures", n_jobs=1, progress=False) == ["key"]


@pytest.mark.usefixtures("undrawn")
def test_the_first_network_that_cannot_be_measured_is_the_first_given(tmp_path):
    one = np.zeros((20, 20))
    one[0, 1] = 1
    given = [np.zeros((9, 9)), one]
    options = {"measures": ["density"], "null": na.nulls.degree_preserving, "n_nulls": 3, "progress": False}
    with pytest.raises(ValueError, match="got 0"):
        report(given, output=tmp_path, strict=True, **options)


@pytest.mark.usefixtures("undrawn")
def test_null_networks_are_made_once(directed, tmp_path):
    made = []

    def shuffled(weights, rng):
        made.append(1)
        return rng.permutation(np.asarray(weights).ravel()).reshape(np.shape(weights))

    options = {"measures": ["clustering", "efficiency"], "null": shuffled, "n_nulls": 7, "rng": 2, "progress": False}
    html = report(directed, output=tmp_path, n_jobs=1, **options).read_text(encoding="utf-8")
    assert len(made) == 7
    assert "Clustering: null distribution" in html


def test_shown_null_distributions_are_those_of_the_table(undirected):
    table = summarize_with_nulls(
        undirected, ["clustering", "density"], null=na.nulls.degree_preserving, n_nulls=9, rng=3, n_jobs=1,
        progress=False,
    )  # fmt: skip
    (test,) = _null_tests(table).values()  # the null keeps density
    again = na.null_test(
        na.Connectome(undirected),
        na.MEASURES["clustering"],
        na.nulls.degree_preserving,
        n_nulls=9,
        rng=np.random.default_rng(3),
    )
    np.testing.assert_array_equal(test.null_distribution, again.null_distribution)
    for name in ("observed", "null_mean", "null_std", "z", "p", "interval", "n_undefined", "n_nulls", "null"):
        assert getattr(test, name) == getattr(again, name)
    pd.testing.assert_frame_equal(
        table.drop(columns="null_values"),
        na.summarize(
            undirected, ["clustering", "density"], null=na.nulls.degree_preserving, n_nulls=9, rng=3, progress=False
        ),
    )


def test_bundled_data_sets_go_by_name():
    assert [net.name for net in as_connectomes(["celegans_chemical", np.ones((2, 2))])] == [
        "celegans_chemical",
        "network 1",
    ]
    assert as_connectomes("human_schaefer100")[0].n_nodes == 100
    assert len(as_connectomes(["distance"])) == len(na.datasets.load("distance"))
    with pytest.raises(ValueError, match="no_such_set"):
        as_connectomes("no_such_set")


def test_refuses_no_network(tmp_path):
    with pytest.raises(ValueError, match="at least one network"):
        report([], output=tmp_path)


@pytest.mark.parametrize(
    ("w", "name"),
    [
        (np.triu(np.ones((9, 9))) * (np.indices((9, 9)).sum(0) % 3 == 0), "degree_preserving"),
        (np.random.default_rng(0).normal(size=(9, 9)), "weight_shuffle"),
        (np.ones((9, 9)), "strength_preserving(sweeps=300)"),
        (np.diag(np.ones(8), 1) - np.diag(np.ones(8), -1), "sign_preserving"),
    ],
)
def test_null_model_fits_the_network(w, name):
    null, reason = choose_null(w)
    assert callable_name(null) == name
    assert reason.endswith(".")


class TestSvg:
    def draw(self, ax):
        ax.set_title("<script>alert(1)</script>")
        ax.plot([0, 1])

    def test_text_is_escaped_and_takes_the_colour_of_the_page(self):
        svg = render(self.draw, key="k", alt='"> <script>')
        assert "<script>" not in svg
        assert "fill: currentColor" in svg
        assert "DejaVu" not in svg

    def test_nothing_is_left_of_the_callers_style(self):
        import matplotlib as mpl

        plain = render(self.draw, key="k", alt="a")
        with mpl.rc_context({"font.size": 30, "axes.facecolor": "red"}):
            before = dict(mpl.rcParams)
            assert render(self.draw, key="k", alt="a") == plain
            assert dict(mpl.rcParams) == before

    def test_long_labels_are_not_cut(self):
        def draw(ax):
            ax.set_title("a label far longer than the figure is wide, for names come from files" * 2)

        width = float(re.search(r'viewBox="\S+ \S+ (\S+)', render(draw, key="k", alt="a"))[1])
        assert width > 4.4 * 72


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("doi:10.1371/journal.pone.0002051", "https://doi.org/10.1371/journal.pone.0002051"),
        ("https://doi.org/10.1038/30918.", "https://doi.org/10.1038/30918"),
        ("a book", ""),
        ('10.1/"><script>', ""),
    ],
)
def test_doi_url(text, url):
    assert content.doi_url(text) == url


def test_slugs_differ():
    assert content.slug("C. elegans!", []) == "net-c-elegans"
    assert content.slug("c elegans", ["net-c-elegans"]) == "net-c-elegans-2"
    assert content.slug("日本", []) == "net-network"


@pytest.mark.skipif(browser.CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_in_a_real_browser(written, width, dark):
    seen = browser.inspect(written[0], width=width, dark=dark)
    assert seen["console"] == []
    assert seen["page_width"] <= seen["frame_width"]
    assert seen["too_wide"] == []
    assert seen["text_outside"] == []
    assert seen["broken_images"] == 0
    assert [name for name in seen["requests"] if not name.startswith("data:")] == []
    assert seen["figures"] >= 20
    values = [float(x) for x in seen["sorted_column"]]
    assert values == sorted(values)
    light = sum(int(x) for x in re.findall(r"\d+", seen["ink"])[:3]) > 384
    assert light == dark  # figures take the colour of the page's text
    assert seen["table_is_cut"] == (seen["columns_bar"] is not None)  # what is out of view is said
    if seen["table_is_cut"]:
        first, last = seen["columns_bar"]
        assert "Columns 2–" in first
        assert first != last
        assert seen["at_the_end"] == [False, True]
    assert seen["table_takes_focus"]  # so that the arrow keys move it


@pytest.fixture(scope="module")
def groups_page(tmp_path_factory):
    rng = np.random.default_rng(3)
    groups = {"small": rng.normal(size=(5, 12, 12)), "large <&": 3 * rng.normal(size=(4, 12, 12))}
    folder = tmp_path_factory.mktemp("groups")
    names = ["density", "weight_entropy"]
    path = report(rng.normal(size=(12, 12)), groups=groups, output=folder, measures=names, n_nulls=9, progress=False)
    return groups, names, folder, path.read_text(encoding="utf-8")


class TestGroups:
    def test_tables_are_those_of_summarize_and_compare(self, groups_page):
        groups, names, folder, _ = groups_page
        table = pd.read_csv(folder / "groups.csv")
        for name, stack in groups.items():
            own = table[(table["group"] == name) & (table["measure"] == "weight_entropy")]
            assert np.allclose(own["value"], na.weight_entropy(stack), rtol=1e-12)
            assert own["null_mean"].notna().all()
        comparison = pd.read_csv(folder / "comparison.csv").set_index("measure")
        expected = na.compare(groups["large <&"], groups["small"], names).set_index("measure")
        assert np.allclose(comparison["cohen_d"], expected["cohen_d"], equal_nan=True)
        assert set(comparison["a"]) == {"large <&"}
        assert set(comparison["b"]) == {"small"}

    @pytest.mark.usefixtures("undrawn")
    def test_a_training_run_is_followed_over_epochs_and_not_compared(self, tmp_path):
        rng = np.random.default_rng(3)
        run = [na.Connectome(rng.random((8, 8)) / k, name=f"e{k}", metadata={"epoch": k}) for k in (1, 2, 5)]
        groups = {"run <1>": run, "a": rng.random((3, 8, 8)), "b": rng.random((3, 8, 8))}
        names = ["total_weight", "modularity"]
        path = report(np.ones((4, 4)), groups=groups, output=tmp_path, measures=names, n_nulls=5, progress=False)
        html = path.read_text(encoding="utf-8")
        part = html[html.index('id="groups"') : html.index('id="networks"')]
        assert part.count("over training</h3>") == 2
        assert "run &lt;1&gt; is not compared" in " ".join(part.split())
        table = pd.read_csv(tmp_path / "groups.csv")
        assert sorted(table["epoch"].dropna().unique()) == [1, 2, 5]
        comparison = pd.read_csv(tmp_path / "comparison.csv")
        assert set(comparison["a"]) | set(comparison["b"]) == {"a", "b"}

    def test_part_on_the_page(self, groups_page):
        _, _, _, html = groups_page
        part = html[html.index('id="groups"') : html.index('id="networks"')]
        assert "large &lt;&amp;" in part
        assert "large <&" not in part
        assert "5 networks (12 nodes)" in part
        assert "4 networks (12 nodes)" in part
        assert "the same in all groups: density" in part
        assert part.count("<figure>") == part.count("<svg") >= 1

    @pytest.mark.usefixtures("undrawn")
    def test_trained_networks_count_if_they_solve_their_task(self, tmp_path):
        trained = na.datasets.load("sernn")
        path = report(
            np.ones((3, 3)),
            groups={"sernn": trained},
            output=tmp_path,
            measures=["weight_entropy"],
            n_nulls=2,
            progress=False,
        )
        names = set(pd.read_csv(tmp_path / "groups.csv")["network"])
        table = trained.table
        everyone = table.groupby("epoch")["network"].nunique()
        last = everyone.index[everyone == everyone.max()].max()
        good = np.flatnonzero((table["epoch"] == last) & (table["accuracy"] >= 0.9))
        assert names <= {trained[row].name for row in good}
        assert len(names) == min(16, len(good))
        assert not (tmp_path / "comparison.csv").exists()
        assert "16 at most. Every dot" in path.read_text(encoding="utf-8")

    def test_refuses_an_empty_group(self, tmp_path):
        with pytest.raises(ValueError, match=r"groups\['none'\] must hold at least one"):
            report(np.ones((3, 3)), groups={"none": []}, output=tmp_path, progress=False)


@pytest.mark.parametrize("thin", [True, pytest.param(False, marks=pytest.mark.slow)])
@pytest.mark.usefixtures("undrawn")
def test_measures_that_no_network_allows_are_left_out_of_what_is_compared(tmp_path, thin):
    """Seen: two networks without positions ended with an error after all the computing."""
    rng = np.random.default_rng(0)
    nets = [rng.normal(size=(12, 12)) for _ in range(2)]
    path = report(
        {str(k): (w > 0.5) * w if thin else w for k, w in enumerate(nets)},
        output=tmp_path,
        measures=["density", "weight_distance_correlation", "propensity"],
        n_nulls=3,
        rng=0,
        progress=False,
    )
    assert path.exists()


def test_no_file_that_is_read_is_written_over(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    np.savetxt(tmp_path / "net.csv", [[0, 2.0], [1, 0]], delimiter=",")
    shutil.copy(tmp_path / "net.csv", out / "measures.csv")
    (out / "groups.csv").symlink_to(tmp_path / "net.csv")
    how = {"output": out, "orientation": "source_target", "measures": ["density"], "n_nulls": 5, "progress": False}
    for read in (out / "measures.csv", out, tmp_path / "net.csv"):
        with pytest.raises(ValueError, match="is among the files that are read, and would be lost"):
            na.report(read, **how)
    assert (out / "measures.csv").read_bytes() == (tmp_path / "net.csv").read_bytes()
    assert sorted(path.name for path in out.iterdir()) == ["groups.csv", "measures.csv"]


def test_a_page_that_fails_leaves_the_folder_as_it_was(tmp_path, monkeypatch):
    net = na.Connectome(np.roll(np.eye(5), 1, axis=1), name="ring")
    how = {"n_nulls": 5, "progress": False}
    na.report(net, output=tmp_path / "page", measures=["density"], **how)
    before = {path.name: path.read_bytes() for path in (tmp_path / "page").iterdir()}
    monkeypatch.setattr("netanalysis.page.content.write", lambda *_: 1 / 0)
    for folder in ("page", "new"):
        with pytest.raises(ZeroDivisionError):
            na.report(net, output=tmp_path / folder, measures=["reciprocity"], **how)
    assert {path.name: path.read_bytes() for path in (tmp_path / "page").iterdir()} == before
    assert not (tmp_path / "new").exists()


def test_the_seed_of_a_page_is_one_that_can_be_written_down():
    with pytest.raises(TypeError, match="rng must be a seed"):
        na.report(np.eye(3), rng=np.random.default_rng(0))
