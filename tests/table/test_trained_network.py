"""A real trained network, simulated from its published weights: what its units do is what the measures say.

PsychRNN's two-alternative choice (Ehrlich et al. 2021, doi:10.1523/ENEURO.0427-20.2020): 50 units of
``x' = x + alpha (-x + W_rec relu(x) + W_in u + b)``, alpha = dt / tau = 10 ms / 100 ms; the channel of the larger input
is to be named. Skipped where the weights are not at hand.
"""

import numpy as np
import pytest

import netanalysis as na

STEPS, ON, OFF = 120, 40, 90
COHERENCES = (0.1, 0.3, 0.5, 0.7)


@pytest.fixture(scope="module")
def weights(shared_data):
    path = shared_data / "connectomes" / "rnn_psychrnn_2afc50" / "data.npz"
    if not path.is_file():
        pytest.skip("no trained network beside the project")
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name].astype(float) for name in archive.files}


@pytest.fixture(scope="module")
def net(weights):
    """Source to target; the file has W_rec[to, from]."""
    return na.Connectome(weights["W_rec"].T, inputs=weights["W_in"].T, outputs=weights["W_out"].T)


def simulate(net, weights, side, coherence, *, silenced=None, noise=0.1, seed=0):
    """Rates (trials, steps, units) and choices; the larger input comes through channel `side`."""
    rng = np.random.default_rng(seed)
    heard = np.ones(50) if silenced is None else 1.0 - silenced
    state = np.repeat(weights["init_state"], len(side), axis=0)
    stimulus = 1 + np.where(np.arange(2) == side[:, None], 1, -1) * coherence[:, None]
    rates = np.empty((len(side), STEPS, 50))
    for t in range(STEPS):
        drive = np.sqrt(0.2) * noise * rng.normal(size=(len(side), 2)) + (stimulus if ON <= t < OFF else 0)
        rate = np.maximum(state, 0) * heard
        state = state + 0.1 * (-state + rate @ net.weights + drive @ net.inputs + weights["b_rec"])
        rates[:, t] = np.maximum(state, 0) * heard
    return rates, (rates[:, -1] @ net.outputs + weights["b_out"]).argmax(axis=1)


@pytest.fixture(scope="module")
def trials():
    rng = np.random.default_rng(1)
    return rng.integers(0, 2, 320), rng.choice(COHERENCES, 320)


@pytest.fixture(scope="module")
def recording(net, weights, trials):
    side, coherence = trials
    rates, choice = simulate(net, weights, side, coherence)
    names = np.array(["first", "second"])
    conditions = {"side": names[side], "choice": names[choice], "coherence": coherence}
    return na.Recording(rates, conditions, time=np.arange(STEPS) * 10.0, metadata={"time_unit": "millisecond"})


def test_the_network_solves_its_task_read_in_this_direction_and_in_no_other(net, weights, trials):
    side, coherence = trials
    _, choice = simulate(net, weights, side, coherence)
    for level in COHERENCES:
        assert (choice == side)[coherence == level].mean() > 0.98
    _, choice = simulate(net.replace(weights=net.weights.T), weights, side, coherence)
    assert (choice == side).mean() < 0.8


def test_the_choice_can_be_read_out_from_stimulus_onset_on(recording):
    result = na.decode(recording, "choice", windows=12, n_nulls=99, rng=0)
    before, after = result.score[:4], result.score[5:]
    assert abs(before - 0.5).max() < 0.12
    assert after.min() > 0.98
    assert (result.p[4:] == 0.01).all()
    # What the read-out can tell grows with evidence: weak trials are told apart later than strong ones.
    fine = na.decode(recording, "coherence", windows=[(ON, ON + 1), (ON + 4, ON + 5), (ON + 20, ON + 21)], rng=0)
    assert fine.score[0] < fine.score[1] < fine.score[2]


def test_units_are_selective_for_the_side_not_for_coherence(recording):
    result = na.mixed_selectivity(recording, ["side", "coherence"], windows=12, rng=0)
    side, coherence = result.explained_variance.transpose(2, 0, 1)
    assert np.nanmax(np.abs(side[:, :4])) < 0.1
    assert np.nanmedian(side[:, -1]) > 0.8 > 0.1 > np.nanmedian(coherence[:, -1])
    assert 5 < result.silent[:, -1].sum() < 25  # units the rectifier has shut off
    assert np.nanmax(np.abs(result.explained_variance)) < 2


def test_lesions_of_two_functional_clusters_dissociate(net, weights, trials, recording):
    """Each pool carries one choice: without it, the network hardly ever makes that choice."""
    side, coherence = trials
    clusters = na.functional_clusters(recording, method="correlation", center="all", threshold=1e-4, k=2)

    def accuracy(silenced):
        _, choice = simulate(net, weights, side, coherence, silenced=silenced, seed=2)
        return {name: (choice == side)[side == k].mean() for k, name in enumerate(("first", "second"))}

    result = na.lesion(accuracy, clusters)
    np.testing.assert_allclose(result.baseline, 1, atol=0.02)
    effects = result.effects[np.argsort(result.effects[:, 0])]
    assert np.diag(effects).max() < -0.7
    assert effects[[0, 1], [1, 0]].min() > -0.05
