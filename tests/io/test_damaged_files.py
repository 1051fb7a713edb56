"""Damaged files of every format, and writers that are killed: 20 and 2; in `make thorough` 2,000 and 100."""

import json
import subprocess
import sys

import pytest

from netanalysis.io import _READERS, _isolated
from tests.conftest import ROOT

# A library of C may crash or hang: the command line reads these in a process of its own, with a limit on time.
MAY_END = set(_isolated.FORMATS)


def said(*options, seed=0):
    command = [sys.executable, "-m", "tests.io.hostile", "--seed", str(seed), *map(str, options)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def harm(found):
    """What no user should see: errors of the wrong kind, and crashes where the file is not read in another process."""
    ends = "crashed", "never ended"
    return [what for what in found["harm"].values() if not (what.startswith(ends) and found["suffix"] in MAY_END)]


def test_damaged_files_are_read_or_refused_and_kills_leave_whole_files():
    *formats, kills = said("--files", 20, "--kills", 2)
    assert [found["suffix"] for found in formats] == list(_READERS)
    assert {found["suffix"]: harm(found) for found in formats if harm(found)} == {}
    assert kills == {"kills": 2, "harm": []}


@pytest.mark.slow
@pytest.mark.parametrize("suffix", _READERS)
def test_two_thousand_damaged_files_are_read_or_refused(suffix, reported):
    (found,) = said("--files", 2000, "--suffix", suffix, seed=1)
    counts = found["outcomes"]
    ended = sum(counts.get(kind, 0) for kind in ("crashed", "never ended"))
    reported(
        "Damaged files",
        format=suffix,
        files=found["files"],
        read=counts.get("read", 0),
        refused=counts.get("refused", 0),
        **{"ended the process that reads": ended if ended else "none", "harm": len(harm(found))},
    )
    assert not harm(found)


@pytest.mark.slow
def test_a_hundred_kills_leave_whole_files(reported):
    (found,) = said("--kills", 100, seed=1)
    what = "network, table or checkpoint at a random moment"
    reported("Kills", what=what, kills=100, harm=len(found["harm"]))
    assert found == {"kills": 100, "harm": []}
