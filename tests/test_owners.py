"""Whose is a path, as GitHub and GitLab say?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devsec.owners import Owners, load, parse

GITHUB = """\
# everybody
*       @org/all  # not a word
*.js    @js
/docs/  @docs one@example.org
docs/*  @direct
apps/   @apps
/build/logs/ @logs
**/vendor/** @vendor
a\\ b.txt @space
/free
!not @nobody
[a-z].txt
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("x.py", "@org/all"),
        ("deep/x.js", "@js"),
        ("docs/a/b.md", "@docs one@example.org"),
        ("docs/a.md", "@direct"),
        ("other/docs/a/b.md", "@org/all"),
        ("apps/x", "@apps"),
        ("deep/apps/x", "@apps"),
        ("build/logs/x", "@logs"),
        ("deep/build/logs/x", "@org/all"),
        ("a/vendor/b/c", "@vendor"),
        ("a b.txt", "@space"),
        ("free/x", ""),
        ("not", "@org/all"),
    ],
)
def test_github(path: str, owners: str) -> None:
    assert Owners("CODEOWNERS", parse(GITHUB)).of(path) == tuple(owners.split())


GITLAB = """\
* @all
[Docs][2] @writers @editors
docs/
*.md @md
^[Data base]
db/ @dba
[docs]
special.md @special
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("x", "@all"),
        ("docs/x", "@all @writers @editors"),
        ("docs/x.md", "@all @md"),
        ("db/x.md", "@all @md @dba"),
        ("special.md", "@all @special"),
    ],
)
def test_gitlab_sections(path: str, owners: str) -> None:
    assert Owners("CODEOWNERS", parse(GITLAB)).of(path) == tuple(owners.split())


def test_the_first_place_that_is_there(tmp_path: Path) -> None:
    assert load(str(tmp_path)) == Owners()
    for place in (".gitlab/CODEOWNERS", "docs/CODEOWNERS", "CODEOWNERS", ".github/CODEOWNERS"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text(f"* @{place.partition('/')[0]}\n")
        assert load(str(tmp_path)).file == place


def test_nothing_is_read_outside_of_the_repository(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    (tmp_path / "theirs").write_text("* @theirs\n")
    os.symlink(tmp_path / "theirs", root / "CODEOWNERS")
    assert load(str(root)) == Owners()


def test_a_pattern_that_would_take_for_ever_does_not() -> None:
    owners = Owners("CODEOWNERS", parse("*a" * 200 + " @x\n"))
    assert owners.of("a" * 5000 + "b") == ()
