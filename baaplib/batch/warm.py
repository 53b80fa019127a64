"""What the server of kernels and workers imports and reads before it forks: all a report needs."""

import gc
import importlib
import io
import os
import sys
from contextlib import redirect_stdout, suppress

# Some are imported late, inside functions, by those who use them.
MODULES = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "babel.numbers",
    "baaplib.batch.kernels",
    "baaplib.batch.run",
    "baaplib.render.document",
    "baaplib.render.html",
    "baaplib.render.index",
    "baaplib.render.pdf",
    "ipykernel.debugger",
    "ipykernel.kernelapp",
    "faulthandler",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "nbformat",
    "pandas.core.methods.to_dict",
    "papermill",
    "pdb",
    "scipy.optimize",
    "seaborn",
    "tornado.platform.asyncio",
)


# What others do without if it is not there: a debugger, which nobody asks for in a batch, and a
# grammar of addresses that takes a second to build.
UNUSED = ("debugpy", "rfc3987_syntax")


def warm() -> None:
    """Import them, and fill what they keep for later."""
    gc.disable()  # hardly anything of it is garbage
    for name in UNUSED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    for name in MODULES:
        importlib.import_module(name)
    from baaplib import blocks
    from baaplib.render import fonts, typefaces

    fonts.register_matplotlib()
    fonts.missing_glyphs("")
    for template in ("report.html.j2", "blocks.html.j2", "index.html.j2"):
        blocks.environment().get_template(template)
    for marks in ("", *fonts.SHARED_MARKS.values()):
        fonts.subset(typefaces.LATIN, "normal", fonts.BASIC - set(marks))
    for report in os.environ.get("BAAP_WARM", "").split():
        # Whatever is wrong is told in the cell of a notebook that meets it.
        with suppress(Exception), redirect_stdout(io.StringIO()):
            rehearse(*report.split("/"))
    # What is there now stays: forks need neither look through it for garbage, nor copy it by that.
    gc.freeze()
    gc.enable()


def rehearse(edition: str, language: str) -> None:
    """Show to nobody what most reports show: what is read and kept for it is there for them."""
    from baaplib import charts, measures
    from baaplib.brief import Brief

    brief = Brief(edition, language=language)
    brief.cover()
    brief.headlines(measures.activity_count(brief.data))
    brief.chart("Activities by type", charts.bars, measures.by_type(brief.data))
    brief.sources()


warm()
