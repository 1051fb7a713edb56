"""What is done to every network before a command looks at it: ``--transform threshold:density=0.1``."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import click

from netanalysis import transform
from netanalysis.connectome import Connectome

# Those that take a network and options of numbers and words.
NAMES = (
    "symmetrize", "remove_self_connections", "threshold", "absolute", "positive_part", "negative_part", "binarize",
    "normalize", "largest_component", "backbone", "invert",
)  # fmt: skip


def parsed(ctx: click.Context, option: click.Parameter, specs: Iterable[str]) -> list[tuple[str, dict[str, Any]]]:
    """Names of transforms, each with its options."""
    return [_parsed(spec) for spec in specs]


def _parsed(spec: str) -> tuple[str, dict[str, Any]]:
    name, _, rest = spec.partition(":")
    if name not in NAMES:
        raise click.BadParameter(f"{name!r} is none of {', '.join(NAMES)}; write NAME or NAME:option=value")
    known = list(inspect.signature(getattr(transform, name)).parameters)[1:]
    options = {}
    for part in filter(None, rest.split(",")):
        key, equals, value = (text.strip() for text in part.partition("="))
        if key not in known or not equals:
            has = f"its options are {', '.join(known)}" if known else "it has no options"
            raise click.BadParameter(f"{part!r} is no option of {name}: {has}, written {name}:option=value")
        options[key] = _value(value)
    return name, options


def _value(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def applied(net: Connectome, steps: Iterable[tuple[str, dict[str, Any]]]) -> Connectome:
    """The network after all of them, in their order."""
    for name, options in steps:
        net = getattr(transform, name)(net, **options)
    return net
