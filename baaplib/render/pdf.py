"""Notebook to PDF through Typst: tagged, archivable, and the same bytes on every run."""

from __future__ import annotations

import io
import itertools
import json
import re
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import pikepdf
import typst

from baaplib.blocks import abreast, texts
from baaplib.render import design, fonts

TEMPLATES = files("baaplib.render").joinpath("templates")
# What stands where, and how it looks.
REPORT, BLOCKS = (TEMPLATES.joinpath(f"{name}.typ").read_bytes() for name in ("report", "blocks"))
STANDARDS = ["ua-1", "a-2a"]
# What the template has rules for, which take time also where there is nothing to find.
PATTERNS = {
    "han": re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"),
    "long": re.compile(r"\S{24}"),
    "thousands": re.compile("\u202f"),
}


def pages(made: dict[str, Any]) -> bytes:
    """Write a document as a PDF/UA-1 and PDF/A-2a file.

    Parameters
    ----------
    made : dict
        What `baaplib.render.document.document` returns.

    Raises
    ------
    ValueError
        If Typst warns, for example because a font or a glyph is missing.
    typst.TypstError
        If the document breaks one of the two standards, if a table is too wide for paper, or if a
        heading stands alone at the foot of a page.
    """
    numbers = itertools.count()
    rows = [[next(numbers) for _ in row] for row in abreast(made["blocks"])]
    report = {name: made[name] for name in ("title", "kind", "cover", "blocks", "closing")}
    # The content is data that the template reads, never source: no text can be taken for markup.
    inputs = {
        "main": REPORT,
        "blocks.typ": BLOCKS,
        "report.json": json.dumps(report | {"rows": rows}).encode(),
        "settings.json": json.dumps(_settings(made)).encode(),
        "tokens.toml": design.SOURCE,
    }
    moment = datetime.fromisoformat(made["cover"]["date"]).replace(tzinfo=UTC)
    pdf, warnings = typst.compile_with_warnings(  # type: ignore[call-overload]  # its stub forgets dicts
        inputs,
        font_paths=_fonts(),
        pdf_standards=STANDARDS,
        timestamp=int(moment.timestamp()),
    )
    if warnings:
        raise ValueError("Typst warns: " + "; ".join(str(warning) for warning in warnings))
    return _packed(bytes(pdf))


def _settings(made: dict[str, Any]) -> dict[str, Any]:
    """Return what most reports of a language share, so that they can share pieces of pages, too."""
    words = list(texts(made))
    return {
        "families": fonts.FAMILIES,
        "holds": {name: any(map(pattern.search, words)) for name, pattern in PATTERNS.items()},
        "labels": made["labels"],
        "language": made["language"],
        "marks": fonts.SHARED_MARKS.get(made["language"], ""),
        "tag": made["tag"],
    }


@cache
def _fonts() -> typst.Fonts:
    folders: list[Any] = [str(folder) for folder in fonts.folders()]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def _packed(pdf: bytes) -> bytes:
    """Pack the objects of a PDF into streams, as PDF/A-2 allows: the tags of a page are many.

    A brief weighs less than half of what Typst writes.
    """
    packed = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        # What it would be without it, too; poppler takes it for an error.
        del opened.Root.MarkInfo.Suspects
        opened.save(
            packed,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
            deterministic_id=True,
        )
    return packed.getvalue()
