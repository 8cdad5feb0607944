"""Did the author silence a finding, and say why? `# devsec: ignore[rule-id, other] reason`.

The comment stands on any line of the statement, or alone on a line above it. Without a rule id or a reason it
silences nothing, and that is said: a silence nobody can explain in a year is how a gate rots.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from devsec.finding import Finding
from devsec.sources.source import is_python

MARK = b"devsec: ignore"
# Matched on one comment or line at a time, without nested repeats: linear.
_COMMENT = re.compile(r"#\s*devsec: ignore(?:\[([^\]]*)\])?(.*)", re.DOTALL)
_ANYWHERE = re.compile(r"devsec: ignore(?:\[([^\]]*)\])?(.*)", re.DOTALL)
_ENDINGS = ("*/", "-->", "#}", "%>")  # how other languages end a comment: no part of the reason


class Ignore(NamedTuple):
    """One comment. It covers lines `first` to `last`; with a `problem` it covers nothing."""

    line: int
    first: int
    last: int
    rules: tuple[str, ...]
    reason: str
    problem: str = ""

    def silences(self, finding: Finding) -> bool:
        if self.problem or finding.rule not in self.rules:
            return False
        return self.first <= max(finding.start.line, finding.end.line) and finding.start.line <= self.last


def ignores(path: str, text: bytes) -> tuple[Ignore, ...]:
    """All such comments in a decoded text, in order."""
    if MARK not in text:
        return ()
    if is_python(path, text):
        return tuple(_in_python(text.decode("utf-8", "replace")))
    return tuple(_in_lines(text.decode("utf-8", "replace")))


def silencer(finding: Finding, among: Iterable[Ignore]) -> Ignore | None:
    """The comment that silences the finding, if any does."""
    return next((ignore for ignore in among if ignore.silences(finding)), None)


def _in_python(text: str) -> Iterable[Ignore]:
    """Comments as Python sees them: the same words inside a string are no comment."""
    import io  # only files that have the words get here
    import tokenize

    skip = (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER)
    pending: list[tuple[str, int]] = []  # comments of the statement being read
    above: list[tuple[str, int]] = []  # comments alone on their lines before the next statement
    first = 0  # where the statement being read began; 0 between statements
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            line = token.start[0]
            if token.type == tokenize.COMMENT:
                (pending if first else above).append((token.string, line))
            elif token.type == tokenize.NEWLINE:
                last = max(line, first)
                for comment, at in above:
                    yield from _read(_COMMENT, comment, at, at, last)
                for comment, at in pending:
                    yield from _read(_COMMENT, comment, at, first, last)
                pending, above, first = [], [], 0
            elif token.type == tokenize.NL and not first and not token.line.strip():
                # A blank line ends what a comment above can mean.
                for comment, at in above:
                    yield from _read(_COMMENT, comment, at, at, at)
                above = []
            elif token.type not in skip and not first:
                first = line
    except (tokenize.TokenError, SyntaxError):
        pass  # a file that does not parse is reported as not checked; nothing in it is silenced from here on
    for comment, at in above + pending:
        yield from _read(_COMMENT, comment, at, at, at)


def _in_lines(text: str) -> Iterable[Ignore]:
    """Any other text: on the line itself or, when the line has nothing but the comment, for the next one."""
    for number, line in enumerate(text.splitlines(), 1):
        if MARK.decode() in line:
            before = line.split(MARK.decode(), 1)[0]
            alone = not any(character.isalnum() or character in "\"'=" for character in before)
            yield from _read(_ANYWHERE, line, number, number, number + 1 if alone else number)


def _read(form: re.Pattern[str], comment: str, line: int, first: int, last: int) -> Iterable[Ignore]:
    found = form.search(comment)
    if found is None:
        return
    rules = tuple(rule.strip() for rule in (found[1] or "").split(",") if rule.strip())
    reason = found[2].strip()
    for ending in _ENDINGS:
        reason = reason.removesuffix(ending).strip()
    reason = reason.strip(" :-–—")
    problem = ""
    if not rules:
        problem = "names no rule"
    elif not reason:
        problem = "gives no reason"
    yield Ignore(line, first, last, rules, reason, problem)
