"""Sets that are fetched: whole and right or not at all, with their licence first, and directed as biology says."""

import hashlib
import json
import os
import pickle
import re
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from click.testing import CliRunner

import netanalysis as na
from netanalysis.cli import main
from netanalysis.datasets import bundled, fetched, originals

ROOT = Path(__file__).resolve().parents[2]
ATLAS = json.loads((ROOT / "data" / "atlas.json").read_text(encoding="utf-8"))
COMMIT = "a" * 40
FILES = {  # a small set in the form of one of the sources
    f"someone/brains/{COMMIT}/maps/tiny.edge": b"EA0 MSN2\nEA0 MSN10\nMSN2 MSN10\n",
    f"someone/brains/{COMMIT}/maps/tiny.coord": b"MSN10 1.5 0.25\nEA0 3 1\nMSN2 2 6\n",
}
SHARED = {  # name here: folder and array of the connectomes kept beside the project
    "macaque_markov29": ("macaque_markov29", "flne"),
    "macaque_cocomac242": ("macaque_modha_harriger242", "adjacency"),
    "mouse_gamanut19": ("mouse_gamanut2018", "weights"),
    "mouse_oh56": ("mouse_rubinov_oh56", "weights"),
    "cat_scannell65": ("cat_scannell1995_65", "adjacency"),
    "rat_bams503": ("rat_bams_503", "adjacency"),
    "zebrafinch_areax610": ("zebrafinch_areax_610", "adjacency"),
    "fly_lpu49": ("drosophila_adult_lpu49", "weights"),
    "fly_medulla1770": ("drosophila_medulla_1770", "adjacency"),
    "ciona_ryan222": ("ciona_ryan2016", "weights"),
    "platynereis_veraszto2544": ("platynereis_veraszto", "weights"),
    "human_dk114": ("human_chimp_dk114", "human"),
    "chimpanzee_dk114": ("human_chimp_dk114", "chimpanzee"),
}


class Handler(SimpleHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        if self.server.cuts:  # announces more than it sends, as a line that breaks does
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"half")
        else:
            super().do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server of files on this machine in place of GitHub, and an empty cache."""
    pytest.importorskip("pooch")
    folder = tmp_path / "public"
    folder.mkdir()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv(fetched.LOCAL, raising=False)
    monkeypatch.setenv(fetched.CACHE, str(tmp_path / "cache"))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as http:
        http.asked, http.cuts, http.folder = [], False, folder
        monkeypatch.setenv(fetched.MIRROR, f"http://127.0.0.1:{http.server_port}/")
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield http
        http.shutdown()
        thread.join()


def serve(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def kept(folder):
    """Files in a folder, and in those below it."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def tiny(monkeypatch):
    """The one set of an atlas."""
    files = dict(zip(("edges", "places"), FILES, strict=True))
    arrays = originals.edge_list({part: FILES[file] for part, file in files.items()})
    entry = ATLAS["datasets"]["zebrafinch_areax610"] | {"n_nodes": 3, "files": files}
    pins = {f: {"sha256": hashlib.sha256(c).hexdigest(), "bytes": len(c)} for f, c in FILES.items()}
    atlas = {"datasets": {"tiny": entry | {"digest": originals.digest(arrays)}}, "originals": pins}
    monkeypatch.setattr(bundled, "_atlas", lambda: atlas)
    return arrays


# --- fetching --------------------------------------------------------------------------------------------------------
def test_a_set_is_fetched_once_and_its_licence_shown_before(server, tiny, tmp_path, capfd):
    serve(server.folder, FILES)
    net = na.datasets.load("tiny")
    said = capfd.readouterr()
    assert said.out == ""
    assert re.fullmatch(r"netanalysis: fetching tiny, 0 kB\. Licence: CC BY 4\.0 .*Dorkenwald.*\n", said.err)
    assert list(net.labels) == ["EA0", "MSN2", "MSN10"]
    assert np.array_equal(net.weights, [[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    assert np.array_equal(net.metadata["hyperbolic"], [[3, 1], [2, 6], [1.5, 0.25]])
    assert net.metadata["source"][0] == f"github.com/someone/brains at {COMMIT}: maps/tiny.edge"
    assert net.metadata["sha256"] == hashlib.sha256(FILES[next(iter(FILES))]).hexdigest()
    assert kept(tmp_path / "cache") == ["tiny.coord", "tiny.edge"]
    again = na.datasets.load("tiny")
    assert np.array_equal(again.weights, net.weights)
    assert len(server.asked) == 2
    assert capfd.readouterr().err == ""


def test_another_file_than_the_pinned_one_is_not_kept(server, tiny, tmp_path):
    serve(server.folder, {name: content + b"EA0 EA0\n" for name, content in FILES.items()})
    with pytest.raises(ValueError, match=r"tiny\.edge serves is not the file that is wanted .*tiny is not kept; give"):
        na.datasets.load("tiny")
    assert kept(tmp_path / "cache") == []


def test_half_a_file_is_not_kept(server, tiny, tmp_path):
    server.cuts = True
    with pytest.raises(ConnectionError, match=r"tiny could not be fetched from http://127.* is there a network\? Else"):
        na.datasets.load("tiny")
    assert kept(tmp_path / "cache") == []


def test_what_is_not_there_is_named(server, tiny, tmp_path):
    with pytest.raises(ConnectionError, match=r"tiny could not be fetched .*tiny\.edge \(HTTPError\)"):
        na.datasets.load("tiny")
    assert kept(tmp_path / "cache") == []


def test_without_a_network_the_remedy_is_said(server, tiny, monkeypatch):
    monkeypatch.setenv(fetched.MIRROR, "http://127.0.0.1:1")
    with pytest.raises(ConnectionError, match=r"is there a network\? Else give path= or NETANALYSIS_DATA") as caught:
        na.datasets.load("tiny")
    assert "\n" not in str(caught.value)


def test_a_cache_that_cannot_be_written_is_named(server, tiny, tmp_path, monkeypatch):
    serve(server.folder, FILES)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(fetched.CACHE, str(tmp_path / "file"))
    with pytest.raises(PermissionError, match=r"tiny cannot be kept in .*file: .*; set NETANALYSIS_CACHE to a folder"):
        na.datasets.load("tiny")
    monkeypatch.setenv(fetched.CACHE, str(tmp_path / "cache"))
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(PermissionError, match=r"tiny cannot be kept in .*cache: .* may not be written; set"):
        na.datasets.load("tiny")
    assert server.asked == []


def test_a_damaged_file_of_the_cache_is_refused(server, tiny, tmp_path):
    serve(tmp_path / "cache", {name: content[:-1] for name, content in FILES.items()})
    with pytest.raises(ValueError, match=r"tiny\.edge is not the file that is wanted: its sha256 .* remove it"):
        na.datasets.load("tiny")


def test_without_pooch_its_extra_is_named(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv(fetched.CACHE, str(tmp_path))
    monkeypatch.delenv(fetched.LOCAL, raising=False)
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ImportError, match=r"tiny is not bundled but fetched, with pooch: pip install .*\[datasets\]"):
        na.datasets.load("tiny")


# --- local copies ----------------------------------------------------------------------------------------------------
def test_local_copies_need_neither_network_nor_pooch(tiny, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    monkeypatch.setenv(fetched.CACHE, str(tmp_path / "cache"))
    serve(tmp_path / "mirror", FILES)
    serve(tmp_path / "flat", {Path(name).name: content for name, content in FILES.items()})
    for folder in ("mirror", "flat"):
        assert na.datasets.load("tiny", path=tmp_path / folder).n_nodes == 3
        monkeypatch.setenv(fetched.LOCAL, str(tmp_path / folder))
        assert na.datasets.load("tiny").n_nodes == 3
    assert not (tmp_path / "cache").exists()


def test_local_copies_are_checked_like_all_others(tiny, tmp_path, monkeypatch):
    serve(tmp_path / "a", {"tiny.edge": b"EA0 MSN2\n", "tiny.coord": b""})
    with pytest.raises(ValueError, match=r"tiny\.edge is not the file that is wanted"):
        na.datasets.load("tiny", path=tmp_path / "a")
    serve(tmp_path / "b", {"tiny.edge": FILES[next(iter(FILES))]})
    with pytest.raises(FileNotFoundError, match=r"path must hold the files of tiny; .*b lacks tiny\.coord"):
        na.datasets.load("tiny", path=tmp_path / "b")
    with pytest.raises(FileNotFoundError, match=r"path must be a folder with files of tiny, or its \.npz; there is no"):
        na.datasets.load("tiny", path=tmp_path / "none")
    monkeypatch.setenv(fetched.LOCAL, str(tmp_path / "none"))
    with pytest.raises(FileNotFoundError, match="NETANALYSIS_DATA must be a folder"):
        na.datasets.load("tiny")


def test_the_npz_of_the_script_loads_and_no_other(tiny, tmp_path):
    np.savez(tmp_path / "right.npz", **tiny)
    assert na.datasets.load("tiny", path=tmp_path / "right.npz").n_nodes == 3
    np.savez(tmp_path / "turned.npz", **(tiny | {"weights": tiny["weights"].T}))
    with pytest.raises(ValueError, match=r"turned\.npz does not hold tiny as data/atlas\.py writes it: weights"):
        na.datasets.load("tiny", path=tmp_path / "turned.npz")
    (tmp_path / "text.npz").write_text("weights")
    with pytest.raises(ValueError, match=r"path must be a folder with the files of tiny, or its \.npz; got"):
        na.datasets.load("tiny", path=tmp_path / "text.npz")
    np.savez(tmp_path / "objects.npz", weights=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match=r"path must be a folder with the files of tiny, or its \.npz; got"):
        na.datasets.load("tiny", path=tmp_path / "objects.npz")


def test_path_is_not_for_bundled_sets(tmp_path):
    with pytest.raises(ValueError, match="path is for data sets that are fetched; celegans_gap is bundled"):
        na.datasets.load("celegans_gap", path=tmp_path)


# --- the list --------------------------------------------------------------------------------------------------------
def test_every_file_is_pinned_to_a_commit_and_a_sha256():
    used = {file for entry in ATLAS["datasets"].values() for file in entry["files"].values()}
    assert used == set(ATLAS["originals"])
    for file, pin in ATLAS["originals"].items():
        assert re.fullmatch(r"[\w-]+/[\w-]+/[0-9a-f]{40}/[^ ]+", file)
        assert re.fullmatch(r"[0-9a-f]{64}", pin["sha256"])
        assert pin["bytes"] > 0
    for entry in ATLAS["datasets"].values():
        assert entry["reader"] in originals.READERS
        assert entry["orientation"].startswith(("checked: ", "not checked: ", "undirected"))
        assert entry["directed"] != entry["orientation"].startswith("undirected")


def test_the_command_line_lists_all_and_fetches_nothing(monkeypatch):
    monkeypatch.setattr(fetched, "load", lambda *_: pytest.fail("fetched"))
    listed = CliRunner().invoke(main, ["datasets"])
    assert listed.exit_code == 0
    row = next(line for line in listed.output.splitlines() if "macaque_markov29" in line)
    assert row.split()[1:4] == ["Macaca", "fascicularis,", "Macaca"]
    assert "fetched" in row
    assert "7 kB" in row
    assert "MIT" in row
    about = CliRunner().invoke(main, ["datasets", "info", "macaque_markov29"])
    assert about.exit_code == 0
    assert "10.1093/cercor/bhs270" in about.output
    assert "add up to at most 1 over sources" in about.output


# --- readers ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("protocol", range(1, pickle.HIGHEST_PROTOCOL + 1))
def test_names_are_read_from_a_pickle_that_is_never_followed(protocol):
    assert originals.listed_text(pickle.dumps(["V1", "9/46d"], protocol)) == ["V1", "9/46d"]
    with pytest.raises(ValueError, match=r"holds more than text: (GLOBAL|STACK_GLOBAL|BINPERSID|REDUCE)"):
        originals.listed_text(pickle.dumps([print], protocol))


def test_a_workbook_merges_rows_and_columns_by_name():
    openpyxl = pytest.importorskip("openpyxl")
    import io

    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in ([None, "pr1", 16, "mul", "Total"], ["pr1", None, 0.5, None, 0.5], [9, None, None, 2, 2]):
        book.active.append(row)
    book.active.append(["Total", 0, 0.5, 2, 2.5])
    book.save(file)
    arrays = originals.workbook({"weights": file.getvalue()})
    assert list(arrays["labels"]) == ["16", "9", "mul", "pr1"]
    assert {(i, j): arrays["weights"][i, j] for i, j in np.argwhere(arrays["weights"])} == {(3, 0): 0.5, (1, 2): 2}


def test_graphml_adds_connections_that_are_listed_twice():
    edge = '<edge source="n0" target="n1"><data key="w">3</data></edge>'
    node = '<node id="{}"><data key="n">{}</data><data key="g">effector</data></node>'
    text = (
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="w" attr.name="weight"/>'
        '<key id="n" attr.name="name"/><key id="g" attr.name="group"/><graph edgedefault="directed">'
        f"{node.format('n0', 'a')}{node.format('n1', 'b')}{edge}{edge}</graph></graphml>"
    )
    arrays = originals.graphml({"weights": text.encode()})
    assert np.array_equal(arrays["weights"], [[0, 6], [0, 0]])
    assert list(arrays["labels"]) == ["a", "b"]
    assert list(arrays["modules"]) == ["effector"] * 2


def test_a_parcel_is_where_its_own_hemisphere_has_it():
    """The source gives the medial wall of the right hemisphere the number of a left parcel."""
    import base64
    import zlib

    def gii(points):
        data = base64.b64encode(zlib.compress(np.array(points, "<f4").tobytes())).decode()
        form = 'DataType="NIFTI_TYPE_FLOAT32" Encoding="GZipBase64Binary" Endian="LittleEndian"'
        return (
            f'<GIFTI><DataArray Intent="NIFTI_INTENT_POINTSET" {form}><Data>{data}</Data></DataArray></GIFTI>'.encode()
        )

    arrays = originals.enigma(
        {
            "labels": b"L_a,R_a",
            "parcels": b"1 1 0 2 1",
            "left": gii([[-1, 0, 0], [-3, 2, 0], [9, 9, 9]]),
            "right": gii([[5, 5, 5], [100, 100, 100]]),
            "structure": b"0,1\n1,0\n",
            "function": b"0,0.5\n0.5,0\n",
        }
    )
    assert np.array_equal(arrays["positions"], [[-2, 1, 0], [5, 5, 5]])
    assert np.array_equal(arrays["fc"], [[0, 0.5], [0.5, 0]])


# --- the real sets, from copies kept beside the project --------------------------------------------------------------
@pytest.fixture(scope="module")
def script():
    sys.path.insert(0, str(ROOT / "data"))
    try:
        import atlas
    finally:
        sys.path.remove(str(ROOT / "data"))
    return atlas


@pytest.fixture(scope="module")
def in_one_form(shared_data):
    """Arrays as the script writes them, from what others made of the same public files."""

    def read(name):
        folder, key = SHARED[name]
        with np.load(shared_data / "connectomes" / folder / "data.npz", allow_pickle=False) as archive:
            a = dict(archive)
        order = sorted(range(len(a["labels"])), key=lambda k: originals._natural(str(a["labels"][k])))
        if "hyperbolic" not in a:
            order = list(range(len(order)))
        out = {"weights": np.ascontiguousarray(a[key][np.ix_(order, order)])} | {
            k: a[k][order] for k in ("labels", "hyperbolic", "segment", "side") if k in a
        }
        if name == "chimpanzee_dk114":
            out["positions"] = a["chimp_coords"]
        elif "modules" in a:
            out["modules"] = a["modules"]
        return out

    return read


@pytest.mark.parametrize("name", SHARED)
def test_others_made_the_same_of_the_public_files(name, in_one_form, script, tmp_path):
    arrays, entry = in_one_form(name), ATLAS["datasets"][name]
    assert originals.digest(arrays) == entry["digest"]
    script.FACTS[name](arrays)
    np.savez(tmp_path / "set.npz", **arrays)
    net = na.datasets.load(name, path=tmp_path / "set.npz")
    assert net.n_nodes == entry["n_nodes"]
    assert net.is_directed == entry["directed"]
    assert net.is_signed == entry["signed"]
    assert (len(np.unique(net.weights)) > 2) == entry["weighted"]
    if entry["orientation"].startswith("checked"):
        with pytest.raises(AssertionError):
            script.FACTS[name](arrays | {"weights": arrays["weights"].T})


def test_the_macaque_comes_through_pooch(in_one_form, server):
    arrays = in_one_form("macaque_markov29")
    weights, labels = ATLAS["datasets"]["macaque_markov29"]["files"].values()
    (server.folder / weights).parent.mkdir(parents=True)
    with (server.folder / weights).open("wb") as file:
        np.save(file, np.asfortranarray(arrays["weights"]))
    (server.folder / labels).write_bytes(pickle.dumps(arrays["labels"].tolist(), 3))  # these are the public bytes
    net = na.datasets.load("macaque_markov29")
    v1, v2 = (list(net.labels).index(area) for area in ("V1", "V2"))
    assert net.weights[v1].argmax() == v2
    assert net.weights[v1, v2] == pytest.approx(0.763, abs=5e-4)
    assert len(server.asked) == 2
