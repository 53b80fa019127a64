"""Temporary folders that do not outlive a run: what one that was killed left goes with the next."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

# The path stays short, as that of a socket has to be.
PREFIX = "baap-"
# Nobody else calls a file so: whatever holds one may be removed.
LOCK = ".baap-temporary"


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Make a folder for as long as the block lasts; first those of killed processes are removed.

    Examples
    --------
    >>> with folder() as made:
    ...     made.is_dir()
    True
    >>> made.exists()
    False
    """
    sweep()
    with contextlib.ExitStack() as held:
        place, taken = Path(), False
        while not taken:
            place = Path(tempfile.mkdtemp(prefix=PREFIX))
            # Another process that sweeps just now may take it for abandoned, and removes it.
            with contextlib.suppress(Timeout):
                held.enter_context(FileLock(place / LOCK, thread_local=False).acquire(timeout=0))
                taken = True
        held.callback(_remove, place)
        yield place


def sweep() -> None:
    """Remove the folders whose process has ended: the system lets go of its lock."""
    for place in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        lock = place / LOCK
        # Without a lock it is only just being made; where we may not look, it is not ours.
        with contextlib.suppress(OSError, Timeout):
            if lock.exists():
                with FileLock(lock).acquire(timeout=0):
                    _remove(place)


def _remove(place: Path) -> None:
    """Remove a folder whose lock we hold; the lock goes last, that the next run finds what is left.

    Something may be: a kernel that does not know yet that it is alone may still write there.
    """
    for part in place.glob("*"):  # nothing, should somebody have removed it already
        if part.is_dir() and not part.is_symlink():
            shutil.rmtree(part, ignore_errors=True)
        elif part.name != LOCK:
            with contextlib.suppress(OSError):
                part.unlink()
    if [part.name for part in place.glob("*")] == [LOCK]:
        shutil.rmtree(place, ignore_errors=True)
