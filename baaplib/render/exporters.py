"""The exporters of nbconvert, for those who render one notebook by hand; a batch does without."""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import Exporter

from baaplib.render import html, pdf
from baaplib.render.document import document


class HTMLExporter(Exporter):
    """nbconvert exporter `report_html`.

    Raises
    ------
    ValueError
        What `baaplib.render.document.document` refuses.
    """

    output_mimetype = "text/html"
    export_from_notebook = "Report (HTML)"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]  # a page is no notebook
        self, nb: Any, resources: Any = None, **kw: Any
    ) -> tuple[str, Any]:
        """Return the page and the resources that nbconvert passes around."""
        notebook, resources = super().from_notebook_node(nb, resources, **kw)
        return html.page(document(notebook)), resources


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
        return pdf.pages(document(notebook)), resources
