"""Curated tables: from CSV and Table Schema to typed DataFrames.

`data/datapackage.json` names every table and its schema; the schemas say everything about a column
once. Nothing here knows a table by name.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from baaplib import scan
from baaplib.refusal import unknown

Schema = dict[str, Any]
Field = dict[str, Any]
Mask = npt.NDArray[np.bool_]
# For each cell the position of its text, if not each cell has its own, and the distinct texts.
Distinct = tuple[npt.NDArray[np.integer[Any]] | None, "pd.Series[Any]"]
# What is said of a wrong text, or what says it.
Message = str | Callable[[str], str]

ENCODING_HELP = "save it as UTF-8 CSV"
FIX_HELP = "`baap check --fix` mends it"
# A cell that a spreadsheet would run, or that a browser would take for markup.
FORMULA = re.compile(r"^[=+\-@\t]")
MARKUP = re.compile(r"<[A-Za-z/!?]")
# Control characters, and those that hide or turn around what stands beside them.
INVISIBLE = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# At the edge of a text these may be unsafe; other white space is not printable.
DOUBTFUL_EDGES = frozenset("=+-@ ")
FIRST, LAST = itemgetter(slice(0, 1)), itemgetter(slice(-1, None))
# So many texts are screened at once; all of them are read closely if one is doubtful.
SCREENED = 500
# A column whose first thousand cells hold no more than that is read as codes of its few texts.
START, FEW = 1000, 64
NOT_A_DAY = pd.Timestamp("NaT")
PRECISIONS = {4: "year", 7: "month", 10: "day"}
STATED = re.compile(r"\d{4}(-\d\d){0,2}", re.ASCII)
LATER = "; links and other rules across tables are checked once it can be read"


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in a table, as a person in a spreadsheet looks for it.

    Attributes
    ----------
    file : str
        Path below the data folder.
    row : int
        Row as a spreadsheet numbers it: the header is row 1. 0 concerns the whole file.
    column : str
        Name of the column; empty if the whole row or file is concerned.
    value : str
        What stands there.
    message : str
        What is wrong, and what is allowed.

    Examples
    --------
    >>> print(Problem("reference/regions.csv", 3, "region", "AFF", "unknown region"))
    reference/regions.csv:3: region 'AFF': unknown region
    """

    file: str
    row: int
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.row}" if self.row else self.file
        words = [self.column, repr(self.value) if self.value else ""]
        return ": ".join([place, *filter(None, [" ".join(filter(None, words))]), self.message])


class TableError(ValueError):
    """A table cannot be trusted; `problems` holds everything that is wrong with it.

    Examples
    --------
    >>> print(TableError([Problem("a.csv", 2, "start", "x", "is no date")]))
    1 problem(s) in the data:
    a.csv:2: start 'x': is no date
    """

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        shown = "\n".join(str(problem) for problem in problems[:10])
        more = (
            f"\n... and {len(problems) - 10} more; see `baap check`" if len(problems) > 10 else ""
        )
        super().__init__(f"{len(problems)} problem(s) in the data:\n{shown}{more}")


def root() -> Path:
    """Return the data folder: the variable BAAP_DATA, or `data` beside the library.

    Examples
    --------
    >>> (root() / "datapackage.json").exists()
    True
    """
    return Path(os.environ.get("BAAP_DATA", Path(__file__).parent.parent / "data"))


def names() -> list[str]:
    """Return the names of all tables.

    Examples
    --------
    >>> "activities" in names()
    True
    """
    return list(_resources(root()))


def is_reference(name: str) -> bool:
    """Tell whether a table is a vocabulary that all editions share.

    Examples
    --------
    >>> is_reference("regions"), is_reference("activities")
    (True, False)
    """
    return not _resources(root())[name].startswith("editions/")


def editions() -> list[str]:
    """Return the reporting editions that are registered, newest last.

    Examples
    --------
    >>> editions()
    ['2022-12']
    """
    return sorted(load("editions")["edition"].astype(str))


def schema(name: str, data: Path | None = None) -> Schema:
    """Return the Table Schema of a table, of the project's own data folder if none is given.

    Raises
    ------
    ValueError
        If there is no such table.

    Examples
    --------
    >>> [field["name"] for field in schema("regions")["fields"]]
    ['region', 'name_en', 'name_zh', 'status']
    """
    return _schema(data or root(), name)


def load(name: str, edition: str | None = None) -> pd.DataFrame:
    """Load a curated table as a typed DataFrame.

    Columns with an `enum` or a foreign key become categories, integers `Int64`, booleans
    `boolean`, lists tuples. A date that may be imprecise keeps its text as stated (`start`) and
    gains its first or last day (`start_day`) and how precise it is (`start_precision`).

    Parameters
    ----------
    name : str
        Table, one of `names()`.
    edition : str, optional
        Reporting edition, one of `editions()`; reference tables need none.

    Returns
    -------
    DataFrame
        One row per row of the file, in its order; `describe` says what its columns mean.

    Raises
    ------
    ValueError
        If the table or the edition does not exist.
    TableError
        If the file breaks its schema; says file, row, column, value and what is allowed.

    Examples
    --------
    >>> load("regions")["region"].tolist()
    ['AFR', 'AMS', 'ARB', 'ASP', 'CIS', 'EUR']
    >>> load("activities", "2022-12").columns[:3].tolist()
    ['activity_id', 'component', 'theme']
    """
    return _kept(_typed_table, name, edition)


def describe(frame: pd.DataFrame | str) -> pd.DataFrame:
    """Say what the columns of a frame mean, in the words of the schemas.

    Parameters
    ----------
    frame : DataFrame or str
        What `load` returned or a measure made of that, or the name of a table.

    Returns
    -------
    DataFrame
        column, type (of the frame, or as the schema has it), meaning; one row for each column. A
        column that no schema knows has an empty meaning: the measure that made it says what it is.

    Raises
    ------
    ValueError
        If there is no table of that name.

    Examples
    --------
    >>> describe("regions")["meaning"].iloc[0]
    'code used in tables and file names'
    >>> describe(load("regions"))["column"].tolist()[:2]
    ['region', 'name_en']
    """
    name = frame if isinstance(frame, str) else frame.attrs.get("table", "")
    # Its own schema first; columns of other tables came with a merge.
    ordered = [*([name] if name else []), *(other for other in names() if other != name)]
    known: dict[str, Field] = {}
    for table in ordered:
        for field in schema(table)["fields"]:
            known.setdefault(field["name"], field)
    if isinstance(frame, str):
        kinds = {field["name"]: field["type"] for field in schema(name)["fields"]}
    else:
        kinds = {str(column): str(kind) for column, kind in frame.dtypes.items()}
    rows = [(column, kind, _meaning(column, known)) for column, kind in kinds.items()]
    return pd.DataFrame(rows, columns=["column", "type", "meaning"])


def _meaning(column: str, known: dict[str, Field]) -> str:
    """Return what a column means; `start_day` and its like come from the date they are made of."""
    if column in known:
        return str(known[column].get("description", ""))
    stem, _, part = column.rpartition("_")
    made = {"day": "the day meant by", "precision": "how precisely a date is stated in"}
    return f"{made[part]} {stem!r}" if stem in known and part in made else ""


def texts(name: str, edition: str | None = None) -> pd.DataFrame:
    """Load a curated table as the texts of its cells, checked as `load` checks it.

    Examples
    --------
    >>> texts("regions")["region"].tolist()[:2]
    ['AFR', 'AMS']
    """
    return _kept(_text_table, name, edition)


def files(data: Path) -> Iterator[tuple[str, str]]:
    """Yield (table, path below the data folder) of every table file of every edition.

    Examples
    --------
    >>> next(files(root()))
    ('editions', 'reference/editions.csv')
    """
    for name, path in _resources(data).items():
        if not path.startswith("editions/"):
            yield name, path
            continue
        for edition in folders(data):
            yield name, f"editions/{edition}/{Path(path).name}"


def folders(data: Path) -> list[str]:
    """Return the names of the folders of editions, whether registered or not.

    Examples
    --------
    >>> folders(root())
    ['2022-12']
    """
    return sorted(path.name for path in (data / "editions").glob("*") if path.is_dir())


def read(data: Path, relative: str, schema: Schema) -> tuple[pd.DataFrame, list[Problem]]:
    """Read one CSV as text and hold it against its schema.

    Parameters
    ----------
    data : Path
        Data folder.
    relative : str
        Path of the file below it.
    schema : dict
        Its Table Schema.

    Returns
    -------
    DataFrame
        Cells as Python's strings, empty where nothing stands; row n of a spreadsheet is index
        n - 2. Columns of objects: pandas' own texts are slow to go through one by one.
        No rows if the file or one of its rows cannot be read.
    list of Problem
        Everything that is wrong in this file by itself.

    Examples
    --------
    >>> frame, problems = read(root(), "reference/regions.csv", schema("regions"))
    >>> len(frame), problems
    (6, [])
    """
    cells, problems = _cells(data, relative, schema)
    return cells.frame, problems


def fix(data: Path | None = None) -> list[str]:
    r"""Rewrite files that only a spreadsheet's way of saving made wrong; return their paths.

    A byte-order mark goes, Windows line ends become plain ones; nothing else is touched.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_bytes(b"region\r\nAFR\r\n")
    >>> fix(folder)
    ['a.csv']
    """
    data = data or root()
    fixed = []
    for path in sorted(data.rglob("*.csv")):
        content = path.read_bytes()
        clean = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
        if clean != content:
            path.write_bytes(clean)
            fixed.append(path.relative_to(data).as_posix())
    return fixed


@cache
def first_and_last_day(start: str, end: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first day of one stated date and the last day of another.

    Examples
    --------
    >>> first, last = first_and_last_day("2022", "2022-10")
    >>> str(first.date()), str(last.date())
    ('2022-01-01', '2022-10-31')
    """
    return _edge(start, "start"), _edge(end, "end")


def _edge(text: str, edge: str) -> pd.Timestamp:
    """Return what `_day` does, for one date; no day for what is not well formed."""
    if not STATED.fullmatch(text):
        return NOT_A_DAY
    try:
        stated = np.datetime64(text)  # of the unit that is stated: a year, a month or a day
        day = stated if edge == "start" else (stated + 1).astype("datetime64[D]") - 1
        return pd.Timestamp(day.astype("datetime64[s]"))
    except ValueError:
        return NOT_A_DAY


def _kept(
    make: Callable[[Path, str, str], pd.DataFrame], name: str, edition: str | None
) -> pd.DataFrame:
    """Return a table as it was made from this very state of its file, or make it."""
    data = root()
    relative = _file(data, name, edition)
    path = data / relative
    # A file that is missing is told when it is read.
    state = path.stat() if path.exists() else None
    stamp = (state.st_size, state.st_mtime_ns) if state else None
    # Without the cells: pandas copies them once somebody writes.
    return _made(make, data, relative, name, stamp).copy(deep=False)


# Enough for all tables of a few editions.
@lru_cache(maxsize=128)
def _made(
    make: Callable[[Path, str, str], pd.DataFrame],
    data: Path,
    relative: str,
    name: str,
    stamp: tuple[int, int] | None,
) -> pd.DataFrame:
    return make(data, relative, name)


def _text_table(data: Path, relative: str, name: str) -> pd.DataFrame:
    return _checked(data, relative, name).frame


def _typed_table(data: Path, relative: str, name: str) -> pd.DataFrame:
    typed = _typed(_checked(data, relative, name), _schema(data, name))
    # For `describe`. The name alone: pandas copies this with each step it takes.
    typed.attrs["table"] = name
    return typed


def _json(path: Path) -> Schema:
    try:
        result: Schema = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"{path}: is missing; BAAP_DATA names the folder that holds datapackage.json"
        raise ValueError(message) from None
    except ValueError as error:
        raise ValueError(f"{path}: is not valid JSON: {error}") from None
    return result


@cache
def _resources(data: Path) -> dict[str, str]:
    resources = _json(data / "datapackage.json")["resources"]
    return {resource["name"]: resource["path"] for resource in resources}


@cache
def _schema(data: Path, name: str) -> Schema:
    if name not in _resources(data):
        raise ValueError(unknown("table", name, _resources(data)))
    return _json(data / "schemas" / f"{name}.json")


def _file(data: Path, name: str, edition: str | None) -> str:
    _schema(data, name)
    path = _resources(data)[name]
    if edition is not None and edition not in editions():
        raise ValueError(unknown("edition", edition, editions()))
    if not path.startswith("editions/"):
        return path
    own = os.environ.get("BAAP_EDITION", edition)
    if own != edition and edition is not None:
        message = (
            f"edition {edition!r} was asked for, but a report of {own!r} is being built: it would "
            "not be built again when those tables change; leave them out"
        )
        raise ValueError(message)
    if edition is None:
        message = f"table {name!r} belongs to an edition; pass one of {', '.join(editions())}"
        raise ValueError(message)
    return f"editions/{edition}/{Path(path).name}"


@dataclass(frozen=True)
class _Cells:
    """The texts of a table, and, for those columns that were asked for, which ones they hold."""

    frame: pd.DataFrame
    known: dict[str, Distinct] = dataclasses.field(default_factory=dict)

    def distinct(self, column: str) -> Distinct:
        """Return the distinct texts of a column, and for each cell the position of its own.

        Large tables say few things often; what is asked of a text is asked once. Where nearly
        every cell differs, as in a key, looking for equal ones would cost more than it saves:
        then there are no positions, and the texts are those of the cells.
        """
        if column not in self.known:
            texts = self.frame[column].to_numpy()
            start = texts[:START]
            if len(set(start)) > 0.9 * len(start):
                codes, values = None, texts
            else:
                codes, values = pd.factorize(texts)
            self.known[column] = codes, pd.Series(values, dtype=object)
        return self.known[column]


def _cells(data: Path, relative: str, schema: Schema) -> tuple[_Cells, list[Problem]]:
    """Read one CSV and hold it against its schema, as `read` does."""
    columns = [field["name"] for field in schema["fields"]]
    nothing = _Cells(pd.DataFrame(columns=columns, dtype=object))
    try:
        content = (data / relative).read_bytes()
    except FileNotFoundError:
        return nothing, [Problem(relative, 0, "", "", f"the file is missing{LATER}")]
    cells, unreadable = _read(relative, content, columns)
    problems = [*_encoding_problems(relative, content), *unreadable]
    del content
    for field in schema["fields"]:
        problems += _field_problems(relative, cells, field)
    problems += _key_problems(relative, cells, schema)
    return nothing if unreadable else cells, sorted(problems)


def _checked(data: Path, relative: str, name: str) -> _Cells:
    cells, problems = _cells(data, relative, _schema(data, name))
    if problems:
        raise TableError(problems)
    return cells


def _read(file: str, content: bytes, columns: list[str]) -> tuple[_Cells, list[Problem]]:
    """Read a CSV as text; rows that cannot be read are told and left out."""
    if scan.regular(content, columns):
        try:
            return _read_fast(content), []
        except UnicodeDecodeError:
            pass  # told with its line below
    rows, unreadable = _rows(file, content, columns)
    ragged = [problem.row - 2 for problem in unreadable]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    return _Cells(frame.drop(index=ragged, errors="ignore")), unreadable


def _read_fast(content: bytes) -> _Cells:
    """Read a regular CSV with pandas; nothing is guessed, an empty cell is an empty text."""
    start = _parsed(content, object, START)
    if len(start) < START:
        return _Cells(start)
    few = [name for name in start.columns.tolist() if _few(start[name].unique().tolist())]
    # Pandas then looks each cell up among few texts, instead of making one of it.
    frame = _parsed(content, dict.fromkeys(start, object) | dict.fromkeys(few, "category"))
    known: dict[str, Distinct] = {}
    for name in few:
        own = frame[name].array
        values = own.categories.to_numpy(object)
        known[name] = own.codes, pd.Series(values, dtype=object)
        frame[name] = pd.Series(values.take(own.codes), dtype=object)
    return _Cells(frame, known)


def _parsed(content: bytes, kinds: Any, rows: int | None = None) -> pd.DataFrame:
    return pd.read_csv(
        io.BytesIO(content), dtype=kinds, nrows=rows, na_filter=False, index_col=False,
        skip_blank_lines=False,
    )  # fmt: skip


def _few(texts: list[str]) -> bool:
    """Tell whether a column that begins with these may be read as categories of texts.

    Pandas makes numbers or truth values of categories if it takes all of them for such.
    """
    return len(texts) <= FEW and not all(map(_value, texts))


def _value(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text.lower() in ("true", "false")
    return True


def _rows(file: str, content: bytes, columns: list[str]) -> tuple[list[list[str]], list[Problem]]:
    """Take a CSV apart; rows that lack or exceed the columns are told and brought to length."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8; {ENCODING_HELP}{LATER}"
        return [], [Problem(file, line, "", f"\\x{content[error.start]:02x}", message)]
    rows: list[list[str]] = []
    problems = []
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        message = f"cannot be read from here on: {error}; look at the quotation marks{LATER}"
        problems.append(Problem(file, len(rows) + 1, "", "", message))
    header = rows[0] if rows else []
    if header != columns:
        message = f"its columns must be {','.join(columns)}{LATER}"
        return [], [*problems, Problem(file, 1, "", ",".join(header), message)]
    width = len(columns)
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != width:
            message = (
                f"has {len(row)} fields; each row needs {width}, "
                f"and a text with a comma quotation marks around it{LATER}"
            )
            problems.append(Problem(file, number, "", ",".join(row), message))
    return [[*row, *[""] * width][:width] for row in rows[1:]], problems


def _encoding_problems(file: str, content: bytes) -> Iterator[Problem]:
    if content.startswith(b"\xef\xbb\xbf"):
        message = f"starts with a byte-order mark; {ENCODING_HELP}; {FIX_HELP}"
        yield Problem(file, 0, "", "", message)
    if b"\r" not in content:
        return
    if b"\r\n" in content:
        yield Problem(file, 0, "", "", f"has Windows line ends; {ENCODING_HELP}; {FIX_HELP}")
    if b"\r" in content.replace(b"\r\n", b"\n"):
        yield Problem(file, 0, "", "", f"has old Macintosh line ends; {ENCODING_HELP}")


def _field_problems(file: str, cells: _Cells, field: Field) -> Iterator[Problem]:
    codes, values = cells.distinct(field["name"])
    messages: dict[int, list[str]] = {}
    for wrong, message in _faults(values, field):
        for code, value in values[wrong].items() if wrong.any() else ():
            said = message if isinstance(message, str) else message(value)
            messages.setdefault(int(str(code)), []).append(said)
    if not messages:
        return
    column = cells.frame[field["name"]]
    codes = np.arange(len(column)) if codes is None else codes
    for position in np.flatnonzero(np.isin(codes, list(messages))).tolist():
        row, value = int(column.index[position]) + 2, str(column.iloc[position])
        for said in messages[int(codes[position])]:
            yield Problem(file, row, field["name"], value, said)


def _faults(values: pd.Series[str], field: Field) -> Iterator[tuple[Mask, Message]]:
    """Yield which of some distinct texts break a rule of the schema, and what is to be said."""
    constraints = field.get("constraints", {})
    empty = (values == "").to_numpy(bool)
    if constraints.get("required"):
        yield empty, "must not be empty"
    yield ~empty & ~_well_formed(values, field), _type_help(field)
    if "enum" in constraints:
        allowed = constraints["enum"]
        wrong = ~values.isin(allowed).to_numpy(bool)
        yield ~empty & wrong, lambda value: unknown(field["name"], value, allowed)
    if "pattern" in constraints and "baap:date" not in field:
        pattern = constraints["pattern"]
        yield ~empty & ~_matching(pattern, values), f"must match {pattern}"
    if "minimum" in constraints:
        numbers = pd.to_numeric(values, errors="coerce")
        wrong = (numbers < constraints["minimum"]).to_numpy(bool)
        yield wrong, f"must be at least {constraints['minimum']}"
    if field["type"] == "string":
        yield from _unsafe(values)


def _unsafe(values: pd.Series[str]) -> Iterator[tuple[Mask, Message]]:
    """Yield which texts a spreadsheet or browser would not take for text."""
    doubtful = _doubtful(values.tolist())
    if not doubtful.any():
        return
    texts = values[doubtful]
    rules = {
        "a spreadsheet would run this; start it otherwise": texts.str.contains(FORMULA),
        "holds markup; write plain text": texts.str.contains(MARKUP),
        "has white space at an end, a line break or an invisible character": (
            (texts != texts.str.strip()) | texts.str.contains(INVISIBLE)
        ),
    }
    for message, found in rules.items():
        wrong = doubtful.copy()
        wrong[doubtful] = found
        yield wrong, message


def _doubtful(texts: list[str]) -> Mask:
    """Tell which texts may be unsafe: cheap, a block at a time, and no unsafe one is missed.

    What is not printable covers all that is invisible and all white space but the plain one.
    """
    doubtful = np.zeros(len(texts), bool)
    for start in range(0, len(texts), SCREENED):
        block = texts[start : start + SCREENED]
        every, edges = "".join(block), {*map(FIRST, block), *map(LAST, block)}
        doubtful[start : start + SCREENED] = (
            "<" in every or not every.isprintable() or not edges.isdisjoint(DOUBTFUL_EDGES)
        )
    return doubtful


def _matching(pattern: str, values: pd.Series[str]) -> Mask:
    """Tell which texts match a pattern in full; digits are those of ASCII."""
    match, texts = re.compile(pattern, re.ASCII).fullmatch, values.tolist()
    if all(map(match, texts)):  # the rule, and twice as fast
        return np.ones(len(texts), bool)
    return np.array([match(text) is not None for text in texts], bool)


def _well_formed(values: pd.Series[str], field: Field) -> Mask:
    # A whole number has one text, as keys are compared as texts.
    whole = r"(0|-?[1-9]\d{0,14})"
    patterns = {"integer": whole, "number": rf"({whole}|-0)(\.\d+)?", "boolean": "true|false"}
    if field["type"] in patterns:
        return _matching(patterns[field["type"]], values)
    if field["type"] == "date":
        return _matching(r"\d{4}-\d\d-\d\d", values) & _day(values).notna().to_numpy()
    if "baap:date" in field:
        stated = _matching(field["constraints"]["pattern"], values)
        return stated & _day(values).notna().to_numpy()
    return np.ones(len(values), bool)


def _type_help(field: Field) -> str:
    helps = {
        "integer": "must be a whole number, digits only, without leading zeros",
        "number": "must be a number, digits and at most one point, without leading zeros",
        "boolean": "must be true or false",
        "date": "must be a day of the calendar, as 2022-10-18",
    }
    return helps.get(
        field["type"], "must be a year, month or day of the calendar, as 2022 or 2022-10"
    )


def _key_problems(file: str, cells: _Cells, schema: Schema) -> Iterator[Problem]:
    key = schema["primaryKey"]
    key = [key] if isinstance(key, str) else key
    if _differ([cells.distinct(name) for name in key]):
        return  # the rule, and twice as fast
    first: dict[tuple[str, ...], int] = {}
    rows = zip(*(cells.frame[name].tolist() for name in key), strict=True)
    for number, row in enumerate(rows, 2):
        if (there := first.setdefault(row, number)) != number:
            message = f"this key stands in row {there} already; keys are unique"
            yield Problem(file, number, "+".join(key), ", ".join(row), message)


def _differ(columns: list[Distinct]) -> bool:
    """Tell whether no two rows hold the same texts in some columns; False if that is not sure."""
    whole = np.zeros(1, np.int64)
    for codes, values in columns:
        if codes is None:
            return len(set(values.tolist())) == len(values)
        whole = whole * len(values) + codes  # if it runs over, different rows may look alike
    return len(pd.unique(whole)) == len(whole)


def _day(texts: pd.Series[str], edge: str = "start") -> pd.Series[pd.Timestamp]:
    """Return the first or last day that a year, month or day stands for; NaT if there is none."""
    full = texts.where(texts.str.len() != 4, texts + "-01")
    full = full.where(full.str.len() != 7, full + "-01")
    days = pd.to_datetime(full, format="%Y-%m-%d", errors="coerce")
    if edge == "end":
        year, month = texts.str.len() == 4, texts.str.len() == 7
        days = days.where(~year, days + pd.offsets.YearEnd())
        days = days.where(~month, days + pd.offsets.MonthEnd())
    return days.astype("datetime64[s]")


def _typed(cells: _Cells, schema: Schema) -> pd.DataFrame:
    keys = schema.get("foreignKeys", [])
    # A link within the table itself stays text: its values are compared with the keys.
    linked = {key["fields"][0] for key in keys if key["reference"]["resource"]}
    columns: dict[str, Any] = {}
    for field in schema["fields"]:
        name = field["name"]
        codes, texts = cells.distinct(name)
        values = texts.astype("str")
        own = {name: _convert(values, field, linked=name in linked)}
        if "baap:date" in field:
            own[f"{name}_day"] = _day(values, field["baap:date"])
            precision = pd.Categorical(
                values.str.len().map(PRECISIONS), ["year", "month", "day"], ordered=True
            )
            own[f"{name}_precision"] = pd.Series(precision)
        for column, made in own.items():
            columns[column] = (made if codes is None else made.take(codes)).array
    return pd.DataFrame(columns, index=cells.frame.index)


def _convert(values: pd.Series[str], field: Field, *, linked: bool) -> pd.Series[Any]:
    """Convert distinct texts to what the schema says they are."""
    missing = values.where(values != "", None)
    if "baap:list" in field:
        item = int if field.get("baap:items") == "integer" else str
        split = [tuple(map(item, text.split(";"))) if text else () for text in values.tolist()]
        return pd.Series(split, dtype=object)
    if field["type"] == "integer":
        return pd.to_numeric(missing).astype("Int64")
    if field["type"] == "number":
        return pd.to_numeric(missing).astype(np.float64)
    if field["type"] == "boolean":
        return missing.map({"true": True, "false": False}).astype("boolean")
    if field["type"] == "date":
        return _day(values)
    if "enum" in field.get("constraints", {}):
        return pd.Series(pd.Categorical(missing, field["constraints"]["enum"]))
    return missing.astype("category") if linked else missing.astype("str")
