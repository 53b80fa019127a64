"""The fonts that travel with the package: where they are, what they can write, subsets for HTML."""

from __future__ import annotations

import io
import shutil
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools import subset as subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from baaplib.render.typefaces import FILES, HAN, LATIN, OTHER

FAMILIES = [LATIN, HAN, OTHER]

# Quotation marks, dashes and dots that Unicode shares between scripts, but that are as wide as an
# ideograph in Chinese: there they come from the Chinese font.
SHARED_MARKS = {"zh": "\u00b7\u2014\u2018\u2019\u201c\u201d\u2025\u2026\u2027"}

# Categories of Unicode that are drawn, not read: symbols, their modifiers, joiners.
SYMBOLS = ("So", "Sk", "Sm", "Cf", "Mn")

# In every Latin subset, so that most reports share one (a subset takes some 0.4 s to make).
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
    list of (family, style, woff2)
        No character is in two families, so that the order of families in CSS does not matter.
    """
    used = set().union(*map(set, text))
    latin = (used & _letters(LATIN)) - set(SHARED_MARKS.get(language, ""))
    han = (used - latin) & _letters(HAN)
    other = (used - latin - han) & _letters(OTHER)
    parts = {LATIN: frozenset(latin | BASIC), HAN: frozenset(han), OTHER: frozenset(other)}
    return [
        (family, style, subset(family, style, parts[family]))
        for family, style in FILES
        if parts[family] and (style == "normal" or italic)
    ]


@cache
def subset(family: str, style: str, characters: frozenset[str]) -> bytes:
    """Return a WOFF2 font that holds only these characters; the same bytes on every run."""
    # Time stamps and boxes stay those of the original font: the same bytes, and twice as fast.
    font = TTFont(FILES[family, style], lazy=True, recalcTimestamp=False, recalcBBoxes=False)
    features = ["kern", "mark", "mkmk", "ccmp", "init", "medi", "fina", "isol", "rlig"]
    options = subsetter.Options(hinting=False, layout_features=features)
    if family == HAN:
        options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx"]
    worker = subsetter.Subsetter(options)
    worker.populate(text="".join(sorted(characters)))
    worker.subset(font)
    if "fvar" in font:
        instancer.instantiateVariableFont(font, {"wdth": 100, "wght": (400, 700)}, inplace=True)
    font.flavor = "woff2"
    target = io.BytesIO()
    font.save(target)
    return target.getvalue()


@cache
def register_matplotlib() -> None:
    """Let matplotlib draw with the fonts of the package, the same way on every machine."""
    from matplotlib import font_manager

    for path in FILES.values():
        font_manager.fontManager.addfont(path)


@cache
def _every_letter() -> frozenset[str]:
    return frozenset().union(*map(_letters, FAMILIES))


@cache
def _letters(family: str) -> frozenset[str]:
    font = TTFont(FILES[family, "normal"], lazy=True)
    return frozenset(map(chr, font.getBestCmap()))
