"""Vector instructions on four matrices at once: arrays whose last axis, of length 4, is the number of the matrix.

Arrays are row-major float64; positions count in vectors of 4. The loops are written in LLVM's language because numba
does not turn inner loops of length 4 into vector instructions.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 4  # eight would be a tenth faster on many matrices, and half as fast on one


class _Vectors:
    """A float64 array inside generated code, as vectors."""

    def __init__(self, context, builder, array_type, array):
        self.builder = builder
        self.start = context.make_array(array_type)(context, builder, array).data

    def _at(self, position):
        offset = self.builder.mul(position, ir.Constant(ir.IntType(64), LANES))
        return self.builder.bitcast(
            self.builder.gep(self.start, [offset]), ir.VectorType(ir.DoubleType(), LANES).as_pointer()
        )

    def load(self, position):
        value = self.builder.load(self._at(position))
        value.align = 8
        return value

    def store(self, position, value):
        self.builder.store(value, self._at(position)).align = 8


def _arrays(context, builder, signature, args):
    """The arguments, arrays as :class:`_Vectors`."""
    return [
        _Vectors(context, builder, kind, value) if isinstance(kind, types.Array) else value
        for kind, value in zip(signature.args, args, strict=True)
    ]


@intrinsic
def add_multiple(typing_context, y, at, x, start, count, factor, place):
    """``y[at + t] += factor[place] * x[start + t]`` for t below `count`."""

    def codegen(context, builder, signature, args):
        y, at, x, start, count, factor, place = _arrays(context, builder, signature, args)
        by = factor.load(place)
        with cgutils.for_range(builder, count) as loop:
            here = builder.add(at, loop.index)
            product = builder.fmul(by, x.load(builder.add(start, loop.index)))
            y.store(here, builder.fadd(y.load(here), product))
        return context.get_dummy_value()

    integer = types.int64
    return types.void(y, integer, x, integer, integer, factor, integer), codegen


@intrinsic
def dot(typing_context, out, place, x, at, y, start, count):
    """``out[place] = sum of x[at + t] * y[start + t]`` over t below `count`."""

    def codegen(context, builder, signature, args):
        out, place, x, at, y, start, count = _arrays(context, builder, signature, args)
        zero = ir.Constant(ir.VectorType(ir.DoubleType(), LANES), [0.0] * LANES)
        total = cgutils.alloca_once_value(builder, zero)
        with cgutils.for_range(builder, count) as loop:
            product = builder.fmul(x.load(builder.add(at, loop.index)), y.load(builder.add(start, loop.index)))
            builder.store(builder.fadd(builder.load(total), product), total)
        out.store(place, builder.load(total))
        return context.get_dummy_value()

    integer = types.int64
    return types.void(out, integer, x, integer, y, integer, integer), codegen


@intrinsic
def reflect(typing_context, h, start, step, count, apart, c):
    """Householder reflections ``x - t (v . x)`` of triples ``h[at], h[at + apart], h[at + 2 apart]``, v = (1, v2, v3).

    ``at = start + s * step`` for s below `count`; `c` holds v2, v3, t1, t2, t3.
    """

    def codegen(context, builder, signature, args):
        h, start, step, count, apart, c = _arrays(context, builder, signature, args)
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

    integer = types.int64
    return types.void(h, integer, integer, integer, integer, c), codegen
