"""What LibCST is not given to read of a class changes nothing about what is found."""

from __future__ import annotations

import ast
import textwrap
from typing import Any

import pytest

from devsec.catalog.load import load
from devsec.catalog.rule import IN_ANY_FILE, Rule
from devsec.scan import candidates, narrow
from devsec.scan.engine import Scanner
from devsec.scan.gate import Gate
from devsec.scan.narrow import head, narrowed
from devsec.scan.outline import Statement, outline
from devsec.sources.source import Source, is_python
from devsec.text import Lines
from tests.scan.kit import findings

CATALOGUE = load()
SCAN = Scanner(CATALOGUE, Gate.build(CATALOGUE))
IN_PYTHON = [rule for rule in CATALOGUE.rules if any(shape.kind not in IN_ANY_FILE for shape in rule.find)]


def in_a_class(source: str) -> str:
    """The same code in a method, between others."""
    return (
        "class Around:\n    kept = 1\n\n    def before(self):\n        self.before_x = 1\n        return self.x\n\n"
        f"    def holds(self, request):\n{textwrap.indent(source, '        ')}\n"
        '    def after(self):\n        """Words."""\n        for x in range(3):\n            self.y = x\n'
    )


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in IN_PYTHON])
def test_examples_in_a_class_are_found_the_same(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [
        Source(example.path, text.encode())
        for example in rule.examples
        if is_python(example.path, example.data) and "from __future__" not in example.bad + example.fine
        for text in (in_a_class(example.bad or example.fine),)
    ]
    monkeypatch.setattr(narrow, "SMALL", 0)
    quick = [SCAN.scan(source) for source in sources]
    monkeypatch.setattr(
        candidates, "narrowed", lambda statement, text, *_: text[statement.span.start : statement.span.end]
    )
    assert [SCAN.scan(source) for source in sources] == quick


@pytest.fixture
def everything_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrow, "SMALL", 0)


@pytest.mark.usefixtures("everything_counts")
@pytest.mark.parametrize(
    ("find", "source"),
    [
        pytest.param("call: m.f\nargs: {a: {at: 0, is: 3}}", "import m\nclass A:\n    def one(self):\n        self.x = 3\n    def two(self):\n        m.f(self.x)", id="an attribute of another method"),
        pytest.param("call: m.f\nargs: {a: {at: 0, is: 3}}", "import m\nclass A:\n    def zero(self):\n        self.y = 3\n    def one(self):\n        self.x = self.y\n    def two(self):\n        m.f(self.x)", id="through two of them"),
        pytest.param("call: m.f\nargs: {a: {at: 0, is: 3}}", "import m\nclass A:\n    def one(self):\n        y = 3\n        self.x = y\n    def two(self):\n        m.f(self.x)", id="by a name of that method"),
        pytest.param("method: g\non: m.S", "import m\nclass A:\n    def open(self):\n        self.s = m.S()\n    def two(self):\n        self.s.g()", id="a receiver made elsewhere"),
        pytest.param("call: m.f\ninside: {class: a}", "import m\nclass A:\n    def one(self):\n        pass\n    def two(self): m.f()", id="on the line of its def"),
        pytest.param("call: m.f", "import m\nclass A:\n    def one(self):\n        @deco\n        def g(): pass\n    def two(self):\n        m.f()", id="a body that begins with a decorator"),
        pytest.param("call: m.f\nargs: {a: {at: 0, is: 3}}", "import m\nclass A:\n    def zero(self):\n        self.y = 3\n    def one(self):\n        global Y\n        Y = self.y\n    def two(self):\n        m.f(Y)", id="a global that another method binds"),
        pytest.param("call: m.f", "import m\nclass A:\n    def one(self, a=m.f()):\n        pass\n    def two(self):\n        return 1", id="in a default"),
    ],
)  # fmt: skip
def test_found(find: str, source: str) -> None:
    assert findings(find, source)


@pytest.mark.usefixtures("everything_counts")
def test_an_attribute_that_is_given_twice_stands_for_nothing() -> None:
    twice = "import m\nclass A:\n    def a(self):\n        self.x = 3\n    def b(self):\n        self.x = 4\n    def c(self):\n        m.f(self.x)"
    assert not findings("call: m.f\nargs: {a: {at: 0, is: 3}}", twice)


@pytest.mark.usefixtures("everything_counts")
@pytest.mark.parametrize(
    ("gives", "read"),
    [
        pytest.param("self.x = self.y", "x y", id="what it is assigned"),
        pytest.param("self.x = 1\n        self.z.go()", "x", id="what else is done there"),
        pytest.param("a = self.y\n        self.x = a", "x y", id="through a variable"),
        pytest.param("for self.x in self.y: pass", "x y", id="by a loop"),
        pytest.param("self.z, self.x = self.y", "x y z", id="unpacked"),
        pytest.param("x.x = self.y", "x y", id="whatever it is called"),
    ],
)
def test_methods_are_read_that_give_what_is_spoken_of(gives: str, read: str) -> None:
    source = f"""class A:
    def asked(self):
        return self.x
    def gives(self):
        {gives}
    def of_y(self):
        self.y = "of y"
    def of_z(self):
        self.z = "of z"
"""
    text = source.encode()
    (statement,) = outline(text, Lines(text)).statements
    less = narrowed(statement, text, Lines(text), methods(statement)[:1])
    assert b"gives(self):\n        0 " not in less
    assert [b"of y" in less, b"of z" in less] == ["y" in read, "z" in read]


def methods(statement: Statement) -> list[ast.stmt]:
    definition: Any = statement.nodes[0]
    return [node for node in definition.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


SOURCE = '''\
class A(B):
    x = 1

    def one(self):
        """Words."""
        if x:
            return {
                1: "…",
            }  # a comment

    @property
    def two(self): return 2; pass

    async def three(self, a: int = 1) \\
        -> int:
        call(a)
'''


@pytest.mark.usefixtures("everything_counts")
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_byte_that_is_left_stays_in_its_place(ending: str) -> None:
    text = SOURCE.replace("\n", ending).encode()
    lines = Lines(text)
    (statement,) = outline(text, lines).statements

    asked = {node for node in methods(statement) if any(isinstance(inner, ast.Call) for inner in ast.walk(node))}
    less = narrowed(statement, text, lines, asked)
    assert len(less) == len(text)
    assert b"Words" not in less
    assert less.split() == (
        b"class A(B): x = 1 def one(self): 0 # a comment @property def two(self): 0"
        b" async def three(self, a: int = 1) \\ -> int: call(a)"
    ).split()  # fmt: skip
    assert less[text.index(b"@property") :].startswith(b"@property")
    definition: Any = ast.parse(less).body[0]
    assert [getattr(node, "name", "") for node in definition.body] == ["", "one", "two", "three"]
    assert head(statement, text, lines).split() == b"class A(B): 0".split()


def test_small_classes_are_read_whole() -> None:
    text = SOURCE.encode()
    lines = Lines(text)
    (statement,) = outline(text, lines).statements
    assert narrowed(statement, text, lines, ()) == text


@pytest.mark.usefixtures("everything_counts")
def test_what_binds_a_global_is_read() -> None:
    text = SOURCE.replace("call(a)", "global b; b = self.two").encode()
    (statement,) = outline(text, Lines(text)).statements
    less = narrowed(statement, text, Lines(text), ())
    assert b"global b; b = self.two" in less
    assert b"Words" not in less
    assert head(statement, text, Lines(text)) == text
