"""The design tokens: one visual system for charts, HTML and PDF (`templates/tokens.toml`)."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

from baaplib.render import fonts

SOURCE = files("baaplib.render").joinpath("templates/tokens.toml").read_bytes()
TOKENS: dict[str, dict[str, Any]] = tomllib.loads(SOURCE.decode())
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


def _root(values: dict[str, Any]) -> str:
    lines = "".join(f"  --{name}: {value};\n" for name, value in values.items())
    return f":root {{\n{lines}}}\n"
