"""``--transform`` changes every network before a command looks at it, and tables say so."""

from io import StringIO

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import netanalysis as na
from netanalysis.cli import main


@pytest.fixture
def file(tmp_path):
    w = np.random.default_rng(0).random((20, 20))
    np.savetxt(tmp_path / "n.csv", w, delimiter=",")
    return str(tmp_path / "n.csv"), w


def measured(file, *more):
    result = CliRunner().invoke(main, ["measure", file, "--orientation", "source_target", *more])
    assert result.exit_code == 0, result.output
    return pd.read_csv(StringIO(result.stdout)).set_index("measure")


def test_transforms_are_those_of_the_library_in_their_order(file):
    path, w = file
    table = measured(
        path, "--measures", "density,total_weight,reciprocity",
        "--transform", "remove_self_connections", "--transform", "threshold:density=0.1",
        "--transform", "symmetrize:how=max",
    )  # fmt: skip
    expected = na.transform.symmetrize(
        na.transform.threshold(na.transform.remove_self_connections(w), density=0.1), how="max"
    )
    assert table.value["density"] == na.density(expected)
    assert table.value["total_weight"] == pytest.approx(expected.sum(), rel=1e-12)
    assert table.value["reciprocity"] == 1
    assert table.history["density"].endswith("remove_self_connections; threshold(density=0.1); symmetrize(how='max')")


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("shuffle", "'shuffle' is none of symmetrize, remove_self_connections, threshold"),
        ("threshold:dens=0.1", "'dens=0.1' is no option of threshold: its options are density, weight, signs"),
        ("absolute:x=1", "'x=1' is no option of absolute: it has no options"),
        ("threshold:density=2", "density"),
        ("symmetrize:how=median", "how must be one of"),
    ],
)
def test_what_is_no_transform_is_said(file, spec, message):
    result = CliRunner().invoke(main, ["measure", file[0], "--orientation", "source_target", "--transform", spec])
    assert result.exit_code != 0
    assert message in " ".join(result.output.split())


def test_a_table_is_made_again_with_its_transforms(file, tmp_path):
    out = str(tmp_path / "m.csv")
    measured_to = ["measure", file[0], "--orientation", "source_target", "--measures", "density", "-o", out]
    assert CliRunner().invoke(main, [*measured_to, "--transform", "threshold:density=0.2"]).exit_code == 0
    again = CliRunner().invoke(main, ["rerun", out])
    assert again.exit_code == 0, again.output


def test_ensembles_of_trained_networks_are_not_changed():
    result = CliRunner().invoke(main, ["measure", "resolvent", "--measures", "density", "--transform", "absolute"])
    assert result.exit_code != 0
    assert "resolvent is an ensemble of trained networks, which --transform does not change" in result.output
