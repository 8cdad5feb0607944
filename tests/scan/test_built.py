"""The text an expression puts together is told as `scan/values.py` tells it, or not at all."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import libcst as cst
import pytest

from devsec.scan import values
from devsec.scan.aliases import Aliases
from devsec.scan.built import identifiers, may_be_built, shown, surely_called
from devsec.scan.module import Module
from devsec.scan.names import Names
from devsec.scan.outline import outline
from devsec.scan.sketch import Scopes, Sketch
from devsec.text import Lines


def argument(text: bytes) -> tuple[ast.expr, Sketch]:
    """That of the call in the last statement, and what is known of the names there."""
    sketched = outline(text, Lines(text))
    last = sketched.statements[-1]
    binds = frozenset(name for statement in sketched.statements for name in statement.binds)
    scopes = Scopes(last, binds, frozenset(), Aliases(sketched, text))
    _KEPT.append(scopes)  # a sketch does not keep it
    return next(n for n in ast.walk(last.nodes[0]) if isinstance(n, ast.Call)).args[0], scopes.sketch(None)


_KEPT: list[Scopes] = []


def both(before: str, source: str) -> tuple[Sequence[str] | None, str | None]:
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
    assert both("", source) == ([told], told)


@pytest.mark.parametrize(
    ("before", "source", "told"),
    [
        pytest.param("x = 1", "f'a {x}'", ["a 1", "a {}"], id="a name that may be a constant"),
        pytest.param("x = 1\nx = 2", "f'a {x}'", ["a 1", "a 2", "a {}"], id="one of two constants"),
        pytest.param("x = f'b {y}'", "'a ' + x", ["a b {}", "a {}"], id="a name that may be built"),
        pytest.param("x = 'b %s'", "x % y", ["b {}"], id="the template elsewhere"),
        pytest.param("x = 'b {} {}'", "x.format(1, 'c')", None, id="a template that looks like one that is built"),
        pytest.param("", "'-'.join([x, 'y', f'{z}'])", ["{}-y-{}"], id="joined"),
        pytest.param("", "'-'.join(x)", ["-{}"], id="joined, of who knows how many"),
        pytest.param("class C:\n    x = 'b'", "C.x + 'a'", ["{}a"], id="of a class, told as a part"),
        pytest.param("x = 'a'\ny = x + 'b'", "y.strip()", ["ab", "{}b"], id="through two names"),
        pytest.param("", "'a' + b'c'", None, id="bytes"),
        pytest.param("", "'a' * 3", None, id="repeated"),
        pytest.param("", "'a' + str(3)", None, id="a constant by a call"),
        pytest.param("", "'a' + str(x)", ["a{}"], id="no constant by a call"),
        pytest.param("", "('a' + x).encode()", [], id="bytes of a text"),
        pytest.param("", "+".join(["f'{x}'"] * 60), None, id="too deep"),
        pytest.param("x = 1\nx = 2\nx = 3", "f'{x}{x}{x}'", None, id="too many"),
    ],
)
def test_all_it_may_be_is_told(before: str, source: str, told: list[str] | None) -> None:
    ours, theirs = both(before, source)
    assert (ours if ours is None else sorted(ours)) == told
    assert ours is None or theirs is None or theirs in ours


@pytest.mark.parametrize(
    ("before", "source"),
    [
        ("", "'a' + x"),
        ("", "x + 'a'"),
        ("", "'%s' % x"),
        ("", "'-'.join(x)"),
        ("", "f'{x}'.strip()"),
        ("x = 'a{}'", "x.format(y)"),
        ("x = 'a'\ny = x + z", "y.strip()"),
        ("", "str('a') + x"),
        ("", "b'a'.decode() + x"),
        ("", "('a' * 3) + x"),
    ],
)
def test_what_is_put_together_may_be_built(before: str, source: str) -> None:
    assert "{}" in (both(before, source)[1] or "")
    assert may_be_built(*argument(f"{before}\nf({source})\n".encode()))


@pytest.mark.parametrize("source", ["x % y", "x + 1", "b'a' % x", "x.join(y)", "g(x) + h(y)", "x.y + 2", "'a' 'b'"])
def test_what_nobody_knows_is_not_built(source: str) -> None:
    assert "{}" not in (both("", source)[1] or "")
    assert not may_be_built(*argument(f"f({source})\n".encode()))


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
