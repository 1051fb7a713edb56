"""Recurrent cells: what one is (:class:`Cell`), and those that recipes in files may name."""

from models.cells._protocol import Cell, Parameters
from models.cells.gru import GRUCell
from models.cells.lstm import LSTMCell
from models.cells.rate import RateCell
from models.cells.spiking import SpikingCell

__all__ = ["CELLS", "Cell", "GRUCell", "LSTMCell", "Parameters", "RateCell", "SpikingCell"]

CELLS: dict[str, type[Cell]] = {cell.__name__: cell for cell in (RateCell, SpikingCell, GRUCell, LSTMCell)}
