"""The tables against the document they were made from.

The text is not ours to store. Name a copy of it in the variable BAAP_SOURCE; without one these
tests skip.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import pytest

from baaplib import tables

SOURCE = os.environ.get("BAAP_SOURCE", "")
# So many Chinese characters in a row are the source's sentence; fewer can be the name of a body.
COPIED = 15

pytestmark = pytest.mark.skipif(
    not SOURCE, reason="BAAP_SOURCE does not name the text of the source document"
)


@pytest.fixture(scope="module")
def content() -> bytes:
    return Path(SOURCE).read_bytes()


@pytest.fixture(scope="module")
def edition(content) -> str:
    editions = tables.load("editions").set_index("source_sha256")["edition"]
    return str(editions[hashlib.sha256(content).hexdigest()])


@pytest.fixture(scope="module")
def lines(content) -> dict[int, str]:
    """The non-empty lines, numbered from 1."""
    lines = [line.strip() for line in content.decode("utf-8").split("\n")]
    return dict(enumerate(filter(None, lines), start=1))


def chinese_runs(text: str) -> set[str]:
    """Return each run of COPIED Chinese characters in a text."""
    return {
        letters[start : start + COPIED]
        for letters in re.findall(r"[\u3400-\u9fff]+", text)
        for start in range(len(letters) - COPIED + 1)
    }


def test_the_source_is_that_of_an_edition(content):
    digest = hashlib.sha256(content).hexdigest()
    assert digest in set(tables.load("editions")["source_sha256"])


def test_paragraphs_are_the_lines_that_are_not_empty(edition, lines):
    stored = tables.load("paragraphs", edition).set_index("paragraph")["sha256"].to_dict()
    assert stored == {
        number: hashlib.sha256(line.encode()).hexdigest() for number, line in lines.items()
    }


def test_each_figure_stands_in_its_paragraph_as_printed(edition, lines):
    figures = tables.load("figures", edition)[["figure_id", "paragraph", "printed"]]
    rows = figures.itertuples(index=False, name=None)
    assert [row for row in rows if row[2] not in lines[row[1]]] == []


def test_each_country_name_occurs_in_the_source(content):
    text = content.decode("utf-8")
    aliases = tables.load("country_aliases")["alias"]
    assert [alias for alias in aliases if alias not in text] == []


def test_titles_and_summaries_copy_no_sentence(edition, lines):
    source = set().union(*map(chinese_runs, lines.values()))
    activities = tables.load("activities", edition).set_index("activity_id")
    copied = {
        f"{activity} {column}": sorted(runs)[0]
        for column in ("title_zh", "summary_zh")
        for activity, text in activities[column].items()
        if (runs := chinese_runs(text) & source)
    }
    assert not copied, "\n".join(f"{place}: {run}" for place, run in sorted(copied.items()))
