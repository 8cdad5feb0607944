"""Did somebody silence a finding, and say why? `# devsec: ignore[rule-id, other] CLASS words`, or an entry in the configuration.

The comment stands on any line of the statement, or alone on a line above it. Without a rule id or a reason of a known class it
silences nothing, and that is said: a silence nobody can explain in a year is how a gate rots.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from devsec.config import Config
from devsec.finding import Finding
from devsec.reasons import Reason, read
from devsec.record import Record
from devsec.scan.lazily import pattern
from devsec.sources.source import IGNORE, is_notebook, is_python
from devsec.text import Lines, Span

# Matched on one comment or line at a time, without nested repeats: linear.
_COMMENT = pattern(r"#+\s*devsec: ignore(?:\[([^\]]*)\])?")
_ANYWHERE = pattern(
    r"(?:(?:#+|//+|/\*+|<!--|<%--|--|;+|\{\{!(?:--)?|\{#|%|\*|\.\.)\s*)?devsec: ignore(?:\[([^\]]*)\])?"
)
# What ends a reason: the next comment on the line (`#12` is a word), and how other languages end theirs.
_NEXT = pattern(r"\s#+\s*[A-Za-z]")
_NEXT_OR_END = pattern(r"\s#+\s*[A-Za-z]|\*/|--\}\}|-->|#\}|--%>|%>|\}\}")
_REMARK = pattern(r"\s*(?:#|//|/\*|<!--|<%--|--|;|\{\{!|\{#|\*|-->|\.\.)")  # a line that is a comment, or one's end

HOLDS, EXPIRED, REFUSED = "holds", "expired", "refused"


class Ignore(Record):
    """One comment. It covers lines `first` to `last`; with a `problem`, which reads on after "it", it covers nothing.

    `reach` is where it covers in a notebook, where all code of a cell may stand on one line. `place` is where the comment
    itself stands: from the character that begins it to the end of its reason; in the cells of a notebook, in that `script`.
    """

    line: int
    first: int
    last: int
    rules: tuple[str, ...]
    reason: Reason
    problem: str = ""
    reach: Span | None = None
    place: Span = Span(0, 0)
    script: int = -1

    def covers(self, finding: Finding) -> bool:
        """Whether it is about that finding: its rule is named, and it stands where it has to."""
        if self.problem or finding.rule not in self.rules:
            return False
        if finding.whole:
            return True  # wherever it stands: what it says is about the file
        if self.reach is not None:
            return self.reach.overlaps(finding.span)
        return self.first <= max(finding.start.line, finding.end.line) and finding.start.line <= self.last


class Silence(Record):
    """Who silences a finding, or would: `state` is HOLDS, EXPIRED, or REFUSED where the rule cannot be silenced. A comment stands
    on a `line`; without one it is `entry` (from 1) of the configuration's `file`."""

    state: str
    reason: Reason
    line: int = 0
    file: str = ""
    entry: int = 0

    def where(self) -> str:
        return f"on line {self.line}" if self.line else f"by ignore {self.entry} of {self.file}"


def ignores(path: str, text: bytes) -> tuple[Ignore, ...]:
    """All such comments in a decoded text, in order."""
    if IGNORE not in text:
        return ()
    if is_python(path, text):
        return tuple(_in_python(text))
    if is_notebook(path):
        return tuple(sorted(_in_notebook(text), key=lambda ignore: ignore.line))
    return tuple(_in_lines(path, text))


def silence(finding: Finding, among: Iterable[Ignore], config: Config, firm: bool = False) -> Silence | None:
    """What somebody said to silence the finding: a comment `among` those of its file, or an entry of the configuration.

    One that holds goes first. `firm`: its rule cannot be silenced.
    """
    said = [Silence(HOLDS, ignore.reason, ignore.line) for ignore in among if ignore.covers(finding)]
    if config.ignored:
        said += [
            Silence(HOLDS, entry.reason, 0, config.file, entry.number + 1)
            for entry in config.ignored
            if entry.covers(finding)
        ]
    if not said:
        return None
    if firm:
        return said[0]._replace(state=REFUSED)
    holding = next((one for one in said if not is_over(one.reason)), None)
    return holding or max(said, key=lambda one: one.reason.until)._replace(state=EXPIRED)


def is_over(reason: Reason) -> bool:
    if not reason.until:
        return False
    from devsec.today import today  # only where a date is written down

    return reason.expired(today())


def _in_python(data: bytes) -> Iterable[Ignore]:
    """Comments as Python sees them: the same words inside a string are no comment."""
    import io  # only files that have the words get here
    import tokenize

    text = data.decode("utf-8", "replace")
    lines = Lines(data)
    skip = (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER)
    pending: list[tuple[str, int, int]] = []  # comments of the statement being read
    above: list[tuple[str, int, int]] = []  # comments alone on their lines before the next statement
    first = 0  # where the statement being read began; 0 between statements
    opening = ""  # the first token of the line of code being read
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            line = token.start[0]
            if token.type == tokenize.COMMENT:
                at = lines.start(line) + len(token.line[: token.start[1]].encode())
                (pending if first else above).append((token.string, line, at))
            elif token.type == tokenize.NEWLINE:
                decorator, opening = opening == "@", ""
                if decorator:
                    continue  # it belongs to what it decorates, up to the end of that head
                last = max(line, first)
                for comment, number, at in above:
                    yield from _read(_COMMENT, _NEXT, comment, at, number, number, last)
                for comment, number, at in pending:
                    yield from _read(_COMMENT, _NEXT, comment, at, number, first, last)
                pending, above, first = [], [], 0
            elif token.type == tokenize.NL and not first and not token.line.strip():
                # A blank line ends what a comment above can mean.
                for comment, number, at in above:
                    yield from _read(_COMMENT, _NEXT, comment, at, number, number, number)
                above = []
            elif token.type not in skip:
                first = first or line
                opening = opening or token.string
    except (tokenize.TokenError, SyntaxError):
        pass  # a file that does not parse is reported as not checked; nothing in it is silenced from here on
    for comment, number, at in above + pending:
        yield from _read(_COMMENT, _NEXT, comment, at, number, number, number)


def _in_notebook(text: bytes) -> Iterable[Ignore]:
    """Comments in the code of its cells; where there is none, on the lines of the JSON as in any other text."""
    from devsec.scan.notebook import notebook  # json behind it

    lines = Lines(text)
    book = notebook(text)
    scripts = () if isinstance(book, str) else book.scripts
    code = set()
    for index, script in enumerate(scripts):
        code |= {lines.place(one.start).line for part in script.parts for one in part.strings}
        for ignore in _in_python(script.text):
            line = lines.place(script.lines(ignore.line, ignore.line).start).line
            yield ignore._replace(line=line, reach=script.lines(ignore.first, ignore.last), script=index)
    yield from (ignore for ignore in _in_lines("", text) if ignore.line not in code)


def _in_lines(path: str, data: bytes) -> Iterable[Ignore]:
    """Any other text: on the line itself or, when the line has nothing but the comment, for the next one."""
    lines = Lines(data)
    written = [lines.line(number) for number in range(1, len(lines) + 1)]
    joined = tuple(_joined(path, written))
    for number, line in enumerate(written, 1):
        if IGNORE.decode() not in line:
            continue
        found = _ANYWHERE.search(line)
        alone = found is not None and not line[: found.start()].strip()
        first, last = number, number
        if alone:
            last += 1
            while last < len(written) and written[last - 1].strip() and _REMARK.match(written[last - 1]):
                last += 1  # more comments about the same line
            if last > len(written) or not written[last - 1].strip():
                last = number
        for start, end in joined:
            if start <= last <= end and not (alone and last == number):
                first, last = min(first, start) if not alone else first, max(last, end)
        yield from _read(_ANYWHERE, _NEXT_OR_END, line, lines.start(number), number, first, last)


def _joined(path: str, lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Lines that are one statement, where a format has an end that is plain to see: (first, last), from 1."""
    name = path.rpartition("/")[2].lower()
    if name.endswith((".yaml", ".yml")):
        yield from _blocks(lines)
        return
    if name.endswith(".toml"):
        yield from _between(lines, re.compile(r'"""|\'\'\''))
        return
    if name.endswith((".html", ".htm", ".xml", ".svg", ".vue", ".svelte", ".jinja", ".j2", ".jsp", ".xhtml")):
        yield from _tags(lines)
        return
    first = 0
    for number, line in enumerate(lines, 1):  # shell, Dockerfile, Makefile, properties
        goes_on = line.endswith("\\")
        if goes_on and not first:
            first = number
        elif first and not goes_on and not line.lstrip().startswith("#"):
            yield first, number
            first = 0


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Block scalars of YAML: `key: |` and what is indented below it."""
    head = re.compile(r"(\s*)\S.*[|>][-+0-9]{0,2}\s*(?:#.*)?\Z")
    number = 0
    while number < len(lines):
        found = head.match(lines[number])
        number += 1
        if found is None or lines[number - 1].lstrip().startswith("#"):
            continue
        first, last = number, number
        while number < len(lines):
            line = lines[number]
            if line.strip() and len(line) - len(line.lstrip()) <= len(found[1]):
                break
            number += 1
            last = number if line.strip() else last
        yield first, last


def _between(lines: Sequence[str], quote: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Strings over several lines, from the one that opens to the one that closes."""
    open_with, first = "", 0
    for number, line in enumerate(lines, 1):
        if not open_with and line.lstrip().startswith("#"):
            continue
        for found in quote.finditer(line):
            if not open_with:
                open_with, first = found[0], number
            elif found[0] == open_with:
                open_with = ""
                if number > first:
                    yield first, number


def _tags(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Tags over several lines."""
    first = 0
    for number, line in enumerate(lines, 1):
        opened, closed = line.rfind("<"), line.rfind(">")
        if first and closed >= 0:
            yield first, number
            first = 0
        if not first and opened > closed and not line.startswith("<!--", opened):
            first = number


def _read(
    form: re.Pattern[str], end: re.Pattern[str], comment: str, at: int, line: int, first: int, last: int
) -> Iterable[Ignore]:
    """The comments that one comment (or line) holds; it begins at byte `at`."""
    for found in form.finditer(comment):
        stop = end.search(comment, found.end())
        upto = stop.start() if stop is not None else len(comment)
        text = comment[found.end() : upto].rstrip()
        rules = tuple(dict.fromkeys(rule.strip() for rule in (found[1] or "").split(",") if rule.strip()))
        reason = read(text)
        problem = reason.problem if rules else "names no rule. Write devsec: ignore[RULE] and why"
        start = at + len(comment[: found.start()].encode())
        place = Span(start, start + len((comment[found.start() : found.end()] + text).encode()))
        yield Ignore(line, first, last, rules, reason, problem, None, place)
