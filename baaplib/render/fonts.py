"""The fonts that travel with the package: where they are, what they can write, subsets for HTML."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import fontpkg_noto_sans
import pylopdf_fonts_zh_cn
from fontTools import subset as subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

# Family, style and file, in the order in which a character looks for its glyph.
LATIN, HAN = "Noto Sans", "Noto Sans SC"
FILES = {
    (LATIN, "normal"): fontpkg_noto_sans.ROOT / "files" / "NotoSans[wdth,wght].ttf",
    (LATIN, "italic"): fontpkg_noto_sans.ROOT / "files" / "NotoSans-Italic[wdth,wght].ttf",
    (HAN, "normal"): pylopdf_fonts_zh_cn.sans_path(),
}
FAMILIES = [LATIN, HAN]

# Quotation marks, dashes and dots that Unicode shares between scripts, but that are as wide as an
# ideograph in Chinese: there they come from the Chinese font.
SHARED_MARKS = {"zh": "\u00b7\u2014\u2018\u2019\u201c\u201d\u2025\u2026\u2027"}

# In every Latin subset, so that most reports share one (a subset takes some 0.4 s to make).
BASIC = frozenset(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100), 0x2013, 0x2022, 0x202F]))


def folders() -> list[Path]:
    """Return the folders that hold the font files."""
    return sorted({path.parent for path in FILES.values()})


def missing_glyphs(text: Iterable[str]) -> None:
    """Refuse text that the fonts of the package cannot write.

    Raises
    ------
    ValueError
        Names the characters without a glyph.

    Examples
    --------
    >>> missing_glyphs("Fiji 斐济")
    >>> missing_glyphs("مصر")
    Traceback (most recent call last):
    ValueError: no glyph for 'ر' (U+0631 ARABIC LETTER REH), 'ص' (U+0635 ARABIC LETTER SAD), ...
    """
    missing = sorted(set().union(*map(set, text)) - set().union(*map(_letters, FAMILIES)))
    if missing:
        named = ", ".join(f"{c!r} (U+{ord(c):04X} {unicodedata.name(c, '?')})" for c in missing)
        message = f"no glyph for {named} in {', '.join(FAMILIES)}: rewrite the text or add a font"
        raise ValueError(message)


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
    parts = {LATIN: frozenset(latin | BASIC), HAN: frozenset(used - latin) & _letters(HAN)}
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
    options = subsetter.Options(hinting=False, layout_features=["kern", "mark", "mkmk", "ccmp"])
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


def register_matplotlib() -> None:
    """Let matplotlib draw with the fonts of the package, the same way on every machine."""
    import matplotlib as mpl
    from matplotlib import font_manager

    for path in FILES.values():
        font_manager.fontManager.addfont(path)
    mpl.rcParams["font.family"] = FAMILIES


@cache
def _letters(family: str) -> frozenset[str]:
    font = TTFont(FILES[family, "normal"], lazy=True)
    return frozenset(map(chr, font.getBestCmap()))
