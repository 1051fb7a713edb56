"""What all figures share: numbers as words, colours of modules."""

import numpy as np
import pytest

import netanalysis as na
from netanalysis.plot import _colour, _text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.51649, "0.516"), (-2, "−2"), (591000.0, "5.91×10⁵"), (1234.0, "1,230"), (np.nan, "undefined"), (0, "0")],
)
def test_numbers(value, text):
    assert _text.number(value) == text


def test_module_colours_stay_distinct():
    assert len({_colour.module_style(k) for k in range(48)}) == 48


def test_results_of_a_stack_are_refused():
    """Seen: numbers of several networks in one figure, or errors of matplotlib."""
    stack = np.random.default_rng(0).random((2, 8, 8))
    labels = np.arange(8) % 2
    for draw, result in (
        (na.plot.hubs, na.hubs(stack)),
        (na.plot.rich_club, na.rich_club(np.where(stack > 0.5, stack, 0), n_nulls=2)),
        (na.plot.clustering_alignment, na.clustering_alignment(stack, labels, n_nulls=2)),
    ):
        with pytest.raises(ValueError, match=r"is of a stack of shape \(2,\), and a figure shows one network"):
            draw(result)
