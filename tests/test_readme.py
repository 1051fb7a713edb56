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


def test_the_formula_of_p_is_that_of_the_code():
    """As the last row of the table of measures says it."""
    import numpy as np

    import netanalysis as na

    assert "p = (b + 1) / (n + 1), b of n nulls being as extreme; two-sided, as in tables, twice the smaller" in TEXT
    w = np.random.default_rng(0).lognormal(size=(6, 6))
    for seed in range(20):
        test = na.null_test(w, lambda x: x[0].sum(), na.nulls.weight_shuffle, n_nulls=30, rng=seed)
        more = ((test.null_distribution >= test.observed).sum() + 1) / 31
        less = ((test.null_distribution <= test.observed).sum() + 1) / 31
        assert test.p == min(1, 2 * min(more, less))
