"""LibCST imported our way is the LibCST that others import: asked in processes of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

SEEN = """
import dataclasses, sys
before = dict(vars(dataclasses))
{how}
import libcst as cst
assert all(getattr(dataclasses, name) is value for name, value in before.items())
tree = cst.parse_module("def f(a, *, b: int = 1) -> str:\\n    return a @ b  # so\\n\\nclass C(D): pass\\n")
print(tree.code, tree.deep_clone().deep_equals(tree), hash(tree.body[0]) == hash(tree.body[0]), tree == tree.deep_clone())
name = cst.Name("a")
print(repr(name), name.with_changes(value="b").value, dataclasses.replace(name, value="c").value)
for change in (lambda: setattr(name, "value", "x"), lambda: delattr(name, "value"), lambda: cst.Name(), lambda: cst.Name("1 2"), lambda: cst.Name("a", lpar=[cst.LeftParen()])):
    try:
        change()
        print("done")
    except Exception as error:
        print(type(error).__name__, error)
class Mine(cst.CSTTransformer):
    def leave_Name(self, old, new):
        return new.with_changes(value=new.value.upper())
class Seen(cst.CSTVisitor):
    def visit_Name(self, node):
        print("visited", node.value)
    def leave_ClassDef(self, node):
        print("left", node.name.value)
    def visit_FunctionDef_params(self, node):
        print("params")
tree.visit(Seen())
class Batched(cst.BatchableCSTVisitor):
    def visit_Name(self, node):
        print("batched", node.value)
cst.visit_batched(tree, [Batched()])
import libcst.metadata as metadata
print(metadata is cst.metadata, metadata.base_provider.BatchableMetadataProvider is cst.BatchableMetadataProvider)
wrapper = cst.MetadataWrapper(tree)
for provider in (metadata.PositionProvider, metadata.QualifiedNameProvider, metadata.ScopeProvider):
    print(provider.__name__, len(wrapper.resolve(provider)))
print(sorted(name for name in dir(metadata) if not name.startswith("__")))
import libcst.matchers as m
print(len(m.findall(tree, m.Name())))
print(tree.visit(Mine()).code, [field.name for field in dataclasses.fields(cst.Call)])
"""


def said(how: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", SEEN.format(how=how)], capture_output=True, text=True, check=True
    ).stdout


def test_it_behaves_as_ever() -> None:
    ours = said("from devsec.scan.libcst_soon import load; load(); load()")
    assert ours == said("")
    assert "FrozenInstanceError" in ours


@pytest.mark.skipif(
    sys.version_info >= (3, 13), reason="from Python 3.13 on dataclasses compiles in another way: nothing to see"
)
def test_few_methods_are_compiled() -> None:
    counted = "import builtins, dataclasses; real = dataclasses._create_fn; made = []\n" + (
        "def counting(name, args, body, *, globals=None, locals=None, return_type=dataclasses.MISSING):\n"
        "    made.append(name)\n    return real(name, args, body, globals=globals, locals=locals, return_type=return_type)\n"
        "dataclasses._create_fn = counting\n{how}\nimport libcst\nlibcst.parse_module('x = f(1)')\nprint(len(made))"
    )
    numbers = [
        int(
            subprocess.run(
                [sys.executable, "-c", counted.format(how=how)], capture_output=True, text=True, check=True
            ).stdout
        )
        for how in ("from devsec.scan.libcst_soon import load; load()", "")
    ]
    assert numbers[0] * 5 < numbers[1]


def test_what_has_another_form_is_left_alone() -> None:
    other = (
        "dataclasses._create_fn = other = lambda name, body: None\n"
        "from devsec.scan.libcst_soon import _compiled_on_first_call\n"
        "with _compiled_on_first_call():\n    assert dataclasses._create_fn is other\n"
    )
    back = (
        "del dataclasses._create_fn" if sys.version_info >= (3, 13) else "dataclasses._create_fn = before['_create_fn']"
    )
    assert said(other + back) == said("")


def test_what_nobody_here_asks_for_is_not_there() -> None:
    listed = "import sys\nfrom devsec.scan.libcst_soon import load\nload()\nprint(*sys.modules)"
    there = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True).stdout.split()
    assert "libcst._nodes.expression" in there, "the test looks at the right process"
    assert not {"libcst.metadata.scope_provider", "libcst.metadata.type_inference_provider", "libcst.matchers"} & set(
        there
    )


@pytest.mark.parametrize(
    "other",
    [
        "typed = sys.modules.__setitem__('libcst._typed_visitor', sys)",  # it gives other names
        "raise ImportError('no libcst.metadata')",
    ],
)
def test_where_it_does_not_come_up_like_this_it_is_imported_as_ever(other: str) -> None:
    how = (
        f"import devsec.scan.libcst_soon as soon\ndef stand_in():\n    {other}\nsoon._stand_in = stand_in\nsoon.load()"
    )
    assert said(how) == said("")
