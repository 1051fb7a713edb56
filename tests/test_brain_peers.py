"""Values of netneurotools, brainsmash and brainspace, where they are right (tests/oracles/brain_peers.py)."""

from pathlib import Path

import numpy as np
import pytest

import netanalysis as na
from netanalysis.maps._moran import _patterns, _spatial_weights


@pytest.fixture(scope="module")
def peers():
    with np.load(Path(__file__).parent / "oracles" / "brain_peers.npz", allow_pickle=False) as file:
        return dict(file)


@pytest.fixture(scope="module")
def net(peers):
    return na.Connectome(peers["weights"], positions=peers["positions"])


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("search_information", lambda net: na.search_information(net, paths="one")),
        ("mean_first_passage_time", na.mean_first_passage_time),
        ("communicability", lambda net: na.communicability(net, normalize="both")),
        ("communicability_binary", lambda net: na.communicability(na.transform.binarize(net), normalize=None)),
        ("flow_graph", lambda net: na.flow_graph(net, t=1.0)),
        ("matching_index_binary", lambda net: na.matching_index(na.transform.binarize(net))),
        ("shortest_paths", na.shortest_paths),
        ("navigation_lengths", lambda net: na.navigation(net).lengths),
        ("navigation_hops", lambda net: na.navigation(net).hops),
    ],
)
def test_pairs_of_nodes_agree_with_netneurotools(peers, net, name, ours):
    """Off the diagonal, which is defined otherwise."""
    off = ~np.eye(net.n_nodes, dtype=bool)
    np.testing.assert_allclose(np.asarray(ours(net))[off], peers[name][off], rtol=1e-9, atol=1e-12)


def test_diffusion_efficiency_agrees_with_netneurotools(peers, net):
    assert na.diffusion_efficiency(net) == pytest.approx(float(peers["diffusion_efficiency"]), rel=1e-9)


def test_the_variogram_agrees_with_brainsmash(peers, net):
    lags, found = na.maps.variogram(peers["map"], distances=net.distances)
    np.testing.assert_allclose(lags, peers["lags"], rtol=1e-9)
    np.testing.assert_allclose(found, peers["variogram"], rtol=1e-9)


def test_moran_eigenvalues_agree_with_brainspace_to_its_single_precision(peers, net):
    own = _patterns(_spatial_weights(net.distances, None, net.n_nodes))[0]
    theirs = peers["moran_eigenvalues"]
    constant = np.abs(theirs).argmin()  # it keeps the constant vector, whose eigenvalue is 0
    assert abs(theirs[constant]) < 1e-6
    np.testing.assert_allclose(own, np.delete(theirs, constant), rtol=1e-5, atol=1e-5 * own[0])
