"""First passage times without subtraction: every digit is right, however rarely walkers come to a node.

States are taken out one by one, as Grassmann, Taksar & Heyman (doi:10.1287/opre.33.5.1107) do: who would have gone
there goes where it leads to, and spends the time. For all targets at once, one half of the states is taken out for the
targets in the other half, and so on in halves: n^3 steps in all.
"""

import numpy as np

from netanalysis._kernels.compiling import kernel


@kernel
def times(start, stop, stack, out):
    """Steps from i until j, ``out[m, i, j]``, from transition probabilities; inf where arrival is not certain."""
    n = stack.shape[1]
    depths = 2
    while 1 << (depths - 2) < n:
        depths += 1
    begin, end = np.zeros(depths, np.int64), np.zeros(depths, np.int64)
    stage, taken = np.zeros(depths, np.int64), np.zeros(depths, np.int64)
    offset = np.zeros(depths + 1, np.int64)
    width = n
    for d in range(depths):
        offset[d + 1] = offset[d] + width * width
        width = (width + 1) // 2
    kept, kept_time = np.empty(offset[depths], np.float64), np.empty((depths, n), np.float64)
    work, time = np.empty((n, n), np.float64), np.empty(n, np.float64)
    # States taken out: which, what was left then, where it led to, out of how much, and how long it took.
    state, first, last = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    leads, away, spent = np.empty((n, n), np.float64), np.empty(n, np.float64), np.empty(n, np.float64)
    steps = np.empty(n, np.float64)
    for m in range(start, stop):
        begin[0], end[0], stage[0], taken[0] = 0, n, 0, 0
        for i in range(n):
            kept_time[0, i] = 1.0
            for j in range(n):
                kept[i * n + j] = stack[m, i, j]
        d = 0
        while d >= 0:
            lo, hi, count = begin[d], end[d], taken[d]
            if hi - lo == 1:
                steps[lo] = 0.0
                certain = True
                for r in range(count - 1, -1, -1):
                    k, total = state[r], spent[r]
                    if certain:
                        for j in range(first[r], last[r]):
                            total += leads[r, j] * steps[j]
                    else:
                        for j in range(first[r], last[r]):
                            if leads[r, j] > 0.0:
                                total += leads[r, j] * steps[j]
                    steps[k] = total / away[r] if away[r] > 0.0 else np.inf
                    certain = certain and steps[k] < np.inf
                for i in range(n):
                    out[m, i, lo] = steps[i]
                d -= 1
                continue
            if stage[d] == 2:
                d -= 1
                continue
            size, middle = hi - lo, (lo + hi) // 2
            for i in range(lo, hi):
                time[i] = kept_time[d, i]
                for j in range(lo, hi):
                    work[i, j] = kept[offset[d] + (i - lo) * size + j - lo]
            upward = stage[d] == 1  # out goes the lower half, from below; else the upper one, from above
            a, b = lo, hi
            while (a < middle) if upward else (b > middle):
                if upward:
                    k, a = a, a + 1
                else:
                    k, b = b - 1, b - 1
                total = 0.0
                for j in range(a, b):
                    total += work[k, j]
                    leads[count, j] = work[k, j]
                state[count], first[count], last[count] = k, a, b
                away[count], spent[count] = total, time[k]
                row = work[k, a:b]
                for i in range(a, b):
                    if work[i, k] > 0.0:
                        if total > 0.0:
                            share = work[i, k] / total
                            time[i] += share * time[k]
                            other = work[i, a:b]
                            for j in range(b - a):
                                other[j] += share * row[j]
                        else:
                            time[i] = np.inf
                count += 1
            stage[d] += 1
            d += 1
            begin[d], end[d], stage[d], taken[d] = a, b, 0, count
            for i in range(a, b):
                kept_time[d, i] = time[i]
                for j in range(a, b):
                    kept[offset[d] + (i - a) * (b - a) + j - a] = work[i, j]
