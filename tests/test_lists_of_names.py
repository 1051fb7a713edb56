"""Arguments that list names: what is none is refused by the name of the argument, before anything is computed."""

import numpy as np
import pandas as pd
import pytest

import netanalysis as na

RNG = np.random.default_rng(0)
W = RNG.random((12, 12)) * (1 - np.eye(12))
PEOPLE = RNG.random((8, 12, 12)) + W + W.T
PEOPLE = PEOPLE + PEOPLE.swapaxes(1, 2)
GROUP = pd.Series(["a", "b"] * 4)
NET = na.Connectome(W, positions=RNG.random((12, 3)), modules=np.arange(12) % 3)
RECORDING = na.Recording(RNG.random((12, 3, 12)), {"task": ["a", "b"] * 6})

CALLS = {
    "summarize: measures": lambda names: na.summarize(W, names),
    "profile: measures": lambda names: na.profile(NET, measures=names),
    "compare: measures": lambda names: na.compare(list(PEOPLE[:4]), list(PEOPLE[4:]), names),
    "compare: paired": lambda names: na.compare(list(PEOPLE[:4]), list(PEOPLE[4:]), ["density"], paired=names),
    "topological_fingerprint: measures": lambda names: na.topological_fingerprint(NET, measures=names),
    "hubs: measures": lambda names: na.hubs(NET, measures=names),
    "tuning: variables": lambda names: na.tuning(RECORDING, names),
    "mixed_selectivity: variables": lambda names: na.mixed_selectivity(RECORDING, names),
    "demixed_variance: variables": lambda names: na.demixed_variance(RECORDING, names),
    "dichotomies: by": lambda names: na.dichotomies(RECORDING, by=names),
    "map_test: nulls": lambda names: na.map_test(RNG.random(12), RNG.random(12), nulls=names),
    "fit_wiring: rules": lambda names: na.fit_wiring(NET, directed=True, rules=names),
    "edge_test: covariates": lambda values: na.edge_test(PEOPLE, GROUP, covariates=values),
    "edge_test: whole": lambda values: na.edge_test(PEOPLE, GROUP, whole=values),
}


@pytest.mark.parametrize("wrong", [-1, True, [[1, 2], [3]]], ids=str)
@pytest.mark.parametrize("call", list(CALLS))
def test_what_is_no_list_of_names_is_refused_by_name(call, wrong):
    with pytest.raises((TypeError, ValueError), match=rf"^{call.split(': ')[1]}\b.*"):
        CALLS[call](wrong)
