"""`devsec ignore FILE:LINE`: writes what silences, and nothing else."""

from __future__ import annotations

import json

import cells
import pytest
from conftest import RULE, Repo

from tests.devsec_process import devsec

BAD = "import legacy\n\nlegacy.old(password=a)\nlegacy.iffy(password=b)\n"
WHY = ("--reason", "false-positive: no password")


def test_it_writes_a_comment_that_silences(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    done = repo.devsec("ignore", "app.py:3", *WHY)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "silenced  app.py:3  old: false-positive: no password",
        "devsec: look at it with git diff, then git add",
    ]
    assert repo.read("app.py") == BAD.replace("=a)", "=a)  # devsec: ignore[old] false-positive: no password")
    assert repo.git("show", ":app.py") == BAD, "nothing is staged"
    assert repo.devsec("check", "app.py").returncode == 0


def test_diff_changes_nothing(repo: Repo) -> None:
    repo.write("app.py", BAD)
    done = repo.devsec("ignore", "app.py:3", *WHY, "--diff")
    assert "+legacy.old(password=a)  # devsec: ignore[old] false-positive: no password" in done.stdout
    assert repo.read("app.py") == BAD


def test_from_a_folder_below_as_check_prints_it(repo: Repo) -> None:
    repo.write("sub/app.py", BAD)
    done = devsec("ignore", "app.py:3:1:", *WHY, cwd=repo.root / "sub", check=True)
    assert "silenced  app.py:3  old" in done.stdout
    assert "devsec: ignore[old]" in repo.read("sub/app.py")


def test_several_findings_on_a_line_are_named(repo: Repo) -> None:
    line = "import legacy\nlegacy.old(password=legacy.iffy(password=a))\n"
    repo.write("app.py", line)
    done = repo.devsec("ignore", "app.py:2", *WHY)
    assert (done.returncode, "--rule: iffy, old" in done.stderr) == (2, True)
    assert repo.read("app.py") == line
    repo.devsec("ignore", "app.py:2", "--rule", "iffy", *WHY)
    assert "# devsec: ignore[iffy] " in repo.read("app.py")
    repo.write("app.py", line)
    repo.devsec("ignore", "app.py:2:21", "--reason", "test")
    assert "# devsec: ignore[iffy] " in repo.read("app.py"), "a column says which"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["app.py:3"], "--reason: it gives no reason", id="no reason"),
        pytest.param(["app.py:3", "--reason", "because"], "without a class", id="no class"),
        pytest.param(["app.py:3", "--reason", "fix-later(2020-01-01)"], "is over already", id="a day that is over"),
        pytest.param(["app.py", *WHY], "which line?", id="no line"),
        pytest.param(["app.py:0", *WHY], "which line?", id="line 0"),
        pytest.param(["app.py:x", *WHY], "which line?", id="no number"),
        pytest.param(["none.py:3", *WHY], "no such file", id="no file"),
        pytest.param(["rules:3", *WHY], "no such file", id="a folder"),
        pytest.param(["app.py:1", *WHY], "no finding", id="no finding there"),
        pytest.param(["app.py:3", "--rule", "odl", *WHY], "no rule 'odl'", id="no such rule"),
        pytest.param(["app.py:3", "--rule", "iffy", *WHY], "no finding of iffy", id="not that rule"),
        pytest.param(["clean.py:1", *WHY], "nothing is found in it", id="a clean file"),
        pytest.param(["broken.py:2", *WHY], "is not checked", id="a broken file"),
        pytest.param(["vendor/app.py:3", *WHY], "exclude", id="an excluded file"),
        pytest.param(["done.py:3", *WHY], "is silenced on line 3", id="silenced already"),
        pytest.param(["over.py:3", *WHY], "was silenced on line 3 until 2020-01-01", id="what is over"),
    ],
)
def test_asked_wrongly_nothing_is_written(repo: Repo, words: list[str], says: str) -> None:
    repo.write("app.py", BAD)
    repo.write("clean.py", "x = 1\n")
    repo.write("broken.py", BAD + "def broken(:\n")
    repo.write("vendor/app.py", BAD)
    repo.write("done.py", BAD.replace("=a)", "=a)  # devsec: ignore[old] test"))
    repo.write("over.py", BAD.replace("=a)", "=a)  # devsec: ignore[old] fix-later(2020-01-01)"))
    before = {path: path.read_bytes() for path in repo.root.rglob("*.py")}
    done = repo.devsec("ignore", *words)
    assert (done.returncode, says in done.stderr, done.stdout) == (2, True, ""), done.stderr
    assert {path: path.read_bytes() for path in repo.root.rglob("*.py")} == before


def test_what_cannot_be_silenced_is_not(repo: Repo) -> None:
    repo.write("rules/old.yaml", RULE.format(name="old", level="block", safety="safe") + "unsilenceable: true\n")
    repo.write("app.py", BAD)
    done = repo.devsec("ignore", "app.py:3", *WHY)
    assert (done.returncode, "old cannot be silenced" in done.stderr) == (2, True)


@pytest.mark.parametrize("shape", ["lines", "one string"])
def test_a_notebook_gets_it_in_its_cell(repo: Repo, shape: str) -> None:
    cell = "import legacy\nlegacy.old(password=a)\nx = 1\n"
    text = cells.notebook(cell if shape == "lines" else cells.code((cell,)))
    repo.write("a.ipynb", text)
    (one,) = json.loads(repo.devsec("check", "a.ipynb", "--format", "json").stdout)["findings"]
    done = repo.devsec("ignore", f"a.ipynb:{one['line']}", *WHY)
    assert done.returncode == 0, done.stderr
    comment = "  # devsec: ignore[old] false-positive: no password"
    assert cells.sources(repo.read("a.ipynb")) == [cell.replace("=a)", "=a)" + comment)]
    assert repo.read("a.ipynb").replace(comment, "") == text
    assert repo.devsec("check", "a.ipynb").returncode == 0


SECRET = "hK9x2LqPz7Vb4Nn8Tw3R"
BUNDLED = "secret-in-setting"


def test_json_gets_an_entry_for_this_one_finding(repo: Repo) -> None:
    text = f'{{"database": {{"password": "{SECRET}"}}}}\n'
    repo.write("data.json", text)
    done = repo.devsec("ignore", "data.json:1", "--reason", "test: made up")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"silenced  data.json:1  {BUNDLED}: test: made up",
        "devsec: no comment can stand there, so it is an entry of devsec.toml",
    ]
    assert repo.read("data.json") == text
    assert repo.read("devsec.toml").startswith(
        'rules = ["rules"]\nexclude = ["vendor/"]\n\n[[ignore]]\npath = "data.json"\n'
    )
    assert SECRET not in repo.read("devsec.toml")
    (one,) = json.loads(repo.devsec("check", "data.json", "--format", "json").stdout)["findings"]
    assert (one["verdict"], one["silence"]["reason"]) == ("suppressed", "test: made up")


@pytest.mark.parametrize(
    ("config", "file", "head"),
    [
        pytest.param({}, "devsec.toml", '[[ignore]]\npath = "data.json"', id="nothing configured"),
        pytest.param({"pyproject.toml": "[project]\r\nname = 'a'"}, "devsec.toml", "[[ignore]]", id="not for devsec"),
        pytest.param(
            {"pyproject.toml": "[tool.devsec]\r\nexclude = []"},
            "pyproject.toml",
            "[tool.devsec]\r\nexclude = []\r\n\r\n[[tool.devsec.ignore]]\r\npath",
            id="in pyproject, crlf, no last line end",
        ),
    ],
)
def test_the_entry_goes_where_the_configuration_is(repo: Repo, config: dict[str, str], file: str, head: str) -> None:
    (repo.root / "devsec.toml").unlink()
    for path, text in config.items():
        repo.write(path, text)
    repo.write("data.json", f'{{"password": "{SECRET}"}}\n')
    done = repo.devsec("ignore", "data.json:1", "--reason", "test")
    assert done.returncode == 0, done.stderr
    assert repo.read(file).startswith(head)
    assert repo.devsec("check", "data.json").stdout == "devsec: nothing to say about 1 file; 1 silenced\n"


def test_a_configuration_that_takes_no_entry_is_left_and_the_entry_shown(repo: Repo) -> None:
    text = 'ignore = [{path = "x", rules = ["old"], reason = "test"}]\nrules = ["rules"]\n'
    repo.write("devsec.toml", text)
    repo.write("data.json", f'{{"password": "{SECRET}"}}\n')
    done = repo.devsec("ignore", "data.json:1", "--reason", "test")
    assert done.returncode == 2
    assert "takes no entry at its end" in done.stderr
    assert "Write it by hand:" in done.stderr
    assert repo.read("devsec.toml") == text


def test_a_file_as_a_whole(repo: Repo) -> None:
    repo.write(".env", f"DB_PASSWORD={SECRET}\n")
    (one, *_) = json.loads(repo.devsec("check", ".env", "--format", "json").stdout)["findings"]
    done = repo.devsec("ignore", ".env:1", "--rule", one["rule"], "--reason", "test")
    assert done.returncode == 0, done.stderr
    assert repo.read(".env") == f"# devsec: ignore[{one['rule']}] test\nDB_PASSWORD={SECRET}\n"


def test_a_secret_is_not_shown(repo: Repo) -> None:
    repo.write("data.yaml", f"password: {SECRET}\n")
    done = repo.devsec("ignore", "data.yaml:1", "--reason", f"test {SECRET}", "--diff")
    assert SECRET not in done.stdout + done.stderr
