"""All that is written in LLVM's language: counting bits, and vector instructions that numba does not find by itself.

No other file depends on how numba speaks to its compiler. This one was tried with numba 0.61 (LLVM 15) and 0.68
(LLVM 22), between which pyproject.toml holds numba: raise the bound when the tests pass with a later one.

Arrays are row-major, and places are not checked.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils, errors
from numba.extending import intrinsic

LANES = 4  # matrices worked on at once; eight would be a tenth faster on many matrices, and half as fast on one
WIDTH = 16  # columns of a block of vectors

_INTEGER = types.int64


class _Vectors:
    """A row-major array inside generated code, as vectors of `width` entries that begin at every multiple of `step`."""

    def __init__(self, context, builder, kind, array, width, step):
        if kind.layout != "C":
            raise errors.TypingError("vector instructions are for row-major arrays only")
        self.builder, self.step = builder, ir.Constant(ir.IntType(64), step)
        self.type = ir.VectorType(context.get_data_type(kind.dtype), width)
        self.start = context.make_array(kind)(context, builder, array).data

    def _pointer(self, place):
        entry = self.builder.gep(self.start, [self.builder.mul(place, self.step)])
        return self.builder.bitcast(entry, self.type.as_pointer())

    def load(self, place):
        return self.builder.load(self._pointer(place), align=8)

    def store(self, place, value):
        self.builder.store(value, self._pointer(place), align=8)


def _vectors(context, builder, signature, args, width, step=None):
    """The arguments, arrays as :class:`_Vectors`."""
    return [
        _Vectors(context, builder, kind, value, width, step or width) if isinstance(kind, types.Array) else value
        for kind, value in zip(signature.args, args, strict=True)
    ]


def _accumulate(builder, vector, count, step):
    """What ``total = step(total, k)`` makes of zeros for k below `count`."""
    total = cgutils.alloca_once_value(builder, ir.Constant(vector, None))
    with cgutils.for_range(builder, count) as loop:
        builder.store(step(builder.load(total), loop.index), total)
    return builder.load(total)


@intrinsic
def popcount(typing_context, word):
    """Number of set bits of a uint64."""

    def codegen(context, builder, signature, args):
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), codegen


@intrinsic
def lowest_bit(typing_context, word):
    """Index of the lowest set bit of a uint64 that is not 0."""

    def codegen(context, builder, signature, args):
        return builder.cttz(args[0], context.get_constant(types.boolean, True))

    return types.uint64(types.uint64), codegen


@intrinsic
def eight_bytes(typing_context, text, at):
    """The entries ``text[at:at + 8]`` of a uint8 array in one word, the first one lowest."""

    def codegen(context, builder, signature, args):
        text, at = _vectors(context, builder, signature, args, width=8, step=1)
        start = builder.bitcast(builder.gep(text.start, [at]), ir.IntType(64).as_pointer())
        return builder.load(start, align=1)

    return types.uint64(text, _INTEGER), codegen


@intrinsic
def nonzero_bits(typing_context, weights, at):
    """Which of the 64 entries from entry `at` of a float64 array are not 0, as a uint64."""

    def codegen(context, builder, signature, args):
        weights, at = _vectors(context, builder, signature, args, width=64, step=1)
        return builder.bitcast(
            builder.fcmp_unordered("!=", weights.load(at), ir.Constant(weights.type, None)), ir.IntType(64)
        )

    return types.uint64(weights, _INTEGER), codegen


@intrinsic
def union(typing_context, out, rows, members, first, last):
    """``out[:8]`` becomes the union of ``rows[members[e], :8]``, e in first:last; uint64, held in one register."""

    def codegen(context, builder, signature, args):
        out, rows, _, first, last = _vectors(context, builder, signature, args, width=8)
        members = context.make_array(signature.args[2])(context, builder, args[2]).data

        def step(total, k):
            member = builder.load(builder.gep(members, [builder.add(first, k)]))
            return builder.or_(total, rows.load(builder.sext(member, ir.IntType(64))))

        out.store(ir.Constant(ir.IntType(64), 0), _accumulate(builder, rows.type, builder.sub(last, first), step))
        return context.get_dummy_value()

    return types.void(out, rows, members, _INTEGER, _INTEGER), codegen


@intrinsic
def sum_where(typing_context, x, a, i, b, j):
    """Sum of the entries of x (64 a word) whose bit is set in both ``a[i]`` and ``b[j]``, rows of uint64 words."""

    def codegen(context, builder, signature, args):
        kind = signature.args[1]
        words = builder.extract_value(context.make_array(kind)(context, builder, args[1])._getvalue(), [5, 1])
        x, a, i, b, j = _vectors(context, builder, signature, args, width=1)
        x = _Vectors(context, builder, signature.args[0], args[0], 64, 64)
        zero = ir.Constant(x.type, None)

        def step(total, k):
            word = builder.and_(
                builder.bitcast(a.load(builder.add(builder.mul(i, words), k)), ir.IntType(64)),
                builder.bitcast(b.load(builder.add(builder.mul(j, words), k)), ir.IntType(64)),
            )
            chosen = builder.bitcast(word, ir.VectorType(ir.IntType(1), 64))
            return builder.fadd(total, builder.select(chosen, x.load(k), zero))

        total = _accumulate(builder, x.type, words, step)
        width = 64
        while width > 1:
            width //= 2
            low, high = (
                builder.shuffle_vector(
                    total, ir.Constant(total.type, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), width), at)
                )
                for at in (list(range(width)), list(range(width, 2 * width)))
            )
            total = builder.fadd(low, high)
        return builder.extract_element(total, ir.Constant(ir.IntType(32), 0))

    return types.float64(x, a, _INTEGER, b, _INTEGER), codegen


@intrinsic
def add_row(typing_context, out, i, weight, x, j):
    """``out[i] += weight * x[j]``, both float64 (any, 16).

    A loop over the columns would be compiled one number at a time, since the compiler cannot know that `x` and `out` do
    not overlap.
    """

    def codegen(context, builder, signature, args):
        out, i, weight, x, j = _vectors(context, builder, signature, args, width=WIDTH)
        first = builder.insert_element(ir.Constant(x.type, ir.Undefined), weight, ir.Constant(ir.IntType(32), 0))
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), None)
        product = builder.fmul(builder.shuffle_vector(first, first, everywhere), x.load(j))
        out.store(i, builder.fadd(out.load(i), product))
        return context.get_dummy_value()

    return types.void(out, _INTEGER, types.float64, x, _INTEGER), codegen


@intrinsic
def sum_rows(typing_context, out, i, x, first, last):
    """``out[i] = x[first:last].sum(axis=0)``, row after row; both float64 with a multiple of 16 columns."""

    def codegen(context, builder, signature, args):
        kind = signature.args[0]
        columns = builder.extract_value(context.make_array(kind)(context, builder, args[0])._getvalue(), [5, 1])
        out, i, x, first, last = _vectors(context, builder, signature, args, width=WIDTH)
        parts = builder.udiv(columns, ir.Constant(ir.IntType(64), WIDTH))
        with cgutils.for_range(builder, parts) as loop:

            def step(total, k):
                row = builder.mul(builder.add(first, k), parts)
                return builder.fadd(total, x.load(builder.add(row, loop.index)))

            total = _accumulate(builder, x.type, builder.sub(last, first), step)
            out.store(builder.add(builder.mul(i, parts), loop.index), total)
        return context.get_dummy_value()

    return types.void(out, _INTEGER, x, _INTEGER, _INTEGER), codegen


# On four matrices at once: the last axis, of length 4, is the number of the matrix, and places count vectors of 4.


@intrinsic
def add_multiple(typing_context, y, at, x, start, count, factor, place):
    """``y[at + t] += factor[place] * x[start + t]`` for t below `count`."""

    def codegen(context, builder, signature, args):
        y, at, x, start, count, factor, place = _vectors(context, builder, signature, args, width=LANES)
        by = factor.load(place)
        with cgutils.for_range(builder, count) as loop:
            here = builder.add(at, loop.index)
            product = builder.fmul(by, x.load(builder.add(start, loop.index)))
            y.store(here, builder.fadd(y.load(here), product))
        return context.get_dummy_value()

    return types.void(y, _INTEGER, x, _INTEGER, _INTEGER, factor, _INTEGER), codegen


@intrinsic
def dot(typing_context, out, place, x, at, y, start, count):
    """``out[place] = sum of x[at + t] * y[start + t]`` over t below `count`."""

    def codegen(context, builder, signature, args):
        out, place, x, at, y, start, count = _vectors(context, builder, signature, args, width=LANES)

        def step(total, t):
            return builder.fadd(total, builder.fmul(x.load(builder.add(at, t)), y.load(builder.add(start, t))))

        out.store(place, _accumulate(builder, x.type, count, step))
        return context.get_dummy_value()

    return types.void(out, _INTEGER, x, _INTEGER, y, _INTEGER, _INTEGER), codegen


@intrinsic
def reflect(typing_context, h, start, step, count, apart, c):
    """Householder reflections ``x - t (v . x)`` of triples ``h[at], h[at + apart], h[at + 2 apart]``, v = (1, v2, v3).

    ``at = start + s * step`` for s below `count`; `c` holds v2, v3, t1, t2, t3.
    """

    def codegen(context, builder, signature, args):
        h, start, step, count, apart, c = _vectors(context, builder, signature, args, width=LANES)
        v2, v3, *factors = (c.load(ir.Constant(ir.IntType(64), k)) for k in range(5))
        with cgutils.for_range(builder, count) as loop:
            first = builder.add(start, builder.mul(loop.index, step))
            second = builder.add(first, apart)
            places = (first, second, builder.add(second, apart))
            x, y, z = (h.load(place) for place in places)
            along = builder.fadd(x, builder.fadd(builder.fmul(v2, y), builder.fmul(v3, z)))
            for place, old, factor in zip(places, (x, y, z), factors, strict=True):
                h.store(place, builder.fsub(old, builder.fmul(along, factor)))
        return context.get_dummy_value()

    return types.void(h, _INTEGER, _INTEGER, _INTEGER, _INTEGER, c), codegen
