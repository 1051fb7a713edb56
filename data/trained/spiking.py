"""Measure all epochs of spiking networks: ``python data/trained/spiking.py SERNN.npz L1.npz [-o FOLDER]``.

Reads files written without ``--keep``, and writes spiking_statistics.csv, by default next to this file; README.md here
says what each column is.
"""

import argparse
from pathlib import Path

import pandas as pd
from measure import structure
from tqdm import tqdm

from models import Ensemble
from netanalysis._core.files import written_whole


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ensembles", nargs="+", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).resolve().parent)
    options = parser.parse_args()
    parts = []
    for path in options.ensembles:
        ensemble = Ensemble.load(path)
        group = ensemble.recipe.name
        rows = pd.DataFrame([structure(net) for net in tqdm(ensemble, desc=group, total=len(ensemble))])
        parts.append(pd.concat([ensemble.table, rows], axis=1).assign(group=group))
    with written_whole(options.output / "spiking_statistics.csv") as part:
        pd.concat(parts).to_csv(part, index=False, float_format="%.5g")


if __name__ == "__main__":
    main()
