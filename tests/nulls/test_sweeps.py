"""How long strengths are matched goes by the size of the network, and says how far they are off."""

import numpy as np
from scipy import sparse

import netanalysis as na
from netanalysis.nulls import strength


def test_large_sparse_networks_get_fewer_sweeps(monkeypatch):
    rng = np.random.default_rng(0)
    w = sparse.csr_array(rng.lognormal(size=(80, 80)) * (rng.random((80, 80)) < 0.2))
    usual, thirty = na.nulls.strength_preserving(w, 0, sweeps=1000), na.nulls.strength_preserving(w, 0, sweeps=30)
    assert (na.nulls.strength_preserving(w, 0) != usual).nnz == 0
    monkeypatch.setattr(strength, "_LARGE", 1000)
    assert (na.nulls.strength_preserving(w, 0) != thirty).nnz == 0
    assert na.nulls.strength_error(w, thirty) < 0.1 < na.nulls.strength_error(w, na.nulls.degree_preserving(w, 0))
