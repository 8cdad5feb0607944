"""What a person sees: the whole output, letter by letter."""

from __future__ import annotations

import pytest
from conftest import MakeFinding

from devsec.finding import Fix
from devsec.levels import Safety
from devsec.outcome import Checked, Outcome, Remark, Report
from devsec.policy.judge import Judged, Verdict
from devsec.report.closing import Page
from devsec.report.plain import cut, printable, width
from devsec.report.terminal import first_sentence, render
from devsec.sources.source import Skipped
from devsec.text import Edit, Span

TEXT = b"""import yaml

def read(f):
    data = yaml.load(f, Loader=yaml.Loader)
    return data
"""
MEANT = "yaml.load(f, Loader=yaml.Loader)"


def report(*judged: Judged, text: bytes = TEXT, more: tuple[Outcome, ...] = (), staged: bool = True) -> Report:
    return Report((Checked("app.py", judged, (), text), *more), staged=staged)


def cure(safety: Safety = Safety.SAFE, **more: str) -> Fix:
    start = TEXT.index(MEANT.encode())
    return Fix("Load plain data only", safety, (Edit(Span(start, start + len(MEANT)), "yaml.safe_load(f)"),), **more)


def test_one_finding_in_full(finding: MakeFinding) -> None:
    assert (
        render(report(Judged(finding(TEXT, MEANT, fixes=(cure(),)), Verdict.BLOCK, "")), Page())
        == """\
app.py:4:12  blocks  a-rule
  Something leaves the road
      3 | def read(f):
  >   4 |     data = yaml.load(f, Loader=yaml.Loader)
        |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      5 |     return data
  why   This is why.
  cure  Load plain data only
           4 -     data = yaml.load(f, Loader=yaml.Loader)
           4 +     data = yaml.safe_load(f)
  do    devsec fix

devsec explain RULE says more; devsec ignore FILE:LINE silences one, with a reason.

devsec: 1 finding blocks in 1 file
"""
    )


@pytest.mark.parametrize(
    ("fix", "staged", "says", "silent"),
    [
        (cure(), True, "  do    devsec fix\n", "stricter"),
        (cure(Safety.HARDENING), True, "  do    devsec fix --hardening\n", "by hand"),
        (cure(Safety.HARDENING), True, "(stricter on purpose)", "by hand"),
        (cure(), False, "  do    devsec fix app.py\n", "stricter"),
        (cure(Safety.ADVICE), True, "(by hand)", "  do  "),
        (cure(note="Mind the gap."), True, "        Mind the gap.\n", "by hand"),
        (cure(package="acme>=3"), True, "        needs acme>=3\n", "by hand"),
    ],
)
def test_the_one_command(finding: MakeFinding, fix: Fix, staged: bool, says: str, silent: str) -> None:
    out = render(report(Judged(finding(TEXT, MEANT, fixes=(fix,)), Verdict.WARN, ""), staged=staged), Page())
    assert says in out
    assert silent not in out


def test_an_import_that_is_added_is_its_own_line(finding: MakeFinding) -> None:
    start = TEXT.index(MEANT.encode())
    fix = Fix("t", Safety.SAFE, (Edit(Span(0, 0), "import acme\n"), Edit(Span(start, start + 9), "acme.load")))
    out = render(report(Judged(finding(TEXT, MEANT, fixes=(fix,)), Verdict.BLOCK, "")), Page())
    assert "           1 + import acme\n           4 -     data" in out
    assert "- import yaml" not in out


@pytest.mark.parametrize(
    ("verdicts", "more", "last"),
    [
        ([], (), "devsec: nothing to say about 1 file"),
        ([Verdict.WARN], (), "devsec: 1 warning in 1 file"),
        ([Verdict.BLOCK, Verdict.BLOCK, Verdict.WARN], (), "devsec: 2 findings block, 1 warning in 1 file"),
        ([Verdict.NOTE], (), "devsec: nothing to say about 1 file; 1 note"),
        (
            [Verdict.KNOWN] * 2,
            (),
            "devsec: nothing to say about 1 file; 2 known findings not shown (devsec check --all shows them)",
        ),
        ([Verdict.SUPPRESSED], (), "devsec: nothing to say about 1 file; 1 silenced"),
        ([], (Skipped("b.py", "It is odd."),), "devsec: nothing to say about 1 file; 1 file not checked"),
    ],
)
def test_the_last_line(finding: MakeFinding, verdicts: list[Verdict], more: tuple[Outcome, ...], last: str) -> None:
    out = render(report(*(Judged(finding(TEXT, MEANT), v, "") for v in verdicts), more=more), Page())
    assert out.splitlines()[-1] == last
    shown = sum(v in (Verdict.BLOCK, Verdict.WARN) for v in verdicts)
    assert out.count("app.py:4:12") == shown
    assert ("not checked  b.py: It is odd." in out) == bool(more)


def test_nothing_at_all() -> None:
    assert render(Report(()), Page()) == "devsec: nothing to look at\n"
    assert render(Report((Skipped("b", "why"),)), Page()).endswith(
        "devsec: nothing could be checked; 1 file not checked\n"
    )


def test_remarks_are_told() -> None:
    checked = Checked("a.py", (), (Remark(3, "this silences nothing"),), b"")
    assert "a.py:3: note  this silences nothing\n" in render(Report((checked,)), Page())


def test_no_colour_unless_asked(finding: MakeFinding) -> None:
    one = report(Judged(finding(TEXT, MEANT, fixes=(cure(),)), Verdict.BLOCK, ""))
    plain, painted = render(one, Page()), render(one, Page(colour=True))
    assert "\x1b" not in plain
    assert "\x1b[" in painted


@pytest.mark.parametrize("name", ["a\nb.py", "a\x1b[2Jb.py", "a\u202eb.py", "a\udcffb.py"])
def test_a_name_or_a_line_cannot_move_the_cursor(finding: MakeFinding, name: str) -> None:
    text = "x = '\x1b[2J\u202e\x07'\n".encode()
    out = render(
        Report((Checked(name, (Judged(finding(text, "x", path=name), Verdict.BLOCK, ""),), (), text),)), Page()
    )
    assert all(character.isprintable() or character == "\n" for character in out)
    assert out.startswith("a")
    assert out.splitlines()[0].endswith("b.py:1:1  blocks  a-rule")


def test_a_very_long_line_is_cut_around_what_is_meant(finding: MakeFinding) -> None:
    text = b"x = '" + b"a" * 100_000 + b"'; bad(1); y = '" + b"b" * 100_000 + b"'\n"
    out = render(report(Judged(finding(text, "bad(1)"), Verdict.BLOCK, ""), text=text), Page(width=80))
    code, mark = out.splitlines()[2:4]
    assert len(code) <= 80
    assert code[mark.index("^") : mark.rindex("^") + 1] == "bad(1)"


@pytest.mark.parametrize("before", ["é", "日本", "\t", "e\u0301"])
def test_the_mark_stands_under_the_code(finding: MakeFinding, before: str) -> None:
    text = f"'{before}'; bad(1)\n".encode()
    code, mark = render(report(Judged(finding(text, "bad(1)"), Verdict.BLOCK, ""), text=text), Page()).splitlines()[2:4]
    assert width(code[: code.index("bad(1)")]) == mark.index("^")


def test_a_long_finding_shows_its_beginning(finding: MakeFinding) -> None:
    meant = "f(\n" + "  1,\n" * 20 + ")"
    text = f"x = {meant}\n".encode()
    out = render(report(Judged(finding(text, meant), Verdict.BLOCK, ""), text=text), Page())
    assert out.count("1,") == 3
    assert "… 18 more lines" in out


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One. Two.", "One."),
        ("Use e.g. This one. Two.", "Use e.g. This one."),
        ("Version 1.2 of x. Two", "Version 1.2 of x."),
        ("All\n  of\nit", "All of it"),
        ("It ends. and goes on. Two.", "It ends. and goes on."),
    ],
)
def test_first_sentence(text: str, first: str) -> None:
    assert first_sentence(text) == first


def test_plain() -> None:
    assert printable("a\tb") == "a   b"
    assert cut("abcdef", 4) == "abc…"
    assert cut("日本語", 5) == "日本…"
    assert cut("abcd", 4) == "abcd"
