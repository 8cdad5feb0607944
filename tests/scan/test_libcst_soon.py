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
