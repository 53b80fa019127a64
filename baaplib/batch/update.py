"""Bring reports up to date: what `baap run` does, from a request to an exit code.

Whatever is built is built from a copy of tables and notebooks, made when the run begins: what is
edited meanwhile is for the next run.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from baaplib import fingerprint
from baaplib.batch import manifest, temporary
from baaplib.batch.inputs import Inputs
from baaplib.batch.manifest import Manifest, Record
from baaplib.batch.plan import Plan, Request, plan, vocabularies
from baaplib.batch.report import Outcome, Report

# Builds the reports of a plan and hands on each outcome, as `run.run` does.
Build = Callable[..., None]
# What a run works on a copy of, and how often it tries to copy all of that unchanged.
COPIED = (".csv", ".json", ".ipynb", ".yml")
TRIES = 3
# How the last line ends if nothing had to be built.
UP_TO_DATE = "reports are up to date"


@dataclass(frozen=True)
class Folders:
    """Where everything lies: tables, notebooks with their batch.yml, reports."""

    data: Path
    notebooks: Path
    reports: Path


@dataclass(frozen=True)
class Order:
    """What was asked for, and how it is to be done.

    Attributes
    ----------
    request : Request
    command : str
        The command line, for the record.
    jobs : int or None
        Reports built at the same time; one for each processor if None.
    time_limit, memory_limit : int or None
        Seconds a cell and megabytes a kernel may take, in place of those in batch.yml.
    cluster : str
        Address of a Dask cluster that builds the reports; this machine does if empty.
    accept : bool
        Publish also what is suspiciously little beside the last run.
    force : bool
        Build also what is up to date.
    """

    request: Request = field(default_factory=Request)
    command: str = "baap run"
    jobs: int | None = None
    time_limit: int | None = None
    memory_limit: int | None = None
    cluster: str = ""
    accept: bool = False
    force: bool = False


@dataclass(frozen=True)
class Work:
    """The reports that were asked for, what they are made from, and why each is to be built."""

    plan: Plan
    inputs: Inputs
    reasons: dict[tuple[str, str, str], str]

    def reason(self, report: Report) -> str:
        """Return why a report is to be built, format by format if they differ; empty if not."""
        found = {f: self.reasons[report.edition, report.key, f] for f in report.formats}
        if len(set(found.values())) == 1:
            return next(iter(found.values()))
        return "; ".join(f"{format}: {said}" for format, said in found.items() if said)

    @property
    def due(self) -> tuple[Report, ...]:
        """The reports to build, each in the formats that are due."""
        found = []
        for report in self.plan.reports:
            formats = tuple(
                f for f in report.formats if self.reasons[report.edition, report.key, f]
            )
            if formats:
                found.append(replace(report, formats=formats))
        return tuple(found)


def work(order: Order, folders: Folders, records: dict[str, Record] | None = None) -> Work:
    """Work out what is to be built.

    Parameters
    ----------
    order : Order
    folders : Folders
    records : dict, optional
        Record of each edition; read if not given.

    Raises
    ------
    RequestError
        If what was asked for cannot be built.
    ValueError, OSError
        If a record or an input cannot be read.
    """
    found = plan(
        folders.notebooks / "batch.yml",
        folders.notebooks,
        vocabularies(folders.data),
        order.request,
    )
    inputs, reasons, known = Inputs(folders.data), {}, dict(records or {})
    for report in found.reports:
        folder = folders.reports / report.edition
        if report.edition not in known:
            known[report.edition] = manifest.read(folder)
        for format in report.formats:
            said = manifest.why(folder, known[report.edition], report, format, inputs)
            said = said or ("--force was given" if order.force else "")
            reasons[report.edition, report.key, format] = said
    return Work(found, inputs, reasons)


def explain(order: Order, folders: Folders) -> Iterator[str]:
    """Say of each report why it would be built, or that it would not; nothing is written."""
    found = work(order, folders)
    for report in found.plan.reports:
        reason = found.reason(report)
        name = f"{report.edition}/{report.key}"
        yield f"build   {name}: {reason}" if reason else f"keep    {name}: up to date"
    yield f"{len(found.due)} of {len(found.plan.reports)} reports would be built"


def update(order: Order, folders: Folders, well: Callable[[Path], bool]) -> bool:
    """Build what has to be built, publish and record it.

    Parameters
    ----------
    order : Order
    folders : Folders
    well : callable
        Tells whether all is well in the tables of a data folder.

    Returns
    -------
    bool
        Whether all that was asked for is published and up to date, and no reports disagree.

    Raises
    ------
    RequestError, ValueError, OSError
        As `work`; also if another run writes the same edition.
    KeyboardInterrupt
        If interrupted; what is published by then is whole and recorded.
    """
    first = work(order, folders)
    with contextlib.ExitStack() as held:
        records = {}
        for edition in dict.fromkeys(report.edition for report in first.plan.reports):
            keys = [r.key for r in first.plan.reports if r.edition == edition]
            records[edition] = Manifest(folders.reports / edition, keys)
            held.callback(records[edition].release)
        known = {edition: own.record for edition, own in records.items()}
        found = work(order, folders, known)
        if not found.due and all(own.settled(found.inputs) for own in records.values()):
            return _nothing(found, records)
        frozen = held.enter_context(_copy(folders))
        found = work(order, frozen, known)
        try:
            return _build(order, frozen, found, records, well)
        except OSError as error:
            # Some reports may be published by now: that is no request that was refused.
            print(f"baap: {error}", file=sys.stderr)
            return False


def _nothing(found: Work, records: dict[str, Manifest]) -> bool:
    disagreements = [s for own in records.values() for s in own.record["run"]["disagreements"]]
    for sentence in disagreements:
        print(f"DISAGREE {sentence}")
    print(f"all {len(found.plan.reports)} {UP_TO_DATE}")
    return not disagreements


@contextlib.contextmanager
def _copy(folders: Folders) -> Iterator[Folders]:
    """Copy tables and notebooks, so that all reports of a run are made from the same."""
    with temporary.folder() as place:
        own = replace(folders, data=place / "data", notebooks=place / "notebooks")
        _freeze({folders.data: own.data, folders.notebooks: own.notebooks})
        yield own


def _freeze(folders: Mapping[Path, Path]) -> None:
    """Copy folders as they are at one moment: once more, if something changes meanwhile."""
    for _ in range(TRIES):
        before = _state(folders)
        # A file that is gone is a change, and seen below.
        with contextlib.suppress(FileNotFoundError):
            for path, (source, *_) in before.items():
                copy = folders[source] / path.relative_to(source)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
        after = _state(folders)
        changed = sorted(p for p in {*before, *after} if before.get(p) != after.get(p))
        if not changed:
            return
        for target in folders.values():
            shutil.rmtree(target, ignore_errors=True)
    message = (
        f"{changed[0]}: changed while it was copied, {TRIES} times over; "
        "wait until nobody writes there and run again"
    )
    raise ValueError(message)


def _state(folders: Iterable[Path]) -> dict[Path, tuple[Path, int, int, int]]:
    """Return what tells each file to copy from what it is after a change, and its folder."""
    found = {}
    for folder in folders:
        for path in folder.rglob("*"):
            if path.suffix in COPIED:
                with contextlib.suppress(FileNotFoundError):
                    now = path.stat()
                    found[path] = (folder, now.st_ino, now.st_size, now.st_mtime_ns)
    return found


def _build(
    order: Order,
    folders: Folders,
    found: Work,
    records: dict[str, Manifest],
    well: Callable[[Path], bool],
) -> bool:
    with _builder(order, folders, found) if found.due else contextlib.nullcontext() as build:
        # Problems across tables would not stop a notebook, but make its report wrong.
        checked = {own.record["run"].get("checked") for own in records.values()}
        if checked != {found.inputs.of_check()} and not well(folders.data):
            return False
        for edition, own in records.items():
            data = fingerprint.data_sha256(folders.data, edition)
            own.begin(manifest.facts(data, order.command), found.inputs)
        try:
            failed = _run(order, build, found, records) if build else []
        except KeyboardInterrupt:
            for own in records.values():
                own.leave(found.inputs)
            raise
    disagreements = [s for own in records.values() for s in own.close(found.inputs)]
    for sentence in disagreements:
        print(f"DISAGREE {sentence}")
    print(_summary(found, failed))
    return not failed and not disagreements


@contextlib.contextmanager
def _builder(order: Order, folders: Folders, found: Work) -> Iterator[Build]:
    """Yield what builds the reports of a plan: a cluster, or this machine."""
    if order.cluster:
        from baaplib.batch.cluster import Cluster

        with contextlib.closing(Cluster(order.cluster)) as cluster:
            yield partial(cluster.run, data=folders.data)
    else:
        from baaplib.batch import run, server

        # It imports while the tables are looked at.
        server.start(str(folders.data), run.rehearsed(replace(found.plan, reports=found.due)))
        yield partial(run.run, data=folders.data, jobs=order.jobs)


def _run(order: Order, build: Build, found: Work, records: dict[str, Manifest]) -> list[str]:
    """Build and publish what is due, and return what failed."""
    from tqdm import tqdm

    plan = replace(
        found.plan,
        reports=found.due,
        time_limit=order.time_limit or found.plan.time_limit,
        memory_limit=order.memory_limit or found.plan.memory_limit,
    )
    # All reports of a run carry the day on which it began, unless another is asked for.
    today = os.environ.get("BAAP_MADE_ON") or datetime.now(UTC).date().isoformat()
    failed = []
    # disable=None: a bar on a terminal, and only the lines anywhere else.
    with tqdm(total=len(plan.reports), unit="report", disable=None, leave=False) as bar:

        def done(outcome: Outcome) -> None:
            own = records[outcome.report.edition]
            entry = own.add(outcome, found.inputs, accept=order.accept)
            if outcome.failure:
                failed.append(outcome.report.key)
            bar.write(_line(outcome, stale=entry["stale"]))
            bar.update()

        build(plan, done, env={"BAAP_MADE_ON": today})
    return failed


def _summary(found: Work, failed: list[str]) -> str:
    due, every = len(found.due), len(found.plan.reports)
    kept = f"; {every - due} were up to date" if due < every else ""
    return f"{due - len(failed)} of {due} reports published{kept}"


def _line(outcome: Outcome, *, stale: bool) -> str:
    report = outcome.report
    name = f"{report.edition}/{report.key}"
    if not outcome.failure:
        return f"ok      {name} ({', '.join(report.formats)}; {outcome.total:.1f} s)"
    kept = "\n        the last good report stays in place and is marked stale" if stale else ""
    message = str(outcome.failure).replace("\n", "\n        ")
    return f"FAILED  {name} ({report.notebook.name})\n        {message}{kept}"
