import pytest

from netanalysis._core import options


def test_options_are_refused_by_name():
    with pytest.raises(ValueError, match=r"method must be one of \['a', 'b'\]; got 'c'"):
        options.choice("c", ["a", "b"], "method")
    with pytest.raises(TypeError, match="n_nulls"):
        options.positive_int(2.0, "n_nulls")
    with pytest.raises(ValueError, match="n_nulls must be at least 1"):
        options.positive_int(0, "n_nulls")
