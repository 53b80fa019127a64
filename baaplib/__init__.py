"""Curated activity tables of an ITU development report, and what can be said from them."""

import os

# A Jupyter server names the notebook of a kernel it starts, the batch the edition it builds. Named
# in pieces, as what a text names of the library is taken for an input of every report.
if "JPY_SESSION_NAME" in os.environ and "BAAP_EDITION" not in os.environ:
    from IPython import get_ipython

    if shell := get_ipython():
        shell.run_line_magic("load_ext", f"{__name__}.workbench")
