"""The parts of the page on people, and on structure and function."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import netanalysis as na
from netanalysis import page
from netanalysis.cli import main
from netanalysis.page import coupling, people, report
from netanalysis.table._people import people_of
from netanalysis.table._study import study_of

_spec = importlib.util.spec_from_file_location("browser", Path(__file__).parent / "browser.py")
browser = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(browser)

HOSTILE = '<script>alert(1)</script> $x^2$ & "'
N = 12


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Twelve people; of the patients edges among the first four nodes are strong; four have a second scan."""
    rng, folder = np.random.default_rng(0), tmp_path_factory.mktemp("study")
    base, rows = rng.lognormal(size=(N, N)) * (rng.random((N, N)) < 0.6), []
    labels = [f"region {k}" for k in range(N)]
    (folder / "matrices").mkdir()
    for who in range(12):
        group, own = ("patient" if who % 2 else HOSTILE), rng.lognormal(0, 0.5, (N, N))
        for scan in (1, 2)[: 1 + (who < 4)]:
            w = base * own * rng.lognormal(0, 0.1, (N, N))
            w[:4, :4] *= 6 if who % 2 else 1
            w = np.triu(w, 1) + np.triu(w, 1).T
            file = f"matrices/sub-{who:02d}_run-{scan}_sc.csv"
            pd.DataFrame(w, index=labels, columns=labels).to_csv(folder / file)
            rows.append((f"sub-{who:02d}", f"run-{scan}", group, 20 + who % 5))
    table = pd.DataFrame(rows, columns=["participant_id", "run", "group", "age"])
    table.to_csv(folder / "people.csv", index=False)
    place = pd.DataFrame(rng.normal(size=(N, 3)), columns=list("xyz")).assign(id=labels, module=["a", "b"] * 6)
    place.to_csv(folder / "nodes.csv", index=False)
    r = np.corrcoef(rng.normal(size=(N, 50)) + 2 * rng.normal(size=50))
    pd.DataFrame(r, index=labels, columns=labels).to_csv(folder / "fc.csv")
    return folder


@pytest.fixture(scope="module")
def written(study, tmp_path_factory):
    out = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "N_ARRANGEMENTS", 200)
        patch.setattr(coupling, "N_NULLS", 9)
        patch.setattr(coupling, "N_MAPS", 19)
        patch.setattr(page, "network_cards", lambda *_, **__: ([], []))  # test_page draws them
        done = CliRunner().invoke(
            main,
            [
                *("report", str(study / "matrices"), "--people", str(study / "people.csv"), "--by", "group"),
                *("--person", "participant_id", "--covariates", "age", "--nodes", str(study / "nodes.csv")),
                *("--function", str(study / "fc.csv"), "--contrast", f"patient,{HOSTILE}"),
                *("--measures", "total_weight,efficiency,pathway_mean_hops"),
                *("--n-nulls", "5", "--quiet", "-o", str(out)),
            ],
        )
    assert done.exit_code == 0, done.output
    return out, (out / "index.html").read_text(encoding="utf-8")


@pytest.mark.skipif(browser.CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize(("width", "dark"), [(1280, True), (400, False)])
def test_in_a_real_browser(written, width, dark):
    seen = browser.inspect(written[0] / "index.html", width=width, dark=dark)
    assert seen["console"] == []
    assert seen["page_width"] <= seen["frame_width"]
    assert seen["too_wide"] == []
    assert seen["text_outside"] == []


def part(html, key):
    return re.search(rf'<section id="{key}".*?</section>', html, re.DOTALL)[0]


def test_the_part_on_people_says_who_they_are_and_how_they_were_found(written):
    text = part(written[1], "people")
    for said in ("12 people", "patient: 6", "rows belong to networks by participant_id and run", "held constant: age"):
        assert said in text
    assert "scans of one person (participant_id) are averaged" in text
    assert "<script>alert" not in written[1]
    assert "<dt>People with two scans</dt><dd>4</dd>" in text
    titles = re.findall(r"<figure[^>]*><h3>(.*?)</h3>", text)
    assert titles[:4] == [
        "Components that differ", "Edges without a threshold", "Components in space", "Strength of nodes",
    ]  # fmt: skip
    assert titles[-1] == "People in two scans"


def test_tables_of_people_are_those_of_the_library(written, study):
    out, _ = written
    edges = pd.read_csv(out / "people_edges.csv")
    table = pd.read_csv(study / "people.csv")
    files = [study / "matrices" / f"{a}_{b}_sc.csv" for a, b in zip(table["participant_id"], table["run"], strict=True)]
    stack = np.stack([na.load(file).weights for file in files])
    who = table["participant_id"].to_numpy()
    mean = np.stack([stack[who == name].mean(axis=0) for name in np.unique(who)])
    own = table.drop_duplicates("participant_id")
    expected = na.edge_test(
        mean, own["group"].to_numpy(), covariates=own["age"].to_numpy(), contrast=("patient", HOSTILE)
    )
    np.testing.assert_allclose(edges["t"], expected["t"])
    assert edges["source"][0] == "region 0"
    assert edges["p_max"].min() < 0.05
    components = pd.read_csv(out / "people_components.csv")
    assert components["p"].min() < 0.05
    assert components.loc[components["p"].idxmin(), "sign"] == 1
    assert set(pd.read_csv(out / "people_measures.csv")["measure"]) >= {"total_weight", "efficiency"}
    assert len(pd.read_csv(out / "people_nodes.csv")) == N


def test_the_page_is_about_the_consensus(written):
    out, html = written
    assert set(pd.read_csv(out / "measures.csv")["network"]) == {"Consensus of 12 networks"}
    assert "group_consensus(method=&#39;distance&#39;" in html
    assert "<h1>Networks of people: group</h1>" in html


def test_coupling_stands_beside_null_networks(written):
    out, html = written
    text = part(html, "coupling")
    table = pd.read_csv(out / "coupling.csv")
    whole = table[table["hops"] == 0]
    assert list(whole["predictor"]) == ["weight", "distance", "shortest_paths", "communicability"]
    assert whole["p_distance binned"].notna().any()
    assert "66 pairs" in text
    titles = re.findall(r"<figure[^>]*><h3>(.*?)</h3>", text)
    assert titles == [
        "Functional connectivity", "Coupling by distance in hops", "Coupling of nodes", "Coupling in space",
        "Coupling and strength of nodes", "A map as smooth, at random",
    ]  # fmt: skip


def test_the_map_of_coupling_stands_beside_maps_as_smooth(written):
    out, html = written
    text = part(html, "coupling")
    table = pd.read_csv(out / "coupling_map.csv")
    assert table["null"].tolist() == [name for name in ("spin", "variogram", "moran") for _ in range(2)]
    assert table.loc[table["null"] == "moran", "p"].notna().all()
    assert f"largest p: p = {table['p'].max():.2g}" in text or f"largest p: {table['p'].max():.2g}" in text
    assert "Not valid here: spin: positions must lie on a sphere" in text


def test_edges_without_a_threshold_are_on_the_page(written):
    out, html = written
    table = pd.read_csv(out / "people_threshold_free.csv")
    found = table[table["p"] <= 0.05]
    assert set(found["source"]) | set(found["target"]) <= {f"region {k}" for k in range(4)}
    assert len(found) > 1
    assert f"Family-wise p is at most 0.05 of {len(found)} edges" in part(html, "people")


def test_anchors_and_ids_are_whole(written):
    html = written[1]
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


@pytest.fixture(scope="module")
def net():
    rng = np.random.default_rng(1)
    w = rng.random((N, N)) * (rng.random((N, N)) < 0.5)
    return na.Connectome(np.triu(w, 1) + np.triu(w, 1).T, labels=[f"n{k}" for k in range(N)], name="anatomy")


def test_function_is_a_matrix_a_recording_or_activity_over_time(net, tmp_path):
    activity = np.random.default_rng(2).normal(size=(40, N))
    expected = np.corrcoef(activity.T)
    np.save(tmp_path / "bold.npy", activity)
    np.savetxt(tmp_path / "bold.tsv", activity, delimiter="\t")
    pd.DataFrame(activity, columns=net.labels).to_csv(tmp_path / "bold.csv", index=False)
    na.save(na.Recording(activity[None]), tmp_path / "bold.npz")
    given = [expected, activity, na.Recording(activity[None]), na.Connectome(expected, labels=net.labels)]
    given += [tmp_path / name for name in ("bold.npy", "bold.tsv", "bold.csv", "bold.npz")]
    for function in given:
        np.testing.assert_allclose(coupling.as_connectivity(function, net), expected, atol=1e-12)


def test_an_array_of_a_file_of_several_is_chosen(net, tmp_path, monkeypatch):
    np.savez(tmp_path / "both.npz", sc=net.weights, fc=net.weights / 2)
    taken = {}

    def kept(networks, **options):
        taken.update(options)
        return tmp_path / "report" / "index.html"

    monkeypatch.setattr(page, "report", kept)
    given = ["report", str(tmp_path / "both.npz"), "--key", "sc"]
    done = CliRunner().invoke(main, [*given, "--function", str(tmp_path / "both.npz"), "--function-key", "fc"])
    assert done.exit_code == 0, done.output
    np.testing.assert_array_equal(taken["function"].weights, net.weights / 2)
    with pytest.raises(ValueError, match="several arrays"):
        coupling.as_connectivity(tmp_path / "both.npz", net)
    idle = CliRunner().invoke(main, [*given, "--function-key", "fc"])
    assert "--function-key would be ignored" in idle.output


def test_function_of_other_nodes_is_refused(net):
    with pytest.raises(ValueError, match="it has 5, the network 12 nodes"):
        coupling.as_connectivity(np.eye(5), net)
    with pytest.raises(ValueError, match="in the same order; node 0 is 'n11' and 'n0'"):
        coupling.as_connectivity(na.Connectome(np.eye(N), labels=net.labels[::-1]), net)
    with pytest.raises(ValueError, match="stack of shape"):
        coupling.as_connectivity(np.zeros((2, N, N)), net)


def test_what_says_something_of_people_needs_a_column(net, tmp_path):
    with pytest.raises(ValueError, match="person says something of people: name the column"):
        report(net, person="who", output=tmp_path, progress=False)
    with pytest.raises(ValueError, match="function belongs to one network; got 2"):
        report([net, net], function=net, output=tmp_path, progress=False)


def test_a_network_too_small_for_coupling_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(coupling, "N_NULLS", 2)
    found = coupling.coupling_part(na.Connectome(np.ones((2, 2)), name="two"), np.eye(2), tmp_path)
    assert any("coupling of nodes" in reason for reason in found["missing"])
    monkeypatch.setattr(coupling, "MAX_NODES", 1)
    found = coupling.coupling_part(na.Connectome(np.ones((2, 2)), name="two"), np.eye(2), tmp_path)
    assert found["missing"] == ["coupling of structure and function (drawn up to 1 nodes, this network has 2)"]


@pytest.mark.usefixtures("undrawn")
def test_models_without_a_meaning_for_negative_weights_are_left_out_and_said(net, tmp_path, monkeypatch):
    """Seen: of group connectomes of log streamlines, a few of them negative, there was no coupling at all."""
    monkeypatch.setattr(coupling, "N_NULLS", 5)
    signed = net.replace(weights=np.where(net.weights > 0.9, -0.1, net.weights), positions=np.eye(N)[:, :3])
    function = np.exp(-signed.distances) + 0.1 * signed.weights
    found = coupling.coupling_part(signed, function, tmp_path)
    assert any("no meaning for negative weights" in reason for reason in found["missing"])
    assert set(pd.read_csv(tmp_path / "coupling.csv")["predictor"]) == {"weight", "distance"}


@pytest.mark.usefixtures("undrawn")
def test_a_score_needs_no_groups_and_stays_a_score(tmp_path, monkeypatch):
    monkeypatch.setattr(people, "N_ARRANGEMENTS", 50)
    rng = np.random.default_rng(3)
    nets = [na.Connectome(x + x.T, name=f"p{k}") for k, x in enumerate(rng.random((8, 6, 6)) + 0.1)]
    table = pd.DataFrame({"id": [f"p{k}" for k in range(8)], "age": rng.normal(size=8)})
    found = people.people_part(study_of(people_of(nets, table), "age"), nets[0], ["total_weight"], tmp_path)
    assert found["contrast"] == "slope of age"
    assert [card.title for card in found["figures"]] == [
        "Components that differ", "Edges without a threshold", "Total weight of people",
    ]  # fmt: skip


def test_more_than_two_groups_are_compared_by_f_and_families_stay_together(tmp_path, monkeypatch):
    monkeypatch.setattr(people, "N_ARRANGEMENTS", 20)
    monkeypatch.setattr(people, "draw_cards", lambda plans, **_: (plans, []))
    rng = np.random.default_rng(5)
    w = rng.random((12, 6, 6)) + 0.1
    w[4:8, :3, :3] += 2
    stack = w + w.swapaxes(1, 2)
    nets = [na.Connectome(x, name=f"p{k}", positions=rng.normal(size=(6, 3))) for k, x in enumerate(stack)]
    table = pd.DataFrame({"id": [f"p{k}" for k in range(12)], "site": np.repeat(list("abc"), 4)})
    table["family"] = [f"f{k // 2}" for k in range(12)]
    study = study_of(people_of(nets, table), "site", whole="family")
    found = people.people_part(study, nets[0], ["total_weight"], tmp_path)
    assert found["facts"] == ["12 people", "a: 4", "b: 4", "c: 4", "change places as a whole: family"]
    assert (found["statistic"], found["contrast"]) == ("F", "differences of a, b, c")
    edges = pd.read_csv(tmp_path / "people_edges.csv")
    options = {"whole": table["family"].to_numpy(), "n_nulls": 20, "rng": 0}
    expected = na.edge_test(stack, table["site"].tolist(), **options)
    np.testing.assert_allclose(edges["F"], expected["F"])
    np.testing.assert_allclose(edges["p_max"], expected["p_max"])
    assert set(edges["exchange"]) == {"whole family"}
    first = max(edges["F"])
    assert float(found["edges"][0]["cells"][1]["sort"]) == pytest.approx(first)
    assert found["components"][0]["label"].startswith("F > ")
    captions = {plan.title: plan.caption for plan in found["figures"]}
    assert "Total weight of people" in captions
    assert "edges of F > " in captions["Components that differ"]
