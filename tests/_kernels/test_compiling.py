"""What a user notices of compiling: one line, and nothing else."""

import gc

import numpy as np
import pytest
from numba import njit
from numba.core import event
from scipy import sparse

import netanalysis as na
from netanalysis import _kernels
from netanalysis.activity.kernels import alignment
from netanalysis.generate.kernels import growth
from netanalysis.nulls.kernels import batches


def test_compiling_leaves_the_garbage_collector_alone():
    assert _kernels.random  # from here on compiling is announced

    class Witness(event.Listener):
        enabled = ()

        def on_start(self, _event):
            self.enabled += (gc.isenabled(),)

        on_end = on_start

    with event.install_listener("numba:compile", witness := Witness()):
        assert njit(lambda x: x + 1)(1) == 2
    assert len(witness.enabled) >= 2
    assert all(witness.enabled)


def sigma(w):
    return na.small_worldness(w, n_nulls=2, rng=0)


def probabilities(w):
    return na.wiring_probabilities(w, rule="matching", eta=-1, gamma=1, distances=1 - np.eye(8))


def aligned(w):
    return na.clustering_alignment(w, np.arange(8) % 2, n_nulls=2, rng=0)


@pytest.mark.parametrize(
    ("call", "kernel", "kind"),
    [
        (sigma, batches.batch_of, sparse.csr_array),
        (aligned, alignment.wiring, sparse.csr_array),
        (probabilities, growth.begin, np.asfortranarray),
    ],
)
def test_another_kind_of_input_is_not_compiled_for(call, kernel, kind):
    """A version of each kernel for each of them took seconds of the first call."""
    w = np.random.default_rng(0).random((8, 8))
    w += w.T
    na.nulls.weight_shuffle(w, 0)
    call(w)
    known = kernel.signatures
    call(kind(w))
    assert kernel.signatures == known
