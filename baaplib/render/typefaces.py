"""Where the fonts lie that travel with the package; cheap to import."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import fontpkg_noto_sans
import pylopdf_fonts_zh_cn

# Matplotlib brings DejaVu; its own paths would take its import.
MATPLOTLIB = Path(str(getattr(find_spec("matplotlib"), "origin", ""))).parent
# Family, style and file, in the order in which a character looks for its glyph. The last has what a
# name or title may hold in other scripts, and symbols.
LATIN, HAN, OTHER = "Noto Sans", "Noto Sans SC", "DejaVu Sans"
FILES = {
    (LATIN, "normal"): fontpkg_noto_sans.ROOT / "files" / "NotoSans[wdth,wght].ttf",
    (LATIN, "italic"): fontpkg_noto_sans.ROOT / "files" / "NotoSans-Italic[wdth,wght].ttf",
    (HAN, "normal"): pylopdf_fonts_zh_cn.sans_path(),
    (OTHER, "normal"): MATPLOTLIB / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf",
}
# The packages that bring them.
PACKAGES = {LATIN: "fontpkg-noto-sans", HAN: "pylopdf-fonts-zh-cn", OTHER: "matplotlib"}
