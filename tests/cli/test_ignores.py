"""`devsec ignores`: all that is silenced, with why, since when and whose."""

from __future__ import annotations

import json

from conftest import RULE, Repo

OLD = "import legacy\n\nlegacy.old(password=secret)  # devsec: ignore[old] {}\n"


def filled(repo: Repo) -> None:
    repo.write("CODEOWNERS", "* @org/all\n/sub/ @org/sub\n")
    repo.write("data.json", "{}\n")
    entry = '[[ignore]]\npath = "data.json"\nrules = ["iffy"]\nreason = "accepted-risk(SEC-7): nobody reads it"\n'
    repo.write("devsec.toml", 'rules = ["rules"]\n' + entry)
    repo.write("sub/a.py", OLD.format("fix-later(2027-01-31): soon"))
    repo.write(
        "b.py",
        OLD.format("test") + "x = 1  # devsec: ignore[iffy] false-positive no\ny = 1  # devsec: ignore[odl] test\n",
    )
    repo.git("add", ".")
    repo.git("-c", "user.useConfigOnly=true", "commit", "-q", "--no-verify", "--date=2026-01-01T12:00:00Z", "-m", "x")


def rows(repo: Repo, *words: str, day: str = "2026-11-01") -> dict[str, dict[str, object]]:
    done = repo.devsec("ignores", *words, "--format", "json", DEVSEC_TODAY=day)
    assert done.returncode == 0, done.stderr
    return {f"{one['path']}:{one['line']} {one['rule']}": one for one in json.loads(done.stdout)["ignores"]}


def test_all_of_them_by_place(repo: Repo) -> None:
    filled(repo)
    found = rows(repo)
    assert list(found) == ["b.py:3 old", "b.py:4 iffy", "b.py:5 odl", "devsec.toml:2 iffy", "sub/a.py:3 old"]
    assert [one["unused"] for one in found.values()] == [False, True, None, True, False]
    assert [one["class"] for one in found.values()] == ["test", "false-positive", "test", "accepted-risk", "fix-later"]
    assert {one["since"] for one in found.values()} == {"2026-01-01"}
    assert [one["owners"] for one in found.values()] == [["@org/all"]] * 4 + [["@org/sub"]]
    assert found["devsec.toml:2 iffy"]["about"] == "data.json"
    assert found["devsec.toml:2 iffy"]["ticket"] == "SEC-7"
    assert found["b.py:5 odl"]["nothing"] == "there is no rule 'odl'"


def test_in_words(repo: Repo) -> None:
    filled(repo)
    done = repo.devsec("ignores", DEVSEC_TODAY="2027-01-15")
    assert done.stdout.splitlines()[:2] == ["b.py:3  old  since 2026-01-01 (379 days)  @org/all", "  test"]
    assert "  soon over  on 2027-01-31" in done.stdout
    assert "  no effect  there is no rule 'odl'" in done.stdout
    assert "devsec.toml:2  iffy  in data.json  since 2026-01-01 (379 days)  @org/all" in done.stdout
    assert done.stdout.splitlines()[-1] == (
        "devsec: 5 silences: 1 test, 1 false-positive, 1 fix-later, 1 accepted-risk; 2 unused; 1 soon over; 1 without effect"
    )


def test_only_what_is_over(repo: Repo) -> None:
    filled(repo)
    assert list(rows(repo, "--expired", day="2027-01-31")) == []
    assert list(rows(repo, "--expired", day="2027-02-01")) == ["sub/a.py:3 old"]
    assert "devsec: no silence is over" in repo.devsec("ignores", "--expired", DEVSEC_TODAY="2027-01-31").stdout


def test_paths_narrow_it(repo: Repo) -> None:
    filled(repo)
    assert list(rows(repo, "sub")) == ["sub/a.py:3 old"]
    assert list(rows(repo, "data.json")) == ["devsec.toml:2 iffy"]


def test_a_line_that_is_not_committed_has_no_day(repo: Repo) -> None:
    filled(repo)
    repo.write("b.py", repo.read("b.py") + "z = 1  # devsec: ignore[old] test\n")
    repo.write("new.py", "z = 1  # devsec: ignore[old] test\n")
    found = rows(repo)
    assert (found["b.py:6 old"]["since"], found["b.py:3 old"]["since"]) == ("", "2026-01-01")
    assert found["new.py:1 old"]["since"] == ""


def test_nothing_is_silenced(repo: Repo) -> None:
    done = repo.devsec("ignores")
    assert (done.returncode, done.stdout) == (0, "devsec: nothing is silenced\n")


def test_a_rule_that_cannot_be_silenced(repo: Repo) -> None:
    repo.write("rules/old.yaml", RULE.format(name="old", level="block", safety="safe") + "unsilenceable: true\n")
    repo.write("a.py", OLD.format("test"))
    assert rows(repo)["a.py:3 old"]["nothing"] == "this rule cannot be silenced"


def test_a_secret_in_a_reason_is_not_shown(repo: Repo) -> None:
    repo.write(
        "a.py", 'import legacy\nlegacy.old(password="canary-canary")  # devsec: ignore[old] test canary-canary\n'
    )
    for words in ((), ("--format", "json")):
        done = repo.devsec("ignores", *words)
        assert "a.py" in done.stdout
        assert "canary-canary" not in done.stdout + done.stderr


def test_a_file_that_does_not_parse_is_listed_all_the_same(repo: Repo) -> None:
    repo.write("a.py", OLD.format("test") + "def broken(:\n")
    assert rows(repo)["a.py:3 old"]["unused"] is None
