"""The bundled data sets: what the manifest says is what loads, and every orientation is that of biology."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

import netanalysis as na
from netanalysis.datasets import bundled

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = json.loads((ROOT / "data" / "manifest.json").read_text(encoding="utf-8"))
NAMES = list(MANIFEST["datasets"])
CONNECTOMES = [name for name in NAMES if MANIFEST["datasets"][name]["kind"] == "connectome"]


@pytest.fixture(scope="module")
def load():
    """`na.datasets.load`, once per data set."""
    loaded = {}

    def get(name):
        if name not in loaded:
            loaded[name] = na.datasets.load(name)
        return loaded[name]

    return get


def nodes(net, *names):
    return [list(net.labels).index(name) for name in names]


def total(net, source, target):
    """Weight from the nodes of one module to those of another."""
    return net.weights[np.ix_(net.modules == source, net.modules == target)].sum()


def test_available_lists_every_data_set_with_its_credit():
    table = na.datasets.available()
    assert list(table["name"])[: len(NAMES)] == NAMES
    assert table["name"].is_unique
    assert (table[["species", "what", "licence", "citation"]] != "").all(axis=None)
    assert (table.loc[table["species"] != "none (trained network)", "doi"].str.startswith("10.")).all()
    assert table["species"].nunique() >= 5


@pytest.mark.parametrize("name", CONNECTOMES)
def test_the_manifest_describes_what_loads(name, load):
    net, entry = load(name), MANIFEST["datasets"][name]
    assert isinstance(net, na.Connectome)
    assert net.name == name
    assert net.n_nodes == entry["n_nodes"]
    assert (len(net.weights) if net.is_stack else 1) == entry["n_networks"]
    assert net.is_directed == entry["directed"]
    assert net.is_signed == entry["signed"]
    assert (len(np.unique(net.weights)) > 2) == entry["weighted"]
    assert net.weights.any(axis=(-2, -1)).all()
    for key in ("species", "licence", "doi", "citation", "source", "sha256", "weight_unit"):
        assert key in net.metadata
    assert (net.positions is not None) == ("unit" in net.metadata)
    assert net.labels is None or len(set(net.labels)) == net.n_nodes


def test_sources_are_pinned_wheels():
    for entry in MANIFEST["datasets"].values():
        assert {source.split(":")[0] for source in entry["source"]} <= set(MANIFEST["wheels"])


def test_files_are_small_reproducible_archives_without_pickles():
    sizes = {path.name: path.stat().st_size for path in (ROOT / "data").glob("*.npz")}
    assert set(sizes) == set(MANIFEST["files"])
    assert sum(sizes.values()) < 6e6
    assert max(sizes.values()) < 4e6
    for file, pinned in MANIFEST["files"].items():
        content = (ROOT / "data" / file).read_bytes()
        assert pinned == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            assert not any(value.dtype.hasobject for value in arrays.values())


def test_writing_the_same_arrays_gives_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "data"))
    import build

    arrays = {"a": np.arange(6).reshape(2, 3).T, "names": np.array(["x", "yy"])}
    for k in range(2):
        build.write_npz(tmp_path / f"{k}.npz", arrays)
    assert (tmp_path / "0.npz").read_bytes() == (tmp_path / "1.npz").read_bytes()
    with np.load(tmp_path / "0.npz", allow_pickle=False) as back:
        assert np.array_equal(back["a"], arrays["a"])
        assert list(back["names"]) == ["x", "yy"]


def test_a_wheel_that_is_not_the_pinned_one_is_refused(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "data"))
    import build

    with zipfile.ZipFile(tmp_path / "other.whl", "w") as archive:
        archive.writestr("x", "y")
    with pytest.raises(SystemExit, match=r"other\.whl: sha256 is .* pins abc"):
        build.Wheel("other==1", {"file": "other.whl", "sha256": "abc"}, tmp_path)


def test_unknown_names_get_close_matches():
    with pytest.raises(ValueError, match=r"'celegans_chemicals'\. Did you mean celegans_chemical"):
        na.datasets.load("celegans_chemicals")
    with pytest.raises(ValueError, match=r"name must be one of .* All: celegans_chemical, "):
        na.datasets.load("???")


def test_a_changed_file_is_refused(tmp_path, monkeypatch):
    file = MANIFEST["datasets"]["fly_optic_lobe"]["file"]
    content = bytearray((ROOT / "data" / file).read_bytes())
    content[100] ^= 1
    (tmp_path / file).write_bytes(content)
    monkeypatch.setattr(bundled, "_folder", lambda: tmp_path)
    with pytest.raises(ValueError, match=r"fly_optic_lobe\.npz is not the file in the manifest"):
        na.datasets.load("fly_optic_lobe")


def test_loaded_metadata_cannot_be_edited():
    present = na.datasets.load("celegans_witvliet").metadata["present"]
    with pytest.raises(ValueError, match="read-only"):
        present[0, 0] = False


def test_an_installed_package_finds_its_own_data(tmp_path):
    """The layout of the wheel: netanalysis/_data next to the modules, no clone around it."""
    package = tmp_path / "site" / "netanalysis"
    shutil.copytree(ROOT / "netanalysis", package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "_data").symlink_to(ROOT / "data")
    code = "from netanalysis.datasets import bundled as b; print(b._folder().name, b.load('celegans_gap').n_nodes)"
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["_data", "302"]


# --- biology ---------------------------------------------------------------------------------------------------------
def test_worm_chemical_synapses_point_from_sensory_to_interneuron(load):
    net = load("celegans_chemical")
    asel, aiyl = nodes(net, "ASEL", "AIYL")
    assert net.weights[asel, aiyl] == 32
    assert net.weights[aiyl, asel] == 0
    # Sensory neurons drive interneurons, and these drive motor neurons, more than the reverse.
    assert total(net, "sensory", "interneuron") > 3 * total(net, "interneuron", "sensory")
    assert total(net, "interneuron", "motor") > 2 * total(net, "motor", "interneuron")
    assert {str(m): int((net.modules == m).sum()) for m in np.unique(net.modules)} == {
        "interneuron": 96,
        "motor": 117,
        "polymodal": 15,
        "sensory": 61,
        "unknown": 13,
    }


def test_worm_gap_junctions_couple_the_pairs_they_are_known_for(load):
    net = load("celegans_gap")
    assert np.array_equal(net.weights, net.weights.T)
    command, motor = nodes(net, "AVBL", "AVBR"), nodes(net, *(f"DB{k}" for k in range(1, 8)))
    coupled = net.weights[np.ix_(command, motor)] > 0  # AVB drives forward movement through the B motor neurons
    assert coupled.any(axis=0).all()


def test_worm_positions_are_micrometres_along_the_body(load):
    net = load("celegans_chemical")
    extent = np.ptp(net.positions, axis=0)
    assert extent.argmax() == 1
    assert 600 < extent[1] < 1000  # the body is about 1 mm long
    left, right = nodes(net, "AIYL", "AIYR")
    assert net.distances[left, right] < 30
    tail, head = nodes(net, "PLML", "ASEL")
    assert net.distances[tail, head] > 600


def test_worms_wire_up_as_they_grow(load):
    net, gap = load("celegans_witvliet"), load("celegans_witvliet_gap")
    asel, aiyl = nodes(net, "ASEL", "AIYL")
    assert (net.weights[:, asel, aiyl] >= 5).all()
    assert (net.weights[:, aiyl, asel] <= 1).all()
    assert np.array_equal(gap.weights, gap.weights.swapaxes(1, 2))
    assert list(net.metadata["stage"]) == ["L1"] * 4 + ["L2", "L3", "adult", "adult"]
    synapses = net.weights.sum(axis=(1, 2))
    assert synapses[:2].max() < synapses[4] < synapses[-2:].min()
    absent = ~net.metadata["present"]
    assert absent.any()
    for w, out in zip(net.weights, absent, strict=True):
        assert not w[out].any()
        assert not w[:, out].any()


@pytest.mark.parametrize(("side", "synapses"), [("left", 2404), ("right", None)])
def test_projection_neurons_drive_kenyon_cells(side, synapses, load):
    net = load(f"drosophila_larva_mb_{side}")
    forward = total(net, "projection neuron", "Kenyon cell")
    assert synapses is None or forward == synapses
    assert forward > 2000
    assert total(net, "Kenyon cell", "projection neuron") == 0
    assert total(net, "Kenyon cell", "output neuron") > 5 * total(net, "output neuron", "Kenyon cell")


def test_photoreceptors_inhibit_the_lamina_and_are_not_driven_by_it(load):
    net = load("fly_optic_lobe")
    receptors, lamina = nodes(net, *(f"R{k}" for k in range(1, 7))), nodes(net, "L1", "L2", "L3")
    forward = net.weights[np.ix_(receptors, lamina)]
    assert (forward < 0).all()  # histamine opens chloride channels
    assert (forward[:, :2] <= -35).all()
    assert abs(net.weights[np.ix_(lamina, receptors)]).sum() < 0.01 * abs(forward).sum()
    # The ON pathway, L1 -> Mi1 -> T4; L1 is glutamatergic (negative), Mi1 cholinergic (positive).
    l1, mi1, mi9, t4a = nodes(net, "L1", "Mi1", "Mi9", "T4a")
    assert net.weights[l1, mi1] < -100
    assert net.weights[mi1, t4a] > 50
    assert net.weights[t4a, mi1] == 0
    assert net.weights[mi9, t4a] < -20
    assert set(net.modules) == {"R", "L", "Lawf", "Am", "C", "CT", "Mi", "T", "Tm", "TmY"}
    assert list(net.metadata["input_nodes"]) == [f"R{k}" for k in range(1, 9)]
    assert set(net.metadata["output_nodes"]) < set(net.labels)


def test_mice_means_are_those_of_the_individuals(load):
    mean, strains, mice = load("mouse_dti"), load("mouse_dti_strains"), load("mouse_dti_individuals")
    assert np.array_equal(mice.weights, mice.weights.swapaxes(1, 2))
    assert np.array_equal(mean.weights, mice.weights.mean(0))
    assert list(strains.metadata["strain"]) == ["DBA2", "B6", "BTBR", "CAST"]
    for strain, w in zip(strains.metadata["strain"], strains.weights, strict=True):
        members = mice.metadata["strain"] == strain
        assert members.sum() == 8
        assert (mice.metadata["sex"][members] == "male").sum() == 4
        assert np.array_equal(w, mice.weights[members].mean(0))


def test_mouse_regions_are_in_atlas_order(load):
    net = load("mouse_dti")
    side = net.metadata["hemisphere"]
    assert list(side) == ["L"] * 166 + ["R"] * 166
    assert [label[0] for label in net.labels] == list(side)
    assert [label[2:] for label in net.labels[:166]] == [label[2:] for label in net.labels[166:]]
    assert np.array_equal(net.modules[:166], net.modules[166:])
    within = net.weights[:166, :166].sum() + net.weights[166:, 166:].sum()
    assert within > 1.8 * 2 * net.weights[:166, 166:].sum()
    left, right = net.weights[:166, :166], net.weights[166:, 166:]
    pairs = np.triu_indices(166, 1)
    assert spearmanr(left[pairs], right[pairs])[0] > 0.9  # the hemispheres mirror each other


def test_human_weights_fall_with_distance_and_structure_predicts_function(load):
    sc, fc = load("human_schaefer100"), load("human_schaefer100_fc")
    length = sc.metadata["tract_length"]
    assert np.array_equal(sc.weights, sc.weights.T)
    assert np.array_equal(length, length.T)
    assert np.array_equal(length > 0, sc.weights > 0)
    pairs = np.nonzero(np.triu(sc.weights))
    assert spearmanr(sc.weights[pairs], sc.distances[pairs])[0] < -0.5
    assert spearmanr(length[pairs], sc.distances[pairs])[0] > 0.7
    every = np.triu_indices(100, 1)
    assert spearmanr(sc.weights[every], fc.weights[every])[0] > 0.15
    assert not np.diag(fc.weights).any()
    assert abs(fc.weights).max() < 1
    same = fc.modules[:, None] == fc.modules[None, :]
    assert fc.weights[every][same[every]].mean() > fc.weights[every][~same[every]].mean() + 0.15


def test_human_parcels_are_left_then_right(load):
    net = load("human_schaefer100")
    assert (net.positions[:50, 0] < 0).all()
    assert (net.positions[50:, 0] > 0).all()
    assert [label[:2] for label in net.labels] == ["LH"] * 50 + ["RH"] * 50
    visual = net.positions[net.modules == "Vis"]
    assert visual[:, 1].max() < -20  # the visual network lies behind, the default network's front before it
    assert net.positions[net.modules == "Default", 1].max() > 40


def test_two_people_have_structure_and_recordings(load):
    people, group = load("human_schaefer100_individuals"), load("human_schaefer100")
    every = np.triu_indices(100, 1)
    for w in people.weights:
        assert np.array_equal(w, w.T)
        assert spearmanr(w[every], group.weights[every])[0] > 0.7
    bold = load("human_schaefer100_bold")
    assert isinstance(bold, na.Recording)
    assert bold.activity.shape == (4, 1200, 100)
    assert list(bold.conditions["subject"]) == ["100206"] * 2 + ["100307"] * 2
    assert list(bold.conditions["session"]) == ["REST1_LR", "REST2_LR"] * 2
    assert set(bold.conditions["subject"]) == set(people.metadata["subject"])
    assert bold.time[1] - bold.time[0] == pytest.approx(0.72)
    assert (bold.activity.std(axis=1) > 10).all()  # a quarter-unit step is small beside it
    assert list(bold.labels) == list(group.labels)
    fc = load("human_schaefer100_fc").weights
    for run in bold.activity:
        assert np.corrcoef(np.corrcoef(run.T)[every], fc[every])[0, 1] > 0.4


def test_gru_weights_are_source_by_target(load):
    encoder, decoder = load("g2p_gru_encoder"), load("g2p_gru_decoder")
    assert encoder.inputs.shape == (29, 256)
    assert decoder.inputs.shape == (74, 256)
    assert decoder.outputs.shape == (256, 74)
    assert list(encoder.metadata["input_labels"][-26:]) == list("abcdefghijklmnopqrstuvwxyz")
    assert list(decoder.metadata["output_labels"][:4]) == ["<pad>", "<unk>", "<s>", "</s>"]
    # The checkpoint holds [target, source] with the candidate's 256 rows last: enc_w_hh[712, 3], dec_w_hh[712, 3].
    assert encoder.weights[3, 200] == np.float32(-0.025749205)
    assert decoder.weights[3, 200] == np.float32(-0.01151022)


def test_agrees_with_the_data_prepared_independently(shared_data, load):
    def other(name):
        with np.load(shared_data / "connectomes" / name / "data.npz", allow_pickle=False) as arrays:
            return dict(arrays)

    worm = other("celegans_cook2019")
    order = nodes(load("celegans_chemical"), *worm["labels"])
    for name, key in (("celegans_chemical", "chem"), ("celegans_gap", "gap")):
        assert np.array_equal(load(name).weights[np.ix_(order, order)], worm[key])
        assert np.array_equal(load(name).positions[order], worm["coords"])
    worms = other("celegans_witvliet2021")
    assert list(worms["labels"]) == list(load("celegans_witvliet").labels)
    assert np.array_equal(load("celegans_witvliet").weights, worms["chem"])
    assert np.array_equal(load("celegans_witvliet_gap").weights, worms["gap"])
    assert np.array_equal(load("celegans_witvliet").metadata["present"], worms["present"])
    larva = other("drosophila_larva_mb_eichler2017")
    for side in ("left", "right"):
        net = load(f"drosophila_larva_mb_{side}")
        assert np.array_equal(net.weights, larva[side])
        assert [module[0].upper() for module in net.modules] == list(larva[f"{side}_labels"])
    mice = other("mouse_duke_dti")
    assert np.array_equal(load("mouse_dti").weights, mice["mean"])
    strains = [list(mice["strain"]).index(strain) for strain in load("mouse_dti_strains").metadata["strain"]]
    assert np.array_equal(load("mouse_dti_strains").weights, mice["strain_mean"][strains])
    human = other("human_hcp_schaefer100")
    assert np.allclose(load("human_schaefer100").positions, human["coords"], atol=0.006)
    assert list(load("human_schaefer100").modules) == list(human["modules"])
    every = np.triu_indices(100, 1)  # the same parcels in the same order, prepared from the same project's scans
    assert spearmanr(load("human_schaefer100_fc").weights[every], human["fc"][every])[0] > 0.99
    assert spearmanr(load("human_schaefer100").weights[every], human["sc"][every])[0] > 0.6
    gru = other("rnn_g2p_gru256")  # stored [target, source]
    assert np.array_equal(load("g2p_gru_encoder").weights, gru["enc_candidate"].T)
    assert np.array_equal(load("g2p_gru_decoder").weights, gru["dec_candidate"].T)
