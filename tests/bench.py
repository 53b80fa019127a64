"""`make bench`: the six regional briefs as this project builds them, and as a shell loop would.

The loop is what a user would do otherwise: the `papermill` command, then `jupyter nbconvert`, for
one report after the other. Both run the same notebook to HTML; the ratio is printed, not asserted.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
NOTEBOOK = ROOT / "notebooks" / "regional_brief.ipynb"
REGIONS = ("AFR", "AMS", "ARB", "ASP", "CIS", "EUR")


def batch(folder: Path) -> None:
    words = ["run", "regional-brief", "--language", "en", "--format", "html"]
    call([BIN / "baap", *words], BAAP_REPORTS=str(folder))


def loop(folder: Path) -> None:
    for region in REGIONS:
        executed = folder / f"{region}.ipynb"
        call([BIN / "papermill", "-p", "region", region, NOTEBOOK, executed])
        call([BIN / "jupyter", "nbconvert", "--to", "baap-html", executed])


def call(words: list[str | Path], **variables: str) -> None:
    result = subprocess.run(words, env=os.environ | variables, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{words}: {result.stdout}{result.stderr}")


def seconds(way: Callable[[Path], None]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        way(Path(folder))
        return time.perf_counter() - start


def main() -> None:
    ours, theirs = seconds(batch), seconds(loop)
    print(f"six briefs, HTML: baap run {ours:.1f} s; papermill and nbconvert loop {theirs:.1f} s")
    print(f"the loop takes {theirs / ours:.1f} times as long")


if __name__ == "__main__":
    main()
