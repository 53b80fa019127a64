"""The notebook's voice: every method shows a block that renderers can show, in words.

Every number in it has something behind it, and the report's end says what.
"""

import json
import math
import re
from functools import cache

import pandas as pd
import pytest
from nbformat import v4

from baaplib import blocks, brief, charts, i18n, measures, tables
from baaplib.brief import Brief
from baaplib.claims import Claim
from baaplib.measures import emergency_telecommunications as emergency
from baaplib.measures import overview
from baaplib.render.document import document

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


def collecting(found):
    """Return a display that keeps blocks; renderers take each, and something backs its numbers."""

    def display(bundle, raw):
        assert raw
        block = bundle[blocks.MIME]
        blocks.check(block)
        assert bundle["text/html"].strip()
        assert bundle["text/plain"] == blocks.plain(block)
        assert bundle == json.loads(json.dumps(bundle))
        found.append(block)
        declared = [part["text"] for part in found if part["type"] == "declaration"]
        assert blocks.unbacked(block, declared) == []

    return display


@pytest.fixture
def shown(monkeypatch):
    """Return the list of blocks that are displayed."""
    found = []
    monkeypatch.setattr(brief, "display", collecting(found))
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


WOMEN = pd.DataFrame({
    "percent": [40.0, 60.0], "title_en": ["Course", "Drill"], "title_zh": ["课程", "演练"],
    "share": [Claim("women_share", 0, 40, "at_most"), Claim("women_share", 60, 60)],
})  # fmt: skip
PEOPLE = ["label", "claim", "measure", "population", "window", "paragraph"]
SENT = ["country", "disaster", "measure", "claim", "when", "in_period", "status", "activity_id"]
METHODS = {
    "cover": ("cover", lambda v: v.cover()),
    "say": ("paragraph", lambda v: v.say("At least one activity reaches every country.")),
    "note": ("note", lambda v: v.note("In brief", "Activities that reach each country")),
    "headlines": ("headlines", lambda v: v.headlines(
        measures.activity_count(v.data), measures.people_trained(v.data),
        measures.devices(v.data), emergency.plan_count(v.data), Claim("courses", 1, 1),
    )),
    "chart": ("chart", lambda v: v.chart(
        "Activities by thematic area or component", charts.bars, measures.by_theme(v.data))),
    "chart of columns": ("chart", lambda v: v.chart(
        "Share of women among the people counted", charts.shares, WOMEN,
        ["label", "percent", "share"])),
    "chart with options": ("chart", lambda v: v.chart(
        "Activities that state a month or a day", charts.timeline, measures.timeline(v.data),
        period=measures.period_of(v.data))),
    "coverage": ("chart", lambda v: v.chart(
        "Activities that reach each country", charts.coverage, measures.coverage(v.data))),
    "plan grid": ("chart", lambda v: v.chart(
        "National plans by country", charts.plan_stages, emergency.plan_grid(v.data))),
    "people": ("table", lambda v: v.table(
        "Counts of people, as stated", measures.people_figures(measures.edition(EDITION)), PEOPLE)),
    "deployments": ("table", lambda v: v.table(
        "Deployments, in order of time", emergency.deployments(measures.edition(EDITION)), SENT,
        "Deployments outside the reporting period are listed because the source tells them.")),
    "partners": ("table", lambda v: v.table(
        "Organizations that took part", measures.partners(v.data),
        ["partner", "kind", "activities"])),
    "silence": ("paragraph", lambda v: v.silence(v.data)),
    "activities": ("table", lambda v: v.activities(v.data)),
    "careful": ("table", lambda v: v.careful(v.data)),
    # Without a claim there is no evidence to show.
    "sources": ("paragraph", lambda v: Brief(v.edition, v.region, v.lang.code).sources()),
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "labels"),
    [
        ("en", ["Tonga (Volcanic eruption in Tonga): satellite devices deployed, number not stated",
                "Nicaragua (Hurricane Julia): 10 satellite phones deployed",
                "Malawi (Tropical Cyclone Freddy): 25 satellite phones deployed, outside the "
                "reporting period"]),
        ("zh", ["汤加（汤加火山爆发）：部署的卫星设备，数量未说明",
                "尼加拉瓜（飓风朱莉娅）：部署的卫星电话10部",
                "马拉维（热带气旋弗雷迪）：部署的卫星电话25部，报告期外"]),
    ],
)  # fmt: skip
def test_a_deployment_is_labelled_with_all_that_was_sent_where(code, labels, voices):
    voice = voices["ALL", code]
    named = voice.named(emergency.deployments(voice.data))
    assert named["label"].tolist()[:2] + named["label"].tolist()[3:4] == labels
    later = {"en": "not dated; October 2022 or later", "zh": "未注明日期；2022年10月或以后"}
    assert named["when"][1] == later[code]


def test_what_follows_an_empty_question_can_stay_silent(voices, shown):
    voice = voices["EUR", "en"]
    none = measures.restrict(voice.data, area="NONE")
    caption = "Deployments, in order of time"
    voice.table(caption, emergency.deployments(none), ["country"], if_any=True)
    voice.chart(caption, charts.bars, measures.by_type(none), if_any=True)
    assert shown == []


def test_evidence_says_how_dates_lie_to_the_period(voices):
    claim = Claim("deployments", 2, 2, scope=("region=ALL", "in_period=no"))
    assert voices["ALL", "en"]._says(claim).endswith("all regions; by date: outside")


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
        (english, ["Kenya", "ongoing", "6 to 16 June 2022", "Course (since 2022)"]),
        (chinese, ["肯尼亚", "进行中", "2022年6月6日至16日", "课程（2022年起）"]),
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
    [(Claim("courses", 1000, 1000), "1 000"), (Claim("courses", 12, 12, whole=44), "12 of 44"),
     ("Fiji", "Fiji"), ("2 Fast", "2 Fast"), (["a", "b"], "a and b")],
)  # fmt: skip
def test_a_sentence_holds_claims_and_words(value, text, voices, shown):
    voices["AFR", "en"].say("It reaches {n} now.", n=value)
    assert words(shown[0]).splitlines()[-1] == f"It reaches {text} now."
    (run,) = [run for run in shown[0]["runs"] if words({"runs": [run]}) == text]
    if isinstance(value, Claim):
        (claim,) = shown[0]["claims"]
        assert run == {"text": claim["text"], "strong": True, "claim": claim["id"]}
        assert claim["measure"] == "courses"
    else:
        assert run == {"text": text, "data": True}
        assert "claims" not in shown[0]


@pytest.mark.parametrize(("value", "text"), [(12, "12"), (1234.0, "1234"), (69.25, "69.2")])
def test_a_bare_number_is_refused_wherever_it_is_said(value, text, voices, shown):
    voice = voices["AFR", "en"]
    frame = pd.DataFrame({"country": ["Fiji"], "value": [value]})
    for kind, show in {
        "paragraph": lambda: voice.say("It reaches {n} now.", n=value),
        "note": lambda: voice.note("In brief", "It reaches {n} now.", n=value),
        "table": lambda: voice.table("Activities", frame, ["country", "value"]),
        "chart": lambda: voice.chart("Activities", charts.bars, frame),
    }.items():
        message = (
            f"no claim backs the number {text} in this {kind}; pass a claim of `measures` in its "
            "place, or declare it: brief.literal(text, reason)"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            show()
    assert not shown


def test_a_number_written_into_a_text_is_refused_in_any_place(voices, shown):
    voice = voices["AFR", "en"]
    frame = measures.by_theme(voice.data)
    for show in (
        lambda: voice.say("It reaches 99 of {n}.", n=Claim("courses", 7, 7)),
        lambda: voice.note("The top 99", "At least one activity reaches every country."),
        lambda: voice.table("The top 99", frame, ["area"]),
        lambda: voice.table("Activities", frame, ["area", "claim"], "Only the top 99."),
        lambda: voice.chart("The top 99", charts.bars, frame),
        lambda: voice.chart("The top 99", charts.bars, frame[:0]),
    ):
        with pytest.raises(ValueError, match="no claim backs the number 99 in this"):
            show()
    assert not shown


@pytest.mark.parametrize("code", ["en", "zh"])
def test_a_literal_backs_a_number_from_then_on(code, shown, monkeypatch):
    """Nobody reads it, so it needs no translation; and one number is not all numbers."""
    voice = Brief(EDITION, "AFR", code)
    monkeypatch.setattr(voice.lang, "has", lambda message: True)
    with pytest.raises(ValueError, match="no claim backs the number 7 in this paragraph"):
        voice.say("It reaches 7 of {n}.", n=7)
    voice.literal("7 continents", "counted in class, see page 12")
    voice.say("It reaches 7 of {n}.", n=7)
    for message, other in (("It reaches {n}.", 8), ("It reaches {n}.", 77), ("All 12 of {n}.", 7)):
        with pytest.raises(ValueError, match="no claim backs the number"):
            voice.say(message, n=other)
    assert shown[0] == {
        "type": "declaration", "text": "7 continents", "reason": "counted in class, see page 12",
    }  # fmt: skip
    assert [block["type"] for block in shown] == ["declaration", "paragraph"]
    # Another report knows nothing of it.
    with pytest.raises(ValueError, match="no claim backs the number 7 in this paragraph"):
        Brief(EDITION, "AFR", code).say("It reaches 7 of {n}.", n=7)


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
    none = measures.restrict(voice.data, area="NONE")
    {
        "chart": lambda: voice.chart("Activities by type", charts.bars, measures.by_type(none)),
        "table": lambda: voice.table(
            "Deployments, in order of time", emergency.deployments(none), ["country"]
        ),
        "activities": lambda: voice.activities(none),
    }[method]()
    (block,) = shown
    assert block["type"] == "note"
    assert not block.get("claims")
    assert place in words(block)
    assert block["title"]


@pytest.mark.parametrize(("code", "place"), [("en", "Germany"), ("zh", "德国")])
def test_a_brief_may_be_about_a_country(code, place, shown):
    """Germany lends a venue, so nothing reaches it; Tonga is an island reached in two areas."""
    voice = Brief(EDITION, country="DEU", language=code)
    voice.cover()
    voice.activities(voice.data)
    voice.silence(voice.data)
    cover, note, silence = shown
    assert (cover["title"], cover["identifier"]) == (place, f"{EDITION}/DEU")
    assert {fact["value"] for fact in cover["facts"]} >= {voice.name("region", "EUR")}
    assert note["type"] == "note"
    assert place in words(note)
    assert place in words(silence)
    shown.clear()
    voice = Brief(EDITION, country="TON", language=code)
    voice.cover()
    voice.say("It reaches {n}.", n=measures.activity_count(voice.data)) if code == "en" else None
    voice.silence(voice.data)
    assert voice.lang.term("group", "SIDS") in [fact["value"] for fact in shown[0]["facts"]]
    assert voice.name("theme", "ENV") in words(shown[-1])
    assert voice.name("theme", "EMT") not in words(shown[-1])
    if code == "en":
        assert shown[1]["claims"][0]["says"] == "activities reported; Tonga"


@pytest.mark.parametrize(
    ("place", "region", "name"),
    [
        ({"country": "DEU"}, "EUR", "Europe"),
        ({"country": "PSE"}, "ARB", "Arab States"),
        ({"region": "AFR"}, "AFR", "Africa"),
        ({}, "ALL", "All regions"),
    ],
)
def test_the_cover_says_under_which_region_an_index_finds_the_report(place, region, name, shown):
    Brief(EDITION, **place).cover()
    country = place.get("country", "")
    assert shown[0]["about"] == {"region": region, "region_name": name, "country": country}


def test_a_name_may_hold_a_number(shown):
    voice = Brief(EDITION, country="PSE")
    voice.cover()
    voice.activities(measures.restrict(voice.data, area="NONE"))
    assert "99" in shown[0]["title"]
    assert "99" in words(shown[1])


def test_an_optional_table_without_rows_is_left_out(voices, shown):
    voice = voices["AFR", "en"]
    none = measures.by_theme(measures.restrict(voice.data, area="NONE"))
    voice.table("Activities by type", none, ["area"], if_any=True)
    assert not shown


def test_a_brief_on_a_country_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"unknown country 'KENN'.*Did you mean 'KEN'"):
        Brief(EDITION, country="KENN")
    with pytest.raises(ValueError, match="give one of them"):
        Brief(EDITION, "AFR", "en", "KEN")


@pytest.mark.parametrize("region", ["ALL", "AFR"])
def test_silence_in_an_area_says_that_it_is_of_the_area(region, voices, shown):
    voice = voices[region, "en"]
    voice.silence(measures.restrict(voice.data, area="CYB"))
    voice.silence(voice.data)
    assert "no activity in this area names" in words(shown[0])
    assert "in this area" not in words(shown[1])


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


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_map_may_name_a_country_not_reached_whose_name_holds_a_number(language, shown):
    """The State of Palestine is named after Resolution 99."""
    voice = Brief(EDITION, "ARB", language)
    frame = measures.coverage(measures.restrict(voice.data, area="CYB"))
    assert not frame.set_index("iso3").loc["PSE", "activities"]
    voice.chart("Activities that reach each country", charts.coverage, frame)
    assert "99" in shown[0]["alt"]


@pytest.mark.parametrize("region", ["ASP", "EUR"])
def test_careful_shows_all_that_is_grave_of_a_region(region, shown):
    voice = Brief(EDITION, region)
    voice.careful(voice.data)
    grave = int((measures.careful(voice.data)["severity"] == "high").sum())
    assert len(shown[0]["rows"]) == max(8, grave)
    assert "of high severity: 0" in shown[0]["note"]


def test_the_cover_says_what_this_is(voices, shown, monkeypatch):
    monkeypatch.setenv("BAAP_MADE_ON", "2026-03-09")
    voices["AFR", "en"].cover()
    voices["ALL", "zh"].cover()
    africa, everything = shown
    assert (africa["title"], africa["language"], africa["date"]) == ("Africa", "en", "2026-03-09")
    said = ("May", "9 March 2026", "is not made, endorsed", "Unofficial work")
    assert [part for part in said if part not in words(africa)] == []
    assert "paragraphs" not in words(africa)  # the tables hold all of the source
    assert everything["language"] == "zh"
    assert africa["identifier"] != everything["identifier"]


def test_a_measure_without_definition_shows_none(voices, shown):
    for code in ("en", "zh"):
        voices["AFR", code].headlines(Claim("courses", 1, 1))
    assert [block["items"][0]["note"] for block in shown] == ["", ""]


@pytest.mark.parametrize("region", ["ALL", "AFR"])
def test_nothing_doubtful_is_said(region, voices, shown):
    voice = voices[region, "en"]
    voice.careful(measures.restrict(voice.data, area="NONE"))
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


# Evidence.


def report(region, code):
    """Show claims in every way there is, some of them twice."""
    voice = Brief(EDITION, region, code)
    data = voice.data
    voice.cover()
    voice.headlines(measures.activity_count(data), measures.people_trained(data))
    voice.say("{n}", n=measures.activity_count(data))
    voice.note("In brief", "{n}", n=measures.silent_count(data))
    voice.chart("Activities by type", charts.bars, measures.by_type(data))
    voice.chart("Activities by thematic area or component", charts.bars, measures.by_theme(data))
    voice.chart("Activities that reach each country", charts.coverage, measures.coverage(data))
    voice.table("Counts of people, as stated", measures.people_figures(data), PEOPLE)
    voice.table(
        "Organizations that took part", measures.partners(data), ["partner", "kind", "activities"]
    )
    voice.activities(data)
    voice.sources()


@pytest.fixture(scope="module")
def reports():
    """Return a function that gives the blocks of a report; not to be changed."""

    @cache
    def build(region, code):
        found = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(brief, "display", collecting(found))
            patch.setattr(i18n.Language, "has", lambda lang, message: True)
            report(region, code)
        return found

    return build


def claims_of(shown):
    """Return the claims of blocks by id, in the order in which they were shown first."""
    found = {}
    for block in shown:
        for claim in block.get("claims", []):
            found.setdefault(claim["id"], claim)
    return found


def named_claims(value):
    """Yield the parts of blocks that name a claim, with what they say of it."""
    if isinstance(value, dict):
        if "claim" in value:
            yield value["claim"], value.get("text", value.get("value"))
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from named_claims(part)


WAYS = [("AFR", "en"), ("AFR", "zh"), ("ALL", "en")]


def spelt_out(keys):
    """Return the keys of activities that a cell names one by one or in runs: CAP-004–009."""
    found: list[str] = []
    for part in keys.replace(",", " ").split() if keys != brief.NOTHING else ():
        area, _, run = part.partition("-")
        first, *last = run.split("–")
        found += [f"{area}-{n:03d}" for n in range(int(first), int((last or [first])[0]) + 1)]
    return sorted(found)


@pytest.mark.parametrize(("region", "code"), WAYS)
def test_the_sources_end_with_the_evidence_of_each_claim(region, code, reports):
    *before, paragraph, heading, evidence = reports(region, code)
    assert [block["type"] for block in (paragraph, heading, evidence)] == [
        "paragraph", "heading", "table",
    ]  # fmt: skip
    assert (heading["level"], heading["text"]) == (2, {"en": "Evidence", "zh": "数字依据"}[code])
    claims = claims_of(before)
    assert len(claims) > 20
    assert [row["anchor"] for row in evidence["rows"]] == [f"c-{name}" for name in claims]
    for row, claim in zip(evidence["rows"], claims.values(), strict=True):
        number, says, activities, paragraphs, _ = (words({"runs": c}) for c in row["cells"])
        assert number == claim["text"].replace("\u202f", " ")
        assert says == claim["says"].replace("\u202f", " ")
        assert claim["says"]
        assert spelt_out(activities) == sorted(claim["activities"])
        spans = [part.split("–") for part in paragraphs.split(", ") if part != brief.NOTHING]
        told = [
            n for first, *last in spans for n in range(int(first), int((last or [first])[0]) + 1)
        ]
        assert told == claim["paragraphs"]


@pytest.mark.parametrize(("region", "code"), WAYS)
def test_a_number_and_its_evidence_lead_to_each_other(region, code, reports):
    shown = reports(region, code)
    claims, evidence = claims_of(shown), shown[-1]
    for name, text in named_claims(shown):
        assert text == claims[name]["text"]
    anchors = [block["anchor"] for block in shown if block.get("claims")]
    assert anchors == [f"n-{number}" for number in range(1, len(anchors) + 1)]
    for row, name in zip(evidence["rows"], claims, strict=True):
        first = next(b for b in shown if name in [c["id"] for c in b.get("claims", [])])
        assert row["cells"][-1][0]["href"] == f"#{first['anchor']}"
        assert name in {claim for claim, _ in named_claims(first)}


@pytest.mark.parametrize("region", ["AFR", "ALL"])
def test_a_claim_is_the_same_in_every_language(region, reports):
    english, chinese = (claims_of(reports(region, code)) for code in ("en", "zh"))
    assert english.keys() == chinese.keys()
    for name, claim in english.items():
        differ = {key for key, part in claim.items() if part != chinese[name][key]}
        assert differ <= {"text", "says"}
        assert re.search(r"[\u4e00-\u9fff]", chinese[name]["says"])
        assert blocks.numerals(claim["text"]) == blocks.numerals(chinese[name]["text"])


def test_a_claim_keeps_its_id_from_report_to_report(reports):
    """The same question with the same answer is one claim, wherever it is shown."""
    africa, everywhere = claims_of(reports("AFR", "en")), claims_of(reports("ALL", "en"))
    both = set(africa) & set(everywhere)
    assert {africa[name]["measure"] for name in both} >= {"people_trained"}
    assert all(africa[name] == everywhere[name] for name in both)
    assert not {"region=AFR"} & {scope for n in both for scope in africa[n]["scope"]}


def test_each_row_leads_to_the_claim_of_its_own(reports):
    """Rows with the same number are not the same claim."""
    shown = {block.get("caption"): block for block in reports("AFR", "en")}
    data = measures.edition(EDITION, "AFR")
    chart = shown["Activities by type"]
    claims = claims_of([chart])
    types = measures.by_type(data)["type"]
    rows = [row["cells"][-1][0] for row in chart["table"]["rows"]]
    assert [claims[run["claim"]]["scope"] for run in rows] == [
        ["region=AFR", f"type={kind}"] for kind in types
    ]
    assert len({run["text"] for run in rows}) < len(rows) == len({run["claim"] for run in rows})
    grid = shown["Activities that reach each country"]
    claims = claims_of([grid])
    names = Brief(EDITION, "AFR", "en").data.reference["countries"]
    codes = dict(zip(names["name_en"], names["iso3"].astype(str), strict=True))
    counts = []
    for row in grid["table"]["rows"]:
        (country,), (number,) = row["cells"]
        claim = claims[number["claim"]]
        assert claim["scope"] == [f"country={codes[country['text']]}"]
        own = measures.edition(EDITION, country=codes[country["text"]])
        assert set(claim["activities"]) == set(measures.not_pending(own)["activity_id"])
        counts.append(int(number["text"]))
    assert counts == sorted(counts, reverse=True)
    assert 0 not in counts


def test_all_regions_together_tell_how_many_countries_are_in_a_class(reports):
    grid = next(
        b for b in reports("ALL", "en") if b.get("caption") == "Activities that reach each country"
    )
    claims, voice = claims_of([grid]), Brief(EDITION, "ALL", "en")
    for row in grid["table"]["rows"]:
        (number,), (members,) = row["cells"][-2:]
        assert members["text"] == voice.names("iso3", claims[number["claim"]]["place"])


def test_what_a_chart_draws_is_kept_to_be_checked(reports):
    for block in reports("AFR", "en"):
        if block["type"] == "chart" and block["caption"] != "Activities that reach each country":
            assert block["drawn"] == [claim["text"] for claim in block["claims"]]
        elif block["type"] == "chart":
            assert {"GHA", "4 or more"} <= set(block["drawn"])


def test_evidence_links_a_few_activities_where_the_report_lists_them(shown):
    voice, all_regions = Brief(EDITION, "AFR", "en"), measures.edition(EDITION)
    own = tuple(voice.data.activities["activity_id"][:2])
    strange = all_regions.activities["activity_id"]
    strange = strange[~strange.isin(voice.data.activities["activity_id"])].iloc[0]
    many = tuple(voice.data.activities["activity_id"][: brief.FEW + 1])
    few = Claim("activities", 3, 3, activities=(*own, strange))
    voice.headlines(few, Claim("activities", 6, 6, activities=many))
    voice.activities(voice.data)
    voice.sources()
    linked, plain = (row["cells"][2] for row in shown[-1]["rows"])
    links = {run["text"]: run.get("href") for run in linked if run["text"] != " "}
    assert links == {name: f"#{name.lower()}" for name in own} | {strange: None}
    assert [run.get("href") for run in plain] == [None]
    assert spelt_out(plain[0]["text"]) == sorted(many)


def test_what_was_refused_leaves_no_evidence(shown):
    voice = Brief(EDITION, "AFR", "en")
    with pytest.raises(ValueError, match="no claim backs the number 7"):
        voice.say("It reaches {n} of {m}.", n=Claim("courses", 3, 3), m=7)
    voice.say("It reaches {n}.", n=Claim("courses", 4, 4))
    voice.sources()
    assert shown[0]["anchor"] == "n-1"
    assert [row["cells"][0][0]["text"] for row in shown[-1]["rows"]] == ["4"]


SAYS = [
    (measures.activity_count, "activities reported; Africa", "报告的活动；非洲"),
    (lambda data: measures.activity_count(measures.restrict(data, area="CAP")),
     "activities reported; Africa; Capacity development", "报告的活动；非洲；能力发展"),
    (lambda data: measures.activity_count(measures.edition(EDITION)),
     "activities reported; all regions", "报告的活动；所有区域"),
    (lambda data: measures.by_type(data).set_index("type")["claim"]["training"],
     "activities reported; Africa; training", "报告的活动；非洲；培训"),
    (lambda data: measures.by_theme(data).set_index("area")["claim"]["un_cooperation"],
     "activities reported; Africa; Cooperation with the United Nations",
     "报告的活动；非洲；与联合国的合作"),
    (lambda data: Claim("people_trained", 5, 5, population="women", place=("AFR", "FJI"),
                        window=("2020-01", "2022-12"), cumulative=True),
     "people trained; women; Africa and Fiji; January 2020 to December 2022; "
     "running total: it began earlier, or at a time not told",
     "受训人数；妇女；非洲和斐济；2020年1月至2022年12月；累计总数（起点早于报告期或未说明）"),
    (lambda data: Claim("people_trained", 5, 5, window=("", "2022-12")),
     "people trained; until December 2022", "受训人数；截至2022年12月"),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "english", "chinese"), SAYS)
def test_a_claim_says_what_it_counts(ask, english, chinese, voices, shown):
    for code, expected in (("en", english), ("zh", chinese)):
        voice = voices["AFR", code]
        voice.headlines(ask(voice.data))
        assert shown[-1]["claims"][0]["says"] == expected


@pytest.mark.parametrize(
    ("claim", "ends"),
    [
        (Claim("courses", 5, 9, "between"), (5.0, 9.0)),
        (Claim("courses", 5, math.inf, "at_least"), (5.0, None)),
        (Claim("courses", math.nan, math.nan, "not_stated"), (None, None)),
    ],
)
def test_an_end_that_nobody_knows_is_nothing(claim, ends, voices, shown):
    """JSON has neither infinity nor not-a-number."""
    voices["AFR", "en"].headlines(claim)
    (entry,) = shown[0]["claims"]
    assert (entry["low"], entry["high"]) == ends


def test_claims_that_differ_in_anything_are_two(voices, shown):
    """Also where they read the same."""
    same = {"measure": "courses", "low": 5, "high": 5}
    different = [
        {}, {"measure": "course_types"}, {"high": 6}, {"bound": "about"},
        {"scope": ("region=AFR",)}, {"population": "women"}, {"place": ("FJI",)},
        {"window": ("2022", "")}, {"cumulative": True}, {"figures": ("F010-1",)},
        {"activities": ("CAP-001",)}, {"whole": 9},
    ]  # fmt: skip
    voices["AFR", "en"].headlines(*(Claim(**same | one) for one in different))
    assert len({claim["id"] for claim in shown[0]["claims"]}) == len(different)


@pytest.mark.parametrize(("region", "code"), WAYS)
def test_the_blocks_of_a_report_are_a_document(region, code, reports):
    cells = [v4.new_markdown_cell("# Regional brief")]
    for block in reports(region, code):
        outputs = [v4.new_output("display_data", {blocks.MIME: block})]
        cells.append(v4.new_code_cell("", outputs=outputs))
    made = document(v4.new_notebook(cells=cells))
    assert [claim["id"] for claim in made["claims"]] == list(claims_of(made["blocks"]))


SPECTRUM = pd.DataFrame({
    "topic_en": ["Monitoring", "Licences"], "topic_zh": ["监测", "许可"],
    "claim": [
        Claim("activities_counted", 15, 15, activities=("NDI-021",), scope=("paragraph=300",)),
        Claim("activities_counted", 12, 12, activities=("NDI-021",), scope=("paragraph=314",)),
    ],
})  # fmt: skip


@pytest.mark.parametrize(("code", "names"), [("en", ["Monitoring", "Licences"]),
                                             ("zh", ["监测", "许可"])])  # fmt: skip
def test_each_name_of_a_column_has_its_table(code, names, voices, shown):
    voices["AFR", code].each("In brief", SPECTRUM, "topic", ["topic", "claim"])
    assert [block["caption"] for block in shown] == names
    assert [len(block["rows"]) for block in shown] == [1, 1]
    # What speaks of a paragraph is told there, not where its activity is.
    assert [block["claims"][0]["paragraphs"] for block in shown] == [[300], [314]]
    assert {"en": "paragraph 300", "zh": "第300段"}[code] in shown[0]["claims"][0]["says"]


def test_what_a_frame_lacks_is_said_once(voices, shown):
    voice = voices["AFR", "en"]
    voice.each("In brief", SPECTRUM.head(0), "topic", ["topic", "claim"])
    voice.remark(SPECTRUM.head(0), "At least one activity reaches every country.")
    assert [block["type"] for block in shown] == ["note"]
    voice.remark(SPECTRUM, "At least one activity reaches every country.")
    assert [block["type"] for block in shown] == ["note", "paragraph"]


def test_a_topic_by_its_key_keeps_its_name(voices):
    frame = pd.DataFrame({"topic": ["ndi-schools"]})
    assert voices["ALL", "en"].named(frame)["topic"].tolist() == ["Schools"]


def test_partners_of_one_activity_are_named_with_it(voices, shown):
    """A table of ones would be long and say little."""
    voice = voices["AFR", "en"]
    voice.partners(voice.data)
    table, sentence = shown
    assert all(int(row["cells"][2][0]["text"]) > 1 for row in table["rows"])
    links = {run["text"]: run["href"] for run in sentence["runs"] if "href" in run}
    assert all(href == f"#{key.lower()}" for key, href in links.items())
    number = next(run for run in sentence["runs"] if "claim" in run)
    every = measures.partner_count(voice.data)
    assert int(number["text"]) + len(table["rows"]) == every.low


def test_a_place_that_is_also_the_scope_is_said_once(voices):
    africa = Claim("people_trained", 1, 1, place=("AFR",), scope=("region=AFR",))
    assert voices["AFR", "en"]._says(africa).split("; ") == ["people trained", "Africa"]


def test_an_initiative_says_whether_its_title_is_sure(voices):
    voice = voices["AFR", "en"]
    named = voice.named(overview.initiatives(voice.data))
    unsure = named["status"] != "sure"
    assert set(unsure) == {True, False}
    assert named["initiative"].str.endswith("(title unverified)").tolist() == unsure.tolist()
