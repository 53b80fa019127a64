"""A run that nobody watches: what `baap scheduled` does, from its lock to what people are told.

Each run has a folder of its own, `reports/runs/<run>/`, where a run is named after the moment it
began in UTC:

* `log.txt`: what happened, for people;
* `record.json`: the same for programs; `schedule/record.schema.json` describes it;
* `notice.html`: what people are told;
* `ledger-<edition>.csv`: every number of the reports then, to compare the next run with.

Checking and building are commands of their own: whatever kills one of them, this process is still
there to tell people, and what it knows of their addresses no notebook can read.
"""

from __future__ import annotations

import contextlib
import html
import itertools
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from baaplib.batch import ledger, manifest, post, publish, run
from baaplib.batch.notice import (
    BUSY,
    CUT,
    FAILED,
    HELD,
    KEPT,
    MISSING,
    PUBLISHED,
    REFUSED,
    RUNNING,
    TABLES,
    Record,
    notice,
)
from baaplib.batch.plan import Request, RequestError, plan, vocabularies
from baaplib.batch.post import Addresses
from baaplib.batch.report import Failure, Report
from baaplib.batch.update import Folders

# What the exit codes mean, for this command and for those it calls; README and docs list them.
OK, FAILURE, WRONG, UNTOLD, LOCKED, INTERRUPTED = 0, 1, 2, 3, 75, 130
CODES = {
    PUBLISHED: OK, FAILED: FAILURE, TABLES: FAILURE, REFUSED: WRONG, BUSY: LOCKED,
    CUT: INTERRUPTED,
}  # fmt: skip
# What `baap check` and `baap run` say with their exit codes.
CHECKED = {FAILURE: TABLES, WRONG: REFUSED}
RAN = {OK: PUBLISHED, WRONG: REFUSED, LOCKED: BUSY}
COMMAND = (sys.executable, "-c", "import sys; from baaplib.cli import main; sys.exit(main())")
RUNS, RECORD, LOG, NOTICE = "runs", "record.json", "log.txt", "notice.html"
NAME = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
# Version of the record; what became of a notice; the step at which a report is held back.
VERSION = 1
PENDING, DELIVERED, SAME = "pending", "delivered", "same"
HOLDS = "plausibility"
# Seconds between attempts while somebody else's run is at work, and those a command that is asked
# to end may take.
WAITS, PATIENCE = (60, 240, 600), 60

log = logging.getLogger("baap.scheduled")


@dataclass(frozen=True)
class Order:
    """What the schedule asks for.

    Attributes
    ----------
    request : Request
    words : tuple of str
        The same, as words of the command line.
    monthly : bool
        Do nothing if this month has a run that published all of it.
    keep : int
        So many runs are kept.
    link : str
        Address at which the folder of all reports can be read; empty if there is none.
    """

    request: Request
    words: tuple[str, ...] = ()
    monthly: bool = False
    keep: int = 24
    link: str = ""


def scheduled(order: Order, folders: Folders, to: Addresses) -> int:
    """Check the tables, build the reports, tell people, and return an exit code.

    Parameters
    ----------
    order : Order
    folders : Folders
    to : Addresses
        Whom to tell, from `post.addresses`.

    Returns
    -------
    int
        0 all is published, and people know; 1 something failed, and people know; 2 nothing was
        run as the request is wrong; 3 people could not be told, whatever became of the reports;
        75 another run is at work, try again later; 130 cut by a signal, the next run tells.

    Raises
    ------
    OSError
        If the disk refuses the record of the run; people are told.
    """
    runs = folders.reports / RUNS
    try:
        with _alone(runs) as alone:
            if not alone:
                print("baap: another scheduled run is at work; nothing was run", file=sys.stderr)
                return LOCKED
            return _due(order, folders, runs, to)
    except OSError as refused:
        # Without a record no later run could tell this.
        post.tell(to, "Reports: the disk refused", f"<p>{html.escape(str(refused))}</p>")
        raise


def records(runs: Path) -> list[Record]:
    """Return the records of all runs, oldest first; one that cannot be read is left out."""
    found = []
    for folder in _folders(runs):
        with contextlib.suppress(OSError, ValueError):
            found.append(json.loads((folder / RECORD).read_bytes()))
    return found


def prune(runs: Path, keep: int) -> list[str]:
    """Remove all runs but the last ones and the newest that published everything.

    Only folders named like a run, with a record in them, are removed; links are not followed.

    Returns
    -------
    list of str
        The runs that were removed.
    """
    if runs.is_symlink():
        return []
    good = [record["run"] for record in records(runs) if record["outcome"] == PUBLISHED]
    old = [f for f in _folders(runs)[:-keep] if f.name not in good[-1:]]
    for folder in old:
        shutil.rmtree(folder)
    return [folder.name for folder in old]


def _folders(runs: Path) -> list[Path]:
    found = runs.iterdir() if runs.is_dir() else ()
    return sorted(
        path
        for path in found
        if NAME.fullmatch(path.name) and not path.is_symlink() and (path / RECORD).is_file()
    )


@contextlib.contextmanager
def _alone(runs: Path) -> Iterator[bool]:
    """Hold the lock of the scheduled runs; the system lets go of it however this one ends."""
    with publish.said(runs):
        runs.mkdir(parents=True, exist_ok=True)
    lock = FileLock(runs / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _due(order: Order, folders: Folders, runs: Path, to: Addresses) -> int:
    """Run if that is due; deliver what earlier runs could not in any case."""
    earlier = records(runs)
    slot = f"{datetime.now().astimezone():%Y-%m}"
    own = [record for record in earlier if _same(record, slot, order.words)]
    done = [record["run"] for record in own if record["outcome"] == PUBLISHED]
    with run.interruptible():
        if not (order.monthly and done):
            return _run(order, folders, _begin(order, runs, slot, earlier), earlier, to)
        with _logging():
            log.info("nothing is due: run %s published all of %s", done[-1], slot)
            return OK if _deliver(runs, earlier, to) else UNTOLD


def _same(record: Record, slot: str, words: Sequence[str]) -> bool:
    return bool(record["slot"] == slot and record["asked"] == list(words))


def _run(
    order: Order, folders: Folders, record: Record, earlier: list[Record], to: Addresses
) -> int:
    """Do all that a run does, and return its exit code."""
    runs, told = folders.reports / RUNS, True
    with _logging(runs / record["run"] / LOG):
        log.info("run %s of %s", record["run"], " ".join(record["asked"]) or "all reports")
        try:
            _work(order, folders, record)
            _compare(folders, record, earlier)
            _write_notice(order, folders, record, earlier)
            told = _deliver(runs, [*earlier, record], to)
        except KeyboardInterrupt:
            record["outcome"] = CUT
        code = CODES[record["outcome"]] if told else UNTOLD
        record.update(exit=code, ended=_now())
        _save(runs, record)
        for name in prune(runs, order.keep):
            log.info("run %s is pruned", name)
        log.info("ends with %d (%s)", code, record["outcome"] if told else "people are not told")
    return code


def _begin(order: Order, runs: Path, slot: str, earlier: list[Record]) -> Record:
    """Make the folder of a run and write that it goes on."""
    told = {run["run"] for record in earlier for run in record["cut"]}
    cut = [
        {"run": record["run"], "began": record["began"]}
        for record in earlier
        if record["outcome"] in (RUNNING, CUT) and record["run"] not in told
    ]
    record: Record = {
        "version": VERSION, "run": _new(runs), "slot": slot, "asked": list(order.words),
        "what": _what(order.request), "began": _now(), "ended": None, "outcome": RUNNING,
        "exit": None, "editions": [], "reports": [], "problems": [], "disagreements": [],
        "compared_with": None, "moved": [], "new": 0, "gone": 0, "cut": cut, "notice": None,
    }  # fmt: skip
    _save(runs, record)
    return record


def _new(runs: Path) -> str:
    """Make a folder for a run and return its name."""
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    for name in itertools.chain([stamp], (f"{stamp}-{number}" for number in itertools.count(2))):
        with contextlib.suppress(FileExistsError), publish.said(runs / name):
            (runs / name).mkdir()
            return name
    raise AssertionError


def _what(request: Request) -> str:
    """Return what the reports are called together.

    Examples
    --------
    >>> _what(Request(("regional-brief",))), _what(Request())
    ('Regional briefs', 'Reports')
    """
    if len(request.names) != 1:
        return "Reports"
    return f"{request.names[0].replace('-', ' ').capitalize()}s"


def _work(order: Order, folders: Folders, record: Record) -> None:
    """Check, build, and write into the record what became of it."""
    try:
        words = vocabularies(folders.data)
        planned = plan(
            folders.notebooks / "batch.yml", folders.notebooks, words, order.request
        ).reports
        record["editions"] = list(dict.fromkeys(report.edition for report in planned))
        before = {e: manifest.read(folders.reports / e) for e in record["editions"]}
    except (RequestError, ValueError, OSError) as refused:
        record.update(outcome=REFUSED, problems=str(refused).splitlines())
        return
    code, lines = _command(["check"])
    outcome = CHECKED.get(code, FAILED)
    if code == OK:
        code, lines = _patiently(["run", *order.words])
        outcome = RAN.get(code, FAILED)
    record["outcome"] = outcome
    known = {edition: manifest.read(folders.reports / edition) for edition in before}
    whole = outcome in (PUBLISHED, FAILED) and all(k["run"].get("finished") for k in known.values())
    record["reports"] = [
        _state(report, before[report.edition], known[report.edition], whole=whole)
        for report in planned
    ]
    if whole:
        record["disagreements"] = [s for k in known.values() for s in k["run"]["disagreements"]]
    record["problems"] = _problems(code, lines, record)


def _patiently(words: Sequence[str]) -> tuple[int, list[str]]:
    """Run a command, again after a while if somebody else's run is at work."""
    for wait in (*WAITS, None):
        code, lines = _command(words)
        if code != LOCKED or wait is None:
            break
        log.info("another run is at work; tried again in %d s", wait)
        time.sleep(wait)
    return code, lines


def _command(words: Sequence[str]) -> tuple[int, list[str]]:
    """Run `baap`, pass on to the log what it says, and return its exit code and that."""
    log.info("$ baap %s", " ".join(words))
    process = subprocess.Popen(  # noqa: S603  fixed words, and a request that was planned
        [*COMMAND, *words], text=True, errors="replace", start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    lines = []
    with process:
        try:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                log.info("  %s", lines[-1])
        except BaseException:
            _end(process)
            raise
    return process.returncode, lines


def _end(process: subprocess.Popen[str]) -> None:
    """Ask a command to end, so that it leaves all in order; end it if it does not."""
    process.terminate()
    try:
        process.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()


def _state(report: Report, before: Record, after: Record, *, whole: bool) -> Record:
    """Return what became of a report; `whole` tells that the run came to its end."""
    old, new = (known["reports"].get(report.key, {}) for known in (before, after))
    error = Failure(**new["error"]) if new.get("error") else None
    files = new.get("outputs", {}).values()
    if error:
        state = HELD if error.step == HOLDS else FAILED
    elif new and new["finished"] != old.get("finished"):
        state = PUBLISHED
    else:
        state = KEPT if new and whole else MISSING
    return {
        "edition": report.edition,
        "report": report.stem,
        "language": report.parameters["language"],
        "notebook": report.notebook.name,
        "state": state,
        "error": _why(error) if error else None,
        "made": max((file["finished"] for file in files if "finished" in file), default=None),
        "files": [f"{report.edition}/{file['path']}" for file in files],
    }


def _why(failure: Failure) -> str:
    """Return why there is no report; of one that is held back not what the notice says anyway."""
    return failure.message.partition("; if that")[0] if failure.step == HOLDS else str(failure)


def _problems(code: int, lines: Sequence[str], record: Record) -> list[str]:
    """Return what a command said is wrong, where the state of no report tells it."""
    if record["outcome"] in (TABLES, REFUSED):
        return [s.removeprefix("baap: ") for s in lines if not s.endswith("in the tables")]
    named = record["disagreements"] or _states(record, FAILED, HELD)
    if record["outcome"] != FAILED or named:
        return []
    if code < 0:
        return [f"The command was killed by {signal.Signals(-code).name}; was there enough memory?"]
    return [*lines[-1:], f"The command ended with {code}."]


def _compare(folders: Folders, record: Record, earlier: Sequence[Record]) -> None:
    """Keep the ledgers of this run, and record what moved since those of an earlier one."""
    if record["outcome"] not in (PUBLISHED, FAILED):
        return
    for edition in record["editions"]:
        now = ledger.read(folders.reports / edition / ledger.NAME)
        name = f"ledger-{edition}.csv"
        for old in reversed(earlier):
            path = folders.reports / RUNS / old["run"] / name
            if path.is_file():
                record["compared_with"] = {"run": old["run"], "began": old["began"]}
                _add_moves(record, edition, ledger.read(path), now)
                break
        publish.write(folders.reports / RUNS / record["run"] / name, ledger.text(now).encode())


def _add_moves(
    record: Record, edition: str, before: list[ledger.Row], now: list[ledger.Row]
) -> None:
    """Record the numbers that moved in the reports of a run, each once for all reports."""
    names = {r["report"] for r in record["reports"] if r["edition"] == edition}
    rows = ([row for row in side if row["report"] in names] for side in (before, now))
    moved, new, gone = ledger.moves(*rows)
    same: dict[tuple[str, str], Record] = {}
    for move in moved:
        facts = asdict(move)
        report = facts.pop("report")
        own = same.setdefault((move.was, move.claim), {"edition": edition, **facts, "reports": []})
        own["reports"].append(report)
    record["moved"] += same.values()
    record["new"] += new
    record["gone"] += gone


def _write_notice(
    order: Order, folders: Folders, record: Record, earlier: Sequence[Record]
) -> None:
    """Put into words what people are told, unless they were told the same this month."""
    base = order.link.rstrip("/") or str(folders.reports)
    links = {f"Reports of {name}": f"{base}/{name}/index.html" for name in record["editions"]}
    links["Log"] = f"{base}/{RUNS}/{record['run']}/{LOG}"
    made = notice(record, links)
    known = [
        old["notice"]["todo"]
        for old in earlier
        if old["notice"] and _same(old, record["slot"], record["asked"])
    ]
    news = record["outcome"] == PUBLISHED or record["cut"] or _states(record, PUBLISHED)
    state = PENDING if news or list(made.todo) not in known else SAME
    record["notice"] = {
        "subject": made.subject, "todo": list(made.todo), "state": state, "tries": 0,
        "untold": [], "trouble": [],
    }  # fmt: skip
    publish.write(folders.reports / RUNS / record["run"] / NOTICE, made.html.encode())
    _save(folders.reports / RUNS, record)
    for line in [made.subject, *made.text.splitlines()]:
        log.info("| %s", line)
    if state == SAME:
        log.info("people were told the same this month already; they are not told again")


def _states(record: Record, *states: str) -> bool:
    return any(report["state"] in states for report in record["reports"])


def _deliver(runs: Path, every: Sequence[Record], to: Addresses) -> bool:
    """Deliver all notices that wait, oldest first, and tell whether none waits any longer."""
    waiting = [r for r in every if r["notice"] and r["notice"]["state"] == PENDING]
    for record in waiting:
        own = record["notice"]
        text = (runs / record["run"] / NOTICE).read_text(encoding="utf-8")
        troubles = post.tell(to, own["subject"], text, own["untold"])
        own["tries"] += 1
        own["untold"] = sorted(number for number in troubles if number)
        own["trouble"] = [f"address {n}: {why}" if n else why for n, why in troubles.items()]
        own["state"] = PENDING if troubles else DELIVERED
        _save(runs, record)
        for trouble in own["trouble"]:
            log.warning("NOT TOLD of run %s: %s; the next run tries again", record["run"], trouble)
        if not troubles:
            log.info("told people of run %s (%d address(es))", record["run"], len(to.urls))
    return all(record["notice"]["state"] != PENDING for record in waiting)


@contextlib.contextmanager
def _logging(*files: Path) -> Iterator[None]:
    """Send what is logged to the terminal and to files."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stdout)]
    handlers += map(logging.FileHandler, files)
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
        log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        yield
    finally:
        for handler in handlers:
            log.removeHandler(handler)
            handler.close()


def _save(runs: Path, record: Record) -> None:
    text = json.dumps(record, indent=1, ensure_ascii=False)
    publish.write(runs / record["run"] / RECORD, f"{text}\n".encode())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
