"""Logarithms of the counts that a description length is made of: factorials, partitions of integers, groups.

``tables`` is what :mod:`netanalysis.structure._description_length` makes: ``ln x!`` up to some x, ``ln q(m, n)`` up to
some m, and the two functions of Szekeres' formula on a grid of ``ln u``.
"""

import math

from netanalysis._kernels.compiling import kernel, part

HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
GRID_FIRST, GRID_LAST = -8.0, 4.0  # ln u; beyond, partitions no longer depend on n


@part
def log_factorial(x, tables):
    """``ln x!`` of a whole number."""
    known, _partitions, _grid = tables
    if x < len(known):
        return known[x]
    y = float(x)
    return (y + 0.5) * math.log(y) - y + HALF_LOG_2PI + 1.0 / (12.0 * y)


@part
def log_partitions(m, n, tables):
    """``ln q(m, n)``: the number of ways to write m as a sum of at most n positive integers.

    From a table up to some m; for more, as a composition without order if n is below the fourth root of m, else by
    Szekeres' formula. It is then right within 0.04.
    """
    if m == 0 or n == 0:
        return 0.0
    _factorials, known, grid = tables
    n = min(n, m)
    if m < len(known):
        return known[m, n]
    if float(n) ** 4 < m:
        return (
            log_factorial(m - 1, tables)
            - log_factorial(n - 1, tables)
            - log_factorial(m - n, tables)
            - (log_factorial(n, tables))
        )
    at = (math.log(float(n)) - 0.5 * math.log(float(m)) - GRID_FIRST) / (GRID_LAST - GRID_FIRST) * (len(grid) - 1)
    at = min(max(at, 0.0), len(grid) - 1.000001)
    k = int(at)
    share = at - k
    growth = grid[k, 0] + share * (grid[k + 1, 0] - grid[k, 0])
    front = grid[k, 1] + share * (grid[k + 1, 1] - grid[k, 1])
    return math.sqrt(float(m)) * growth + front - math.log(float(m))


@kernel
def sum_of_log_partitions(m, n, tables):
    """The sum of :func:`log_partitions` over two arrays."""
    total = 0.0
    for k in range(len(m)):
        total += log_partitions(m[k], n[k], tables)
    return total


@part
def log_choose(n, k, tables):
    """``ln C(n, k)``, which is 0 where that is 0."""
    if k <= 0 or k > n:
        return 0.0
    return log_factorial(n, tables) - log_factorial(k, tables) - log_factorial(n - k, tables)


@part
def of_number(k, n, edges, directed, tables):
    """What it costs that there are k groups: the partition into k sizes, and the matrix of connections."""
    cells = k * k if directed else k * (k + 1) // 2
    return log_choose(n - 1, k - 1, tables) + log_choose(cells + edges - 1, edges, tables)


@part
def of_group(size, ends_out, ends_in, directed, corrected, given, tables):
    """What a group of a size and numbers of ends of connections costs, apart from the ties among its degrees.

    If degrees are `given`, they cost nothing.
    """
    if size == 0:
        return 0.0
    if corrected and given:
        cost = log_factorial(ends_out, tables) - log_factorial(size, tables)
        return cost + log_factorial(ends_in, tables) if directed else cost
    if not corrected:
        return (ends_out + ends_in) * math.log(float(size)) - log_factorial(size, tables)
    cost = log_factorial(ends_out, tables) + log_partitions(ends_out, size, tables)
    if directed:
        cost += log_factorial(ends_in, tables) + log_partitions(ends_in, size, tables) + log_factorial(size, tables)
    return cost
