"""What a run has done so far: a line for each report, written before its files are put in place.

A record is `manifest.json`, which only the end of a run replaces, and beside it, while a run goes
on or after it was cut, `journal.jsonl`: a whole line supersedes what the manifest says of its
report.
"""

from __future__ import annotations

import json
import os
from io import FileIO
from pathlib import Path
from typing import Any

from baaplib.batch import publish

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
    # A buffer would write once more on closing what it could not write before.
    with publish.said(path), FileIO(path, "a+") as file:
        _mend(file)
        whole = file.tell()
        try:
            publish.put(file, content)
        except BaseException:
            # Half a line, or one that may not last.
            os.truncate(path, whole)
            raise


def read(path: Path) -> list[dict[str, Any]]:
    """Return the whole lines; the run may have been cut in the middle of the last one."""
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")
    return [json.loads(line) for line in lines[:-1]]


def _mend(file: FileIO) -> None:
    """Cut off a last line that is not whole, as the next one would be added to it."""
    end = file.seek(0, os.SEEK_END)
    if end:
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            file.seek(0)
            file.truncate(file.readall().rfind(b"\n") + 1)
            file.seek(0, os.SEEK_END)
