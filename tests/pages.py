"""What is wrong with the pages of a PDF, seen from outside: by where poppler finds its words."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from baaplib.blocks import texts
from baaplib.render import design

POPPLER = shutil.which("pdftotext")
PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
WORD = re.compile(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>')
LINE = re.compile(r"<line .*?</line>", re.DOTALL)
SLANTED = re.compile(r"<text[^>]*rotate\(-?(?:[1-9]|0?\.)[^>]*>([^<]*)</text>")
POINTS = 72 / 25.4
# Points that a letter may hang over, and the part of a word that another may cover.
SLACK, COVERED = 1.5, 0.2
# Chinese marks may hang with their empty half.
HANGING, HALF = tuple("《（“‘【、，。；：》）”’】"), 6


@dataclass(frozen=True)
class Word:
    """A word on a page; points from the top left corner."""

    page: int
    left: float
    top: float
    right: float
    bottom: float
    text: str


def words(pdf: bytes, folder: Path) -> Iterator[list[Word]]:
    """Yield the words of each page."""
    file = folder / "pages.pdf"
    file.write_bytes(pdf)
    command = [str(POPPLER), "-bbox", str(file), "-"]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    for number, page in enumerate(PAGE.findall(told), 1):
        yield [
            Word(number, *map(float, found[:4]), unescape(found[4]))
            for found in WORD.findall(page[2])
            if found[4].strip()
        ]


def faults(pdf: bytes, folder: Path, slanted: str = "") -> list[str]:
    """Say which words hang over the margins and which lie upon each other.

    The boxes of slanted words overlap though the words do not: `slanted` names these.
    """
    side = design.TOKENS["sheet"]["side"] * POINTS
    width = 210 * POINTS
    found = []
    for page in words(pdf, folder):
        found += [
            f"page {word.page}: {word.text!r} hangs over the margin"
            for word in page
            if word.left < side - _slack(word.text[0])
            or word.right > width - side + _slack(word.text[-1])
        ]
        found += [
            f"page {one.page}: {one.text!r} and {other.text!r} lie upon each other"
            for one, other in combinations(_standing(page), 2)
            if not (one.text in slanted and other.text in slanted)
            and other.top < one.bottom
            and _covered(one, other) > COVERED
        ]
    return found


def split_numbers(pdf: bytes, folder: Path, made: dict[str, Any]) -> list[str]:
    """Say which numbers of a document go on in the next line.

    A line may end with one number and the next begin with another: it is one number only if the
    document writes them together.
    """
    file = folder / "pages.pdf"
    file.write_bytes(pdf)
    command = [str(POPPLER), "-bbox-layout", str(file), "-"]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    said = "\n".join("".join(text.split()) for text in texts(made))
    found = []
    for number, page in enumerate(PAGE.findall(told), 1):
        for block in page[2].split("<block ")[1:]:
            lines = [
                "".join(unescape(word[4]) for word in WORD.findall(line))
                for line in LINE.findall(block)
            ]
            found += [
                f"page {number}: a number is split between {one[-14:]!r} and {other[:14]!r}"
                for one, other in pairwise(line for line in lines if line)
                if one[-1].isdigit()
                and other[0].isdigit()
                and not (seam := one[-6:] + other[:6]).isdigit()
                and len(seam) > 4
                and seam in said
            ]
    return found


def slanted(made: dict[str, Any]) -> str:
    """Return the slanted labels in the charts of a document."""
    charts = "".join(block["svg"] for block in made["blocks"] if block["type"] == "chart")
    return " ".join(SLANTED.findall(charts))


def _standing(page: list[Word]) -> list[Word]:
    """Return words from top to bottom, without marks that stand in the empty half of another."""
    return sorted((word for word in page if word.text[0] not in HANGING), key=lambda w: w.top)


def _slack(letter: str) -> float:
    return HALF if letter in HANGING else SLACK


def _covered(one: Word, other: Word) -> float:
    """Return how much of the smaller word lies under the other; lines may touch."""
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    if wide <= 0 or high <= 0:
        return 0
    return wide * high / min(_area(one), _area(other))


def _area(word: Word) -> float:
    return max(1e-6, (word.right - word.left) * (word.bottom - word.top))
