"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Put a file in place in one step, so that a reader sees the old one or the new one.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write(folder / "en" / "brief.html", b"whole")
    >>> [path.name for path in (folder / "en").iterdir()]
    ['brief.html']
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # In the same folder, as a rename is one step only within a file system.
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
