"""A run that nobody watches: what `baap scheduled` does, from its lock to what people are told.

Checking and building are commands of their own: whatever kills one of them, this process is still
there to tell people, and what it knows of their addresses no notebook can read.
"""

from __future__ import annotations

import contextlib
import html
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from baaplib import codes
from baaplib.batch import account, ledger, manifest, post, publish, runs
from baaplib.batch.notice import (
    BUSY,
    CUT,
    FAILED,
    PUBLISHED,
    REFUSED,
    RUNNING,
    TABLES,
    Record,
    notice,
)
from baaplib.batch.plan import Request, RequestError, plan, vocabularies
from baaplib.batch.post import Addresses
from baaplib.batch.run import interruptible
from baaplib.batch.update import UP_TO_DATE, Folders

# The exit code of each outcome, and the outcomes that `baap check` and `baap run` tell with theirs.
CODES = {
    PUBLISHED: codes.OK, FAILED: codes.FAILED, TABLES: codes.FAILED, REFUSED: codes.WRONG,
    BUSY: codes.BUSY, CUT: codes.INTERRUPTED,
}  # fmt: skip
CHECKED = {codes.FAILED: TABLES, codes.WRONG: REFUSED}
RAN = {codes.OK: PUBLISHED, codes.WRONG: REFUSED, codes.BUSY: BUSY}
COMMAND = (sys.executable, "-c", "import sys; from baaplib.cli import main; sys.exit(main())")
# What became of a notice.
PENDING, DELIVERED, SAME = "pending", "delivered", "same"
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
        If the disk refuses the record of the run, and people know.
    """
    place = folders.reports / runs.FOLDER
    try:
        with runs.alone(place) as alone:
            if not alone:
                print("baap: another scheduled run is at work; nothing was run", file=sys.stderr)
                return codes.BUSY
            return _due(order, folders, place, to)
    except OSError as refused:
        # Without a record no later run could tell this.
        page = f"<p>{html.escape(str(refused))}</p>"
        troubles = post.tell(to, "Reports: the disk refused", page)
        if not troubles:
            raise
        print(f"baap: {refused}", file=sys.stderr)
        for number, why in troubles.items():
            print(f"baap: NOT TOLD: {_trouble(number, why)}", file=sys.stderr)
        return codes.UNTOLD


def slot_of(moment: datetime) -> str:
    """Return the month that a run is for: that of this machine, as its timers know no other."""
    return f"{moment.astimezone():%Y-%m}"


def _due(order: Order, folders: Folders, place: Path, to: Addresses) -> int:
    """Run if that is due; deliver what earlier runs could not in any case."""
    earlier = runs.records(place)
    slot = slot_of(datetime.now(UTC))
    own = [record for record in earlier if _same(record, slot, order.words)]
    done = [record["run"] for record in own if record["outcome"] == PUBLISHED]
    with interruptible():
        if not (order.monthly and done):
            return _run(order, folders, _begin(order, place, slot, earlier), earlier, to)
        with _logging():
            log.info("nothing is due: run %s published all of %s", done[-1], slot)
            return codes.OK if _deliver(place, earlier, to) else codes.UNTOLD


def _same(record: Record, slot: str, words: Sequence[str]) -> bool:
    return bool(record["slot"] == slot and record["asked"] == list(words))


def _run(
    order: Order, folders: Folders, record: Record, earlier: list[Record], to: Addresses
) -> int:
    """Do all that a run does, and return its exit code."""
    place, told = folders.reports / runs.FOLDER, True
    with _logging(place / record["run"] / runs.LOG):
        log.info("run %s of %s", record["run"], " ".join(record["asked"]) or "all reports")
        try:
            _build(order, folders, record, earlier)
            _write_notice(order, folders, record, earlier)
            told = _deliver(place, [*earlier, record], to)
        except KeyboardInterrupt:
            record["outcome"] = CUT
        code = CODES[record["outcome"]] if told else codes.UNTOLD
        record.update(exit=code, ended=_now())
        runs.save(place, record)
        for name in runs.prune(place, order.keep):
            log.info("run %s is pruned", name)
        log.info("ends with %d (%s)", code, record["outcome"] if told else "people are not told")
    return code


def _build(order: Order, folders: Folders, record: Record, earlier: Sequence[Record]) -> None:
    """Check, build, and write into the record what became of it, whatever it is."""
    try:
        _work(order, folders, record)
        _compare(folders, record, earlier)
    except Exception as error:
        log.exception("this command itself failed")
        record.update(outcome=FAILED, problems=[f"{type(error).__name__}: {error}"])


def _begin(order: Order, place: Path, slot: str, earlier: list[Record]) -> Record:
    """Make the folder of a run and write that it goes on."""
    # Not what was to be told by one that was cut itself.
    told = {run["run"] for record in earlier if record["notice"] for run in record["cut"]}
    cut = [
        {"run": record["run"], "began": record["began"]}
        for record in earlier
        if record["outcome"] in (RUNNING, CUT) and record["run"] not in told
    ]
    record: Record = {
        "version": runs.VERSION, "run": runs.begin(place), "slot": slot, "asked": list(order.words),
        "what": _what(order.request), "began": _now(), "ended": None, "outcome": RUNNING,
        "exit": None, "editions": [], "reports": [], "problems": [], "disagreements": [],
        "compared_with": None, "moved": [], "new": 0, "gone": 0, "cut": cut, "notice": None,
    }  # fmt: skip
    runs.save(place, record)
    return record


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
    """Call the commands that check and build, and read what became of the reports."""
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
    if code == codes.OK:
        code, lines = _patiently(["run", *order.words])
        outcome = RAN.get(code, FAILED)
    record["outcome"] = outcome
    known = {edition: manifest.read(folders.reports / edition) for edition in before}
    whole = _whole(outcome, lines, [(before[e]["run"], known[e]["run"]) for e in known])
    record["reports"] = [
        account.state(report, before[report.edition], known[report.edition], whole=whole)
        for report in planned
    ]
    if whole:
        record["disagreements"] = [s for k in known.values() for s in k["run"]["disagreements"]]
    record["problems"] = account.problems(code, lines, record)


def _whole(
    outcome: str, lines: Sequence[str], of_editions: Sequence[tuple[Record, Record]]
) -> bool:
    """Tell whether a run came to its end, from its last line and the runs before and after it."""
    if outcome not in (PUBLISHED, FAILED) or not all(now.get("finished") for _, now in of_editions):
        return False
    # One that was killed early has left no trace: what the record tells of is the run before it.
    nothing = [line for line in lines[-1:] if line.endswith(UP_TO_DATE)]
    begun = all(now["started"] != old.get("started") for old, now in of_editions)
    return bool(outcome == PUBLISHED or nothing or begun)


def _patiently(words: Sequence[str]) -> tuple[int, list[str]]:
    """Run a command, again after a while if somebody else's run is at work."""
    for wait in (*WAITS, None):
        code, lines = _command(words)
        if code != codes.BUSY or wait is None:
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


def _compare(folders: Folders, record: Record, earlier: Sequence[Record]) -> None:
    """Keep the ledgers of this run, and record what moved since those of an earlier one."""
    if record["outcome"] not in (PUBLISHED, FAILED):
        return
    place, began = folders.reports / runs.FOLDER, {old["run"]: old["began"] for old in earlier}
    for edition in record["editions"]:
        name = runs.LEDGER.format(edition=edition)
        now = ledger.read(folders.reports / edition / ledger.NAME)
        if found := account.baseline(place / run / name for run in reversed(began)):
            path, before = found
            run = path.parent.name
            record["compared_with"] = {"run": run, "began": began[run]}
            account.add_moves(record, edition, before, now)
        publish.write(place / record["run"] / name, ledger.text(now).encode())


def _write_notice(
    order: Order, folders: Folders, record: Record, earlier: Sequence[Record]
) -> None:
    """Put into words what people are told, unless it is what they were last told this month."""
    base = order.link.rstrip("/") or str(folders.reports)
    links = {f"Reports of {name}": f"{base}/{name}/index.html" for name in record["editions"]}
    links["Log"] = f"{base}/{runs.FOLDER}/{record['run']}/{runs.LOG}"
    made = notice(record, links)
    own = [old for old in earlier if _same(old, record["slot"], record["asked"])]
    last = next((old["notice"]["todo"] for old in reversed(own) if old["notice"]), None)
    news = record["outcome"] == PUBLISHED or record["cut"] or account.has(record, PUBLISHED)
    state = PENDING if news or list(made.todo) != last else SAME
    record["notice"] = {
        "subject": made.subject, "todo": list(made.todo), "state": state, "tries": 0,
        "untold": [], "trouble": [],
    }  # fmt: skip
    publish.write(folders.reports / runs.FOLDER / record["run"] / runs.NOTICE, made.html.encode())
    runs.save(folders.reports / runs.FOLDER, record)
    for line in [made.subject, *made.text.splitlines()]:
        log.info("| %s", line)
    if state == SAME:
        log.info("people were told the same this month already; they are not told again")


def _deliver(place: Path, every: Sequence[Record], to: Addresses) -> bool:
    """Deliver all notices that wait, oldest first, and tell whether none waits any longer."""
    waiting = [r for r in every if r["notice"] and r["notice"]["state"] == PENDING]
    for record in waiting:
        own = record["notice"]
        page = place / record["run"] / runs.NOTICE
        # Who removed the page by hand should not stop the schedule for good.
        text = page.read_text(encoding="utf-8") if page.is_file() else html.escape(own["subject"])
        troubles = post.tell(to, own["subject"], text, own["untold"])
        own["tries"] += 1
        own["untold"] = sorted(number for number in troubles if number)
        own["trouble"] = [_trouble(number, why) for number, why in troubles.items()]
        own["state"] = PENDING if troubles else DELIVERED
        runs.save(place, record)
        for trouble in own["trouble"]:
            log.warning("NOT TOLD of run %s: %s; the next run tries again", record["run"], trouble)
        if not troubles:
            log.info("people are told of run %s", record["run"])
    return all(record["notice"]["state"] != PENDING for record in waiting)


def _trouble(number: int, why: str) -> str:
    return f"address {number}: {why}" if number else why


@contextlib.contextmanager
def _logging(*files: Path) -> Iterator[None]:
    """Send what is logged to the terminal and to files."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stdout)]
    handlers += (logging.FileHandler(file, encoding="utf-8") for file in files)
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


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
