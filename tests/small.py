"""What the tests of the measures share: small editions from words, rows as words, the raw files."""

from __future__ import annotations

import csv
import shutil
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from baaplib import measures, tables
from baaplib.claims import Claim
from baaplib.i18n import language

DATA = Path(__file__).parent.parent / "data"


def frame(text):
    """Read blank-separated words; `-` is nothing."""
    header, *body = [line.split() for line in text.strip().splitlines()]
    rows = [[None if cell == "-" else cell for cell in line] for line in body]
    return pd.DataFrame(rows, columns=header)


def parts(cell):
    """Read the parts of a list; nothing has none."""
    return tuple(cell.split(";")) if isinstance(cell, str) else ()


def said(cell):
    """Return what a claim says; anything else as it is."""
    return cell.text(language("en")) if isinstance(cell, Claim) else cell


def listed(rows, *columns):
    """Return rows as tuples: claims as what they say, nothing as None."""
    values = rows[list(columns)].astype(object)
    values = values.where(values.notna(), None)
    return [tuple(map(said, row)) for row in values.to_numpy()]


@cache
def raw(table):
    """Return the rows of a table's file, with nothing of baaplib."""
    path = DATA / "editions" / "2022-12" / f"{table}.csv"
    path = path if path.exists() else DATA / "reference" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(factory, write, texts):
    """Return the edition of a copy of the data whose tables `texts` replaces."""
    data = factory.mktemp("small") / "data"
    shutil.copytree(DATA, data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BAAP_DATA", str(data))
        for table, text in texts.items():
            where = "reference" if tables.is_reference(table) else "editions/2022-12"
            write(data / where, table, text)
        return measures.edition("2022-12")
