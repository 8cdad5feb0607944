"""Imports that a fix made unused go; all others stay as they are."""

from __future__ import annotations

import pytest

from devsec.fix.unused import unused
from devsec.text import apply


def tidied(before: str, after: str, path: str = "a.py") -> str:
    return apply(after.encode(), unused(before.encode(), after.encode(), path)).decode()


USE = "x = load(y)\n"
NEW = "x = safe(y)\n"


@pytest.mark.parametrize(
    ("head", "left"),
    [
        pytest.param("import load\n", "", id="alone"),
        pytest.param("from m import load\n", "", id="from"),
        pytest.param("import m as load\n", "", id="under another name"),
        pytest.param("import load, os\n", "import os\n", id="the first of two"),
        pytest.param("import os, load\n", "import os\n", id="the last of two"),
        pytest.param("from m import a, load, b\n", "from m import a, b\n", id="in the middle"),
        pytest.param("from m import (\n    a,\n    load,\n)\n", "from m import (\n    a,\n)\n", id="the last of several lines"),
        pytest.param("from m import (\n    load,\n    b,\n)\n", "from m import (\n    b,\n)\n", id="the first of several lines"),
        pytest.param("from m import (\n    load,\n)\n", "", id="all of several lines"),
        pytest.param("import os\n\nimport load\n\nimport z\n", "import os\n\nimport z\n", id="a section of its own"),
        pytest.param("import load\n\nimport z\n", "import z\n", id="the first section"),
        pytest.param("import os\nimport load\n\nimport z\n", "import os\n\nimport z\n", id="the last of a section"),
        pytest.param("import load  # the old one, see #12\n", "# the old one, see #12\n", id="a comment that says something"),
        pytest.param("import load  # isort: skip\n", "", id="a comment for a tool"),
        pytest.param("import load\r\nimport z\r\n", "import z\r\n", id="other line endings"),
    ],
)  # fmt: skip
def test_what_goes(head: str, left: str) -> None:
    assert tidied(head + USE, head + NEW) == left + NEW


def test_a_whole_section_goes_with_one_of_its_blank_lines() -> None:
    head = "import os\n\nimport dump\nimport load\n\nimport z\n"
    assert tidied(f"{head}{USE}dump(x)\n", f"{head}{NEW}") == f"import os\n\nimport z\n{NEW}"


@pytest.mark.parametrize(
    ("head", "path"),
    [
        pytest.param("import load\n", "pkg/__init__.py", id="others import from __init__"),
        pytest.param("import load\n", "conftest.py", id="fixtures are found by name"),
        pytest.param("import load as load\n", "a.py", id="re-exported"),
        pytest.param("import load  # noqa: F401\n", "a.py", id="wanted though unused"),
        pytest.param("import load\n__all__ = ['load']\n", "a.py", id="in __all__"),
        pytest.param("import load\ny: 'load.T' = 0\n", "a.py", id="in an annotation"),
        pytest.param("import load\ny = 0  # type: load.T\n", "a.py", id="in a type comment"),
        pytest.param("try:\n    import load\nexcept ImportError:\n    pass\n", "a.py", id="tried"),
        pytest.param("if os:\n    import load\n", "a.py", id="conditional"),
        pytest.param("import load; import os\n", "a.py", id="two on a line"),
        pytest.param("from m import (  # why\n    load,\n)\n", "a.py", id="a comment inside"),
        pytest.param("from m import \\\n    load\n", "a.py", id="continued"),
        pytest.param("import load\nfrom m import load\n", "a.py", id="bound twice"),
        pytest.param("from m import *\n", "a.py", id="a star"),
        pytest.param("import a\nfrom a.b import load\na.b.f()\n", "a.py", id="loads what another name needs"),
        pytest.param("import other\n", "a.py", id="never used"),
    ],
)
def test_what_stays(head: str, path: str) -> None:
    assert tidied(head + USE, head + NEW, path) == head + NEW


def test_what_is_still_used_stays() -> None:
    assert tidied("import load\nload.a(load.b)\n", "import load\nsafe.a(load.b)\n") == "import load\nsafe.a(load.b)\n"
