"""Which settings does a configuration file hold, and where?

The file's name says how it is read. A format is read as its own parser would; what that cannot read (a Helm template is no
YAML, a truncated JSON no JSON) is read line by line, which finds less and never nothing. What is not read at all is said.
Nothing is expanded, included or run: a reader sees what stands in the file, in time that grows with its size.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence

from devsec.record import Record
from devsec.scan.formats.by_name import format_of
from devsec.scan.formats.found import Found, NotThisFormat
from devsec.scan.formats.json_words import without_pictures
from devsec.sources.source import is_python
from devsec.text import Span

MAX_BYTES = 1 << 20
MAX_PYTHON = 16 << 20  # above 1 MiB it is read in lines
MAX_LINE = 2000  # bytes a line on average: what has more is the output of a tool


class Setting(Record):
    """A value in a configuration file. `keys` is the path to it from the root, `span` the value without quotes, in bytes of
    the UTF-8 text: where the format has escapes or indentation, the text there is the value as it was written."""

    keys: tuple[str, ...]
    value: str
    span: Span
    format: str

    @property
    def name(self) -> str:
        """What it is called: the last key that says more than `value` or `default`."""
        return next((key for key in reversed(self.keys) if key.lower() not in _SAYS_NOTHING), "")


class Unreadable(Record):
    """A settings file that was not read. `reason` is a sentence for the person at the keyboard."""

    path: str
    reason: str


_SAYS_NOTHING = frozenset(["value", "default", "defaultvalue", "default_value", "content", "const", "initial", "#text"])


def settings(path: str, text: bytes) -> tuple[Setting, ...] | Unreadable:
    """The settings in `text` (UTF-8 without BOM), in its order; () for a file that holds none."""
    kind = "python" if is_python(path, text) else format_of(path)
    if not kind:
        return ()
    most = MAX_PYTHON if kind in ("python", "notebook") else MAX_BYTES  # a notebook has pictures in it
    if len(text) > most and (kind != "notebook" or len(without_pictures(text)) > most):
        return Unreadable(path, f"settings were not read: larger than {most >> 10} KiB")
    decoded = text.decode("utf-8", "replace")
    if (
        kind not in ("json", "notebook", "python")
        and len(text) > 8 * MAX_LINE
        and len(text) / (text.count(b"\n") + 1) > MAX_LINE
    ):
        return Unreadable(path, f"settings were not read: lines of more than {MAX_LINE} bytes on average")
    try:
        found = list(_reader(kind)(decoded))
    except NotThisFormat as no:
        if no.fatal:
            return Unreadable(path, f"settings were not read: {no}")
        found, kind = list(_reader("lines")(decoded)), f"lines of {kind}"
    exact = decoded if len(decoded) == len(text) else None
    placed = tuple(_placed(found, decoded if exact is None else None, kind))
    return placed if kind != "notebook" else _with_code(path, text, placed)


def _with_code(path: str, text: bytes, others: Sequence[Setting]) -> tuple[Setting, ...]:
    """The settings of a notebook: in the cells that are Python as Python has them, elsewhere as lines of text do."""
    from devsec.scan.notebook import notebook

    book = notebook(text)
    if isinstance(book, str):
        return tuple(others)
    out = []
    code: list[Span] = []
    for script in book.scripts:
        inside = settings(path + ".py", script.text)
        if not isinstance(inside, Unreadable):
            code += [string for part in script.parts for string in part.strings]
            out += [one._replace(span=script.outside(one.span), format="notebook source") for one in inside]
    code.sort()
    starts = [string.start for string in code]
    for one in others:
        at = bisect_right(starts, one.span.start) - 1
        if at < 0 or one.span.start > code[at].end:
            out.append(one)
    return tuple(sorted(out, key=lambda one: one.span))


def _placed(found: Iterable[Found], decoded: str | None, kind: str) -> Iterator[Setting]:
    """From characters to bytes; the two are one in a text of ASCII (`decoded` is None then)."""
    at = byte = 0
    for one in sorted(found, key=lambda one: (one.start, one.end)):
        start, end = one.start, one.end
        if decoded is not None:
            byte += len(decoded[at:start].encode("utf-8", "replace"))
            at, start = start, byte
            end = start + len(decoded[at : one.end].encode("utf-8", "replace"))
        yield Setting(one.keys, one.value, Span(start, end), one.format or kind)


def _reader(kind: str) -> Callable[[str], Iterable[Found]]:
    """The readers are imported when a file of their format is read."""
    if kind == "yaml":
        from devsec.scan.formats.yaml_text import read
    elif kind == "json":
        from devsec.scan.formats.json_text import read
    elif kind == "notebook":
        from devsec.scan.formats.notebook import read
    elif kind == "toml":
        from devsec.scan.formats.toml_text import read
    elif kind == "xml":
        from devsec.scan.formats.xml_text import read
    elif kind == "hcl":
        from devsec.scan.formats.hcl import read
    elif kind == "python":
        from devsec.scan.formats.python import read
    else:
        from devsec.scan.formats import lines

        return lines.READERS[kind]
    return read
