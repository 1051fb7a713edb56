"""The site's sources: their code runs, their pages cover what is public, their links lead somewhere."""

import importlib
import re
import sys
from pathlib import Path

import pytest

import netanalysis as na

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture
def of_docs(monkeypatch):
    """Modules of the site, which is built from its own folder."""
    monkeypatch.syspath_prepend(str(DOCS))
    yield importlib.import_module
    for name in ("pages", "probes"):
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


@pytest.mark.parametrize("page", sorted(path.name for path in DOCS.glob("*.md")))
def test_links_lead_somewhere(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    made = {"made/which_null.md", "made/which_measure.md", "made/api/plot.rst"}
    for target in re.findall(r"\]\((?!http|#)([^)#]+)", text) + re.findall(r"```\{include\} (\S+)", text):
        assert target in made or (DOCS / target).exists(), target
    for space, name in re.findall(r"\{func\}`~netanalysis\.(?:(\w+)\.)?(\w+)`", text):
        assert hasattr(getattr(na, space) if space else na, name), name
