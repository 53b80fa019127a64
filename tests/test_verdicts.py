"""A curator's verdict counts as long as the rows it was made on are the same."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from baaplib import audit, measures, tables, verdicts

EDITION = "2022-12"


def path(data: Path, table: str) -> Path:
    return data / "editions" / EDITION / f"{table}.csv"


def judge(data: Path, table: str, one: str, other: str, judged: str, **cells: str) -> None:
    """Add a verdict with the fingerprint it needs."""
    with path(data, table).open(encoding="utf-8", newline="") as stream:
        columns = next(csv.reader(stream))
    row = {columns[0]: one, columns[1]: other, "verdict": judged, "reason": "Seen."}
    frame = tables.texts(table, EDITION).iloc[:0]
    frame.loc[0] = [one, other, judged, "Seen.", ""]
    rows = tables.texts(verdicts.ABOUT[table][0], EDITION)
    row |= {"fingerprint": verdicts.due(table, frame, rows)[0]} | cells
    with path(data, table).open("a", encoding="utf-8", newline="") as stream:
        csv.DictWriter(stream, columns, lineterminator="\n").writerow(row)


def change(data: Path, table: str, old: str, new: str) -> None:
    text = path(data, table).read_text(encoding="utf-8")
    assert old in text
    path(data, table).write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def pair() -> tuple[str, str]:
    """Two figures of people trained in one country, neither part of the other."""
    figures = tables.load("figures", EDITION)
    trained = figures[(figures["measure"] == "people_trained") & figures["part_of"].isna()]
    names = trained["figure_id"].astype(str).tolist()
    return names[0], names[1]


def test_a_verdict_is_in_force_and_a_total_knows_it(data, pair):
    judge(data, "overlaps", *pair, "disjoint")
    assert audit.check(data) == []
    assert len(verdicts.in_force(EDITION)) == 1
    assert measures.edition(EDITION).rules.pairs("disjoint") == {pair}


def test_a_verdict_is_void_once_a_figure_changes(data, pair):
    judge(data, "overlaps", *pair, "disjoint")
    row = tables.texts("figures", EDITION).set_index("figure_id").loc[pair[0]]
    start, end = f"{pair[0]},{row['activity_id']},{row['paragraph']},people_trained,", row["value"]
    change(data, "figures", f"{start}{end},", f"{start}{end}.0,")
    (problem,) = audit.check(data)
    assert (problem.column, problem.row) == ("fingerprint", 2)
    assert f"is void: {pair[0]} or {pair[1]} has changed since it was judged" in problem.message
    assert verdicts.in_force(EDITION).empty
    assert measures.edition(EDITION).rules.pairs("disjoint") == set()
    due = problem.message.split("then write ")[1].split()[0]
    change(data, "overlaps", problem.value, due)
    assert audit.check(data) == []


@pytest.mark.parametrize(
    ("other", "cells", "told"),
    [
        ("", {}, "is judged against itself"),
        ("F999-9", {"fingerprint": "00000000"}, "a row of figures"),
        ("F017-1", {"verdict": "maybe"}, "unknown verdict 'maybe'; allowed: disjoint, same_people"),
        ("F017-1", {"reason": ""}, "must not be empty"),
        ("F017-1", {"fingerprint": "zz"}, "must match"),
    ],
)
def test_a_wrong_verdict_is_told_in_one_line(other, cells, told, data, pair):
    judge(data, "overlaps", pair[0], other or pair[0], "disjoint", **cells)
    problems = audit.check(data)
    assert [problem for problem in problems if told in problem.message], problems
    assert len(problems) == 1 or "fingerprint" in cells, problems


def test_verdicts_on_activities_are_held_in_the_same_way(data):
    names = tables.texts("activities", EDITION)["activity_id"]
    known = len(verdicts.in_force(EDITION, "same_activities"))
    judge(data, "same_activities", names[0], names[1], "different")
    assert audit.check(data) == []
    assert len(verdicts.in_force(EDITION, "same_activities")) == known + 1
    judge(data, "same_activities", names[0], names[2], "different", fingerprint="00000000")
    (problem,) = audit.check(data)
    assert problem.file.endswith("same_activities.csv")
    assert len(verdicts.in_force(EDITION, "same_activities")) == known + 1
