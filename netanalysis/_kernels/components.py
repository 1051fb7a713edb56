"""Strongly connected components of many dense networks (Tarjan's depth-first search)."""

import numpy as np

from netanalysis._kernels.compiling import inlined, kernel


@inlined
def _is_connected(w, waiting, left):
    """Whether node 0 reaches all nodes and all reach it; of a dense network few rows and columns need be read."""
    n = len(w)
    for backward in range(2):
        for k in range(n - 1):
            left[k] = k + 1
        waiting[0] = 0
        done, found, remain = 0, 1, n - 1
        while done < found < n:
            i = waiting[done]
            done += 1
            kept = 0
            for k in range(remain):
                j = left[k]
                if (w[j, i] if backward else w[i, j]) != 0.0:
                    waiting[found] = j
                    found += 1
                else:
                    left[kept] = j
                    kept += 1
            remain = kept
        if found < n:
            return False
    return True


@kernel
def strong_components(start, stop, stack, members, counts):
    """Number the components of each network in the order in which the search leaves them.

    Connections between components then lead to lower numbers. ``members[m, i]`` is the component of node i.
    """
    n = stack.shape[1]
    seen, low, upcoming = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    path, waiting = np.empty(n, np.int64), np.empty(n, np.int64)
    for m in range(start, stop):
        w, member = stack[m], members[m]
        if _is_connected(w, waiting, path):
            member[:], counts[m] = 0, 1
            continue
        for i in range(n):
            seen[i] = member[i] = -1
        clock = found = height = 0
        for root in range(n):
            if seen[root] >= 0:
                continue
            depth, fresh = 0, root
            while True:
                if fresh >= 0:
                    path[depth] = waiting[height] = fresh
                    seen[fresh] = low[fresh] = clock
                    upcoming[fresh] = 0
                    depth, height, clock = depth + 1, height + 1, clock + 1
                i, fresh = path[depth - 1], -1
                for j in range(upcoming[i], n):
                    if w[i, j] != 0.0 and member[j] < 0:
                        if seen[j] < 0:
                            fresh, upcoming[i] = j, j + 1
                            break
                        low[i] = min(low[i], seen[j])
                if fresh >= 0:
                    continue
                depth -= 1
                if low[i] == seen[i]:
                    while member[i] < 0:
                        height -= 1
                        member[waiting[height]] = found
                    found += 1
                if depth == 0:
                    break
                low[path[depth - 1]] = min(low[path[depth - 1]], low[i])
        counts[m] = found
