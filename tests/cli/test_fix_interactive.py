"""`devsec fix -i`: a person decides, finding by finding."""

from __future__ import annotations

import subprocess

import pytest
from conftest import Repo

from tests.devsec_process import devsec

BAD = "import legacy\n\nlegacy.old(password=one)\nlegacy.iffy(password=two)\nlegacy.old(password=three)\n"


def walk(repo: Repo, said: str, *more: str) -> subprocess.CompletedProcess[str]:
    return devsec("fix", "-i", *more, cwd=repo.root, input=said)


def calls(repo: Repo, path: str = "app.py") -> list[str]:
    return [line.split("(")[0] for line in repo.read(path).splitlines() if "(" in line]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("y\nn\ny\n", ["modern.old", "legacy.iffy", "modern.old"], id="yes and no"),
        pytest.param("n\na\n", ["legacy.old", "modern.iffy", "modern.old"], id="all that follow, hardening too"),
        pytest.param("s\ny\n", ["legacy.old", "modern.iffy", "legacy.old"], id="none of this rule"),
        pytest.param("y\nq\n", ["modern.old", "legacy.iffy", "legacy.old"], id="quit keeps what was chosen"),
        pytest.param("y\n", ["modern.old", "legacy.iffy", "legacy.old"], id="so does the end of the input"),
        pytest.param("x\n\n?\nn\nn\nn\n", ["legacy.old", "legacy.iffy", "legacy.old"], id="what is no answer is asked again"),
    ],
)  # fmt: skip
def test_what_is_said_is_done(repo: Repo, said: str, expected: list[str]) -> None:
    repo.stage("app.py", BAD)
    done = walk(repo, said)
    assert calls(repo) == expected, done.stdout
    assert done.returncode == (1 if "legacy.old" in expected else 0)
    assert done.stdout.count("q  leave this and all that follow") == (3 if "x" in said else 0)


def test_shows_the_finding_and_what_would_change(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    done = walk(repo, "q\n")
    assert "app.py:3:1  blocks  old" in done.stdout
    assert "3 - legacy.old(password=one)" in done.stdout
    assert "3 + modern.old(password=one)" in done.stdout
    assert "(1/3) make this cure [y,n,a,s,e,q,?]? " in done.stdout
    assert repo.read("app.py") == BAD


def test_a_finding_with_several_cures_offers_them(repo: Repo) -> None:
    call = "hashlib.md5(data)"
    repo.stage("app.py", f"import hashlib\n\n\ndef f(data):\n    {call}\n    {call}\n    {call}\n")
    done = walk(repo, "2\n3\nn\n1\n", "--only", "weak-hash")
    assert "\n  1     " in done.stdout
    assert "\n  2     " in done.stdout
    assert "[1-2,y,n," in done.stdout
    assert done.stdout.count("q  leave this and all that follow") == 1, "there is no third"
    calls = [line.strip() for line in repo.read("app.py").splitlines() if "hashlib." in line]
    assert calls[1] == call
    assert len({call, *calls}) == 3, "each cure made something else"
    assert "usedforsecurity=False" in "".join(calls)


def test_a_reason_silences(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    done = walk(repo, "e\n\ne\ntest: it is a rig\nn\ny\n")
    assert "It would silence nothing: it gives no reason." in done.stdout
    assert done.returncode == 0, done.stdout
    assert "legacy.old(password=one)  # devsec: ignore[old] test: it is a rig\n" in repo.read("app.py")
    assert "modern.old(password=three)\n" in repo.read("app.py")
    assert "silenced  app.py:3  old: test: it is a rig" in done.stdout
    assert "; silenced 1" in done.stdout
    repo.git("add", "app.py")
    assert repo.devsec("check").returncode == 0


def test_with_staged_the_comment_goes_into_the_index(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    repo.write("app.py", BAD + "\n\nMORE = 1\n")
    walk(repo, "e\ntest why not\nq\n", "--staged")
    assert "legacy.old(password=one)  # devsec: ignore[old] test why not\n" in repo.git("show", ":app.py")
    assert "legacy.old(password=one)  # devsec: ignore[old] test why not\n" in repo.read("app.py")
    assert repo.read("app.py").endswith("MORE = 1\n")


def test_only_this_rule_and_no_diff(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    walk(repo, "y\n", "--only", "iffy")
    assert calls(repo) == ["legacy.old", "modern.iffy", "legacy.old"]
    done = walk(repo, "", "--diff")
    assert (done.returncode, "Use one of them" in done.stderr) == (2, True)


def test_a_secret_is_not_shown(repo: Repo) -> None:
    repo.stage("app.py", BAD.replace("one", '"canary-canary-canary"'))
    done = walk(repo, "y\ne\ntest canary reason\nq\n")
    assert "canary-canary" not in done.stdout + done.stderr
