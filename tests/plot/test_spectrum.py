"""Eigenvalues and their circles."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import netanalysis as na
from netanalysis import plot
from netanalysis.plot._text import number


def test_all_eigenvalues_and_the_circle_of_the_largest(signed, ax):
    plot.eigenvalues(signed, ax=ax)
    dots = ax.collections[0].get_offsets()
    values = np.linalg.eigvals(signed)
    np.testing.assert_allclose(np.sort(np.hypot(*dots.T)), np.sort(np.abs(values)))
    circle = next(line for line in ax.lines if "radius" in str(line.get_label()))
    np.testing.assert_allclose(np.hypot(*circle.get_data()), np.abs(values).max())


@pytest.mark.parametrize(("scale", "shown"), [(1, True), (1000, False)])
def test_unit_circle_where_it_can_be_seen(signed, scale, shown, ax):
    plot.eigenvalues(scale * signed, ax=ax)
    assert ("unit circle" in [line.get_label() for line in ax.lines]) == shown


def test_nilpotent(ax):
    plot.eigenvalues([[0, 1.0], [0, 0]], ax=ax).figure.canvas.draw()


def test_several_networks_lie_over_each_other(signed, ax):
    nets = {"one$": signed, "half": signed / 2}
    plot.eigenvalues(nets, ax=ax)
    radius = np.abs(np.linalg.eigvals(signed)).max()
    for share, dots in zip((1, 0.5), ax.collections, strict=True):
        np.testing.assert_allclose(np.hypot(*dots.get_offsets().T).max(), share * radius)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts[:2] == [rf"one\$ (radius {number(radius)})", f"half (radius {number(radius / 2)})"]
    assert ax.get_xlim()[1] >= radius


def test_a_list_of_networks_is_several_and_a_list_of_rows_is_one(signed, ax):
    named = na.Connectome(signed, name="first")
    plot.eigenvalues([named, named.replace(name="second")], ax=ax)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert [text.split(" (")[0] for text in texts[:2]] == ["first", "second"]
    one = plot.eigenvalues(signed.tolist(), ax=Figure().subplots()).get_legend().get_texts()[0].get_text()
    assert one.startswith("spectral radius")
    with pytest.raises(ValueError, match="labels must be as many as networks, 1; got 2"):
        plot.eigenvalues([named], labels="ab", ax=ax)
    with pytest.raises(ValueError, match="labels are of several networks"):
        plot.eigenvalues(named, labels="a", ax=ax)
    with pytest.raises(ValueError, match="one network for eigenvalues; got a stack"):
        plot.eigenvalues(np.stack([signed, signed]), ax=ax)


@pytest.mark.parametrize("directed", [True, False])
def test_the_largest_of_a_large_network_and_the_disc_of_the_others(directed, ax):
    rng = np.random.default_rng(0)
    w = rng.normal(size=(300, 300)) * (rng.random((300, 300)) < 0.1)
    w = w if directed else w + w.T
    plot.eigenvalues(w, largest=21, ax=ax)
    drawn = ax.collections[-1].get_offsets()
    found = np.asarray(drawn[:, 0] + 1j * drawn[:, 1])
    every = np.linalg.eigvals(w)
    every = every[np.argsort(-np.abs(every))]
    assert len(found) in (20, 21, 22)
    assert np.abs(np.sort(np.abs(found)) - np.sort(np.abs(every[: len(found)]))).max() < 1e-6
    assert np.abs(found[:, None] - every).min(axis=1).max() < 1e-6
    disc = ax.patches[0].get_xy()
    assert np.hypot(*disc.T) == pytest.approx(np.abs(found).min())
    assert f"the other {300 - len(found)}" in [text.get_text() for text in ax.get_legend().get_texts()]


def test_many_of_a_small_network_are_those_of_lapack(signed, ax):
    n = len(signed)
    plot.eigenvalues(signed, largest=n - 2, ax=ax)
    assert len(ax.collections[-1].get_offsets()) == n - 2
    with pytest.raises(ValueError, match="largest is of one network"):
        plot.eigenvalues({"a": signed, "b": signed}, largest=3, ax=ax)
