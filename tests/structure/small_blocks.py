"""The description length of a network by blocks in plain Python, and all partitions of few nodes."""

from collections import Counter
from functools import cache
from math import comb, factorial, log, prod


@cache
def n_partitions(m, most):
    """Ways to write m as a sum of at most so many positive integers: of the largest one taken out, or of fewer."""
    if m == 0:
        return 1
    if m < 0 or most == 0:
        return 0
    return n_partitions(m, most - 1) + n_partitions(m - most, most)


def set_partitions(n):
    """Labels 0..k-1 by first appearance, of every partition of n nodes."""
    if n == 0:
        yield ()
        return
    for rest in set_partitions(n - 1):
        for group in range(max(rest, default=-1) + 2):
            yield (*rest, group)


def description_length(a, labels, *, directed, corrected):
    """In nats; `a` is a list of lists of whole numbers, undirected self-connections counted once per connection."""
    return -log(probability(a, labels, directed=directed, corrected=corrected))


def probability(a, labels, *, directed, corrected):
    """P(network, partition), self-connections and all."""
    n, k = len(a), max(labels) + 1
    size = [labels.count(r) for r in range(k)]
    m = [[0] * k for _ in range(k)]  # connections, undirected with r <= s
    for i in range(n):
        for j in range(n):
            if directed or i <= j:
                r, s = labels[i], labels[j]
                m[r][s] += a[i][j] if directed or r <= s else 0
                m[s][r] += a[i][j] if not directed and r > s else 0
    edges = sum(map(sum, m))
    out = [sum(row) + (0 if directed else row[i]) for i, row in enumerate(a)]
    into = [sum(row[j] for row in a) for j in range(n)]
    cells = k * k if directed else k * (k + 1) // 2
    p = prod(map(factorial, size)) / factorial(n) / comb(n - 1, k - 1) / n
    p /= comb(cells + edges - 1, edges)
    of_pairs = prod(factorial(x) for row in m for x in row)
    multiple = prod(factorial(a[i][j]) for i in range(n) for j in range(n) if directed or i <= j)
    if not directed:
        of_pairs *= prod(2 ** m[r][r] for r in range(k))
        multiple *= prod(2 ** a[i][i] for i in range(n))
    p *= of_pairs / multiple
    for degrees in (out, into) if directed else (out,):
        ends = [sum(d for d, r in zip(degrees, labels, strict=True) if r == s) for s in range(k)]
        if not corrected:
            p /= prod(s**e for s, e in zip(size, ends, strict=True))
            continue
        p *= prod(map(factorial, degrees)) / prod(map(factorial, ends))
        ties = Counter(zip(labels, degrees, strict=True))
        p *= prod(map(factorial, ties.values())) / prod(map(factorial, size))
        p /= prod(n_partitions(e, s) for e, s in zip(ends, size, strict=True))
    return p
