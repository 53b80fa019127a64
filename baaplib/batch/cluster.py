"""Build the reports of a plan on an existing Dask cluster, whose machines share no files with ours.

Tables and notebooks are sent along, reports come back as bytes, and everything is published here
(`node` is what happens there). Dask itself sends a report again whose worker is lost.
"""

from __future__ import annotations

import contextlib
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baaplib.batch import node
from baaplib.batch.plan import RENDERERS, Plan
from baaplib.batch.report import Failure, Outcome
from baaplib.batch.run import interruptible, limits, rehearsed, tasks
from baaplib.batch.work import Task

if TYPE_CHECKING:
    from distributed import Client

# Seconds: for the scheduler to answer, between two looks at a cluster that brings nothing, and
# without any worker until the rest is given up.
ANSWERS, LOOKS, GONE = 10, 5, 60
# How often a report is tried again whose process is killed; Dask counts lost workers by itself.
RETRIES = 1


class Cluster:
    """A cluster that would build the same reports as this machine.

    Parameters
    ----------
    address : str
        Address of its scheduler, such as `tcp://10.0.0.5:8786`.

    Raises
    ------
    ValueError
        If `distributed` is not installed, no scheduler answers, the cluster has no worker, or one
        of its workers has other versions than are here.
    """

    def __init__(self, address: str) -> None:
        self._address, self._client = address, _connected(address)
        try:
            self._refuse_others()
        except BaseException:
            self.close()
            raise

    def run(
        self,
        plan: Plan,
        done: Callable[[Outcome], None],
        *,
        data: Path,
        env: Mapping[str, str] | None = None,
        renderers: Mapping[str, str] = RENDERERS,
    ) -> None:
        """Build all reports of a plan on the cluster.

        Parameters
        ----------
        plan, done, env, renderers
            As for `run.run`.
        data : Path
            Data folder whose tables are sent along.

        Raises
        ------
        KeyboardInterrupt
            If interrupted; what was not begun is not.
        """
        parcel = node.Parcel(
            uuid.uuid4().hex, node.pack(data), rehearsed(plan), {**limits(plan), **(env or {})},
            node.versions(),
        )  # fmt: skip
        executor = self._client.get_executor(pure=False, retries=RETRIES)
        # A result, unlike data handed out, is made again if its worker is lost.
        sent = self._client.submit(_itself, parcel, pure=False)
        try:
            with interruptible():
                futures = {
                    executor.submit(node.build_here, task, sent): task
                    for task in tasks(plan, renderers)
                }
                for future, task in self._ended(futures):
                    done(_outcome(future, task))
        finally:
            executor.shutdown(wait=False)
            with contextlib.suppress(OSError, RuntimeError, TimeoutError):
                self._client.run(node.leave, parcel.name)

    def close(self) -> None:
        """Leave the cluster; it goes on."""
        self._client.close()

    def _ended(
        self, futures: dict[Future[Outcome], Task]
    ) -> Iterator[tuple[Future[Outcome], Task]]:
        """Yield each future as it ends; those left are cancelled once no worker is."""
        waiting, silent = set(futures), 0
        while waiting:
            ended, waiting = wait(waiting, timeout=LOOKS, return_when=FIRST_COMPLETED)
            silent = 0 if ended or self._workers() else silent + LOOKS
            # Nobody else holds it: what a report is made of goes once it is published.
            while ended:
                future = ended.pop()
                yield future, futures.pop(future)
            if silent >= GONE:
                for future in waiting:
                    future.cancel()

    def _workers(self) -> list[str]:
        try:
            return list(self._client.scheduler_info(n_workers=-1)["workers"])
        except (OSError, RuntimeError):
            return []

    def _refuse_others(self) -> None:
        found: Mapping[str, Any] = self._client.run(_asked(), on_error="return")
        if not found:
            message = f"the cluster at {self._address} has no workers; start some and run again"
            raise ValueError(message)
        # The scheduler opens what it hands on.
        every = {f"worker {name}": theirs for name, theirs in found.items()}
        every["scheduler"] = self._asked_scheduler()
        problems = [f"{name} {said}" for name, theirs in every.items() if (said := _said(theirs))]
        if problems:
            todo = "reports would differ from those made here; install the same there, from"
            raise ValueError("\n".join([*problems, f"{todo} requirements.lock, and start it anew"]))

    def _asked_scheduler(self) -> Any:
        try:
            return self._client.run_on_scheduler(_asked())
        except Exception as error:
            return error


def _connected(address: str) -> Client:
    try:
        from distributed import Client
        from distributed.comm.addressing import get_address_host_port
        from distributed.versions import VersionMismatchWarning
    except ImportError:
        message = "--cluster needs the package `distributed`: pip install 'baaplib[cluster]'"
        raise ValueError(message) from None
    # What it warns of we refuse, and say with the name of the worker.
    warnings.simplefilter("ignore", VersionMismatchWarning)
    try:
        get_address_host_port(address)  # the client itself asks for long without a port
        return Client(address, timeout=ANSWERS, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:
        message = (
            f"no Dask scheduler answers at {address!r} ({error}); "
            "an address looks like tcp://10.0.0.5:8786"
        )
        raise ValueError(message) from None


def _asked() -> Callable[[], Any]:
    def versions() -> Any:
        from baaplib.batch import node

        return node.versions()

    # Dask sends a function within a function as code: a worker may lack the library.
    return versions


def _said(theirs: Any) -> str:
    if isinstance(theirs, Exception):
        return f"has no baaplib that can be used ({type(theirs).__name__}: {theirs})"
    found = node.differences(theirs, node.versions())
    return f"has {found}" if found else ""


def _itself(parcel: node.Parcel) -> node.Parcel:
    return parcel


def _outcome(future: Future[Outcome], task: Task) -> Outcome:
    """Return what became of a report, also if the cluster brought nothing back."""
    try:
        return future.result()
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        message = str(error) or "the cluster lost all its workers or its scheduler"
        return Outcome(task.report, failure=Failure("execute", None, type(error).__name__, message))
