"""One function per bundled file: members of pinned wheels in, plain arrays out.

Each asserts what biology or the source's own code says about its orientation, so a wrong transpose cannot be built.
"""

from __future__ import annotations

import ast
import base64
import math
import re
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Wheels = Callable[[str], Any]  # package name -> build.Wheel


def upper(w: Array) -> Array:
    """The strict upper triangle(s) of symmetric matrices with an empty diagonal."""
    assert np.array_equal(w, np.swapaxes(w, -1, -2))
    assert not np.diagonal(w, axis1=-2, axis2=-1).any()
    i, j = np.triu_indices(w.shape[-1], 1)
    return np.ascontiguousarray(w[..., i, j])


def exactly(w: Any, dtype: str) -> Array:
    """Convert, and fail if a value changes."""
    w = np.asarray(w)
    out = w.astype(dtype)
    assert np.array_equal(out, w)
    return out


def total(w: Array, rows: Array, columns: Array) -> float:
    """Total weight from `rows` to `columns` (masks)."""
    return float(w[np.ix_(rows, columns)].sum())


CELL_CLASS = {
    "Motor Neuron": "motor",
    "Interneuron": "interneuron",
    "SensoryNeuron": "sensory",
    "PolymodalNeuron": "polymodal",
    "NeurUnkFunc": "unknown",
}


def worm_cells(c302: Any) -> dict[str, tuple[str, list[float]]]:
    """Class and soma position of every neuron that has a reconstructed morphology."""
    cells = {}
    for member in c302.archive.namelist():
        if not member.endswith(".cell.nml"):
            continue
        text = c302.text(member)
        note = re.search(r"<notes>\s*(.*?)\s*</notes>", text, re.DOTALL)
        soma = re.search(r'name="Seg0_soma_0">\s*<proximal x="(.*?)" y="(.*?)" z="(.*?)"', text)
        if note and soma and note[1] in CELL_CLASS:  # the one other cell is a muscle
            cells[Path(member).name.removesuffix(".cell.nml")] = CELL_CLASS[note[1]], [float(v) for v in soma.groups()]
    return dict(sorted(cells.items()))


def worm_matrix(connectome: Any, synapses: str, names: list[str]) -> Array:
    """Rows (sources) and columns (targets) of `names`; cells that this animal lacks are empty."""
    w = np.zeros((len(names), len(names)))
    here = [k for k, name in enumerate(names) if name in connectome["nodes"]]
    there = [connectome["nodes"].index(names[k]) for k in here]
    w[np.ix_(here, here)] = np.asarray(connectome["connections"][synapses])[np.ix_(there, there)]
    return w


def worm_arrays(names: list[str], cells: dict[str, tuple[str, list[float]]]) -> dict[str, Array]:
    """Positions, names and classes as they go into the file."""
    return {
        "positions": exactly([cells[n][1] for n in names], "f8"),
        "labels": np.array(names),
        "modules": np.array([cells[n][0] for n in names]),
    }


def celegans_cook2019(wheel: Wheels) -> dict[str, Array]:
    """Adult hermaphrodite: the 302 neurons; sensory ASEL drives AIYL, not the reverse."""
    cells = worm_cells(wheel("c302"))
    connectome = wheel("cect").json("cect/cache/Cook2019HermReader.json")
    names = list(cells)
    assert len(names) == 302
    assert set(names) <= set(connectome["nodes"])
    chemical, gap = (worm_matrix(connectome, s, names) for s in ("Generic_CS", "Generic_GJ"))
    asel, aiyl = names.index("ASEL"), names.index("AIYL")
    assert chemical[asel, aiyl] == 32
    assert chemical[aiyl, asel] == 0
    assert np.array_equal(gap, gap.T)
    return {"chemical": exactly(chemical, "u2"), "gap": exactly(gap, "u2")} | worm_arrays(names, cells)


def celegans_witvliet2021(wheel: Wheels) -> dict[str, Array]:
    """Eight worms over the union of their neurons."""
    cells = worm_cells(wheel("c302"))
    worms = [wheel("cect").json(f"cect/cache/WitvlietDataReader{k}.json") for k in range(1, 9)]
    names = sorted(set(cells) & {name for worm in worms for name in worm["nodes"]})
    chemical, gap = (np.stack([worm_matrix(w, s, names) for w in worms]) for s in ("Generic_CS", "Generic_GJ"))
    asel, aiyl = names.index("ASEL"), names.index("AIYL")
    assert (chemical[:, asel, aiyl] > 4 * chemical[:, aiyl, asel]).all()
    assert np.array_equal(gap, gap.swapaxes(1, 2))
    return {
        "chemical": exactly(chemical, "u1"),
        "gap": exactly(gap, "u1"),
        "present": np.array([[name in worm["nodes"] for name in names] for worm in worms]),
        "stage": np.array(["L1", "L1", "L1", "L1", "L2", "L3", "adult", "adult"]),
    } | worm_arrays(names, cells)


def drosophila_larva_mb(wheel: Wheels) -> dict[str, Array]:
    """Left and right mushroom body; projection neurons drive Kenyon cells, not the reverse."""
    cell_type = {"K": "Kenyon cell", "I": "input neuron", "O": "output neuron", "P": "projection neuron"}
    arrays = {}
    for side, count in (("left", 2404), ("right", None)):
        folder = f"graspologic/datasets/drosophila/{side}"
        w = np.array([line.split() for line in wheel("graspologic").text(f"{folder}_adjacency.csv").splitlines()], int)
        types = np.array([cell_type[t] for t in wheel("graspologic").text(f"{folder}_cell_labels.csv").split()])
        projection, kenyon = types == "projection neuron", types == "Kenyon cell"
        assert count is None or total(w, projection, kenyon) == count
        assert total(w, kenyon, projection) == 0
        arrays |= {f"{side}_weights": exactly(w, "u1"), f"{side}_modules": types}
    return arrays


def mouse_dti(wheel: Wheels) -> dict[str, Array]:
    """All 32 mice; every edge list names each pair once."""
    folder = "graspologic/datasets/mice"
    graspologic = wheel("graspologic")
    mice = graspologic.table(f"{folder}/participants.csv")
    atlas = graspologic.table(f"{folder}/atlas.csv")
    modules, hemisphere = np.empty(332, "<U24"), np.empty(332, "<U1")
    for block, side, start, stop in graspologic.table(f"{folder}/blocks.csv"):
        modules[int(start) : int(stop)], hemisphere[int(start) : int(stop)] = block, side
    weights = np.zeros((len(mice), 332, 332))
    for w, (subject, *_) in zip(weights, mice, strict=True):
        edges = graspologic.text(f"{folder}/edgelists/{subject}_ses-1_dti.edgelist").split()
        i, j, value = np.array(edges, float).reshape(-1, 3).T
        i, j = i.astype(int), j.astype(int)
        assert len(set(zip(np.minimum(i, j), np.maximum(i, j), strict=True))) == len(i)  # each pair once
        w[i, j] = w[j, i] = value
    homotopic = np.mean([w[k, k + 166] > np.median(w[k]) for w in weights for k in range(166)])
    assert homotopic > 0.6  # a region is closer to its mirror image than to most: node order is that of the atlas
    names = [row[1] for row in atlas]
    names = [f"{name}_ROI{k}" if names.count(name) > 1 else name for k, name in enumerate(names, 1)]
    return {
        "weights_upper": exactly(upper(weights), "u4"),
        "subject": np.array([row[0].removeprefix("sub-") for row in mice]),
        "strain": np.array([row[1] for row in mice]),
        "sex": np.array([row[2].strip() for row in mice]),
        "labels": np.array([f"{side}_{name}" for side in "LR" for name in names[:166]]),
        "modules": modules,
        "hemisphere": hemisphere,
    }


YEO7 = ("Vis", "SomMot", "DorsAttn", "SalVentAttn", "Limbic", "Cont", "Default")


def schaefer100(wheel: Wheels) -> dict[str, Array]:
    """Names, networks and centroids of the 100 parcels, 50 left then 50 right."""
    network = [YEO7[int(k)] for k in wheel("cubnm").text("cubnm/data/maps/ctx_parc-schaefer-100_desc-yeo7.txt").split()]
    side = ["LH"] * 50 + ["RH"] * 50
    keys = [f"{s}_{m}" for s, m in zip(side, network, strict=True)]
    folder = "brainspace/datasets"
    vertices = []
    for hemisphere in ("lh", "rh"):
        surface = ElementTree.fromstring(wheel("brainspace").text(f"{folder}/surfaces/conte69_32k_{hemisphere}.gii"))
        for array in surface.iter("DataArray"):
            if array.get("Intent") == "NIFTI_INTENT_POINTSET":
                assert array.get("DataType") == "NIFTI_TYPE_FLOAT32"
                assert (array.get("Encoding"), array.get("Endian")) == ("GZipBase64Binary", "LittleEndian")
                raw = zlib.decompress(base64.b64decode(array.findtext("Data", "")))
                vertices.append(np.frombuffer(raw, "<f4").reshape(-1, 3).astype(float))
    points = np.concatenate(vertices)
    parcel = np.array(wheel("brainspace").text(f"{folder}/parcellations/schaefer_100_conte69.csv").split(), float)
    assert len(parcel) == len(points)
    centroid = [[math.fsum(axis) / len(axis) for axis in points[parcel == k].T] for k in range(1, 101)]
    positions = np.round(centroid, 2)
    assert (positions[:50, 0] < 0).all()
    assert (positions[50:, 0] > 0).all()
    return {
        "positions": positions.astype("<f4"),
        "labels": np.array([f"{key}_{keys[: k + 1].count(key)}" for k, key in enumerate(keys)]),
        "modules": np.array(network),
    }


def human_schaefer100(wheel: Wheels) -> dict[str, Array]:
    """Group structure, tract lengths and function, and the structure of two people."""

    def read(path: str) -> Array:
        return wheel("cubnm").npz(f"cubnm/data/hcp/{path}.npz")["arr_0"]

    sc = read("sc/group-train706/ctx_parc-schaefer-100_desc-strength")
    length = read("sc/group-train706/ctx_parc-schaefer-100_desc-length")
    fc = read("fc/group-train706/REST/ctx_parc-schaefer-100_desc-fc")
    single = np.stack([read(f"sc/{s}/ctx_parc-schaefer-100_desc-strength") for s in ("100206", "100307")])
    parcels = schaefer100(wheel)
    x = parcels["positions"].astype(float)
    i, j = np.nonzero(np.triu(sc))
    gap = np.sqrt(((x[i] - x[j]) ** 2).sum(1))
    assert np.corrcoef(np.log(sc[i, j]), gap)[0, 1] < -0.5  # weights fall with distance: parcels are in order
    assert np.corrcoef(length[i, j], gap)[0, 1] > 0.7
    assert np.array_equal(sc == 0, length == 0)
    assert np.array_equal(np.diag(fc), np.ones(100))
    return {
        "sc_upper": exactly(upper(sc), "f4"),
        "tract_length_upper": upper(length),
        "fc_upper": upper(fc - np.diag(np.diag(fc))),
        "individual_sc_upper": exactly(upper(single), "u4"),
        "subject": np.array(["100206", "100307"]),
    } | parcels


def human_schaefer100_bold(wheel: Wheels) -> dict[str, Array]:
    """Two runs of two people, as quarters of a unit."""
    runs = [(subject, session) for subject in ("100206", "100307") for session in ("REST1_LR", "REST2_LR")]
    member = "cubnm/data/hcp/bold/{}/{}/ctx_parc-schaefer-100_desc-bold.npz"
    bold = np.stack([wheel("cubnm").npz(member.format(*run))["arr_0"].T for run in runs])
    counts = np.round(bold * 4)  # a quarter of a unit is 1/180 of the typical standard deviation
    parcels = schaefer100(wheel)
    return {
        "activity": exactly(counts, "u2"),
        "subject": np.array([run[0] for run in runs]),
        "session": np.array([run[1] for run in runs]),
        "labels": parcels["labels"],
        "modules": parcels["modules"],
    }


def fly_optic_lobe(wheel: Wheels) -> dict[str, Array]:
    """Signed synapse counts between cell types; photoreceptors inhibit (histamine) and drive the lamina."""
    connectome = wheel("flyvis").json("flyvis/connectome/fib25-fib19_v2.2.json")
    names = [node["name"] for node in connectome["nodes"]]
    w = np.zeros((len(names), len(names)))
    for edge in connectome["edges"]:
        cell = names.index(edge["src"]), names.index(edge["tar"])
        assert w[cell] == 0
        w[cell] = edge["alpha"] * math.fsum(count for _, count in edge["offsets"])
    receptors = [names.index(f"R{k}") for k in range(1, 7)]
    lamina = [names.index(f"L{k}") for k in (1, 2, 3)]
    assert (w[np.ix_(receptors, lamina)] < 0).all()  # histamine
    assert -w[np.ix_(receptors, lamina)].sum() > 100 * abs(w[np.ix_(lamina, receptors)]).sum()
    return {
        "weights": w,
        "labels": np.array(names),
        "modules": np.array([re.findall("TmY|[A-Z]+[a-z]*", name)[0] for name in names]),
        "input_nodes": np.array(connectome["input_units"]),
        "output_nodes": np.array(connectome["output_units"]),
    }


def gru_step(x: Array, h: Array, gates_x: Array, gates_h: Array, bias_x: Array, bias_h: Array) -> Array:
    """One step of a GRU whose kernels are given as [source, (reset, update, candidate) target]."""
    (rx, zx, nx), (rh, zh, nh) = np.split(x @ gates_x + bias_x, 3), np.split(h @ gates_h + bias_h, 3)
    r, z = 1 / (1 + np.exp(-rx - rh)), 1 / (1 + np.exp(-zx - zh))
    n = np.tanh(nx + r * nh)
    return (1 - z) * n + z * h


def pronounce(word: str, p: Mapping[str, Array], graphemes: list[str], phonemes: list[str], transpose: bool) -> str:
    """What the trained network says to `word`, with its kernels transposed to [source, target] or not."""

    def step(part: str, x: Array, h: Array) -> Array:
        gates_x, gates_h = p[f"{part}_w_ih"].T, p[f"{part}_w_hh"].T
        if not transpose:  # the wrong reading: each square gate kernel the other way round
            gates_h = np.concatenate([g.T for g in np.split(gates_h, 3, axis=1)], axis=1)
        return gru_step(x, h, gates_x, gates_h, p[f"{part}_b_ih"], p[f"{part}_b_hh"])

    h = np.zeros(256)
    for letter in [*word, "</s>"]:
        h = step("enc", p["enc_emb"][graphemes.index(letter)], h)
    said = [phonemes.index("<s>")]
    while len(said) < 20 and said[-1] != phonemes.index("</s>"):
        h = step("dec", p["dec_emb"][said[-1]], h)
        said.append(int((p["fc_w"] @ h + p["fc_b"]).argmax()))
    return " ".join(phonemes[k] for k in said[1:-1])


def one_hot_inputs(embedding: Array, kernel: Array) -> Array:
    """[symbol, unit]: what a one-hot symbol adds to each candidate, correctly rounded on any machine."""
    e, k = embedding.astype(float), kernel.astype(float)
    return np.array([[math.fsum(row * unit) for unit in k] for row in e], "<f4")


def g2p_gru(wheel: Wheels) -> dict[str, Array]:
    """Candidate-gate kernels as [source, target]; read the other way round the network cannot pronounce a word."""
    p = wheel("g2p-en").npz("g2p_en/checkpoint20.npz")
    code = wheel("g2p-en").text("g2p_en/g2p.py")
    graphemes = ["<pad>", "<unk>", "</s>", *"abcdefghijklmnopqrstuvwxyz"]
    listed = re.search(r"self\.phonemes = \[.*?\] \+ (\[.*?\])", code, re.DOTALL)
    assert listed is not None
    phonemes = ["<pad>", "<unk>", "<s>", "</s>", *ast.literal_eval(listed[1])]
    spoken = {"cat": "K AE1 T", "window": "W IH1 N D OW0", "computer": "K AH0 M P Y UW1 T ER0", "paper": "P EY1 P ER0"}
    for word, sound in spoken.items():
        assert pronounce(word, p, graphemes, phonemes, transpose=True) == sound
        assert pronounce(word, p, graphemes, phonemes, transpose=False) != sound
    candidate = slice(512, 768)  # rows are reset, update, candidate
    return {
        "encoder_weights": p["enc_w_hh"][candidate].T,
        "encoder_inputs": one_hot_inputs(p["enc_emb"], p["enc_w_ih"][candidate]),
        "decoder_weights": p["dec_w_hh"][candidate].T,
        "decoder_inputs": one_hot_inputs(p["dec_emb"], p["dec_w_ih"][candidate]),
        "decoder_outputs": p["fc_w"].T,
        "graphemes": np.array(graphemes),
        "phonemes": np.array(phonemes),
    }


FILES = (
    *(celegans_cook2019, celegans_witvliet2021, drosophila_larva_mb, fly_optic_lobe, mouse_dti),
    *(human_schaefer100, human_schaefer100_bold, g2p_gru),
)
