"""Names that begin as formulas do, or steer the terminal: harmless in tables and on the terminal, kept in the .npz."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import netanalysis as na
from netanalysis._core.text import cells
from netanalysis.cli import main
from netanalysis.cli._show import readable

NAMES = ["=1+1", "'+x", "-AVAL", "@SUM(A1)", "-0.5", "plain"]
ESCAPE = "AVAL\x1b[2J\u202e"


def test_labels_of_a_csv_are_no_formulas_and_come_back(tmp_path):
    net = na.Connectome(np.arange(36.0).reshape(6, 6), labels=NAMES)
    na.save(net, tmp_path / "w.csv")
    text = (tmp_path / "w.csv").read_text()
    assert ",'=1+1,''+x,'-AVAL,'@SUM(A1),-0.5,plain" in text
    assert na.load(tmp_path / "w.csv").labels.tolist() == NAMES
    na.save(net, tmp_path / "w.npz")
    assert na.load(tmp_path / "w.npz").labels.tolist() == NAMES


def test_tables_of_the_command_line(tmp_path):
    na.save(na.Connectome([[0, 1.0], [0.5, 0]], name="=cmd|' /C calc'!A0"), tmp_path / "w.npz")
    run = CliRunner().invoke(main, ["measure", str(tmp_path / "w.npz"), "--measures", "density", "--n-nulls", "2"])
    assert run.exit_code == 0, run.output
    assert "\n'=cmd|' /C calc'!A0,density,1.0" in run.stdout
    table = pd.DataFrame({"network": ["=a", ESCAPE], "measure": "density", "value": [-1.0, 2.0]})
    assert cells(table)["network"].tolist() == ["'=a", ESCAPE]
    assert cells(table)["value"].tolist() == [-1.0, 2.0]
    shown = readable(table.assign(network=[ESCAPE, "x" * 100_000]), "measure")
    assert "\x1b" not in shown
    assert r"AVAL\x1b[2J\u202e" in shown
    assert len(shown) < 1_000


def test_what_the_terminal_shows_of_a_network_and_of_an_error(tmp_path):
    net = na.Connectome([[0, 1.0], [0.5, 0]], name=ESCAPE, labels=[ESCAPE, "b"], metadata={ESCAPE: "x" * 10_000})
    na.save(net, tmp_path / "w.npz")
    run = CliRunner().invoke(main, ["info", str(tmp_path / "w.npz")])
    assert run.exit_code == 0
    assert "\x1b" not in run.stdout
    assert "\u202e" not in run.stdout
    assert len(run.stdout) < 2_000
    np.savez(tmp_path / "e.npz", **{ESCAPE: np.ones((2, 3))})
    run = CliRunner().invoke(main, ["info", str(tmp_path / "e.npz")])
    assert run.exit_code == 1
    assert "\x1b" not in run.stderr


@pytest.mark.parametrize("error", [KeyError("worker"), OSError(28, "No space left on device"), RuntimeError()])
def test_errors_that_nobody_foresaw_are_one_line(tmp_path, monkeypatch, error):
    def fails(*_, **__):
        raise error

    monkeypatch.setattr("netanalysis.cli.described", fails)
    na.save(na.Connectome([[0, 1.0], [0.5, 0]]), tmp_path / "w.npz")
    run = CliRunner().invoke(main, ["info", str(tmp_path / "w.npz")])
    assert run.exit_code == 1
    assert run.stderr.startswith("Error: ")
    assert run.stderr.count("\n") == 1
    assert "Traceback (most" not in run.stderr
