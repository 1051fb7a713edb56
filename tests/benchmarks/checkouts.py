"""Peers that the package index does not carry, or not in this version: from checkouts, else what was recorded of them.

``NETANALYSIS_PEERS=FOLDER`` names a folder that holds checkouts, by the names of their repositories:
``connectome_interpreter`` (of YijieYin; it needs plotly and ipywidgets) and ``ConnectomeInfluenceCalculator`` (of
DrugowitschLab; it needs bidict, petsc4py and slepc4py) and ``GenerativeNetworkModels`` (of EdwardJamesYoung; it needs
torch, jaxtyping 0.2.36 and typeguard 2.13.3). Without one its row shows the CPU time of a run before.
"""

import contextlib
import importlib
import os
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Recorded:
    """What a peer took when it was last run, on another day."""

    cpu: float  # seconds
    date: str = "28 Nov 2026"


def peer(checkout: str, module: str, workload, recorded: float, date: str = Recorded.date):
    """``workload(module)`` prepared from a checkout, or what was recorded of it."""
    folder = Path(os.environ.get("NETANALYSIS_PEERS", ".")) / checkout
    if "NETANALYSIS_PEERS" not in os.environ or not folder.is_dir():
        return Recorded(recorded, date)

    def prepare():
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
        warnings.simplefilter("ignore")
        return workload(importlib.import_module(module))

    return prepare


def interpreter(workload, recorded: float):
    return peer("connectome_interpreter", "connectome_interpreter", workload, recorded)


def influence_calculator(workload, recorded: float):
    return peer("ConnectomeInfluenceCalculator", "InfluenceCalculator.InfluenceCalculator", workload, recorded)


@contextlib.contextmanager
def silent():
    """Progress bars are not what is timed."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        yield
