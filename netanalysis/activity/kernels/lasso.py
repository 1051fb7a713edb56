"""Lasso by coordinate descent on second moments, for many responses that share one design.

With few predictors a sweep costs p^2 operations whatever the number of trials, and errors on a test fold are
quadratic forms too. Moments are about the means of the training set, so no intercept appears:
per fold f, ``gram[f]`` and ``xy[f, r]`` from its training trials, ``test_*`` from its own.
"""

import numpy as np

from netanalysis._kernels.compiling import kernel, maker, part


@maker
def descend(gram, xy, limit, beta, slope, tolerance, max_sweeps):
    """Minimise ``b' G b / 2 - b' c + limit |b|_1`` in place, from the given `beta`.

    Predictors of task variables depend on each other: along such directions only the norm has a slope, and sweeps alone
    would creep by steps of the size of `limit`. So each sweep is followed to the minimum along its direction.
    """
    p = len(xy)
    way = np.empty(p, np.float64)
    for i in range(p):
        total = xy[i]
        for j in range(p):
            total -= gram[i, j] * beta[j]
        slope[i] = total
    for _ in range(max_sweeps):
        change, largest = 0.0, 0.0
        for i in range(p):
            way[i] = 0.0
            if gram[i, i] <= 0.0:
                continue
            old = beta[i]
            raw = slope[i] + gram[i, i] * old
            new = 0.0
            if raw > limit:
                new = (raw - limit) / gram[i, i]
            elif raw < -limit:
                new = (raw + limit) / gram[i, i]
            if new != old:
                step = new - old
                for j in range(p):
                    slope[j] -= gram[i, j] * step
                beta[i] = new
                way[i] = step
                change = max(change, abs(step))
            largest = max(largest, abs(new))
        if change <= tolerance * largest:
            return
        follow(gram, limit, beta, slope, way)


@part
def follow(gram, limit, beta, slope, way):
    """Move `beta` along `way` to the minimum: between the points where a coefficient is 0 it is a parabola."""
    p = len(beta)
    linear, curvature = 0.0, 0.0
    for i in range(p):
        linear -= slope[i] * way[i]
        for j in range(p):
            curvature += way[i] * gram[i, j] * way[j]
    t, zero = 0.0, 0.0
    while zero < np.inf:
        norm, zero = 0.0, np.inf
        for i in range(p):
            if way[i] != 0.0:
                passes = -beta[i] / way[i]
                norm += abs(way[i]) if passes <= t else -abs(way[i])
                if passes > t:
                    zero = min(zero, passes)
        falls = linear + limit * norm
        if falls + curvature * t >= 0.0:
            break
        lowest = -falls / curvature if curvature > 0.0 else zero
        t = min(lowest, zero) if zero < np.inf or curvature > 0.0 else t
        if lowest < zero:
            break
    if t > 0.0:
        for i in range(p):
            if way[i] != 0.0:
                beta[i] = 0.0 if -beta[i] / way[i] == t else beta[i] + t * way[i]
                for j in range(p):
                    slope[j] -= gram[i, j] * t * way[i]


@part
def squares(gram, xy, yy, beta):
    """Sum of squared errors of ``x b``."""
    total = yy
    for i in range(len(beta)):
        if beta[i] != 0.0:
            total -= 2 * beta[i] * xy[i]
            for j in range(len(beta)):
                total += beta[i] * beta[j] * gram[i, j]
    return total


@kernel
def choose_alpha(
    start, stop, top, gram, xy, n, test_gram, test_xy, test_yy, test_n, n_alphas, ratio, tolerance, sweeps, out
):
    """Penalty with the smallest mean test error over folds, for responses `start:stop`.

    The grid is scikit-learn's: `n_alphas` values from ``top[r]``, which zeroes every coefficient on all data, down to
    `ratio` of it.
    """
    folds, p = len(gram), gram.shape[1]
    beta, slope, error = np.empty(p, np.float64), np.empty(p, np.float64), np.empty(n_alphas, np.float64)
    for r in range(start, stop):
        error[:] = 0.0
        for f in range(folds):
            beta[:] = 0.0
            for a in range(n_alphas):
                alpha = top[r] * ratio ** (a / (n_alphas - 1))
                descend(gram[f], xy[f, r], alpha * n[f], beta, slope, tolerance, sweeps)
                error[a] += squares(test_gram[f], test_xy[f, r], test_yy[f, r], beta) / test_n[f]
        best = 0
        for a in range(1, n_alphas):
            if error[a] < error[best]:
                best = a
        out[r] = top[r] * ratio ** (best / (n_alphas - 1))


@kernel
def explained(
    start, stop, alphas, gram, xy, n, test_gram, test_xy, test_yy, test_ss, groups, n_groups, tolerance, sweeps, out
):
    """Explained variance on test folds, and its drop when the coefficients of one group are set to 0.

    ``out[r, 0]`` belongs to the whole model and ``out[r, 1 + g]`` to group g, means over folds; a fold in which the
    response does not vary (``test_ss`` of 0) is left out, and nan stands where none varies.
    """
    folds, p = len(gram), gram.shape[1]
    beta, slope, without = np.empty(p, np.float64), np.empty(p, np.float64), np.empty(p, np.float64)
    for r in range(start, stop):
        out[r, :] = 0.0
        used = 0
        for f in range(folds):
            if test_ss[f, r] <= 0.0:
                continue
            beta[:] = 0.0
            descend(gram[f], xy[f, r], alphas[r] * n[f], beta, slope, tolerance, sweeps)
            full = squares(test_gram[f], test_xy[f, r], test_yy[f, r], beta)
            out[r, 0] += 1 - full / test_ss[f, r]
            for g in range(n_groups):
                for i in range(p):
                    without[i] = 0.0 if groups[i] == g else beta[i]
                rest = squares(test_gram[f], test_xy[f, r], test_yy[f, r], without)
                out[r, 1 + g] += (rest - full) / test_ss[f, r]
            used += 1
        for g in range(n_groups + 1):
            out[r, g] = out[r, g] / used if used > 0 else np.nan
