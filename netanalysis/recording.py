"""What the units did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import html, validate
from netanalysis._core.text import as_text
from netanalysis.connectome import described, frozen

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Recording:
    """Activity of units over trials, with the conditions of each trial.

    Parameters
    ----------
    activity : array_like, shape (trials, time, units)
        Finite real numbers. A resting recording is one trial.
    conditions : DataFrame or mapping of columns, one row per trial
        Task variables, reset to a 0 … trials-1 index.
    time : array_like, shape (time,), optional
        Time of each sample, in the unit of ``metadata["time_unit"]``; 0, 1, … if absent.
    labels : sequence of str, one per unit, optional
    name, metadata
        As for :class:`Connectome`.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> rec = na.Recording(np.zeros((4, 10, 3)), {"choice": [0, 1, 0, 1]})
    >>> rec.n_trials, rec.n_time, rec.n_units
    (4, 10, 3)
    """

    activity: NDArray[np.float64]
    conditions: pd.DataFrame
    time: NDArray[np.float64]
    labels: Any = None
    name: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __init__(
        self,
        activity: ArrayLike,
        conditions: Any = None,
        *,
        time: ArrayLike | None = None,
        labels: Sequence[Any] | None = None,
        name: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        import pandas as pd

        a = validate.as_array(activity, "activity")
        if a.ndim == 2:
            raise ValueError(
                f"activity must have shape (trials, time, units); got {a.shape}. A single run of {a.shape[0]} steps is "
                "activity[None] (of a DataFrame frame.to_numpy()[None]); one step of each trial activity[:, None]"
            )
        a = frozen(validate.as_array(a, "activity", shape=(None, None, None)))
        if 0 in a.shape:
            raise ValueError(f"activity must have at least one trial, time step and unit; got shape {a.shape}")
        frame = pd.DataFrame(index=range(len(a))) if conditions is None else pd.DataFrame(conditions)
        if len(frame) != len(a):
            raise ValueError(
                f"conditions must have one row per trial: activity has {len(a)} trials, conditions {len(frame)} rows"
            )
        steps = np.arange(a.shape[1]) if time is None else time
        values = {
            "activity": a,
            "conditions": frame.reset_index(drop=True).copy(),
            "time": frozen(validate.as_array(steps, "time", shape=(a.shape[1],))),
            "labels": None if labels is None else validate.as_labels(labels, a.shape[2], "labels"),
            "name": None if name is None else as_text(name, "name"),
            "metadata": described(metadata),
        }
        for key, value in values.items():
            object.__setattr__(self, key, value)

    @property
    def n_trials(self) -> int:
        """Number of trials."""
        return int(self.activity.shape[0])

    @property
    def n_time(self) -> int:
        """Number of time steps per trial."""
        return int(self.activity.shape[1])

    @property
    def n_units(self) -> int:
        """Number of units."""
        return int(self.activity.shape[2])

    def __repr__(self) -> str:
        return (
            f"<Recording {self.name or 'unnamed'}: {self.n_trials} trials x {self.n_time} steps x "
            f"{self.n_units} units; conditions {list(self.conditions.columns)}>"
        )

    def _repr_html_(self) -> str:
        rows = [("trials", self.n_trials), ("time steps", self.n_time), ("units", self.n_units)]
        of = [(str(name), f"{column.nunique()} values") for name, column in self.conditions.items()]
        return html.table(f"Recording {self.name or 'unnamed'}", rows + of)


def as_recording(recording: Any, name: str = "recording") -> Recording:
    """A Recording, or an error that says how to make one."""
    if isinstance(recording, Recording):
        return recording
    raise TypeError(
        f"{name} must be a Recording; got {type(recording).__name__}: na.Recording(activity, conditions), activity "
        "being of shape (trials, time, units)"
    )
