"""Digital inclusion: a small edition worked out by hand, and the real one counted anew."""

import csv
import shutil
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from small import said

from baaplib import measures, tables
from baaplib.measures import digital_inclusion as inclusion

DATA = Path(__file__).parent.parent / "data"
REAL = DATA / "editions" / "2022-12"

TOPICS = """topic,theme,name_en,name_zh
cap-women,CAP,T,T
inc-all,INC,T,T
inc-disabilities,INC,T,T
inc-lang-ar,INC,T,T
inc-lang-en,INC,T,T
inc-migrants,INC,T,T
inc-older,INC,T,T
inc-product-course,INC,T,T
inc-product-guide,INC,T,T
inc-rural,INC,T,T
inc-women-girls,INC,T,T
inc-youth,INC,T,T
"""
# activity, theme, region, type, status, tags, countries reached
ACTIVITIES = [
    ("INC-001", "INC", "AFR", "training", "completed", "women-girls rural", "KEN GHA"),
    ("INC-002", "INC", "AFR", "training", "completed", "women-girls youth", "KEN"),
    ("INC-003", "INC", "", "publication", "completed", "disabilities product-guide lang-ar "
     "lang-en", ""),
    ("INC-004", "INC", "", "training", "ongoing", "older product-course lang-ar", ""),
    ("INC-005", "INC", "", "training", "ongoing", "disabilities product-course", ""),
    ("INC-006", "INC", "EUR", "meeting", "completed", "disabilities youth", ""),
    ("INC-007", "INC", "EUR", "meeting", "completed", "all", ""),
    # Placeholders count nowhere; the topics of another theme are no groups.
    ("INC-008", "INC", "EUR", "meeting", "pending", "migrants women-girls", "FRA"),
    ("CAP-001", "CAP", "AFR", "training", "completed", "", "GHA"),
]  # fmt: skip
# figure, activity, measure, value, population, place, cumulative, part of, occasions
FIGURES = [
    ("F001-1", "INC-001", "people_trained", 50, "girls", "KEN", False, "", ""),
    ("F001-2", "INC-001", "people_trained", 10, "girls", "KEN", False, "F001-1", ""),
    ("F002-1", "INC-002", "people_trained", 90, "women", "KEN", False, "", ""),
    ("F002-2", "INC-002", "attendances", 300, "girls", "GHA", False, "", 10),
    # Neither a running total, nor registrations, nor delegates are people of a group reached.
    ("F002-3", "INC-002", "people_trained", 900, "women", "KEN", True, "", ""),
    ("F002-4", "INC-002", "people_registered", 700, "women", "KEN", False, "", ""),
    ("F006-1", "INC-006", "people_participating", 70, "delegates", "DEU", False, "", ""),
    ("F006-2", "INC-006", "people_participating", 20, "young_people", "DEU", False, "", ""),
    ("F009-1", "CAP-001", "people_trained", 40, "women", "GHA", False, "", ""),
]


def write(folder, table, rows):
    columns = [field["name"] for field in tables.schema(table)["fields"]]
    with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Return the small edition, all themes and regions."""
    data = tmp_path_factory.mktemp("small") / "data"
    shutil.copytree(DATA, data)
    folder = data / "editions" / "2022-12"
    (data / "reference" / "topics.csv").write_text(TOPICS, encoding="utf-8")
    texts = dict.fromkeys(("title_en", "title_zh", "summary_en", "summary_zh"), "T")
    write(folder, "activities", [
        {"activity_id": name, "component": "theme", "theme": theme, "region": region,
         "type": kind, "status": status, "in_period": "unknown", "paragraphs": 10 + number, **texts}
        for number, (name, theme, region, kind, status, _, _) in enumerate(ACTIVITIES)
    ])  # fmt: skip
    write(folder, "activity_tags", [
        {"activity_id": row[0], "vocabulary": "topic", "tag": f"inc-{tag}", "basis": "judged"}
        for row in ACTIVITIES for tag in row[5].split()
    ] + [{"activity_id": "INC-007", "vocabulary": "topic", "tag": "cap-women", "basis": "judged"},
         {"activity_id": "INC-007", "vocabulary": "sdg", "tag": "5", "basis": "judged"}],
    )  # fmt: skip
    write(folder, "activity_countries", [
        {"activity_id": row[0], "iso3": code, "role": "beneficiary"}
        for row in ACTIVITIES for code in row[6].split()
    ] + [{"activity_id": "INC-006", "iso3": "DEU", "role": "venue"}])  # fmt: skip
    write(folder, "figures", [
        {"figure_id": name, "activity_id": activity, "paragraph": int(name[1:4]), "printed": "1",
         "measure": measure, "value": value, "bound": "exact", "population": population,
         "place": place, "place_role": "origin", "cumulative": str(total).lower(),
         "part_of": whole, "occasions": occasions}
        for name, activity, measure, value, population, place, total, whole, occasions in FIGURES
    ])  # fmt: skip
    for table in ("same_activities", "overlaps"):
        write(folder, table, [])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BAAP_DATA", str(data))
        return measures.edition("2022-12")


@pytest.fixture
def of(small):
    return lambda region="ALL": measures.restrict(small, region, inclusion.THEME)


def listed(frame, *columns):
    """Return rows as tuples, claims as what they say."""
    return [tuple(map(said, row)) for row in frame[list(columns)].astype(object).to_numpy()]


CLAIMS = {
    # Low, high and whole. Once per place: 90 of Kenya, 300 / 10 of Ghana, 20 of Germany. Without
    # repeats: 50 + 90 of Kenya, 300 of Ghana, 20 of Germany; the 10 are among the 50.
    "people_of_groups": {"ALL": (140, 460, None), "AFR": (120, 440, None), "EUR": (20, 20, None)},
    "naming_group": {"ALL": (6, 6, 7), "AFR": (2, 2, 2), "EUR": (1, 1, 2), "ASP": (0, 0, 0)},
    "worldwide": {"ALL": (3, 3, 7), "AFR": (0, 0, 2)},
    "naming_language": {"ALL": (2, 2, 3), "AFR": (0, 0, 0)},
}


@pytest.mark.parametrize(
    ("question", "region"), [(name, region) for name in CLAIMS for region in CLAIMS[name]]
)
def test_claim(question, region, of, small):
    claim = getattr(inclusion, question)(of(region))
    assert (claim.low, claim.high, claim.whole) == CLAIMS[question][region]
    assert claim.measure in set(small.reference["measures"]["measure"])
    assert claim.scope == (f"region={region}", "theme=INC")


def test_silence_is_not_nought(of):
    assert inclusion.people_of_groups(of("ASP")).bound == "not_stated"


def test_groups_with_nothing_told_are_there_too(of):
    columns = ("topic", "number", "activities", "people", "iso3")
    assert listed(inclusion.groups(of()), *columns) == [
        ("inc-disabilities", 3, "3 of 7", "not stated", ()),
        ("inc-women-girls", 2, "2 of 7", "120 to 440", ("GHA", "KEN")),
        ("inc-youth", 2, "2 of 7", "20", ("KEN",)),
        ("inc-all", 1, "1 of 7", "not stated", ()),
        ("inc-older", 1, "1 of 7", "not stated", ()),
        ("inc-rural", 1, "1 of 7", "not stated", ("GHA", "KEN")),
        ("inc-migrants", 0, "0 of 7", "not stated", ()),
    ]
    assert listed(inclusion.groups(of("EUR")), "topic", "activities")[:2] == [
        ("inc-all", "1 of 2"),
        ("inc-disabilities", "1 of 2"),
    ]
    assert inclusion.groups(of("ASP")).empty


def test_untold_groups_are_people_not_everyone(of):
    assert inclusion.untold(of()) == ["inc-migrants"]
    assert inclusion.untold(of("EUR")) == ["inc-migrants", "inc-older", "inc-rural",
                                           "inc-women-girls"]  # fmt: skip


def test_groups_by_region_in_the_order_of_all_activities(of):
    assert listed(inclusion.largest_by_region(of()), "region", "topic", "activities", "claim") == [
        ("AFR", "inc-women-girls", 2, "2 of 2"),
        ("AFR", "inc-youth", 1, "1 of 2"),
        ("EUR", "inc-disabilities", 1, "1 of 2"),
        ("EUR", "inc-youth", 1, "1 of 2"),
    ]
    assert listed(inclusion.others_by_region(of()), "region", "topic", "claim") == [
        ("AFR", "inc-rural", "1 of 2"),
        ("EUR", "inc-all", "1 of 2"),
    ]
    assert set(inclusion.by_region(of("EUR"))["region"]) == {"EUR"}
    assert inclusion.by_region(of("ASP")).empty


def test_a_region_is_claimed_as_its_own_report_claims_it(of):
    row = inclusion.by_region(of()).iloc[0]
    own = inclusion.groups(of("AFR")).set_index("topic")["activities"]
    assert row["claim"] == own[row["topic"]]
    assert row["claim"].scope == ("region=AFR", "theme=INC", "topic=inc-women-girls")


def test_people_of_a_group_only(of, small):
    columns = ("activity_id", "population", "claim", "span")
    assert listed(inclusion.people(of()), *columns) == [
        ("INC-001", "girls", "50", "single count"),
        ("INC-001", "girls", "10", "single count"),
        ("INC-002", "women", "90", "single count"),
        ("INC-002", "girls", "300", "single count"),
        ("INC-002", "women", "900", "running total"),
        ("INC-006", "young_people", "20", "single count"),
    ]
    assert listed(inclusion.people_elsewhere(small), "area", "activity_id", "claim") == [
        ("CAP", "CAP-001", "40")
    ]
    assert inclusion.people(of("ASP")).empty


def test_accessibility_by_type(of):
    assert listed(inclusion.accessibility_by_type(of()), "type", "activities", "claim") == [
        ("meeting", 1, "1"),
        ("publication", 1, "1"),
        ("training", 1, "1"),
    ]
    assert listed(inclusion.accessibility_by_type(of("EUR")), "type") == [("meeting",)]
    assert inclusion.accessibility_by_type(of("AFR")).empty


def test_products_and_languages(of):
    columns = ("activity_id", "product", "language", "topic", "paragraphs")
    assert listed(inclusion.products(of()), *columns) == [
        ("INC-004", "inc-product-course", ("inc-lang-ar",), ("inc-older",), (13,)),
        ("INC-005", "inc-product-course", (), ("inc-disabilities",), (14,)),
        ("INC-003", "inc-product-guide", ("inc-lang-ar", "inc-lang-en"), ("inc-disabilities",),
         (12,)),
    ]  # fmt: skip
    assert listed(inclusion.by_language(of()), "language", "activities", "claim") == [
        ("inc-lang-ar", 2, "2"),
        ("inc-lang-en", 1, "1"),
    ]
    assert inclusion.products(of("EUR")).empty
    assert inclusion.by_language(of("EUR")).empty


def test_measures_leave_their_frames_alone(small):
    before = {name: getattr(small, name).copy() for name in ("activities", "tags", "figures")}
    for question in ("groups", "by_region", "people", "products", "by_language"):
        getattr(inclusion, question)(small)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(getattr(small, name), frame)


def raw(table, folder=REAL):
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def real():
    return measures.restrict(measures.edition("2022-12"), area="INC")


def test_every_activity_of_the_theme_has_a_group():
    own = {row["activity_id"] for row in raw("activities") if row["theme"] == "INC"}
    tags = [row for row in raw("activity_tags") if row["tag"].startswith("inc-")]
    groups = [row for row in tags if not row["tag"].startswith(("inc-lang-", "inc-product-"))]
    assert {row["activity_id"] for row in groups} == own
    # What has a language or is one of the products is told as such.
    spoken = {row["activity_id"] for row in tags if row["tag"].startswith("inc-lang-")}
    assert spoken <= {row["activity_id"] for row in tags if row["tag"].startswith("inc-product-")}


def test_groups_of_the_edition_are_the_raw_tags(real):
    tags = Counter(row["tag"] for row in raw("activity_tags") if row["vocabulary"] == "topic")
    frame = inclusion.groups(real)
    assert {topic: number for topic, number in listed(frame, "topic", "number") if number} == {
        tag: number for tag, number in tags.items()
        if tag.startswith("inc-") and not tag.startswith(("inc-lang-", "inc-product-"))
    }  # fmt: skip
    assert frame["number"].iloc[-1] == 0
    assert frame["topic"].iloc[-1] == "inc-migrants"


def test_languages_of_the_edition_are_the_raw_tags(real):
    tags = Counter(row["tag"] for row in raw("activity_tags") if row["tag"].startswith("inc-lang-"))
    assert dict(listed(inclusion.by_language(real), "language", "activities")) == dict(tags)


def test_women_and_girls_of_the_edition(real):
    """Most of each place: 300 Cameroon, 150 Zambia, 1 000 Americas, 1 500 Asia and the Pacific.

    The meeting in Addis Ababa has no origin; attendances in Asia are explained by the 1 500.
    """
    women = inclusion.groups(real).set_index("topic")["people"]["inc-women-girls"]
    assert (women.low, women.bound) == (300 + 150 + 1000 + 1500, "at_least")
    stated = [
        row["figure_id"] for row in raw("figures")
        if row["activity_id"].startswith("INC") and row["population"] in ("women", "girls")
    ]  # fmt: skip
    assert sorted(women.figures) == sorted(stated)
