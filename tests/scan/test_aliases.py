"""What the names of a file may stand for: never less than the matcher finds, and nothing that the file does not have."""

from __future__ import annotations

import ast

import pytest

from devsec.scan.aliases import Aliases
from devsec.scan.outline import outline
from devsec.text import Lines


def of(source: str) -> Aliases:
    text = source.encode()
    return Aliases(outline(text, Lines(text)), text)


def expression(source: str) -> ast.expr:
    return ast.parse(source, mode="eval").body


@pytest.mark.parametrize(
    ("source", "asked", "names"),
    [
        pytest.param("import a.b", "a.b.c", {"a.b.c"}, id="import of a submodule"),
        pytest.param("import a.b as c", "c.d", {"a.b.d"}, id="under another name"),
        pytest.param("from a import b as c", "c", {"a.b"}, id="from"),
        pytest.param("def f():\n    try:\n        from a import b\n    except E:\n        import b", "b", {"a.b", "b"}, id="nested"),
        pytest.param("match x:\n    case 1:\n        import a", "a", {"a"}, id="in a case"),
        pytest.param("import a\nclass C:\n    d = a.b\n    e = d", "e.f", {"a.b.f"}, id="through assignments"),
        pytest.param("import a\nf(b := a.c)", "b", {"a.c"}, id="walrus"),
        pytest.param("import a\nnode = a.b\nwhile node: node = node.next", "node", {"a.b"}, id="a name of itself"),
        pytest.param("from . import a", "a", set(), id="relative"),
        pytest.param("x = 1", "x.y", set(), id="a value"),
        pytest.param("", "open", {"builtins.open"}, id="builtin"),
        pytest.param("import a", "f().a", set(), id="no chain"),
    ],
)  # fmt: skip
def test_qualified(source: str, asked: str, names: set[str]) -> None:
    assert of(source).qualified(expression(asked)) == names


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("import b\ndef f():\n    a = b.c\ndef g():\n    b = a", id="a circle"),
        pytest.param("\n".join(f"a{n} = a{n + 1}" for n in range(40)) + "\nimport a40", id="a long way"),
        pytest.param("\n".join(f"import m{n}\nx = m{n}.f" for n in range(99)) + "\na0 = x", id="too many"),
    ],
)
def test_what_is_not_worked_out_may_be_anything(source: str) -> None:
    names = of(source)
    asked = expression("a0" if "a0" in source else "a")
    assert names.qualified(asked) is None
    assert names.may_be(asked, ["whatever.it.is"])
    assert ast.unparse(asked) in names.spelled(["whatever.it.is"])


def test_a_star_is_one_segment() -> None:
    names = of("from transformers import AutoModel as M")
    assert names.may_be(expression("M.load"), ["transformers.*.load"])
    assert not names.may_be(expression("M.sub.load"), ["transformers.*.load"])
    assert names.spelled(["transformers.*.load"]) == {"load"}


def test_what_is_not_imported_is_not_spelled() -> None:
    assert of("import os").spelled(["requests.get"]) == set()
    assert of("from requests.sessions import Session as S").spelled(["requests.sessions.Session"]) == {"S"}
    assert of("import os").spelled(["builtins.open"]) == {"open"}


def test_an_attribute_that_leads_on_must_stand_there() -> None:
    assert of("import os as o").spelled(["os.environ.get"]) == {"environ"}
    assert of("from os import environ as e").spelled(["os.environ.get"]) == {"get"}
    assert of("from os import path").spelled(["os.environ.get"]) == set()
    assert of("import os\ne = os.environ").spelled(["os.environ.get"]) == {"environ", "get"}
    assert of("import m").spelled(["m.*"]) == {"m"}
    assert of("import m").spelled(["*.load"]) == {"load"}


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("def f():\n    a = b.c\ndef g():\n    b = a", id="a circle"),
        pytest.param("\n".join(f"a{n} = a{n + 1}" for n in range(40)).replace("a0 ", "a "), id="a long way"),
    ],
)
def test_what_leads_to_no_import_is_nothing_known(source: str) -> None:
    assert of(source).qualified(expression("a")) == frozenset()
