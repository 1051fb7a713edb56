"""What notebooks show: a table of numbers, escaped and cut, that computes nothing."""

import numpy as np
import pytest
from scipy import sparse

import netanalysis as na

HOSTILE = "<script>alert(1)</script>\x1b[2J"


def rows(text):
    assert text.startswith("<table>")
    assert text.count("<tr>") == text.count("</tr>")
    return text


def test_a_connectome_with_hostile_names():
    net = na.Connectome(-np.eye(3, k=1), name=HOSTILE, modules=[HOSTILE, "b", "c" * 500], metadata={"species": HOSTILE})
    text = rows(net._repr_html_())
    assert "<script" not in text
    assert "\x1b" not in text
    assert "c" * 81 not in text
    assert "signed, directed" in text
    assert ">3</td>" in text


@pytest.mark.parametrize(
    "weights", [np.zeros((2, 4, 4)), sparse.csr_array((5, 5)), np.ones((1, 1))], ids=["stack", "sparse", "one node"]
)
def test_every_kind_of_network_is_shown(weights):
    rows(na.Connectome(weights)._repr_html_())


def test_a_recording():
    recording = na.Recording(np.zeros((4, 3, 2)), {HOSTILE: [0, 1, 0, 1]}, name="run")
    text = rows(recording._repr_html_())
    assert "2 values" in text
    assert "<script" not in text


def test_a_result_shows_numbers_and_shapes():
    found = na.null_test(na.datasets.load("celegans_gap"), na.reciprocity, "weight_shuffle", n_nulls=5, rng=0)
    text = rows(found._repr_html_())
    assert "array (5,)" in text
    assert "NullTest" in text


def test_maps_that_wait_are_not_computed():
    w = sparse.random_array((30, 30), density=0.2, rng=0).tocsr()
    paths = na.pathways(na.Connectome(w), inputs=[0], outputs=[1], max_hops=2)
    rows(paths._repr_html_())
    assert "maps" not in vars(paths)
