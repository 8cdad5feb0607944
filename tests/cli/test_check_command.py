"""`devsec check` as a process: what it prints, how it ends, what it does not load."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from conftest import Repo

from tests.devsec_process import devsec

BAD = 'import legacy\n\nlegacy.old(password="canary-canary-canary")\n'
HEAVY = (
    "libcst",
    "rich",
    "yaml",
    "concurrent.futures",
    "importlib.metadata",
    "tomllib",
    "difflib",
    "shutil",
    "pathlib",
    "click",
    "dataclasses",
    "inspect",
    "typing",
    "re2",
    "devsec.news",
    "devsec.finding",
    "devsec.report.terminal",
)


def test_blocks_with_place_cure_and_command(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    done = repo.devsec("check")
    assert (done.returncode, done.stderr) == (1, "")
    for part in (
        "app.py:3:1  blocks  old\n",
        "cure  Call the new one\n",
        "do    devsec fix\n",
        "1 finding blocks in 1 file\n",
    ):
        assert part in done.stdout
    assert "canary-canary" not in done.stdout


def test_nothing_to_say_in_one_line(repo: Repo) -> None:
    repo.stage("app.py", "x = 1\n")
    done = repo.devsec("check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "devsec: nothing to say about 1 file\n", "")


def test_json_is_all_there_is_on_stdout(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    repo.stage("broken.py", BAD + "def (\n")
    done = repo.devsec("check", "--format", "json")
    data = json.loads(done.stdout)
    assert [finding["path"] for finding in data["findings"]] == ["app.py"]
    assert [skipped["path"] for skipped in data["skipped"]] == ["broken.py"]
    assert done.returncode == 1
    assert "canary-canary" not in done.stdout
    for seed in "12":
        assert repo.started("check", "--format", "json", PYTHONHASHSEED=seed).stdout == done.stdout


def test_not_checked_is_said_and_ends_with_2(repo: Repo) -> None:
    repo.stage("broken.py", BAD + "def (\n")
    for form in ("text", "lines", "json"):
        done = repo.devsec("check", "--format", form)
        assert done.returncode == 2
        assert "broken.py" in done.stdout
        assert "Traceback" not in done.stdout + done.stderr


def test_broken_without_candidates_stays_quiet(repo: Repo) -> None:
    repo.stage("broken.py", "def (\n")
    assert repo.devsec("check").returncode == 0


def test_paths_are_written_for_whoever_stands_in_a_folder(repo: Repo) -> None:
    repo.stage("sub/app.py", BAD)
    done = devsec("check", "--format", "lines", cwd=repo.root / "sub")
    assert done.stdout == "app.py:3:1: block old The old old is called\n"


@pytest.mark.parametrize(
    ("words", "says", "hint"),
    [
        (["chekc"], "no command 'chekc'", "'check'"),
        (["check", "--foo"], "--foo", "devsec check --help"),
        (["check", "--format", "xml"], "xml", "devsec check --help"),
        (["check", "nowhere.py"], "nowhere.py", "spelling"),
        (["check", "--since", "nowhere"], "nowhere", ""),
        (["check", "--since", "main", "--all"], "contradict", "one of them"),
        (["fix", "--only", "odl"], "no rule 'odl'", "'old'"),
        (["explain", "odl"], "no rule 'odl'", "'old'"),
        (["rules", "show", "odl"], "no rule 'odl'", "'old'"),
    ],
)
def test_asked_wrongly(repo: Repo, words: list[str], says: str, hint: str) -> None:
    done = repo.devsec(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("devsec: ")
    assert says in done.stderr
    assert hint in done.stderr.split("hint: ", 1)[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("devsec.toml", "exclud = []", "devsec.toml: unknown key 'exclud'"),
        ("devsec.toml", "[levels]\nodl = 'off'", "there is no rule 'odl'"),
        ("rules/old.yaml", "id: old\n", "rules/old.yaml:1"),
        ("rules/old.yaml", "id: [", "rules/old.yaml:"),
    ],
)
def test_a_broken_configuration_or_rule_is_never_clean(repo: Repo, file: str, text: str, says: str) -> None:
    repo.write("devsec.toml", 'rules = ["rules"]\n')
    repo.write(file, text)
    repo.stage("app.py", "x = 1\n")
    done = repo.devsec("check")
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_no_git(repo: Repo) -> None:
    done = repo.devsec("check", PATH="/nonexistent")
    assert done.returncode == 2
    assert "git" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("colour", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {}])
def test_no_colour_in_a_pipe(repo: Repo, colour: dict[str, str]) -> None:
    repo.stage("app.py", BAD)
    assert "\x1b" not in repo.devsec("check", **colour).stdout


def test_a_reader_that_goes_away_is_no_fault(repo: Repo) -> None:
    for number in range(60):
        repo.stage(f"app{number}.py", BAD * 30)
    process = subprocess.Popen(
        [sys.executable, "-m", "devsec", "check"], cwd=repo.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() not in (0, 3)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full (Linux)")
@pytest.mark.parametrize("options", [[], ["--format", "json"]])
def test_a_report_that_cannot_be_written_is_not_clean(repo: Repo, options: list[str]) -> None:
    repo.stage("app.py", "x = 1\n")
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    for env in (environ, {**environ, "PYTHONUNBUFFERED": "1"}):
        with open("/dev/full", "wb") as full:
            done = devsec("check", *options, cwd=repo.root, stdout=full, env=env)
        assert done.returncode == 2
        assert "could not be written" in done.stderr
        assert "Exception ignored" not in done.stderr  # by Python, on its way out


def loaded(repo: Repo, *words: str) -> set[str]:
    """Modules a command has loaded when it ends."""
    code = (
        "import sys\nfrom devsec.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as end:\n    print(end.code, *sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code, *words], cwd=repo.root, capture_output=True, text=True)
    exit_code, *modules = done.stderr.split()
    assert exit_code == "0", done.stderr
    return set(modules)


@pytest.mark.parametrize("files", [0, 3])
def test_a_commit_with_nothing_to_find_loads_nothing_heavy(repo: Repo, files: int) -> None:
    (repo.root / "devsec.toml").unlink()
    repo.write("pyproject.toml", '[project]\nname = "x"\n')
    for number in range(files):
        repo.stage(f"app{number}.py", f"import os\n\n\ndef f(x):\n    return os.path.join(x, '{number}')\n")
    repo.devsec("check")  # fills the cache
    by_nobody = subprocess.run(
        [sys.executable, "-I", "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True
    )
    ours = loaded(repo, "check") - set(by_nobody.stdout.split())
    assert "devsec.run" in ours, "the test looks at the right process"
    assert not {name for name in HEAVY if name in ours}
    assert not {name for name in ours if name.startswith("devsec.fix") or name == "devsec.scan.engine"}


def test_a_commit_with_words_of_rules_loads_no_more_than_it_needs(repo: Repo) -> None:
    (repo.root / "devsec.toml").unlink()
    repo.write("pyproject.toml", '[project]\nname = "x"\n')
    repo.stage("app.py", "import yaml\n\n\ndef f(load):\n    return yaml.safe_load(load)\n")
    repo.devsec("check")
    ours = loaded(repo, "check")
    assert "devsec.scan.candidates" in ours, "the test looks at the right process"
    assert not ours & {
        "libcst",
        "rich",
        "yaml",
        "click",
        "dataclasses",
        "inspect",
        "typing",
        "pathlib",
        "shutil",
        "re2",
    }


def test_a_commit_with_something_to_find_does(repo: Repo) -> None:
    """What the test above looks for can be seen when it is there."""
    repo.stage("app.py", "import legacy\nlegacy.quiet(password=x)\n")
    assert {"libcst", "devsec.scan.engine"} <= loaded(repo, "check")


@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_cache_that_cannot_be_written_is_no_trouble(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    assert repo.devsec("check", XDG_CACHE_HOME="/proc/nowhere").returncode == 1
