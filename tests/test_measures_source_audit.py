"""Findings: a small edition whose counts are worked out by hand, and the real one counted anew."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from small import listed

from baaplib import measures
from baaplib.claims import Claim
from baaplib.measures import source_audit

RAW = Path(__file__).parent.parent / "data" / "editions" / "2022-12"
# Key, kind, severity, paragraphs, activities, figures, derived, basis.
FINDINGS = [
    ("X002-1", "structure", "low", (2, 3), (), (), None, "judgement"),
    ("X005-2", "unclear_scope", "medium", (5,), (), (), None, "provable"),
    ("X005-1", "unclear_scope", "high", (2, 5), ("CAP-001",), (), None, "provable"),
    ("X010-1", "total_mismatch", "high", (10,), (), ("F010-1", "F010-2"), 7.0, "provable"),
    ("X010-2", "conflicting_values", "medium", (10,), (), ("F010-1", "F010-2"), None, "provable"),
    ("X010-3", "unclear_scope", "low", (10,), (), ("F010-1",), None, "judgement"),
    ("X011-1", "structure", "low", (11,), (), (), None, "provable"),
]
# Key, theme, component, status, paragraphs.
ACTIVITIES = [
    ("CAP-001", "CAP", "theme", "completed", (5,)),
    ("CAP-002", "CAP", "theme", "completed", (5,)),
    ("CYB-001", "CYB", "theme", "ongoing", (10,)),
    ("CYB-002", "CYB", "theme", "pending", (10,)),
    ("STG-001", None, "study_groups", "ongoing", (11, 5)),
]
LINKS = [
    ("CAP-001", "GHA", "participant"),
    ("CAP-002", "GHA", "participant"),
    ("CYB-001", "KEN", "beneficiary"),
    ("CAP-001", "FRA", "venue"),
]
SECTIONS = {2: 1, 3: 1, 5: 2, 10: 3, 11: 12}


@pytest.fixture(scope="module")
def real():
    return measures.edition("2022-12")


@pytest.fixture
def small(real):
    """Return an edition of seven findings, five activities and five paragraphs."""
    names = ["finding_id", "kind", "severity", "paragraphs", "activities", "figures", "derived",
             "basis"]  # fmt: skip
    findings = pd.DataFrame(FINDINGS, columns=names)
    for stem in ("evidence", "evidence_zh", "treatment", "treatment_zh"):
        findings[stem] = stem
    told = ["activity_id", "theme", "component", "status", "paragraphs"]
    activities = pd.DataFrame(ACTIVITIES, columns=told).assign(type="training")
    figures = pd.DataFrame({
        "figure_id": ["F010-1", "F010-2"], "activity_id": "CYB-001", "measure": "drills",
        "value": [6.0, 4.0], "bound": ["exact", "at_least"], "paragraph": 10,
    })  # fmt: skip
    return replace(
        real, activities=activities, every=activities, findings=findings, figures=real.figures[:0],
        stated=real.stated[:0], partners=real.partners[:0], tags=real.tags[:0],
        countries=pd.DataFrame(LINKS, columns=["activity_id", "iso3", "role"]),
        paragraphs=pd.DataFrame({"paragraph": list(SECTIONS), "section": list(SECTIONS.values())}),
        rules=replace(real.rules, figures=figures),
    )  # fmt: skip


CLAIMS = {
    "finding_count": ("findings", 7, None),
    "high_count": ("findings_high", 2, 7),
    "provable_count": ("findings_provable", 5, 7),
    # All five paragraphs: 2, 3, 5, 10 and 11.
    "paragraphs_concerned": ("paragraphs_concerned", 5, 5),
    # CAP-001 by name; CYB-001 by its paragraph; the placeholder beside it does not count.
    "activities_concerned": ("activities_concerned", 2, 4),
    # Ghana is also reached by CAP-002, Kenya by nothing else.
    "countries_concerned": ("countries_concerned", 1, 2),
}


@pytest.mark.parametrize("question", CLAIMS)
def test_claim(question, small):
    claim = getattr(source_audit, question)(small)
    assert (claim.measure, claim.low, claim.whole) == CLAIMS[question]
    assert claim.low == claim.high
    assert claim.measure in set(small.reference["measures"]["measure"])
    assert claim.scope == ("region=ALL",)


def test_a_count_leads_to_the_paragraphs_of_its_findings(small):
    claim = source_audit.high_count(small)
    assert claim.findings == ("X005-1", "X010-1")
    assert small.told_in((), (), claim.findings) == [2, 5, 10]
    assert source_audit.of_severity(small, "medium").findings == ("X005-2", "X010-2")


def test_kinds_stand_with_the_gravest_first(small):
    """Equal in high findings, the kind with more of medium severity comes first."""
    assert listed(source_audit.by_kind(small), "kind", "high", "medium", "low") == [
        ("unclear_scope", "1", "1", "1"),
        ("total_mismatch", "1", None, None),
        ("conflicting_values", None, "1", None),
        ("structure", None, None, "2"),
    ]
    graver = source_audit.graver_kinds(small)
    assert listed(graver, "kind", "severity", "findings", "claim") == [
        ("unclear_scope", "high", 1, "1"),
        ("unclear_scope", "medium", 1, "1"),
        ("total_mismatch", "high", 1, "1"),
        ("conflicting_values", "medium", 1, "1"),
    ]


def test_a_finding_stands_in_the_section_its_key_names(small):
    """X005-1 also concerns paragraph 2 of section 1; section 1 itself tells no activity."""
    assert listed(source_audit.by_section(small), "section", "area", "high", "medium", "low") == [
        (1, "", None, None, "1"),
        (2, "CAP", "1", "1", None),
        (3, "CYB", "1", "1", "1"),
        (12, "study_groups", None, None, "1"),
    ]
    totals = source_audit.section_totals(small)
    assert listed(totals, "section", "area", "findings", "claim") == [
        (1, "", 1, "1"), (2, "CAP", 2, "2"), (3, "CYB", 3, "3"), (12, "study_groups", 1, "1"),
    ]  # fmt: skip
    assert totals["claim"][1].scope == ("region=ALL", "section=2")


def test_findings_are_listed_in_the_order_of_the_source(small):
    every = source_audit.listing(small)["finding_id"].tolist()
    assert every == ["X002-1", "X005-1", "X005-2", "X010-1", "X010-2", "X010-3", "X011-1"]
    assert source_audit.listing(small, "medium")["finding_id"].tolist() == ["X005-2", "X010-2"]


def test_arithmetic_holds_what_is_printed_against_what_follows(small):
    """A finding that names a figure but neither derives nor compares one is not among them."""
    frame = source_audit.arithmetic(small)
    assert listed(frame, "finding_id", "measure", "stated", "against") == [
        ("X010-1", "drills", "6", "7"),
        ("X010-2", "drills", "6", "at least 4"),
    ]
    assert frame["against"][0].scope == ("region=ALL", "finding=X010-1")
    assert frame["stated"][0].scope == ()


def test_effects_say_what_hangs_on_high_findings(small):
    assert listed(source_audit.effects(small), "measure", "claim", "findings", "keys") == [
        ("activities_concerned", "2 of 4", "2", "X005-1 X010-1"),
        ("countries_concerned", "1 of 2", "1", "X010-1"),
        ("people_trained", "not stated", "0", ""),
        ("people_trained_clear", "not stated", None, ""),
        ("satellite_devices", "not stated", "0", ""),
        ("satellite_devices_clear", "not stated", None, ""),
    ]
    assert source_audit.clear(small).activities["activity_id"].tolist() == ["CAP-002", "STG-001"]


def test_nothing_found_is_counted_as_nothing(small):
    none = replace(small, findings=small.findings[:0])
    assert source_audit.finding_count(none).low == 0
    for question in ("by_kind", "by_section", "graver_kinds", "section_totals", "arithmetic"):
        assert getattr(source_audit, question)(none).empty
    assert source_audit.activities_concerned(none).low == 0


@pytest.fixture(scope="module")
def rows():
    with (RAW / "findings.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_all_regions_hold_every_finding_of_the_table(real, rows):
    """Also those whose paragraphs tell no activity."""
    assert source_audit.finding_count(real).low == len(rows)
    severities = Counter(row["severity"] for row in rows)
    for severity in source_audit.SEVERITIES:
        assert source_audit.of_severity(real, severity).low == severities[severity]
    bases = Counter(row["basis"] for row in rows)
    assert source_audit.provable_count(real).low == bases["provable"]
    paragraphs = {number for row in rows for number in row["paragraphs"].split(";")}
    assert source_audit.paragraphs_concerned(real).low == len(paragraphs)
    assert len(source_audit.arithmetic(real)) == sum(bool(row["derived"]) for row in rows) + 1


def test_kinds_and_sections_each_hold_all_findings_once(real, rows):
    for frame in (source_audit.by_kind(real), source_audit.by_section(real)):
        cells = frame[list(source_audit.SEVERITIES)].to_numpy().ravel()
        keys = [key for cell in cells if isinstance(cell, Claim) for key in cell.findings]
        assert sorted(keys) == sorted(row["finding_id"] for row in rows)
    assert source_audit.section_totals(real)["findings"].sum() == len(rows)


def test_people_left_come_from_figures_no_high_finding_concerns(real):
    left = source_audit.people_clear(real)
    assert left.low < measures.people_trained(real).low
    touched = set(source_audit.activities_concerned(real).activities)
    assert not touched & set(left.activities)


@pytest.mark.parametrize("region", ["AFR", "AMS", "ARB", "ASP", "CIS", "EUR"])
def test_a_region_holds_a_part_of_the_findings(region, real):
    data = measures.edition("2022-12", region)
    own = set(source_audit.finding_count(data).findings)
    assert own < set(source_audit.finding_count(real).findings)
    assert {"X002-1"} - own
    assert source_audit.countries_concerned(data).low <= measures.countries_reached(data).low
