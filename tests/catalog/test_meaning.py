"""What each key of a sound rule becomes."""

from __future__ import annotations

import re

import pytest

from devsec.catalog import schema
from devsec.catalog.rule import SHAPES as KINDS_OF_SHAPE
from devsec.catalog.rule import Context, Cure, Example, Literal, Named, Road, Rule, Shape, Surrounding, Template
from devsec.catalog.rule import Test as Asked  # pytest would collect it under its own name
from devsec.catalog.terms import Said, Terms, When, terms_of
from devsec.levels import Confidence, Level, Safety, Severity
from tests.catalog.kit import FILE, roads, rule, yaml


def test_the_whole() -> None:
    text = """\
id: some-rule-2
title: Something leaves the road
cwe: [CWE-1, CWE-99999]
severity: critical
confidence: medium
level: off
why: >-
  Two   lines,
  one text.
references: [https://a.example, https://b.example]
secret: [x, match]
paths: ["*.py", "!tests/"]
find:
  call: m.f
  args: {x: {present: true}}
fix:
  - title: First
    safety: safe
    call: m.g
  - title: Second
    safety: advice
    note: >-
      Think
      first.
examples:
  - bad: |
      m.f(x=1)
    good: |
      m.g(x=1)
    lines: [1, 3]
  - fine: m.g()
    path: lib/a.py
"""
    assert rule(text) == Rule(
        id="some-rule-2",
        title="Something leaves the road",
        cwe=("CWE-1", "CWE-99999"),
        severity=Severity.CRITICAL,
        confidence=Confidence.MEDIUM,
        level=Level.OFF,
        why="Two lines, one text.",
        find=(Shape("call", ("m.f",), args=(("x", (Asked(present=True),)),), context=Context(paths=("*.py", "!tests/"))),),
        cures=(
            Cure("First", Safety.SAFE, call=Template("m.g")),
            Cure("Second", Safety.ADVICE, note="Think first."),
        ),
        examples=(
            Example(bad="m.f(x=1)\n", good=(("First", "m.g(x=1)\n"),), lines=(1, 3), line=26),
            Example(fine="m.g()", path="lib/a.py", line=31),
        ),
        secret=("x", "match"),
        references=("https://a.example", "https://b.example"),
        source=FILE,
        level_line=6,
    )  # fmt: skip


def test_the_terms() -> None:
    text = yaml(
        when="[{exposure: public, data: sensitive, labels: [pci, eu], level: block}, {lifecycle: test, level: 'off'}]",
        final="true", stage="shadow", warn_from="2026-12-01", block_from="2027-03-01", unsilenceable="true",
        in_tests="true", deprecated="acme/b-rule",
    )  # fmt: skip
    made = rule(text)
    public = When(Level.BLOCK, "public", "sensitive", labels=("pci", "eu"), file=FILE, line=11)
    test = When(Level.OFF, lifecycle="test", file=FILE, line=11)
    says = ["level block", "when exposure public, data sensitive, label pci, label eu: block", "when lifecycle test: off",
            "final", "unsilenceable", "in_tests", "stage shadow", "warn_from 2026-12-01", "block_from 2027-03-01",
            "deprecated for acme/b-rule"]  # fmt: skip
    lines = [6, 11, 11, 12, 16, 17, 13, 14, 15, 18]
    said = tuple(Said(what, FILE, line) for what, line in zip(says, lines, strict=True))
    assert made.terms == Terms(
        Level.BLOCK, (public, test), True, "shadow", "2026-12-01", "2027-03-01", True, True, "acme/b-rule", said
    )
    assert terms_of(made) is made.terms


def test_a_rule_that_says_a_level_has_terms_too() -> None:
    made = rule(yaml(level="note"))
    assert made.terms is None
    assert terms_of(made) == Terms(Level.NOTE, said=(Said("level note", FILE, 6),))


def test_the_least() -> None:
    least = rule(yaml(find="{call: m.f}", fix=None, examples="[{bad: x}, {fine: z}]"))
    assert (least.cures, least.secret, least.references, least.find) == ((), (), (), (Shape("call", ("m.f",)),))
    assert least.examples == (Example(bad="x", line=9), Example(fine="z", line=9))


SHAPES = [
    ("{call: m.f}", Shape("call", ("m.f",))),
    ("{call: '*'}", Shape("call", ("*",))),
    ("{call: [m.f, n.*.g]}", Shape("call", ("m.f", "n.*.g"))),
    ("{call: '{a,b}.c.{d, e}'}", Shape("call", ("a.c.d", "a.c.e", "b.c.d", "b.c.e"))),
    ("{call: m.f, args: {'*': {is: 1}, y: [{is: 2}, {missing: true}]}}", Shape("call", ("m.f",), args=(
        ("*", (Asked(equals=(1,)),)), ("y", (Asked(equals=(2,)), Asked(missing=True))),
    ))),
    ("{method: '{get,put}', on: ['m.{S,T}', m.c().d]}", Shape("method", ("get", "put"), on=("m.S", "m.T", "m.c().d"))),
    ("{method: get, on: m.S, args: {x: {is: 1}}}", Shape("method", ("get",), ("m.S",), args=(
        ("x", (Asked(equals=(1,)),)),
    ))),
    ("{method: get, on: m.S, made_with: {x: {is: 1}}}", Shape("method", ("get",), ("m.S",), made_with=(
        ("x", (Asked(equals=(1,)),)),
    ))),
    ("{method: get, imports: m}", Shape("method", ("get",), context=Context(imports=("m",)))),
    ("{assign: [NAME, a.b, .attr, '[\"key\"]', \"['k{2}']\", '{x,y}_z'], value: {is: 1}}", Shape(
        "assign", ("NAME", "a.b", ".attr", '["key"]', "['k{2}']", "x_z", "y_z"), value=(Asked(equals=(1,)),),
    )),
    ("{assign: '*', on: m.S, target: {names: pass}}", Shape("assign", ("*",), ("m.S",), target=(Asked(names="pass"),))),
    ("{compare: ['==', not in], left: {is: 1}, right: {is: 2}}", Shape(
        "compare", ("==", "not in"), left=(Asked(equals=(1,)),), right=(Asked(equals=(2,)),),
    )),
    ("{string: {regex: 'a.b', entropy: 3, length: 8}}", Shape("string", literal=Literal("a.b", 3, 8))),
    ("{string: {entropy: 3.5}}", Shape("string", literal=Literal(entropy=3.5))),
    ("{import: 'm.{a,b}'}", Shape("import", ("m.a", "m.b"))),
    ("{decorator: m.route, args: {x: {at: 0, is: 1}}}", Shape("decorator", ("m.route",), args=(
        ("x", (Asked(at=0, equals=(1,)),)),
    ))),
    ("{pattern: 'f($X, ...)', where: {X: {is: 1}}}", Shape(
        "pattern", pattern="f($X, ...)", where=(("X", (Asked(equals=(1,)),)),),
    )),
    ("{text: {regex: BEGIN}}", Shape("text", literal=Literal("BEGIN"))),
    (
        "{setting: {names: true}, value: {strength: strong}}",
        Shape("setting", setting=Named(), value=(Asked(string=Literal(strength="strong")),)),
    ),
    (
        "{setting: {names: 'a|b', formats: [yaml, python]}}",
        Shape("setting", setting=Named("a|b", ("yaml", "python"))),
    ),
    (
        "{file: ['.ENV', '!*.example'], holds: secret, starts: ['FE ed ??', '0a'], regex: 'a|b'}",
        Shape("file", (".env", "!*.example"), holds="secret", starts=("feed??", "0a"), literal=Literal("a|b")),
    ),
    ("{file: id_rsa}", Shape("file", ("id_rsa",))),
    ("[{import: m}, {import: n}]", Shape("import", ("m",))),
]  # fmt: skip

CONTEXTS = [
    ("inside: {loop: true}", Context(inside=(Surrounding(loop=True),))),
    ("not_inside: {loop: true}", Context(not_inside=(Surrounding(loop=True),))),
    ("assigned_to: 'token|key'", Context(assigned_to="token|key")),
    ("not_assigned_to: 'public|test'", Context(not_assigned_to="public|test")),
    ("imports: 'm.{a,b}'", Context(imports=("m.a", "m.b"))),
    ("not_imports: [m, n]", Context(not_imports=("m", "n"))),
    ("imports: [m, n]", Context(imports=("m", "n"))),
    ("paths: '*.py'", Context(paths=("*.py",))),
    ("paths: ['**', '!/tests/', a/b?.py]", Context(paths=("**", "!/tests/", "a/b?.py"))),
]

TESTS = [
    ("{is: true}", Asked(equals=(True,))),
    ("{is: null}", Asked(equals=(None,))),
    ("{is: 'null'}", Asked(equals=("null",))),
    ("{is: ''}", Asked(equals=("",))),
    ("{is: no}", Asked(equals=("no",))),
    ("{is: 0.5}", Asked(equals=(0.5,))),
    ("{at: 2, in: [1, a, false, ~]}", Asked(at=2, equals=(1, "a", False, None))),
    ("{less_than: 10, more_than: -1.5}", Asked(less_than=10, more_than=-1.5)),
    ("{missing: true}", Asked(missing=True)),
    ("{at: 0, missing: true}", Asked(at=0, missing=True)),
    ("{present: true}", Asked(present=True)),
    ("{literal: true}", Asked(literal="any")),
    *[(f"{{literal: {kind}}}", Asked(literal=kind)) for kind in ("text", "bytes", "string", "number", "any")],
    ("{dynamic: true}", Asked(dynamic=True)),
    ("{dynamic: true, quoted_by: 'shlex.{quote,join}'}", Asked(dynamic=True, quoted_by=("shlex.quote", "shlex.join"))),
    ("{from_request: true}", Asked(from_request="any")),
    ("{from_request: link}", Asked(from_request="link")),
    ("{regex: 'a|b'}", Asked(string=Literal("a|b"))),
    ("{entropy: 3, length: 4}", Asked(string=Literal("", 3, 4))),
    ("{strength: weak}", Asked(string=Literal(strength="weak"))),
    ("{names: 'password|api_key'}", Asked(names="password|api_key")),
    ("{refers_to: [ssl.CERT_NONE]}", Asked(refers_to=("ssl.CERT_NONE",))),
    ("{kind: name}", Asked(kind=("name",))),
    ("{kind: [string, fstring]}", Asked(kind=("string", "fstring"))),
    ("{contains: {is: 1}}", Asked(contains=(Asked(equals=(1,)),))),
    ("{contains: [{is: 1}, {is: 2}]}", Asked(contains=(Asked(equals=(1,)), Asked(equals=(2,))))),
    ("{keys: {verify: {is: false}, '': {missing: true}}}", Asked(keys=(
        ("verify", (Asked(equals=(False,)),)), ("", (Asked(missing=True),)),
    ))),
    ("{call: m.g}", Asked(made_by=Shape("call", ("m.g",)))),
    ("{call: m.g, args: {y: {is: 1}}}", Asked(made_by=Shape("call", ("m.g",), args=(("y", (Asked(equals=(1,)),)),)))),
    ("{method: get, on: m.S}", Asked(made_by=Shape("method", ("get",), ("m.S",)))),
    ("{not: {not: {is: 1}}}", Asked(none_of=(Asked(none_of=(Asked(equals=(1,)),)),))),
    ("{not: [{is: 1}, {present: true}]}", Asked(none_of=(Asked(equals=(1,)), Asked(present=True)))),
]  # fmt: skip

SURROUNDINGS = [
    ("{function: 'test|main'}", Surrounding(function="test|main")),
    ("{class: Test}", Surrounding(cls="Test")),
    ("{decorator: 'm.{a,b}'}", Surrounding(decorator=("m.a", "m.b"))),
    ("{call: [m.f, m.g]}", Surrounding(call=("m.f", "m.g"))),
    ("{with: m.lock}", Surrounding(with_=("m.lock",))),
    ("{loop: true}", Surrounding(loop=True)),
    ("{branch: true}", Surrounding(branch=True)),
    *[(f"{{scope: {scope}}}", Surrounding(scope=scope)) for scope in ("module", "class", "function")],
    ("{function: f, loop: true}", Surrounding(function="f", loop=True)),
]

CURES = [
    ("call: m.g", Cure("C", Safety.SAFE, call=Template("m.g"))),
    ("call: m.g($x)", Cure("C", Safety.SAFE, call=Template("m.g($x)"))),
    ("call: 'm.g($y, $match)', with: {y: f($z), z: $x}, imports: m", Cure("C", Safety.SAFE, call=Template(
        "m.g($y, $match)", holes=(("y", "f($z)"), ("z", "$x")), imports=("m",),
    ))),
    ("call: m.g, args: {drop: [x]}", Cure("C", Safety.SAFE, call=Template("m.g"), drop=("x",))),
    ("value: m.V", Cure("C", Safety.SAFE, value=Template("m.V"))),
    ("value: {road: tls.context}", Cure("C", Safety.SAFE, value=Template(
        "ssl.create_default_context()", "tls.context", (), ("ssl",),
    ))),
    ("args: {set: {x: 'True', y: {road: secret.get, with: {name: '\"N\"'}}}}", Cure("C", Safety.SAFE, set=(
        ("x", Template("True")),
        ("y", Template("os.environ[$name]", "secret.get", (("name", '"N"'),), ("os",))),
    ))),
    ("args: {rename: {x: y}}", Cure("C", Safety.SAFE, rename=(("x", "y"),))),
    ("args: {wrap: {x: m.q}}", Cure("C", Safety.SAFE, wrap=(("x", Template("m.q")),))),
    ("args: {wrap_holes: {x: {road: tls.context}}}", Cure("C", Safety.SAFE, wrap_holes=(
        ("x", Template("ssl.create_default_context()", "tls.context", (), ("ssl",))),
    ))),
    ("args: {placeholders: {x: '?', y: {sqlite3: '?', psycopg: '%s'}}}", Cure("C", Safety.SAFE, placeholders=(
        ("x", (("", "?"),)),
        ("y", (("sqlite3", "?"), ("psycopg", "%s"))),
    ))),
    ("args: {split: [x]}", Cure("C", Safety.SAFE, split=("x",))),
    ("args: {reorder: [y, x]}", Cure("C", Safety.SAFE, reorder=("y", "x"))),
    ("call: {road: tls.context}, args: {drop: [x]}", Cure("C", Safety.SAFE, drop=("x",), call=Template(
        "ssl.create_default_context()", "tls.context", (), ("ssl",),
    ))),
    ("delete: true", Cure("C", Safety.SAFE, delete=True)),
    ("take_out: {road: secret.get, name: API_TOKEN}", Cure("C", Safety.SAFE, take_out=Template(
        "os.environ[$name]", "secret.get", (), ("os",),
    ), setting="API_TOKEN")),
    ("road: tls.context", Cure("C", Safety.SAFE, road="tls.context", call=Template(
        "ssl.create_default_context()", "tls.context", (), ("ssl",),
    ))),
    ("road: tls.context, imports: [a.b]", Cure("C", Safety.SAFE, road="tls.context", call=Template(
        "ssl.create_default_context()", "tls.context", (), ("a.b",),
    ))),
    ("road: secret.get, with: {name: $x}, note: Set it.", Cure("C", Safety.SAFE, road="secret.get", note="Set it.",
        call=Template("os.environ[$name]", "secret.get", (("name", "$x"),), ("os",)),
    )),
    ("road: secret.get, args: {drop: [x]}", Cure("C", Safety.SAFE, road="secret.get", drop=("x",))),
    ("road: secret.get, value: m.V", Cure("C", Safety.SAFE, road="secret.get", value=Template("m.V"))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), SHAPES)
def test_shape(text: str, meant: Shape) -> None:
    assert rule(yaml(find=text, fix=None, examples="[{bad: x}, {fine: z}]")).find[0] == meant


@pytest.mark.parametrize(("text", "meant"), CONTEXTS)
def test_context(text: str, meant: Context) -> None:
    key, _, value = text.partition(": ")
    beside_find = yaml(**{key: value})
    in_the_shape = yaml(find=f"{{call: m.f, args: {{x: {{is: 1}}}}, {text}}}")
    assert [rule(written).find[0].context for written in (beside_find, in_the_shape)] == [meant, meant]


@pytest.mark.parametrize(("text", "meant"), TESTS)
def test_test(text: str, meant: Asked) -> None:
    ((label, found),) = rule(yaml(find=f"{{call: m.f, args: {{x: {text}}}}}")).find[0].args
    assert (label, found) == ("x", (meant,))
    # 1, 1.0 and true are equal in Python and not the same in a rule
    assert repr(found) == repr((meant,))


@pytest.mark.parametrize(("text", "meant"), SURROUNDINGS)
@pytest.mark.parametrize("key", ["inside", "not_inside"])
def test_surrounding(key: str, text: str, meant: Surrounding) -> None:
    for written, several in ((text, (meant,)), (f"[{text}, {{loop: true}}]", (meant, Surrounding(loop=True)))):
        context = rule(yaml(**{key: written})).find[0].context
        assert context == (Context(inside=several) if key == "inside" else Context(not_inside=several))


@pytest.mark.parametrize(("text", "meant"), CURES)
def test_cure(text: str, meant: Cure) -> None:
    (cure,) = rule(yaml(fix=f"{{title: C, safety: safe, {text}}}")).cures
    assert cure == meant
    assert cure.edits


def test_advice() -> None:
    for text, meant in [
        ("", Cure("C", Safety.ADVICE)),
        ("note: N.", Cure("C", Safety.ADVICE, note="N.")),
        ("road: secret.get", Cure("C", Safety.ADVICE, road="secret.get")),
    ]:
        fix = f"{{title: C, safety: advice, {text}}}"
        (cure,) = rule(yaml(fix=fix, examples="[{bad: x}, {fine: z}]")).cures
        assert (cure, cure.edits) == (meant, False)
    filled = "{title: C, safety: advice, road: secret.get, with: {name: $x}}"  # what stands there can be shown
    assert rule(yaml(fix=filled)).cures[0].call == Template(
        "os.environ[$name]", "secret.get", (("name", "$x"),), ("os",)
    )


def test_contexts_of_the_rule_hold_for_every_shape() -> None:
    context = Context(assigned_to="token", imports=("m", "n"), paths=("**", "!*_test.py"))
    found = rule(
        yaml(
            find="[{call: m.f, args: {x: {is: 1}}}, {call: m.g, inside: {loop: true}}, {method: get}]",
            assigned_to="token",
            imports="[m, n]",
            paths="['**', '!*_test.py']",
        )
    ).find
    assert [shape.context for shape in found] == [
        context,
        Context((Surrounding(loop=True),), (), "token", ("m", "n"), ("**", "!*_test.py")),
        context,
    ]


def test_examples() -> None:
    two = "[{title: A, safety: safe, call: m.g}, {title: B, safety: safe, call: m.h}, {title: H, safety: advice}]"
    text = "\n  - {bad: 1x, good: {A: a, B: b}}\n  - {bad: 2x}\n  - {bad: 3x, good: g, path: ''}\n  - {fine: z}"
    assert rule(yaml(fix=two, examples=text)).examples == (
        Example(bad="1x", good=(("A", "a"), ("B", "b")), line=11),
        Example(bad="2x", line=12),
        Example(bad="3x", good=(("A", "g"),), line=13),
        Example(fine="z", line=14),
    )


def test_the_good_of_a_text_is_of_the_first_cure_that_edits() -> None:
    fix = "[{title: H, safety: advice}, {title: A, safety: safe, call: m.g}]"
    assert rule(yaml(fix=fix)).examples[0].good == (("A", "y"),)


def test_secrets_may_be_any_part() -> None:
    assert rule(yaml(secret="x")).secret == ("x",)
    assert rule(yaml(secret="[match, value, left, right]")).secret == ("match", "value", "left", "right")
    hole = yaml(find="{pattern: 'f($KEY)'}", secret="KEY")
    assert rule(hole).secret == ("KEY",)


def test_roads() -> None:
    assert roads("{road: a.b_2, title: T, call: 'f($x)[0]'}") == (Road("a.b_2", "T", "f($x)[0]", source=FILE),)
    whole = """\
- road: a
  title: T
  call: m.n.f
  imports: [m.n, o]
  package: "p>=3"
  docs: https://d.example
  why: |
    One
    text.
- {road: b, title: U, call: g, package: '', docs: , imports: m}
"""
    assert roads(whole) == (
        Road("a", "T", "m.n.f", ("m.n", "o"), "p>=3", "https://d.example", "One text.", FILE),
        Road("b", "U", "g", ("m",), source=FILE),
    )


@pytest.mark.parametrize(
    ("keys", "cases"),
    [
        (schema._TEST_KEYS, TESTS),
        (schema._SURROUNDING_KEYS, SURROUNDINGS),
        (KINDS_OF_SHAPE, SHAPES),
        (tuple(key for keys in schema._SHAPE_KEYS.values() for key in keys), SHAPES),
        (schema._CONTEXT_KEYS, CONTEXTS),
        (schema._LITERAL_KEYS, SHAPES),
        (schema._CURE_ARGS, CURES),
        (tuple(key for key in schema._CURE_KEYS if key not in ("title", "safety")), CURES),
    ],
)
def test_no_key_is_left_out_above(keys: tuple[str, ...], cases: list[tuple[str, object]]) -> None:
    written = {key for text, _ in cases for key in re.findall(r"(\w+): ", text)}
    assert set(keys) <= written
