"""What is wrong in the curated tables: every rule of `baap check`, in one go.

Each file is first held against its own schema (`tables.read`); the rules here look across rows and
files. A rule is a generator of problems over the raw text frames of one edition, so that a curator
is told of everything at once and in the terms of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from baaplib import arithmetic, tables, verdicts
from baaplib.refusal import unknown
from baaplib.tables import Problem

Raw = dict[str, pd.DataFrame]
Paths = dict[str, str]
Rule = Callable[[Raw, Paths], Iterator[Problem]]


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
    for name, frame in raw.items():
        schema = schemas[name]
        for key in schema.get("foreignKeys", []):
            column, target = key["fields"][0], key["reference"]
            table = target["resource"] or name
            if table in raw:
                allowed = set(raw[table][target["fields"][0]])
                what = f"{column} (a row of {table})"
                yield from _dangling(paths[name], frame[column], allowed, what)
        for field in schema["fields"]:
            if "baap:references" in field:
                cells = frame[field["name"]].str.split(";").explode()
                targets = [target.split(".") for target in field["baap:references"].split("|")]
                if not all(table in raw for table, _ in targets):
                    continue
                allowed = {value for table, column in targets for value in raw[table][column]}
                what = f"{field['name']} (a row of {' or '.join(t for t, _ in targets)})"
                yield from _dangling(paths[name], cells, allowed, what)


def _dangling(file: str, cells: pd.Series[str], allowed: set[str], what: str) -> Iterator[Problem]:
    lost = cells[(cells != "") & ~cells.isin(allowed)]
    for index, value in lost.items():
        message = unknown(what, value, sorted(allowed))
        yield Problem(file, _row(index), str(cells.name), value, message)


def _tags(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Hold each tag against its vocabulary."""
    vocabularies = {
        "sdg": raw["sdgs"]["goal"],
        "wsis": raw["wsis_lines"]["line"],
        "initiative": raw["initiatives"]["code"],
        "disaster": raw["disasters"]["disaster"],
        "group": raw["country_groups"]["group"].drop_duplicates(),
        "topic": raw["topics"]["topic"],
    }
    for vocabulary, terms in vocabularies.items():
        tags = raw["activity_tags"].loc[raw["activity_tags"]["vocabulary"] == vocabulary, "tag"]
        yield from _dangling(paths["activity_tags"], tags, set(terms), f"{vocabulary} tag")


def _part_of_cycles(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """No figure is, over any number of steps, part of itself."""
    figures = raw["figures"]
    for column in ("part_of", "share_of"):
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


def _part_within_whole(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Refuse a part larger than its whole, unless a bound leaves room for it."""
    figures = raw["figures"].assign(number=pd.to_numeric(raw["figures"]["value"], errors="coerce"))
    whole = figures.set_index("figure_id")[["number", "bound"]].loc[lambda f: ~f.index.duplicated()]
    joined = figures.join(whole.add_suffix("_whole"), on="part_of")
    closed = joined["bound_whole"].isin(["exact", "at_most"])
    wrong = (joined["number"] > joined["number_whole"]) & closed & (joined["bound"] != "at_most")
    for index, row in joined[wrong].iterrows():
        message = f"is larger than its whole {row['part_of']} ({row['number_whole']:g})"
        yield Problem(paths["figures"], _row(index), "value", row["value"], message)


def _figures_told(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Hold the paragraph of a figure against those that tell its activity."""
    activities = raw["activities"]
    told = {
        activity: paragraphs.split(";")
        for activity, paragraphs in zip(
            activities["activity_id"], activities["paragraphs"], strict=True
        )
        if paragraphs  # told already
    }
    there = set(raw["paragraphs"]["paragraph"])
    for index, row in raw["figures"].iterrows():
        known = told.get(row["activity_id"], [row["paragraph"]])
        if row["paragraph"] in there and row["paragraph"] not in known:
            message = f"does not tell {row['activity_id']}, which is told in {';'.join(known)}"
            yield Problem(paths["figures"], _row(index), "paragraph", row["paragraph"], message)


def _figures_by_kind(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """People are counted within something; a share is a share of something and at most 100."""
    cards = raw["measures"].drop_duplicates("measure").set_index("measure")["kind"]
    figures = raw["figures"].assign(kind=raw["figures"]["measure"].map(cards))
    for index, row in figures.dropna(subset="kind").iterrows():
        people = row["kind"] in ("people", "attendances")
        if people != bool(row["unique_within"]):
            message = (
                "must say within what a person is counted once" if people else "is for people only"
            )
            yield Problem(
                paths["figures"], _row(index), "unique_within", row["unique_within"], message
            )
        if row["share_of"] and row["kind"] != "share":
            message = "is for shares only; a part of a whole belongs into part_of"
            yield Problem(paths["figures"], _row(index), "share_of", row["share_of"], message)
        if row["kind"] == "share" and pd.to_numeric(row["value"], errors="coerce") > 100:
            message = "is more than 100 per cent"
            yield Problem(paths["figures"], _row(index), "value", row["value"], message)


def _dates(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Nothing ends before it starts, and `in_period` says what the dates say."""
    pairs = [("activities", "start", "end"), ("figures", "window_start", "window_end")]
    for name, start, end in pairs:
        frame = raw[name]
        for index, row in frame[(frame[start] != "") & (frame[end] != "")].iterrows():
            first, last = tables.first_and_last_day(row[start], row[end])
            if last < first:
                message = f"is before its {start} {row[start]}"
                yield Problem(paths[name], _row(index), end, row[end], message)
    yield from _in_period(raw, paths)


def _in_period(raw: Raw, paths: Paths) -> Iterator[Problem]:
    folder = Path(paths["activities"]).parent.name
    own = raw["editions"]["edition"] == folder
    period = raw["editions"].loc[own, ["period_start", "period_end"]]
    if period.empty:
        return
    first, last = tables.first_and_last_day(*period.iloc[0])
    for index, row in raw["activities"].iterrows():
        dates = [date for date in (row["start"], row["end"]) if date]
        days = [day for date in dates for day in tables.first_and_last_day(date, date)]
        if pd.isna([first, last, *days]).any() or (days and days[-1] < days[0]):
            continue  # told already
        due = period_of(row["start"], row["end"], row["status"], (first, last))
        if row["in_period"] != due:
            message = f"must be {due!r}: the dates are {row['start'] or '-'} to {row['end'] or '-'}"
            yield Problem(paths["activities"], _row(index), "in_period", row["in_period"], message)


def _dispositions(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Hold the disposition of a paragraph against the activities that name it."""
    telling = ("activities", "told_again", "placeholder", "table_row")
    told = raw["activities"]["paragraphs"].str.split(";").explode()
    first = set(raw["activities"]["paragraphs"].str.split(";").str[0])
    for index, row in raw["paragraphs"].iterrows():
        said, number = row["disposition"], row["paragraph"]
        if said == "not_curated":
            continue
        message = ""
        if number in first and said not in telling:
            message = "an activity is told here; the disposition must say so"
        if said == "activities" and number not in set(told) and "" not in first:
            message = "says that an activity is told here, but none names the paragraph"
        if message:
            yield Problem(paths["paragraphs"], _row(index), "disposition", said, message)


def _themes(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Ask for a theme exactly where an activity belongs to the themes."""
    for index, row in raw["activities"].iterrows():
        if (row["component"] == "theme") != bool(row["theme"]):
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
    for index, row in raw["figures"].iterrows():
        number, value = arithmetic.parsed(row["printed"]), pd.to_numeric(row["value"], "coerce")
        if number is None:
            message = "is no numeral; give the digits or Chinese numeral alone, as printed"
            yield Problem(paths["figures"], _row(index), "printed", row["printed"], message)
        elif pd.notna(value) and number != value:
            message = f"does not follow from {row['printed']!r}, which is {number:g}"
            yield Problem(paths["figures"], _row(index), "value", row["value"], message)


def _named(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Ask for a spelling of each country an activity is linked to."""
    spelt = set(raw["country_aliases"]["iso3"])
    links = raw["activity_countries"]
    for index, row in links[~links["iso3"].isin(spelt)].iterrows():
        if row["iso3"] in set(raw["countries"]["iso3"]):
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


def _row(index: Any) -> int:
    return int(index) + 2
