"""Why is a finding silenced: in which class, until when, under which ticket, in which words?

`test`, `false-positive WHY`, `fix-later(2027-01-31)`, `accepted-risk(TICKET) WHY`; a colon or a dash may stand before the
words. The same in comments, in the configuration and wherever devsec asks.
"""

from __future__ import annotations

import re

from devsec.nearest import did_you_mean
from devsec.record import Record
from devsec.today import is_day

TEST, FALSE_POSITIVE, FIX_LATER, ACCEPTED_RISK = CLASSES = ("test", "false-positive", "fix-later", "accepted-risk")
FORMS = "test, false-positive WHY, fix-later(2027-01-31), accepted-risk(TICKET) WHY"
LONG = 366  # days: who means to fix it later than that accepts it
SOON = 30  # days before a silence ends in which `devsec ignores` says so

_PUNCTUATION = " \t:-–—"
# On one comment, without nested repeats: linear.
_SHAPE = re.compile(r"([A-Za-z][\w-]*)(?:\(([^()]*)(\)?))?", re.ASCII)


class Reason(Record):
    """`text` is all of it as it was written. With a `problem` ("it" and a hint follow), it silences nothing."""

    text: str
    kind: str = ""  # one of CLASSES
    words: str = ""
    until: str = ""  # of fix-later: the last day on which it holds
    ticket: str = ""  # of accepted-risk
    problem: str = ""

    def expired(self, today: str) -> bool:
        return bool(self.until) and today > self.until

    def distant(self, today: str) -> bool:
        """Whether its day is more than a year off."""
        return bool(self.until) and self.until > in_days(today, LONG)

    def soon(self, today: str) -> bool:
        """Whether it ends within SOON days."""
        return bool(self.until) and today <= self.until <= in_days(today, SOON)


def read(text: str) -> Reason:
    """What somebody wrote behind the brackets, or as `reason` in the configuration."""
    text = " ".join(text.strip(_PUNCTUATION).split())
    if not text:
        return Reason("", problem=f"gives no reason. Write one of {FORMS}")
    found = _SHAPE.match(text)
    kind = found[1] if found else ""
    if found is None or kind not in CLASSES:
        near = did_you_mean(kind.lower(), CLASSES) if kind else ""
        near = near if near.startswith("Did") and _alike(kind) else f"Write one of {FORMS}"
        return Reason(text, problem=f"gives a reason without a class. {near}")
    inside = found[2].strip() if found[2] is not None else None
    words = text[found.end() :].strip(_PUNCTUATION)
    if inside is not None and not found[3]:
        return Reason(text, kind, problem=f"does not close the bracket after {kind}. Close it")
    if kind == FIX_LATER:
        if not inside:
            return Reason(text, kind, words, problem="says no day. Write fix-later(2027-01-31)")
        if not is_day(inside):
            return Reason(text, kind, words, problem=f"has {inside!r} for a day. Write fix-later(2027-01-31)")
        return Reason(text, kind, words, until=inside)
    if kind == ACCEPTED_RISK:
        if not inside:
            return Reason(text, kind, words, problem="names no ticket. Write accepted-risk(TICKET) WHY")
    elif inside is not None:
        return Reason(text, kind, words, problem=f"has brackets after {kind}, which takes none. Write {kind} {inside}")
    if kind != TEST and not any(character.isalnum() for character in words):
        return Reason(text, kind, words, ticket=inside or "", problem=f"says no more than {text}. Write why after it")
    return Reason(text, kind, words, ticket=inside or "")


def _alike(word: str) -> bool:
    """A word that is nearly a class was meant to be one; another is the first of a sentence."""
    import difflib

    return bool(difflib.get_close_matches(word.lower().replace("_", "-"), CLASSES, n=1, cutoff=0.7))


def in_days(day: str, days: int) -> str:
    """The day so many days after `day`."""
    from datetime import date, timedelta  # only where a date was written down

    try:
        return (date.fromisoformat(day) + timedelta(days)).isoformat()
    except OverflowError:  # the calendar ends with the year 9999
        return date.max.isoformat()
