"""Figures of several networks can be read in a column 2.4 inches wide, on a page 7 inches wide and as panels."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import netanalysis as na
from netanalysis import plot
from tests.plot._legible import problems

RNG = np.random.default_rng(7)
N = 240
TABLE = pd.DataFrame(
    {
        "epoch": np.tile(np.arange(12), 20),
        "gamma": np.repeat(np.geomspace(1e-4, 0.1, 20), 12),
        "q": RNG.gamma(2.0, size=N) / 4,
        "group": np.where(np.arange(N) % 2, "distance", "communicability"),
    }
)
TASKS = [f"{kind}{k}" for kind in ("go", "antigo", "ctxdlydm", "multidm") for k in range(5)]
ACCURACY = pd.DataFrame({"task": TASKS * 6, "accuracy": RNG.random(120), "model": ["BIMT", "L1"] * 60})
LABELS = {"q": "Modularity Q", "gamma": "Strength γ", "epoch": "Epoch", "reference": "all correct"}
RECORDING = na.Recording(np.cumsum(RNG.normal(size=(20, 30, 8)), axis=1), {"choice": ["left", "right"] * 10})
NETS = {name: na.Connectome(RNG.normal(size=(20, 20)) / 4) for name in ("L1", "seRNN")}
SNAPSHOTS = [
    na.Connectome(RNG.normal(size=(30, 30)) / k, positions=RNG.normal(size=(30, 2)), metadata={"epoch": k})
    for k in (1, 5, 10)
]

FIGURES = {
    "curve": lambda ax: plot.curve(TABLE, x="epoch", y="q", by="group", interval="se2", labels=LABELS, ax=ax),
    "curve over strengths": lambda ax: plot.curve(TABLE, x="gamma", y="q", by="group", labels=LABELS, ax=ax),
    "scatter": lambda ax: plot.scatter(TABLE, x="epoch", y="q", by="group", fit="linear", labels=LABELS, ax=ax),
    "histogram": lambda ax: plot.histogram(TABLE, x="q", by="group", labels=LABELS, ax=ax),
    "heat_map": lambda ax: plot.heat_map(TABLE[9:], x="epoch", y="gamma", value="q", labels=LABELS, ax=ax),
    "bars": lambda ax: plot.bars(ACCURACY, x="task", y="accuracy", by="model", reference=1, labels=LABELS, ax=ax),
    "ranks": lambda ax: plot.ranks({"BIMT": RNG.gamma(0.1, size=400), "L1": RNG.random(300)}, ax=ax),
    "lesions": lambda ax: plot.lesions(pd.DataFrame(-RNG.random((5, 20)), columns=TASKS), ax=ax),
    "eigenvalues": lambda ax: plot.eigenvalues(NETS, ax=ax),
    "activity": lambda ax: plot.activity(RECORDING, by="choice", ax=ax),
    "trajectory": lambda ax: plot.trajectory(RECORDING, by="choice", ax=ax),
}


@pytest.mark.parametrize("size", [(2.4, 2.2), pytest.param((7, 4), marks=pytest.mark.slow)], ids=str)
@pytest.mark.parametrize("name", FIGURES)
def test_no_text_lies_over_another_or_is_cut_off(name, size):
    figure = Figure(size, layout="constrained")
    FIGURES[name](figure.subplots())
    assert not problems(figure)


@pytest.mark.parametrize("what", ["weights", "matrix", "distance"])
@pytest.mark.parametrize("size", [(2.4, 1.8), pytest.param((7, 2.4), marks=pytest.mark.slow)], ids=str)
def test_neither_in_a_row_of_snapshots(what, size):
    figure = Figure(size, layout="constrained")
    plot.snapshots(SNAPSHOTS, what=what, figure=figure)
    assert not problems(figure)


@pytest.mark.slow
@pytest.mark.parametrize("names", [list(FIGURES)[:6], list(FIGURES)[5:]], ids=["tables", "others"])
def test_neither_as_panels_of_a_page(names):
    figure = Figure((7, 5), layout="constrained")
    axes = figure.subplots(2, 3)
    for name, ax in zip(names, axes.flat, strict=True):
        FIGURES[name](ax)
    axes[0, 0].set_title("A title", fontsize="medium")
    plot.panel_letters(axes)
    assert not problems(figure)


def test_text_over_text_and_text_cut_off_are_found():
    figure = Figure((2, 2))
    figure.text(0.5, 0.5, "one")
    figure.text(0.52, 0.5, "two")
    figure.text(0.99, 0.1, "three")
    assert len(problems(figure)) == 2
