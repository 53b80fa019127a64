"""Activities that may be one are found, judged once, and counted as one where they are."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from baaplib import cli, doubles, measures, tables, verdicts

EDITION = "2022-12"


def rows(data: Path, table: str) -> tuple[Path, list[dict[str, str]]]:
    path = data / "editions" / EDITION / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return path, list(csv.DictReader(stream))


def add(data: Path, table: str, *new: dict[str, str]) -> None:
    path, _ = rows(data, table)
    columns = [field["name"] for field in tables.schema(table)["fields"]]
    with path.open("a", encoding="utf-8", newline="") as stream:
        csv.DictWriter(stream, columns, lineterminator="\n").writerows(new)


def tell_again(data: Path, activity: str, double: str, title: str, paragraph: str) -> None:
    """Tell an activity a second time, in other words and another paragraph."""
    _, activities = rows(data, "activities")
    row = next(row for row in activities if row["activity_id"] == activity)
    texts = {"title_en": title, "summary_en": f"{title}, told in other words.", "title_zh": "另述",
             "summary_zh": "另一段以不同文字述及。"}  # fmt: skip
    add(data, "activities", row | texts | {"activity_id": double, "paragraphs": paragraph})
    for table in ("activity_countries", "activity_partners"):
        _, links = rows(data, table)
        own = [link | {"activity_id": double} for link in links if link["activity_id"] == activity]
        add(data, table, *own)


def judge(data: Path, one: str, other: str, verdict: str) -> None:
    frame = tables.texts("same_activities", EDITION).iloc[:0]
    frame.loc[0] = [one, other, verdict, "Seen.", ""]
    due = verdicts.due("same_activities", frame, tables.texts("activities", EDITION))[0]
    add(data, "same_activities", dict(frame.loc[0]) | {"fingerprint": due})


PLANTED = {
    "deployment": ("EMT-008", "EMT-099", "Phones and terminals for Nicaragua in a storm", "236"),
    "assessment": ("CAP-047", "CAP-099", "Assessment of digital skills of North Macedonia", "42"),
    "exercise": ("EMT-011", "EMT-098", "Exercise gear.UP for emergency responders", "240"),
    "course": ("EMT-016", "EMT-097", "Project for ICT in Caribbean emergencies", "249"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_an_activity_told_twice_is_found_among_the_first(name, data):
    activity, double, *_ = PLANTED[name]
    tell_again(data, *PLANTED[name])
    first = [{pair.activity, pair.other} for pair in doubles.pairs(EDITION)[:3]]
    assert {activity, double} in first


def test_each_pair_says_why(data):
    tell_again(data, *PLANTED["deployment"])
    (why,) = [p.why for p in doubles.pairs(EDITION) if p.other == "EMT-099"]
    assert {"country: NIC", "dates meet"} & set(why)
    assert any(part.startswith("words alike by ") for part in why)


def test_a_judged_pair_is_not_asked_for_again_until_a_row_changes(data):
    tell_again(data, *PLANTED["assessment"])
    pair = {"CAP-047", "CAP-099"}
    judge(data, "CAP-047", "CAP-099", "different")
    assert pair not in [{p.activity, p.other} for p in doubles.pairs(EDITION)]
    path, _ = rows(data, "activities")
    path.write_text(path.read_text("utf-8").replace("told in other words.", "told."), "utf-8")
    assert pair in [{p.activity, p.other} for p in doubles.pairs(EDITION)]


def test_paragraphs_that_a_curator_split_are_not_doubted():
    told = tables.load("activities", EDITION).set_index("activity_id")["paragraphs"]
    for pair in doubles.pairs(EDITION):
        assert not set(told[pair.activity]) & set(told[pair.other])


def test_two_that_are_the_same_count_once_and_keep_what_both_tell(data):
    before = measures.edition(EDITION)
    tell_again(data, *PLANTED["assessment"])
    assert len(measures.edition(EDITION).activities) == len(before.activities) + 1
    judge(data, "CAP-047", "CAP-099", "same")
    after = measures.edition(EDITION)
    assert list(after.activities["activity_id"]) == list(before.activities["activity_id"])
    told = after.activities.set_index("activity_id")["paragraphs"]["CAP-047"]
    assert told == (43, 42)
    assert len(after.countries) == len(before.countries)
    assert len(after.partners) == len(before.partners)


def test_effects_are_the_headlines_as_they_would_be(data):
    tell_again(data, *PLANTED["exercise"])
    pair = next(p for p in doubles.pairs(EDITION) if "EMT-098" in (p.activity, p.other))
    edition = measures.edition(EDITION)
    before, after = doubles.effects(pair, edition)[0]
    assert (before.measure, before.low - after.low) == ("activities", 1)


def test_effects_know_which_people_would_be_the_same(data):
    """52 officials told twice stand for 52 to 104 people; if they are the same, for 52."""
    _, figures = rows(data, "figures")
    figure = next(row for row in figures if row["figure_id"] == "F365-1")
    tell_again(data, figure["activity_id"], "CAP-099", "Capacity of regulators' officials", "28")
    again = {"figure_id": "F028-9", "activity_id": "CAP-099", "paragraph": "28"}
    add(data, "figures", figure | again)
    pair = next(p for p in doubles.pairs(EDITION) if "CAP-099" in (p.activity, p.other))
    assert set(pair.figures[0]) == {"F365-1", "F028-9"}
    edition = measures.edition(EDITION)
    both = edition.figures[edition.figures["figure_id"].isin(["F365-1", "F028-9"])]
    alone = replace(edition, figures=both)
    before, after = doubles.effects(pair, alone)[-1]
    assert (before.low, before.high) == (52, 104)
    assert (after.low, after.high) == (52, 52)


def test_the_command_lists_what_is_to_be_judged(data, capsys):
    tell_again(data, *PLANTED["deployment"])
    assert cli.main(["doubles", "--most", "1"]) == 0
    out = capsys.readouterr().out
    assert "EMT-008 and EMT-099" in out
    assert "if they are one: activities reported 442 would be 441" in out
    assert "is not asked for again" in out
    assert cli.main(["doubles", "--edition", "1999"]) == 2
