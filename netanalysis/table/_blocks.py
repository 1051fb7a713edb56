"""Columns of the table: whether nodes fall into blocks that connect alike, and into how many."""

from __future__ import annotations

from functools import partial

from netanalysis.structure.block_model import block_model
from netanalysis.table._measure import Measure

__all__ = ["BLOCKS"]

_blocks = partial(block_model, n_restarts=1, plain=False, rng=0)
_MODEL = "the degree-corrected stochastic block model (w != 0, directed if W is, no self-connections), in one search"

BLOCKS: dict[str, Measure] = {
    "n_blocks": Measure(
        function=_blocks,
        field="n_blocks",
        definition=f"Number of blocks of nodes of the shortest description by {_MODEL}; 1 if none are worth it.",
        source="doi:10.1103/PhysRevE.95.012317",
        family="blocks",
    ),
    "block_compression": Measure(
        function=_blocks,
        field="compression",
        definition=(
            f"Bits per connection by which blocks shorten the description beside one block, by {_MODEL}; 0 where "
            "there are none, nan without connections."
        ),
        source="doi:10.1103/PhysRevE.95.012317",
        family="blocks",
    ),
}
