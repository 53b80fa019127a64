"""The notebook's voice: every method shows a block that renderers can show, in words."""

import re

import pandas as pd
import pytest

from baaplib import blocks, brief, charts, measures, tables
from baaplib.brief import Brief
from baaplib.claims import Claim

EDITION = "2022-12"
CODES = {
    code
    for column, table in (("iso3", "countries"), ("region", "regions"), ("theme", "themes"),
                          ("measure", "measures"), ("partner", "partners"))
    for code, name in tables.load(table)[[column, "name_en"]].to_numpy()
    if code != name
} | {
    term
    for table in tables.names()
    for field in tables.schema(table)["fields"]
    for term in field.get("constraints", {}).get("enum", ())
    if "_" in term
} | {"nan", "None", "NaT", "<NA>"}  # fmt: skip


@pytest.fixture
def shown(monkeypatch):
    """Collect what is displayed; each block must be one that renderers take."""
    found = []

    def display(bundle, raw):
        assert raw
        block = bundle[blocks.MIME]
        blocks.check(block)
        assert bundle["text/html"].strip()
        assert bundle["text/plain"] == blocks.plain(block)
        found.append(block)

    monkeypatch.setattr(brief, "display", display)
    return found


@pytest.fixture(scope="module")
def voices():
    return {
        (region, code): Brief(EDITION, region, code)
        for region in ("ALL", "AFR", "EUR")
        for code in ("en", "zh")
    }


def words(block):
    return "\n".join(blocks.texts(block)).replace("\u202f", " ")


PEOPLE = ["label", "claim", "measure", "population", "window", "paragraph"]
SENT = ["country", "disaster", "measure", "claim", "when", "in_period", "status", "activity_id"]
METHODS = {
    "cover": ("cover", lambda v: v.cover()),
    "say": ("paragraph", lambda v: v.say("At least one activity reaches every country.")),
    "note": ("note", lambda v: v.note("In brief", "Countries that belong to a training network")),
    "headlines": ("headlines", lambda v: v.headlines(
        measures.activity_count(v.data), measures.people_trained(v.data),
        measures.devices(v.data), measures.plan_count(v.data), Claim("courses", 1, 1),
    )),
    "chart": ("chart", lambda v: v.chart(
        "Activities by thematic area", charts.bars, measures.by_theme(v.data))),
    "chart of columns": ("chart", lambda v: v.chart(
        "Share of women among the people counted", charts.shares,
        pd.DataFrame({"percent": [40.0], "title_en": "Course", "title_zh": "课程"}),
        ["label", "percent"])),
    "chart with options": ("chart", lambda v: v.chart(
        "Activities that state a month or a day", charts.timeline, measures.timeline(v.data),
        period=measures.period_of(v.data))),
    "coverage": ("chart", lambda v: v.chart(
        "Activities that reach each country", charts.coverage, measures.coverage(v.data))),
    "plan grid": ("chart", lambda v: v.chart(
        "National plans by country", charts.plan_stages, measures.plan_grid(v.data))),
    "people": ("table", lambda v: v.table(
        "Counts of people, as stated", measures.people_figures(measures.edition(EDITION)), PEOPLE)),
    "deployments": ("table", lambda v: v.table(
        "Deployments, in order of time", measures.deployments(measures.edition(EDITION)), SENT,
        "Deployments outside the reporting period are listed because the source tells them.")),
    "partners": ("table", lambda v: v.table(
        "Organizations that took part", measures.partners(v.data),
        ["partner", "kind", "activities"])),
    "silence": ("paragraph", lambda v: v.silence(v.data)),
    "activities": ("table", lambda v: v.activities(v.data)),
    "careful": ("table", lambda v: v.careful(v.data)),
    "sources": ("paragraph", lambda v: v.sources()),
}  # fmt: skip


@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize("region", ["ALL", "AFR", "EUR"])
@pytest.mark.parametrize("method", METHODS)
def test_each_method_shows_one_valid_block(method, region, code, voices, shown):
    kind, call = METHODS[method]
    call(voices[region, code])
    assert [block["type"] for block in shown] == [kind]
    if code == "zh":
        assert re.search(r"[\u4e00-\u9fff]", words(shown[0]))


@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize(
    "method", ["headlines", "chart", "people", "deployments", "partners", "coverage", "plan grid"]
)
def test_codes_become_names(method, code, voices, shown):
    METHODS[method][1](voices["AFR", code])
    table = shown[0].get("table", shown[0])
    cells = set(blocks.texts([table.get("rows", []), table.get("items", [])]))
    assert len(cells) > 2
    assert not cells & CODES


@pytest.mark.parametrize(
    ("code", "region", "country", "theme", "partner"),
    [("en", "Africa", "Kenya", "Cybersecurity", "Cisco Systems"),
     ("zh", "非洲", "肯尼亚", "网络安全", "思科公司")],
)  # fmt: skip
def test_names(code, region, country, theme, partner, voices):
    voice = voices["AFR", code]
    pairs = {"region": "AFR", "iso3": "KEN", "theme": "CYB", "partner": "cisco"}
    named = [voice.name(*pair) for pair in pairs.items()]
    assert named == [region, country, theme, partner]


def test_named_frames_speak_the_language(voices):
    frame = pd.DataFrame({
        "iso3": ["KEN", None], "status": pd.Categorical(["ongoing", None], ["ongoing", "planned"]),
        "title_en": ["Course", "Drill"], "title_zh": ["课程", "演练"],
        "start": ["2022-06-06", None], "end": ["2022-06-16", None],
        "window_start": ["2022", None], "window_end": [None, None], "paragraphs": [(7, 8), (9,)],
    })  # fmt: skip
    english, chinese = (voices["AFR", code].named(frame) for code in ("en", "zh"))
    for named, first in (
        (english, ["Kenya", "ongoing", "6 to 16 June 2022", "Course (2022)"]),
        (chinese, ["肯尼亚", "进行中", "2022年6月6日至16日", "课程（2022年）"]),
    ):
        row = named.iloc[0]
        assert [row["country"], row["status"], row["when"], row["label"]] == first
        assert named.loc[1, "country"] == named.loc[1, "when"] == brief.NOTHING
        assert named["paragraph"].tolist() == [(7, 8), (9,)]
    assert "country" not in frame


@pytest.mark.parametrize(
    ("message", "values", "wrong"),
    [
        ("It reaches {n}.", {}, "n"),
        ("It reaches {n}.", {"m": 1, "n": 1}, "m"),
        ("It reaches {number}.", {"nummber": 1}, "number, nummber"),
        ("It reaches all.", {"n": 1}, "n"),
    ],
)
def test_a_sentence_and_its_values_agree(message, values, wrong, voices, shown):
    for speak in (
        voices["AFR", "en"].say,
        lambda *a, **k: voices["AFR", "en"].note("In brief", *a, **k),
    ):
        with pytest.raises(ValueError, match=f"differ in {wrong}:"):
            speak(message, **values)
    assert not shown


@pytest.mark.parametrize(
    ("value", "text"),
    [(Claim("courses", 1000, 1000), "1 000"), ("Fiji", "Fiji"), (["a", "b"], "a and b"),
     (12, "12"), (1234.0, "1 234")],
)  # fmt: skip
def test_a_sentence_holds_claims_numbers_and_words(value, text, voices, shown):
    voices["AFR", "en"].say("It reaches {n} now.", n=value)
    assert words(shown[0]).splitlines()[-1] == f"It reaches {text} now."
    marked = [run["claim"] for run in shown[0]["runs"] if "claim" in run]
    assert marked == (["courses"] if isinstance(value, Claim) else [])


def test_a_text_without_translation_is_refused(voices, shown):
    with pytest.raises(ValueError, match="no translation into 'zh'"):
        voices["AFR", "zh"].say("Nobody has translated this.")
    assert not shown


@pytest.mark.parametrize(
    ("column", "hint"), [("theem", "theme"), ("activites", "activities"), ("country", None)]
)
def test_an_unknown_column_is_refused_with_what_was_meant(column, hint, voices, shown):
    """`country` has a heading, but stands not in this frame."""
    voice, frame = voices["AFR", "en"], measures.by_theme(voices["AFR", "en"].data)
    expected = f"unknown column.*Did you mean '{hint}'" if hint else "unknown column of this frame"
    with pytest.raises(ValueError, match=expected):
        voice.table("Activities", frame, [column])
    with pytest.raises(ValueError, match=f"unknown column of this frame '{column}'"):
        voice.chart("Activities", charts.bars, frame, [column, "activities"])
    assert not shown


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ((EDITION, "AFRR", "en"), "AFR"),
        (("2022-1", "AFR", "en"), EDITION),
        ((EDITION, "AFR", "zhh"), "zh"),
    ],
)
def test_a_misspelt_brief_is_refused(arguments, hint):
    with pytest.raises(ValueError, match=f"Did you mean '{hint}'"):
        Brief(*arguments)


@pytest.mark.parametrize(("column", "code"), [("regoin", "AFR"), ("region", "AFX")])
def test_a_name_nobody_has_is_refused(column, code, voices):
    with pytest.raises(ValueError, match="Did you mean"):
        voices["AFR", "en"].name(column, code)


@pytest.mark.parametrize(
    ("region", "code", "place"),
    [("AFR", "en", "Africa"), ("AFR", "zh", "非洲"), ("ALL", "en", "any region")],
)
@pytest.mark.parametrize("method", ["chart", "table", "activities"])
def test_nothing_to_show_is_a_note_that_names_the_region(
    method, region, code, place, voices, shown
):
    voice = voices[region, code]
    none = measures.restrict(voice.data, theme="NONE")
    {
        "chart": lambda: voice.chart("Activities by type", charts.bars, measures.by_type(none)),
        "table": lambda: voice.table(
            "Deployments, in order of time", measures.deployments(none), ["country"]
        ),
        "activities": lambda: voice.activities(none),
    }[method]()
    (block,) = shown
    assert block["type"] == "note"
    assert place in words(block)
    assert block["title"]


@pytest.mark.parametrize("region", ["ALL", "AFR"])
def test_silence_names_the_countries_or_counts_them(region, voices, shown):
    voice = voices[region, "en"]
    voice.silence(voice.data)
    silent = measures.silent(voice.data)
    expected = [voice.name("iso3", code) for code in silent] if region == "AFR" else [len(silent)]
    assert all(str(part) in words(shown[0]) for part in expected)


def test_silence_of_none(voices, shown, monkeypatch):
    monkeypatch.setattr(measures, "silent", lambda data: [])
    voices["AFR", "en"].silence(voices["AFR", "en"].data)
    assert words(shown[0]).endswith("At least one activity reaches every country.")


def test_every_number_of_a_table_leads_to_its_activity(voices, shown):
    voice = voices["AFR", "en"]
    voice.activities(voice.data)
    voice.table("Activities", measures.timeline(voice.data), ["activity_id", "when"])
    anchors = {row["anchor"] for row in shown[0]["rows"]}
    links = {row["cells"][0][0]["href"] for row in shown[1]["rows"]}
    assert len(anchors) == len(voice.data.activities)
    assert links
    assert {link.removeprefix("#") for link in links} <= anchors


@pytest.mark.parametrize(("most", "rest"), [(2, True), (10_000, False)])
def test_careful_says_how_many_more_there_are(most, rest, voices, shown):
    voice = voices["AFR", "en"]
    voice.careful(voice.data, most=most)
    total = len(measures.careful(voice.data))
    assert len(shown[0]["rows"]) == min(most, total)
    assert (f"{total - most} more finding" in shown[0]["note"]) is rest


def test_the_cover_says_what_this_is(voices, shown):
    voices["AFR", "en"].cover()
    voices["ALL", "zh"].cover()
    africa, everything = shown
    assert (africa["title"], africa["language"], africa["date"]) == ("Africa", "en", "2022-12-31")
    assert "May" in words(africa)
    assert "unofficial" in words(africa)
    assert everything["language"] == "zh"
    assert africa["identifier"] != everything["identifier"]


def test_a_measure_without_definition_shows_none(voices, shown):
    for code in ("en", "zh"):
        voices["AFR", code].headlines(Claim("courses", 1, 1))
    assert [block["items"][0]["note"] for block in shown] == ["", ""]


@pytest.mark.parametrize("region", ["ALL", "AFR"])
def test_nothing_doubtful_is_said(region, voices, shown):
    voice = voices[region, "en"]
    voice.careful(measures.restrict(voice.data, theme="NONE"))
    assert words(shown[0]).startswith("No problem of the source was found")


@pytest.mark.parametrize("code", ["en", "zh"])
def test_a_chart_says_bounds_in_words(code, monkeypatch):
    shown = []
    monkeypatch.setattr("baaplib.brief.display", lambda bundle, raw: shown.append(bundle))
    voice = Brief("2022-12", "ALL", code)
    steps, columns = measures.ladder(voice.data), ["title", "step", "value", "claim"]
    voice.chart("People registered, trained and certified", charts.grouped_bars, steps, columns)
    shares, columns = measures.womens_share(voice.data), ["label", "percent", "share"]
    voice.chart("Share of women among the people counted", charts.shares, shares, columns)
    texts = [bundle["text/plain"] for bundle in shown]
    claims = [*steps["claim"], *shares["share"]]
    assert not any("Claim(" in text for text in texts)
    assert all(any(claim.text(voice.lang) in text for text in texts) for claim in claims)


def test_a_placeholder_in_the_list_is_said_to_count_nowhere(monkeypatch):
    shown = []
    monkeypatch.setattr("baaplib.brief.display", lambda bundle, raw: shown.append(bundle))
    for region in ("ARB", "EUR"):
        voice = Brief("2022-12", region, "en")
        voice.activities(voice.data)
        pending = (voice.data.activities["status"] == "pending").any()
        assert ("is a placeholder of the source" in shown[-1]["text/plain"]) == pending
    assert "is a placeholder of the source" in shown[0]["text/plain"]
