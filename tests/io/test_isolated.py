"""Reading in a process of its own: the same networks, and errors in place of crashes, hangs and full memories."""

import os
import pickle

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import sparse

import netanalysis as na
from netanalysis.cli import main
from netanalysis.io import _isolated
from tests.io.foreign import W


def _instead(monkeypatch, code):
    monkeypatch.setattr(_isolated, "_MAIN", code)


def test_the_same_network_and_the_same_errors(tmp_path):
    np.savez(tmp_path / "w.npz", W=W, labels=["a", "b", "c"], delays=np.ones(3))
    with pytest.warns(UserWarning, match="delays"):
        here = na.load(tmp_path / "w.npz", orientation="source_target")
    with pytest.warns(UserWarning, match="delays"):
        there = na.load(tmp_path / "w.npz", orientation="source_target", isolated=True)
    np.testing.assert_array_equal(there.weights, here.weights)
    assert (there.labels.tolist(), there.name, there.history) == (here.labels.tolist(), here.name, here.history)
    assert dict(there.metadata) == dict(here.metadata)
    with pytest.raises(ValueError, match=r"w\.npz holds no array named 'V'"):
        na.load(tmp_path / "w.npz", key="V", isolated=True)
    with pytest.raises(FileNotFoundError, match="there is no file"):
        na.load(tmp_path / "other.npz", isolated=True)


def test_a_crash_a_hang_and_a_full_memory_are_errors(tmp_path, monkeypatch):
    path = tmp_path / "w.h5"
    path.write_bytes(b"x")
    _instead(monkeypatch, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    with pytest.raises(ValueError, match=r"w\.h5: reading it ended the process that did \(SIGSEGV\)"):
        na.load(path, isolated=True)
    monkeypatch.setattr(_isolated, "SECONDS", 0.3)
    _instead(monkeypatch, "while True: pass")
    with pytest.raises(ValueError, match=r"could not be read within 0\.3 s"):
        na.load(path, isolated=True)


def test_the_command_line_reads_risky_formats_so(tmp_path, monkeypatch):
    na.save(na.Connectome(W), tmp_path / "w.h5")
    _instead(monkeypatch, "import sys; sys.exit('no such reader')")
    said = CliRunner().invoke(main, ["info", str(tmp_path / "w.h5")])
    assert said.exit_code == 1
    assert "reading it ended the process that did (no such reader)" in said.stderr
    assert CliRunner().invoke(main, ["--trusted", "info", str(tmp_path / "w.h5")]).exit_code == 0
    assert na.load(tmp_path / "w.h5").n_nodes == 3


def test_nothing_that_comes_back_is_unpickled(tmp_path, monkeypatch):
    """Seen: the answer of the process that had read the file was a pickle, and a file that takes it over runs code."""
    path = tmp_path / "w.h5"
    path.write_bytes(b"x")
    bomb = pickle.dumps((os.mkdir, (str(tmp_path / "ran"),)))
    _instead(monkeypatch, f"import sys; sys.stdout.buffer.write({bomb!r})")
    with pytest.raises(ValueError, match="reading it ended in an answer that is none"):
        na.load(path, isolated=True)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "weights",
    [
        pytest.param(W, id="dense", marks=pytest.mark.slow),
        pytest.param(sparse.csr_array(W), id="sparse"),
        pytest.param(np.stack([W, 2 * W]), id="stack", marks=pytest.mark.slow),
    ],
)
def test_all_fields_come_back(tmp_path, weights):
    net = na.Connectome(
        weights,
        positions=np.arange(9.0).reshape(3, 3),
        distances=1 - np.eye(3),
        labels=["a", "é", "x" * 3000],
        modules=[2, 1, 2],
        inputs=np.ones((2, 3)),
        name="net",
        metadata={"seed": 3, "nested": {"a": [1, None, 0.5]}, "ages": np.arange(3)},
    )
    na.save(net, tmp_path / "w.npz")
    here, there = (na.load(tmp_path / "w.npz", isolated=isolated) for isolated in (False, True))
    assert type(there.weights) is type(here.weights)
    for field in ("positions", "distances", "labels", "modules", "inputs"):
        np.testing.assert_array_equal(getattr(there, field), getattr(here, field))
    difference = there.weights - here.weights
    assert not (difference.nnz if sparse.issparse(difference) else difference.any())
    assert (there.name, there.history, list(there.metadata)) == (here.name, here.history, list(here.metadata))
    np.testing.assert_equal(dict(there.metadata), dict(here.metadata))
