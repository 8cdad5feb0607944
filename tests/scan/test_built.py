"""The text an expression puts together is told as `scan/values.py` tells it, or not at all."""

from __future__ import annotations

import ast

import libcst as cst
import pytest

from devsec.scan import values
from devsec.scan.aliases import Aliases
from devsec.scan.built import identifiers, may_be_text, shown, surely_called
from devsec.scan.module import Module
from devsec.scan.names import Names
from devsec.scan.outline import outline
from devsec.scan.sketch import Sketch, sketch
from devsec.text import Lines


def may_be(before: str, source: str) -> bool:
    return may_be_text(*argument(f"{before}\nf({source})\n".encode()))


def argument(text: bytes) -> tuple[ast.expr, Sketch]:
    """That of the call in the last statement, and what is known of the names there."""
    sketched = outline(text, Lines(text))
    last = sketched.statements[-1]
    binds = frozenset(name for statement in sketched.statements for name in statement.binds)
    here = sketch(last.nodes, binds, frozenset(), Aliases(sketched, text))
    return next(n for n in ast.walk(last.nodes[0]) if isinstance(n, ast.Call)).args[0], here


def both(before: str, source: str) -> tuple[str | None, str | None]:
    """What CPython's tree says of the argument of `f(…)`, and what LibCST's says."""
    text = f"{before}\nf({source})\n".encode()
    lines = Lines(text)
    sketched = outline(text, lines)
    module = Module(text, sketched, lines)
    names = Names(module)
    last = len(sketched.statements) - 1
    call = next(node for node in module.piece(last).nodes if isinstance(node, cst.Call))
    known = values.constant(call.args[0].value, names)
    parts = values.string_parts(call.args[0].value, names)
    theirs = str(known.value) if known else values.shown(parts) if parts is not None else None
    return shown(*argument(text)), theirs


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("f'a {x} b'", "a {} b"),
        ("'a ' + x + ' b'", "a {} b"),
        ("'a %s b %% %(k)s' % (x, y)", "a {} b % {}"),
        ("'a %d' % 3", "a 3"),
        ("'a {} {{}} {n}'.format(x, n=y)", "a {} {} {}"),
        ("'a {0} {0}'.format(x)", "a {} {}"),
        ("f'a {1} {y!r:>{w}}'", "a 1 {}"),
        ("('a ' + x).strip()", "a {}"),
        ("'a ' 'b ' f'{x.y}'", "a b {}"),
        ("'a ' + x[0] + g(y)", "a {}{}"),
    ],
)
def test_the_same_as_of_the_other_tree(source: str, told: str) -> None:
    assert both("", source) == (told, told)


@pytest.mark.parametrize(
    ("before", "source"),
    [
        pytest.param("x = 1", "f'a {x}'", id="a name that may be a constant"),
        pytest.param("x = f'b {y}'", "'a ' + x", id="a name that may be built"),
        pytest.param("class C:\n    x = 'b'", "C.x + 'a'", id="of a class, told as a part"),
        pytest.param("", "'a' + b'c'", id="bytes"),
        pytest.param("", "'a' + '-'.join([x, y])", id="joined"),
        pytest.param("", "'a' * 3", id="repeated"),
        pytest.param("", "'a' + str(3)", id="a constant by a call"),
        pytest.param("x = 'b %s'", "x % y", id="the template elsewhere"),
    ],
)
def test_what_cannot_be_told_is_not(before: str, source: str) -> None:
    ours, theirs = both(before, source)
    assert ours is None or ours == theirs


@pytest.mark.parametrize(
    ("before", "source"),
    [
        ("", "'a' + x"),
        ("", "x + 'a'"),
        ("", "'%s' % x"),
        ("", "'-'.join(x)"),
        ("", "f'{x}'.strip()"),
        ("x = 'a'", "x % y"),
        ("x = 'a'\ny = x + 'b'", "y.format(z)"),
        ("", "str('a') + x"),
        ("", "b'a'.decode() + x"),
        ("", "('a' * 3) + x"),
    ],
)
def test_what_is_put_together_may_be_text(before: str, source: str) -> None:
    assert both(before, source)[1] is not None
    assert may_be(before, source)


@pytest.mark.parametrize("source", ["x % y", "x + 1", "b'a' % x", "x.join(y)", "g(x) + h(y)", "x.y + 2"])
def test_what_nobody_knows_is_none(source: str) -> None:
    assert both("", source)[1] is None
    assert not may_be("", source)


@pytest.mark.parametrize(
    "source",
    ["a", "a.b", "a['k']", "a.encode().strip()", "str(a.b)", "d.get('k', 1)", "d['x']['y']", "await a.b", "a + b % c", "f'{a}{b.c}'", "g(a)", "(a or b)"],
)  # fmt: skip
def test_identifiers_are_none_less(source: str) -> None:
    text = f"async def f():\n    g({source})\n"
    node = next(n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)).args[0]
    tree = cst.parse_module(text)
    calls: list[cst.Call] = []

    class Find(cst.CSTVisitor):
        def visit_Call(self, node: cst.Call) -> None:
            calls.append(node)

    tree.visit(Find())
    assert set(values.identifiers(calls[0].args[0].value)) <= set(identifiers(node))


def test_surely_called() -> None:
    assert [surely_called(ast.parse(s, mode="eval").body) for s in ("a", "a.b", "a.b.encode()", "f'{a}'", "g(a)")] == [
        "a",
        "b",
        "b",
        "",
        "",
    ]
