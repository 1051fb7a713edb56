"""Walks on the page: the same numbers as those of Pathways.through, in a real browser."""

import importlib.util
import json
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
from markupsafe import escape
from scipy import sparse

import netanalysis as na
from netanalysis.page import content, path_view

_spec = importlib.util.spec_from_file_location("browser", Path(__file__).parent / "browser.py")
browser = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(browser)

HOSTILE = "</script><b>&\"'$x$"


def sent(net):
    return json.loads(path_view(net).data)


def unpacked(text, kind):
    return np.frombuffer(b64decode(text), kind)


def matrix_of(data):
    source = np.repeat(np.arange(data["n"]), unpacked(data["degree"], "<u2"))
    weight = unpacked(data["weight"], "<f8" if data["double"] else "<f4").astype(float)
    target = unpacked(data["target"], "<u2")
    return sparse.coo_array((weight, (source, target)), shape=(data["n"],) * 2).toarray()


@pytest.fixture(scope="module")
def networks():
    """One with classes, one with inputs and outputs, one too large to send, with numbers of every kind."""
    rng = np.random.default_rng(0)
    few = rng.normal(size=(30, 30)) * (rng.random((30, 30)) < 0.2)
    labels = [f"n{k}" for k in range(29)] + [HOSTILE]
    modules = np.repeat(["sensory <i>", "inter", "motor"], 10)
    many = np.round(rng.normal(size=(120, 120)) * 8)
    return [
        na.Connectome(few, name=HOSTILE, labels=labels, modules=modules),
        na.Connectome(few[::-1], name="rnn", inputs=rng.normal(size=(3, 30)), outputs=rng.normal(size=(30, 2))),
        na.Connectome(many, name="large", modules=np.repeat([f"class {k}" for k in range(6)], 20)),
    ]


@pytest.fixture(scope="module")
def page(networks, tmp_path_factory):
    """A page of these, without figures."""
    table = na.summarize(networks[0], ["density"], progress=False)
    sections = [
        content.section(net, f"net-{k}", table, [], path_view(net), [], None, "") for k, net in enumerate(networks)
    ]
    parts = {
        "title": "t",
        "version": "v",
        "generated": "",
        "measures": [],
        "networks": sections,
        "function": None,
        "coupling": None,
        "people": None,
    }
    parts |= {"pivot": [], "positions": [], "groups": None, "n_nulls": 1, "too_few": "", "n_reference": 0, "run": []}
    path = tmp_path_factory.mktemp("paths") / "index.html"
    path.write_text(content.write(parts), encoding="utf-8")
    return path


class TestWhatIsSent:
    def test_every_connection_without_loss(self, networks):
        for net in networks[:2]:
            np.testing.assert_array_equal(matrix_of(sent(net)), net.weights)
        worm = na.datasets.load("celegans_chemical")
        assert not sent(worm)["double"]
        np.testing.assert_array_equal(matrix_of(sent(worm)), na.transform.subset(worm, np.arange(302)).weights)
        assert len(escape(path_view(worm).data)) < 200_000
        loops = na.Connectome(sparse.csr_array(np.eye(3)), labels=list("abc"))
        np.testing.assert_array_equal(matrix_of(sent(loops)), np.eye(3))

    def test_large_networks_by_class_and_the_page_says_so(self, networks):
        view, net = path_view(networks[2]), networks[2]
        data = json.loads(view.data)
        member = net.modules[:, None] == np.array(data["names"])
        np.testing.assert_allclose(matrix_of(data), member.T @ net.weights @ member)
        assert (unpacked(data["weight"], "<f4") < 0).sum() == 36  # each sign by itself
        assert "up to 2,000 nodes and 10,000 connections; this network has 120" in view.text
        assert "between its 6 classes" in view.text

    def test_ends_to_begin_with(self, networks):
        assert sent(networks[0])["ends"] == ["type 2", "type 1"]
        assert sent(networks[1])["ends"] == ["inputs", "outputs"]
        assert sent(networks[2])["ends"] == ["node 0", "node 1"]
        assert sent(na.Connectome(np.ones((3, 3)), modules=["a"] * 3))["ends"] == ["type 0", "type 0"]
        larva = sent(na.datasets.load("drosophila_larva_mb_left"))
        assert [larva["types"][int(end.split()[1])] for end in larva["ends"]] == ["input neuron", "output neuron"]
        labelled = na.Connectome([[0, 1, 0], [0, 0, 0], [-5, 0, 7.0]], labels=list("abc"))
        assert sent(labelled)["ends"] == ["node 2", "node 0"]

    def test_refusals(self, networks):
        with pytest.raises(ValueError, match="neither inputs and outputs nor classes or labels"):
            path_view(na.Connectome(np.ones((3, 3)), inputs=np.ones((1, 3))))
        with pytest.raises(ValueError, match=r"120 and .* no classes"):
            path_view(networks[2].replace(modules=None, labels=[str(k) for k in range(120)]))
        with pytest.raises(ValueError, match="even its 120 classes"):
            path_view(networks[2].replace(modules=np.arange(120)))


FLOWS = """
return [...inner.querySelectorAll(".paths")].map((area) => {
  const net = page.networkOf(JSON.parse(area.dataset.network)), ends = net.ends.map((end) => page.endOf(net, [end]));
  return ["", "target", "source"].map((of) => [1, 2, 3, 4].map((hops) => {
    const flow = page.flowsOf(net, page.magnitudes(net, of), ...ends, hops);
    return { total: flow.total, at: flow.at.map((x) => [...x]), along: flow.along.map((x) => [...x]) };
  }));
});"""
CHOICES = """
const area = inner.querySelector(".paths"), part = (name) => area.querySelector(`[data-part=${name}]`);
const choose = (list, ...values) => { for (const o of list.options) o.selected = values.includes(o.value); };
const drawn = () => {
  part("least").dispatchEvent(new Event("input", { bubbles: true }));
  const width = (path) => +path.getAttribute("d").match(/v([^C]+)/)[1];
  return {
    said: part("said").textContent,
    label: area.querySelector("svg")?.getAttribute("aria-label"),
    nodes: [...area.querySelectorAll("g")].map((g) => [g.dataset.hop, g.dataset.name, +g.dataset.share]),
    bands: [...area.querySelectorAll("path")].map((path) => [path.getAttribute("class"), width(path)]),
  };
};
const first = drawn(), options = [...part("to").options].map((o) => o.textContent);
[part("level").value, part("least").value, part("hops").value] = ["types", 0, 2];
choose(part("from"), "type 0", "node 25");
choose(part("to"), "all");
const types = drawn();
part("level").value = "nodes";
part("least").value = 6;
const some = drawn();
choose(part("to"));
return { first, options, types, some, none: drawn(), hidden: [...inner.querySelectorAll(".paths")].map((a) =>
  [a.hidden, a.querySelector("[data-part=level]").closest("label").hidden]) };"""
KEYS = """
const area = inner.querySelector(".paths"), said = () => area.querySelector("[data-part=said]").textContent;
const node = () => inner.activeElement, root = inner.documentElement;
const press = (key) => node().dispatchEvent(new page.KeyboardEvent("keydown", { key, bubbles: true }));
const where = () => [node().dataset.hop, node().dataset.name, said()];
const before = said(), stops = () => area.querySelectorAll("g[tabindex='0']").length, steps = [stops()];
area.querySelector("g").focus();
steps.push(where());
for (const key of ["ArrowDown", "ArrowRight", "ArrowLeft", "ArrowUp", "ArrowUp"]) { press(key); steps.push(where()); }
const hover = (e, kind) => e.dispatchEvent(new page.PointerEvent(`pointer${kind}`, { pointerType: "mouse" }));
hover(area.querySelectorAll("g")[5], "enter");
const hovered = said();
hover(area.querySelectorAll("g")[5], "leave");
steps.push(where());
area.querySelectorAll("g")[5].dispatchEvent(new page.MouseEvent("click"));
const clicked = said();
const lit = area.querySelectorAll("path.on").length, last = stops();
node().blur();
const end = (text) => text.getBBox().x + text.getBBox().width - text.ownerSVGElement.width.baseVal.value;
const named = (e) => e.getAttribute("aria-label") || e.closest("label")?.textContent.trim();
return { before, steps, hovered, clicked, lit, last, after: said(),
  dim: area.querySelectorAll("svg.dim").length,
  unnamed: [...area.querySelectorAll("select, input, svg, g")].filter((e) => !named(e)).length,
  wide: root.scrollWidth - root.clientWidth,
  inside: area.getBoundingClientRect().right <= page.innerWidth,
  cut: [...area.querySelectorAll("svg text")].filter((text) => end(text) > 1).length };"""


@pytest.fixture(scope="module")
def seen(page):
    """What the scripts return, one after the other: a browser takes its time to start."""
    scripts = {"keys": KEYS, "flows": FLOWS, "choices": CHOICES}
    each = ", ".join(f"{name}: (() => {{{script}}})()" for name, script in scripts.items())
    found, console = browser.evaluate(page, f"return {{ {each} }};")
    assert console == []
    return found


@pytest.mark.skipif(browser.CHROMIUM is None, reason="no Chromium on this machine")
class TestInARealBrowser:
    def test_flow_through_nodes_and_along_connections_is_that_of_through(self, seen, networks):
        large = networks[2]
        member = large.modules[:, None] == np.unique(large.modules)
        positive, negative = (member.T @ np.clip(s * large.weights, 0, None) @ member for s in (1, -1))
        by_class = positive + negative  # in magnitudes, which flows are made of
        cases = [(networks[0], ("sensory <i>", "motor")), (networks[1], (None, None)), (by_class, ([0], [1]))]
        for (net, ends), normalised in zip(cases, seen["flows"], strict=True):
            for by, per_hops in zip((None, "input", "output"), normalised, strict=True):
                w = net if by is None else na.transform.normalize(net, by=by)
                paths = na.pathways(w, inputs=ends[0], outputs=ends[1], max_hops=4)
                nodes, edges = paths.through(), paths.through(of="connections")
                for hops, flow in enumerate(per_hops, 1):
                    along = np.array(flow["along"])
                    np.testing.assert_allclose(flow["total"], nodes.total[hops], rtol=1e-12)
                    np.testing.assert_allclose(flow["at"], nodes.gross[hops, : hops + 1], rtol=1e-11, atol=1e-300)
                    if net is by_class:  # each sign by itself on the page
                        along = along.reshape(hops, -1, 2).sum(axis=-1)
                    np.testing.assert_allclose(along, edges.gross[hops, :hops], rtol=1e-11, atol=1e-300)

    def test_what_is_drawn_follows_what_is_chosen(self, seen, networks):
        net, seen = networks[0], seen["choices"]
        assert seen["hidden"] == [[False, False], [False, True], [False, True]]
        assert f"{HOSTILE} (motor)" in seen["options"]
        assert seen["first"]["label"].startswith("Walks of 3 hops from sensory <i> to motor")
        sources = np.r_[np.flatnonzero(net.modules == "inter"), 25]
        paths = na.pathways(net, inputs=sources, outputs=np.arange(30), max_hops=2)
        carried = paths.through(net.modules, hops=2)
        share = {(str(t), name): carried.share[0, t, k] for t in range(3) for k, name in enumerate(carried.names)}
        got = {(t, name): value for t, name, value in seen["types"]["nodes"]}
        assert got == pytest.approx({key: value for key, value in share.items() if value > 0}, rel=1e-9)
        edges = paths.through(hops=2, of="connections")
        positive = net.weights[np.nonzero(net.weights)] > 0
        for kind, mine in (("positive", positive), ("negative", ~positive)):
            width = sum(w for c, w in seen["types"]["bands"] if c == kind)
            assert width == pytest.approx(320 * edges.share[0][:, mine].sum(), rel=0.005)  # the finest are not drawn
        nodes = paths.through(hops=2)
        for t in range(3):
            layer = [(name, value) for hop, name, value in seen["some"]["nodes"] if hop == str(t)]
            large = {str(net.labels[k]): x for k, x in enumerate(nodes.share[0, t]) if x >= 0.05}
            assert dict(layer[: len(large)]) == pytest.approx(large)
            assert sum(value for _, value in layer) == pytest.approx(1)
            count = np.count_nonzero(nodes.share[0, t]) - len(large)
            assert count < 2 or layer[-1][0] == f"{count} others"
        assert seen["some"]["nodes"][-1][1].endswith(" others")
        assert seen["none"]["said"] == "No walk of 2 hops leads from inter, n25 (motor) to nothing."
        assert seen["none"]["nodes"] == []

    @pytest.mark.parametrize("width", [1280, 400])
    def test_by_keyboard_and_inside_the_page(self, page, seen, width):
        found, console = (seen["keys"], []) if width == 1280 else browser.evaluate(page, KEYS, width=width)
        assert console == []
        start, first, down, right, left, up, still, left_by_mouse = found["steps"]
        assert start == 1 == found["last"]
        assert (first[0], down[0], right[0], left[0]) == ("0", "0", "1", "0")
        assert down[1] != first[1]
        assert up == first == still == left_by_mouse
        assert found["hovered"] == found["clicked"] != first[2]
        assert first[2].startswith(f"{first[1]} (sensory <i>), after 0 hops: ")
        assert found["lit"] > 0
        assert found["after"] == found["before"]
        faults = {key: found[key] for key in ("dim", "unnamed", "wide", "cut")}
        assert faults == dict.fromkeys(faults, 0)
        assert found["inside"]
