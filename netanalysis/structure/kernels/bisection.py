"""Fine tuning of a split in two: which state of many single moves is the best one."""

import numpy as np

from netanalysis._kernels.compiling import kernel


@kernel
def tune(b, side, pull, gain, best):
    """Flip every node once, each time the one that gains most or loses least; into `best` the best state seen.

    `side` holds 1 or -1, `pull` what the others have for each node to be with them, `gain` what the split has gained.
    """
    n = len(b)
    free = np.empty(n, np.uint8)
    for i in range(n):
        free[i], best[i] = 1, side[i]
    best_gain = gain
    for _ in range(n):
        chosen, most = -1, -np.inf
        for i in range(n):
            change = -4.0 * side[i] * pull[i]
            if free[i] and change > most:
                chosen, most = i, change
        if chosen < 0:
            return
        gain += most
        side[chosen] = -side[chosen]
        twice = 2.0 * side[chosen]
        for i in range(n):
            if i != chosen:
                pull[i] += twice * b[chosen, i]
        free[chosen] = 0
        if gain > best_gain:
            best_gain = gain
            for i in range(n):
                best[i] = side[i]
