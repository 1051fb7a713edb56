"""Measure all epochs of the spiking networks in DIR: ``python data/trained/spiking.py DIR``.

Reads DIR/spiking_sernn.npz and DIR/spiking_l1.npz, written without ``--keep``, and writes spiking_statistics.csv next
to this file; README.md here says what each column is.
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
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    parts = []
    for group in ("spiking_sernn", "spiking_l1"):
        ensemble = Ensemble.load(folder / f"{group}.npz")
        rows = pd.DataFrame([structure(net) for net in tqdm(ensemble, desc=group, total=len(ensemble))])
        parts.append(pd.concat([ensemble.table, rows], axis=1).assign(group=group))
    path = Path(__file__).with_name("spiking_statistics.csv")
    with written_whole(path) as part:
        pd.concat(parts).to_csv(part, index=False, float_format="%.5g")


if __name__ == "__main__":
    main()
