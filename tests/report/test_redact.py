"""No secret is ever shown, whichever way the report is asked for."""

from __future__ import annotations

import json as stdjson

import pytest
from conftest import MakeFinding

from devsec.finding import Fix
from devsec.levels import Safety
from devsec.outcome import Checked, Report
from devsec.policy.judge import Judged, Verdict
from devsec.report import closing, json, lines, terminal
from devsec.report.diff import unified
from devsec.report.redact import Redactor, masked
from devsec.text import Edit, Span, apply

LONG = "hX9-canary-Zq81-tail"
SHORT = "c4n4ry"


def test_masked() -> None:
    assert masked("0123456789abcdef") == "0123…ef"
    assert masked("0123456789abcde") == "…"


TEXTS = [
    pytest.param(f'k = "{LONG}"\n', LONG, id="long"),
    pytest.param(f'k = "{SHORT}"\n', SHORT, id="short"),
    pytest.param(f'# once {LONG}\nk = "{LONG}"\nuse("{LONG}")\n', LONG, id="again in the lines around"),
    pytest.param(f'a = 1\nk = "{LONG}"; l = "{LONG}"\n', LONG, id="twice on one line"),
    pytest.param(f'k = """{LONG}\nsecond-{SHORT}"""\n', LONG, id="over two lines"),
    pytest.param("k = '" + "x" * 300 + f"'; p = '{LONG}'; z = '" + "y" * 300 + "'\n", LONG, id="on a very long line"),
]


@pytest.mark.parametrize(("text", "secret"), TEXTS)
@pytest.mark.parametrize("whole", [True, False], ids=["span is the statement", "span is the literal"])
@pytest.mark.parametrize("verdict", [Verdict.BLOCK, Verdict.KNOWN])
def test_canary(finding: MakeFinding, text: str, secret: str, whole: bool, verdict: Verdict) -> None:
    data = text.encode()
    hidden = f"{LONG}\nsecond-{SHORT}" if "second" in text else secret
    start = data.index(secret.encode())
    wrap = Fix(
        f"Wrap {secret}",
        Safety.SAFE,
        (Edit(Span(start - 1, start + len(secret) + 1), f'vault("{secret}")'),),
        note=f"because {secret}",
    )
    advice = Fix(f"Turn {secret}", Safety.ADVICE, note=f"it is {secret}")
    meant = text.rstrip("\n").split("\n")[-1] if whole and "second" not in text else hidden
    one = finding(data, meant, fixes=(wrap, advice), secrets=(hidden,))
    # A second finding without secrets of its own, on the same line: its frame shows the first one's secret.
    other = finding(data, "=", rule="other", fixes=(wrap,))
    judged = (Judged(one, verdict, ""), Judged(other, Verdict.BLOCK, ""))
    report = Report((Checked("app.py", judged, (), data),))
    patch = unified("app.py", data, apply(data, wrap.edits), Redactor(data, [one]))
    outputs = {
        "terminal": terminal.render(report, closing.Page(width=80)),
        "wide": terminal.render(report, closing.Page(width=2000, colour=True)),
        "lines": lines.render(report),
        "json": json.render(report),
        "diff": patch.data.decode(),
    }
    assert patch.masked
    for name, shown in outputs.items():
        assert secret not in shown, name
        assert SHORT not in shown, name
    assert "…" in outputs["terminal"]


def test_a_fix_that_would_show_a_secret_has_no_edits_in_json(finding: MakeFinding) -> None:
    data = f'k = "{LONG}"\n'.encode()
    bare = Fix("t", Safety.SAFE, (Edit(Span(0, 1), "kk"),))
    wrap = Fix("t", Safety.SAFE, (Edit(Span(0, 1), LONG),))
    report = Report(
        (
            Checked(
                "a.py", (Judged(finding(data, "k", fixes=(bare, wrap), secrets=(LONG,)), Verdict.BLOCK, ""),), (), data
            ),
        )
    )
    fixes = stdjson.loads(json.render(report))["findings"][0]["fixes"]
    assert [len(fix["edits"]) for fix in fixes] == [1, 0]


def test_what_is_no_secret_is_left_alone(finding: MakeFinding) -> None:
    data = b'pw = "pw"; print("abc")\n'
    redactor = Redactor(data, [finding(data, "pw", secrets=('"pw"',))])
    assert redactor.part(Span(0, len(data))) == 'pw = "…"; print("abc")\n'
    assert not redactor.shows("pw = 1")


def test_many_secrets_are_hidden_as_few_are(finding: MakeFinding) -> None:
    """Beyond some number they are looked for another way, in time that does not grow with their number."""
    secrets = [f"{number:04d}-{'abcdefghijkl' if number % 3 else 'xyz'}-{number:04d}" for number in range(300)]
    text = "".join(f"k = '{secret}'  # {secret}\n" for secret in secrets).encode()
    found = [finding(text, secret, secrets=(secret,)) for secret in secrets]
    redactor = Redactor(text, found)
    shown = redactor.part(Span(0, len(text))) + redactor.elsewhere(text.decode())
    assert not [secret for secret in secrets if secret in shown]
    assert shown.count("#") == 600
