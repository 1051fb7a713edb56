"""The part of the report on function: what a recording allows is shown, what it does not is said."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import netanalysis as na
from netanalysis.cli import main
from netanalysis.page import function, report

_spec = importlib.util.spec_from_file_location("browser", Path(__file__).parent / "browser.py")
browser = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(browser)

HOSTILE = '<script>alert(1)</script> $x^2$ & "'
GRID = np.stack(np.indices((6, 6)), -1).reshape(-1, 2).astype(float)


@pytest.fixture(scope="module")
def net():
    close = np.exp(-((GRID[:, None] - GRID) ** 2).sum(-1) / 4)
    weights = np.random.default_rng(0).random((36, 36)) * (0.2 + close)
    return na.Connectome(weights, positions=GRID, name="sheet")


@pytest.fixture(scope="module")
def recording():
    """Four quarters of the sheet, each at work in a task of its own; the choice is kept at the right edge."""
    rng = np.random.default_rng(1)
    task, choice, goal = np.repeat(list("abcd"), 20), rng.integers(0, 2, 80), rng.integers(0, 2, 80)
    quarter = 2 * (GRID[:, 0] > 2) + (GRID[:, 1] > 2)
    drive = rng.normal(size=(80, 6, 4)) * (np.arange(4) == np.searchsorted(list("abcd"), task)[:, None])[:, None, :]
    a = drive[:, :, quarter.astype(int)] + 0.05 * rng.normal(size=(80, 6, 36))
    a[:, 3:, :] += 3 * np.where(GRID[:, 0] == 5, choice[:, None] - 0.5, 0)[:, None, :]
    conditions = {"task": task, "choice": np.array(["left", HOSTILE])[choice], "again": choice, "goal": goal}
    return na.Recording(a, conditions, time=np.arange(6) / 2, metadata={"time_unit": "second"})


@pytest.fixture(scope="module")
def written(net, recording, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(function, "N_SHUFFLES", 99)
        path = report(net, recording=recording, output=folder, measures=["density"], n_nulls=5, progress=False)
    html = path.read_text(encoding="utf-8")
    return path, html, re.search(r'<section id="function".*?</section>', html, re.DOTALL)[0]


def test_figures_follow_from_the_conditions(written):
    titles = re.findall(r"<figure[^>]*><h3>(.*?)</h3>", written[2])
    assert titles == [
        "Selectivity",
        "Selectivity in space",
        "Decoding of task",
        "Decoding of choice",
        "Decoding of again",
        "Decoding of goal",
        "Variance in each task",
        "Functional clusters in space",
        "Is function laid out in space, and wired together?",
    ]
    assert "Not shown" not in written[2]
    assert "<script>alert" not in written[1]


def test_the_same_condition_under_two_names_is_not_compared_with_itself(written):
    assert "variance explained by choice and by goal" in written[2]


def test_table_is_that_of_clustering_alignment(written, net, recording):
    path, _, part = written
    table = pd.read_csv(path.with_name("alignment.csv"), index_col="measure")
    clusters = na.functional_clusters(recording, rng=0)
    expected = na.clustering_alignment(net, clusters, n_nulls=99, rng=0).to_frame()
    for column in ("observed", "null_mean", "z", "p"):
        np.testing.assert_allclose(table[column], expected[column])
    assert table["p_eccentricity"].notna().all()
    assert clusters.k == 6  # the quarters, two of them parted by the right edge
    assert "36 of 36 units in 6 clusters by their variance in each task" in part
    assert len(re.findall(r'<tr class="headline">', part)) == 2
    assert re.findall(r"<small>sees (\w+)</small>", part) == ["place", "wiring"]
    selectivity = pd.read_csv(path.with_name("selectivity.csv"))
    assert set(selectivity["variable"]) == {"choice", "goal"}


def test_a_resting_recording_is_clustered_by_connectivity_and_missing_positions_are_said(net, tmp_path, monkeypatch):
    monkeypatch.setattr(function, "N_SHUFFLES", 19)
    rng = np.random.default_rng(3)
    sources = rng.normal(size=(2, 60, 3)) + 9 * rng.normal(size=(2, 1, 1))
    rest = na.Recording(sources @ np.kron(np.eye(3), np.ones(12)) + 0.1 * rng.normal(size=(2, 60, 36)))
    plain = net.replace(positions=None)
    path = report(plain, recording=rest, output=tmp_path, measures=["density"], n_nulls=5, progress=False)
    part = re.search(r'<section id="function".*?</section>', path.read_text(encoding="utf-8"), re.DOTALL)[0]
    titles = re.findall(r"<figure[^>]*><h3>(.*?)</h3>", part)
    assert titles == ["Functional connectivity", "Is function laid out in space, and wired together?"]
    assert "36 of 36 units in 3 clusters by their functional connectivity (correlation of activity within runs;" in part
    assert "undefined without node positions" in part
    for reason in ("no condition has 2 to 12 classes", "no node positions", "needs two different conditions"):
        assert reason in part
    assert len(re.findall(r"<td>place</td>", part)) == 0


def test_recording_must_be_of_the_units_of_one_network(net, recording, tmp_path):
    def write(networks, given):
        report(networks, recording=given, output=tmp_path, measures=["density"], n_nulls=5, progress=False)

    with pytest.raises(ValueError, match="belongs to one network; got 2"):
        write([net, net], recording)
    with pytest.raises(ValueError, match="it has 2, the network 36"):
        write(net, na.Recording(np.zeros((1, 2, 2))))
    with pytest.raises(TypeError, match="must be a Recording or a file"):
        write(net, np.zeros((1, 2, 36)))
    named = na.Recording(recording.activity, labels=[f"u{k}" for k in range(36)])
    with pytest.raises(ValueError, match="unit 35 is 'u35' and 'v'"):
        write(net.replace(labels=[*named.labels[:35], "v"]), named)
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("undrawn")
def test_command_line_takes_files(net, recording, tmp_path, monkeypatch):
    monkeypatch.setattr(function, "N_SHUFFLES", 9)
    na.save(net, tmp_path / "w.npz")
    na.save(recording, tmp_path / "r.npz")
    files = ["report", str(tmp_path / "w.npz"), "--recording", str(tmp_path / "r.npz"), "-o", str(tmp_path / "out")]
    done = CliRunner().invoke(main, [*files, "--measures", "density", "--n-nulls", "5", "--quiet"])
    assert done.exit_code == 0, done.output
    assert 'id="function"' in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    swapped = CliRunner().invoke(main, ["info", str(tmp_path / "r.npz")])
    assert "is a recording, not a network" in swapped.output


@pytest.mark.skipif(browser.CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize(("width", "dark"), [(1280, True), (390, False)])
def test_in_a_real_browser(written, width, dark):
    seen = browser.inspect(written[0], width=width, dark=dark)
    assert seen["console"] == []
    assert seen["page_width"] <= seen["frame_width"]
    assert seen["too_wide"] == []
    assert seen["text_outside"] == []
