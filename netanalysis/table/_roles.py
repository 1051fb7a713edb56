"""What the table says of the roles of nodes: how alike connected ones are, and how far the network holds together."""

from __future__ import annotations

from functools import partial

from netanalysis.structure.assortativity import assortativity
from netanalysis.structure.components import components
from netanalysis.structure.eccentricity import diameter
from netanalysis.table._measure import Measure

__all__ = ["ROLES"]

ROLES: dict[str, Measure] = {
    "assortativity": Measure(
        function=assortativity,
        definition=(
            "Correlation over connections (w != 0) of the out-degree of the source and the in-degree of the target, "
            "without self-connections; nan if all degrees are equal."
        ),
        source="doi:10.1103/PhysRevLett.89.208701",
        family="roles",
    ),
    "components": Measure(
        function=components,
        field="count",
        definition="Number of parts that no connection (w != 0) joins, direction ignored.",
        source="doi:10.1137/0201010",
        family="roles",
    ),
    "largest_component": Measure(
        function=components,
        field="largest_share",
        definition="Share of the nodes that are in the largest of the parts that no connection (w != 0) joins.",
        source="doi:10.1137/0201010",
        family="roles",
    ),
    "diameter_binary": Measure(
        function=partial(diameter, lengths="hops"),
        definition="Largest over ordered reachable pairs of the fewest hops (w != 0).",
        source="doi:10.1016/j.neuroimage.2009.10.003",
        family="roles",
        needs=("dense",),
        instead="shortest_paths from some sources=",
    ),
}
