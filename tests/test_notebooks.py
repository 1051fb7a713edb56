"""Notebooks run from top to bottom and are kept with their outputs; their README says what they say."""

from itertools import groupby

import nbformat
import pytest
from execute import HERE, claims, readme, run
from nbclient import NotebookClient
from nbclient.util import run_sync

NOTEBOOKS = sorted(HERE.glob("*.ipynb"))


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture(scope="module")
def kernel():
    """One for all notebooks that only have to run."""
    manager = NotebookClient(nbformat.v4.new_notebook(), kernel_name="python3").create_kernel_manager()
    yield manager
    if manager.has_kernel:
        run_sync(manager.shutdown_kernel)(now=True)


def runs(path, folder, kernel=None):
    notebook = run(path, folder, kernel)
    for before, after in zip(code_cells(read(path)), code_cells(notebook), strict=True):
        # what is compiled for the first time is announced on stderr, and may cut what is printed in two
        outputs = [[o.output_type for o in cell.outputs if o.get("name") != "stderr"] for cell in (before, after)]
        kinds = [[kind for kind, _ in groupby(each)] for each in outputs]
        assert kinds[0] == kinds[1], f"stored outputs are not those of the code: {after.source[:60]}"
    return notebook


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_from_top_to_bottom(path, tmp_path, monkeypatch, kernel):
    """With few nulls and networks."""
    monkeypatch.setenv("NETANALYSIS_NOTEBOOKS", "quick")
    runs(path, tmp_path, kernel)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_says_in_full_what_is_stored(path, tmp_path, monkeypatch):
    """Every verdict is the one that the data give today."""
    monkeypatch.delenv("NETANALYSIS_NOTEBOOKS", raising=False)
    assert verdicts(claims(runs(path, tmp_path))) == verdicts(claims(read(path)))


def verdicts(tables):
    """First and last cell of each line: a claim, or a reading of it, and the verdict."""
    return [(line.split(" | ")[0], line.split(" | ")[-1]) for line in tables.splitlines()]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_stored_executed_in_order_without_warnings(path):
    cells = code_cells(read(path))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    assert path.stat().st_size < 1.5e6


@pytest.mark.parametrize(
    "name", ["quickstart", "pathways", "real_brains", "sernn", "entropy", "growing_brains", "resolvent", "beyond"]
)
def test_there_is(name):
    assert (HERE / f"{name}.ipynb").exists()


def test_readme_says_what_the_notebooks_say():
    assert (HERE / "README.md").read_text(encoding="utf-8") == readme(), "run python notebooks/execute.py --readme"
