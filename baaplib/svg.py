"""Drawings as SVG: what matplotlib writes, made small, safe to stand inside a page, and checked.

Letters stay letters, in the fonts of the report: they can be searched, copied and enlarged. No
`style` attribute is left, as the policy of a page forbids it, and nothing that could be executed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from xml.etree import ElementTree as ET

NAMESPACE = "http://www.w3.org/2000/svg"
XLINK = "{http://www.w3.org/1999/xlink}href"
DRAWN = ("svg", "g", "defs", "clipPath", "path", "rect", "use", "text")
ATTRIBUTES = (
    "viewBox", "width", "height", "version", "id", "d", "x", "y", "transform", "href", "clip-path",
    "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap",
    "stroke-linejoin", "stroke-dasharray", "stroke-dashoffset", "stroke-miterlimit", "opacity",
    "font-size", "font-family", "font-weight", "font-style", "text-anchor",
)  # fmt: skip
# What stands on every element of matplotlib's style sheet, said once for the whole drawing.
COMMON = {"stroke-linejoin": "round", "stroke-linecap": "butt"}
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
# The narrow space inside a number, and the three figures that follow it.
THOUSANDS = re.compile(r"(?<=\d)\u202f(\d+)")
# A rectangle, as a path from corner to corner.
CORNERS = re.compile(r"M(\S+) (\S+)L(\S+) \2L\3 ([^\sL]+)L\1 \4(?:L\1 \2z?|z)")
# What neighbours in a drawing often have in common, beside their fill: said once for a group.
SHARED = (
    "clip-path", "stroke", "stroke-width", "stroke-opacity", "fill-opacity", "font-size",
    "text-anchor",
)  # fmt: skip
FEW = 3
REFERENCE = re.compile(r"#([^)\"'\s]+)")

ET.register_namespace("", NAMESPACE)


def tidy(text: str, box: tuple[float, float, float, float] | None = None) -> str:
    """Return a drawing of matplotlib without what no reader sees.

    Parameters
    ----------
    text : str
        SVG with letters as text (`svg.fonttype: none`).
    box : tuple of float, optional
        The part of it to show, in points: left, top, width, height.

    Examples
    --------
    >>> path = '<path id="a" style="stroke: red" d="M 0.123456 0 L 9 9"/>'
    >>> tidy(f'<svg xmlns="{NAMESPACE}"><g id="b">{path}</g></svg>')
    '<svg xmlns="http://www.w3.org/2000/svg"><path stroke="red" d="M.12 0L9 9" /></svg>'
    """
    root = ET.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", text))  # noqa: S314  of our own making
    if box:
        left, top, width, height = (f"{number:.6f}" for number in box)
        root.set("viewBox", f"{left} {top} {width} {height}")
        root.attrib.update(width=f"{width}pt", height=f"{height}pt")
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            del element.attrib[name]
            if name == "style":
                element.attrib.update(_properties(value))
            else:
                element.set("href" if name == XLINK else name, _short(name, value))
        element.text = (element.text or "") if _name(element) == "text" else None
        element.tail = None
    _hoist(root, "font-family")
    used = {found for value in _values(root) for found in REFERENCE.findall(value)}
    _prune(root, used)
    if any(_name(element) == "path" for element in root.iter()) and root.get("viewBox"):
        root.attrib.update(COMMON)
    root.attrib.pop("version", None)
    _gather(root)
    return ET.tostring(root, encoding="unicode")


def _hoist(root: ET.Element, name: str) -> None:
    """Say once for the whole drawing what all its letters have in common."""
    if len(values := {letters.get(name) for letters in _letters(root)}) == 1 and None not in values:
        root.set(name, values.pop() or "")
        for letters in _letters(root):
            del letters.attrib[name]


def _gather(root: ET.Element) -> None:
    """Draw neighbours that look alike in one group, which says what they have in common."""
    kept: list[ET.Element] = []
    for look, run in groupby(root, lambda child: [child.get(name) for name in SHARED]):
        alike = list(run)
        common = {name: value for name, value in zip(SHARED, look, strict=True) if value}
        if len(fills := {child.get("fill") for child in alike}) == 1 and None not in fills:
            common["fill"] = fills.pop() or ""
        if len(alike) < FEW or not common:
            kept += alike
            continue
        for child in alike:
            child.attrib = {name: own for name, own in child.attrib.items() if name not in common}
        group = ET.Element(f"{{{NAMESPACE}}}g", common)
        group.extend(alike)
        kept.append(group)
    root[:] = kept


def _letters(root: ET.Element) -> Iterator[ET.Element]:
    return (element for element in root.iter() if _name(element) == "text")


def inside(text: str, prefix: str) -> str:
    """Return a drawing whose ids are its own in a page of many."""
    named = re.sub(r' id="', f' id="{prefix}-', text)
    return re.sub(r'(url\(|href=")#', rf"\1#{prefix}-", named)


def spaced(text: str) -> str:
    r"""Return a drawing whose numbers are copied without the space between their thousands.

    Examples
    --------
    >>> spaced("<text>84\u202f027</text>")
    '<text>84<tspan dx=".18em">027</tspan></text>'
    """
    return THOUSANDS.sub(r'<tspan dx=".18em">\1</tspan>', text)


def check(value: object, where: str) -> None:
    """Refuse what is no drawing, or holds more than lines, shapes and letters.

    Raises
    ------
    ValueError
        Names the element or attribute, and what is allowed.
    """
    if not isinstance(value, str) or not value.lstrip().startswith("<svg"):
        raise ValueError(f"{where} must be the text of an SVG image, from <svg on; see svg.tidy")
    if "<!" in value or "<?" in value:
        raise ValueError(f"{where} holds a declaration or comment; use svg.tidy")
    try:
        root = ET.fromstring(value)  # noqa: S314  without declarations there are no entities
    except ET.ParseError as error:
        raise ValueError(f"{where} is not well-formed SVG: {error}") from None
    for element in root.iter():
        name = _name(element)
        if name not in DRAWN:
            message = f"{where} holds the element <{name}>; allowed are {', '.join(DRAWN)}"
            raise ValueError(message)
        for key, content in element.attrib.items():
            if key not in ATTRIBUTES or (key == "href" and content[:1] != "#"):
                message = (
                    f"{where} holds the attribute {key}={content[:40]!r} of <{name}>; allowed are "
                    f"{', '.join(ATTRIBUTES)}, and links inside the drawing"
                )
                raise ValueError(message)


def _name(element: ET.Element) -> str:
    return element.tag.removeprefix(f"{{{NAMESPACE}}}")


def _properties(style: str) -> dict[str, str]:
    """Return the declarations of a style attribute as attributes of their own."""
    pairs = (part.partition(":") for part in style.split(";") if part.strip())
    properties = {name.strip(): value.strip() for name, _, value in pairs}
    return {
        name: _short(name, value.removesuffix("px") if name == "font-size" else value)
        for name, value in properties.items()
        if COMMON.get(name) != value
    }


def _short(name: str, value: str) -> str:
    """Return the value of an attribute, numbers to a hundredth of a point."""
    if name in ("id", "href", "fill", "stroke", "font-family"):
        return value
    rounded = NUMBER.sub(lambda found: _rounded(found[0]), value)
    if name == "d":
        rounded = re.sub(r"\s*([A-Za-z]|$)\s*", r"\1", re.sub(r"\s+", " ", rounded))
        rounded = CORNERS.sub(r"M\1 \2H\3V\4H\1z", rounded)
    return rounded


def _rounded(number: str) -> str:
    short = f"{float(number):.2f}".rstrip("0").rstrip(".")
    return "0" if short in ("-0", "") else re.sub(r"^(-?)0\.", r"\1.", short)


def _values(root: ET.Element) -> Iterator[str]:
    for element in root.iter():
        for name in ("clip-path", "href"):
            if name in element.attrib:
                yield element.attrib[name]


def _prune(parent: ET.Element, used: set[str]) -> None:
    """Drop what cannot be seen, ids nobody asks for, and groups that group nothing."""
    kept: list[ET.Element] = []
    for child in parent:
        if child.get("id") not in used:
            child.attrib.pop("id", None)
        if re.match(r"rotate\(-?0 ", child.get("transform", "")):
            del child.attrib["transform"]
        _prune(child, used)
        if _name(child) in ("metadata", "style") or _unseen(child):
            continue
        kept += list(child) if _name(child) == "g" and not child.attrib else [child]
    parent[:] = kept


def _unseen(element: ET.Element) -> bool:
    name = _name(element)
    if name in ("g", "defs"):
        return len(element) == 0
    without = element.get("fill") == "none" and "stroke" not in element.attrib
    return name == "path" and (without or not element.get("d"))
