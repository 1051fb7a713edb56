"""Eigenvalues of many small general matrices, four at a time, in the lanes of vector instructions.

The steps are LAPACK's: parts that are triangular already split off and the rest balanced (dgebal), Hessenberg form by
Householder reflections, and the double-shift QR iteration with its tests for small entries (dlahqr; Francis, Ahues &
Tisseur). Every matrix keeps its own window and shifts, and meets the reflections of the others' as identities, so that
its eigenvalues do not depend on its company.
"""

import numpy as np

from netanalysis._kernels.compiling import inlined, kernel, part
from netanalysis._kernels.llvm import LANES, add_multiple, dot, reflect

ULP = 2.0**-52
SMALL = 2.0**-970  # entries of matrices scaled to a largest entry of 1 are nothing below this
PATIENCE = 300  # sweeps for one eigenvalue; LAPACK gives up after as many


@inlined
def _isolate(w, values, order):
    """Write the eigenvalues of nodes on no cycle to the end of `values`; list the others in `order`, return how many.

    A node whose row or column among the remaining ones is empty but for the diagonal is on no cycle.
    """
    n = len(w)
    for i in range(n):
        order[i] = i
    left = n
    found = True
    while found:
        found = False
        k = 0
        while k < left:
            i = order[k]
            sends = receives = False
            for m in range(left):
                j = order[m]
                sends |= (w[i, j] != 0.0) & (i != j)
                receives |= (w[j, i] != 0.0) & (i != j)
                if sends and receives:
                    break
            if sends and receives:
                k += 1
            else:
                left -= 1
                order[k], order[left] = order[left], i
                values[left] = w[i, i]
                found = True
    return left


@inlined
def _balance(a, n):
    """Scale rows and columns by powers of 2 until those of a node are of similar size, in place."""
    again = True
    while again:
        again = False
        for i in range(n):
            row, column = 0.0, 0.0
            for j in range(n):
                if j != i:
                    row += abs(a[i, j])
                    column += abs(a[j, i])
            if row == 0.0 or column == 0.0:
                continue
            factor = 2.0 ** np.rint(0.5 * np.log2(row / column))
            if column * factor + row / factor < 0.95 * (row + column):
                again = True
                for j in range(n):
                    a[i, j] /= factor
                    a[j, i] *= factor


@kernel
def prepare(stack, groups, last, factors, values):
    """Put what is on cycles, scaled and balanced, into lanes.

    Matrix 4 g + b goes to lane b of ``groups[g]``, rows and columns 0 to ``last[g, b]``; its eigenvalues will take the
    factor ``factors[g, b]``. Those of nodes on no cycle are written to the end of its row of `values`.
    """
    n = stack.shape[1]
    order, a = np.empty(n, np.int64), np.empty((n, n), np.float64)
    for m in range(len(stack)):
        g, b = m // LANES, m % LANES
        w = stack[m]
        left = _isolate(w, values[m], order)
        top = 0.0
        for i in range(left):
            for j in range(left):
                a[i, j] = w[order[i], order[j]]
                top = max(top, abs(a[i, j]))
        factor = 2.0 ** np.floor(np.log2(top)) if top > 0.0 else 1.0
        for i in range(left):
            for j in range(left):
                a[i, j] /= factor
        _balance(a, left)
        for i in range(left):
            for j in range(left):
                groups[g, i, j, b] = a[i, j]
        last[g, b] = left - 1
        factors[g, b] = factor


@kernel
def to_hessenberg(groups, last):
    """Householder reflections that leave nothing below the first subdiagonal."""
    most, width = groups.shape[1], groups.shape[2]
    v, sums = np.empty((most, LANES), np.float64), np.empty((most, LANES), np.float64)
    scaled = np.empty((most, LANES), np.float64)
    tau, inverse, size = (
        np.empty((1, LANES), np.float64),
        np.empty((1, LANES), np.float64),
        np.empty((1, LANES), np.float64),
    )
    for g in range(len(groups)):
        h = groups[g]
        n = 0
        for b in range(LANES):
            n = max(n, last[g, b] + 1)
        for k in range(n - 2):
            first, count = k + 1, n - k - 1
            size[:] = 0.0
            for i in range(k + 2, n):
                for b in range(LANES):
                    size[0, b] += h[i, k, b] * h[i, k, b]
            for b in range(LANES):
                x = h[first, k, b]
                some = size[0, b] > 0.0
                norm = np.sqrt(x * x + size[0, b])
                beta = -norm if x >= 0.0 else norm
                tau[0, b] = (beta - x) / beta if some else 0.0
                inverse[0, b] = 1.0 / (x - beta) if some else 0.0
                v[first, b] = 1.0
                h[first, k, b] = beta if some else x
            for i in range(k + 2, n):
                for b in range(LANES):
                    v[i, b] = h[i, k, b] * inverse[0, b]
                    h[i, k, b] = 0.0
            for i in range(first, n):
                for b in range(LANES):
                    scaled[i, b] = -tau[0, b] * v[i, b]
                    sums[i, b] = 0.0
            for i in range(first, n):
                add_multiple(sums, first, h, i * width + first, count, v, i)
            for i in range(n):
                row = i * width + first
                if i >= first:
                    add_multiple(h, row, sums, first, count, scaled, i)
                dot(size, 0, h, row, v, first, count)
                add_multiple(h, row, scaled, first, count, size, 0)


@part
def _window_start(h, last, b):
    """Row at which the block ending in row `last` begins: where the subdiagonal entry before it is negligible."""
    k = last
    while k > 0:
        below = abs(h[k, k - 1, b])
        if below <= SMALL:
            break
        around = abs(h[k - 1, k - 1, b]) + abs(h[k, k, b])
        if around == 0.0:
            if k >= 2:
                around += abs(h[k - 1, k - 2, b])
            if k < last:
                around += abs(h[k + 1, k, b])
        if below <= ULP * around:
            above = abs(h[k - 1, k, b])
            here, change = abs(h[k, k, b]), abs(h[k - 1, k - 1, b] - h[k, k, b])
            large, small = max(below, above), min(below, above)
            total = max(here, change) + large
            if small * (large / total) <= max(SMALL, ULP * (min(here, change) * (max(here, change) / total))):
                break
        k -= 1
    return k


@part
def _pair(a, b, c, d):
    """Eigenvalues of [[a, b], [c, d]]: real and imaginary part of one, and of the other."""
    half = 0.5 * (a - d)
    inside = half * half + b * c
    root = np.sqrt(abs(inside))
    if inside < 0.0:
        return d + half, root, d + half, -root
    z = half + root if half >= 0.0 else half - root
    return d + z, 0.0, d - (b * c / z if z != 0.0 else 0.0), 0.0


@part
def _sweep_start(h, first, last, b, tries, x):
    """Row where the sweep over first..last can begin, and in ``x[:, b]`` the column it reflects there."""
    stage = tries % 20
    if stage == 10 or stage == 19:  # exceptional shifts, when the usual ones go round in circles
        k, corner = (first, first) if stage == 10 else (last - 2, last)
        s = abs(h[k + 1, k, b]) + abs(h[k + 2, k + 1, b])
        h11 = 0.75 * s + h[corner, corner, b]
        h12, h21, h22 = -0.4375 * s, s, h11
    else:
        h11, h12 = h[last - 1, last - 1, b], h[last - 1, last, b]
        h21, h22 = h[last, last - 1, b], h[last, last, b]
    shift, turn, other, back = _pair(h11, h12, h21, h22)
    if turn == 0.0:  # twice the one nearer to the corner
        shift = other = shift if abs(shift - h22) <= abs(other - h22) else other
    m = last - 2
    while True:
        here, next_one, below = h[m, m, b], h[m + 1, m + 1, b], h[m + 1, m, b]
        s = abs(here - other) + abs(back) + abs(below)
        below /= s
        x0 = below * h[m, m + 1, b] + (here - shift) * ((here - other) / s)
        x0 -= turn * (back / s)
        x1 = below * (here + next_one - shift - other)
        x2 = below * h[m + 2, m + 1, b]
        s = abs(x0) + abs(x1) + abs(x2)
        x[0, b], x[1, b], x[2, b] = x0 / s, x1 / s, x2 / s
        if m == first:
            break
        around = abs(h[m - 1, m - 1, b]) + abs(here) + abs(next_one)
        if abs(h[m, m - 1, b]) * (abs(x[1, b]) + abs(x[2, b])) <= ULP * abs(x[0, b]) * around:
            break
        m -= 1
    return m


@part
def _reflections(h, k, begin, first, last, start, c):
    """The reflections that move the bulges from column k - 1 to k, into `c`; none where lane b's is elsewhere.

    Without branches, so that the loop over lanes is vectorised.
    """
    for b in range(LANES):
        inside = (begin[b] <= k) & (k < last[b])
        fresh = k <= begin[b]
        moves = inside & (not fresh)
        third = k + 2 <= last[b]
        y0, y1, y2 = h[k, k - 1, b], h[k + 1, k - 1, b], h[k + 2, k - 1, b]
        x0 = start[0, b] if fresh else y0
        x1 = start[1, b] if fresh else y1
        x2 = start[2, b] if fresh else y2
        x2 = x2 if third else 0.0
        rest = abs(x1) + abs(x2)
        some = inside & (rest > 0.0)
        size = abs(x0) + rest if some else 1.0
        x0 /= size
        x1 /= size
        x2 /= size
        norm = np.sqrt(x0 * x0 + x1 * x1 + x2 * x2)
        beta = -norm if x0 >= 0.0 else norm
        tau = (beta - x0) / (beta if some else 1.0)
        tau = tau if some else 0.0
        inverse = 1.0 / (x0 - beta if some else 1.0)
        v2 = x1 * inverse if some else 0.0
        v3 = x2 * inverse if some else 0.0
        c[0, b] = v2
        c[1, b] = v3
        c[2, b] = tau
        c[3, b] = tau * v2
        c[4, b] = tau * v3
        y0 = y0 * (1.0 - tau) if inside & fresh & (k > first[b]) else y0
        h[k, k - 1, b] = beta * size if moves & some else y0
        h[k + 1, k - 1, b] = 0.0 if moves else y1
        h[k + 2, k - 1, b] = 0.0 if moves & third else y2


@kernel
def iterate(groups, lasts, factors, values):
    """Eigenvalues of the Hessenberg matrix in each lane, into its row of `values`; whether all were found."""
    width = groups.shape[2]
    first, begin, tries = np.empty(LANES, np.int64), np.empty(LANES, np.int64), np.empty(LANES, np.int64)
    start, c = np.empty((3, LANES), np.float64), np.empty((5, LANES), np.float64)
    for g in range(len(groups)):
        h, last = groups[g], lasts[g]
        tries[:] = 0
        while True:
            top, bottom, left = len(h), -1, len(h)
            for b in range(LANES):
                m, by = LANES * g + b, factors[g, b]
                while last[b] >= 0:
                    u = last[b]
                    k = _window_start(h, u, b)
                    first[b] = k
                    if k > 0:
                        h[k, k - 1, b] = 0.0
                    if k < u - 1:
                        break
                    if k == u:
                        values[m, k] = by * h[k, k, b]
                    else:
                        real, imaginary, other, back = _pair(h[k, k, b], h[k, u, b], h[u, k, b], h[u, u, b])
                        values[m, k] = complex(by * real, by * imaginary)
                        values[m, u] = complex(by * other, by * back)
                    last[b] = k - 1
                    tries[b] = 0
                if last[b] >= 0:
                    tries[b] += 1
                    if tries[b] > PATIENCE:
                        return False
                    begin[b] = _sweep_start(h, first[b], last[b], b, tries[b], start)
                    top, bottom, left = min(top, first[b]), max(bottom, last[b]), min(left, begin[b])
            if bottom < 0:
                break
            for k in range(left, bottom):
                _reflections(h, k, begin, first, last, start, c)
                reflect(h, k * width + k, 1, bottom + 1 - k, width, c)
                reflect(h, top * width + k, width, min(k + 3, bottom) + 1 - top, 1, c)
    return True
