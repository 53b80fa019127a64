"""Every page of a folder of reports, which BAAP_PUBLISHED names, in a real browser.

What `test_browser` does with some of each kind, for all that a run has published:
`BAAP_PUBLISHED=reports pytest tests/browser/test_published.py`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from test_browser import ASKED, SCREENS, axe, browser, pytestmark, visit

__all__ = ["browser", "pytestmark"]

FOLDER = os.environ.get("BAAP_PUBLISHED", "")
PAGES = sorted(Path(FOLDER).absolute().rglob("*.html")) if FOLDER else []
# What the width of a screen and its colours change; all else is the same on each.
SEEN = ["color-contrast", "target-size"]
LARGEST = 500_000


@pytest.mark.skipif(not FOLDER, reason="BAAP_PUBLISHED names no folder of reports")
def test_there_are_pages() -> None:
    assert PAGES, f"no page in {FOLDER}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_page_serves_everybody(path: Path, browser: Any) -> None:
    """It asks nobody, breaks no policy, fits each screen, is light, and axe finds nothing."""
    if not path.name.startswith("index"):
        files = [file for file in (path, path.with_suffix(".pdf")) if file.exists()]
        assert [file.name for file in files if file.stat().st_size >= LARGEST] == []
    for width, scheme in SCREENS:
        page, told = visit(browser, path, width, scheme)
        assert told == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        first = (width, scheme) == SCREENS[0]
        asked = ASKED if first else ASKED | {"runOnly": {"type": "rule", "values": SEEN}}
        found = axe.Axe().run(page, options=asked).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
        page.context.close()
