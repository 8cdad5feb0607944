"""TLS 1.1 inside is a note, to the public a warning, with card numbers it blocks: through the command line, everywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import Repo

from tests.devsec_process import devsec

TLS = """\
import ssl

context = ssl.create_default_context()
context.minimum_version = ssl.TLSVersion.TLSv1_1
"""
CONFIG = """\
# who is who
[[context]]
paths = ["inside/**"]
exposure = "internal"

[[context]]
paths = ["services/**"]
exposure = "public"

[[context]]
paths = ["services/checkout/**"]
data = "sensitive"
because = "card numbers"

[[context]]
paths = ["tests/"]
lifecycle = "test"
"""
PLACES = {"inside": "note", "plain": "warn", "services/shop": "warn", "services/checkout": "block"}


@pytest.fixture
def tls(repo: Repo) -> Repo:
    repo.write("devsec.toml", CONFIG)
    repo.git("rm", "-rq", "rules")
    repo.commit(("devsec.toml", CONFIG))
    for place in PLACES:
        repo.stage(f"{place}/tls.py", TLS)
    return repo


def verdicts(repo: Repo, *words: str, **environ: str) -> dict[str, str]:
    done = repo.devsec("check", "--format", "json", *words, **environ)
    assert not done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    for finding in report["findings"]:
        assert finding["severity"] == "medium"  # never changed by context
        assert finding["level"] == "warn"  # the rule's own
    return {finding["path"]: finding["verdict"] for finding in report["findings"]}


def test_a_commit_ci_and_all_files_agree(tls: Repo) -> None:
    wanted = {f"{place}/tls.py": level for place, level in PLACES.items()}
    assert verdicts(tls) == wanted
    assert verdicts(tls, "--all") == wanted
    assert verdicts(tls, *PLACES) == wanted
    base = tls.git("rev-parse", "HEAD").strip()
    tls.commit()
    assert verdicts(tls, "--since", base) == wanted
    assert tls.devsec("check", "--all").returncode == 1
    assert tls.devsec("check", "--all", "--no-config").returncode == 0


def test_the_report_says_why_it_blocks(tls: Repo) -> None:
    done = tls.devsec("check")
    assert done.returncode == 1
    assert "  level block where exposure is public and data is sensitive\n" in done.stdout
    assert done.stdout.endswith("devsec: 1 finding blocks, 2 warnings in 4 files; 1 note\n")


def test_secrets_that_work_count_in_tests_and_the_rest_is_a_note(tls: Repo) -> None:
    tls.stage(
        "tests/deep/b.py",
        'key = "SG.' + "xK3vQ9mZ2bN7pL4wR8tY1c" + "." + 'aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bD1fG3hJ5kL7nP9q"\n',
    )
    tls.stage("tests/deep/yaml.py", "import yaml\n\nyaml.load(text, Loader=yaml.UnsafeLoader)\n")
    report = json.loads(tls.devsec("check", "--format", "json").stdout)
    found = {finding["path"]: (finding["rule"], finding["verdict"]) for finding in report["findings"]}
    assert found["tests/deep/b.py"] == ("sendgrid-api-key", "block")
    assert found["tests/deep/yaml.py"][1] == "note"


def test_the_chain_of_a_line(tls: Repo) -> None:
    done = tls.devsec("explain", "services/checkout/tls.py:4")
    assert (done.returncode, done.stderr) == (0, "")
    said = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert said[0] == "services/checkout/tls.py:4 tls-old-version blocks"
    steps = [line for line in said if line.startswith("- ")]
    assert steps[0].startswith("- the rule's level is warn ")
    assert steps[0].endswith("tls-old-version.yaml:6")
    assert steps[1] == "- its exposure is public devsec.toml:8"
    assert steps[2] == "- its data is sensitive (card numbers) devsec.toml:12"
    assert steps[3].startswith("- where exposure is public and data is sensitive, the rule's level is block ")
    assert steps[3].endswith("tls-old-version.yaml:10")
    assert steps[4] == "- HEAD does not have it: it is new"


def test_the_chain_ends_with_what_the_author_and_the_repository_say(tls: Repo) -> None:
    tls.write("devsec.toml", CONFIG + '\n[levels]\n# for now\ntls-old-version = "note"\n')
    said = tls.devsec("explain", "services/shop/tls.py:4:1").stdout
    assert "is a note: counted, not shown" in said
    assert "devsec.toml sets tls-old-version to note" in said
    assert "devsec.toml:21" in said
    tls.stage(
        "services/checkout/tls.py",
        TLS.replace("TLSv1_1\n", "TLSv1_1  # devsec: ignore[tls-old-version] false-positive a mock\n"),
    )
    said = tls.devsec("explain", "services/checkout/tls.py:4").stdout
    assert "tls-old-version  is silenced" in said
    last = said.splitlines()[-1]
    assert last.startswith("  - silenced: false-positive a mock ")
    assert last.endswith(" services/checkout/tls.py:4")


def test_a_rule_that_is_off_is_explained(tls: Repo) -> None:
    tls.write("devsec.toml", CONFIG + '\n[levels]\ntls-old-version = "off"\n')
    said = tls.devsec("explain", "services/shop/tls.py:4").stdout
    assert "tls-old-version  is off" in said
    assert "devsec.toml:20" in said


def test_a_level_that_does_not_count_is_a_step(repo: Repo) -> None:
    repo.write("rules/old.yaml", repo.read("rules/old.yaml").replace("level: block\n", "level: block\nfinal: true\n"))
    repo.write("devsec.toml", 'rules = ["rules"]\n[levels]\nold = "note"\n')
    repo.write("a.py", "import legacy\n\nlegacy.old(password=secret())\n")
    said = [" ".join(line.split()) for line in repo.devsec("explain", "a.py:3").stdout.splitlines()]
    assert said[0] == "a.py:3 old blocks"
    assert "- its level is final: a repository cannot lower it -> block rules/old.yaml:7" in said
    assert "- devsec.toml sets old to note, which does not count: its level is final -> block devsec.toml:3" in said


def test_a_known_finding_says_so(tls: Repo) -> None:
    tls.commit()
    said = tls.devsec("explain", "plain/tls.py:4").stdout
    assert "is known: counted, not shown" in said
    assert said.endswith("- known: it was there before\n")


def test_a_line_with_nothing(tls: Repo) -> None:
    done = tls.devsec("explain", "services/checkout/tls.py:1")
    assert done.returncode == 0
    assert "services/checkout/tls.py:1  nothing is found on this line" in done.stdout
    assert "its data is sensitive (card numbers)" in done.stdout
    assert done.stdout.endswith("the nearest finding is on line 4: tls-old-version\n")
    assert "no context names the path" in tls.devsec("explain", "devsec.toml:1").stdout


def test_from_a_folder_below_and_outside_of_git(tls: Repo, tmp_path: Any) -> None:
    (tls.root / "services").mkdir(exist_ok=True)

    def explain(folder: Any, *words: str) -> str:
        return devsec("explain", *words, cwd=folder, check=True).stdout

    assert explain(tls.root / "services", "checkout/tls.py:4").startswith("checkout/tls.py:4  tls-old-version  blocks")
    loose = tmp_path / "loose"
    loose.mkdir()
    (loose / "a.py").write_text(TLS)
    assert explain(loose, "a.py:4").startswith("a.py:4  tls-old-version  warns")


def test_what_is_left_out_says_where(tls: Repo) -> None:
    tls.write("devsec.toml", 'exclude = [\n  "other/",\n  "inside/",\n  "plain",\n]\n' + CONFIG)
    said = tls.devsec("explain", "inside/tls.py:4").stdout
    assert "devsec.toml:3 leaves it out (inside/)" in said
    tls.write("broken.py", TLS + "def (:\n")
    said = tls.devsec("explain", "broken.py:4").stdout
    assert "it was not checked" in said


def test_no_secret_is_shown(tls: Repo) -> None:
    secret = "SG.xK3vQ9mZ2bN7pL4wR8tY1c" + "." + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bD1fG3hJ5kL7nP9q"
    tls.write("a.py", f'key = "{secret}"  # devsec: ignore[sendgrid-api-key] test {secret}\n')
    said = tls.devsec("explain", "a.py:1").stdout
    assert "sendgrid-api-key  is silenced" in said
    assert secret not in said


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("plain/tls.py:9", "has 4 lines, and no line 9"),
        ("plain/tls.py:0", "no line 0"),
        ("plain:1", "plain: is a folder"),
        ("nope.py:1", "nope.py: no such file"),
        ("../out.py:1", "no such file"),
        ("tls-old-versio", "there is no rule"),
    ],
)
def test_refused(tls: Repo, place: str, says: str) -> None:
    done = tls.devsec("explain", place)
    assert done.returncode == 2
    assert says in done.stderr


def test_a_file_outside_of_the_repository(tls: Repo, tmp_path: Any) -> None:
    (tmp_path / "out.py").write_text(TLS)
    done = tls.devsec("explain", "../out.py:1")
    assert (done.returncode, "outside the repository" in done.stderr) == (2, True)


RULE = """\
id: new-rule
title: The old call
cwe: CWE-1
severity: high
confidence: high
level: block
{terms}
why: It leaves the road.
find:
  call: legacy.call
examples:
  - bad: |
      import legacy
      legacy.call()
  - fine: |
      import modern
"""


def test_a_rollout_never_surprises_anybody(repo: Repo) -> None:
    terms = "warn_from: 2027-02-01\nblock_from: 2027-03-01"
    repo.write("rules/new-rule.yaml", RULE.format(terms=terms))
    repo.commit(("rules/new-rule.yaml", RULE.format(terms=terms)))
    repo.stage("a.py", "import legacy\n\nlegacy.call()\n")
    shadow = repo.devsec("check", DEVSEC_TODAY="2027-01-31")
    assert (shadow.returncode, shadow.stdout) == (0, "devsec: nothing to say about 1 file; 1 in shadow\n")
    assert repo.devsec("check", "-q", DEVSEC_TODAY="2027-01-31").stdout == ""
    report = json.loads(repo.devsec("check", "--format", "json", DEVSEC_TODAY="2027-01-31").stdout)
    assert (report["summary"]["shadow"], report["summary"]["findings"]) == (1, 0)
    assert [finding["verdict"] for finding in report["findings"]] == ["shadow"]
    for form in ("lines", "github", "gitlab", "junit", "sarif"):
        assert "new-rule" not in repo.devsec("check", "--format", form, DEVSEC_TODAY="2027-01-31").stdout
    assert "nothing to cure" in repo.devsec("fix", DEVSEC_TODAY="2027-01-31").stdout
    said = repo.devsec("explain", "a.py:3", DEVSEC_TODAY="2027-01-31").stdout
    assert "new-rule  is in shadow: counted, not shown" in said
    assert "its stage is shadow, until 2027-02-01" in said
    assert "rules/new-rule.yaml:8" in said
    warns = repo.devsec("check", DEVSEC_TODAY="2027-02-01")
    assert (warns.returncode, "1 warning in 1 file" in warns.stdout) == (0, True)
    assert "level block; its stage is warn, until 2027-03-01" in warns.stdout
    blocks = repo.devsec("check", DEVSEC_TODAY="2027-03-01")
    assert (blocks.returncode, "1 finding blocks" in blocks.stdout) == (1, True)
    assert repo.devsec("check", DEVSEC_TODAY="soon").returncode == 2


def test_a_commit_without_contexts_loads_none_of_it(repo: Repo) -> None:
    import subprocess
    import sys

    repo.stage("a.py", "print(1)\n")
    code = (
        "import sys\nfrom devsec.cli import main\n"
        "try: main(['check'])\nexcept SystemExit: pass\n"
        "print(sorted({'devsec.contexts', 'devsec.today', 'devsec.policy.level', 'devsec.config_lines'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=repo.root, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"
