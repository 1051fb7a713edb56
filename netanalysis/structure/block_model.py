"""Block models: groups of nodes that connect alike, as many as shorten the description of the network."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, parallel, random, stacks, undefined, validate
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure._block_search import Found, Search
from netanalysis.structure._description_length import Graph

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BlockModel", "block_model"]

Counted = Literal["binary", "counts"]
_LARGEST = 2**53  # whole numbers beyond are not all floats


@result
class BlockModel:
    """A partition found by :func:`block_model`.

    Attributes
    ----------
    labels : ndarray of int, shape (..., n)
        Block of each node: 0 is the largest; among equals, the one with the smallest node index comes first.
    n_blocks : int or ndarray
    description_length : float or ndarray
        Of the network by these blocks, in nats; over log 2, in bits.
    one_block : float or ndarray
        That of all nodes in one block. Where `description_length` is no shorter there are no blocks.
    plain : float or ndarray
        The shortest found by the model without degree correction, in a search of its own; nan if it was not asked for.
    description_lengths : ndarray, shape (..., runs)
        What each run found.
    block_matrix : ndarray, shape (..., k, k)
        Connections from each block to each: the sum of the (binary or whole) weights, so that undirected ones within a
        block count twice. In a stack k is the largest number of blocks, and blocks that are not there have none.
    degrees : ndarray of int, shape (..., 2, n)
        Out- and in-degrees, both the same if undirected.
    directed : bool or ndarray
    by_number : tuple of dict
        Of each network, the shortest description of all runs for every number of blocks that they met.
    degree_corrected : bool
    weights : str
    """

    labels: NDArray[np.intp]
    n_blocks: Any
    description_length: Any
    one_block: Any
    plain: Any
    description_lengths: NDArray[np.float64]
    block_matrix: NDArray[np.float64]
    degrees: NDArray[np.int64]
    directed: Any
    by_number: tuple[dict[int, float], ...]
    degree_corrected: bool
    weights: str

    @property
    def compression(self) -> Any:
        """Bits per connection by which the blocks shorten the description beside one block; nan without connections.

        Connections themselves take some :math:`\\log_2 n` bits each, of which this says how many the blocks explain.
        """
        connections = self.block_matrix.sum(axis=(-2, -1)) / np.where(self.directed, 1, 2)
        bits = stacks.ratio((self.one_block - self.description_length) / np.log(2), connections)
        return undefined.spoken(stacks.number(bits), "compression", "the network has no connections")

    def to_frame(self) -> pd.DataFrame:
        """`by_number` as a table: n_blocks, description_length. For one network, not a stack."""
        import pandas as pd

        if len(self.by_number) != 1:
            raise ValueError("to_frame is for one network; take block_model of each of the stack")
        rows = sorted(self.by_number[0].items())
        return pd.DataFrame(rows, columns=["n_blocks", "description_length"])

    def __repr__(self) -> str:
        runs, kind = self.description_lengths.shape[-1], "degree-corrected" if self.degree_corrected else "plain"
        if self.labels.ndim > 1:
            few, many = np.min(self.n_blocks), np.max(self.n_blocks)
            return f"<BlockModel: {few}-{many} blocks, array{np.shape(self.n_blocks)}, {kind}, best of {runs} runs>"
        others = f"one block {self.one_block:.1f}" + ("" if np.isnan(self.plain) else f", plain model {self.plain:.1f}")
        return (
            f"<BlockModel: {self.n_blocks} blocks, {self.description_length:.1f} nats ({others}), {kind}, "
            f"{self.weights}, best of {runs} runs>"
        )


@recorded
@takes_stacks
def block_model(
    net: Network,
    *,
    n_blocks: int | None = None,
    degree_corrected: bool = True,
    weights: Counted = "binary",
    n_restarts: int = 10,
    plain: bool = True,
    rng: random.RNG = None,
    progress: bool = False,
) -> BlockModel:
    r"""Divide the nodes into blocks that connect alike: the stochastic block model with the shortest description.

    A block need not be a community: its nodes have in common how they connect to every block, be it densely within,
    only to others (sensory to motor, say), or as a core to all. How many blocks there are follows from the data. A
    description of the network states the blocks, the number of connections between every two of them, the degrees,
    and then which network of these it is; more blocks narrow down the last but cost more before. Where nothing is
    gained one block is found, as of random networks.

    The description length, :math:`-\ln P(A, k, e, b)` of Peixoto's microcanonical model, is for an undirected network

    .. math::
        & \ln \frac{\prod_r e_r! \; \prod_{i<j} A_{ij}!}{\prod_{r<s} e_{rs}! \; \prod_r e_{rr}!! \; \prod_i k_i!}
          + \sum_r \Big[ \ln q(e_r, n_r) + \ln \frac{n_r!}{\prod_k \eta^r_k!} \Big] \\
        & + \ln \binom{B (B + 1) / 2 + E - 1}{E}
          + \ln \binom{n - 1}{B - 1} + \ln \frac{n!}{\prod_r n_r!} + \ln n

    with B blocks of :math:`n_r` nodes, E connections, :math:`e_{rs}` of them between blocks r and s (:math:`e_{rr}`
    twice those within), :math:`e_r = \sum_s e_{rs}`, :math:`\eta^r_k` nodes of degree k in block r, and q(m, n) ways to
    write m as a sum of at most n numbers. Directed: :math:`\prod_{rs} e_{rs}!` of ordered pairs, the two terms of
    degrees for in- and for out-degrees, and :math:`B^2` for :math:`B (B + 1) / 2`. Without degree correction
    :math:`\sum_r e_r \ln n_r` stands for :math:`\ln \prod_r e_r! / \prod_i k_i!` and the terms of degrees.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Directed or not; sparse networks stay sparse. Self-connections are left out, signs too.
    n_blocks : int, optional
        So many, instead of as many as shorten the description.
    degree_corrected : bool
        Whether nodes of a block may have any degrees. If not, a block's nodes are all alike, and hubs end up in blocks
        of their own.
    weights : {"binary", "counts"}
        ``"binary"``: what counts is whether two nodes are connected, w != 0; weights are not looked at. ``"counts"``:
        whole weights are so many parallel connections, each evidence of its own. Synapses between the same two
        neurons hardly are: expect many more blocks. Other weights are refused: a model of real weights would have to
        say how they are distributed, and none is fitted here. To ask about strong connections, threshold first.
    n_restarts : int
        Independent runs; the one with the shortest description is returned, the earliest on ties.
    plain : bool
        Whether as many runs are made of the model without degree correction, to set its length beside that found.
    rng : seed, Generator or SeedSequence, optional
        Run r does not depend on `n_restarts`. In a stack a seed serves every network, as in a loop over it.
    progress : bool
        Show a bar that counts the numbers of blocks tried, with the shortest description so far.

    Returns
    -------
    BlockModel
        With the lengths of one block and of the plain model beside the one found.

    Raises
    ------
    ValueError
        If there are fewer nodes than `n_blocks`; for ``"counts"``, if weights are negative or not whole.

    Notes
    -----
    Each run begins with every node alone. The groups whose merger costs least merge, by a factor of 1.3 at a time, with
    sweeps over all nodes after each; then more slowly through the numbers around the best, and by splits. It is a
    heuristic: two runs may differ, and what they find in common is what can be relied on. A run on 300 nodes takes half
    a second. Beyond 2,048 groups they merge without sweeps.

    Networks of more than 20,000 nodes, with 20 connections or more each, begin with one group instead: all divide, at
    first whatever their degrees, until that no longer shortens the description, and then merge as above. A run on
    30,000 nodes with a million connections takes a minute of one core, on 140,000 nodes with 5 million six minutes and
    0.7 GiB: ask for ``n_restarts=1, plain=False``, and for `progress`.

    Blocks can be too faint for any method: two equal ones, in a network of c connections a node, where n times the
    difference of the probabilities of a connection within and between them is below :math:`2 \sqrt{c}` (Decelle et al.
    2011). A description states the block of every node, and asks for more than that: with c = 8 and 2,000 nodes, blocks
    at 1.5 times this difference are missed, as they take longer than one block, and at twice found (overlap 0.95).

    The model takes parallel connections to be possible. In a dense binary network, in which they are not, strong
    degrees leave a trace between nodes that no block of its own explains, and blocks of them may be found.

    :math:`\ln q(m, n)` is exact below 1,024 connection ends of a block; beyond, it is Szekeres' formula, right within
    0.04.

    The in- and out-degrees of a directed network are described one after the other. graph-tool describes their pairs
    at the price of both alone, which is somewhat less than the pairs take: its lengths of directed networks differ.

    References
    ----------
    Peixoto 2017, doi:10.1103/PhysRevE.95.012317 (description length); Karrer & Newman 2011,
    doi:10.1103/PhysRevE.83.016107 (degree correction); Peixoto 2014, doi:10.1103/PhysRevE.89.012804 (search);
    Decelle et al. 2011, doi:10.1103/PhysRevE.84.066106 (what can be found).

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> rng = np.random.default_rng(0)
    >>> p = np.kron([[0.1, 0.6], [0.6, 0.1]], np.ones((20, 20)))  # connected to the other block, not within
    >>> found = na.block_model(rng.random((40, 40)) < p, rng=0)
    >>> found.n_blocks, found.labels[:20].max(), found.description_length < found.one_block
    (2, np.int64(0), True)
    """
    from tqdm import tqdm

    options.flags(degree_corrected=degree_corrected, plain=plain, progress=progress)
    options.choice(weights, get_args(Counted), "weights")
    runs = options.count(n_restarts, "n_restarts")
    w = validate.as_weights(net)
    n = w.shape[-1]
    if n_blocks is not None and options.positive_int(n_blocks, "n_blocks") > n:
        raise ValueError(f"n_blocks must be at most the number of nodes, {n}; got {n_blocks}")
    flat, lead = ([w], ()) if sparse.issparse(w) else stacks.flatten(w)
    graphs = [_graph(m, weights) for m in flat]
    seeds = [random.seeds(source, runs) for source in random.per_network(rng, len(flat))]
    with tqdm(desc="blocks", unit=" partitions", disable=not progress) as bar:
        run = partial(_runs, graphs, seeds, runs, n_blocks, bar if progress else None)
        found = run(bool(degree_corrected))
        others = found if not degree_corrected else run(False) if plain else None
    lengths = np.array([np.nan if others is None else min(f.length for f in others[g]) for g in range(len(graphs))])
    best = [min(mine, key=lambda f: f.length) for mine in found]
    number = np.array([f.labels.max() + 1 for f in best])
    matrix = np.array([g.between(f.labels, number.max()).toarray() for g, f in zip(graphs, best, strict=True)], float)
    return BlockModel(
        labels=np.array([f.labels for f in best]).reshape(*lead, n),
        n_blocks=stacks.restore(number, lead),
        description_length=stacks.restore(np.array([f.length for f in best]), lead),
        one_block=stacks.restore(np.array([Search(g, bool(degree_corrected)).one for g in graphs]), lead),
        plain=stacks.restore(lengths, lead),
        description_lengths=np.array([[f.length for f in mine] for mine in found]).reshape(*lead, runs),
        block_matrix=matrix.reshape(*lead, number.max(), number.max()),
        degrees=np.array([g.degrees[[0, int(g.directed)]] for g in graphs]).reshape(*lead, 2, n),
        directed=stacks.restore(np.array([g.directed for g in graphs]), lead),
        by_number=tuple(_shortest(mine) for mine in found),
        degree_corrected=bool(degree_corrected),
        weights=weights,
    )


def _graph(w: Any, weights: str) -> Graph:
    """A network as a multigraph."""
    directed = not validate.is_symmetric(w)
    part = (w if sparse.issparse(w) else sparse.csr_array(w)).tocoo()
    apart = part.row != part.col
    values = part.data[apart]
    if weights == "counts":
        instead = 'weights="binary" asks only whether two nodes are connected'
        if (values < 0).any():
            raise ValueError(f'weights="counts" needs non-negative weights; net has negative ones. {instead}')
        if (values != np.floor(values)).any():
            raise ValueError(f'weights="counts" needs whole numbers of connections; net has others. {instead}')
        if values.sum() > _LARGEST:
            raise ValueError(f'weights="counts" adds up to {values.sum():.3g} connections, more than 2^53. {instead}')
    else:
        values = np.ones(len(values))
    entries = values.astype(np.int64), (part.row[apart], part.col[apart])
    return Graph.of(sparse.csr_array(entries, shape=w.shape), directed)


def _runs(
    graphs: list[Graph], seeds: Any, runs: int, n_blocks: int | None, bar: Any, corrected: bool
) -> list[list[Found]]:
    """All runs on all networks, in threads."""
    searches = [Search(graph, corrected) for graph in graphs]
    found: list[Any] = [None] * (len(graphs) * runs)

    def block(start: int, stop: int) -> None:
        for task in range(start, stop):
            g, r = divmod(task, runs)
            found[task] = searches[g].run(seeds[g][r], n_blocks, bar)

    parallel.thread_blocks(block, len(found))
    return [found[g * runs : (g + 1) * runs] for g in range(len(graphs))]


def _shortest(found: list[Found]) -> dict[int, float]:
    """The shortest description of every number of blocks that any run has met."""
    shortest: dict[int, float] = {}
    for f in found:
        for k, length in f.by_number.items():
            shortest[k] = min(length, shortest.get(k, np.inf))
    return shortest
