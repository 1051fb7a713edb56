"""Columns of the table: how easily a network is steered."""

from __future__ import annotations

from netanalysis.structure.controllability import average_controllability
from netanalysis.table._measure import Measure

__all__ = ["CONTROL"]

CONTROL: dict[str, Measure] = {
    "average_controllability": Measure(
        function=average_controllability,
        over_nodes="mean",
        definition=(
            "Mean over nodes of sum_t |A^t e_i|^2, the energy of the response to an impulse at node i: A is signed W "
            "over 1 + the largest modulus of its eigenvalues, time is discrete, without end."
        ),
        source="doi:10.1038/ncomms9414",
        family="control",
        needs=("dense",),
        instead="transform.subset for a part of it",
    ),
}
