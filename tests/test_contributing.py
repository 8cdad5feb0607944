"""Does CONTRIBUTING.md lead to a rule? Its commands are run in their order, and its rule is put where it says."""

from __future__ import annotations

import re
import shlex
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Repo

PAGE = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^   ```{language}\n(.*?)^   ```$", PAGE, re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(block) for block in found]


def run(repo: Repo, session: str) -> list[str]:
    """What each command printed; where the page says what that is, it has to be."""
    out = []
    for words, said in re.findall(r"^\$ devsec (.*)\n((?:(?!\$ ).*\n)*)", session, re.MULTILINE):
        done = repo.devsec(*shlex.split(words))
        assert done.returncode == 0, done.stderr
        assert done.stdout == (said or done.stdout)
        out.append(done.stdout)
    return out


def test_a_rule_in_five_minutes(repo: Repo) -> None:
    first, then = blocks("console")
    (rule,) = blocks("yaml")
    run(repo, first)
    begun = repo.read("rules/acme-send-unchecked.yaml")
    for line in ("call: acme.send", "check: {is: false}", "args: {drop: [check]}"):
        assert line in begun
        assert line in rule
    repo.write("rules/acme-send-unchecked.yaml", rule)
    repo.stage("app.py", "import acme\n\nacme.send(url, check=False)\n")
    _, tried = run(repo, then)
    assert "app.py:3:1  blocks" in tried
    assert "+acme.send(url)" in tried
