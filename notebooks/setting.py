"""How much a notebook computes, and how its figures look.

``NETANALYSIS_NOTEBOOKS=quick`` cuts null networks and trained networks to what shows that a notebook runs, as
``make test`` does; its verdicts are then not to be read.
"""

import os
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

import netanalysis as na

HERE = Path(__file__).resolve().parent
QUICK = os.environ.get("NETANALYSIS_NOTEBOOKS") == "quick"

# Widths in inches: one column and a page.
COLUMN, PAGE = 3.5, 7.2


def many(full: int, quick: int) -> int:
    """A number of nulls or networks: `full`, or `quick` where the setting says so."""
    return quick if QUICK else full


def style() -> None:
    """Text of 7 points, thin lines, text kept as text in vector files."""
    plt.rcParams.update(
        {
            "font.size": 7,
            "axes.titlesize": 6,
            "axes.linewidth": 0.6,
            "xtick.major.width": 0.6,
            "ytick.major.width": 0.6,
            "figure.dpi": many(110, 30),
            "savefig.dpi": 300,
            "figure.constrained_layout.use": not QUICK,  # most of the time of a figure of many panels
            "svg.fonttype": "none",
            "svg.hashsalt": "netanalysis",
            "pdf.fonttype": 42,
        }
    )


def save(figure: Any, name: str) -> None:
    """Write a figure into the folder ``figures`` as .svg and .png; not where notebooks only have to run."""
    if QUICK:
        return
    folder = Path("figures")
    folder.mkdir(exist_ok=True)
    na.plot.save(figure, folder / name)
