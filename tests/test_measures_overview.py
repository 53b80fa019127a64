"""The overview: a small edition counted by hand, and the real one counted anew from its files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from small import raw
from test_measures import small  # noqa: F401  a fixture

from baaplib import measures
from baaplib.measures import overview

DATA = Path(__file__).parent.parent / "data" / "editions" / "2022-12"


@pytest.fixture(scope="module")
def real() -> measures.Edition:
    return measures.edition("2022-12")


def test_an_activity_counts_in_each_region_it_concerns(small):  # noqa: F811
    """CAP-002 reaches Ghana, Kenya and Fiji; EMT-003 the same three; placeholders are left out."""
    frame = overview.by_theme_and_region(small)
    counts = {
        (row["area"], row["region"]): row["activities"]
        for _, row in frame.iterrows()
        if row["activities"]
    }
    assert counts == {
        ("CAP", "AFR"): 2, ("CAP", "ASP"): 1, ("CAP", "EUR"): 1,
        ("EMT", "AFR"): 3, ("EMT", "AMS"): 1, ("EMT", "ASP"): 2,
    }  # fmt: skip
    assert overview.in_several_regions(small).activities == ("CAP-002", "EMT-003")
    assert overview.worldwide(small).activities == ("CAP-005", "EMT-005")


def test_people_are_counted_where_a_region_states_them(small):  # noqa: F811
    """Africa: 100 in one course. Europe: 30 who met in Germany. Others state nothing."""
    frame = overview.people_by_region(small)
    assert list(zip(frame["region"], frame["value"], strict=True)) == [("AFR", 100), ("EUR", 30)]


def test_dates_lie_to_the_period_in_one_order(small):  # noqa: F811
    frame = overview.by_period(small)
    assert list(zip(frame["in_period"], frame["activities"], strict=True)) == [
        ("yes", 3), ("partly", 3), ("no", 2), ("unknown", 2),
    ]  # fmt: skip


def test_partners_are_counted_once_by_kind(small):  # noqa: F811
    """Cisco takes part in two activities; UNICEF is only being talked to."""
    frame = overview.partner_kinds(small)
    assert list(zip(frame["kind"], frame["partners"], strict=True)) == [
        ("company", 1), ("government", 1),
    ]  # fmt: skip


def test_real_themes_of_a_region_are_those_of_its_brief(real):
    frame = overview.by_theme_and_region(real)
    for region in ("AFR", "EUR"):
        own = measures.by_theme(measures.restrict(real, region)).set_index("area")["activities"]
        column = frame[(frame["region"] == region) & (frame["activities"] > 0)]
        assert column.set_index("area")["activities"].to_dict() == own.to_dict()


def test_real_periods_add_up_to_all_activities(real):
    told = [row for row in raw("activities") if row["status"] != "pending"]
    frame = overview.by_period(real)
    assert frame["activities"].sum() == len(told)
    inside = sum(row["in_period"] == "yes" for row in told)
    assert dict(zip(frame["in_period"], frame["activities"], strict=True))["yes"] == inside


def test_real_groups_count_the_members_of_their_time(real):
    """46 least developed countries in 2022, 32 landlocked ones, 37 island states less Palau."""
    frame = overview.groups(real).set_index("group")
    assert {name: row["reached"].whole for name, row in frame.iterrows()} == {
        "LDC": 46, "LLDC": 32, "SIDS": 36,
    }  # fmt: skip
    for _, row in frame.iterrows():
        assert row["value"] == pytest.approx(100 * row["reached"].low / row["reached"].whole)


def test_real_regions_say_what_their_briefs_say(real):
    frame = overview.regions(measures.restrict(real, "AFR")).set_index("region")
    assert list(frame.index) == ["AFR", "AMS", "ARB", "ASP", "CIS", "EUR"]
    brief = measures.edition("2022-12", "CIS")
    assert frame.at["CIS", "activities"] == measures.activity_count(brief)
    assert frame.at["CIS", "reached"] == measures.countries_reached(brief)
    assert frame.at["CIS", "trained"] == measures.people_trained(brief)


def test_real_initiatives_count_the_tags_of_the_region(real):
    data = measures.restrict(real, "CIS")
    frame = overview.initiatives(data)
    assert list(frame["initiative"]) == [f"WTDC17-CIS{number}" for number in range(1, 6)]
    own = set(data.activities["activity_id"])
    tags = [row for row in raw("activity_tags") if row["activity_id"] in own]
    for _, row in frame.iterrows():
        expected = {tag["activity_id"] for tag in tags if tag["tag"] == row["initiative"]}
        assert set(row["activities"].activities) == expected
    some = overview.put_to_initiatives(data)
    assert set(some.activities) == {
        key for claim in frame["activities"] for key in claim.activities
    }
    assert some.whole == measures.activity_count(data).low


def test_countries_reached_in_each_region_are_those_of_the_region(real):
    frame = overview.reached_by_region(real).set_index("region")
    places = pd.read_csv(DATA.parents[1] / "reference" / "countries.csv").set_index("iso3")
    links = pd.read_csv(DATA / "activity_countries.csv")
    links = links[links["role"].isin(["beneficiary", "participant", "member"])]
    status = pd.read_csv(DATA / "activities.csv").set_index("activity_id")
    told = links[links["activity_id"].map(status["status"]) != "pending"]
    told = told[told["iso3"].map(places["membership"]) != "territory"]
    expected = told["iso3"].drop_duplicates().map(places["region"]).value_counts()
    assert {code: claim.low for code, claim in frame["reached"].items()} == expected.to_dict()
    homes = places[(places["membership"] != "territory") & places["member_from"].isna()]
    members = homes["region"].value_counts()
    for code, row in frame.iterrows():
        assert row["reached"].whole == members[code]
        assert (
            row["share"].low == row["value"] == pytest.approx(100 * expected[code] / members[code])
        )
    assert frame["value"].is_monotonic_decreasing


def test_what_is_not_wholly_inside_is_the_rest(real):
    found = overview.not_inside(real)
    assert list(found) == ["partly", "outside", "unknown"]
    whole = measures.in_period(real)
    assert whole.low + sum(claim.low for claim in found.values()) == whole.whole
