"""States and inputs of a transition, as lines."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import netanalysis as na
from netanalysis import plot

NET = na.Connectome(np.array([[0, 1.0, 0], [1, 0, 2], [0, 2, 0]]), labels=["a", "b", "c"])


def test_lines_are_the_trajectory():
    found = na.control_energy(NET, "a", "c", time=2)
    path = found.trajectory(11)
    for of, values in (("states", path.states), ("inputs", path.inputs)):
        ax = plot.transition(found, NET, of=of, top=2, n_samples=11, ax=Figure().subplots())
        lines = {line.get_label(): line for line in ax.lines}
        order = np.argsort(-np.abs(values).max(axis=0))
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["abc"[k] for k in order[:2]]
        assert lines["abc"[order[0]]].get_ydata() == pytest.approx(values[:, order[0]])
        assert lines["abc"[order[0]]].get_xdata() == pytest.approx(path.time)
        assert len(ax.lines) == 4  # and 0


def test_inputs_in_discrete_time_last_a_step():
    found = na.control_energy(NET, "a", "c", dynamics="discrete", time=3)
    ax = plot.transition(found, of="inputs", top=1, ax=Figure().subplots())
    line = next(line for line in ax.lines if line.get_label().startswith("node"))
    assert line.get_drawstyle() == "steps-post"
    assert np.isfinite(line.get_ydata()).all()
    assert line.get_ydata()[-1] == line.get_ydata()[-2]
    assert ax.get_xlabel() == "Time (steps)"


def test_what_is_refused():
    several = na.control_energy(NET, np.eye(3), np.eye(3)[0])
    with pytest.raises(ValueError, match=r"one transition; got energies of shape \(3,\)"):
        plot.transition(several)
    with pytest.raises(TypeError, match=r"what na\.control_energy returns"):
        plot.transition(np.ones(3))
    with pytest.raises(ValueError, match="of must be one of"):
        plot.transition(several, of="energy")
