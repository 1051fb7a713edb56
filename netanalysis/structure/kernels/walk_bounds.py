"""The least a walk can still cost: bounds that guide the search for the strongest paths."""

import numpy as np

from netanalysis._kernels.compiling import kernel


@kernel
def remaining(indptr, indices, costs, out):
    """``out[r, v]``: least cost of a walk of exactly r connections from v to where ``out[0]`` is finite, row by row."""
    for r in range(1, len(out)):
        for v in range(len(indptr) - 1):
            best = np.inf
            for e in range(indptr[v], indptr[v + 1]):
                best = min(best, costs[e] + out[r - 1, indices[e]])
            out[r, v] = best
