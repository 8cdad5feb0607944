"""Which findings are new? On real repositories, through every way of asking."""

from __future__ import annotations

import os
from pathlib import Path

import cells
import pytest
from cells import notebook
from conftest import Repo

from devsec.desk import Desk, Request
from devsec.errors import ConfigError, GitError, UsageError
from devsec.outcome import Report, exit_code, summary
from devsec.run import check
from devsec.sources.source import Source

BAD = "import legacy\n\nlegacy.old(password=secret)\n"
GOOD = "import modern\n\nmodern.old(password=secret)\n"


def bad(name: str = "old", argument: str = "secret") -> str:
    return f"import legacy\n\nlegacy.{name}(password={argument})\n"


def found(report: Report) -> list[str]:
    """`path:line verdict`, one a finding."""
    return [
        f"{checked.path}:{judged.finding.start.line} {judged.verdict.value}"
        for checked in report.checked
        for judged in checked.judged
    ]


def code(report: Report) -> int:
    return exit_code(summary(report.outcomes))


def test_nothing_staged(repo: Repo) -> None:
    assert check(Request()).outcomes == ()


def test_a_new_file(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    report = check(Request())
    assert found(report) == ["app.py:3 block"]
    assert code(report) == 1


def test_what_is_staged_counts_not_what_is_on_disk(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    repo.write("app.py", GOOD)
    assert found(check(Request())) == ["app.py:3 block"]
    repo.stage("app.py", GOOD)
    repo.write("app.py", BAD)
    assert found(check(Request())) == []


def test_the_first_commit_of_a_repository(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = Repo(tmp_path / "fresh")
    fresh.root.mkdir()
    monkeypatch.chdir(fresh.root)
    fresh.git("init", "-q")
    fresh.rule("old")
    fresh.write("devsec.toml", 'rules = ["rules"]\n')
    fresh.stage("app.py", BAD)
    assert found(check(Request())) == ["app.py:3 block"]


@pytest.mark.parametrize(("name", "verdict", "exits"), [("old", "block", 1), ("iffy", "warn", 0), ("quiet", "note", 0)])
def test_levels(repo: Repo, name: str, verdict: str, exits: int) -> None:
    repo.stage("app.py", bad(name))
    report = check(Request())
    assert found(report) == [f"app.py:3 {verdict}"]
    assert code(report) == exits


def test_known_is_what_was_there(repo: Repo) -> None:
    repo.commit(("app.py", BAD))
    repo.stage("app.py", "x = 1\n" + BAD)
    assert found(check(Request())) == ["app.py:4 known"]


def test_known_counts_each(repo: Repo) -> None:
    repo.commit(("app.py", BAD))
    repo.stage("app.py", BAD + "legacy.old(password=secret)\n" * 2)
    assert found(check(Request())) == ["app.py:3 known", "app.py:4 block", "app.py:5 block"]


def test_of_twins_the_one_just_written_is_new(repo: Repo) -> None:
    repo.commit(("app.py", "import legacy\n\n\ndef f():\n    legacy.old(password=secret)\n"))
    repo.stage(
        "app.py",
        "import legacy\n\n\ndef e():\n    return legacy.old(password=secret)\n\n\ndef f():\n    legacy.old(password=secret)\n",
    )
    assert found(check(Request())) == ["app.py:5 block", "app.py:9 known"]


def test_renamed_and_edited(repo: Repo) -> None:
    long = BAD + "".join(f"x{n} = {n}\n" for n in range(40))
    repo.commit(("app.py", long))
    repo.git("mv", "app.py", "other.py")
    repo.stage("other.py", long + "legacy.old(password=another)\n")
    assert found(check(Request())) == ["other.py:3 known", "other.py:44 block"]


def test_what_was_only_renamed_is_not_looked_at_where_the_same_rules_count(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit(("a.py", BAD))
    repo.git("mv", "a.py", "src.py")
    looked: list[str] = []
    real = Desk.scan

    def scan(self: Desk, source: Source, *more: object) -> object:
        looked.append(source.path)
        return real(self, source, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Desk, "scan", scan)
    report = check(Request(only_news=True))
    assert (looked, report.total.files, report.total.findings) == ([], 1, 0)
    assert check(Request()).total.known == 1  # whoever wants all there is gets it
    assert "src.py" in looked
    looked.clear()
    repo.git("mv", "src.py", "now.pyw")
    assert check(Request(only_news=True)).total.findings == 0
    repo.git("mv", "now.pyw", "src.txt")
    repo.git("commit", "-qm", "text")
    repo.git("mv", "src.txt", "src.py")
    looked.clear()
    assert check(Request(only_news=True)).total.blocking == 1  # as a text nobody looked for it
    assert looked


def test_moved_between_two_files_of_a_commit(repo: Repo) -> None:
    rest = "".join(f"x{n} = {n}\n" for n in range(40))
    repo.commit(("a.py", BAD + rest), ("b.py", "import legacy\n" + rest))
    repo.stage("a.py", "import legacy\n" + rest)
    repo.stage("b.py", "import legacy\n" + rest + "legacy.old(password=secret)\n")
    report = check(Request())
    assert found(report) == ["b.py:42 known"]
    assert report.checked[1].judged[0].because == "it was moved here from a.py"


def test_copied_is_not_moved(repo: Repo) -> None:
    rest = "".join(f"x{n} = {n}\n" for n in range(40))
    repo.commit(("a.py", BAD + rest))
    repo.stage("a.py", BAD + rest + "y = 1\n")
    repo.stage("b.py", "import legacy\nz = 3\n\n\nlegacy.old(password=secret)\n")
    assert found(check(Request())) == ["a.py:3 known", "b.py:5 block"]


def test_moved_once_and_copied_once(repo: Repo) -> None:
    rest = "".join(f"x{n} = {n}\n" for n in range(40))
    repo.commit(("a.py", BAD + rest))
    repo.stage("a.py", "import legacy\n" + rest)
    for name in ("b.py", "c.py"):
        repo.stage(name, f"import legacy\nname = '{name}'\nlegacy.old(password=secret)\n")
    assert found(check(Request())) == ["b.py:3 known", "c.py:3 block"]


def test_moved_out_of_a_deleted_file(repo: Repo) -> None:
    rest = "".join(f"x{n} = {n}\n" for n in range(80))
    repo.commit(("a.py", rest + BAD))
    repo.git("rm", "-q", "a.py")
    repo.stage("b.py", "import legacy\nimport other\n\nlegacy.old(password=secret)\n")
    assert found(check(Request())) == ["b.py:4 known"]


def test_a_merge_brings_nothing_new(repo: Repo) -> None:
    repo.commit(("app.py", "import legacy\n\n\n# top\n\n\n# end\n"))
    repo.git("checkout", "-q", "-b", "side")
    repo.commit(("app.py", "import legacy\n\n\n# top\n\n\n# end\nlegacy.old(password=secret)\n"), ("new.py", BAD))
    repo.git("checkout", "-q", "main")
    repo.commit(("app.py", "import legacy\n\nlegacy.old(password=secret)\n# top\n\n\n# end\n"), ("mine.py", "x = 1\n"))
    repo.git("merge", "-q", "--no-commit", "side")
    assert set(found(check(Request()))) == {"app.py:3 known", "app.py:8 known", "new.py:3 known"}
    repo.stage("mine.py", BAD.replace("secret", "fresh"))
    assert "mine.py:3 block" in found(check(Request()))


def test_a_conflict_is_not_checked(repo: Repo) -> None:
    repo.commit(("app.py", "x = 1\n"))
    repo.git("checkout", "-q", "-b", "side")
    repo.commit(("app.py", "x = 2\n"))
    repo.git("checkout", "-q", "main")
    repo.commit(("app.py", "x = 3\n"))
    repo.git("merge", "-q", "side", check=False)
    report = check(Request())
    assert [skipped.path for skipped in report.skipped] == ["app.py"]
    assert code(report) == 2


def test_a_silence_that_goes_brings_the_finding_back(repo: Repo) -> None:
    silent = BAD.replace(")\n", ")  # devsec: ignore[old] test\n")
    repo.commit(("app.py", silent))
    repo.stage("app.py", silent + "x = 1\n")
    assert found(check(Request())) == ["app.py:3 suppressed"]
    repo.stage("app.py", BAD)
    assert found(check(Request())) == ["app.py:3 block"]


def test_a_silence_without_a_reason_is_remarked(repo: Repo) -> None:
    repo.stage("app.py", BAD.replace(")\n", ")  # devsec: ignore[old]\n"))
    report = check(Request())
    assert found(report) == ["app.py:3 block"]
    assert [(remark.line, "no reason" in remark.text) for remark in report.checked[0].remarks] == [(3, True)]


def test_paths_mean_all_of_them(repo: Repo) -> None:
    repo.commit(("app.py", BAD), ("sub/b.py", BAD))
    assert found(check(Request(paths=("app.py",)))) == ["app.py:3 block"]
    assert found(check(Request(paths=(".",)))) == ["app.py:3 block", "sub/b.py:3 block"]


def test_paths_from_a_folder_below(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("sub/b.py", BAD)
    monkeypatch.chdir(repo.root / "sub")
    assert found(check(Request(paths=("b.py",)))) == ["sub/b.py:3 block"]


def test_paths_compared_as_in_a_hook(repo: Repo) -> None:
    repo.commit(("app.py", BAD), ("same.py", BAD))
    repo.stage("app.py", BAD + "legacy.old(password=fresh)\n")
    repo.write("untracked.py", BAD)
    report = check(Request(paths=("app.py", "same.py", "untracked.py"), compare_with="HEAD"))
    assert found(report) == ["app.py:3 known", "app.py:4 block", "same.py:3 known", "untracked.py:3 block"]


def test_paths_compared_follow_moves_out_of_files_that_are_not_named(repo: Repo) -> None:
    repo.commit(("a.py", BAD))
    repo.stage("a.py", "import legacy\n")
    repo.stage("b.py", "import legacy\nx = 1\nlegacy.old(password=secret)\n")
    assert found(check(Request(paths=("b.py",), compare_with="HEAD"))) == ["b.py:3 known"]


def test_before_a_push(repo: Repo) -> None:
    start = repo.commit(("app.py", BAD))
    repo.commit(("app.py", BAD + "legacy.old(password=fresh)\n"))
    report = check(Request(paths=("app.py",), compare_with=start))
    assert found(report) == ["app.py:3 known", "app.py:4 block"]


def test_since(repo: Repo) -> None:
    repo.commit(("app.py", BAD))
    repo.git("checkout", "-q", "-b", "side")
    repo.commit(("app.py", BAD + "legacy.old(password=fresh)\n"), ("sub/b.py", BAD.replace("secret", "b")))
    repo.git("checkout", "-q", "main")
    repo.commit(("theirs.py", BAD))
    repo.git("checkout", "-q", "side")
    assert found(check(Request(since="main"))) == ["app.py:3 known", "app.py:4 block", "sub/b.py:3 block"]
    assert found(check(Request(since="main", paths=("sub",)))) == ["sub/b.py:3 block"]
    with pytest.raises(GitError):
        check(Request(since="nowhere"))
    with pytest.raises(UsageError):
        check(Request(since="main", everything=True))


def test_since_when_two_branches_were_merged_into_each_other(repo: Repo) -> None:
    """Two merge bases: what came from the other branch through either of them is nobody's change here."""
    repo.git("checkout", "-q", "-b", "side")
    repo.commit(("side.py", BAD))
    side = repo.git("rev-parse", "HEAD").strip()
    repo.git("checkout", "-q", "main")
    main = repo.commit(("theirs.py", BAD), ("both.py", BAD))
    repo.git("merge", "-q", "--no-edit", side)
    repo.git("checkout", "-q", "side")
    repo.git("merge", "-q", "--no-edit", main)
    repo.commit(("mine.py", BAD), ("both.py", BAD + "legacy.old(password=fresh)\n"))
    assert len(repo.git("merge-base", "--all", "main", "side").split()) == 2
    assert found(check(Request(since="main"))) == ["both.py:3 known", "both.py:4 block", "mine.py:3 block"]
    named = check(Request(paths=("theirs.py", "side.py", "both.py", "mine.py"), compare_with="main"))
    assert [line for line in found(named) if "block" in line] == ["both.py:4 block", "mine.py:3 block"]


def test_since_on_the_merge_that_a_host_checks_out(repo: Repo) -> None:
    """A pull request is often checked out as its merge into the base: then only what it brings counts."""
    repo.git("checkout", "-q", "-b", "side")
    repo.commit(("mine.py", BAD))
    repo.git("checkout", "-q", "main")
    repo.commit(("theirs.py", BAD))
    repo.git("checkout", "-q", "--detach")
    repo.git("merge", "-q", "--no-ff", "--no-edit", "side")
    assert found(check(Request(since="main"))) == ["mine.py:3 block"]


def shallow(repo: Repo, folder: Path, depth: int, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """What CI has of branch side, `depth` commits of it, and main's last commit."""
    repo.git("clone", "-q", f"--depth={depth}", "--branch=side", f"file://{repo.root}", str(folder))
    clone = Repo(folder)
    clone.git("fetch", "-q", f"--depth={depth}", "origin", "+refs/heads/main:refs/remotes/origin/main")
    monkeypatch.chdir(folder)
    return clone


def test_since_in_a_shallow_clone(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        repo.commit()
    repo.commit(("app.py", BAD))
    repo.git("checkout", "-q", "-b", "side")
    for number in range(3):
        repo.commit((f"side{number}.py", BAD))
    repo.git("checkout", "-q", "main")
    repo.commit(("theirs.py", BAD))
    clone = shallow(repo, tmp_path / "clone", 2, monkeypatch)
    with pytest.raises(GitError, match="no common ancestor") as caught:
        check(Request(since="origin/main"))
    for said in ("git fetch --unshallow", "git fetch --deepen=", "fetch-depth: 0", "GIT_DEPTH"):
        assert said in caught.value.hint
    whole = ["side0.py:3 block", "side1.py:3 block", "side2.py:3 block"]
    clone.git("fetch", "-q", "--deepen=2")
    assert found(check(Request(since="origin/main"))) == whole
    clone.git("fetch", "-q", "--unshallow")
    assert found(check(Request(since="origin/main"))) == whole


def test_since_where_the_base_was_not_fetched(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.commit(("mine.py", BAD))
    repo.git("clone", "-q", "--depth=1", "--branch=side", f"file://{repo.root}", str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    with pytest.raises(GitError, match="origin/main: git knows no such commit") as caught:
        check(Request(since="origin/main"))
    assert "git fetch origin +refs/heads/main:refs/remotes/origin/main" in caught.value.hint
    assert "fetch-depth: 0" in caught.value.hint
    with pytest.raises(GitError) as caught:
        check(Request(since="upstream/main"))  # of the repository this is a fork of
    assert "git remote add upstream URL" in caught.value.hint


def test_the_hint_does_what_it_says(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.commit(("mine.py", BAD))
    repo.git("clone", "-q", "--single-branch", "--branch=side", f"file://{repo.root}", str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    with pytest.raises(GitError) as caught:
        check(Request(since="origin/main"))
    command = caught.value.hint.partition("fetch it first: ")[2]
    Repo(tmp_path / "clone").git(*command.split()[1:])
    assert found(check(Request(since="origin/main"))) == ["mine.py:3 block"]


def test_all(repo: Repo) -> None:
    repo.commit(("app.py", BAD), (".gitignore", "hidden.py\n"), ("vendor/x.py", BAD))
    repo.write("untracked.py", BAD)
    repo.write("hidden.py", BAD)
    assert found(check(Request(everything=True))) == ["app.py:3 block", "untracked.py:3 block"]


def test_what_is_excluded_is_excluded_however_it_is_asked_for(repo: Repo) -> None:
    repo.stage("vendor/x.py", BAD)
    assert check(Request()).outcomes == ()
    assert check(Request(paths=("vendor/x.py",))).outcomes == ()
    assert check(Request(paths=("vendor/x.py",), compare_with="HEAD")).outcomes == ()


def test_levels_of_the_repository(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    repo.write("devsec.toml", 'rules = ["rules"]\n[levels]\nold = "warn"\n')
    assert found(check(Request())) == ["app.py:3 warn"]
    repo.write("devsec.toml", 'rules = ["rules"]\n[levels]\nold = "off"\n')
    assert found(check(Request())) == []


def test_a_rule_that_is_off_asks_for_no_parse(repo: Repo) -> None:
    repo.stage("app.py", BAD + "def (:\n")
    assert code(check(Request())) == 2
    repo.write("devsec.toml", 'rules = ["rules"]\n[levels]\nold = "off"\n')
    assert code(check(Request())) == 0


@pytest.mark.parametrize("staged", [True, False])
def test_a_level_for_no_rule_is_refused_even_when_there_is_nothing_to_do(repo: Repo, staged: bool) -> None:
    if staged:
        repo.stage("app.py", "x = 1\n")
    repo.write("devsec.toml", 'rules = ["rules"]\n[levels]\nodl = "off"\n')
    with pytest.raises(ConfigError, match="'odl'"):
        check(Request())
    check(Request(configured=False))


def test_outside_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    Path("a.py").write_text("x = 1\n")
    assert [outcome.path for outcome in check(Request(paths=("a.py",))).outcomes] == ["a.py"]
    with pytest.raises(GitError):
        check(Request())
    with pytest.raises(GitError):
        check(Request(everything=True))


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
@pytest.mark.parametrize("name", ["with space.py", "new\nline.py", "byte\udcff.py", "-dash.py", "é.py"])
def test_odd_names(repo: Repo, name: str) -> None:
    repo.stage(name, BAD)
    assert found(check(Request())) == [f"{name}:3 block"]
    assert found(check(Request(everything=True))) == [f"{name}:3 block"]


# --- notebooks ------------------------------------------------------------------------------------------------------------


def test_a_notebook_is_compared_with_what_it_was(repo: Repo) -> None:
    first = notebook("import legacy\n", "legacy.old(password=secret)\n")
    repo.commit(("a.ipynb", first))
    repo.stage(
        "a.ipynb", notebook("x = 1\n", "import legacy\n", "legacy.old(password=secret)\nlegacy.old(password=b)\n")
    )
    report = check(Request())
    (checked,) = report.checked
    assert [(one.verdict.value, one.finding.where) for one in checked.judged] == [
        ("known", "cell 3, line 1"),
        ("block", "cell 3, line 2"),
    ]


def test_a_cell_moves_to_a_module_and_stays_known(repo: Repo) -> None:
    repo.commit(("a.ipynb", notebook("import legacy\n", "legacy.old(password=secret)\n")))
    repo.stage("a.ipynb", notebook("import app\n"))
    repo.stage("app.py", BAD)
    assert found(check(Request())) == ["app.py:3 known"]


def test_a_broken_cell_is_not_checked_and_the_others_are(repo: Repo) -> None:
    three = ["import legacy\n", "print legacy.old(password=secret)\n", "legacy.old(password=b)\n"]
    repo.commit(("a.ipynb", notebook(*three)))
    report = check(Request(everything=True))
    assert [one.reason.partition(":")[0] for one in report.skipped] == ["cell 2 could not be read"]
    assert len(found(report)) == 1
    # What its past has can be told all the same, and is not new.
    repo.stage("a.ipynb", notebook(*three, "x = 1\n"))
    again = check(Request())
    assert [line.split()[1] for line in found(again)] == ["known"]
    assert code(again) == 2


def test_a_comment_in_a_cell_silences_its_statement_only(repo: Repo) -> None:
    cell = "import legacy\n# devsec: ignore[old] test: local\nlegacy.old(password=a)\nlegacy.old(password=b)\n"
    repo.stage("lines.ipynb", notebook(cell))
    repo.stage("one.ipynb", notebook(cells.code((cell,))))
    verdicts = {
        checked.path: [(one.verdict.value, one.finding.where) for one in checked.judged]
        for checked in check(Request()).checked
    }
    wanted = [("suppressed", "cell 1, line 3"), ("block", "cell 1, line 4")]
    assert verdicts == {"lines.ipynb": wanted, "one.ipynb": wanted}


def test_a_comment_in_a_cell_without_a_reason_is_told_on_its_line(repo: Repo) -> None:
    text = notebook("import legacy\nlegacy.old(password=a)  # devsec: ignore[old]\n")
    repo.stage("a.ipynb", text)
    (checked,) = check(Request()).checked
    (remark,) = checked.remarks
    assert "devsec: ignore" in text.splitlines()[remark.line - 1]


def test_a_staged_notebook_is_cured_in_the_index_and_on_disk(repo: Repo) -> None:
    repo.stage("a.ipynb", notebook("import legacy\nprint(legacy)\n", "legacy.old(password=secret)\n"))
    repo.write("a.ipynb", notebook("import legacy\nprint(legacy)\n", "legacy.old(password=secret)\n", "more = 1\n"))
    done = repo.devsec("fix", "--staged")
    assert done.returncode == 0, done.stdout + done.stderr
    staged = cells.sources(repo.git("show", ":a.ipynb"))
    assert staged == ["import legacy\nimport modern\nprint(legacy)\n", "modern.old(password=secret)\n"]
    assert cells.sources(repo.read("a.ipynb")) == [*staged, "more = 1\n"]
