"""Recurrent cells."""

from models.cells.rate import RateCell
from models.cells.spiking import SpikingCell

__all__ = ["RateCell", "SpikingCell"]
