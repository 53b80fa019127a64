"""The page that reviewers open first: which reports there are, what needs attention, where to look.

It is made from the record and the ledger of an edition alone, one page for each report language,
and works without script: links, tables and filters are HTML and CSS; a script adds the search.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from baaplib import i18n
from baaplib.batch.ledger import Doubts
from baaplib.batch.plan import FORMATS
from baaplib.batch.report import Failure
from baaplib.batch.shelf import ALL, FAILED, FRESH, STALE, STATES, Copy, File, Report, Shelf
from baaplib.blocks import CONTROL, NOTHING, environment, finding_anchor, labels, texts
from baaplib.i18n import Language, language
from baaplib.render import html

# So much of what a failed cell said; the record holds all of it.
LONGEST = 400
# So many names are shown at once; the rest unfolds.
MANY = 12
FINDINGS = 10
# From so many rows on, a browser lays out only those in sight; those out of sight are then also
# out of reach of a screen reader until they are scrolled to or searched for.
LONG = 500
KB = 1000

# What stands for a state in a row and in the rules of style.
MARKS = {FRESH: "f", STALE: "s", FAILED: "x"}

Words = dict[str, Any]


def pages(shelf: Shelf, doubts: Doubts) -> dict[str, str]:
    """Write the index of an edition in every report language.

    Parameters
    ----------
    shelf : Shelf
        The reports, as `batch.shelf.shelf` reads them from the record.
    doubts : Doubts
        What `batch.ledger.doubts` reads from the ledger.

    Returns
    -------
    dict
        From the name of the file to the page; the same bytes for the same record and ledger.
    """
    return {html.index_name(code): page(shelf, doubts, code) for code in i18n.languages()}


def page(shelf: Shelf, doubts: Doubts, code: str) -> str:
    """Write the index of an edition in one language.

    Parameters
    ----------
    shelf : Shelf
    doubts : Doubts
    code : str
        Language code.
    """
    index = _Index(shelf, doubts, language(code))
    made = index.model()
    style = html.look(texts(made), code) + html.source("index.css") + index.rules()
    script = html.source("index.js")
    return environment().get_template("index.html.j2").render(
        made,
        # Our own: nothing of the record stands in them.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=html.policy(style, script),
    )  # fmt: skip


class _Index:
    """What the index says of a shelf, in one language."""

    def __init__(self, shelf: Shelf, doubts: Doubts, lang: Language) -> None:
        self.shelf, self.doubts, self.lang = shelf, doubts, lang
        reports = shelf.reports
        self.stems = {report.stem: report for report in reports}
        found = {code for report in reports for code in report.copies}
        self.languages = sorted(found, key=lambda code: (code not in i18n.languages(), code))
        # Where a text does not exist in this language, it is shown in another.
        self.sources = [lang.code, *(code for code in self.languages if code != lang.code)]
        self.names = list(dict.fromkeys(report.name for report in reports))
        codes = {report.region for report in reports}
        self.regions = sorted(codes, key=lambda code: (not code, code != ALL, code))
        self.kinds = {name: self._kind(name) for name in self.names}
        self.places = {code: self._place(code) for code in self.regions}

    def model(self) -> Words:
        """Return all that the template shows."""
        _ = self.lang.gettext
        return {
            "tag": self.lang.tag,
            "title": _("Index of reports"),
            "subtitle": self._subtitle(),
            "edition": self.shelf.edition,
            "facts": self._facts(),
            "command": str(self.shelf.run["command"]),
            "unofficial": _("This is an unofficial work. It is not made, endorsed or checked by "
                            "the International Telecommunication Union."),
            "indexes": [self._other(code) for code in i18n.languages() if code != self.lang.code],
            "labels": labels(self.lang) | self._labels(),
            "attention": self._attention(),
            "matrix": list(self._matrix()),
            "headings": [self.places[code] for code in self._columns()],
            "countries": list(self._countries()),
            "filters": self._filters(),
            "heads": [self.lang.language_name(code) for code in self.languages],
            "long": len(self.shelf.reports) > LONG,
            "rows": [self._row(report) for report in self._listed()],
            "findings": self._findings(),
        }  # fmt: skip

    def rules(self) -> str:
        """Return the style rules by which the filters hide rows and columns, without script.

        They name places in lists, never a text of the record.
        """
        rules = [f".list {{ --languages: {max(1, len(self.languages))}; }}"]
        for column, every in (("r", self.regions), ("k", self.names)):
            for at in range(len(every)):
                rules.append(
                    _hide([f"{column}{at}"], f'tr[data-{column}]:not([data-{column}="{at}"])')
                )
        for mark in MARKS.values():
            rules.append(_hide([mark], f'tr[data-s]:not([data-s*="{mark}"])'))
            # With both chosen, it is the state in this language that counts.
            for at in range(len(self.languages)):
                other = f'tr[data-s]:not([data-s~="{at}{mark}"])'
                rules.append(_hide([mark, f"l{at}"], other))
        for at in range(len(self.languages)):
            rules.append(f"{_chosen([f'l{at}'])} {{ --languages: 1; }}")
            others = (n for n in range(len(self.languages)) if n != at)
            rules += [_hide([f"l{at}"], f"tr > :nth-child({n + 3})") for n in others]
        return "\n".join([*rules, *self._card_labels()])

    def _card_labels(self) -> Iterator[str]:
        """Yield what the cells of a card say that they are; on a narrow screen a row is a card."""
        words = self._labels()
        named = {at: self.lang.language_name(code) for at, code in enumerate(self.languages, 3)}
        named |= {len(named) + 3: words["numbers"]}
        yield from (_card_label("list", at, name) for at, name in named.items())
        yield _card_label("gravest", 3, words["numbers"])
        yield _card_label("gravest", 4, words["reports"])

    # Words

    def _labels(self) -> dict[str, str]:
        _ = self.lang.gettext
        return {
            "languages": _("This page in other languages"),
            "attention": _("What needs attention"),
            "matrix": _("Reports by kind and region"),
            "countries": _("Reports on countries"),
            "list": _("All reports"),
            "findings": _("Findings about the source"),
            "command": _("Command"),
            "kind": _("Kind of report"),
            "report": _("Report"),
            "region": _("Region"),
            "language": _("Language"),
            "numbers": _("Numbers"),
            "state": _("State"),
            "made": _("Made (UTC)"),
            "finding": _("Finding"),
            "wrong": _("What is wrong or doubtful"),
            "reports": _("Reports"),
            "any": _("all"),
            "search": _("Search"),
            "reset": _("Show all"),
            "count": _("{shown} of {all} reports"),
            "none": _("Nothing found. “Show all” takes search and filters away."),
            "to_search": _("Skip to the search"),
            "hint": _("Titles, countries, regions and codes, in any language"),
            "listed": _("Numbers are those that a report backs with evidence, each counted once."),
        }  # fmt: skip

    def _states(self) -> dict[str, str]:
        _ = self.lang.gettext
        return {FRESH: _("up to date"), STALE: _("out of date"), FAILED: _("not built")}

    def _said(self, reports: Iterable[Report], *keys: str) -> Words | None:
        """Return a text that reports say of themselves, in this language if any of them does."""
        every = list(reports)
        for code in self.sources:
            for report in every:
                value: Any = report.copies[code].facts if code in report.copies else {}
                for key in keys:
                    value = value.get(key, {})
                if value:
                    return self._text(str(value), code)
        return None

    def _text(self, text: str, code: str = "") -> Words:
        """Return a text, with the tag of its language if that is another than the page's."""
        known = code in i18n.languages()
        return {"text": text, "language": "" if code in ("", self.lang.code) else
                language(code).tag if known else code}  # fmt: skip

    def _kind(self, name: str) -> Words:
        own = (report for report in self.shelf.reports if report.name == name)
        return self._said(own, "kind") or self._text(name)

    def _place(self, code: str) -> Words:
        _ = self.lang.gettext
        if code in ("", ALL):
            return self._text(_("All regions") if code else _("No region"))
        own = (report for report in self.shelf.reports if report.region == code)
        return self._said(own, "about", "region_name") or self._text(code)

    def _title(self, report: Report) -> Words:
        if said := self._said([report], "title"):
            return said
        # A report that was never built: what its like and its neighbours say.
        subject = report.country or self.places[report.region]["text"]
        words = self.lang.gettext("{kind}: {subject}")
        return self._text(words.format(kind=self.kinds[report.name]["text"], subject=subject))

    def _subtitle(self) -> Words:
        return self._said(self.shelf.reports, "subtitle") or self._text("")

    def _other(self, code: str) -> Words:
        return {
            "href": html.index_name(code),
            **self._text(language(code).language_name(code), code),
        }

    def _moment(self, stamp: str) -> str:
        moment = datetime.fromisoformat(stamp)
        pattern = self.lang.gettext("{date}, {time} UTC")
        day = self.lang.date(moment.date().isoformat())
        return pattern.format(date=day, time=moment.strftime("%H:%M"))

    def _duration(self, seconds: float) -> str:
        minutes, rest = divmod(round(seconds), 60)
        _ = self.lang.gettext
        pattern = _("{minutes} min {seconds} s") if minutes else _("{seconds} s")
        return pattern.format(minutes=minutes, seconds=rest)

    # The cover

    def _facts(self) -> list[Words]:
        _ = self.lang.gettext
        run = self.shelf.run
        ended = run["finished"] is not None
        took = self._duration(run["seconds"]) if ended else _("not finished")
        facts = {
            _("Edition of the tables"): self.shelf.edition,
            _("Reports"): self._built(),
            _("Latest run"): self._moment(run["finished"] if ended else run["started"]),
            _("Duration"): took,
            _("Data version"): str(run["data_sha256"])[:8],
            _("Program version"): self._commit(),
        }
        return [{"label": label, "value": value} for label, value in facts.items()]

    def _built(self) -> str:
        """Say how many reports can be opened in each language."""
        words = []
        for code in self.languages:
            copies = [r.copies[code] for r in self.shelf.reports if code in r.copies]
            number = sum(copy.state != FAILED for copy in copies)
            pattern = self.lang.gettext("{number} in {language}")
            words.append(pattern.format(
                number=self.lang.number(number), language=self.lang.language_name(code)
            ))  # fmt: skip
        return self.lang.join(words) or NOTHING

    def _commit(self) -> str:
        _ = self.lang.gettext
        commit = str(self.shelf.run["commit"] or "")[:8]
        changed = _("{commit}, modified").format(commit=commit)
        return (changed if self.shelf.run.get("dirty") else commit) or NOTHING

    # What needs attention

    def _attention(self) -> Words:
        _ = self.lang.gettext
        told = [str(sentence) for sentence in self.shelf.run.get("disagreements") or ()]
        groups = [self._group(*key, affected) for key, affected in self._troubled()]
        interrupted = self._interrupted()
        return {
            "interrupted": interrupted,
            "disagreements": told,
            "disagree": _("Reports contradict each other"),
            "groups": groups,
            "calm": "" if groups or told or interrupted else self._calm(),
        }

    def _troubled(self) -> list[tuple[tuple[str, str, str], dict[str, list[str]]]]:
        """Return state, words and reason, and the languages of each report they concern."""
        groups: dict[tuple[str, str, str], dict[str, list[str]]] = {}
        for report in self.shelf.reports:
            for code, copy in report.copies.items():
                if copy.state != FRESH:
                    key = (copy.state, self._why(copy), self._reason(copy.failure))
                    groups.setdefault(key, {}).setdefault(report.stem, []).append(code)
        return sorted(groups.items(), key=lambda group: -STATES.index(group[0][0]))

    def _group(self, state: str, why: str, reason: str, affected: dict[str, list[str]]) -> Words:
        """Return one reason and the reports that share it; many are folded away."""
        number = len(affected)
        folded = self.lang.ngettext("{number} report", "{number} reports", number)
        return {
            "state": state,
            "name": self._states()[state],
            "why": why,
            "reason": reason,
            "copies": [self._affected(self.stems[stem], own) for stem, own in affected.items()],
            "folded": folded.format(number=self.lang.number(number)) if number > MANY else "",
        }

    def _affected(self, report: Report, codes: list[str]) -> Words:
        """Return the title of a report, with languages unless all are concerned, and a link."""
        title = self._title(report)
        order = sorted(codes, key=self.sources.index)
        files = [file for code in order for file in report.copies[code].files]
        said = title["text"]
        if len(codes) < len(report.copies):
            names = self.lang.join([self.lang.language_name(code) for code in codes])
            said = self.lang.gettext("{title} ({language})").format(title=said, language=names)
        return {**title, "text": said, "href": _address(files[0]) if files else ""}

    def _why(self, copy: Copy) -> str:
        _ = self.lang.gettext
        if copy.state == FAILED:
            return ""
        if copy.failure:
            return _("The last build failed; the older report stays in place.")
        if not copy.other:
            formats = self.lang.join([format.upper() for format in copy.older])
            message = _(
                "Not all of its files show the same state; built before a change: {formats}."
            )
            return message.format(formats=formats)
        named = self.lang.join([data or _("unknown") for data in copy.other])
        latest = str(self.shelf.run["data_sha256"])[:8]
        message = _("Made from tables of version {other}; the latest run read version {latest}.")
        return message.format(other=named, latest=latest)

    def _reason(self, failure: Failure | None) -> str:
        _ = self.lang.gettext
        if not failure:
            return ""
        steps = {
            "execute": _("running the notebook"), "document": _("making the document"),
            "plausibility": _("comparing it with the report before"),
            "publish": _("writing the files"),
        }  # fmt: skip
        place = steps.get(failure.step, failure.step.upper())
        if failure.cell:
            place = _("cell {number}").format(number=failure.cell)
        said = " ".join(CONTROL.sub(" ", f"{failure.name}: {failure.message}").split())
        cut = f"{said[:LONGEST]} …" if len(said) > LONGEST else said
        return _("{name}: {value}").format(name=place, value=cut)

    def _interrupted(self) -> str:
        _ = self.lang.gettext
        if self.shelf.run["finished"] is not None:
            return ""
        message = _(
            "The latest run, started on {moment}, was interrupted. What is published is whole; "
            "whether the reports agree with each other has not been looked at."
        )
        return message.format(moment=self._moment(self.shelf.run["started"]))

    def _calm(self) -> str:
        _ = self.lang.gettext
        if not self.shelf.reports:
            return _("There are no reports yet.")
        return _("Nothing: every report is up to date, and no two of them contradict each other.")

    # Ways in

    def _columns(self) -> list[str]:
        """Return the regions that reports on regions are about."""
        known = {report.region for report in self.shelf.reports if not report.country}
        return [code for code in self.regions if code in known]

    def _matrix(self) -> Iterator[Words]:
        """Yield a row for each kind of report on regions, with a cell for each region."""
        at = {(r.name, r.region): r for r in self.shelf.reports if not r.country}
        for name in dict.fromkeys(name for name, _ in at):
            cells = [self._door(at.get((name, code))) for code in self._columns()]
            yield {"kind": self.kinds[name], "doors": cells}

    def _door(self, report: Report | None) -> Words:
        """Return the way into a report: this language before others, HTML before PDF."""
        _ = self.lang.gettext
        empty = {"href": "", "text": NOTHING, "label": "", "note": "", "state": ""}
        if not report:
            return empty
        opened = self._opened(report)
        if not opened:
            return empty | {"text": "", "note": self._states()[FAILED], "state": FAILED}
        file, state, code = opened
        named = _("{format} in {language}").format(
            format=file.format.upper(), language=self.lang.language_name(code)
        )
        said = _("Open") if (file.format, code) == ("html", self.lang.code) else named
        return {
            "href": _address(file),
            "text": said,
            "label": _("{name}: {value}").format(name=said, value=self._title(report)["text"]),
            "note": "" if state == FRESH else self._states()[state],
            "state": state,
        }

    def _opened(self, report: Report) -> tuple[File, str, str] | None:
        """Return the file to open first, its state and its language."""
        found = [
            (FORMATS.index(file.format), self.sources.index(code), file, copy.state, code)
            for code, copy in report.copies.items()
            for file in copy.files
        ]
        return min(found, key=lambda each: each[:2])[2:] if found else None

    def _countries(self) -> Iterator[Words]:
        """Yield the reports on countries, by kind and region, by name."""
        for name in self.names:
            own = [r for r in self.shelf.reports if r.name == name and r.country]
            regions = [
                {"place": self.places[code], "names": self._named(
                    report for report in own if report.region == code
                )}
                for code in self.regions
                if any(report.region == code for report in own)
            ]  # fmt: skip
            if own:
                yield {"kind": self.kinds[name], "regions": regions}

    def _named(self, reports: Iterable[Report]) -> list[Words]:
        by_name = {}
        for report in reports:
            name = self._said([report], "subject") or self._text(report.country)
            by_name[name["text"]] = self._door(report) | {"name": name}
        return [by_name[name] for name in self.lang.sorted(by_name)]

    # The list

    def _filters(self) -> list[Words]:
        """Return the choices of each filter; the rules of style go by their values."""
        words, states = self._labels(), self._states()
        choices: dict[str, list[tuple[str, str]]] = {
            "region": _numbered("r", (place["text"] for place in self.places.values())),
            "kind": _numbered("k", (kind["text"] for kind in self.kinds.values())),
            "language": _numbered("l", map(self.lang.language_name, self.languages)),
            "state": [(MARKS[state], states[state]) for state in STATES],
        }
        return [{"key": key, "label": words[key], "choices": own} for key, own in choices.items()]

    def _listed(self) -> Iterator[Report]:
        """Yield the reports as the record has them, but those on countries by their names.

        A reader who looks for a country knows its name in this language, not its code.
        """
        titled: dict[tuple[str, str], list[Report]] = {}
        for report in self.shelf.reports:
            if report.country:
                titled.setdefault((report.name, self._title(report)["text"]), []).append(report)
        ordered = {
            name: iter([
                report
                for title in self.lang.sorted({t for n, t in titled if n == name})
                for report in titled[name, title]
            ])
            for name in self.names
        }  # fmt: skip
        for report in self.shelf.reports:
            yield next(ordered[report.name]) if report.country else report

    def _row(self, report: Report) -> Words:
        files = [file for copy in report.copies.values() for file in copy.files]
        made = max((file.made for file in files), default="")
        other = dict.fromkeys(data for copy in report.copies.values() for data in copy.other)
        versions = [self._version(data) for data in other]
        return {
            "r": self.regions.index(report.region),
            "k": self.names.index(report.name),
            "s": " ".join(
                f"{self.languages.index(code)}{MARKS[copy.state]}"
                for code, copy in report.copies.items()
            ),
            "data": self._search(report),
            "title": self._title(report),
            "region": self.places[report.region],
            "files": [self._files(report.copies.get(code)) for code in self.languages],
            "numbers": self._numbers(report),
            "states": self._row_states(report),
            "made": made[:16].replace("T", " ") or NOTHING,
            "versions": versions,
        }

    def _version(self, data: str) -> str:
        return self.lang.gettext("tables {version}").format(version=data or "?")

    def _search(self, report: Report) -> str:
        """Return what the row does not show, but a reader may look for."""
        # The stem ends with the code of the country.
        words = [report.region, report.stem]
        if self._title(report)["language"]:
            words.append(self.kinds[report.name]["text"])
        for code, copy in report.copies.items():
            if copy.facts and code != self.lang.code:
                words += [copy.facts["title"], copy.facts["about"]["region_name"]]
        return " ".join(dict.fromkeys(word for word in words if word))

    def _files(self, copy: Copy | None) -> list[Words]:
        return [
            {"href": _address(file), "text": f"{file.format.upper()} {self._size(file)}"}
            for file in (copy.files if copy else ())
        ]

    def _size(self, file: File) -> str:
        return self.lang.gettext("{number} kB").format(
            number=self.lang.number(max(1, round(file.size / KB)))
        )

    def _numbers(self, report: Report) -> str:
        for code in self.sources:
            copy = report.copies.get(code)
            if copy and copy.facts:
                return self.lang.number(copy.facts["numbers"])
        return NOTHING

    def _row_states(self, report: Report) -> list[Words]:
        """Return the state, once if it is the same in all languages."""
        names = self._states()
        found = {copy.state for copy in report.copies.values()}
        if len(found) == 1:
            return [{"state": state, "name": names[state]} for state in found]
        pattern = self.lang.gettext("{name}: {value}")
        return [
            {"state": copy.state, "name": pattern.format(
                name=self.lang.language_name(code), value=names[copy.state]
            )}
            for code, copy in report.copies.items()
        ]  # fmt: skip

    # Findings

    def _findings(self) -> Words:
        _ = self.lang.gettext
        doubts = self.doubts
        audit = next((r for r in self.shelf.reports if r.stem == doubts.audit), None)
        rows = [
            {"finding": key, "anchor": finding_anchor(key), "said": self._finding(audit, key),
             "numbers": self.lang.number(numbers), "reports": self.lang.number(reports)}
            for key, numbers, reports in doubts.gravest[:FINDINGS]
        ]  # fmt: skip
        return {
            "said": self._doubts() if doubts.audit else _(
                "No report counts findings yet; baap run source-audit makes one that does."
            ),
            "rows": rows,
            "caption": _("Findings of high severity that touch most reports"),
            "audit": {**self._door(audit), "title": self._title(audit)} if audit else None,
        }  # fmt: skip

    def _finding(self, audit: Report | None, key: str) -> Words:
        """Return what the report on findings says of one; a record of an older program does not."""
        own = [audit] if audit else []
        return self._said(own, "rows", finding_anchor(key)) or self._text(NOTHING)

    def _doubts(self) -> str:
        _ = self.lang.gettext
        number, doubts = self.lang.number, self.doubts
        message = _(
            "Of {numbers} numbers in {reports} reports, {touched} in {touched_reports} reports "
            "rest on a paragraph of the source that has a finding, and {grave} in {grave_reports} "
            "reports on one that has a finding of high severity, on which a headline depends. A "
            "number is counted once in each report, whatever its languages."
        )
        return message.format(
            numbers=number(doubts.numbers), reports=number(doubts.reports),
            touched=number(doubts.touched[0]), touched_reports=number(doubts.touched[1]),
            grave=number(doubts.grave[0]), grave_reports=number(doubts.grave[1]),
        )  # fmt: skip


def _chosen(values: Iterable[str]) -> str:
    """Return the selector of the list if these values are chosen in the filters before it."""
    chosen = "".join(f':has(option[value="{value}"]:checked)' for value in values)
    return f".filters{chosen} ~ .list"


def _card_label(table: str, at: int, name: str) -> str:
    return f'.{table} td:nth-child({at}) {{ --label: "{html.escaped(name)}"; }}'


def _hide(values: Iterable[str], what: str) -> str:
    return f"{_chosen(values)} {what} {{ display: none; }}"


def _numbered(prefix: str, words: Iterable[str]) -> list[tuple[str, str]]:
    return [(f"{prefix}{at}", word) for at, word in enumerate(words)]


def _address(file: File) -> str:
    """Return the link to a file beside the index; nothing in a name can be another address."""
    return quote(file.path)
