"""The process that workers and kernels are forked from, with everything imported once (`warm`).

It is the fork server of `multiprocessing`: it has no threads and never runs a notebook. Where
forking is not safe (macOS, Windows) workers and kernels are new Pythons instead.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import pkgutil
import signal
import sys
import threading
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

# As an entry point of `jupyter_client.kernel_provisioners`.
PROVISIONER = "baap-fork"
FORKS = sys.platform == "linux"
DEAF, WARM = "baaplib.batch.deaf", "baaplib.batch.warm"
# As linux/prctl.h has it.
PR_SET_PDEATHSIG = 1
# As linux/sched.h has it, among the flags that proc(5) shows.
PF_EXITING = 0x4
# How the server starts: hashes alike in every report, no threads that a fork would cut.
ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
}


# What it was started with, beside: if it is killed, the next one is its like.
_asked: dict[str, str] = {}
_starting = threading.Lock()
# The main modules that are hidden, one for each block that hides it: the first is the real one.
_hidden: list[Any] = []
_hiding = threading.Lock()


def context() -> Any:
    """Return the context of `multiprocessing` whose processes are forks of the warm server."""
    return multiprocessing.get_context("forkserver" if FORKS else "spawn")


def start(data: str = "", rehearsed: Iterable[str] = ()) -> None:
    """Start the warm server, unless it runs; it ends with the process that started it.

    Without arguments it starts again as it was, should it have been killed.

    Parameters
    ----------
    data : str, optional
        A data folder that does not change while the server runs.
    rehearsed : iterable of str, optional
        Editions and languages, as `2022-12/en`, for which it does beforehand what all reports do.
    """
    if not FORKS:
        return
    from multiprocessing import forkserver

    with _starting:  # a worker of a cluster has several threads
        if data:
            _asked.update(BAAP_DATA=data, BAAP_WARM=" ".join(rehearsed))
        if _alive():
            return
        stop()  # waits for the end of one that is ending
        old = dict(os.environ)
        os.environ.update(ENVIRONMENT | _asked)
        try:
            with main_unseen(), _held_back():
                context().set_forkserver_preload([DEAF, WARM])
                forkserver.ensure_running()
                _be_the_only_one()
        finally:
            os.environ.clear()
            os.environ.update(old)


def stop() -> None:
    """End the server, as a process must that goes on without it; its forks end, too."""
    if _runs():
        from multiprocessing import forkserver

        forkserver._forkserver._stop()  # type: ignore[attr-defined]
        vars(forkserver._forkserver).pop("ensure_running", None)


def call(name: str, *arguments: Any) -> Any:
    """Call a function, named as `module:function`, in a fork of the server: there it is imported.

    Without a server it is called here. Raises what the function raises.
    """
    if not _runs():
        return pkgutil.resolve_name(name)(*arguments)
    from concurrent.futures.process import BrokenProcessPool

    try:
        return _forked(name, arguments)
    except BrokenProcessPool:  # the server may have been about to end; a new one is not
        return _forked(name, arguments)


def _forked(name: str, arguments: tuple[Any, ...]) -> Any:
    from concurrent.futures import ProcessPoolExecutor

    start()
    with main_unseen(), ProcessPoolExecutor(1, context(), initializer=_start_call) as pool:
        return submit(pool, _call, name, arguments).result()


def submit(pool: Executor, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
    """Give a task to a pool of forks of the server.

    Raises
    ------
    BrokenProcessPool
        If one of them was killed, or if the server does not fork any more. It is ended then, as it
        may take its time to end by itself, and `start` starts another: submit no more before.
    """
    from concurrent.futures.process import BrokenProcessPool

    own = pid() if FORKS else None
    try:
        return pool.submit(function, *arguments)
    except (EOFError, ConnectionError) as error:
        with _starting:
            if own and own == pid():  # not one that another thread has started since
                with suppress(ProcessLookupError):
                    os.kill(own, signal.SIGKILL)
                stop()
        raise BrokenProcessPool("the server that workers are forked from has ended") from error


def _start_call() -> None:
    # Ctrl-C reaches the whole group, but is for the caller to handle.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()


def _call(name: str, arguments: tuple[Any, ...]) -> Any:
    return pkgutil.resolve_name(name)(*arguments)


def end_with_parent() -> None:
    """Have a process of a pool end once the process that it works for was killed.

    It holds both ends of the pipes of the pool, so that it would wait for ever for its own answers.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def pid() -> int | None:
    """Return the process id of the server, as the process that started it knows it."""
    from multiprocessing import forkserver

    found: int | None = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    return found


def _alive() -> bool:
    """Tell whether the server runs and is not about to end.

    While it ends, its pipes close first: who waits for its forks may be here before it is known to
    have ended, and multiprocessing would take it for running.
    """
    own = pid()
    if own is None:
        return False
    try:
        state = Path(f"/proc/{own}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return not int(state.rpartition(")")[2].split()[6]) & PF_EXITING


def _runs() -> bool:
    return FORKS and pid() is not None


def inherit() -> None:
    """Let a worker fork from the server that it comes from.

    The worker knows the server's address, but multiprocessing asks for its process id, which only
    the process that started it knows, and would start another, cold one.
    """
    if FORKS:
        _be_the_only_one()
        end_with_it()


def _be_the_only_one() -> None:
    """Keep multiprocessing from starting a server itself: it would be a cold one.

    A fork that is asked for where there is none fails then, with a `ConnectionError` or `EOFError`.
    """
    from multiprocessing import forkserver

    forkserver._forkserver.ensure_running = lambda: None  # type: ignore[method-assign]


def end_with_it() -> None:
    """Have this fork of the server killed as soon as the server is.

    Nobody would fork kernels for a worker then, or hear when a kernel ends; a pool whose workers
    are gone is started anew, with a new server.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def _held_back() -> Iterator[None]:
    """Let Ctrl-C wait: here until the block ends, in a process started in it until it is `deaf`."""
    from multiprocessing import resource_tracker

    # Once it runs it leaves the signals alone.
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@contextmanager
def main_unseen() -> Iterator[None]:
    """Hide the main module: each fork would import it again, however heavy it is.

    Blocks may lie in each other or, in threads, overlap: the last one to end shows it again.
    """
    with _hiding:
        _hidden.append(sys.modules["__main__"])
        sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        with _hiding:
            main = _hidden.pop()
            if not _hidden:
                sys.modules["__main__"] = main
