"""Real connectomes and trained networks that come along, and ensembles of your own."""

from netanalysis.datasets.bundled import available, load
from netanalysis.datasets.trained import TrainedNetworks

__all__ = ["TrainedNetworks", "available", "load"]
