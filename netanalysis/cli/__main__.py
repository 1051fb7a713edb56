"""``python -m netanalysis.cli``."""

from netanalysis.cli import main

main()
