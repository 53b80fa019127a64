"""Records of editions that were never built: as many reports as a test wants, in any state."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from baaplib import tables
from baaplib.batch.inputs import KINDS as KINDS_OF_INPUT
from baaplib.batch.manifest import Manifest

LATEST, OLDER = "a" * 64, "0b" * 32
KINDS = {
    "brief": {"en": "Regional brief", "zh": "区域简报"},
    "theme": {"en": "Capacity development", "zh": "能力建设"},
}
PROFILE = {"en": "Country profile", "zh": "国家概况"}
EVERYWHERE = {"en": "All regions", "zh": "所有区域"}

Record = dict[str, Any]


@cache
def names(table: str, language: str) -> dict[str, str]:
    """Return the names of codes."""
    frame = tables.load(table)
    return dict(zip(frame.iloc[:, 0].astype(str), frame[f"name_{language}"], strict=True))


class Inputs:
    """Inputs that nobody looks at."""

    bills: Record = {}  # noqa: RUF012

    def of(self, report: object, format: str) -> Record:
        return dict.fromkeys(KINDS_OF_INPUT, "")

    def of_check(self) -> str:
        return "checked"

    def of_index(self) -> str:
        return "index"


def begun(folder: Path, keys: Sequence[str] = (), **facts: str) -> Manifest:
    """Return the record of a run that has begun."""
    made = Manifest(folder / "2022-12", keys)
    own = {"data_sha256": LATEST, "commit": None, "command": "baap run"}
    made.begin({**own, **facts}, Inputs())
    return made


def ended(record: Manifest) -> list[str]:
    """End a run, and return where its reports disagree."""
    disagreements = record.close(Inputs())
    record.release()
    return disagreements


def facts(kind: str, subject: str, region: str, name: str, country: str = "") -> Record:
    """Return what a report says of itself."""
    about = {"region": region, "region_name": name, "country": country}
    return {
        "title": f"{kind}: {subject}", "kind": kind, "subject": subject, "charts": 9, "tables": 12,
        "subtitle": "What was done", "numbers": 87, "about": about,
    }  # fmt: skip


def entry(key: str, parameters: Record, said: Record) -> Record:
    """Return the entry of a report that was built."""
    made = {"data_sha256": LATEST, "commit": "c0ffee00", "finished": "2026-11-24T03:51:07+00:00"}
    outputs = {
        format: {"path": f"{key}.{format}", "bytes": 203_456, "sha256": "0" * 64, **made}
        for format in ("html", "pdf")
    }
    return {
        "notebook": "good.ipynb", "parameters": {"edition": "2022-12", **parameters},
        "status": "ok", "seconds": {}, "stale": False, "error": None, "facts": said,
        "outputs": outputs, **made,
    }  # fmt: skip


def record(countries: int = 3, languages: tuple[str, ...] = ("en", "zh")) -> Record:
    """Return the record of two kinds of report on all regions, and of profiles of countries.

    More profiles than there are countries are profiles of several kinds.
    """
    reports: dict[str, Record] = {}
    regions = {code: names("regions", code) for code in languages}
    for name, code in itertools.product(KINDS, ["ALL", *regions[languages[0]]]):
        for language in languages:
            place = regions[language].get(code, EVERYWHERE[language])
            key, said = (
                f"{language}/{name}-{code}",
                facts(KINDS[name][language], place, code, place),
            )
            reports[key] = entry(key, {"region": code, "language": language}, said)
    members = tables.load("countries")[["iso3", "region"]].astype(str).to_numpy().tolist()
    for number in range(countries):
        turn, at = divmod(number, len(members))
        iso3, region = members[at]
        for language in languages:
            country = names("countries", language)[iso3]
            kind = PROFILE[language] + (f" {turn + 1}" if turn else "")
            name = f"profile-{turn + 1}" if turn else "profile"
            key = f"{language}/{name}-{iso3}"
            said = facts(kind, country, region, regions[language][region], iso3)
            reports[key] = entry(key, {"country": iso3, "language": language}, said)
    run = {
        "started": "2026-11-24T03:50:20+00:00", "finished": "2026-11-24T04:20:11+00:00",
        "seconds": 1791.2, "command": "baap run", "commit": "c0ffee0012345678", "dirty": False,
        "data_sha256": LATEST, "disagreements": [],
    }  # fmt: skip
    return {"edition": "2022-12", "run": run, "reports": reports}


def failed(entry: Record, *, stays: bool = False, message: str = "'no such table'") -> None:
    """Let a report fail; with `stays`, older files are there."""
    error = {"step": "execute", "cell": 3, "name": "KeyError", "message": message}
    entry |= {"status": "failed", "stale": stays, "error": error}
    if not stays:
        entry["outputs"] = {}
