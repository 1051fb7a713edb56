"""Torch definitions that grow connectomes for netanalysis.

A :class:`Recipe` names task, cell, penalty and optimiser; :func:`train` takes it with penalty strengths and seeds and
returns an :class:`Ensemble`, whose members are :class:`netanalysis.Connectome` and whose activity is
:class:`netanalysis.Recording`. From the command line: ``python -m models train sernn -o DIR``.

A network that is trained elsewhere is penalised, ``loss + gamma * penalize(module, "sernn", space=space)``, and
watched: ``with watch(module, optimizer, "run.npz", every=100): …`` records its trajectory.

A penalty of your own is a function of the parameters, a task of your own a small class (see :mod:`models.tasks`), a
cell of your own a dataclass (:class:`models.cells.Cell`):

>>> def squares(p):
...     return (p["W"] ** 2).sum((-2, -1))
>>> recipe = recipes.get("sernn", name="squares", penalty=squares, epochs=1, steps=2, batch=8, held_out=8)
>>> train(recipe, gammas=0.01, seeds=[0, 1], progress=False).at(1)
<Ensemble squares: 2 snapshots of 2 networks>
"""

from models import cells, penalties, recipes, space, tasks
from models.cells import GRUCell, LSTMCell, RateCell, SpikingCell
from models.differentiating import Jacobians, jacobian_pathways, jacobians
from models.ensemble import Ensemble
from models.penalizing import penalize
from models.recipes import Recipe
from models.relocation import settle
from models.resting import FixedPoints, fixed_points
from models.training import train
from models.watching import Watch, watch

__all__ = [
    "Ensemble",
    "FixedPoints",
    "GRUCell",
    "Jacobians",
    "LSTMCell",
    "RateCell",
    "Recipe",
    "SpikingCell",
    "Watch",
    "cells",
    "fixed_points",
    "jacobian_pathways",
    "jacobians",
    "penalize",
    "penalties",
    "recipes",
    "settle",
    "space",
    "tasks",
    "train",
    "watch",
]
