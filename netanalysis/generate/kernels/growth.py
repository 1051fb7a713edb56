"""Growth of undirected networks: every step connects one pair, drawn by cost of distance and value of topology."""

import numpy as np

from netanalysis._kernels import random
from netanalysis._kernels.compiling import kernel, part

# Rules are numbers: what the value of a pair is made of, and how those of two nodes are put together.
SPATIAL, NEIGHBOURS, MATCHING, CLUSTERING, DEGREE = 0, 1, 2, 3, 4
AVERAGE, LEAST, LARGEST, DIFFERENCE, PRODUCT = 0, 1, 2, 3, 4


@part
def together(x, y, how):
    """One value of two nodes'."""
    if how == AVERAGE:
        return 0.5 * (x + y)
    if how == LEAST:
        return min(x, y)
    if how == LARGEST:
        return max(x, y)
    if how == DIFFERENCE:
        return abs(x - y)
    return x * y


@part
def value_of(i, j, shared, degree, of_nodes, kind, how, adjacent):
    """The topological value of a pair."""
    if kind == NEIGHBOURS:
        return float(shared[i, j])
    if kind == MATCHING:  # twice the shared neighbours over all, without the connection between the two
        both = degree[i] + degree[j] - 2 * adjacent[i, j]
        return 2.0 * shared[i, j] / both if both else 0.0
    return together(of_nodes[i], of_nodes[j], how)


@part
def clustering_of(i, neighbours, degree, adjacent):
    """Share of the pairs of neighbours that are connected; 0 for fewer than two."""
    k = degree[i]
    if k < 2:
        return 0.0
    closed = 0
    for a in range(k):
        for b in range(a):
            closed += adjacent[neighbours[i, a], neighbours[i, b]]
    return 2.0 * closed / (k * (k - 1))


@part
def weigh(i, j, cost, weight, shared, degree, of_nodes, adjacent, kind, how, gamma, exponential, epsilon):
    """The unnormalised probability of a pair, on both sides of the diagonal."""
    if kind == SPATIAL:
        return
    value = value_of(i, j, shared, degree, of_nodes, kind, how, adjacent) + epsilon
    found = cost[i, j] * (np.exp(gamma * value) if exponential else value**gamma)
    weight[i, j] = weight[j, i] = found


@kernel
def begin(adjacent, cost, kind, how, gamma, exponential, epsilon, weight, shared, degree, of_nodes, neighbours):
    """Everything that growth keeps up to date, for the connections that there are."""
    n = len(adjacent)
    for i in range(n):
        degree[i] = 0
        for j in range(n):
            weight[i, j] = cost[i, j]
            shared[i, j] = 0
            if adjacent[i, j]:
                neighbours[i, degree[i]] = j
                degree[i] += 1
    for i in range(n):
        for a in range(degree[i]):
            for b in range(degree[i]):
                if a != b:
                    shared[neighbours[i, a], neighbours[i, b]] += 1
    for i in range(n):
        of_nodes[i] = clustering_of(i, neighbours, degree, adjacent) if kind == CLUSTERING else float(degree[i])
    for i in range(n):
        for j in range(i):
            weigh(i, j, cost, weight, shared, degree, of_nodes, adjacent, kind, how, gamma, exponential, epsilon)


@part
def connect(u, v, adjacent, cost, kind, how, gamma, exponential, epsilon, weight, shared, degree, of_nodes, neighbours):
    """Add one connection, and weigh anew the pairs whose value it changes."""
    n = len(adjacent)
    for a in range(degree[v]):
        w = neighbours[v, a]
        shared[u, w] += 1
        shared[w, u] += 1
    for a in range(degree[u]):
        w = neighbours[u, a]
        shared[v, w] += 1
        shared[w, v] += 1
    adjacent[u, v] = adjacent[v, u] = 1
    neighbours[u, degree[u]] = v
    neighbours[v, degree[v]] = u
    degree[u] += 1
    degree[v] += 1
    if kind == SPATIAL:
        return
    if kind == DEGREE:
        of_nodes[u], of_nodes[v] = degree[u], degree[v]
    if kind == CLUSTERING:  # of the two, and of those that are neighbours of both
        for a in range(degree[u]):
            w = neighbours[u, a]
            if w != v and adjacent[w, v]:
                of_nodes[w] = clustering_of(w, neighbours, degree, adjacent)
                for x in range(n):
                    if x != w:
                        weigh(
                            w,
                            x,
                            cost,
                            weight,
                            shared,
                            degree,
                            of_nodes,
                            adjacent,
                            kind,
                            how,
                            gamma,
                            exponential,
                            epsilon,
                        )
        of_nodes[u] = clustering_of(u, neighbours, degree, adjacent)
        of_nodes[v] = clustering_of(v, neighbours, degree, adjacent)
    for x in range(n):
        if x != u:
            weigh(u, x, cost, weight, shared, degree, of_nodes, adjacent, kind, how, gamma, exponential, epsilon)
        if x != v:
            weigh(v, x, cost, weight, shared, degree, of_nodes, adjacent, kind, how, gamma, exponential, epsilon)


@kernel
def grow(
    state, steps, adjacent, cost, kind, how, gamma, exponential, epsilon, weight, shared, degree, of_nodes, neighbours
):
    """Make so many connections; how many could be made before no pair had a probability above 0."""
    n = len(adjacent)
    row = np.empty(n)
    for step in range(steps):
        total = 0.0
        for i in range(n):
            part_of = 0.0
            for j in range(i):
                if not adjacent[i, j]:
                    part_of += weight[i, j]
            row[i] = part_of
            total += part_of
        if not 0.0 < total < np.inf:
            return step
        left = random.uniform(state) * total
        u = n - 1
        for i in range(n):
            if left < row[i]:
                u = i
                break
            left -= row[i]
        while row[u] == 0.0:  # rounding has led past the last pair
            u -= 1
        v = -1
        for j in range(u):
            if not adjacent[u, j] and weight[u, j] > 0.0:
                v = j
                if left < weight[u, j]:
                    break
                left -= weight[u, j]
        connect(
            u, v, adjacent, cost, kind, how, gamma, exponential, epsilon, weight, shared, degree, of_nodes, neighbours
        )
    return steps
