"""`devsec rules try` as a process: what one rule would say about real code, and that it changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import RULE, Repo

from tests.devsec_process import devsec

CODE = 'import legacy\n\nlegacy.old(password="hunter2-hunter2")\nlegacy.old(password="correct-horse-battery")\n'


def test_an_id_with_frames_cures_and_counts(repo: Repo) -> None:
    repo.stage("app.py", CODE)
    repo.stage("other.py", "print()\n")
    done = repo.devsec("rules", "try", "old")
    assert done.returncode == 0, done.stderr
    assert "app.py:3:1  blocks" in done.stdout
    assert "^^^" in done.stdout
    assert "- legacy.old(" in done.stdout
    assert "+ modern.old(" in done.stdout
    assert "2 matches (2 blocking) in 1 file" in done.stdout
    assert "1 of them closely" in done.stdout
    assert "nothing was changed" in done.stdout
    assert repo.read("app.py") == CODE
    assert "hunter2-hunter2" not in done.stdout


def test_a_file_that_is_in_no_folder(repo: Repo) -> None:
    repo.write("draft/new-one.yaml", RULE.format(name="new-one", level="warn", safety="safe").replace(".new-one", ".f"))
    repo.stage("app.py", 'import legacy\nlegacy.f(password="x")\n')
    done = repo.devsec("rules", "try", "draft/new-one.yaml", "app.py")
    assert done.returncode == 0, done.stderr
    assert "app.py:2:1  warns" in done.stdout
    assert repo.devsec("rules", "list").stdout.count("new-one") == 0


def test_what_counts_for_others_hides_their_secrets(repo: Repo) -> None:
    """The rule that is tried knows no secret; another rule does, and its line is in the frame."""
    repo.write(
        "draft/prints.yaml",
        RULE.format(name="prints", level="warn", safety="safe")
        .replace("call: legacy.prints\n  args: {password: {present: true}}", "call: builtins.print")
        .replace("secret: [password]\n", "")
        .replace('legacy.prints(password="x")', "print(1)")
        .replace('modern.prints(password="x")', "modern.prints(1)"),
    )
    repo.stage("app.py", 'import legacy\nlegacy.old(password="hunter2-hunter2")\nprint(2)\n')
    for form in ("text", "json"):
        done = repo.devsec("rules", "try", "draft/prints.yaml", "--diff", "--format", form)
        assert done.returncode == 0, done.stderr
        assert "print" in done.stdout
        assert "hunter2-hunter2" not in done.stdout


def test_a_diff_and_what_is_silenced_stays(repo: Repo) -> None:
    repo.stage("app.py", CODE + 'legacy.old(password="x")  # devsec: ignore[old] false-positive it is another one\n')
    done = repo.devsec("rules", "try", "old", "--diff")
    assert "+modern.old(" in done.stdout
    assert "+import modern" in done.stdout
    assert "would fix" in done.stdout
    assert "2 blocking, 1 silenced" in done.stdout
    assert '-legacy.old(password="x")' not in done.stdout
    assert "hunter2" not in done.stdout


def test_json_is_the_same_twice_and_limited(repo: Repo) -> None:
    repo.stage("app.py", CODE)
    words = ("rules", "try", "old", "--format", "json", "--limit", "1")
    first, second = (repo.started(*words, PYTHONHASHSEED=seed).stdout for seed in "12")
    assert first == second
    told = json.loads(first)
    assert told["rule"]["id"] == "old"
    assert len(told["matches"]) == 1
    assert told["summary"] == {
        "matches": 2, "shown": 1, "files_with_matches": 1, "files": told["summary"]["files"], "looked_at_closely": 1,
        "skipped": 0, "passed": 0, "verdicts": {"block": 2},
    }  # fmt: skip
    assert "1 shown (--limit 0 shows all)" in repo.devsec("rules", "try", "old", "--limit", "1").stdout


def test_a_rule_that_is_off_is_tried_all_the_same(repo: Repo) -> None:
    repo.write("devsec.toml", 'rules = ["rules"]\n[levels]\nold = "off"\n')
    repo.stage("app.py", CODE)
    assert "2 off" in repo.devsec("rules", "try", "old").stdout


def test_many_files_are_shared_out(repo: Repo) -> None:
    for number in range(160):
        repo.write(f"pkg/m{number}.py", "import legacy\nlegacy.old(password='x')\n")
    repo.git("add", ".")
    assert "160 matches (160 blocking) in 160 files, 100 shown" in repo.devsec("rules", "try", "old").stdout


def test_what_cannot_be_checked_is_said(repo: Repo) -> None:
    repo.stage("app.py", "import legacy\nlegacy.old(password='x'\n")
    done = repo.devsec("rules", "try", "old")
    assert done.returncode == 2
    assert "not checked  app.py" in done.stdout


@pytest.mark.parametrize(
    ("words", "file", "says"),
    [
        (("oldd",), None, "Did you mean 'old'?"),
        (("nowhere.yaml",), None, "nowhere.yaml: No such file"),
        (("draft.yaml",), "id: draft\ntitel: x\n", "draft.yaml:2:1: a rule has no key `titel`"),
        (("draft.yaml",), "id: [\n", "draft.yaml:2:1: not YAML"),
        (("draft.yaml",), "road: a.b\ntitle: x\ncall: a.b\n", "holds roads"),
        (("draft.yaml",), RULE.format(name="draft", level="block", safety="safe").replace("call: modern", "road: modern"), "there is no road `modern.draft`"),
        (("policy-weakened",), None, "devsec itself looks for"),
        (("devsec.toml",), None, "is no rule file"),
        (("old", "nowhere"), None, "nowhere"),
        (("old", "--limit", "-1"), None, "limit"),
    ],
)  # fmt: skip
def test_bad_input(repo: Repo, words: tuple[str, ...], file: str | None, says: str) -> None:
    if file is not None:
        repo.write("draft.yaml", file)
    done = repo.devsec("rules", "try", *words)
    assert done.returncode == 2, done.stdout
    assert says in done.stderr, done.stderr
    assert "no match" not in done.stdout


def test_a_rule_of_a_pack_that_does_not_count_yet_leads_to_the_packs_road(repo: Repo) -> None:
    repo.write("acme/pack.yaml", "pack: acme\ntitle: What Acme wants\n")
    repo.write("acme/roads.yaml", "road: acme.old\ntitle: Ours\ncall: acme_client.old\n")
    rule = RULE.format(name="draft", level="warn", safety="safe").replace("call: legacy.draft", "call: legacy.old")
    rule = rule.replace("call: modern.draft", "road: acme.old").replace("legacy.draft(", "legacy.old(")
    repo.write("acme/rules/draft.yaml", rule)
    repo.stage("app.py", CODE)
    done = repo.devsec("rules", "try", "acme/rules/draft.yaml", "app.py", "--diff")
    assert done.returncode == 0, done.stderr
    assert "acme/draft" in done.stdout
    assert "+acme_client.old(" in done.stdout


def test_the_same_with_and_without_a_repository(repo: Repo, tmp_path: Path) -> None:
    folder = tmp_path / "loose"
    folder.mkdir()
    (folder / "old.yaml").write_text(repo.read("rules/old.yaml"))
    (folder / "app.py").write_text(CODE)
    done = devsec("rules", "try", "old.yaml", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "2 matches (2 blocking) in 1 file" in done.stdout
