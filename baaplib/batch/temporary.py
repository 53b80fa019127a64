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
        while True:
            name = held.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX))
            lock = FileLock(Path(name) / LOCK, thread_local=False)
            # Another process that sweeps just now may have taken it for abandoned.
            with contextlib.suppress(Timeout):
                held.enter_context(lock.acquire(timeout=0))
                break
        yield Path(name)


def sweep() -> None:
    """Remove the folders whose process has ended: the system lets go of its lock."""
    for place in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        lock = place / LOCK
        # Without a lock it is only just being made; where we may not look, it is not ours.
        with contextlib.suppress(OSError, Timeout):
            if lock.exists():
                with FileLock(lock).acquire(timeout=0):
                    shutil.rmtree(place, ignore_errors=True)
