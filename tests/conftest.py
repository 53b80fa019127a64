"""Fixtures that several test modules share."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults.site import Site, make


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project's data folder, to break; the library reads it for this test."""
    copy = tmp_path / "data"
    shutil.copytree(Path(__file__).parent.parent / "data", copy)
    monkeypatch.setenv("BAAP_DATA", str(copy))
    return copy


@pytest.fixture(scope="module")
def make_site() -> Iterator[Callable[[], Site]]:
    """Make sites; all are checked for leftovers."""
    sites: list[Site] = []

    def made() -> Site:
        sites.append(make())
        return sites[-1]

    yield made
    left = [path for site in sites for path in (site.path / "tmp").iterdir()]
    for site in sites:
        shutil.rmtree(site.path)
    assert left == []


@pytest.fixture
def site(make_site: Callable[[], Site]) -> Site:
    """A site that no other test has."""
    return make_site()
