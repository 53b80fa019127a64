"""Every way a table can be wrong is told with file, row, column, value and what is allowed."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from baaplib import audit, cli, tables
from baaplib.tables import Problem, TableError

EDITION = "2022-12"
Row = dict[str, str]
Break = Callable[[Path], Problem]


def file_of(table: str) -> str:
    folder = "reference" if tables.is_reference(table) else f"editions/{EDITION}"
    return f"{folder}/{table}.csv"


def read(data: Path, table: str) -> list[Row]:
    with (data / file_of(table)).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write(data: Path, table: str, rows: list[Row]) -> None:
    with (data / file_of(table)).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@dataclass(frozen=True)
class Cell:
    """Put `value` into the first row that holds all of `where`; expect this problem.

    In `where`, `*` asks for any text, a leading `*` for an ending. `message` holds words that must
    stand in the problem's message.
    """

    table: str
    column: str
    value: str
    message: str
    where: tuple[tuple[str, str], ...] = ()

    def fits(self, row: Row) -> bool:
        return all(
            row[column].endswith(want[1:]) and row[column]
            if want[:1] == "*"
            else row[column] == want
            for column, want in self.where
        )

    def __call__(self, data: Path) -> Problem:
        rows = read(data, self.table)
        index = next(index for index, row in enumerate(rows) if self.fits(row))
        rows[index][self.column] = self.value
        write(data, self.table, rows)
        return Problem(file_of(self.table), index + 2, self.column, self.value, self.message)


def duplicate_key(data: Path) -> Problem:
    rows = read(data, "activity_countries")
    write(data, "activity_countries", [*rows, rows[0]])
    value = ", ".join(rows[0].values())
    message = "this key stands in row 2 already; keys are unique"
    return Problem(
        file_of("activity_countries"), len(rows) + 2, "activity_id+iso3+role", value, message
    )


def cycle(length: int) -> Break:
    """Make figures without a whole parts of each other, in a ring."""

    def broken(data: Path) -> Problem:
        rows = read(data, "figures")
        wholes = {row["part_of"] for row in rows}
        free = [
            index
            for index, row in enumerate(rows)
            if not row["part_of"] and row["figure_id"] not in wholes
        ][:length]
        names = [rows[index]["figure_id"] for index in free]
        for index, above in zip(free, [*names[1:], names[0]], strict=True):
            rows[index] |= {"part_of": above, "bound": "at_least"}
        write(data, "figures", rows)
        message = " > ".join([*names, names[0]]) + "; a whole cannot be its own part"
        return Problem(file_of("figures"), free[0] + 2, "part_of", [*names, names[0]][1], message)

    return broken


def part_larger_than_whole(data: Path) -> Problem:
    rows = read(data, "figures")
    exact = {row["figure_id"] for row in rows if row["bound"] == "exact"}
    wholes = {row["part_of"] for row in rows}
    index = next(
        index
        for index, row in enumerate(rows)
        if row["part_of"] in exact and row["figure_id"] not in wholes
    )
    rows[index] |= {"value": "99999999", "printed": "99999999", "bound": "exact"}
    write(data, "figures", rows)
    message = f"is larger than its whole {rows[index]['part_of']} ("
    return Problem(file_of("figures"), index + 2, "value", "99999999", message)


def share_over_100(data: Path) -> Problem:
    rows = read(data, "figures")
    index = next(index for index, row in enumerate(rows) if row["measure"].endswith("_share"))
    rows[index] |= {"value": "100.5", "printed": "100.5", "share_of": ""}
    write(data, "figures", rows)
    message = "is more than 100 per cent"
    return Problem(file_of("figures"), index + 2, "value", "100.5", message)


def repeated_without_figure(data: Path) -> Problem:
    rows = read(data, "numerals")
    rows[0] |= {"class": "repeated"}
    write(data, "numerals", rows)
    return Problem(file_of("numerals"), 2, "figure_id", "", "is needed for class 'repeated'")


def two_on_one_tile(data: Path) -> Problem:
    rows = read(data, "countries")
    first, second = [index for index, row in enumerate(rows) if row["region"] == "AFR"][:2]
    square = {column: rows[first][column] for column in ("tile_row", "tile_column")}
    rows[second] |= square
    write(data, "countries", rows)
    message = f"{rows[second]['iso3']} stands on the square of another country of AFR"
    return Problem(
        file_of("countries"),
        second + 2,
        "tile_row+tile_column",
        ", ".join(square.values()),
        message,
    )


def folder_without_row(data: Path) -> Problem:
    (data / "editions" / EDITION).rename(data / "editions" / "2023-12")
    return Problem(file_of("editions"), 0, "edition", "2023-12", "add the row")


def row_without_folder(data: Path) -> Problem:
    rows = read(data, "editions")
    write(data, "editions", [*rows, rows[0] | {"edition": "2023-12"}])
    row = len(rows) + 2
    return Problem(file_of("editions"), row, "edition", "2023-12", "no folder under editions/")


def missing_file(data: Path) -> Problem:
    (data / file_of("activities")).unlink()
    return Problem(file_of("activities"), 0, "", "", "the file is missing")


def content(
    change: Callable[[bytes], bytes], row: int, value: str, message: str, table: str = "regions"
) -> Break:
    """Change the bytes of a file."""

    def broken(data: Path) -> Problem:
        path = data / file_of(table)
        path.write_bytes(change(path.read_bytes()))
        return Problem(file_of(table), row, "", value, message)

    return broken


HEADER = "region,name_en,name_zh,status"

BAD: dict[str, Break] = {
    # one cell
    "wrong_type_integer": Cell("themes", "section", "two", "must be a whole number, digits only"),
    "leading_zero": Cell("themes", "section", "02", "must be a whole number, digits only, without"),
    "leading_zero_of_number": Cell("figures", "value", "09", "must be a number", (("value", "9"),)),
    "wrong_type_full_width_digits": Cell("themes", "section", "１２", "must be a whole number"),
    "wrong_type_number": Cell("figures", "value", "9 800", "must be a number", (("part_of", ""),)),
    "wrong_type_boolean": Cell("figures", "cumulative", "TRUE", "must be true or false"),
    "wrong_type_day": Cell("editions", "period_end", "2022-12", "must be a day of the calendar"),
    "impossible_day_of_edition": Cell("editions", "period_end", "2022-02-30", "must be a day"),
    "impossible_date": Cell(
        "activities", "start", "2022-02-30", "must be a year, month or day of the calendar"
    ),
    "impossible_month": Cell("figures", "window_start", "2022-13", "as 2022 or 2022-10"),
    "too_small": Cell("countries", "tile_row", "-1", "must be at least 0", (("region", "AFR"),)),
    "empty_required": Cell("activities", "title_en", "", "must not be empty"),
    "empty_key": Cell("findings", "finding_id", "", "must not be empty"),
    "key_against_its_pattern": Cell("findings", "finding_id", "F007-1", "must match ^X"),
    "unknown_region": Cell(
        "activities", "region", "AFF",
        "unknown region (a row of regions) 'AFF'; allowed: AFR, AMS, ARB, ASP, CIS, EUR. "
        "Did you mean 'AFR'?",
    ),
    "unknown_region_of_country": Cell("countries", "region", "EUX", "Did you mean 'EUR'?"),
    "unknown_country": Cell(
        "activity_countries", "iso3", "GHX", "unknown iso3 (a row of countries) 'GHX'; allowed: AFG"
    ),
    "unknown_place_of_figure": Cell("figures", "place", "GHX", "countries or regions"),
    "dangling_activity": Cell("activity_tags", "activity_id", "CAP-999", "a row of activities"),
    "dangling_partner": Cell("activity_partners", "partner", "norat", "Did you mean 'norad'?"),
    "dangling_measure": Cell(
        "figures", "measure", "people_trianed", "Did you mean 'people_trained'?",
        (("unique_within", "*"),),
    ),
    "dangling_whole": Cell("figures", "part_of", "F999-9", "unknown part_of (a row of figures)"),
    "no_such_paragraph": Cell("findings", "paragraphs", "9999", "a row of paragraphs"),
    "no_such_paragraph_of_figure": Cell("figures", "paragraph", "9999", "a row of paragraphs"),
    "figure_told_elsewhere": Cell("figures", "paragraph", "1", ", which is told in "),
    "outside_enum": Cell(
        "activities", "type", "trainig",
        "unknown type 'trainig'; allowed: training, workshop, ",
    ),
    "outside_enum_suggested": Cell(
        "activities", "status", "complete", "Did you mean 'completed'?", (("start", ""),)
    ),
    "tag_outside_sdg": Cell("activity_tags", "tag", "18", "sdg tag", (("vocabulary", "sdg"),)),
    "tag_outside_wsis": Cell(
        "activity_tags", "tag", "C77", "unknown wsis tag", (("vocabulary", "wsis"),)
    ),
    "end_before_start": Cell(
        "activities", "end", "1999", "is before its start 2", (("start", "*"),)
    ),
    "window_before_start": Cell(
        "figures", "window_end", "1999", "is before its window_start 2", (("window_start", "*"),)
    ),
    "in_period_against_dates": Cell(
        "activities", "in_period", "yes", "must be 'unknown': the dates are - to -",
        (("in_period", "unknown"),),
    ),
    "people_without_unique_within": Cell(
        "figures", "unique_within", "", "must say within what a person is counted once",
        (("measure", "people_trained"),),
    ),
    "unique_within_without_people": Cell(
        "figures", "unique_within", "activity", "is for people only", (("measure", "courses"),)
    ),
    "value_other_than_printed": Cell(
        "figures", "value", "8900", "does not follow from '9,800', which is 9800",
        (("printed", "9,800"),),
    ),
    "printed_words": Cell("figures", "printed", "about 9,800", "is no numeral; give the digits"),
    "country_without_a_spelling": Cell(
        "activity_countries", "iso3", "LIE", "has no spelling in country_aliases"
    ),
    "numeral_of_no_paragraph": Cell("numerals", "paragraph", "9999", "a row of paragraphs"),
    "activity_without_paragraph": Cell("activities", "paragraphs", "", "must not be empty"),
    "paragraph_told_but_not_said": Cell(
        "paragraphs", "disposition", "context", "an activity is told here",
        (("disposition", "activities"),),
    ),
    "paragraph_said_but_not_told": Cell(
        "paragraphs", "disposition", "activities", "none names the paragraph",
        (("disposition", "heading"),),
    ),
    "share_of_without_share": Cell(
        "figures", "share_of", "F007-1", "is for shares only", (("measure", "courses"),)
    ),
    "theme_of_no_theme": Cell("activities", "theme", "", "is needed for component 'theme'"),
    "no_tile": Cell(
        "countries", "tile_row", "", "each country needs a square", (("region", "AFR"),)
    ),
    "script": Cell("activities", "summary_en", "A <script>alert(1)</script>.", "holds markup"),
    "line_break": Cell("findings", "treatment", "One\ntwo.", "a line break"),
    "white_space": Cell("partners", "name_en", " Cisco", "has white space at an end"),
    **{
        f"formula_{sign!r}": Cell(
            "partners", "name_en", f"{sign}HYPERLINK(1)", "a spreadsheet would run this"
        )
        for sign in "=+-@"
    },
    # several rows
    "duplicate_key": duplicate_key,
    "part_of_itself": cycle(1),
    "part_of_cycle_of_two": cycle(2),
    "part_of_cycle_of_three": cycle(3),
    "part_larger_than_whole": part_larger_than_whole,
    "share_over_100": share_over_100,
    "repeated_without_figure": repeated_without_figure,
    "two_on_one_tile": two_on_one_tile,
    # files and folders
    "missing_file": missing_file,
    "row_without_folder": row_without_folder,
    "folder_without_row": folder_without_row,
    "byte_order_mark": content(
        lambda old: b"\xef\xbb\xbf" + old, 0, "", "starts with a byte-order mark; save it as UTF-8"
    ),
    "windows_line_ends": content(
        lambda old: old.replace(b"\n", b"\r\n"), 0, "", "has Windows line ends; save it as UTF-8"
    ),
    "macintosh_line_ends": content(
        lambda old: old.replace(b"\n", b"\r"), 0, "", "has old Macintosh line ends; save it"
    ),
    "short_row": content(
        lambda old: old + b"QQQ,Nowhere\n", 8, "QQQ,Nowhere", "has 2 fields; each row needs 4"
    ),
    "long_row": content(
        lambda old: old + "QQQ,Land, Sea,无,sure\n".encode(), 8, "QQQ,Land, Sea,无,sure",
        "has 5 fields; each row needs 4, and a text with a comma quotation marks around it",
    ),
    "blank_row": content(lambda old: old + b"\n", 8, "", "has 0 fields; each row needs 4"),
    "wrong_header": content(
        lambda old: old.replace(b"name_en", b"name"), 1, HEADER.replace("name_en", "name"),
        f"its columns must be {HEADER}",
    ),
    "empty_file": content(lambda old: b"", 1, "", f"its columns must be {HEADER}"),
    "not_utf_8": content(
        lambda old: old.decode().encode("gb18030"), 2, r"\xb7", "is not UTF-8; save it as UTF-8"
    ),
    "utf_16": content(
        lambda old: old.decode().encode("utf-16"), 1, r"\xff", "is not UTF-8; save it as UTF-8"
    ),
    "open_quotation_mark": content(
        lambda old: old + b'QQQ,"No,n,sure\n', 8, "", "look at the quotation marks"
    ),
}  # fmt: skip

# A mistake that cannot be told from two.
NOT_ALONE = {
    "folder_without_row": "the row that named the folder has none now",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_input_is_told_in_place_and_alone(name, data, monkeypatch, capsys):
    expected = BAD[name](data)
    problems = audit.check(data)
    place = (expected.file, expected.row, expected.column, expected.value)
    told = [p for p in problems if (p.file, p.row, p.column, p.value) == place]
    assert [p for p in told if expected.message in p.message], (expected, problems)
    if name not in NOT_ALONE:
        assert len(problems) == 1, problems
    monkeypatch.setattr(audit, "check", lambda data: problems)
    assert cli.main(["check"]) == 1
    line = next(line for line in capsys.readouterr().out.splitlines() if expected.message in line)
    assert line.startswith(f"{expected.file}:{expected.row}:" if expected.row else expected.file)
    assert expected.column in line
    assert expected.value in line or repr(expected.value) in line


def test_the_command_tells_all_problems_of_all_files_at_once(data):
    cells = [
        Cell("partners", "name_en", "=1+1", "a spreadsheet would run this"),
        Cell("activities", "region", "AFF", "Did you mean 'AFR'?"),
        Cell("activities", "type", "trainig", "Did you mean 'training'?"),
    ]
    expected = [cell(data) for cell in cells]
    command = [Path(sys.executable).with_name("baap"), "check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert (done.returncode, len(lines), done.stderr) == (1, 3, "3 problem(s) in the tables\n")
    for problem in expected:
        assert any(
            f"{problem.file}:{problem.row}: {problem.column} {problem.value!r}: " in line
            and problem.message in line
            for line in lines
        )


def test_a_bad_row_hides_no_other_row_of_its_file(data):
    BAD["formula_'='"](data)
    path = data / file_of("partners")
    path.write_text(path.read_text("utf-8") + "short\n", "utf-8")
    assert len(audit.check(data)) == 2


def test_check_mends_what_a_spreadsheet_did_and_nothing_else(data, capsys):
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    for table, mark in {"regions": b"\xef\xbb\xbf", "figures": b""}.items():
        path = data / file_of(table)
        path.write_bytes(mark + path.read_bytes().replace(b"\n", b"\r\n"))
    assert cli.main(["check"]) == 1
    assert capsys.readouterr().out.count("`baap check --fix` mends it") == 3
    assert cli.main(["check", "--fix"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{file_of('figures')}: rewritten",
        f"{file_of('regions')}: rewritten",
        "all tables are well",
    ]
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


def test_check_does_not_mend_a_mistake(data):
    BAD["formula_'='"](data)
    before = (data / file_of("partners")).read_bytes()
    assert cli.main(["check", "--fix"]) == 1
    assert (data / file_of("partners")).read_bytes() == before


def test_a_key_that_stands_three_times_is_told_twice_with_its_first_row(data):
    path = data / file_of("regions")
    last = path.read_bytes().splitlines(keepends=True)[-1]
    path.write_bytes(path.read_bytes() + last + last)
    told = [(p.row, p.message) for p in audit.check(data)]
    message = "this key stands in row 7 already; keys are unique"
    assert told == [(8, message), (9, message)]


def test_cells_alike_that_lead_nowhere_are_told_each_and_offer_no_empty_text(data):
    rows = read(data, "activity_tags")
    for row in rows[:3]:
        row["activity_id"] = "A99"
    write(data, "activity_tags", rows)
    path = data / file_of("regions")
    path.write_bytes(path.read_bytes() + ",Nowhere,无,sure\n".encode())
    activities = read(data, "activities")
    activities[0]["region"] = "AFX"
    write(data, "activities", activities)
    problems = audit.check(data)
    told = [p.row for p in problems if (p.column, p.value) == ("activity_id", "A99")]
    assert told == [2, 3, 4]
    assert [p for p in problems if "'AFX'; allowed: AFR, " in p.message]


def test_no_rule_breaks_where_of_a_table_only_the_header_is_left(data):
    missed = {"activity_countries", "activity_tags", "numerals", "overlaps", "same_activities"}
    for name, path in list(tables.files(data)):
        whole = (data / path).read_bytes()
        (data / path).write_bytes(whole[: whole.index(b"\n") + 1])
        # Nothing leads to a row of the others.
        assert bool(audit.check(data)) is (name not in missed), path
        (data / path).write_bytes(whole)


def test_a_stray_file_beside_the_editions_is_left_alone(data):
    (data / "editions" / ".DS_Store").touch()
    assert audit.check(data) == []


def test_check_reads_the_schemas_of_the_folder_it_is_given(data, monkeypatch):
    monkeypatch.delenv("BAAP_DATA")
    path = data / "schemas" / "partners.json"
    path.write_text(path.read_text("utf-8").replace('"company"', '"firm"'), "utf-8")
    assert {p.column for p in audit.check(data)} == {"kind"}
    assert audit.check() == []


@pytest.mark.parametrize("bound", ["at_least", "about"])
def test_a_part_may_exceed_a_whole_that_is_not_closed(bound, data):
    part = read(data, "figures")[part_larger_than_whole(data).row - 2]
    rows = read(data, "figures")
    whole = next(row for row in rows if row["figure_id"] == part["part_of"])
    whole |= {"bound": bound, "part_of": ""}
    write(data, "figures", rows)
    assert audit.check(data) == []


@pytest.mark.parametrize(
    ("start", "end", "status", "due"),
    [
        ("", "", "ongoing", "unknown"),
        ("2022-05-01", "2022-12-31", "completed", "yes"),
        ("2022-12", "", "completed", "yes"),
        ("", "2022-12", "completed", "yes"),
        ("2022-04-30", "2022-05", "completed", "partly"),
        ("2022", "", "completed", "partly"),
        ("2022-10", "", "ongoing", "partly"),
        ("2022-10", "2022-12", "ongoing", "yes"),
        ("2021", "", "ongoing", "partly"),
        ("", "2023", "ongoing", "partly"),
        ("", "2023", "completed", "no"),
        ("2023-01", "", "planned", "no"),
        ("2022-04", "2022-04-30", "completed", "no"),
    ],
)
def test_in_period_follows_from_the_dates(start, end, status, due):
    period = tables.first_and_last_day("2022-05", "2022-12")
    assert audit.period_of(start, end, status, period) == due


@pytest.mark.parametrize("name", ["short_row", "missing_file", "not_utf_8", "script"])
def test_load_refuses_a_broken_table(name, data):
    expected = BAD[name](data)
    table = Path(expected.file).stem
    with pytest.raises(TableError) as refused:
        tables.load(table, None if tables.is_reference(table) else EDITION)
    assert [p.file for p in refused.value.problems] == [expected.file]
    assert expected.message in str(refused.value)


def test_an_unreadable_table_hides_only_what_needs_it(data):
    """The curator is told of a dangling country although another table is gone."""
    edition = data / "editions" / "2022-12"
    (edition / "figures.csv").unlink()
    links = edition / "activity_countries.csv"
    links.write_text(links.read_text(encoding="utf-8").replace(",GHA,", ",GHX,", 1), "utf-8")
    told = [str(problem) for problem in audit.check(data)]
    assert len(told) == 2
    assert any("figures.csv: the file is missing" in line for line in told)
    assert any("GHX" in line for line in told)


@pytest.mark.parametrize("hidden", ["\u200b", "\u202e", "\ufeff"])
def test_an_invisible_character_is_seen(data, hidden):
    path = data / "editions" / "2022-12" / "activities.csv"
    path.write_text(path.read_text("utf-8").replace("Centres", f"Cen{hidden}tres", 1), "utf-8")
    assert any("an invisible character" in str(problem) for problem in audit.check(data))
