"""Tables of people find their networks, by name and by nothing else."""

import numpy as np
import pandas as pd
import pytest

import netanalysis as na
from netanalysis.page.inputs import as_connectomes
from netanalysis.table._people import chosen, people_of, repeated
from netanalysis.table._study import consensus_of, study_of


def nets(*names, n=4, seed=0):
    w = np.random.default_rng(seed).random((len(names), n, n))
    return [na.Connectome(x + x.T, name=name) for x, name in zip(w, names, strict=True)]


def names_of(people):
    return [net.name for net in people.networks]


def test_whole_names_go_before_words_of_them():
    found = people_of(nets("s1", "s10", "s1_b"), pd.DataFrame({"id": ["s10", "s1", "s1_b"], "age": [3, 1, 2]}))
    assert names_of(found) == ["s1", "s10", "s1_b"]
    assert found.table["age"].tolist() == [1, 3, 2]
    assert found.said == ["rows belong to networks by id"]


def test_words_in_names_of_files_are_found_and_parts_of_words_are_not():
    table = pd.DataFrame({"participant_id": ["sub-1", "sub-10", "sub-2"], "age": [1, 10, 2]})
    found = people_of(nets("sub-10_sc", "x_sub-1_sc", "sub-21_sc"), table)
    assert names_of(found) == ["sub-10_sc", "x_sub-1_sc"]
    assert found.table["age"].tolist() == [10, 1]
    assert "left out, without a row in the table: 1 network, sub-21_sc" in found.said
    assert "left out, without a network: 1 row of the table, sub-2" in found.said


def test_numbers_are_found_with_zeros_before_them():
    """Seen: of 30 people 1 to 30 the first nine were left out, as their files said sub-01."""
    networks = nets(*(f"sub-{k:02d}" for k in range(1, 31)))
    found = people_of(networks, pd.DataFrame({"id": range(1, 31)}))
    assert found.table["id"].tolist() == list(range(1, 31))
    assert found.said == ["rows belong to networks by id"]


def test_scans_are_found_by_two_columns():
    table = pd.DataFrame({"subject": list("aabb"), "session": [1, 2, 1, 2], "v": [1, 2, 3, 4]})
    found = people_of(nets("b_1", "a_2", "a_1", "b_2"), table)
    assert found.table["v"].tolist() == [3, 2, 1, 4]


def test_a_row_that_two_networks_claim_belongs_to_none():
    with pytest.raises(ValueError, match="closest match finds 0 of 2"):
        people_of(nets("sub-1_x", "sub-1_y"), pd.DataFrame({"id": ["sub-1", "sub-2"]}))


def test_no_name_in_the_table_says_what_networks_are_called():
    with pytest.raises(
        ValueError, match=r"called \(one, two, …\); the table has the columns \['age'\], and the closest match finds 0"
    ):
        people_of(nets("one", "two"), pd.DataFrame({"age": [31, 32]}))


def test_files_keep_codes_and_read_numbers_and_gaps(tmp_path):
    (tmp_path / "p.tsv").write_text("id\tage\tgroup\n007\t31\tx\n008\tn/a\t\n")
    table = people_of(nets("007", "008"), tmp_path / "p.tsv").table
    assert table["id"].tolist() == ["007", "008"]
    assert table["age"].iloc[0] == 31.0
    assert table[["age", "group"]].iloc[1].isna().all()


def test_without_a_table_metadata_say_who_it_is():
    mice = na.datasets.load("mouse_dti_individuals")
    found = people_of([mice[k] for k in range(3)])
    assert found.table["subject"].tolist() == mice.metadata["subject"][:3].tolist()
    assert "species" not in found.table


def test_people_of_whom_something_is_unknown_are_left_out_and_said():
    table = pd.DataFrame({"id": list("abcde"), "g": ["x", "x", None, "y", "z"], "age": [1.0, np.nan, 3, 4, 5]})
    people = people_of(nets(*"abcde"), table)
    assert names_of(chosen(people, "g", None)) == ["a", "b", "d", "e"]  # three groups, compared by F
    left = chosen(people_of(nets(*"abcd"), table), "age", None)
    assert names_of(left) == ["a", "c", "d"]
    assert "left out, as age is not known: 1 row of the table" in left.said
    with pytest.raises(ValueError, match="no column 'sex'"):
        chosen(people, "g", ("x", "y"), ["sex"])
    with pytest.raises(ValueError, match="has no group 'w'"):
        chosen(people, "g", ("x", "w"))
    with pytest.raises(ValueError, match="at least 3 people"):
        chosen(people, "g", ("y", "z"))


def test_several_scans_of_a_person_must_be_named():
    table = pd.DataFrame({"Subject": list("aab"), "file": ["p", "q", "r"]})
    people = people_of(nets("p", "q", "r"), table)
    with pytest.raises(ValueError, match=r"say person='Subject'"):
        repeated(people, None)
    assert repeated(people, "Subject") == "Subject"
    with pytest.raises(ValueError, match="no column"):
        repeated(people, "who")


def scans():
    table = pd.DataFrame(
        {"file": list("abcdef"), "who": list("112233"), "group": list("xxyyxx"), "drug": list("ababab")}
    )
    return people_of(nets(*"abcdef"), table), table


def test_scans_of_a_person_are_averaged_where_the_effect_is_of_the_person():
    people, _ = scans()
    study = study_of(people, "group", person="who")
    raw = np.stack([net.weights for net in people.networks])
    np.testing.assert_allclose(study.stack, (raw[::2] + raw[1::2]) / 2)
    assert study.subjects["group"].tolist() == ["x", "y", "x"]
    assert study.within is None
    np.testing.assert_array_equal(study.scans[0], raw[::2])
    np.testing.assert_array_equal(study.scans[1], raw[1::2])


def test_scans_of_a_person_are_compared_with_each_other_where_the_effect_changes():
    people, _ = scans()
    study = study_of(people, "drug", person="who", contrast=["b", "a"])
    assert (len(study.stack), study.within, study.contrast) == (6, "who", ("b", "a"))
    own = na.edge_test(study.stack, study.effect, **study.options)
    assert own["contrast"][0] == "b - a"


def test_the_threshold_is_that_of_the_tests():
    from scipy import stats

    people = people_of(
        nets(*"abcdefgh"), pd.DataFrame({"id": list("abcdefgh"), "age": range(8), "sex": list("mf") * 4})
    )
    study = study_of(people, "age", covariates=["sex"])
    assert study.threshold(0.01) == pytest.approx(stats.t.ppf(0.995, 8 - 3))
    assert study.contrast is None


def test_measures_of_whole_networks_are_those_of_summarize():
    people = people_of(nets(*"abcdef"), pd.DataFrame({"id": list("abcdef"), "g": list("xxxyyy")}))
    study = study_of(people, "g")
    table, dropped = study.measures(["total_weight", "weight_distance_correlation"], n_nulls=20, rng=0, n_jobs=1)
    assert dropped == ["weight_distance_correlation"]
    assert table["measure"].tolist() == ["total_weight"]
    assert table["estimate"][0] == pytest.approx(
        np.mean(na.total_weight(study.stack)[:3]) - np.mean(na.total_weight(study.stack)[3:])
    )


def test_the_consensus_goes_by_length_where_lengths_are_known():
    rng = np.random.default_rng(0)
    w = rng.random((5, 8, 8)) * (rng.random((5, 8, 8)) < 0.4)
    stack = na.Connectome(w + w.swapaxes(1, 2))
    assert "consistency" in consensus_of(stack).history[-1]
    assert "distance" in consensus_of(stack.replace(positions=rng.random((8, 3)))).history[-1]
    full = na.Connectome(rng.random((5, 8, 8)) + 0.1)
    assert "average" in consensus_of(full).history[-1]


def test_networks_without_names_are_in_the_order_of_the_table():
    stack = np.random.default_rng(0).random((3, 4, 4))
    members = as_connectomes(stack)
    found = people_of(members, pd.DataFrame({"age": [3, 1, 2]}))
    assert found.table["age"].tolist() == [3, 1, 2]
    assert "in their order" in found.said[0]
    with pytest.raises(ValueError, match="a row for each of the 3 networks"):
        people_of(members, pd.DataFrame({"age": [3, 1]}))
    with pytest.raises(TypeError, match="people must be a DataFrame or the path of a table; got int"):
        people_of(members, 3)


def test_a_score_that_is_by_chance_the_name_of_a_network_is_no_name():
    networks = nets(*(f"sub-{k}" for k in range(30, 50)))
    with pytest.raises(ValueError, match="closest match finds 2 of 20"):
        people_of(networks, pd.DataFrame({"age": [31, 49, *range(60, 78)]}))


def test_a_table_with_a_name_in_several_rows_is_said_to_have_it():
    """Seen: "no column holds what most networks are called" of a table that held them all, twice."""
    table = pd.DataFrame({"id": list("abcd") * 2, "g": list("xy") * 4})
    with pytest.raises(ValueError, match="'id' names the networks, but 8 rows of the table have the same value"):
        people_of(nets(*"abcd"), table)
