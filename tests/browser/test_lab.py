"""The workbench in a real browser: JupyterLab opens, runs and checks every notebook.

Each notebook is found by discovery, run as it is, and again for another region or country.
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import desk
import nbformat
import pytest
import yaml

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")

NOTEBOOKS = sorted(path.stem for path in (desk.ROOT / "notebooks").glob("*.ipynb"))
BATCH = yaml.safe_load((desk.ROOT / "notebooks" / "batch.yml").read_text(encoding="utf-8"))
OVER = {entry["notebook"]: entry.get("over", {}) for entry in BATCH["reports"].values()}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not desk.CHROMIUM, reason="needs chromium; apt install chromium"),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk.project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def address(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with desk.server(project, tmp_path_factory.mktemp("home")) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=desk.CHROMIUM, args=desk.FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def asked() -> list[str]:
    """Addresses that the page asks for."""
    return []


@pytest.fixture
def page(browser: Any, asked: list[str], address: str) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, accept_downloads=True)
    opened = context.new_page()
    context.on("request", lambda request: asked.append(request.url))
    yield opened
    context.close()
    desk.end_kernels(address)


def parameters(notebook: str) -> dict[str, str]:
    cells = nbformat.read(desk.ROOT / "notebooks" / f"{notebook}.ipynb", as_version=4).cells
    body = ast.parse(cells[1].source).body
    return {node.target.id: ast.literal_eval(node.value) for node in body}


def other_place(notebook: str) -> tuple[str, str, str]:
    """Return the parameter that says what a report is about, another value, and its name."""
    own = parameters(notebook)
    key = "country" if "country" in own else "region"
    planned = [*OVER.get(notebook, {}).get(key, []), "AFR"]
    code = next(each for each in planned if each not in (own[key], "ALL"))
    table, column = ("countries", "iso3") if key == "country" else ("regions", "region")
    path = desk.ROOT / "data" / "reference" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        name = next(row["name_en"] for row in csv.DictReader(file) if row[column] == code)
    return key, code, name


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_shows_another_region(
    name: str, page: Any, address: str, asked: list[str], project: Path
) -> None:
    notebook = desk.Notebook(page, address, name)
    notebook.run_all()
    assert notebook.errors() == []
    assert notebook.charts() > 0
    last = page.locator(".jp-Notebook .jp-Cell").count()
    assert "Ready to publish" in notebook.shown(last), notebook.shown(last)

    key, code, place = other_place(name)
    source = nbformat.read(project / "notebooks" / f"{name}.ipynb", as_version=4).cells[1].source
    own = parameters(name)[key]
    assert place not in notebook.shown(3).split("\n")[0]
    notebook.type_into(2, source.replace(f'{key}: str = "{own}"', f'{key}: str = "{code}"'))
    notebook.run_all()
    assert notebook.errors() == []
    assert place in notebook.shown(3)
    assert "Ready to publish" in notebook.shown(last), notebook.shown(last)

    outside = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    assert outside == []
    assert [url for url in asked if "/api/news" in url or "/api/update" in url] == []


def test_an_error_is_one_message_and_the_cells_below_wait(page: Any, address: str) -> None:
    notebook = desk.Notebook(page, address, "_template")
    notebook.type_into(5, 'brief.chart("By type", charts.bars, measures.by_typ(data))')
    notebook.run_all()
    cell = notebook.cell(5)
    told = cell.locator("[data-mime-type$='.stderr']").inner_text()
    assert "AttributeError" in told
    assert "Did you mean 'by_type'?" in told
    assert "in line 1 of the cell: brief.chart(" in told
    assert len(told.splitlines()) < 8
    details = cell.locator("details")
    assert details.get_attribute("open") is None
    assert not details.locator("pre").is_visible()
    details.locator("summary").click()
    assert "Traceback (most recent call last)" in details.locator("pre").inner_text()
    assert notebook.shown(7) == ""


def test_the_report_is_one_line_or_one_menu_entry_away(page: Any, address: str) -> None:
    notebook = desk.Notebook(page, address, "cybersecurity")
    notebook.run_all()
    page.keyboard.press("Control+s")
    page.locator(".jp-mod-dirty").wait_for(state="detached")
    wanted = page.context.expect_event("response", lambda each: "/nbconvert/" in each.url)
    with wanted as response:
        notebook.menu("File", "Save and Export Notebook As", "Report_html")
    # What it opens is a download that ends with its tab; asked for again, it can be read.
    text = page.context.request.get(f"{response.value.url}&token={desk.TOKEN}").text()
    assert "Cybersecurity: All regions" in text
    assert "Ready to publish" not in text

    assert "Open cybersecurity-ALL-en.html" in notebook.run(31, "%preview")
    frame = page.frame_locator("iframe[title=Preview]")
    assert frame.locator("h1").first.inner_text() != ""
    assert "Ready to publish" not in frame.locator("body").inner_text()


def test_the_checklist_opens_the_report_in_a_tab(page: Any, address: str) -> None:
    notebook = desk.Notebook(page, address, "_template")
    notebook.run_all()
    page.get_by_text("Open the report as reviewers will see it").click()
    tab = page.locator(".lm-TabBar-tabLabel", has_text="_template-ALL-en.html")
    tab.wait_for()
    shown = page.frame_locator(".jp-HTMLViewer iframe").locator("body")
    assert "Title of the report" in shown.inner_text()


def test_tab_offers_the_names_of_tables(page: Any, address: str) -> None:
    notebook = desk.Notebook(page, address, "_template")
    notebook.run(5, "from baaplib.tables import load")
    notebook.type_into(7, 'load("activity_')
    page.keyboard.press("Tab")
    offered = page.locator(".jp-Completer-item")
    offered.first.wait_for()
    assert [each.strip() for each in offered.locator(".jp-Completer-match").all_inner_texts()] == [
        "activity_countries", "activity_partners", "activity_tags",
    ]  # fmt: skip
