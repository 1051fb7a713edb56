"""Penalties equal their netanalysis counterparts, and their gradients agree with finite differences."""

from functools import partial

import numpy as np
import pytest
import torch

import netanalysis as na
from models import penalties
from models.space import Space, grid, sheet

SPACE = grid(3, 4)
PLACED = Space(
    SPACE.units, np.random.default_rng(1).random((3, 2)), np.random.default_rng(2).random((2, 2)), "manhattan"
)


def parameters(n=12, n_in=3, n_out=2, networks=2, seed=0):
    rng = np.random.default_rng(seed)
    shapes = {"W_in": (n_in, n), "W": (n, n), "W_out": (n, n_out)}
    return {name: torch.from_numpy(rng.normal(size=(networks, *shape))) for name, shape in shapes.items()}


EVERY = [
    ("l1", {}),
    ("l1", {"blocks": penalties.BLOCKS}),
    ("distance", {}),
    ("communicability", {}),
    ("communicability", {"diagonal": True, "normalize": "in"}),
    ("sernn", {}),
    ("bimt", {}),
    ("bimt", {"reduction": "mean"}),
    ("l1_proximal", {}),
    *(("resolvent", {"steps": 6, "alpha": alpha}) for alpha in (0.5, 0.8, 0.9, 1.0)),
    *(("resolvent", {"form": "inverse", "alpha": alpha}) for alpha in (0.1, 0.2)),
    ("resolvent_hop", {"steps": 6, "alpha": 0.7}),
]


def with_netanalysis(name, options, w_in, w, w_out):
    """The same number from the analysis package."""
    a, d = np.abs(w), SPACE.distances()
    c = na.communicability(w, normalize=options.get("normalize", "out"))
    if not options.get("diagonal", False):
        np.fill_diagonal(c, 0)
    match name:
        case "l1" | "l1_proximal":
            return sum(
                {"W_in": np.abs(w_in), "W": a, "W_out": np.abs(w_out)}[b].sum() for b in options.get("blocks", ["W"])
            )
        case "distance":
            return (a * na.Connectome(w, positions=SPACE.units).distances).sum()
        case "communicability":
            return (a * c).sum()
        case "sernn":
            return (a * d * c).sum()
        case "bimt":
            mean = options.get("reduction") == "mean"
            return sum(
                (np.mean if mean else np.sum)(np.abs(block) * (2 * PLACED.distances(key) + 0.5))
                for key, block in (("W_in", w_in), ("W", w), ("W_out", w_out))
            )
    hops = 200 if options.get("form") == "inverse" else 5
    paths = na.pathways(w, inputs=w_in, outputs=w_out, max_hops=hops, alpha=options.get("alpha", 0.9), normalize=None)
    return np.abs(paths.total).sum() if name == "resolvent" else np.abs(paths.maps).sum()


@pytest.mark.parametrize(("name", "options"), EVERY)
def test_equals_the_analysis(name, options):
    p = parameters()
    cost = penalties.get(name, PLACED if name == "bimt" else SPACE, **options)(p)
    for k in range(2):
        blocks = [p[b][k].numpy() for b in penalties.BLOCKS]
        assert float(cost[k]) == pytest.approx(with_netanalysis(name, options, *blocks), rel=1e-9)


@pytest.mark.parametrize(("name", "options"), EVERY)
def test_gradient_agrees_with_finite_differences(name, options):
    penalty = penalties.get(name, PLACED if name == "bimt" else SPACE, **options)
    p = parameters(seed=3)

    def cost(*blocks):
        return penalty(dict(zip(penalties.BLOCKS, blocks, strict=True)))

    assert torch.autograd.gradcheck(cost, [p[b].requires_grad_() for b in penalties.BLOCKS], atol=1e-5, rtol=1e-6)


def test_sernn_at_full_size_and_single_precision():
    rng = np.random.default_rng(0)
    w = rng.normal(size=(100, 100)).astype(np.float32)
    w[3] = 0  # a unit without output
    space = grid(5, 5, 4)
    expected = (np.abs(w) * space.distances() * na.communicability(w)).sum()
    got = penalties.get("sernn", space)({"W": torch.from_numpy(w)[None]})
    assert float(got) == pytest.approx(expected, rel=1e-6)


def test_detached_communicability_leaves_the_direct_gradient():
    w = torch.from_numpy(np.random.default_rng(0).normal(size=(1, 12, 12))).requires_grad_()
    (grad,) = torch.autograd.grad(penalties.get("sernn", SPACE, detach_communicability=True)({"W": w}).sum(), w)
    values = w.detach().numpy()[0]
    assert np.allclose(grad[0], np.sign(values) * SPACE.distances() * na.communicability(values), rtol=1e-9)
    (full,) = torch.autograd.grad(penalties.get("sernn", SPACE)({"W": w}).sum(), w)
    assert not np.allclose(full, grad, rtol=0.01)


def test_self_connections_are_free_except_through_communicability():
    w = torch.from_numpy(np.random.default_rng(0).normal(size=(1, 12, 12))).requires_grad_()
    for name in ("distance", "communicability", "sernn"):
        (grad,) = torch.autograd.grad(
            penalties.get(name, SPACE, **({} if name == "distance" else {"detach_communicability": True}))(
                {"W": w}
            ).sum(),
            w,
        )
        assert (grad[0].diagonal() == 0).all()
    (grad,) = torch.autograd.grad(penalties.get("sernn", SPACE)({"W": w}).sum(), w)
    assert (grad[0].diagonal() != 0).all()


def test_silent_units_give_no_nan():
    w = torch.zeros(1, 12, 12, dtype=torch.float64, requires_grad=True)
    cost = penalties.get("sernn", SPACE)({"W": w})
    (grad,) = torch.autograd.grad(cost.sum(), w)
    assert cost.item() == 0
    assert torch.isfinite(grad).all()


def test_uniform_weights_have_the_sum_of_communicability_of_the_paper():
    c = penalties.communicability(torch.ones(1, 100, 100, dtype=torch.float64))
    assert float(c.sum()) == pytest.approx(271.83, abs=0.005)
    c = penalties.communicability(7 * torch.ones(1, 100, 100, dtype=torch.float64))
    assert float(c.sum() - c[0].trace()) == pytest.approx(170.1, abs=0.05)


def test_hops_cannot_cancel_in_the_hopwise_form():
    p = parameters(networks=5)
    hop, total = (penalties.get(name, SPACE, steps=6)(p) for name in ("resolvent_hop", "resolvent"))
    assert (hop > total).all()
    positive = {k: v.abs() for k, v in p.items()}
    hop, total = (penalties.get(name, SPACE, steps=6)(positive) for name in ("resolvent_hop", "resolvent"))
    assert torch.allclose(hop, total, rtol=1e-12)


def test_walks_of_any_length_are_the_limit_of_truncated_ones():
    p = parameters(networks=3)
    p["W"] *= 0.25
    whole = penalties.get("resolvent", form="inverse")(p)
    for steps, close in ((2, False), (400, True)):
        assert torch.allclose(whole, penalties.get("resolvent", steps=steps)(p), rtol=1e-9) is close


def test_where_walks_diverge_the_cost_is_infinite_and_others_do_not_notice():
    p = parameters(networks=4)
    radius = torch.linalg.eigvals(p["W"]).abs().amax(-1)
    p["W"] *= (torch.tensor([0.5, 1.0, 1 / 0.9 + 1e-9, 1.5]) / radius)[:, None, None]
    p["W"][1] = torch.eye(12, dtype=torch.float64) / 0.9  # I - 0.9 W is 0: there is no inverse
    penalty = penalties.get("resolvent", form="inverse")
    cost = penalty({name: value.requires_grad_() for name, value in p.items()})
    assert torch.isinf(cost).tolist() == [False, True, True, True]
    (grad,) = torch.autograd.grad(cost[0], p["W"])
    alone = {name: value[:1].detach().requires_grad_() for name, value in p.items()}
    (wanted,) = torch.autograd.grad(penalty(alone).sum(), alone["W"])
    assert torch.allclose(grad[:1], wanted, rtol=1e-12)


def test_a_soft_threshold_leaves_exact_zeros():
    p = {"W": torch.tensor([[[-0.3, 0.2], [0.05, -0.05]], [[-0.3, 0.2], [0.05, -0.05]]])}
    penalties.get("l1_proximal").shrink(p, torch.tensor([0.1, 0.0]))
    assert torch.allclose(p["W"][0], torch.tensor([[-0.2, 0.1], [0.0, 0.0]]))
    assert (p["W"][0, 1] == 0).all()
    assert torch.equal(p["W"][1], torch.tensor([[-0.3, 0.2], [0.05, -0.05]]))


def test_old_names_of_options_still_work_and_say_what_they_are_called_now():
    p = parameters()
    for old, new in (("comm", "communicability"), ("detach_comm", "detach_communicability")):
        for make in (penalties.Wiring, partial(penalties.get, "sernn")):
            with pytest.warns(FutureWarning, match=f"{old}=.* is now {new}="):
                cost = make(SPACE, **{old: False})(p)
            assert torch.equal(cost, make(SPACE, **{new: False})(p))


def test_options_out_of_bounds_or_unknown_are_refused_by_name():
    for name, options, error, message in (
        ("l2", {}, ValueError, "'none' or one of .*; got 'l2'"),
        ("l1", {"block": ("W",)}, TypeError, "the penalty 'l1' takes blocks; got block"),
        ("l1", {"blocks": ("V",)}, ValueError, "blocks must be some of"),
        ("l1", {"blocks": "W_in"}, ValueError, "blocks must be some of"),
        ("sernn", {"normalize": "both"}, ValueError, "normalize must be one of"),
        ("sernn", {"communicable": True}, TypeError, "the penalty 'sernn' takes distance, communicability"),
        ("bimt", {"a": np.nan}, ValueError, "a must be at least 0; got nan"),
        ("bimt", {"y0": -1}, ValueError, "y0 must be at least 0; got -1"),
        ("bimt", {"reduction": "max"}, ValueError, "reduction must be one of"),
        ("resolvent", {"steps": 0}, ValueError, "steps must be at least 1; got 0"),
        ("resolvent", {"steps": 6, "alpha": -0.9}, ValueError, "alpha must be above 0 and at most 1; got -0.9"),
        ("resolvent", {"steps": 6, "alpha": 1.1}, ValueError, "alpha must be above 0 and at most 1; got 1.1"),
        ("resolvent", {}, ValueError, "steps must be the inputs in a sequence"),
        ("resolvent", {"form": "all"}, ValueError, "form must be one of"),
        ("resolvent", {"form": "inverse", "steps": 6}, ValueError, "steps are of form='truncated'"),
        ("resolvent_hop", {"form": "inverse"}, ValueError, "reduction must be 'sum'"),
    ):
        with pytest.raises(error, match=message):
            penalties.get(name, PLACED, **options)


def test_only_penalties_on_distance_need_a_space():
    p, refused = parameters(), set()
    for name, options in EVERY:
        try:
            without = penalties.get(name, **options)
        except ValueError:
            refused.add(name)
        else:
            assert torch.equal(without(p), penalties.get(name, SPACE, **options)(p))
    for name in refused:
        with pytest.raises(ValueError, match="a penalty on distance needs a space"):
            penalties.get(name)
    assert refused >= {"distance", "sernn", "bimt"}
    assert not refused & {"l1", "communicability", "resolvent", "resolvent_hop"}


def test_a_penalty_serves_weights_of_either_precision_at_once():
    p = parameters()
    single = {name: value.float() for name, value in p.items()}
    for name in ("distance", "sernn", "bimt"):
        penalty, fresh = (penalties.get(name, PLACED) for _ in range(2))
        assert penalty(single).dtype == torch.float32
        assert torch.equal(penalty(p), fresh(p))


def test_bimt_without_distance_is_l1():
    p = parameters()
    cost = penalties.get("bimt", PLACED, a=0.0, y0=1.0)(p)
    assert torch.equal(cost, penalties.get("l1", PLACED, blocks=penalties.BLOCKS)(p))


def test_geometry_of_the_papers():
    d = grid(5, 5, 4).distances()
    off = d[~np.eye(100, dtype=bool)]
    assert off.mean() == pytest.approx(3.0577, abs=1e-4)
    assert off.max() == pytest.approx(np.sqrt(41))
    assert off.min() == 1
    assert d.sum() == pytest.approx(30271.04, abs=0.005)
    space = sheet(10)
    assert space.distances("W_in").shape == (53, 100)
    assert space.distances("W_out").shape == (100, 17)
    with pytest.raises(ValueError, match="inputs and outputs"):
        grid(2, 2).distances("W_in")


def test_inputs_and_outputs_face_the_grid():
    space = grid(5, 5, 4, inputs=8, outputs=4)
    assert np.array_equal(space.units, grid(5, 5, 4).units)
    assert np.allclose(space.inputs[:, 2], -1)
    assert np.allclose(space.outputs[:, 2], 4)
    for places in (space.inputs, space.outputs):
        assert np.allclose(np.linalg.norm(places[:, :2] - 2, axis=1), 1)
        assert len(np.unique(places.round(9), axis=0)) == len(places)
    assert space.distances("W_in").min() >= 1
    for shape, sides in (((5, 5), {"inputs": 8, "outputs": 4}), ((5, 5, 4), {"inputs": 8})):
        with pytest.raises(ValueError, match="inputs and outputs need a grid of three lengths, and both"):
            grid(*shape, **sides)
    with pytest.raises(ValueError, match="outputs must be at least 0; got -1"):
        grid(5, 5, 4, inputs=8, outputs=-1)


def test_spaces_out_of_bounds_are_refused_by_name():
    for sizes, error, message in (
        ((), ValueError, "at least one length"),
        ((5, 0), ValueError, "each length of shape must be at least 1; got 0"),
        ((2.5,), TypeError, "each length of shape must be an integer; got 2.5"),
    ):
        with pytest.raises(error, match=message):
            grid(*sizes)
    with pytest.raises(ValueError, match="side must be at least 1; got 0"):
        sheet(0)
    units = np.zeros((4, 2))
    for arguments, message in (
        ({"units": units, "metric": "chebyshev"}, "metric must be one of"),
        ({"units": units[0]}, r"units must have shape \(any, any\)"),
        ({"units": units, "inputs": units}, "both have positions, or neither"),
        ({"units": units, "inputs": units, "outputs": np.zeros((1, 3))}, r"outputs must have shape \(any, 2\)"),
        ({"units": units * np.nan}, "units must be finite"),
    ):
        with pytest.raises(ValueError, match=message):
            Space(**arguments)
