"""Torch definitions that grow connectomes for netanalysis.

A :class:`~models.recipes.Recipe` names task, cell, penalty and optimiser; :func:`~models.train.train` takes it with
penalty strengths and seeds and returns an :class:`~models.ensemble.Ensemble`, whose members are
:class:`netanalysis.Connectome` and whose activity is :class:`netanalysis.Recording`. From the command line:
``python -m models train sernn -o DIR``.
"""

from models import penalties, recipes, space, tasks
from models.cells import RateCell
from models.ensemble import Ensemble
from models.recipes import Recipe
from models.spiking import SpikingCell
from models.train import train

__all__ = ["Ensemble", "RateCell", "Recipe", "SpikingCell", "penalties", "recipes", "space", "tasks", "train"]
