"""Values of nctpy where it is right, and where it is not: ``python -m tests.oracles.control_peers``.

Writes control_peers.npz. It is no dependency: ``pip install nctpy`` in an environment of its own. Made with nctpy 1.2.0
on 29 November 2026. nctpy takes [target, source]; its discrete-time average controllability and its energies are ours,
its modal controllability is ours for symmetric networks alone (``modal_directed`` is stored as what it says of others).
"""

from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("control_peers.npz")
CONTROL = [0, 1, 3, 4, 5]
CASES = {"optimal": (1.0, 1.0), "cheap inputs": (2.0, 0.1), "minimum": (0.0, 1.0)}  # cost of states, rho
TIME = {"continuous": 1, "discrete": 5}


def given():
    """A directed network of 6 nodes, and the first, last and reference state, with three digits."""
    rng = np.random.default_rng(4)
    w = (rng.lognormal(size=(6, 6)) * (rng.random((6, 6)) < 0.6)).round(3)
    return w, *rng.normal(size=(3, 6)).round(3)


def values(w, x0, xf, r):
    """What nctpy makes of it."""
    from nctpy.energies import get_control_inputs, integrate_u
    from nctpy.metrics import ave_control, modal_control
    from nctpy.utils import matrix_normalization

    out = {}
    both = w + w.T
    for system, time in TIME.items():
        a = matrix_normalization(w.T, system=system, c=1)
        out[f"average {system}"] = ave_control(a, system)
        for name, (cost, rho) in CASES.items():
            b = np.diag(np.isin(np.arange(6), CONTROL).astype(float))
            x, u, _ = get_control_inputs(a, time, b, x0, xf, system, rho=rho, S=cost * np.eye(6), xr=r)
            # Simpson's rule of squares; states and inputs at every tenth of the time, or at every step.
            energy = integrate_u(u) * 0.001 if system == "continuous" else (u**2).sum(axis=0)
            every = 100 if system == "continuous" else 1
            found = {"energy": energy, "x": x[::every], "u": u[::every]}
            out |= {f"{name} {system} {what}": value for what, value in found.items()}
    out["modal_symmetric"] = modal_control(matrix_normalization(both, system="discrete", c=1))
    out["modal_directed"] = modal_control(matrix_normalization(w.T, system="discrete", c=1))
    order = np.arange(6)[::-1]
    out["modal_directed_relabelled"] = modal_control(
        matrix_normalization(w[np.ix_(order, order)].T, system="discrete", c=1)
    )[order]
    return out


if __name__ == "__main__":
    w, *states = given()
    np.savez_compressed(FILE, weights=w, states=np.array(states), **values(w, *states))
