"""Eigenvalues of many small general matrices, four at a time (:mod:`netanalysis._kernels.lanes`).

The steps are LAPACK's: parts that are triangular already split off and the rest balanced (dgebal), Hessenberg form by
Householder reflections, and the double-shift QR iteration with its tests for small entries (dlahqr; Francis, Ahues &
Tisseur). Every matrix keeps its own window and shifts, and meets the reflections of the others' as identities, so that
its eigenvalues do not depend on its company.
"""

# mypy: disable-error-code="no-untyped-def"
import numpy as np
from numba import njit

from netanalysis._kernels.lanes import LANES, add_multiple, dot, reflect

ULP = 2.0**-52
SMALL = 2.0**-970  # entries of matrices scaled to a largest entry of 1 are nothing below this
PATIENCE = 300  # sweeps for one eigenvalue; LAPACK gives up after as many


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _balance(a):
    """Scale rows and columns by powers of 2 until those of a node are of similar size, in place."""
    n = len(a)
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
            factor = 2.0 ** np.round(0.5 * np.log2(row / column))
            if column * factor + row / factor < 0.95 * (row + column):
                again = True
                for j in range(n):
                    a[i, j] /= factor
                    a[j, i] *= factor


@njit(cache=True, nogil=True)
def _prepared(w, a, values):
    """Put what is on cycles into the corner of `a`, balanced; return its size and the factor its eigenvalues take."""
    order = np.empty(len(w), np.int64)
    left = _isolate(w, values, order)
    top = 0.0
    for i in range(left):
        for j in range(left):
            a[i, j] = w[order[i], order[j]]
            top = max(top, abs(a[i, j]))
    factor = 2.0 ** np.floor(np.log2(top)) if top > 0.0 else 1.0
    for i in range(left):
        for j in range(left):
            a[i, j] /= factor
    _balance(a[:left, :left])
    return left, factor


@njit(cache=True, nogil=True)
def _to_hessenberg(h, n):
    """Householder reflections that leave nothing below the first subdiagonal."""
    width = h.shape[1]
    flat = h.reshape(-1)
    v, scaled, sums = np.zeros((n, LANES)), np.zeros((n, LANES)), np.zeros((n, LANES))
    tau, inverse, size = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
    for k in range(n - 2):
        first, count = k + 1, n - k - 1
        size[:] = 0.0
        for i in range(k + 2, n):
            for b in range(LANES):
                size[b] += h[i, k, b] * h[i, k, b]
        for b in range(LANES):
            x = h[first, k, b]
            some = size[b] > 0.0
            norm = np.sqrt(x * x + size[b])
            beta = -norm if x >= 0.0 else norm
            tau[b] = (beta - x) / beta if some else 0.0
            inverse[b] = 1.0 / (x - beta) if some else 0.0
            v[first, b] = 1.0
            h[first, k, b] = beta if some else x
        for i in range(k + 2, n):
            for b in range(LANES):
                v[i, b] = h[i, k, b] * inverse[b]
                h[i, k, b] = 0.0
        for i in range(first, n):
            for b in range(LANES):
                scaled[i, b] = -tau[b] * v[i, b]
                sums[i, b] = 0.0
        for i in range(first, n):
            add_multiple(sums, first, flat, i * width + first, count, v, i)
        for i in range(n):
            row = i * width + first
            if i >= first:
                add_multiple(flat, row, sums, first, count, scaled, i)
            dot(size, 0, flat, row, v, first, count)
            add_multiple(flat, row, scaled, first, count, size, 0)


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _pair(a, b, c, d):
    """Eigenvalues of [[a, b], [c, d]]."""
    half = 0.5 * (a - d)
    inside = half * half + b * c
    root = np.sqrt(abs(inside))
    if inside < 0.0:
        return complex(d + half, root), complex(d + half, -root)
    z = half + root if half >= 0.0 else half - root
    return complex(d + z, 0.0), complex(d - (b * c / z if z != 0.0 else 0.0), 0.0)


@njit(cache=True, nogil=True)
def _sweep_start(h, first, last, b, tries, x):
    """Row where the sweep over first..last can begin, and in ``x[:, b]`` the column it reflects there."""
    if tries % 20 == 10:  # exceptional shifts, when the usual ones go round in circles
        s = abs(h[first + 1, first, b]) + abs(h[first + 2, first + 1, b])
        h11 = 0.75 * s + h[first, first, b]
        h12, h21, h22 = -0.4375 * s, s, h11
    elif tries % 20 == 19:
        s = abs(h[last, last - 1, b]) + abs(h[last - 1, last - 2, b])
        h11 = 0.75 * s + h[last, last, b]
        h12, h21, h22 = -0.4375 * s, s, h11
    else:
        h11, h12 = h[last - 1, last - 1, b], h[last - 1, last, b]
        h21, h22 = h[last, last - 1, b], h[last, last, b]
    first_shift, second_shift = _pair(h11, h12, h21, h22)
    if first_shift.imag == 0.0:  # twice the one nearer to the corner
        nearer = first_shift if abs(first_shift.real - h22) <= abs(second_shift.real - h22) else second_shift
        first_shift = second_shift = nearer
    m = last - 2
    while True:
        below = h[m + 1, m, b]
        s = abs(h[m, m, b] - second_shift.real) + abs(second_shift.imag) + abs(below)
        below /= s
        apart = (h[m, m, b] - second_shift.real) / s
        x0 = below * h[m, m + 1, b] + (h[m, m, b] - first_shift.real) * apart
        x0 -= first_shift.imag * (second_shift.imag / s)
        x1 = below * (h[m, m, b] + h[m + 1, m + 1, b] - first_shift.real - second_shift.real)
        x2 = below * h[m + 2, m + 1, b]
        s = abs(x0) + abs(x1) + abs(x2)
        x[0, b], x[1, b], x[2, b] = x0 / s, x1 / s, x2 / s
        if m == first:
            break
        around = abs(h[m - 1, m - 1, b]) + abs(h[m, m, b]) + abs(h[m + 1, m + 1, b])
        if abs(h[m, m - 1, b]) * (abs(x[1, b]) + abs(x[2, b])) <= ULP * abs(x[0, b]) * around:
            break
        m -= 1
    return m


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _iterate(h, last, values):
    """Eigenvalues ``values[b, :last[b] + 1]`` of the Hessenberg matrix in each lane; whether all were found."""
    width = h.shape[1]
    flat = h.reshape(-1)
    first, begin, tries = np.zeros(LANES, np.int64), np.zeros(LANES, np.int64), np.zeros(LANES, np.int64)
    start, c = np.zeros((3, LANES)), np.zeros((5, LANES))
    while True:
        top, bottom, left = len(h), -1, len(h)
        for b in range(LANES):
            while last[b] >= 0:
                u = last[b]
                k = _window_start(h, u, b)
                first[b] = k
                if k > 0:
                    h[k, k - 1, b] = 0.0
                if k < u - 1:
                    break
                if k == u:
                    values[b, k] = h[k, k, b]
                else:
                    values[b, k], values[b, u] = _pair(h[k, k, b], h[k, u, b], h[u, k, b], h[u, u, b])
                last[b] = k - 1
                tries[b] = 0
            if last[b] >= 0:
                tries[b] += 1
                if tries[b] > PATIENCE:
                    return False
                begin[b] = _sweep_start(h, first[b], last[b], b, tries[b], start)
                top, bottom, left = min(top, first[b]), max(bottom, last[b]), min(left, begin[b])
        if bottom < 0:
            return True
        for k in range(left, bottom):
            _reflections(h, k, begin, first, last, start, c)
            reflect(flat, k * width + k, 1, bottom + 1 - k, width, c)
            reflect(flat, top * width + k, width, min(k + 3, bottom) + 1 - top, 1, c)


@njit(cache=True, nogil=True)
def eigenvalues(stack, values, start, stop):
    """Eigenvalues of matrices start..stop into `values`; whether the iteration converged for all of them."""
    n = stack.shape[1]
    # Rows and columns of zeros to spare, so that reflections may reach over the edge; an odd number of them in a row,
    # so that the entries of a column do not all compete for the same lines of the cache.
    h = np.empty((n + 2, n + 2 + (n + 1) % 2, LANES))
    each = np.empty((LANES, n, n))
    last, factor = np.zeros(LANES, np.int64), np.ones(LANES)
    for g in range(start, stop, LANES):
        each[:] = 0.0
        last[:] = -1
        for b in range(min(LANES, stop - g)):
            left, factor[b] = _prepared(stack[g + b], each[b], values[g + b])
            last[b] = left - 1
        h[:] = 0.0
        size = last.max() + 1
        for i in range(size):
            for j in range(size):
                for b in range(LANES):
                    h[i, j, b] = each[b, i, j]
        sizes = last + 1
        _to_hessenberg(h, size)
        if not _iterate(h, last, values[g : g + LANES]):
            return False
        for b in range(min(LANES, stop - g)):
            for k in range(sizes[b]):
                values[g + b, k] *= factor[b]
    return True
