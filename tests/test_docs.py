"""The site's sources: their code runs, their pages cover what is public, their links lead somewhere."""

import importlib
import re
import sys
import tomllib
import warnings
from pathlib import Path

import pytest

import netanalysis as na

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture
def of_docs(monkeypatch):
    """Modules of the site, which is built from its own folder."""
    monkeypatch.syspath_prepend(str(DOCS))
    yield importlib.import_module
    for name in ("pages", "probes", "check"):
        sys.modules.pop(name, None)


def test_tasks_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / "tasks.md").read_text(encoding="utf-8"), re.S)
    assert len(blocks) > 5
    exec(compile("\n".join(blocks), "tasks.md", "exec"), {})
    assert "True" in capsys.readouterr().out
    assert (tmp_path / "matrix.svg").exists()


def test_every_public_name_has_a_page(of_docs):
    pages = of_docs("pages")
    assert sorted(name for names in pages.groups().values() for name in names) == sorted(na.__all__)


def test_every_null_model_says_what_it_keeps(of_docs):
    page = of_docs("pages")._nulls()
    assert [name for name in na.nulls.__all__ if f"nulls.{name}`" not in page] == []


def test_probes_say_what_is_known(of_docs):
    probes = of_docs("probes")
    net = probes._network()
    said = {
        name: probes.answers(na.MEASURES[name], net)
        for name in ("density", "reciprocity", "total_weight", "clustering")
    }
    assert said["density"]["signs"] == said["reciprocity"]["weights"] == "ignored"
    assert said["total_weight"]["self-connections"] == said["reciprocity"]["both ways"] == "counts"
    assert said["clustering"]["unit"] == "ignored"
    assert said["clustering"]["weights"] == "counts"


def test_what_a_measure_raises_that_is_no_refusal_is_a_defect(of_docs):
    probes = of_docs("probes")

    def broken(net):
        raise ZeroDivisionError

    said = probes.answers(na.Measure(function=broken, definition=""), probes._network())
    assert set(said.values()) == {"defect: ZeroDivisionError"}
    assert all(isinstance(value, probes.Defect) for value in said.values())


def test_costs_are_those_of_the_benchmarks(of_docs):
    costs = of_docs("probes").costs()
    assert set(costs) <= set(na.MEASURES)
    assert len(costs) > 15


@pytest.mark.parametrize(
    "page", sorted(path.stem for path in (DOCS / "cookbooks").glob("*.md") if path.stem != "index")
)
def test_cookbooks_run(page, capsys):
    if page == "trained_networks":
        pytest.importorskip("torch")
    text = (DOCS / "cookbooks" / f"{page}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert len(blocks) > 4
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", na.UndefinedWarning)
        exec(compile("\n".join(blocks), f"{page}.md", "exec"), {})
    assert capsys.readouterr().out


def test_links_lead_somewhere(of_docs):
    check = of_docs("check")
    assert len(check.pages()) > 8
    assert {str(page): lost for page in check.pages() if (lost := check.lost(page))} == {}


def test_no_star_in_a_docstring_begins_an_emphasis_that_never_ends(of_docs):
    check = of_docs("check")
    assert check.stars("All *x of them.") == ["All *x of them."]
    assert check.stars("Shape (*s, n).") == ["Shape (*s, n)."]
    assert check.stars("Of *all* ``*x`` and a * b.\n*args : names") == []
    docs = dict(check.docstrings())
    assert len(docs) > 400
    assert {name: lines for name, text in docs.items() if (lines := check.stars(text))} == {}


def test_docutils_has_nothing_to_say_of_docstrings(of_docs):
    """What would break `make docs`, which takes too long to run every time."""
    pytest.importorskip("docutils")
    check = of_docs("check")
    assert check.parsed("A ``literal.") != []
    assert {name: said for name, text in check.docstrings() if (said := check.parsed(text))} == {}


def test_every_library_that_people_come_from_has_rows(of_docs):
    text = (DOCS / "migration.md").read_text(encoding="utf-8")
    for library in ("bct", "networkx", "netneurotools", "connectome_interpreter"):
        assert len(re.findall(rf"^\| {library}\.", text, re.M)) >= 5, library


def test_extras_on_the_page_are_those_declared(of_docs):
    page = of_docs("pages")._extras()
    install = (DOCS / "install.md").read_text(encoding="utf-8")
    declared = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for extra in declared["optional-dependencies"]:
        assert f"| `{extra}` | " in page
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    for extra in re.findall(r"pip install '\.\[(\w+)\]'", readme):
        assert f"[{extra}]" in install


def test_every_notebook_has_a_card(of_docs, tmp_path):
    pages = of_docs("pages")
    pages._gallery(tmp_path)
    names = {path.stem for path in (pages.ROOT / "notebooks").glob("*.ipynb")}
    assert {path.stem for path in tmp_path.glob("*.png")} == names
