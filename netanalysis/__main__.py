"""``python -m netanalysis``."""

from netanalysis.cli import main

main(prog_name="netanalysis")
