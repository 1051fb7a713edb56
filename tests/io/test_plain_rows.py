"""Long edge lists are read by a compiled loop, which reads what is read with care and leaves the rest alone."""

import gzip
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import sparse

import netanalysis as na
from netanalysis.io import _plain_rows
from netanalysis.io.kernels import edge_rows

IDS = st.one_of(
    st.integers(0, 10**19).map(str),
    st.integers(720575940600000000, 720575940600000003).map(str),
    st.sampled_from(
        ["a", "b c", "é", "007", "-5", "1.0", "0", "00", "#5", "// x", "a_b", " a ", '"q, r"', '""', '"a"b', ""]
    ),
)
WEIGHTS = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(
        ["1e", "+2", "-0", ".5", "5.", ".", "1_0", "1,5", "true", "nan", '"3"', "1.2.3", "--1", "0x1", "1e5"]
    ),
    st.decimals(0, 1, places=25, allow_nan=False).map(str),
)
EASY = st.tuples(
    st.sampled_from(["7", "8", "12345678901234567", "x"]),
    st.sampled_from(["7", "9", "y"]),
    st.sampled_from(["1", "2.5", "1e-3"]),
)


@pytest.fixture
def long(monkeypatch):
    """Texts of any length count as long; how many were read by the loop."""
    taken = []
    read = _plain_rows.read

    def counting(*args):
        found = read(*args)
        taken.append(found is not None)
        return found

    monkeypatch.setattr(_plain_rows, "_FROM", 0)
    monkeypatch.setattr(_plain_rows, "read", counting)
    return taken


def outcome(path):
    try:
        net = na.load(path, orientation="source_target")
    except ValueError as error:
        return str(error)
    w, labels = sparse.csr_array(net.weights), net.labels
    if labels is None:  # three rows of three are a matrix
        return w.toarray().tobytes(), net.history
    return labels.tolist(), labels.dtype.kind, w.toarray().tobytes(), net.history


@settings(max_examples=150, deadline=None)
@example(
    rows=[("7", "7", "1"), ("7", "7", "1"), ("0", "-5", "0")], separator=",", end="\n", head="", last=False, bom=False
)
@given(
    rows=st.lists(st.one_of(EASY, EASY, EASY, st.tuples(IDS, IDS, WEIGHTS)), min_size=1, max_size=12),
    separator=st.sampled_from([",", "\t", " ", ";"]),
    end=st.sampled_from(["\n", "\r\n", "\n\n", " \n", "\r"]),
    head=st.sampled_from(["source,target,weight", "weight,post,pre", "", "# é\nsource,target,weight", "# pre post n"]),
    last=st.booleans(),
    bom=st.booleans(),
)
def test_the_same_as_with_care(tmp_path_factory, rows, separator, end, head, last, bom):
    path = tmp_path_factory.mktemp("plain") / "edges.csv"
    lines = [*head.replace(",", separator).splitlines(), *(separator.join(row) for row in rows)]
    text = end.join(lines) + (end if last else "")
    path.write_bytes(("\ufeff" if bom else "").encode() + text.encode())
    with pytest.MonkeyPatch.context() as patch:
        careful = outcome(path)
        patch.setattr(_plain_rows, "_FROM", 0)
        assert outcome(path) == careful


@pytest.mark.parametrize("name", ["a{}", "{}a", "a{}b", "a{}b{}"])
@pytest.mark.parametrize("letter", list('\x01\x0b\x0c\x1c\x1f"\x7f'))
def test_letters_that_are_not_seen(tmp_path, monkeypatch, letter, name):
    """Some end a line or are blank for Python: only what is read with care knows."""
    path = tmp_path / "edges.csv"
    path.write_text(f"source,target,weight\n{name.replace('{}', letter)},c,1\nc,d,2\n")
    careful = outcome(path)
    monkeypatch.setattr(_plain_rows, "_FROM", 0)
    assert outcome(path) == careful


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("separator", [",", "\t", " ", ";", "|"])
@pytest.mark.parametrize("head", ["pre,post,weight", '"post","pre","note","weight"', ""])
def test_long_lists_are_read_at_once(tmp_path, long, separator, head, packed):
    n_rows = 20000 if separator == "," else 2000
    rng = np.random.default_rng(0)
    ids = 720575940600000000 + rng.choice(10**9, n_rows // 4, replace=False)
    pairs = rng.choice(ids, (n_rows, 2))
    weights = rng.random(n_rows)
    weights[::2] = rng.integers(1, 50, n_rows // 2)
    quoted = '"{}"' if '"' in head else "{}"
    if separator == " " and '"' in head:
        pytest.skip("quoted cells between blanks are read with care")
    lines = [head.replace(",", separator)] if head else []
    for (a, b), w in zip(pairs.tolist(), weights.tolist(), strict=True):
        a, b = quoted.format(a), quoted.format(b)
        lines.append(separator.join([a, b, "x", repr(w)] if "note" in head else [a, b, repr(w)]))
    data = "\n".join(lines).encode()
    path = tmp_path / ("edges.csv.gz" if packed else "edges.csv")
    path.write_bytes(gzip.compress(data) if packed else data)
    net = na.load(path, orientation=None if head else "source_target")
    assert long == [True]
    if "note" in head:
        pairs = pairs[:, ::-1]
    labels = np.unique(pairs)
    assert np.array_equal(net.labels, labels)
    at = np.searchsorted(labels, pairs)
    n = len(labels)
    expected = sparse.csr_array((weights, (at[:, 0], at[:, 1])), shape=(n, n))
    assert (sparse.csr_array(net.weights) != expected).nnz == 0  # to the last bit


@pytest.mark.parametrize("row", ["3,4,", "3,4", "3,4,5,6", "3,4,x", ",4,1", "3,4,1\r5,6,1"])
def test_what_is_refused_is_refused_by_name(tmp_path, long, row):
    path = tmp_path / "edges.csv"
    path.write_text("pre,post,weight\n" + "1,2,3\n" * 1500 + row + "\n", newline="")
    careful = outcome(path)
    assert long in ([False], [True])
    if row == "3,4,1\r5,6,1":
        assert careful[0] == [1, 2, 3, 4, 5, 6]
    else:
        assert "edges.csv" in careful
        assert "1502" in careful or "1501" in careful


@pytest.mark.parametrize("cell", ['a"b', "a\x01b", "é", '"a'])
def test_odd_letters_in_a_name_are_read_with_care(tmp_path, monkeypatch, cell):
    path = tmp_path / "edges.csv"
    path.write_text("pre,post,weight\n" + "1,2,3\n" * 300 + f"{cell},2,1\n", encoding="utf-8")
    careful = outcome(path)
    monkeypatch.setattr(_plain_rows, "_FROM", 0)
    assert outcome(path) == careful


def test_numbers_of_many_digits_are_rounded_once(tmp_path, long):
    """As Python reads them, at the halfway points between two floats too."""
    rng = np.random.default_rng(1)
    exact = rng.lognormal(0, 3, 3000)
    halfway = [Fraction(x) + Fraction(np.spacing(x)) / 2 for x in exact]
    cells = [*map(repr, exact.tolist()), *(f"{float(x):.{k % 20}f}" for k, x in enumerate(exact))]
    cells += [
        f"{round(x * 10**17) // 10 ** (17 - k)}".rjust(k + 1, "0")
        for x, k in zip(halfway, [9, 14, 17] * 1000, strict=True)
    ]
    cells[6000:] = [f"{cell[:-k]}.{cell[-k:]}" for cell, k in zip(cells[6000:], [9, 14, 17] * 1000, strict=True)]
    rows = "".join(f"{k},{k + 1},{cell}\n" for k, cell in enumerate(cells))
    (tmp_path / "edges.csv").write_text("source,target,weight\n" + rows)
    weights = na.load(tmp_path / "edges.csv").weights
    assert long == [True]
    assert weights.diagonal(1).tolist() == list(map(float, cells))


def test_each_node_is_named_once(tmp_path, monkeypatch):
    found = []
    read = _plain_rows.read
    monkeypatch.setattr(_plain_rows, "_FROM", 0)
    monkeypatch.setattr(_plain_rows, "read", lambda *args: found.append(read(*args)) or found[-1])
    (tmp_path / "edges.csv").write_text("source,target,weight\nb,a,1\na,12,2\n12,b,3\nbb,a,4\n")
    na.load(tmp_path / "edges.csv")
    assert found[0].names == ["b", "a", "12", "bb"]


def test_a_name_is_never_taken_for_a_number(tmp_path, long):
    """In the table of nodes a whole number stands for itself and a name for a number made of its letters."""
    rows = []
    for name in map("n{}".format, range(300)):
        with np.errstate(over="ignore"):
            key = edge_rows._text_key.py_func(np.frombuffer(name.encode(), np.uint8), 0, len(name)) & (2**63 - 1)
        rows += [f"{name},{key},1\n"] if key < 10**18 else []
    (tmp_path / "edges.csv").write_text("source,target,weight\n" + "".join(rows))
    assert na.load(tmp_path / "edges.csv").n_nodes == 2 * len(rows) > 20
    assert long == [True]


def test_blanks_around_cells_are_no_part_of_them(tmp_path, long):
    (tmp_path / "edges.csv").write_text("source,target,weight\na , b,1 \nb\t,a,\t2\n 7 ,8 ,3\n")
    net = na.load(tmp_path / "edges.csv")
    assert long == [True]
    assert net.labels.tolist() == ["a", "b", "7", "8"]
    assert (net.weights[0, 1], net.weights[1, 0], net.weights[2, 3]) == (1, 2, 3)


def test_empty_cells_between_tabs_are_cells(tmp_path, long):
    (tmp_path / "edges.tsv").write_text("source\ttarget\tnote\tweight\na\tb\t\t1\nb\ta\tx\t2\n")
    np.testing.assert_array_equal(na.load(tmp_path / "edges.tsv").weights, [[0, 1], [2, 0]])
    assert long == [True]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_whole_numbers_of_any_length_and_with_zeros_before_them(tmp_path, monkeypatch, long, end):
    """Rows of whole numbers are read eight digits at a time, but for the last ones of a text."""
    digits = "1234567891234567891"
    ids = [digits[:k] for k in range(1, 20)] + ["0", "00", "07", "7", "007", "123456780", "23456781"]
    weights = [digits[:k] for k in range(1, 18)] + ["0", "10", "012"]
    rows = [(a, ids[(k + 3) % len(ids)], weights[k % len(weights)]) for k, a in enumerate(ids)]
    rows += [(a, a, w) for a, w in zip(ids, weights[::-1], strict=False)] + [("7", "1", "1")] * 8
    path = tmp_path / "edges.csv"
    blank = ["", " ", ""] if end == "\n" else [""]  # a blank line that ends in both is read with care
    path.write_text(end.join(["pre,post,weight", *map(",".join, rows), *blank]), newline="")
    fast = outcome(path)
    assert long == [True]
    monkeypatch.setattr(_plain_rows, "_FROM", 2**40)
    assert fast == outcome(path)
    net = na.load(path)
    assert len(net.labels) == len({int(a) if a == "0" or a[0] != "0" else a for row in rows for a in row[:2]})
    at = {str(label): k for k, label in enumerate(net.labels)}
    assert net.weights[at["123456789"], at["123456789123"]] == 123456789
