"""What the server of kernels and workers imports before it forks: all that a report needs.

Only what the program itself brings is read here, no tables: those may change while the server runs.
"""

import importlib

from baaplib import blocks
from baaplib.render import fonts

# Some are imported late, inside functions, by those who use them.
MODULES = (
    "baaplib.brief",
    "baaplib.batch.run",
    "baaplib.render.document",
    "baaplib.render.html",
    "baaplib.render.pdf",
    "ipykernel.debugger",
    "ipykernel.kernelapp",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "nbformat",
    "papermill",
    "scipy.optimize",
    "seaborn",
)


def warm() -> None:
    """Import them, and fill what they keep for later."""
    for name in MODULES:
        importlib.import_module(name)
    fonts.register_matplotlib()
    fonts.missing_glyphs("")
    for template in ("report.html.j2", "blocks.html.j2"):
        blocks.environment().get_template(template)


warm()
