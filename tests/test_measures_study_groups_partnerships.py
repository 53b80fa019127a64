"""Study groups, forums, United Nations and partners: worked by hand, and the real edition anew."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from small import frame, listed, parts, raw, said

from baaplib import charts, measures
from baaplib.i18n import language
from baaplib.measures import partner_network as network
from baaplib.measures import study_groups_partnerships as groups

DATA = Path(__file__).parent.parent / "data"
AREAS = ("study_groups", "regional_forum", "un_cooperation")
REACHING = {"beneficiary", "participant", "member"}

ACTIVITIES = """
    activity_id component      theme region also_regions type        in_period paragraphs
    STG-901     study_groups   -     -      -            meeting     yes       1
    STG-902     study_groups   -     -      -            plan        yes       1
    RDF-901     regional_forum -     -      CIS          meeting     no        2
    UNC-901     un_cooperation -     ARB    -            partnership unknown   3
    UNC-902     un_cooperation -     EUR    CIS          partnership unknown   4
    UNC-903     un_cooperation -     EUR    -            partnership unknown   5
    CAP-901     theme          CAP   AFR    -            training    unknown   6
    CAP-902     theme          CAP   -      -            training    unknown   7
    CYB-901     theme          CYB   AFR    -            training    unknown   8
    CYB-902     theme          CYB   AFR    -            training    unknown   9
    CYB-903     theme          CYB   AFR    -            training    unknown   10
"""
# Kenyans came to the forum of the CIS; Oman lent a venue.
COUNTRIES = """
    activity_id iso3 role
    RDF-901     KAZ  participant
    RDF-901     KEN  participant
    UNC-901     EGY  beneficiary
    UNC-901     JOR  beneficiary
    UNC-901     OMN  venue
    CAP-901     LBR  beneficiary
    CAP-901     GHA  beneficiary
"""
# Teams and coordinators of Egypt and Jordan are told in one; the body of Liberia works in Liberia.
PARTNERS = """
    activity_id partner                  role
    UNC-901     un_country_teams         co_organiser
    UNC-901     un_resident_coordinators co_organiser
    UNC-902     fao                      participant
    UNC-902     unece                    co_organiser
    UNC-903     un_country_teams         co_organiser
    CAP-901     un_liberia               co_organiser
    CAP-902     cisco                    supplier
    CYB-901     fao                      co_organiser
    CYB-901     fao                      funder
    CYB-902     fao                      co_organiser
    CYB-903     fao                      co_organiser
    CYB-903     airtel                   prospective
"""
FIGURES = """
    figure_id activity_id paragraph measure              value bound    part_of
    F1-1      STG-901     1         countries            60    at_least -
    F1-2      STG-901     1         people_participating 200   exact    -
    F1-3      STG-901     1         contributions        90    exact    -
    F1-4      STG-901     1         contributions        30    exact    F1-3
    F1-5      STG-902     1         rapporteur_groups    8     exact    -
    F2-1      RDF-901     2         people_participating 150   at_least -
    F5-1      UNC-903     5         country_teams        9     exact    -
    F6-1      CAP-901     6         people_trained       70    exact    -
"""


@pytest.fixture(scope="module")
def small():
    """Return a small edition; its countries, partners and measures are the real ones."""
    activities = frame(ACTIVITIES)
    activities = activities.assign(
        title_en="T", title_zh="T", start=None, end=None, status="completed",
        also_regions=activities["also_regions"].map(parts),
        paragraphs=[(int(cell),) for cell in activities["paragraphs"]],
    )  # fmt: skip
    figures = frame(FIGURES)
    figures = figures.assign(
        value=figures["value"].astype(float), paragraph=figures["paragraph"].astype(int),
        cumulative=False, population=None, place=[()] * len(figures), place_role=None,
        window_start=None, window_end=None,
    )  # fmt: skip
    return replace(
        measures.edition("2022-12"), activities=activities, every=activities,
        countries=frame(COUNTRIES), partners=frame(PARTNERS), figures=figures, stated=figures,
    )  # fmt: skip


@pytest.fixture
def of(small):
    return lambda region: measures.restrict(small, region)


def test_meetings_state_people_and_countries_each_for_itself(small):
    assert listed(groups.meetings(small, "people_participating"), "activity_id", "claim") == [
        ("STG-901", "200"),
        ("RDF-901", "at least 150"),
    ]
    assert listed(groups.meetings(small, "countries"), "activity_id", "claim") == [
        ("STG-901", "at least 60"),
    ]


def test_a_part_says_of_how_many_it_is(small):
    assert listed(groups.documents(small), "activity_id", "measure", "claim") == [
        ("STG-901", "contributions", "90"),
        ("STG-901", "contributions", "30 of 90"),
        ("STG-902", "rapporteur_groups", "8"),
    ]


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("ALL", ["0 of 2", "1 of 2", "1 of 2"]),
        ("CIS", ["0 of 1", "1 of 1", "0 of 1"]),
        ("ARB", ["none reported"] * 3),
    ],
)
def test_meetings_tell_where_from_and_when(region, expected, of):
    found = groups.meetings_told(of(region))
    assert [said(found[name]) for name in ("placed", "named", "inside")] == expected
    assert {claim.scope[-1] for claim in found.values()} == {"type=meeting"}


def test_countries_with_a_body_of_the_united_nations(of):
    """Egypt and Jordan, Ghana and Liberia; neither the venue nor the forum's countries."""
    claim = groups.countries_with_un(of("ALL"))
    assert (claim.low, set(claim.activities)) == (4, {"UNC-901", "CAP-901"})
    assert groups.countries_with_un(of("ARB")).low == 2
    assert groups.countries_with_un(of("AMS")).low == 0


def test_teams_name_countries_or_count_them(of):
    """Ghana is reached as well, but the body of Liberia works in Liberia."""
    rows = groups.teams(of("ALL"))
    assert listed(rows, "activity_id", "iso3", "partner", "region", "claim") == [
        ("CAP-901", ("LBR",), ("un_liberia",), ("AFR",), None),
        ("UNC-901", ("EGY", "JOR"), ("un_country_teams", "un_resident_coordinators"), ("ARB",),
         None),
        ("UNC-903", (), ("un_country_teams",), ("EUR",), "9"),
    ]  # fmt: skip
    assert groups.teams(of("EUR"))["activity_id"].tolist() == ["UNC-903"]
    assert groups.teams(of("AMS")).empty


def test_who_is_only_talked_to_is_no_partner(small):
    pairs = network.links(small)
    assert len(pairs) == 10  # of twelve rows one is a second role, one prospective
    assert "airtel" not in set(pairs["partner"])


def test_kinds_by_region(small):
    """FAO in Africa, Europe and the CIS, with the commission in the latter two."""
    rows = network.kinds_by_region(small)
    assert listed(rows, "kind", "region", "claim") == [
        ("un_body", "AFR", "2"), ("un_body", "ARB", "2"), ("un_body", "CIS", "2"),
        ("un_body", "EUR", "3"),
    ]  # fmt: skip
    assert rows["claim"].iloc[0].scope == ("region=AFR", "kind=un_body")


def test_often_by_region_counts_where_else_a_regions_partners_work(of, small):
    """Only FAO has four activities; in CIS and Europe it is the same one."""
    expected = [("fao", "AFR", "3"), ("fao", "CIS", "1"), ("fao", "EUR", "1")]
    for region in ("ALL", "CIS"):
        rows = network.often_by_region(small, of(region))
        assert listed(rows, "partner", "region", "claim") == expected
    assert network.often_by_region(small, of("ARB")).empty


def test_several_lists_those_with_most_regions_first(of, small):
    columns = ("partner", "region", "area", "claim")
    rows = network.several(small, small)
    assert listed(rows, *columns) == [
        ("fao", ("AFR", "CIS", "EUR"), ("CYB", "un_cooperation"), "4"),
        ("un_country_teams", ("ARB", "EUR"), ("un_cooperation",), "2"),
        ("unece", ("CIS", "EUR"), ("un_cooperation",), "1"),
    ]
    assert network.several(small, of("ARB"))["partner"].tolist() == ["un_country_teams"]
    assert network.several(small, of("AMS")).empty


def test_one_area_names_the_partners_of_no_other(of, small):
    assert listed(network.one_area(small, small), "area", "claim", "alone") == [
        ("un_cooperation", "3", ("un_country_teams", "un_resident_coordinators", "unece")),
        ("CAP", "2", ("cisco", "un_liberia")),
    ]
    assert listed(network.one_area(small, of("AFR")), "area", "alone") == [("CAP", ("un_liberia",))]
    assert network.one_area(small, of("AMS")).empty


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        # FAO, teams and the commission; only the latter by one activity; Cisco works nowhere.
        ("ALL", ["3 of 6", "1 of 3", "1 of 6", "5 of 6", "2 of 6"]),
        ("AFR", ["1 of 2", "0 of 1", "0 of 2", "1 of 2", "1 of 2"]),
        ("AMS", ["none reported"] * 5),
    ],
)
def test_spread(region, expected, of, small):
    found = network.spread(small, of(region))
    assert [said(claim) for claim in found.values()] == expected
    assert list(found) == ["several", "once", "none", "alone", "together"]
    keys = set(small.reference["measures"]["measure"])
    assert {claim.measure for claim in found.values()} <= keys


def test_a_matrix_folds_the_long_names_of_its_rows():
    name = "Department of Infrastructure, Transport, Communications and the Arts of Australia"
    numbers = pd.DataFrame({"partner": [name, "FAO"], "region": ["Africa"] * 2, "n": [1, 2]})
    ax = charts.matrix(numbers, language("en"))
    assert [label.get_text().count("\n") for label in ax.get_yticklabels()] == [1, 0]


@cache
def real(region="ALL"):
    return measures.edition("2022-12", region)


@cache
def concerning():
    """Return the regions of each activity: its own, those named, those of countries reached."""
    homes = {row["iso3"]: row["region"] for row in raw("countries")
             if row["membership"] != "territory"}  # fmt: skip
    found = {
        row["activity_id"]: {row["region"], *row["also_regions"].split(";")} - {""}
        for row in raw("activities")
    }
    for row in raw("activity_countries"):
        if row["role"] in REACHING and homes.get(row["iso3"]):
            found[row["activity_id"]].add(homes[row["iso3"]])
    return found


@cache
def behind():
    """Return the activities of each partner, prospective ones left out."""
    found: dict[str, set[str]] = {}
    for row in raw("activity_partners"):
        if row["role"] != "prospective":
            found.setdefault(row["partner"], set()).add(row["activity_id"])
    return found


def area_of(name):
    rows = {row["activity_id"]: row["theme"] or row["component"] for row in raw("activities")}
    return rows[name]


def regions_of(partner):
    return {region for name in behind()[partner] for region in concerning()[name]}


def test_real_spread_of_partners():
    found = network.spread(real(), real())
    several = [name for name in behind() if len(regions_of(name)) > 1]
    once = [name for name in several if len(behind()[name]) == 1]
    alone = [name for name in behind() if len({area_of(own) for own in behind()[name]}) == 1]
    worldwide = [name for name in behind() if not regions_of(name)]
    activities = {own for names in behind().values() for own in names}
    most = max(sum(own in names for names in behind().values()) for own in activities)
    counts = [len(several), len(once), len(worldwide), len(alone), most]
    assert [claim.low for claim in found.values()] == counts == [30, 8, 27, 131, 17]
    assert found["several"].whole == len(behind()) == 158
    assert sum(network.one_area(real(), real())["partners"]) == len(alone)


@pytest.mark.parametrize("region", ["AFR", "AMS", "ARB", "ASP", "CIS", "EUR"])
def test_real_matrices_count_what_the_tables_link(region):
    here = {name for name, regions in concerning().items() if region in regions}
    rows = network.often_by_region(real(), real())
    rows = rows[rows["region"] == region]
    expected = {
        name: len(own & here) for name, own in behind().items() if len(own) >= 4 and own & here
    }
    assert dict(zip(rows["partner"], rows["activities"], strict=True)) == expected
    kinds = network.kinds_by_region(real())
    number = sum(1 for own in behind().values() if own & here)
    assert kinds.loc[kinds["region"] == region, "partners"].sum() == number
    assert measures.partner_count(real(region)).low == number


def test_real_countries_with_the_united_nations():
    bodies = {row["partner"] for row in raw("partners") if row["kind"] == "un_body"}
    together = {own for name in bodies & set(behind()) for own in behind()[name]}
    homes = {row["iso3"] for row in raw("countries")
             if row["membership"] != "territory" and row["region"]}  # fmt: skip
    reached = {
        row["iso3"] for row in raw("activity_countries")
        if row["activity_id"] in together and row["role"] in REACHING
    } & homes  # fmt: skip
    assert groups.countries_with_un(real()).low == len(reached) == 44


def test_real_teams():
    rows = groups.teams(real())
    named = {code for own in rows["iso3"] for code in own}
    assert named == {"BLR", "KAZ", "KGZ", "UZB", "RUS", "DZA", "BHR", "EGY", "JOR", "MAR", "SAU",
                     "CPV", "LBR", "MNG"}  # fmt: skip
    stated = {row["figure_id"] for row in raw("figures")
              if row["measure"] in groups.TEAM_COUNTS and row["activity_id"].startswith("UNC")
              }  # fmt: skip
    assert {claim.figures[0] for claim in rows["claim"].dropna()} == stated


def test_real_meetings_are_the_stated_figures():
    own = [row for row in raw("figures") if row["activity_id"].startswith(("STG", "RDF"))]
    frames = [*(groups.meetings(real(), name) for name in groups.CAME), groups.documents(real())]
    every = pd.concat([frame["claim"] for frame in frames])
    assert sorted(claim.figures[0] for claim in every) == sorted(row["figure_id"] for row in own)
    told = groups.meetings_told(real())
    assert [said(claim) for claim in told.values()] == ["0 of 4", "1 of 4", "2 of 4"]


def test_real_activities_of_the_three_components():
    data = measures.restrict(real(), area=AREAS)
    own = [row for row in raw("activities") if row["component"] in AREAS]
    assert measures.activity_count(data).low == len(own) == 47
