"""A whole synthetic edition of any size, well by every rule of `baap check`; the same for a seed.

`python tests/synthetic.py FOLDER ACTIVITIES` writes one. Shares, precisions of dates, bounds and
lengths of texts are about those of the edition 2022-12; what depends on other cells (`in_period`,
dispositions, findings, fingerprints) is worked out here, not with baaplib, so that the two differ
if one of them is wrong.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd

PROJECT = Path(__file__).parent.parent / "data"
EDITION = "2030-12"
PERIOD = np.array(["2030-05-01", "2030-12-31"], dtype="datetime64[D]")
# Areas of activity and their weight: ten themes, and the components outside the themes.
AREAS = {
    "CAP": 50, "CYB": 63, "INC": 60, "INN": 39, "SRV": 56, "EMT": 20, "ENV": 27, "NDI": 46,
    "POL": 23, "RES": 5, "STA": 6, "STG": 8, "RDF": 2, "UNC": 37,
}  # fmt: skip
COMPONENTS = {"STG": "study_groups", "RDF": "regional_forum", "UNC": "un_cooperation"}
TYPES = {
    "training": "培训", "workshop": "讲习班", "meeting": "会议", "project": "项目",
    "assistance": "援助", "deployment": "部署", "assessment": "评估", "plan": "计划",
    "platform": "平台", "publication": "出版物", "programme": "方案",
}  # fmt: skip
PEOPLE = ("people_trained", "people_participating", "people_registered", "attendances")
THINGS = ("courses", "countries", "workshops", "meetings", "centres", "satellite_phones")
# Figures that come together: their measures, and the place of each one's whole among them.
BUNDLES = {
    "people": ((None, -1),),
    "women": ((None, -1), (None, 0)),
    "share": (("people_trained", -1), ("people_trained", 0), ("women_share", 0)),
    "certified": (("people_registered", -1), ("people_certified", 0)),
    "things": ((None, -1),),
}
SHARES = (0.35, 0.10, 0.08, 0.07, 0.40)
# So many bundles of an activity make three figures of it.
EACH = 2.26
CHINESE = np.array(list("零一二三四五六七八九十"), dtype=object)

Frame = pd.DataFrame
Texts = np.ndarray


def write(folder: Path, activities: int, seed: int = 0) -> Path:
    """Write an edition of so many activities, with the project's vocabularies; return its folder.

    There are about three figures, four tags, one country and one partner to an activity.
    """
    for part in ("schemas", "reference"):
        shutil.copytree(PROJECT / part, folder / part)
    shutil.copy(PROJECT / "datapackage.json", folder)
    own = folder / "editions" / EDITION
    own.mkdir(parents=True)
    _save(folder / "reference" / "editions.csv", _editions())
    for name, frame in Edition(activities, seed).tables().items():
        _save(own / f"{name}.csv", frame)
    return own


def _editions() -> Frame:
    start, end = PERIOD.astype(str)
    return pd.DataFrame({
        "edition": [EDITION], "title": "A synthetic report, May to December 2030",
        "title_zh": "合成报告：2030年5月至12月", "period_start": start, "period_end": end,
        "source_language": "zh", "source_sha256": "0" * 64, "cycle": "WTDC-17",
    })  # fmt: skip


def _reference(name: str) -> Frame:
    path = PROJECT / "reference" / f"{name}.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _save(path: Path, frame: Frame) -> None:
    frame.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _joined(*parts: object) -> Texts:
    """Write texts one behind the other, cell by cell."""
    width = max(len(part) for part in parts if not isinstance(part, str))
    lists = [[part] * width if isinstance(part, str) else list(part) for part in parts]
    return np.array(["".join(map(str, cells)) for cells in zip(*lists, strict=True)], dtype=object)


def _numbered(prefix: Texts, number: Texts) -> Texts:
    pairs = zip(prefix, number, strict=True)
    return np.array([f"{word}{count:03d}" for word, count in pairs], dtype=object)


def _where(chosen: Texts, yes: object, no: object = "") -> Texts:
    return np.where(chosen, np.asarray(yes, dtype=object), np.asarray(no, dtype=object))


class Edition:
    """The tables of a synthetic edition, made one after the other from the same dice."""

    def __init__(self, activities: int, seed: int) -> None:
        self.dice = np.random.default_rng(seed)
        self.size = activities
        reference = {
            name: _reference(name)
            for name in ("countries", "country_aliases", "partners", "initiatives", "topics",
                         "wsis_lines")
        }  # fmt: skip
        self.reference = reference
        spelt = reference["countries"]["iso3"].isin(reference["country_aliases"]["iso3"])
        known = reference["countries"][spelt & (reference["countries"]["region"] != "")]
        self.members = {
            region: own.to_numpy(dtype=object) for region, own in known.groupby("region")["iso3"]
        }
        self.regions = np.array(list(self.members), dtype=object)

    def tables(self) -> dict[str, Frame]:
        """Return every table of the edition by its name."""
        self.paragraphs = self._paragraphs()
        self.activities = self._activities()
        self.countries = self._countries()
        self.figures = self._figures()
        return {
            "paragraphs": self.paragraphs, "activities": self.activities,
            "activity_countries": self.countries, "activity_partners": self._partners(),
            "activity_tags": self._tags(), "figures": self.figures,
            "findings": self._findings(), "numerals": self._numerals(),
            "spectrum_assistance": self._spectrum(), "overlaps": self._overlaps(),
            "same_activities": self._same_activities(),
        }  # fmt: skip

    def pick(self, choices: object, size: int, weights: object = None) -> Texts:
        """Throw the dice for one of the choices, so many times."""
        values = np.array(choices, dtype=object)
        return values[self.dice.choice(len(values), size, p=weights)]

    def chance(self, share: float, size: int) -> Texts:
        return self.dice.random(size) < share

    # Paragraphs and activities

    def _paragraphs(self) -> Frame:
        shares = {
            "activities": 0.6, "heading": 0.2, "context": 0.02, "list_header": 0.02,
            "told_again": 0.015, "placeholder": 0.002,
        }  # fmt: skip
        said = np.repeat(list(shares), [max(1, int(n * self.size)) for n in shares.values()])
        said = np.concatenate([self.dice.permutation(said), np.repeat(["table_row"], 28)])
        number = np.arange(1, len(said) + 1)
        kinds = {"heading": "heading", "table_row": "table_cell"}
        hashed = [hashlib.sha256(f"{n}".encode()).hexdigest() for n in number]
        return pd.DataFrame({
            "paragraph": number, "section": 1 + 14 * (number - 1) // len(said),
            "region": self.pick(["", *self.regions], len(said)),
            "kind": [kinds.get(word, "list_item") for word in said],
            "sha256": hashed, "disposition": said,
        })  # fmt: skip

    def _numbers(self, disposition: str) -> Texts:
        chosen = self.paragraphs["disposition"] == disposition
        return self.paragraphs.loc[chosen, "paragraph"].to_numpy()

    def _activities(self) -> Frame:
        size, weights = self.size, np.array(list(AREAS.values())) / sum(AREAS.values())
        area = np.sort(self.dice.choice(len(AREAS), size, p=weights))
        codes = np.array(list(AREAS), dtype=object)[area]
        number = np.arange(size) - np.searchsorted(area, area) + 1
        kind = self.pick(list(TYPES), size)
        region = self.pick(["", *self.regions], size, [0.4, *[0.1] * 6])
        main, told, again, pending = self._telling()
        status = self.pick(["completed", "ongoing", "planned"], size, [0.6, 0.37, 0.03])
        status[pending] = "pending"
        start, end, lies = self._dates(status)
        words = [TYPES[word] for word in kind]
        self.main, self.again, self.pending = main, again, pending
        outside = np.isin(codes, list(COMPONENTS))
        return pd.DataFrame({
            "activity_id": _numbered(_joined(codes, "-"), number),
            "component": [COMPONENTS.get(code, "theme") for code in codes],
            "theme": _where(outside, "", codes), "region": region,
            "also_regions": _where(self.chance(0.07, size), self.pick(self.regions, size)),
            "title_en": _joined(
                kind, " ", number, " on digital skills and connectivity for ", codes),
            "title_zh": _joined("数字技能和连通性", words, "第", number, "号"),
            "summary_en": _joined(
                "Staff of ministries, regulators and operators worked on the matter of ", codes,
                " number ", number, "; the results were taken over into national plans by ",
                self.dice.integers(2, 90, size), " bodies."),
            "summary_zh": _joined(
                "各部委、监管机构和运营商的人员就第", number, "号事项开展工作，成果纳入国家计划。"),
            "start": start, "end": end, "in_period": lies, "type": kind, "status": status,
            "paragraphs": told,
        })  # fmt: skip

    def _telling(self) -> tuple[Texts, Texts, Texts, Texts]:
        """Return where each activity is told, first and in all; by whom told again; which pend."""
        own, again = self._numbers("activities"), self._numbers("told_again")
        empty = self._numbers("placeholder")
        at = np.arange(self.size) * len(own) // self.size
        main, second = own[at].copy(), np.zeros(self.size, dtype=int)
        order = self.dice.permutation(self.size)
        # An activity that alone is told in its paragraph keeps it.
        free = order[np.bincount(at, minlength=len(own))[at[order]] > 1]
        _, lead = np.unique(at[free], return_index=True)
        pending = free[np.sort(lead)][: len(empty)]
        main[pending] = empty
        rest = order[~np.isin(order, pending)]
        repeated, elsewhere = np.split(rest, [len(again)])
        elsewhere = elsewhere[: self.size * 7 // 100]
        second[repeated] = again
        second[elsewhere] = own[(at[elsewhere] + 1) % len(own)]
        told = _where(second > 0, _joined(main, ";", second), main.astype(str))
        return main, told, repeated, pending

    def _dates(self, status: Texts) -> tuple[Texts, Texts, Texts]:
        """Return start and end as precise as stated, and how they lie against the period."""
        size = self.size
        length = self.dice.choice([0, 4, 7, 10], size, p=[0.61, 0.2, 0.15, 0.04])
        length[status == "pending"] = 0
        first = PERIOD[0] + self.dice.integers(-60, 300, size).astype("timedelta64[D]")
        last = first + self.dice.integers(0, 40, size).astype("timedelta64[D]")
        first, last = _edges(first, length)[0], _edges(last, length)[1]
        states = self.dice.choice(["start", "both", "end"], size, p=[0.75, 0.2, 0.05])
        first, last = (
            np.where(states == "end", _edges(last, length)[0], first),
            np.where(states == "start", _edges(first, length)[1], last),
        )
        texts = [_cut(days.astype(str), length) for days in (first, last)]
        start, end = _where(states == "end", "", texts[0]), _where(states == "start", "", texts[1])
        # What is ongoing has no end but the one stated, and had begun by the end of the period.
        goes_on = status == "ongoing"
        first = np.where(goes_on & (start == ""), np.minimum(first, PERIOD[1]), first)
        last = np.where(goes_on & (end == ""), np.datetime64("2200-01-01"), last)
        inside = (PERIOD[0] <= first) & (last <= PERIOD[1])
        apart = (last < PERIOD[0]) | (PERIOD[1] < first)
        lies = np.select([length == 0, inside, apart], ["unknown", "yes", "no"], "partly")
        return start, end, lies

    # Links

    def _many(self, share: tuple[float, ...]) -> Texts:
        """Return the positions of activities, each as often as the dice give it links."""
        return np.repeat(np.arange(self.size), self.dice.choice(len(share), self.size, p=share))

    def _places(self, region: Texts) -> Texts:
        """Return for each a country of its region, of any region if it has none."""
        home = _where(region == "", self.pick(self.regions, len(region)), region)
        places = np.empty(len(region), dtype=object)
        for code, own in self.members.items():
            here = home == code
            # Some countries are named much more often than others.
            rank = (len(own) * self.dice.random(here.sum()) ** 1.7).astype(int)
            places[here] = own[rank]
        return places

    def _countries(self) -> Frame:
        at = self._many((0.5, 0.3, 0.1, 0.05, 0.03, 0.02))
        region = self.activities["region"].to_numpy()[at]
        roles = ["beneficiary", "participant", "member", "origin", "venue", "donor"]
        frame = pd.DataFrame({
            "activity_id": self.activities["activity_id"].to_numpy()[at],
            "iso3": self._places(region),
            "role": self.pick(roles, len(at), [0.5, 0.25, 0.1, 0.05, 0.08, 0.02]),
        })  # fmt: skip
        return frame.drop_duplicates()

    def _partners(self) -> Frame:
        at = self._many((0.5, 0.3, 0.15, 0.05))
        roles = ["implementer", "funder", "host", "supplier", "co_organiser", "requester",
                 "participant", "prospective"]  # fmt: skip
        frame = pd.DataFrame({
            "activity_id": self.activities["activity_id"].to_numpy()[at],
            "partner": self.pick(self.reference["partners"]["partner"], len(at)),
            "role": self.pick(roles, len(at)),
        })  # fmt: skip
        return frame.drop_duplicates()

    def _tags(self) -> Frame:
        at = np.repeat(np.arange(self.size), self.dice.integers(3, 7, self.size))
        terms = {
            "sdg": [str(n) for n in range(1, 18)], "wsis": self.reference["wsis_lines"]["line"],
            "topic": self.reference["topics"]["topic"],
            "initiative": self.reference["initiatives"]["code"], "group": ["LDC", "LLDC", "SIDS"],
        }  # fmt: skip
        vocabulary = self.pick(list(terms), len(at), [0.36, 0.27, 0.26, 0.1, 0.01])
        tag = np.empty(len(at), dtype=object)
        for name, choices in terms.items():
            here = vocabulary == name
            tag[here] = self.pick(choices, here.sum())
        frame = pd.DataFrame({
            "activity_id": self.activities["activity_id"].to_numpy()[at], "vocabulary": vocabulary,
            "tag": tag, "basis": self.pick(["judged", "stated"], len(at), [0.97, 0.03]),
        })  # fmt: skip
        return frame.drop_duplicates(["activity_id", "vocabulary", "tag"])

    # Figures

    def _figures(self) -> Frame:
        often = self.dice.poisson(EACH, self.size)
        often[self.pending] = 0
        at = np.repeat(np.arange(self.size), often)
        at = at[np.argsort(self.main[at], kind="stable")]
        bundle = self.dice.choice(len(BUNDLES), len(at), p=SHARES)
        width = np.array([len(members) for members in BUNDLES.values()])[bundle]
        # From here on a row is a figure; `of` leads to its bundle.
        of = np.repeat(np.arange(len(at)), width)
        rank = np.arange(len(of)) - np.repeat(np.cumsum(width) - width, width)
        shape = list(BUNDLES.values())
        table = {(b, r): cell for b, own in enumerate(shape) for r, cell in enumerate(own)}
        cells = [table[key] for key in zip(bundle[of], rank, strict=True)]
        whole = np.array([cell[1] for cell in cells])
        frame = pd.DataFrame({"at": at[of], "bundle": bundle[of], "rank": rank, "whole": whole})
        common = self._bundles(at, bundle)
        frame = frame.join(common, on=pd.Index(of))
        fixed = np.array([cell[0] for cell in cells], dtype=object)
        frame["measure"] = _where(fixed == None, frame["measure"], fixed)  # noqa: E711
        return self._stated(frame)

    def _bundles(self, at: Texts, bundle: Texts) -> Frame:
        """Return what the figures of a bundle share."""
        size, things = len(at), bundle == len(BUNDLES) - 1
        measure = _where(
            things, self.pick(THINGS, size), self.pick(PEOPLE, size, [0.45, 0.25, 0.1, 0.2])
        )
        measure[(measure == "attendances") & (bundle != 0)] = "people_trained"
        number = np.maximum(4, self.dice.lognormal(4.5, 1.3, size)).astype(int)
        number[things] = self.dice.geometric(0.15, things.sum())
        bound = self.pick(["exact", "at_least", "about", "at_most"], size, [0.76, 0.17, 0.05, 0.02])
        bound[bundle == 2] = "exact"
        number = np.where(bound == "about", _two_digits(number), number)
        year, dated = PERIOD.astype(str)[0][:4], self.chance(0.45, size)
        place = self._origins(self.activities["region"].to_numpy()[at])
        role = _where(place == "", "", self.pick(["origin", "venue"], size, [0.93, 0.07]))
        return pd.DataFrame({
            "measure": measure, "number": number, "bound": bound, "place": place,
            "place_role": role, "dated": dated, "year": year,
            "month": self.pick(["", "-05", "-11", "-12"], size),
            "cumulative": _where(self.chance(0.12, size), "true", "false"),
            "within": self.pick(["activity", "programme", "occasion"], size),
            "events": self.dice.integers(2, 30, size),
            "part": self.dice.random(size),
        })  # fmt: skip

    def _origins(self, region: Texts) -> Texts:
        """Return the places of figures: none, a country, a region, or a list of some."""
        size = len(region)
        kind = self.dice.choice(4, size, p=[0.35, 0.4, 0.13, 0.12])
        place = np.full(size, "", dtype=object)
        place[kind == 1] = self._places(region[kind == 1])
        home = _where(region == "", self.pick(self.regions, size), region)
        place[kind == 2] = home[kind == 2]
        listed = np.flatnonzero(kind == 3)
        columns = [self._places(region[listed]) for _ in range(6)]
        long = self.dice.integers(2, 7, len(listed))
        rows = zip(long, *columns, strict=True)
        place[listed] = [";".join(dict.fromkeys(row[1 : 1 + row[0]])) for row in rows]
        return place

    def _stated(self, frame: Frame) -> Frame:
        """Return figures as the table holds them."""
        whole, share = frame["whole"] >= 0, frame["measure"] == "women_share"
        women = np.maximum(1, (frame["number"] * frame["part"]).astype(int))
        number = frame["number"].where(~whole, women).to_numpy()
        per_cent = np.floor(1000 * women / frame["number"] + 0.5 + 1e-8) / 10
        # Now and then the source prints another share than its numbers give; a finding says so.
        self.odd = (share & self.chance(0.05, len(frame))).to_numpy()
        printed_share = np.where(
            self.odd, np.where(per_cent > 50, per_cent - 9, per_cent + 9), per_cent
        )
        self.per_cent = (100 * women / frame["number"]).to_numpy()
        value = _where(share, [f"{n:.1f}" for n in printed_share], number.astype(str))
        people = ~share & ~frame["measure"].isin(THINGS)
        paragraph = self.main[frame["at"]]
        count = np.arange(len(frame)) - np.searchsorted(paragraph, paragraph) + 1
        name = _joined(_numbered(np.full(len(frame), "F"), paragraph), "-", count)
        above = np.arange(len(frame)) - frame["rank"].to_numpy() + frame["whole"].to_numpy()
        above = np.where(whole, name[np.maximum(above, 0)], "")
        dated, attended = frame["dated"].to_numpy(), (frame["measure"] == "attendances").to_numpy()
        several = attended | ((frame["measure"] == "courses").to_numpy() & dated)
        women_too = whole & ~share & frame["bundle"].isin([1, 2])
        population = self.pick(
            ["", "teachers", "officials", "staff"], len(frame), [0.7, 0.1, 0.1, 0.1]
        )
        return pd.DataFrame({
            "figure_id": name,
            "activity_id": self.activities["activity_id"].to_numpy()[frame["at"]],
            "paragraph": paragraph, "measure": frame["measure"], "value": value,
            "bound": frame["bound"].where(~whole, "exact"),
            "population": _where(women_too, "women", _where(people, population)),
            "place": frame["place"], "place_role": frame["place_role"],
            "unique_within": _where(people, _where(attended, "occasion", frame["within"])),
            "occasions": _where(several, frame["events"].astype(str)),
            "window_start": _where(dated, frame["year"]),
            "window_end": _where(dated, frame["year"] + frame["month"]),
            "cumulative": frame["cumulative"], "part_of": _where(whole & ~share, above),
            "share_of": _where(share, above), "printed": _printed(value, number, share.to_numpy()),
        })  # fmt: skip

    # What curators say of the rows

    def _findings(self) -> Frame:
        names = self.activities["activity_id"].to_numpy()
        paragraph, told = self.main.astype(str), self.activities["paragraphs"].to_numpy()
        outside = np.flatnonzero((self.activities["in_period"] == "no").to_numpy())
        odd = np.flatnonzero(self.odd)
        ids = self.figures["figure_id"].to_numpy()
        derived = np.array([f"{round(n, 1):g}" for n in self.per_cent[odd].tolist()], dtype=object)
        doubts = self.dice.choice(self.size, self.size * 3 // 10)
        doubt = self.pick(
            ["unclear_scope", "missing_value", "name_variant", "structure"], len(doubts)
        )
        parts = [
            {"kind": "outside_period", "paragraphs": paragraph[outside],
             "activities": names[outside], "basis": "provable"},
            {"kind": "told_twice", "paragraphs": told[self.again], "basis": "provable"},
            {"kind": "placeholder", "paragraphs": self._numbers("placeholder").astype(str),
             "basis": "provable"},
            {"kind": "share_mismatch", "derived": derived, "basis": "provable",
             "paragraphs": self.figures["paragraph"].to_numpy()[odd].astype(str),
             "figures": _joined(ids[odd], ";", ids[odd - 1], ";", ids[odd - 2]),
             "evidence": _joined("The two numbers give ", derived, " per cent."),
             "evidence_zh": _joined("两个数字得出", derived, "%。")},
            {"kind": doubt, "paragraphs": paragraph[doubts], "activities": names[doubts],
             "basis": "judgement"},
        ]  # fmt: skip
        frame = pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)
        number = np.arange(1, len(frame) + 1)
        texts = {
            "evidence": _joined(
                "What is told of matter ", number, " does not say whom it concerns."
            ),
            "evidence_zh": _joined("关于第", number, "号事项的叙述未说明涉及何人。"),
        }
        severity = self.pick(["high", "medium", "low"], len(frame), [0.02, 0.3, 0.68])
        frame = frame.assign(
            finding_id=_joined(_numbered(np.full(len(frame), "X"), number), "-1"),
            severity=severity, counted="", treatment="Kept as stated.", treatment_zh="照原文保留。",
            **{name: frame[name].where(frame[name].notna(), text) for name, text in texts.items()},
        )  # fmt: skip
        columns = ["finding_id", "kind", "severity", "paragraphs", "activities", "figures",
                   "counted", "derived", "evidence", "evidence_zh", "treatment", "treatment_zh",
                   "basis"]  # fmt: skip
        return frame[columns].fillna("")

    def _numerals(self) -> Frame:
        size = max(1, self.size * 6 // 10)
        kinds = ["date", "name", "ordinal", "repeated"]
        kind = self.pick(kinds, size, [0.65, 0.22, 0.1, 0.03])
        frame = pd.DataFrame({
            "paragraph": self.dice.choice(self.paragraphs["paragraph"], size),
            "printed": _joined(self.dice.integers(1, 2000, size), "年"), "times": 1, "class": kind,
            "figure_id": _where(kind == "repeated", self.pick(self.figures["figure_id"], size)),
        })  # fmt: skip
        return frame.drop_duplicates(["paragraph", "printed", "class"])

    def _spectrum(self) -> Frame:
        rows = self._numbers("table_row").reshape(-1, 2)
        number = np.arange(len(rows))
        return pd.DataFrame({
            "paragraph": rows[:, 0], "topic_en": _joined("Topic ", number),
            "topic_zh": _joined("专题", number), "activities": 3 + number,
            "activities_paragraph": rows[:, 1],
        })  # fmt: skip

    def _overlaps(self) -> Frame:
        # Two wholes of people trained somewhere.
        trained = self.figures[
            (self.figures["measure"] == "people_trained") & (self.figures["part_of"] == "")
        ]
        kinds = ["disjoint", "same_people", "part_of"]
        return self._verdicts(trained, "figure", kinds, max(1, self.size // 2000))

    def _same_activities(self) -> Frame:
        kinds = ["different", "same", "part_of"]
        return self._verdicts(self.activities, "activity", kinds, max(1, self.size // 200))

    def _verdicts(self, rows: Frame, first: str, kinds: list[str], size: int) -> Frame:
        size = min(size, len(rows) // 2)
        chosen = rows.iloc[self.dice.choice(len(rows), 2 * size, replace=False)].astype(str)
        one, other = chosen.iloc[:size].to_numpy(), chosen.iloc[size:].to_numpy()
        prints = [
            hashlib.sha256("\x1f".join([*a, *b]).encode()).hexdigest()[:8]
            for a, b in zip(one, other, strict=True)
        ]
        return pd.DataFrame({
            first: one[:, 0], "other": other[:, 0], "verdict": self.pick(kinds, size),
            "reason": "Read side by side.", "fingerprint": prints,
        })  # fmt: skip


def _edges(days: Texts, length: Texts) -> tuple[Texts, Texts]:
    """Return the first and last day of what a day is stated to be: its year, its month, itself."""
    firsts, lasts = days.copy(), days.copy()
    for unit, size in (("Y", 4), ("M", 7)):
        coarse, here = days.astype(f"datetime64[{unit}]"), length == size
        firsts[here] = coarse.astype("datetime64[D]")[here]
        lasts[here] = ((coarse + 1).astype("datetime64[D]") - 1)[here]
    return firsts, lasts


def _cut(texts: Texts, length: Texts) -> Texts:
    return np.array([text[:size] for text, size in zip(texts, length, strict=True)], dtype=object)


def _two_digits(number: Texts) -> Texts:
    unit = 10 ** np.maximum(0, np.floor(np.log10(number)).astype(int) - 1)
    return number // unit * unit


def _printed(value: Texts, number: Texts, share: Texts) -> Texts:
    """Write numbers as a source does: in digits, with commas, in Chinese."""
    commas = np.array([f"{n:,}" for n in number], dtype=object)
    words = CHINESE[np.minimum(number, 10)]
    thousands = _joined((number // 10_000).astype(str), "万")
    cases = [share, number <= 10, number % 10_000 == 0]
    return np.select(cases, [value, words, thousands], commas)


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), int(sys.argv[2])))
