"""The command `baap`: check the tables, verify them, list what can be built, build it.

Heavy imports stand inside the commands, so that `baap --help` answers at once.
"""

from __future__ import annotations

import argparse
import atexit
import gc
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from baaplib.codes import BUSY, FAILED, INTERRUPTED, OK, WRONG

if TYPE_CHECKING:
    from baaplib.batch.plan import Request

PROJECT = Path(__file__).parent.parent
# What some of the reports can be asked for by, and the word for several of it.
ORDERED = ("jobs", "time_limit", "memory_limit", "cluster", "accept", "force")
SEVERAL = {
    "region": "regions", "country": "countries", "language": "languages", "format": "formats",
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after `baap`; those of this process if not given.

    Returns
    -------
    int
        0 if all is well; 1 if a report failed, a table has problems or the disk refused; 2 if the
        request is wrong, in which case nothing was run; 75 if another run is at work, in which
        case nothing was run either, and may be later; 130 if interrupted. `baap scheduled` also
        has 3: people could not be told.
    """
    atexit.register(gc.freeze)  # what ends need not be looked through for garbage
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(words)
    options.words = words
    try:
        result: int = options.command(options)
    except KeyboardInterrupt:
        print("interrupted; what is published is whole", file=sys.stderr)
        return INTERRUPTED
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="baap", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="build reports from notebooks")
    _add_request(run)
    where = run.add_mutually_exclusive_group()
    where.add_argument(
        "--jobs", type=_positive, help="reports at the same time (default: one a processor)"
    )
    where.add_argument(
        "--cluster", metavar="ADDRESS", default="",
        help="build on a Dask cluster, by the address of its scheduler (tcp://10.0.0.5:8786)",
    )  # fmt: skip
    run.add_argument(
        "--time-limit", type=_positive, metavar="SECONDS", help="longest a cell may take"
    )
    run.add_argument(
        "--memory-limit", type=_positive, metavar="MB", help="most that a kernel may take"
    )
    run.add_argument("--explain", action="store_true", help="only say what would be built, and why")
    run.add_argument("--force", action="store_true", help="build also what is up to date")
    run.add_argument(
        "--accept", action="store_true",
        help="publish also what is suspiciously little beside the last run",
    )  # fmt: skip
    run.set_defaults(command=_run)

    scheduled = commands.add_parser(
        "scheduled", help="what a schedule calls: check, run, keep a record, tell people"
    )
    _add_request(scheduled)
    scheduled.add_argument(
        "--monthly", action="store_true", help="only if this month has no run that published all"
    )
    scheduled.add_argument(
        "--keep", type=_positive, default=24, metavar="N", help="keep the last N runs (24)"
    )
    scheduled.set_defaults(command=_scheduled)

    check = commands.add_parser("check", help="say everything that is wrong in the tables")
    check.add_argument(
        "--fix", action="store_true", help="first remove byte-order marks and Windows line ends"
    )
    check.set_defaults(command=_check)

    verify = commands.add_parser("verify", help="hold the source document against the tables")
    verify.add_argument("source", type=Path, metavar="SOURCE", help="the document, .txt or .docx")
    verify.add_argument("--edition", help="in place of the one it fits best")
    verify.set_defaults(command=_verify)

    claims = commands.add_parser("claims", help="show what the numbers of the reports count")
    claims.add_argument("names", nargs="*", metavar="REPORT", help="all if none is given")
    claims.add_argument("--language", type=_words, default=(), metavar="A,B")
    claims.set_defaults(command=_claims)

    doubles = commands.add_parser("doubles", help="rank activities that may be one told twice")
    doubles.add_argument("--edition", help="in place of the newest")
    doubles.add_argument("--most", type=_positive, default=20, help="so many pairs (20)")
    doubles.set_defaults(command=_doubles)

    new = commands.add_parser("new", help="begin a notebook of your own, from the template")
    new.add_argument("name", metavar="NOTEBOOK", help="women_trained: small letters, underscores")
    new.set_defaults(command=_new)

    listing = commands.add_parser("list", help="show reports, notebooks and vocabularies")
    _add_request(listing)
    listing.set_defaults(command=_list)
    return parser


def _add_request(command: argparse.ArgumentParser) -> None:
    """Let a command be asked for some of the reports."""
    command.add_argument(
        "names", nargs="*", metavar="REPORT",
        help="regional-brief, or one of it: regional-brief-AFR; all if none is given",
    )  # fmt: skip
    for option, several in SEVERAL.items():
        command.add_argument(
            f"--{option}", type=_words, default=(), metavar="A,B", help=f"only these {several}"
        )
    command.add_argument(
        "--edition", type=lambda word: (word,), default=(), help="in place of the one in batch.yml"
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        message = f"must be a whole number from 1 on, not {text!r}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _folder(name: str) -> Path:
    """Return a folder of the project; a variable such as BAAP_REPORTS can put it elsewhere."""
    return Path(os.environ.get(f"BAAP_{name.upper()}", PROJECT / name)).absolute()


def _check(options: argparse.Namespace) -> int:
    from baaplib import tables

    if options.fix:
        for name in tables.fix():
            print(f"{name}: rewritten")
    try:
        well = _well(tables.root())
    except (ValueError, OSError) as error:
        return _refuse(error)
    if well:
        print("all tables are well")
    return OK if well else FAILED


def _verify(options: argparse.Namespace) -> int:
    from baaplib import source

    try:
        result = source.verify(options.source, options.edition)
    except (ValueError, OSError) as error:
        return _refuse(error)
    for problem in result.problems:
        print(problem)
    if result.problems:
        print(f"{len(result.problems)} problem(s) with {options.source.name}", file=sys.stderr)
        return FAILED
    print(result)
    return OK


def _well(data: Path) -> bool:
    """Print what is wrong in the tables, and tell whether nothing is."""
    from baaplib import audit

    problems = audit.check(data)
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} problem(s) in the tables", file=sys.stderr)
    return not problems


def _list(options: argparse.Namespace) -> int:
    from baaplib.batch.plan import RequestError, parameters, plan, vocabularies

    notebooks = _folder("notebooks")
    try:
        words = vocabularies(_folder("data"))
        request = _request(options)
        reports = plan(notebooks / "batch.yml", notebooks, words, request).reports
    except RequestError as refused:
        return _refuse(refused)
    print("Reports")
    for name in dict.fromkeys(report.name for report in reports):
        own = [report for report in reports if report.name == name]
        stems = dict.fromkeys(report.stem for report in own)
        languages = dict.fromkeys(report.parameters["language"] for report in own)
        print(f"  {name} ({', '.join(languages)}; {', '.join(own[0].formats)})")
        print(f"    {' '.join(stems)}")
    print("Notebooks")
    for path in sorted({report.notebook for report in reports}):
        print(f"  {path.stem}")
        for item in parameters(path).values():
            print(f"    {item.name}: {item.annotation} = {item.default}  {item.help}")
    for name, allowed in words.items():
        print(f"{SEVERAL.get(name, f'{name}s').capitalize()}\n  {' '.join(allowed)}")
    return OK


def _new(options: argparse.Namespace) -> int:
    from baaplib import scaffold

    try:
        path = scaffold.new(options.name, _folder("notebooks"))
    except (ValueError, OSError) as refused:
        return _refuse(refused)
    print(f"wrote {path.parent.name}/{path.name}; run `make lab` to open it, then Run All Cells")
    print("once it says what you want, add these lines to the end of notebooks/batch.yml,")
    print(f"and `baap run {path.stem.replace('_', '-')}` builds its report:\n")
    print(scaffold.entry(path), end="")
    return OK


def _request(options: argparse.Namespace) -> Request:
    from baaplib.batch.plan import Request

    asked = {name: getattr(options, name) for name in (*SEVERAL, "edition")}
    return Request(tuple(options.names), **asked)


def _refuse(refused: Exception) -> int:
    for line in str(refused).splitlines():
        print(f"baap: {line}", file=sys.stderr)
    return WRONG


def _run(options: argparse.Namespace) -> int:
    from baaplib.batch import manifest, update

    folders = update.Folders(_folder("data"), _folder("notebooks"), _folder("reports"))
    order = update.Order(
        _request(options),
        shlex.join(["baap", *options.words]),
        **{name: getattr(options, name) for name in ORDERED},
    )
    try:
        if options.explain:
            for line in update.explain(order, folders):
                print(line)
            return OK
        return OK if update.update(order, folders, _well) else FAILED
    except manifest.BusyError as busy:
        _refuse(busy)
        return BUSY
    except (ValueError, OSError) as refused:
        return _refuse(refused)


def _scheduled(options: argparse.Namespace) -> int:
    from baaplib.batch import post

    # Before anything else, so that nothing that is started finds them.
    addresses = post.addresses(os.environ)
    from baaplib.batch import scheduled, update

    order = scheduled.Order(
        _request(options), _asked(options), options.monthly, options.keep,
        os.environ.get("BAAP_REPORTS_URL", ""),
    )  # fmt: skip
    folders = update.Folders(_folder("data"), _folder("notebooks"), _folder("reports"))
    try:
        return scheduled.scheduled(order, folders, addresses)
    except OSError as refused:
        _refuse(refused)
        return FAILED


def _asked(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the words that ask for the same reports."""
    chosen = ((name, getattr(options, name)) for name in (*SEVERAL, "edition"))
    return (*options.names, *(f"--{name}={','.join(words)}" for name, words in chosen if words))


def _doubles(options: argparse.Namespace) -> int:
    from baaplib import doubles, i18n, measures, tables

    try:
        edition = options.edition or tables.editions()[-1]
        data = measures.edition(edition)
        found = doubles.pairs(edition)
    except (ValueError, OSError) as error:
        return _refuse(error)
    titles = data.activities.set_index("activity_id")["title_en"]
    names = data.reference["measures"].set_index("measure")["name_en"]
    lang = i18n.language("en")
    for pair in found[: options.most]:
        print(f"{pair.activity} and {pair.other}  {pair.bits:g} bits: {'; '.join(pair.why)}")
        print(f"    {titles[pair.activity]}\n    {titles[pair.other]}")
        for before, after in doubles.effects(pair, data):
            change = f"{before.text(lang)} would be {after.text(lang)}"
            print(f"    if they are one: {names[before.measure]} {change}")
    print(
        f"{len(found)} pair(s) to judge; a verdict is a row of same_activities.csv "
        "(same, part_of or different, with its reason), and is not asked for again"
    )
    return OK


def _claims(options: argparse.Namespace) -> int:
    from baaplib.batch import ledger
    from baaplib.refusal import unknown

    try:
        rows = [
            row
            for path in sorted(_folder("reports").glob(f"*/{ledger.NAME}"))
            for row in ledger.read(path)
        ]
        stems = dict.fromkeys(row["report"] for row in rows)
        for name in options.names:
            if name not in stems:
                raise ValueError(unknown("report with claims", name, stems))
    except (ValueError, OSError) as refused:
        return _refuse(refused)
    if not rows:
        return _refuse(ValueError("there is no ledger yet; `baap run` writes it"))
    chosen = [
        row
        for row in rows
        if row["report"] in (options.names or stems)
        and row["language"] in (options.language or {row["language"]})
    ]
    for report, language in dict.fromkeys((row["report"], row["language"]) for row in chosen):
        print(f"{report} ({language})")
        for row in chosen:
            if (row["report"], row["language"]) == (report, language):
                print(f"  {row['text']}  {row['says']}  [{row['paragraphs'].replace(';', ' ')}]")
    return OK
