"""What silences a finding, and what only looks as if it did."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from conftest import MakeFinding

from devsec.finding import Finding
from devsec.policy.suppress import Ignore, ignores


def covering(finding: Finding, among: Iterable[Ignore]) -> Ignore | None:
    return next((ignore for ignore in among if ignore.covers(finding)), None)


# A finding about `bad(1)` of rule a-rule in this text: is it silenced?
TABLE = [
    pytest.param("bad(1)  # devsec: ignore[a-rule] test because", True, id="on the line"),
    pytest.param("bad(1)  #devsec: ignore[a-rule] test because", True, id="no space after the hash"),
    pytest.param("bad(1)  # noqa  # devsec: ignore[a-rule] test because", True, id="after another comment"),
    pytest.param("bad(1)  # devsec: ignore[x, a-rule] test because", True, id="one of several"),
    pytest.param("bad(1)  # devsec: ignore[b-rule] test because", False, id="another rule"),
    pytest.param("bad(1)  # devsec: ignore[a-rule]", False, id="no reason"),
    pytest.param("bad(1)  # devsec: ignore[a-rule] -- ", False, id="punctuation is no reason"),
    pytest.param("bad(1)  # devsec: ignore test because", False, id="no rule"),
    pytest.param("bad(1)  # devsec: ignore[] test because", False, id="empty brackets"),
    pytest.param("# devsec: ignore[a-rule] test because\nbad(1)", True, id="alone above"),
    pytest.param("# devsec: ignore[a-rule] test because\n# more words\nbad(1)", True, id="above, more comment between"),
    pytest.param("# devsec: ignore[a-rule] test because\n\nbad(1)", False, id="blank line between"),
    pytest.param("x = 1  # devsec: ignore[a-rule] test because\nbad(1)", False, id="at the end of the line above"),
    pytest.param("bad(1)\n# devsec: ignore[a-rule] test because", False, id="below"),
    pytest.param("y = [\n  bad(1),\n]  # devsec: ignore[a-rule] test because", True, id="end of the statement"),
    pytest.param("y = [  # devsec: ignore[a-rule] test because\n  bad(1),\n]", True, id="start of the statement"),
    pytest.param("y = [\n  # devsec: ignore[a-rule] test because\n  2,\n  bad(1)]", True, id="inside the statement"),
    pytest.param("if bad(1):  # devsec: ignore[a-rule] test because\n    pass", True, id="head of a block"),
    pytest.param("if x:  # devsec: ignore[a-rule] test because\n    bad(1)", False, id="head of the block around"),
    pytest.param("bad(1); s = '# devsec: ignore[a-rule] test because'", False, id="inside a string"),
    pytest.param('s = """\n# devsec: ignore[a-rule] test because\n"""; bad(1)', False, id="inside a long string"),
    pytest.param('bad(1, """\n""")  # devsec: ignore[a-rule] test because', True, id="after a long string"),
    pytest.param("def f():\n    # devsec: ignore[a-rule] test because\n    bad(1)", True, id="above, in a function"),
    pytest.param(
        "@bad(1)\ndef f():  # devsec: ignore[a-rule] test because\n    pass", True, id="head, of its decorator"
    ),
    pytest.param("@a  # devsec: ignore[a-rule] test because\n@bad(1)\nclass C: pass", True, id="another decorator"),
    pytest.param("@a\n# devsec: ignore[a-rule] test because\n@b\ndef f(x=bad(1)): pass", True, id="between decorators"),
    pytest.param(
        "# devsec: ignore[a-rule] test because\n@a\ndef f(\n  x=bad(1),\n): pass", True, id="above a decorator"
    ),
    pytest.param(
        "@a  # devsec: ignore[a-rule] test because\ndef f():\n    bad(1)", False, id="decorator of the function"
    ),
    pytest.param("class C(  # devsec: ignore[a-rule] test because\n  bad(1),\n):\n  pass", True, id="head of a class"),
    pytest.param("class C:  # devsec: ignore[a-rule] test because\n  x = bad(1)", False, id="head of the class around"),
    pytest.param("x = bad(1) + \\\n  2  # devsec: ignore[a-rule] test because", True, id="behind a backslash"),
    pytest.param('f"""{bad(1)}\n"""  # devsec: ignore[a-rule] test because', True, id="in an f-string over lines"),
    pytest.param(
        "bad(1)  # devsec: ignore[b] test # devsec: ignore[a-rule] test because", True, id="the second of two"
    ),
    pytest.param("# devsec: ignore[b] test\n# devsec: ignore[a-rule] test because\nbad(1)", True, id="two above"),
    pytest.param("try: bad(1)\nexcept E: pass  # devsec: ignore[a-rule] test because", False, id="the next branch"),
    pytest.param("bad(1)  # devsec: ignore[a-rule] test because  # noqa", True, id="before another comment"),
    pytest.param("\x0cbad(1)  # devsec: ignore[a-rule] test because", True, id="behind a form feed"),
    pytest.param("x = 1\r\nbad(1)  # devsec: ignore[a-rule] test because\r\n", True, id="CRLF"),
    pytest.param("é = 'ü'; bad(1)  # devsec: ignore[a-rule] test größer", True, id="not ASCII"),
]


@pytest.mark.parametrize(("code", "silenced"), TABLE)
def test_python(finding: MakeFinding, code: str, silenced: bool) -> None:
    text = code.encode()
    meant = "bad(1" if "bad(1," in code else "bad(1)"
    found = covering(finding(text, meant), ignores("app.py", text))
    assert (found is not None) == silenced
    assert found is None or found.reason.text in ("test because", "test größer")


@pytest.mark.parametrize(
    ("code", "silenced"),
    [
        pytest.param("bad(1) # devsec: ignore[a-rule] test because", True, id="shell"),
        pytest.param("bad(1) // devsec: ignore[a-rule] test because", True, id="slashes"),
        pytest.param("<!-- devsec: ignore[a-rule] test because -->\nbad(1)", True, id="alone above"),
        pytest.param("key = 1 # devsec: ignore[a-rule] test because\nbad(1)", False, id="end of the line above"),
        pytest.param("bad(1) /* devsec: ignore[a-rule] */", False, id="no reason but the end of the comment"),
    ],
)
def test_other_text(finding: MakeFinding, code: str, silenced: bool) -> None:
    text = code.encode()
    assert (covering(finding(text, "bad(1)", path="x.conf"), ignores("x.conf", text)) is not None) == silenced


@pytest.mark.parametrize(
    ("path", "code", "silenced"),
    [
        pytest.param("a.yaml", "k: bad(1)  # {}", True, id="yaml"),
        pytest.param("a.yaml", "# {}\nk: |\n  x\n\n  bad(1)\n", True, id="yaml: above a block"),
        pytest.param("a.yml", "k: >-  # {}\n  x\n  bad(1)\n", True, id="yaml: at the head of a block"),
        pytest.param("a.yml", "k: |  # {}\n  x\nl: bad(1)\n", False, id="yaml: behind a block"),
        pytest.param("a.yml", "- a: |  # {}\n    x\n    bad(1)\n", True, id="yaml: a block in a list"),
        pytest.param("a.toml", 'k = """\nbad(1)\n"""  # {}\n', True, id="toml: behind a string"),
        pytest.param("a.toml", '# {}\nk = """\nx\nbad(1)\n"""\n', True, id="toml: above a string"),
        pytest.param("a.toml", 'k = """\nx\n"""  # {}\nl = "bad(1)"', False, id="toml: another key"),
        pytest.param("Dockerfile", "# {}\nRUN a \\\n # why\n bad(1)\n", True, id="Dockerfile"),
        pytest.param("Dockerfile", "# {}\nRUN a\nRUN bad(1)\n", False, id="Dockerfile: the next instruction"),
        pytest.param("run.sh", "a \\\n  bad(1) \\\n  c  # {}\n", True, id="shell: behind a line that goes on"),
        pytest.param("a.js", "bad(1); // {}", True, id="javascript"),
        pytest.param("a.js", "/* {} */\nbad(1);", True, id="javascript: a block"),
        pytest.param("a.js", "/*\n * {}\n */\nbad(1);", True, id="javascript: a longer block"),
        pytest.param("a.js", "}});  // {}\nbad(1);", False, id="javascript: behind a bracket"),
        pytest.param("a.html", "<!-- {} -->\n<a\n  href='bad(1)'>", True, id="html: a tag over lines"),
        pytest.param("a.html", "<!-- {} -->\n<p>x</p>\n<a href='bad(1)'>", False, id="html: another tag"),
        pytest.param("a.html", "<!-- {} --><a href='bad(1)'>", True, id="html: on the line"),
        pytest.param("a.j2", "{{# {} #}}\nbad(1)", True, id="jinja"),
        pytest.param("a.sql", "-- {}\nSELECT bad(1);", True, id="sql"),
        pytest.param("a.sql", "SELECT bad(1); -- {}", True, id="sql: behind"),
        pytest.param("a.ini", "; {}\nk = bad(1)", True, id="ini"),
        pytest.param("a.env", "# {}\n# more\nk=bad(1)", True, id="more comment between"),
        pytest.param("a.env", "# {}\n\nk=bad(1)", False, id="a blank line between"),
        pytest.param("a.txt", "x\x0cy # {}\nbad(1)", False, id="a form feed ends no line"),
        pytest.param("a.txt", "x\u2028 # {}\rbad(1)", False, id="nor does a separator, but a return does"),
    ],
)
def test_other_statements(finding: MakeFinding, path: str, code: str, silenced: bool) -> None:
    text = code.format("devsec: ignore[a-rule] false-positive: why").encode()
    found = covering(finding(text, "bad(1)", path=path), ignores(path, text))
    assert (found is not None) == silenced
    assert found is None or found.reason.words == "why"


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        ("# devsec: ignore", "names no rule."),
        ("# devsec: ignore[] test", "names no rule."),
        ("# devsec: ignore[ , ] test", "names no rule."),
        ("# devsec: ignore[r]", "gives no reason."),
        ("# devsec: ignore[r] --", "gives no reason."),
        ("# devsec: ignore[r] why", "gives a reason without a class. Write one of test"),
        ("# devsec: ignore[r] 17 things", "gives a reason without a class. Write one of test"),
        ("# devsec: ignore[r] false-positve why", "gives a reason without a class. Did you mean 'false-positive'?"),
        ("# devsec: ignore[r] False_Positive why", "gives a reason without a class. Did you mean 'false-positive'?"),
        ("# devsec: ignore[r] false-positive", "says no more than false-positive. Write why"),
        ("# devsec: ignore[r] false-positive: -", "says no more than false-positive. Write why"),
        ("# devsec: ignore[r] false-positive(x) y", "has brackets after false-positive, which takes none."),
        ("# devsec: ignore[r] test(x)", "has brackets after test, which takes none. Write test x"),
        ("# devsec: ignore[r] fix-later", "says no day. Write fix-later("),
        ("# devsec: ignore[r] fix-later 2027-01-31", "says no day. Write fix-later("),
        ("# devsec: ignore[r] fix-later()", "says no day. Write fix-later("),
        ("# devsec: ignore[r] fix-later(2027-02-30)", "has '2027-02-30' for a day."),
        ("# devsec: ignore[r] fix-later(31.1.2027)", "has '31.1.2027' for a day."),
        ("# devsec: ignore[r] fix-later(2027-01-31", "does not close the bracket after fix-later."),
        ("# devsec: ignore[r] accepted-risk why", "names no ticket."),
        ("# devsec: ignore[r] accepted-risk( ) why", "names no ticket."),
        ("# devsec: ignore[r] accepted-risk(SEC-1)", "says no more than accepted-risk(SEC-1). Write why"),
        ("# devsec: ignore[r] test", ""),
        ("# devsec: ignore[r]: test", ""),
        ("# devsec: ignore[r] test -- of the parser", ""),
        ("# devsec: ignore[r] false-positive: no password", ""),
        ("# devsec: ignore[r] fix-later(2027-01-31)", ""),
        ("# devsec: ignore[r] accepted-risk(SEC-1) – nobody reaches it", ""),
    ],
)
def test_says_what_is_missing(comment: str, problem: str) -> None:
    (ignore,) = ignores("a.py", f"x = 1  {comment}\n".encode())
    assert ignore.problem.startswith(problem)
    assert bool(ignore.problem) == bool(problem)


def test_a_text_that_does_not_tokenize_silences_nothing_and_raises_nothing(finding: MakeFinding) -> None:
    text = b"y = (bad(1)  # devsec: ignore[b] test because\n"
    assert covering(finding(text, "bad(1)"), ignores("a.py", text)) is None
