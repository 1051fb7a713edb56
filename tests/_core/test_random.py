import numpy as np
import pytest

from netanalysis._core.random import generators, per_network, seeds


def test_streams_do_not_depend_on_how_many_are_asked_for():
    assert np.array_equal(seeds(3, 2), seeds(3, 5)[:2])
    assert [g.random() for g in generators(3, 2)] == [g.random() for g in generators(3, 5)[:2]]
    assert not np.array_equal(seeds(3, 2), seeds(4, 2))


def test_a_generator_gives_new_streams_each_call_and_a_seed_the_same():
    g = np.random.default_rng(0)
    assert not np.array_equal(seeds(g, 1), seeds(g, 1))
    assert np.array_equal(seeds(0, 1), seeds(0, 1))
    loop = np.random.default_rng(0)
    assert [seeds(s, 1)[0] for s in per_network(np.random.default_rng(0), 3)] == [seeds(loop, 1)[0] for _ in range(3)]
    assert len({seeds(s, 1)[0] for s in per_network(5, 3)}) == 1


@pytest.mark.parametrize("bad", [-1, 1.5, "seed", True, np.random.RandomState(0)])
def test_bad_rng_is_refused(bad):
    with pytest.raises(TypeError, match="rng"):
        seeds(bad, 1)
