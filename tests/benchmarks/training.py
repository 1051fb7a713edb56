"""Time per network and training step: ensembles against torch.nn.RNN loops. ``python tests/benchmarks/training.py``

One-choice inference, 100 units, 50 steps, batch 128, seRNN penalty. The rivals run in turn, several rounds; the
fastest round of each counts. Time on the wall is what counts on an idle machine; processor time is what tells where
others are at work. ``--profile`` says where the time goes, ``--device cuda`` times batched products instead.
"""

import argparse
import multiprocessing
import time

import numpy as np
import torch

from models import penalties, recipes
from models.draws import TRAIN, Trials, stream
from models.loop import Trainer
from models.training import train


def torch_loop(steps, threads=None, seed=0):
    """What one would write without this package: nn.RNN, autograd, matrix_exp, torch.optim.Adam."""
    if threads:
        torch.set_num_threads(threads)
    recipe = recipes.get("sernn")
    task = recipe.make_task()
    rnn, read_out = torch.nn.RNN(8, 100, nonlinearity="relu"), torch.nn.Linear(100, 4)
    optimizer = torch.optim.Adam([*rnn.parameters(), *read_out.parameters()])
    distances = torch.from_numpy(recipe.space.distances()).float()
    torch.nn.init.orthogonal_(rnn.weight_hh_l0)
    for step in range(steps):
        if step == 1:
            start = _now()
        batch = task.sample(128, stream(seed, TRAIN, step))
        h, _ = rnn(torch.from_numpy(batch.inputs).transpose(0, 1).contiguous())
        a = rnn.weight_hh_l0.T.abs()
        scale = a.sum(1).rsqrt()
        c = torch.matrix_exp(scale[:, None] * a * scale)
        c = c - torch.diag(c.diag())
        loss = torch.nn.functional.cross_entropy(read_out(h[-1]), torch.from_numpy(batch.targets))
        optimizer.zero_grad()
        (loss + 0.1 * (a * distances * c).sum()).backward()
        optimizer.step()
    return (_now() - start) / (steps - 1)


def two_processes(steps):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        times = np.array(pool.starmap(torch_loop, [(steps, 1, 0), (steps, 1, 1)]))
    return np.array([times[:, 0].max() / 2, times[:, 1].mean()])


def ensemble(networks, steps, device):
    recipe = recipes.get("sernn", epochs=1, steps=steps, held_out=8)
    train(recipes.get("sernn", epochs=1, steps=1, held_out=8), 0.1, range(2), device=device, progress=False)
    start = _now()
    train(recipe, 0.1, range(networks), device=device, progress=False)
    if device != "cpu":
        torch.cuda.synchronize()
    return (_now() - start) / (networks * steps)


def _now():
    """Seconds on the wall and of the processor, all threads of this process together."""
    return np.array([time.perf_counter(), time.process_time()])


def fastest(function, repeats=20):
    best = np.full(2, np.inf)
    for _ in range(repeats):
        start = _now()
        function()
        best = np.minimum(best, _now() - start)
    return best


def arithmetic():
    """Matrix products of one network and step, on one thread, with nothing around them; on the wall, all cores busy."""
    cores = torch.get_num_threads()
    torch.set_num_threads(1)
    x, h, w = torch.rand(1, 6400, 8), torch.rand(1, 50, 128, 100), torch.rand(1, 100, 100)
    steps, out = h.unbind(1), torch.empty(1, 128, 100)
    w_in = torch.rand(1, 8, 100)

    def products():
        torch.bmm(x, w_in)
        for _ in range(2):
            for state in steps:
                torch.bmm(state, w, out=out)
        torch.bmm(h.flatten(1, 2).mT, h.flatten(1, 2))
        torch.bmm(x.mT, h.flatten(1, 2))
        for _ in range(15):
            torch.bmm(w, w)

    return fastest(products) * [1 / cores, 1]


def profile():
    """Milliseconds of the parts of a step, on one thread."""
    torch.set_num_threads(1)
    recipe = recipes.get("sernn")
    trainer = Trainer(recipe, "cpu")
    seeds = torch.arange(1).numpy()
    group = trainer.start(seeds * 0.1, seeds)
    p = {k: v.detach().requires_grad_() for k, v in trainer.layout.views(group.theta).items()}
    trials = Trials.draw(trainer.task, 128, seeds, TRAIN)
    penalty = penalties.get("sernn", recipe.space)

    def backward():
        loss = trainer._loss(p, trainer._states(p, trials), trials)
        torch.autograd.grad(loss.sum(), list(p.values()))

    with torch.no_grad():
        forward = fastest(lambda: trainer._states(p, trials))
    parts = {
        "trials": fastest(lambda: Trials.draw(trainer.task, 128, seeds, TRAIN)),
        "forward": forward,
        "read-out and backward": fastest(backward) - forward,
        "penalty and its gradient": fastest(lambda: torch.autograd.grad(penalty(p).sum(), p["W"])),
        "the whole step": fastest(lambda: trainer._update(group, 0)),
    }
    for name, (_, seconds) in parts.items():
        print(f"{name:28}{seconds * 1e3:8.2f} ms")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--networks", type=int, default=64)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    if options.profile:
        profile()
        return
    threads = torch.get_num_threads()
    best = {}
    for _ in range(options.rounds):
        torch.set_num_threads(threads)
        for name, time_it in (
            ("torch.nn.RNN, one after the other", lambda: torch_loop(2 * options.steps)),
            ("torch.nn.RNN, two processes", lambda: two_processes(2 * options.steps)),
            ("ensemble", lambda: ensemble(options.networks, options.steps, options.device)),
            ("matrix products alone", arithmetic),
        ):
            best[name] = np.minimum(best.get(name, np.inf), time_it())
    print(f"{'ms per network and step':40}{'wall':>8}{'ratio':>8}{'processor':>12}{'ratio':>8}")
    for name, (wall, processor) in best.items():
        ratio = best[name] / best["ensemble"]
        print(f"{name:40}{wall * 1e3:8.2f}{ratio[0]:8.2f}{processor * 1e3:12.2f}{ratio[1]:8.2f}")


if __name__ == "__main__":
    main()
