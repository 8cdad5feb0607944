"""What is to be written into a manifest, and does it then say what it should? Insertions only, and proved.

Whatever a format's module makes up is held to this: every byte that was there is there, in the same order; the text
reads as it did but for the one package; and it comes back from its own encoding.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from devsec.errors import FixError
from devsec.fix.manifest.requirement import Wanted, normalised
from devsec.record import Record
from devsec.sources.decode import decode, encode
from devsec.sources.source import Skipped, Source
from devsec.text import Edit, Span, apply

# All that a text says, as leaves that can be counted: where it stands, and what is said.
Facts = Counter[tuple[str, str]]


class Insertion(Record):
    """`text` goes in at the character `at`."""

    at: int
    text: str


class Target(Record):
    """A text that a package can be declared in. `add` says what goes in, or as a sentence why nothing can; `facts` is
    all that a text says; `added` are the facts that the package makes. `list` names the place for somebody who
    adds it by hand, "" for the whole text."""

    path: str
    list: str
    add: Callable[[str, Wanted], Sequence[Insertion] | str]
    facts: Callable[[str], Facts | None]
    added: Callable[[Wanted], Facts]


class NotAdded(Record):
    reason: str


def add(target: Target, data: bytes, packages: Sequence[Wanted]) -> bytes | NotAdded:
    """The bytes of the manifest with the packages declared in it, one after the other."""
    for wanted in packages:
        made = _added(target, data, wanted)
        if isinstance(made, NotAdded):
            return made
        data = made
    return data


def _added(target: Target, data: bytes, wanted: Wanted) -> bytes | NotAdded:
    text = decode(Source(target.path, data))
    if isinstance(text, Skipped):
        return NotAdded(f"it cannot be read: {text.reason}")
    old = text.text.decode("utf-8")
    insertions = target.add(old, wanted)
    if isinstance(insertions, str):
        return NotAdded(insertions)
    edits = [Edit(Span(at, at), it.text) for it in insertions for at in (len(old[: it.at].encode()),)]
    try:
        new = apply(text.text, edits)
        made = encode(new, text)
    except (FixError, ValueError) as error:
        return NotAdded(str(error))
    again = decode(Source(target.path, made))
    if isinstance(again, Skipped) or again.text != new or not _kept(text.text, new, edits):
        return NotAdded("other bytes of it would change")
    before, after = target.facts(old), target.facts(new.decode("utf-8"))
    if before is None or after is None or after != before + target.added(wanted):
        return NotAdded("it could not be shown that it would say the same and this package")
    return made


def _kept(old: bytes, new: bytes, edits: Sequence[Edit]) -> bool:
    """Takes what was put in out again. Not how the text was made, so that one mistake cannot hide in both."""
    shift = 0
    for edit in sorted(edits):
        size = len(edit.text.encode())
        if new[edit.span.start + shift : edit.span.start + shift + size] != edit.text.encode():
            return False
        new = new[: edit.span.start + shift] + new[edit.span.start + shift + size :]
    return bool(edits) and new == old


def ending(text: str, at: int) -> str:
    """How the line at `at` ends, or else the one before it."""
    found = re.compile(r"\r\n|\n|\r").search(text, at) or re.search(r"(?:\r\n|\n|\r)(?=[^\r\n]*\Z)", text[:at])
    return found.group() if found else "\n"


def place_among(names: Sequence[str], name: str) -> int:
    """Before which of them a new name goes: where it keeps a sorted list sorted, else after all of them."""
    for spelt in (str.lower, normalised):
        keys = [spelt(one) for one in names]
        if len(keys) > 1 and keys == sorted(keys):
            return sum(key < spelt(name) for key in keys)
    return len(names)
