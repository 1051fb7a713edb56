"""Columns of the table about modules that are known, and about core and periphery."""

from __future__ import annotations

from netanalysis.structure.core_and_periphery import core_periphery
from netanalysis.structure.module_roles import participation_coefficient
from netanalysis.table._measure import Measure

MODULES: dict[str, Measure] = {
    "mean_participation": Measure(
        function=participation_coefficient,
        of="magnitude",
        over_nodes="mean",
        definition=(
            "Mean over nodes of 1 - sum_m (k_im / k_i)^2 over the known modules m, k the sum of |w_ij| + |w_ji| "
            "without self-connections; 0 for a node without connections."
        ),
        source="doi:10.1038/nature03288",
        family="modularity",
        needs=("modules",),
    ),
    "core_quality": Measure(
        function=core_periphery,
        of="magnitude",
        field="quality",
        definition=(
            "Weight of |W| within the best core less that within the periphery, each beyond the mean weight, over "
            "all; without self-connections."
        ),
        source="doi:10.1073/pnas.1420315112",
        family="connections",
    ),
}
