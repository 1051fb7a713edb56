"""Triangles: counted on rows of bits, or weighed along neighbour lists ordered by degree."""

import numpy as np
from numba import uint64

from netanalysis._kernels.bits import beyond, pack, transpose
from netanalysis._kernels.compiling import kernel, maker, part
from netanalysis._kernels.llvm import lowest_bit, popcount


@part
def undirected_counts(rows, closed, pairs):
    """Per node: pairs of neighbours (ordered), and how many of them are connected.

    False, and nothing to be relied on, if the network is directed.
    """
    n, words = rows.shape
    closed[:] = 0.0
    entries = uint64(0)
    for i in range(n):
        degree = uint64(0)
        for k in range(words):
            degree += popcount(rows[i, k])
        entries += degree
        pairs[i] = np.float64(degree) * (np.float64(degree) - 1.0)
    for i in range(n):
        mine, bit = uint64(0), uint64(i & 63)
        for k in range(i >> 6, words):
            word = rows[i, k] & beyond(i, k)
            entries -= uint64(2) * popcount(word)
            while word:
                j = 64 * k + np.int64(lowest_bit(word))
                word &= word - uint64(1)
                if not (rows[j, i >> 6] >> bit) & uint64(1):
                    return False
                common = uint64(0)
                for q in range(words):
                    common += popcount(rows[i, q] & rows[j, q])
                mine += common
                closed[j] += np.float64(common)
        closed[i] += np.float64(mine)
    return entries == 0


@maker
def directed_counts(rows, columns, closed, pairs):
    """Per node, after Fagiolo: possible directed triangles, and those there are.

    With M = A + A^T the triangles at i are (M^3)_ii / 2, and M is the union of both directions plus their
    intersection, so each product of rows is four population counts.
    """
    n, words = rows.shape
    either, both = np.empty((n, words), np.uint64), np.empty((n, words), np.uint64)
    for i in range(n):
        for k in range(words):
            either[i, k] = rows[i, k] | columns[i, k]
            both[i, k] = rows[i, k] & columns[i, k]
    closed[:] = 0.0
    for i in range(n):
        total, mine = uint64(0), uint64(0)
        mutual = uint64(0)
        for k in range(words):
            total += popcount(rows[i, k]) + popcount(columns[i, k])
            mutual += popcount(both[i, k])
        degree = np.float64(total)
        pairs[i] = degree * (degree - 1.0) - 2.0 * np.float64(mutual)
        for k in range(i >> 6, words):
            word = either[i, k] & beyond(i, k)
            while word:
                b = lowest_bit(word)
                j = 64 * k + np.int64(b)
                word &= word - uint64(1)
                common = uint64(0)
                for q in range(words):
                    common += popcount(either[i, q] & either[j, q]) + popcount(either[i, q] & both[j, q])
                    common += popcount(both[i, q] & either[j, q]) + popcount(both[i, q] & both[j, q])
                common <<= (both[i, k] >> b) & uint64(1)
                mine += common
                closed[j] += 0.5 * np.float64(common)
        closed[i] += 0.5 * np.float64(mine)


@kernel
def binary(start, stop, stack, closed, pairs):
    """Closed and possible triangles per node of each network, undirected or directed as it is."""
    for m in range(start, stop):
        rows = pack(stack[m])
        if not undirected_counts(rows, closed[m], pairs[m]):
            directed_counts(rows, transpose(rows), closed[m], pairs[m])


@kernel
def weighted_sums(indptr, indices, data, out):
    """Per node, the sum over triangles of the product of their three weights, for a symmetric network.

    Every triangle is met once, from its node of lowest degree: O(edges^1.5) at worst, memory O(edges).
    Self-connections are skipped. (Chiba & Nishizeki 1985, doi:10.1137/0214017.)
    """
    n = len(indptr) - 1
    largest = 0
    for i in range(n):
        largest = max(largest, indptr[i + 1] - indptr[i])
    at = np.zeros(largest + 2, np.int64)
    for i in range(n):
        at[indptr[i + 1] - indptr[i] + 1] += 1
    for degree in range(largest + 1):
        at[degree + 1] += at[degree]
    order = np.empty(n, np.int32)
    rank = np.empty(n, np.int32)
    for i in range(n):
        degree = indptr[i + 1] - indptr[i]
        order[at[degree]] = i
        rank[i] = at[degree]
        at[degree] += 1

    begin = np.zeros(n + 1, np.int64)
    for r in range(n):
        i = order[r]
        count = 0
        for e in range(indptr[i], indptr[i + 1]):
            count += rank[indices[e]] > r
        begin[r + 1] = begin[r] + count
    above = np.empty(begin[n], np.int32)
    weight = np.empty(begin[n], np.float64)
    to = 0
    for r in range(n):
        i = order[r]
        for e in range(indptr[i], indptr[i + 1]):
            if rank[indices[e]] > r:
                above[to] = rank[indices[e]]
                weight[to] = data[e]
                to += 1

    total = np.zeros(n, np.float64)
    mark = np.zeros(n, np.float64)
    for u in range(n):
        for e in range(begin[u], begin[u + 1]):
            mark[above[e]] = weight[e]
        at_u = 0.0
        for e in range(begin[u], begin[u + 1]):
            v = above[e]
            w_uv = weight[e]
            at_v = 0.0
            for f in range(begin[v], begin[v + 1]):
                w_ux = mark[above[f]]
                if w_ux != 0.0:
                    product = w_uv * w_ux * weight[f]
                    total[above[f]] += product
                    at_v += product
            total[v] += at_v
            at_u += at_v
        total[u] += at_u
        for e in range(begin[u], begin[u + 1]):
            mark[above[e]] = 0.0
    for i in range(n):
        out[i] = total[rank[i]]


@part
def sums_on_bits(rows, m, total):
    """:func:`weighted_sums` of a dense matrix m (its upper triangle is read) whose entries are the bits of rows."""
    n, words = rows.shape
    total[:] = 0.0
    for i in range(n):
        m_i = m[i]
        at_i = 0.0
        for k in range(i >> 6, words):
            word = rows[i, k] & beyond(i, k)
            while word:
                j = 64 * k + np.int64(lowest_bit(word))
                word &= word - uint64(1)
                m_j = m[j]
                at_j = 0.0
                for q in range(k, words):
                    common = rows[i, q] & rows[j, q] & beyond(j, q)
                    while common:
                        x = 64 * q + np.int64(lowest_bit(common))
                        common &= common - uint64(1)
                        product = m_i[x] * m_j[x] * m_i[j]
                        total[x] += product
                        at_j += product
                total[j] += at_j
                at_i += at_j
        total[i] += at_i


@kernel
def connected_pairs(start, stop, stack, dense_from, possible, facts):
    """Connected pairs of networks start:stop, as rows of bits (networks, n, words), and their weights there and back.

    The weights (2, pairs) follow one another as the pairs of one network after the other do; one row will do if none is
    directed. Into `possible` go Fagiolo's possible directed triangles; ``facts`` become: directed, any negative weight,
    largest magnitude (1 if there is none), denser than `dense_from`, and the number of pairs.
    """
    n = stack.shape[1]
    rows = np.empty((stop - start, n, (n + 63) // 64), np.uint64)
    pairs = 0
    for b in range(start, stop):
        out = pack(stack[b])
        into, either = transpose(out), rows[b - start]
        connected = uint64(0)
        for i in range(n):
            degree, near = uint64(0), uint64(0)
            for k in range(len(either[i])):
                either[i, k] = out[i, k] | into[i, k]
                degree += popcount(out[i, k]) + popcount(into[i, k])
                near += popcount(either[i, k])
            connected += near
            possible[b, i] = np.float64(degree) * (np.float64(degree) - 1.0) - 2.0 * np.float64(degree - near)
        pairs += np.int64(connected) // 2
        facts[b, 3], facts[b, 4] = np.float64(connected) > dense_from * n * n, np.int64(connected) // 2
    weights = np.empty((2, pairs), np.float64)
    e, any_directed = 0, False
    for b in range(start, stop):
        w, either = stack[b], rows[b - start]
        directed, negative, largest = False, False, 0.0
        for i in range(n):
            for k in range(i >> 6, len(either[i])):
                word = either[i, k] & beyond(i, k)
                while word:
                    j = 64 * k + np.int64(lowest_bit(word))
                    word &= word - uint64(1)
                    there, back = w[i, j], w[j, i]
                    weights[0, e], weights[1, e] = there, back
                    e += 1
                    directed |= there != back
                    negative |= there < 0 or back < 0
                    largest = max(largest, max(abs(there), abs(back)))
        any_directed |= directed
        facts[b, 0], facts[b, 1], facts[b, 2] = directed, negative, largest if largest else 1.0
    return rows, weights if any_directed else weights[:1]


@kernel
def sums_of_pairs(start, stop, rows, weights, facts, scaled, closed):
    """:func:`sums_on_bits` of what :func:`connected_pairs` found, each pair counting by the sum of its weights.

    If they are to be `scaled`, each is over the largest magnitude of its network.

    For an undirected network this is four times Onnela's number, exactly, and so is `possible`. Networks denser than
    was asked for are left to BLAS.
    """
    n = rows.shape[1]
    m = np.empty((n, n), np.float64)
    there, back = weights[0], weights[len(weights) - 1]
    e = 0
    for b in range(start, stop):
        if facts[b, 3]:
            e += np.int64(facts[b, 4])
            continue
        mine = rows[b - start]
        for i in range(n):
            for k in range(i >> 6, len(mine[i])):
                word = mine[i, k] & beyond(i, k)
                while word:
                    j = 64 * k + np.int64(lowest_bit(word))
                    word &= word - uint64(1)
                    m[i, j] = there[e] + back[e]
                    e += 1
        sums_on_bits(mine, m, closed[b])
        if scaled:
            for i in range(n):
                closed[b, i] /= facts[b, 2]


@kernel
def among_successors(start, stop, stack, closed, pairs):
    """Ordered pairs of out-neighbours of each node, and how many of them are connected."""
    for m in range(start, stop):
        rows = pack(stack[m])
        n, words = rows.shape
        for i in range(n):
            degree = uint64(0)
            common = uint64(0)
            for k in range(words):
                word = rows[i, k]
                degree += popcount(word)
                while word:
                    j = 64 * k + np.int64(lowest_bit(word))
                    word &= word - uint64(1)
                    for q in range(words):
                        common += popcount(rows[i, q] & rows[j, q])
            closed[m, i] = np.float64(common)
            pairs[m, i] = np.float64(degree) * (np.float64(degree) - 1.0)


@kernel
def shared_weights(start, stop, stack, closed, possible, facts):
    """Per node: over its connections, weight times the number of common neighbours; and strength times degree less 1.

    `facts` become: directed, any negative weight.
    """
    n = stack.shape[1]
    for m in range(start, stop):
        w = stack[m]
        rows = pack(w)
        directed, negative = False, False
        closed[m] = 0.0
        for i in range(n):
            strength, degree = 0.0, 0.0
            for k in range(rows.shape[1]):
                word = rows[i, k]
                while word:
                    j = 64 * k + np.int64(lowest_bit(word))
                    word &= word - uint64(1)
                    x = w[i, j]
                    directed |= x != w[j, i]
                    negative |= x < 0
                    strength += x
                    degree += 1.0
                    if j > i:
                        common = uint64(0)
                        for q in range(rows.shape[1]):
                            common += popcount(rows[i, q] & rows[j, q])
                        closed[m, i] += x * np.float64(common)
                        closed[m, j] += x * np.float64(common)
            possible[m, i] = strength * (degree - 1.0)
        facts[m, 0], facts[m, 1] = directed, negative
