"""The proof itself: which finding is which after edits, and what is noticed when something goes wrong inside."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fakes import FakeScanner, Rule, rename

from devsec.finding import Finding
from devsec.fix import verify as verify_module
from devsec.fix.verify import Attempt, Proof, State, follow, look, uncompilable, verify
from devsec.sources.source import Skipped, Source
from devsec.text import Edit, Span, apply

MakeFinding = Callable[..., Finding]
OLD = Rule("no-old", "old", rename("new"))


@pytest.mark.parametrize(
    ("old", "cured", "edits", "new", "came_from"),
    [
        pytest.param(["f(1)"], [], [Edit(Span(0, 0), "import x\n")], ["f(1)"], (0,), id="pushed down"),
        pytest.param(
            ["f(1)"], [], [Edit(Span(2, 3), "22")], ["f(22)"], (0,), id="changed inside: same place, other words"
        ),
        pytest.param(["f(1)"], [], [Edit(Span(0, 4), "g()\nf(1)")], ["f(1)"], (0,), id="moved by an edit: same words"),
        pytest.param(["f(1)"], [], [Edit(Span(0, 0), "h("), Edit(Span(4, 4), ")")], ["f(1)"], (0,), id="wrapped"),
        pytest.param(["f(1)"], [], [Edit(Span(0, 0), "x."), Edit(Span(2, 3), "2")], ["x.f(2)"], (0,), id="grown"),
        pytest.param(["f(1)"], [0], [Edit(Span(2, 3), "2")], ["f(2)"], (None,), id="cured, and still there"),
        pytest.param(["f(1)"], [], [Edit(Span(0, 0), "f(2);")], ["f(2)", "f(1)"], (None, 0), id="one more"),
        pytest.param(["f(1)"], [], [], ["f(1)", "f(1)"], (0, None), id="multiplied: counted once"),
    ],
)
def test_follow(
    finding: MakeFinding,
    old: list[str],
    cured: list[int],
    edits: list[Edit],
    new: list[str],
    came_from: tuple[int, ...],
) -> None:
    before = b"f(1)"
    after = apply(before, edits)
    found = [finding(before, words) for words in old]
    now = [finding(after, words) for words in new]
    assert follow(found, cured, edits, now) == came_from


def test_follow_tells_rules_apart(finding: MakeFinding) -> None:
    old = [finding(b"f(1)", "f(1)", rule="a"), finding(b"f(1)", "f(1)", rule="b")]
    assert follow(old, [0], [], list(reversed(old))) == (1, None)


def test_follow_tells_like_findings_apart_by_place(finding: MakeFinding) -> None:
    """The second is cured; the first must not be taken for it because it looks the same."""
    old = [finding(b"f(1) f(1)", "f(1)"), finding(b"f(1) f(1)", "f(1)", nth=1)]
    assert follow(old, [1], [Edit(Span(5, 6), "g")], [finding(b"f(1) g(1)", "f(1)")]) == (0,)
    assert follow(old, [0], [Edit(Span(0, 1), "g")], [finding(b"g(1) f(1)", "f(1)")]) == (1,)


@pytest.mark.parametrize(
    ("path", "data", "words"),
    [
        pytest.param("a.py", b"x = 1\n", "", id="fine"),
        pytest.param("a.py", b"x = (\n", "line 1", id="does not parse"),
        pytest.param("a.py", b"return\n", "'return' outside function", id="parses, does not compile"),
        pytest.param("a.py", b"# coding: latin-1\nx = '\xe9'\n", "", id="by its cookie"),
        pytest.param("a.py", b"x = '\xe9'\n", "Python", id="no cookie"),
        pytest.param("a.py", b"\xef\xbb\xbfx = 1\n", "", id="BOM"),
        pytest.param("a.py", b"x = 1\0\n", "null bytes", id="NUL"),
        pytest.param("a.py", b"print 'x'\n", "line 1", id="Python 2"),
        pytest.param("a.py", b"-" * 20_000 + b"1", "Python", id="too deep"),
        pytest.param("a.py", b"x = 1 is 1; '\\d'; assert (1, 2)\n", "", id="warnings are not errors"),
        pytest.param("a.yaml", b"x = (", "", id="not Python"),
        pytest.param("run", b"#!/usr/bin/env python3\nx = (\n", "line 2", id="Python by its first line"),
    ],
)
def test_uncompilable(path: str, data: bytes, words: str) -> None:
    reason = uncompilable(Source(path, data))
    assert bool(reason) == bool(words)
    assert words in reason


def state(data: bytes, *rules: Rule) -> tuple[State, FakeScanner]:
    scanner = FakeScanner(*rules)
    found = look(Source("a.py", data), scanner)
    assert isinstance(found, State)
    return found, scanner


def test_the_answer_is_the_new_state() -> None:
    before, scanner = state(b"x = old(1); old(2)\n", OLD)
    proof = verify(before, [Attempt(0, before.findings[0].fixes[0])], scanner)
    assert isinstance(proof, Proof)
    assert proof.state.source.data == b"x = new(1); old(2)\n"
    assert proof.came_from == (1,)


def test_look_says_why_not() -> None:
    assert isinstance(look(Source("a.py", b"x = '\xff'\n"), FakeScanner(OLD)), Skipped)
    assert isinstance(look(Source("a.py", b"x = (\n"), FakeScanner(OLD)), Skipped)


@pytest.mark.parametrize(
    "text", [pytest.param(b"x = old(1)  # kept\n", id="after"), pytest.param(b"kept = old(1)\n", id="before")]
)
def test_a_mistake_in_applying_is_noticed(monkeypatch: pytest.MonkeyPatch, text: bytes) -> None:
    """The comparison outside the edits does not trust the function that made the text."""
    before, scanner = state(text, OLD)
    attempt = Attempt(0, before.findings[0].fixes[0])
    monkeypatch.setattr(verify_module, "apply", lambda text, edits: apply(text, edits).replace(b"kept", b"lost"))
    assert verify(before, [attempt], scanner) == "bytes outside the edits would change"


def test_a_mistake_in_encoding_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    before, scanner = state(b"\xef\xbb\xbfx = old(1)\r\n", OLD)
    attempt = Attempt(0, before.findings[0].fixes[0])
    monkeypatch.setattr(verify_module, "encode", lambda text, like: text)
    assert verify(before, [attempt], scanner) == "the file does not come back byte for byte from its own encoding"


def test_a_result_that_cannot_be_scanned_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    before, scanner = state(b"old(1)\n", OLD)
    attempt = Attempt(0, before.findings[0].fixes[0])
    monkeypatch.setattr(scanner, "scan", lambda source: Skipped(source.path, "Too deep."))
    assert verify(before, [attempt], scanner) == "the result could not be scanned: Too deep."


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        pytest.param(b"old(1)\nm.new(2)\n", [(0, 5)], id="only what the fix put there"),
        pytest.param(b"x = f'{old(1)}'\n", [(7, 12)], id="in an f-string"),
        pytest.param(b"x = f'''\n{ old(1) }'''\n", [(11, 16)], id="in an f-string of many lines"),
        pytest.param("é = '€'; old('m.new')\n".encode(), [(12, 17)], id="after wide characters"),
        pytest.param(b"x = 1\rold(1)\r", [(6, 11)], id="after a lone CR"),
    ],
)
def test_which_names_are_asked_for(text: bytes, spans: list[tuple[int, int]]) -> None:
    before, scanner = state(text, Rule("r", "old", rename("m.new")))
    asked: list[tuple[Span, str]] = []

    def unbound(source: Source, wanted: tuple[tuple[Span, str], ...]) -> tuple[str, ...]:
        asked.extend(wanted)
        return ()

    scanner.unbound = unbound  # type: ignore[assignment,method-assign]
    assert isinstance(verify(before, [Attempt(0, before.findings[0].fixes[0])], scanner), Proof)
    assert asked == [(Span(*span), "m.new") for span in spans]


def test_a_name_that_was_never_put_in_is_refused() -> None:
    before, scanner = state(b"old(1)\n", OLD)
    fix = before.findings[0].fixes[0]
    liar = type(fix)(fix.title, fix.safety, fix.edits, (("m.other", "m.other"),))
    assert verify(before, [Attempt(0, liar)], scanner) == "`m.other`, which the fix relies on, is not in the result"


def test_words_are_asked_for_where_the_tree_gives_no_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.10 misplaces some expressions in f-strings; then the words count, though not those of an import."""
    before, scanner = state(b"x = f'{old(1)}'\n", Rule("r", "old", rename("m", imports="import m")))
    asked: list[tuple[Span, str]] = []
    real = verify_module._chains
    monkeypatch.setattr(verify_module, "_chains", lambda text: ({}, real(text)[1]))
    monkeypatch.setattr(scanner, "unbound", lambda source, wanted: tuple(asked.extend(wanted) or ()))
    assert isinstance(verify(before, [Attempt(0, before.findings[0].fixes[0])], scanner), Proof)
    assert asked == [(Span(16, 17), "builtins.m")]
