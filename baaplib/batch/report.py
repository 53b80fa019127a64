"""A report that is to be built, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# What it is about: one of these.
ABOUT = ("region", "country")


@dataclass(frozen=True)
class Report:
    """One notebook with one set of parameters.

    Examples
    --------
    >>> place = {"edition": "2022-12", "region": "AFR", "language": "zh"}
    >>> report = Report("regional-brief", Path("regional_brief.ipynb"), place, ("html",))
    >>> report.key, report.path("html").as_posix()
    ('zh/regional-brief-AFR', 'zh/regional-brief-AFR.html')
    """

    name: str
    notebook: Path
    parameters: Mapping[str, Any]
    formats: tuple[str, ...]
    # All that is planned of the same subject, in any language and format: what it can lead to.
    planned: tuple[str, ...] = ()

    @property
    def edition(self) -> str:
        """Edition, the folder that holds the report and its record."""
        return str(self.parameters["edition"])

    @property
    def about(self) -> str:
        """Code of the region or country that the report is about."""
        return next(str(self.parameters[key]) for key in ABOUT if key in self.parameters)

    @property
    def stem(self) -> str:
        """Name of the file without language and format."""
        return f"{self.name}-{self.about}"

    @property
    def key(self) -> str:
        """What the report is called in the record of its edition."""
        return f"{self.parameters['language']}/{self.stem}"

    def path(self, format: str) -> Path:
        """Return the path of a file of the report below the folder of its edition."""
        return Path(f"{self.key}.{format}")


@dataclass(frozen=True)
class Failure:
    """Why there is no report.

    Attributes
    ----------
    step : str
        `execute`, `document`, a format that could not be made, `plausibility` if what was made is
        held back, or `publish`.
    cell : int or None
        Number of the cell in the notebook, from 1, if a cell failed.
    name, message : str
        The exception and what it said.
    """

    step: str
    cell: int | None
    name: str
    message: str

    def __str__(self) -> str:
        place = f"cell {self.cell}" if self.cell else self.step
        return f"{place}: {self.name}: {self.message}"


@dataclass
class Outcome:
    """What became of a report: files as bytes, claims and facts, or a failure.

    `seconds` holds how long each step took, and as `cells` what the cells took of `execute`.
    """

    report: Report
    outputs: dict[str, bytes] = field(default_factory=dict)
    claims: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    failure: Failure | None = None

    @property
    def total(self) -> float:
        """Seconds that all steps took."""
        return sum(seconds for step, seconds in self.seconds.items() if step != "cells")
