"""Rebuild the bundled data sets from pinned wheels: ``python data/build.py [--check]``.

Needs numpy, pip and a package index. Wheels are downloaded, compared with the sha256 in manifest.json and read
as zip archives: nothing in them is imported, executed or unpickled. ``--check`` writes to a temporary folder
and compares with the manifest instead of updating it.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sources import FILES

HERE = Path(__file__).resolve().parent
MANIFEST = HERE / "manifest.json"
# One platform for all: the data are the same in every wheel, the checksums are not.
PIP = (
    *("-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"),
    *("--python-version=3.11", "--implementation=cp", "--platform=manylinux2014_x86_64"),
)


class Wheel:
    """A downloaded, verified wheel, read as the zip archive it is."""

    def __init__(self, requirement: str, pinned: Mapping[str, str], folder: Path) -> None:
        path = folder / pinned["file"]
        if not path.exists():
            subprocess.run([sys.executable, *PIP, "--dest", str(folder), requirement], check=True)
        got = hashlib.sha256(path.read_bytes()).hexdigest()
        if got != pinned["sha256"]:
            raise SystemExit(f"{path.name}: sha256 is {got}, manifest.json pins {pinned['sha256']}")
        self.archive = zipfile.ZipFile(path)

    def licence(self) -> str:
        """The licence text that the package asks to hand on, or the line of its metadata that names it."""
        members = [m for m in self.archive.namelist() if re.search(r"\.dist-info/(licenses/)?LICEN[SC]E", m)]
        if members:
            return self.text(members[0]).replace("\r\n", "\n").strip() + "\n"
        metadata = next(m for m in self.archive.namelist() if m.endswith(".dist-info/METADATA"))
        lines = [
            v for v in self.text(metadata).splitlines() if re.match("Name:|Version:|Author|Classifier: License", v)
        ]
        return "\n".join(lines) + "\n"

    def text(self, member: str) -> str:
        """A text member."""
        return self.archive.read(member).decode()

    def json(self, member: str) -> Any:
        """A JSON member."""
        return json.loads(self.text(member))

    def npz(self, member: str) -> dict[str, NDArray[Any]]:
        """The arrays of an .npz member; object arrays are refused."""
        with np.load(io.BytesIO(self.archive.read(member)), allow_pickle=False) as arrays:
            return dict(arrays)

    def table(self, member: str) -> list[list[str]]:
        """The rows of a comma-separated member, without its header."""
        return [line.split(",") for line in self.text(member).splitlines()[1:]]


def write_npz(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """A compressed .npz with fixed timestamps, so that the same arrays give the same bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        for key, value in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(value), version=(1, 0), allow_pickle=False)
            info = zipfile.ZipInfo(f"{key}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, member.getvalue(), zipfile.ZIP_DEFLATED, 9)


def main() -> None:
    """Build every file, then update the manifest or compare with it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the manifest, change nothing")
    parser.add_argument("--wheels", type=Path, help="folder of wheels to use and to fill")
    options = parser.parse_args()
    manifest = json.loads(MANIFEST.read_text())
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.wheels or Path(scratch)
        pins = {requirement.partition("==")[0]: (requirement, pin) for requirement, pin in manifest["wheels"].items()}
        opened: dict[str, Wheel] = {}

        def wheel(package: str) -> Wheel:
            if package not in opened:
                opened[package] = Wheel(*pins[package], folder)
            return opened[package]

        files = {}
        for build in FILES:
            path = (Path(scratch) if options.check else HERE) / f"{build.__name__}.npz"
            write_npz(path, build(wheel))
            content = path.read_bytes()
            files[path.name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            print(f"{len(content):>9} {path.name}")
        if not options.check:
            for package, opener in opened.items():
                (HERE / "licences" / f"{package}.txt").write_text(opener.licence(), encoding="utf-8")
    if not options.check:
        MANIFEST.write_text(json.dumps(manifest | {"files": files}, indent=2, ensure_ascii=False) + "\n")
    elif different := sorted(name for name in files if files[name] != manifest["files"].get(name)):
        raise SystemExit(f"not as in manifest.json: {', '.join(different)} (another zlib compresses differently)")


if __name__ == "__main__":
    main()
