"""How a cure reads: least change, the file's own spelling, nothing lost. Whole texts are compared."""

from __future__ import annotations

import pytest

from tests.scan.kit import Cured, cured, py

DROP = ("call: m.f\nargs: {bad: {at: 1, is: 1}}", "{title: t, safety: hardening, args: {drop: [bad]}}")
SET = (
    "call: m.f\nargs: {ctx: [{missing: true}, {is: 1}]}",
    "{title: t, safety: hardening, args: {set: {ctx: ssl.make()}}}",
)
CALL = ("call: m.f", "{title: t, safety: safe, call: n.g}")
DELETE = ("assign: .v\non: m.C\nvalue: {is: false}", "{title: t, safety: hardening, delete: true}")
ENV = (
    "call: m.env\nargs: {key: {at: 0, present: true}, default: {at: 1, literal: text}}",
    "{title: t, safety: hardening, call: 'os.environ[$key]', imports: [os]}",
)
COMPARE = (
    "compare: '=='\nleft: {call: m.f}",
    "{title: t, safety: hardening, call: 'hmac.compare_digest($left, $right)'}",
)
NEGATED = (
    "compare: '!='\nleft: {call: m.f}",
    "{title: t, safety: hardening, call: 'not hmac.compare_digest($left, $right)'}",
)
WRAP = ("call: m.f\nargs: {x: {at: 0, present: true}}", "{title: t, safety: hardening, args: {wrap: {x: html.escape}}}")
HOLES = (
    "call: m.f\nargs: {x: {at: 0, dynamic: true}}",
    "{title: t, safety: hardening, args: {wrap_holes: {x: shlex.quote}}}",
)
VALUE = ("assign: .v\non: m.C\nvalue: {is: false}", "{title: t, safety: hardening, value: 'True'}")
RENAME = ("call: m.f\nargs: {bad: {is: 1}}", "{title: t, safety: safe, args: {rename: {bad: good}}}")
REORDER = (
    "call: m.f\nargs: {a: {at: 0, is: 1}, b: {at: 1, present: true}}",
    "{title: t, safety: safe, args: {reorder: [b, a]}}",
)


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        pytest.param(DROP, "m.f(a, bad=1)", "m.f(a)", id="last keyword"),
        pytest.param(DROP, "m.f(a, bad=1, c=2)", "m.f(a, c=2)", id="in the middle"),
        pytest.param(DROP, "m.f(bad=1)", "m.f()", id="the only one"),
        pytest.param(DROP, "m.f(bad=1,)", "m.f()", id="the only one and its comma"),
        pytest.param(DROP, "m.f(bad=1, c=2)", "m.f(c=2)", id="first"),
        pytest.param(DROP, "m.f(a, bad=1,)", "m.f(a,)", id="trailing comma stays"),
        pytest.param(DROP, "m.f(a, 1)", "m.f(a)", id="positional"),
        pytest.param(DROP, "m.f( a , bad = 1 )", "m.f( a )", id="odd spaces"),
        pytest.param(DROP, "m.f(\n    a,\n    bad=1,\n)", "m.f(\n    a,\n)", id="a line each"),
        pytest.param(DROP, "m.f(\n    bad=1,\n    c=2,\n)", "m.f(\n    c=2,\n)", id="a line each, first"),
        pytest.param(DROP, "m.f(\n    bad=1,\n)", "m.f()", id="a line each, alone"),
        pytest.param(DROP, "m.f(a, bad=1, **k)", "m.f(a, **k)", id="before **kwargs"),
        pytest.param(DROP, "m.f(a, bad=1  # noqa: S501\n)", "m.f(a  # noqa: S501\n)", id="comment behind stays"),
        pytest.param(DROP, "m.f(m.f(x, bad=1), bad=1)", "m.f(m.f(x))", id="nested"),
        pytest.param(DROP, "if m.f(a, bad=1): pass", "if m.f(a): pass", id="one-line if"),
        pytest.param(DROP, "x = 1; m.f(a, bad=1); y = 2", "x = 1; m.f(a); y = 2", id="semicolons"),
        pytest.param(DROP, "def g(x=m.f(a, bad=1)): pass", "def g(x=m.f(a)): pass", id="default argument"),
        pytest.param(DROP, "f'{m.f(a, bad=1)}'", "f'{m.f(a)}'", id="in an f-string"),
        pytest.param(DROP, "@m.f(a, bad=1)\ndef g(): pass", "@m.f(a)\ndef g(): pass", id="in a decorator"),
        pytest.param(DROP, "m.f(a, \\\n    bad=1)", "m.f(a)", id="backslash"),
        pytest.param(DROP, "if (y := m.f(a, bad=1)): pass", "if (y := m.f(a)): pass", id="walrus"),
        pytest.param(DROP, "match m.f(a, bad=1):\n    case _: pass", "match m.f(a):\n    case _: pass", id="match"),
        pytest.param(
            DROP, "async def g():\n\tawait m.f(a, bad=1)", "async def g():\n\tawait m.f(a)", id="async and tabs"
        ),
        pytest.param(RENAME, "m.f(a, bad=1)", "m.f(a, good=1)", id="rename"),
        pytest.param(REORDER, "m.f(1, g(2))", "m.f(g(2), 1)", id="reorder"),
        pytest.param(VALUE, "c = m.C()\nc.v = False", "c = m.C()\nc.v = True", id="value"),
    ],
)
def test_arguments(rule: tuple[str, str], before: str, after: str) -> None:
    assert cured(*rule, "import m\n" + before) == Cured("import m\n" + after)


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        pytest.param(
            SET, "import m\nm.f(a)", "import m\nimport ssl\n\nm.f(a, ctx=ssl.make())", id="added, import sorted after"
        ),
        pytest.param(
            SET, "import m\nimport ssl\nm.f()", "import m\nimport ssl\nm.f(ctx=ssl.make())", id="no arguments yet"
        ),
        pytest.param(
            SET, "import m\nimport ssl\nm.f(ctx=1)", "import m\nimport ssl\nm.f(ctx=ssl.make())", id="replaced"
        ),
        pytest.param(
            SET, "import m\nimport ssl\nm.f(a,)", "import m\nimport ssl\nm.f(a, ctx=ssl.make(),)", id="trailing comma"
        ),
        pytest.param(
            SET,
            "import m\nimport ssl\nm.f(\n    a,\n    b,\n)",
            "import m\nimport ssl\nm.f(\n    a,\n    b,\n    ctx=ssl.make(),\n)",
            id="a line each",
        ),
        pytest.param(
            SET, "import m\nimport ssl as s\nm.f()", "import m\nimport ssl as s\nm.f(ctx=s.make())", id="alias reused"
        ),
        pytest.param(
            SET,
            "import m\nfrom ssl import make\nm.f()",
            "import m\nfrom ssl import make\nm.f(ctx=make())",
            id="from import reused",
        ),
        pytest.param(
            SET,
            "import m\nfrom ssl import make as mk\nm.f()",
            "import m\nfrom ssl import make as mk\nm.f(ctx=mk())",
            id="from import as reused",
        ),
        pytest.param(
            CALL,
            "import n\nfrom m import f as h\n\nh(1)",
            "import n\nfrom m import f as h\n\nn.g(1)",
            id="callee, arguments stay",
        ),
    ],
)
def test_names_are_spelled_the_files_way(rule: tuple[str, str], before: str, after: str) -> None:
    result = cured(*rule, before)
    assert result.refused == ""
    # m and n are no modules of the standard library: where an import of ssl goes is the next test's matter
    assert result.text.replace("import ssl\n\nimport m\n", "import m\nimport ssl\n\n") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            '"""Doc."""\nimport m\nm.f()', '"""Doc."""\nimport ssl\n\nimport m\nm.f(ctx=ssl.make())', id="docstring"
        ),
        pytest.param(
            "from __future__ import annotations\nimport os\nimport m\nm.f()",
            "from __future__ import annotations\nimport os\nimport ssl\nimport m\nm.f(ctx=ssl.make())",
            id="after future, sorted after os",
        ),
        pytest.param(
            "import os\nimport sys\n\nimport m\nm.f()",
            "import os\nimport ssl\nimport sys\n\nimport m\nm.f(ctx=ssl.make())",
            id="between os and sys",
        ),
        pytest.param(
            "import sys\nfrom os import path\n\nimport m\nm.f()",
            "import ssl\nimport sys\nfrom os import path\n\nimport m\nm.f(ctx=ssl.make())",
            id="plain imports before from imports",
        ),
        pytest.param(
            "#!/usr/bin/env python\n# Licence\nimport m\nm.f()",
            "#!/usr/bin/env python\n# Licence\nimport ssl\n\nimport m\nm.f(ctx=ssl.make())",
            id="below a header comment",
        ),
        pytest.param(
            "def g():\n    import m\n    m.f()",
            "import ssl\n\n\ndef g():\n    import m\n    m.f(ctx=ssl.make())",
            id="no import at the top",
        ),
        pytest.param(
            "import os\r\nimport m\r\nm.f()\r\n",
            "import os\r\nimport ssl\r\nimport m\r\nm.f(ctx=ssl.make())\r\n",
            id="CRLF",
        ),
        pytest.param(
            "import m\ntry:\n    import ssl\nexcept ImportError:\n    ssl = None\ndef g():\n    m.f()",
            "import ssl as _ssl\n\nimport m\ntry:\n    import ssl\nexcept ImportError:\n    ssl = None\n"
            "def g():\n    m.f(ctx=_ssl.make())",
            id="a fallback may be None: an alias",
        ),
        pytest.param(
            "import m\nssl = 1\nm.f()",
            "import ssl as _ssl\n\nimport m\nssl = 1\nm.f(ctx=_ssl.make())",
            id="the name is taken: an alias",
        ),
        pytest.param(
            "import m\ndef g(ssl):\n    m.f()",
            "import ssl as _ssl\n\nimport m\ndef g(ssl):\n    m.f(ctx=_ssl.make())",
            id="taken by a parameter",
        ),
        pytest.param(
            "import m\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import ssl\ndef g():\n    m.f()",
            "import m\nimport ssl\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import ssl\n"
            "def g():\n    m.f(ctx=ssl.make())",
            id="imported for type checking only",
        ),
        pytest.param(
            "import os\nimport m\nm.f()\nimport ssl\n",
            "import os\nimport ssl\nimport m\nm.f(ctx=ssl.make())\nimport ssl\n",
            id="imported too late for a place that runs on import",
        ),
        pytest.param(
            "import m\ndef g():\n    m.f()\nimport ssl\n",
            "import m\ndef g():\n    m.f(ctx=ssl.make())\nimport ssl\n",
            id="imported in time for a function",
        ),
        pytest.param(
            "import m\ndef g():\n    import ssl\ndef h():\n    m.f()",
            "import ssl\n\nimport m\ndef g():\n    import ssl\ndef h():\n    m.f(ctx=ssl.make())",
            id="another function's import does not count",
        ),
        pytest.param(
            "__version__ = '1'\nimport os\nimport m\nm.f()",
            "__version__ = '1'\nimport os\nimport ssl\nimport m\nm.f(ctx=ssl.make())",
            id="an assignment before the imports",
        ),
    ],
)
def test_where_an_import_goes(before: str, after: str) -> None:
    result = cured(*SET, before)
    assert result.refused == ""
    assert result.text == after


@pytest.mark.parametrize(
    ("rule", "before", "why"),
    [
        pytest.param(SET, "import m\nssl = _ssl = 1\nm.f()", "means something else", id="no alias free"),
        pytest.param(SET, "import m\nimport ssl\nm.f(x for x in y)", "bare generator", id="bare generator"),
        pytest.param(DROP, "import m\nm.f(a, # keep\n  bad=1)", "comment", id="a comment in the gap"),
        pytest.param(DROP, "import m\nm.f(a, 1, b)", "positional", id="what follows would move"),
        pytest.param(DELETE, "import m\nc = m.C()\nc.v = d = False", "more than one name", id="two targets"),
        pytest.param(
            DELETE, "import m\nc = m.C()\nc.v = False  # the box is old", "comment", id="a comment that says something"
        ),
        pytest.param(
            CALL,
            "import n\ntry:\n    import m\nexcept ImportError:\n    m = None\nm.f()",
            "something else",
            id="unsure name",
        ),
        pytest.param(HOLES, "import m\nm.f(f\"ls '{x}'\")", "quotes", id="a hole in quotes"),
        pytest.param(HOLES, "import m\nm.f(f'{x} -l')", "command itself", id="the command is a hole"),
        pytest.param(HOLES, "import m\nm.f(f'ls {flags}')", "several words", id="several words on purpose"),
        pytest.param(HOLES, "import m\nm.f(f'ls {x:>3}')", "format", id="a format"),
        pytest.param(HOLES, "import m\nq = f'ls {x}'\nm.f(q)", "elsewhere", id="built elsewhere"),
    ],
)
def test_demoted_with_the_reason(rule: tuple[str, str], before: str, why: str) -> None:
    result = cured(*rule, before)
    assert why in result.refused
    assert result.text == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("c.v = False", "", id="the statement goes"),
        pytest.param("if x:\n    c.v = False", "if x:\n    pass", id="a block is never empty"),
        pytest.param("if x: c.v = False", "if x: pass", id="nor a one-line block"),
        pytest.param("if x:\n    c.v = False\n    d()", "if x:\n    d()", id="the others stay"),
        pytest.param("c.v = False; d()", "d()", id="semicolon after"),
        pytest.param("d(); c.v = False", "d()", id="semicolon before"),
        pytest.param("c.v = False  # noqa", "", id="its pragma goes with it"),
        pytest.param("# why\nc.v = False\nd()", "# why\nd()", id="a comment above stays"),
    ],
)
def test_deletion(before: str, after: str) -> None:
    head = "import m\nc = m.C()\n"
    result = cured(*DELETE, head + before)
    assert result.refused == ""
    assert result.text.rstrip("\n").removesuffix("; ") == (head + after).rstrip("\n")


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        pytest.param(COMPARE, "m.f() == a + b", "hmac.compare_digest(m.f(), a + b)", id="arguments need no brackets"),
        pytest.param(COMPARE, "not m.f() == a", "not hmac.compare_digest(m.f(), a)", id="a call needs none"),
        pytest.param(NEGATED, "x = m.f() != a", "x = not hmac.compare_digest(m.f(), a)", id="whole value"),
        pytest.param(
            NEGATED, "x = (m.f() != a) + 1", "x = (not hmac.compare_digest(m.f(), a)) + 1", id="brackets were there"
        ),
        pytest.param(
            NEGATED, "x = m.f() != a and y", "x = (not hmac.compare_digest(m.f(), a)) and y", id="brackets are added"
        ),
        pytest.param(NEGATED, "if m.f() != a: pass", "if not hmac.compare_digest(m.f(), a): pass", id="a test"),
        pytest.param(
            COMPARE,
            "x = (m.f() ==\n     a)",
            "x = (hmac.compare_digest(m.f(), a))",
            id="over two lines",
        ),
    ],
)
def test_precedence(rule: tuple[str, str], before: str, after: str) -> None:
    result = cured(*rule, "import hmac\nimport m\n" + before)
    assert result == Cured("import hmac\nimport m\n" + after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("m.f(f'ls {x}')", "m.f(f'ls {shlex.quote(str(x))}')", id="f-string"),
        pytest.param("m.f('ls ' + x)", "m.f('ls ' + shlex.quote(x))", id="plus: it is text already"),
        pytest.param("m.f('ls %s' % x)", "m.f('ls %s' % shlex.quote(str(x)))", id="percent"),
        pytest.param(
            "m.f('ls %s %s' % (x, y))", "m.f('ls %s %s' % (shlex.quote(str(x)), shlex.quote(str(y))))", id="tuple"
        ),
        pytest.param("m.f('ls {}'.format(x))", "m.f('ls {}'.format(shlex.quote(str(x))))", id="format"),
        pytest.param("m.f(f'ls {x} {1}')", "m.f(f'ls {shlex.quote(str(x))} {1}')", id="constants stay"),
    ],
)
def test_wrapped_holes(before: str, after: str) -> None:
    result = cured(*HOLES, "import m\nimport shlex\n" + before)
    assert result == Cured("import m\nimport shlex\n" + after)


def test_wrap_and_environment() -> None:
    assert cured(*WRAP, "import html\nimport m\nm.f(a or b)").text == "import html\nimport m\nm.f(html.escape(a or b))"
    before = py('import m\nimport os\nK = m.env("K", "v")\n')
    assert cured(*ENV, before).text == py('import m\nimport os\nK = os.environ["K"]\n')


def test_advice_is_never_an_edit() -> None:
    result = cured("call: m.f", "{title: t, safety: advice, note: read this}", "import m\nm.f()")
    assert result.text == "import m\nm.f()"
    assert result.refused == "read this"
