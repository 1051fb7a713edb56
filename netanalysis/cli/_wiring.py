"""The wiring rules by which a network could have grown."""

from __future__ import annotations

from typing import Any

import click

import netanalysis as na
from netanalysis.cli._files import Files
from netanalysis.cli._options import default_of, reading, to_table, written
from netanalysis.cli._show import show_table
from netanalysis.connectome import Connectome
from netanalysis.generate.weights import OBJECTIVES

_SIZES = {
    "n_steps": "Points of a grid along each exponent.",
    "n_rounds": "Grids, each half as wide as the one before.",
    "n_networks": "Networks grown at every point.",
    "n_held_out": "New networks at the best point of each rule, of which the energies are.",
}


@click.command()
@click.argument("file")
@reading
@click.option(
    "--rules", metavar="NAMES", help="With commas; default: all, of directed networks all that mean something."
)
@click.option("--density", type=click.FloatRange(0, 1, min_open=True), help="Keep this share of pairs, the strongest.")
@click.option("--directed", is_flag=True, help="Grow connections from one node to another.")
@click.option("--weights", type=click.Choice(OBJECTIVES), help="Grow weights, too, by this objective.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Same seed, same answer.")
@written("--checkpoint", help="Append finished rounds here; resumes from it.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@to_table
def wiring(
    file: str,
    reading: Files,
    rules: str | None,
    density: float | None,
    directed: bool,
    weights: Any,
    seed: int,
    checkpoint: str | None,
    quiet: bool,
    output: str | None,
    **sizes: Any,
) -> None:
    """By which wiring rules FILE could have grown: exponents and energies, a row for each rule, the best first.

    It needs to know where its nodes are. Undirected unless --directed.

    \b
    netanalysis wiring human_schaefer100 --density 0.1 --rules spatial,matching
    """
    reading.heeded_by([file])
    net = reading.load(file)
    if not isinstance(net, Connectome):
        raise ValueError(
            f"{file} holds {len(net)} networks; na.save one of them, as na.load(...)[0], into its own file"
        )
    if density is not None:
        net = na.transform.threshold(net, density=density)
    chosen = None if rules is None else [name.strip() for name in rules.split(",")]
    options: Any = {"rules": chosen, "directed": directed, "weights": weights, "rng": seed, "checkpoint": checkpoint}
    show_table(na.fit_wiring(net, **options, **sizes, progress=not quiet).table(), output, of="wiring")


for _name, _help in _SIZES.items():
    click.option(
        f"--{_name.replace('_', '-')}",
        type=click.IntRange(1),
        default=default_of(na.fit_wiring, _name),
        show_default=True,
        help=_help,
    )(wiring)
