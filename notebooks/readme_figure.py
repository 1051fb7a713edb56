"""The figure of the README: `python notebooks/readme_figure.py`."""

from pathlib import Path

import matplotlib.pyplot as plt

import netanalysis as na

worm = na.datasets.load("celegans_chemical")
gru = na.datasets.load("g2p_gru_decoder")
names = ["celegans_chemical", "drosophila_larva_mb_left", "fly_optic_lobe", "human_schaefer100", "g2p_gru_decoder"]
brains = [na.datasets.load(name) for name in names]


def leiden_q(net):
    """Modularity of the communities found, best of 3 runs."""
    return na.detect_communities(net, n_restarts=3, rng=0).modularity


test = na.null_test(worm, leiden_q, na.nulls.degree_preserving, n_nulls=200, rng=0)
table = na.summarize(brains, ["modularity"], null=na.nulls.weight_shuffle, n_nulls=100, rng=0)
hops = na.pathways(
    worm,
    inputs=worm.modules == "sensory",
    outputs=worm.modules == "motor",
    max_hops=6,
    alpha=0.9,
    normalize="spectral_radius",
)

PANELS = {
    "C. elegans, chemical synapses": lambda ax: na.plot.weight_matrix(worm, scale="log", ax=ax),
    "The same in space": lambda ax: na.plot.network(worm, ax=ax),
    "Its modularity against rewired nulls": lambda ax: na.plot.null_distribution(test, label="Modularity Q", ax=ax),
    "Its pathways, sensory to motor": lambda ax: na.plot.hop_mass(hops, ax=ax),
    "A trained GRU among real brains": lambda ax: na.plot.position(
        table, measure="modularity", highlight="g2p_gru_decoder", label="Modularity Q", ax=ax
    ),
    "The GRU's eigenvalues": lambda ax: na.plot.eigenvalues(gru, ax=ax),
}

with plt.rc_context({"font.size": 8}):
    fig = plt.figure(figsize=(12, 6.4), layout="constrained")
    panels = fig.subfigures(2, 3, width_ratios=[1, 1.35, 1]).flat
    for panel, (title, draw) in zip(panels, PANELS.items(), strict=True):
        panel.suptitle(title, x=0.02, ha="left", fontweight="bold", fontsize=9)
        draw(panel.subplots())
    fig.savefig(Path(__file__).parent / "figures" / "readme.png", dpi=130)
