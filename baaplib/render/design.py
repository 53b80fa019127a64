"""The design tokens: one visual system for charts, HTML and PDF (`templates/tokens.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from baaplib.render import fonts

SOURCE = files("baaplib.render").joinpath("templates/tokens.toml").read_bytes()
TOKENS: dict[str, dict[str, Any]] = tomllib.loads(SOURCE.decode())
PAINTED = re.compile(r'\b(fill|stroke)="(#[0-9a-f]{6})"')
# Where on its palette seaborn starts to write in white.
TURN = 0.42
SHEET = "@page {{ size: A4; margin: {top}mm {side}mm {bottom}mm; }}\n"


def css() -> str:
    """Return the tokens as CSS variables: a light screen, a dark one, paper.

    Examples
    --------
    >>> [line for line in css().splitlines() if "--accent" in line][0].strip()
    '--accent: #0b5394;'
    """
    families = ", ".join(f'"{family}"' for family in fonts.FAMILIES)
    light, dark = TOKENS["color"] | {"families": f"{families}, sans-serif"}, TOKENS["color-dark"]
    paper = {name: f"{points}pt" for name, points in TOKENS["paper"].items()}
    sheet = {**light, **paper, "found": light["paper"], "gutter": "0"}
    return (
        _root({**light, **TOKENS["screen"]})
        + f"@media (prefers-color-scheme: dark) {{\n{_root(dark)}}}\n"
        + f"@media print {{\n{_root(sheet)}}}\n"
        + SHEET.format(**TOKENS["sheet"])
    )


def dark_charts(drawings: Iterable[str]) -> str:
    """Return the colours of drawings on a dark screen, as CSS; what is no token stays as it is.

    Examples
    --------
    >>> light, dark = TOKENS["chart"]["ink"], TOKENS["chart-dark"]["ink"]
    >>> f'[fill="{light}"]{{fill:{dark}}}' in dark_charts([f'<text fill="{light}"/>'])
    True
    """
    used = {found for drawing in drawings for found in PAINTED.findall(drawing)}
    rules = [
        f'.picture [{name}="{colour}"]{{{name}:{dark}}}\n'
        for name, colour in sorted(used)
        if (dark := _dark(colour))
    ]
    return f"@media screen and (prefers-color-scheme: dark) {{\n{''.join(rules)}}}\n"


def _dark(colour: str) -> str | None:
    light, dark = TOKENS["chart"], TOKENS["chart-dark"]
    pairs: dict[str, str] = {}
    for name, own in dark.items():
        both = (light[name], own)
        pairs |= dict(zip(*both, strict=True)) if isinstance(own, list) else dict([both])
    if colour in pairs:
        return pairs[colour]
    # A shade between the two ends of a palette.
    first, last = _parts(light["pale"]), _parts(light["accent"])
    share = (first[0] - _parts(colour)[0]) / (first[0] - last[0])
    between = _mixed(first, last, share)
    if any(abs(a - b) > 3 for a, b in zip(between, _parts(colour), strict=True)):
        return None
    # Where seaborn turns from dark letters to white ones, the shades leap: letters stand out.
    share = 1.1 * share if share < TURN else 0.64 + (share - TURN) * 0.36 / (1 - TURN)
    mixed = _mixed(_parts(dark["pale"]), _parts(dark["accent"]), share)
    return "#" + "".join(f"{round(part):02x}" for part in mixed)


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _mixed(first: list[int], last: list[int], share: float) -> list[float]:
    return [a + share * (b - a) for a, b in zip(first, last, strict=True)]


def _root(values: dict[str, Any]) -> str:
    lines = "".join(f"  --{name}: {value};\n" for name, value in values.items())
    return f":root {{\n{lines}}}\n"
