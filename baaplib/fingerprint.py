"""Fingerprints: the same bytes, the same fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

# What something is made of: from the name of a file, package or parameter to its fingerprint.
Bill = Mapping[str, str]


def of(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal digits.

    Examples
    --------
    >>> of(b"figures")[:8]
    'dc2e3999'
    """
    return hashlib.sha256(content).hexdigest()


def files(folder: Path, paths: Iterable[Path]) -> Bill:
    """Return the fingerprint of each file, by its path below a folder.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    return {path.relative_to(folder).as_posix(): of(path.read_bytes()) for path in sorted(paths)}


def digest(bill: Bill) -> str:
    """Return one fingerprint of all; the order in which they are named makes no difference.

    Examples
    --------
    >>> digest({"a": "1", "b": "2"}) == digest({"b": "2", "a": "1"}) != digest({"a": "1"})
    True
    """
    lines = (f"{name}\0{value}\n" for name, value in sorted(bill.items()))
    return of("".join(lines).encode())


def tables(data: Path, edition: str | None = None) -> Bill:
    """Return the fingerprints of the files that reports of an edition read; of all if none given.

    Reports of one edition read no tables of another (`tables.load` refuses it during a run).

    Parameters
    ----------
    data : Path
        Data folder.
    edition : str, optional
        Name of an edition.
    """
    found = {path for suffix in ("csv", "json") for path in data.rglob(f"*.{suffix}")}
    if edition:
        own, every = data / "editions" / edition, data / "editions"
        found = {p for p in found if not p.is_relative_to(every) or p.is_relative_to(own)}
    return files(data, found)


def data_sha256(data: Path, edition: str | None = None) -> str:
    """Return the version of the data that reports of an edition print; one cell changes it."""
    return digest(tables(data, edition))
