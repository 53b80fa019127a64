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
# Lines of a kind and names in a line that a notice holds; the record holds all. Characters of a
# reason.
MOST, FEW, LONG = 8, 3, 160
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

    Examples
    --------
    >>> record = {"what": "Briefs", "editions": ["2022-12"], "outcome": "published", "cut": [],
    ...     "reports": [{"state": "published", "report": "brief-AFR", "language": "en"}],
    ...     "began": "2026-12-01T05:17:02", "problems": [], "disagreements": [], "moved": [],
    ...     "compared_with": None}
    >>> told = notice(record, {"Reports": "https://example.org/2022-12/index.html"})
    >>> told.subject, told.todo
    ('Briefs, 2022-12: 1 published', ('All reports are in place.',))
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
        names, again = _names(reports), f"baap run {_asked(reports)}"
        if state == HELD:
            yield f"{names} held back: {error}. If that is right: {again} --accept"
        else:
            yield f"{names} failed: {notebook}, {error}. Mend it, then: {again}"


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
    counts = {state: [r for r in reports if r["state"] == state] for state in TALLY}
    for state, own in counts.items():
        if own:
            every = "All " if len(own) == len(reports) > 1 else ""
            # Those that failed are named above.
            named = f": {_names(own)}" if state == MISSING and not every else ""
            yield f"{every}{len(own)} {TALLY[state]}{named}."
    stale = [report for state in (FAILED, HELD, MISSING) for report in counts[state]]
    for day in dict.fromkeys(map(_day, stale)):
        own = [report for report in stale if _day(report) == day]
        what = "All of them" if len(own) == len(stale) > MOST else _names(own)
        yield f"{what}: the old one of {day} stays." if day else f"{what}: there is none yet."


def _moved(record: Record) -> tuple[str, tuple[str, ...]]:
    since, moved = record["compared_with"], record["moved"]
    if not since:
        said = "This is the first scheduled run; the next one says what moved since."
        return "Figures that moved", (said,) if record["outcome"] in (PUBLISHED, FAILED) else ()
    lines = [
        f"{move['region']}: {move['says']}: {move['old']} → {move['new']} "
        f"({_several(move['reports'])}; claim {move['claim']})"
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
    return _several([f"{name} ({', '.join(own)})" for name, own in languages.items()])


def _several(names: Sequence[str]) -> str:
    """Return the first names and how many more there are.

    Examples
    --------
    >>> _several(["a", "b", "c"]), _several(["a", "b", "c", "d", "e"])
    ('a, b, c', 'a, b and 3 more')
    """
    few = names if len(names) <= FEW else names[: FEW - 1]
    more = len(names) - len(few)
    return ", ".join(few) + (f" and {more} more" if more else "")


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


def _day(report: Record) -> str:
    """Return the day on which the files of a report were made; nothing if there are none."""
    return _when(report["made"]).partition(",")[0] if report["made"] else ""


def _when(moment: str) -> str:
    """Return a moment as people write it, in the time of this machine.

    Examples
    --------
    >>> _when("2026-12-01T05:17:02")
    '1 December 2026, 05:17'
    """
    local = datetime.fromisoformat(moment).astimezone()
    return f"{local.day} {local:%B %Y, %H:%M}"
