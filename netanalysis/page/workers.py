"""Networks shared out among workers, the largest first, and what workers warn of."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from tqdm import tqdm

from netanalysis._core import parallel
from netanalysis.connectome import Connectome


def over(
    function: Callable[[Any], Any],
    nets: list[Connectome],
    *others: Sequence[Any],
    what: str,
    n_jobs: int | None,
    progress: bool,
    strict: bool = False,
) -> list[Any]:
    """A function of networks, each with the others' part of it, under a progress bar that names the one in work.

    The largest first, on which one worker would sit when all others have done; as they come where the first fault ends
    everything.
    """
    tasks = list(zip(nets, *others, strict=False))
    order = sorted(range(len(tasks)), key=lambda k: 0 if strict else -nets[k].weights.size)
    results = parallel.parallel_iter(partial(_with_warnings, function), [tasks[k] for k in order], n_jobs=n_jobs)
    found: dict[int, Any] = {}
    with tqdm(total=len(nets), desc=what, disable=not progress, leave=False) as bar:
        for k in order:
            bar.set_postfix_str(str(nets[k].name))
            found[k] = next(results)
            bar.update()
    values = []
    for k in range(len(tasks)):
        value, said = found[k]
        for warning in said:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
        values.append(value)
    return values


def _with_warnings(function: Callable[[Any], Any], task: Any) -> tuple[Any, list[warnings.WarningMessage]]:
    """What a function returns, and what it warns of, which a worker would say to nobody."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        return function(task), said
