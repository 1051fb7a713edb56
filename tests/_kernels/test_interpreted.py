"""The Python bodies of compiled kernels give what the compiled ones do, and tests run nearly all of their lines."""

import ast
import json
import os
import subprocess
import sys
from fnmatch import fnmatch

import pytest

from tests.conftest import ROOT

# The tests of modules that have kernels: small networks, on which Python is fast enough.
TESTS = [
    *(f"structure/test_{name}.py" for name in ("betweenness", "cores", "communicability", "clustering", "communities")),
    *(f"structure/test_{name}.py" for name in ("constant_potts", "first_passage", "motifs", "paths", "path_ranking")),
    *(f"structure/test_{name}.py" for name in ("pathways", "routes", "self_avoiding", "small_world", "spectrum")),
    *(f"nulls/test_{name}.py" for name in ("nulls", "blocks", "correlation")),
    "activity/test_alignment.py",
    "activity/test_coupling.py",
    "activity/test_selectivity.py",
    "_core/test_direction.py",
    "generate/test_growth.py",
    "groups/test_threshold_free.py",
]
KERNELS = "netanalysis/_kernels/*", "netanalysis/*/kernels/*"
LLVM = "netanalysis/_kernels/llvm.py"  # has no Python bodies: numpy stands in, see tests/interpreted.py


def test_every_intrinsic_has_a_stand_in():
    """In a second, what the test below needs half an hour to find."""
    written = ast.parse((ROOT / "netanalysis/_kernels/llvm.py").read_text()).body
    intrinsics = {f.name for f in written if isinstance(f, ast.FunctionDef) and f.decorator_list}
    stand_ins = {f.name for f in ast.parse((ROOT / "tests/interpreted.py").read_text()).body if hasattr(f, "name")}
    assert len(intrinsics) > 8
    assert intrinsics <= stand_ins


@pytest.mark.slow
def test_kernels_are_covered_as_python(tmp_path, reported):
    (tmp_path / "config").write_text("[report]\nexclude_also =\n    from numba\n")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal"]
    command += ["-p", "tests.interpreted", "-W", "ignore"]
    command += ["--cov=netanalysis", f"--cov-config={tmp_path / 'config'}", f"--cov-report=json:{tmp_path / 'c.json'}"]
    environment = os.environ | {
        "NUMBA_DISABLE_JIT": "1",
        "NETANALYSIS_INTERPRETED_SECONDS": "10",
        "COVERAGE_FILE": str(tmp_path / "data"),
    }
    done = subprocess.run(
        [*command, *(f"tests/{test}" for test in TESTS)], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    print(done.stdout[-3000:])
    measured = json.loads((tmp_path / "c.json").read_text())
    files = {path: file["summary"] for path, file in sorted(measured["files"].items()) if _is_kernel(path)}
    for path, summary in files.items():
        cells = {"lines": summary["num_statements"], "run": f"{summary['percent_covered']:.0f} %"}
        reported("Kernels", kernels=path.removeprefix("netanalysis/"), **cells)
    lines, run = (sum(summary[key] for summary in files.values()) for key in ("num_statements", "covered_lines"))
    reported("Kernels", kernels="all", lines=lines, run=f"{100 * run / lines:.1f} %")
    assert done.returncode == 0
    assert 1_000 < lines < 10_000
    assert run >= 0.9 * lines


def _is_kernel(path):
    return path != LLVM and any(fnmatch(path, pattern) for pattern in KERNELS)
