"""How much of what is wrong does devsec see? Reads the services in tests/corpus/ and writes docs/recall.md.

Each flaw was marked when it was written, on the line a reviewer would point at: `# insecure: CWE-295 words`. A mark is found when a short finding has its line, or one in its statement has the same weakness. `missed.tsv` has a row for each
mark that is not, with the reason.

python docs/recall.py            writes docs/recall.md
python docs/recall.py --check    only says whether it is up to date, with exit code 1 when not
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from marks import table

from devsec.catalog.load import load
from devsec.finding import Finding
from devsec.levels import Level
from devsec.scan.engine import Scanner
from devsec.scan.gate import Gate
from devsec.sources.source import Skipped, Source

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "corpus"
PAGE = ROOT / "docs" / "recall.md"
_MARK = re.compile(r"#\s*insecure:\s*(CWE-\d+)\s+(\S.*?)\s*$")

_SHORT = 6  # lines: a finding about a table of settings is not about each of its lines

# Why a mark is not found, in the words of missed.tsv, and what that means.
REASONS = {
    "flow": "The value comes from another function, file or request handler. devsec follows values inside one function.",
    "meaning": "Whether it is wrong depends on who may do what, or on what the business means by it.",
    "absence": "Something is not there (a limit, a check, a lock), and could be anywhere.",
    "uncertain": "The same line is right in enough other programs that a rule would cry wolf.",
    "later": "A rule could see it with certainty, and there is none yet.",
}


@dataclass(frozen=True, order=True)
class Mark:
    """One flaw. `path` is below tests/corpus/; `words` are unique in their file."""

    path: str
    line: int
    cwe: str
    words: str


@dataclass(frozen=True)
class Read:
    """A service's file: its marks with what was found at each, and the findings at no mark."""

    path: str
    found: tuple[tuple[Mark, tuple[Finding, ...]], ...]
    unmarked: tuple[Finding, ...]


@dataclass(frozen=True)
class Missed:
    """A row of missed.tsv: tab-separated path, words of the mark, one of REASONS, and a sentence."""

    path: str
    words: str
    reason: str
    because: str


def read_corpus(folder: Path = CORPUS) -> tuple[Read, ...]:
    """Every file of every service, scanned with all shipped rules. It is read as if it lay outside any test folder,
    because many rules leave tests alone."""
    catalogue = load()
    scanner = Scanner(catalogue, Gate.build(catalogue))
    return tuple(read_file(file, folder, scanner) for file in sorted(folder.rglob("*.py")))


def read_file(file: Path, folder: Path, scanner: Scanner) -> Read:
    path = file.relative_to(folder).as_posix()
    data = file.read_bytes()
    found = scanner.scan(Source(f"services/{path}", data))
    if isinstance(found, Skipped):
        raise ValueError(f"{path}: {found.reason}")
    statements = list(_statements(ast.parse(data)))
    at: list[tuple[Mark, tuple[Finding, ...]]] = []
    touched: set[Finding] = set()
    for mark in marks_of(path, data.decode()):
        first, last = _around(mark.line, statements)
        here = tuple(
            finding
            for finding in found
            if finding.start.line <= mark.line <= finding.end.line < finding.start.line + _SHORT
            or (finding.start.line <= last and finding.end.line >= first and mark.cwe in finding.cwe)
        )
        touched |= set(here)
        at.append((mark, here))
    return Read(path, tuple(at), tuple(finding for finding in found if finding not in touched))


def marks_of(path: str, text: str) -> Iterator[Mark]:
    for number, line in enumerate(text.split("\n"), 1):
        match = _MARK.search(line)
        if match:
            yield Mark(path, number, match.group(1), match.group(2))


def missed_rows(folder: Path = CORPUS) -> tuple[Missed, ...]:
    rows = (folder / "missed.tsv").read_text().splitlines()
    return tuple(Missed(*row.split("\t")) for row in rows if row and not row.startswith("#"))


def _statements(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """First and last line of each statement; of those with a body, of what stands before it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None) or getattr(node, "cases", None)
            first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
            last = max(first, _first_line(body[0]) - 1) if body else node.end_lineno or first
            yield first, last


def _first_line(node: ast.AST) -> int:
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    return min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])  # type: ignore[attr-defined]


def _around(line: int, statements: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The shortest statement that has the line."""
    return min((s for s in statements if s[0] <= line <= s[1]), key=lambda s: s[1] - s[0], default=(line, line))


# --- the page ------------------------------------------------------------------------------------------------------------


def page(corpus: Sequence[Read], missed: Iterable[Missed]) -> str:
    marks = [(mark, found) for one in corpus for mark, found in one.found]
    seen = [mark for mark, found in marks if found]
    why = {(row.path, row.words): row for row in missed}
    lines = sum((CORPUS / one.path).read_text().count("\n") for one in corpus)
    services = {one.path.split("/", 1)[0] for one in corpus}
    spoken = [mark for mark, found in marks if _loudest(found) in (Level.BLOCK, Level.WARN)]
    reasons = Counter(why[mark.path, mark.words].reason for mark, found in marks if not found)
    blocks = [
        "<!-- Made by docs/recall.py; run `make docs`. -->",
        "# What devsec finds, and what it does not",
        f"`tests/corpus/` has {len(services)} services ({lines:,} lines) written to go wrong as hurried people do, and to "
        "be right nearly as often in the next line. Each flaw was marked before devsec was asked; its first answer was 146 of "
        "236. Then eight marks were mended (one stood at code that is right, five in the wrong place or under the wrong "
        "weakness, two were missing), and some of what was missed became rules. The figures below are therefore kinder than those of code nobody here has "
        "seen.",
        f"Of {len(marks)} flaws devsec finds **{len(seen)}** ({_percent(len(seen), len(marks))}); it speaks about "
        f"{len(spoken)} and counts the others as notes. Without those that no tool can know from one function at a time "
        "(`flow`, `meaning` and `absence` below) that is "
        f"{_percent(len(seen), len(marks) - sum(reasons[name] for name in ('flow', 'meaning', 'absence')))}. "
        "Nothing else in these services blocks or warns.",
        "## Why the others are missed",
        table(
            ("reason", "flaws", "meaning"),
            [(f"`{name}`", str(reasons[name]), text) for name, text in REASONS.items() if reasons[name]],
        ),
        "## By weakness",
        table(
            ("weakness", "flaws", "blocks", "warns", "note", "missed", "rules"),
            list(_by_weakness(marks)),
        ),
        "## Each flaw that is missed",
        table(
            ("weakness", "flaw", "reason", "because"),
            [
                (mark.cwe, f"{mark.words} (`{mark.path}`)", f"`{row.reason}`", row.because)
                for mark, found in sorted(marks, key=lambda pair: (_number(pair[0].cwe), pair[0]))
                if not found
                for row in [why[mark.path, mark.words]]
            ],
        ),
    ]
    return "\n\n".join(blocks) + "\n"


def _by_weakness(marks: Sequence[tuple[Mark, tuple[Finding, ...]]]) -> Iterator[tuple[str, ...]]:
    for cwe in sorted({mark.cwe for mark, _ in marks}, key=_number):
        here = [found for mark, found in marks if mark.cwe == cwe]
        levels = Counter(_loudest(found) for found in here)
        rules = sorted({finding.rule for found in here for finding in found})
        counts = (levels[Level.BLOCK], levels[Level.WARN], levels[Level.NOTE], levels[None])
        linked = ", ".join(f"[{rule}](rules/{rule}.md)" for rule in rules)
        yield (cwe, str(len(here)), *(str(count or "") for count in counts), linked)


def _loudest(found: Iterable[Finding]) -> Level | None:
    levels = {finding.level for finding in found}
    return next((level for level in (Level.BLOCK, Level.WARN, Level.NOTE) if level in levels), None)


def _number(cwe: str) -> int:
    return int(cwe.removeprefix("CWE-"))


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def main(arguments: Sequence[str]) -> int:
    if list(arguments) not in ([], ["--check"]):
        print("usage: python docs/recall.py [--check]", file=sys.stderr)
        return 2
    text = page(read_corpus(), missed_rows())
    if PAGE.is_file() and PAGE.read_text() == text:
        return 0
    if "--check" in arguments:
        print("stale: docs/recall.md\n`make docs` mends this")
        return 1
    PAGE.write_text(text)
    print("written: docs/recall.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
