"""Columns of the table: how well nodes communicate."""

from __future__ import annotations

from typing import Any

import numpy as np

from netanalysis._core import stacks, undefined
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure.first_passage import diffusion_efficiency
from netanalysis.structure.navigation import navigation
from netanalysis.structure.search_information import search_information
from netanalysis.table._measure import Measure

_PART = "transform.subset for a part of it"


@takes_stacks
def _mean_search_information(net: Network) -> Any:
    bits = search_information(net)
    found = np.isfinite(bits)
    pairs = found.sum(axis=(-2, -1)) - bits.shape[-1]
    mean = stacks.number(stacks.ratio(np.where(found, bits, 0.0).sum(axis=(-2, -1)), pairs))
    return undefined.spoken(mean, "search_information", "no pair of nodes is connected by a path")


@takes_stacks
def _navigation(net: Network) -> Any:
    return navigation(net, lengths="hops")


COMMUNICATION: dict[str, Measure] = {
    "search_information": Measure(
        function=_mean_search_information,
        of="magnitude",
        definition=(
            "Mean over ordered reachable pairs of -log2 of the probability that a random walker on |W| takes a "
            "shortest path, a connection being 1 / |w| long."
        ),
        source="doi:10.1103/PhysRevLett.94.028701",
        family="communication",
        needs=("dense",),
        instead=_PART,
    ),
    "diffusion_efficiency": Measure(
        function=diffusion_efficiency,
        of="magnitude",
        definition="Mean over ordered pairs of 1 / mean first passage time of a random walker on |W|.",
        source="doi:10.1371/journal.pone.0058070",
        family="communication",
        needs=("dense",),
        instead=_PART,
    ),
    "navigation_success": Measure(
        function=_navigation,
        field="success",
        definition=(
            "Share of ordered pairs between which steps along connections (w != 0) to the neighbour nearest to the "
            "target arrive."
        ),
        source="doi:10.1073/pnas.1801351115",
        family="communication",
        needs=("distances", "dense"),
        instead=_PART,
    ),
}
