"""What kind of object came, asked without importing the library that it may be of."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np


def is_instance(obj: Any, module: str, class_name: str) -> bool:
    """isinstance without importing: an object of a library exists only if the library is loaded."""
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(obj, getattr(loaded, class_name, ()))


def is_state_dict(net: Any) -> bool:
    """Whether it is a mapping of names to torch's tensors."""
    return isinstance(net, Mapping) and any(is_instance(value, "torch", "Tensor") for value in net.values())


def lists_networks(nets: Any) -> bool:
    """Whether it is a list of networks of any kind, rather than one array as a list."""
    if not isinstance(nets, (list, tuple)) or not len(nets) or isinstance(nets[0], (list, tuple)):
        return False
    return not isinstance(nets[0], np.ndarray) or nets[0].ndim == 2
