"""How kernels are compiled: those called from Python, and the parts they are made of.

What compiling costs, in order, because numba links all that a function calls into it and optimises it once more:
long chains of calls, so that stages which work for 50 µs or more are called one by one from Python; versions of one
function for other types (read-only arrays, another integer, a constant, which is a type of its own); numpy's
functions, each compiled for every type, so that kernels ask for little more than ``np.empty``; long functions, in
which numba looks for every variable again and again; and wrappers. Least of all cost the intrinsics of
:mod:`netanalysis._kernels.llvm`.
"""

from numba import njit

# Looking for array expressions to rewrite as loops would take time, and kernels have none (nor slices of shapes).
options = {"cache": True, "nogil": True, "no_rewrites": True}
kernel = njit(**options, no_cfunc_wrapper=True)
# Called from kernels only. A part makes no array and returns none, so that numba need not count who holds those that it
# is given: two locked instructions a call and array, which took half of the time of short parts in long loops.
part = njit(**options, no_cfunc_wrapper=True, no_cpython_wrapper=True, _nrt=False)
maker = njit(**options, no_cfunc_wrapper=True, no_cpython_wrapper=True)  # a part that makes arrays
inlined = njit(**options, inline="always")  # never by itself, always within its callers
