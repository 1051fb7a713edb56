"""Non-normality against closed forms, the Schur form and the dynamics themselves."""

import numpy as np
import pytest
from scipy import linalg, sparse

import netanalysis as na


def random(seed, n=20):
    return np.random.default_rng(seed).normal(size=(n, n)) / np.sqrt(n)


def test_right_values():
    assert na.non_normality([[1, 2.0], [0, 3]]) == pytest.approx(0.5345225, abs=5e-8)
    assert na.non_normality([[0, 4.0], [0, 0]]) == 1
    assert na.numerical_abscissa([[0, 4.0], [0, 0]]) == 2
    assert na.numerical_abscissa(np.array([[0, 4.0], [0, 0]]) - np.eye(2)) == 1
    found = na.transient_gain([[0, 4.0], [0, 0]])
    assert (found.gain, found.time) == (pytest.approx(1.5697753, abs=5e-8), pytest.approx(0.8660254, abs=1e-6))
    found = na.transient_gain([[0, 4.0], [0, 0]], dynamics="discrete")
    assert (found.gain, found.time) == (4, 1)
    found = na.transient_gain([[0.5, 1], [0, 0.5]], dynamics="discrete")
    assert (found.gain, found.time) == (pytest.approx(1.2071068, abs=5e-8), 1)


@pytest.mark.parametrize("seed", range(4))
def test_departure_is_what_lies_off_the_diagonal_of_the_schur_form(seed):
    w = random(seed)
    triangle = linalg.schur(w, output="complex")[0]
    departure = np.linalg.norm(np.triu(triangle, 1)) / np.linalg.norm(w)
    assert na.non_normality(w) == pytest.approx(departure, rel=1e-10)
    for scale in (1e-200, 1e200):
        assert na.non_normality(w * scale) == pytest.approx(departure, rel=1e-10)
    with_q = linalg.qr(random(seed + 10))[0]
    assert na.non_normality(with_q @ w @ with_q.T) == pytest.approx(departure, rel=1e-9)


def test_normal_matrices_have_none():
    q = linalg.qr(random(0, 50))[0]
    for w in (q, random(1) + random(1).T, random(2) - random(2).T, np.roll(np.eye(9), 1, axis=1)):
        assert na.non_normality(w) == 0
        found = na.transient_gain(w, gain=0.9 / max(abs(np.linalg.eigvals(w))))
        assert (found.gain, found.time) == (1, 0)


def test_the_abscissa_is_how_fast_activity_grows_at_first():
    w, h = random(3), 1e-6
    norms = [np.linalg.norm(linalg.expm(w * h), 2), np.linalg.norm(linalg.expm(-w * h), 2)]
    assert na.numerical_abscissa(w) == pytest.approx((norms[0] - 1) / h, rel=1e-4)
    symmetric = w + w.T
    assert na.numerical_abscissa(symmetric) == pytest.approx(na.leading_real_part(symmetric))


@pytest.mark.parametrize("seed", range(3))
def test_no_pattern_is_amplified_more(seed):
    w = np.triu(random(seed) * 4, 1) + 0.5 * random(seed + 5)
    gain = 0.9 / np.linalg.eigvals(w).real.max()
    found = na.transient_gain(w, gain=gain)
    a = gain * w - np.eye(20)
    on_grid = max(np.linalg.norm(linalg.expm(a * t), 2) for t in np.linspace(0, 30, 1500))
    assert on_grid <= found.gain * (1 + 1e-9)
    assert found.gain <= on_grid * 1.001
    np.testing.assert_allclose(found.start @ linalg.expm(a * found.time), found.gain * found.end, atol=1e-9)


def test_stacks_sparse_and_nothing():
    stack = np.array([random(k, 8) for k in range(3)])
    for measure in (na.non_normality, na.numerical_abscissa):
        np.testing.assert_allclose(measure(stack), [measure(w) for w in stack])
        assert measure(sparse.csr_array(stack[0])) == pytest.approx(measure(stack[0]), rel=1e-12)
    with np.errstate(all="raise"), pytest.warns(na.UndefinedWarning, match="no connections"):
        assert np.isnan(na.non_normality(np.zeros((3, 3))))
    assert na.numerical_abscissa(np.zeros((3, 3))) == 0


def test_refusals():
    with pytest.raises(ValueError, match="activity does not settle"):
        na.transient_gain([[2.0]])
    with pytest.raises(ValueError, match="gain of each network by itself"):
        na.transient_gain(np.zeros((2, 3, 3)))
    with pytest.raises(ValueError, match="dynamics must be one of"):
        na.transient_gain([[0.5]], dynamics="slow")
