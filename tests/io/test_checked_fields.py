"""What a file says beside the weights is checked as they are: on the way in, not when it is used or saved."""

import json

import numpy as np
import pytest

import netanalysis as na
from tests.io.foreign import W

HEADER = {"format": "connectome", "version": 1, "name": None, "metadata": {}, "history": []}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"format": "recording of another"}, "header is not that of a connectome"),
        ({"name": {"a": 1}}, "name must be text; got dict"),
        ({"name": "\ud800"}, "name holds a broken letter"),
        ({"history": [1]}, r"history\[0\] must be text; got int"),
        ({"history": "abc"}, "history in the 'netanalysis' header must be a list"),
        ({"history": ["\udc00"]}, r"history\[0\] holds a broken letter"),
        ({"metadata": [1]}, "metadata in the 'netanalysis' header must be a dict"),
        ({"metadata": {"a": ["\ud800"]}}, r"metadata\['a'\] holds a broken letter"),
        ({"labels": ["a", "\ud800", "b"]}, "labels holds a broken letter"),
        ({"labels": {"a": 1, "b": 2, "c": 3}}, "labels in the 'netanalysis' header must be a list"),
        ({"distances": [[0, 1e999, 0]] * 3}, "distances must be finite"),
        ({"distances": [[0, -1, 0]] * 3}, "distances must not be negative; got -1"),
        ({"positions": [[1e200], [-1e200], [0]]}, "positions must lie within 1e.150"),
    ],
)
def test_fields_of_our_own_files(tmp_path, fields, said):
    np.savez(tmp_path / "w.npz", netanalysis=np.array(json.dumps(HEADER | fields)), weights=W)
    with pytest.raises(ValueError, match=rf"w\.npz: .*{said}"):
        na.load(tmp_path / "w.npz")


@pytest.mark.parametrize("code", [0xD800, 0x110000])
def test_labels_whose_letters_are_none(tmp_path, code):
    labels = np.array(["a", "b", "c"])
    labels.view(np.uint32)[1] = code
    np.savez(tmp_path / "w.npz", W=W, labels=labels)
    with pytest.raises(ValueError, match=r"w\.npz"):
        na.load(tmp_path / "w.npz", orientation="source_target")


def test_labels_of_a_graph(tmp_path):
    nodes = [{"id": 0, "label": "\ud800"}, {"id": 1, "label": "b"}]
    (tmp_path / "w.json").write_text(json.dumps({"nodes": nodes, "links": [{"source": 0, "target": 1}]}))
    with pytest.raises(ValueError, match=r"w\.json: labels holds a broken letter"):
        na.load(tmp_path / "w.json")


@pytest.mark.parametrize("fields", [{"name": ["a"]}, {"conditions": [{"name": {"a": 1}}]}])
def test_fields_of_a_recording(tmp_path, fields):
    header = {"format": "recording", "version": 1, "conditions": [{"name": "c"}], "name": None, "metadata": {}}
    arrays = {"activity": np.zeros((2, 3, 2)), "time": np.arange(3), "conditions.0": np.arange(2)}
    np.savez(tmp_path / "w.npz", netanalysis=np.array(json.dumps(header | fields)), **arrays)
    with pytest.raises(ValueError, match=r"w\.npz.* must be text"):
        na.load(tmp_path / "w.npz")


def test_arguments_in_memory():
    with pytest.raises(TypeError, match="name must be text; got int"):
        na.Connectome(W, name=3)
    with pytest.raises(TypeError, match="history must be a list of steps"):
        na.Connectome(W, history="threshold")
    with pytest.raises(TypeError, match="metadata must be a mapping"):
        na.Connectome(W, metadata=["a"])


def test_the_refusal_of_a_pickled_module_is_whole_and_plain(tmp_path):
    import torch

    torch.save(torch.nn.GRU(2, 3), tmp_path / "w.pt")
    with pytest.raises(ValueError, match="Python objects") as refused:
        na.load(tmp_path / "w.pt")
    said = str(refused.value)
    assert "\x1b" not in said
    assert "trust" not in said
    assert "torch.nn.modules.rnn.GRU" in said


def test_a_file_whose_name_is_no_text(tmp_path):
    path = tmp_path / "w\udcff.npy"
    try:
        np.save(path, W + W.T)
    except OSError:
        pytest.skip("this system allows no such names")
    assert na.load(path).name == "w\ufffd"
