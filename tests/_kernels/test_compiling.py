"""What a user notices of compiling: one line, and nothing else."""

import gc

from numba import njit
from numba.core import event

from netanalysis import _kernels


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
