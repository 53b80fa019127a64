"""What is wrong in the curated tables: every rule of `baap check`, in one go.

Each file is first held against its own schema (`tables.read`); the rules here look across rows and
files. A rule is a generator of problems over the raw text frames of one edition, so that a curator
is told of everything at once and in the terms of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from baaplib import arithmetic, tables, verdicts
from baaplib.refusal import unknown
from baaplib.tables import Problem

Raw = dict[str, pd.DataFrame]
Paths = dict[str, str]
Rule = Callable[[Raw, Paths], Iterator[Problem]]
# What is said of a row: its message, or more.
Said = TypeVar("Said")


def check(data: Path | None = None) -> list[Problem]:
    """Hold all tables of all editions against their schemas and against each other.

    Parameters
    ----------
    data : Path, optional
        Data folder; the project's own if not given.

    Returns
    -------
    list of Problem
        Sorted by file and row; empty if all is well.

    Examples
    --------
    >>> check()
    []
    """
    data = data or tables.root()
    frames: dict[str, pd.DataFrame] = {}
    names: dict[str, str] = {}
    problems: list[Problem] = []
    unreadable: set[str] = set()
    for name, path in tables.files(data):
        names[path] = name
        frames[path], found = tables.read(data, path, tables.schema(name, data))
        problems += found
        if found and frames[path].empty:
            unreadable.add(path)
    if "reference/editions.csv" not in unreadable:
        problems += _editions(tables.folders(data), frames["reference/editions.csv"])
    reference = [path for path in names if not path.startswith("editions/")]
    for folder in sorted({Path(path).parent.as_posix() for path in names} - {"reference"}):
        paths = {
            names[p]: p for p in [*reference, *(p for p in names if Path(p).parent == Path(folder))]
        }
        raw = {name: frames[path] for name, path in paths.items() if path not in unreadable}
        problems += _links(raw, paths, {name: tables.schema(name, data) for name in raw})
        for rule in RULES:
            problems += _unless_unreadable(rule, raw, paths)
    return sorted(set(problems))


def _unless_unreadable(rule: Rule, raw: Raw, paths: Paths) -> list[Problem]:
    """Apply a rule, unless it needs a table that could not be read; that has been told."""
    try:
        return list(rule(raw, paths))
    except KeyError as missing:
        if missing.args[0] in paths and missing.args[0] not in raw:
            return []
        raise


def period_of(start: str, end: str, status: str, period: tuple[pd.Timestamp, pd.Timestamp]) -> str:
    """Say how stated dates lie against a reporting period.

    Parameters
    ----------
    start, end : str
        ISO dates as precise as stated; empty if not stated.
    status : str
        Status of the activity: an ongoing one goes on beyond the period unless its end is stated.
    period : tuple of Timestamp
        First and last day.

    Returns
    -------
    str
        `yes` inside, `no` outside, `partly` beyond it or too coarse to tell, `unknown` no date.

    Examples
    --------
    >>> year = (pd.Timestamp("2022-05-01"), pd.Timestamp("2022-12-31"))
    >>> period_of("2022-10", "", "completed", year), period_of("2022", "", "completed", year)
    ('yes', 'partly')
    """
    if not start and not end:
        return "unknown"
    first, last = tables.first_and_last_day(start or end, end or start)
    if status == "ongoing":
        first = first if start else min(first, period[1])
        last = last if end else pd.Timestamp.max
    if period[0] <= first and last <= period[1]:
        return "yes"
    return "no" if last < period[0] or period[1] < first else "partly"


def _editions(folders: list[str], registered: pd.DataFrame) -> Iterator[Problem]:
    file = "reference/editions.csv"
    for edition in folders:
        if edition not in set(registered["edition"]):
            yield Problem(file, 0, "edition", edition, "has a folder but no row here; add the row")
    for index, edition in registered["edition"].items():
        if edition not in folders:
            message = "has a row but no folder under editions/; add the tables"
            yield Problem(file, _row(index), "edition", edition, message)


def _links(raw: Raw, paths: Paths, schemas: dict[str, tables.Schema]) -> Iterator[Problem]:
    """Every foreign key of every schema leads somewhere; so do the members of lists."""

    @cache
    def keys(*targets: tuple[str, str]) -> frozenset[str]:
        columns = (raw[table][column].tolist() for table, column in targets)
        return frozenset(chain.from_iterable(columns))

    for name, frame in raw.items():
        schema = schemas[name]
        for key in schema.get("foreignKeys", []):
            column, target = key["fields"][0], key["reference"]
            table = target["resource"] or name
            if table in raw:
                allowed = keys((table, target["fields"][0]))
                what = f"{column} (a row of {table})"
                yield from _dangling(paths[name], frame[column], allowed, what)
        for field in schema["fields"]:
            if "baap:references" in field:
                targets = [tuple(name.split(".")) for name in field["baap:references"].split("|")]
                if not all(table in raw for table, _ in targets):
                    continue
                allowed = keys(*targets)
                what = f"{field['name']} (a row of {' or '.join(t for t, _ in targets)})"
                members = _members_outside(frame[field["name"]], allowed)
                yield from _dangling(paths[name], members, allowed, what)


def _members_outside(lists: pd.Series[str], allowed: frozenset[str]) -> pd.Series[str]:
    """Return the members of those lists that hold one that leads nowhere, each by itself."""
    unknown_ = [text for text in lists.unique() if text and text not in allowed]
    lost = [text for text in unknown_ if not allowed.issuperset(text.split(";"))]
    return lists[lists.isin(lost)].str.split(";").explode()


def _dangling(
    file: str, cells: pd.Series[str], allowed: frozenset[str], what: str
) -> Iterator[Problem]:
    texts = cells.tolist()
    if allowed.issuperset(texts):
        return  # the rule, and without a set of what is there
    lost = set(texts) - allowed - {""}
    known = sorted(allowed - {""}) if lost else []
    said = {value: unknown(what, value, known) for value in lost}
    for index, value in cells[cells.isin(lost)].items() if lost else ():
        yield Problem(file, _row(index), str(cells.name), value, said[value])


def _tags(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Hold each tag against its vocabulary."""
    vocabularies = {
        "sdg": raw["sdgs"]["goal"],
        "wsis": raw["wsis_lines"]["line"],
        "initiative": raw["initiatives"]["code"],
        "disaster": raw["disasters"]["disaster"],
        "group": raw["country_groups"]["group"],
        "topic": raw["topics"]["topic"],
    }
    terms = {name: {*column.tolist(), ""} for name, column in vocabularies.items()}

    def stray(vocabulary: str, tag: str) -> str:
        known = terms.get(vocabulary, {tag})  # what is no vocabulary has been told already
        return "" if tag in known else unknown(f"{vocabulary} tag", tag, sorted(known - {""}))

    for index, (_, tag), message in _said(raw["activity_tags"], ["vocabulary", "tag"], stray):
        yield Problem(paths["activity_tags"], _row(index), "tag", tag, message)


def _part_of_cycles(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """No figure is, over any number of steps, part of itself."""
    for column in ("part_of", "share_of"):
        figures = _leading_on(raw["figures"], column)
        whole = dict(zip(figures["figure_id"], figures[column], strict=True))
        rings: set[str] = set()  # one line for each ring, not one for each figure in it
        for index, figure in figures["figure_id"].items():
            seen = [figure]
            while (above := whole.get(seen[-1], "")) and above not in seen:
                seen.append(above)
            if above == figure and figure not in rings:
                rings.update(seen)
                chain = " > ".join([*seen, figure])
                message = (
                    f"leads back to the figure itself: {chain}; a whole cannot be its own part"
                )
                yield Problem(paths["figures"], _row(index), column, whole[figure], message)


def _leading_on(figures: pd.DataFrame, column: str) -> pd.DataFrame:
    """Drop figures whose whole has no whole, again and again; what is left leads to a ring."""
    left = figures[figures[column] != ""]
    while not (on := left[column].isin(left["figure_id"])).all():
        left = left[on]
    return left


def _part_within_whole(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Refuse a part larger than its whole, unless a bound leaves room for it."""
    figures = raw["figures"][["figure_id", "part_of", "value", "bound"]]
    parts = figures[figures["part_of"] != ""]
    wholes = figures[figures["figure_id"].isin(parts["part_of"])].drop_duplicates("figure_id")
    joined = _with_number(parts).join(
        _with_number(wholes).set_index("figure_id")[["number", "bound"]].add_suffix("_whole"),
        on="part_of",
    )
    closed = joined["bound_whole"].isin(["exact", "at_most"])
    wrong = (joined["number"] > joined["number_whole"]) & closed & (joined["bound"] != "at_most")
    for index, row in joined[wrong].iterrows():
        message = f"is larger than its whole {row['part_of']} ({row['number_whole']:g})"
        yield Problem(paths["figures"], _row(index), "value", row["value"], message)


def _with_number(figures: pd.DataFrame) -> pd.DataFrame:
    return figures.assign(number=pd.to_numeric(figures["value"], errors="coerce"))


def _figures_told(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Hold the paragraph of a figure against those that tell its activity."""
    figures = raw["figures"]
    activities = raw["activities"][raw["activities"]["paragraphs"] != ""]  # told already
    told = dict(zip(activities["activity_id"], activities["paragraphs"], strict=True))
    there = set(raw["paragraphs"]["paragraph"])

    def elsewhere(activity: str, paragraph: str) -> str:
        known = told.get(activity, paragraph)
        if paragraph not in there or paragraph in known.split(";"):
            return ""
        return f"does not tell {activity}, which is told in {known}"

    # Most activities are told in one paragraph, and their figures there.
    one = np.array([*map(told.get, figures["activity_id"].tolist())], dtype=object)
    others = figures[one != figures["paragraph"].to_numpy()]
    for index, (_, paragraph), message in _said(others, ["activity_id", "paragraph"], elsewhere):
        yield Problem(paths["figures"], _row(index), "paragraph", paragraph, message)


def _figures_by_kind(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """People are counted within something; a share is a share of something and at most 100."""
    cards = raw["measures"].drop_duplicates("measure").set_index("measure")["kind"]
    figures = raw["figures"].assign(kind=raw["figures"]["measure"].map(cards).astype(object))
    figures = figures[figures["kind"].notna()]
    people, share = figures["kind"].isin(["people", "attendances"]), figures["kind"] == "share"
    for index, row in figures[people != (figures["unique_within"] != "")].iterrows():
        message = "must say within what a person is counted once"
        if row["kind"] not in ("people", "attendances"):
            message = "is for people only"
        yield Problem(paths["figures"], _row(index), "unique_within", row["unique_within"], message)
    for index, row in figures[(figures["share_of"] != "") & ~share].iterrows():
        message = "is for shares only; a part of a whole belongs into part_of"
        yield Problem(paths["figures"], _row(index), "share_of", row["share_of"], message)
    shares = _with_number(figures[share])
    for index, row in shares[shares["number"] > 100].iterrows():
        message = "is more than 100 per cent"
        yield Problem(paths["figures"], _row(index), "value", row["value"], message)


def _dates(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Nothing ends before it starts, and `in_period` says what the dates say."""

    def backwards(start: str, end: str) -> bool:
        first, last = tables.first_and_last_day(start, end)
        return bool(last < first)

    pairs = [("activities", "start", "end"), ("figures", "window_start", "window_end")]
    for name, start, end in pairs:
        frame = raw[name]
        both = frame[(frame[start] != "") & (frame[end] != "")]
        for index, (first, last), _ in _said(both, [start, end], backwards):
            message = f"is before its {start} {first}"
            yield Problem(paths[name], _row(index), end, last, message)
    yield from _in_period(raw, paths)


def _in_period(raw: Raw, paths: Paths) -> Iterator[Problem]:
    folder = Path(paths["activities"]).parent.name
    own = raw["editions"]["edition"] == folder
    period = raw["editions"].loc[own, ["period_start", "period_end"]]
    if period.empty:
        return
    edges = tables.first_and_last_day(*period.iloc[0])

    def otherwise(start: str, end: str, status: str, lies: str) -> str:
        dates = [date for date in (start, end) if date]
        days = [day for date in dates for day in tables.first_and_last_day(date, date)]
        if pd.isna([*edges, *days]).any() or (days and days[-1] < days[0]):
            return ""  # told already
        due = period_of(start, end, status, edges)
        return (
            "" if lies == due else f"must be {due!r}: the dates are {start or '-'} to {end or '-'}"
        )

    columns = ["start", "end", "status", "in_period"]
    for index, (*_, lies), message in _said(raw["activities"], columns, otherwise):
        yield Problem(paths["activities"], _row(index), "in_period", lies, message)


def _dispositions(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Hold the disposition of a paragraph against the activities that name it."""
    telling = ("activities", "told_again", "placeholder", "table_row")
    tellings = raw["activities"]["paragraphs"].unique()
    told = {number for numbers in tellings for number in numbers.split(";")}
    first = {numbers.partition(";")[0] for numbers in tellings}
    curated = raw["paragraphs"][raw["paragraphs"]["disposition"] != "not_curated"]
    said, number = curated["disposition"], curated["paragraph"]
    unsaid = number.isin(first) & ~said.isin(telling)
    untold = (said == "activities") & ~number.isin(told) & ("" not in first)
    messages = {
        "an activity is told here; the disposition must say so": unsaid,
        "says that an activity is told here, but none names the paragraph": untold,
    }
    for message, wrong in messages.items():
        for index, value in said[wrong].items():
            yield Problem(paths["paragraphs"], _row(index), "disposition", value, message)


def _themes(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Ask for a theme exactly where an activity belongs to the themes."""
    activities = raw["activities"]
    wrong = (activities["component"] == "theme") != (activities["theme"] != "")
    for index, row in activities[wrong].iterrows():
        message = "is needed for component 'theme' and for no other"
        yield Problem(paths["activities"], _row(index), "theme", row["theme"], message)


def _tiles(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Two countries of a region do not stand on one square, and each member has one."""
    countries = raw["countries"][raw["countries"]["region"] != ""]
    place = ["region", "tile_row", "tile_column"]
    without = (countries["tile_row"] == "") | (countries["tile_column"] == "")
    for index, row in countries[countries.duplicated(place) & ~without].iterrows():
        message = f"{row['iso3']} stands on the square of another country of {row['region']}"
        square = f"{row['tile_row']}, {row['tile_column']}"
        yield Problem(paths["countries"], _row(index), "tile_row+tile_column", square, message)
    for index in countries.index[without]:
        yield Problem(
            paths["countries"], _row(index), "tile_row", "", "each country needs a square"
        )


def _printed(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Hold the value of a figure against the numeral it was read from."""

    def otherwise(printed: str, text: str) -> tuple[str, str] | None:
        number, value = arithmetic.parsed(printed), pd.to_numeric(text, "coerce")
        if number is None:
            return "printed", "is no numeral; give the digits or Chinese numeral alone, as printed"
        if pd.notna(value) and number != value:
            return "value", f"does not follow from {printed!r}, which is {number:g}"
        return None

    for index, cells, (column, message) in _said(raw["figures"], ["printed", "value"], otherwise):
        value = cells[column == "value"]
        yield Problem(paths["figures"], _row(index), column, value, message)


def _named(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Ask for a spelling of each country an activity is linked to."""
    spelt, known = set(raw["country_aliases"]["iso3"]), set(raw["countries"]["iso3"])
    links = raw["activity_countries"]
    for index, row in links[~links["iso3"].isin(spelt)].iterrows():
        if row["iso3"] in known:
            message = "has no spelling in country_aliases; add the name the source uses"
            yield Problem(paths["activity_countries"], _row(index), "iso3", row["iso3"], message)


def _repeated(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Ask for the figure told again exactly where a numeral is one told again."""
    numerals = raw["numerals"]
    repeats = (numerals["class"] == "repeated") != (numerals["figure_id"] != "")
    for index, row in numerals[repeats].iterrows():
        message = "is needed for class 'repeated' and for no other"
        yield Problem(paths["numerals"], _row(index), "figure_id", row["figure_id"], message)


RULES: tuple[Rule, ...] = (
    _tags,
    _part_of_cycles,
    _part_within_whole,
    _figures_told,
    _figures_by_kind,
    _dates,
    _dispositions,
    _themes,
    _tiles,
    _printed,
    _named,
    _repeated,
    arithmetic.rederived,
    arithmetic.found,
    verdicts.void,
)


def _said(
    frame: pd.DataFrame, columns: list[str], ask: Callable[..., Said | None]
) -> Iterator[tuple[Any, tuple[str, ...], Said]]:
    """Yield each row, as index and cells, of which there is something to say, and that.

    Rows that are alike are asked about once.
    """
    alike = frame[columns].drop_duplicates().itertuples(index=False, name=None)
    said = {cells: answer for cells in alike if (answer := ask(*cells))}
    if said:
        rows = zip(frame.index, frame[columns].itertuples(index=False, name=None), strict=True)
        yield from ((index, cells, said[cells]) for index, cells in rows if cells in said)


def _row(index: Any) -> int:
    return int(index) + 2
