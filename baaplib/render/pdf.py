"""Notebook to PDF through Typst: tagged, archivable, and the same bytes on every run."""

from __future__ import annotations

import io
import itertools
import json
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pikepdf
import typst
from nbconvert.exporters import Exporter

from baaplib.blocks import abreast
from baaplib.render import design, fonts
from baaplib.render.document import document

TEMPLATE = files("baaplib.render").joinpath("templates/report.typ").read_bytes()
STANDARDS = ["ua-1", "a-2a"]


class PDFExporter(Exporter):
    """nbconvert exporter `report_pdf`.

    Raises
    ------
    ValueError
        What `baaplib.render.document.document` refuses, or what Typst warns about.
    """

    output_mimetype = "application/pdf"
    export_from_notebook = "Report (PDF)"

    def _file_extension_default(self) -> str:
        return ".pdf"

    def from_notebook_node(  # type: ignore[override]  # a PDF is no notebook
        self, nb: Any, resources: Any = None, **kw: Any
    ) -> tuple[bytes, Any]:
        """Return the PDF and the resources that nbconvert passes around."""
        notebook, resources = super().from_notebook_node(nb, resources, **kw)
        return pages(document(notebook)), resources


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
    settings: dict[str, Any] = {
        "families": fonts.FAMILIES,
        "marks": fonts.SHARED_MARKS.get(made["language"], ""),
    }
    numbers = itertools.count()
    rows = [[next(numbers) for _ in row] for row in abreast(made["blocks"])]
    settings |= {"rows": rows}
    # The content is data that the template reads, never source: no text can be taken for markup.
    inputs = {
        "main": TEMPLATE,
        "report.json": json.dumps(made | settings).encode(),
        "tokens.toml": design.SOURCE,
    }
    moment = datetime.fromisoformat(made["cover"]["date"]).replace(tzinfo=UTC)
    pdf, warnings = typst.compile_with_warnings(  # type: ignore[call-overload]  # its stub forgets dicts
        inputs,
        font_paths=[str(folder) for folder in fonts.folders()],
        ignore_system_fonts=True,
        pdf_standards=STANDARDS,
        timestamp=int(moment.timestamp()),
    )
    if warnings:
        raise ValueError("Typst warns: " + "; ".join(str(warning) for warning in warnings))
    return _packed(bytes(pdf))


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
            recompress_flate=True,
            deterministic_id=True,
        )
    return packed.getvalue()
