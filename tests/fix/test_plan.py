"""Which fixes are made together, which wait, which are refused, and with what words."""

from __future__ import annotations

import pytest
from fakes import FakeScanner, Rule, advice, edits, rename, whole
from hypothesis import given
from hypothesis import strategies as st

from devsec.finding import Fix
from devsec.fix.plan import Applied, Patch, _apart, plan
from devsec.fix.verify import Attempt
from devsec.levels import Level, Safety
from devsec.sources.source import Skipped, Source
from devsec.text import Edit, Place, Span

BOM = b"\xef\xbb\xbf"
OLD = Rule("no-old", "old", rename("new"))
ELD = Rule("no-eld", "eld", rename("new"))
HMAC = Rule("no-eq", "eq", rename("hmac.compare_digest", imports="import hmac"))
HASH = Rule("no-md", "md", rename("hashlib.sha256", imports="import hashlib"))
WHOLE = Rule("no-wrap", "wrap", whole("({})"))


def fixed(data: bytes, *rules: Rule, path: str = "a.py", **how: object) -> Patch:
    scanner = FakeScanner(*rules)
    source = Source(path, data)
    findings = scanner.scan(source)
    assert isinstance(findings, tuple)
    assert findings, "the example must hold a finding"
    patch = plan(source, findings, scanner, **how)  # type: ignore[arg-type]
    assert isinstance(patch, Patch)
    again = scanner.scan(Source(path, patch.after))
    assert isinstance(again, tuple)
    if not patch.refused:
        assert again == ()
    second = plan(Source(path, patch.after), again, scanner, **how)  # type: ignore[arg-type]
    assert isinstance(second, Patch)
    assert second.after == patch.after, "a second run must change nothing"
    assert len(patch.applied) + len(patch.refused) == len(findings), "no finding is lost"
    return patch


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"old(1)\n", b"new(1)\n", id="one"),
        pytest.param(b"x = old(1) + old(1)\n", b"x = new(1) + new(1)\n", id="two alike on one line"),
        pytest.param(b"old(eld(1))\n", b"new(new(1))\n", id="nested, two rules"),
        pytest.param(b"old(old(old(1)))\n", b"new(new(new(1)))\n", id="nested, one rule"),
        pytest.param(b"wrap(wrap(1))\n", b"((1))\n", id="overlapping: the inner text is inside the outer edit"),
        pytest.param(b"wrap(old(wrap(1)))\n", b"(new((1)))\n", id="overlapping, mixed"),
        pytest.param(b"eq(a, md(b))\n", b"import hashlib\nimport hmac\nhmac.compare_digest(a, hashlib.sha256(b))\n",
                     id="two imports at one place"),
        pytest.param(b"eq(a, b)\neq(c, d)\n", b"import hmac\nhmac.compare_digest(a, b)\nhmac.compare_digest(c, d)\n",
                     id="one import for two"),
        pytest.param(b"if old(1): old(2); x = [old(3) for _ in y]\n", b"if new(1): new(2); x = [new(3) for _ in y]\n",
                     id="one-line compound statement"),
        pytest.param(b"x = 1\r\nold(1)\r\n", b"x = 1\r\nnew(1)\r\n", id="CRLF kept"),
        pytest.param(b"x = 1\r\neq(1)\r\n", b"import hmac\r\nx = 1\r\nhmac.compare_digest(1)\r\n", id="CRLF inserted"),
        pytest.param(b"x = 1\req(1)\r", b"import hmac\rx = 1\rhmac.compare_digest(1)\r", id="lone CR inserted"),
        pytest.param(b"x = 1\ny = 2\r\neq(1)\r\n", b"import hmac\nx = 1\ny = 2\r\nhmac.compare_digest(1)\r\n",
                     id="mixed endings: the neighbour decides"),
        pytest.param(b"wrap(1,\r\n2,\n3)\r\n", b"(1,\r\n2,\n3)\r\n", id="mixed endings inside stay mixed"),
        pytest.param(BOM + b"eq(1)\n", BOM + b"import hmac\nhmac.compare_digest(1)\n", id="BOM stays first"),
        pytest.param("# coding: latin-1\nx = 'é'; old('ü')\n".encode("latin-1"),
                     "# coding: latin-1\nx = 'é'; new('ü')\n".encode("latin-1"), id="latin-1"),
        pytest.param("x = '€🔑'; old(1); y = 'é'\n".encode(), "x = '€🔑'; new(1); y = 'é'\n".encode(), id="multi-byte"),
        pytest.param(b"x = 1\n\x0c\nold(1)\n", b"x = 1\n\x0c\nnew(1)\n", id="form feed"),
        pytest.param(b"old(1)", b"new(1)", id="no final newline"),
        pytest.param(b"eq(1)", b"import hmac\nhmac.compare_digest(1)", id="no newline at all"),
        pytest.param(b"if x:\n\told(1)  \n\n\n", b"if x:\n\tnew(1)  \n\n\n", id="tabs and trailing blanks"),
        pytest.param(b"old(  # why\n    1, # what\n)\n", b"new(  # why\n    1, # what\n)\n", id="comments inside"),
        pytest.param(b"x = f'{old(1)}'\n", b"x = f'{new(1)}'\n", id="inside an f-string"),
        pytest.param(b"x = f'''\n\n{old(1)}'''\n", b"x = f'''\n\n{new(1)}'''\n", id="inside an f-string of many lines"),
        pytest.param(b"old \\\n  (1)\n", b"new \\\n  (1)\n", id="backslash"),
        pytest.param(b"x = '\\d'\nold(1)\n", b"x = '\\d'\nnew(1)\n", id="a SyntaxWarning is not our business"),
    ],
)  # fmt: skip
def test_cured(before: bytes, after: bytes) -> None:
    patch = fixed(before, OLD, ELD, HMAC, HASH, WHOLE)
    assert patch.after == after
    assert patch.refused == ()


def test_says_what_it_did_where_it_stood() -> None:
    patch = fixed(b"x = 1\ny = eq(1)\n", Rule("r", "eq", rename("hmac.x", imports="import hmac", package="p>=1")))
    assert patch.applied == (Applied("r", "Call hmac.x", Place(2, 4), Safety.SAFE, "p>=1", (("hmac.x", "hmac.x"),)),)


def test_a_finding_that_goes_with_another_fix_is_not_lost() -> None:
    gone = Rule("also-old", "old", whole("y"))
    patch = fixed(b"old(1)\n", gone, OLD)
    assert [(a.rule, a.title) for a in patch.applied] == [
        ("also-old", "Write y"),
        ("no-old", "gone with another fix"),
    ]


def test_what_goes_with_a_hardening_is_no_safe_fix() -> None:
    hard = Rule("also-old", "old", whole("y", Safety.HARDENING))
    patch = fixed(b"old(1)\n", hard, OLD, hardening=True)
    assert [a.safety for a in patch.applied] == [Safety.HARDENING] * 2


def at(start: int, end: int, text: str) -> Edit:
    return Edit(Span(start, end), text)


IMPORT = at(0, 0, "import a\n")


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        pytest.param([at(0, 1, "x")], [at(1, 2, "x")], True, id="touching"),
        pytest.param([at(0, 9, "x")], [at(4, 5, "y")], False, id="inside"),
        pytest.param([at(0, 3, "x"), at(8, 9, "x")], [at(4, 5, "y")], True, id="between two edits of another"),
        pytest.param([at(0, 3, "x"), at(7, 9, "x")], [at(8, 8, "y")], False, id="insert inside a later edit"),
        pytest.param([at(4, 4, "x")], [at(4, 4, "y")], False, id="two inserts at one place"),
        pytest.param([at(4, 4, ")")], [at(4, 4, ")")], False, id="two like brackets are two"),
        pytest.param([at(4, 5, "x")], [at(4, 5, "x")], False, id="two like changes may be one or two"),
        pytest.param([IMPORT, at(4, 5, "x")], [IMPORT, at(6, 7, "x")], True, id="one import shared"),
        pytest.param([at(0, 0, "import a\n\n\n")], [at(0, 0, "import a\n\n\n")], True, id="shared with its blank lines"),
        pytest.param([IMPORT], [at(0, 0, "import b\n")], True, id="two imports at one place"),
        pytest.param([IMPORT], [at(0, 0, "import b\n\n")], False, id="an import that brings blank lines along"),
        pytest.param([IMPORT], [at(0, 1, "x")], False, id="an import where something else changes"),
    ],
)  # fmt: skip
def test_which_fixes_go_together(one: list[Edit], other: list[Edit], together: bool) -> None:
    scanner = FakeScanner(Rule("r", "f"))
    findings = scanner.scan(Source("a.py", b"f(f(1))"))
    assert isinstance(findings, tuple)
    fixes = [Attempt(n, Fix("t", Safety.SAFE, tuple(edits))) for n, edits in enumerate((one, other))]
    assert _apart(fixes, findings) == fixes[: 1 + together]
    assert len(_apart(fixes, findings[::-1])) == 1 + together


def test_the_outer_goes_before_the_inner() -> None:
    scanner = FakeScanner(Rule("r", "f"))
    inner, outer = (
        f._replace(span=Span(0, end)) for f, end in zip(scanner.scan(Source("a", b"f(f(1))")), (4, 9), strict=True)
    )  # type: ignore[arg-type]
    fixes = [Attempt(n, Fix("t", Safety.SAFE, (at(0, 4, str(n)),))) for n in range(2)]
    assert _apart(fixes, [inner, outer]) == fixes[1:]


HARD = Rule("hard", "old", rename("new", safety=Safety.HARDENING))
BOTH = Rule("both", "old", lambda call: HARD.cure(call) + rename("softer")(call))


@pytest.mark.parametrize(
    ("rule", "how", "after", "reasons"),
    [
        pytest.param(HARD, {}, b"old(1)\n", ["needs --hardening: Call new"], id="hardening is asked for by name"),
        pytest.param(HARD, {"hardening": True}, b"new(1)\n", [], id="hardening"),
        pytest.param(BOTH, {}, b"softer(1)\n", [], id="the best that is allowed: safe"),
        pytest.param(BOTH, {"hardening": True}, b"new(1)\n", [], id="the best that is allowed: hardening"),
        pytest.param(
            Rule("adv", "old", advice("Think")), {"hardening": True}, b"old(1)\n", ["only advice: Think"], id="advice"
        ),
        pytest.param(
            Rule("adv", "old", advice("Think", "twice")), {}, b"old(1)\n", ["only advice: Think (twice)"], id="note"
        ),
        pytest.param(Rule("none", "old"), {}, b"old(1)\n", ["the rule has no cure"], id="no cure"),
    ],
)
def test_what_is_allowed(rule: Rule, how: dict[str, bool], after: bytes, reasons: list[str]) -> None:
    patch = fixed(b"old(1)\n", rule, **how)
    assert patch.after == after
    assert [r.reason for r in patch.refused] == reasons


def test_advice_with_edits_is_never_written() -> None:
    patch = fixed(b"old(1)\n", Rule("adv", "old", rename("new", safety=Safety.ADVICE)), hardening=True)
    assert patch.after == b"old(1)\n"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        pytest.param(whole("("), "the result would not compile: ", id="does not parse"),
        pytest.param(whole("(yield)"), "the result would not compile: ", id="parses, does not compile"),
        pytest.param(rename("hmac.new"), "`hmac.new` is not imported", id="unbound"),
        pytest.param(whole("noisy({})"), "it would bring a new finding: noisy on line 1", id="loud"),
        pytest.param(whole("silent({})"), "it would bring a new finding: silent on line 1", id="loud, a rule that is off"),
        pytest.param(whole("bad ({})"), "bad still finds it afterwards", id="not silent"),
        pytest.param(whole("bad({}, 1)"), "it would bring a new finding: bad on line 1", id="not silent, other words"),
        pytest.param(edits(lambda c: Edit(c.span, c.source(c.span))), "it changes nothing", id="changes nothing"),
        pytest.param(
            edits(lambda c: Edit(c.span, "x"), lambda c: Edit(c.func, "y")), "overlapping edits at byte ", id="overlaps itself"
        ),
        pytest.param(
            edits(lambda c: Edit(Span(0, len(c.text) + 1), "x")), "an edit lies outside the text", id="out of the text"
        ),
        pytest.param(
            edits(lambda c: Edit(Span(len(b"# coding: latin-1\nx = '") + 1, c.span.end), "'")),
            "an edit cuts a character in two", id="cuts a character",
        ),
        pytest.param(whole("'€'"), "the file's encoding, latin-1, has no character U+20AC", id="not in the encoding"),
        pytest.param(
            edits(lambda c: Edit(c.span, "1"), lambda c: Edit(Span(0, 0), "import a\nimport b\n")),
            "the result could not be read: ", id="pushes the cookie down",
        ),
    ],
)  # fmt: skip
def test_a_bad_fix_is_refused_and_sinks_no_other(bad: object, reason: str) -> None:
    before = "# coding: latin-1\nx = 'é'; y = bad(1); old(1); z = bad(2)\nold(2)\n".encode("latin-1")
    rules = [
        Rule("bad", "bad", bad),  # type: ignore[arg-type]
        OLD,
        Rule("noisy", "noisy"),
        Rule("silent", "silent", level=Level.OFF),
    ]
    patch = fixed(before, *rules)
    assert patch.after == before.replace(b"old", b"new")
    reason = reason.replace("line 1", "line 2")
    assert [(r.rule, r.reason[: len(reason)]) for r in patch.refused] == [("bad", reason)] * 2
    assert [r.place for r in patch.refused] == [Place(2, 13), Place(2, 33)]
    assert [a.place for a in patch.applied] == [Place(2, 21), Place(3, 0)]


def test_an_encoding_that_would_change_is_refused_even_where_all_is_ascii() -> None:
    push = edits(lambda c: Edit(c.span, "1"), lambda c: Edit(Span(0, 0), "import a\nimport b\n"))
    patch = fixed(b"# coding: latin-1\nold(1)\n", Rule("r", "old", push))
    assert [r.reason for r in patch.refused] == ["the result would be read in another encoding"]


def test_two_that_hold_alone_and_not_together() -> None:
    """Each brings one half of what a third rule objects to; the first is made, the second then refused by name."""
    left = Rule("left", "a", rename("half"))
    right = Rule("right", "b", whole("'other'"))
    both = Rule("both", "half", needs="other")
    patch = fixed(b"a(1)\nb(1)\n", left, right, both)
    assert patch.after == b"half(1)\nb(1)\n"
    assert [r.reason for r in patch.refused] == ["it would bring a new finding: both on line 1"]


def test_what_one_pass_refuses_the_next_may_cure() -> None:
    """What spoke against it has gone with another fix: a second run would cure it, so this one does."""
    careful = Rule("careful", "old", lambda c: advice("Wait")(c) if b"eld" in c.text else rename("new")(c))
    patch = fixed(b"old(1)\neld(2)\n", careful, ELD)
    assert patch.after == b"new(1)\nnew(2)\n"
    assert patch.refused == ()


def test_a_fix_that_failed_does_not_keep_others_waiting() -> None:
    """It is tried last from then on, and again when the text has changed: `half` is objected to while there is an `eld`."""
    half = Rule("half", "old", whole("half({})"))
    both = Rule("both", "half", needs="eld")
    patch = fixed(b"old(eld(eld(1)))\n", half, Rule("no-eld", "eld", whole("new({})")), both)
    assert patch.after == b"half(new(new(1)))\n"
    assert patch.refused == ()


def test_a_name_glued_to_what_stands_there_is_not_there() -> None:
    """Also when it stands elsewhere: the places of a finding may be wrong."""
    glued = edits(lambda c: Edit(Span(c.func.start, c.func.start), "hmac.new"))
    cure = lambda call: tuple(fix._replace(names=(("hmac.new", "hmac.new"),)) for fix in glued(call))  # noqa: E731
    patch = fixed(b"import hmac\nhmac.new(1)\nold(2)\n", Rule("r", "old", cure))
    assert [it.reason for it in patch.refused] == ["`hmac.new`, which the fix relies on, is not in the result"]


def test_known_findings_are_neither_cured_nor_counted() -> None:
    scanner = FakeScanner(OLD)
    source = Source("a.py", b"old(old(1))\nold(1)\n")
    findings = scanner.scan(source)
    assert isinstance(findings, tuple)
    patch = plan(source, findings, scanner, wanted=lambda f: f.start == Place(2, 0))
    assert isinstance(patch, Patch)
    # The inner one of line 1 has the same words: it must not be taken for the one that was asked for.
    assert patch.after == b"old(old(1))\nnew(1)\n"
    assert patch.refused == ()


def test_known_stay_known_while_others_move_them() -> None:
    scanner = FakeScanner(OLD, HMAC, WHOLE)
    source = Source("a.py", b"old(eq(1))\nwrap(wrap(old(1)))\n")
    findings = scanner.scan(source)
    assert isinstance(findings, tuple)
    patch = plan(source, findings, scanner, wanted=lambda f: f.rule != "no-old")
    assert isinstance(patch, Patch)
    assert patch.after == b"import hmac\nold(hmac.compare_digest(1))\n((old(1)))\n"
    assert patch.refused == ()
    assert len(patch.applied) == 3


def test_only() -> None:
    scanner = FakeScanner(OLD, ELD)
    source = Source("a.py", b"old(eld(1))\n")
    findings = scanner.scan(source)
    assert isinstance(findings, tuple)
    patch = plan(source, findings, scanner, only=frozenset({"no-eld"}))
    assert isinstance(patch, Patch)
    assert patch.after == b"old(new(1))\n"
    assert patch.refused == ()


def test_more_nesting_than_passes_is_refused_by_name() -> None:
    patch = fixed_once(b"wrap(" * 12 + b"1" + b")" * 12 + b"\n")
    assert patch.after == b"(" * 10 + b"wrap(wrap(1))" + b")" * 10 + b"\n"
    assert [r.reason for r in patch.refused] == ["it still overlaps with other fixes after 10 passes"] * 2


def fixed_once(data: bytes) -> Patch:
    scanner = FakeScanner(WHOLE)
    source = Source("a.py", data)
    patch = plan(source, scanner.scan(source), scanner)  # type: ignore[arg-type]
    assert isinstance(patch, Patch)
    return patch


def test_nothing_asked_costs_no_scan() -> None:
    scanner = FakeScanner(OLD)
    patch = plan(Source("a.py", b"old(1)\n"), (), scanner)
    assert patch == Patch("a.py", b"old(1)\n", b"old(1)\n")
    assert scanner.scans == 0


def test_a_file_that_cannot_be_looked_at_is_skipped() -> None:
    scanner = FakeScanner(OLD)
    findings = scanner.scan(Source("a.py", b"old(1)\n"))
    assert isinstance(findings, tuple)
    assert isinstance(plan(Source("a.py", b"old(1)\nx = (\n"), findings, scanner), Skipped)
    assert isinstance(plan(Source("a.py", b"old(1)\n\xff"), findings, scanner), Skipped)


def test_a_file_that_does_not_compile_is_left_alone() -> None:
    patch = fixed(b"old(1)\nreturn\n", OLD)
    assert patch.after == patch.before
    assert [r.reason.split(":")[0] for r in patch.refused] == ["the file does not compile as it is"]


def test_a_finding_from_another_text_is_refused() -> None:
    scanner = FakeScanner(OLD)
    findings = scanner.scan(Source("a.py", b"old(1)\n"))
    assert isinstance(findings, tuple)
    patch = plan(Source("a.py", b"x = 1; old(1)\n"), findings, scanner)
    assert isinstance(patch, Patch)
    assert patch.after == patch.before
    assert [r.reason for r in patch.refused] == ["it was not found again in this text"]


def test_one_bad_among_many_costs_few_scans() -> None:
    scanner = FakeScanner(OLD, Rule("bad", "bad", whole("(")))
    source = Source("a.py", b"old(1)\n" * 100 + b"bad(1)\n" + b"old(1)\n" * 100)
    findings = scanner.scan(source)
    assert isinstance(findings, tuple)
    patch = plan(source, findings, scanner)
    assert isinstance(patch, Patch)
    assert len(patch.applied) == 200
    assert scanner.scans < 30


CALLS = st.recursive(
    st.sampled_from(["1", "'é€'", "x", "[2, 3]"]),
    lambda inner: st.builds(
        lambda name, args, pad: f"{name}({pad}{(',' + pad).join(args)})",
        st.sampled_from(["old", "eld", "wrap", "eq", "md", "keep"]),
        st.lists(inner, min_size=1, max_size=3),
        st.sampled_from(["", " ", "\n", "\n\t", " # why\n"]),
    ),
    max_leaves=8,
)


@given(st.lists(CALLS, min_size=1, max_size=5), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans(), st.booleans())
def test_any_nesting_in_any_format(lines: list[str], ending: str, bom: bool, final: bool) -> None:
    text = "\n".join(f"y = {line}" for line in lines) + ("\n" if final else "")
    data = (BOM if bom else b"") + text.replace("\n", ending).encode()
    scanner = FakeScanner(OLD, ELD, HMAC, HASH, WHOLE)
    source = Source("a.py", data)
    findings = scanner.scan(source)
    assert isinstance(findings, tuple)
    patch = plan(source, findings, scanner)
    assert isinstance(patch, Patch)
    expected = text
    for name, new in (("old", "new"), ("eld", "new"), ("eq", "hmac.compare_digest"), ("md", "hashlib.sha256")):
        expected = expected.replace(name + "(", new + "(")
    if not patch.refused:
        expected = expected.replace("wrap(", "(")
        needed = [f"import {m}" for m in ("hashlib", "hmac") if f"{m}." in expected]
        assert patch.after.startswith(BOM if bom else b"")
        made = patch.after.removeprefix(BOM).decode().split(ending if "\n" in text else "\n")
        assert sorted(made[: len(needed)]) == needed, "in the order of the passes"
        assert made[len(needed) :] == expected.split("\n")
    assert len(patch.applied) + len(patch.refused) == len(findings)
