"""What somebody might want to say of some paths, and where that comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devsec.contexts import Entry
from devsec.record import Record


class Proposed(Record):
    """Contexts, in the order in which they count, and `remarks` about what could not be made one of."""

    entries: tuple[Entry, ...] = ()
    remarks: tuple[str, ...] = ()


def entry(
    paths: tuple[str, ...], because: str, values: Mapping[str, Any] | None = None, labels: tuple[str, ...] = ()
) -> Entry:
    """A context as `[[context]]` gives it; `values` by key."""
    shown = "".join(character if character.isprintable() else " " for character in because)
    made = Entry(paths, labels=labels, because=" ".join(shown.split()))
    return made._replace(**dict(values)) if values else made


def as_glob(folder: str) -> str:
    """What is below a folder ("" for the root); "" when no glob says so."""
    if not folder:
        return "**"
    return folder + "/**" if sayable(folder) else ""


def sayable(path: str) -> bool:
    """Whether a path can be written into a list of globs as it is."""
    return path.isprintable() and not set(path) & set("*?!\\") and not any("\ud800" <= one <= "\udfff" for one in path)
