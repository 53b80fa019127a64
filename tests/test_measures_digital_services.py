"""Digital services: a small edition worked out by hand, and the real one counted anew."""

import shutil
from collections import Counter

import pandas as pd
import pytest
from small import raw
from test_measures import DATA, SMALL, listed, write

from baaplib import measures, tables
from baaplib.measures import digital_services as srv

TABLES = {
    **SMALL,
    "topics": """
        topic               theme name_en name_zh
        srv-building-blocks SRV   Blocks  Blocks
        srv-health          SRV   Health  Health
        srv-smart-villages  SRV   Village Village
        inn-hubs            INN   Hubs    Hubs
    """,
    "themes": """
        theme cycle   section name_en name_zh status
        SRV   WTDC-17 6       S       S       sure
        INN   WTDC-17 5       I       I       sure
    """,
    "activities": """
        activity_id theme region type        status    start   paragraphs
        SRV-001     SRV   -      publication completed 2022-06 1
        SRV-002     SRV   -      publication ongoing   -       1
        SRV-003     SRV   -      project     ongoing   -       2
        SRV-004     SRV   EUR    meeting     completed -       2
        SRV-005     SRV   ASP    project     completed -       2
        SRV-006     SRV   AFR    assessment  planned   -       3
        SRV-007     SRV   ASP    programme   ongoing   -       3
        SRV-008     SRV   AFR    platform    pending   -       3
        SRV-009     SRV   -      training    planned   -       1
        INN-001     INN   EUR    platform    ongoing   2019    3;4
        INN-002     INN   EUR    platform    ongoing   -       4;3
        INN-003     INN   EUR    platform    pending   -       3
    """,
    "activity_countries": """
        activity_id iso3 role
        SRV-003     GHA  beneficiary
        SRV-003     FRA  beneficiary
        SRV-003     KEN  donor
        SRV-004     DEU  beneficiary
        SRV-005     FJI  beneficiary
        SRV-006     GHA  beneficiary
        SRV-007     FJI  beneficiary
        SRV-008     SOM  beneficiary
        SRV-005     FRA  venue
    """,
    "activity_partners": "activity_id partner role",
    "activity_tags": """
        activity_id vocabulary tag
        SRV-001     topic      srv-building-blocks
        SRV-002     topic      srv-building-blocks
        SRV-003     topic      srv-building-blocks
        SRV-004     topic      srv-building-blocks
        SRV-004     topic      srv-health
        SRV-005     topic      srv-building-blocks
        SRV-006     topic      srv-smart-villages
        SRV-007     topic      srv-smart-villages
        SRV-008     topic      srv-smart-villages
        SRV-009     topic      srv-building-blocks
        SRV-009     sdg        4
        INN-001     topic      inn-hubs
    """,
    "figures": """
        figure_id activity_id measure value bound place place_role paragraph
        F001-1      SRV-001     specifications            11 exact    -       -      1
        F001-2      SRV-002     specifications            5  at_least -       -      1
        F001-3      SRV-009     learning_topics           20 exact    -       -      1
        F002-1      SRV-003     reference_implementations 2  exact    GHA;FRA origin 2
        F002-2      SRV-003     partners_count            3  exact    -       -      2
        F003-1      SRV-007     countries                 15 about    ASP     origin 3
        F003-2      SRV-007     countries                 4  exact    ASP     origin 3
        F004-1      INN-001     specifications            9  exact    -       -      4
    """,
    "findings": """
        finding_id severity paragraphs
        X002-1     low      2
    """,
    "paragraphs": """
        paragraph section disposition
        1         6       activities
        2         6       activities
        3         6       activities
        4         5       activities
    """,
}
NONE = ("same_activities", "overlaps")


@pytest.fixture(scope="module")
def every(tmp_path_factory):
    """Return the small edition of all areas."""
    data = tmp_path_factory.mktemp("services") / "data"
    shutil.copytree(DATA, data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BAAP_DATA", str(data))
        for name, text in TABLES.items():
            where = "reference" if tables.is_reference(name) else "editions/2022-12"
            write(data / where, name, text)
        for name in NONE:
            fields = [field["name"] for field in tables.schema(name)["fields"]]
            write(data / "editions/2022-12", name, " ".join(fields))
        return measures.edition("2022-12")


@pytest.fixture
def of(every):
    return lambda region="ALL": measures.restrict(every, region, srv.THEME)


def test_by_topic_leaves_placeholders_out_and_puts_the_largest_topic_first(of):
    assert listed(srv.by_topic(of()), "topic", "status", "activities", "claim") == [
        ("srv-building-blocks", "completed", 3, "3"),
        ("srv-building-blocks", "ongoing", 2, "2"),
        ("srv-building-blocks", "planned", 1, "1"),
        ("srv-smart-villages", "ongoing", 1, "1"),
        ("srv-smart-villages", "planned", 1, "1"),
        ("srv-health", "completed", 1, "1"),
    ]
    first = srv.by_topic(of())["claim"][0]
    assert first.activities == ("SRV-001", "SRV-004", "SRV-005")
    assert first.scope == (
        "region=ALL", "theme=SRV", "topic=srv-building-blocks", "status=completed",
    )  # fmt: skip


def test_services_leave_donors_venues_placeholders_and_other_regions_out(of):
    assert listed(srv.services(of()), "iso3", "topic") == [
        ("DEU", "srv-building-blocks"), ("FJI", "srv-building-blocks"),
        ("FRA", "srv-building-blocks"), ("GHA", "srv-building-blocks"),
        ("FJI", "srv-smart-villages"), ("GHA", "srv-smart-villages"),
        ("DEU", "srv-health"),
    ]  # fmt: skip
    # The project of Ghana and France reaches Africa, but France is no country of it.
    assert listed(srv.services(of("AFR")), "iso3", "topic") == [
        ("GHA", "srv-building-blocks"),
        ("GHA", "srv-smart-villages"),
    ]


def test_products_keep_bounds_and_the_status_of_their_activity(of):
    assert listed(srv.products(of()), "measure", "status", "value", "claim") == [
        ("specifications", "completed", 11, "11"),
        ("specifications", "ongoing", 5, "at least 5"),
        ("reference_implementations", "ongoing", 2, "2"),
        ("learning_topics", "planned", 20, "20"),
    ]
    # A figure of two regions is of none of them.
    assert srv.products(of("AFR")).empty


def test_specifications_are_counted_by_the_status_of_the_work(of):
    done, work = srv.specifications_done(of()), srv.specifications_in_work(of())
    assert (done.low, done.high, done.measure) == (11, 11, "specifications_done")
    assert (work.low, work.bound, work.figures) == (5, "at_least", ("F001-2",))
    assert srv.specifications_done(of("AFR")).bound == "not_stated"


def test_steps_tell_preparing_from_carrying_out(of):
    columns = ("iso3", "region", "step", "activity_id")
    assert listed(srv.steps(of(), srv.BLOCKS), *columns) == [
        ("DEU", "EUR", "prepared", "SRV-004"),
        ("FJI", "ASP", "finished", "SRV-005"),
        ("FRA", "EUR", "under_way", "SRV-003"),
        ("GHA", "AFR", "under_way", "SRV-003"),
    ]
    assert listed(srv.steps(of(), srv.VILLAGES), *columns) == [
        ("FJI", "ASP", "under_way", "SRV-007"),
        ("GHA", "AFR", "planned", "SRV-006"),
    ]
    assert listed(srv.steps(of("EUR"), srv.BLOCKS), "iso3") == [("DEU",), ("FRA",)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("block_countries", {"ALL": 4, "AFR": 1, "EUR": 2, "CIS": 0}),
        ("block_countries_finished", {"ALL": 1, "ASP": 1, "EUR": 0}),
        ("village_countries", {"ALL": 2, "AFR": 1, "EUR": 0}),
        ("village_countries_finished", {"ALL": 0, "ASP": 0}),
    ],
)
def test_countries(question, expected, of, every):
    for region, number in expected.items():
        claim = getattr(srv, question)(of(region))
        assert (claim.low, claim.high) == (number, number)
        assert claim.measure in set(every.reference["measures"]["measure"])
    finished = ("step=finished",) if question.endswith("finished") else ()
    assert getattr(srv, question)(of()).scope == ("region=ALL", "theme=SRV", *finished)


def test_countries_name_the_activities_behind_them(of):
    assert srv.block_countries(of()).activities == ("SRV-004", "SRV-005", "SRV-003")
    assert srv.block_countries_finished(of()).activities == ("SRV-005",)


def test_interest_is_the_largest_count_as_stated(of):
    claim = srv.village_interest(of("ASP"))
    assert (claim.low, claim.high, claim.bound) == (14.5, 15.5, "about")
    assert claim.figures == ("F003-1",)
    assert srv.village_interest(of("AFR")).bound == "not_stated"


def test_works_are_the_activities_of_one_topic(of):
    assert listed(srv.works(of(), srv.VILLAGES), "activity_id", "type", "status") == [
        ("SRV-006", "assessment", "planned"),
        ("SRV-007", "programme", "ongoing"),
    ]
    assert srv.works(of("CIS"), srv.VILLAGES).empty


def test_every_figure_is_told_with_its_status(of):
    frame = srv.figures_stated(of())
    assert listed(frame, "activity_id", "measure", "claim", "status") == [
        ("SRV-001", "specifications", "11", "completed"),
        ("SRV-002", "specifications", "at least 5", "ongoing"),
        ("SRV-009", "learning_topics", "20", "planned"),
        ("SRV-003", "reference_implementations", "2", "ongoing"),
        ("SRV-003", "partners_count", "3", "ongoing"),
        ("SRV-007", "countries", "about 15", "ongoing"),
        ("SRV-007", "countries", "4", "ongoing"),
    ]


def test_what_is_told_here_is_known_by_its_main_paragraph(every):
    """INN-002 is mainly told elsewhere; INN-003 is a placeholder."""
    assert listed(srv.told_here(every), "activity_id", "theme") == [("INN-001", "INN")]
    count = srv.told_here_count(every)
    assert (count.low, count.activities) == (1, ("INN-001",))
    assert count.scope == ("region=ALL", "theme=SRV")
    assert srv.told_here(measures.restrict(every, "AFR")).empty


FRAMES = {
    "by_topic": (), "services": (), "products": (), "figures_stated": (),
    "steps": (srv.BLOCKS,), "works": (srv.BLOCKS,),
}  # fmt: skip


@pytest.mark.parametrize("question", FRAMES)
def test_nothing_has_the_columns_and_types_of_something(question, of):
    ask = getattr(srv, question)
    nothing, something = (ask(of(region), *FRAMES[question]) for region in ("CIS", "ALL"))
    assert nothing.empty
    assert not something.empty
    pd.testing.assert_index_equal(nothing.columns, something.columns)


# The real edition, counted anew with the csv module.


@pytest.fixture(scope="module")
def real():
    return measures.edition("2022-12")


@pytest.fixture(scope="module")
def tags():
    """Return the topics of each activity of the area."""
    own = {row["topic"] for row in raw("topics") if row["theme"] == "SRV"}
    return [
        (row["activity_id"], row["tag"])
        for row in raw("activity_tags")
        if row["vocabulary"] == "topic" and row["tag"] in own
    ]


def test_real_every_activity_has_a_topic_and_every_topic_an_activity(tags):
    own = {row["activity_id"] for row in raw("activities") if row["theme"] == "SRV"}
    assert {activity for activity, _ in tags} == own
    topics = {row["topic"] for row in raw("topics") if row["theme"] == "SRV"}
    assert {topic for _, topic in tags} == topics


def test_real_topics_and_statuses(real, tags):
    status = {row["activity_id"]: row["status"] for row in raw("activities")}
    expected = Counter((topic, status[activity]) for activity, topic in tags)
    frame = srv.by_topic(measures.restrict(real, area="SRV"))
    pairs = zip(frame["topic"], frame["status"].astype(str), strict=True)
    assert dict(zip(pairs, frame["activities"], strict=True)) == expected


@pytest.mark.parametrize("topic", [srv.BLOCKS, srv.VILLAGES])
def test_real_countries(topic, real, tags):
    own = {activity for activity, tag in tags if tag == topic}
    expected = {
        (row["activity_id"], row["iso3"])
        for row in raw("activity_countries")
        if row["activity_id"] in own and row["role"] in ("beneficiary", "participant", "member")
    }
    frame = srv.steps(measures.restrict(real, area="SRV"), topic)
    assert set(zip(frame["activity_id"], frame["iso3"], strict=True)) == expected
    question = srv.block_countries if topic == srv.BLOCKS else srv.village_countries
    claim = question(measures.restrict(real, area="SRV"))
    assert claim.low == len({iso3 for _, iso3 in expected})


def test_real_start_ups_stand_under_the_heading_of_services(real):
    section = {row["paragraph"]: row["section"] for row in raw("paragraphs")}
    expected = [
        row["activity_id"]
        for row in raw("activities")
        if section[row["paragraphs"].split(";")[0]] == "6" and row["theme"] != "SRV"
    ]
    assert srv.told_here(real)["activity_id"].tolist() == expected
    assert srv.told_here(measures.restrict(real, "CIS"))["activity_id"].tolist() == expected
