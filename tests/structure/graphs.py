"""Small networks written as edges: ``0-1:3`` undirected, ``0>1:3`` directed, weight 1 where none is given."""

import numpy as np

W6 = "0-1:3, 0-2:1, 1-2:2, 2-3:1, 3-4:2, 3-5:1, 4-5:4"  # in two modules of three nodes


def network(edges, n):
    w = np.zeros((n, n))
    for edge in edges.split(", "):
        pair, _, weight = edge.partition(":")
        i, j = (int(node) for node in pair.replace(">", "-").split("-"))
        w[i, j] = float(weight or 1)
        if ">" not in edge:
            w[j, i] = w[i, j]
    return w
