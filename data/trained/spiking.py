"""Measure snapshots of spiking networks: ``python data/trained/spiking.py spiking_sernn=run/spiking_sernn.npz``.

Reads files written without ``--keep``. Writes ``spiking_statistics.csv``, by default next to this file; rows of the
same group, network and epoch are replaced, others stay. README.md here says what each column is.
"""

import argparse
from pathlib import Path

from measure import HERE, structures, update

from models import Ensemble


def main() -> None:
    """Measure the files given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="GROUP=FILE")
    parser.add_argument("-o", "--output", type=Path, default=HERE)
    options = parser.parse_args()
    ensembles = ((group, Ensemble.load(path)) for group, path in (f.split("=", 1) for f in options.files))
    update(options.output / "spiking_statistics.csv", [structures(*item) for item in ensembles])


if __name__ == "__main__":
    main()
