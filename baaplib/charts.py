"""Charts: a tidy frame and a language in, matplotlib Axes out.

Each chart carries a text alternative written from its data and the table behind it; `description`
returns both. Frames hold words, not codes: `brief` has named them already. Numbers come as claims,
so that a drawing shows how sure they are: dark is sure, light is possible, an arrow has no end.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, ClassVar, cast
from unicodedata import east_asian_width
from weakref import WeakKeyDictionary

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import dates
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from baaplib import claims
from baaplib.claims import Claim
from baaplib.i18n import Language
from baaplib.render import design, fonts
from baaplib.svg import tidy

LOOK = design.TOKENS["chart"]
INK, GREY, FAINT, EDGE, ACCENT = (
    str(LOOK[name]) for name in ("ink", "grey", "faint", "edge", "accent")
)
STEPS: tuple[str, ...] = tuple(LOOK["steps"])
SERIES: tuple[str, ...] = tuple(LOOK["series"])
# How much of a series' colour is left where its bar is possible, but not sure.
POSSIBLE: float = LOOK["possible"]
BASE, SMALL = float(LOOK["base"]), float(LOOK["small"])
# One width for all charts, in inches: the text width of an A4 page; and the height of a row.
WIDTH, ROW = float(LOOK["width"]), float(LOOK["row"])
# Points of an inch: what SVG is drawn in.
DPI = 72
# What a chart has of that width: all, or half where two stand side by side.
HALF = 0.485
_share: ContextVar[float] = ContextVar("share", default=1.0)
# Points that the arrow of a bar without an end is long.
OPEN_END = 9

STYLE: Any = {
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.labelsize": BASE,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": BASE,
    "grid.color": FAINT,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    # Letters stay letters: the report's fonts are those the chart was laid out in.
    "svg.fonttype": "none",
    # Ids in the SVG derive from this salt: the same chart twice is the same bytes.
    "svg.hashsalt": "baap",
    # A dollar is a dollar; two are no formula.
    "text.parse_math": False,
    "text.color": INK,
    "xtick.color": GREY,
    "xtick.labelsize": SMALL,
    "ytick.color": INK,
    "ytick.labelsize": BASE,
    "ytick.major.size": 0,
}


@dataclass(frozen=True)
class Description:
    """What a chart says to a reader who does not see it, and what its numbers rest on.

    Attributes
    ----------
    alt : str
        Text alternative.
    see : str
        A sentence that says what stands out; empty where nothing does.
    table : DataFrame
        The data, in words; what the chart counted itself as claims.
    wide : bool
        It fills the page's width; a grid of squares does not: a square has one size everywhere.
    labels : tuple of str
        What is written into the drawing, but for the ticks of its axes.
    claims : tuple of Claim
        Numbers the chart counted itself.
    literals : tuple of (str, str)
        Texts with numbers that count nothing, each with its reason.

    Examples
    --------
    >>> from baaplib.i18n import language
    >>> frame = pd.DataFrame({"country": ["Fiji", "Tonga"], "number": [3, 2]})
    >>> type(description(bars(frame, language("en")))).__name__
    'Description'
    """

    alt: str
    see: str
    table: pd.DataFrame
    wide: bool
    labels: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    literals: tuple[tuple[str, str], ...] = ()


Draw = Callable[..., Axes]


def styled(draw: Draw) -> Draw:
    """Run a chart function in the visual style of the reports; `half` draws it half as wide.

    Examples
    --------
    >>> styled(bars).__name__
    'bars'
    """

    @wraps(draw)
    def drawn(frame: pd.DataFrame, *args: Any, half: bool = False, **kwargs: Any) -> Axes:
        token = _share.set(HALF if half else 1.0)
        try:
            with style():
                return draw(_legible(frame), *args, **kwargs)
        finally:
            _share.reset(token)

    return drawn


def _legible(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of which every text can be drawn."""
    texts = frame.select_dtypes(include=["str"])
    changed = {
        str(name): texts[name].map(fonts.legible, na_action="ignore") for name in texts.columns
    }
    return frame.assign(**changed) if changed else frame


@contextmanager
def style() -> Iterator[None]:
    """Set fonts, sizes and colours of the reports for the time of a `with` block.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> with style(): size = mpl.rcParams["font.size"]
    >>> size > 0
    True
    """
    fonts.register_matplotlib()
    with mpl.rc_context({**STYLE, "font.family": fonts.FAMILIES}):
        yield


_described: WeakKeyDictionary[Axes, Description] = WeakKeyDictionary()


def description(ax: Axes) -> Description:
    """Return the text alternative and the data table of a chart.

    Raises
    ------
    ValueError
        If the Axes were not drawn by a function of this module.

    Examples
    --------
    >>> from baaplib.i18n import language
    >>> frame = pd.DataFrame({"country": ["Fiji", "Tonga"], "number": [3, 2]})
    >>> description(bars(frame, language("en"))).table.shape
    (2, 2)
    """
    if ax not in _described:
        message = "this chart has no text alternative; draw it with a function of baaplib.charts"
        raise ValueError(message)
    return _described[ax]


def svg(ax: Axes) -> str:
    """Write a chart as SVG, letters as text; a letter without a glyph is an error.

    Raises
    ------
    ValueError
        If no font of the chain has a glyph for a character of the chart.

    Examples
    --------
    >>> from baaplib.i18n import language
    >>> frame = pd.DataFrame({"country": ["Fiji", "Tonga"], "number": [3, 2]})
    >>> svg(bars(frame, language("en")))[:4]
    '<svg'
    """
    figure = cast(Figure, ax.figure)
    with warnings.catch_warnings(), style():
        warnings.simplefilter("error", UserWarning)
        try:
            if figure.get_figwidth() < WIDTH and description(ax).wide:
                _fit(ax, figure)
            return _written(figure)
        except UserWarning as warning:
            message = f"the chart cannot be drawn as it should be: {warning}"
            raise ValueError(message) from None


class _Renderer(cast(Any, RendererSVG)):  # type: ignore[misc]  # its methods have no types
    """Measures each text once: matplotlib would for each drawing, and for each box around one."""

    _sizes: ClassVar[dict[tuple[str, FontProperties], tuple[float, float, float]]] = {}

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        """Return them in points, as the base class does."""
        if (s, prop) not in self._sizes:
            # Whoever asks may change its own.
            size = super().get_text_width_height_descent(s, prop, ismath)
            self._sizes[s, prop.copy()] = size
        return self._sizes[s, prop]


def _written(figure: Figure) -> str:
    """Write a figure as SVG, as far as something is drawn."""
    buffer, box = io.StringIO(), _tight(figure)
    renderer = _Renderer(*figure.bbox.size, buffer, metadata={"Date": None})
    figure.draw(renderer)
    renderer.finalize()
    left, top = box.x0 * DPI, figure.bbox.height - box.y1 * DPI
    return tidy(buffer.getvalue(), (left, top, box.width * DPI, box.height * DPI))


def _fit(ax: Axes, figure: Figure) -> None:
    """Make a chart, with all its labels, as wide as its figure: two side by side have one scale."""
    excess = (_tight(figure).width - figure.get_figwidth()) / figure.get_figwidth()
    box = ax.get_position()
    ax.set_position((box.x0, box.y0, max(box.width / 3, box.width - excess), box.height))


def _tight(figure: Figure) -> Bbox:
    """Return the box around all that is drawn, in inches."""
    box = figure.get_tightbbox(_Renderer(*figure.bbox.size, io.StringIO()))
    return box.padded(mpl.rcParams["savefig.pad_inches"])


@styled
def bars(frame: pd.DataFrame, lang: Language) -> Axes:
    """Draw one horizontal bar for each row.

    Parameters
    ----------
    frame : DataFrame
        Columns: category, number and, if its bound matters, the claim.
    lang : Language
        Language of labels and text alternative.

    Examples
    --------
    >>> from baaplib.i18n import language
    >>> frame = pd.DataFrame({"country": ["Fiji", "Tonga"], "number": [3, 2]})
    >>> description(bars(frame, language("en"))).alt
    'Bar chart. Fiji: 3; Tonga: 2.'
    """
    category = frame.columns[0]
    labels = _wrapped(frame[category])
    ax = _axes(len(frame) * max(1, 0.72 * _lines(labels)))
    rows = np.arange(len(frame))
    spans = _spans(frame, 2)
    # seaborn's bars would average two rows of one name, and take three times as long.
    ax.barh(rows, spans["low"], 0.72, color=ACCENT)
    # One bar alone is as thick as each of two.
    ax.set(yticks=rows, yticklabels=labels, ylim=(max(len(frame), 2) - 0.5, -0.5))
    if _lines(labels) > 1:
        # The lines of one name stand closer to each other than to those of the next.
        ax.tick_params(axis="y", labelsize=SMALL)
    words = _in_words(frame, 2, lang)
    _unsure(ax, lang, spans, rows, [ACCENT] * len(frame), 0.72)
    for index, text in enumerate(words):
        _beside(ax, text, *_end_of_bar(spans, index), index)
    _no_scale(ax)
    parts = [_said(lang, *pair) for pair in zip(frame[category], words, strict=True)]
    table = frame[[category, frame.columns[-1]]]
    see = _standing_out(lang, list(frame[category]), words, spans["low"])
    return _describe(ax, lang, lang.gettext("Bar chart. {values}."), parts, table, see=see)


@styled
def grouped_bars(frame: pd.DataFrame, lang: Language) -> Axes:
    """Draw bars one below the other: one group for each category, one colour for each series.

    Parameters
    ----------
    frame : DataFrame
        Columns: category, series, number and, if its bound matters, the claim; missing
        combinations are left out.
    lang : Language
        Language of labels and text alternative.

    Raises
    ------
    ValueError
        If there are more series than colours that a reader can tell apart.

    Examples
    --------
    >>> from baaplib import measures
    >>> from baaplib.measures import capacity_development as capacity
    >>> from baaplib.brief import Brief
    >>> brief = Brief("2022-12")
    >>> frame = brief.named(capacity.year_against_total(brief.data))
    >>> columns = ["title", "span", "value", "claim"]
    >>> description(grouped_bars(frame[columns], brief.lang)).alt[:12]
    'Grouped bar '
    """
    category, series = frame.columns[:2]
    # Rows of one category stand together, wherever the frame has them.
    appearance = pd.factorize(frame[category])[0]
    drawn, group = frame.iloc[np.argsort(appearance, kind="stable")], np.sort(appearance)
    labels = _wrapped(drawn[category].drop_duplicates())
    # Each number says what it is.
    place, height = _places(group, labels)
    ax = _axes(height)
    colours = _colours(frame[series])
    spans = _spans(drawn, 3)
    shades = [colours[name] for name in drawn[series]]
    ax.barh(place, spans["low"], 0.84, color=shades, edgecolor=GREY, linewidth=0.6)
    words = _in_words(drawn, 3, lang)
    _unsure(ax, lang, spans, place, shades, 0.84)
    for index, (what, number) in enumerate(zip(drawn[series], words, strict=True)):
        text = lang.gettext("{number} {what}").format(number=number, what=what)
        _beside(ax, text, *_end_of_bar(spans, index), place[index])
    centres = pd.Series(place).groupby(group).mean()
    ax.set_yticks(centres, labels)
    ax.set_ylim(height - 0.4, -0.6)
    _no_scale(ax)
    ax.margins(x=0.3)
    pair = lang.pgettext("list", ", ")
    names = [pair.join([row[category], row[series]]) for _, row in drawn.iterrows()]
    parts = [_said(lang, *both) for both in zip(names, words, strict=True)]
    table = frame[[category, series, frame.columns[-1]]]
    return _describe(ax, lang, lang.gettext("Grouped bar chart. {values}."), parts, table)


@styled
def funnel(frame: pd.DataFrame, lang: Language) -> Axes:
    """Draw how many remain from step to step: a frame as wide as the first step, filled so far.

    Every group is measured against its own first step: what is compared is the fall, not how large
    a group is.

    Parameters
    ----------
    frame : DataFrame
        Columns: category, step (at most four; an ordered category has a shade for each of its
        values, so that charts of regions compare), number, the claim of the number and the claim
        of its share in the first step, missing at the first.
    lang : Language
        Language of labels and text alternative.

    Examples
    --------
    >>> from baaplib import measures
    >>> from baaplib.measures import capacity_development as capacity
    >>> from baaplib.brief import Brief
    >>> brief = Brief("2022-12")
    >>> frame = brief.named(capacity.funnel(brief.data))
    >>> columns = ["title", "step", "value", "claim", "share"]
    >>> description(funnel(frame[columns], brief.lang)).alt[:12]
    'Bars of step'
    """
    category, step, _, number, share = frame.columns[:5]
    appearance = pd.factorize(frame[category])[0]
    drawn, group = frame.iloc[np.argsort(appearance, kind="stable")], np.sort(appearance)
    labels = _wrapped(drawn[category].drop_duplicates(), 34)
    place, height = _places(group, labels)
    ax = _axes(height)
    order = _columns(drawn[step])
    shades = dict(zip(order, STEPS[-len(order) :], strict=True))
    colours = [shades[name] for name in drawn[step]]
    # The first step is all of itself.
    kept = [one if isinstance(one, Claim) else Claim("share", 100, 100) for one in drawn[share]]
    spans = _spans(pd.DataFrame({"percent": 100.0, "claim": pd.Series(kept, dtype=object)}), 1)
    ax.barh(place, 100, 0.84, color="white", edgecolor=GREY, linewidth=0.6)
    ax.barh(place, spans["low"], 0.84, color=colours, edgecolor=GREY, linewidth=0.6)
    _unsure(ax, lang, spans, place, colours, 0.84)
    parts = []
    for y, (_, row) in zip(place, drawn.iterrows(), strict=True):
        said = row[number].text(lang)
        text = lang.gettext("{number} {what}").format(number=said, what=row[step])
        if isinstance(row[share], Claim):
            remain = lang.gettext("{number} per cent").format(number=row[share].text(lang))
            together = lang.gettext("{text} ({more})")
            text = together.format(text=text, more=remain)
            said = together.format(text=said, more=remain)
        ax.annotate(text, (100, y), (5, 0), textcoords="offset points", va="center")
        name = lang.pgettext("list", ", ").join([row[category], row[step]])
        parts.append(_said(lang, name, said))
    ax.set_yticks(pd.Series(place).groupby(group).mean(), labels)
    # One group alone is drawn as thick as each of two.
    ax.set(xlim=(0, 185), ylim=(max(height, 3) - 0.4, -0.6))
    _no_scale(ax)
    alt = lang.gettext("Bars of steps, each measured against its first step. {values}.")
    return _describe(ax, lang, alt, parts, frame[[category, step, number, share]])


@styled
def shares(frame: pd.DataFrame, lang: Language) -> Axes:
    """Draw one dot for each share on a scale from nought to a hundred per cent.

    Parameters
    ----------
    frame : DataFrame
        Columns: category, per cent and, if its bound matters, the claim; then, if it is to be
        said, the count of which it is the share. A share that is not exact is a ring on the span
        it may lie in.
    lang : Language
        Language of labels and text alternative.

    Examples
    --------
    >>> from baaplib import measures
    >>> from baaplib.brief import Brief
    >>> brief = Brief("2022-12")
    >>> frame = brief.named(measures.womens_share(brief.data))
    >>> columns = ["label", "percent", "share"]
    >>> description(shares(frame[columns], brief.lang)).alt[:12]
    'Dot chart of'
    """
    category, value = frame.columns[:2]
    # A count beside each share takes room from the names.
    labels = _wrapped(frame[category], 62 if frame.shape[1] < 4 else 40)
    ax = _axes(len(frame) * max(0.9, 0.64 * _lines(labels)))
    positions = np.arange(len(frame))
    ax.hlines(positions, 0, frame[value], color=FAINT, linewidth=3, zorder=1)
    spans = _spans(frame, 2)
    sure = (spans["low"] == spans["high"]).to_numpy()
    ends = spans["high"].clip(upper=100)
    ax.hlines(positions[~sure], spans["low"][~sure], ends[~sure], color=STEPS[2], linewidth=5)
    for chosen, inside in ((sure, ACCENT), (~sure, "white")):
        sns.scatterplot(
            x=frame[value].to_numpy()[chosen], y=positions[chosen], s=55, color=inside,
            edgecolor=ACCENT, linewidth=1.6, ax=ax, zorder=3, legend=False, clip_on=False,
        )  # fmt: skip
    rounded = frame.assign(**{value: frame[value].round(1)})
    words = [
        lang.gettext("{number} per cent").format(number=number)
        for number in _in_words(rounded, 2, lang)
    ]
    right = np.maximum(frame[value].to_numpy(float), np.where(sure, 0, ends))
    said = words
    if frame.shape[1] > 3:
        pair = lang.gettext("{percent}, {count}")
        both = zip(words, _in_words(frame, 3, lang), strict=True)
        said = [pair.format(percent=percent, count=count) for percent, count in both]
        # Long labels stand in a column of their own, where the scale ends.
        right = np.full(len(frame), 100.0)
    for index, (number, text) in enumerate(zip(right, said, strict=True)):
        _beside(ax, text, number, 7, index)
    ax.axvline(50, color=GREY, linewidth=0.8, linestyle=(0, (3, 3)), zorder=0)
    end = 130 if said is words else 104
    ax.set(xlim=(0, end), yticks=positions, yticklabels=labels, ylim=(len(frame) - 0.5, -0.5))
    ticks = [0, 50, 100] if _share.get() < 1 else [0, 25, 50, 75, 100]
    ax.set_xticks(ticks, [f"{tick}%" for tick in ticks])
    ax.tick_params(axis="y", labelsize=SMALL)
    _clean(ax, "")
    ax.spines["bottom"].set_bounds(0, 100)
    parts = [_said(lang, *pair) for pair in zip(frame[category], said, strict=True)]
    table = frame[[category, *(frame.columns[2:] if frame.shape[1] > 2 else [value])]]
    largest = lang.gettext("Largest: {names}.")
    see = _standing_out(lang, list(frame[category]), words, spans["low"], largest)
    return _describe(
        ax, lang, lang.gettext("Dot chart of shares. {values}."), parts, table, see=see
    )


@styled
def among(frame: pd.DataFrame, lang: Language) -> Axes:
    """Draw where one stands among others: a dot on the span from the least of them to the most.

    Parameters
    ----------
    frame : DataFrame
        Columns: category; own number; least, middle and most number of the others; own, middle
        and most number as claims (nothing where there is none).
    lang : Language
        Language of labels and text alternative.

    Examples
    --------
    >>> from baaplib import measures
    >>> from baaplib.measures import country_profile
    >>> from baaplib.brief import Brief
    >>> brief = Brief("2022-12")
    >>> frame = brief.named(country_profile.by_area(brief.data, "KEN"))
    >>> columns = ["area", "value", "fewest", "middle", "top", "here", "median", "most"]
    >>> description(among(frame[columns], brief.lang)).alt[:12]
    'Chart of spa'
    """
    category, own, least, middle, most = frame.columns[:5]
    labels = _wrapped(frame[category])
    ax = _axes(len(frame) * max(1, 0.72 * _lines(labels)), extra=0.45)
    rows = np.arange(len(frame))
    names = (lang.gettext("this country"), lang.gettext("similar countries, least to most"),
             lang.gettext("their median"))  # fmt: skip
    ax.hlines(
        rows, frame[least] - 0.04, frame[most] + 0.04, color=STEPS[1], linewidth=8, label=names[1]
    )
    ax.scatter(
        frame[middle], rows, marker="|", s=110, color=GREY, linewidth=2, zorder=2, label=names[2]
    )
    ax.scatter(frame[own], rows, s=48, color=ACCENT, zorder=3, label=names[0])
    ax.set(yticks=rows, yticklabels=labels, ylim=(max(len(frame), 2) - 0.5, -0.5))
    ax.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    ax.set_xlim(-0.25, max(*frame[own], *frame[most], 1) + 0.25)
    ax.grid(axis="x", zorder=0)
    ax.set_axisbelow(True)
    _clean(ax, lang.gettext("activities that reach a country"))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2)
    none = lang.gettext("none")
    words = frame.iloc[:, 5:8].map(
        lambda claim: claim.text(lang) if isinstance(claim, Claim) else none
    )
    pattern = lang.gettext("{own} here, {middle} the median, {most} the most")
    parts = [
        _said(lang, row[category], pattern.format(own=said[0], middle=said[1], most=said[2]))
        for (_, row), said in zip(frame.iterrows(), words.to_numpy(), strict=True)
    ]
    table = frame[[category, *frame.columns[5:8]]]
    return _describe(ax, lang, lang.gettext("Chart of spans. {values}."), parts, table, most=20)


@styled
def timeline(
    frame: pd.DataFrame, lang: Language, period: tuple[pd.Timestamp, pd.Timestamp]
) -> Axes:
    """Draw dated activities in time; what is stated only to the month or year is a span.

    Parameters
    ----------
    frame : DataFrame
        Columns: label, first, last (days), exact (bool), when (the dates in words).
    lang : Language
        Language of labels and text alternative.
    period : tuple of Timestamp
        Reporting period; shaded.

    Examples
    --------
    >>> from baaplib import measures
    >>> from baaplib.measures import emergency_telecommunications as emergency
    >>> from baaplib.brief import Brief
    >>> brief = Brief("2022-12")
    >>> frame = brief.named(emergency.deployments_timed(brief.data))
    >>> columns = ["label", "first", "last", "exact", "when", "claim"]
    >>> description(timeline(frame[columns], brief.lang, measures.period_of(brief.data))).alt[:12]
    'Timeline; th'
    """
    labels = _wrapped(frame["label"], 48)
    ax = _axes(len(frame) * max(1.08, 0.65 * _lines(labels)), extra=0.3)
    rows = np.arange(len(frame))
    left = period[0] - pd.DateOffset(months=10)
    right = period[1] + pd.DateOffset(months=6)
    first = frame["first"].where(frame["first"] > left, left)
    last = frame["last"].where(frame["last"] < right, right)
    ax.axvspan(*map(dates.date2num, period), color=FAINT, alpha=0.6, linewidth=0, zorder=0)
    sure = frame["exact"].to_numpy(bool)
    ax.hlines(rows[sure], first[sure], last[sure], color=ACCENT, linewidth=5, zorder=2)
    ax.hlines(rows[~sure], first[~sure], last[~sure], color=STEPS[2], linewidth=5, zorder=2)
    points = sure & (frame["first"] == frame["last"]).to_numpy(bool)
    sns.scatterplot(x=first[points], y=rows[points], s=45, color=ACCENT, ax=ax, zorder=3)
    _cut_marks(ax, frame, left, right)
    ax.set(xlim=(left, right), ylim=(len(frame) - 0.5, -0.5), yticks=rows)
    ax.set_yticklabels(labels, fontsize=SMALL)
    ax.xaxis.set_major_locator(dates.MonthLocator(bymonth=[1, 5, 9]))
    ax.xaxis.set_major_formatter(lambda day, _: lang.date(dates.num2date(day).strftime("%Y-%m")))
    ax.tick_params(axis="x", labelsize=SMALL)
    _clean(ax, "")
    parts = [_said(lang, row["label"], row["when"]) for _, row in frame.iterrows()]
    return _describe(
        ax, lang, lang.gettext("Timeline; the reporting period is shaded. {values}."), parts,
        frame[["label", "when"]],
    )  # fmt: skip


@styled
def tiles(
    frame: pd.DataFrame, lang: Language, classes: Sequence[str], *, counted: bool = False
) -> Axes:
    """Draw a region as a grid of equal squares, one for each country; no border is drawn.

    Parameters
    ----------
    frame : DataFrame
        Columns: iso3, country, region (name), tile_row, tile_column, class (one of `classes`) and
        behind (keys of the activities that put the country there). Several regions are drawn side
        by side.
    lang : Language
        Language of labels and text alternative.
    classes : sequence of str
        Classes from none to most, in the order of the colours; the first stays white.
    counted : bool, optional
        Whether a class is a number of activities: those of one region are then told of each
        country, as a claim with the `scope` that the frame has for it.

    Examples
    --------
    >>> from baaplib.i18n import language
    >>> place = {"iso3": "FJI", "country": "Fiji", "region": "Asia", "class": "some"}
    >>> frame = pd.DataFrame([{**place, "tile_row": 0, "tile_column": 0, "behind": ("CAP-001",)}])
    >>> description(tiles(frame, language("en"), ["none", "some"])).alt[:9]
    'Tile grid'
    """
    placed, titles = _beside_each_other(frame)
    grid = placed.pivot(index="row", columns="column", values="class").reindex(
        index=range(placed["row"].max() + 1), columns=range(placed["column"].max() + 1)
    )
    codes = placed.pivot(index="row", columns="column", values="iso3").reindex_like(grid)
    codes = codes.astype("object").fillna("")
    colours = [*STEPS[: len(classes) - 1], STEPS[-1]] if len(classes) > 1 else [STEPS[0]]
    numbers = grid.map(lambda name: classes.index(name) if isinstance(name, str) else np.nan)
    size = min(WIDTH / len(grid.columns), 0.27 if titles else 0.46)
    ax = _empty(size * len(grid.columns), size * len(grid) + 0.4)
    sns.heatmap(
        numbers.astype(float), annot=codes, fmt="", cmap=ListedColormap(colours), vmin=0,
        vmax=max(len(classes) - 1, 1), cbar=False, square=True, linewidths=1.5, linecolor="white",
        annot_kws={"size": 5.8 if titles else BASE, "color": INK}, ax=ax,
    )  # fmt: skip
    # What is no country has no edge either.
    ax.collections[0].set_edgecolor(np.where(grid.notna(), "white", "none").ravel().tolist())
    for text in ax.texts:
        column, row = (int(part) for part in text.get_position())
        if numbers.iat[row, column] == len(classes) - 1:
            text.set_color("white")
    _outline_empty(ax, placed, classes[0])
    for name, row, column in titles:
        ax.text(column, row - 0.25, name, fontsize=BASE, va="bottom", color=INK)
    ax.set(xlabel="", ylabel="", xticks=[], yticks=[])
    _class_legend(ax, classes, colours)
    table = _members(frame, lang, classes)
    # Of one region each country is told with its number; of all of them, how many are in a class.
    each = _counts(frame, lang) if counted and not titles else None
    parts = []
    for _, own in table.iterrows():
        name = lang.pgettext("list", ", ").join(own.filter(["region", "class"]))
        number = f"{own['countries'].text(lang)} ({own['members']})"
        parts.append(_said(lang, name, number if each is None else own["members"]))
    see = _uppermost(frame, lang, classes, each)
    counts = table["countries"] if each is None else each["activities"]
    alt = lang.gettext("Tile grid, one square for each country. {values}.")
    literals = [(name, "limits of a class of colour") for name in classes]
    # The alternative also names countries that the table of those reached does not hold.
    named = (name for name in frame["country"] if any(map(str.isdigit, name)))
    literals += [(name, "a name of the tables") for name in named]
    return _describe(
        ax, lang, alt, parts, table if each is None else each, most=len(parts),
        claims=counts.tolist(), literals=literals, see=see,
    )  # fmt: skip


# So many countries are named in a sentence.
NAMED = 8


def _counts(frame: pd.DataFrame, lang: Language) -> pd.DataFrame:
    """Count the activities that reach each country, where any does: most first, then by name."""
    reached = frame[frame["activities"] > 0].set_index("country")
    reached = reached.loc[lang.sorted(reached.index)]
    reached = reached.sort_values("activities", ascending=False, kind="stable")
    counts = [
        replace(claims.count("activities", behind), scope=scope)
        for behind, scope in zip(reached["behind"], reached["scope"], strict=True)
    ]
    return pd.DataFrame({
        "country": reached.index, "activities": pd.Series(counts, dtype=object),
    })  # fmt: skip


def _uppermost(
    frame: pd.DataFrame,
    lang: Language,
    classes: Sequence[str],
    counts: pd.DataFrame | None = None,
) -> str:
    """Name the countries of the uppermost class that has any, unless they are many."""
    name = next((name for name in reversed(classes[1:]) if name in set(frame["class"])), None)
    members = lang.sorted(frame.loc[frame["class"] == name, "country"])
    if not 0 < len(members) <= NAMED:
        return ""
    if counts is not None:
        top = counts[: len(members)]
        pattern = lang.gettext("{text} ({more})")
        counted = [
            pattern.format(text=country, more=claim.text(lang))
            for country, claim in zip(top["country"], top["activities"], strict=True)
        ]
        members = counted if len({claim.low for claim in top["activities"]}) > 1 else members
    return lang.gettext("{name}: {value}.").format(name=name, value=lang.join(members))


@styled
def coverage(frame: pd.DataFrame, lang: Language) -> Axes:
    """Draw how many activities reach each country, as a tile grid.

    Parameters
    ----------
    frame : DataFrame
        Columns: iso3, country, region (name), tile_row, tile_column, activities, behind, scope.
    lang : Language
        Language of labels and text alternative.

    Examples
    --------
    >>> from baaplib import measures
    >>> from baaplib.brief import Brief
    >>> brief = Brief("2022-12", "AFR")
    >>> frame = brief.named(measures.coverage(brief.data))
    >>> description(coverage(frame, brief.lang)).alt[:12]
    'Tile grid, o'
    """
    _ = lang.gettext
    classes = [_("not named"), _("1 activity"), _("2 or 3 activities"), _("4 or more")]
    bins = pd.cut(frame["activities"], [-1, 0, 1, 3, np.inf], labels=classes)
    return tiles(frame.assign(**{"class": bins.astype(str)}), lang, classes, counted=True)


@styled
def plan_stages(frame: pd.DataFrame, lang: Language) -> Axes:
    """Draw which countries have, are getting, or are not reported to have a plan.

    Parameters
    ----------
    frame : DataFrame
        Columns: iso3, country, region (name), tile_row, tile_column, stage (completed, ongoing,
        planned or missing), behind.
    lang : Language
        Language of labels and text alternative.

    Examples
    --------
    >>> from baaplib import measures
    >>> from baaplib.measures import emergency_telecommunications as emergency
    >>> from baaplib.brief import Brief
    >>> brief = Brief("2022-12")
    >>> frame = brief.named(emergency.plan_grid(brief.data))
    >>> description(plan_stages(frame, brief.lang)).alt[:12]
    'Tile grid, o'
    """
    _ = lang.gettext
    classes = [_("nothing reported"), _("being prepared"), _("plan developed")]
    words = {"completed": classes[2], "ongoing": classes[1], "planned": classes[1]}
    named = [words.get(str(stage), classes[0]) for stage in frame["stage"]]
    return tiles(frame.assign(**{"class": named}), lang, classes)


@styled
def matrix(frame: pd.DataFrame, lang: Language) -> Axes:
    """Draw one number for each pair of a row and a column, the darker the larger.

    Parameters
    ----------
    frame : DataFrame
        Columns: row, column, number and, if its bound matters, the claim.
    lang : Language
        Language of labels and text alternative.

    Examples
    --------
    >>> from baaplib import measures
    >>> from baaplib.measures import overview
    >>> from baaplib.brief import Brief
    >>> brief = Brief("2022-12")
    >>> frame = brief.named(overview.by_theme_and_region(brief.data))
    >>> columns = ["area", "region", "activities", "claim"]
    >>> description(matrix(frame[columns], brief.lang)).alt[:12]
    'Grid of numb'
    """
    row, column, value = frame.columns[:3]
    rows, columns = _in_order(frame[row]), _in_order(frame[column])
    words = frame.assign(words=_in_words(frame, 3, lang))
    shape: Any = {"index": row, "columns": column}
    numbers = frame.pivot(values=value, **shape).reindex(index=rows, columns=columns)
    labels = words.pivot(values="words", **shape).reindex_like(numbers)
    names = _wrapped(pd.Series(rows), 54)
    ax = _axes(len(rows) * max(0.72, 0.62 * _lines(names)), extra=0.5)
    sns.heatmap(
        numbers.astype(float), annot=labels.where(numbers > 0, ""), fmt="",
        cmap=sns.light_palette(ACCENT, as_cmap=True), cbar=False, linewidths=1.5,
        linecolor="white", vmin=0, annot_kws={"size": 8}, ax=ax,
    )  # fmt: skip
    ax.set(xlabel="", ylabel="")
    ax.set_xticks(np.arange(len(columns)) + 0.5, [_fold(name, 16) for name in columns])
    ax.set_yticks(np.arange(len(rows)) + 0.5, names)
    ax.tick_params(axis="x", labeltop=True, labelbottom=False, length=0, labelsize=SMALL)
    ax.tick_params(axis="y", rotation=0, length=0, labelsize=SMALL)
    _readable(ax)
    pair, filled = lang.pgettext("list", ", "), words[words[value] > 0]
    cells = [pair.join([one[row], one[column]]) for _, one in filled.iterrows()]
    parts = [_said(lang, *both) for both in zip(cells, filled["words"], strict=True)]
    see = _standing_out(lang, cells, filled["words"].tolist(), filled[value])
    table = frame.pivot(values=frame.columns[-1], **shape).reindex_like(numbers).reset_index()
    alt = lang.gettext("Grid of numbers; a stronger colour is more. {values}.")
    return _describe(ax, lang, alt, parts, table, see=see)


def _readable(ax: Axes) -> None:
    """Write numbers dark on light squares and white on dark ones, whichever has more contrast."""
    squares = ax.collections[0]
    # Where there is no number, nothing is written.
    written = ~np.ma.getmaskarray(np.ma.asarray(squares.get_array())).ravel()
    parts = np.asarray(squares.get_facecolor())[written, :3]
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    # WCAG 2.2: at this luminance black and white have the same contrast.
    light = linear @ [0.2126, 0.7152, 0.0722] > 0.179
    for text, on_light in zip(ax.texts, light, strict=True):
        text.set_color(INK if on_light else "white")


@styled
def ladder(frame: pd.DataFrame, lang: Language) -> Axes:
    """Draw which country got which service: a row for each country, a column for each service.

    Parameters
    ----------
    frame : DataFrame
        Columns: country, service (the order of the categories is that of the columns); one row
        for each thing reported. A square is full where something is; an ordered category has a
        column for each of its values, so that grids of regions compare.
    lang : Language
        Language of labels and text alternative.

    Examples
    --------
    >>> from baaplib import measures
    >>> from baaplib.measures import training_centres
    >>> from baaplib.brief import Brief
    >>> brief = Brief("2022-12")
    >>> frame = brief.named(training_centres.networks(brief.data))
    >>> columns = ["country", "network"]
    >>> description(ladder(frame[columns], brief.lang)).alt[:12]
    'Grid; a full'
    """
    country, service = frame.columns[:2]
    services, countries = _columns(frame[service]), lang.sorted(set(frame[country]))
    counts = pd.crosstab(frame[country], frame[service])
    grid = counts.reindex(index=countries, columns=services, fill_value=0).clip(upper=1)
    ax = _axes(len(countries), extra=0.5)
    sns.heatmap(
        grid, cmap=ListedColormap([FAINT, ACCENT]), vmin=0, vmax=1, cbar=False, linewidths=2,
        linecolor="white", ax=ax,
    )  # fmt: skip
    # One country alone has squares as large as each of two.
    ax.set(xlabel="", ylabel="", xticks=np.arange(len(services)) + 0.5)
    ax.set_ylim(max(len(countries), 2), 0)
    # Names of many columns are narrower; few columns do not make squares as wide as a page.
    fold = min(18, max(9, round(96 / max(len(services), 1))))
    upright = (
        max((_cells(word) for name in services for word in name.split()), default=0) <= fold + 2
    )
    slant: Any = {"rotation": 0} if upright else {
        "rotation": 40, "ha": "left", "va": "bottom", "rotation_mode": "anchor",
    }  # fmt: skip
    folded = [_fold(name, fold if upright else 40) for name in services]
    ax.set_xticklabels(folded, fontsize=SMALL, **slant)
    ax.set_xlim(0, max(len(services), 3))
    ax.tick_params(axis="x", top=True, bottom=False, labeltop=True, labelbottom=False, length=0)
    ax.tick_params(axis="y", rotation=0, length=0)
    own = frame.groupby(country)[service]
    members = [lang.join(_in_order(own.get_group(name))) for name in countries]
    table = pd.DataFrame({country: countries, service: members})
    parts = [_said(lang, *row) for row in table.itertuples(index=False)]
    alt = lang.gettext("Grid; a full square is reported. {values}.")
    return _describe(ax, lang, alt, parts, table)


def _places(group: np.ndarray, labels: Sequence[str]) -> tuple[np.ndarray, float]:
    """Place rows by their group, half a row apart and each as high as its name; say how high all.

    A group of few rows with a name of many lines stands in the middle of that name.
    """
    sizes = np.bincount(group)
    heights = np.maximum(sizes, [0.6 * (label.count("\n") + 1) for label in labels])
    tops = np.cumsum(heights + 0.5) - heights - 0.5 + (heights - sizes) / 2
    within = np.arange(len(group)) - (np.cumsum(sizes) - sizes)[group]
    return tops[group] + within, float(heights.sum() + 0.5 * (len(sizes) - 1))


def _axes(rows: float, extra: float = 0.0) -> Axes:
    return _empty(WIDTH * _share.get(), ROW * max(rows, 2) + 0.45 + extra)


def _empty(width: float, height: float) -> Axes:
    """Return Axes to draw on, of a size in inches; what lies behind them is seen."""
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="none")
    return figure.subplots(subplot_kw={"facecolor": "none"})


def _describe(
    ax: Axes,
    lang: Language,
    pattern: str,
    parts: list[str],
    table: pd.DataFrame,
    most: int = 12,
    claims: Sequence[Claim] = (),
    literals: Sequence[tuple[str, str]] = (),
    see: str = "",
) -> Axes:
    shown = parts[:most]
    if len(parts) > most:
        more = lang.gettext("{number} more in the table").format(
            number=lang.number(len(parts) - most)
        )
        shown = [*shown, more]
        literals = [*literals, (more, "rows the text leaves to the table")]
    alt = pattern.format(values=lang.pgettext("list", "; ").join(shown))
    figure = cast(Figure, ax.figure)
    legend = ax.get_legend()
    written = [*ax.texts, *(legend.get_texts() if legend else [])]
    _described[ax] = Description(
        alt,
        see,
        table,
        wide=bool(figure.get_figwidth() >= WIDTH * _share.get()),
        labels=tuple(text.get_text() for text in written),
        claims=tuple(claims),
        literals=tuple(literals),
    )
    return ax


# Fewer bars are read at a glance; more that stand out are not named, nor more than fit on a line,
# which is so many letters wide.
BARS, OUTSTANDING, LINE = 3, 3, 112


def _standing_out(
    lang: Language,
    names: Sequence[str],
    words: Sequence[str],
    values: pd.Series,
    pattern: str = "",
) -> str:
    """Name what has the most, in order, on one line: each has more than those that follow."""
    pattern = pattern or lang.gettext("Most: {names}.")
    order = np.argsort(-values.to_numpy(float), kind="stable")
    if len(order) < BARS:
        return ""
    for count in range(min(OUTSTANDING, len(order) - 1), 0, -1):
        if values.iloc[order[count - 1]] > values.iloc[order[count]]:
            most = [
                lang.gettext("{text} ({more})").format(text=names[at], more=words[at])
                for at in order[:count]
            ]
            said = pattern.format(names=lang.join(most))
            if _cells(said) <= LINE * _share.get():
                return said
    return ""


def _said(lang: Language, name: str, value: str) -> str:
    return lang.gettext("{name}: {value}").format(name=name, value=value)


def _clean(ax: Axes, xlabel: str) -> None:
    ax.set(xlabel=xlabel, ylabel="")
    ax.tick_params(axis="y", length=0)


def _in_words(frame: pd.DataFrame, column: int, lang: Language) -> list[str]:
    """Return numbers as they are said: a further column claims them, or they are plain."""
    if frame.shape[1] > column:
        return [claim.text(lang) for claim in frame.iloc[:, column]]
    return [lang.number(number) for number in frame.iloc[:, column - 1]]


def _spans(frame: pd.DataFrame, column: int) -> pd.DataFrame:
    """Return the ends of each number: low, high, open (no upper end).

    What has no upper end ends at its lower one, what is not stated at nought.
    """
    numbers = frame.iloc[:, column - 1].astype(float).to_numpy()
    low, high = numbers, numbers
    if frame.shape[1] > column:
        claims = frame.iloc[:, column]
        low = np.nan_to_num([claim.low for claim in claims])
        high = np.nan_to_num([claim.high for claim in claims], posinf=np.inf)
    is_open = np.isinf(high)
    return pd.DataFrame({"low": low, "high": np.where(is_open, low, high), "open": is_open})


def _unsure(
    ax: Axes, lang: Language, spans: pd.DataFrame, place: Any, colours: list[str], width: float
) -> None:
    """Draw what is possible lighter than what is sure, mark what has no end, and say so."""
    possible = (spans["high"] > spans["low"]).to_numpy()
    if possible.any():
        ax.barh(
            place[possible], (spans["high"] - spans["low"])[possible], width * 0.94,
            left=spans["low"][possible], alpha=POSSIBLE, linewidth=0,
            color=[colour for colour, light in zip(colours, possible, strict=True) if light],
        )  # fmt: skip
    is_open = spans["open"].to_numpy()
    if is_open.any():
        inches = mpl.transforms.ScaledTranslation(OPEN_END / 2 / 72, 0, ax.figure.dpi_scale_trans)
        ends, rows = spans["low"].to_numpy()[is_open], place[is_open]
        ax.plot(
            ends, rows, ">", color=GREY, markersize=OPEN_END - 4, clip_on=False,
            transform=ax.transData + inches,
        )  # fmt: skip
    _certainty_key(ax, lang, possible=bool(possible.any()), is_open=bool(is_open.any()))


def _certainty_key(ax: Axes, lang: Language, *, possible: bool, is_open: bool) -> None:
    """Say what light bars and arrows mean, where there are any."""
    _ = lang.gettext
    patch, line = mpl.patches.Patch, mpl.lines.Line2D
    handles: list[Any] = []
    if possible:
        handles = [
            patch(facecolor=ACCENT, label=_("lower end")),
            patch(facecolor=ACCENT, alpha=POSSIBLE, label=_("upper end")),
        ]
    if is_open:
        mark: Any = {"marker": ">", "linestyle": "", "color": GREY, "markersize": OPEN_END - 4}
        handles.append(line([], [], label=_("no upper end known"), **mark))
    if handles:
        ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, 0), ncols=3,
                  handlelength=1, handleheight=1)  # fmt: skip


def _beside(ax: Axes, text: str, x: float, gap: float, y: float) -> None:
    """Write a value to the right of its bar or dot, so many points away."""
    ax.annotate(text, (x, y), (gap, 0), textcoords="offset points", va="center")


def _end_of_bar(spans: pd.DataFrame, index: int) -> tuple[float, float]:
    """Return where a bar ends and how many points beside it its number stands."""
    row = spans.iloc[index]
    return row["high"], (OPEN_END + 4 if row["open"] else 4)


def _no_scale(ax: Axes) -> None:
    """Drop the scale of an axis whose values stand beside their bars."""
    _clean(ax, "")
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)


def _colours(series: pd.Series) -> dict[str, str]:
    """Give each series its colour: that of its place among all categories, drawn here or not."""
    present = _in_order(series)
    if len(present) > len(SERIES):
        message = (
            f"{len(present)} series are more than the {len(SERIES)} colours that a reader can "
            "tell apart; draw a matrix or several charts"
        )
        raise ValueError(message)
    categories = getattr(series.dtype, "categories", present)
    names = categories if len(categories) <= len(SERIES) else present
    return dict(zip(names, SERIES, strict=False))


def _columns(series: pd.Series) -> list[str]:
    """Return all of an ordered category, whether or not it occurs, or else the values that do."""
    if isinstance(series.dtype, pd.CategoricalDtype) and series.cat.ordered:
        return [str(name) for name in series.cat.categories]
    return _in_order(series)


def _in_order(series: pd.Series) -> list[str]:
    """Return the values that occur: in the order of the categories, or of their appearance."""
    present = list(dict.fromkeys(series))
    if isinstance(series.dtype, pd.CategoricalDtype):
        return [name for name in series.cat.categories if name in present]
    return present


def _wrapped(labels: pd.Series, width: int = 40) -> list[str]:
    """Break labels into lines of a width; an ideograph is two letters wide."""
    narrow = max(16, round(width * _share.get()))
    return [_fold(label, narrow) for label in labels]


def _fold(label: str, width: int) -> str:
    lines = [""]
    # A word of letters and digits stays whole; closing marks stay with what they close.
    for part in re.findall(r"[^\s\u2e80-\uffef]+[）。，、]*\s*|.[）。，、]*\s*", label):
        if lines[-1] and _cells(lines[-1] + part.rstrip()) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)


def _lines(labels: Sequence[str]) -> int:
    return max((label.count("\n") + 1 for label in labels), default=1)


def _cells(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _cut_marks(ax: Axes, frame: pd.DataFrame, left: pd.Timestamp, right: pd.Timestamp) -> None:
    """Mark the spans that go on beyond the edge of the drawing."""
    for beyond, day, mark in (
        (frame["first"] < left, left, "<"),
        (frame["last"] > right, right, ">"),
    ):
        rows = np.flatnonzero(beyond)
        ax.plot(
            [dates.date2num(day)] * len(rows),
            rows,
            mark,
            color=INK,
            markersize=5,
            clip_on=False,
            zorder=4,
        )


def _beside_each_other(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple[str, int, int]]]:
    """Place the grids of several regions in rows of two, each below its name."""
    names = list(dict.fromkeys(frame["region"]))
    if len(names) == 1:
        return frame.assign(row=frame["tile_row"], column=frame["tile_column"]), []
    parts, titles, top = [], [], 1
    for start in range(0, len(names), 2):
        left, height = 0, 0
        for name in names[start : start + 2]:
            part = frame[frame["region"] == name]
            parts.append(part.assign(row=part["tile_row"] + top, column=part["tile_column"] + left))
            titles.append((name, top, left))
            # A long name needs more room than a small grid.
            left += max(int(part["tile_column"].max()) + 2, math.ceil(_cells(name) / 2.6) + 1)
            height = max(height, int(part["tile_row"].max()) + 1)
        top += height + 2
    return pd.concat(parts), titles


def _members(frame: pd.DataFrame, lang: Language, classes: Sequence[str]) -> pd.DataFrame:
    """Count and name the countries of each class, by region; classes without are left out."""
    # Regions stand as the frame has them, in whatever language they are named.
    orders = {"region": list(dict.fromkeys(frame["region"])), "class": list(classes)}
    ordered = frame.astype({name: pd.CategoricalDtype(order) for name, order in orders.items()})
    groups = ordered.groupby(["region", "class"], sort=True, observed=True)
    named = groups["country"].agg(lambda names: lang.join(lang.sorted(names)))
    counted = [_countries(group) for _, group in groups]
    table = pd.DataFrame({
        "countries": pd.Series(counted, named.index, dtype=object), "members": named,
    })  # fmt: skip
    table = table.reset_index().astype({"region": "str", "class": "str"})
    return table.drop(columns="region") if frame["region"].nunique() == 1 else table


def _countries(group: pd.DataFrame) -> Claim:
    """Count countries, with the activities that put them into their class."""
    return Claim(
        "countries", len(group), len(group), place=tuple(group["iso3"].astype(str)),
        activities=tuple(dict.fromkeys(name for own in group["behind"] for name in own)),
    )  # fmt: skip


def _outline_empty(ax: Axes, placed: pd.DataFrame, none: str) -> None:
    """Draw a thin line around white squares, which would not be seen on paper."""
    for _, tile in placed[placed["class"] == none].iterrows():
        corner = (tile["column"] + 0.04, tile["row"] + 0.04)
        square = mpl.patches.Rectangle(
            corner, 0.92, 0.92, fill=False, ec=EDGE, lw=0.7, clip_on=False
        )
        ax.add_patch(square)


def _class_legend(ax: Axes, classes: Sequence[str], colours: Sequence[str]) -> None:
    handles = [
        mpl.patches.Patch(facecolor=colour, edgecolor=EDGE, linewidth=0.7, label=name)
        for name, colour in zip(classes, colours, strict=True)
    ]
    ax.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, 0), ncols=len(classes),
        handlelength=1, handleheight=1,
    )  # fmt: skip
