"""JupyterLab as an analyst sees it: a server on a copy of the collection, and a page in Chromium."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PARTS = ("baaplib", "data", "lab", "notebooks")
# Milliseconds that anything may take on a machine that has much else to do.
PATIENCE = 240_000
TOKEN = "for-tests"  # noqa: S105  of a server that this test starts on this machine
# Cells whose run has ended, and those still waiting; JupyterLab marks the latter with a star.
IDLE = """() => {
    const prompts = [...document.querySelectorAll('.jp-NotebookPanel .jp-InputPrompt')];
    return prompts.length > 0 && !prompts.some((each) => each.textContent.includes('*'));
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
            with urllib.request.urlopen(f"{found[0]}/api?token={TOKEN}", timeout=60):  # noqa: S310
                return found[0]
        time.sleep(0.1)
    raise AssertionError(log.read_text())


class Notebook:
    """A notebook that is open in JupyterLab."""

    def __init__(self, page: Any, address: str, name: str) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}/lab/tree/notebooks/{name}.ipynb?token={TOKEN}&reset")
        # A kernel that has started is idle.
        page.locator('.jp-NotebookPanel [data-status="idle"]').first.wait_for()

    def run_all(self) -> None:
        """Run all cells in a new kernel, and wait until they are done or one has failed."""
        self.menu("Kernel", "Restart Kernel and Run All Cells…")
        self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('.jp-InputPrompt')]"
            ".some((each) => each.textContent.includes('*'))"
        )
        self.page.wait_for_function(IDLE)

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

    def outputs(self) -> str:
        """Return what all cells show, as a reader would."""
        return str(self.page.locator(".jp-Notebook").inner_text())

    def errors(self) -> list[str]:
        found = self.page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').all()
        return [each.inner_text() for each in found]
