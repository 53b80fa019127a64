"""The ledger holds what reports show, and says where they contradict each other."""

from __future__ import annotations

import pytest

from baaplib import cli
from baaplib.batch import ledger


def claim(**own):
    whole = {
        "id": "0a1b2c3d", "text": "3", "says": "activities reported; Africa",
        "measure": "activities", "scope": ["region=AFR"], "population": "", "place": [],
        "window": ["", ""], "cumulative": False, "low": 3.0, "high": 3.0, "bound": "exact",
        "whole": None, "figures": [], "activities": ["A", "B", "C"], "paragraphs": [7, 9],
        "shown": "In brief",
    }  # fmt: skip
    return whole | own


def rows(*claims, report="brief-AFR", language="en", data="11111111"):
    return ledger.rows(report, language, claims, data)


def other(*claims, **more):
    return rows(*claims, **({"report": "overview-ALL"} | more))


PARTS = [
    claim(scope=["region=AFR", "theme=CAP"], text="2", low=2.0, high=2.0, activities=["A", "B"]),
    claim(scope=["region=AFR", "component=study_groups"], text="1", low=1.0, high=1.0,
          activities=["C"]),
]  # fmt: skip


def test_a_row_is_written_and_read_back(tmp_path):
    path = tmp_path / ledger.NAME
    own = rows(claim(), claim(low=None, high=None, bound="not_stated", text="not stated"))
    path.write_text(ledger.text(own), encoding="utf-8")
    assert ledger.read(path) == own
    first, second = own
    assert (first["activities"], first["paragraphs"], first["low"]) == ("A;B;C", "7;9", "3.0")
    assert (second["low"], second["bound"], second["cumulative"]) == ("", "not_stated", "false")


def test_there_may_be_no_ledger_yet(tmp_path):
    assert ledger.read(tmp_path / ledger.NAME) == []


def test_another_file_is_refused(tmp_path):
    path = tmp_path / ledger.NAME
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="is not a ledger of this program"):
        ledger.read(path)


@pytest.mark.parametrize(
    "every",
    [
        rows(claim()) + other(claim()),
        rows(claim(), *PARTS),
        # One part alone, or each in a report of its own, need not be all.
        rows(claim()) + other(PARTS[0]),
        rows(claim(), PARTS[0]) + other(PARTS[1] | {"activities": ["B"]}),
        # Without a scope a claim is about its own rows.
        rows(claim(scope=[])) + other(claim(scope=[], activities=["A"], low=1.0, high=1.0)),
        # Another question: whom, where, when, or what scope.
        rows(claim()) + other(claim(population="women", low=1.0)),
        rows(claim()) + other(claim(scope=["region=EUR"], low=1.0, activities=["Z"])),
        rows(claim()) + other(claim(window=["2022", "2022"], low=1.0)),
        # Made from other tables: the report was not built again.
        rows(claim()) + other(claim(low=2.0), data="22222222"),
        # A country is among all regions, and a question of its own.
        rows(claim(scope=["country=KEN"], activities=["A"], low=1.0))
        + other(claim())
        + other(claim(scope=["region=ALL"]), report="overview-ALL"),
        # Parts of a country.
        rows(
            claim(scope=["country=KEN"]),
            *[part | {"scope": ["country=KEN", part["scope"][1]]} for part in PARTS],
        ),
        # A region is among all regions.
        rows(claim()) + other(claim(scope=["region=ALL"], activities=["A", "B", "C", "D"])),
    ],
)
def test_reports_that_agree(every):
    assert ledger.disagreements(every) == []


@pytest.mark.parametrize(
    ("every", "told"),
    [
        (
            rows(claim()) + other(claim(text="4", low=4.0, high=4.0)),
            "brief-AFR (en) says 3, overview-ALL (en) says 4: activities reported; Africa",
        ),
        (
            rows(claim()) + rows(claim(text="至少3", bound="at_least", high=None), language="zh"),
            "brief-AFR (en) says 3, brief-AFR (zh) says 至少3",
        ),
        (
            rows(claim()) + other(PARTS[0], PARTS[1] | {"activities": ["B"]}),
            "says 3, but by component and theme overview-ALL (en) counts 2; they differ in C",
        ),
        (
            rows(claim()) + other(claim(scope=["region=AFR", "type=plan"], activities=["A", "X"])),
            "says 3, but by type overview-ALL (en) counts 2; they differ in X",
        ),
        (
            rows(claim()) + other(claim(scope=["region=ALL"], activities=["A", "B"], text="2")),
            "brief-AFR (en) counts C, which overview-ALL (en) (2) does not",
        ),
        (
            rows(claim(scope=["country=KEN"], activities=["A", "Z"]), report="country-profile-KEN")
            + other(claim(scope=["region=ALL"])),
            "country-profile-KEN (en) counts Z, which overview-ALL (en) (3) does not",
        ),
    ],
)
def test_reports_that_contradict_each_other_are_both_named(every, told):
    found = ledger.disagreements(every)
    assert len(found) == 1, found
    assert told in found[0]


def test_the_command_shows_the_claims_of_a_report(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("BAAP_REPORTS", str(tmp_path))
    assert cli.main(["claims"]) == 2
    assert "there is no ledger yet" in capsys.readouterr().err
    (tmp_path / "2022-12").mkdir()
    every = rows(claim()) + rows(claim(says="已报告的活动"), language="zh") + other(claim())
    (tmp_path / "2022-12" / ledger.NAME).write_text(ledger.text(every), encoding="utf-8")
    assert cli.main(["claims", "brief-AFR", "--language", "en"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "brief-AFR (en)",
        "  3  activities reported; Africa  [7 9]",
    ]
    assert cli.main(["claims"]) == 0
    assert capsys.readouterr().out.count("  3  ") == 3
    assert cli.main(["claims", "breif-AFR"]) == 2
    assert "Did you mean 'brief-AFR'?" in capsys.readouterr().err


def test_several_themes_together_are_no_part_of_one():
    rows = ledger.rows("a", "en", [
        claim(scope=["region=ALL", "theme=STA"], activities=["S"], low=1.0, high=1.0),
        claim(scope=["region=ALL", "theme=RES", "theme=STA"], activities=["R", "S"],
              low=2.0, high=2.0),
    ], "d")  # fmt: skip
    assert not ledger.disagreements(rows)


# Findings


def counting(*findings, scope=("region=ALL",), **own):
    """Return a claim that counts findings."""
    return claim(measure="findings", scope=list(scope), findings=list(findings), **own)


AUDIT = rows(
    counting("X007-1", "X007-2", "X030-1", "X031-1", id="a1"),
    counting("X007-1", "X031-1", scope=["region=ALL", "severity=high"], id="a2"),
    report="audit-ALL",
)


def test_a_number_rests_on_the_findings_of_its_paragraphs():
    own = rows(claim(id="1", paragraphs=[7, 9]), claim(id="2", paragraphs=[30]),
               claim(id="3", paragraphs=[77, 300, 70]))  # fmt: skip
    found = ledger.doubts([*AUDIT, *own, *other(claim(id="1", paragraphs=[7]))])
    assert (found.audit, found.numbers, found.reports) == ("audit-ALL", 4, 2)
    assert found.touched == (3, 2)
    assert found.grave == (2, 2)
    assert found.gravest == (("X007-1", 2, 2),)


def test_a_number_rests_on_the_findings_it_was_worked_out_for():
    found = ledger.doubts([*AUDIT, *rows(claim(paragraphs=[1], findings=["X031-1", "X999-9"]))])
    assert found.gravest == (("X031-1", 1, 1),)


def test_a_number_in_two_languages_is_one_number():
    own = [
        row for language in ("en", "zh") for row in rows(claim(paragraphs=[7]), language=language)
    ]
    assert ledger.doubts([*AUDIT, *own]).gravest == (("X007-1", 1, 1),)


def test_findings_that_touch_most_reports_come_first():
    one = rows(claim(id="1", paragraphs=[31]), claim(id="2", paragraphs=[31]),
               claim(id="3", paragraphs=[31, 7]))  # fmt: skip
    found = ledger.doubts([*AUDIT, *one, *other(claim(paragraphs=[7]))])
    assert found.gravest == (("X007-1", 2, 2), ("X031-1", 3, 1))


def test_without_a_report_that_counts_findings_none_is_known():
    found = ledger.doubts(rows(claim(findings=["X007-1"])))
    assert (found.audit, found.numbers, found.touched, found.gravest) == ("", 1, (0, 0), ())
