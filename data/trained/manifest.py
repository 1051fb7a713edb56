"""List the ensembles of this folder in manifest.json, with checksums: ``python data/trained/manifest.py``."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
ONE_CHOICE = "100-unit rate networks trained on one-choice inference with a penalty on "
WHAT = {
    "sernn": (
        ONE_CHOICE + "distance x communicability of connections (spatially embedded)",
        "10.1038/s42256-023-00748-9",
    ),
    "l1": (ONE_CHOICE + "the sum of absolute weights", "10.1038/s42256-023-00748-9"),
    "distance": (ONE_CHOICE + "the distance of connections", "10.1038/s42256-023-00748-9"),
    "communicability": (ONE_CHOICE + "the communicability of connections", "10.1038/s42256-023-00748-9"),
}
CITATION = "Trained by this package, after Achterberg J et al. (2023) Nature Machine Intelligence 5:1369-1381"


def main() -> None:
    """Write the manifest."""
    manifest: dict[str, dict[str, Any]] = {}
    for name, (what, doi) in WHAT.items():
        path = HERE / f"{name}.npz"
        if not path.exists():
            continue
        content = path.read_bytes()
        with np.load(path) as arrays:
            shape = arrays["weights"].shape
            command = json.loads(str(arrays["netanalysis"]))["metadata"]["command"]
        manifest[name] = {
            "kind": "ensemble",
            "file": f"trained/{path.name}",
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
            "species": "none (trained network)",
            "n_nodes": shape[-1],
            "n_networks": shape[0],
            "directed": True,
            "weighted": True,
            "signed": True,
            "what": what,
            "licence": "BSD-3-Clause",
            "doi": doi,
            "citation": CITATION,
            "command": command,
        }
        print(f"{len(content):>9} {path.name}")
    (HERE / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
