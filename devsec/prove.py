"""Do a rule's own examples hold? One ending for each example, by name: missed and noisy are different mistakes."""

from __future__ import annotations

import ast
import difflib
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from devsec.catalog.rule import Example, Rule
from devsec.finding import Finding, Fix
from devsec.fix.plan import cure
from devsec.fix.verify import dotted, span_of, uncompilable
from devsec.report.redact import Redactor
from devsec.signature import Missing, lookup, lookup_method, refuses
from devsec.sources.source import Skipped, Source, is_binary, is_python
from devsec.text import Lines, Span

if TYPE_CHECKING:
    from devsec.scan.engine import Scanner


class Ending(str, Enum):
    """How the proof of an example ends. All but the first are mistakes of the rule."""

    HOLDS = "holds"
    MISSED = "missed"  # a bad example in which nothing is found
    NOISY = "noisy"  # a fine example in which something is found
    GATED = "gated"  # the gate would never let a bad example through
    WRONG_FIX = "wrong fix"  # the cured text is not the good one, or calls what cannot be called so
    NOT_CLEAN = "not clean"  # the cure cannot be proved, or does not silence the rule
    BROKEN = "broken"  # the example is not Python, is found on other lines, or makes devsec fail


@dataclass(frozen=True)
class Proved:
    """`line` is where the example stands in the rule's file. `detail` says what is wrong, "" when it holds; `diff` is what was
    expected against what came, where that can be shown (`>` marks a finding, `?` lines on one of which it is missed)."""

    rule: str
    line: int
    outcome: Ending
    detail: str = ""
    diff: str = ""

    @property
    def told(self) -> str:
        """The detail and the diff."""
        return "\n".join(part.rstrip("\n") for part in (self.detail, self.diff) if part)


class _Ends(Exception):
    """The proof of an example ends here, badly."""

    def __init__(self, outcome: Ending, detail: str, diff: str = "") -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.detail = detail
        self.diff = diff


def prove(rule: Rule, scanner: Scanner) -> tuple[Proved, ...]:
    """One answer for each example, in their order."""
    return tuple(_proved(rule, example, scanner) for example in rule.examples)


def _proved(rule: Rule, example: Example, scanner: Scanner) -> Proved:
    try:
        if example.bad:
            _prove_bad(rule, example, scanner)
        else:
            _prove_fine(rule, example, scanner)
    except _Ends as end:
        return Proved(rule.id, example.line, end.outcome, end.detail, end.diff)
    except Exception as error:  # a rule that makes devsec fail is named; the other rules are proved all the same
        return Proved(rule.id, example.line, Ending.BROKEN, f"{type(error).__name__}: {error}")
    return Proved(rule.id, example.line, Ending.HOLDS)


def _prove_fine(rule: Rule, example: Example, scanner: Scanner) -> None:
    source = _source(example, example.fine)
    found = _scan(rule, source, scanner)
    if found:
        raise _Ends(Ending.NOISY, f"found on {_lines(found)}: {found[0].snippet}", _marked(source, found, {}))


def _prove_bad(rule: Rule, example: Example, scanner: Scanner) -> None:
    source = _source(example, example.bad)
    found = _scan(rule, source, scanner)
    if not found:
        marks = dict.fromkeys(example.lines, ">") or dict.fromkeys(_could_be(source), "?")
        raise _Ends(Ending.MISSED, "nothing is found", _marked(source, (), marks))
    if rule.id not in scanner.gate.hits(source.data, source.path):
        raise _Ends(Ending.GATED, "the gate does not let this file through, so no commit would be looked at for it")
    if example.lines and {finding.start.line for finding in found} != set(example.lines):
        wanted = ", ".join(map(str, sorted(set(example.lines))))
        diff = _marked(source, found, dict.fromkeys(example.lines, ">"))
        raise _Ends(Ending.BROKEN, f"found on {_lines(found)}, but `lines` says {wanted}", diff)
    for title, good in example.good:
        _prove_cure(rule, title, source, found, good, scanner)


def _prove_cure(rule: Rule, title: str, source: Source, found: Sequence[Finding], good: str, scanner: Scanner) -> None:
    """Gives every finding the cure of that title, in as many passes as it takes."""
    used: list[Fix] = []

    def titled(_: Finding, now: Finding) -> Fix | str:
        for fix in now.fixes:
            if fix.title == title:
                if fix.edits:
                    used.append(fix)
                    return fix
                return fix.note or "it only advises"
        return f"there is no cure titled {title!r}"

    patch = cure(source, found, scanner, titled)
    if isinstance(patch, Skipped):
        raise _Ends(Ending.BROKEN, patch.reason)
    refused = "".join(f"line {one.place.line}: {one.reason}\n" for one in patch.refused)
    if patch.after != good.encode():
        diff = Redactor(source.data, found).elsewhere(_diff(good, patch.after.decode("utf-8", "replace")))
        raise _Ends(Ending.WRONG_FIX, refused.rstrip("\n") or "the cure makes something else of it", diff)
    if refused:
        raise _Ends(Ending.NOT_CLEAN, refused.rstrip("\n"))
    after = Source(source.path, patch.after)
    left = _scan(rule, after, scanner)
    if left:
        raise _Ends(Ending.NOT_CLEAN, f"still found on {_lines(left)}: {left[0].snippet}", _marked(after, left, {}))
    names = {qualified for fix in used for _, qualified in fix.names}
    reason = _missing(names) or _miscalled(names | _callees(rule), source, after, scanner)
    if reason:
        raise _Ends(Ending.WRONG_FIX, reason)


def _source(example: Example, text: str) -> Source:
    source = Source(example.path, example.data if example.hex else text.encode())
    reason = uncompilable(source)
    if reason:
        raise _Ends(Ending.BROKEN, f"the example does not compile: {reason}")
    return source


def _scan(rule: Rule, source: Source, scanner: Scanner) -> tuple[Finding, ...]:
    # Without the gate: whether that lets the example through is a question of its own.
    found = scanner.scan(source, hits=(rule.id,))
    if isinstance(found, Skipped):
        raise _Ends(Ending.BROKEN, found.reason)
    return found


def _lines(found: Iterable[Finding]) -> str:
    numbers = sorted({finding.start.line for finding in found})
    return ("line " if len(numbers) == 1 else "lines ") + ", ".join(map(str, numbers))


def _diff(good: str, made: str) -> str:
    lines = difflib.unified_diff(good.split("\n"), made.split("\n"), "expected: good", "got: the cure", lineterm="")
    return "\n".join(lines)


def _marked(source: Source, found: Sequence[Finding], wanted: dict[int, str]) -> str:
    """A diff of the text with the `wanted` lines marked and of it with those marked on which something is found."""
    if is_binary(source.data):
        return ""  # there is nothing to read
    text = Redactor(source.data, found).part(Span(0, len(source.data))).rstrip("\n").split("\n")
    got = {finding.start.line: ">" for finding in found}
    expected, came = (
        [f"{marks.get(number, ' ')} {line}" for number, line in enumerate(text, 1)] for marks in (wanted, got)
    )
    return "\n".join(difflib.unified_diff(expected, came, "expected", "got", lineterm=""))


def _could_be(source: Source) -> list[int]:
    """The lines that an author may have meant: not the imports that only lead up to it, unless there is nothing else."""
    lines = [line.strip() for line in source.data.decode("utf-8", "replace").split("\n")]
    said = [number for number, line in enumerate(lines, 1) if line]
    return [number for number in said if not lines[number - 1].startswith(("import ", "from "))] or said


# --- does what the cure calls exist, and does it take these arguments? -------------------------------------------------


def _missing(names: Iterable[str]) -> str:
    """Which name that a cure puts in is not there; "" when all are, as far as can be known."""
    for name in sorted(names):
        found = lookup(name)
        if isinstance(found, Missing):
            return f"{found.home} has no {name}"
    return ""


def _miscalled(names: Iterable[str], before: Source, after: Source, scanner: Scanner) -> str:
    """Which new call would not take its arguments."""
    if not is_python(after.path, after.data):
        return ""
    old = {ast.dump(call) for call in _calls(before)}
    lines = Lines(after.data)
    for call in _calls(after):
        if ast.dump(call) in old:
            continue
        chain, method = _callee(call)
        if chain is None:
            continue
        for name in sorted(names):
            reason = _wrong(name, method, call)
            # What it refers to takes a tree to find out: asked only where it would be wrong.
            if reason and not scanner.unbound(after, ((span_of(chain, lines), name),)):
                return reason
    return ""


def _callee(call: ast.Call) -> tuple[ast.expr | None, str]:
    """The chain of names that is called; with it a method, where that chain is called to have something with it."""
    func = call.func
    if dotted(func):
        return func, ""
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Call) and dotted(func.value.func):
        return func.value.func, func.attr
    return None, ""


def _wrong(name: str, method: str, call: ast.Call) -> str:
    """What is wrong with the call if it is one of `name`, or of that method of what `name` makes."""
    shown = f"{name}(…).{method}" if method else name
    found = lookup_method(name, method) if method else lookup(name)
    if isinstance(found, Missing):
        # Without a method: the name is one the rule looks for, in whatever version. What a cure puts in was asked before.
        return f"{found.home} has no {shown}" if method else ""
    reason = refuses(found, call) if found else ""
    return f"{shown} cannot be called so (line {call.lineno}): {reason}" if reason else ""


def _callees(rule: Rule) -> set[str]:
    """What the rule finds calls of: a cure that only changes arguments leaves the callee."""
    return {name for shape in rule.find if shape.kind == "call" for name in shape.names if "*" not in name}


def _calls(source: Source) -> list[ast.Call]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(source.data.decode())
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
