"""`devsec fix` where something is in the way: cured right, or refused with a sentence, and nothing else has changed.

In real repositories, as a process. Tests run as root in CI, whom no permission stops: there the system call at the very
boundary is made to answer as it answers everybody else, in the process of devsec.
"""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from conftest import Repo

from tests.devsec_process import devsec

BAD = "import legacy\n\n\ndef f(secret):\n    legacy.old(password=secret)\n\n\nTAIL = 1\n"
GOOD = BAD.replace("import legacy\n", "import modern\n").replace("legacy.old", "modern.old")
BOTH = pytest.mark.parametrize("words", [("fix",), ("fix", "--staged")], ids=["disk", "staged"])

# Makes os.NAME fail for paths that end in SUFFIX. The first three words are for it, the others for devsec.
FAILING = """
import errno, os, sys
name, suffix, number = sys.argv[1], sys.argv[2], getattr(errno, sys.argv[3])
del sys.argv[1:4]
real = getattr(os, name)
def fail(*args, **more):
    if suffix == "*" or any(str(arg).endswith(suffix) for arg in args):
        raise OSError(number, os.strerror(number))
    return real(*args, **more)
setattr(os, name, fail)
"""

# Puts another file, of the first word, in the place of app.py when the new text has just been written beside it.
REPLACING = """
import os, sys
other = sys.argv.pop(1)
real = os.fsync
def fsync(handle):
    real(handle)
    if not os.path.exists("other"):
        with open("other", "w") as file:
            file.write(other)
        os.replace("other", "app.py")
        open("other", "w").close()
os.fsync = fsync
"""


def run(repo: Repo, code: str, *words: str) -> subprocess.CompletedProcess[str]:
    return devsec(*words, cwd=repo.root, before=code)


def staged(repo: Repo, path: str = "app.py") -> str:
    return subprocess.run(["git", "show", f":{path}"], cwd=repo.root, check=True, capture_output=True).stdout.decode()


def everything(repo: Repo) -> dict[str, bytes]:
    """All files of the work tree and what is in the index."""
    found = {
        str(path.relative_to(repo.root)): path.read_bytes()
        for path in repo.root.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }
    found["the index"] = repo.git("ls-files", "-s", "-v").encode(errors="surrogateescape")
    return found


def nothing_left_over(repo: Repo) -> None:
    assert not [
        p for p in repo.root.rglob("*") if ".devsec-" in p.name or "devsec-" in p.name or p.name == "index.lock"
    ]


# --- the disk says no ----------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    ("name", "suffix", "number", "says"),
    [
        pytest.param("fsync", "*", "ENOSPC", "No space left on device", id="the disk is full"),
        pytest.param("open", ".tmp", "EACCES", "Permission denied", id="a folder that takes no new file"),
        pytest.param("open", ".tmp", "EROFS", "Read-only file system", id="a file system that is read-only"),
        pytest.param("replace", "app.py", "EACCES", "Permission denied", id="a file that cannot be replaced"),
    ],
)
def test_the_disk_refuses(repo: Repo, words: tuple[str, ...], name: str, suffix: str, number: str, says: str) -> None:
    repo.stage("app.py", BAD)
    before = everything(repo)
    done = run(repo, FAILING, name, suffix, number, *words)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "not fixed  app.py: " in done.stdout
    assert says in done.stdout
    assert "Traceback" not in done.stderr
    assert everything(repo) == before
    nothing_left_over(repo)


@pytest.mark.parametrize(
    ("name", "suffix", "number"),
    [
        pytest.param("link", "index.lock", "EACCES", id="no lock can be made"),
        pytest.param("replace", "index", "EACCES", id="the index cannot be replaced"),
        pytest.param("replace", "index", "EROFS", id="the index is on a file system that is read-only"),
    ],
)
def test_an_index_that_cannot_be_written(repo: Repo, name: str, suffix: str, number: str) -> None:
    """The file is written by then: it gets its old text back."""
    repo.stage("app.py", BAD)
    before = everything(repo)
    done = run(repo, FAILING, name, suffix, number, "fix", "--staged")
    assert (done.returncode, "not fixed  app.py: the index cannot be written" in done.stdout) == (1, True), done.stdout
    assert everything(repo) == before
    nothing_left_over(repo)
    assert repo.devsec("fix", "--staged").returncode == 0
    assert (staged(repo), repo.read("app.py")) == (GOOD, GOOD)


@BOTH
def test_replaced_meanwhile(repo: Repo, words: tuple[str, ...]) -> None:
    repo.stage("app.py", BAD)
    index = repo.git("ls-files", "-s")
    done = run(repo, REPLACING, "mine = 1\n", *words)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "not fixed  app.py: app.py" in done.stdout.replace(str(repo.root) + os.sep, "")
    assert "meanwhile" in done.stdout or "has changed since" in done.stdout
    assert repo.read("app.py") == "mine = 1\n"
    assert repo.git("ls-files", "-s") == index
    nothing_left_over(repo)


# --- what a file is ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["app.py", "."])
def test_a_read_only_file_is_named(repo: Repo, path: str) -> None:
    repo.stage("app.py", BAD)
    repo.stage("b.py", BAD)
    (repo.root / "app.py").chmod(0o444)
    done = repo.devsec("fix", path)
    assert (done.returncode, "read-only" in done.stdout) == (1, True), done.stdout
    assert repo.read("app.py") == BAD
    assert repo.read("b.py") == (BAD if path == "app.py" else GOOD)
    assert stat.S_IMODE((repo.root / "app.py").stat().st_mode) == 0o444


def test_a_symlink_given_by_path_is_written_through(repo: Repo) -> None:
    repo.write("real/app.py", BAD)
    (repo.root / "link.py").symlink_to("real/app.py")
    done = repo.devsec("fix", "link.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert repo.read("real/app.py") == GOOD
    assert os.readlink(repo.root / "link.py") == "real/app.py"


@BOTH
def test_a_staged_symlink_is_no_file(repo: Repo, words: tuple[str, ...]) -> None:
    repo.write("outside/app.py", BAD)
    (repo.root / "link.py").symlink_to("outside/app.py")
    repo.git("add", "link.py")
    before = everything(repo)
    assert repo.devsec(*words).returncode == 0
    assert everything(repo) == before
    assert (repo.root / "link.py").is_symlink()


def test_a_hard_link_is_named(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    os.link(repo.root / "app.py", repo.root / "twin.txt")
    done = repo.devsec("fix")
    assert (done.returncode, "has 2 hard links" in done.stdout) == (1, True), done.stdout
    assert repo.read("app.py") == repo.read("twin.txt") == BAD
    assert (repo.root / "app.py").samefile(repo.root / "twin.txt")


@BOTH
def test_the_mode_is_kept(repo: Repo, words: tuple[str, ...]) -> None:
    repo.write("app.py", BAD)
    (repo.root / "app.py").chmod(0o755)
    repo.git("add", "app.py")
    assert repo.devsec(*words).returncode == 0
    assert repo.read("app.py") == GOOD
    assert stat.S_IMODE((repo.root / "app.py").stat().st_mode) == 0o755
    assert repo.git("ls-files", "-s", "app.py").startswith("100755 ")


@BOTH
@pytest.mark.parametrize(
    "ending",
    [
        pytest.param(("\r\n", "\r\n"), id="CRLF"),
        pytest.param(("\r\n", "\n"), id="mixed"),
        pytest.param(("\r", "\r"), id="CR"),
    ],
)
def test_line_endings_are_kept(repo: Repo, words: tuple[str, ...], ending: tuple[str, str]) -> None:
    head, tail = BAD.split("\n    legacy", 1)
    before = head.replace("\n", ending[0]) + ending[1] + "    legacy" + tail.replace("\n", ending[1])
    after = before.replace("import legacy", "import modern").replace("legacy.old", "modern.old")
    repo.stage("app.py", before.encode())
    done = repo.devsec(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (repo.root / "app.py").read_bytes() == after.encode()
    if "--staged" in words:
        assert staged(repo) == after


# --- what git makes of a file --------------------------------------------------------------------------------------------


def test_autocrlf_and_a_fix_on_disk(repo: Repo) -> None:
    repo.git("config", "core.autocrlf", "true")
    repo.stage("app.py", BAD.replace("\n", "\r\n").encode())
    assert staged(repo) == BAD
    assert repo.devsec("fix").returncode == 0
    assert (repo.root / "app.py").read_bytes() == GOOD.replace("\n", "\r\n").encode()
    repo.git("add", "app.py")
    assert staged(repo) == GOOD


@BOTH
def test_line_endings_by_attribute(repo: Repo, words: tuple[str, ...]) -> None:
    repo.commit((".gitattributes", "*.py text eol=crlf\n"))
    repo.stage("app.py", BAD.replace("\n", "\r\n").encode())
    assert staged(repo) == BAD
    assert repo.devsec(*words).returncode == 0
    assert (repo.root / "app.py").read_bytes() == GOOD.replace("\n", "\r\n").encode()
    assert staged(repo) == (GOOD if "--staged" in words else BAD)
    if "--staged" in words:
        assert repo.git("diff", "--name-only") == ""


@BOTH
def test_a_filter_by_attribute(repo: Repo, words: tuple[str, ...]) -> None:
    """git stores another text than stands on disk; the fix is made in both."""
    repo.git("config", "filter.shout.clean", "sed 's/ON_DISK/STORED/'")
    repo.git("config", "filter.shout.smudge", "sed 's/STORED/ON_DISK/'")
    repo.commit((".gitattributes", "*.py filter=shout\n"))
    repo.stage("app.py", BAD + "ON_DISK = 1\n")
    assert staged(repo) == BAD + "STORED = 1\n"
    done = repo.devsec(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert repo.read("app.py") == GOOD + "ON_DISK = 1\n"
    assert staged(repo) == ((GOOD if "--staged" in words else BAD) + "STORED = 1\n")


def test_a_filter_that_fails(repo: Repo) -> None:
    repo.commit((".gitattributes", "*.py filter=gone\n"))
    repo.stage("app.py", BAD)
    repo.write(
        "app.py", BAD.replace("legacy.old(", "legacy.old(  ")
    )  # so that git has to be asked for the text on disk
    repo.git("config", "filter.gone.smudge", "false")
    repo.git("config", "filter.gone.clean", "false")
    repo.git("config", "filter.gone.required", "true")
    before = everything(repo)
    done = repo.devsec("fix", "--staged")
    assert (done.returncode, "not fixed  app.py: " in done.stdout) == (1, True), done.stdout + done.stderr
    assert everything(repo) == before
    nothing_left_over(repo)


def in_the_middle_of(repo: Repo, command: str) -> None:
    """`both.py` is in conflict; `app.py` and `resolved.py` are not, or no longer."""
    repo.commit(("app.py", "A = 1\n"), ("both.py", "B = 1\n"), ("resolved.py", "R = 1\n"))
    repo.git("checkout", "-q", "-b", "side")
    repo.commit(("both.py", "B = 2\n"), ("resolved.py", "R = 2\n"))
    repo.git("checkout", "-q", "main")
    repo.commit(("both.py", "B = 3\n"), ("resolved.py", "R = 3\n"))
    repo.git(command, "side", check=False)
    assert repo.git("status", "--porcelain").splitlines()[:1] == ["UU both.py"], repo.git("status", "--porcelain")


@BOTH
@pytest.mark.parametrize("command", ["merge", "rebase", "cherry-pick"])
def test_in_the_middle_of_something(repo: Repo, words: tuple[str, ...], command: str) -> None:
    in_the_middle_of(repo, command)
    repo.stage("resolved.py", BAD)
    repo.stage("app.py", BAD)
    conflict = repo.read("both.py")
    stages = repo.git("ls-files", "-s", "both.py")
    done = repo.devsec(*words)
    assert done.returncode == 2, "the conflict was not looked at"
    assert "not checked  both.py: It is in conflict" in done.stdout
    for path in ("app.py", "resolved.py"):
        assert repo.read(path) == GOOD
        assert staged(repo, path) == (GOOD if "--staged" in words else BAD)
    assert repo.read("both.py") == conflict
    assert repo.git("ls-files", "-s", "both.py") == stages
    repo.git("add", "app.py", "resolved.py")  # git aborts nothing over work that is not staged
    repo.git(command, "--abort")
    assert repo.read("both.py") == "B = 3\n", "nothing of git's own notes was touched"


def test_a_conflict_given_by_path(repo: Repo) -> None:
    in_the_middle_of(repo, "merge")
    conflict = repo.read("both.py") + "import legacy\nlegacy.old(password=x)\n"
    repo.write("both.py", conflict)
    done = repo.devsec("fix", "both.py")
    assert (done.returncode, "not checked  both.py: " in done.stdout) == (2, True), done.stdout + done.stderr
    assert repo.read("both.py") == conflict


def test_left_out_of_a_sparse_checkout(repo: Repo) -> None:
    """Staged, but not on disk: without --staged there is no file to write, and that is said."""
    repo.commit(("rules/a.txt", "A\n"), ("out/b.py", "B = 1\n"))
    repo.git("sparse-checkout", "set", "--cone", "rules")
    blob = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"], cwd=repo.root, input=BAD.encode(), capture_output=True, check=True
    )
    repo.git("update-index", "--cacheinfo", f"100644,{blob.stdout.decode().strip()},out/b.py")
    repo.git("update-index", "--skip-worktree", "out/b.py")
    before = everything(repo)
    done = repo.devsec("fix")
    assert done.returncode != 0, done.stdout
    assert "out/b.py" in done.stdout
    assert everything(repo) == before
    assert not (repo.root / "out").exists()


@BOTH
def test_a_submodule_is_somebody_elses(repo: Repo, tmp_path: Path, words: tuple[str, ...]) -> None:
    inner = Repo(tmp_path / "inner")
    inner.root.mkdir()
    inner.git("init", "-q", "-b", "main")
    inner.commit(("app.py", BAD))
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.root), "sub")
    repo.stage("own.py", BAD)
    done = repo.devsec(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert repo.read("own.py") == GOOD
    assert repo.read("sub/app.py") == BAD
    assert repo.git("-C", "sub", "status", "--porcelain") == ""


def test_intent_to_add(repo: Repo) -> None:
    """Nothing of it is staged yet: it is not looked at, unless it is named."""
    repo.write("app.py", BAD)
    repo.git("add", "--intent-to-add", "app.py")
    before = everything(repo)
    for words in (("fix",), ("fix", "--staged")):
        assert repo.devsec(*words).returncode == 0
        assert everything(repo) == before
    assert repo.devsec("fix", "app.py").returncode == 0
    assert repo.read("app.py") == GOOD
    assert repo.git("ls-files", "-s") == before["the index"].decode().replace("H ", "")


def test_deleted_on_disk_while_staged(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    (repo.root / "app.py").unlink()
    done = repo.devsec("fix")
    assert done.returncode != 0, done.stdout
    assert "app.py" in done.stdout
    assert staged(repo) == BAD
    assert not (repo.root / "app.py").exists()
