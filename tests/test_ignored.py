"""What an `[[ignore]]` of the configuration may say, and what is refused with words that help."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import MakeFinding, Repo

from devsec.config import load
from devsec.errors import ConfigError

GOOD = {"path": '"a.json"', "rules": '["a-rule"]', "reason": '"test"'}


def written(**other: str | None) -> str:
    pairs = {**GOOD, **other}
    return "[[ignore]]\n" + "".join(f"{key} = {value}\n" for key, value in pairs.items() if value is not None)


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        pytest.param('ignore = "a"', "ignore must be a list of tables", "[[ignore]]", id="no list"),
        pytest.param("[ignore]\npath = 'a'", "ignore must be a list of tables", "[[ignore]]", id="a table"),
        pytest.param(written(pth='"a"'), "ignore 1: unknown key 'pth'", "'path'", id="unknown key"),
        pytest.param(written(rule='"a"'), "ignore 1: unknown key 'rule'", "'rules'", id="rule, not rules"),
        pytest.param(written(path=None), "ignore 1 has no path", "path =", id="no path"),
        pytest.param(written(path="1"), "path must be text", "path =", id="path no text"),
        pytest.param(written(path='"/etc/passwd"'), "no path inside the repository", "root", id="absolute"),
        pytest.param(written(path='"C:/a"'), "no path inside the repository", "root", id="a drive"),
        pytest.param(written(path='"~/a"'), "no path inside the repository", "root", id="a home"),
        pytest.param(written(path='"!a"'), "no path inside the repository", "root", id="all but"),
        pytest.param(written(path='"a/../../b"'), "does not stay inside", "root", id="out by dots"),
        pytest.param(written(rules=None), "rules must be a list", 'rules = ["rule-id"]', id="no rules"),
        pytest.param(written(rules="[]"), "rules must be a list", 'rules = ["rule-id"]', id="no rule in rules"),
        pytest.param(written(rules='"a-rule"'), "rules must be a list", 'rules = ["rule-id"]', id="rules no list"),
        pytest.param(written(reason=None), "ignore 1 has no reason", "reason =", id="no reason"),
        pytest.param(written(reason='"because"'), "reason: it gives a reason without a class", "test", id="no class"),
        pytest.param(written(reason='"false-positve x"'), "without a class", "'false-positive'", id="misspelt class"),
        pytest.param(written(reason='"fix-later(soon)"'), "'soon' for a day", "fix-later(2027", id="no day"),
        pytest.param(written(reason='"accepted-risk() x"'), "names no ticket", "accepted-risk(TICKET)", id="no ticket"),
        pytest.param(written(fingerprint='"no"'), "fingerprint must be", "--format json", id="no fingerprint"),
        pytest.param(written(fingerprint='""'), "fingerprint must be", "--format json", id="an empty fingerprint"),
        pytest.param(
            written(path='"*.json"', fingerprint=f'"{"a" * 32}"'), "is of one file", "Name the file", id="of a glob"
        ),
    ],
)
def test_refused(tmp_path: Path, text: str, says: str, hint: str) -> None:
    (tmp_path / "devsec.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(str(tmp_path))
    assert says in caught.value.message
    assert caught.value.message.startswith("devsec.toml: ignore")
    assert hint in caught.value.hint


def test_an_entry_of_a_rule_that_is_none_is_refused(repo: Repo) -> None:
    repo.write("devsec.toml", 'rules = ["rules"]\n' + written(rules='["odl"]'))
    done = repo.devsec("check")
    assert done.returncode == 2
    assert "devsec.toml: ignore 1: rules: there is no rule 'odl'" in done.stderr
    assert "Did you mean 'old'?" in done.stderr


def test_in_pyproject_it_is_below_tool(tmp_path: Path, finding: MakeFinding) -> None:
    (tmp_path / "pyproject.toml").write_text(written().replace("[[ignore]]", "[[tool.devsec.ignore]]"))
    (entry,) = load(str(tmp_path)).ignored
    assert entry.covers(finding(b"f(1)", "f(1)", path="a.json"))
    assert not entry.covers(finding(b"f(1)", "f(1)", path="b/a.json"))
    assert not entry.covers(finding(b"f(1)", "f(1)", path="a.json", rule="b-rule"))


def test_it_is_read_by_nobody_who_has_none(repo: Repo) -> None:
    import subprocess
    import sys

    code = "import sys; from devsec.config import load; load('.'); print(*sorted(m for m in sys.modules if 'devsec.' in m))"
    done = subprocess.run([sys.executable, "-c", code], cwd=repo.root, check=True, capture_output=True, text=True)
    assert "devsec.config" in done.stdout.split()
    assert "devsec.ignored" not in done.stdout.split()
    assert "devsec.reasons" not in done.stdout.split()
