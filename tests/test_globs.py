"""Globs over paths: near misses beside the hits."""

from __future__ import annotations

import pytest

from devsec.globs import matches


@pytest.mark.parametrize(
    ("globs", "path", "expected"),
    [
        pytest.param([], "a/b.py", True, id="no globs: everything"),
        pytest.param(["*.py"], "a/b.py", True, id="no slash: any depth"),
        pytest.param(["*.py"], "a/b.pyc", False, id="whole name"),
        pytest.param(["a/*.py"], "a/b.py", True, id="star in a folder"),
        pytest.param(["a/*.py"], "a/c/b.py", False, id="star does not cross folders"),
        pytest.param(["a/**/b.py"], "a/b.py", True, id="two stars may be nothing"),
        pytest.param(["a/**/b.py"], "a/c/d/b.py", True, id="two stars cross"),
        pytest.param(["a/**"], "a/c/d", True, id="two stars at the end"),
        pytest.param(["a/**"], "ab/c", False, id="folder name is whole"),
        pytest.param(["tests/"], "x/tests/a.py", True, id="folder at any depth"),
        pytest.param(["/tests"], "x/tests/a.py", False, id="leading slash anchors"),
        pytest.param(["!tests/**"], "tests/a.py", False, id="only exclusion: rest stays"),
        pytest.param(["!tests/**"], "src/a.py", True, id="only exclusion: others in"),
        pytest.param(["*.py", "!tests/**", "tests/keep.py"], "tests/keep.py", True, id="later wins"),
        pytest.param(["*.py", "!tests/**"], "tests/a.py", False, id="excluded after included"),
        pytest.param(["a.py"], "axpy", False, id="dot is a dot"),
        pytest.param(["?.py"], "ab.py", False, id="one character"),
        pytest.param(["a"], "b\na", False, id="newline in a name"),
    ],
)
def test_globs(globs: list[str], path: str, expected: bool) -> None:
    assert matches(path, globs) is expected
