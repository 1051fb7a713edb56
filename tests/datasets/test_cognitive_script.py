"""The table of networks on 20 tasks goes on where it was interrupted."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import Ensemble

TRAINED = Path(__file__).resolve().parents[2] / "data" / "trained"


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("cognitive", TRAINED / "cognitive.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_resume_measures_what_the_table_does_not_have(script, tmp_path, monkeypatch):
    ensemble = Ensemble.load(TRAINED / "bimt.npz").at(-1)
    paths = [tmp_path / f"{name}.npz" for name in ("some", "all")]
    ensemble.select(np.arange(2)).save(paths[0])
    ensemble.select(np.arange(4)).save(paths[1])
    measured = []

    def measure(ensemble, row, scale):
        assert scale == 1
        measured.append(ensemble.table["seed"][row])
        return {"noisy_accuracy": 1.0}

    def run(*options):
        monkeypatch.setattr(script, "measure", measure)
        monkeypatch.setattr(sys, "argv", ["cognitive.py", *map(str, options), "-o", str(tmp_path / "table.csv")])
        script.main()
        return pd.read_csv(tmp_path / "table.csv")

    assert run(paths[0])["seed"].tolist() == [0, 1]
    table = run(paths[1], "--resume")
    assert table["seed"].tolist() == [0, 1, 2, 3]
    assert set(table["units"]) == {100}
    assert measured == [0, 1, 2, 3]
    run(paths[0])
    assert measured == [0, 1, 2, 3, 0, 1]
