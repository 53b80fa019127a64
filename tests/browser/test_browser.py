"""A report in a real browser: the policy blocks nothing it needs, and the page asks nobody."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import papermill
import pytest

from baaplib.render.html import HTMLExporter

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--enable-logging=stderr",
]
OWN = "not an origin"
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "regional_brief.ipynb"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="needs chromium; apt install chromium"),
]


def visit(page: Path, folder: Path) -> tuple[str, list[str]]:
    """Open a page; return what the browser's console said and the addresses it asked for."""
    log = folder / "net.json"
    words = [f"--user-data-dir={folder / 'profile'}", f"--log-net-log={log}", "--dump-dom"]
    done = subprocess.run(
        [str(CHROMIUM), *FLAGS, *words, page.as_uri()], capture_output=True, text=True, timeout=120
    )
    console = "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)
    events = json.loads(log.read_text())["events"]
    asked = [event.get("params", {}) for event in events]
    # Requests of the browser itself (updates, time) have no origin; those of a page have one.
    pages = [params for params in asked if params.get("initiator", OWN) != OWN]
    remote = {params["url"] for params in pages if not params["url"].startswith(("file:", "data:"))}
    return console, sorted(remote)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    notebook = papermill.execute_notebook(
        str(NOTEBOOK), None, parameters={"region": "ASP", "language": "zh"}, progress_bar=False
    )
    return HTMLExporter().from_notebook_node(notebook)[0]


def test_a_report_asks_nobody_and_breaks_no_policy(report: str, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(report, encoding="utf-8")
    assert visit(page, tmp_path) == ("", [])


def test_the_browser_would_tell(report: str, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    image = '<img src="http://127.0.0.1:9/planted.png" alt="planted">'
    page.write_text(report.replace("</main>", f"{image}</main>"), encoding="utf-8")
    console, _ = visit(page, tmp_path)
    assert "planted.png" in console
    page.write_text(f"<!doctype html><title>x</title>{image}", encoding="utf-8")
    assert visit(page, tmp_path)[1] == ["http://127.0.0.1:9/planted.png"]
