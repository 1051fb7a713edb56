"""MATLAB of all versions and Octave: structs, cells, what they say of the nodes."""

import struct

import h5py
import numpy as np
import pytest
import scipy.io
from scipy import sparse

import netanalysis as na
from netanalysis._core import memory
from netanalysis.io import _matlab4, _matlab5
from tests.io.foreign import LABELS, W


def test_matlab_stack_has_its_pages_last(tmp_path):
    stack = np.stack([W, 2 * W])
    scipy.io.savemat(tmp_path / "v5.mat", {"W": np.moveaxis(stack, 0, -1)})
    with h5py.File(tmp_path / "v73.mat", "w", userblock_size=512) as file:
        file["W"] = np.moveaxis(stack, 0, -1).T
        file["W"].attrs["MATLAB_class"] = np.bytes_("double")
    for name in ("v5.mat", "v73.mat"):
        net = na.load(tmp_path / name, orientation="source_target")
        np.testing.assert_array_equal(net.weights, stack, err_msg=name)


def test_letters_of_more_than_a_table_are_one_text(tmp_path):
    """A char array (2, n) is two lines; of three axes its letters say nothing about lines."""
    scipy.io.savemat(tmp_path / "v5.mat", {"two": ["abc", "def"], "cube": np.array([["abc", "def"], ["ghi", "jkl"]])})
    found = _matlab5.variables(tmp_path / "v5.mat")
    assert found["two"].lines == ["abc", "def"]
    assert len(found["cube"].lines) == 1


def test_empty_sparse_of_matlab_73(tmp_path):
    with h5py.File(tmp_path / "w.mat", "w", userblock_size=512) as file:
        group = file.create_group("W")
        group.attrs["MATLAB_sparse"] = np.uint64(3)
        group["jc"] = np.zeros(4, np.uint64)
    net = na.load(tmp_path / "w.mat")
    assert (net.n_nodes, net.weights.nnz) == (3, 0)


# ---------------------------------------------------------------- structs and cells


def _reference(file, value):
    """A member of a cell: a dataset of its own, as MATLAB 7.3 keeps it."""
    name = f"#refs#/{len(file['#refs#']) if '#refs#' in file else 0}"
    if isinstance(value, str):
        file[name] = np.frombuffer(value.encode("utf-16-le"), np.uint16).reshape(-1, 1)
        file[name].attrs["MATLAB_class"] = np.bytes_("char")
    else:
        file[name] = np.asarray(value, float).T
        file[name].attrs["MATLAB_class"] = np.bytes_("double")
    return file[name].ref


def _cell(file, name, values):
    references = np.array([[_reference(file, value) for value in values]], dtype=h5py.ref_dtype)
    file.create_dataset(name, data=references, dtype=h5py.ref_dtype)
    file[name].attrs["MATLAB_class"] = np.bytes_("cell")


def _struct_5(path):
    labels = np.array(LABELS, dtype=object).reshape(3, 1)
    data = {"conn": W, "labels": labels, "atlas": "Cook", "deep": {"other": np.ones((2, 5))}}
    scipy.io.savemat(path, {"data": data, "dt": 0.1}, do_compression=path.name != "plain.mat")


def _struct_73(path):
    with h5py.File(path, "w", userblock_size=512) as file:
        file["data/conn"] = W.T
        file["data/conn"].attrs["MATLAB_class"] = np.bytes_("double")
        file["data"].attrs["MATLAB_class"] = np.bytes_("struct")
        file["data/deep/other"] = np.ones((5, 2))
        file["data/deep/other"].attrs["MATLAB_class"] = np.bytes_("double")
        _cell(file, "data/labels", LABELS)


OCTAVE_STRUCT = """# Created by Octave 8.4.0, Mon Jan 01 00:00:00 2024 UTC <me@here>
# name: data
# type: scalar struct
# ndims: 2
 1 1
# length: 2
# name: conn
# type: matrix
# rows: 3
# columns: 3
 0 32 0.1
 0.25 0 -2
 5 0 0.33333333333333331


# name: labels
# type: cell
# rows: 3
# columns: 1
# name: <cell-element>
# type: string
# elements: 1
# length: 4
ASEL


# name: <cell-element>
# type: sq_string
# elements: 1
# length: 4
AIYL


# name: <cell-element>
# type: string
# elements: 1
# length: 9
RIA, left






# name: dt
# type: scalar
0.1


"""


def _item(name, kind, payload, order="<"):
    """One value of an Octave binary file."""
    parts = struct.pack(order + "i", len(name)) + name.encode() + struct.pack(order + "i", 0) + b"\0\xff"
    return parts + struct.pack(order + "i", len(kind)) + kind.encode() + payload


def _octave_matrix(values, order="<"):
    values = np.asarray(values, float)
    return struct.pack(order + "iii", -2, *values.shape) + b"\x07" + values.astype(order + "f8").tobytes(order="F")


def _octave_binary(path, order="<"):
    labels = b"".join(
        _item("<cell-element>", "string", struct.pack(order + "iii", -2, 1, len(x)) + x.encode(), order) for x in LABELS
    )
    members = _item("conn", "matrix", _octave_matrix(W, order), order)
    members += _item("labels", "cell", struct.pack(order + "iii", -2, 3, 1) + labels, order)
    content = _item("data", "scalar struct", struct.pack(order + "i", 2) + members, order)
    content += _item("dt", "scalar", b"\x07" + struct.pack(order + "d", 0.1), order)
    path.write_bytes((b"Octave-1-L\0" if order == "<" else b"Octave-1-B\1") + content)


STRUCTS = {
    "v7.mat": _struct_5,
    "plain.mat": _struct_5,
    "v73.mat": _struct_73,
    "text.mat": lambda path: path.write_text(OCTAVE_STRUCT),
    "binary.mat": _octave_binary,
    "big_endian.mat": lambda path: _octave_binary(path, ">"),
}


@pytest.mark.parametrize("name", STRUCTS)
@pytest.mark.parametrize("key", [None, "data.conn", "data/conn", "conn"])
def test_fields_of_structs_are_named_as_matlab_names_them(tmp_path, name, key):
    STRUCTS[name](tmp_path / name)
    net = na.load(tmp_path / name, key=key, orientation="source_target")
    np.testing.assert_array_equal(net.weights, W)
    assert (net.labels.tolist(), net.metadata["key"]) == (LABELS, "data.conn")
    with pytest.raises(ValueError, match=r"no array named 'x'; it holds 'data\.conn' \(3, 3\)"):
        na.load(tmp_path / name, key="x")


def test_cells_and_struct_arrays_of_matrices_are_stacks(tmp_path):
    stack = np.stack([W, 2 * W, -W, W + 1])
    cells = np.empty((4, 1), dtype=object)
    subjects = np.empty(4, dtype=[("sc", object), ("age", object)])
    for k, w in enumerate(stack):
        cells[k, 0] = w
        subjects[k] = (w, 20.0 + k)
    scipy.io.savemat(tmp_path / "cells.mat", {"matrices": cells})
    scipy.io.savemat(tmp_path / "structs.mat", {"subjects": subjects})
    with h5py.File(tmp_path / "v73.mat", "w", userblock_size=512) as file:
        _cell(file, "matrices", list(stack))
    for name in ("cells.mat", "structs.mat", "v73.mat"):
        net = na.load(tmp_path / name, orientation="source_target")
        np.testing.assert_array_equal(net.weights, stack, err_msg=name)
    for name, key in (("cells.mat", "matrices{3}"), ("structs.mat", "subjects(3).sc"), ("v73.mat", "matrices{3}")):
        np.testing.assert_array_equal(na.load(tmp_path / name, key, "source_target").weights, -W, err_msg=name)


def test_members_of_unlike_size_are_chosen_by_name(tmp_path):
    cells = np.empty((1, 2), dtype=object)
    cells[0, 0], cells[0, 1] = W, np.ones((5, 5))
    scipy.io.savemat(tmp_path / "w.mat", {"C": cells})
    with pytest.raises(ValueError, match=r"several arrays.*'C\{1\}' \(3, 3\).*'C\{2\}' \(5, 5\)"):
        na.load(tmp_path / "w.mat")
    assert na.load(tmp_path / "w.mat", key="C{2}").n_nodes == 5


def test_sparse_matrices_in_structs_stay_sparse(tmp_path):
    scipy.io.savemat(tmp_path / "w.mat", {"s": {"A": sparse.csc_array(W)}})
    net = na.load(tmp_path / "w.mat", orientation="source_target")
    assert net.is_sparse
    np.testing.assert_array_equal(net.weights.toarray(), W)


@pytest.mark.parametrize("order", ["<", ">"])
def test_types_of_octave(tmp_path, order):
    """Text and binary, numbers of every type, sparse ones, pages."""
    text = [
        "# Created by Octave",
        "# name: i\n# type: int32 matrix\n# ndims: 2\n 2 2\n  0\n  3\n  5\n  0\n",
        "# name: b\n# type: bool matrix\n# ndims: 2\n 2 2\n 0\n 1\n 0\n 0\n",
        "# name: s\n# type: sparse matrix\n# nnz: 2\n# rows: 3\n# columns: 3\n2 1 0.25\n1 2 32\n",
        "# name: d\n# type: diagonal matrix\n# rows: 2\n# columns: 2\n4\n9\n",
        "# name: p\n# type: matrix\n# ndims: 3\n 2 2 3\n" + "\n".join(f" {k}" for k in range(12)),
    ]
    (tmp_path / "text.mat").write_text("\n".join(text))
    ints, floats = np.array([[0, 5], [3, 0]], f"{order}i4"), np.arange(12).reshape((2, 2, 3), order="F")
    content = [
        _item("i", "int32 matrix", struct.pack(order + "iii", -2, 2, 2) + ints.tobytes(order="F"), order),
        _item("b", "bool matrix", struct.pack(order + "iii", -2, 2, 2) + bytes([0, 1, 0, 0]), order),
        _item(
            "s", "sparse matrix",
            np.array([-2, 3, 3, 2, 0, 1, 2, 2, 1, 0], f"{order}i4").tobytes()
            + b"\x07" + np.array([0.25, 32], f"{order}f8").tobytes(), order,
        ),
        _item("p", "matrix", struct.pack(order + "iiii", -3, 2, 2, 3) + b"\x06"
              + floats.astype(f"{order}f4").tobytes(order="F"), order),
    ]  # fmt: skip
    (tmp_path / "binary.mat").write_bytes((b"Octave-1-L\0" if order == "<" else b"Octave-1-B\1") + b"".join(content))
    for name in ("text.mat", "binary.mat"):
        load = lambda key, name=name: na.load(tmp_path / name, key, "source_target").weights  # noqa: E731
        np.testing.assert_array_equal(load("i"), [[0, 5], [3, 0]])
        np.testing.assert_array_equal(load("b"), [[0, 0], [1, 0]])
        np.testing.assert_array_equal(load("s").toarray(), [[0, 32, 0], [0.25, 0, 0], [0, 0, 0]])
        np.testing.assert_array_equal(load("p"), np.moveaxis(floats, -1, 0))
    np.testing.assert_array_equal(na.load(tmp_path / "text.mat", "d").weights, [[4, 0], [0, 9]])


def test_lines_of_a_char_array_are_labels(tmp_path):
    names = "# name: names\n# type: string\n# elements: 2\n# length: 2\nab\n# length: 2\ncd\n"
    (tmp_path / "w.mat").write_text("# name: W\n# type: matrix\n# rows: 2\n# columns: 2\n0 1\n2 0\n" + names)
    net = na.load(tmp_path / "w.mat", orientation="source_target")
    assert (net.labels.tolist(), net.weights.tolist()) == (["ab", "cd"], [[0, 1], [2, 0]])


def test_files_of_octave_take_four_times_their_size(tmp_path, monkeypatch):
    path = tmp_path / "w.mat"
    path.write_text("# name: W\n# type: matrix\n# rows: 2\n# columns: 2\n0 1\n2 0\n")
    monkeypatch.setattr(memory, "LIMIT_BYTES", 4 * path.stat().st_size)
    assert na.load(path, orientation="source_target").n_nodes == 2
    monkeypatch.setattr(memory, "LIMIT_BYTES", 4 * path.stat().st_size - 1)
    with pytest.raises(MemoryError, match=r"w\.mat, in lines, would take"):
        na.load(path)


def test_what_octave_keeps_otherwise_says_how_to_save(tmp_path):
    (tmp_path / "w.mat").write_text("# name: r\n# type: range\n# base, limit, increment\n1 3 1\n")
    with pytest.raises(ValueError, match=r"'r' is of type 'range'.*save\('-v7'"):
        na.load(tmp_path / "w.mat")
    (tmp_path / "w.mat").write_bytes(b"Octave-1-L\0" + _item("r", "range", b""))
    with pytest.raises(ValueError, match=r"'r' is of type 'range'.*save\('-v7'"):
        na.load(tmp_path / "w.mat")


def test_tables_are_refused_with_the_line_that_converts_them(tmp_path):
    with h5py.File(tmp_path / "t.mat", "w", userblock_size=512) as file:
        file["T"] = np.zeros((1, 6), np.uint32)
        file["T"].attrs["MATLAB_class"] = np.bytes_("table")
        file["T"].attrs["MATLAB_object_decode"] = np.int32(3)
    name, opaque = b"T\0\0\0\0\0\0\0", struct.pack("<II", 17, 0)
    body = struct.pack("<II", 6, 8) + opaque + struct.pack("<II", 1, 1) + name
    header = b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\x01IM"
    (tmp_path / "t5.mat").write_bytes(header + struct.pack("<II", 14, len(body)) + body)
    for file in ("t.mat", "t5.mat"):
        with pytest.raises(ValueError, match=r"'T' is a MATLAB table.*table2struct\(T, 'ToScalar', true\)"):
            na.load(tmp_path / file, key="T")


def test_version_4_is_known_by_its_first_number():
    """MOPT: order of bytes, 0, type of the numbers, kind; all others are no file of version 4."""
    for order, digit in (("little", 0), ("big", 1)):
        for stored in range(10):
            for kind in range(10):
                raw = (1000 * digit + 10 * stored + kind).to_bytes(4, order)
                assert _matlab4.is_version_4(raw) == (stored < 6 and kind < 3), (order, stored, kind)
        for wrong in (1000 * digit + 100, 10_000, 2000):
            assert not _matlab4.is_version_4(wrong.to_bytes(4, order))
    assert not _matlab4.is_version_4((1000).to_bytes(4, "little"))
    assert not _matlab4.is_version_4(b"\0\0")


def test_version_4(tmp_path):
    path = tmp_path / "w.mat"
    scipy.io.savemat(path, {"W": W, "S": sparse.coo_array(W)}, format="4")
    np.testing.assert_array_equal(na.load(path, "W", "source_target").weights, W)
    np.testing.assert_array_equal(na.load(path, "S", "source_target").weights.toarray(), W)
    whole = path.read_bytes()
    path.write_bytes(whole + b"\0" * 19)
    with pytest.raises(ValueError, match=r"w\.mat is no MATLAB file of any version, or is damaged"):
        na.load(path, "W")
    path.write_bytes(whole[:-1])
    with pytest.raises(ValueError, match=r"w\.mat is damaged, or ends in the middle of a variable"):
        na.load(path, "W")


@pytest.mark.parametrize("entry", [(0, 1), (1, 0), (4, 1), (1, 4), (1.5, 1)])
def test_sparse_entries_of_version_4_outside_of_the_matrix_are_refused(tmp_path, entry):
    table = np.array([(*entry, 7), (3, 3, 0)], float)
    head = struct.pack("<5i", 2, *table.shape, 0, 2) + b"W\0"
    (tmp_path / "w.mat").write_bytes(head + table.tobytes(order="F"))
    with pytest.raises(ValueError, match=r"'W' is a damaged sparse matrix: entries outside of its shape \(3, 3\)"):
        na.load(tmp_path / "w.mat")


def test_objects_of_matlab_5_are_read_as_structs(tmp_path):
    value = np.zeros((1, 1), dtype=[("W", object)])
    value[0, 0]["W"] = W
    scipy.io.savemat(tmp_path / "w.mat", {"net": scipy.io.matlab.MatlabObject(value, "network")})
    np.testing.assert_array_equal(na.load(tmp_path / "w.mat", orientation="source_target").weights, W)


def test_three_axes_are_matlabs_and_four_are_as_they_came(tmp_path):
    three, four = np.random.default_rng(0).random((4, 4, 2)), np.random.default_rng(1).random((2, 3, 4, 4))
    for w, right in ((three, np.moveaxis(three, -1, 0)), (four, four)):
        scipy.io.savemat(tmp_path / "w.mat", {"W": w})
        np.testing.assert_array_equal(na.load(tmp_path / "w.mat", orientation="source_target").weights, right)


def test_a_cell_of_matlab_73_that_holds_numbers_is_no_reference(tmp_path):
    with h5py.File(tmp_path / "w.mat", "w", userblock_size=512) as file:
        file["W"] = np.array([[0, 1.0], [1, 0]])
        file["W"].attrs["MATLAB_class"] = np.bytes_("double")
        for name, class_ in (("C", "cell"), ("N", "char"), ("s/a", "char")):
            file[name] = np.array([[1.5, 0.0]])
            file[name].attrs["MATLAB_class"] = np.bytes_(class_)
        file["s"].attrs["MATLAB_class"] = np.bytes_("struct")
    assert na.load(tmp_path / "w.mat").n_nodes == 2
