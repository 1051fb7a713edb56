"""The bundled ensembles still compute: reloaded networks solve the task that their metadata say they solve."""

from pathlib import Path

import numpy as np

import netanalysis as na
from models import Ensemble

SERNN = Path(__file__).resolve().parents[2] / "data" / "trained" / "sernn.npz"


def test_reloaded_networks_solve_their_task():
    ensemble = Ensemble.load(SERNN).at(9)
    rows = np.flatnonzero(ensemble.table["accuracy"] >= 0.9)
    assert len(rows) >= 10
    for row in rows[::4]:
        recording = ensemble.record(int(row), noise=False, trials=256, rng=5)
        assert recording.conditions["correct_response"].mean() >= 0.9
        assert recording.metadata["gamma"] == ensemble.table["gamma"][row]


def test_analysis_and_models_read_the_same_networks():
    ensemble, trained = Ensemble.load(SERNN), na.datasets.load("sernn")
    assert len(ensemble) == len(trained)
    for row in (0, 7, -1):
        mine, theirs = ensemble.connectome(row), trained[row]
        assert mine.name == theirs.name
        for field in ("weights", "positions", "inputs", "outputs"):
            assert np.array_equal(getattr(mine, field), getattr(theirs, field))
        assert dict(mine.metadata).items() <= dict(theirs.metadata).items()
