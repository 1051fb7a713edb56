"""The documentation's tables of formats are those of the readers."""

import pytest

import netanalysis as na
from netanalysis import io
from tests.formats import PAGE, tables


def test_the_page_of_formats_is_made_from_the_readers():
    """Meant to change? Then run ``python -m tests.formats`` and look at the difference."""
    assert all(table in PAGE.read_text(encoding="utf-8") for table in tables())


def test_every_reader_is_in_the_table_once():
    rows = [line.split("|") for line in io.formats_table().splitlines()[2:]]
    assert sorted(suffix for row in rows for suffix in row[1].split()) == sorted(io._READERS)
    assert sorted(suffix for row in rows for suffix in row[4].split()) == sorted(io._WRITERS)
    assert all(row[2].strip() for row in rows)


@pytest.mark.parametrize("suffix", io.REFUSED)
def test_what_is_refused_is_not_read(suffix):
    assert suffix not in io._READERS
    what, line = io.REFUSED[suffix]
    assert what
    assert len(line) > 10


def test_compound_suffixes_are_known_by_their_longest_end(tmp_path):
    path = tmp_path / "subject.pconn.nii"
    path.write_bytes(b"x")
    with pytest.raises(ValueError, match=r"NIfTI or CIFTI.*nibabel"):
        na.load(path)
    path = tmp_path / "x.y.what"
    path.write_bytes(b"x")
    with pytest.raises(ValueError, match=r"suffix '\.what'; load\(\) reads \.npz"):
        na.load(path)
