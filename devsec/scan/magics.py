"""Which lines of a cell are IPython's and no Python's? They are replaced, so that what is left parses.

Nothing is guessed where Python can tell: a cell that parses has no such lines. In one that does not, a line that begins a
statement and begins with `%`, `!` or `?` cannot be Python.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from enum import Enum

from devsec.record import Record

# Cell magics whose cell is another language, or is run as a shell would.
_OTHERS = frozenset(
    "bash sh zsh fish cmd system sx powershell pwsh html svg latex markdown md javascript js typescript perl ruby r rpy julia octave matlab "
    "sql bigquery sparksql spark scala kotlin java csharp fsharp cpp c cython cython_inline fortran cu cuda nvcc_plugin mermaid dot "
    "css yaml json prolog cql cypher sparql manim configure help ai kql".split()
)
_OWN = frozenset("python python3 pypy pyspark_file".split())  # a process of their own: names do not reach into it
_FILES = frozenset("writefile file".split())
# Magics that run the statement behind them, or the cell below.
_RUNNING = frozenset(
    "time timeit prun memit mprun lprun capture debug snakeviz scalene heat pyinstrument local".split()
)
# Words IPython takes for commands where no such name is bound, and Python for nothing.
_BARE = re.compile(
    r"[ \t]*(?:pip3?|conda|mamba|uv|cd|ls|ll|cat|mkdir|rmdir|rm|cp|mv|load_ext|reload_ext|autoreload|matplotlib|run|pwd|env|config)[ \t]+[^ \t=(.,:\[]"
)
_LINE = re.compile(r"[^\n]*\n?")
_MAGIC = re.compile(r"[ \t]*[%!?,;/]")
_HELP = re.compile(r"[ \t]*%{0,2}[\w.*]+\?{1,2}[ \t]*(?:#.*)?\r?\n?\Z")
_ASSIGNED = re.compile(r"[ \t]*[\w.,*\[\]'\" ()-]+=[ \t]*(?=%\w|!)")
_RUN = re.compile(r"[ \t]*%(\w+)[ \t]+((?:-\w+(?:[ \t]+\d+)?[ \t]+|--[\w-]+[ \t]+)*)")
_CELL = re.compile(r"\s*%%(\w+)[ \t]*([^\n]*)\n?")
_PROMPT = re.compile(r"[ \t]*(?:>>>|\.\.\.|In \[\d+\]:|   \.\.\.:)(?: |$)", re.MULTILINE)
_MARKS = re.compile(r"\"\"\"|'''|[\"'#([{)\]}]|\\[\s\S]|\\\Z")


class Kind(Enum):
    """MAIN cells share one namespace; an OWN one is a module by itself; an OTHER is no Python; a BROKEN one should be."""

    MAIN = "main"
    OWN = "own"
    OTHER = "other"
    BROKEN = "broken"


class Swap(Record):
    """What stands in the cell from `start` to `end` is read as `text`."""

    start: int
    end: int
    text: str


class Reading(Record):
    """How a cell is read. `head` is where it begins behind its cell magic; `reason` is why it is BROKEN."""

    kind: Kind
    swaps: tuple[Swap, ...] = ()
    head: int = 0
    reason: str = ""


def reading(cell: str) -> Reading:
    """`cell` has one character for each byte, so that places are bytes."""
    magic = _CELL.match(cell)
    if magic is None:
        return _read(cell, 0, Kind.MAIN)
    name, rest = magic[1].lower(), magic[2].strip()
    if name in _OTHERS or (name in _FILES and not rest.lower().split("#")[0].rstrip().endswith((".py", ".pyw"))):
        return Reading(Kind.OTHER)
    if name == "script":
        kind = Kind.OWN if re.search(r"\bpython[\d.]*\b", rest) else Kind.OTHER
        return Reading(kind) if kind is Kind.OTHER else _read(cell, magic.end(), kind)
    if name in _OWN or name in _FILES:
        return _read(cell, magic.end(), Kind.OWN)
    read = _read(cell, magic.end(), Kind.MAIN)
    # Somebody's own magic: whether its cell is Python, only the cell can tell.
    return Reading(Kind.OTHER) if read.kind is Kind.BROKEN and name not in _RUNNING else read


def _read(cell: str, head: int, kind: Kind) -> Reading:
    first = [Swap(0, head - cell.endswith("\n", 0, head), "")] if head else []
    if not why_not(swapped(cell, first)):
        return Reading(kind, tuple(first), head)
    swaps = [*first, *_without_magics(cell, head)]
    why = why_not(swapped(cell, swaps))  # with its magics replaced: what is still wrong is the author's own
    if why:
        swaps = [*first, *_without_margin(cell, head)]
        if why_not(swapped(cell, swaps)):
            return Reading(Kind.BROKEN, (), head, why)
    return Reading(kind, tuple(swaps), head)


def swapped(cell: str, swaps: list[Swap]) -> str:
    out, at = [], 0
    for swap in swaps:
        out += [cell[at : swap.start], swap.text]
        at = swap.end
    return "".join([*out, cell[at:]])


def why_not(cell: str) -> str:
    """Why Python does not parse it; "" when it does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(cell.encode("latin-1").decode("utf-8", "replace"))
    except SyntaxError as error:
        where = f", line {error.lineno}" if error.lineno else ""
        return f"syntax error{where}: {error.msg}"
    except (RecursionError, MemoryError):
        return "nested too deeply"
    except ValueError as error:  # NUL bytes
        return f"not Python: {error}"
    return ""


def _without_margin(cell: str, head: int) -> list[Swap]:
    """A cell that is indented as a whole, or pasted with its prompts: IPython takes both away."""
    body = cell[head:]
    margin = re.match(r"\s*\n|", body)
    assert margin is not None
    indent = re.match(r"[ \t]*", body[margin.end() :])
    prefix = indent.group() if indent is not None else ""
    if _PROMPT.match(body, margin.end()):
        return [
            Swap(head + one.start(), head + one.end(), "")
            for one in _PROMPT.finditer(body)
            if _starts(body, one.start())
        ]
    if not prefix:
        return []
    at, out = head, []
    for line in body.splitlines(keepends=True):
        if line.startswith(prefix):
            out.append(Swap(at, at + len(prefix), ""))
        at += len(line)
    return out


def _starts(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] == "\n"


def _without_magics(cell: str, head: int) -> list[Swap]:
    out: list[Swap] = []
    state = _State()
    at = head
    while at < len(cell):
        found = _LINE.match(cell, at)
        assert found is not None
        end = found.end()
        if state.between and (swap := _magic(cell, at, end)) is not None:
            while cell[:end].rstrip("\r\n").endswith("\\") and end < len(cell):  # a command over several lines
                more = _LINE.match(cell, end)
                assert more is not None
                end = more.end()
                swap = swap._replace(end=_content(cell, end))
            out.append(swap)
        else:
            state.read(cell[at:end])
        at = end
    return out


def _content(cell: str, end: int) -> int:
    """Where a line ends, without its line break."""
    while end and cell[end - 1] in "\r\n":
        end -= 1
    return end


def _magic(cell: str, at: int, end: int) -> Swap | None:
    line = cell[at:end]
    last = _content(cell, end)
    start = at + len(line) - len(line.lstrip(" \t"))
    if start >= last:
        return None
    run = _RUN.match(line)
    if run is not None and run[1] in _RUNNING and line[run.end() :].strip() and not why_not(line[run.end() :].strip()):
        return Swap(start, at + run.end(), "")
    if _MAGIC.match(line) or _HELP.match(line) or _BARE.match(line):
        return Swap(start, last, "pass")
    assigned = _ASSIGNED.match(line)
    return Swap(at + assigned.end(), last, "None") if assigned is not None else None


class _State:
    """Whether a line begins a statement: no bracket, no string and no backslash is open before it."""

    def __init__(self) -> None:
        self._depth = 0
        self._quote = ""
        self._goes_on = False

    @property
    def between(self) -> bool:
        return not self._depth and not self._quote and not self._goes_on

    def read(self, line: str) -> None:
        for mark in self._marks(line):
            if self._quote:
                if mark == self._quote:
                    self._quote = ""
            elif mark in "\"'" or len(mark) == 3:
                self._quote = mark
            elif mark in "([{":
                self._depth += 1
            elif mark in ")]}":
                self._depth = max(0, self._depth - 1)
        self._goes_on = line.rstrip("\r\n").endswith("\\")
        if len(self._quote) == 1 and not self._goes_on:
            self._quote = ""  # a string that does not end ends with its line

    def _marks(self, line: str) -> Iterator[str]:
        at = 0
        while found := _MARKS.search(line, at):
            mark = found.group()
            at = found.end()
            if len(mark) == 3 and len(self._quote) == 1:
                mark, at = mark[0], found.start() + 1
            if mark == "#" and not self._quote:
                return
            if not mark.startswith("\\") and mark != "#":
                yield mark
