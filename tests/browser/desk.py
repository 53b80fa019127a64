"""JupyterLab as an analyst sees it: a server on a copy of the collection, a page in Chromium."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PARTS = ("baaplib", "data", "lab", "notebooks")
# Milliseconds that anything may take on a machine that has much else to do.
PATIENCE = 240_000
TOKEN = "for-tests"  # noqa: S105  of a server that this test starts on this machine
# JupyterLab marks a cell that waits or runs with a star, one that ran with a number.
DONE = """(before) => {
    const prompts = [...document.querySelectorAll('.jp-NotebookPanel .jp-InputPrompt')];
    const texts = prompts.map((each) => each.textContent);
    const numbers = texts.map((text) => Number(text.replace(/[^0-9]/g, '')));
    return !texts.some((text) => text.includes('*')) && Math.max(...numbers) > before;
}"""


def project(folder: Path) -> Path:
    """Copy all that JupyterLab and its kernels need."""
    skip = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=skip)
    return folder


@contextmanager
def server(folder: Path, home: Path) -> Iterator[str]:
    """Start JupyterLab as `make lab` does, with nobody's settings; yield its address."""
    env = {
        **os.environ, "JUPYTER_CONFIG_PATH": "lab", "PYTHONPATH": str(folder),
        "JUPYTER_CONFIG_DIR": str(home / "config"), "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "run"), "IPYTHONDIR": str(home / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }  # fmt: skip
    words = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0",
        "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}",
    ]  # fmt: skip
    home.mkdir(exist_ok=True)
    log = home / "log"
    with log.open("w") as stream:
        started = subprocess.Popen(words, cwd=folder, env=env, stdout=stream, stderr=stream)
    try:
        yield _address(started, log)
    finally:
        started.terminate()
        started.wait(60)


def _address(started: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline:
        assert started.poll() is None, log.read_text()
        if found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text()):
            # It says where it will listen before it does.
            with suppress(urllib.error.URLError):
                _ask(f"{found[0]}/api").close()
                return found[0]
        time.sleep(0.1)
    raise AssertionError(log.read_text())


class Notebook:
    """A notebook that is open in JupyterLab."""

    def __init__(self, page: Any, address: str, name: str) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}/lab/tree/notebooks/{name}.ipynb?token={TOKEN}&reset")
        # Before a kernel is connected, cells would ask which one to take.
        page.locator(".jp-StatusBar-TextItem").get_by_text("| Idle").wait_for()

    def run_all(self) -> None:
        """Run all cells, and wait until they are done or one has failed."""
        before = self.count()
        self.menu("Run", "Run All Cells")
        self.page.wait_for_function(DONE, arg=before)

    def run(self, number: int, text: str) -> str:
        """Write into a cell and run it; return what it shows."""
        self.type_into(number, text)
        before = self.count()
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(DONE, arg=before)
        return self.shown(number)

    def count(self) -> int:
        """Return how many cells this kernel has run, by the numbers beside them."""
        prompts = self.page.locator(".jp-NotebookPanel .jp-InputPrompt").all_text_contents()
        return max((int(n) for text in prompts for n in re.findall(r"\d+", text)), default=0)

    def menu(self, *words: str) -> None:
        for word in words:
            self.page.locator(".lm-MenuBar-itemLabel, .lm-Menu-itemLabel").get_by_text(
                word, exact=True
            ).click()

    def type_into(self, number: int, text: str) -> None:
        """Replace the text of a cell."""
        cell = self.cell(number)
        cell.scroll_into_view_if_needed()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def cell(self, number: int) -> Any:
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number - 1)

    def shown(self, number: int) -> str:
        """Return all that a cell shows, also what is folded away."""
        outputs = self.cell(number).locator(".jp-OutputArea-output")
        return "\n".join(outputs.all_text_contents())

    def charts(self) -> int:
        return int(self.page.locator(".jp-OutputArea figure svg").count())

    def errors(self) -> list[str]:
        """Return the errors and warnings that stand in red."""
        red = ".jp-OutputArea-output[data-mime-type$='.stderr'], .jp-OutputArea-output .ansi-red-fg"
        return list(self.page.locator(red).all_text_contents())


def end_kernels(address: str) -> None:
    """End the kernels of a server: each holds all tables."""
    for session in json.load(_ask(f"{address}/api/sessions")):
        _ask(f"{address}/api/sessions/{session['id']}", "DELETE").close()


def _ask(url: str, method: str = "GET") -> Any:
    headers = {"Authorization": f"token {TOKEN}"}
    request = urllib.request.Request(url, method=method, headers=headers)  # noqa: S310
    return urllib.request.urlopen(request, timeout=PATIENCE / 1000)  # noqa: S310
