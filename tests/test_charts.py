"""Charts: Axes with a text alternative, the table behind them, and an SVG that travels alone."""

import html
import re
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontEntry, FontProperties

from baaplib import charts, svg
from baaplib.claims import Claim
from baaplib.i18n import THIN_SPACE, language
from baaplib.render import fonts
from baaplib.render.typefaces import FILES

PERIOD = (pd.Timestamp("2022-05-01"), pd.Timestamp("2022-12-31"))
LONG = "A training on the planning and operation of resilient networks for all who plan or operate"


def days(*texts):
    return pd.to_datetime(pd.Series(texts)).astype("datetime64[s]")


BARS = pd.DataFrame({"theme": ["Training", "Emergencies 应急"], "activities": [1200, 0]})
GROUPS = pd.DataFrame({
    "country": ["Malawi", "Mozambique", "Malawi"],
    "measure": ["phones", "phones", "terminals"],
    "value": [25.0, 10.0, 5.0],
})  # fmt: skip
SHARES = pd.DataFrame({"label": ["Ghana", "Zambia"], "percent": [72.68811, 50.0]})
SPANS = pd.DataFrame({
    "label": ["A day", "A month", "Since long ago", "Open"],
    "first": days("2022-06-06", "2022-10-01", "2012-01-01", "2022-11-03"),
    "last": days("2022-06-06", "2022-10-31", "2022-07-01", "2030-01-01"),
    "exact": [True, False, True, True],
    "when": ["6 June 2022", "October 2022", "2012 to July 2022", "from 3 November 2022"],
})  # fmt: skip
TILES = pd.DataFrame({
    "iso3": ["GHA", "KEN", "FJI"], "country": ["Ghana", "Kenya", "Fiji"],
    "region": ["Africa", "Africa", "Asia and the Pacific"], "tile_row": [0, 1, 0],
    "tile_column": [0, 2, 0], "activities": [0, 3, 12], "stage": [None, "ongoing", "completed"],
    "behind": [(), ("CAP-001", "EMT-001"), ("CAP-001",)],
    "scope": [("country=GHA",), ("country=KEN",), ("country=FJI",)],
})  # fmt: skip
SERVICES = pd.DataFrame({
    "country": ["Kenya", "Kenya", "Ghana", "Ghana"],
    "topic": pd.Categorical(
        ["Strategy", "Drill", "Strategy", "Strategy"], ["Drill", "Strategy", "Team"]
    ),
})  # fmt: skip
AMONG = pd.DataFrame({
    "area": ["Training", "Emergencies 应急"], "value": [2, 0], "fewest": [0, 0],
    "middle": [0.5, 0.0], "top": [1, 3],
    "here": [Claim("a", 2, 2), None], "median": [Claim("a", 0.5, 0.5), None],
    "most": [Claim("a", 1, 1), Claim("a", 3, 3)],
})  # fmt: skip
STEPS = pd.DataFrame({
    "title": ["Academy", "Academy", "Academy", "Khorezm", "Khorezm"],
    "step": pd.Categorical(
        ["registered", "trained", "certified", "registered", "trained"],
        ["registered", "trained", "certified"], ordered=True,
    ),
    "value": [200.0, 100.0, 80.0, 1300.0, 325.0],
    "claim": [
        Claim("people_registered", 200, 200), Claim("people_trained", 95, 105, "about"),
        Claim("people_certified", 80, 80),
        Claim("people_registered", 1300, np.inf, "at_least"), Claim("people_trained", 325, 325),
    ],
    "share": [
        None, Claim("remaining_share", 47, 53, "about"), Claim("remaining_share", 40, 40),
        None, Claim("remaining_share", 0, 25, "at_most"),
    ],
})  # fmt: skip
CHARTS = {
    "bars": (charts.bars, BARS, {}),
    "grouped_bars": (charts.grouped_bars, GROUPS, {}),
    "funnel": (charts.funnel, STEPS, {}),
    "shares": (charts.shares, SHARES, {}),
    "among": (charts.among, AMONG, {}),
    "timeline": (charts.timeline, SPANS, {"period": PERIOD}),
    "ladder": (charts.ladder, SERVICES, {}),
    "coverage": (charts.coverage, TILES, {}),
    "plan_stages": (charts.plan_stages, TILES, {}),
    "tiles": (charts.tiles, TILES.assign(**{"class": ["no", "no", "yes"]}),
              {"classes": ["no", "maybe", "yes"]}),
}  # fmt: skip


def draw(name, code="en", frame=None):
    function, own, options = CHARTS[name]
    return function(own if frame is None else frame, language(code), **options)


def in_words(frame):
    """Return the rows of a table as text; claims as what they say."""
    lang = language("en")
    return [
        [cell.text(lang) if isinstance(cell, Claim) else str(cell) for cell in row]
        for row in frame.to_numpy()
    ]


def texts(ax):
    return [text.get_text() for text in (*ax.texts, *ax.get_yticklabels())]


@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_says_every_category(name, code):
    ax = draw(name, code)
    assert isinstance(ax, Axes)
    alt = charts.description(ax).alt
    frame = CHARTS[name][1]
    column = "country" if "country" in frame else frame.columns[0]
    for category in frame[column]:
        assert category in alt
    assert re.match(r"[\u4e00-\u9fff]" if code == "zh" else "[A-Z]", alt)
    assert "{" not in alt


@pytest.mark.parametrize(("code", "stop"), [("en", "."), ("zh", "。")])
def test_what_stands_out_is_a_sentence(code, stop):
    seen = [charts.description(draw(name, code)).see for name in CHARTS]
    assert {see[-1] for see in seen if see} == {stop}


@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize("name", CHARTS)
def test_an_svg_holds_its_labels_as_text_and_is_the_same_twice(name, code):
    first, again = (charts.svg(draw(name, code)) for _ in range(2))
    assert first.startswith("<svg ")
    assert first == again
    svg.check(first, "chart.svg")
    written = [html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)<", first)]
    for label in charts.description(draw(name, code)).labels:
        for line in filter(None, label.split("\n")):
            assert line in written
    assert charts.svg(draw(name, code)) != charts.svg(draw(name, code, CHARTS[name][1][1:]))


def money(kind, frame):
    """Put dollars into every text of a frame."""
    cost = "Fund of $5 and $9 a day"
    texts = {name: cost + " " + frame[name] for name in frame.select_dtypes("str")}
    if kind == "funnel":
        texts["step"] = frame["step"].cat.rename_categories(lambda step: f"{cost} {step}")
    if kind == "ladder":
        texts["topic"] = frame["topic"].cat.rename_categories(lambda topic: f"{cost} {topic}")
    return frame.assign(**texts)


@pytest.mark.parametrize("name", ["bars", "grouped_bars", "funnel", "shares", "timeline", "ladder"])
def test_dollars_are_no_formula(name):
    """Also in ticks, legends and what stands beside a bar."""
    drawn = charts.svg(draw(name, frame=money(name, CHARTS[name][1])))
    written = " ".join(re.findall(r"<text[^>]*>([^<]*)<", drawn))
    assert "Fund of $5 and $9" in written


def test_a_share_says_its_count_beside_it():
    frame = pd.DataFrame({
        "region": ["Europe", "Africa"], "value": [28.26, 50.0],
        "share": [Claim("reached_share", 28.26, 28.26), Claim("reached_share", 50, 50)],
        "reached": [Claim("countries", 13, 13, whole=46), Claim("countries", 22, 22, whole=44)],
    })  # fmt: skip
    ax = draw("shares", frame=frame)
    about = charts.description(ax)
    assert texts(ax)[:2] == ["28.3 per cent, 13 of 46", "50 per cent, 22 of 44"]
    assert "Europe: 28.3 per cent, 13 of 46" in about.alt
    assert list(about.table.columns) == ["region", "share", "reached"]


@pytest.mark.parametrize("name", ["bars", "grouped_bars", "shares"])
def test_the_table_is_the_frame(name):
    pd.testing.assert_frame_equal(charts.description(draw(name)).table, CHARTS[name][1])


@pytest.mark.parametrize("name", ["bars", "grouped_bars", "shares"])
def test_words_for_the_numbers_take_their_place_everywhere(name):
    """Drawn beside the bar, said in the text alternative, shown in the table."""
    frame = CHARTS[name][1]
    claims = [Claim("people", 9 - row, np.inf, "at_least") for row in range(len(frame))]
    about = charts.description(draw(name, frame=frame.assign(claim=claims)))
    assert list(about.table) == [*frame.columns[:-1], "claim"]
    assert list(about.table["claim"]) == claims
    for word in (f"at least {9 - row}" for row in range(len(frame))):
        assert word in about.alt
        assert sum(word in label for label in about.labels) == 1
    plain = [language("en").number(number) for number in frame.iloc[:, -1]]
    assert not any(number in label for number in plain for label in about.labels)


@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize("name", CHARTS)
def test_a_description_holds_what_is_written_into_the_drawing(name, code):
    ax = draw(name, code)
    labels = charts.description(ax).labels
    legend = ax.get_legend()
    assert list(labels) == [
        text.get_text() for text in (*ax.texts, *(legend.get_texts() if legend else ()))
    ]
    # What these two say stands at their axes.
    assert bool(labels) == (name not in ("timeline", "ladder"))


@pytest.mark.parametrize("name", ["bars", "grouped_bars", "shares", "timeline"])
def test_what_others_counted_a_chart_claims_not(name):
    about = charts.description(draw(name))
    assert (about.claims, about.literals) == ((), ())


def test_the_table_of_a_timeline_says_when():
    table = charts.description(draw("timeline")).table
    pd.testing.assert_frame_equal(table, SPANS[["label", "when"]])


def test_the_table_of_a_grid_names_every_country_in_its_class():
    table = charts.description(draw("coverage")).table
    assert in_words(table) == [
        ["Africa", "not named", "1", "Ghana"],
        ["Africa", "2 or 3 activities", "1", "Kenya"],
        ["Asia and the Pacific", "4 or more", "1", "Fiji"],
    ]
    stages = charts.description(draw("plan_stages")).table
    assert stages["class"].tolist() == ["nothing reported", "being prepared", "plan developed"]


def test_a_grid_claims_the_countries_it_counted():
    """A claim for each class and region, with the activities that put its countries there."""
    more = TILES.iloc[[1, 1]].assign(
        iso3=["UGA", "MLI"], country=["Uganda", "Mali"], tile_column=[3, 4],
        activities=[2, 1], behind=[("EMT-001", "EMT-002"), ("CAP-001",)],
    )  # fmt: skip
    about = charts.description(draw("coverage", frame=pd.concat([TILES, more])))
    assert in_words(about.table) == [
        ["Africa", "not named", "1", "Ghana"],
        ["Africa", "1 activity", "1", "Mali"],
        ["Africa", "2 or 3 activities", "2", "Kenya and Uganda"],
        ["Asia and the Pacific", "4 or more", "1", "Fiji"],
    ]
    assert [(claim.place, claim.activities) for claim in about.claims] == [
        (("GHA",), ()), (("MLI",), ("CAP-001",)),
        (("KEN", "UGA"), ("CAP-001", "EMT-001", "EMT-002")), (("FJI",), ("CAP-001",)),
    ]  # fmt: skip
    # Each row shows the claim that was counted from its own countries.
    assert tuple(about.table["countries"]) == about.claims
    for claim in about.claims:
        assert (claim.measure, claim.low, claim.high) == ("countries", len(claim.place), claim.low)


@pytest.mark.parametrize("code", ["en", "zh"])
def test_limits_of_classes_are_literals_with_a_reason(code):
    ax = draw("coverage", code)
    about = charts.description(ax)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert [text for text, _ in about.literals] == names
    assert all(reason for _, reason in about.literals)


def test_numbers_stand_beside_their_bars():
    assert texts(draw("bars"))[:2] == [f"1{THIN_SPACE}200", "0"]
    assert texts(draw("shares"))[:2] == ["72.7 per cent", "50 per cent"]


UNSURE = {
    "exact": (Claim("people", 40, 40), (40, 0), False),
    "between": (Claim("people", 50, 90, "between"), (50, 40), False),
    "about": (Claim("people", 650, 750, "about"), (650, 100), False),
    "at_most": (Claim("people", 0, 30, "at_most"), (0, 30), False),
    "at_least": (Claim("people", 20, np.inf, "at_least"), (20, 0), True),
    "not_stated": (Claim("people", np.nan, np.nan, "not_stated"), (0, 0), False),
}


@pytest.mark.parametrize("name", ["bars", "grouped_bars"])
@pytest.mark.parametrize("bound", UNSURE)
def test_the_drawing_shows_how_sure_a_number_is(name, bound):
    """Dark up to the lower end, light from there to the upper, an arrow where there is none."""
    claim, (sure, possible), endless = UNSURE[bound]
    columns = ["what", "who", "value", "claim"][0 if name == "grouped_bars" else 1 :]
    frame = pd.DataFrame([["A", "B", 1.0, claim]], columns=["what", "who", "value", "claim"])
    ax = draw(name, frame=frame[columns])
    widths = [(bar.get_x(), bar.get_width()) for bar in ax.patches]
    assert widths == [(0, sure)] + [(sure, possible)] * (possible > 0)
    assert [line.get_marker() for line in ax.lines].count(">") == endless
    key = ax.get_legend()
    said = [text.get_text() for text in key.get_texts()] if key else []
    expected = ["lower end", "upper end"] * (possible > 0) + ["no upper end known"] * endless
    assert said == expected


def test_a_share_that_is_not_exact_is_a_ring_on_its_span():
    claims = [Claim("share", 50, 50), Claim("share", 0, 54, "at_most")]
    ax = draw("shares", frame=SHARES.assign(percent=[50.0, 54.0], claim=claims))
    spans = [path.vertices[:, 0].tolist() for path in ax.collections[1].get_paths()]
    assert spans == [[0, 54]]
    rings = [dots.get_facecolor()[0].tolist() for dots in ax.collections[2:]]
    assert rings[1] == [1, 1, 1, 1] != rings[0]


def test_more_series_than_colours_are_refused():
    many = pd.DataFrame({"a": "x", "b": [f"s{n}" for n in range(6)], "value": 1.0})
    with pytest.raises(ValueError, match="6 series are more than the 5 colours"):
        draw("grouped_bars", frame=many)


def test_a_series_keeps_its_colour_where_others_are_missing():
    steps = pd.Categorical(["trained"] * 3, ["registered", "trained"])
    both = pd.Categorical(["registered", "trained", "trained"], ["registered", "trained"])
    alone, all_ = (draw("grouped_bars", frame=GROUPS.assign(measure=m)) for m in (steps, both))
    assert alone.patches[0].get_facecolor() == all_.patches[-1].get_facecolor()


def test_two_rows_of_one_name_are_two_bars():
    """Seaborn would draw their mean."""
    ax = draw("bars", frame=pd.DataFrame({"partner": ["A", "A", "B"], "activities": [4, 2, 1]}))
    assert [bar.get_width() for bar in ax.patches] == [4, 2, 1]
    assert texts(ax) == ["4", "2", "1", "A", "A", "B"]


@pytest.mark.parametrize("series", [["phones"] * 3, ["phones", "phones", "terminals"]])
def test_groups_stand_together_and_no_bar_hides_another(series):
    ax = draw("grouped_bars", frame=GROUPS.assign(measure=series))
    spans = sorted((bar.get_y(), bar.get_y() + bar.get_height()) for bar in ax.patches)
    assert all(below[0] >= above[1] for above, below in pairwise(spans))
    widths = sorted((bar.get_y(), bar.get_width()) for bar in ax.patches)
    assert [width for _, width in widths] == [25, 5, 10]
    assert texts(ax)[:3] == [f"25 {series[0]}", f"5 {series[2]}", f"10 {series[1]}"]
    assert texts(ax)[3:] == ["Malawi", "Mozambique"]


def test_series_keep_the_order_of_their_categories():
    steps = pd.Categorical(["trained", "registered", "trained"], ["registered", "trained"])
    ordered, plain = (draw("grouped_bars", frame=GROUPS.assign(measure=m)) for m in (steps, "x"))
    colours = {bar.get_width(): bar.get_facecolor() for bar in ordered.patches}
    assert colours[10] == plain.patches[0].get_facecolor()
    assert colours[25] == colours[5] != colours[10]


@pytest.mark.parametrize("name", ["bars", "shares", "timeline", "grouped_bars"])
@pytest.mark.parametrize("label", [LONG, "关于弹性网络规划和运营的培训" * 5, "W" * 90])
def test_a_long_label_is_drawn_whole(name, label):
    frame = CHARTS[name][1].copy()
    frame.iloc[0, 0] = label
    ax = draw(name, frame=frame)
    shown = ax.get_yticklabels()[0].get_text()
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", label)
    assert charts.svg(ax)
    if " " in label or label[0] > "W":
        assert "\n" in shown


def test_a_long_chart_says_how_much_more_is_in_the_table():
    many = pd.DataFrame({"partner": [f"P{n}" for n in range(15)], "activities": range(15)})
    alt = charts.description(draw("bars", frame=many)).alt
    assert "P11: 11; 3 more in the table." in alt
    literals = charts.description(draw("bars", frame=many)).literals
    assert [text for text, _ in literals] == ["3 more in the table"]
    assert "P12" not in alt


def test_spans_that_go_on_are_marked_and_stay_on_the_page():
    ax = draw("timeline")
    left, right = ax.get_xlim()
    marks = {line.get_marker(): line.get_ydata().tolist() for line in ax.lines}
    assert (marks["<"], marks[">"]) == ([2], [3])
    for spans in ax.collections:
        for x in np.concatenate([path.vertices[:, 0] for path in spans.get_paths()] or [[]]):
            assert left <= x <= right or abs(x) <= 1  # a dot's own shape lies around nought


@pytest.mark.parametrize(
    ("first", "last"), [("2010-01-01", "2011-01-01"), ("2030-01-01", "2031-01-01")]
)
def test_a_span_outside_the_drawing_is_marked(first, last):
    frame = SPANS[:1].assign(first=days(first), last=days(last))
    assert charts.svg(draw("timeline", frame=frame))


def test_what_is_sure_looks_other_than_what_is_not():
    assert charts.svg(draw("timeline")) != charts.svg(
        draw("timeline", frame=SPANS.assign(exact=[True, True, True, True]))
    )


def test_empty_classes_keep_their_colour_and_their_place_in_the_legend():
    ax = draw("tiles")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["no", "maybe", "yes"]
    assert "maybe" not in charts.description(ax).alt


def test_a_country_stands_on_its_square_and_regions_apart():
    one = draw("coverage", frame=TILES[:2])
    places = {text.get_text(): text.get_position() for text in one.texts if text.get_text()}
    assert places == {"GHA": (0.5, 0.5), "KEN": (2.5, 1.5)}
    several = draw("coverage")
    assert {"GHA", "KEN", "FJI", "Africa", "Asia and the Pacific"} <= set(texts(several))


@pytest.mark.parametrize("name", ["bars", "shares", "timeline", "coverage"])
def test_a_letter_without_a_glyph_is_refused(name):
    frame = CHARTS[name][1].copy()
    frame.iloc[0, 0] = "Cuneiform \U00012000"
    with pytest.raises(ValueError, match="cannot be drawn"):
        charts.svg(draw(name, frame=frame))


def test_fonts_of_the_machine_draw_no_chart(monkeypatch):
    """Where somebody installed the same family, letters have the metrics of the package's file."""
    other = font_manager.findfont(FontProperties(family="DejaVu Sans Mono"))
    manager = font_manager.fontManager
    about = {"weight": 400, "size": "scalable"}
    installed = [FontEntry(other, name=family, **about) for family in fonts.FAMILIES]
    monkeypatch.setattr(manager, "ttflist", [*installed, *manager.ttflist])
    fonts.register_matplotlib.__wrapped__()
    found = {family: font_manager.findfont(family) for family in fonts.FAMILIES}
    assert found == {
        family: str(path.resolve()) for (family, s), path in FILES.items() if s == "normal"
    }


def test_axes_of_others_have_no_text_alternative():
    with pytest.raises(ValueError, match="has no text alternative"):
        charts.description(Figure().subplots())


def test_drawing_leaves_the_settings_of_others_alone():
    before = dict(mpl.rcParams)
    charts.svg(draw("bars"))
    assert dict(mpl.rcParams) == before


def test_a_funnel_measures_each_group_against_its_own_first_step():
    ax = draw("funnel")
    frames, filled, possible = ax.containers
    assert [bar.get_width() for bar in frames] == [100] * 5
    # About half: sure up to 47, possible up to 53. At most a quarter: nothing is sure.
    assert [bar.get_width() for bar in filled] == [100, 47, 40, 100, 0]
    assert [(bar.get_x(), bar.get_width()) for bar in possible] == [(47, 6), (0, 25)]
    # A step has one shade in every group.
    shades = [bar.get_facecolor() for bar in filled]
    assert shades[0] == shades[3]
    assert shades[1] == shades[4]
    assert len(set(shades)) == 3
    said = [text.get_text() for text in ax.texts if text.get_text()]
    assert said == [
        "200 registered", "about 100 trained (about 50 per cent)", "80 certified (40 per cent)",
        "at least 1 300 registered", "325 trained (at most 25 per cent)",
    ]  # fmt: skip
    # The groups stand apart, each in the middle of its steps.
    assert ax.get_yticks().tolist() == [1, 4]
    # A step keeps its shade where another one is missing.
    alone = draw("funnel", frame=STEPS[3:].reset_index(drop=True)).containers[1]
    assert [bar.get_facecolor() for bar in alone] == shades[3:]


def test_the_table_of_a_funnel_holds_the_numbers_and_their_shares():
    table = charts.description(draw("funnel")).table
    assert list(table) == ["title", "step", "claim", "share"]
    assert table["claim"].tolist() == STEPS["claim"].tolist()


def test_a_ladder_of_an_ordered_category_has_a_column_for_each_of_its_values():
    ordered = SERVICES.assign(topic=SERVICES["topic"].cat.as_ordered())
    ax = draw("ladder", frame=ordered)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["Drill", "Strategy", "Team"]
    grid = ax.collections[0].get_array().reshape(2, 3).tolist()
    assert grid == [[0, 1, 0], [1, 1, 0]]


def test_a_ladder_has_a_row_for_each_country_and_a_full_square_for_each_service():
    ax = draw("ladder")
    grid = ax.collections[0].get_array().reshape(2, 2).tolist()
    assert texts(ax) == ["Ghana", "Kenya"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["Drill", "Strategy"]
    # Told twice is full once; what nobody got has no column.
    assert grid == [[0, 1], [1, 1]]
    assert in_words(charts.description(ax).table) == [
        ["Ghana", "Strategy"],
        ["Kenya", "Drill and Strategy"],
    ]


PAIRS = pd.DataFrame({
    "area": ["Training", "Training", "Networks"], "region": ["Africa", "Europe", "Europe"],
    "activities": [3, 0, 5],
})  # fmt: skip


def test_the_table_of_a_matrix_is_a_matrix():
    claims = [Claim("activities", number, number) for number in PAIRS["activities"]]
    ax = charts.matrix(PAIRS.assign(claim=claims), language("en"))
    table = charts.description(ax).table
    assert list(table) == ["area", "Africa", "Europe"]
    assert table["Europe"].tolist() == [claims[1], claims[2]]
    assert table["Africa"].tolist()[0] == claims[0]
    assert pd.isna(table["Africa"].tolist()[1])
    assert [text.get_text() for text in ax.texts if text.get_text()] == ["3", "5"]


@pytest.mark.parametrize("name", ["bars", "grouped_bars", "funnel", "shares", "timeline", "ladder"])
def test_a_half_chart_is_less_than_half_as_wide_and_fills_its_place(name):
    function, frame, options = CHARTS[name]
    whole, half = (function(frame, language("en"), half=half, **options) for half in (False, True))
    assert 0.45 < half.figure.get_figwidth() / whole.figure.get_figwidth() < 0.5
    assert charts.description(half).wide
    # The next chart is whole again.
    assert draw(name).figure.get_figwidth() == whole.figure.get_figwidth()


def test_what_neighbours_have_in_common_is_said_once():
    def square(fill: str) -> str:
        return f'<path style="fill: {fill}; stroke: red" d="M 1 2 L 3 2 L 3 4 L 1 4 L 1 2"/>'

    shown = "".join(map(square, ["white", "black", "white"])) + '<path d="M 0 0 L 5 5"/>'
    head = '<svg xmlns="http://www.w3.org/2000/svg">'
    made = [f'<path fill="{fill}" d="M1 2H3V4H1z" />' for fill in ("white", "black", "white")]
    assert svg.tidy(f"{head}{shown}</svg>") == (
        f'{head}<g stroke="red">{"".join(made)}</g><path d="M0 0L5 5" /></svg>'
    )


def test_a_square_without_a_country_is_not_drawn():
    """A grid of regions side by side is mostly empty."""
    drawn = charts.svg(draw("coverage"))
    countries, outlines, legend = 3, 1, 4
    assert drawn.count("<path") == countries + outlines + legend
