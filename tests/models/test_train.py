"""The trainer: alone or together the same bits, killed or not the same bits, and the same losses as a plain loop."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import netanalysis as na
from models import penalties, recipes
from models.draws import TRAIN, Trials, stream
from models.ensemble import Ensemble
from models.loop import Trainer, task_loss
from models.space import grid
from models.training import train

ROOT = Path(__file__).resolve().parents[2]


def short(**changes):
    return recipes.get("sernn", **({"epochs": 2, "steps": 3, "batch": 16, "held_out": 32} | changes))


def same(a, b):
    assert a.table.equals(b.table)
    for name, value in a.parameters.items():
        assert np.array_equal(value, b.parameters[name]), name


def test_a_network_does_not_depend_on_its_company():
    together = train(short(), [0.1, 0.2, 0.3], [3, 4, 5], n_jobs=2, progress=False)
    for k in range(3):
        alone = train(short(), 0.1 * (k + 1), 3 + k, progress=False)
        rows = together.select(together.table["network"] == k)
        for name, value in rows.parameters.items():
            assert np.array_equal(value, alone.parameters[name])
        assert np.array_equal(rows.table["loss"], alone.table["loss"])


def test_batched_products_give_the_same_networks():
    one = train(short(), [0.1, 0.2, 0.3], [3, 4, 5], progress=False)
    batched = train(short(), [0.1, 0.2, 0.3], [3, 4, 5], group=3, progress=False)
    assert np.allclose(one.table["loss"], batched.table["loss"], rtol=1e-5)
    # Adam divides by the size of the gradient, so that rounding shows in weights whose gradient is nothing but it.
    assert np.abs(one.parameters["W"] - batched.parameters["W"]).mean() < 1e-6


def test_many_networks_share_products_by_default(tmp_path):
    tiny = short(epochs=1, steps=2, batch=8)
    many = train(tiny, 0.1, range(17), folder=tmp_path, progress=False)
    assert sorted(p.name for p in tmp_path.glob("*.npz"))[:2] == ["networks-0-1.npz", "networks-10-11.npz"]
    few = train(tiny, 0.1, range(3), progress=False)
    assert np.allclose(many.table["loss"][:6], few.table["loss"], rtol=1e-5)
    # the same company in other order, and another place in it, change nothing
    turned = train(tiny, 0.1, [1, 0, *range(2, 17)], progress=False)
    for name, value in many.parameters.items():
        assert np.array_equal(value[:2], turned.parameters[name][2:4])


def test_checkpoints_of_other_groups_are_refused_rather_than_passed_over(tmp_path):
    tiny = short(epochs=1, steps=1, batch=8)
    train(tiny, 0.1, range(4), folder=tmp_path, group=2, progress=False)
    with pytest.raises(ValueError, match="is of a group of 2; go on with group=2"):
        train(tiny, 0.1, range(4), folder=tmp_path, progress=False)
    more = train(tiny, 0.1, range(6), folder=tmp_path, group=2, progress=False)
    assert more.table["network"].nunique() == 6


def test_padding_is_not_computed_and_changes_nothing():
    recipe = recipes.get("bimt", quick=True, batch=64)
    trainer, seeds = Trainer(recipe, "cpu"), np.arange(2)
    group = trainer.start(np.full(2, 1e-4), seeds)
    trials = Trials.draw(trainer.task, 64, seeds, TRAIN)
    assert trials.running[0] == 64
    assert trials.running[-1] < 20
    results = []
    for running in (trials.running, None):
        p = {name: value.requires_grad_() for name, value in trainer.layout.views(group.theta).items()}
        loss = trainer._loss(p, trainer._states(p, replace(trials, running=running)), trials)
        results.append([loss, *torch.autograd.grad(loss.sum(), list(p.values()))])
    for ours, wanted in zip(*results, strict=True):
        assert torch.allclose(ours, wanted, rtol=1e-4, atol=1e-5 * float(wanted.detach().abs().max()))


def test_batches_whose_longest_trials_differ_share_a_group():
    recipe = recipes.get("bimt", quick=True, batch=2, steps=3, epochs=1, held_out=5, lr=1e-3)
    together, alone = (train(recipe, 1e-4, [0, 1, 2], group=size, progress=False) for size in (3, 1))
    lengths = [recipe.make_task().sample(2, stream(seed, TRAIN, 0)).inputs.shape[1] for seed in range(3)]
    assert len(set(lengths)) > 1
    for k in range(len(together)):
        ours, wanted = together.connectome(k).weights, alone.connectome(k).weights
        assert np.allclose(ours, wanted, rtol=1e-3, atol=1e-5)


def test_equals_a_plain_torch_loop():
    recipe = short(steps=10, epochs=1)
    task = recipe.make_task()
    start = recipe.cell.start(8, 4, stream(7, 0))
    rnn, read_out = torch.nn.RNN(8, 100, nonlinearity="relu"), torch.nn.Linear(100, 4)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.from_numpy(start["W_in"].T))
        rnn.weight_hh_l0.copy_(torch.from_numpy(start["W"].T))
        read_out.weight.copy_(torch.from_numpy(start["W_out"].T))
        for bias in (rnn.bias_ih_l0, rnn.bias_hh_l0, read_out.bias):
            bias.zero_()
    rnn.bias_hh_l0.requires_grad_(False)
    optimizer = torch.optim.Adam([*rnn.parameters(), *read_out.parameters()], lr=1e-3, eps=recipe.epsilon)
    distances = torch.from_numpy(recipe.space.distances()).float()
    for step in range(10):
        batch = task.sample(16, stream(7, TRAIN, step))
        h, _ = rnn(torch.from_numpy(batch.inputs).transpose(0, 1))
        a = rnn.weight_hh_l0.T.abs()
        scale = a.sum(1).rsqrt()
        c = torch.matrix_exp(scale[:, None] * a * scale)
        c = c - torch.diag(c.diag())
        loss = torch.nn.functional.cross_entropy(read_out(h[-1]), torch.from_numpy(batch.targets))
        optimizer.zero_grad()
        (loss + 0.1 * (a * distances * c).sum()).backward()
        optimizer.step()
    trained = train(recipe, 0.1, 7, progress=False).parameters["W"][-1]
    assert np.abs(trained - start["W"]).mean() > 1e-3
    assert np.abs(trained - rnn.weight_hh_l0.detach().T.numpy()).mean() < 1e-6


SCRIPT = """
import sys
from models import recipes
from models.training import train
recipe = recipes.get("sernn", epochs=12, steps=4, batch=16, held_out=32)
train(recipe, [0.1, 0.2], [3, 4], folder=sys.argv[1], progress=False, n_jobs=1)
"""


def test_resumes_after_a_kill_to_the_same_bits(tmp_path):
    recipe = short(epochs=12, steps=4)
    whole = train(recipe, [0.1, 0.2], [3, 4], progress=False)
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(tmp_path)], cwd=ROOT)
    first = tmp_path / "networks-0-0.npz"
    deadline = time.monotonic() + 120
    while not first.exists() and time.monotonic() < deadline:
        time.sleep(0.001)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    with np.load(first) as saved:
        assert 1 <= saved["epoch"] <= 12
    assert not (tmp_path / "networks-1-1.npz").exists()
    same(train(recipe, [0.1, 0.2], [3, 4], folder=tmp_path, progress=False), whole)
    same(train(recipe, [0.1, 0.2], [3, 4], folder=tmp_path, progress=False), whole)  # nothing left to do


def test_a_folder_of_another_run_is_refused(tmp_path):
    train(short(), 0.1, 3, folder=tmp_path, progress=False)
    for recipe, gamma, seed, differs in (
        (short(), 0.2, 3, r"gammas: \[0.1\] there, \[0.2\] here"),
        (short(), 0.1, 4, r"seeds: \[3\] there, \[4\] here"),
        (short(lr=0.1), 0.1, 3, r"lr: 0.001 there, 0.1 here"),
        (short(space=grid(10, 10)), 0.1, 3, "places: .* there"),
    ):
        with pytest.raises(ValueError, match=f"another run.*{differs}"):
            train(recipe, gamma, seed, folder=tmp_path, progress=False)


def test_checkpoints_from_when_30_units_proposed_go_on_where_that_is_of_no_effect(tmp_path):
    space = grid(10, 10)
    for name, recipe in (("still", short(epochs=1, steps=1)), ("moving", short(epochs=1, steps=1, relocate=1))):
        recipe = replace(recipe, space=space)
        train(recipe, 0.1, 3, folder=tmp_path / name, progress=False)
        path = tmp_path / name / "networks-0-0.npz"
        with np.load(path) as saved:
            arrays = dict(saved)
        assert '"top": null' in str(arrays["settings"])
        np.savez(path, **arrays | {"settings": np.array(str(arrays["settings"]).replace('"top": null', '"top": 30'))})
        if name == "still":
            train(recipe, 0.1, 3, folder=tmp_path / name, progress=False)
            continue
        with pytest.raises(ValueError, match=r"top: 30 there, None here"):
            train(recipe, 0.1, 3, folder=tmp_path / name, progress=False)
        train(replace(recipe, top=30), 0.1, 3, folder=tmp_path / name, progress=False)


@pytest.mark.parametrize("group", [1, 2])
def test_a_diverged_network_does_not_stop_the_others(group):
    trained = train(short(), [0.1, 1e300], [3, 3], group=group, progress=False)
    fine, dead = (trained.select(trained.table["network"] == k) for k in range(2))
    assert np.isfinite(fine.table["accuracy"]).all()
    assert np.isnan(dead.table["accuracy"][1:]).all()
    assert np.array_equal(dead.parameters["W"][0], dead.parameters["W"][-1])
    assert not np.array_equal(fine.parameters["W"][0], fine.parameters["W"][-1])


def test_saved_ensemble_opens_in_the_analysis(tmp_path):
    trained = train(short(), [0.1, 0.2], [3, 4], progress=False)
    path = tmp_path / "sernn.npz"
    trained.save(path, command="python -m models train sernn")
    stack = na.load(path)
    assert stack.weights.shape == (6, 100, 100)
    assert np.array_equal(stack.weights, trained.parameters["W"])
    assert stack.metadata["snapshots"]["gamma"] == [0.1] * 3 + [0.2] * 3
    assert stack.metadata["command"] == "python -m models train sernn"
    assert stack.distances.max() == pytest.approx(6.403, abs=1e-3)
    with np.load(path) as arrays:
        assert arrays["weights"].dtype == np.float32
    again = Ensemble.load(path)
    same(again, trained)
    assert again.recipe.settings() == trained.recipe.settings()
    net, reread = trained.connectome(4), again.connectome(4)
    assert np.array_equal(net.weights, reread.weights)
    assert dict(net.metadata) == dict(reread.metadata)
    assert (net.metadata["gamma"], net.metadata["seed"], net.metadata["epoch"]) == (0.2, 4, 1)
    assert np.array_equal(again.record(4).activity, trained.record(4).activity)


def test_connectome_and_recording_run_from_source_to_target():
    trained = train(short(), 0.1, 3, progress=False)
    net, recording = trained.connectome(), trained.record(trials=5)
    batch = recipes.get("sernn").make_task().sample(5, np.random.default_rng(0))
    assert recording.activity.shape == (5, 50, 100)
    assert recording.conditions["correct"].tolist() == list(batch.conditions["correct"])
    bias = trained.parameters["b"][-1]
    h = np.zeros((5, 100))
    for t in range(50):
        h = np.maximum(0, batch.inputs[:, t] @ net.inputs + h @ net.weights + bias)
        assert np.allclose(recording.activity[:, t], h, atol=1e-4)
    right = (h @ net.outputs + trained.parameters["b_out"][-1]).argmax(1) == batch.targets
    assert recording.conditions["correct_response"].tolist() == right.tolist()


def test_silenced_units_are_not_heard():
    trained = train(recipes.get("sernn", epochs=1, steps=1), 0.1, 0, progress=False)
    silenced = np.zeros(100, bool)
    silenced[[3, 50]] = True
    with_them, without = trained.record(trials=4), trained.record(trials=4, silenced=silenced)
    p = {name: value[-1].astype(float) for name, value in trained.parameters.items()}
    inputs = trained.recipe.make_task().sample(4, np.random.default_rng(0)).inputs
    h = np.zeros((4, 100))
    for t in range(inputs.shape[1]):
        h = np.maximum(inputs[:, t] @ p["W_in"] + np.where(silenced, 0, h) @ p["W"] + p["b"], 0)
        assert np.allclose(without.activity[:, t], h, atol=1e-4)
    assert np.allclose(with_them.activity[:, 0], without.activity[:, 0])
    assert not np.allclose(with_them.activity, without.activity, atol=1e-3)
    for wrong in ([3, 50], np.zeros(99, bool)):
        with pytest.raises(ValueError, match=r"silenced must be a boolean mask of shape \(100,\)"):
            trained.record(trials=4, silenced=wrong)


def test_an_impulse_walks_the_connectome(impulse):
    """In a linear network the response k steps later is the pathway of k hops."""
    cell = recipes.RateCell(n=6, activation="linear", bias=False)
    recipe = recipes.Recipe(name="impulse", task=impulse, cell=cell, epochs=1, steps=2, batch=4, held_out=4)
    trained = train(recipe, 0.0, 1, progress=False)
    net, recording = trained.connectome(), trained.record(trials=2)
    maps = na.pathways(net, max_hops=3, normalize=None).maps
    for k in range(4):
        assert np.allclose(recording.activity[:, k] @ net.outputs, maps[k], atol=1e-6)
    assert not np.allclose(maps[2], np.swapaxes(maps[2], 0, 1), atol=1e-3)


@pytest.mark.parametrize("per_output", [False, True])
def test_loss_is_a_mean_with_the_weights_of_the_task(impulse, per_output):
    rng = np.random.default_rng(0)
    y, targets = rng.normal(size=(2, 3, 6, 4, 2))
    weights = rng.random((3, 6, 4, 2) if per_output else (3, 6, 4))
    got = task_loss(impulse, *(torch.from_numpy(a) for a in (y, targets, weights)))
    each = (y - targets) ** 2
    for k in range(3):
        spread = weights[k] if per_output else np.repeat(weights[k][..., None], 2, axis=-1)
        assert got[k].item() == pytest.approx(np.average(each[k], weights=spread))
    classes = recipes.get("sernn").make_task()
    right = np.array([[0, 1], [2, 2]])
    logits = rng.normal(size=(2, 2, 3))
    odds = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    wanted = -np.log(np.take_along_axis(odds, right[..., None], -1))[..., 0].mean(axis=1)
    assert task_loss(classes, torch.from_numpy(logits), torch.from_numpy(right), None).tolist() == pytest.approx(wanted)


def test_a_penalty_of_ones_own():
    recipe = short(penalty=penalties.L1())
    built_in = short(penalty="l1")
    mine, theirs = (train(r, 0.01, 3, progress=False) for r in (recipe, built_in))
    assert np.array_equal(mine.parameters["W"], theirs.parameters["W"])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"seeds": -1}, ValueError, "seeds must be non-negative integers.*-1"),
        ({"seeds": 0.0}, TypeError, "seeds must be non-negative integers.*0.0"),
        ({"seeds": [True]}, TypeError, "seeds must be non-negative integers"),
        ({"seeds": 2**64 - 1}, ValueError, "seeds must be .* 64 bits"),
        ({"seeds": []}, ValueError, "gammas and seeds must be those of at least one network"),
        ({"gammas": []}, ValueError, "gammas and seeds must be those of at least one network"),
        ({"gammas": [0.1, np.nan]}, ValueError, "gammas must be finite; got 1 NaN"),
        ({"gammas": np.inf}, ValueError, "gammas must be finite"),
        ({"gammas": [0.1, -0.1]}, ValueError, "gammas must not be negative; got -0.1"),
        ({"gammas": [0.1, 0.2], "seeds": [0, 1, 2]}, ValueError, r"equally many, or one for all; got shapes \(2,\)"),
        ({"gammas": [[0.1, 0.2]]}, ValueError, r"equally many, or one for all; got shapes \(1, 2\)"),
        ({"group": 0}, ValueError, "group must be at least 1; got 0"),
        ({"group": -1}, ValueError, "group must be at least 1; got -1"),
        ({"group": 1.5}, TypeError, "group must be an integer; got 1.5"),
        ({"n_jobs": 0}, ValueError, "n_jobs must be a number of groups"),
        ({"device": "cuda:99"}, ValueError, "device must be 'cpu' or .*; got 'cuda:99'"),
        ({"n_jobs": 1.5}, TypeError, "n_jobs must be an integer; got 1.5"),
        ({"device": "meta"}, ValueError, "device must be 'cpu' or .*; got 'meta'"),
        ({"device": None}, ValueError, "device must be 'cpu' or .*; got None"),
        ({"device": "gpu"}, ValueError, "device must be 'cpu' or .*; got 'gpu'"),
        ({"recipe": "sernn"}, TypeError, "recipe must be a models.Recipe"),
    ],
)
def test_arguments_out_of_bounds_are_refused_by_name_before_any_work(tmp_path, arguments, error, message):
    with pytest.raises(error, match=message):
        train(**{"recipe": short(), "gammas": 0.1, "seeds": 0, "folder": tmp_path / "run"} | arguments)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError, match="folder must be one"):
        train(short(), 0.1, 0, folder=tmp_path / "file", progress=False)
    with pytest.raises(NotADirectoryError, match="file is a file"):
        train(short(), 0.1, 0, folder=tmp_path / "file" / "run", progress=False)


@pytest.mark.parametrize(
    "damage", ["half", *(pytest.param(d, marks=pytest.mark.slow) for d in ("flipped", "empty", "text", "lacking"))]
)
def test_a_damaged_checkpoint_is_refused_before_any_work_and_nothing_is_lost(tmp_path, damage):
    tiny = short(epochs=1, steps=1, batch=8)
    train(tiny, 0.1, range(2), folder=tmp_path, progress=False)
    path = tmp_path / "networks-1-1.npz"
    content = bytearray(path.read_bytes())
    if damage == "flipped":
        content[len(content) // 2] ^= 255
    path.write_bytes({"half": content[: len(content) // 2], "empty": b"", "text": b"no"}.get(damage, content))
    if damage == "lacking":
        with np.load(path) as saved:
            np.savez(path, **{name: value for name, value in dict(saved).items() if name != "mean"})
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(ValueError, match=r"networks-1-1\.npz is damaged .*delete it"):
        train(tiny, 0.1, range(3), folder=tmp_path, progress=False)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before
    path.unlink()
    same(
        train(tiny, 0.1, range(2), folder=tmp_path, progress=False),
        train(tiny, 0.1, range(2), progress=False),
    )


@pytest.mark.slow
def test_a_soft_threshold_leaves_no_rows_of_jitter():
    """Rows that L1 has emptied hold weights of the size of Adam's step, whose entropy is that of untrained rows."""
    found = {}
    for name, gamma in (("l1", 0.04), ("l1_proximal", 1.0)):
        trained = train(recipes.get(name, batch=32, held_out=64), gamma, 0, progress=False)
        w = np.abs(trained.parameters["W"][-1].astype(float))
        faint = (w.max(axis=1) < 3 * trained.recipe.lr) & w.any(axis=1)
        share = w[faint] / w[faint].sum(axis=1, keepdims=True)
        found[name] = w, (-share * np.log2(share, where=share > 0, out=np.zeros_like(share))).sum(axis=1)
    w, entropy = found["l1"]
    assert (w > 0).all()
    assert len(entropy) >= 5
    assert entropy.min() > 5  # of at most log2 100 = 6.64
    w, entropy = found["l1_proximal"]
    assert (w == 0).mean() > 0.9
    assert (~w.any(axis=1)).sum() >= 5
    assert (entropy < 2).all()


def test_a_network_whose_walks_diverge_is_refused_before_any_work(tmp_path):
    initial = {"W_in": ("normal", 1.0), "W": ("normal", 1.5), "W_out": ("normal", 1.0)}
    recipe = recipes.get("resolvent", penalty_options={"form": "inverse"}, epochs=1, steps=2, held_out=8)
    wild = replace(recipe, cell=replace(recipe.cell, initial=initial))
    with pytest.raises(ValueError, match=r"penalty must be finite before training; it is inf for .* of seed 3"):
        train(wild, [0.0, 0.1], [2, 3], folder=tmp_path / "run", progress=False)
    assert not list(tmp_path.iterdir())
    table = train(wild, 0.0, 3, progress=False).table
    assert np.isfinite(table[["loss", "penalty", "accuracy"]]).all(axis=None)
    table = train(recipe, 0.01, 3, progress=False).table
    assert np.isfinite(table[["loss", "penalty", "accuracy"]]).all(axis=None)


@pytest.mark.slow
def test_published_training_trace():
    """Penalty plus loss on held-out trials of the authors' demo at gamma 0.3: 12.6 and 9.9 after epochs 1 and 2."""
    table = train(recipes.get("sernn", epochs=2), 0.3, range(5), progress=False).table
    total = (table["loss"] + table["penalty"]).groupby(table["epoch"])
    assert (abs(total.get_group(1) / 12.6 - 1) < 0.1).all()
    assert (abs(total.get_group(2) / 9.9 - 1) < 0.2).all()
