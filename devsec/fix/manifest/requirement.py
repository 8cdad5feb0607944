"""What does a requirement ask for, and does a declaration leave room for it?

Requirements are read by `packaging`, which pip itself uses (PEP 508, PEP 440); names compare as PEP 503 says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from devsec.record import Record

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

LONGEST = 6  # parts of a version that are told apart; see _beside


class Wanted(Record):
    """A package that a cure calls. `text` is the whole requirement; `key` is the name as PEP 503 writes it."""

    text: str
    name: str
    key: str
    extras: tuple[str, ...] = ()
    versions: str = ""
    marker: str = ""


class Declared(Record):
    """A package that a project declares, in `where`. `text` is safe to show: a URL, which may hold a password, is not in it.

    `role` is "" for what is always installed; else what it is declared for. `ranges` are versions as PEP 440 writes
    them, any one of which will do; () when nothing is said or it cannot be known.
    """

    key: str
    text: str
    where: str
    role: str = ""
    ranges: tuple[str, ...] = ()
    marker: str = ""
    installs: bool = True  # a constraint only narrows what something else asks for


def normalised(name: str) -> str:
    """https://packaging.python.org/en/latest/specifications/name-normalization/"""
    return re.sub(r"[-_.]+", "-", name).lower()


def parse(text: str) -> Requirement | None:
    """None when it is no requirement of PEP 508 (a path, an option, a line of prose)."""
    from packaging.requirements import InvalidRequirement, Requirement  # only when a cure needs a package

    try:
        return Requirement(text)
    except (InvalidRequirement, ValueError):
        return None


def wanted(texts: Iterable[str]) -> Wanted | None:
    """What several requirements of one package ask for together. None when one cannot be read, or names a URL."""
    read = [parse(text) for text in dict.fromkeys(texts)]
    if not read or any(one is None or one.url for one in read):
        return None
    first = read[0]
    assert first is not None
    asked = [one for one in read if one is not None]
    extras = sorted({extra for one in asked for extra in one.extras})
    versions = ",".join(dict.fromkeys(str(one.specifier) for one in asked if str(one.specifier)))
    markers = {str(one.marker) for one in asked if one.marker is not None}
    # Needed here only with a marker, there always: always.
    marker = markers.pop() if len(markers) == 1 and all(one.marker is not None for one in asked) else ""
    text = first.name + (f"[{','.join(extras)}]" if extras else "") + versions + (f"; {marker}" if marker else "")
    return Wanted(text, first.name, normalised(first.name), tuple(extras), versions, marker)


def declared(text: str, where: str, role: str = "") -> Declared | None:
    """A declaration that is written as a requirement; None when it cannot be read as one."""
    one = parse(text)
    if one is None:
        return None
    versions = str(one.specifier)
    marker = str(one.marker) if one.marker is not None else ""
    ranges = (versions,) if versions else ()
    return Declared(normalised(one.name), one.name + versions, where, role, ranges, marker)


def leaves_room(ranges: tuple[str, ...], versions: str) -> bool:
    """Whether some version is in one of the `ranges` and among `versions`. What cannot be read leaves room."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    if not ranges or not versions:
        return True
    try:
        mine = SpecifierSet(versions)
        return any(_meet(SpecifierSet(one), mine) for one in ranges)
    except InvalidSpecifier:
        return True


def _meet(one: SpecifierSet, other: SpecifierSet) -> bool:
    """Intervals that meet share an end, or what lies right beside an end; so few versions have to be tried."""
    tried = {"0", *(near for spec in (*one, *other) for near in _beside(spec.version))}
    return any(one.contains(v, prereleases=True) and other.contains(v, prereleases=True) for v in tried)


def _beside(version: str) -> Iterable[str]:
    from packaging.version import InvalidVersion, Version

    try:
        release = Version(version.removesuffix(".*")).release
    except InvalidVersion:
        return
    yield version.removesuffix(".*")
    padded = [*release, *[0] * (LONGEST - len(release))]
    yield ".".join(map(str, [*padded, 1]))
    yield ".".join(map(str, [*release[:-1], release[-1] + 1]))


# --- the constraints of Poetry and Pipenv ----------------------------------------------------------------------------------


def poetry_ranges(constraint: str) -> tuple[str, ...]:
    """PEP 440 for what Poetry understands (https://python-poetry.org/docs/dependency-specification/); () for any
    version, and for what is not understood."""
    ranges = []
    for side in re.split(r"\s*\|\|?\s*", constraint.strip()):
        parts = [_poetry(part) for part in re.split(r"\s*,\s*|\s+(?=[<>=!~^])", re.sub(r"([<>=!~^])\s+", r"\1", side))]
        if None in parts or not any(parts):
            return ()
        ranges.append(",".join(part for part in parts if part))
    return tuple(ranges)


def _poetry(part: str) -> str | None:
    """One comparison; "" for any version, None when it is not understood."""
    if part in ("", "*"):
        return ""
    if re.fullmatch(r"(?:==|!=)?\d+(?:\.\d+)*\.\*", part):
        return part if part.startswith(("=", "!")) else "==" + part
    found = re.fullmatch(r"(\^|~(?!=))(\d+(?:\.\d+)*)", part)
    if found:
        numbers = [int(number) for number in found[2].split(".")]
        if found[1] == "~":
            at = min(1, len(numbers) - 1)
        else:
            at = next((i for i, number in enumerate(numbers) if number), len(numbers) - 1)
        upper = [*numbers[:at], numbers[at] + 1]
        return f">={found[2]},<{'.'.join(map(str, upper))}"
    if re.fullmatch(r"\d[\w.!+-]*", part):
        return "==" + part
    return part if re.fullmatch(r"(?:<=?|>=?|==|!=|~=)\d[\w.!+-]*", part) else None
