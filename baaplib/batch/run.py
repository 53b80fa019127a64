"""Build the reports of a plan in a pool of processes on this machine (`cluster`: on others).

Workers and kernels are forks of one warm server (`server`), which has no threads that a fork would
cut; each report has a kernel of its own (`work`). A pool whose process is killed is started anew.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import multiprocessing
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from baaplib.batch import server, temporary
from baaplib.batch.plan import RENDERERS, Plan
from baaplib.batch.report import Failure, Outcome
from baaplib.batch.work import Task, build

ENDED = "the process that built the report was killed, twice; was there enough memory?"
NEVER = "the processes that build reports were killed as they started; was there enough memory?"
# So often in a row a pool may end without having begun a report.
TRIES = 3


def run(
    plan: Plan,
    done: Callable[[Outcome], None],
    *,
    data: Path,
    jobs: int | None = None,
    env: Mapping[str, str] | None = None,
    renderers: Mapping[str, str] = RENDERERS,
) -> None:
    """Build all reports of a plan on this machine.

    Parameters
    ----------
    plan : Plan
        What to build. A failing report does not stop the others.
    done : callable
        Called with each `Outcome` as it comes, in the calling process.
    data : Path
        Data folder.
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
    own = {**limits(plan), "BAAP_DATA": str(data), **(env or {})}
    with interruptible(), site(own, rehearsed(plan)) as scratch:
        pool = _Pool(scratch, jobs or os.cpu_count() or 1, done)
        waiting, vain = tasks(plan, renderers), 0
        begun: list[Task] = []
        while waiting and vain < TRIES:
            left, broken = pool.build(waiting)
            vain = vain + 1 if len(left) == len(waiting) else 0
            begun += broken
            waiting = left
        for task in waiting:
            done(Outcome(task.report, failure=Failure("execute", None, "BrokenProcessPool", NEVER)))
        # One of those that were being built ended its process: each again, by itself.
        for one in begun:
            for task in itertools.chain(*pool.build([one])):
                failure = Failure("execute", None, "BrokenProcessPool", ENDED)
                done(Outcome(task.report, failure=failure))


def limits(plan: Plan) -> dict[str, str]:
    """Return the environment that tells kernels what they may take."""
    return {"BAAP_MEMORY_LIMIT": str(plan.memory_limit)}


def rehearsed(plan: Plan) -> tuple[str, ...]:
    """Return the editions and languages of reports, as the warm server wants to know them."""
    return tuple(dict.fromkeys(f"{r.edition}/{r.parameters['language']}" for r in plan.reports))


def interruptible() -> AbstractContextManager[None]:
    """Let the polite signals to end take the same way out as Ctrl-C."""
    return _handled(_interrupt, signal.SIGTERM, signal.SIGHUP)


def tasks(plan: Plan, renderers: Mapping[str, str]) -> list[Task]:
    """Return what workers need for each report of a plan; each notebook is read once."""
    notebooks = {path: path.read_bytes() for path in {r.notebook for r in plan.reports}}
    return [
        Task(report, notebooks[report.notebook], plan.time_limit, dict(renderers))
        for report in plan.reports
    ]


@contextlib.contextmanager
def site(env: Mapping[str, str], rehearsed: Iterable[str] = ()) -> Iterator[Path]:
    """Start the server and make a folder to build reports in; it does not outlive the block."""
    with temporary.folder() as folder:
        server.start(env.get("BAAP_DATA", ""), rehearsed)
        _write_kernelspec(folder, env)
        yield folder


def executor(scratch: Path, jobs: int) -> ProcessPoolExecutor:
    """Return a pool of warm workers that build reports below a folder (see `site`)."""
    server.start()  # it may have been killed meanwhile
    return ProcessPoolExecutor(
        jobs, mp_context=server.context(), initializer=_start_worker, initargs=(scratch,)
    )


@dataclass
class _Pool:
    """Processes that build reports, started anew if one of them is killed."""

    scratch: Path
    jobs: int
    done: Callable[[Outcome], None]
    # A folder for each attempt: the kernel of a killed worker may still write into its own.
    folders: Iterator[int] = field(default_factory=itertools.count)

    def build(self, tasks: list[Task]) -> tuple[list[Task], list[Task]]:
        """Build reports until all are done or a process is killed.

        Returns those that are left then: first those not begun, then those that were being built.
        """
        before = set(multiprocessing.active_children())
        pool = executor(self.scratch, min(self.jobs, len(tasks)))
        try:
            left = [(task, self.scratch / str(next(self.folders))) for task in tasks]
            futures: dict[Future[Outcome], tuple[Task, Path]] = {}
            with _put_off(), server.main_unseen(), contextlib.suppress(BrokenProcessPool):
                while left:  # once one is refused, all that follow would be
                    future = server.submit(pool, build, *left[0])
                    futures[future] = left.pop(0)
            for future in as_completed(futures):
                # Nobody else holds it: what a report is made of goes once it is published.
                one = futures.pop(future)
                if not self._ended(future):
                    left.append(one)
        except BaseException:
            with _handled(signal.SIG_IGN, signal.SIGINT):
                _kill(set(multiprocessing.active_children()) - before)
            raise
        finally:
            pool.shutdown(cancel_futures=True)
        return _sorted(left)

    def _ended(self, future: Future[Outcome]) -> bool:
        """Hand on what became of a report; nothing did if its process was killed."""
        try:
            outcome = future.result()
        except BrokenProcessPool:
            return False
        self.done(outcome)
        return True


def _sorted(left: list[tuple[Task, Path]]) -> tuple[list[Task], list[Task]]:
    """Return which of those that are left were not begun, and which were."""
    waiting: list[Task] = []
    begun: list[Task] = []
    for task, folder in left:
        (begun if folder.exists() else waiting).append(task)
        shutil.rmtree(folder, ignore_errors=True)
    return waiting, begun


@contextlib.contextmanager
def _handled(by: Any, *numbers: signal.Signals) -> Iterator[None]:
    """Handle signals in another way for a while."""
    old = {number: signal.signal(number, by) for number in numbers}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _put_off() -> Iterator[None]:
    """Start workers, which do not hear Ctrl-C: it reaches the whole group, but is for us to handle.

    The first of them waits until the server is ready: who pressed it meanwhile is heard then.
    """
    came: list[int] = []
    # Where workers are new Pythons, they inherit only that nobody listens.
    by = (lambda number, _: came.append(number)) if server.FORKS else signal.SIG_IGN
    with _handled(by, signal.SIGINT):
        yield
    if came:
        raise KeyboardInterrupt


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
            doomed += [*_family(process).children(recursive=True), process]
    for process in doomed:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(doomed, timeout=5)


def _family(worker: Any) -> Any:
    """Return whose children the kernels of a worker are: forked ones are the server's.

    Once the server has ended, its forks have another parent, with children that are not ours.
    """
    parent = worker.parent()
    return parent if parent and parent.pid == server.pid() else worker


def _write_kernelspec(scratch: Path, env: Mapping[str, str]) -> None:
    """Describe a kernel of this very Python, whatever kernels are installed and configured."""
    from ipykernel.kernelspec import get_kernel_dict

    own = {
        "BAAP_BATCH": "1",
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
    server.inherit()
    server.end_with_parent()  # our kernel then sees that we are gone and ends
    # Its warnings repeat what the plan has refused or what a Failure says.
    logging.getLogger("papermill").setLevel(logging.CRITICAL + 1)
