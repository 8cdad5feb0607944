"""Shapes, arguments, tests and contexts: each as the rule language says."""

from __future__ import annotations

import pytest

from tests.scan.kit import found, py


@pytest.mark.parametrize(
    ("find", "source", "count"),
    [
        # invariant 3: positional and keyword are one argument
        pytest.param("{call: m.f, args: {n: {at: 1, less_than: 10}}}", "m.f(x, 9)", 1, id="positional"),
        pytest.param("{call: m.f, args: {n: {at: 1, less_than: 10}}}", "m.f(x, n=9)", 1, id="keyword"),
        pytest.param("{call: m.f, args: {n: {at: 1, less_than: 10}}}", "m.f(9, x)", 0, id="another position"),
        pytest.param(
            "{call: m.f, args: {n: {at: 1, less_than: 10}}}", "m.f(*a, 9)", 0, id="after a star nothing has a place"
        ),
        # invariant 2: with stars nothing is missing
        pytest.param("{call: m.f, args: {t: {missing: true}}}", "m.f(x)", 1, id="missing"),
        pytest.param("{call: m.f, args: {t: {missing: true}}}", "m.f(x, t=1)", 0, id="there"),
        pytest.param("{call: m.f, args: {t: {missing: true, at: 1}}}", "m.f(x, 1)", 0, id="there by position"),
        pytest.param("{call: m.f, args: {t: {missing: true}}}", "m.f(x, **k)", 0, id="perhaps in **kwargs"),
        pytest.param("{call: m.f, args: {t: {missing: true}}}", "m.f(*a)", 0, id="perhaps in *args"),
        pytest.param("{call: m.f, args: {t: [{missing: true}, {is: null}]}}", "m.f(t=None)", 1, id="any of two tests"),
        pytest.param("{call: m.f, args: {t: {present: true}}}", "m.f()", 0, id="present asks for it"),
        pytest.param("{call: m.f, args: {'*': {names: password}}}", "m.f(1, user.password)", 1, id="any argument"),
        pytest.param("{call: m.f, args: {'*': {names: password}}}", "m.f(1, user.passwordless)", 0, id="whole words"),
        # constants
        pytest.param("{call: m.f, args: {a: {at: 0, is: 'x'}}}", "m.f(b'x')", 1, id="text and bytes"),
        pytest.param("{call: m.f, args: {a: {at: 0, in: [1, 2]}}}", "m.f(2)", 1, id="in"),
        pytest.param("{call: m.f, args: {a: {at: 0, is: 1}}}", "m.f(True)", 0, id="True is not 1"),
        pytest.param("{call: m.f, args: {a: {at: 0, is: true}}}", "m.f(1)", 0, id="1 is not True"),
        pytest.param("{call: m.f, args: {a: {at: 0, is: null}}}", "m.f(None)", 1, id="None"),
        pytest.param("{call: m.f, args: {a: {at: 0, less_than: 100}}}", "m.f(2 ** 6)", 1, id="folded power"),
        pytest.param("{call: m.f, args: {a: {at: 0, less_than: 100}}}", "m.f(n)", 0, id="unknown number"),
        pytest.param("{call: m.f, args: {a: {at: 0, less_than: 100}}}", "m.f(False)", 0, id="bool is no number"),
        pytest.param("{call: m.f, args: {a: {at: 0, more_than: 2}}}", "m.f(1 << 2)", 1, id="more than"),
        pytest.param("{call: m.f, args: {a: {at: 0, literal: bytes}}}", "m.f(b'\\0' * 16)", 1, id="repeated bytes"),
        pytest.param("{call: m.f, args: {a: {at: 0, literal: bytes}}}", "m.f(bytes(16))", 1, id="bytes(16)"),
        pytest.param("{call: m.f, args: {a: {at: 0, literal: bytes}}}", "m.f('k'.encode())", 1, id="encoded text"),
        pytest.param("{call: m.f, args: {a: {at: 0, literal: bytes}}}", "m.f(b'a' * n)", 0, id="unknown length"),
        pytest.param("{call: m.f, args: {a: {at: 0, literal: text}}}", "m.f(b'k')", 0, id="bytes are no text"),
        pytest.param("{call: m.f, args: {a: {at: 0, literal: string}}}", "m.f('a' 'b')", 1, id="concatenated"),
        pytest.param("{call: m.f, args: {a: {at: 0, literal: true}}}", "m.f(None)", 0, id="None is no literal"),
        pytest.param("{call: m.f, args: {a: {at: 0, literal: true}}}", "m.f(f'{x}')", 0, id="holes are no literal"),
        pytest.param(
            "{call: m.f, args: {a: {at: 0, literal: true}}}", "m.f(9 ** 9 ** 9)", 0, id="a tower is not computed"
        ),
        pytest.param("{call: m.f, args: {a: {at: 0, literal: true}}}", "m.f('a' * 10 ** 9)", 0, id="nor a giant"),
        # dynamic
        pytest.param("{call: m.f, args: {a: {at: 0, dynamic: true}}}", "m.f(f'a {x}')", 1, id="f-string"),
        pytest.param("{call: m.f, args: {a: {at: 0, dynamic: true}}}", "m.f('a %s' % x)", 1, id="percent"),
        pytest.param("{call: m.f, args: {a: {at: 0, dynamic: true}}}", "m.f('a {}'.format(x))", 1, id="format"),
        pytest.param("{call: m.f, args: {a: {at: 0, dynamic: true}}}", "m.f('a ' + x)", 1, id="plus"),
        pytest.param("{call: m.f, args: {a: {at: 0, dynamic: true}}}", "m.f(' '.join(['a', x]))", 1, id="join"),
        pytest.param("{call: m.f, args: {a: {at: 0, dynamic: true}}}", "m.f('a' 'b')", 0, id="constant pieces"),
        pytest.param("{call: m.f, args: {a: {at: 0, dynamic: true}}}", "m.f(f'a {1}')", 0, id="constant hole"),
        pytest.param(
            "{call: m.f, args: {a: {at: 0, dynamic: true}}}", "T = 'b'\nm.f(f'a {T}')", 0, id="named constant"
        ),
        pytest.param("{call: m.f, args: {a: {at: 0, dynamic: true}}}", "m.f('a %% b' % ())", 0, id="escaped percent"),
        pytest.param("{call: m.f, args: {a: {at: 0, dynamic: true}}}", "m.f(x)", 0, id="a bare variable"),
        pytest.param("{call: m.f, args: {a: {at: 0, dynamic: true}}}", "m.f(a + b)", 0, id="not visibly text"),
        pytest.param(
            "{call: m.f, args: {a: {at: 0, dynamic: true, regex: '= {}$'}}}", "m.f(f'a = {x}')", 1, id="holes read {}"
        ),
        pytest.param("{call: m.f, args: {a: {at: 0, dynamic: true}}}", "q = f'a {x}'\nm.f(q)", 1, id="built before"),
        # strings
        pytest.param("{call: m.f, args: {a: {at: 0, regex: '^k'}}}", "m.f('key')", 1, id="regex"),
        pytest.param("{call: m.f, args: {a: {at: 0, length: 4}}}", "m.f('key')", 0, id="too short"),
        pytest.param("{call: m.f, args: {a: {at: 0, entropy: 3}}}", "m.f('aaaaaaaaaaaa')", 0, id="too regular"),
        pytest.param("{call: m.f, args: {a: {at: 0, entropy: 3}}}", "m.f('q8Zt0xKv2Lm9')", 1, id="random enough"),
        # refers_to, kind, contains, keys, call, method, not
        pytest.param("{call: m.f, args: {a: {at: 0, refers_to: m.X}}}", "m.f(m.X)", 1, id="refers to"),
        pytest.param("{call: m.f, args: {a: {at: 0, refers_to: m.X}}}", "m.f('m.X')", 0, id="text does not refer"),
        pytest.param(
            "{call: m.f, args: {a: {at: 0, refers_to: m.X}}}", "v = m.X\nm.f(v)", 1, id="refers through a name"
        ),
        pytest.param("{call: m.f, args: {a: {at: 0, kind: [list, tuple]}}}", "m.f([x])", 1, id="kind"),
        pytest.param("{call: m.f, args: {a: {at: 0, kind: list}}}", "v = [x]\nm.f(v)", 1, id="kind through a name"),
        pytest.param("{call: m.f, args: {a: {at: 0, contains: {is: none}}}}", "m.f(['none', x])", 1, id="contains"),
        pytest.param(
            "{call: m.f, args: {a: {at: 0, contains: {is: none}}}}", "m.f('none')", 0, id="text contains nothing"
        ),
        pytest.param("{call: m.f, args: {a: {at: 0, keys: {v: {is: false}}}}}", "m.f({'v': False})", 1, id="keys"),
        pytest.param(
            "{call: m.f, args: {a: {at: 0, keys: {v: {is: false}}}}}", "m.f(dict(v=False))", 1, id="keys of dict()"
        ),
        pytest.param("{call: m.f, args: {a: {at: 0, keys: {v: {missing: true}}}}}", "m.f({})", 1, id="key missing"),
        pytest.param(
            "{call: m.f, args: {a: {at: 0, keys: {v: {missing: true}}}}}", "m.f({**o})", 0, id="perhaps in **"
        ),
        pytest.param("{call: m.f, args: {a: {at: 0, call: m.g}}}", "m.f(m.g(1))", 1, id="made by a call"),
        pytest.param(
            "{call: m.f, args: {a: {at: 0, call: m.g, args: {n: {at: 0, is: 1}}}}}", "m.f(m.g(2))", 0, id="its args"
        ),
        pytest.param(
            "{call: m.f, args: {a: {at: 0, method: d, on: m.C}}}", "c = m.C()\nm.f(c.d())", 1, id="made by a method"
        ),
        pytest.param("{call: m.f, args: {a: {at: 0, not: {is: 1}}}}", "m.f(2)", 1, id="not"),
        pytest.param("{call: m.f, args: {a: {at: 0, not: {is: 1}}}}", "m.f()", 0, id="not asks for it to be there"),
        pytest.param(
            "{call: m.f, args: {a: {at: 0, names: 'api_key', not: {names: 'name'}}}}", "m.f(apiKey)", 1, id="camel"
        ),
        pytest.param("{call: m.f, args: {a: {at: 0, names: token}}}", "m.f(r['token'])", 1, id="subscript key"),
        # names
        pytest.param("{call: 'm.{f,g}'}", "m.g()", 1, id="braces"),
        pytest.param("{call: 'm.*.f'}", "m.A.f()", 1, id="star is one segment"),
        pytest.param("{call: 'm.*.f'}", "m.a.b.f()", 0, id="not two"),
        pytest.param("{call: builtins.eval}", "eval(x)", 1, id="builtin"),
        pytest.param("{call: builtins.eval}", "def eval(x): pass\neval(x)", 0, id="not when defined here"),
        # other shapes
        pytest.param("{assign: X, value: {literal: true}}", "X = 'a'", 1, id="assign name"),
        pytest.param("{assign: X, value: {literal: true}}", "X: str = 'a'", 1, id="annotated assign"),
        pytest.param("{assign: X, value: {literal: true}}", "X = f()", 0, id="assigned something else"),
        pytest.param("{assign: m.x, value: {is: false}}", "m.x = False", 1, id="assign qualified"),
        pytest.param("{assign: .x, on: m.C, value: {is: false}}", "c = m.C()\nc.x = False", 1, id="assign attribute"),
        pytest.param("{assign: .x, on: m.C, value: {is: false}}", "c = D()\nc.x = False", 0, id="of another thing"),
        pytest.param("{assign: '[\"k\"]', on: m.C, value: {is: 1}}", "c = m.C()\nc['k'] = 1", 1, id="assign subscript"),
        pytest.param(
            "{assign: '*', target: {names: secret}, value: {literal: text}}", "a.client_secret = 'x'", 1, id="any"
        ),
        pytest.param("{compare: '==', left: {call: m.f}}", "m.f() == x", 1, id="compare left"),
        pytest.param("{compare: '==', left: {call: m.f}}", "x == m.f()", 1, id="compare, other order"),
        pytest.param("{compare: '==', left: {call: m.f}}", "x != m.f()", 0, id="another operator"),
        pytest.param("{compare: '==', left: {call: m.f}}", "a == m.f() == b", 0, id="a chain"),
        pytest.param("{compare: '<', left: {call: m.f}}", "x < m.f()", 0, id="an order that matters"),
        pytest.param("{string: {regex: '^tok_[a-z]{4}$'}}", "x = 'tok_' 'abcd'", 1, id="string, one literal in two"),
        pytest.param("{string: {regex: '^tok_[a-z]{4}$'}}", "x = 'tok_abc'", 0, id="string, near miss"),
        pytest.param("{import: telnetlib}", "from telnetlib import Telnet", 1, id="import from"),
        pytest.param("{import: telnetlib}", "import telnetlib as t", 1, id="import as"),
        pytest.param("{import: telnetlib}", "import telnetlib3", 0, id="import of a longer name"),
        pytest.param("{decorator: m.d}", "@m.d\ndef f(): pass", 1, id="decorator"),
        pytest.param("{decorator: m.d, args: {x: {is: 1}}}", "@m.d(x=1)\ndef f(): pass", 1, id="decorator called"),
        pytest.param("{decorator: m.d}", "m.d(f)", 0, id="a call is no decorator"),
        pytest.param("{pattern: '$X == $X'}", "a.b == a . b", 1, id="pattern, twice the same"),
        pytest.param("{pattern: '$X == $X'}", "a == b", 0, id="pattern, not the same"),
        pytest.param(
            "{pattern: 'm.f(..., $X, k=1)'}", "from m import f\nf(1, 2, k=1)", 1, id="pattern, dots and names"
        ),
        pytest.param("{pattern: 'm.f(..., k=1)'}", "f(1, k=1)", 0, id="pattern, another f"),
        pytest.param("{pattern: '$A = $B', where: {B: {is: 1}}}", "x = 1", 1, id="pattern, where"),
        pytest.param("{pattern: 'for $X in $Y: ...'}", "for a in b:\n    c()\n    d()", 1, id="pattern, body"),
        # contexts
        pytest.param("{call: m.f, inside: {function: test}}", "def test_a(): m.f()", 1, id="inside a function"),
        pytest.param("{call: m.f, inside: {function: test}}", "def contest(): m.f()", 0, id="not that function"),
        pytest.param(
            "{call: m.f, not_inside: {class: cache}}", "class MyCache:\n    def g(self): m.f()", 0, id="not inside"
        ),
        pytest.param("{call: m.f, inside: {decorator: m.d}}", "@m.d\ndef g(): m.f()", 1, id="inside decorated"),
        pytest.param("{call: m.f, inside: {call: m.g}}", "m.g(m.f())", 1, id="inside a call"),
        pytest.param("{call: m.f, inside: {call: m.g}}", "m.g()(m.f())", 0, id="beside a call"),
        pytest.param("{call: m.f, inside: {with: m.w}}", "with m.w() as x: m.f()", 1, id="inside with"),
        pytest.param("{call: m.f, inside: {loop: true}}", "while x: m.f()", 1, id="inside a loop"),
        pytest.param("{call: m.f, inside: {loop: true}}", "while m.f(): pass", 0, id="a loop's test"),
        pytest.param(
            "{pattern: '$F.save($P + $F.name)'}",
            "from m import q\nq.a['y'].save('b' + q.a['y'].name)",
            1,
            id="the same twice, imported",
        ),
        pytest.param(
            "{pattern: '$F.save($P + $F.name)'}",
            "from m import q\nq.a['y'].save('b' + q.a['z'].name)",
            0,
            id="another the second time",
        ),
        pytest.param(
            "{method: go, on: m.S, made_with: {h: {at: 0, not: {is: x}}}}", "s = m.S('y')\ns.go()", 1, id="made with"
        ),
        pytest.param(
            "{method: go, on: m.S, made_with: {h: {at: 0, not: {is: x}}}}",
            "s = m.S('x')\ns.go()",
            0,
            id="made with another",
        ),
        pytest.param(
            "{method: go, on: m.S, made_with: {h: {at: 0, not: {is: x}}}}",
            "with m.S('x') as s: s.go()",
            0,
            id="made with, in a with",
        ),
        pytest.param(
            "{method: go, on: m.S, made_with: {h: {at: 0, not: {is: x}}}}",
            "def f(s: m.S): s.go()",
            1,
            id="the making is not seen",
        ),
        pytest.param(
            "{method: go, on: m.S, made_with: {h: {missing: true}}}", "m.S(h=1).go()", 0, id="made with, at once"
        ),
        pytest.param("{call: m.f, inside: {branch: true}}", "if x:\n    m.f()\nelse:\n    m.f()", 2, id="branches"),
        pytest.param(
            "{call: m.f, inside: {branch: true}}", "if a: pass\nelif m.f(): m.f()", 2, id="the test of an elif"
        ),
        pytest.param("{call: m.f, inside: {branch: true}}", "y = m.f() if x else 0", 1, id="conditional expression"),
        pytest.param("{call: m.f, inside: {branch: true}}", "match x:\n    case 1: m.f()", 1, id="a case"),
        pytest.param("{call: m.f, inside: {branch: true}}", "if m.f(): pass", 0, id="the test of an if"),
        pytest.param("{call: m.f, inside: {branch: true}}", "if __name__ == '__main__': m.f()", 0, id="the main guard"),
        pytest.param("{call: m.f, inside: {scope: module}}", "x = [m.f() for _ in y]", 1, id="module scope"),
        pytest.param("{call: m.f, inside: {scope: module}}", "def g(): m.f()", 0, id="function scope"),
        pytest.param("{call: m.f, imports: n}", "import n.o\nm.f()", 1, id="imports"),
        pytest.param("{call: m.f, imports: n}", "m.f()", 0, id="does not import"),
        pytest.param("{call: m.f, not_imports: n}", "m.f()", 1, id="imports none of these"),
        pytest.param("{call: m.f, not_imports: [o, n]}", "m.f()\nfrom n.x import y", 0, id="imports one of these"),
        pytest.param("{call: m.f, assigned_to: token}", "token = m.f()", 1, id="assigned to"),
        pytest.param("{call: m.f, assigned_to: token}", "t = ''.join(m.f() for _ in r); token = 1", 0, id="to another"),
        pytest.param("{call: m.f, assigned_to: token}", "self.token = ''.join(m.f() for _ in r)", 1, id="through join"),
        pytest.param("{call: m.f, assigned_to: token}", "g(token=str(m.f()))", 1, id="as a keyword"),
        pytest.param("{call: m.f, assigned_to: token}", "d = {'token': m.f()}", 1, id="as a dict value"),
        pytest.param("{call: m.f, assigned_to: token}", "def make_token(): return m.f()", 1, id="returned"),
        pytest.param("{call: m.f, assigned_to: token}", "token = g(m.f())", 0, id="through an unknown call"),
        pytest.param("{call: m.f, assigned_to: token}", "token = x[m.f()]", 0, id="as an index"),
        pytest.param("{call: m.f, assigned_to: token}", "token = [a for a in m.f()]", 0, id="drawn from"),
        pytest.param(
            "{call: m.f, assigned_to: token}",
            "def make_token():\n    t = m.f()\n    return t",
            1,
            id="returned by name",
        ),
        pytest.param(
            "{call: m.f, assigned_to: token}", "def make_token():\n    t = m.f()\n    return x[t]", 0, id="not returned"
        ),
        pytest.param(
            "{call: m.f, assigned_to: token}",
            "def make_token():\n    t = m.f()\n    t = g(t)\n    return t",
            0,
            id="changed before",
        ),
        pytest.param("{call: m.f, assigned_to: token}", "token = '%06d' % m.f()", 1, id="written with percent"),
        pytest.param("{call: m.f, assigned_to: token}", "token = f'{m.f():06d}'", 1, id="written in an f-string"),
        pytest.param("{call: m.f, not_assigned_to: insecure}", "client = m.f()", 1, id="not assigned to"),
        pytest.param("{call: m.f, not_assigned_to: insecure}", "insecure_client = m.f()", 0, id="but assigned to"),
        pytest.param("{call: m.f, paths: ['src/**']}", "m.f()", 0, id="another path"),
    ],
)
def test_shapes(find: str, source: str, count: int) -> None:
    assert len(found(find, "import m\n" + source)) == count


def test_text_shape_masks_the_value_and_needs_no_python() -> None:
    find = "text: {regex: 'tok=(?P<secret>[a-z0-9]+)', length: 6}"
    assert found(find, "a: tok=ab12\nb: tok=abc123\n", path="x.yaml", secret=["match"]) == [(2, "tok=…")]


def test_a_finding_points_at_the_expression_in_characters() -> None:
    from tests.scan.kit import findings

    (finding,) = findings("call: m.f", py("import m\nx = 'ä', m.f()\n"))
    assert (finding.start.line, finding.start.column, finding.end.column) == (2, 9, 14)


def test_same_input_same_findings() -> None:
    from tests.scan.kit import findings

    source = "import m\n" + "m.f(m.f())\n" * 3
    assert findings("call: m.f", source) == findings("call: m.f", source)
    assert len({f.fingerprint for f in findings("call: m.f", source)}) == 6
