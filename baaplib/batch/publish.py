"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Names of files that are being written, beside the one they will be.
PART = ".{name}.part"


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
            path.parent.mkdir(parents=True, exist_ok=True)
            # In the same folder, as a rename is one step only within a file system.
            waiting[path] = path.with_name(PART.format(name=path.name))
            with waiting[path].open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        yield waiting
    finally:
        for part in waiting.values():
            part.unlink(missing_ok=True)


def place(waiting: dict[Path, Path]) -> None:
    """Give files the names they were written for."""
    for path, part in waiting.items():
        part.replace(path)


def sweep(folder: Path) -> None:
    """Remove what a killed run left half written."""
    for part in folder.rglob(PART.format(name="*")):
        part.unlink(missing_ok=True)
