"""The exporters of nbconvert, for those who render one notebook by hand; a batch does without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nbconvert.exporters import Exporter

from baaplib.render import html, pdf
from baaplib.render.document import document


class ReportExporter(Exporter):
    """What both have in common: they render the document of a notebook."""

    render: Callable[[dict[str, Any]], str | bytes]
    extension: str

    def _file_extension_default(self) -> str:
        return self.extension

    def from_notebook_node(  # type: ignore[override]  # a report is no notebook
        self, nb: Any, resources: Any = None, **kw: Any
    ) -> tuple[str | bytes, Any]:
        """Return the report and the resources that nbconvert passes around."""
        notebook, resources = super().from_notebook_node(nb, resources, **kw)
        return self.render(document(notebook)), resources


class HTMLExporter(ReportExporter):
    """nbconvert exporter `report_html`.

    Raises
    ------
    ValueError
        What `baaplib.render.document.document` refuses.
    """

    output_mimetype = "text/html"
    export_from_notebook = "Report (HTML)"
    extension = ".html"
    render = staticmethod(html.page)


class PDFExporter(ReportExporter):
    """nbconvert exporter `report_pdf`.

    Raises
    ------
    ValueError
        What `baaplib.render.document.document` refuses, or what Typst warns about.
    """

    output_mimetype = "application/pdf"
    export_from_notebook = "Report (PDF)"
    extension = ".pdf"
    render = staticmethod(pdf.pages)
