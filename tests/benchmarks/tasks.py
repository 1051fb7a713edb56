"""Steps of the 20 cognitive tasks drawn per second of one core: ``OMP_NUM_THREADS=1 python -m tests.benchmarks.tasks``.

Steps before the end of each trial count, padding does not. Target: 500,000.
"""

import time

import numpy as np

from models.tasks.cognitive import Cognitive


def rate(task, batch, seconds=1.0):
    rng, steps = np.random.default_rng(0), 0
    task.sample(batch, rng)
    start = time.process_time()
    while (passed := time.process_time() - start) < seconds:
        steps += int(task.sample(batch, rng).lengths.sum())
    return steps / passed


if __name__ == "__main__":
    for options in ({}, {"profile": "yang2019"}, {"profile": "yang2019", "block": 64}):
        for batch in (64, 512):
            print(f"{options} batch {batch}: {rate(Cognitive(**options), batch):,.0f} steps/s")
