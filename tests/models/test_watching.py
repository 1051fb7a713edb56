"""Trajectories of any training loop: what is recorded, and that no run can lose it."""

import numpy as np
import pytest
import torch

import models
import netanalysis as na


class Model(torch.nn.Module):
    def __init__(self, cell=torch.nn.RNN):
        super().__init__()
        torch.manual_seed(0)
        self.rnn, self.fc = cell(2, 5), torch.nn.Linear(5, 3)

    def forward(self, x):
        return self.fc(self.rnn(x)[0])


def _train(model, optimizer, steps, seen=None):
    taken = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = model(torch.ones(4, 1, 2)).square().mean()
        loss.backward()
        if seen is not None:
            seen.note(loss=loss.item())
        optimizer.step()
        taken.append(model.rnn.weight_hh_l0.detach().clone().T.numpy())
    return taken


@pytest.fixture
def run(tmp_path):
    model = Model()
    return model, torch.optim.SGD(model.parameters(), lr=0.1), tmp_path / "run.npz"


def test_snapshots_are_the_weights_after_those_steps(run):
    model, optimizer, path = run
    first = model.rnn.weight_hh_l0.detach().clone().T.numpy()
    with models.watch(model, optimizer, path, every=4) as seen:
        taken = [first, *_train(model, optimizer, 10, seen)]
        assert repr(seen) == "<Watch run.npz: 3 snapshots, the last at step 8>"
    net = na.load(path)
    assert net.metadata["step"] == [0, 4, 8, 10]
    np.testing.assert_array_equal(net.weights, [taken[k] for k in (0, 4, 8, 10)])
    assert np.isnan(net.metadata["loss"][0])
    assert len(set(net.metadata["loss"][1:])) == 3
    assert (net.metadata["model"], net.name) == ("Model", "run")
    with np.load(path) as saved:
        np.testing.assert_array_equal(saved["W_out"][-1], model.fc.weight.detach().T)
        assert saved["W_in"].shape == (4, 2, 5)
    _train(model, optimizer, 4)  # the hook is gone
    assert na.load(path).metadata["step"] == [0, 4, 8, 10]
    assert [p.name for p in path.parent.iterdir()] == ["run.npz"]


def test_all_gates_are_recorded_as_stacks(tmp_path):
    model = Model(torch.nn.GRU)
    optimizer = torch.optim.Adam(model.parameters())
    with models.watch(model, optimizer, tmp_path / "all.npz", every=1) as seen:
        _train(model, optimizer, 2)
    assert seen.networks.weights.shape == (3, 3, 5, 5)
    with models.watch(model, optimizer, tmp_path / "one.npz", every=1, gate="n") as seen:
        _train(model, optimizer, 2)
    np.testing.assert_array_equal(seen.networks.weights[-1], na.from_torch(model, gate="n").weights)


def test_the_file_opens_at_any_time_and_after_an_error(run):
    model, optimizer, path = run

    def interrupted():
        with models.watch(model, optimizer, path, every=1) as seen:
            _train(model, optimizer, 3)
            assert na.load(path).metadata["step"] == [0, 1, 2, 3]  # 4 snapshots: the number has doubled
            _train(model, optimizer, 2)
            assert na.load(path).metadata["step"] == [0, 1, 2, 3]
            assert seen.networks.metadata["step"] == [0, 1, 2, 3, 4, 5]
            _train(model, optimizer, 1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert na.load(path).metadata["step"] == list(range(7))


@pytest.mark.parametrize("end", ["closed", "killed", "killed while writing"])
def test_a_run_goes_on_from_the_step_of_its_own_checkpoint(run, end):
    model, optimizer, path = run
    seen = models.watch(model, optimizer, path, every=2)
    _train(model, optimizer, 4)
    checkpoint = {name: value.clone() for name, value in model.state_dict().items()}
    _train(model, optimizer, 3)  # lost: the checkpoint is of step 4
    journal = path.with_name(".run.npz.journal")
    if end == "closed":
        seen.close()
    else:
        seen._hook.remove()
        if end == "killed while writing":
            journal.write_bytes(journal.read_bytes()[:-7])
    model.load_state_dict(checkpoint)
    with pytest.raises(FileExistsError, match="step=; to begin anew"):
        models.watch(model, optimizer, path)
    with models.watch(model, optimizer, path, every=2, step=4) as seen:
        taken = _train(model, optimizer, 2)
    net = na.load(path)
    assert net.metadata["step"] == [0, 2, 4, 6]
    np.testing.assert_array_equal(net.weights[-1], taken[-1])
    np.testing.assert_array_equal(net.weights[2], checkpoint["rnn.weight_hh_l0"].T)


def test_memory_holds_one_snapshot(tmp_path, monkeypatch):
    model = Model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with models.watch(model, optimizer, tmp_path / "run.npz", every=1) as seen:
        _train(model, optimizer, 40)
        held = [v for v in vars(seen._journal).values() if isinstance(v, np.ndarray)]
        assert not held
        assert all(set(row) == {"step"} for row in seen._journal.rows)
    assert len(na.load(tmp_path / "run.npz").weights) == 41


def test_what_cannot_be_watched_is_refused(run):
    model, optimizer, path = run
    with pytest.raises(ValueError, match="every must be an integer of at least 1; got 0"):
        models.watch(model, optimizer, path, every=0)
    with pytest.raises(ValueError, match="step must be an integer of at least 0"):
        models.watch(model, optimizer, path, step=-1)
    with pytest.raises(ValueError, match=r"path must end in \.npz"):
        models.watch(model, optimizer, path.with_suffix(".pt"))
    with pytest.raises(ValueError, match="no recurrent weights"):
        models.watch(torch.nn.Linear(2, 2), optimizer, path)
    with models.watch(model, optimizer, path) as seen:
        with pytest.raises(ValueError, match="counted, not noted"):
            seen.note(step=3)
        _train(model, optimizer, 1)
    seen.close()  # twice does no harm
    other = torch.nn.RNN(2, 7)
    with pytest.raises(ValueError, match="recording of another network"):
        models.watch(other, optimizer, path, step=1)
    np.savez(path.with_name("x.npz"), a=1)
    with pytest.raises(ValueError, match=r"not a recording of models\.watch"):
        models.watch(model, optimizer, path.with_name("x.npz"), step=1)
