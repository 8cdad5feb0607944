"""Bodies of functions that nobody asks about are not parsed; whatever is found is the same."""

from __future__ import annotations

import ast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devsec.catalog.load import load
from devsec.catalog.rule import Rule
from devsec.scan import bodies, candidates, engine, outline
from devsec.scan.engine import Scanner
from devsec.scan.gate import Gate
from devsec.scan.outline import Outline, functions, read
from devsec.sources.source import Skipped, Source
from devsec.text import Lines
from tests.scan.kit import py, scanner
from tests.scan.rules import catalogue as rules_of
from tests.scan.test_sketch import FOUND

CATALOGUE = load()
SCAN = Scanner(CATALOGUE, Gate.build(CATALOGUE))


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small they are, bodies are left out."""
    monkeypatch.setattr(engine, "LARGE", 0)
    monkeypatch.setattr(outline, "SMALL", 0)
    monkeypatch.setattr(bodies, "LEAST", 3)


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in CATALOGUE.rules])
def test_every_example_is_found_the_same_when_bodies_are_left_out(rule: Rule, request: pytest.FixtureRequest) -> None:
    sources = [Source(e.path, e.data) for e in rule.examples]
    slowly = [SCAN.scan(source) for source in sources]
    request.getfixturevalue("hasty")
    assert [SCAN.scan(source) for source in sources] == slowly


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(("find", "source"), FOUND)
def test_found(find: str, source: str) -> None:
    assert scanner(find).scan(Source("a.py", source.encode()))


def hastily(source: str) -> Outline:
    text = source.encode()
    return outline.outline(text, Lines(text), hastily=True)


def unread(source: str) -> list[str]:
    return [node.name for node in hastily(source).unread]  # type: ignore[attr-defined]


LONG = "\n    " + "\n    ".join(f"line_{number} = {number}" for number in range(20)) + "\n"


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    "source",
    [
        pytest.param("x = 1\ndef f(a, b=(1, 2)):\n    return a\n\n\ny = 2\n", id="function"),
        pytest.param("x = 1\nasync def f(a):\n    return a\n", id="async"),
        pytest.param("x = 1\nclass A:\n    def f(self):\n        return self\n\n    y = 3\n", id="method"),
        pytest.param("x = 1\nclass A:\n    class B:\n        c = 1\n\n    def f(self):\n        return self\n", id="method behind a class"),
        pytest.param("x = 1\ndef f(a):\n    # to import it\n    return 'a global import of it'\n", id="speaks of an import"),
        pytest.param("x = 1\ndef f(a):\n    def g():\n        nonlocal a\n        a = 1\n    return g\n", id="nonlocal"),
        pytest.param("x = 1\nclass A:\n  @property\n  def f(self):\n    return self\n", id="decorated, two blanks"),
        pytest.param("x = 1\ndef f(\n    a,  # the first (of two\n    b=(1,),  # the other)\n):\n    return a\n", id="long header"),
        pytest.param("x = 1\ndef f(a) -> dict[str, int]:  # what: for\n    return a\n", id="comment behind the header"),
        pytest.param("x = 1\ndef f(a):\n    # why\n\n    # so\n    return a\n# end\n\n# of it\n", id="comments"),
        pytest.param("x = 1\ndef f(a):\n    return a\n  # odd\ny = 2\n", id="a comment between"),
        pytest.param('x = 1\ndef f(a):\n    b = """\ndef g():\n    pass\n"""\n    return b\n', id="code in a string"),
        pytest.param("x = 1\ndef f(a):\n    b = '''\ntext\n''' + '''more\n'''\n    return b\n", id="two strings"),
        pytest.param('x = 1\ndef f(a):\n    b = """\ntext\n"""\n', id="ends in a string"),
        pytest.param("x = 1\r\ndef f(a):\r\n    return a\r\n\r\ny = 2\r\n", id="two characters at the end of lines"),
        pytest.param("x = 1\ndef f(a):\n    return a", id="no end of line"),
        pytest.param("x = 1\ndef f(ä):\n    return 'ä'\n\ny = 2\n", id="letters of two bytes"),
        pytest.param("x = 1\ndef f(a):\n    def g(b):\n        return b\n    return g\n", id="a function in it"),
        pytest.param("x = 1\ndef f(a):\n    class B:\n        def g(self):\n            return self\n    return B\n", id="a class in it"),
        pytest.param("x = 1\ndef f(a):\n    @wraps(a)\n    def g(b):\n        return b\n", id="begins with a decorator"),
        pytest.param("x = 1\ndef f(a):\n    return a\ndef g(a):\n    return a\n", id="nothing between two"),
        pytest.param("x = 1\ndef f(a): # c\n    yield (\n        a)\n", id="ends in a bracket"),
    ],
)  # fmt: skip
def test_what_is_left_out_is_read_as_it_stands(source: str) -> None:
    there = hastily(source)
    assert there.unread
    for node, body in there.unread.items():
        assert not any(isinstance(inner, ast.Name) for inner in ast.walk(node.body[0])), body  # type: ignore[attr-defined]
    whole = outline.outline(source.encode(), Lines(source.encode()))
    assert [(one.span, one.binds) for one in there.statements] == [(one.span, one.binds) for one in whole.statements]
    read(there, source.encode(), [node for one in there.statements for node in functions(one)])
    assert not there.unread
    assert _dumped(there) == _dumped(whole)


def _dumped(of: Outline) -> list[str]:
    return [ast.dump(node, include_attributes=True) for one in of.statements for node in one.nodes]


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    "source",
    [
        pytest.param("x = 1\ndef f(a):\n    import b\n    return b\n", id="imports"),
        pytest.param("x = 1\ndef f(a):\n    if a: from .b import(c)\n    return c\n", id="imports in a line"),
        pytest.param("x = 1\ndef f(a):\n    from b \\\n        import c\n    return c\n", id="imports on two lines"),
        pytest.param("x = 1\ndef f(a):\n    global x\n    x = a\n", id="global"),
        pytest.param("x = 1\ndef f(a): return a\n", id="in a line"),
        pytest.param("x = 1\ndef f(a):\n\treturn a\n", id="tabs"),
        pytest.param("x = 1\ndef f(a):\n    return a\n\x0c\ny = 1\n", id="form feed"),
        pytest.param("x = 1\ndef f(a):\r    return a\r", id="old ends of lines"),
        pytest.param("if x:\n    def f(a):\n        return a\n", id="under a condition"),
        pytest.param("x = 1\nclass A:\n    class B:\n        def f(self):\n            return self\n", id="class in a class"),
        pytest.param('x = """\ndef f():\n    return text\n"""\n', id="in a string"),
        pytest.param("x = 1\ndef f(a):\n    b = (\n1, 2\n)\n    return b\n", id="a bracket that goes back"),
        pytest.param("x = 1\ndef f(a):\n    b = \\\n1\n    return b\n", id="a line that goes on further back"),
    ],
)  # fmt: skip
def test_parsed_at_once(source: str) -> None:
    there = hastily(source)
    assert not there.unread
    whole = outline.outline(source.encode(), Lines(source.encode()))
    assert _dumped(there) == _dumped(whole)


def test_large_texts_only() -> None:
    small = "x = 1\ndef f(a):" + LONG
    assert unread(small) == []
    assert unread(small + "# " + outline.SMALL * "-" + "\n") == ["f"]


def test_a_few_small_files_are_parsed_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    hastily = []

    def seen(text: bytes, lines: Lines, hasty: bool = False) -> Outline:
        hastily.append(hasty)
        return made(text, lines, hasty)

    made = outline.outline
    monkeypatch.setattr(outline, "outline", seen)
    scan = scanner("call: m.f\nargs: {a: {at: 0, is: 3}}")
    small, large = (Source("a.py", b"import m\nm.f(x)\n" + b"# a comment\n" * lines) for lines in (10, 2_000))
    for source in (small, large):
        scan.scan(source)
    scan.gate.hits(b"x = 1\n" * 100_000, "b.py")
    scan.scan(small)
    assert hastily == [False, True, True]


@pytest.mark.usefixtures("hasty")
def test_an_attribute_is_read_with_the_methods_that_give_what_it_is() -> None:
    source = py("""
        import m

        class A:
            def one(self):
                self.first = 3

            def two(self):
                self.second: int = self.first

            def three(self):
                self.third \\
                    = self.second

            def four(self):
                m.f(self.third)
        """)
    assert scanner("call: m.f\nargs: {a: {at: 0, is: 3}}").scan(Source("a.py", source.encode()))


CHAIN = """
import m

class A:
    def one(self):
        self.first = 3

    def two(self):
        self.second = self.first

    def three(self):
        m.f(self.second)

    def four(self):
        self.third = self.first
"""


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(("most", "left"), [(20, ["four"]), (1, [])])
def test_only_what_is_asked_about_is_read(most: int, left: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "_MOST_TIMES", most)
    text = CHAIN.encode()
    there = outline.outline(text, Lines(text), hastily=True)
    rules = rules_of("call: m.f\nargs: {a: {at: 0, keys: {k: {is: 3}}}}", "").rules
    assert candidates.candidates(there, text, Lines(text), rules).statements == {}
    assert [node.name for node in there.unread] == left  # type: ignore[attr-defined]


@pytest.mark.usefixtures("hasty")
def test_what_does_not_parse_is_told_where_it_is_asked_about() -> None:
    scan = scanner("call: m.f")
    source = "import m\n\ndef g():\n    m.f(\n    return 1\n\nx = 1\n"
    result = scan.scan(Source("a.py", source.encode()))
    assert isinstance(result, Skipped)
    assert "line 4" in result.reason


_LINE = st.sampled_from(
    ["a = b", "return a", "if a:", "    b = c", "else:", "    pass", '"""', "'''", "# def f(", "(", ")", "b = [", "]", "\\",
     "x = 'a' \\", "", "    ", "class A:", "    class B:", "    def g(self):", "        return 1", "def h(a, b=\"#\"):", "@d", "async def k():",
     '    """one line"""', "    x = '''", "    '''", "self.x = 1", "import m", "    import m"]
)  # fmt: skip


@pytest.mark.usefixtures("hasty")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # it is the same for all of them
@given(st.lists(_LINE, max_size=25), st.sampled_from(["\n", "\r\n"]))
def test_any_text_is_outlined_as_the_parser_has_it_or_not_at_all(lines: list[str], newline: str) -> None:
    source = newline.join(["x = 1", "def f(a):", "    a = 1", *lines, ""])
    text = source.encode()
    try:
        whole = outline.outline(text, Lines(text))
    except outline.Unparsable:
        return  # then the rest of it may be read
    there = outline.outline(text, Lines(text), hastily=True)
    assert [one.span for one in there.statements] == [one.span for one in whole.statements]
    read(there, text, [node for one in there.statements for node in functions(one)])
    assert _dumped(there) == _dumped(whole)
