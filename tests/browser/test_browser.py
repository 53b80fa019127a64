"""Reports and index in a real browser: they ask nobody, break no policy, axe finds nothing.

axe-core's rules of WCAG 2.2 A and AA and its best practices, at the width of a desk and of a phone,
in light and dark, in both languages.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shelves
import test_render
from test_reports import REPORTS as NOTEBOOKS
from test_reports import places, report

from baaplib.batch.ledger import Doubts
from baaplib.batch.shelf import shelf
from baaplib.render import index as index_module
from baaplib.render.document import document
from baaplib.render.html import page as page_of

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Only what is wrong is told, in a fraction of the time.
ASKED = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
# Every notebook, for the most there is in both languages and for the least.
REPORTS = [
    *((notebook, places(notebook)[0], "en") for notebook in NOTEBOOKS),
    *((notebook, places(notebook)[0], "zh") for notebook in NOTEBOOKS),
    *((notebook, places(notebook)[-1], "en") for notebook in NOTEBOOKS),
]
NAMES = ["-".join(each) for each in dict.fromkeys(REPORTS)]
SCREENS = [(1280, "light"), (360, "light"), (1280, "dark")]
INDEXES = ["index.html", "index.zh.html"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="needs chromium; apt install chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        opened = started.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield opened
        opened.close()


class Pages(dict[str, Path]):
    """Reports as files, by name; each is made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __missing__(self, name: str) -> Path:
        made = page_of(report(*name.split("-")))
        path = self[name] = self.folder / f"{name}.html"
        path.write_text(made, encoding="utf-8")
        return path


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    return Pages(tmp_path_factory.mktemp("reports"))


def visit(
    browser: Any, page: Path, width: int = 1280, scheme: str = "light", *, script: bool = True
) -> tuple[Any, list[str]]:
    """Open a page; return it and what it asked for or complained of."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True,
        java_script_enabled=script,
    )  # fmt: skip
    opened, told = context.new_page(), []
    opened.on("request", lambda request: told.append(request.url))
    opened.on("console", lambda message: told.append(message.text))
    opened.on("pageerror", lambda error: told.append(str(error)))
    opened.goto(page.as_uri())
    own = page.as_uri()
    return opened, [text for text in told if text != own and not text.startswith("data:")]


def test_the_browser_would_tell(browser: Any, pages: Pages, tmp_path: Path) -> None:
    image = '<img src="http://127.0.0.1:9/planted.png" alt="planted">'
    page = tmp_path / "report.html"
    page.write_text(
        pages[NAMES[0]].read_text("utf-8").replace("</main>", f"{image}</main>"), "utf-8"
    )
    assert "planted.png" in " ".join(visit(browser, page)[1])
    page.write_text(f"<!doctype html><title>x</title>{image}", "utf-8")
    assert "http://127.0.0.1:9/planted.png" in visit(browser, page)[1]


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
@pytest.mark.parametrize("name", NAMES)
def test_a_report_serves_everybody(
    name: str, width: int, scheme: str, browser: Any, pages: Pages
) -> None:
    """It asks nobody, breaks no policy, fits the screen, and axe finds nothing."""
    page, told = visit(browser, pages[name], width, scheme)
    assert told == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    found = axe.Axe().run(page, options=ASKED).response
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]] == []
    page.context.close()


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page that holds hostile and odd texts wherever a text may stand."""
    page = tmp_path_factory.mktemp("odd") / "odd.html"
    page.write_text(page_of(document(test_render.odd_notebook())), "utf-8")
    return page


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_odd_texts_are_shown_and_not_executed(
    width: int, scheme: str, browser: Any, odd: Path
) -> None:
    page, told = visit(browser, odd, width, scheme)
    page.on("dialog", lambda dialog: told.append(dialog.message))
    page.wait_for_timeout(200)
    assert told == []
    for details in page.query_selector_all("details"):
        details.evaluate("each => { each.open = true }")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shown = "".join(page.locator("body").inner_text().split())
    for text in test_render.ODD.values():
        assert shown.count("".join(text.split())) >= 8, text
    found = axe.Axe().run(page, options=ASKED).response
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]] == []
    page.context.close()


def test_axe_would_tell(browser: Any, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><title>x</title><img src='data:,'>", "utf-8")
    opened, _ = visit(browser, page)
    found = axe.Axe().run(opened).response["violations"]
    assert {"image-alt", "html-has-lang"} <= {violation["id"] for violation in found}


def test_a_table_can_be_sorted_and_saved(browser: Any, pages: Pages) -> None:
    page, _ = visit(browser, pages["regional_brief-ALL-en"])
    table = page.locator("table", has=page.get_by_role("columnheader", name="Countries reached"))
    table = table.first
    before = table.locator("tbody th").all_inner_texts()
    table.get_by_role("button", name="Activities").click()
    numbers = [int(text) for text in table.locator("tbody td:nth-child(2)").all_inner_texts()]
    assert numbers == sorted(numbers)
    assert table.locator("th[aria-sort=ascending]").count() == 1
    assert sorted(table.locator("tbody th").all_inner_texts()) == sorted(before)
    page.locator("figure details summary").first.click()
    with page.expect_download() as saving:
        page.locator("a.save").first.click()
    saved = Path(saving.value.path()).read_text("utf-8-sig").splitlines()
    assert saving.value.suggested_filename.endswith(".csv")
    assert saved[0].split(",") == ["Thematic area", "Number"]
    assert len(saved) == 1 + page.locator("details table").first.locator("tbody tr").count()


def test_a_column_is_sorted_by_what_most_of_its_cells_hold(browser: Any, tmp_path: Path) -> None:
    """Numbers by their size, dates by time, keys as people count, and what says nothing last."""
    cells = [
        ("at least 300", "May to December 2022", "CAP-10"), ("12 of 44", "2021", "CAP-9"),
        ("–", "–", "RDF-1"), ("10\u202f446", "since 2022", "CAP-100"), ("1", "12 June 2022", "–"),
        ("not stated", "3 June 2022", "UNC-2"),
    ]  # fmt: skip
    columns = [{"label": label, "align": "left"} for label in ("Number", "When", "Key")]
    rows = [test_render.row(*each) for each in cells]
    table = test_render.table(rows, "Mixed") | {"columns": columns, "row_header": False}
    path = tmp_path / "page.html"
    path.write_text(page_of(document(test_render.notebook(table))), "utf-8")
    page, _ = visit(browser, path)
    found = {}
    for at, name in enumerate(("Number", "When", "Key"), 1):
        for turn in ("up", "down"):
            page.get_by_role("button", name=name).click()
            found[name, turn] = page.locator(f"tbody td:nth-child({at})").all_inner_texts()
    assert found["Number", "up"] == [
        "1", "12 of 44", "at least 300", "10446", "–", "not stated",
    ]  # fmt: skip
    assert found["Number", "down"][0] == "10446"
    assert set(found["Number", "down"][-2:]) == {"–", "not stated"}
    assert found["When", "up"] == [
        "2021", "since 2022", "May to December 2022", "3 June 2022", "12 June 2022", "–",
    ]  # fmt: skip
    assert found["Key", "up"] == ["CAP-9", "CAP-10", "CAP-100", "RDF-1", "UNC-2", "–"]
    assert found["Key", "down"][-1] == "–"
    page.context.close()


def test_cards_are_a_table_to_those_who_do_not_see_it(browser: Any, pages: Pages) -> None:
    page, _ = visit(browser, pages["regional_brief-ALL-en"], 360)
    rows = page.locator("table.cards").first.locator("tr").count()
    protocol = page.context.new_cdp_session(page)
    root = protocol.send("DOM.getDocument")["root"]["nodeId"]
    node = protocol.send("DOM.querySelector", {"nodeId": root, "selector": ".cards"})["nodeId"]
    for role, number in (("table", 1), ("row", rows), ("rowheader", rows - 1)):
        found = protocol.send("Accessibility.queryAXTree", {"nodeId": node, "role": role})["nodes"]
        assert (role, len([each for each in found if not each["ignored"]])) == (role, number)
    page.context.close()


def test_a_number_is_copied_without_its_space(browser: Any, pages: Pages) -> None:
    page, _ = visit(browser, pages["overview-ALL-en"])
    value = page.locator(".headlines .value", has_text="at least").first
    assert value.inner_text().split()[-1].isdecimal()


def test_a_number_stands_on_one_line(browser: Any, pages: Pages) -> None:
    page, _ = visit(browser, pages["regional_brief-ALL-en"], 360)
    spaces = page.locator(".t").all()
    assert spaces
    for space in spaces[:20]:
        assert space.evaluate("each => getComputedStyle(each).display") == "inline"


# The index


def indexed(folder: Path, record: dict[str, Any]) -> Path:
    """Write the index of a record; return its folder."""
    doubts = Doubts("theme-ALL", 5_123, 187, (4_317, 180), (1_506, 163), (("X106-1", 202, 100),))
    for name, page in index_module.pages(shelf(record), doubts).items():
        (folder / name).write_text(page, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an index with reports in every state: 14 on regions, 40 on countries."""
    record = shelves.record(40)
    entries = record["reports"]
    shelves.failed(entries["zh/brief-AFR"])
    shelves.failed(entries["en/brief-EUR"], stays=True)
    del entries["en/theme-AMS"]
    entries["zh/theme-ALL"]["facts"]["rows"] = {"f-x106-1": "459为区域活动的参加者人数。" * 9}
    for entry in list(entries.values())[40:80]:
        entry["outputs"]["pdf"]["data_sha256"] = shelves.OLDER
    record["run"]["disagreements"] = ["one-AFR (en) says 1, two-AFR (en) says 2: activities"]
    return indexed(tmp_path_factory.mktemp("index"), record)


def shown(page: Any) -> list[str]:
    """Return the titles of the rows that a reader sees."""
    heads = page.locator(".list tbody th")
    return [head.text_content() for head in heads.all() if head.is_visible()]


@pytest.mark.parametrize("name", INDEXES)
def test_the_index_asks_nobody_and_breaks_no_policy(name: str, browser: Any, index: Path) -> None:
    page, told = visit(browser, index / name)
    page.get_by_role("searchbox").press("Enter")
    assert told == []
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
@pytest.mark.parametrize("name", INDEXES)
def test_axe_finds_nothing_in_the_index(
    name: str, width: int, scheme: str, browser: Any, index: Path
) -> None:
    page, _ = visit(browser, index / name, width, scheme)
    for details in page.query_selector_all("details"):
        details.evaluate("each => { each.open = true }")
    found = axe.Axe().run(page, options=ASKED).response
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]] == []
    page.context.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", INDEXES)
def test_the_index_is_not_wider_than_its_screen(
    name: str, width: int, browser: Any, index: Path
) -> None:
    page, _ = visit(browser, index / name, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for cell in page.locator(".list tbody tr").first.locator("th, td").all():
        assert cell.evaluate("each => each.scrollWidth <= each.clientWidth")
    page.context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_list_is_a_table_to_those_who_do_not_see_it(
    width: int, browser: Any, index: Path
) -> None:
    """Its rows are drawn as grids, which must not make them anything else."""
    page, _ = visit(browser, index / "index.html", width)
    protocol = page.context.new_cdp_session(page)
    root = protocol.send("DOM.getDocument")["root"]["nodeId"]
    node = protocol.send("DOM.querySelector", {"nodeId": root, "selector": ".list"})["nodeId"]
    for role, number in (("table", 1), ("row", 55), ("rowheader", 54), ("columnheader", 7)):
        wanted = {"nodeId": node, "role": role}
        found = protocol.send("Accessibility.queryAXTree", wanted)["nodes"]
        assert (role, len([each for each in found if not each["ignored"]])) == (role, number)
    page.context.close()


@pytest.mark.parametrize("script", [True, False])
def test_filters_need_no_script(script: bool, browser: Any, index: Path) -> None:
    page, _ = visit(browser, index / "index.html", script=script)
    every = shown(page)
    assert len(every) == 54
    page.get_by_label("Region", exact=True).select_option(label="Africa")
    assert "Regional brief: Africa" in shown(page)
    assert "Regional brief: Europe" not in shown(page)
    page.get_by_label("Kind of report").select_option(label="Regional brief")
    assert shown(page) == ["Regional brief: Africa"]
    page.get_by_role("button", name="Show all").click()
    assert shown(page) == every
    page.get_by_label("State", exact=True).select_option(label="not built")
    assert shown(page) == ["Regional brief: Africa"]
    # Not built is the Chinese one.
    page.get_by_label("Language", exact=True).select_option(label="English")
    assert shown(page) == []
    page.get_by_label("Language", exact=True).select_option(label="Chinese")
    assert shown(page) == ["Regional brief: Africa"]
    heads = page.locator(".list thead th").all()
    assert [head.inner_text() for head in heads if head.is_visible()] == [
        "Report", "Region", "Chinese", "Numbers", "State", "Made (UTC)",
    ]  # fmt: skip
    assert page.get_by_role("searchbox").is_visible() == script
    page.context.close()


@pytest.mark.parametrize(
    ("wanted", "titles"),
    [
        ("kenya", []),
        ("AFGHAN profile", ["Country profile: Afghanistan"]),
        ("阿富汗", ["Country profile: Afghanistan"]),
        ("afg", ["Country profile: Afghanistan"]),
        ("brief  AFRICA", ["Regional brief: Africa"]),
        ("能力建设 非洲", ["Capacity development: Africa"]),
        ("americas capacity", ["能力建设: 美洲"]),
    ],
)
def test_a_search_finds_words_in_any_language(
    wanted: str, titles: list[str], browser: Any, index: Path
) -> None:
    page, _ = visit(browser, index / "index.html")
    page.get_by_role("searchbox").press_sequentially(wanted)
    assert shown(page) == titles
    said = page.get_by_role("status").inner_text()
    assert said.startswith(f"{len(titles)} of 54 reports")
    assert ("Nothing found" in said) == (not titles)
    page.context.close()


def test_search_and_filters_are_counted_together(browser: Any, index: Path) -> None:
    page, _ = visit(browser, index / "index.zh.html")
    status = page.get_by_role("status")
    assert status.inner_text() == "共54份报告，显示54份"
    page.get_by_role("searchbox").fill("africa")
    page.get_by_label("报告类别").select_option(label="国家概况")
    found = shown(page)
    assert 0 < len(found) < 40
    assert status.inner_text() == f"共54份报告，显示{len(found)}份"
    page.get_by_role("button", name="显示全部").click()
    page.wait_for_function("document.querySelector('#count').textContent.includes('示54')")
    assert page.get_by_role("searchbox").input_value() == ""
    page.context.close()


def test_an_index_of_two_thousand_reports_filters_without_lag(browser: Any, tmp_path: Path) -> None:
    """Measured are script, style and layout of a change, at best: the machine may be busy."""
    page, _ = visit(browser, indexed(tmp_path, shelves.record(1_986)) / "index.html")
    assert page.locator(".list tbody tr").count() == 2_000
    change = """async ([selector, value]) => {
        const field = document.querySelector(selector), start = performance.now();
        field.value = value;
        field.dispatchEvent(new Event("input", {bubbles: true}));
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        return performance.now() - start;
    }"""
    steps = [("#search", "k"), ("#search", "ke"), ("#search", ""), ("#by-region", "r1"),
             ("#by-region", ""), ("#by-state", "f"), ("#by-language", "l1"), ("#by-state", ""),
             ("#by-language", "")]  # fmt: skip
    rounds = [[page.evaluate(change, list(step)) for step in steps] for _ in range(3)]
    best = dict(zip(steps, map(min, *rounds), strict=True))
    assert {step: took for step, took in best.items() if took > 200} == {}
    page.context.close()
