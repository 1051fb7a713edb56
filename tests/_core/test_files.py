"""Files are written whole or not at all."""

import os
import re
import stat
import subprocess
import sys
import threading

import numpy as np
import pytest

import netanalysis as na
from netanalysis._core.files import written_whole


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "old.txt"
    path.write_text("old")
    return path


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_older_file_and_nothing_else(old, error):
    def write_half():
        with written_whole(old) as part:
            part.write_text("half of the new")
            raise error

    with pytest.raises(error):
        write_half()
    assert old.read_text() == "old"
    assert list(old.parent.iterdir()) == [old]


def test_the_older_file_is_there_until_the_new_one_is_complete(old):
    with written_whole(old) as part:
        part.write_text("new")
        assert old.read_text() == "old"
    assert old.read_text() == "new"
    assert list(old.parent.iterdir()) == [old]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of another kind")
def test_permissions_stay_those_of_the_older_file_and_are_the_usual_ones_of_a_new_one(old, tmp_path):
    old.chmod(0o640)
    before = os.umask(0o022)
    try:
        for path, wanted in ((old, 0o640), (tmp_path / "new.txt", 0o644)):
            with written_whole(path) as part:
                part.write_text("new")
            assert stat.S_IMODE(path.stat().st_mode) == wanted
    finally:
        os.umask(before)


def test_a_link_stays_a_link(old, tmp_path):
    link = tmp_path / "link.txt"
    link.symlink_to(old)
    with written_whole(link) as part:
        part.write_text("new")
    assert link.is_symlink()
    assert old.read_text() == "new"


def test_a_pipe_is_written_directly(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    with written_whole(pipe) as part:
        part.write_text("through")
    reader.join(timeout=10)
    assert read == ["through"]


def test_places_that_cannot_be_written_are_refused_before_any_writing(tmp_path, monkeypatch):
    with pytest.raises(IsADirectoryError, match="is a folder"), written_whole(tmp_path):
        pytest.fail("reached")
    with pytest.raises(FileNotFoundError, match="there is no folder"), written_whole(tmp_path / "no" / "file.txt"):
        pytest.fail("reached")
    path = tmp_path / "fixed.txt"
    path.write_text("old")
    monkeypatch.setattr(os, "access", lambda *_: False)  # the superuser may write anything
    with pytest.raises(PermissionError, match=r"fixed\.txt may not be written"), written_whole(path):
        pytest.fail("reached")


def test_a_killed_writer_leaves_the_older_file(old):
    script = (
        "import os, signal, sys\n"
        "from netanalysis._core.files import written_whole\n"
        "with written_whole(sys.argv[1]) as part:\n"
        "    part.write_text('half of the new')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(old)], check=False)
    assert old.read_text() == "old"


def test_saved_networks_keep_permissions_and_links(tmp_path):
    path, link = tmp_path / "net.npz", tmp_path / "link.npz"
    na.save([[0, 1.0], [0, 0]], path)
    path.chmod(0o600)
    link.symlink_to(path)
    na.save([[0, 2.0], [0, 0]], link)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert np.array_equal(na.load(path).weights, [[0, 2], [0, 0]])


def test_parts_of_a_writer_that_was_killed_are_cleared_at_the_next_write(tmp_path):
    code = f"""
import os, signal
from netanalysis._core.files import written_whole
with written_whole({str(tmp_path / "a.csv")!r}) as part:
    part.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], timeout=120)
    (left,) = tmp_path.iterdir()
    mine = left.with_name(re.sub(r"-\d+-", f"-{os.getpid()}-", left.name) + ".npz")
    mine.write_text("of a writer that is at it")
    with written_whole(tmp_path / "b.csv") as part:
        part.write_text("whole")
    assert sorted(tmp_path.iterdir()) == sorted([mine, tmp_path / "b.csv"])
