"""The 20 cognitive tasks: timing, stimuli and noise as published, and what an ideal observer can reach."""

import warnings

import numpy as np
import pytest

from models import tasks
from models.tasks.cognitive import TASKS, Cognitive

GO, DM, DELAYED, MATCH = TASKS[:6], TASKS[6:11], TASKS[11:16], TASKS[16:]
LENGTHS = dict(zip(GO, [{15}, {10}, {20}] * 2, strict=True))
LENGTHS |= (
    {name: {9, 10, 11} for name in DM} | {name: {24, 25, 26} for name in DELAYED} | {name: {32} for name in MATCH}
)
RINGS = np.arange(1, 33).reshape(2, 16)
PLACES = np.arange(16)


def draw(name, n=4000, *, seed=0, noise=False, profile="neurogym-2022", **options):
    task = Cognitive(profile=profile, tasks=[name], **options)
    batch = task.sample(n, np.random.default_rng(seed), noise=noise)
    return task, batch, {key: np.asarray(column) for key, column in batch.conditions.items()}


def place(angle):
    """Grid place of an angle, -1 for none."""
    return np.where(np.isnan(angle), -1, np.rint(np.nan_to_num(angle) * 8 / np.pi) % 16).astype(int)


def circular(a, b):
    return np.abs((a - b + np.pi) % (2 * np.pi) - np.pi)


def test_channels_and_names():
    assert len(TASKS) == 20
    for profile, shape in {"neurogym-2022": (53, 17, "class"), "yang2019": (85, 33, "regression")}.items():
        task = tasks.get("cognitive", profile=profile)
        assert (task.n_in, task.n_out, task.kind) == shape
        batch = task.sample(40, np.random.default_rng(0))
        assert batch.inputs.dtype == np.float32
        assert batch.inputs.shape[::2] == (40, task.n_in)
        assert sorted(batch.conditions["task"]) == sorted(TASKS * 2)  # every task equally often


@pytest.mark.parametrize("name", TASKS)
def test_lengths_and_epochs(name):
    _, batch, c = draw(name)
    assert set(batch.lengths) == LENGTHS[name]
    t = np.arange(batch.inputs.shape[1])
    live = t < batch.lengths[:, None]
    assert np.array_equal(batch.weights, live)
    assert not batch.inputs[~live].any()
    rules = batch.inputs[:, :, 33:]
    assert np.array_equal(rules[..., TASKS.index(name)], live)
    assert rules.sum() == live.sum()
    assert np.array_equal(batch.inputs[:, :, 0], t < c["go"][:, None])
    # when rings are on, and in which steps an answer is due
    first, second = ((t >= c[f"stimulus_{k}_on"][:, None]) & (t < c[f"stimulus_{k}_off"][:, None]) for k in (1, 2))
    assert np.array_equal(batch.inputs[:, :, 1:33].any(axis=2), first | second)
    due = (t >= c["go"][:, None]) & live & ~np.isnan(c["response"])[:, None]
    assert np.array_equal(batch.targets > 0, due)
    decision = {5} if name in GO else {9} if name in MATCH else {2}
    assert set(c["end"] - c["go"]) == decision
    on, off = ({int(v) for v in set(c[f"stimulus_1_{k}"])} for k in ("on", "off"))
    if name in GO:
        assert (on, off) == ({5}, {10})
    elif name in MATCH:
        assert (on, off) == ({3}, {8})
        assert set(c["stimulus_2_on"]) == {18}
        assert set(c["stimulus_2_off"]) == {23}
    else:
        assert on == {2, 3, 4}
        assert np.bincount(c["stimulus_1_on"])[2:] / 4000 == pytest.approx([1 / 3] * 3, abs=0.03)
        gap = 0 if name in DM else 15
        assert (c["stimulus_2_on"] == c["stimulus_1_on"] + gap).all()
        assert (c["stimulus_2_off"] - c["stimulus_2_on"] == 5).all()


def test_bump():
    _, batch, c = draw("go")
    at = place(c["location_1"])
    ring = (c["strength_1_ring_2"] == 1).astype(int)
    values = batch.inputs[np.arange(4000), 7]
    for away, height in {0: 0.8, 1: 0.8 * np.exp(-0.5), 2: 0.8 * np.exp(-2), 8: 0.8 * np.exp(-32)}.items():
        for side in (1, -1):
            units = RINGS[ring, (at + side * away) % 16]
            assert values[np.arange(4000), units] == pytest.approx(height, rel=1e-5)
    assert not values[np.arange(4000)[:, None], RINGS[1 - ring]].any()
    assert ring.mean() == pytest.approx(0.5, abs=0.03)
    assert np.bincount(at) / 4000 == pytest.approx([1 / 16] * 16, abs=0.015)


@pytest.mark.parametrize("name", TASKS)
def test_noise_only_where_stated(name):
    (_, noisy, c), (_, clean, _) = draw(name, noise=True), draw(name)
    noise = noisy.inputs - clean.inputs
    assert np.array_equal(noisy.targets, clean.targets)
    t = np.arange(noise.shape[1])
    first, second = ((t >= c[f"stimulus_{k}_on"][:, None]) & (t < c[f"stimulus_{k}_off"][:, None]) for k in (1, 2))
    where = np.zeros(noise.shape, bool)
    if name in DM + DELAYED:
        where[..., :33] = (first | second)[..., None]
    elif name in MATCH:
        ring = (c["strength_1_ring_2"] == 1).astype(int)
        assert np.array_equal(c["strength_1_ring_2"], c["strength_2_ring_2"])
        for k in (0, 1):
            where[..., RINGS[k]] = (first | second)[..., None] & (ring == k)[:, None, None]
    assert not noise[~where].any()
    if where.any():
        assert noise[where].std() == pytest.approx(0.1, abs=0.002)
        assert noise[where].mean() == pytest.approx(0, abs=0.001)


@pytest.mark.parametrize("name", GO)
def test_reaching(name):
    _, batch, c = draw(name)
    away = 8 if "anti" in name else 0
    assert np.array_equal(place(c["response"]), (place(c["location_1"]) + away) % 16)
    assert np.array_equal(batch.targets.max(axis=1), 1 + place(c["response"]))
    assert np.isnan(c["location_2"]).all()


@pytest.mark.parametrize("compat", [True, False])
@pytest.mark.parametrize("name", DM + DELAYED)
def test_decisions(name, compat):
    _, batch, c = draw(name, 8000, compat=compat)
    strength = np.array([[c[f"strength_{k}_ring_{m}"] for m in (1, 2)] for k in (1, 2)])  # stimulus, ring, trial
    kind = (TASKS.index(name) - 6) % 5
    shown = {0: [0], 1: [1]}.get(kind, [0, 1])
    assert not np.delete(strength, shown, axis=1).any()
    decide = {0: [0], 1: [1], 2: [0], 3: [1]}.get(kind, [0, 1])
    for ring in shown:
        a, b = strength[:, ring]
        if name in DM:
            np.testing.assert_allclose(a + b, 1, rtol=1e-6)
            sizes, counts = np.unique(np.abs(a - b).round(9), return_counts=True)
            assert sizes.tolist() == [0.08, 0.16, 0.32, 0.64]
            assert counts / 8000 == pytest.approx([0.25] * 4, abs=0.02)
        else:
            pairs, counts = np.unique(np.stack([a, b]), axis=1, return_counts=True)
            assert pairs.T.tolist() == [[0.3, 0.6], [0.3, 1], [0.6, 0.3], [0.6, 1], [1, 0.3], [1, 0.6]]
            assert counts / 8000 == pytest.approx([1 / 6] * 6, abs=0.02)
    for_first = np.subtract(*strength[:, decide].sum(axis=1))
    tie = np.abs(for_first) < 1e-9
    first, second, answer = (place(c[key]) for key in ("location_1", "location_2", "response"))
    assert np.array_equal(answer[~tie], np.where(for_first > 0, first, second)[~tie])
    share = {"multidm": 1 / 8, "multidlydm": 1 / 6}.get(name, 0) if compat else 0
    assert tie.mean() == pytest.approx(share, abs=0.01 if share else 0)
    if share:
        assert (answer == first)[tie].mean() == pytest.approx(0.5, abs=0.06)
    apart = (second - first) % 16
    assert np.unique(apart).tolist() == (list(range(1, 16)) if compat else list(range(4, 13)))
    assert np.array_equal(batch.targets.max(axis=1), 1 + answer)


@pytest.mark.parametrize("compat", [True, False])
@pytest.mark.parametrize("name", MATCH)
def test_matching(name, compat):
    _, batch, c = draw(name, 8000, compat=compat)
    first, second, answer = (place(c[key]) for key in ("location_1", "location_2", "response"))
    answers = answer >= 0
    assert answers.mean() == pytest.approx(0.5, abs=0.02)
    assert np.array_equal(answer[answers], second[answers])
    assert not batch.targets[~answers].any()
    on_match = answers if name in ("dms", "dmc") else ~answers
    if name.endswith("s"):
        assert np.array_equal((second - first) % 16, np.where(on_match, 0, 8))
    else:
        mislabelled = (first // 8 == second // 8) != on_match
        assert mislabelled.mean() == pytest.approx(1 / 16 if compat else 0, abs=0.01 if compat else 0)
        assert set(first[mislabelled]) <= {8}
        assert np.bincount(second) / 8000 == pytest.approx([1 / 16] * 16, abs=0.01)


def observer(name, n=16000):
    """Accuracy of choosing the likelier of the two known locations."""
    _, batch, c = draw(name, n, noise=True)
    rows = np.arange(n)
    bumps = [
        0.8 * np.exp(-0.5 * (circular(c[f"location_{k}"][:, None], PLACES * np.pi / 8) * 8 / np.pi) ** 2)
        for k in (1, 2)
    ]
    kind = (TASKS.index(name) - 6) % 5
    evidence = np.zeros(n)
    for step in range(5):
        for sign, k in ((1, 1), (-1, 2)):
            seen = batch.inputs[rows, c[f"stimulus_{k}_on"] + step]
            for ring in {0: [0], 1: [1], 2: [0], 3: [1]}.get(kind, [0, 1]):
                evidence += sign * (seen[:, RINGS[ring]] * bumps[k - 1]).sum(axis=1)
    choice = np.where(evidence > 0, c["location_1"], c["location_2"])
    return (choice == c["response"]).mean()


@pytest.mark.slow
def test_ideal_observer():
    ceiling = {name: observer(name) for name in DM + DELAYED}
    for name in DM[:4]:
        assert ceiling[name] == pytest.approx(0.965, abs=0.005)
    assert ceiling["multidm"] == pytest.approx(0.918, abs=0.006)
    for name in DELAYED[:4]:
        assert ceiling[name] > 0.999
    assert ceiling["multidlydm"] == pytest.approx(0.903, abs=0.006 + 0.012)
    assert (sum(ceiling.values()) + 10) / 20 == pytest.approx(0.984, abs=0.002)


@pytest.mark.parametrize("profile", ["neurogym-2022", "yang2019"])
def test_score_and_reproducibility(profile):
    task = Cognitive(profile=profile)
    batch, again = (task.sample(200, np.random.default_rng(5)) for _ in range(2))
    for key in ("inputs", "targets", "weights", "lengths"):
        assert np.array_equal(getattr(batch, key), getattr(again, key))
    clean = task.sample(200, np.random.default_rng(5), noise=False)
    assert np.array_equal(batch.targets, clean.targets)
    perfect = np.eye(17)[batch.targets] if profile == "neurogym-2022" else batch.targets
    assert task.score(perfect, batch).all()
    late = perfect.copy()
    late[np.arange(200), batch.lengths - 1] = perfect[:, 0]  # still fixating
    assert np.array_equal(task.score(late, batch), np.isnan(batch.conditions["response"]))


def test_blocks_share_task_timing_and_ring():
    task = Cognitive(profile="yang2019", block=16)
    batch = task.sample(72, np.random.default_rng(0))
    columns = {key: np.asarray(column) for key, column in batch.conditions.items()}
    for block in (slice(0, 16), slice(16, 32), slice(64, 72)):
        for key in ("task", "go", "end", "stimulus_1_on", "stimulus_2_off"):
            assert len(set(columns[key][block])) == 1
        assert len({tuple(row) for row in (columns["strength_1_ring_1"][block, None] > 0)}) == 1
        assert len(set(columns["location_1"][block])) > 1
    assert len(set(columns["task"])) == 5


@pytest.mark.parametrize(("profile", "grace"), [("neurogym-2022", 0), ("yang2019", 5)])
def test_every_response_can_weigh_the_same(profile, grace):
    batch = Cognitive(profile=profile, response_weight=50).sample(100, np.random.default_rng(0))
    weights = batch.weights if profile == "neurogym-2022" else batch.weights[..., 1]
    t = np.arange(batch.inputs.shape[1])
    go = np.asarray(batch.conditions["go"])[:, None]
    assert np.where(t >= go, weights, 0).sum(axis=1) == pytest.approx(50, rel=1e-5)
    assert np.array_equal(np.where(t < go, weights, 0), (t < go) & (t >= grace))


@pytest.mark.parametrize(
    ("options", "match"), [({"profile": "yang"}, "profile"), ({"tasks": ["fdgo"]}, "tasks"), ({"block": 0}, "block")]
)
def test_unknown_options_are_refused(options, match):
    with pytest.raises(ValueError, match=match):
        Cognitive(**options)


def between(values, low, high):
    """Values in ms fill low … high."""
    ms = 20 * np.asarray(values)
    return low - 20 < ms.min() < low + 0.1 * (high - low) and high - 0.1 * (high - low) - 20 < ms.max() <= high


def one_of(values, *ms):
    return {20 * int(value) for value in values} == set(ms)


@pytest.mark.parametrize("name", TASKS)
def test_yang_timing(name):
    _, batch, c = draw(name, 1500, profile="yang2019")
    on, off, on2, off2 = (c[f"stimulus_{k}_{edge}"] for k in (1, 2) for edge in ("on", "off"))
    go, end = c["go"], c["end"]
    if name in ("go", "anti"):
        assert between(on, 300, 700)
        assert between(go - on, 500, 1500)
        assert np.array_equal(off, end)
    elif name in ("rtgo", "rtanti"):
        assert between(on, 500, 2500)
        assert np.array_equal(go, on)
        assert np.array_equal(off, end)
    elif name in ("dlygo", "dlyanti"):
        assert one_of(on, 300, 500, 700)
        assert one_of(off - on, 200, 400, 600)
        assert one_of(go - off, 200, 400, 800, 1600)
    elif name in DM:
        assert between(on, 100, 400)
        assert one_of(off - on, 400, 800, 1600)
        assert np.array_equal(on, on2)
        assert np.array_equal(off, go)
    else:
        assert one_of(on, 200, 400, 600)
        assert one_of(off - on, 200, 400, 600)
        assert one_of(on2 - off, 200, 400, 800, 1600)
        if name in MATCH:
            assert np.array_equal(on2, go)
            assert np.array_equal(off2, end)
        else:
            assert one_of(off2 - on2, 200, 400, 600)
            assert between(go - off2, 100, 300)
    assert one_of(end - go, *([200, 400, 600] if name in ("dmc", "dnmc") else [500]))
    t = np.arange(batch.inputs.shape[1])
    stays = name.startswith("rt") or name in MATCH
    assert np.array_equal(batch.inputs[:, :, 0], t < (end if stays else go)[:, None])


@pytest.mark.parametrize("name", TASKS)
def test_yang_stimuli_and_responses(name):
    _, _, c = draw(name, 1500, profile="yang2019")
    first, second, answer = c["location_1"], c["location_2"], c["response"]
    strength = np.array([[c[f"strength_{k}_ring_{m}"] for m in (1, 2)] for k in (1, 2)])
    if name in GO:
        assert circular(answer, first) == pytest.approx(np.pi if "anti" in name else 0, abs=1e-9)
        assert set(strength[0].sum(axis=0)) == {1}
    elif name in MATCH:
        answers = ~np.isnan(answer)
        assert answers.mean() == pytest.approx(0.5, abs=0.03)
        assert np.array_equal(answer[answers], second[answers])
        on_match = answers if name in ("dms", "dmc") else ~answers
        if name.endswith("s"):
            assert circular(first, second)[on_match].max() < 1e-9
            assert circular(first, second)[~on_match].min() >= np.pi / 9 - 1e-9
        else:
            assert np.array_equal((first < np.pi) == (second < np.pi), on_match)
            assert len(np.unique(first.round(6))) == len(np.unique(second.round(6))) == 10
        assert (strength[0, 0] != strength[1, 0]).mean() == pytest.approx(0.5, abs=0.03)  # rings of their own
    else:
        kind = (TASKS.index(name) - 6) % 5
        assert circular(first, second).min() >= 0.5 * np.pi - 1e-9
        decide = {0: [0], 1: [1], 2: [0], 3: [1]}.get(kind, [0, 1])
        for_first = np.subtract(*strength[:, decide].sum(axis=1))
        assert np.array_equal(answer, np.where(for_first > 0, first, second))
        levels = [0.01, 0.02, 0.04, 0.08] if name in DM else [0.08, 0.16, 0.32]
        assert np.unique((np.abs(for_first) / 2 / len(decide)).round(6)).tolist() == pytest.approx(levels)
        if kind == 4:
            share = np.abs(strength[:, 0] - strength[:, 1]) / strength.mean(axis=1)
            assert 0.2 <= share.min() < 0.23
            assert 0.77 < share.max() <= 0.8


def test_yang_noise_targets_and_weights():
    task, noisy, c = draw("dms", 500, profile="yang2019", noise=True)
    clean = task.sample(500, np.random.default_rng(0), noise=False)
    t = np.arange(noisy.inputs.shape[1])
    live = t < noisy.lengths[:, None]
    noise = noisy.inputs - clean.inputs
    assert noise[live].std() == pytest.approx(0.0316, abs=0.0002)
    assert not noise[~live].any()
    # 0 for 100 ms, 1 until the response, 0 for 100 ms, 25 to the end; four times as much on fixation
    go, end = c["go"][:, None], c["end"][:, None]
    expected = np.select([t < 5, t < go, t < go + 5, t < end], [0, 1, 0, 25], 0)
    assert np.array_equal(noisy.weights[..., 1:], np.repeat(expected[..., None], 32, axis=2))
    assert np.array_equal(noisy.weights[..., 0], 4 * expected)
    answers = ~np.isnan(c["response"])
    due = live & (t >= go) & answers[:, None]
    assert noisy.targets[due][:, 0] == pytest.approx(0.05)
    assert noisy.targets[live & ~due][:, 0] == pytest.approx(0.8)
    assert noisy.targets[live & ~due][:, 1:] == pytest.approx(0.05)
    last = noisy.targets[answers, noisy.lengths[answers] - 1, 1:]
    away = circular(c["response"][answers, None], np.arange(32) * np.pi / 16)
    assert last == pytest.approx(0.05 + 0.8 * np.exp(-0.5 * (away * 8 / np.pi) ** 2), abs=1e-6)


def test_yang_answers_count_within_36_degrees():
    task, batch, c = draw("go", 300, profile="yang2019")
    for degrees, right in ((35, True), (-35, True), (37, False), (-37, False)):
        outputs = np.zeros_like(batch.targets)
        away = circular((c["response"] + np.deg2rad(degrees))[:, None], np.arange(32) * np.pi / 16)
        outputs[..., 1:] = np.exp(-0.5 * (away * 8 / np.pi) ** 2)[:, None]
        assert (task.score(outputs, batch) == right).all()
        outputs[..., 0] = 0.6
        assert not task.score(outputs, batch).any()


COMPARABLE = (*GO, "dm2", "dlydm1", "dlydm2", *MATCH)  # dm1 now has stimuli of varying length


@pytest.mark.parametrize("name", COMPARABLE)
def test_trials_of_neurogym_are_trials_of_ours(name):
    """What has not changed in neurogym since 2022: stimuli and targets after fixation, without noise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yang19 = pytest.importorskip("neurogym.envs.collections.yang19", exc_type=ImportError)
        env = getattr(yang19, name)().unwrapped
        env.sigma = 0
        env.reset(seed=1)
        theirs = [(env.new_trial(), env.ob[:, 1:].copy(), env.gt.copy())[1:] for _ in range(100)]
    _, batch, c = draw(name, 30000)
    start = c["stimulus_1_on"]
    ours = set()
    for trial, targets, first, end in zip(batch.inputs, batch.targets, start, batch.lengths, strict=True):
        ours.add((trial[first:end, 1:33].round(4).tobytes(), targets[first:end].astype(int).tobytes()))
    for ob, gt in theirs:
        lead = next(step for step in range(len(ob)) if ob[step].any())
        ob = np.pad(ob, ((0, 0), (0, 32 - ob.shape[1])))  # one ring, or two
        rounded = np.abs(ob[lead:]).astype(np.float32).round(4)
        assert (rounded.tobytes(), gt[lead:].astype(int).tobytes()) in ours
