"""What all figures share: numbers as words, colours of modules."""

import numpy as np
import pytest

from netanalysis.plot import _colour, _text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.51649, "0.516"), (-2, "−2"), (591000.0, "5.91×10⁵"), (1234.0, "1,230"), (np.nan, "undefined"), (0, "0")],
)
def test_numbers(value, text):
    assert _text.number(value) == text


def test_module_colours_stay_distinct():
    assert len({_colour.module_style(k) for k in range(48)}) == 48
