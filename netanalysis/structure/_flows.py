"""Flow of walks from inputs to outputs through mediators, from what is ahead of them and what lies behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import memory, parallel
from netanalysis.structure import _lifted

_WORK_LIMIT = 1e13  # multiplications: about an hour of one core


@dataclass(frozen=True)
class Wanted:
    """Which hops (recurrent), which steps, and whether any step will do; connections in place of nodes."""

    hops: NDArray[np.intp]
    steps: NDArray[np.intp]
    any_step: bool
    edges: bool


class Flows:
    """Flow from every row of `a` to every row of `b` (sparse, lifted) through one network (lifted).

    ``F_t[i] = a_i w^t`` is streamed over the longer end, ``B_s[j] = w^s b_j`` of the shorter one is kept, and mediator
    m of a walk of h hops carries ``F_t[i, m] B_{h-t}[m, j]`` at step t.
    """

    def __init__(self, w: Any, a: Any, b: Any, signed: bool, wanted: Wanted) -> None:
        self.signed, self.wanted = signed, wanted
        self.turned = a.shape[0] < b.shape[0]
        self.rows, kept = (b, a) if self.turned else (a, b)
        self.forward, backward = (w, w.T) if self.turned else (w.T, w)
        self.lanes, self.n = w.shape[0], w.shape[0] // (1 + signed)
        self.most = int(wanted.hops.max())
        memory.require(
            2 * 8 * (self.most + 1) * self.lanes * kept.shape[0],
            f"walks from {kept.shape[0]} outputs or inputs back through {self.n} nodes",
            instead="sum one end (per=), or group it (modules_in=, modules_out=)",
        )
        product = _lifted.Product(backward, kept.shape[0])
        self.back = np.empty((self.most + 1, self.lanes, kept.shape[0]))
        for part in _lifted.column_blocks(backward, kept.shape[0]):
            state = product.state(kept[part].T.toarray())
            for s in range(self.most + 1):
                state = product(state) if s else state
                self.back[s, :, part] = state[:, : part.stop - part.start]
        self.swapped = np.roll(self.back, self.n, axis=1) if signed else self.back  # signs exchanged
        self.shape = (self.rows.shape[0], kept.shape[0])

    def totals(self) -> NDArray[np.float64]:
        """Gross flow of all walks, (hops, inputs, outputs)."""
        both = self.back + self.swapped if self.signed else self.back
        out = np.array([self.rows @ both[h] for h in self.wanted.hops])
        return out.swapaxes(-1, -2) if self.turned else out

    def at_each_step(self, member: Any) -> NDArray[np.float64]:
        """(2, hops, steps, inputs, outputs, mediators)."""
        count = self.n if member is None else member.shape[1]
        hops, steps = self.wanted.hops, self.wanted.steps
        out = self._room((len(hops), len(steps), *self.shape, count))
        out[:] = np.nan
        wide = self.shape[0] > 1
        product = _lifted.Product(self.forward, self.shape[0])
        readers: dict[tuple[int, int, int], Any] = {}
        pairs = [(k, q, int(t), int(h - t)) for k, h in enumerate(hops) for q, t in enumerate(steps) if t <= h]
        if self.turned:  # a step counted from the other end
            pairs = [(k, q, s, t) for k, q, t, s in pairs]
        for s in {pair[3] for pair in pairs}:
            for j in range(self.shape[1]):
                for sign in range(1 + self.signed):
                    back = self.swapped if sign else self.back
                    readers[s, j, sign] = self._reader(back[s, :, j], member, wide)
        blocks = _lifted.column_blocks(self.forward, self.shape[0])
        last = max((pair[2] for pair in pairs), default=-1)

        def block(start: int, stop: int) -> None:
            for part in blocks[start:stop]:
                state = product.state(self.rows[part].T.toarray())
                for t in range(last + 1):
                    state = product(state) if t else state
                    for k, q, _, s in (pair for pair in pairs if pair[2] == t):
                        for j in range(self.shape[1]):
                            for sign in range(1 + self.signed):
                                read = readers[s, j, sign](state)
                                out[sign, k, q, part, j] = read[:, : part.stop - part.start].T
                            if not self.signed:
                                out[1, k, q, part, j] = 0.0

        parallel.blas_blocks(block, len(blocks))
        return out.swapaxes(-3, -2) if self.turned else out

    def _reader(self, back: NDArray[np.float64], member: Any, wide: bool) -> Any:
        """What reads the flow to one output off a state: (lanes, width) to (mediators, width)."""
        n, signed = self.n, self.signed
        if member is None:

            def of_nodes(state: NDArray[np.float64]) -> NDArray[np.float64]:
                flow = state * back[:, None]
                return flow[:n] + flow[n:] if signed else flow

            return of_nodes
        halves = [member.T @ sparse.diags_array(half) for half in back.reshape(-1, n)]
        m = sparse.csr_array(sparse.hstack(halves))
        return _lifted.Product(m, 2 if wide and sparse.issparse(self.forward) else 1)

    def at_any_step(self, member: Any) -> NDArray[np.float64]:
        """(2, hops, inputs, outputs, mediators).

        Walks are followed up to where they first meet the mediator and taken out there; from there on all ways count.
        """
        hops, (a, b) = self.wanted.hops, self.shape
        member = sparse.eye_array(self.n, format="csc") if member is None else sparse.csc_array(member)
        count, total = member.shape[1], a * member.shape[1]
        cost = float(self.forward.nnz if sparse.issparse(self.forward) else self.lanes**2)
        if cost * total * self.most > _WORK_LIMIT:
            raise MemoryError(
                f'at="any" follows the walks once for each of {total} mediators and inputs, through {cost:.2g} '
                f"connections at each of {self.most} hops: more than the limit of {_WORK_LIMIT:.0e} multiplications. "
                "Give groups=, or ask for single steps"
            )
        out = self._room((len(hops), a, b, count))
        out[:] = 0.0
        product = _lifted.Product(self.forward, total)
        blocks = _lifted.column_blocks(self.forward, total)
        lanes = range(1 + self.signed)

        def block(start: int, stop: int) -> None:
            for part in blocks[start:stop]:
                row, group = np.divmod(np.arange(part.start, part.stop), count)
                inside = [member.indices[member.indptr[g] : member.indptr[g + 1]] for g in group]
                column = np.repeat(np.arange(len(group)), [len(lane) for lane in inside])
                node = np.concatenate(inside)
                lane, column = np.concatenate([node + self.n * k for k in lanes]), np.tile(column, len(lanes))
                state = product.state(self.rows[row].T.toarray())
                for t in range(self.most + 1):
                    state = product(state) if t else state
                    met = state[lane, column]
                    state[lane, column] = 0.0
                    for k, h in enumerate(hops):
                        if t > h:
                            continue
                        for sign in lanes:
                            back = self.swapped if sign else self.back
                            for j in range(b):
                                flow = np.bincount(column, met * back[h - t, lane, j], minlength=len(group))
                                out[sign, k, row, j, group] += flow

        parallel.blas_blocks(block, len(blocks))
        return out.swapaxes(-3, -2) if self.turned else out

    def of_connections(self, w: Any, code: NDArray[np.intp], count: int) -> NDArray[np.float64]:
        """(2, hops, steps, inputs, outputs, connections), connections of one code together."""
        hops, steps = self.wanted.hops, self.wanted.steps
        out = self._room((len(hops), len(steps), *self.shape, count))
        out[:] = np.nan
        source, target, weight = entries(w)
        ahead = np.empty((self.most + 1, self.lanes, self.shape[0]))
        product = _lifted.Product(self.forward, self.shape[0])
        for part in _lifted.column_blocks(self.forward, self.shape[0]):
            state = product.state(self.rows[part].T.toarray())
            for t in range(self.most + 1):
                state = product(state) if t else state
                ahead[t, :, part] = state[:, : part.stop - part.start]
        first, last = (self.back, ahead) if self.turned else (ahead, self.back)
        size = np.abs(weight)
        for k, h in enumerate(hops):
            for q, t in enumerate(steps):
                if not 1 <= t <= h:
                    continue
                for i, j in np.ndindex(*self.shape):
                    x, y = first[t - 1, :, j if self.turned else i], last[h - t, :, i if self.turned else j]
                    for sign in (0, 1):
                        flow = np.zeros(len(weight))
                        for lane in range(1 + self.signed):
                            # the connection's own sign, the sign of the walk before it, and the one asked for
                            rest = (lane + sign + (weight < 0)) % 2
                            known = y[target + self.n * rest] if self.signed else y[target] * (rest == 0)
                            flow += x[source + self.n * lane] * size * known
                        out[sign, k, q, i, j] = np.bincount(code, flow, minlength=count)
        return out.swapaxes(-3, -2) if self.turned else out

    def _room(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        instead = "ask for fewer hops= or steps (at=), sum the ends (per=None), or give groups="
        memory.require(2 * 8 * float(np.prod(shape, dtype=float)), f"flows of shape {shape}", instead=instead)
        return np.empty((2, *shape))


def entries(w: Any) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Sources, targets and weights of all connections, in row order."""
    m = sparse.coo_array(w)
    return m.row.astype(np.intp), m.col.astype(np.intp), m.data
