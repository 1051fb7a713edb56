"""What people do first, in pictures, for the README: `python notebooks/first_steps_figure.py`."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import netanalysis as na

net = na.datasets.load("human_schaefer100")
worm = na.transform.normalize(na.datasets.load("celegans_chemical"), by="input")
test = na.null_test(worm, na.reciprocity, "degree_preserving", n_nulls=300, rng=0)
paths = na.strongest_paths(worm, inputs="sensory", outputs="motor", k=12, max_hops=3, min_hops=3)


def final(name):
    """Networks that solve their task at the end of training."""
    ensemble = na.datasets.load(name).at(-1)
    return list(ensemble.select(ensemble.table["accuracy"] >= 0.9))[:12]


groups = {name: na.summarize(final(name), ["modularity"], progress=False) for name in ("sernn", "l1")}
table = pd.concat([part.assign(group=name) for name, part in groups.items()], ignore_index=True)

PANELS = {
    'net = na.load("sub-01.mat", key="SC")\nna.plot.weight_matrix(net)': lambda ax: na.plot.weight_matrix(
        net, scale="log", ax=ax
    ),
    'test = na.null_test(worm, na.reciprocity,\n    "degree_preserving")': lambda ax: na.plot.null_distribution(
        test, label="Reciprocity", ax=ax
    ),
    "na.compare(na.summarize(trained),\n    na.summarize(baseline))": lambda ax: na.plot.groups(
        table, measure="modularity", label="Modularity Q", ax=ax
    ),
    'na.strongest_paths(worm, inputs="sensory",\n    outputs="motor", max_hops=3)': lambda ax: na.plot.pathway_graph(
        paths, ax=ax
    ),
}

with plt.rc_context({"font.size": 8}):
    figure = plt.figure(figsize=(13, 3.1), layout="constrained")
    for panel, (code, draw) in zip(figure.subfigures(1, 4), PANELS.items(), strict=True):
        panel.suptitle(code, x=0.04, ha="left", family="monospace", fontsize=8)
        draw(panel.subplots())
    figure.savefig(Path(__file__).parent / "figures" / "first_steps.png", dpi=130)
