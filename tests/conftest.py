"""Fixtures that several test modules share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project's data folder, to break; the library reads it for this test."""
    copy = tmp_path / "data"
    shutil.copytree(Path(__file__).parent.parent / "data", copy)
    monkeypatch.setenv("BAAP_DATA", str(copy))
    return copy
