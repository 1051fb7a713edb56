"""The scripts that rebuild the bundled data are importable and say what they do."""

import runpy
import sys
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "data"
SCRIPTS = [*sorted((DATA / "trained").glob("*.py")), DATA / "build.py"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_help_of_a_script_explains_it_and_does_nothing(script, monkeypatch, capsys):
    before = {path: path.stat().st_mtime_ns for path in script.parent.iterdir()}
    monkeypatch.syspath_prepend(script.parent)
    monkeypatch.setattr(sys, "argv", [str(script), "--help"])
    loaded = set(sys.modules)
    try:
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(script), run_name="__main__")
    finally:
        for name in {"measure", "sources"} - loaded:  # siblings, under names that others may use
            sys.modules.pop(name, None)
    assert end.value.code == 0
    assert f"python {script.relative_to(DATA.parent)}" in " ".join(capsys.readouterr().out.split())
    after = {path: path.stat().st_mtime_ns for path in script.parent.iterdir() if path.name != "__pycache__"}
    assert after == {path: time for path, time in before.items() if path.name != "__pycache__"}
