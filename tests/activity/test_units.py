"""What does not depend on the unit of activity is the same in units in which its squares are no doubles."""

import numpy as np
import pytest

import netanalysis as na

RNG = np.random.default_rng(0)
A, B = RNG.integers(0, 2, 40), np.arange(40) % 2
ACTIVITY = RNG.normal(size=(40, 5, 4)) + np.stack([2 * A, B, A + B, 0 * A], axis=1)[:, None]


def numbers(unit):
    rec = na.Recording(unit * ACTIVITY, {"a": A, "b": B})
    return {
        "functional_connectivity": na.functional_connectivity(rec),
        "dimensionality": na.dimensionality(rec),
        "decode": na.decode(rec, "a", n_nulls=9, rng=0).p,
        "dichotomies": na.dichotomies(rec, "a", rng=0).accuracy,
        "demixed_variance": na.demixed_variance(rec, ["a", "b"]).fractions,
        "tuning": na.tuning(rec, ["a", "b"], windows=1, min_std=0, n_nulls=9, rng=0).effect,
        "mixed_selectivity": na.mixed_selectivity(rec, ["a", "b"], windows=1, min_std=0, rng=0).total,
    }


@pytest.mark.parametrize("unit", [2.0**-1000, 2.0**-550, 2.0**-270, 2.0**250, 2.0**520, 2.0**1000])
def test_the_unit_of_activity_makes_no_difference(unit):
    plain = numbers(1.0)
    for name, value in numbers(unit).items():
        np.testing.assert_allclose(value, plain[name], rtol=1e-12, atol=1e-15, err_msg=name)
