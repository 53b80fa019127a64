"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

# Names of files that are being written, beside the one they will be.
PART = ".{name}.part"
# What to do where a disk refuses, by what it says.
ADVICE = {
    errno.ENOSPC: "make room",
    errno.EDQUOT: "make room",
    errno.EROFS: "make it writable",
    errno.EACCES: "make it writable",
    errno.EPERM: "make it writable",
}


def write(path: Path, content: bytes) -> None:
    """Put a file in place in one step, so that a reader sees the old one or the new one.

    Raises
    ------
    OSError
        If it cannot be written; the old one stays.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write(folder / "en" / "brief.html", b"whole")
    >>> [path.name for path in (folder / "en").iterdir()]
    ['brief.html']
    """
    with parts({path: content}) as waiting:
        place(waiting)


@contextmanager
def parts(files: dict[Path, bytes]) -> Iterator[dict[Path, Path]]:
    """Write files beside where they will be, on the disk; those not put in place are removed.

    Yields
    ------
    dict
        From the path a file will have to the one it has; for `place`.
    """
    waiting = {}
    try:
        for path, content in files.items():
            # In the same folder, as a rename is one step only within a file system.
            waiting[path] = path.with_name(PART.format(name=path.name))
            with said(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                with FileIO(waiting[path], "w") as file:
                    put(file, content)
        yield waiting
    finally:
        for part in waiting.values():
            part.unlink(missing_ok=True)


def place(waiting: dict[Path, Path]) -> None:
    """Give files the names they were written for."""
    for path, part in waiting.items():
        with said(path):
            part.replace(path)


def put(file: FileIO, content: bytes) -> None:
    """Write bytes onto the disk; the system may take them in several parts."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]
    os.fsync(file.fileno())


@contextmanager
def said(path: Path) -> Iterator[None]:
    """Say of what the system refuses which file it is about, and what to do next."""
    try:
        yield
    except OSError as error:
        advice = ADVICE.get(error.errno or 0, "look at its disk")
        why = error.strerror or error
        message = f"{path}: cannot be written ({why}); {advice} and run again"
        raise OSError(message) from None


def sweep(folder: Path) -> None:
    """Remove what a killed run left half written."""
    for part in folder.rglob(PART.format(name="*")):
        part.unlink(missing_ok=True)
