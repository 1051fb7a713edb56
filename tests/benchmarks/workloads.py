"""What is timed: for every workload, ours and each peer that computes the same thing.

An entry is a function that prepares (not timed) and returns the function to time; that one returns a number by which
results can be compared, such as Q or the mean of the measure. Peers get the network in their own type beforehand.
"""

import warnings

import numpy as np
from scipy import sparse
from scipy.linalg import expm
from scipy.sparse import csgraph

import netanalysis as na
from tests.benchmarks import networks as nets
from tests.benchmarks.brains import BRAINS
from tests.benchmarks.control import COMPARISON, CONTROL
from tests.benchmarks.growth import GROWTH
from tests.benchmarks.walks import WALKS

warnings.simplefilter("ignore")  # bctpy warns on every division


def to_igraph(w, directed=False):
    import igraph

    m = sparse.coo_array(w if directed else sparse.triu(sparse.csr_array(w)))
    graph = igraph.Graph(n=w.shape[0], edges=np.column_stack([m.row, m.col]), directed=directed)
    graph.es["weight"] = m.data
    return graph


def to_networkit(w, weighted=True, directed=False):
    import networkit

    m = sparse.coo_array(w if directed else sparse.triu(sparse.csr_array(w)))
    graph = networkit.Graph(w.shape[0], weighted=weighted, directed=directed)
    for i, j, x in zip(m.row.tolist(), m.col.tolist(), m.data.tolist(), strict=True):
        graph.addEdge(i, j, x)
    return graph


def prepared(call, *args):
    """Prepare `args` once (each a function), then time `call` on them."""
    values = [a() for a in args]
    return lambda: call(*values)


def binary(w):
    return (w != 0).astype(float)


def switched(graph):
    """Ten attempted switches per edge, by networkit."""
    import networkit

    switching = networkit.randomization.EdgeSwitching(graph, 10)
    switching.run()
    return switching.getGraph()


# --- small worlds -----------------------------------------------------------------------------------------------


def sigma_of(c, length, null_c, null_length):
    return (c / np.mean(null_c)) / (length / np.mean(null_length))


def binary_properties(a):
    """C and L of a binary undirected matrix, with numpy and scipy."""
    triangles = np.einsum("ij,ji->i", a @ a, a)
    k = a.sum(0)
    c = np.where(k > 1, triangles / np.maximum(k * (k - 1), 1), 0).mean()
    hops = csgraph.shortest_path(a, unweighted=True)
    off = hops[~np.eye(len(a), dtype=bool)]
    return c, off[np.isfinite(off)].mean()


def sigma_pybirewirex(w, n_nulls):
    import pybirewirex

    a = binary(w)
    byte = a.astype(np.int8)
    attempts = int(10 * a.sum() / 2)

    def run():
        nulls = [
            binary_properties(pybirewirex.rewire_undirected(byte, max_iter=attempts, seed=k).astype(float))
            for k in range(n_nulls)
        ]
        return sigma_of(*binary_properties(a), *np.transpose(nulls))

    return run


def sigma_igraph(w, n_nulls):
    graph = to_igraph(w)

    def properties(g):
        return g.transitivity_avglocal_undirected(mode="zero"), g.average_path_length()

    def run():
        nulls = []
        for _ in range(n_nulls):
            null = graph.copy()
            null.rewire(n=10 * null.ecount())
            nulls.append(properties(null))
        return sigma_of(*properties(graph), *np.transpose(nulls))

    return run


def sigma_networkit(w, n_nulls):
    import networkit

    graph, a = to_networkit(w, weighted=False), binary(w)
    networkit.setNumberOfThreads(1)

    def run():
        nulls = []
        for _ in range(n_nulls):
            null = switched(graph)
            nulls.append(binary_properties(networkit.algebraic.adjacencyMatrix(null).toarray()))
        return sigma_of(*binary_properties(a), *np.transpose(nulls))

    return run


def sigma_bctpy(w, n_nulls):
    import bct

    a = binary(w)

    def properties(m):
        d = bct.distance_bin(m)
        return bct.clustering_coef_bu(m).mean(), d[~np.eye(len(m), dtype=bool)].mean()

    return lambda: sigma_of(
        *properties(a), *np.transpose([properties(bct.randmio_und(a, 10)[0]) for _ in range(n_nulls)])
    )


# --- null models ------------------------------------------------------------------------------------------------


def rewire_igraph(w, count):
    graph = to_igraph(w)

    def run():
        for _ in range(count):
            null = graph.copy()
            null.rewire(n=10 * null.ecount())
        return null.ecount()

    return run


def rewire_networkit(w, count):
    import networkit

    graph = to_networkit(w, weighted=False)
    networkit.setNumberOfThreads(1)

    def run():
        for _ in range(count):
            null = switched(graph)
        return null.numberOfEdges()

    return run


def rewire_pybirewirex(w, count):
    import pybirewirex

    a = sparse.csr_matrix(w != 0).astype(np.int8) if sparse.issparse(w) else binary(w).astype(np.int8)
    attempts = int(10 * (w != 0).sum() / 2)

    def run():
        for k in range(count):
            null = pybirewirex.rewire_undirected(a, max_iter=attempts, seed=k)
        return float(null.sum() / 2)

    return run


def strength_ours(w):
    def run():
        null = na.nulls.strength_preserving(w, 0)
        return float(np.square(null.sum(0) - w.sum(0)).sum())

    return run


def strength_netneurotools(w):
    from netneurotools.networks import strength_preserving_rand_sa

    def run():
        null = strength_preserving_rand_sa(w, seed=0)[0]
        return float(np.square(null.sum(0) - w.sum(0)).sum())

    return run


# --- communities ------------------------------------------------------------------------------------------------


def q_ours(w, iterations=None):
    return lambda: float(np.mean(na.detect_communities(w, n_restarts=1, n_iterations=iterations, rng=0).modularity))


def q_igraph(w, directed=False):
    graph = to_igraph(w, directed)

    def run():
        found = graph.community_leiden("modularity", weights="weight", n_iterations=-1)
        return graph.modularity(found, weights="weight", directed=directed)

    return run


def q_networkit(w, algorithm="PLM"):
    import networkit

    graph = to_networkit(w)
    networkit.setNumberOfThreads(1)
    make = {
        "PLM": lambda: networkit.community.PLM(graph, True),
        "Leiden": lambda: networkit.community.ParallelLeiden(graph),
    }

    def run():
        found = make[algorithm]().run().getPartition()
        return networkit.community.Modularity().getQuality(found, graph)

    return run


def q_sknetwork(w, directed=False):
    from sknetwork.clustering import Louvain, get_modularity

    m = sparse.csr_matrix(w)
    kind = "Dugue" if directed else "Newman"

    def run():
        labels = Louvain(modularity=kind, random_state=0).fit_predict(m)
        return get_modularity(m, labels)

    return run


def q_leidenalg_signed(w):
    import igraph
    import leidenalg

    layers = []
    for part in (np.maximum(w, 0), np.maximum(-w, 0)):
        graph = igraph.Graph.Weighted_Adjacency(part, mode="undirected", loops=False)
        layers.append(graph)
    plus, minus = np.maximum(w, 0).sum(), np.maximum(-w, 0).sum()

    def run():
        parts = [leidenalg.ModularityVertexPartition(g, weights="weight") for g in layers]
        optimiser = leidenalg.Optimiser()
        optimiser.set_rng_seed(0)
        optimiser.optimise_partition_multiplex(parts, layer_weights=[1, -minus / (plus + minus)], n_iterations=-1)
        return float(na.modularity(w, parts[0].membership))

    return run


def q_loop_igraph(stack):
    graphs = [to_igraph(w, directed=True) for w in stack]

    def run():
        return np.mean(
            [
                g.modularity(g.community_leiden("modularity", weights="weight", n_iterations=-1), weights="weight")
                for g in graphs
            ]
        )

    return run


# --- paths and clustering -----------------------------------------------------------------------------------------


def bct_call(name, *args, **kwargs):
    import bct

    return lambda: getattr(bct, name)(*args, **kwargs)


def inverse(w):
    return np.divide(1.0, w, out=np.zeros_like(w), where=w > 0)


def mean_path(distances):
    off = distances[~np.eye(len(distances), dtype=bool)]
    return float(off[np.isfinite(off)].mean())


def igraph_clustering(w):
    graph = to_igraph(w)
    return lambda: graph.transitivity_local_undirected(mode="zero")


def igraph_mean_clustering(w):
    graph = to_igraph(w)
    return lambda: graph.transitivity_avglocal_undirected(mode="zero")


def igraph_path(w):
    graph = to_igraph(w)
    return lambda: graph.average_path_length()


def networkit_paths(w):
    import networkit

    graph = to_networkit(inverse(w))
    networkit.setNumberOfThreads(2)
    return lambda: mean_path(np.array(networkit.distance.APSP(graph).run().getDistances()))


def scipy_paths(w, method):
    lengths = inverse(w) if method == "FW" else sparse.csr_array(inverse(w))
    return lambda: mean_path(csgraph.shortest_path(lengths, method=method, directed=False))


def triple_product(w):
    """Onnela's clustering by matrix products, as one writes it by hand."""

    def run():
        cube = np.cbrt(w / w.max())
        k = (w > 0).sum(0)
        return np.einsum("ij,ji->i", cube @ cube, cube) / (k * (k - 1))

    return run


# --- communicability, pathways, ensembles --------------------------------------------------------------------------


def normalised(w):
    s = np.sqrt(w.sum(1))
    return w / s[:, None] / s


def expm_by_hand(w):
    return lambda: expm(normalised(w))


def eigh_by_hand(w):
    def run():
        values, vectors = np.linalg.eigh(normalised(w))
        return (vectors * np.exp(values)) @ vectors.T

    return run


def pathways_by_hand(w):
    """The sparse products alone, for a block of 64 inputs: what memory has to move."""
    n = w.shape[0]
    rng = np.random.default_rng(0)
    inputs, outputs = rng.choice(n, (2, 1000), replace=False)
    t = sparse.csr_array(w.T)

    def run():
        total = 0.0
        block = np.zeros((n, 64))
        block[inputs[:64], np.arange(64)] = 1
        for _ in range(6):
            block = t @ block
            total += block[outputs].sum()
        return float(total)

    return run


def pathways_ours(w):
    rng = np.random.default_rng(0)
    inputs, outputs = rng.choice(w.shape[0], (2, 1000), replace=False)
    return lambda: float(na.pathways(w, inputs=inputs, outputs=outputs, max_hops=6).maps[1:].sum())


ENSEMBLE = ["modularity", "sigma", "mean_communicability", "weight_entropy", "spectral_entropy"]


def ensemble_ours(stack):
    return lambda: float(na.summarize(stack, ENSEMBLE, rng=0, progress=False)["value"].mean())


def _one_by_peers(w):
    graph = to_igraph(w, directed=True)
    q = graph.modularity(graph.community_leiden("modularity", weights="weight", n_iterations=-1), weights="weight")
    s = sigma_igraph(np.maximum(w, w.T), 10)()
    out = w.sum(1)
    out[out == 0] = 1
    c = expm(w / np.sqrt(out)[:, None] / np.sqrt(out)).mean()
    p = w / out[:, None]
    h = -(p * np.log2(p, out=np.zeros_like(p), where=p > 0)).sum(1).mean()
    moduli = np.abs(np.linalg.eigvals(w))
    share = moduli / moduli.sum()
    return q, s, c, h, -(share * np.log2(share, out=np.zeros_like(share), where=share > 0)).sum()


def ensemble_peers(stack):
    """igraph, scipy and numpy, by hand, in two processes of one BLAS thread each."""
    import joblib

    def run():
        rows = joblib.Parallel(n_jobs=2, batch_size=25)(joblib.delayed(_one_by_peers)(w) for w in stack)
        return float(np.mean(rows))

    return run


A, AD, C, CD = nets.small, lambda: nets.small(True), nets.medium, lambda: nets.medium(True)


def pair(name, ours, peers):
    """The same workload at 100 and 1,000 nodes."""
    return {
        f"{name}, n = {n:,}": {
            "netanalysis": (lambda w=w: ours(w())),
            **{k: (lambda w=w, f=f: f(w())) for k, f in peers.items()},
        }
        for n, w in ((100, A), (1000, C))
    }


def ours(function, **options):
    return lambda w: lambda: function(w, **options)


def bct_peer(name, transform=lambda w: w, **kwargs):
    return lambda w: bct_call(name, transform(w), **kwargs)


WORKLOADS = {
    "sigma, 100 nulls, n = 100": {
        "netanalysis": lambda: lambda: na.small_worldness(A(), n_nulls=100, rng=0).value,
        "pybirewirex + scipy": lambda: sigma_pybirewirex(A(), 100),
        "igraph": lambda: sigma_igraph(A(), 100),
        "networkit + scipy": lambda: sigma_networkit(A(), 100),
        "bctpy (2 of 100 nulls)": lambda: sigma_bctpy(A(), 2),
    },
    "sigma, 100 nulls, n = 1,000": {
        "netanalysis": lambda: lambda: na.small_worldness(C(), n_nulls=100, rng=0).value,
        "pybirewirex + scipy (5 of 100 nulls)": lambda: sigma_pybirewirex(C(), 5),
        "igraph (5 of 100 nulls)": lambda: sigma_igraph(C(), 5),
        "networkit + scipy (5 of 100 nulls)": lambda: sigma_networkit(C(), 5),
    },
    "100 rewired nulls, n = 100": {
        "netanalysis": lambda: lambda: float((na.nulls.degree_preserving(A(), 0, size=100)[0] != 0).sum() / 2),
        "pybirewirex": lambda: rewire_pybirewirex(A(), 100),
        "igraph": lambda: rewire_igraph(A(), 100),
        "networkit": lambda: rewire_networkit(A(), 100),
    },
    "10 rewired nulls, n = 1,000": {
        "netanalysis": lambda: lambda: float((na.nulls.degree_preserving(C(), 0, size=10)[0] != 0).sum() / 2),
        "pybirewirex": lambda: rewire_pybirewirex(C(), 10),
        "igraph": lambda: rewire_igraph(C(), 10),
        "networkit": lambda: rewire_networkit(C(), 10),
    },
    "1 rewired null, 20,000 nodes, 500,000 edges": {
        "netanalysis": lambda: prepared(lambda w: na.nulls.degree_preserving(w, 0).nnz / 2, nets.large),
        "igraph": lambda: rewire_igraph(nets.large(), 1),
        "networkit": lambda: rewire_networkit(nets.large(), 1),
    },
    "1 strength-preserving null, n = 100": {
        "netanalysis": lambda: strength_ours(A()),
        "netneurotools": lambda: strength_netneurotools(A()),
    },
    "Q undirected, n = 100": {
        "netanalysis": lambda: q_ours(A()),
        "netanalysis, n_iterations=1": lambda: q_ours(A(), 1),
        "networkit PLM": lambda: q_networkit(A()),
        "igraph Leiden": lambda: q_igraph(A()),
        "scikit-network": lambda: q_sknetwork(A()),
    },
    "Q undirected, n = 1,000": {
        "netanalysis": lambda: q_ours(C()),
        "netanalysis, n_iterations=1": lambda: q_ours(C(), 1),
        "networkit PLM": lambda: q_networkit(C()),
        "igraph Leiden": lambda: q_igraph(C()),
        "scikit-network": lambda: q_sknetwork(C()),
    },
    "Q directed, n = 100": {
        "netanalysis": lambda: q_ours(AD()),
        "igraph Leiden": lambda: q_igraph(AD(), True),
        "scikit-network": lambda: q_sknetwork(AD(), True),
    },
    "Q signed, n = 100": {
        "netanalysis": lambda: q_ours(nets.signed()),
        "leidenalg, two layers": lambda: q_leidenalg_signed(nets.signed()),
    },
    "Q directed, stack of 1,000": {
        "netanalysis": lambda: q_ours(nets.ensemble()),
        "igraph Leiden, loop": lambda: q_loop_igraph(nets.ensemble()),
    },
    "Q, 140,000 nodes, 5,000,000 edges": {
        "netanalysis": lambda: q_ours(nets.fly()),
        "networkit PLM": lambda: q_networkit(nets.fly()),
        "networkit Leiden": lambda: q_networkit(nets.fly(), "Leiden"),
    },
    **pair(
        "clustering, binary",
        ours(na.clustering, method="binary"),
        {
            "igraph": igraph_clustering,
            "igraph, the mean alone": igraph_mean_clustering,
            "bctpy": bct_peer("clustering_coef_bu", binary),
        },
    ),
    **pair(
        "clustering, Onnela",
        ours(na.clustering, method="onnela"),
        {"numpy by hand": triple_product, "bctpy": bct_peer("clustering_coef_wu", lambda w: w / w.max())},
    ),
    **{
        f"clustering, Fagiolo, n = {n:,}": {
            "netanalysis": lambda w=w: ours(na.clustering)(w()),
            "bctpy": lambda w=w: bct_call("clustering_coef_wd", w() / w().max()),
        }
        for n, w in ((100, AD), (1000, CD))
    },
    **pair(
        "path length, hops",
        ours(na.path_length, lengths="hops"),
        {"igraph": igraph_path, "bctpy": lambda w: bct_call("distance_bin", binary(w))},
    ),
    **pair(
        "path length, weighted",
        ours(na.path_length),
        {
            "scipy Dijkstra": lambda w: scipy_paths(w, "D"),
            "scipy Floyd-Warshall": lambda w: scipy_paths(w, "FW"),
            "networkit": networkit_paths,
        },
    ),
    **pair("efficiency, hops", ours(na.efficiency, lengths="hops"), {"bctpy": bct_peer("efficiency_bin", binary)}),
    "local efficiency, hops, n = 100": {
        "netanalysis": lambda: ours(na.local_efficiency, lengths="hops")(A()),
        "bctpy": lambda: bct_call("efficiency_bin", binary(A()), local=True),
    },
    "local efficiency, weighted, n = 100": {
        "netanalysis": lambda: ours(na.local_efficiency, variant="modified")(A()),
        "bctpy": lambda: bct_call("efficiency_wei", A(), local=True),
    },
    **pair(
        "communicability",
        ours(na.communicability),
        {"scipy expm by hand": expm_by_hand, "numpy eigh by hand": eigh_by_hand},
    ),
    "communicability, stack of 1,000": {
        "netanalysis": lambda: ours(na.communicability)(np.stack([nets.small(seed=10 + k) for k in range(1000)])),
        "scipy expm, loop": lambda: prepared(
            lambda ws: [expm(normalised(w)) for w in ws],
            lambda: [nets.small(seed=10 + k) for k in range(1000)],
        ),
    },
    "ensemble of 1,000: Q, sigma (10 nulls), communicability, two entropies": {
        "netanalysis": lambda: ensemble_ours(nets.ensemble()),
        "igraph + scipy, 2 processes (200 of 1,000)": lambda: ensemble_peers(nets.ensemble()[:200]),
    },
    "pathways, 140,000 nodes, 5M edges, 1,000 to 1,000, 6 hops": {
        "netanalysis": lambda: pathways_ours(nets.fly_directed()),
        "scipy products by hand (64 of 1,000 inputs)": lambda: pathways_by_hand(nets.fly_directed()),
    },
    **WALKS,
    **BRAINS,
    **GROWTH,
    **CONTROL,
    **COMPARISON,
}
