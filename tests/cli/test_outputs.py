"""Reports in files, quiet runs, colour and completion: `devsec check` as CI and shells use it."""

from __future__ import annotations

import json
import ntpath
import os
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import Repo

from devsec.cli import surroundings
from devsec.cli.group import COMMANDS
from devsec.cli.outputs import Output, read, write
from devsec.cli.surroundings import colour
from devsec.errors import OutputError, UsageError
from devsec.report import sarif
from devsec.report.forms import FORMS
from devsec.sources import git

BAD = 'import legacy\n\nlegacy.old(password="canary-canary-canary")\n'
WARNS = 'import legacy\n\nlegacy.iffy(password="canary-canary-canary")\n'


def test_beside_what_is_printed(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    plain = repo.devsec("check")
    done = repo.devsec("check", "--output", "sarif:out.sarif", "--output", "gitlab:gl.json", "--output=junit:j.xml")
    assert (done.returncode, done.stdout, done.stderr) == (1, plain.stdout, "")
    sarif = json.loads(repo.read("out.sarif"))
    assert sarif["runs"][0]["results"][0]["ruleId"] == "old"
    assert sarif["runs"][0]["tool"]["driver"]["rules"][0]["help"]["markdown"].startswith(
        "The old call leaves the road."
    )
    assert json.loads(repo.read("gl.json"))[0]["check_name"] == "old"
    assert "<failure" in repo.read("j.xml")
    assert not [name for name in os.listdir(repo.root) if name.endswith(".tmp")]


def test_instead_of_what_is_printed(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    printed = repo.devsec("check", "--format", "sarif").stdout
    done = repo.devsec("check", "--format", "sarif", "--output", "out.sarif")
    assert (done.returncode, done.stdout) == (1, "devsec: 1 finding blocks in 1 file\n")
    assert repo.read("out.sarif") == printed
    assert repo.devsec("check", "-q", "--output", "report.txt").stdout == ""
    assert "legacy.old" in repo.read("report.txt")


def test_a_clean_run_and_one_that_could_not_look_write_their_files(repo: Repo) -> None:
    repo.stage("app.py", "x = 1\n")
    done = repo.devsec("check", "--output", "sarif:out.sarif", "--output", "gitlab:gl.json")
    assert done.returncode == 0
    assert json.loads(repo.read("gl.json")) == []
    assert json.loads(repo.read("out.sarif"))["runs"][0]["invocations"][0]["executionSuccessful"] is True
    repo.stage("app.py", BAD + "def (\n")
    assert repo.devsec("check", "--output", "sarif:out.sarif", "--output", "gitlab:gl.json").returncode == 2
    assert json.loads(repo.read("out.sarif"))["runs"][0]["invocations"][0]["executionSuccessful"] is False
    assert json.loads(repo.read("gl.json"))[0]["check_name"] == "not-checked"


@pytest.mark.parametrize(
    ("outputs", "said", "hint"),
    [
        (["sarif:no/such/x.sarif"], "there is no folder no/such", "mkdir -p no/such"),
        (["json:rules"], "is a folder", "in it"),
        (["sarf:x"], "there is no format 'sarf'", "'sarif'? A file of that name is ./sarf:x"),
        (["x.sarif"], "in which format?", "--output sarif:x.sarif"),
        (["x.xml"], "in which format?", "--output junit:x.xml"),
        (["json:"], "no file is named", ""),
        (["json:-"], "with --format", "--format"),
        (["json:x", "sarif:./x"], "two reports in one file", "each"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_looked_at(
    repo: Repo, outputs: list[str], said: str, hint: str
) -> None:
    repo.stage("app.py", BAD)
    done = repo.devsec("check", *(f"--output={output}" for output in outputs))
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert hint in done.stderr
    assert not (repo.root / "x").exists()


def test_names_that_look_like_formats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read(["./sarf:x"], "json") == (Output("json", "./sarf:x", True),)
    assert read(["C:x.sarif"], "sarif") == (Output("sarif", "C:x.sarif", True),)  # a drive
    assert read(["lines:a:b"], "") == (Output("lines", "a:b", False),)
    assert read(["x.sarif"], "json") == (Output("json", "x.sarif", True),)  # asked for twice over
    assert read(["report"], "") == (Output("text", "report", True),)


def test_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "old.json"
    old.write_text("old")
    old.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(old)
    write(Output("json", str(link), False), "new")
    assert (link.is_symlink(), old.read_text(), stat.S_IMODE(old.stat().st_mode)) == (True, "new", 0o640)

    def full(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OutputError, match="No space left on device"):
        write(Output("json", str(old), False), "newer")
    assert old.read_text() == "new"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["link.json", "old.json"]


def test_a_new_file_is_as_the_umask_wants_it(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(Output("json", str(tmp_path / "x"), False), "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o640


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_written_to_and_not_replaced(repo: Repo, tmp_path: Path) -> None:
    repo.stage("app.py", BAD)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True) as cat:
        done = repo.devsec("check", "--output", f"json:{pipe}")
        out, _ = cat.communicate(timeout=60)
    assert done.returncode == 1
    assert json.loads(out)["summary"]["blocking"] == 1
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_folder_that_nobody_may_write_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(UsageError, match="nothing may be written"):
        read([f"json:{tmp_path}/x"], "")


def test_quiet(repo: Repo) -> None:
    repo.stage("app.py", WARNS)
    assert "1 warning" in repo.devsec("check").stdout
    done = repo.devsec("check", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    repo.stage("app.py", BAD + WARNS)
    done = repo.devsec("check", "--quiet")
    assert done.returncode == 1
    assert done.stdout.endswith("devsec: 1 finding blocks in 1 file\n")
    assert "iffy" not in done.stdout
    repo.stage("app.py", BAD + "def (\n")
    done = repo.devsec("check", "-q")
    assert done.returncode == 2
    assert "not checked" in done.stdout


def test_github_is_only_spoken_when_asked_for(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    assert repo.devsec("check", GITHUB_ACTIONS="true", CI="true").stdout == repo.devsec("check").stdout
    assert repo.devsec("check", "--format", "github").stdout.startswith("::error file=app.py,line=3,")


def test_a_form_is_loaded_when_it_is_wanted(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    code = (
        "import sys\nfrom devsec.cli.look import look\nlook((), form='json', outputs=('lines:x',))\n"
        "print(*(name for name in sys.modules if name.startswith('devsec.report.')), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=repo.root, capture_output=True, text=True, check=True)
    loaded = {name.removeprefix("devsec.report.") for name in done.stderr.split()}
    assert loaded & set(FORMS) == {"json", "lines"}


@pytest.mark.parametrize(
    ("environ", "terminal", "wanted"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"CLICOLOR": "0"}, True, False),
        ({"CLICOLOR": "1"}, False, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"CLICOLOR_FORCE": "1"}, False, True),
        ({"CLICOLOR_FORCE": "0"}, False, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_colour(environ: dict[str, str], terminal: bool, wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal, raising=False)
    assert colour() is wanted


def test_no_colour_in_a_file(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    done = repo.devsec("check", "--output", "text:x.txt", FORCE_COLOR="1")
    assert "\x1b[" in done.stdout
    assert "\x1b" not in repo.read("x.txt")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(repo: Repo, shell: str) -> None:
    done = repo.devsec("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert "_DEVSEC_COMPLETE" in done.stdout
    assert f"{shell}_complete" in done.stdout


@pytest.mark.parametrize(
    ("words", "at", "offered"),
    [
        ("devsec ch", "1", ["plain,check"]),
        ("devsec check --ou", "2", ["plain,--output"]),
        ("devsec check --format g", "3", ["plain,github", "plain,gitlab"]),
        ("devsec completion ", "2", ["plain,bash", "plain,zsh", "plain,fish"]),
        ("devsec nothing ", "2", [f"plain,{name}" for name in COMMANDS]),  # nothing is wrong yet
    ],
)
def test_what_a_shell_is_offered(repo: Repo, words: str, at: str, offered: list[str]) -> None:
    done = repo.devsec(COMP_WORDS=words, COMP_CWORD=at, _DEVSEC_COMPLETE="bash_complete")
    assert (done.stdout.split(), done.stderr) == (offered, "")


def test_paths_of_windows_have_forward_slashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as that can be seen without a Windows: with its rules for paths."""
    windows = SimpleNamespace(path=ntpath, sep="\\", getcwd=lambda: r"C:\code\repo\sub", environ={})
    with monkeypatch.context() as patch:
        patch.setattr(surroundings, "os", windows)
        shown = surroundings.from_here(r"C:\code\repo")
        assert shown("src/app.py") == "../src/app.py"
        assert shown("sub/app.py") == "app.py"
    with monkeypatch.context() as patch:
        patch.setattr(git, "os", windows)
        patch.setattr(git, "real", ntpath.realpath)
        repository = git.Repository(r"C:\code\repo", r"C:\code\repo\.git")
        assert repository.relative(r"C:\code\repo\src\app.py") == "src/app.py"
        assert repository.relative(r"C:\code\repo") == ""
        assert repository.relative(r"C:\code\other\app.py") is None
    assert sarif.uri("C:/code/an app.py") == "file:///C:/code/an%20app.py"
