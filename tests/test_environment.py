"""environment.yml, pyproject.toml and the lock file name the same packages in fitting versions."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements.lock").read_text()


def by_name(lines: list[str]) -> dict[str, str]:
    requirements = [Requirement(line) for line in lines]
    return {canonicalize_name(r.name): str(r.specifier) for r in requirements}


def locked() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^ \\;]+)", LOCK, re.MULTILINE):
        found.setdefault(canonicalize_name(name), []).append(version)
    return found


def conda() -> tuple[dict[str, str], list[str]]:
    lines = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pip = next(line["pip"] for line in lines if isinstance(line, dict))
    from_conda = [line for line in lines if isinstance(line, str)]
    return by_name([*from_conda, *(line for line in pip if line != "-e .")]), pip


def test_environment_yml_names_what_pyproject_names() -> None:
    named, pip = conda()
    assert pip[-1] == "-e ."
    assert named.pop("python") == PROJECT["requires-python"]
    assert named.pop("pip") == ""
    assert named == by_name(PROJECT["dependencies"])


def test_lock_fits_pyproject() -> None:
    versions = locked()
    wanted = [
        *PROJECT["dependencies"],
        *itertools.chain(*PROJECT["optional-dependencies"].values()),
    ]
    for requirement in map(Requirement, wanted):
        found = versions.get(canonicalize_name(requirement.name), [])
        assert found, f"{requirement.name} is not locked; run make lock"
        for version in found:
            assert requirement.specifier.contains(version), f"{requirement}: {version}; make lock"


def test_lock_has_hashes_and_no_addresses() -> None:
    pins = re.findall(r"^[A-Za-z0-9._-]+==.*?(?=^[A-Za-z0-9._-]+==|\Z)", LOCK, re.MULTILINE | re.S)
    assert pins
    assert all("--hash=sha256:" in pin for pin in pins)
    assert "://" not in LOCK
    assert "index-url" not in LOCK
