"""A change that asks less of devsec is itself told, once, at the line that says so; nothing else is."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from conftest import Repo

BEFORE = """\
rules = ["rules"]
exclude = ["vendor/", "gen/", "!gen/keep.py"]

[[context]]
paths = ["services/**"]
exposure = "public"
labels = ["pci"]

[[context]]
paths = ["services/pay/**"]
data = "sensitive"
because = "card numbers"

[levels]
old = "block"
quiet = "warn"
"""


@pytest.fixture
def policy(repo: Repo) -> Repo:
    repo.commit(
        ("devsec.toml", BEFORE),
        ("services/pay/a.py", "a = 1\n"),
        ("services/b.py", "b = 1\n"),
        ("gen/keep.py", "c = 1\n"),
    )
    return repo


def told(repo: Repo, *words: str) -> list[tuple[str, int, str, str]]:
    done = repo.devsec("check", "--format", "json", *words)
    assert not done.stderr, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return [
        (one["path"], one["line"], one["title"], one["verdict"])
        for one in report["findings"]
        if one["rule"] == "policy-weakened"
    ]


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ('old = "block"', 'old = "note"', [(15, "old goes from block to note")]),
        ('old = "block"', 'old = "off"', [(15, "old goes from block to off")]),
        ('quiet = "warn"\n', "", [(14, "quiet goes from warn to its own level (note)")]),
        ('quiet = "warn"', 'quiet = "warn"\niffy = "note"', [(17, "iffy goes from its own level (warn) to note")]),
        ('["vendor/"', '["vendor/", "src/"', [(2, "src/ is not looked at any more")]),
        (', "!gen/keep.py"]', "]", [(2, "gen/keep.py is not taken out of `exclude` any more")]),
        ('"gen/", "!gen/keep.py"]', '"!gen/keep.py", "gen/"]', [(2, "`exclude` has another order, in which later globs win")]),
        (
            'exposure = "public"',
            'exposure = "internal"',
            [(6, "exposure goes from public to internal for services/b.py, services/pay/a.py")],
        ),
        ('data = "sensitive"', 'lifecycle = "test"', [
            (4, "data goes from sensitive to unsaid for services/pay/a.py"),
            (11, "lifecycle goes from unsaid to test for services/pay/a.py"),
        ]),
        ('labels = ["pci"]\n', "", [(4, "the label pci is taken from services/b.py, services/pay/a.py")]),
        ('"services/pay/**"', '"services/payments/**"', [(4, "data goes from sensitive to unsaid for services/pay/a.py")]),
        ('rules = ["rules"]\n', "", []),  # below: levels for rules that are gone are an error
    ],
)  # fmt: skip
def test_each_thing_that_can_be_asked_less(policy: Repo, old: str, new: str, wanted: list[tuple[int, str]]) -> None:
    assert BEFORE.count(old) == 1
    policy.stage("devsec.toml", BEFORE.replace(old, new))
    if not wanted:
        assert policy.devsec("check").returncode == 2
        return
    assert told(policy) == [("devsec.toml", line, says, "warn") for line, says in wanted]
    assert policy.devsec("check").returncode == 0  # it warns
    # It is told once: the next commit starts from there.
    policy.commit()
    policy.stage("other.py", "a = 1\n")
    assert told(policy) == []
    # CI says the same of the branch.
    assert told(policy, "--since", "HEAD~1") == [("devsec.toml", line, says, "warn") for line, says in wanted]
    assert told(policy, "--all") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('quiet = "warn"', 'quiet = "block"'),
        ('quiet = "warn"', 'quiet = "warn"  # still'),
        ('exclude = ["vendor/", "gen/", "!gen/keep.py"]\n', ""),
        ('data = "sensitive"', 'data = "sensitive"\nlifecycle = "production"'),
        ("card numbers", "cards"),
        ('"services/**"', '"services/**", "new/**"'),
        ('[[context]]\npaths = ["services/**"]', '[[context]]\npaths = ["docs/**"]\ndata = "none"\n\n[[context]]\npaths = ["services/**"]'),
    ],
)  # fmt: skip
def test_what_asks_no_less_is_not_told(policy: Repo, old: str, new: str) -> None:
    assert BEFORE.count(old) == 1
    policy.stage("devsec.toml", BEFORE.replace(old, new))
    assert told(policy) == []


def test_every_format_shows_it(policy: Repo) -> None:
    policy.stage("devsec.toml", BEFORE.replace('old = "block"', 'old = "off"'))
    for form in ("text", "lines", "github", "gitlab", "junit", "sarif", "json"):
        shown = policy.devsec("check", "--format", form).stdout
        assert "policy-weakened" in shown, form
        assert "old goes from block to off" in shown, form
    assert policy.devsec("check", "-q").stdout == ""


def test_a_change_cannot_switch_off_that_it_is_told(policy: Repo) -> None:
    text = BEFORE + 'policy-weakened = "off"\n'
    policy.stage("devsec.toml", "# devsec: ignore[policy-weakened] test it is\n" + text)
    assert told(policy) == [("devsec.toml", 18, "policy-weakened goes from its own level (warn) to off", "warn")]
    policy.commit()
    policy.stage("devsec.toml", text.replace('"block"', '"off"'))
    assert told(policy) == []  # whoever answers for the rules has let that pass


def test_an_organisation_may_block_it(policy: Repo) -> None:
    strict = BEFORE + 'policy-weakened = "block"\n'
    policy.commit(("devsec.toml", strict))
    policy.stage("devsec.toml", strict.replace('old = "block"', 'old = "warn"'))
    assert told(policy) == [("devsec.toml", 15, "old goes from block to warn", "block")]
    assert policy.devsec("check").returncode == 1


def test_leaving_the_configuration_out_does_not_hide_it(policy: Repo) -> None:
    policy.stage("devsec.toml", BEFORE.replace('"vendor/"', '"vendor/", "devsec.toml"'))
    assert told(policy) == [("devsec.toml", 2, "devsec.toml is not looked at any more", "warn")]


def test_deleted_and_moved(policy: Repo) -> None:
    policy.git("rm", "-q", "devsec.toml")
    found = told(policy)
    assert (
        "devsec.toml",
        1,
        "exposure goes from public to unsaid for services/b.py, services/pay/a.py",
        "warn",
    ) in found
    assert "the folder of rules rules does not count any more" in [says for _, _, says, _ in found]
    assert "policy-weakened" in policy.devsec("check").stdout
    policy.git("reset", "-q", "--hard")
    policy.git("mv", "devsec.toml", "off.toml")
    assert told(policy) == found


def test_the_table_in_pyproject_counts_only_without_the_other_file(policy: Repo) -> None:
    table = '[tool.devsec]\nexclude = ["src/"]\n'
    policy.stage("pyproject.toml", table)
    assert told(policy) == []
    policy.commit()
    policy.git("rm", "-q", "devsec.toml")
    assert ("pyproject.toml", 2, "src/ is not looked at any more", "warn") in told(policy)
    policy.commit()
    policy.stage("pyproject.toml", '[project]\nname = "x"\n\n' + table.replace("src/", "lib/"))
    assert told(policy) == [("pyproject.toml", 5, "lib/ is not looked at any more", "warn")]


def test_what_is_staged_counts_and_not_what_is_on_disk(policy: Repo) -> None:
    policy.stage("devsec.toml", BEFORE.replace('old = "block"', 'old = "off"'))
    policy.write("devsec.toml", BEFORE)
    assert told(policy) == [("devsec.toml", 15, "old goes from block to off", "warn")]
    policy.git("add", ".")
    policy.write("devsec.toml", BEFORE.replace('old = "block"', 'old = "off"'))
    policy.stage("a.py", "a = 1\n")
    assert told(policy) == []


def test_under_pre_commit_whichever_files_it_passes(policy: Repo) -> None:
    policy.stage("devsec.toml", BEFORE.replace('old = "block"', 'old = "off"'))
    policy.stage("a.py", "a = 1\n")
    done = policy.devsec("check", "a.py", PRE_COMMIT="1")
    assert "old goes from block to off" in done.stdout


def test_a_base_that_does_not_parse_asked_for_nothing(policy: Repo) -> None:
    policy.commit(("devsec.toml", "exclude = [\n"))
    policy.stage("devsec.toml", BEFORE)
    assert [says for _, _, says, _ in told(policy)] == [
        "gen/ is not looked at any more",
        "vendor/ is not looked at any more",
    ]


def test_staged_words_that_do_not_hold_together_are_refused(policy: Repo) -> None:
    policy.stage("devsec.toml", "exclude = [\n")
    policy.write("devsec.toml", BEFORE)
    done = policy.devsec("check")
    assert (done.returncode, "devsec.toml is not TOML" in done.stderr) == (2, True)


def test_before_the_first_commit_nobody_asked_for_anything(repo: Repo) -> None:
    repo.git("update-ref", "-d", "HEAD")
    repo.git("rm", "-rq", "--cached", ".")
    repo.stage("devsec.toml", 'exclude = ["src/"]\n')
    assert told(repo) == []


def test_in_a_merge_what_a_parent_said_is_nobodys_change(policy: Repo) -> None:
    policy.git("checkout", "-q", "-b", "side")
    policy.commit(("devsec.toml", BEFORE.replace('old = "block"', 'old = "warn"')))
    policy.git("checkout", "-q", "main")
    policy.commit(("other.py", "x = 1\n"))
    policy.git("merge", "-q", "--no-commit", "--no-ff", "side")
    assert told(policy) == []
    policy.stage("devsec.toml", BEFORE.replace('old = "block"', 'old = "note"'))
    assert told(policy) == [("devsec.toml", 15, "old goes from block to note", "warn")]


def test_no_secret_beside_it_is_shown(policy: Repo) -> None:
    secret = "SG.xK3vQ9mZ2bN7pL4wR8tY1c" + "." + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bD1fG3hJ5kL7nP9q"
    text = BEFORE.replace('old = "block"', f'old = "off"  # {secret}').replace('"vendor/"', '"vendor/", "devsec.toml"')
    policy.stage("devsec.toml", text)
    for form in ("text", "json", "sarif", "lines"):
        shown = policy.devsec("check", "--format", form).stdout
        assert "old goes from block to off" in shown
        assert secret not in shown


def rule_with(repo: Repo, more: str, level: str = "block") -> str:
    text = repo.read("rules/old.yaml")
    return text.replace("level: block\n", f"level: {level}\n{more}")


STRICT = "final: true\nunsilenceable: true\nin_tests: true\nwhen:\n  - {exposure: public, level: block}\n"


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        (("", "block"), ("", "warn"), ["old goes from block to warn"]),
        (("", "warn"), ("", "block"), []),
        ((STRICT, "warn"), (STRICT.replace("final: true\n", ""), "warn"), ["old is not final any more"]),
        (
            (STRICT, "warn"),
            (STRICT.replace("unsilenceable: true\n", ""), "warn"),
            ["old is not unsilenceable any more"],
        ),
        ((STRICT, "warn"), (STRICT.replace("in_tests: true\n", ""), "warn"), ["old is not counted in tests any more"]),
        (
            (STRICT, "warn"),
            (STRICT.replace("level: block}", "level: note}"), "warn"),
            ["old goes from block to note where exposure is public"],
        ),
        (("", "block"), ("stage: shadow\n", "block"), ["the stage of old goes from block to shadow"]),
        (
            ("stage: warn\nblock_from: 2027-01-01\n", "block"),
            ("stage: warn\nblock_from: 2028-01-01\n", "block"),
            ["the stage of old goes from block to warn on 2027-01-01"],
        ),
        (("stage: warn\nblock_from: 2027-01-01\n", "block"), ("", "block"), []),
    ],
)
def test_rules_of_the_repository(
    policy: Repo, before: tuple[str, str], after: tuple[str, str], wanted: list[str]
) -> None:
    one, other = rule_with(policy, *before), rule_with(policy, *after)
    policy.commit(("rules/old.yaml", one))
    policy.stage("rules/old.yaml", other)
    assert [says for _, _, says, _ in told(policy)] == wanted


def test_a_rule_that_is_taken_away(policy: Repo) -> None:
    policy.stage("devsec.toml", BEFORE.replace('old = "block"\n', ""))
    policy.git("rm", "-q", "rules/old.yaml")
    assert ("rules/old.yaml", 1, "the rule old is taken away", "warn") in told(policy)
    policy.git("reset", "-q", "--hard")
    policy.git("mv", "rules/old.yaml", "rules/deeper.yaml")
    policy.git("mv", "rules/deeper.yaml", "rules/old.yaml")
    assert told(policy) == []


PACK = """\
pack: acme
title: What Acme wants
rules:
  weak-hash:
    level: block
    final: true
  tls-old-version: {stage: warn}
roads:
  secret.get: {final: true}
"""


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("    final: true\n", "", [(4, "weak-hash is not final any more")]),
        ("level: block", "level: note", [(4, "weak-hash goes from block to note")]),
        ("{stage: warn}", "{stage: shadow}", [(7, "the stage of tls-old-version goes from warn to shadow")]),
        ("roads:\n  secret.get: {final: true}\n", "", [(1, "the road secret.get is not final any more")]),
        ("level: block", "level: block\n    unsilenceable: true", []),
    ],
)
def test_packs(policy: Repo, old: str, new: str, wanted: list[tuple[int, str]]) -> None:
    """A pack in a folder of its own: it need not count here, it counts in the repositories that install it."""
    policy.commit(("acme/pack.yaml", PACK))
    policy.stage("acme/pack.yaml", PACK.replace(old, new))
    assert told(policy) == [("acme/pack.yaml", line, says, "warn") for line, says in wanted]


def test_lists_that_are_only_looked_at_as_they_stand() -> None:
    """Entries that silence, and packs that are asked for: compared as tables, whoever gives them a meaning."""
    from devsec.weakening import _list, _named

    assert _list({"ignore": 3}, "ignore") == []
    assert _named({"rules": ["a"], "path": "b"}) == "a in b"
    assert _named(3) == "a new entry"


@pytest.mark.parametrize("path", ["a.py", "deploy/k8s.yaml", "pyproject.toml", "notes.toml"])
def test_a_commit_about_something_else_loads_none_of_it(policy: Repo, path: str) -> None:
    policy.stage(path, '[project]\nname = "x"\n' if path.endswith("toml") else "a: 1\n")
    code = (
        "import sys\nfrom devsec.cli import main\n"
        "try: main(['check'])\nexcept SystemExit: pass\nprint('devsec.weakening' in sys.modules, 'yaml' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=policy.root, check=True, capture_output=True, text=True)
    # The first run has read the rules.
    done = subprocess.run([sys.executable, "-c", code], cwd=policy.root, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1].startswith("False")
