"""A scanner whose findings and fixes are made to measure: also those that a real rule would never give."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from devsec.finding import Finding, Fix
from devsec.levels import Confidence, Level, Safety, Severity
from devsec.sources.decode import decode
from devsec.sources.source import Skipped, Source
from devsec.text import Edit, Lines, Span


@dataclass(frozen=True)
class Call:
    """A call of a bare name. `func` is the place of that name, `inside` that of what stands in the brackets."""

    text: bytes
    span: Span
    func: Span

    @property
    def inside(self) -> Span:
        return Span(self.text.index(b"(", self.func.end) + 1, self.span.end - 1)

    def source(self, span: Span) -> str:
        return self.text[span.start : span.end].decode()


Cure = Callable[[Call], tuple[Fix, ...]]


@dataclass(frozen=True)
class Rule:
    """Finds calls of `name`. With `once` it finds nothing unless the text has that word."""

    id: str
    name: str
    cure: Cure = lambda call: ()
    level: Level = Level.BLOCK
    needs: str = ""


class FakeScanner:
    """Finds what its rules say. A name is bound when some import binds it to what is asked."""

    def __init__(self, *rules: Rule) -> None:
        self.rules = rules
        self.scans = 0

    def scan(self, source: Source, hits: Sequence[str] | None = None) -> tuple[Finding, ...] | Skipped:
        self.scans += 1
        text = decode(source)
        if isinstance(text, Skipped):
            return text
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text.text.decode())
        except SyntaxError as error:
            return Skipped(source.path, f"It does not parse: {error.msg}.")
        lines = Lines(text.text)
        found = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                for rule in self.rules:
                    wanted = hits is None or rule.id in hits
                    if wanted and rule.name == node.func.id and rule.needs.encode() in text.text:
                        call = Call(text.text, _span(node, lines), _span(node.func, lines))
                        found.append(_finding(rule, call, source.path, lines))
        return tuple(sorted(found, key=lambda f: (f.span, f.rule)))

    def unbound(self, source: Source, wanted: Sequence[tuple[Span, str]]) -> tuple[str, ...]:
        text = decode(source)
        assert not isinstance(text, Skipped)
        bound = {
            line.split()[1] for line in re.split(r"[\r\n]+", text.text.decode()) if line.lstrip().startswith("import ")
        }
        missing = [name for _, name in wanted if name.rpartition(".")[0] not in bound | {"builtins"}]
        return tuple(f"`{name}` is not imported" for name in dict.fromkeys(missing))


def _span(node: ast.expr, lines: Lines) -> Span:
    return Span(
        lines.start(node.lineno) + node.col_offset, lines.start(node.end_lineno or 0) + (node.end_col_offset or 0)
    )


def _finding(rule: Rule, call: Call, path: str, lines: Lines) -> Finding:
    snippet = call.source(call.span)
    return Finding(
        rule=rule.id,
        title=f"{rule.name} is called",
        message="",
        path=path,
        span=call.span,
        start=lines.place(call.span.start),
        end=lines.place(call.span.end),
        cwe=(),
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        level=rule.level,
        road="",
        snippet=snippet,
        key="".join(snippet.split()),
        fingerprint="",
        fixes=rule.cure(call),
    )


# --- cures ---------------------------------------------------------------------------------------------------------------


def rename(new: str, *, imports: str = "", at: int = 0, safety: Safety = Safety.SAFE, package: str = "") -> Cure:
    """Puts another callee; `imports` goes on a line of its own at byte `at`, unless it is there."""

    def cure(call: Call) -> tuple[Fix, ...]:
        edits = [Edit(call.func, new)]
        if imports and imports.encode() not in call.text:
            edits.append(Edit(Span(at, at), imports + "\n"))
        qualified = new if "." in new else f"builtins.{new}"
        return (Fix(f"Call {new}", safety, tuple(edits), ((new, qualified),), package=package),)

    return cure


def whole(template: str, safety: Safety = Safety.SAFE) -> Cure:
    """Replaces the whole call; `{}` is what stood in its brackets."""

    def cure(call: Call) -> tuple[Fix, ...]:
        return (Fix(f"Write {template}", safety, (Edit(call.span, template.format(call.source(call.inside))),)),)

    return cure


def edits(*made: Callable[[Call], Edit]) -> Cure:
    """Any edits at all."""
    return lambda call: (Fix("Edit", Safety.SAFE, tuple(make(call) for make in made)),)


def advice(title: str, note: str = "") -> Cure:
    return lambda call: (Fix(title, Safety.ADVICE, note=note),)
