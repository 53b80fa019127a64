"""The command `baap`: check the tables, verify them, list what can be built, build it.

Heavy imports stand inside the commands, so that `baap --help` answers at once.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baaplib.batch.manifest import Manifest
    from baaplib.batch.plan import Plan, Request
    from baaplib.batch.run import Outcome

PROJECT = Path(__file__).parent.parent
OK, FAILED, WRONG, INTERRUPTED = 0, 1, 2, 130
# What some of the reports can be asked for by, and the word for several of it.
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
        0 if all is well; 1 if a report failed or a table has problems; 2 if the request is wrong,
        in which case nothing was run; 130 if interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(words)
    options.words = words
    result: int = options.command(options)
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="baap", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="build reports from notebooks")
    _add_request(run)
    run.add_argument(
        "--jobs", type=_positive, help="reports at the same time (default: one a processor)"
    )
    run.add_argument(
        "--time-limit", type=_positive, metavar="SECONDS", help="longest a cell may take"
    )
    run.set_defaults(command=_run)

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
    status = _tables_are_well()
    if status == OK:
        print("all tables are well")
    return status


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


def _tables_are_well() -> int:
    """Print what is wrong in the tables; return OK only if nothing is."""
    from baaplib import audit

    try:
        problems = audit.check()
    except (ValueError, OSError) as error:
        return _refuse(error)
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} problem(s) in the tables", file=sys.stderr)
        return FAILED
    return OK


def _list(options: argparse.Namespace) -> int:
    from baaplib.batch.plan import RequestError, parameters, plan

    notebooks = _folder("notebooks")
    try:
        vocabularies = _vocabularies()
        request = _request(options)
        reports = plan(notebooks / "batch.yml", notebooks, vocabularies, request).reports
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
    for name, words in vocabularies.items():
        print(f"{SEVERAL.get(name, f'{name}s').capitalize()}\n  {' '.join(words)}")
    return OK


def _vocabularies() -> dict[str, list[str]]:
    from baaplib import i18n, tables
    from baaplib.batch.plan import RequestError

    try:
        regions = tables.load("regions")["region"].astype(str)
        return {
            "edition": tables.editions(),
            "region": ["ALL", *regions],
            "country": tables.load("countries")["iso3"].astype(str).tolist(),
            "language": i18n.languages(),
        }
    except (ValueError, FileNotFoundError) as error:
        raise RequestError([*str(error).splitlines(), "run `baap check` to see it all"]) from None


def _request(options: argparse.Namespace) -> Request:
    from baaplib.batch.plan import Request

    asked = {name: getattr(options, name) for name in (*SEVERAL, "edition")}
    return Request(tuple(options.names), **asked)


def _refuse(refused: Exception) -> int:
    for line in str(refused).splitlines():
        print(f"baap: {line}", file=sys.stderr)
    return WRONG


def _run(options: argparse.Namespace) -> int:
    from baaplib import tables
    from baaplib.batch import manifest, server
    from baaplib.batch.plan import plan

    notebooks, data = _folder("notebooks"), _folder("data")
    try:
        chosen = plan(notebooks / "batch.yml", notebooks, _vocabularies(), _request(options))
        command = shlex.join(["baap", *options.words])
        record = manifest.Manifest(
            _folder("reports"), manifest.facts(tables.data_sha256(), command)
        )
        for edition in dict.fromkeys(report.edition for report in chosen.reports):
            own = [report.key for report in chosen.reports if report.edition == edition]
            record.open(edition, own)
        server.start()  # it imports while the tables are looked at
        # Problems across tables would not stop a notebook, but make its report wrong.
        status = _tables_are_well()
    except (ValueError, OSError) as refused:
        return _refuse(refused)
    return _build(chosen, record, data, options) if status == OK else status


def _build(chosen: Plan, record: Manifest, data: Path, options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from baaplib.batch.run import run

    plan = replace(chosen, time_limit=options.time_limit or chosen.time_limit)
    failed = []
    # All reports of a run carry the day on which it began.
    env = {"BAAP_DATA": str(data), "BAAP_MADE_ON": datetime.now(UTC).date().isoformat()}
    # disable=None: a bar on a terminal, and only the lines anywhere else.
    with tqdm(total=len(plan.reports), unit="report", disable=None, leave=False) as bar:

        def done(outcome: Outcome) -> None:
            entry = record.add(outcome)
            if outcome.failure:
                failed.append(outcome.report.key)
            bar.write(_line(outcome, stale=entry["stale"]))
            bar.update()

        try:
            run(plan, done, jobs=options.jobs, env=env)
        except KeyboardInterrupt:
            record.leave()
            bar.write("interrupted; what is published is whole", file=sys.stderr)
            return INTERRUPTED
    contradictions = record.close()
    for sentence in contradictions:
        print(f"DISAGREE {sentence}")
    print(f"{len(plan.reports) - len(failed)} of {len(plan.reports)} reports published")
    return FAILED if failed or contradictions else OK


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


def _line(outcome: Outcome, *, stale: bool) -> str:
    report, seconds = outcome.report, sum(outcome.seconds.values())
    name = f"{report.edition}/{report.key}"
    if not outcome.failure:
        return f"ok      {name} ({', '.join(report.formats)}; {seconds:.1f} s)"
    kept = "\n        the last good report stays in place and is marked stale" if stale else ""
    message = str(outcome.failure).replace("\n", "\n        ")
    return f"FAILED  {name} ({report.notebook.name})\n        {message}{kept}"
