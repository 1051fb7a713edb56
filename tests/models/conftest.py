"""One torch thread (on arrays this small more of them only wait for each other), and a task that shows wiring."""

import numpy as np
import pytest
import torch

from models.tasks import Batch


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Impulse:
    """One unit of input in the first step; a task of one's own."""

    name, kind, read_out, n_in, n_out = "impulse", "regression", "every", 2, 2

    def sample(self, batch, rng, *, noise=True):
        x = np.zeros((batch, 4, 2), np.float32)
        x[np.arange(batch), 0, np.arange(batch) % 2] = 1
        weights = np.ones((batch, 4), np.float32)
        return Batch(inputs=x, targets=np.zeros_like(x), weights=weights, conditions={"input": np.arange(batch) % 2})

    def score(self, outputs, batch):
        return np.abs(outputs).max(axis=(1, 2)) < 0.1


@pytest.fixture
def impulse():
    return Impulse()
