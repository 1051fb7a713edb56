"""What columns, attributes and nodes are called where people save networks: a new alias is one row or word here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

# Names are compared by their letters and digits alone: "pre_root_id", "Pre Root ID" and "preRootId" are one.
# Source, target, and whether the words say the direction.
ENDS: list[tuple[str, str, bool]] = [
    ("source", "target", True),
    ("from", "to", True),
    ("pre", "post", True),
    ("sourceid", "targetid", True),
    ("sourcenode", "targetnode", True),
    ("sourcename", "targetname", True),
    ("fromid", "toid", True),
    ("fromnode", "tonode", True),
    ("src", "dst", True),
    ("src", "dest", True),
    ("src", "tgt", True),
    ("sender", "receiver", True),
    ("tail", "head", True),
    ("prerootid", "postrootid", True),
    ("preptrootid", "postptrootid", True),
    ("bodyidpre", "bodyidpost", True),
    ("prebodyid", "postbodyid", True),
    ("preid", "postid", True),
    ("presynaptic", "postsynaptic", True),
    ("presynapticid", "postsynapticid", True),
    ("presynapticneuron", "postsynapticneuron", True),
    ("presynapticsegmentid", "postsynapticsegmentid", True),
    ("preneuron", "postneuron", True),
    ("preskeleton", "postskeleton", True),
    ("precell", "postcell", True),
    ("prename", "postname", True),
    ("presegid", "postsegid", True),
    ("pregid", "postgid", True),
    ("origin", "destination", True),
    ("node1", "node2", False),
    ("neuron1", "neuron2", False),
    ("region1", "region2", False),
    ("roi1", "roi2", False),
]
WEIGHTS = {
    "weight", "weights", "count", "counts", "synapses", "syncount", "synapsecount", "synapsescount", "numsynapses",
    "nsynapses", "nsyn", "nsyns", "numberofsynapses", "synapseno", "nrsynapses", "contacts", "ncontacts", "nbr",
    "strength", "streamlines", "streamlinecount", "fibercount", "value", "edgeweight", "connectionweight",
}  # fmt: skip
GROUPS = {"neuropil", "neuropils", "roi", "region", "layer", "compartment"}  # of whose parts one pair has a row each
IDS = [
    "id", "rootid", "ptrootid", "bodyid", "bodyids", "skeletonid", "segid", "nodeid", "neuronid", "cellid", "node",
    "neuron", "cell", "label", "name", "region", "roi", "key", "parcel", "area", "labelname", "regionname", "roiname",
    "parcelname", "index",
]  # fmt: skip
MODULES = [
    "module", "community", "class", "superclass", "cellclass", "type", "celltype", "primarytype", "category", "system",
    "network",
]  # fmt: skip
POSITIONS = [
    ("x", "y", "z"),
    ("posx", "posy", "posz"),
    ("positionx", "positiony", "positionz"),
    ("somax", "somay", "somaz"),
    ("ptpositionx", "ptpositiony", "ptpositionz"),
    ("centroidx", "centroidy", "centroidz"),
    ("xmni", "ymni", "zmni"),
    ("mnix", "mniy", "mniz"),
    ("rcoord", "acoord", "scoord"),
    ("r", "a", "s"),
    ("x", "y"),
]
PER_NODE = {  # other names of what the metadata of a network call side, transmitter, …
    "side": ("side", "hemisphere", "somaside", "hemi"),
    "transmitter": ("transmitter", "neurotransmitter", "nttype", "topnt", "predictednt", "nt", "consensusnt"),
    "class": ("class", "superclass", "cellclass"),
    "type": ("type", "celltype", "primarytype"),
}


def plain(name: Any) -> str:
    """A name by its letters and digits."""
    return "".join(c for c in str(name).casefold() if c.isalnum())


def ends(names: Iterable[Any]) -> tuple[int, int, bool] | None:
    """Columns of sources and targets, and whether their names say which is which; None if there are none."""
    words = [plain(name) for name in names]
    found = [
        (words.index(a), words.index(b), said)
        for a, b, said in ENDS
        if words.count(a) == words.count(b) == 1 and a != b
    ]
    return found[0] if found else None


def weight(numeric: Iterable[Any]) -> Any:
    """The one of the names that stands for weights: "weight", else the only alias; None if there is none.

    Raises a LookupError that names them where several do.
    """
    found = [name for name in numeric if plain(name) in WEIGHTS]
    found = [name for name in found if str(name).lower() == "weight"] or found
    if len(found) > 1:
        raise LookupError(f"{' and '.join(map(repr, found[:5]))} could all be the weights")
    return found[0] if found else None


def first(names: Mapping[str, Any], aliases: Iterable[str]) -> Any:
    """The column of the first alias among plain names; None if there is none."""
    return next((names[alias] for alias in aliases if alias in names), None)


_NUMBER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)(\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"(-?(?:0|[1-9][0-9]*))(?:\.0*)?")


def identities(names: list[str]) -> list[Any]:
    """The node that each name stands for: numbers if all are, of which 1 and 1.0 are one; else the text itself.

    Whole numbers are exact however long, and 007 is a text. Raises ValueError where digits of a number have been lost.
    """
    numbers = _whole(names)
    if numbers is not None:
        inside = not numbers or (min(numbers) >= -(2**63) and max(numbers) < 2**63)
        return numbers if inside else [str(number) for number in numbers]
    if not names or not all(_NUMBER.fullmatch(name) for name in names):
        return list(names)
    values = [float(name) for name in names]
    if lossy := next((name for name, value in zip(names, values, strict=True) if abs(value) >= 2**53), None):
        raise ValueError(
            f"the node {lossy} is a number that a float cannot hold exactly: its last digits were lost where the "
            "table was saved. Save ids as whole numbers or text"
        )
    return [int(value) if value.is_integer() else value for value in values]


def _whole(names: list[str]) -> list[int] | None:
    """The numbers that the names are, if all are whole."""
    try:
        numbers = list(map(int, names))
        if list(map(str, numbers)) == names:  # written as most are
            return numbers
    except ValueError:
        pass
    matches = [_WHOLE.fullmatch(name) for name in names]
    return [int(match[1]) for match in matches if match] if all(matches) else None
