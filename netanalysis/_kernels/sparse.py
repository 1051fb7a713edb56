"""Sparse matrix times 16 vectors at once, the row of 16 numbers being the unit of every memory access.

A loop over 16 columns written in Python is compiled one number at a time, since the compiler cannot know that x and
out do not overlap; :func:`add_row` says so, and is one or a few vector instructions.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from netanalysis._kernels.compiling import kernel, part

WIDTH = 16


@intrinsic
def add_row(typingctx, out, i, weight, x, j):
    """``out[i, :16] += weight * x[j, :16]``, both row-major float64 of width 16; indices are not checked."""

    def generate(context, builder, signature, args):
        vector = ir.VectorType(ir.DoubleType(), WIDTH)

        def row(array_type, array, index_type, index):
            array = context.make_array(array_type)(context, builder, array)
            index = context.cast(builder, index, index_type, types.intp)
            zero = context.get_constant(types.intp, 0)
            pointer = cgutils.get_item_pointer(context, builder, array_type, array, [index, zero], wraparound=False)
            return builder.bitcast(pointer, vector.as_pointer())

        target = row(signature.args[0], args[0], signature.args[1], args[1])
        source = row(signature.args[3], args[3], signature.args[4], args[4])
        undefined = ir.Constant(vector, ir.Undefined)
        first = builder.insert_element(undefined, args[2], ir.Constant(ir.IntType(32), 0))
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
        weights = builder.shuffle_vector(first, undefined, everywhere)
        product = builder.fmul(weights, builder.load(source, align=8))
        builder.store(builder.fadd(builder.load(target, align=8), product), target, align=8)
        return context.get_dummy_value()

    return types.void(out, i, weight, x, j), generate


@kernel
def pull(indptr, indices, data, x, out):
    """``out += a @ x``, a in csr form."""
    for i in range(len(indptr) - 1):
        for e in range(indptr[i], indptr[i + 1]):
            add_row(out, i, data[e], x, indices[e])


@part
def _any(x, j):
    largest = 0.0
    for k in range(WIDTH):
        largest = max(largest, abs(x[j, k]))
    return largest > 0.0


@kernel
def push(indptr, indices, data, x, out, limit):
    """``out += a @ x``, a in csc form, passing over zero rows of x; False, undone, if that takes over `limit` steps."""
    steps = 0
    for j in range(len(indptr) - 1):
        if _any(x, j):
            steps += indptr[j + 1] - indptr[j]
            if steps > limit:
                return False
    for j in range(len(indptr) - 1):
        if _any(x, j):
            for e in range(indptr[j], indptr[j + 1]):
                add_row(out, indices[e], data[e], x, j)
    return True
