"""From CSV and Table Schema to typed frames; nothing here knows a column that a schema does not."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from baaplib import fingerprint, measures, tables

EDITION = "2022-12"


def load(name: str) -> pd.DataFrame:
    return tables.load(name, None if tables.is_reference(name) else EDITION)


def cells(data: Path, table: str) -> tuple[Path, list[dict[str, str]]]:
    path = next(data.rglob(f"{table}.csv"))
    with path.open(encoding="utf-8", newline="") as stream:
        return path, list(csv.DictReader(stream))


def put(data: Path, table: str, **values: str) -> None:
    """Put values into the first row of a table."""
    path, rows = cells(data, table)
    rows[0] |= values
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def dtype_of(field: dict, schema: dict) -> str:
    """Say which dtype a column must have, as the documentation of `load` has it."""
    linked = {
        key["fields"][0] for key in schema.get("foreignKeys", []) if key["reference"]["resource"]
    }
    plain = {"integer": "Int64", "number": "float64", "boolean": "boolean", "date": "datetime64[s]"}
    if "baap:list" in field:
        return "object"
    if field["type"] in plain:
        return plain[field["type"]]
    categories = "enum" in field.get("constraints", {}) or field["name"] in linked
    return "category" if categories else "str"


@pytest.mark.parametrize("name", tables.names())
def test_each_column_has_the_type_its_schema_asks_for(name):
    """A number that stays text sorts and adds wrongly without a word."""
    schema, frame = tables.schema(name), load(name)
    expected: dict[str, str] = {}
    for field in schema["fields"]:
        column = field["name"]
        expected[column] = dtype_of(field, schema)
        if "baap:date" in field:
            expected |= {f"{column}_day": "datetime64[s]", f"{column}_precision": "category"}
        if "enum" in field.get("constraints", {}):
            assert frame[column].cat.categories.tolist() == field["constraints"]["enum"]
        if "baap:list" in field:
            item = int if field.get("baap:items") == "integer" else str
            assert all(isinstance(cell, tuple) for cell in frame[column])
            assert all(isinstance(member, item) for cell in frame[column] for member in cell)
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == expected


@pytest.mark.parametrize("name", tables.names())
def test_no_row_is_lost_and_their_order_is_kept(name):
    key = tables.schema(name)["primaryKey"]
    key = [key] if isinstance(key, str) else key
    _, rows = cells(tables.root(), name)
    loaded = load(name)[key].astype(str).to_numpy().tolist()
    assert loaded == [[row[column] for column in key] for row in rows]


@pytest.mark.parametrize(
    ("stated", "first", "last", "precision"),
    [
        ("2024", "2024-01-01", "2024-12-31", "year"),
        ("2024-02", "2024-02-01", "2024-02-29", "month"),
        ("2024-02-03", "2024-02-03", "2024-02-03", "day"),
        ("", "NaT", "NaT", "nan"),
    ],
)
def test_a_date_keeps_its_text_and_its_precision(stated, first, last, precision, data):
    put(data, "figures", window_start=stated, window_end=stated)
    row = load("figures").iloc[0]
    assert (str(row["window_start_day"])[:10], str(row["window_end_day"])[:10]) == (first, last)
    assert str(row["window_start_precision"]) == precision
    assert row["window_start"] == stated or (stated == "" and pd.isna(row["window_start"]))


def test_precisions_are_ordered():
    precision = load("activities")["start_precision"]
    assert precision.cat.categories.tolist() == ["year", "month", "day"]
    assert precision.cat.ordered


def test_an_empty_cell_is_missing_and_not_text(data):
    put(data, "figures", occasions="", place="", place_role="", population="", part_of="")
    row = load("figures").iloc[0]
    assert row["place"] == ()
    assert row[["occasions", "place_role", "population", "part_of"]].isna().all()


def test_lists_and_flags_are_read(data):
    put(data, "figures", place="GHA;AFR", cumulative="true", value="69.2", occasions="3")
    row = load("figures").iloc[0]
    assert row["place"] == ("GHA", "AFR")
    assert row[["cumulative", "value", "occasions"]].tolist() == [True, 69.2, 3]


def test_a_text_such_as_na_is_a_text(data):
    """pandas reads NA and the like as missing unless told not to."""
    put(data, "partners", name_en="NA", note="null")
    row = load("partners").iloc[0]
    assert (row["name_en"], row["note"]) == ("NA", "null")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tables.load("activites", EDITION), "Did you mean 'activities'?"),
        (lambda: tables.schema("figure"), "unknown table 'figure'"),
        (lambda: tables.load("figures", "2022-21"), "Did you mean '2022-12'?"),
        (lambda: tables.load("figures", "../../etc"), "unknown edition '../../etc'; allowed: "),
        (lambda: tables.load("figures"), "belongs to an edition; pass one of 2022-12"),
        (lambda: measures.edition(EDITION, "AFF"), "Did you mean 'AFR'?"),
    ],
)
def test_an_unknown_name_is_refused_with_the_spelling(call, message):
    with pytest.raises(ValueError) as refused:  # noqa: PT011  the message is compared below
        call()
    assert message in str(refused.value)


def test_one_cell_changes_the_fingerprint(data):
    before = fingerprint.data_sha256(data)
    assert fingerprint.data_sha256(data) == before
    put(data, "partners", note="another")
    assert fingerprint.data_sha256(data) != before


def test_the_error_of_a_broken_table_counts_what_it_does_not_show(data):
    path, rows = cells(data, "countries")
    path.write_text(path.read_text("utf-8").replace(",member_state,", ",member,"), "utf-8")
    with pytest.raises(tables.TableError, match=r"and \d+ more; see `baap check`") as refused:
        load("countries")
    assert 10 < len(refused.value.problems) <= len(rows)
