"""Tiny notebooks, one for each way to fail, and an exporter that needs nothing of the project.

They are built here and not kept as files, as a file with a syntax error would stop every linter.
"""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

PARAMETERS = """\
edition: str = "2022-12"  # reporting edition
region: str = "ALL"  # region = where
language: str = "en"  # language of the report
"""

# Code of the third cell, after a title and the parameters.
CODE = {
    "good": "print(region, language)",
    "raises": "raise KeyError('no such table')",
    "syntax": "x = = 1",
    "loop": "while True:\n    pass",
    "exits": "import sys\nsys.exit(0)",
    "dies": "import os\nos._exit(1)",
    "warns": "import warnings\nwarnings.warn('careful')",
    "bare": "42",
    "sleeps": "import os, time\nopen(os.environ['STARTED'], 'w').close()\ntime.sleep(300)",
    "block": (
        "from IPython.display import display\n"
        "cover = dict(type='cover', language=language, title='Africa', standing='S',\n"
        "             subtitle='A test', facts=[], notices=[],\n"
        "             identifier=f'{edition}/{region}', date='2022-12-31')\n"
        "display({'application/vnd.baap.block+json': cover, 'text/plain': 'cover'}, raw=True)"
    ),
    "kernel": (
        "import os, sys, ipykernel, matplotlib\n"
        "transport = ipykernel.get_connection_info(unpack=True)['transport']\n"
        "print(sys.executable, matplotlib.get_backend(), os.environ['PYTHONHASHSEED'], transport)\n"
        "print(os.environ['BAAP_DATA'], os.listdir('.'))\n"
        "import baaplib"
    ),
}


def write(folder: Path, name: str, *, parameters: str | None = PARAMETERS) -> Path:
    """Write one of the notebooks, followed by a cell that tells whether the end was reached."""
    cells = [new_markdown_cell("# A report")]
    if parameters is not None:
        cells.append(new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    end = "" if name == "block" else "print('the end')"
    cells += [new_code_cell(CODE[name]), new_code_cell(end)]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    path = folder / f"{name}.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


class PlainExporter:
    """What a notebook printed, in no format at all."""

    def from_notebook_node(self, notebook):
        """Return the text, and no resources."""
        texts = [
            output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])
        ]
        return "".join(texts), {}


class RefusingExporter(PlainExporter):
    """An exporter that always finds something."""

    def from_notebook_node(self, notebook):
        """Refuse."""
        raise ValueError("cell 3 shows a bare value")
