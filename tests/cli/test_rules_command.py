"""`devsec rules`, `explain` and `demo` as processes."""

from __future__ import annotations

import json

from conftest import Repo


def test_list(repo: Repo) -> None:
    repo.write("devsec.toml", 'rules = ["rules"]\n[levels]\nold = "note"\n')
    rows = {row["id"]: row for row in json.loads(repo.devsec("rules", "list", "--format", "json").stdout)["rules"]}
    assert rows["old"]["level"] == "note"
    assert rows["old"]["fix"] == "safe"
    assert rows["iffy"] == {
        "id": "iffy",
        "title": "The old iffy is called",
        "cwe": ["CWE-1"],
        "severity": "high",
        "confidence": "high",
        "level": "warn",
        "fix": "hardening",
        "stage": "",
        "final": False,
        "deprecated": "",
    }
    table = repo.devsec("rules", "list").stdout
    assert all(any(line.startswith(rule) for line in table.splitlines()) for rule in rows)
    assert f"{len(rows)} rules" in table


def test_without_configuration_only_the_bundled_ones(repo: Repo) -> None:
    done = repo.devsec("rules", "list", "--no-config", "--format", "json")
    assert "old" not in {row["id"] for row in json.loads(done.stdout)["rules"]}


def test_show_is_the_file_as_it_is(repo: Repo) -> None:
    assert repo.devsec("rules", "show", "old").stdout == repo.read("rules/old.yaml")


def test_explain(repo: Repo) -> None:
    out = repo.devsec("explain", "old").stdout
    for part in ("The old old is called", "CWE-1", "It always did.", "Call the new one (safe)", "Before", "After"):
        assert part in out
    assert out.index('legacy.old(password="x")') < out.index("After") < out.index('modern.old(password="x")')


def test_test_names_what_does_not_hold(repo: Repo) -> None:
    repo.write("rules/old.yaml", repo.read("rules/old.yaml").replace("modern.old(password", "moderner.old(password", 1))
    repo.write(
        "more/blind.yaml",
        repo.read("rules/iffy.yaml").replace("iffy", "blind").replace("call: legacy.blind", "call: legacy.bind"),
    )
    done = repo.devsec("rules", "test", "more", "rules/old.yaml")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "missed  blind" in done.stdout
    assert "wrong fix  old" in done.stdout
    assert "iffy" not in done.stdout
    assert "do not hold" in done.stdout


def test_test_of_nothing_is_an_error(repo: Repo) -> None:
    repo.write("empty/readme.txt", "nothing here")
    assert repo.devsec("rules", "test", "empty").returncode == 2
    assert repo.devsec("rules", "test", "nowhere").returncode == 2


def test_the_demo_goes_from_refused_to_clean_and_leaves_nothing(repo: Repo) -> None:
    before = sorted(path for path in repo.root.rglob("*") if ".git" not in path.parts)
    done = repo.devsec("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "blocks" in done.stdout
    assert "+++ b/accounts.py" in done.stdout
    assert "fixed  accounts.py" in done.stdout
    assert sorted(path for path in repo.root.rglob("*") if ".git" not in path.parts) == before
    assert repo.git("status", "--porcelain") == ""


def test_test_tells_each_outcome_with_a_diff(repo: Repo) -> None:
    for name in ("old", "iffy", "quiet"):  # the import that is not needed any more goes
        sound = repo.read(f"rules/{name}.yaml").replace(
            "      import legacy\n      import modern\n", "      import modern\n"
        )
        repo.write(f"rules/{name}.yaml", sound)
    repo.write("rules/old.yaml", repo.read("rules/old.yaml").replace("modern.old(password", "moderner.old(password", 1))
    done = repo.devsec("rules", "test", "rules")
    assert done.returncode == 1
    assert "rules/old.yaml:17: wrong fix  old" in done.stdout
    assert "    -moderner.old(" in done.stdout
    assert "    +modern.old(" in done.stdout
    assert "devsec: 1 of 6 examples of 3 rules do not hold: 1 wrong fix" in done.stdout
    told = json.loads(repo.devsec("rules", "test", "rules", "--format", "json").stdout)
    assert told["summary"] == {
        "rules": 3,
        "examples": 6,
        "outcomes": {
            "holds": 5, "missed": 0, "noisy": 0, "gated": 0, "wrong fix": 1, "not clean": 0, "broken": 0,
        },
    }  # fmt: skip
    (wrong,) = [row for row in told["results"] if row["outcome"] != "holds"]
    assert wrong["rule"] == "old"
    assert (wrong["example"], wrong["line"]) == ("bad", 17)
    assert "-moderner.old(" in wrong["diff"]


def test_a_rule_that_does_not_load_is_said_with_its_place(repo: Repo) -> None:
    repo.write("rules/old.yaml", repo.read("rules/old.yaml").replace("severity: high", "severity: hihg"))
    for more in ((), ("--format", "json")):
        done = repo.devsec("rules", "test", "rules", *more)
        assert (done.returncode, done.stdout) == (2, "")
        assert "rules/old.yaml:4:11: `hihg` is not one of" in done.stderr
        assert "Did you mean 'high'?" in done.stderr
