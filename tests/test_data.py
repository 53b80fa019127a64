"""The curated tables themselves: one test over all of them, by discovery."""

from __future__ import annotations

import json
import re
from pathlib import Path

import frictionless
import pandas as pd
import pytest

from baaplib import audit, tables

DATA = Path(__file__).parent.parent / "data"
SCHEMAS = sorted((DATA / "schemas").glob("*.json"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Columns that hold what the source prints, in the source's language.
PRINTED = {"alias", "printed"}
MEMBERS = {"AFR": 44, "AMS": 35, "ARB": 22, "ASP": 39, "CIS": 9, "EUR": 46}


def every(name: str) -> pd.DataFrame:
    """Return a table, that of all editions one below the other."""
    if tables.is_reference(name):
        return tables.load(name)
    return pd.concat([tables.load(name, edition) for edition in tables.editions()])


def validate(package: Path) -> list[str]:
    report = frictionless.Package(str(package)).validate()
    return [str(row) for row in report.flatten(["type", "rowNumber", "fieldName", "message"])]


def test_package_schemas_and_files_name_each_other():
    """A table that the package does not list is never checked, and no one is told."""
    package = json.loads((DATA / "datapackage.json").read_text("utf-8"))
    listed = {Path(resource["path"]).stem: resource for resource in package["resources"]}
    assert set(listed) == {path.stem for path in SCHEMAS} == set(tables.names())
    assert {name: r["schema"] for name, r in listed.items()} == {
        name: f"schemas/{name}.json" for name in listed
    }
    assert {path for _, path in tables.files(DATA)} == {
        path.relative_to(DATA).as_posix() for path in DATA.rglob("*.csv")
    }


@pytest.mark.parametrize("name", [path.stem for path in SCHEMAS])
def test_table_is_described_and_each_text_in_its_language(name):
    """Catches a column no one explained, a text in the wrong column, a missing translation."""
    schema, frame = tables.schema(name), every(name)
    assert schema["title"]
    assert schema["description"].startswith("One row ")
    fields = {field["name"]: field for field in schema["fields"]}
    assert not [column for column, field in fields.items() if not field.get("description")]
    for column, field in fields.items():
        if field["type"] != "string" or "baap:list" in field:
            continue
        texts = frame[column].dropna().astype(str)
        chinese = texts.str.contains(CHINESE)
        if not column.endswith("_zh"):
            assert column in PRINTED or texts[chinese].tolist() == []
            continue
        assert texts[~chinese].tolist() == []
        twin = next(c for c in (f"{column[:-3]}_en", column[:-3]) if c in fields)
        lonely = frame[column].isna() != frame[twin].isna()
        assert frame.loc[lonely, [twin, column]].to_numpy().tolist() == []


def test_check_finds_nothing():
    assert audit.check() == []


def test_frictionless_finds_nothing():
    assert validate(DATA / "datapackage.json") == []


@pytest.mark.parametrize(
    ("file", "old", "new", "kind"),
    [
        ("reference/regions.csv", "AFR,", "afr,", "constraint-error"),
        ("reference/countries.csv", ",AFR,", ",AFF,", "foreign-key"),
        ("reference/themes.csv", "WTDC-17,2,", "WTDC-17,two,", "type-error"),
        ("reference/regions.csv", "AMS,", "AFR,", "primary-key"),
    ],
)
def test_frictionless_can_fail(file, old, new, kind, data):
    path = data / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert any(kind in error for error in validate(data / "datapackage.json"))


def test_each_region_has_all_its_members():
    countries = every("countries")
    members = countries[countries["membership"] != "territory"]
    assert members["region"].value_counts().to_dict() == MEMBERS


def test_each_activity_is_told_briefly_and_in_plain_text():
    activities = every("activities")
    for column, most in {"title_en": 20, "summary_en": 60}.items():
        words = activities[column].str.split().str.len()
        assert activities.loc[~words.between(1, most), ["activity_id", column]].empty
    texts = activities[["title_en", "title_zh", "summary_en", "summary_zh"]]
    assert not texts.apply(lambda column: column.str.contains("<")).any(axis=None)


def test_a_finding_that_changes_a_headline_has_evidence_in_both_languages():
    findings = every("findings")
    high = findings[findings["severity"] == "high"]
    assert len(high)
    assert high[["evidence", "evidence_zh"]].map(len).min(axis=None) > 0
