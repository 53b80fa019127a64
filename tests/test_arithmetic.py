"""Findings that can be computed: each must follow from the rows, and none may be missing."""

from __future__ import annotations

import pandas as pd
import pytest

from baaplib import arithmetic
from baaplib.tables import schema

TABLES = (
    "paragraphs", "activities", "activity_countries", "activity_partners", "figures",
    "spectrum_assistance", "findings",
)  # fmt: skip
PATHS = {name: f"{name}.csv" for name in TABLES}


def frame(table: str, rows: list[dict[str, str]]) -> pd.DataFrame:
    columns = [field["name"] for field in schema(table)["fields"]]
    return pd.DataFrame(rows, columns=columns, dtype=str).fillna("")


def raw(**rows: list[dict[str, str]]) -> dict[str, pd.DataFrame]:
    paragraphs = [{"paragraph": str(number), "disposition": "activities"} for number in range(1, 5)]
    return {name: frame(name, {"paragraphs": paragraphs, **rows}.get(name, [])) for name in TABLES}


def figure(name: str, value: str, **more: str) -> dict[str, str]:
    row = {"figure_id": name, "value": value, "bound": "exact", "activity_id": "CAP-001"}
    return row | {"paragraph": "1", "cumulative": "false"} | more


def finding(kind: str, figures: str = "", derived: str = "", **more: str) -> dict[str, str]:
    row = {"finding_id": "X001-1", "kind": kind, "figures": figures, "derived": derived}
    texts = {"evidence": f"It is {derived}.", "evidence_zh": f"为{derived}。"}
    return row | {"paragraphs": "1"} | texts | more


ACTIVITY = {"activity_id": "CAP-001", "paragraphs": "1;2", "in_period": "partly", "status": ""}
COUNTRIES = [
    {"activity_id": "CAP-001", "iso3": iso3, "role": role}
    for iso3, role in [("GHA", "beneficiary"), ("TGO", "member"), ("CHE", "venue")]
]
PARTNERS = [
    {"activity_id": "CAP-001", "partner": name, "role": role}
    for name, role in [("ilo", "funder"), ("ilo", "host"), ("wfp", "prospective")]
]
TOPICS = [{"activities": "35"}, {"activities": "25"}]
NUMBERS = [figure("F1", "100"), figure("F2", "60"), figure("F3", "30")]

TRUE = {
    "total": finding("total_mismatch", "F1;F2;F3", "90"),
    "total_of_the_table": finding("total_mismatch", "F1", "60"),
    "share": finding("share_mismatch", "F3;F2;F1", "60"),
    "countries": finding("count_mismatch", "F1", "2", counted="countries"),
    "partners": finding("count_mismatch", "F1", "1", counted="partners"),
    "activities": finding("count_mismatch", "F1", "1", counted="activities", activities="CAP-001"),
    "topics": finding("count_mismatch", "F1", "2", counted="topics"),
    "text": finding("count_mismatch", "F1", "7", counted="text"),
    "conflict": finding("conflicting_values", "F1;F2"),
    "conflict_of_names": finding("conflicting_values"),
    "outside": finding("outside_period"),
    "twice": finding("told_twice", paragraphs="1;2"),
    "twice_in_one_paragraph": finding("told_twice"),
    "thousands": finding("total_mismatch", "F4;F5;F6", "1190")
    | {"evidence": "It is 1 190.", "evidence_zh": "为1 190。"},
}
THOUSANDS = [figure("F4", "1200"), figure("F5", "1000"), figure("F6", "190")]


def told(row: dict[str, str], **rows: list[dict[str, str]]) -> list[str]:
    tables = {
        "figures": NUMBERS + THOUSANDS, "activities": [ACTIVITY], "activity_countries": COUNTRIES,
        "activity_partners": PARTNERS, "spectrum_assistance": TOPICS,
    } | rows  # fmt: skip
    problems = arithmetic.rederived(raw(**tables, findings=[row]), PATHS)
    return [problem.message for problem in problems]


@pytest.mark.parametrize("name", TRUE)
def test_a_finding_that_follows_from_the_rows_stands(name):
    assert told(TRUE[name]) == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (TRUE["total"] | {"derived": "91"}, "the rows give 90, but derived says 91"),
        (TRUE["total"] | {"derived": ""}, "the rows give 90, but derived says nothing"),
        (TRUE["total"] | {"evidence": "It is 190."}, "evidence does not state 90"),
        (TRUE["total"] | {"evidence": "It is 90.5."}, "evidence does not state 90"),
        (TRUE["total"] | {"evidence_zh": "为九十。"}, "evidence_zh does not state 90"),
        (finding("total_mismatch"), "needs the whole and then its parts"),
        (finding("share_mismatch", "F3;F2"), "needs three figures"),
        (finding("share_mismatch", "F2;F2;F1", "60"), "which the source prints"),
        (TRUE["share"] | {"derived": "61"}, "the rows give 60, but derived says 61"),
        (finding("count_mismatch", "F1", "2"), "in counted, what it is held against"),
        (TRUE["countries"] | {"derived": "3"}, "the rows give 2, but derived says 3"),
        (finding("conflicting_values", "F1"), "needs two figures with different values"),
        (finding("conflicting_values", "F1;F1"), "needs two figures with different values"),
        (finding("told_twice", paragraphs="2;3"), "no activity is told in two of these"),
        (finding("placeholder"), "no placeholder stands here"),
    ],
)
def test_a_finding_that_does_not_follow_is_told(row, message):
    assert [text for text in told(row) if message in text], told(row)


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        (TRUE["total"], [figure("F1", "90"), *NUMBERS[1:]]),
        (TRUE["share"], [*NUMBERS[:2], figure("F3", "60")]),
        (TRUE["countries"], [figure("F1", "2")]),
        (TRUE["countries"], [figure("F1", "1", bound="at_least")]),
        (TRUE["countries"], [figure("F1", "9", bound="at_most")]),
    ],
)
def test_a_finding_is_stale_once_the_numbers_agree(kind, rows):
    assert len(told(kind, figures=rows)) == 1


def test_a_judgement_is_not_computed():
    row = finding("outside_period", basis="judgement")
    assert told(row, activities=[ACTIVITY | {"in_period": "yes"}]) == []


def test_the_arithmetic_of_a_judgement_is_computed_all_the_same():
    assert told(TRUE["total"] | {"basis": "judgement", "derived": "91"})


def test_outside_period_needs_something_dated_outside():
    inside = [ACTIVITY | {"in_period": "yes"}]
    row = finding("outside_period")
    assert told(row, activities=inside, figures=[figure("F1", "1")])
    assert not told(row, activities=inside, figures=[figure("F1", "1", cumulative="true")])
    assert not told(row, activities=inside, figures=[figure("F1", "1", window_start="2019")])


@pytest.mark.parametrize(
    ("printed", "exact", "same"),
    [("52", 52.5, False), ("53", 52.5, True), ("69.2", 69.19, True), ("69.2", 69.26, False)],
)
def test_a_share_agrees_if_it_rounds_to_the_printed_one(printed, exact, same):
    assert arithmetic._rounds_to(exact, printed) is same


MISSING = {
    "placeholder": (
        {"paragraphs": [{"paragraph": "1", "disposition": "placeholder"}]},
        finding("placeholder"),
    ),
    "outside_period": (
        {"activities": [ACTIVITY | {"in_period": "no"}]},
        finding("outside_period"),
    ),
    "told_twice": (
        {"paragraphs": [{"paragraph": "1", "disposition": "told_again"}]},
        finding("told_twice"),
    ),
    "share_mismatch": (
        {
            "figures": [
                figure("F1", "100"),
                figure("F2", "60", population="women", part_of="F1"),
                figure("F3", "30", measure="women_share", share_of="F1"),
            ]
        },
        finding("share_mismatch", "F3;F2;F1", "60"),
    ),
}


@pytest.mark.parametrize("kind", MISSING)
def test_what_the_rows_show_needs_its_finding(
    kind,
):
    rows, row = MISSING[kind]
    without = list(arithmetic.found(raw(**rows), PATHS))
    assert len(without) == 1
    assert kind in without[0].message
    assert list(arithmetic.found(raw(**rows, findings=[row]), PATHS)) == []


def test_a_share_that_agrees_needs_no_finding():
    rows = [
        figure("F1", "100"),
        figure("F2", "60", population="women", part_of="F1"),
        figure("F3", "60", measure="women_share", share_of="F1"),
    ]
    assert list(arithmetic.found(raw(figures=rows), PATHS)) == []
