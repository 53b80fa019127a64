"""What a curator decided about two rows, and whether the rows are still those that were judged.

A verdict names two figures (`overlaps`) or two activities (`same_activities`) and carries the
fingerprint of both rows. Once one of them changes, the verdict is void until it is read again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from baaplib import tables
from baaplib.tables import Problem

# Table of verdicts: the table it is about, the column of its key, and those of the two rows.
ABOUT = {
    "overlaps": ("figures", "figure_id"),
    "same_activities": ("activities", "activity_id"),
}


def fingerprint(one: Mapping[str, str], other: Mapping[str, str]) -> str:
    """Return the fingerprint of two rows, each given as the texts of its cells.

    Examples
    --------
    >>> a, b = {"value": "63"}, {"value": "120"}
    >>> fingerprint(a, b), fingerprint(a, b | {"value": "121"})
    ('80647807', '7d628dca')
    """
    cells = [cell for row in (one, other) for cell in row.values()]
    return hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:8]


def in_force(edition: str, table: str = "overlaps") -> pd.DataFrame:
    """Return the verdicts of an edition whose rows are still those that were judged.

    Parameters
    ----------
    edition : str
        Reporting edition.
    table : str
        `overlaps` or `same_activities`.
    """
    verdicts, rows = tables.texts(table, edition), tables.texts(ABOUT[table][0], edition)
    return verdicts[verdicts["fingerprint"] == due(table, verdicts, rows)]


def due(table: str, verdicts: pd.DataFrame, rows: pd.DataFrame) -> pd.Series[str]:
    """Return the fingerprint each verdict needs; empty where a row does not exist."""
    key = ABOUT[table][1]
    judged = rows[rows[key].isin([*verdicts.iloc[:, 0], *verdicts.iloc[:, 1]])]
    records: list[dict[Any, str]] = judged.to_dict("records")
    known = {row[key]: row for row in records}
    pairs = zip(verdicts.iloc[:, 0], verdicts.iloc[:, 1], strict=True)
    found = [fingerprint(known[a], known[b]) if a in known and b in known else "" for a, b in pairs]
    return pd.Series(found, index=verdicts.index, dtype=str)


def void(raw: Mapping[str, pd.DataFrame], paths: Mapping[str, str]) -> Iterator[Problem]:
    """Ask for another reading of each verdict whose rows have changed."""
    for table, (about, _) in ABOUT.items():
        needed = due(table, raw[table], raw[about])
        first, second = raw[table].columns[:2]
        same = raw[table][first] == raw[table][second]
        wrong = same | ((needed != "") & (raw[table]["fingerprint"] != needed))
        for (index, row), fits in zip(raw[table][wrong].iterrows(), needed[wrong], strict=True):
            pair = (row[first], row[second])
            place = (paths[table], int(str(index)) + 2)
            if pair[0] == pair[1]:
                yield Problem(*place, second, pair[1], "is judged against itself")
            else:
                message = (
                    f"is void: {pair[0]} or {pair[1]} has changed since it was judged; read both "
                    f"again, then write {fits} here, or remove the row"
                )
                yield Problem(*place, "fingerprint", row["fingerprint"], message)
