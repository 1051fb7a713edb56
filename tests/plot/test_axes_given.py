"""Axes that are none are refused by name, before anything is drawn."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import netanalysis as na

RNG = np.random.default_rng(0)
NET = na.Connectome(RNG.random((12, 12)), positions=RNG.random((12, 3)), modules=np.arange(12) % 3)


@pytest.mark.parametrize(
    "draw", [na.plot.weight_matrix, na.plot.network, na.plot.eigenvalues, na.plot.weight_distribution]
)
@pytest.mark.parametrize(
    "wrong",
    [Figure(), np.zeros(2), "x", *(Figure().add_subplot(projection=name) for name in ("3d", "polar"))],
    ids=type,
)
def test_what_is_no_flat_axes_is_refused(draw, wrong):
    with pytest.raises(TypeError, match=r"^ax must be flat Axes of matplotlib"):
        draw(NET, ax=wrong)


def test_what_cannot_be_drawn_is_said():
    ax = Figure().subplots()
    with pytest.raises(ValueError, match="no node has both"):
        na.plot.module_roles([np.nan] * 3, [0, 1, 2], ax=ax)
    with pytest.raises(ValueError, match=r"participation must lie in \[0, 1\]; got -1 to 5"):
        na.plot.module_roles([5, -1, 0.2], [0, 1, 2], ax=ax)
    with pytest.raises(ValueError, match="pathways must be of one network"):
        na.plot.pathway_map(na.pathways(np.ones((2, 3, 3)), max_hops=2), hop=1, ax=ax)


def test_parcels_are_drawn_on_twinned_axes(tmp_path):
    """Seen: matplotlib's RuntimeError when the figure was saved."""
    figure = Figure()
    na.plot.parcels(np.arange(12.0), positions=NET.positions, ax=figure.subplots().twinx())
    figure.savefig(tmp_path / "parcels.png")
