"""Does docs/setup.md say what is so? Its settings for editors read what devsec prints; its commands run in test_docs_commands.py."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
from conftest import Repo

from devsec.cli.init import command
from devsec.setup import lefthook, native, precommit

from .conftest import BAD

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/setup.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_every_option_is_there() -> None:
    with click.Context(command) as context:
        options = [name for one in command.get_params(context) for name in one.opts if name != "--help"]
    assert {"--hook", "--ci", "--dry-run"} <= set(options)
    for name in options:
        assert f"`{name}" in PAGE, name


def test_names_are_those_of_the_code() -> None:
    for name in (native.KEPT, f"{native.NAME}.command", precommit.FILE, lefthook.FILES[0], "# by devsec init"):
        assert name in PAGE


def test_editors_understand_the_lines(repo: Repo) -> None:
    repo.stage("a folder/app.py", BAD)
    printed = repo.devsec("check", "--format", "lines").stdout
    (task,) = [json.loads(block)["tasks"][0] for block in blocks("json")]
    pattern = task["problemMatcher"]["pattern"]
    found = re.search(pattern.pop("regexp"), printed.splitlines()[0])
    assert found is not None
    said = {name: found.group(number) for name, number in pattern.items()}
    assert (said["file"], said["line"], said["column"]) == ("a folder/app.py", "3", "1")
    assert (said["severity"], said["code"]) == ("block", "old")
    assert "errorformat=%f:%l:%c:\\ %m" in blocks("vim")[0]
