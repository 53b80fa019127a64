"""Tiny notebooks, one for each way to fail, and renderers that need nothing of the project.

They are built here and not kept as files, as a file with a syntax error would stop every linter.
"""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from baaplib.blocks import texts

PARAMETERS = """\
edition: str = "2022-12"  # reporting edition
region: str = "ALL"  # region = where
language: str = "en"  # language of the report
"""

# What a notebook says before its own code: a cover, and how to show a text of the tables.
SHOW = """\
from IPython.display import display
def show(block):
    display({'application/vnd.baap.block+json': block, 'text/plain': ''}, raw=True)
def say(text, **more):
    show(dict(type='paragraph', runs=[dict(text=text, data=True)], **more))
about = dict(region=region, region_name='Africa', country='')
show(dict(type='cover', language=language, title='Africa', standing='S', subtitle='A', facts=[],
          notices=[], identifier=f'{edition}/{region}', date='2022-12-31', about=about))
"""

# A text and claims, so that files, ledger and index differ where WORD and COUNT do.
TOLD = """\
claim = dict(text='COUNT', says='activities', measure='activities',
             scope=[f'region={region}'], population='', place=[], window=['', ''],
             cumulative=False, low=COUNT, high=COUNT, bound='exact', whole=None, figures=[],
             activities=['A'], paragraphs=[COUNT])
claims = [dict(claim, id=f'c{number}') for number in range(COUNT)]
say(f'{region} {language} WORD', claims=claims)
"""

# Code of the third cell, after a title and the parameters.
CODE = {
    "good": "say(f'{region} {language}')",
    "raises": "raise KeyError('no such table')",
    "syntax": "x = = 1",
    "loop": "while True:\n    pass",
    "exits": "import sys\nsys.exit(0)",
    "dies": "import os\nos._exit(1)",
    "warns": "import warnings\nwarnings.warn('careful')",
    "bare": "42",
    "logs": "import logging\nlogging.getLogger('IPKernelApp').warning('odd')\nsay('good')",
    "sleeps": "import os, time\nopen(os.environ['STARTED'], 'w').close()\ntime.sleep(300)",
    "kernel": (
        "import os, sys, ipykernel, matplotlib\n"
        "transport = ipykernel.get_connection_info(unpack=True)['transport']\n"
        "hashed = os.environ['PYTHONHASHSEED']\n"
        "say(f'{sys.executable} {matplotlib.get_backend()} {hashed} {transport}')\n"
        'say(f\'{os.environ["BAAP_DATA"]} {os.listdir(".")}\')\n'
        "import baaplib"
    ),
}


def write(
    folder: Path, name: str, *, parameters: str | None = PARAMETERS, code: str | None = None
) -> Path:
    """Write one of the notebooks, followed by a cell that tells whether the end was reached."""
    cells = [new_markdown_cell("# A report")]
    if parameters is not None:
        cells.append(new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    cells += [new_code_cell(SHOW + (code or CODE[name])), new_code_cell("say('the end')")]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    path = folder / f"{name}.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def plain(made):
    """Return what a document says, in no format at all."""
    return "".join(f"{text}\n" for block in made["blocks"] for text in texts(block))


def paper(made):
    """Return the same in capitals, so that two formats differ."""
    return plain(made).upper()


def refuse(made):
    """Always find something."""
    raise ValueError("cell 3 shows a bare value")
