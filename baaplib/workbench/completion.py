"""What Tab offers between quotation marks: names of tables, editions, areas, regions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from IPython.core.completer import SimpleCompletion, context_matcher

from baaplib import i18n, tables

# What is being typed, up to the cursor: the last argument may have begun with a quotation mark.
OPEN = r"\(\s*(?:[^()]*,\s*)?"
TYPED = r"(?P<mark>[\"']?)(?P<word>[\w-]*)$"
LOAD = r"\b(?:load|texts|schema|describe)\(\s*"


def _column(table: str, column: str) -> Callable[[], Iterable[str]]:
    return lambda: tables.load(table)[column].astype(str)


# Where a word is asked for, and which words there are.
OFFERS: list[tuple[re.Pattern[str], Callable[[], Iterable[str]]]] = [
    (re.compile(LOAD + TYPED), tables.names),
    (re.compile(LOAD + r"[\"']\w+[\"'],\s*(?:edition\s*=\s*)?" + TYPED), tables.editions),
    (re.compile(r"\bBrief\(\s*" + TYPED), tables.editions),
    (re.compile(r"\brestrict" + OPEN + r"area\s*=\s*" + TYPED), _column("themes", "theme")),
    (re.compile(r"^\s*edition\s*(?::\s*str)?\s*=\s*" + TYPED), tables.editions),
    (
        re.compile(r"^\s*region\s*(?::\s*str)?\s*=\s*" + TYPED),
        lambda: ["ALL", *_column("regions", "region")()],
    ),
    (re.compile(r"^\s*country\s*(?::\s*str)?\s*=\s*" + TYPED), _column("countries", "iso3")),
    (re.compile(r"^\s*language\s*(?::\s*str)?\s*=\s*" + TYPED), i18n.languages),
]


def words(line: str) -> list[str]:
    """Return what could be typed at the end of a line, as it would be written there.

    Examples
    --------
    >>> words('load("activity_c')
    ['activity_countries']
    >>> words("load(")[:1]
    ['"editions"']
    >>> words('region: str = "A')
    ['ALL', 'AFR', 'AMS', 'ARB', 'ASP']
    >>> words("frame = 1")
    []
    """
    for pattern, offered in OFFERS:
        if found := pattern.search(line):
            mark = "" if found["mark"] else '"'
            return [f"{mark}{word}{mark}" for word in offered() if word.startswith(found["word"])]
    return []


@context_matcher()  # type: ignore[untyped-decorator]
def matcher(context: Any) -> dict[str, Any]:
    """Offer names to IPython's completer; where there are any, nothing else is meant."""
    found = words(context.line_with_cursor[: context.cursor_position])
    return {
        "completions": [SimpleCompletion(text=word, type="name") for word in found],
        "suppress": bool(found),
    }
