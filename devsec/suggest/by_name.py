"""Which files look like tests? By the names that test runners look for; only those that are there."""

from __future__ import annotations

from collections.abc import Sequence

from devsec.globs import matches
from devsec.suggest.proposal import Proposed, entry

_GLOBS = (
    *("tests/", "test/", "__tests__/", "testdata/", "e2e/"),
    *(
        "test_*.py",
        "*_test.py",
        "conftest.py",
        "*_test.go",
        "*.test.js",
        "*.test.ts",
        "*.test.tsx",
        "*.spec.js",
        "*.spec.ts",
    ),
)


def proposed(files: Sequence[str]) -> Proposed:
    """One context for all of them."""
    globs: list[str] = []
    for glob in _GLOBS:
        # A glob that says no more than those before it is left out.
        if any(matches(file, [glob]) and not (globs and matches(file, globs)) for file in files):
            globs.append(glob)
    return Proposed((entry(tuple(globs), "by their names", {"lifecycle": "test"}),) if globs else ())
