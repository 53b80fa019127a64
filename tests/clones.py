"""A copy of the project, as a clone would be, with the environment of the tests as its own."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COPIED = (
    ".gitattributes", "Makefile", "baaplib", "data", "lab", "notebooks", "pyproject.toml",
    "requirements.lock",
)  # fmt: skip


def clone(folder: Path) -> Path:
    """Copy the project, so that its commands work on the copy alone; skip without a virtualenv."""
    environment = Path(sys.prefix)
    if not (environment / "bin" / "activate").exists():
        pytest.skip("needs a virtual environment: run the tests with `make test`")
    for part in COPIED:
        if (ROOT / part).is_dir():
            skip = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
            shutil.copytree(ROOT / part, folder / part, ignore=skip)
        else:
            shutil.copy2(ROOT / part, folder / part)
    (folder / ".venv").mkdir()
    for path in environment.iterdir():
        if path.name != ".ready":
            (folder / ".venv" / path.name).symlink_to(path)
    # Newer than all it is made of, so that make does not build the environment anew.
    (folder / ".venv" / ".ready").touch()
    return folder
