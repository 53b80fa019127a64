"""What a worker of a Dask cluster does: build reports as a run on its own machine would.

It shares no files with whoever sent them. Tables come with the first report, notebooks with each;
reports go back as bytes. Each is built in a fork of a warm server that belongs to this worker.
"""

from __future__ import annotations

import io
import itertools
import multiprocessing
import threading
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from baaplib import fingerprint
from baaplib.batch import inputs, run, server, temporary
from baaplib.batch.report import Outcome
from baaplib.batch.work import Task, build

# What the library is apart from its modules.
SUFFIXES = (".py", ".po", ".toml", ".j2", ".css", ".js", ".typ")


@dataclass(frozen=True)
class Parcel:
    """What all reports of a run need.

    Attributes
    ----------
    name : str
        Tells the parcel of one run from that of another.
    tables : bytes
        The data folder, as a ZIP file.
    rehearsed : tuple of str
        Editions and languages of the reports, as `2022-12/en`.
    env : mapping
        Environment of the kernels.
    made_with : mapping
        Versions that reports are to be built with, from `versions`.
    """

    name: str
    tables: bytes
    rehearsed: tuple[str, ...]
    env: Mapping[str, str]
    made_with: Mapping[str, str]


def pack(data: Path) -> bytes:
    """Return the tables and schemas of a data folder as a ZIP file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(data.rglob("*")):
            if path.suffix in (".csv", ".json"):
                file.write(path, path.relative_to(data).as_posix())
    return content.getvalue()


@cache
def versions() -> Mapping[str, str]:
    """Return what this process builds reports with: packages, fonts and the library itself.

    Asked once: modules that are in memory do not change with their files.
    """
    return installed()


def installed() -> Mapping[str, str]:
    """Return what a new process would build reports with, as it lies on the disk now."""
    for known in (inputs.versions, inputs.fonts):
        known.cache_clear()
    own = (path for path in inputs.PACKAGE.rglob("*") if path.suffix in SUFFIXES)
    library = fingerprint.digest(fingerprint.files(inputs.PACKAGE, own))
    fonts = fingerprint.digest(inputs.fonts())
    return {**inputs.versions(), "baaplib": library[:8], "fonts": fonts[:8]}


def differences(theirs: Mapping[str, str], wanted: Mapping[str, str]) -> str:
    """Say in which versions a worker differs from those wanted; empty if in none.

    What only one of them has is nothing that reports need: the library itself would not import.

    Examples
    --------
    >>> differences({"pandas": "3.0.1", "numpy": "2.4.0"}, {"pandas": "3.1.0", "ruff": "0.17.1"})
    'pandas 3.0.1 and not 3.1.0'
    """
    other = [name for name in wanted if theirs.get(name, wanted[name]) != wanted[name]]
    return ", ".join(f"{name} {theirs[name]} and not {wanted[name]}" for name in sorted(other))


class _Site:
    """Tables unpacked on this worker's disk, and the warm server that has read them."""

    def __init__(self, parcel: Parcel) -> None:
        with ExitStack() as stack:
            holder = stack.enter_context(temporary.folder())
            zipfile.ZipFile(io.BytesIO(parcel.tables)).extractall(holder / "data")
            env = {**parcel.env, "BAAP_DATA": str(holder / "data")}
            self._scratch = stack.enter_context(run.site(env, parcel.rehearsed))
            # The server is a new process, which may be made of other files than this one.
            _refuse(installed(), parcel)
            self._stack = stack.pop_all()
        self._numbers = itertools.count()

    def build(self, task: Task) -> Outcome:
        folder = self._scratch / str(next(self._numbers))
        # A pool of one: a report whose process is killed takes no other with it.
        with server.main_unseen(), run.executor(self._scratch, 1) as pool:
            outcome: Outcome = server.submit(pool, build, task, folder).result()
            return outcome

    def close(self) -> None:
        self._stack.close()


_sites: dict[str, _Site] = {}
_door = threading.Lock()


def build_here(task: Task, parcel: Parcel) -> Outcome:
    """Build a report on this worker.

    Raises
    ------
    RuntimeError
        If it has other versions than are wanted.
    BrokenProcessPool
        If the process that built the report was killed, or the server that it comes from.
    """
    _refuse(versions(), parcel)
    return _site(parcel).build(task)


def _refuse(own: Mapping[str, str], parcel: Parcel) -> None:
    if found := differences(own, parcel.made_with):
        raise RuntimeError(f"the worker has {found}; install the same there and start it anew")


def _site(parcel: Parcel) -> _Site:
    # Dask starts its workers as daemons, which may start no processes, as these would outlive
    # them. Ours end with their parent by themselves.
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
    with _door:
        if parcel.name not in _sites:
            _sites[parcel.name] = _Site(parcel)
        return _sites[parcel.name]


def leave(name: str) -> None:
    """Let go of what the reports of a run needed, at its end."""
    with _door:
        site = _sites.pop(name, None)
        if site:
            site.close()
        if not _sites:
            server.stop()
