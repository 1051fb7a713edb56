"""Sparse matrix times 16 vectors at once, the row of 16 numbers being the unit of every memory access."""

from netanalysis._kernels.compiling import kernel, part
from netanalysis._kernels.llvm import WIDTH, add_row


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
