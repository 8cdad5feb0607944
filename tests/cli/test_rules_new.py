"""`devsec rules new` as a process: what it begins holds, what it cannot know it says, and it writes over nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import Repo

from tests.devsec_process import devsec_bytes

ACME = ("--bad", "import acme\nacme.send(url, check=False)", "--good", "import acme\nacme.send(url)")


def begun(repo: Repo, bad: str, good: str, *more: str) -> dict[str, object]:
    """The rule that comes of it, proved by the real `rules test`."""
    done = repo.devsec("rules", "new", "a-new-one", "--bad", bad, "--good", good, *more)
    assert done.returncode == 0, done.stderr
    proof = repo.devsec("rules", "test", "rules/a-new-one.yaml")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    text = repo.read("rules/a-new-one.yaml")
    assert all(f"{key}:" in text for key in ("title", "why", "cwe"))
    assert text.count("WRITE") >= 7
    return dict(yaml.safe_load(text.replace("\n  on:", '\n  "on":')))


def test_files_and_standard_input(repo: Repo) -> None:
    repo.write("bad.py", "import acme\n\n\ndef f(url):\n    return acme.send(url, check=False)\n")
    repo.write("good.py", "import acme\n\n\ndef f(url):\n    return acme.send(url)\n")
    rule = begun(repo, "bad.py", "good.py")
    assert rule["find"] == {"call": "acme.send", "args": {"check": {"is": False}}}


def test_a_module_that_is_not_imported_is_said(repo: Repo) -> None:
    done = repo.devsec("rules", "new", "a-new-one", "--bad", "tempfile.mktemp()", "--good", "tempfile.mkstemp()")
    assert done.returncode == 0, done.stderr
    assert "`import tempfile` was put into the bad one" in done.stdout
    assert repo.devsec("rules", "test", "rules/a-new-one.yaml").returncode == 0


def test_what_finds_it_already_is_said(repo: Repo) -> None:
    done = repo.devsec("rules", "new", "a-new-one", "--bad", "import yaml\nyaml.load(x, Loader=yaml.Loader)",
                       "--good", "import yaml\nyaml.safe_load(x)", "--print")  # fmt: skip
    assert done.stdout.startswith("# Begun by")
    assert not Path("rules/a-new-one.yaml").exists()
    done = repo.devsec("rules", "new", "a-new-one", "--bad", "import yaml\nyaml.load(x, Loader=yaml.Loader)",
                       "--good", "import yaml\nyaml.safe_load(x)")  # fmt: skip
    assert "yaml-unsafe-load finds the bad line already" in done.stdout


def test_standard_input(repo: Repo) -> None:
    def given(text: bytes) -> subprocess.CompletedProcess[bytes]:
        words = ("rules", "new", "a-new-one", "--bad", "-", "--good", "import acme\nacme.send(url)")
        return devsec_bytes(*words, cwd=repo.root, input=text)

    wrong = given(b"acme.send('\xff')\n")
    assert wrong.returncode == 2
    assert b"not UTF-8" in wrong.stderr
    assert given(b"import acme\nacme.send(url, check=False)\n").returncode == 0
    assert "check: {is: false}" in repo.read("rules/a-new-one.yaml")


@pytest.mark.skipif(os.name == "nt", reason="a terminal of our own takes pty, which Windows does not have")
def test_what_is_missing_is_asked_at_a_terminal(repo: Repo) -> None:
    import pty

    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "devsec", "rules", "new", "a-new-one"], cwd=repo.root, stdin=theirs, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        os.write(ours, b"import acme\nacme.send(url, check=False)\n\nimport acme\nacme.send(url)\n\n")
        _, asked = process.communicate(timeout=60)
    for end in (ours, theirs):
        os.close(end)
    assert process.returncode == 0, asked
    assert b"What should not be written" in asked
    assert b"What to write instead" in asked
    assert "check: {is: false}" in repo.read("rules/a-new-one.yaml")


def test_where_it_goes(repo: Repo) -> None:
    repo.write("devsec.toml", "")
    done = repo.devsec("rules", "new", "a-new-one", *ACME)
    assert done.returncode == 2
    assert "--to FOLDER" in done.stderr
    done = repo.devsec("rules", "new", "a-new-one", *ACME, "--to", "elsewhere/deep")
    assert done.returncode == 0, done.stderr
    assert "is no folder that counts here" in done.stdout
    assert repo.read("elsewhere/deep/a-new-one.yaml").startswith("# Begun by")
    repo.write("acme_devsec/pack.yaml", "pack: acme\ntitle: What Acme wants\n")
    (repo.root / "acme_devsec/rules").mkdir()
    assert repo.devsec("rules", "new", "a-new-one", *ACME).returncode == 0
    assert (repo.root / "acme_devsec/rules/a-new-one.yaml").is_file()


def test_nothing_is_written_over(repo: Repo) -> None:
    repo.write("rules/there.yaml", repo.read("rules/old.yaml").replace("id: old", "id: there"))
    before = repo.read("rules/there.yaml")
    done = repo.devsec("rules", "new", "there", *ACME)
    assert done.returncode == 2
    assert "is there already" in done.stderr
    assert repo.read("rules/there.yaml") == before
    done = repo.devsec("rules", "new", "old", *ACME, "--to", "other")
    assert done.returncode == 2
    assert "there is a rule 'old' already" in done.stderr
    assert not (repo.root / "other").exists()


def test_no_secret_is_written_down(repo: Repo) -> None:
    token = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
    done = repo.devsec(
        "rules",
        "new",
        "a-new-one",
        "--bad",
        f'import acme\nacme.send("{token}")',
        "--good",
        "import acme\nacme.send(x)",
    )
    assert done.returncode == 2
    assert "looks like a secret" in done.stderr
    assert token not in done.stdout + done.stderr
    assert not (repo.root / "rules/a-new-one.yaml").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("A_New_One", *ACME), "is no rule id"),
        (("acme/new-one", *ACME), "is no rule id"),
        (("../new", *ACME), "is no rule id"),
        (("a-new-one", "--bad", "f(x)"), "--good is missing"),
        (("a-new-one",), "--bad is missing"),
        (("a-new-one", "--bad", "-", "--good", "-"), "cannot both"),
        (("a-new-one", "--bad", "nowhere.py", "--good", "f()"), "no such file"),
        (("a-new-one", "--bad", "binary.bin", "--good", "f()"), "not UTF-8"),
        (("a-new-one", "--bad", "f('\udcff')", "--good", "f()"), "not UTF-8"),
        (("a-new-one", "--bad", "large.txt", "--good", "f()"), "larger than 64 KiB"),
        (("a-new-one", "--bad", "f(x)", "--good", "f(x)"), "are the same"),
        (("a-new-one", "--bad", " ", "--good", "f(x)"), "the bad line is empty"),
        (("a-new-one", "--bad", "f(", "--good", "f()", "--path", "a.py"), "the bad text is no Python: line 1"),
        (("a-new-one", "--bad", "return f(x)", "--good", "return g(x)"), "outside function"),
        (("a-new-one", "--bad", "a: 1\n", "--good", "a: 1\nb: 2\n", "--path", "a.yaml"), "not what is missing"),
        (("a-new-one", "--bad", "@app.get\ndef f(): pass", "--good", "@app.get\n@login\ndef f(): pass"), "could not be told"),
        (("a-new-one", *ACME, "--to", "devsec.toml"), "is no folder"),
    ],
)  # fmt: skip
def test_bad_input(repo: Repo, words: tuple[str, ...], says: str) -> None:
    repo.write("binary.bin", b"\xff\xfe\x00")
    repo.write("large.txt", "f(x)\n" * 20_000)
    before = sorted(repo.root.rglob("*.yaml"))
    done = repo.devsec("rules", "new", *words)
    assert done.returncode == 2, done.stdout
    assert says in done.stderr, done.stderr
    assert "hint:" in done.stderr
    assert sorted(repo.root.rglob("*.yaml")) == before
