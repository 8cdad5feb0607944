"""A place in a text that a `text` shape found."""

from __future__ import annotations

from devsec.catalog.rule import Rule, Shape
from devsec.record import Record
from devsec.scan.proofs import Proof
from devsec.text import Span


class Place(Record):
    """`match` is what the regex matched, `value` the part of it that is meant, `proof` what its check says: None without
    one."""

    match: Span
    value: Span
    proof: Proof | None = None


class Spot(Record):
    """A place, and who found it. `name` is that of the setting whose value it is, "" when it is none."""

    rule: Rule
    shape: Shape
    place: Place
    name: str = ""
