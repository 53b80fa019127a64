"""What a run has done so far: a line for each report, written before its files are put in place.

A record is `manifest.json`, which only the end of a run replaces, and beside it, while a run goes
on or after it was cut, `journal.jsonl`: a whole line supersedes what the manifest says of its
report.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

NAME = "journal.jsonl"


def append(path: Path, line: dict[str, Any]) -> None:
    """Add a line, on the disk when this returns; one that cannot be written leaves no trace.

    Raises
    ------
    OSError
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / NAME
    >>> append(path, {"key": "en/brief-AFR"})
    >>> read(path)
    [{'key': 'en/brief-AFR'}]
    """
    content = json.dumps(line, ensure_ascii=False).encode() + b"\n"
    with path.open("ab") as file:
        whole = file.tell()
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            # Half a line would hide those after it.
            os.truncate(path, whole)
            raise


def mend(path: Path) -> None:
    """Cut off a last line that is not whole, as the next one would be added to it."""
    if path.exists():
        os.truncate(path, path.read_bytes().rfind(b"\n") + 1)


def read(path: Path) -> list[dict[str, Any]]:
    """Return the whole lines; the run may have been cut in the middle of the last one."""
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")
    return [json.loads(line) for line in lines[:-1]]
