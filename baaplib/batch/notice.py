"""What people are told when a scheduled run has ended: short, first what they must do.

A notice is made from the record of a run alone (`schedule/record.schema.json` says what it holds).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

# What became of a run, and of one report of it.
RUNNING, PUBLISHED, FAILED, TABLES, REFUSED, BUSY, CUT = (
    "running", "published", "failed", "tables", "refused", "busy", "cut",
)  # fmt: skip
KEPT, HELD, MISSING = "kept", "held", "missing"
# The words for reports in each state, in the order in which a subject tells them.
TALLY = {
    PUBLISHED: "published", FAILED: "failed", HELD: "held back", MISSING: "not built",
    KEPT: "up to date",
}  # fmt: skip
# Lines of a kind that a notice holds; the record holds all. Characters of a reason.
MOST, LONG = 8, 160
TEMPLATE = Path(__file__).with_name("notice.html")

Record = dict[str, Any]


@dataclass(frozen=True)
class Section:
    """A heading and lines below it; a line may end in a link."""

    heading: str
    lines: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Notice:
    """What is sent: a subject that tells at a glance, and sections."""

    subject: str
    sections: tuple[Section, ...]

    @property
    def todo(self) -> tuple[str, ...]:
        """What people must do."""
        return self.sections[0].lines

    @property
    def text(self) -> str:
        """The notice as plain text."""
        blocks = []
        for section in self.sections:
            links = (f"{name}: {address}" for name, address in section.links)
            blocks.append(
                "\n".join([section.heading, *(f"- {s}" for s in (*section.lines, *links))])
            )
        return "\n\n".join(blocks)

    @property
    def html(self) -> str:
        """The notice as a page that a mail program shows; nothing of the data is markup in it."""
        from jinja2 import Environment

        template = Environment(autoescape=True).from_string(TEMPLATE.read_text(encoding="utf-8"))
        return template.render(notice=self)


def notice(record: Record, links: Mapping[str, str]) -> Notice:
    """Write the notice of a run.

    Parameters
    ----------
    record : dict
        Of a run that has ended.
    links : mapping
        From words to the address or path of what they name.
    """
    sections = (
        Section(*_todo(record)),
        Section("What happened", tuple(_happened(record))),
        Section(*_moved(record)),
        Section("Where it is", (), tuple(links.items())),
    )
    return Notice(_subject(record), tuple(s for s in sections if s.lines or s.links))


def _subject(record: Record) -> str:
    return f"{record['what']}, {', '.join(record['editions']) or 'no edition'}: {_glance(record)}"


def _glance(record: Record) -> str:
    """Say in a few words what became of a run."""
    outcome, reports = record["outcome"], record["reports"]
    if outcome == BUSY:
        return "not built yet, another run is at work"
    if outcome == REFUSED:
        return "not built, the run was refused"
    if outcome == TABLES:
        return f"not built, {len(record['problems'])} problem(s) in the tables"
    counts = {state: sum(r["state"] == state for r in reports) for state in TALLY}
    if reports and counts[FAILED] == len(reports):
        return f"all {len(reports)} failed"
    if outcome == PUBLISHED and reports and counts[KEPT] == len(reports):
        return f"nothing changed, {len(reports)} up to date"
    said = [f"{number} {TALLY[state]}" for state, number in counts.items() if number]
    if record["disagreements"]:
        said.append(f"{len(record['disagreements'])} contradiction(s)")
    return ", ".join(said) or "not built"


def _todo(record: Record) -> tuple[str, tuple[str, ...]]:
    outcome = record["outcome"]
    if outcome == BUSY:
        return "Nothing to do yet", ("It is tried again at the next slot.",)
    lines = [*_mend(record), *_contradictions(record)]
    if outcome == TABLES:
        lines = [*_few(record["problems"]), "Mend the tables until `baap check` finds nothing."]
    elif outcome == REFUSED:
        lines = [*_few(record["problems"]), "Mend what the schedule asks for, or batch.yml."]
    elif outcome == FAILED and record["problems"]:
        lines += [*_few(record["problems"]), "Look at the log, mend it, and run it again."]
    elif not lines:
        return "Nothing to do", ("All reports are in place.",)
    return "To do", tuple(lines)


def _mend(record: Record) -> Iterator[str]:
    """Say what to do about reports that failed or are held back: those of one cause together."""
    causes: dict[tuple[str, str, str], list[Record]] = defaultdict(list)
    for report in record["reports"]:
        if report["state"] in (FAILED, HELD):
            causes[report["state"], report["notebook"], _short(report["error"])].append(report)
    for (state, notebook, error), reports in causes.items():
        names = _names(reports)
        if state == HELD:
            yield f"Look at {names}: {error}. If it is right: baap run {_asked(reports)} --accept"
        else:
            yield f"Mend {notebook}, {error}. It fails {names}. Then: baap run {_asked(reports)}"


def _contradictions(record: Record) -> Iterator[str]:
    for sentence in _few(record["disagreements"]):
        yield f"Find out which is right: {sentence}"


def _happened(record: Record) -> Iterator[str]:
    yield f"Run of {_when(record['began'])}."
    for run in record["cut"]:
        yield (
            f"The run of {_when(run['began'])} was cut before its end (it was killed, or the "
            "machine stopped). What it had published is whole."
        )
    reports = record["reports"]
    for state, words in TALLY.items():
        own = [report for report in reports if report["state"] == state]
        if own:
            yield (
                f"{len(own)} {words}: {_names(own)}"
                if len(own) < len(reports)
                else (f"All {len(own)} {words}.")
            )
    stale = [report for report in reports if report["state"] in (FAILED, HELD, MISSING)]
    for made in dict.fromkeys(report["made"] for report in stale):
        own = [report for report in stale if report["made"] == made]
        kept = f"the one of {_when(made)} stays" if made else "there is none yet"
        yield f"Of {_names(own)} {kept}."


def _moved(record: Record) -> tuple[str, tuple[str, ...]]:
    since, moved = record["compared_with"], record["moved"]
    if not since:
        said = "This is the first scheduled run; the next one says what moved since."
        return "Figures that moved", (said,) if record["outcome"] in (PUBLISHED, FAILED) else ()
    lines = [
        f"{move['says']}: {move['old']} → {move['new']} "
        f"({', '.join(move['reports'])}; claim {move['claim']})"
        for move in moved[:MOST]
    ]
    rest = (len(moved) - MOST, record["new"], record["gone"])
    words = ("more moved", "are new", "are gone")
    more = [f"{number} {word}" for number, word in zip(rest, words, strict=True) if number > 0]
    if more:
        lines.append(f"{', '.join(more)}; the record of the run lists what moved.")
    return f"Figures that moved since {_when(since['began'])}", tuple(lines or ["None."])


def _names(reports: Sequence[Record]) -> str:
    """Return names of reports, each with its languages; of many only the first."""
    languages: dict[str, list[str]] = defaultdict(list)
    for report in reports:
        languages[report["report"]].append(report["language"])
    names = [f"{name} ({', '.join(own)})" for name, own in languages.items()]
    more = len(names) - MOST
    return ", ".join(names[:MOST]) + (f" and {more} more" if more > 0 else "")


def _asked(reports: Sequence[Record]) -> str:
    """Return the words that ask for reports again."""
    return " ".join(dict.fromkeys(report["report"] for report in reports))


def _few(lines: Sequence[str]) -> list[str]:
    more = len(lines) - MOST
    return [*map(_short, lines[:MOST]), *([f"{more} more; the log has all"] if more > 0 else [])]


def _short(text: str) -> str:
    """Return the first line of a text, cut where it is long."""
    line = (text.strip().splitlines() or [""])[0]
    return line if len(line) <= LONG else f"{line[:LONG].rstrip()}…"


def _when(moment: str) -> str:
    """Return a moment as people write it, in the time of this machine.

    Examples
    --------
    >>> _when("2026-12-01T05:17:02")
    '1 December 2026, 05:17'
    """
    local = datetime.fromisoformat(moment).astimezone()
    return f"{local.day} {local:%B %Y, %H:%M}"
