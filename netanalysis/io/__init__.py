"""Files: any saved weight matrix in, a Connectome out; recordings in a layout of our own. Nothing is ever unpickled."""

from __future__ import annotations

import hashlib
import os
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from netanalysis._core import options
from netanalysis._core.files import written_whole
from netanalysis._core.records import KEY, SIDECAR, record_of, recorded, write_table
from netanalysis._core.text import cut
from netanalysis.connectome import Connectome
from netanalysis.io import (
    _formats,
    _isolated,
    _missing,
    _nodes,
    archive_files,
    graph_files,
    hdf5_files,
    matlab_files,
    mtx_files,
    numpy_files,
    safetensors_files,
    table_files,
    text_files,
    torch_files,
)
from netanalysis.io._entries import FileError, Loaded
from netanalysis.io._oriented import as_connectome, with_provenance
from netanalysis.io._refused import REFUSED
from netanalysis.io._refused import why as refused
from netanalysis.recording import Recording

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["formats_table", "load", "save"]

_READERS: dict[str, Callable[[Path, str | None], Loaded | Recording]] = {
    ".npz": numpy_files.read_npz,
    ".npy": numpy_files.read_npy,
    ".csv": text_files.read,
    ".tsv": text_files.read,
    ".txt": text_files.read,
    ".dat": text_files.read,
    ".ssv": text_files.read,
    ".1d": text_files.read,
    ".edge": text_files.read,
    ".edgelist": text_files.read,
    ".csv.gz": text_files.read,
    ".tsv.gz": text_files.read,
    ".txt.gz": text_files.read,
    ".edgelist.gz": text_files.read,
    ".mat": matlab_files.read,
    ".h5": hdf5_files.read,
    ".hdf5": hdf5_files.read,
    ".h5ad": hdf5_files.read,
    ".graphml": graph_files.read_graphml,
    ".gml": graph_files.read_gml,
    ".gexf": graph_files.read_gexf,
    ".net": graph_files.read_pajek,
    ".graph": graph_files.read_metis,
    ".json": graph_files.read_json,
    ".mtx": mtx_files.read,
    ".mtx.gz": mtx_files.read,
    ".parquet": table_files.read_arrow,
    ".feather": table_files.read_arrow,
    ".sqlite": table_files.read_sqlite,
    ".sqlite3": table_files.read_sqlite,
    ".db": table_files.read_sqlite,
    ".xlsx": table_files.read_xlsx,
    ".safetensors": safetensors_files.read,
    ".pt": torch_files.read,
    ".pth": torch_files.read,
    ".ckpt": torch_files.read,
    ".pth.tar": torch_files.read,
    ".pt.tar": torch_files.read,
    ".bin": torch_files.read,
    ".keras": archive_files.read_keras,
    ".zip": archive_files.read_zip,
}

_ALL = {"positions", "distances", "labels", "modules", "inputs", "outputs", "name", "metadata", "history"}
_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f]"
_UNHELD = {  # labels that would come back otherwise
    **dict.fromkeys((".csv", ".tsv"), re.compile(rf"^\s|\s\Z|{_CONTROL}")),
    ".graphml": re.compile(_CONTROL),
    **dict.fromkeys((".h5", ".hdf5"), re.compile("\x00")),
}
_WRITERS: dict[str, tuple[Callable[[Any, Path], None], set[str]]] = {  # and what they keep beside the weights
    ".npz": (numpy_files.write_npz, _ALL),
    ".npy": (numpy_files.write_npy, set()),
    ".csv": (text_files.write, {"labels"}),
    ".tsv": (text_files.write, {"labels"}),
    ".mat": (matlab_files.write, _ALL),
    ".h5": (hdf5_files.write, _ALL),
    ".hdf5": (hdf5_files.write, _ALL),
    ".graphml": (graph_files.write_graphml, {"labels"}),
    ".safetensors": (safetensors_files.write, _ALL),
}


@recorded(files=("path", "nodes"))
def load(
    path: str | os.PathLike[str] | pd.DataFrame,
    key: str | None = None,
    orientation: str | None = None,
    *,
    undirected: bool = False,
    nodes: str | os.PathLike[str] | pd.DataFrame | None = None,
    missing: float | None = None,
    isolated: bool | None = None,
) -> Any:
    """Read a network from a file, as weights from source i (row) to target j (column); or a saved recording.

    Parameters
    ----------
    path : path, or DataFrame
        :func:`formats_table` lists the formats. :func:`save`'s own files, `scipy.sparse.save_npz` files, MATLAB's and
        AnnData's sparse matrices are recognised.
    key : str, optional
        Which array: its name or the end of its path (``"weight_hh_l0"`` for ``rnn.weight_hh_l0``; ``"data.conn"``,
        ``"subjects(2).conn"`` or ``"matrices{3}"`` for what MATLAB's structs and cells hold). Needed when several
        could be the weights, or where a name says that the array is something else (a readout, distances). The
        recurrent kernel of a gated cell holds one matrix per gate; a suffix takes one, ``"weight_hh_l0[n]"``, or all
        as a stack, ``"weight_hh_l0[:]"``. Gates, in their order of storage: torch and Flax GRU r z n, LSTM i f g o;
        Keras GRU z r h, LSTM i f c o. ``[0]``, ``[1]``, … take blocks of any array that stacks square ones. In an
        edge list or a graph, `key` names the column or edge attribute of the weights; a sheet is ``"Sheet1"`` or
        ``"Sheet1!column"``, a table of a database ``"table"`` or ``"table.column"``.
    orientation : {"source_target", "target_source"}, optional
        What rows and columns are in the file: ``W[i, j]`` from i to j, or to i from j. Only symmetric weights, and
        files that settle it, may do without: those of :func:`save` (but .npy), Keras recurrent kernels, graphs,
        and edge lists whose header names source and target. All else must be told, torch's weight_hh included
        (it is "target_source"), and tables too: that rows are sources is a habit, not a rule of .csv. In an edge
        list without header, "source_target" says that the first column holds the sources. Of a dataset in
        .h5, the axes are those that h5py shows (MATLAB 7.3 variables: those that MATLAB shows).
    undirected : bool
        The connections have no direction: an edge list that names each pair once, or a matrix of which one triangle
        is stored, gets both (in a list, a self-connection counts twice, once for each end, as in graph libraries). A
        file that says that it is directed, or that holds both directions of some pairs with other weights, is refused.
    nodes : path or DataFrame, optional
        A table with a row for each node, joined by its column of ids (id, root_id, bodyId, label, name, …), of several
        the first that finds half of the nodes; names of a network that has none come from another of them. Modules
        come from class or type, positions from x, y, z; the other columns go into the metadata, as read-only arrays
        with an entry for each node. Nodes without a row are named in a warning.
    missing : float, optional
        What stands for missing values: NaN, empty cells, NA, and infinite values on the diagonal (Fisher's z of the
        correlation of a region with itself). 0 says that there is no connection. The history says how many there were,
        and which nodes have no value at all. Default: they are refused; infinite values elsewhere always are.
    isolated : bool, optional
        Read the file in a process of its own, which takes about a second to start: for files from outside, whatever
        they do. A crash, more than 120 s (the environment variable NETANALYSIS_SECONDS), or more memory than the limit
        becomes an error. Default: only on the command line, and there .mat, .h5, .hdf5, .h5ad and .keras files.

    Returns
    -------
    Connectome, or the Recording of a file that :func:`save` made from one
        Float64, sparse if the file says so, or if an edge list or graph has more than 5000 nodes. An array of
        shape (k, n, n) is a stack of k networks, (n, n, k) and (n, k, n) too: the history says which axis was moved,
        and (n, n, n) is refused. Names decide first, then shapes. Weights that a file keeps in parts come whole, and
        the history says how: weight norm, spectral norm, pruning masks, the projection of an LSTM, fused kernels,
        CuDNN kernels. ``metadata`` gains "file" (the name), "sha256", "key" and "orientation"; those that a saved
        network had already move to "origin".
        Input and output weights come along where names settle them, shapes agree, and they belong to the same part
        of the model: torch's weight_ih, and the one layer called ``readout``, ``fc``, ``head``, ``decoder``,
        ``linear`` or ``out`` that reads from the last layer of the only cell beside it; so in Keras and Flax; W_in and
        W_out beside W_rec. The metadata name them, and say why there is none ("inputs", "outputs", "biases").
        Labels, modules, positions and distances come along where names say so.

    Warns
    -----
    UserWarning
        Naming arrays that describe the nodes and were left out. All connections of a network lie on one side of the
        diagonal: it may be half of an undirected one.

    Raises
    ------
    ValueError
        The file is refused (pickles, object arrays), damaged, or does not say which array or orientation is meant.
    MemoryError
        Reading would take more than 4 GiB (the environment variable NETANALYSIS_MEMORY, in GiB): of arrays twice their
        size as float64, of graphs and JSON 20 times their text. Known from the header, before memory is taken.
    ImportError
        The format needs a library that is not installed; the message names the extra.

    Notes
    -----
    A file that states its direction is believed: graphs, symmetric .mtx, edge lists with a column Type of "Directed"
    or "Undirected". Weights that are symmetric up to rounding become exactly so: each pair that differs is stored both
    ways and differs by at most the precision of the stored numbers times the largest weight. The precision is that of
    float64, of float32 if all numbers are, or of the 6 to 9 digits of a text; the history names the largest difference.

    Matrices and edge lists in text files are told apart by these rules, and refused if both fit. Edge lists
    have a header with columns of sources and targets (source and target, from and to, pre and post, pre_root_id and
    post_root_id, bodyId_pre and bodyId_post, presynaptic and postsynaptic, …), and the weights in the column weight,
    count, synapses, syn_count, … or `key` (1 without any other column). Without header they have two or three columns,
    the first two of ids, and not the shape of a matrix. Their nodes are those that occur, whole numbers exact however
    long, 1 and 1.0 the same; repeated edges (rows of one pair in several neuropils) are added up and the history says
    so, as it says which columns were not read. Matrices may have labels in a header line, in the first column, or in
    both, which must agree unless one of them only counts. Labels that count 0, 1, 2, … are left out.

    The separator is found (tabs, semicolons, bars, commas, spaces), as are decimal commas, encodings, comments (#, %,
    //), "sep=;", trailing separators, True and False, and a first line that counts nodes and edges.

    Examples
    --------
    >>> import numpy as np, netanalysis as na, tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "rnn.npz"
    >>> np.savez(path, W_rec=[[0.0, 2.0], [0.0, 0.0]])
    >>> na.load(path, orientation="target_source").weights
    array([[0., 0.],
           [2., 0.]])
    """
    if orientation is not None:
        options.choice(orientation, ["source_target", "target_source"], "orientation")
    if key is not None and not isinstance(key, str):
        raise TypeError(f"key must be the name of an array; got {key!r}")
    if not isinstance(undirected, bool):
        raise TypeError(f"undirected must be True or False; got {undirected!r}")
    options.optional_flags(isolated=isolated)
    missing = None if missing is None else options.number_in(missing, "missing")
    if undirected and orientation is not None:
        raise ValueError(f"an undirected network has no orientation; got undirected=True and {orientation!r}")
    if table_files.is_frame(path):
        loaded = _guarded("the DataFrame", table_files.from_frame, path, key)
        net = _connectome("the DataFrame", loaded, orientation, undirected, missing, {}, None)
        return net if nodes is None else _nodes.join(net, read_table(nodes, "nodes"))
    path = Path(cast("str | os.PathLike[str]", path))
    reader = _reader(path)
    if isolated or (isolated is None and _isolated.is_default(_suffix(path))):
        net = _isolated.load(path, key, orientation, undirected=undirected, missing=missing)
        return net if nodes is None else _nodes.join(net, read_table(nodes, "nodes"))
    loaded = _guarded(path, reader, path, key)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    called = os.fsencode(path.name).decode("utf-8", "replace")  # names on disk may be any bytes
    provenance = {"file": called, "sha256": digest}
    if isinstance(loaded, Recording):
        asked = {"orientation": orientation, "undirected": undirected or None, "nodes": nodes, "missing": missing}
        if given := next((option for option, value in asked.items() if value is not None), ""):
            raise FileError(
                f"{path} holds a recording, which has no orientation, direction, nodes or missing values; leave out "
                f"{given}="
            )
        fields = {name: getattr(loaded, name) for name in ("conditions", "time", "labels", "name")}
        return Recording(loaded.activity, metadata=with_provenance(loaded.metadata, provenance), **fields)
    if loaded.left_out:
        warnings.warn(
            f"{path.name} also holds {', '.join(loaded.left_out)}: left out, as neither names nor "
            "shapes say what to make of it. Connectome.replace takes labels=, modules=, positions=, distances=, and as "
            "metadata={**net.metadata, …} anything else",
            stacklevel=3,
        )
    name = called[: -len(_suffix(path))].removesuffix(".weights")
    net = _connectome(str(path), loaded, orientation, undirected, missing, provenance, name)
    return net if nodes is None else _nodes.join(net, read_table(nodes, "nodes"))


def _connectome(
    what: str,
    loaded: Loaded,
    orientation: str | None,
    undirected: bool,
    missing: float | None,
    provenance: dict[str, Any],
    name: str | None,
) -> Connectome:
    try:
        loaded = _missing.replaced(loaded, missing)
        return as_connectome(loaded, orientation, provenance, name, undirected=undirected, fresh=bool(provenance))
    except (TypeError, ValueError, RecursionError) as error:
        said = f"{what}: {error}"
        if missing is None and "weights must be finite" in said:
            said += f". Or {_missing.HOW}"
        raise FileError(said) from error


def _guarded(what: Any, reader: Callable[..., Any], *arguments: Any) -> Any:
    """What a reader gives; whatever it or its library raises on damaged files becomes an error that names the file."""
    try:
        return reader(*arguments)
    except MemoryError as error:
        if "limit" in str(error):
            raise error if str(what) in str(error) else MemoryError(f"{what}: {error}") from error
        raise MemoryError(
            f"{what}: this machine has too little memory to read it ({error or 'none left'}). "
            "Free some, read it elsewhere, or cut out the part you need where the file was made"
        ) from error
    except (ImportError, PermissionError):
        raise
    except FileError as error:
        raise error if str(what) in str(error) else FileError(f"{what}: {error}") from error
    except Exception as error:
        suffix = _suffix(what) if isinstance(what, Path) else "a table"
        raise FileError(
            f"{what} could not be read as {suffix}: {type(error).__name__}: {error}. Is it damaged or incomplete?"
        ) from error


def read_table(table: Any, name: str) -> Any:
    """A DataFrame: the one given, or of a file, cells of text as text."""
    if table_files.is_frame(table):
        return table
    path = Path(table)
    suffix = _suffix(path)
    if suffix not in table_files.FRAMES:
        raise FileError(f"{name} must be a DataFrame or a table in a file {', '.join(table_files.FRAMES)}; got {path}")
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    return _guarded(path, table_files.FRAMES[suffix], path)


def is_read(path: Path) -> bool:
    """Whether it is a file, not a hidden one, whose name ends as one that :func:`load` reads."""
    named = not path.name.startswith(".") and not path.name.endswith(SIDECAR)
    return named and path.is_file() and _suffix(path) in _READERS


def _suffix(path: Path) -> str:
    """The longest end of the name that is known, else the last: ``.csv.gz`` of ``edges.csv.gz``."""
    name = path.name.lower()
    known = [suffix for suffix in (*_READERS, *REFUSED) if name.endswith(suffix)]
    return max(known, key=len, default=path.suffix.lower())


def _reader(path: Path) -> Callable[[Path, str | None], Loaded | Recording]:
    suffix = _suffix(path)
    if suffix in REFUSED:
        raise FileError(f"{path} is refused: {refused(suffix)}")
    if path.is_dir():
        raise FileError(
            f"{path} is a folder; give its files, such as sorted(pathlib.Path({str(path)!r}).glob('*.csv'))"
        )
    if suffix not in _READERS:
        raise FileError(
            f"{path} has the suffix {suffix!r}; load() reads {', '.join(_READERS)}. Where it was written, save "
            "the numbers: numpy.savez('network.npz', weights=W)"
        )
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    if not path.is_file():
        raise FileError(f"{path} is not a file")
    if path.stat().st_size == 0:
        raise FileError(f"{path} is empty")
    return _READERS[suffix]


def save(net: Any, path: str | os.PathLike[str]) -> None:
    """Write a network, a recording or a table to a file; :func:`load` reads networks and recordings back as they were.

    Parameters
    ----------
    net : network or Recording
        A Connectome, or anything that becomes one (then only its weights are kept). A Recording goes to .npz, with
        all it has; columns of its conditions must be text or numbers. A table that a function of netanalysis made goes
        to .csv, what it was made from beside it in ``.csv.provenance.json``, so that :func:`rerun` can repeat it.
    path : path
        .npz, .h5, .hdf5, .mat and .safetensors keep everything, sparse weights included. .csv and .tsv (one dense
        network) and .graphml (one network) keep weights and labels (tables as text and whole numbers), .npy only
        the weights: whatever else the network has is named in a warning. Weights are [source, target] float64 to
        the last bit.
        A .npy file cannot say so: load it with ``orientation="source_target"``.

    Warns
    -----
    UserWarning
        Naming what the format drops. ``save(net.weights, path)`` drops it on purpose, without a warning.

    Raises
    ------
    ValueError
        The format is unknown, or cannot hold a stack.
    TypeError
        Metadata that are not text, numbers, lists or dicts of such.

    Notes
    -----
    An existing file is replaced in one step, once the new one is complete. The layout, in any container, is
    the arrays `weights` (sparse: `weights.data`, `.indices`, `.indptr`), `positions`, `distances`, `labels`,
    `modules`, `inputs`, `outputs`, and under `netanalysis` one JSON text with name, metadata and history. Of a
    recording: `activity`, `time`, `labels`, and `conditions.0`, `.1`, … in the order named in that text.

    Examples
    --------
    >>> import netanalysis as na, tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "net.npz"
    >>> na.save(na.Connectome([[0, 2.0], [0, 0]], labels=["ASEL", "AIYL"]), path)
    >>> na.load(path).labels
    array(['ASEL', 'AIYL'], dtype='<U4')
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if table_files.is_frame(net) and KEY in net.attrs:
        if suffix != ".csv":
            raise ValueError(f"{path} has the suffix {suffix!r}; a table is saved as .csv")
        write_table(net, path, record_of(net))
        return
    if suffix not in _WRITERS:
        raise ValueError(f"{path} has the suffix {suffix!r}; save() writes {', '.join(_WRITERS)}")
    if isinstance(net, Recording):
        if suffix != ".npz":
            raise ValueError(f"{path} has the suffix {suffix!r}; a Recording is saved as .npz")
        with written_whole(path) as part:
            numpy_files.write_npz(net, part)
        return
    net = net if isinstance(net, Connectome) else Connectome(net)
    write, kept = _WRITERS[suffix]
    has = {k for k in _ALL - {"distances"} if getattr(net, k) is not None and len(getattr(net, k))}
    has |= {"distances"} if net.given_distances is not None else set()
    if dropped := sorted(has - kept):
        warnings.warn(
            f"a {suffix} file cannot hold {', '.join(dropped)}: dropped from {path}. Save as .npz to keep them",
            stacklevel=2,
        )
    _require_labels(net, suffix, path)
    with written_whole(path) as part:
        write(net, part)


def _require_labels(net: Connectome, suffix: str, path: Path) -> None:
    """Refuse labels that a format would give back otherwise, or not at all."""
    unheld = _UNHELD.get(suffix)
    if net.labels is None or unheld is None:
        return
    odd = next((label for label in map(str, net.labels.tolist()) if unheld.search(label)), None)
    if odd is not None:
        raise ValueError(
            f"a {suffix} file cannot hold the label {cut(repr(odd))} (control characters"
            f"{', blanks at an end' if suffix in ('.csv', '.tsv') else ''}): rename it, or save {path.stem}.npz"
        )


def formats_table() -> str:
    """The table of the formats that :func:`load` reads, in Markdown, made from the readers.

    Examples
    --------
    >>> print(formats_table().splitlines()[3])
    | .npy | NumPy: the one array |  | .npy |
    """
    return _formats.table(_READERS, _WRITERS)
