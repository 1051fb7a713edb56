import numpy as np
import pytest
from scipy import sparse

import netanalysis as na
from netanalysis._core import memory, validate


@pytest.mark.parametrize(
    "call",
    [
        lambda w, huge: na.null_test(w, na.reciprocity, "weight_shuffle", n_nulls=huge, rng=0),
        lambda w, huge: na.summarize(w, ["reciprocity"], null="weight_shuffle", n_nulls=huge, rng=0),
        lambda w, huge: na.nulls.weight_shuffle(w, rng=0, size=huge),
        lambda w, huge: na.nulls.degree_preserving(w, rng=0, size=huge),
        lambda w, huge: na.small_worldness(w, n_nulls=huge, rng=0),
        lambda w, huge: na.compare([1.0, 2, 3], [2.0, 3, 5], test="permutation", n_nulls=huge, rng=0),
        lambda w, huge: na.detect_communities(w, n_restarts=huge, rng=0),
        lambda w, huge: na.weight_entropy(w, bins=huge),
    ],
)
def test_numbers_that_no_memory_holds_are_refused_at_once(call):
    w = np.random.default_rng(0).random((12, 12))
    w[0, 1] = 0.0  # of complete networks nothing can be rewired
    with pytest.raises(MemoryError, match=r"would take 8 GiB, .* ask for fewer"):
        call(w, 2**30)
    with pytest.raises(ValueError, match=r"must be at most 2,147,483,647; got 1,000,000,000,000"):
        call(w, 10**12)


def test_dense_refuses_what_does_not_fit():
    big = sparse.csr_array((60_000, 60_000))
    said = r"x needs a dense 60000 x 60000 array, .* take 26\.8 GiB, .* of 4 GiB: use estimate_x; .*NETANALYSIS_MEMORY"
    with pytest.raises(MemoryError, match=said):
        validate.dense(big, measure="x", instead="estimate_x")


@pytest.mark.parametrize("said", ["much", "0", "-4", "nan", "inf", ""])
def test_a_limit_that_is_no_number_of_gib_is_named(said):
    with pytest.raises(ValueError, match="variable NETANALYSIS_MEMORY must be a number of GiB above 0; got "):
        memory._limit(said)
    assert memory._limit("0.5") == 2**29
