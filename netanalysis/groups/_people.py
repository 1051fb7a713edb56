"""A network per person and a table of people, checked against each other."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import kinds, matching, node_order, validate
from netanalysis._core.direction import is_symmetric
from netanalysis.connectome import Connectome
from netanalysis.transform.node_sets import said_of


class Edges(NamedTuple):
    """The edges of a stack, people x edges: every pair once if all networks are undirected, else both directions."""

    values: NDArray[np.float64]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    n: int
    directed: bool
    labels: NDArray[Any] | None

    def matrix(self, values: NDArray[Any], *, otherwise: Any) -> NDArray[Any]:
        """One value per edge as (n, n), symmetric if undirected, and something else on the diagonal."""
        out = np.full((self.n, self.n), otherwise, dtype=np.asarray(values).dtype)
        out[self.rows, self.columns] = values
        if not self.directed:
            out[self.columns, self.rows] = values
        return out

    def named(self, nodes: NDArray[np.intp]) -> NDArray[Any]:
        """Labels of nodes where they have any, else their numbers."""
        return nodes if self.labels is None else self.labels[nodes]


def stacked(stack: Any, *, name: str = "stack", axes: int = 1) -> NDArray[np.float64]:
    """Dense weights (people, n, n) of a stack, or of a list of networks of any kind."""
    if isinstance(stack, (list, tuple)) and not len(stack):
        raise ValueError(f"{name} must hold a network per person; got an empty list")
    if isinstance(stack, Mapping):
        raise TypeError(
            f"{name} must be an array or a list, in the order of the people; got a dict: list({name}.values()), if its "
            "order is theirs"
        )
    if isinstance(stack, (str, PathLike)) or (
        isinstance(stack, (list, tuple)) and isinstance(stack[0], (str, PathLike))
    ):
        raise TypeError(f"{name} must hold networks; got the path of a file: [na.load(path) for path in paths]")
    if said := said_of(stack):
        warnings.warn(said, stacklevel=5)
    given = validate.of_list(stack, name) if kinds.lists_networks(stack) else stack
    w = validate.as_weights(given, name=name)
    if w.ndim != 2 + axes:
        wanted = "(people, n, n)" if axes == 1 else "(people, scans, n, n)"
        raise ValueError(f"{name} must hold a network per person, shape {wanted}; got shape {w.shape}")
    return np.asarray(w)


def edges_of(stack: Any, *, name: str = "stack") -> Edges:
    """People x edges of a stack; self-connections are left out."""
    w = stacked(stack, name=name)
    n = w.shape[-1]
    directed = not is_symmetric(w)
    rows, columns = np.nonzero(~np.eye(n, dtype=bool)) if directed else np.triu_indices(n, 1)
    if not len(rows):
        raise ValueError(f"{name} must have at least 2 nodes; got {n}")
    first = stack[0] if isinstance(stack, (list, tuple)) else stack
    return Edges(w[:, rows, columns], rows, columns, n, directed, labels_of(first))


def labels_of(net: Any) -> NDArray[Any] | None:
    """Names of the nodes, if they have any."""
    labels = net.labels if isinstance(net, Connectome) else node_order.own_labels(net)
    return None if labels is None else np.asarray(labels)


def people_table(subjects: Any, stack: Any, count: int) -> Any:
    """The table of people, one row per network and in the order of the stack."""
    if subjects is None:
        return None
    if not hasattr(subjects, "columns"):
        raise TypeError(f"subjects must be a DataFrame with a row per network; got {type(subjects).__name__}")
    if len(subjects) != count:
        raise ValueError(f"subjects must have a row per network of the stack, {count}; got {len(subjects)}")
    _in_order(subjects, stack, count)
    for key, known in _known(stack, count).items():
        if key in subjects.columns:
            own = subjects[key].to_numpy()
            differ = np.flatnonzero([str(a) != str(b) for a, b in zip(own, known, strict=True)])
            if len(differ):
                at = int(differ[0])
                raise ValueError(
                    f"subjects and the stack disagree about {key!r}, first in row {at}: {own[at]!r} in the table and "
                    f"{known[at]!r} in the metadata of the stack. Put the rows in the order of the stack, "
                    f"subjects.set_index({key!r}).loc[ids].reset_index()"
                )
    return subjects


def _in_order(subjects: Any, stack: Any, count: int) -> None:
    """Refuse a table that holds the names of the networks, in a column or as its index, in another order.

    Or, where networks have no names, one that was shuffled or sorted.
    """
    index = list(subjects.index)
    if isinstance(stack, np.ndarray) and index != list(range(count)) and set(index) == set(range(count)):
        raise ValueError(
            f"the rows of subjects were put into another order (its index begins with {index[:3]}), and stack has no "
            "names: put them into the order of the stack, subjects.sort_index(), or, if they are in it, "
            "subjects.reset_index(drop=True)"
        )
    if not isinstance(stack, (list, tuple)) or not all(isinstance(net, Connectome) for net in stack):
        return
    same_people(subjects, [matching.words_of(net) for net in stack], [str(net.name) for net in stack], "the networks")


def same_people(subjects: Any, words: list[set[str]], names: list[str], of: str) -> None:
    """Refuse a table of which a column, or the index, names all of them in another order, whole or by a word.

    By a word only in a column that says who somebody is, or of text: ages may be the numbers of people, too.
    """
    columns = [(repr(key), subjects.iloc[:, k]) for k, key in enumerate(subjects.columns)]
    for key, values in (*columns, ("the index", subjects.index)):
        own = [matching.cell_text(value) for value in values]
        if len(set(own)) < len(own) or len(own) != len(words):
            continue
        if sorted(own) == sorted(names):
            rows = np.array([names.index(text) for text in own])
        elif key.strip("'").lower() in matching.PERSON or not all(text.isdigit() for text in own):
            rows = matching.rows_of(words, [(text,) for text in own])
        else:
            continue
        moved = np.flatnonzero(rows != np.arange(len(own)))
        if len(moved) and (rows >= 0).all():
            at = int(moved[0])
            raise ValueError(
                f"{key} of subjects holds the names of {of} in another order, first in row {at}: {own[at]!r}, and {of} "
                f"have {names[at]!r} there. Put the rows in the order of {of}"
            )


def _known(stack: Any, count: int) -> dict[str, list[Any]]:
    """What the metadata of a stack, or of all networks of a list, say of each person."""
    if isinstance(stack, Connectome):
        kinds = (list, tuple, np.ndarray)
        return {k: list(v) for k, v in stack.metadata.items() if isinstance(v, kinds) and np.shape(v)[:1] == (count,)}
    if isinstance(stack, (list, tuple)) and all(isinstance(net, Connectome) for net in stack):
        keys = set.intersection(*(set(net.metadata) for net in stack))
        return {key: [net.metadata[key] for net in stack] for key in sorted(keys)}
    return {}


def column(values: Any, subjects: Any, count: int, name: str) -> NDArray[Any]:
    """A value per person: given, or a column of the table by its name; numbers or strings, none of them missing."""
    if isinstance(values, str):
        if subjects is None:
            raise ValueError(f"{name}={values!r} is the name of a column: give the table of people as subjects=")
        if values not in subjects.columns:
            raise ValueError(f"subjects has no column {values!r} ({name}); it has {list(subjects.columns)}")
        values = subjects[values]
    if hasattr(values, "columns"):
        raise TypeError(
            f"{name} must be one value per person; got a DataFrame: name a column, and give it as subjects="
        )
    if hasattr(values, "isna"):
        missing = int(values.isna().sum())
    else:
        several = isinstance(values, (list, tuple, np.ndarray)) and validate.rectangular(values, name).ndim == 1
        own: Any = values if several else []
        missing = sum(value is None or (isinstance(value, (float, np.floating)) and np.isnan(value)) for value in own)
    if missing:
        of = "1 person" if missing == 1 else f"{missing} people"
        raise ValueError(f"{name} is missing for {of}; leave them out of the table and of the stack")
    array = validate.label_array(values.to_numpy() if hasattr(values, "to_numpy") else values, name)
    if array.shape != (count,):
        raise ValueError(f"{name} must have a value per person, {count}; got shape {array.shape}")
    return array
