"""What devsec says of silences: who is over, who silences nothing, what may not be silenced, and what a commit is told of."""

from __future__ import annotations

import json

import cells
import pytest
from conftest import RULE, Repo

from devsec.desk import Request
from devsec.outcome import Report
from devsec.run import check

BAD = "import legacy\n\nlegacy.old(password=secret){}\n"
LATER = BAD.format("  # devsec: ignore[old] fix-later(2027-01-31): the new client")
TEST = BAD.format("  # devsec: ignore[old] test")


def found(report: Report) -> list[str]:
    return [
        f"{one.finding.path}:{one.finding.start.line} {one.verdict.value}"
        for checked in report.checked
        for one in checked.judged
    ]


def remarks(report: Report) -> list[tuple[str, int, str]]:
    return [(checked.path, remark.line, remark.text) for checked in report.checked for remark in checked.remarks]


def on(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    monkeypatch.setenv("DEVSEC_TODAY", day)


# --- fix-later ----------------------------------------------------------------------------------------------------------------


def test_it_holds_on_its_last_day_and_not_on_the_next(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.stage("app.py", LATER)
    on(monkeypatch, "2027-01-31")
    assert found(check(Request())) == ["app.py:3 suppressed"]
    on(monkeypatch, "2027-02-01")
    assert found(check(Request())) == ["app.py:3 block"]


def test_what_is_over_is_new_again_where_it_was_committed_before(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit(("app.py", LATER))
    repo.stage("app.py", LATER + "x = 1\n")
    on(monkeypatch, "2027-01-31")
    assert found(check(Request())) == ["app.py:3 suppressed"]
    done = repo.devsec("check", DEVSEC_TODAY="2027-02-01")
    assert done.returncode == 1
    assert "but   its silence on line 3 expired on 2027-01-31: fix-later(2027-01-31): the new client" in done.stdout


def test_every_format_tells_the_day(repo: Repo) -> None:
    repo.stage("app.py", LATER)
    for form in ("json", "sarif", "github", "gitlab", "junit"):
        done = repo.devsec("check", "--format", form, DEVSEC_TODAY="2027-02-01")
        assert "xpired on 2027-01-31" in done.stdout, form
    (one,) = json.loads(repo.devsec("check", "--format", "json", DEVSEC_TODAY="2027-02-01").stdout)["findings"]
    assert one["silence"] == {
        "state": "expired",
        "class": "fix-later",
        "reason": "fix-later(2027-01-31): the new client",
        "until": "2027-01-31",
        "ticket": "",
        "line": 3,
        "file": "",
        "entry": 0,
    }


def test_another_comment_that_holds_goes_first(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.stage("app.py", LATER.replace("legacy.old", "# devsec: ignore[old] test\nlegacy.old"))
    on(monkeypatch, "2027-02-01")
    assert found(check(Request())) == ["app.py:4 suppressed"]


def test_a_day_more_than_a_year_off_is_remarked(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.stage("app.py", LATER)
    on(monkeypatch, "2026-01-30")
    assert remarks(check(Request())) == []
    on(monkeypatch, "2026-01-29")
    ((path, line, text),) = remarks(check(Request()))
    assert (path, line) == ("app.py", 3)
    assert "more than a year off" in text


def test_a_clock_that_is_none_is_said(repo: Repo) -> None:
    repo.stage("app.py", LATER)
    done = repo.devsec("check", DEVSEC_TODAY="tomorrow")
    assert (done.returncode, "DEVSEC_TODAY" in done.stderr) == (2, True)


# --- left over ----------------------------------------------------------------------------------------------------------------

NOTHING = "`devsec: ignore[{}]` silences nothing here: take it out, or let devsec fix do it"


def test_a_comment_without_a_finding_is_remarked_when_it_is_new(repo: Repo) -> None:
    repo.stage("app.py", "x = 1  # devsec: ignore[old] test\n")
    assert remarks(check(Request())) == [("app.py", 1, NOTHING.format("old"))]
    assert repo.devsec("check").returncode == 0


def test_a_commit_is_told_of_what_it_left_over_itself(repo: Repo) -> None:
    repo.commit(("app.py", TEST), ("other.py", "y = 1  # devsec: ignore[old] test\n"))
    repo.stage("app.py", TEST.replace("legacy.old(", "modern.old("))
    repo.stage("other.py", "y = 1  # devsec: ignore[old] test\nz = 2\n")
    assert remarks(check(Request())) == [("app.py", 3, NOTHING.format("old"))]
    both = remarks(check(Request(everything=True)))
    assert [path for path, _, _ in both] == ["app.py", "other.py"]
    assert remarks(check(Request(paths=("other.py",)))) == [("other.py", 1, NOTHING.format("old"))]


def test_what_was_wrong_before_is_nobodys_problem_today(repo: Repo) -> None:
    repo.commit(("app.py", "x = 1  # devsec: ignore[old]\n"))
    repo.stage("app.py", "x = 1  # devsec: ignore[old]\ny = 1  # devsec: ignore[odl] test\n")
    assert remarks(check(Request())) == [
        ("app.py", 2, "this `devsec: ignore` names 'odl', and there is no such rule. Did you mean 'old'?")
    ]
    assert len(remarks(check(Request(everything=True)))) == 2


def test_one_rule_of_several(repo: Repo) -> None:
    repo.stage("app.py", BAD.format("  # devsec: ignore[iffy, old] test"))
    assert remarks(check(Request())) == [("app.py", 3, NOTHING.format("iffy"))]


def test_no_file_that_was_not_looked_at_as_a_whole(repo: Repo) -> None:
    repo.stage("app.py", TEST + "def broken(:\n")
    report = check(Request())
    assert [skipped.path for skipped in report.skipped] == ["app.py"]
    assert remarks(report) == []


def test_a_deprecated_rule_leaves_nothing_over_but_its_new_name_is_told(repo: Repo) -> None:
    rule = RULE.format(name="old", level="block", safety="safe") + "deprecated: iffy\n"
    repo.write("rules/old.yaml", rule)
    repo.write("devsec.toml", 'rules = ["rules"]\n')
    repo.stage("app.py", "x = 1  # devsec: ignore[old] test\n")
    assert remarks(check(Request())) == [("app.py", 1, "the rule old has become iffy; write that")]


@pytest.mark.parametrize(
    ("rule", "config"),
    [
        pytest.param({}, '[levels]\nold = "off"\n', id="off"),
        pytest.param({"stage": "shadow"}, "", id="in shadow"),
        pytest.param({"block_from": "2999-01-01", "warn_from": "2998-01-01"}, "", id="in shadow until a day"),
    ],
)
def test_a_rule_that_says_nothing_leaves_nothing_over(repo: Repo, rule: dict[str, str], config: str) -> None:
    terms = "".join(f"{key}: {value}\n" for key, value in rule.items())
    repo.write("rules/old.yaml", RULE.format(name="old", level="block", safety="safe") + terms)
    repo.write("devsec.toml", 'rules = ["rules"]\n' + config)
    repo.stage("app.py", "x = 1  # devsec: ignore[old] test\n")
    assert remarks(check(Request())) == []


def test_without_the_configuration_nobody_knows_its_rules(repo: Repo) -> None:
    repo.stage("app.py", "x = 1  # devsec: ignore[old] test\n")
    assert remarks(check(Request(configured=False))) == []


def test_prose_explains_and_does_not_silence(repo: Repo) -> None:
    repo.stage("README.md", "Write `# devsec: ignore[rule-id] reason` on it.\n\n<!-- devsec: ignore[old] test -->\n")
    assert remarks(check(Request())) == [("README.md", 3, NOTHING.format("old"))]


def test_words_in_a_string_of_python_are_no_comment(repo: Repo) -> None:
    repo.stage("app.py", 's = "# devsec: ignore[old]"\n')
    assert remarks(check(Request())) == []


def test_many_files_remember_none_that_has_a_comment(repo: Repo) -> None:
    for number in range(160):
        repo.write(f"many/f{number}.py", "x = 1\n")
    repo.write("many/left.py", "x = 1  # devsec: ignore[old] test\n")
    for _ in range(2):  # the second time, what held nothing is known by its hash
        assert remarks(check(Request(everything=True))) == [("many/left.py", 1, NOTHING.format("old"))]


# --- devsec fix ---------------------------------------------------------------------------------------------------------------


def test_fix_takes_out_what_is_left_over(repo: Repo) -> None:
    repo.stage(
        "app.py",
        "# devsec: ignore[old] test\nx = 1\n" + TEST.replace("[old]", "[old, iffy]") + "legacy.old(password=b)\n",
    )
    done = repo.devsec("fix")
    assert repo.read("app.py").startswith("x = 1\nimport legacy\n")
    assert "legacy.old(password=secret)  # devsec: ignore[old] test\n" in repo.read("app.py")
    assert "modern.old(password=b)\n" in repo.read("app.py")
    assert "taken out  app.py:1  `devsec: ignore[old]`" in done.stdout
    assert "taken out  app.py:5  `devsec: ignore[iffy]`" in done.stdout
    assert "fixed  app.py:6  old" in done.stdout, "as it was read, not as it is now"
    assert "took out 2 comments" in done.stdout
    text = repo.read("app.py")
    repo.git("add", ".")
    assert "took out" not in repo.devsec("fix").stdout
    assert repo.read("app.py") == text


def test_fix_diff_shows_it_and_changes_nothing(repo: Repo) -> None:
    repo.stage("app.py", "x = 1  # devsec: ignore[old] test\n")
    done = repo.devsec("fix", "--diff")
    assert "-x = 1  # devsec: ignore[old] test\n+x = 1\n" in done.stdout
    assert "would take out 1 comment" in done.stderr
    assert "devsec: ignore" in repo.read("app.py")


def test_fix_of_one_rule_leaves_the_others(repo: Repo) -> None:
    repo.stage("app.py", "x = 1  # devsec: ignore[old, iffy] test\n")
    repo.devsec("fix", "--only", "iffy")
    assert repo.read("app.py") == "x = 1  # devsec: ignore[old] test\n"


def test_fix_in_a_commit_leaves_what_was_there(repo: Repo) -> None:
    repo.commit(("app.py", "x = 1  # devsec: ignore[old] test\n"))
    repo.stage("app.py", "x = 1  # devsec: ignore[old] test\ny = 2\n")
    repo.devsec("fix")
    assert repo.read("app.py") == "x = 1  # devsec: ignore[old] test\ny = 2\n"
    repo.devsec("fix", "app.py")
    assert repo.read("app.py") == "x = 1\ny = 2\n"


def test_fix_staged_takes_it_out_of_the_index_and_the_disk(repo: Repo) -> None:
    repo.stage("app.py", "x = 1  # devsec: ignore[old] test\n" + "y = 1\n" * 5)
    repo.write("app.py", "x = 1  # devsec: ignore[old] test\n" + "y = 1\n" * 5 + "z = 1\n")
    repo.devsec("fix", "--staged")
    assert repo.git("show", ":app.py") == "x = 1\n" + "y = 1\n" * 5
    assert repo.read("app.py") == "x = 1\n" + "y = 1\n" * 5 + "z = 1\n"


def test_fix_in_a_notebook(repo: Repo) -> None:
    text = cells.notebook("x = 1  # devsec: ignore[old] test\ny = 2\n")
    repo.stage("a.ipynb", text)
    repo.devsec("fix")
    assert cells.sources(repo.read("a.ipynb")) == ["x = 1\ny = 2\n"]
    assert repo.read("a.ipynb") == text.replace("  # devsec: ignore[old] test", "")


# --- unsilenceable ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def firm(repo: Repo) -> Repo:
    repo.write("rules/old.yaml", RULE.format(name="old", level="block", safety="safe") + "unsilenceable: true\n")
    return repo


def test_a_comment_on_what_cannot_be_silenced_does_nothing_and_that_is_said(firm: Repo) -> None:
    firm.stage("app.py", TEST)
    done = firm.devsec("check")
    assert done.returncode == 1
    assert "but   the silence on line 3 does nothing: this rule cannot be silenced" in done.stdout
    assert "app.py:3: note  `devsec: ignore[old]` does nothing: this rule cannot be silenced" in done.stdout


def test_nor_does_an_entry(firm: Repo) -> None:
    entry = '[[ignore]]\npath = "app.py"\nrules = ["old"]\nreason = "test"\n'
    firm.write("devsec.toml", 'rules = ["rules"]\n' + entry)
    firm.stage("app.py", BAD.format(""))
    done = firm.devsec("check")
    assert done.returncode == 1
    assert "the silence by ignore 1 of devsec.toml does nothing" in done.stdout


def test_what_was_there_before_stays_known(firm: Repo) -> None:
    firm.commit(("app.py", TEST))
    firm.stage("app.py", TEST + "x = 1\n")
    assert found(check(Request())) == ["app.py:3 known"]


# --- entries of the configuration ---------------------------------------------------------------------------------------------

ENTRY = '[[ignore]]\npath = "{}"\nrules = ["old"]\nreason = "{}"\n'


def configured(repo: Repo, *entries: tuple[str, str], more: str = "") -> None:
    tables = "\n".join(ENTRY.format(*entry) for entry in entries)
    repo.write("devsec.toml", 'rules = ["rules"]\n\n' + tables + more)


def test_an_entry_silences_a_path(repo: Repo) -> None:
    configured(repo, ("app.py", "false-positive: not here"))
    repo.stage("app.py", BAD.format(""))
    repo.stage("sub/app.py", BAD.format(""))
    assert found(check(Request())) == ["app.py:3 suppressed", "sub/app.py:3 block"]
    run = json.loads(repo.devsec("check", "--format", "sarif").stdout)["runs"][0]
    assert [it for one in run["results"] for it in one["suppressions"]] == [
        {"kind": "external", "status": "accepted", "justification": "false-positive: not here"}
    ]
    (silence,) = (
        one["silence"]
        for one in json.loads(repo.devsec("check", "--format", "json").stdout)["findings"]
        if one["silence"]
    )
    assert (silence["file"], silence["entry"], silence["line"]) == ("devsec.toml", 1, 0)


def test_a_glob_reaches_all_it_matches(repo: Repo) -> None:
    configured(repo, ("sub/**/*.py", "test"))
    repo.stage("app.py", BAD.format(""))
    repo.stage("sub/deep/app.py", BAD.format(""))
    assert found(check(Request())) == ["app.py:3 block", "sub/deep/app.py:3 suppressed"]


def test_a_fingerprint_is_one_finding_wherever_it_moves(repo: Repo) -> None:
    repo.stage("app.py", BAD.format("") + "legacy.old(password=other)\n")
    one = json.loads(repo.devsec("check", "--format", "json").stdout)["findings"][0]
    configured(repo, ("app.py", "test"), more=f'fingerprint = "{one["fingerprint"]}"\n')
    assert found(check(Request())) == ["app.py:3 suppressed", "app.py:4 block"]
    repo.stage("app.py", "# moved\n" + BAD.format("") + "legacy.old(password=other)\n")
    assert found(check(Request())) == ["app.py:4 suppressed", "app.py:5 block"]


def test_an_expired_entry_brings_its_findings_back(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(repo, ("app.py", "fix-later(2027-01-31)"))
    repo.commit(("app.py", BAD.format("")))
    repo.stage("app.py", BAD.format("") + "x = 1\n")
    on(monkeypatch, "2027-01-31")
    assert found(check(Request())) == ["app.py:3 suppressed"]
    on(monkeypatch, "2027-02-01")
    assert found(check(Request())) == ["app.py:3 block"]
    assert "its silence by ignore 1 of devsec.toml expired on 2027-01-31" in repo.devsec("check").stdout


def test_an_entry_that_silences_nothing_is_remarked_where_all_was_looked_at(repo: Repo) -> None:
    configured(repo, ("app.py", "test"), ("gone.py", "test"), ("sub/*", "test"))
    repo.commit(("app.py", BAD.format("")), ("other.py", "x = 1\n"))
    says = "ignore {} silences nothing any more; take it out"
    assert remarks(check(Request(everything=True))) == [
        ("devsec.toml", 8, says.format(2)),
        ("devsec.toml", 13, says.format(3)),
    ]
    assert remarks(check(Request(paths=("app.py", "other.py")))) == []
    repo.write("gone.py", "x = 1\n")
    assert remarks(check(Request(paths=("gone.py",)))) == [("devsec.toml", 8, says.format(2))]
    repo.stage("other.py", "x = 2\n")
    assert remarks(check(Request())) == [], "a commit looks at little"
    assert check(Request(paths=("gone.py",))).total.files == 1, "nobody asked for the configuration"


def test_nothing_is_said_of_an_entry_whose_file_was_not_checked(repo: Repo) -> None:
    configured(repo, ("app.py", "test"))
    repo.commit(("app.py", "import legacy\nlegacy.old(password=1)\ndef broken(:\n"))
    report = check(Request(everything=True))
    assert [skipped.path for skipped in report.skipped] == ["app.py"]
    assert remarks(report) == []
