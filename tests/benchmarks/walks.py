"""Workloads of walks and steady states: pathways, mediators, strongest paths, influence, Jacobians.

Everything here is timed beside the fastest variant of a peer, or what one writes with numpy, scipy, networkx or torch.
Functions return what they found, and :func:`answers` turns it into a number after the clock has stopped, by which the
answers of a workload are held to each other (``AGREE``).
"""

from functools import cache

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

import netanalysis as na
from tests.benchmarks import networks as nets
from tests.benchmarks.checkouts import influence_calculator, interpreter, silent

HOPS = 6


def answers(call, part=slice(None)):
    """The call, and how its answer becomes a number: a sum with fixed weights, equal only if all entries are."""

    def number(found):
        flat = np.asarray(found, float)[part].ravel()
        return float(flat @ np.random.default_rng(0).random(flat.size))

    call.number = number
    return call


# --- the worm ---------------------------------------------------------------------------------------------------


@cache
def worm():
    """302 neurons, weights as shares of the target's input, and the nodes at both ends."""
    net = na.datasets.load("celegans_chemical")
    w = np.asarray(net.weights)
    total = w.sum(0)
    share = np.divide(w, total, out=np.zeros_like(w), where=total > 0)
    return share, np.flatnonzero(net.modules == "sensory"), np.flatnonzero(net.modules == "motor")


def all_pairs():
    share = worm()[0]
    return answers(lambda: na.pathways(share, max_hops=HOPS).maps[1:])


def all_pairs_by_hand(form):
    w = form(worm()[0])

    def run():
        maps = [w]
        for _ in range(HOPS - 1):
            maps.append(maps[-1] @ w)
        return maps

    return answers(lambda: [m.toarray() for m in run()] if sparse.issparse(w) else run())


def all_pairs_interpreter(variant, dtype=np.float32):
    """Nothing is cut off, so that the answers are the same."""

    def workload(module):
        w = sparse.csc_matrix(worm()[0].astype(dtype))

        def run():
            with silent():
                return getattr(module, variant)(w, HOPS, output_threshold=0)

        run.number = lambda found: answers(lambda: 0).number([m.toarray() for m in found])
        return run

    return workload


def mediators():
    share, sensory, motor = worm()
    return answers(lambda: na.pathways(share, inputs=sensory, outputs=motor, max_hops=HOPS).through(hops=HOPS).gross)


def mediators_by_hand():
    share, sensory, motor = worm()

    def run():
        ahead, behind = np.zeros((2, HOPS + 1, len(share)))
        ahead[0, sensory] = behind[0, motor] = 1.0
        for h in range(HOPS):
            ahead[h + 1] = ahead[h] @ share
            behind[h + 1] = share @ behind[h]
        return ahead * behind[::-1]

    return answers(run)


def strongest(k=10, hops=3):
    share, sensory, motor = worm()
    return answers(
        lambda: na.strongest_paths(share, inputs=sensory, outputs=motor, k=k, min_hops=hops, max_hops=hops).strengths
    )


def strongest_networkx(k=10, hops=3):
    """All paths through a graph of layers, which are the walks of the network."""
    import networkx

    share, sensory, motor = worm()
    layers = networkx.DiGraph()
    source, target, weight = sparse.find(share)
    for layer in range(hops):
        layers.add_weighted_edges_from(
            ((layer, i), (layer + 1, j), x)
            for i, j, x in zip(source.tolist(), target.tolist(), weight.tolist(), strict=True)
        )
    layers.add_weighted_edges_from(("in", (0, i), 1.0) for i in sensory.tolist())
    layers.add_weighted_edges_from(((hops, j), "out", 1.0) for j in motor.tolist())

    def run():
        strengths = []
        for path in networkx.all_simple_edge_paths(layers, "in", "out"):
            strength = 1.0
            for i, j in path:
                strength *= layers[i][j]["weight"]
            strengths.append(strength)
        return sorted(strengths, reverse=True)[:k]

    return answers(run)


def strongest_interpreter(k=10, hops=3):
    def workload(module):
        share, sensory, motor = worm()
        w = sparse.csr_matrix(share)

        def run():
            layers = module.find_paths_of_length(w, sensory, motor, hops)
            strengths = [np.prod([x for *_, x in path]) for path in module.enumerate_paths(layers)]
            return sorted(strengths, reverse=True)[:k]

        return answers(run)

    return workload


# --- influence --------------------------------------------------------------------------------------------------

GAIN = 0.99


@cache
def signed():
    """20,000 nodes, 500,000 connections, three nodes in ten inhibitory, and 500 seeds."""
    w = nets.large(directed=True)
    rng = np.random.default_rng(0)
    inhibitory = rng.random(w.shape[0]) < 0.3
    seeds = rng.choice(w.shape[0], 500, replace=False)
    return sparse.csr_array(sparse.diags_array(np.where(inhibitory, -1.0, 1.0)) @ w), seeds, inhibitory


def worm_seeds():
    share, sensory, _ = worm()
    return share, sensory, np.zeros(len(share), bool)


@cache
def fly():
    """140,000 nodes and 5 million connections, 1,000 inputs, 1,000 outputs, and 8,000 types of nodes."""
    w, rng = nets.fly_directed(), np.random.default_rng(0)
    inputs, outputs = rng.choice(w.shape[0], (2, 1000), replace=False)
    return w, inputs, outputs, rng.integers(0, 8000, w.shape[0])


def fly_seeds():
    return *fly()[:2], None


def influence(of, *, known=False):
    """`known`: the network is a Connectome, which was asked before."""
    w, seeds, _ = of()
    net = na.Connectome(w) if known else w
    return answers(lambda: na.influence(net, sources=seeds).scores)


def influence_by_hand(of):
    """ARPACK, then LU or GMRES."""
    w, seeds, _ = of()
    w = sparse.csc_array(w)
    n = w.shape[0]
    drive = np.zeros(n)
    drive[seeds] = 1.0

    def run():
        top = linalg.eigs(w, k=1, which="LR", return_eigenvectors=False)[0].real
        system = sparse.csc_array(sparse.eye_array(n) - (GAIN / top) * w.T)
        return linalg.splu(system).solve(drive) if n < 1000 else linalg.gmres(system, drive, rtol=1e-10, restart=60)[0]

    return answers(run)


def calculator(module, w, inhibitory):
    """What takes an edge list and a table of transmitters."""
    import pandas as pd

    m = sparse.coo_array(w)
    edges = pd.DataFrame({"pre": m.row, "post": m.col, "weight": np.abs(m.data)})
    names = np.where(inhibitory, "gaba", "acetylcholine")
    nodes = pd.DataFrame({"root_id": np.arange(w.shape[0]), "top_nt": names})
    return lambda: module.InfluenceCalculator(edges, nodes, signed=True, inhibitory_nts={"gaba"})


def influence_calculated(of, *, known=False):
    def workload(module):
        w, seeds, inhibitory = of()
        build = calculator(module, w, inhibitory)
        built = build() if known else None

        def run():
            found = (built or build()).calculate_influence(seeds, adjust=False)
            scores = np.zeros(w.shape[0])
            scores[found["id"]] = found["Influence_score_(signed)"]
            return scores

        return answers(run)

    return workload


def silencing():
    """Of an answer that is there already, as are the calculator and the gain of its peers."""
    w, seeds, _ = worm_seeds()
    found = na.influence(w, sources=seeds)
    return answers(lambda: found.silencing().scores)


def silencing_ours_one_by_one(count=24):
    w, seeds, _ = worm_seeds()
    net = na.Connectome(w)
    nodes = np.setdiff1d(np.arange(len(w)), seeds)[:count]
    gain = float(na.influence(net, sources=seeds).gain)
    return answers(lambda: [na.influence(net, sources=seeds, gain=gain, silenced=[node]).scores for node in nodes])


def silencing_by_hand():
    w, seeds, _ = worm_seeds()
    nodes = np.setdiff1d(np.arange(len(w)), seeds)
    drive = np.zeros(len(w))
    drive[seeds] = 1.0
    scaled = (GAIN / np.linalg.eigvals(w).real.max()) * w.T

    def run():
        found = []
        for node in nodes:
            system = np.eye(len(w)) - scaled
            system[node] = system[:, node] = 0.0
            system[node, node] = 1.0
            found.append(np.linalg.solve(system, drive))
        return found

    return answers(run)


def silencing_calculated(count=24):
    def workload(module):
        w, seeds, inhibitory = worm_seeds()
        nodes = np.setdiff1d(np.arange(len(w)), seeds)[:count]
        built = calculator(module, w, inhibitory)()
        return lambda: float(
            np.mean([built.calculate_influence(seeds, [node], adjust=False).iloc[:, -1] for node in nodes])
        )

    return workload


# --- a whole brain ----------------------------------------------------------------------------------------------

FIRST = 16  # inputs whose mediators are compared


def fly_mediators():
    w, inputs, outputs, types = fly()

    def run():
        paths = na.pathways(w, inputs=inputs, outputs=outputs, max_hops=5)
        return np.moveaxis(paths.through(types, per="input", hops=5).gross[0], 1, 0)

    return answers(run, slice(FIRST))


def fly_mediators_by_hand():
    """Sparse products for a block of inputs: ahead of every node, behind it, and sums by type."""
    w, inputs, outputs, types = fly()
    n, t = w.shape[0], sparse.csr_array(w.T)
    of_type = sparse.csr_array((np.ones(n), (types, np.arange(n))))

    def run():
        behind = [np.zeros(n)]
        behind[0][outputs] = 1.0
        for _ in range(5):
            behind.append(w @ behind[-1])
        ahead, flows = np.zeros((n, FIRST)), []
        ahead[inputs[:FIRST], np.arange(FIRST)] = 1.0
        for step in range(6):
            ahead = t @ ahead if step else ahead
            flows.append((of_type @ (ahead * behind[5 - step][:, None])).T)
        return np.moveaxis(flows, 1, 0)

    return answers(run)


def fly_strongest():
    w, inputs, outputs, _ = fly()
    return answers(lambda: na.strongest_paths(w, inputs=inputs, outputs=outputs, k=100, max_hops=5).strengths, slice(1))


def fly_strongest_by_hand():
    """The strength of the strongest alone: products with a maximum in place of the sum."""
    w, inputs, outputs, _ = fly()
    by_target = sparse.csc_array(w)
    there = np.flatnonzero(np.diff(by_target.indptr))

    def run():
        best, reached = 0.0, np.zeros(w.shape[0])
        reached[inputs] = 1.0
        for _ in range(5):
            into = np.maximum.reduceat(by_target.data * reached[by_target.indices], by_target.indptr[there])
            reached = np.zeros(w.shape[0])
            reached[there] = into
            best = max(best, reached[outputs].max())
        return [best]

    return answers(run)


# --- networks at work -------------------------------------------------------------------------------------------

LAGS, TRIALS = 20, 128


@cache
def at_work(count=64, n=100, n_in=8, n_out=4):
    """Recurrent tanh networks, their ends, and what they are given."""
    rng = np.random.default_rng(0)
    w = rng.normal(scale=1.2 / n**0.5, size=(count, n, n))
    w_in, w_out = rng.normal(size=(count, n_in, n)), rng.normal(size=(count, n, n_out))
    return w, w_in, w_out, rng.normal(size=(TRIALS, LAGS + 1, n_in))


def jacobians():
    w, w_in, w_out, u = at_work()

    def run():
        h, slopes = np.zeros((len(w), TRIALS, w.shape[-1])), np.empty((len(w), TRIALS, LAGS + 1, w.shape[-1]))
        for t in range(LAGS + 1):
            h = np.tanh(h @ w + u[:, t] @ w_in)
            slopes[:, :, t] = na.slopes(h, activation="tanh")
        found = na.effective_pathways(w, slopes=slopes, inputs=w_in, outputs=w_out, max_lag=LAGS, times=[LAGS])
        return found.maps

    return answers(run, slice(1))


def autograd(networks, trials):
    """Derivatives of every output at the last step with respect to every input, for so many trials at once."""
    import torch

    torch.set_num_threads(1)
    w, w_in, w_out, u = (torch.from_numpy(x) for x in at_work())

    def run():
        maps = []
        for k in range(networks):
            total = torch.zeros(LAGS + 1, w_in.shape[1], w_out.shape[2], dtype=torch.float64)
            for first in range(0, TRIALS, trials):
                x = u[first : first + trials].clone().requires_grad_()
                h = torch.zeros(len(x), w.shape[-1], dtype=torch.float64)
                for t in range(LAGS + 1):
                    h = torch.tanh(h @ w[k] + x[:, t] @ w_in[k])
                out = (h @ w_out[k]).sum(0)
                for j in range(len(out)):
                    (grad,) = torch.autograd.grad(out[j], x, retain_graph=True)
                    total[..., j] += grad.sum(0)
            maps.append(total.flip(0) / TRIALS)
        return torch.stack(maps)

    return answers(run, slice(1))


WALKS = {
    "worm, all pairs, 6 hops": {
        "netanalysis": all_pairs,
        "connectome_interpreter, not chunked": interpreter(all_pairs_interpreter("compress_paths_not_chunked"), 0.018),
        "connectome_interpreter, dense chunked": interpreter(
            all_pairs_interpreter("compress_paths_dense_chunked"), 0.021
        ),
        "numpy by hand": lambda: all_pairs_by_hand(np.asarray),
        "scipy by hand": lambda: all_pairs_by_hand(sparse.csr_array),
    },
    "worm, mediators from sensory to motor, 6 hops": {"netanalysis": mediators, "numpy by hand": mediators_by_hand},
    "worm, 10 strongest of the paths of 3 hops": {
        "netanalysis": strongest,
        "connectome_interpreter, all listed": interpreter(strongest_interpreter(), 1.037),
        "networkx, all listed": strongest_networkx,
    },
    "worm, influence, first answer": {
        "netanalysis": lambda: influence(worm_seeds),
        "influence calculator": influence_calculator(influence_calculated(worm_seeds), 0.010),
        "scipy ARPACK and LU": lambda: influence_by_hand(worm_seeds),
    },
    "worm, influence, later ones": {
        "netanalysis": lambda: influence(worm_seeds, known=True),
        "influence calculator": influence_calculator(influence_calculated(worm_seeds, known=True), 0.003),
    },
    "worm, each node silenced": {
        "netanalysis": silencing,
        "netanalysis, one by one (24 of 241)": silencing_ours_one_by_one,
        "influence calculator, scaled anew (24 of 241)": influence_calculator(silencing_calculated(), 0.003 * 241),
        "numpy, one by one": silencing_by_hand,
    },
    "influence, 20,000 nodes, signed, first answer": {
        "netanalysis": lambda: influence(signed),
        "influence calculator": influence_calculator(influence_calculated(signed), 16.15),
        "scipy ARPACK and GMRES": lambda: influence_by_hand(signed),
    },
    "influence, 20,000 nodes, signed, later ones": {
        "netanalysis": lambda: influence(signed, known=True),
        "influence calculator": influence_calculator(influence_calculated(signed, known=True), 0.15),
    },
    "influence, 140,000 nodes, 5M edges": {
        "netanalysis": lambda: influence(fly_seeds),
        "scipy ARPACK and GMRES": lambda: influence_by_hand(fly_seeds),
    },
    "mediators by 8,000 types, 140,000 nodes, 5M edges, 1,000 inputs, 5 hops": {
        "netanalysis": fly_mediators,
        f"scipy by hand ({FIRST} of 1,000 inputs)": fly_mediators_by_hand,
    },
    "100 strongest paths, 140,000 nodes, 5M edges, up to 5 hops": {
        "netanalysis": fly_strongest,
        "numpy by hand, the strength of the first alone": fly_strongest_by_hand,
    },
    "Jacobian pathways, 64 networks of 100 units, 128 trials, 20 lags": {
        "netanalysis": jacobians,
        "torch autograd, loop over trials (1 of 64 networks)": lambda: autograd(1, 1),
        "torch autograd, trials at once": lambda: autograd(64, TRIALS),
    },
}

# How closely the answers of a workload agree; single precision and looser Krylov solutions of peers are theirs.
# Silencing is not among them: the influence calculator scales the gain anew for every node.
AGREE = dict.fromkeys(WALKS.keys() - {"worm, each node silenced"}, 1e-6) | {
    "worm, all pairs, 6 hops": 1e-5,
    "worm, influence, first answer": 1e-4,
    "worm, influence, later ones": 1e-4,
    "influence, 20,000 nodes, signed, first answer": 1e-4,
    "influence, 20,000 nodes, signed, later ones": 1e-4,
}
