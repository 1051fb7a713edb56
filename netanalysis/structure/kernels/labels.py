"""Labels of nodes, one per community: renumbering and grouping."""

import numpy as np

from netanalysis._kernels.compiling import kernel, maker
from netanalysis._kernels.random import below

NODE = np.uint32  # an unsigned index needs no test for counting from the end


@maker
def shuffled(n, state):
    """0..n-1 in random order, and one more place."""
    values = np.empty(n + 1, NODE)
    for i in range(n + 1):
        values[i] = i
    for i in range(n - 1, 0, -1):
        j = below(state, i + 1)
        values[i], values[j] = values[j], values[i]
    return values


@maker
def compact(label, n):
    """Renumber the first n labels, each below n, 0..k-1 by first appearance, in place; return k."""
    new = np.empty(n, NODE)
    for i in range(n):
        new[i] = n
    k = 0
    for i in range(n):
        if new[label[i]] == n:
            new[label[i]] = k
            k += 1
        label[i] = new[label[i]]
    return k


@maker
def grouped(label, k, order):
    """Nodes sorted by community, in the given order within each; community c is at start[c]:start[c + 1]."""
    n = len(label)
    start = np.zeros(k + 2, np.int64)
    for i in range(n):
        start[label[i] + 2] += 1
    for c in range(k):
        start[c + 2] += start[c + 1]
    members = np.empty(n, NODE)
    for x in range(n):
        i = order[x]
        c = label[i] + 1
        members[start[c]] = i
        start[c] += 1
    return members, start


@kernel
def number_by_size(label, out):
    """Write labels 0..k-1 by decreasing size, ties by first member."""
    n = len(label)
    k = compact(label, n)  # by first member
    size = np.zeros(k, NODE)
    for i in range(n):
        size[label[i]] += 1
    place = np.zeros(n + 1, NODE)  # a counting sort: place[s] is where communities of size s begin
    for c in range(k):
        place[size[c]] += 1
    later = 0
    for s in range(n, -1, -1):
        here = place[s]
        place[s] = later
        later += here
    for c in range(k):
        s = size[c]
        size[c] = place[s]  # from here on its rank
        place[s] += 1
    for i in range(n):
        out[i] = size[label[i]]
