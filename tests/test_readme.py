"""What the README shows, runs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_runs(capsys):
    example = re.findall(r"```python\n(.*?)```", TEXT, re.S)[0]
    exec(compile(example, "README.md", "exec"), {})
    out = capsys.readouterr().out
    assert "302 nodes" in out
    assert "weight_distance_correlation" in out


def test_a_task_and_a_penalty_of_ones_own_fit_in_one_file(capsys):
    pytest.importorskip("torch")
    example = next(e for e in re.findall(r"```python\n(.*?)```", TEXT, re.S) if "from models import" in e)
    assert example.count("\n") < 60
    exec(compile(example, "README.md", "exec"), {})
    out = capsys.readouterr().out
    assert "accuracy" in out
    assert "gamma=0.03 seed=0 epoch=3" in out


def test_every_name_in_the_table_of_measures_is_public():
    import netanalysis as na

    table = TEXT[TEXT.index("## Measures") : TEXT.index("## Many networks")]
    names = {
        name
        for row in table.splitlines()[4:]
        for name in re.findall(r"`(\w+)`", row.split("|")[2] if "|" in row else "")
    }
    assert len(names) > 30
    missing = sorted(n for n in names if not hasattr(na, n))
    assert not missing


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)]+)\)", TEXT))
def test_links_to_files_lead_somewhere(target):
    assert (ROOT / target).exists()


def test_names_every_format_that_is_read():
    from netanalysis.io import _READERS

    start = TEXT.index(": .npz") + 2
    named = re.findall(r"\.\w+", TEXT[start : TEXT.index(";", start)].lower())
    assert named == [suffix for suffix in _READERS if suffix.count(".") == 1]  # .csv.gz is a .csv
