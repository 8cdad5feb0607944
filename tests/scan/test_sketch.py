"""CPython's tree may only say no where the matcher would find nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from devsec.catalog.load import load
from devsec.catalog.rule import Rule
from devsec.scan import candidates, values
from devsec.scan.engine import Scanner
from devsec.scan.gate import Gate
from devsec.scan.sketch import Sketch
from devsec.sources.source import Source
from tests.scan.kit import findings, scanner

CATALOGUE = load()
SCAN = Scanner(CATALOGUE, Gate.build(CATALOGUE))


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in CATALOGUE.rules])
def test_every_example_is_found_the_same_without_the_sketch(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [Source(e.path, e.data) for e in rule.examples]
    quick = [SCAN.scan(source) for source in sources]
    monkeypatch.setattr(candidates, "possible", lambda *_: True)
    assert [SCAN.scan(source) for source in sources] == quick


FOUND = [
    pytest.param("call: m.f", "def g():\n    from m import f as h\n    h()", id="alias inside a function"),
    pytest.param("call: m.f", "import m\ng = m.f\ndef k():\n    g()", id="alias at the top"),
    pytest.param("call: m.f", "import m\ndef k():\n    g = m.f\n    g()", id="alias in a function"),
    pytest.param("call: m.f", "import m\n(g := m.f)()\ng()", id="alias by a walrus"),
    pytest.param(
        "call: m.f", "def load():\n    global m\n    import m\ndef k():\n    m.f()", id="imported by another function"
    ),
    pytest.param("call: m.n.f", "from m import n as o\no.f()", id="alias of a module"),
    pytest.param("call: m.*.f", "from m import A\nA.f()", id="any class"),
    pytest.param("call: m.f\nargs: {a: {at: 1, is: 3}}", "from m import f\nf(1, *x, a=3)", id="keyword after a star"),
    pytest.param("call: m.f\nargs: {a: {at: 0, is: 3}}", "import m\nclass A:\n    x = 3\n    def g(self):\n        m.f(self.x)", id="class attribute"),
    pytest.param("call: m.f\nargs: {a: {at: 0, is: 3}}", "import m\nclass A:\n    def h(self):\n        self.x = 1 + 2\n    def g(self):\n        m.f(self.x)", id="own attribute"),
    pytest.param("call: m.f\nargs: {a: {at: 0, is: 3}}", "import m\nclass A:\n    def h(self):\n        y = 3\n        self.x = y\n    def g(self):\n        m.f(self.x)", id="own attribute, given by a name of another method"),
    pytest.param("call: m.f\nargs: {a: {at: 0, is: 3}}", "import m\nclass A:\n    def h(self):\n        z = 3\n        y = z\n        self.x = y\n    def g(self, y, z):\n        m.f(self.x)", id="through two names of another method"),
    pytest.param("call: m.f\nargs: {a: {at: 0, call: n.g, args: {b: {at: 0, is: 3}}}}", "import m\nimport n\nclass A:\n    def h(self):\n        y = 3\n        self.x = n.g(y)\n    def g(self):\n        m.f(self.x)", id="own attribute, made in another method"),
    pytest.param("call: m.f\nargs: {a: {at: 0, dynamic: true, regex: '^SEL'}}", "import m\nclass A:\n    def h(self, z):\n        y = f'SEL {z}'\n        self.x = y\n    def g(self):\n        m.f(self.x)", id="built in another method"),
    pytest.param("call: m.f\nargs: {a: {at: 0, dynamic: true, regex: '^SEL t'}}", "import m\nclass A:\n    def h(self, z):\n        t = 't'\n        self.x = f'SEL {t} {z}'\n    def g(self, t):\n        m.f(self.x)", id="a name of another method in a built text"),
    pytest.param("call: m.f\nargs: {a: {at: 0, dynamic: true, regex: '^SEL'}}", "import m\ndef g(x):\n    m.f(''.join(*['SEL ', x]))", id="joined, with a star"),
    pytest.param("call: m.f\nargs: {a: {at: 0, dynamic: true, regex: '^SEL \\{\\}$'}}", "import m\nm.f(f'SEL {...}')", id="dots put in"),
    pytest.param("call: m.f\nargs: {a: {at: 0, dynamic: true, regex: '^SEL \\{\\}$'}}", "import m\nm.f(f'SEL {1j}')", id="an imaginary number put in"),
    pytest.param("call: m.f\nargs: {a: {at: 0, is: 3}}", "import m\nX = 3\ndef g():\n    m.f(a=X)", id="constant of the module"),
    pytest.param("call: m.f\nargs: {a: {at: 0, is: 3}}", "import m\nX = 3\nclass A:\n    def g(self):\n        m.f(X)\n    def h(self):\n        X = 4\n", id="constant of the module, another name beside it"),
    pytest.param("call: m.f\nargs: {a: {at: 0, is: 'ab'}}", "import m\nm.f('a' 'b')\n", id="pieces of a literal"),
    pytest.param("call: m.f\nargs: {a: {at: 0, is: 'ab'}}", "import m\nm.f(b'a'.decode() + 'b')\n", id="folded"),
    pytest.param("call: m.f\nargs: {a: {at: 0, less_than: 0}}", "import m\nm.f(-1)\n", id="negative number"),
    pytest.param("call: m.f\nargs: {a: {at: 0, literal: bytes, length: 3}}", "import m\nm.f(bytes(3))\n", id="zero bytes"),
    pytest.param("call: m.f\nargs: {a: {at: 0, dynamic: true}}", "import m\ndef g(x):\n    y = f'{x}!'\n    z = y\n    m.f(z)\n", id="built elsewhere"),
    pytest.param("call: m.f\nargs: {a: {at: 0, dynamic: true}}", "import m\ndef g(x):\n    m.f('a{}'.format(x))\n", id="format"),
    pytest.param("call: m.f\nargs: {a: {at: 0, names: pass, literal: text}}", "import m\nmy_pass = 'x'\nm.f(my_pass)\n", id="a name as written, its value a literal"),
    pytest.param("call: m.f\nargs: {a: {at: 0, kind: list}}", "import m\nm.f([1])\n", id="kind"),
    pytest.param("call: m.f\nargs: {a: {at: 0, contains: {is: 'x'}}}", "import m\nL = ['x']\nm.f(L)\n", id="contains"),
    pytest.param("call: m.f\nargs: {a: {at: 0, keys: {k: {is: 1}}}}", "import m\nm.f(dict(k=1))\n", id="keys"),
    pytest.param("call: m.f\nargs: {a: {at: 0, call: n.g}}", "import m\nfrom n import g as h\nx = h()\nm.f(x)\n", id="made by"),
    pytest.param("call: m.f\nargs: {a: {at: 0, refers_to: m.X}}", "import m\nx = m.X\nm.f(x)\n", id="refers to"),
    pytest.param("call: m.f\nargs: {a: {at: 0, refers_to: builtins.print}}", "import m\nm.f(print)\n", id="a builtin"),
    pytest.param("call: m.f\nargs: {a: {at: 0, not: {regex: a}}}", "import m\nm.f('b')\n", id="not"),
    pytest.param("call: m.f\nargs: {a: {at: 0, not: {kind: string}}}", "import m\nm.f(1)\n", id="not of a kind"),
    pytest.param("call: m.f\nargs: {'*': {is: 3}}", "import m\nm.f(1, k=3)\n", id="any argument"),
    pytest.param("call: m.f\nassigned_to: token", "import m\nd = {}\nK = 'token'\nd = {K: m.f()}\n", id="a key from elsewhere"),
    pytest.param("call: m.f\nassigned_to: token", "import m\ndef new_token():\n    return m.f()\n", id="a function's result"),
    pytest.param("assign: .verify\non: m.S\nvalue: {is: false}", "import m\ns = m.S()\na = s.verify = False\n", id="second target"),
    pytest.param("compare: ['==']\nleft: {names: digest}\nright: {call: m.f}", "import m\nx = m.f() == self.digest\n", id="compared the other way"),
    pytest.param("string: {regex: '^ab$'}", "x = 'a' 'b'\n", id="string in pieces"),
    pytest.param("string: {regex: '^ab$'}", "x = f'a' 'b'\n", id="string in pieces, one an f-string"),
    pytest.param("pattern: m.f() or $x", "import m\na = m.f() or b or c\n", id="the start of a chain of or"),
    pytest.param("pattern: '$x or m.f()'", "import m\na = b or c or m.f()\n", id="the end of a chain of or"),
    pytest.param("pattern: 'm.f(..., k=$v)'\nwhere: {v: {is: 3}}", "import m\nm.f(1, *z, j=2, k=3)\n", id="keyword of a pattern"),
    pytest.param("pattern: '$f($x, ..., k=1)'\nwhere: {f: {call: m.g}}\nimports: m", "import m\nq = m.g()\nq(2, 3, k=1)\n", id="a hole that is called"),
    pytest.param("method: g\non: m.S", "import m\ndef k(s: 'm.S'):\n    s.g()", id="a declared receiver"),
    pytest.param("method: g\non: builtins.open", "open(x).g()", id="a receiver made by a builtin"),
    pytest.param("decorator: m.d", "from m import d as e\nclass A:\n    @e(1)\n    def f(self): ...", id="a decorator"),
    pytest.param("call: m.f\ninside: {function: daemon}", "import m\nclass A:\n    async def run_daemon(self):\n        m.f()", id="inside a function"),
    pytest.param("call: m.f\ninside: {call: m.g}", "import m\nm.g(m.f())", id="inside a call"),
    pytest.param("call: m.f\ninside: {call: m.g}", "import m\nclass A:\n    def k(self):\n        self.g = m.g\n        self.g(m.f())", id="inside a call of an attribute"),
    pytest.param("call: m.f\nargs: {a: {at: 0, dynamic: true, regex: '^SEL.*x'}}", "import m\nX = 'x'\nm.f(f'SEL {y} {X}')", id="a constant in a built text"),
    pytest.param("call: m.f\nargs: {a: {at: 0, refers_to: m.X}}", "import m\ndef k():\n    from m import X as y\n    m.f(y)", id="refers to, by another name"),
    pytest.param("call: m.f\nargs: {a: {at: 0, names: pass}}", "import m\nm.f(d['pass'].encode())\n", id="named by a key"),
    pytest.param("pattern: 'for $x in m.f(): ...'", "import m\nfor a in m.f():\n    print(a)\n", id="a loop"),
    pytest.param("call: m.f", "import m\ndef k():\n    g = m.f; g()", id="alias before a semicolon"),
    pytest.param("call: m.f", "import m\ndef k():\n    g = m.f  # why\n    g()", id="alias before a comment"),
    pytest.param("call: m.f", "import m\ndef k():\n    g = m.f\\\n\n    g()", id="alias before a line that goes on"),
    pytest.param("call: m.f", "import m\ndef k():\n    h(g := m.f, 1)\n    g()", id="alias by a walrus among arguments"),
    pytest.param("call: m.f", "import m\ndef k():\n    (m.f)()", id="in brackets"),
    pytest.param("call: m.f", "import m\ndef k():\n    m.f \\\n    ()", id="on two lines"),
    pytest.param("call: m.f", "import m\r\ndef k():\r\n    (m.f\r\n    # why\r\n    ())", id="a comment before its arguments"),
    pytest.param("call: m.*.f", "from m import A\ndef k():\n    g = A\n    g.f()", id="any class, by another name"),
    pytest.param("call: '{m.f.g,m.g.f}'", "import m\ndef k():\n    m.f.g()", id="the end of one name is in the middle of another"),
    pytest.param("decorator: m.f", "import m\n@m.f\ndef k(): pass", id="decorator"),
    pytest.param("method: f\nimports: m", "import m\ndef k(x):\n    (x.f)()", id="method in brackets"),
    pytest.param("method: f\nimports: m", "import m\ndef k(x):\n    (x\n     .f\n     # why\n     ())", id="method before a comment"),
    pytest.param("method: f\nimports: m", "import m\ndef k(x):\n    x.f\\\n(1)", id="method on two lines"),
    pytest.param("pattern: str.maketrans($x)", "def k(x):\n    s = str\n    return s.maketrans(x)", id="pattern of a builtin, by another name"),
    pytest.param("pattern: m.n.f($x)", "from m import n as o\ndef k(x):\n    o.f(x)", id="pattern, by another name"),
    pytest.param("pattern: m.f($k) or $x", "import m\ndef k(x):\n    return m.f(1)or(x)", id="pattern with an operator"),
    pytest.param("compare: ['==']\nleft: {call: m.f}", "import m\nX = m.f()\ndef k(x):\n    return X == x", id="made at the top"),
    pytest.param("compare: ['==']\nleft: {call: m.f}", "import m\nclass A:\n    def one(self):\n        self.x = m.f()\n    def two(self, y):\n        return y == self.x", id="made in another method"),
    pytest.param("compare: ['==']\nleft: {method: f, on: m.g}", "import m\ndef k(x):\n    y = m.g().f()\n    return y == x", id="made by a method"),
    pytest.param("call: m.f\nargs: {a: {at: 0, names: 'api_key|pin'}}", "import m\ndef k(myApiKey):\n    m.f(myApiKey)", id="named in other letters"),
    pytest.param("call: m.f\nargs: {a: {at: 0, names: 'api_key|pin'}}", "import m\ndef k(x):\n    m.f(x['API-KEY'])", id="named by a key with a hyphen"),
    pytest.param("call: m.f\nargs: {a: {at: 0, names: '^pin$'}}", "import m\ndef k(x):\n    m.f(x.PIN)", id="named by a regex"),
    pytest.param("call: m.f\nargs: {a: {at: 0, keys: {k: {is: 3}}}}", "import m\nK = 'k'\ndef g():\n    m.f({K: 3, **x})", id="a key by its name"),
    pytest.param("call: m.f\nargs: {a: {at: 0, keys: {k: {is: 3}}}}", "import m\nd = dict\ndef g(x):\n    m.f(d(x, k=3))", id="a table made by dict"),
    pytest.param("call: m.f\nargs: {a: {at: 0, keys: {k: [{missing: true}, {is: 3}], l: {is: 4}}}}", "import m\nm.f({'l': 4})", id="a key that may be missing"),
    pytest.param("call: m.f\nargs: {a: {at: 0, contains: {keys: {k: {is: 3}}}}}", "import m\nX = {'k': 3}\nm.f([1, *y, X])", id="a table in a list"),
    pytest.param("call: m.f", "import m\ndef g():\n    x = None\n    def h():\n        x = m.f\n        x()", id="a name of a function in a function, given once in each"),
    pytest.param("call: m.f", "def g():\n    try:\n        from m import f\n    except ImportError:\n        f = None\n        f = None\n    f()", id="imported, and none otherwise"),
    pytest.param("call: m.f", "import m\nx = m.f\ndef g():\n    [x for x in y if x]\n    x()", id="a name of a comprehension"),
    pytest.param("assign: x\nvalue: {is: 3}", "def g():\n    x \\\n  = 3", id="assigned on two lines"),
    pytest.param("assign: x\nvalue: {is: 3}", "def g():\n    (x) = 3", id="assigned in brackets"),
    pytest.param("assign: x\nvalue: {is: 3}", "def g():\n    x: int = 3", id="assigned with a type"),
    pytest.param("assign: x\nvalue: {is: 3}", "def g():\n    y = x = 3", id="assigned with another"),
    pytest.param("assign: .x\nvalue: {is: 3}", "def g(a):\n    a.b.x = 3", id="attribute assigned"),
    pytest.param("assign: .x\nvalue: {is: 3}", "def g(a):\n    (a.\n     # why\n     x  # so\n     ) = 3", id="attribute assigned between comments"),
    pytest.param("assign: '[\"x\"]'\nvalue: {is: 3}", "def g(d):\n    d['x'] = 3", id="item assigned"),
    pytest.param("assign: '[\"x\"]'\nvalue: {is: 3}", "K = 'x'\ndef g(d):\n    d[K] = 3", id="item assigned by a name"),
    pytest.param("assign: '[\"x\"]'\nvalue: {is: 3}", "def g(d):\n    d['' 'x'] = 3", id="item assigned by a key in two pieces"),
    pytest.param("assign: '[\"x\"]'\nvalue: {is: 3}", "def g(d):\n    d[f'x'] = 3", id="item assigned by an f-string"),
    pytest.param("assign: '[\"x\"]'\nvalue: {is: 3}", "def g(d):\n    d['x'\n      # why\n     ]: int = 3", id="item assigned with a type, and a comment"),
    pytest.param("assign: '[\"x\"]'\nvalue: {is: 3}", "def g(d):\n    d[b'x'] = 3", id="item assigned by bytes"),
    pytest.param("assign: '[\"x\"]'\nvalue: {is: 3}", "def g(d):\n    d['y']['x'] = 3", id="item of an item"),
    pytest.param("assign: '[\"x\"]'\nvalue: {is: 3}", "def g(d):\n    d['x'] = d['y'] = 3", id="item assigned with another"),
    pytest.param("call: m.f", "from m import (f as\n    g)\ng()", id="imported by another name on the next line"),
    pytest.param("call: m.f", "from m import (f as  # why\n    g)\ng()", id="imported by another name, with a comment"),
    pytest.param("call: m.f\nargs: {a: {at: 0, names: 'key|'}}", "# before\nimport m\ndef k(key):\n    m.f(key)", id="named by one of two, of which one is empty"),
]  # fmt: skip


@pytest.mark.parametrize(("find", "source"), FOUND)
def test_found(find: str, source: str) -> None:
    assert findings(find, source)


@pytest.mark.parametrize(
    ("find", "source"),
    [
        pytest.param("call: m.f", "import m\nm.other.f()\nx.f()", id="another chain"),
        pytest.param("call: m.f\nargs: {a: {at: 0, is: 3}}", "import m\ndef g(x):\n    m.f(x)\n    m.f(4)", id="a parameter"),
        pytest.param("call: m.f\nargs: {a: {at: 1, present: true}}", "import m\nm.f(1)", id="too few"),
        pytest.param("call: m.f\nargs: {a: {missing: true}}", "import m\nm.f(a=1)\nm.f(**k)", id="not missing"),
        pytest.param("call: m.f\nargs: {a: {at: 0, regex: '^s', literal: string}}", "import m\nm.f('t')", id="another literal"),
        pytest.param("call: m.f\nargs: {a: {at: 0, dynamic: true}}", "import m\nm.f(g())", id="an unknown call"),
        pytest.param("call: m.f\nassigned_to: token", "import m\nx = m.f()", id="goes elsewhere"),
        pytest.param("method: f\nimports: m\nargs: {q: {at: 0, dynamic: true}}", "import m\nx.f(select(y))", id="a method"),
        pytest.param("compare: ['==']\nleft: {names: digest}\nright: {call: m.f}", "import m\nm.f()\ndigest = a == b", id="compare"),
        pytest.param("call: m.f\ninside: {function: daemon}", "import m\ndef g():\n    m.f()", id="inside another function"),
        pytest.param("call: m.f\nargs: {a: {at: 0, dynamic: true, regex: '^SEL'}}", "import m\nm.f(f'UPD {x}')", id="another built text"),
        pytest.param("call: m.f\nargs: {a: {at: 0, refers_to: m.X}}", "import m\nm.f(m.Y, m.X)", id="refers to something else"),
        pytest.param("call: m.f\nargs: {a: {at: 0, names: pass}}", "import m\ncompass = m.f(str(word))", id="named otherwise"),
        pytest.param("call: m.f\nargs: {a: {at: 0, literal: text, not: {names: hash}}}", "import m\nX = 'x'\nX_HASH = X\nm.f(X_HASH)", id="named as it must not be"),
        pytest.param("call: m.f\nargs: {a: {at: 0, keys: {k: {is: 3}}}}", "import m\nm.f({'k': 4, 'l': 3, 5: 3, **x})", id="another key"),
        pytest.param("call: m.f\nargs: {a: {at: 0, contains: {is: 3}}}", "import m\nm.f([4, (3,)])", id="contains something else"),
        pytest.param("call: m.f", "import m\ndef g(x):\n    y = x\n    if not y:\n        y = m.f\n    [z for z in x]\n    y()", id="given twice"),
        pytest.param("call: m.f\nargs: {'': {is: 3}}", "# before\nimport m\n\n\ndef k():\n    m.f (3)", id="an argument without a name"),
        pytest.param("pattern: m.f($k) or $x\nwhere: {x: {literal: text}}", "import m\nm.f(1) or None\na or 'b'", id="pattern"),
    ],
)  # fmt: skip
def test_nothing_is_parsed_twice_for_what_cannot_match(find: str, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = scanner(find)

    def fault(*_: object) -> None:
        raise AssertionError("LibCST was asked")

    monkeypatch.setattr(Scanner, "_match", fault)
    assert scan.scan(Source("a.py", source.encode())) == ()
    monkeypatch.setattr(candidates, "possible", lambda *_: True)
    with pytest.raises(AssertionError):
        scan.scan(Source("a.py", source.encode()))


MUCH = 60_000  # questions about names; each of the sources below has a thousand at most, asked once each


def put_in_names(join: str, start: str) -> str:
    """Each name of the one before it, ten times over: told at length, the last one is larger than any memory."""
    lines = [f"a{n + 1} = " + join.replace("A", f"a{n}") for n in range(15)]
    return f"import m\na0 = {start}\n" + "\n".join(lines) + "\nm.f(a15)\n"


def again(line: str) -> str:
    return "import m\ndef g(x):\n" + f"    x = {line}\n" * 12 + "    m.f(x)\n"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(again("x + y()"), id="added to again and again"),
        pytest.param(again("f'{x} {y()}'"), id="put in again and again"),
        pytest.param(again("x.encode(y())"), id="encoded again and again"),
        pytest.param("import m\ndef g(p):\n" + "".join(f"    {a} = {b}\n" * 60 for a, b in ("xy", "yz", "zw", "wv", "vp")) + "    m.f(x)\n", id="one of many names that are one of many"),
        pytest.param(put_in_names("f'" + "{A}" * 10 + "'", "'abcdefghij'"), id="f-strings in f-strings"),
        pytest.param(put_in_names("f'" + "{A}" * 10 + "'", "y()"), id="f-strings in f-strings, of no constant"),
        pytest.param(put_in_names(" + ".join(["A"] * 8), "'abcdefghij'"), id="sums in sums"),
        pytest.param(put_in_names(" + ".join(["A"] * 8), "'a' + y()"), id="sums in sums, of no constant"),
        pytest.param(put_in_names("''.join([" + "A, " * 10 + "])", "'abcdefghij'"), id="lists in lists"),
        pytest.param(put_in_names("''.join([" + "A, " * 10 + "])", "'a' + y()"), id="lists in lists, of no constant"),
        pytest.param(put_in_names("'" + "%s" * 10 + "' % (" + "A, " * 10 + ")", "'abcdefghij'"), id="templates in templates"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("asks", ["is: 3", "dynamic: true, regex: '^SEL'"])
def test_names_in_names_are_not_asked_about_over_and_over(
    source: str, asks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = MUCH

    def counted(function: Callable[..., object]) -> Callable[..., object]:
        def wrapper(*args: object) -> object:
            nonlocal left
            left -= 1
            assert left > 0, "asked for longer than anybody waits"
            return function(*args)

        return wrapper

    monkeypatch.setattr(Sketch, "stands_for", counted(Sketch.stands_for))
    monkeypatch.setattr(values, "constant", counted(values.constant))
    monkeypatch.setattr(values, "string_parts", counted(values.string_parts))
    assert scanner(f"call: m.f\nargs: {{a: {{at: 0, {asks}}}}}").scan(Source("a.py", source.encode())) == ()
    monkeypatch.setattr(candidates, "possible", lambda *_: True)
    assert scanner(f"call: m.f\nargs: {{a: {{at: 0, {asks}}}}}").scan(Source("a.py", source.encode())) == ()
    assert left < MUCH


def test_who_answers_a_request_is_asked_once_of_each_method(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    answers = Sketch.answers_a_request

    def counted(sketch: Sketch) -> bool:
        nonlocal asked
        asked += 1
        return answers(sketch)

    monkeypatch.setattr(Sketch, "answers_a_request", counted)
    many = 30
    methods = (f"    def f{i}(self):\n        m.f(self.x{i})\n" for i in range(many))
    source = "import flask, m\nclass A:\n" + "".join(methods)
    assert scanner("call: m.f\nargs: {a: {at: 0, from_request: true}}").scan(Source("a.py", source.encode())) == ()
    assert many <= asked < 2 * many


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("secret_key|pw", ("secret", "pw")),
        ("pass", ("pass",)),
        ("key|", ()),  # an empty word stands everywhere, and looking for it has no end
        ("_", ()),
        ("^key$", ()),
        ("Key", ()),
    ],
)
def test_parts_of_the_names_that_a_rule_asks_for(words: str, parts: tuple[str, ...]) -> None:
    assert candidates._parts_of_names(words) == parts
