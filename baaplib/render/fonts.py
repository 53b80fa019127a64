"""The fonts that travel with the package: where they are, what they can write, subsets for HTML."""

from __future__ import annotations

import io
import shutil
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uharfbuzz as harfbuzz
from fontTools.ttLib import TTFont

from baaplib.render.typefaces import FILES, HAN, LATIN, OTHER

FAMILIES = [LATIN, HAN, OTHER]

# Quotation marks, dashes and dots that Unicode shares between scripts, but that are as wide as an
# ideograph in Chinese: there they come from the Chinese font.
SHARED_MARKS = {"zh": "\u00b7\u2014\u2018\u2019\u201c\u201d\u2025\u2026\u2027"}

# Categories of Unicode that are drawn, not read: symbols, their modifiers, joiners.
SYMBOLS = ("So", "Sk", "Sm", "Cf", "Mn")

# In every Latin subset, so that most reports share one (to compress one takes the longest).
BASIC = frozenset(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100), 0x2013, 0x2022, 0x202F]))


def folders() -> list[Path]:
    """Return folders that hold the font files."""
    own = {path.parent for (family, _), path in FILES.items() if family != OTHER}
    return [*sorted(own), Path(_alone().name)]


@cache
def _alone() -> TemporaryDirectory[str]:
    """Hold the last font by itself: beside it lie bold and slanted ones that know fewer letters."""
    folder = TemporaryDirectory(prefix="baap-fonts-")
    shutil.copy(FILES[OTHER, "normal"], folder.name)
    return folder


def missing_glyphs(text: Iterable[str]) -> None:
    """Refuse text that the fonts of the package cannot write.

    Raises
    ------
    ValueError
        Names the characters without a glyph.

    Examples
    --------
    >>> missing_glyphs("Fiji 斐济 مصر")
    >>> missing_glyphs("กรุง")
    Traceback (most recent call last):
    ValueError: no glyph for 'ก' (U+0E01 THAI CHARACTER KO KAI), ...
    """
    missing = sorted(set().union(*map(set, text)) - _every_letter())
    if missing:
        named = ", ".join(f"{c!r} (U+{ord(c):04X} {unicodedata.name(c, '?')})" for c in missing)
        message = f"no glyph for {named} in {', '.join(FAMILIES)}: rewrite the text or add a font"
        raise ValueError(message)


def legible(text: str) -> str:
    """Write a text without symbols that no font can draw: each becomes its name in brackets.

    Letters without a glyph stay; `missing_glyphs` refuses them.

    Examples
    --------
    >>> legible("Girls in ICT Day \U0001f389\ufe0f")
    'Girls in ICT Day [party popper]'
    """
    if text.isascii():
        return text
    # It asks for the colours of an emoji.
    text = text.replace("\ufe0f", "")
    unknown = {c for c in set(text) - _every_letter() if unicodedata.category(c) in SYMBOLS}
    return text.translate({ord(c): _named(c) for c in unknown})


def _named(symbol: str) -> str:
    # What only changes the symbol before it, or ties two together, has no name of its own.
    only_changes = unicodedata.category(symbol) in ("Mn", "Cf", "Sk")
    return "" if only_changes else f"[{unicodedata.name(symbol, 'symbol').lower()}]"


def faces(text: Iterable[str], language: str, *, italic: bool) -> list[tuple[str, str, bytes]]:
    """Return the font subsets that a page with this text embeds.

    Parameters
    ----------
    text : iterable of str
    language : str
        Language code; decides which font draws the marks that scripts share.
    italic : bool
        Whether any text is emphasised.

    Returns
    -------
    list of (family, style, woff)
        No character is in two families, so that the order of families in CSS does not matter.
    """
    used = set().union(*map(set, text))
    marks = set(SHARED_MARKS.get(language, ""))
    latin = ((used & _letters(LATIN)) | BASIC) - marks
    han = (used - latin) & _letters(HAN)
    other = (used - latin - han) & _letters(OTHER)
    parts = {LATIN: frozenset(latin), HAN: frozenset(han), OTHER: frozenset(other)}
    return [
        (family, style, subset(family, style, parts[family]))
        for family, style in FILES
        if parts[family] and (style == "normal" or italic)
    ]


# What letters of several parts are put together by, beside what the font itself asks for.
FEATURES = ("kern", "mark", "mkmk", "ccmp", "init", "medi", "fina", "isol", "rlig")
# Tables that only vertical lines and other languages of the same letters need.
NOT_HAN = ("GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx")


@cache
def subset(family: str, style: str, characters: frozenset[str]) -> bytes:
    """Return a WOFF font that holds only these characters; the same bytes on every run.

    WOFF2 would be a twelfth lighter, and take fifty times as long for a Chinese report.
    """
    wanted, whole = harfbuzz.SubsetInput(), _face(family, style)
    wanted.flags = harfbuzz.SubsetFlags.NO_HINTING
    wanted.unicode_set.update(map(ord, characters))
    wanted.layout_feature_tag_set.clear()
    wanted.layout_feature_tag_set.update(map(_tag, FEATURES))
    if family == HAN:
        wanted.drop_table_tag_set.update(map(_tag, NOT_HAN))
    if "wght" in {axis.tag for axis in whole.axis_infos}:
        wanted.pin_axis_location(whole, "wdth", 100)
        wanted.set_axis_range(whole, "wght", 400, 700, 400)
    part = io.BytesIO(wanted.subset(whole).blob.data)
    # Time stamps and boxes stay those of the original font: the same bytes.
    font = TTFont(part, lazy=True, recalcTimestamp=False, recalcBBoxes=False)
    font.flavor = "woff"
    target = io.BytesIO()
    font.save(target)
    return target.getvalue()


@cache
def _face(family: str, style: str) -> Any:
    return harfbuzz.Face(harfbuzz.Blob.from_file_path(str(FILES[family, style])))


def _tag(name: str) -> int:
    return int.from_bytes(name.encode(), "big")


@cache
def register_matplotlib() -> None:
    """Let matplotlib draw with the fonts of the package, the same way on every machine.

    Of fonts that fit alike matplotlib takes the first it knows: those of the machine stand behind.
    """
    from matplotlib.font_manager import fontManager

    others, fontManager.ttflist = fontManager.ttflist, []
    for path in FILES.values():
        fontManager.addfont(path)
    fontManager.ttflist += others


@cache
def _every_letter() -> frozenset[str]:
    return frozenset().union(*map(_letters, FAMILIES))


@cache
def _letters(family: str) -> frozenset[str]:
    return frozenset(map(chr, _face(family, "normal").unicodes))
