"""Run notebooks through papermill in a pool of processes, and render what they show.

Workers and kernels are forks of one warm server (`server`), which has no threads that a fork would
cut; each report has a kernel of its own. Nothing is written outside a temporary folder here: a
report comes back as bytes, or as a failure.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import multiprocessing
import os
import pkgutil
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from baaplib.batch import server
from baaplib.batch.plan import Plan, Report

# What makes a format of a document.
RENDERERS = {
    "html": "baaplib.render.html:page",
    "pdf": "baaplib.render.pdf:pages",
}


ENDED = "the process that built the report was killed, twice; was there enough memory?"


@dataclass(frozen=True)
class Failure:
    """Why there is no report.

    Attributes
    ----------
    step : str
        `execute`, `document`, a format that could not be made, or `publish`.
    cell : int or None
        Number of the cell in the notebook, from 1, if a cell failed.
    name, message : str
        The exception and what it said.
    """

    step: str
    cell: int | None
    name: str
    message: str

    def __str__(self) -> str:
        place = f"cell {self.cell}" if self.cell else self.step
        return f"{place}: {self.name}: {self.message}"


@dataclass
class Outcome:
    """What became of a report: files as bytes, claims and facts, or a failure; seconds."""

    report: Report
    outputs: dict[str, bytes] = field(default_factory=dict)
    claims: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    failure: Failure | None = None


def run(
    plan: Plan,
    done: Callable[[Outcome], None],
    *,
    jobs: int | None = None,
    env: Mapping[str, str] | None = None,
    renderers: Mapping[str, str] = RENDERERS,
) -> None:
    """Build all reports of a plan.

    Parameters
    ----------
    plan : Plan
        What to build. A failing report does not stop the others.
    done : callable
        Called with each `Outcome` as it comes, in the calling process.
    jobs : int, optional
        Reports built at the same time; by default one for each processor.
    env : mapping, optional
        Environment of the kernels beside the caller's own.
    renderers : mapping, optional
        What makes each format of a document, as `module:function`.

    Raises
    ------
    KeyboardInterrupt
        If interrupted (Ctrl-C, SIGTERM). All kernels and temporary files are gone by then.
    """
    # The polite signals to end take the same way out as Ctrl-C.
    polite = _handled(_interrupt, signal.SIGTERM, signal.SIGHUP)
    with tempfile.TemporaryDirectory(prefix="baap-") as folder, polite:
        scratch = Path(folder)
        server.start()
        _write_kernelspec(scratch, env or {})
        build = partial(_build, time_limit=plan.time_limit, renderers=dict(renderers))
        pool = _Pool(scratch, jobs or os.cpu_count() or 1, build, done)
        waiting, begun = list(enumerate(plan.reports)), []
        while waiting:
            waiting, broken = pool.build(waiting)
            begun += broken
        # One of those that were being built ended its process: each again, by itself.
        for one in begun:
            for _, report in itertools.chain(*pool.build([one])):
                done(Outcome(report, failure=Failure("execute", None, "BrokenProcessPool", ENDED)))


Numbered = tuple[int, Report]


@dataclass
class _Pool:
    """Processes that build reports, started anew if one of them is killed."""

    scratch: Path
    jobs: int
    task: Callable[[Report, Path], Outcome]
    done: Callable[[Outcome], None]

    def build(self, reports: list[Numbered]) -> tuple[list[Numbered], list[Numbered]]:
        """Build reports until all are done or a process is killed.

        Returns those that are left then: first those not begun, then those that were being built.
        """
        before = set(multiprocessing.active_children())
        pool = ProcessPoolExecutor(
            min(self.jobs, len(reports)),
            mp_context=server.context(),
            initializer=_start_worker,
            initargs=(self.scratch,),
        )
        try:
            # Workers inherit this: Ctrl-C reaches the whole group, but is for us to handle.
            with _handled(signal.SIG_IGN, signal.SIGINT), server.main_unseen():
                futures = {
                    pool.submit(self.task, report, self.scratch / str(number)): (number, report)
                    for number, report in reports
                }
            left = [futures[future] for future in as_completed(futures) if not self._ended(future)]
        except BaseException:
            with _handled(signal.SIG_IGN, signal.SIGINT):
                _kill(set(multiprocessing.active_children()) - before)
            raise
        finally:
            pool.shutdown(cancel_futures=True)
        return self._sorted(left)

    def _ended(self, future: Future[Outcome]) -> bool:
        """Hand on what became of a report; nothing did if its process was killed."""
        try:
            outcome = future.result()
        except BrokenProcessPool:
            return False
        self.done(outcome)
        return True

    def _sorted(self, left: list[Numbered]) -> tuple[list[Numbered], list[Numbered]]:
        begun = [one for one in left if (self.scratch / str(one[0])).exists()]
        for number, _ in begun:
            shutil.rmtree(self.scratch / str(number))
        return [one for one in left if one not in begun], begun


@contextlib.contextmanager
def _handled(by: Any, *numbers: signal.Signals) -> Iterator[None]:
    """Handle signals in another way for a while."""
    old = {number: signal.signal(number, by) for number in numbers}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def _interrupt(signum: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _kill(workers: set[Any]) -> None:
    """End workers and their kernels; a worker is halted first, lest it start another kernel."""
    import psutil

    doomed = []
    for worker in workers:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(worker.pid)
            process.suspend()
            # A forked kernel is a child of the server, not of the worker.
            family = (process.parent() if server.FORKS else None) or process
            doomed += [*family.children(recursive=True), process]
    for process in doomed:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(doomed, timeout=5)


def _write_kernelspec(scratch: Path, env: Mapping[str, str]) -> None:
    """Describe a kernel of this very Python, whatever kernels are installed and configured."""
    from ipykernel.kernelspec import get_kernel_dict

    own = {
        "MPLBACKEND": "agg",
        "PYTHONHASHSEED": "0",
        # Neither a user's start-up files nor traces of ours in the user's folders.
        "IPYTHONDIR": str(scratch / "ipython"),
        "TMPDIR": str(scratch),
    }
    folder = scratch / "kernels" / "python3"
    folder.mkdir(parents=True)
    kernel = {**get_kernel_dict(), "env": {**own, **env}}
    if server.FORKS:
        kernel["metadata"] = {"kernel_provisioner": {"provisioner_name": server.PROVISIONER}}
    (folder / "kernel.json").write_text(json.dumps(kernel), encoding="utf-8")


def _start_worker(scratch: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["JUPYTER_PATH"] = os.environ["TMPDIR"] = str(scratch)
    tempfile.tempdir = None  # the server's, if it has asked for it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Its warnings repeat what the plan has refused or what a Failure says.
    logging.getLogger("papermill").setLevel(logging.CRITICAL + 1)


def _end_with_parent() -> None:
    """Do not outlive a parent that was killed; our kernel then sees that we are gone and ends."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _build(report: Report, folder: Path, time_limit: int, renderers: Mapping[str, str]) -> Outcome:
    outcome, made = Outcome(report), None
    for step in ("execute", "document", *report.formats):
        start = time.monotonic()
        try:
            if step == "execute":
                made = _execute(report, folder, time_limit)
            elif step == "document":
                made = _document(made, outcome)
            else:
                outcome.outputs[step] = _render(made, renderers[step])
        except _CellError as error:
            outcome.failure = Failure(step, *error.args)
        except SystemExit:
            raise
        except BaseException as error:  # a panic inside Typst is not an Exception
            outcome.failure = Failure(step, None, type(error).__name__, str(error))
        outcome.seconds[step] = round(time.monotonic() - start, 3)
        if outcome.failure:
            outcome.outputs.clear()
            outcome.claims.clear()
            outcome.facts.clear()
            break
    return outcome


def _document(notebook: Any, outcome: Outcome) -> dict[str, Any]:
    """Make the document that all formats show, once; note its claims and facts."""
    from baaplib.render.document import document, facts

    made = document(notebook)
    outcome.claims, outcome.facts = list(made["claims"]), facts(made)
    return made


class _CellError(Exception):
    """Number of the cell, name of the exception, its message."""


def _execute(report: Report, folder: Path, time_limit: int) -> Any:
    import nbformat
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from traitlets.config import Config

    folder.mkdir()
    # IPC: ports of kernels started in parallel collide now and then. The path is short, as that
    # of a socket has to be.
    connection = {"transport": "ipc", "connection_file": str(folder / "k.json")}
    source = nbformat.read(report.notebook, as_version=4)  # type: ignore[no-untyped-call]
    at = -1

    def entered(cell: Any, cell_index: int) -> None:
        nonlocal at
        at = cell_index

    def failure(name: str, message: str) -> _CellError:
        return _CellError(_number(source, at), name, message)

    try:
        notebook = papermill.execute_notebook(
            source,
            None,
            parameters=dict(report.parameters),
            kernel_name="python3",
            language="python",
            progress_bar=False,
            cwd=folder,
            execution_timeout=time_limit,
            config=Config(KernelManager=connection),
            **_manager(),
            # A kernel holds nothing worth saving, and one in a loop would not listen.
            shutdown_kernel="immediate",
            iopub_timeout=60,
            on_cell_start=entered,
        )
    except papermill.PapermillExecutionError as error:
        raise failure(error.ename, error.evalue) from None
    except CellTimeoutError:
        message = (
            f"the cell ran longer than {time_limit} s and was stopped; "
            "if it needs more, raise time_limit in batch.yml or pass --time-limit"
        )
        raise failure("TimeoutError", message) from None
    except DeadKernelError:
        message = "the kernel ended in the middle of the cell; was there enough memory?"
        raise failure("DeadKernelError", message) from None
    if at < len(notebook.cells) - 1:
        # papermill takes sys.exit(0) for a notebook that is done.
        raise failure("SystemExit", "the cell ended the notebook early; let it run to its end")
    return notebook


def _manager() -> dict[str, Any]:
    from baaplib.batch import kernels

    return {"kernel_manager_class": kernels.WarmManager} if server.FORKS else {}


def _number(source: Any, at: int) -> int:
    """Return the number of a cell in the notebook as it is, without the one papermill put in."""
    tags = [cell.metadata.get("tags", []) for cell in source.cells]
    if any("injected-parameters" in tag for tag in tags):
        return at + 1
    cell = next(index for index, tag in enumerate(tags) if "parameters" in tag)
    return at + 1 if at <= cell else at


def _render(made: Any, renderer: str) -> bytes:
    content = pkgutil.resolve_name(renderer)(made)
    return content.encode() if isinstance(content, str) else bytes(content)
