"""What is to be built: batch.yml, the notebooks it names, and what was asked, held together.

Nothing runs before a plan stands, and a plan stands only if every word in it is known: papermill
itself would only warn of a misspelt parameter and go on with the default.
"""

from __future__ import annotations

import ast
import csv
import difflib
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from baaplib.batch.report import ABOUT, Report
from baaplib.i18n import languages
from baaplib.refusal import unknown

# What makes a format of a document.
RENDERERS = {
    "html": "baaplib.render.html:page",
    "pdf": "baaplib.render.pdf:pages",
}
FORMATS = tuple(RENDERERS)
# Parameters that decide where a report lies, so each report has to state them.
PLACE = ("edition", "language")
NAME = re.compile(r"[A-Za-z0-9_-]+")
BATCH_KEYS = ("time_limit", "memory_limit", "reports")
REPORT_KEYS = ("notebook", "parameters", "over", "formats")
# Seconds that a cell and megabytes that a kernel may take, if batch.yml says nothing.
TIME_LIMIT, MEMORY_LIMIT = 120, 4000
LIMITS = {"time_limit": "seconds", "memory_limit": "megabytes"}
TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,), "int": (int,), "float": (int, float), "bool": (bool,), "None": (type(None),),
}  # fmt: skip


class RequestError(ValueError):
    """What was asked cannot be built; `problems` holds one line for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(dict.fromkeys(problems))
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class Request:
    """What was asked for. An empty field asks for all; an `edition` replaces that of batch.yml."""

    names: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    edition: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """A parameter as the notebook declares it: `region: str = "ALL"  # code of a region`."""

    name: str
    annotation: str
    default: str
    help: str


@dataclass(frozen=True)
class Plan:
    """Reports to build, in the order of batch.yml.

    `time_limit` is in seconds for one cell, `memory_limit` in megabytes for one kernel.
    """

    reports: tuple[Report, ...]
    time_limit: int = TIME_LIMIT
    memory_limit: int = MEMORY_LIMIT


def plan(
    batch_file: Path,
    notebooks: Path,
    vocabularies: Mapping[str, Sequence[str]],
    request: Request = Request(),
) -> Plan:
    """Work out which reports to build.

    Parameters
    ----------
    batch_file : Path
        The batch.yml that declares the reports.
    notebooks : Path
        Folder of the notebooks it names.
    vocabularies : mapping
        Allowed values of `edition`, `region`, `country` and `language`, and of any other parameter
        that has a vocabulary.
    request : Request, optional
        What was asked for; everything if not given.

    Returns
    -------
    Plan
        At least one report.

    Raises
    ------
    RequestError
        If batch.yml, a notebook or the request is wrong; names everything that is.
    """
    batch = read(batch_file, notebooks)
    where = batch_file.name
    # An unknown edition is refused once, as it was asked, not again for each report.
    editions = [word for word in request.edition if word in vocabularies["edition"]]
    replacing = {"edition": editions[0]} if editions else {}
    reports = _acquainted(list(_expand(batch["reports"], notebooks, replacing)))
    problems = [
        *_value_problems(where, reports, vocabularies),
        *_clashes(where, reports),
        *_request_problems(request, reports, vocabularies),
    ]
    chosen = [found for report in reports if (found := _chosen(report, request))]
    problems += _parameter_problems(where, chosen)
    problems = problems or list(_unmet(request, chosen))
    if problems:
        raise RequestError(problems)
    limits = {key: batch[key] for key in LIMITS if key in batch}
    return Plan(tuple(chosen), **limits)


def vocabularies(data: Path) -> dict[str, list[str]]:
    """Return the words that parameters may have, by the name of the parameter.

    Read without pandas: before each run, also one that has nothing to do. Whether the tables are
    well is looked at once something is built.

    Raises
    ------
    RequestError
        If one of the tables is missing or has another header.
    """
    return {
        "edition": sorted(_column(data, "editions", "edition")),
        "region": ["ALL", *_column(data, "regions", "region")],
        "country": _column(data, "countries", "iso3"),
        "language": languages(),
    }


def _column(data: Path, table: str, column: str) -> list[str]:
    path = data / "reference" / f"{table}.csv"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [row[column] for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, KeyError, csv.Error) as error:
        what = f"has no column {error}" if isinstance(error, KeyError) else str(error)
        problems = [f"{path.relative_to(data)}: {what}", "run `baap check` to see it all"]
        raise RequestError(problems) from None


def read(batch_file: Path, notebooks: Path) -> dict[str, Any]:
    """Read batch.yml and hold it against its own rules.

    Raises
    ------
    RequestError
        If it is missing, is not YAML, or has keys, names or shapes that mean nothing.
    """
    where = batch_file.name
    try:
        text = batch_file.read_text(encoding="utf-8")
        batch = yaml.load(text, _StrictLoader)  # noqa: S506  derived from the safe loader
    except FileNotFoundError:
        message = f"{batch_file}: there is no such file; it declares the reports"
        raise RequestError([message]) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RequestError([f"{where}:{line}: not valid YAML: {error.problem}"]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RequestError([f"{where}: not valid YAML: {' '.join(str(error).split())}"]) from None
    problems = [f"{where}: {problem}" for problem in _batch_problems(batch, notebooks)]
    if problems:
        raise RequestError(problems)
    return dict(batch)


def parameters(notebook: Path) -> dict[str, Parameter]:
    """Return the parameters that a notebook declares, by name.

    Read from the syntax tree: papermill's own inspection skips a line with two equals signs, be
    it in the help, and the parameter would look unknown.

    Raises
    ------
    ValueError
        If the file is not a notebook, or has no parameters cell that can be read.
    """
    cell = _parameters_cell(notebook)
    try:
        tree = ast.parse(cell)
    except SyntaxError as error:
        place = f"{notebook.name}: parameters cell, line {error.lineno}"
        message = f"{place}: syntax error: {error.msg}"
        raise ValueError(message) from None
    lines = cell.encode().splitlines()
    found = [
        _parameter(statement, lines)
        for statement in tree.body
        if isinstance(statement, ast.AnnAssign | ast.Assign)
    ]
    return {parameter.name: parameter for parameter in found}


class _StrictLoader(yaml.SafeLoader):
    """YAML in which a key given twice is an error; YAML itself would drop the first silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                message = f"{key.value!r} is given twice"
                raise yaml.constructor.ConstructorError(None, None, message, key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _batch_problems(batch: Any, notebooks: Path) -> Iterator[str]:
    if not isinstance(batch, dict):
        yield f"must be a mapping with the keys {', '.join(BATCH_KEYS)}"
        return
    yield from (unknown("key", key, BATCH_KEYS) for key in batch if key not in BATCH_KEYS)
    for key, unit in LIMITS.items():
        limit = batch.get(key, 1)
        if type(limit) is not int or limit < 1:
            yield f"{key}: must be a whole number of {unit} from 1 on, not {limit!r}"
    reports = batch.get("reports")
    if not isinstance(reports, dict) or not reports:
        yield "reports: none is declared; give each a name and, below it, a notebook"
        return
    for name, entry in reports.items():
        for problem in _entry_problems(name, entry, notebooks):
            yield f"reports.{name}: {problem}"


def _entry_problems(name: Any, entry: Any, notebooks: Path) -> Iterator[str]:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield "a name may hold letters, digits, - and _ only; it becomes the name of a file"
    if not isinstance(entry, dict):
        yield f"must be a mapping with the keys {', '.join(REPORT_KEYS)}"
        return
    yield from (unknown("key", key, REPORT_KEYS) for key in entry if key not in REPORT_KEYS)
    stems = sorted(path.stem for path in notebooks.glob("*.ipynb") if path.stem[0] != "_")
    if entry.get("notebook") not in stems:
        yield unknown("notebook", entry.get("notebook"), stems)
    formats = entry.get("formats", list(FORMATS))
    if not isinstance(formats, list) or not formats:
        yield f"formats: must be a list of {', '.join(FORMATS)}"
    else:
        yield from (unknown("format", word, FORMATS) for word in formats if word not in FORMATS)
    fixed, over = entry.get("parameters", {}), entry.get("over", {})
    if not isinstance(fixed, dict):
        yield "parameters: must be a mapping of names to values"
    elif not isinstance(over, dict) or not all(isinstance(v, list) and v for v in over.values()):
        yield "over: must be a mapping of names to lists of values"
    else:
        yield from (f"{key}: stands in parameters and in over" for key in fixed if key in over)
        given = {**fixed, **over}
        about = [key for key in ABOUT if key in given]
        missing = [key for key in (*PLACE, *(() if about else ABOUT[:1])) if key not in given]
        for key in missing:
            close = difflib.get_close_matches(key, given, n=1)
            hint = f"; is {close[0]!r} a misspelling of it?" if close else ""
            nor = f", nor is {ABOUT[1]}" if key in ABOUT else ""
            yield f"{key}: is not given{nor}; put it in parameters or over{hint}"
        if len(about) > 1:
            yield f"{' and '.join(about)}: a report is about one of them; leave the other out"


def _expand(
    entries: dict[str, Any], notebooks: Path, replacing: dict[str, str]
) -> Iterator[Report]:
    for name, entry in entries.items():
        notebook = notebooks / f"{entry['notebook']}.ipynb"
        formats = tuple(entry.get("formats", FORMATS))
        over = entry.get("over", {})
        for values in itertools.product(*over.values()):
            varied = dict(zip(over, values, strict=True))
            chosen = {**entry.get("parameters", {}), **varied, **replacing}
            yield Report(name, notebook, chosen, formats)


def _acquainted(reports: list[Report]) -> list[Report]:
    """Tell each report the files of its own in all languages, also those not asked for now."""
    files: dict[tuple[str, str], list[str]] = {}
    for report in reports:
        paths = (report.path(format).as_posix() for format in report.formats)
        files.setdefault((report.edition, report.stem), []).extend(paths)
    return [replace(r, planned=tuple(files[r.edition, r.stem])) for r in reports]


def _value_problems(
    where: str, reports: list[Report], vocabularies: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    for report in reports:
        for name, value in report.parameters.items():
            if name in vocabularies and value not in vocabularies[name]:
                yield f"{where}: reports.{report.name}: {unknown(name, value, vocabularies[name])}"


def _clashes(where: str, reports: list[Report]) -> Iterator[str]:
    seen = set()
    for report in reports:
        place = (report.edition, report.key)
        if place in seen:
            yield f"{where}: reports.{report.name}: two reports would both be {report.key}"
        seen.add(place)


def _request_problems(
    request: Request, reports: list[Report], vocabularies: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    known = list(dict.fromkeys([r.name for r in reports] + [r.stem for r in reports]))
    yield from (unknown("report", name, known) for name in request.names if name not in known)
    for option in (*ABOUT, "language", "format", "edition"):
        allowed = FORMATS if option == "format" else vocabularies.get(option, ())
        for value in getattr(request, option):
            if value not in allowed:
                yield f"--{option}: {unknown(option, value, allowed)}"


def _chosen(report: Report, request: Request) -> Report | None:
    """Return the report in the formats asked for; None if it was not asked for."""
    formats = tuple(f for f in report.formats if not request.format or f in request.format)
    asked = (
        not request.names or report.name in request.names or report.stem in request.names,
        not request.region or report.parameters.get("region") in request.region,
        not request.country or report.parameters.get("country") in request.country,
        not request.language or report.parameters["language"] in request.language,
        formats,
    )
    return replace(report, formats=formats) if all(asked) else None


def _parameter_problems(where: str, reports: list[Report]) -> Iterator[str]:
    for notebook in dict.fromkeys(report.notebook for report in reports):
        try:
            declared = parameters(notebook)
        except ValueError as error:
            yield str(error)
            continue
        for report in reports:
            if report.notebook == notebook:
                for problem in _misfits(report, declared):
                    yield f"{where}: reports.{report.name}: {problem}"


def _misfits(report: Report, declared: dict[str, Parameter]) -> Iterator[str]:
    for name, value in report.parameters.items():
        if name not in declared:
            yield f"{report.notebook.name}: {unknown('parameter', name, declared)}"
        elif not _fits(value, declared[name].annotation):
            yield f"{name}: must be {declared[name].annotation}, not {value!r}"


def _fits(value: Any, annotation: str) -> bool:
    kinds = [TYPES.get(part.strip()) for part in annotation.split("|")]
    # By exact type, as True would pass for an int; an annotation we cannot read forbids nothing.
    return any(kind is None or type(value) in kind for kind in kinds)


def _unmet(request: Request, chosen: list[Report]) -> Iterator[str]:
    """Say which words of the request are known but match no report together with the others."""
    found: dict[str, set[Any]] = {
        "names": {word for report in chosen for word in (report.name, report.stem)},
        **{key: {report.parameters.get(key) for report in chosen} for key in ABOUT},
        "language": {report.parameters["language"] for report in chosen},
        "format": {format for report in chosen for format in report.formats},
    }
    for option, words in found.items():
        for word in getattr(request, option):
            if word not in words:
                yield f"no report of what was asked is {word}; see `baap list`"


def _parameters_cell(notebook: Path) -> str:
    # Plain JSON, as nbformat takes two seconds to import and this is read before each run.
    try:
        cells = json.loads(notebook.read_bytes())["cells"]
        tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{notebook.name}: is not a notebook ({type(error).__name__}: {error})"
        raise ValueError(message) from None
    if not tagged:
        message = (
            f"{notebook.name}: has no parameters cell; tag the cell that sets them `parameters`"
        )
        raise ValueError(message)
    return "".join(tagged[0]["source"])


def _parameter(statement: ast.AnnAssign | ast.Assign, lines: list[bytes]) -> Parameter:
    target: ast.expr
    if isinstance(statement, ast.AnnAssign):
        target, annotation = statement.target, ast.unparse(statement.annotation)
    else:
        target, annotation = statement.targets[0], ""
    rest = lines[(statement.end_lineno or 1) - 1][statement.end_col_offset :].decode()
    return Parameter(
        name=ast.unparse(target),
        annotation=annotation,
        default=ast.unparse(statement.value) if statement.value else "",
        help=rest.partition("#")[2].strip(),
    )
