"""`devsec check --history` on real repositories: deleted secrets, merges, moves, ranges, clones that lack something."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from conftest import Repo

from devsec.crew import shared_out
from devsec.report.forms import FORMS
from devsec.sources.git import Added, Repository

CANARY = "canary-canary-canary"
OTHER = "plover-plover-plover"


def bad(secret: str = CANARY) -> str:
    return f'import legacy\nlegacy.old(password="{secret}")\n'


def told(repo: Repo, *words: str) -> list[dict[str, Any]]:
    done = repo.devsec("check", *(words or ("--history",)), "--format", "json")
    assert done.stderr == ""
    assert CANARY not in done.stdout
    findings: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return findings


def test_a_deleted_secret_is_found_with_its_commit(repo: Repo) -> None:
    brought = repo.commit(("app.py", bad()))
    repo.commit(("app.py", "x = 1\n" + bad()))
    repo.commit(("app.py", "x = 1\n"))
    done = repo.devsec("check", "--history")
    assert done.returncode == 1
    assert f"when  commit {brought[:12]} of 20" in done.stdout
    assert "removed since: it is in the history, so rotate it all the same" in done.stdout
    assert "devsec: 1 finding blocks in 4 commits" in done.stdout
    assert CANARY not in done.stdout + done.stderr
    assert "devsec fix" not in done.stdout, "there is nothing to fix in a commit"
    (one,) = told(repo)
    assert (one["commit"], one["still_in"], one["fixes"]) == (brought, "", [])
    line = repo.devsec("check", "--history", "--format", "lines").stdout
    assert (
        line == f"app.py:2:1: block old The old old is called (commit {brought}, {one['committed']}, removed since)\n"
    )


def test_one_that_is_still_there_says_where(repo: Repo) -> None:
    repo.commit(("app.py", bad()))
    repo.git("mv", "app.py", "moved.py")
    repo.commit()
    assert {(one["path"], one["still_in"]) for one in told(repo)} == {("app.py", "moved.py"), ("moved.py", "moved.py")}
    assert "still in moved.py" in repo.devsec("check", "--history").stdout


def test_several_secrets_of_a_file_each_have_their_first_commit(repo: Repo) -> None:
    first = repo.commit(("app.py", bad()))
    second = repo.commit(("app.py", bad() + bad(OTHER)))
    assert [(one["commit"], one["line"]) for one in told(repo)] == [(first, 2), (second, 4)]
    # The second text is shown for the second secret, and the first one stands in it.
    shown = repo.devsec("check", "--history").stdout
    assert CANARY not in shown
    assert OTHER not in shown


def test_what_a_merge_itself_brought(repo: Repo) -> None:
    repo.commit(("a.py", "x = 1\n"))
    repo.git("checkout", "-q", "-b", "side")
    repo.commit(("b.py", "y = 1\n"))
    repo.git("checkout", "-q", "main")
    repo.commit(("c.py", "z = 1\n"))
    repo.git("merge", "-q", "--no-commit", "side")
    merge = repo.commit(("evil.py", bad()))
    assert [(one["path"], one["commit"]) for one in told(repo)] == [("evil.py", merge)]


def test_all_refs_and_a_range(repo: Repo) -> None:
    start = repo.commit()
    repo.git("checkout", "-q", "-b", "side")
    side = repo.commit(("side.py", bad()))
    repo.git("checkout", "-q", "main")
    main = repo.commit(("main.py", bad(OTHER)))
    assert {one["commit"] for one in told(repo)} == {side, main}
    assert [one["commit"] for one in told(repo, f"--history={start}..HEAD")] == [main]
    assert [one["commit"] for one in told(repo, "--history", "side ^main")] == [side]
    assert [one["commit"] for one in told(repo, "--history=side main", "main.py")] == [main]
    assert told(repo, "--history=main..main") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["--history=nothing.."], "nothing..: git knows no such revisions", id="no such revision"),
        pytest.param(["--history=HEAD --output=x"], "--output=x: not a revision", id="an option that writes"),
        pytest.param(["--history=HEAD -n1"], "-n1: not a revision", id="an option among revisions"),
        pytest.param(["--history", "--all"], "contradict each other", id="with --all"),
        pytest.param(["--history=HEAD", "/"], "outside the repository", id="a path outside"),
    ],
)
def test_asked_wrongly(repo: Repo, words: list[str], said: str) -> None:
    done = repo.devsec("check", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert not (repo.root / "x").exists()


def test_before_the_first_commit(tmp_path: Path, repo: Repo) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=empty, check=True)
    done = Repo(empty).devsec("check", "--history")
    assert (done.returncode, done.stdout) == (0, "devsec: nothing to look at\n")


def test_a_comment_in_an_old_text_and_in_a_later_one(repo: Repo) -> None:
    quiet = bad().replace(")\n", ")  # devsec: ignore[old] test: account, closed\n")
    repo.commit(("old.py", quiet))
    repo.commit(("old.py", "x = 1\n"))
    repo.commit(("later.py", bad()))
    assert repo.devsec("check", "--history").returncode == 1
    repo.commit(("later.py", quiet))
    assert {(one["path"], one["verdict"]) for one in told(repo)} == {
        ("old.py", "suppressed"),
        ("later.py", "suppressed"),
    }
    assert repo.devsec("check", "--history").returncode == 0


def test_rules_without_a_secret_are_not_asked(repo: Repo) -> None:
    rule = repo.read("rules/old.yaml").replace("id: old", "id: plain").replace("secret: [password]\n", "")
    repo.write("rules/plain.yaml", rule)
    repo.commit(("app.py", bad()))
    assert {one["rule"] for one in told(repo)} == {"old"}


def test_excluded_paths_and_levels_count(repo: Repo) -> None:
    repo.commit(("vendor/app.py", bad()))
    assert told(repo) == []
    repo.commit(("app.py", bad()))
    repo.write("devsec.toml", 'rules = ["rules"]\n[levels]\nold = "warn"\n')
    done = repo.devsec("check", "--history")
    assert (done.returncode, "2 warnings in" in done.stdout) == (0, True)


def test_python_that_does_not_parse_is_said_and_ends_with_2(repo: Repo) -> None:
    commit = repo.commit(("old.py", bad() + 'print "of Python 2"\n'))
    repo.commit(("old.py", bad() + 'print "again"\n'))
    done = repo.devsec("check", "--history")
    assert done.returncode == 2
    assert f"(in commit {commit}, and 1 more of its versions)" in done.stdout
    assert CANARY not in done.stdout


def test_a_shallow_clone_says_what_it_lacks(repo: Repo, tmp_path: Path) -> None:
    repo.commit(("app.py", bad()))
    last = repo.commit(("app.py", "x = 1\n"))
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{repo.root}", str(tmp_path / "clone")], check=True)
    clone = Repo(tmp_path / "clone")
    done = clone.devsec("check", "--history")
    assert done.returncode == 2
    assert f"not checked  The parents of {last} are not here, since this clone is shallow" in done.stdout
    assert "; not all was checked" in done.stdout
    assert "git fetch --unshallow" in done.stdout


def test_what_a_shallow_clone_lacks_is_no_file_in_any_format(repo: Repo, tmp_path: Path) -> None:
    repo.commit(("app.py", bad()))
    last = repo.commit(("app.py", "x = 1\n"))
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{repo.root}", str(tmp_path / "clone")], check=True)
    clone = Repo(tmp_path / "clone")
    said = f"The parents of {last} are not here"
    forms = {form: clone.devsec("check", "--history", "--format", form) for form in FORMS}
    for form, done in forms.items():
        assert done.returncode == 2
        assert said in done.stdout, form
    (skipped,) = json.loads(forms["json"].stdout)["skipped"]
    assert skipped["path"] == ""
    ((run,),) = [json.loads(forms["sarif"].stdout)["runs"]]
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert "locations" not in told
    assert not run["invocations"][0]["executionSuccessful"]
    assert forms["github"].stdout.startswith(f"::error title=devsec%3A not checked::Not checked: {said}")
    assert "file=" not in forms["github"].stdout
    (entry,) = json.loads(forms["gitlab"].stdout)
    assert entry["location"]["path"] == "."  # GitLab takes no entry without one
    assert "<error " in forms["junit"].stdout
    assert "file=" not in forms["junit"].stdout
    assert forms["lines"].stdout.startswith(f"devsec: error not-checked {said}")


def test_links_and_binary_files_of_the_past(repo: Repo) -> None:
    os.symlink("/etc/hostname", repo.root / "link.py")
    repo.git("add", "link.py")
    repo.commit(("logo.png", b"\x89PNG\r\n\x1a\n\0\0\0"))
    repo.git("rm", "-q", "link.py", "logo.png")
    repo.commit()
    done = repo.devsec("check", "--history")
    assert done.returncode == 0
    assert done.stdout == "devsec: nothing to say about 3 commits; 1 binary file passed over: logo.png\n"


def test_what_git_is_asked(repo: Repo) -> None:
    """Odd names, an object at two paths, a file that comes back; settings that change `git log` change nothing."""
    first = repo.commit(("a b\n.py", "x = 1\n"), ("byte\udcff.py", "x = 1\n"))
    repo.git("rm", "-q", "a b\n.py")
    second = repo.commit()
    third = repo.commit(("a b\n.py", "x = 1\n"))
    for setting in ("log.showRoot=false", "diff.renames=copies", "log.follow=true", "diff.orderFile=/nowhere"):
        repo.git("config", *setting.split("="))
    git = Repository.discover(str(repo.root))
    blob = repo.git("rev-parse", "HEAD:byte\udcff.py").strip()
    assert git.commits((f"{first}^..HEAD",)) == (first, second, third)
    found = [one for one in git.added((first, second, third)) if one.path.endswith(".py")]
    assert found == [
        Added(first, "a b\n.py", blob), Added(first, "byte\udcff.py", blob), Added(third, "a b\n.py", blob),
    ]  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked; without fork the work is done in place")
class TestCrew:
    def test_results_come_in_order(self) -> None:
        assert list(shared_out(lambda n: (n * n, os.getpid())[:1], range(50), 4)) == [(n * n,) for n in range(50)]

    def test_the_work_is_shared(self) -> None:
        def slow(_: int) -> int:
            time.sleep(0.05)
            return os.getpid()

        who = set(shared_out(slow, range(8), 2))
        assert len(who) == 2
        assert os.getpid() not in who

    def test_one_that_dies_is_stood_in_for(self) -> None:
        home = os.getpid()

        def deadly(n: int) -> int:
            if n == 3 and os.getpid() != home:
                os.kill(os.getpid(), signal.SIGKILL)
            return n

        assert list(shared_out(deadly, range(9), 3)) == list(range(9))

    def test_all_dead(self) -> None:
        home = os.getpid()

        def deadly(n: int) -> int:
            if os.getpid() != home:
                os._exit(1)
            return n

        assert list(shared_out(deadly, range(9), 2)) == list(range(9))

    def test_what_is_raised_is_raised_here(self) -> None:
        def wrong(n: int) -> int:
            raise ValueError(str(n))

        with pytest.raises(ValueError, match="0"):
            list(shared_out(wrong, range(4), 2))

    def test_a_ctrl_c_while_they_are_hired_is_not_lost(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """They must not see it, and we must, as soon as we know all of them."""
        hired: list[BaseProcess] = []
        start = BaseProcess.start

        def interrupted(process: BaseProcess) -> None:
            start(process)
            hired.append(process)
            signal.raise_signal(signal.SIGINT)

        monkeypatch.setattr(BaseProcess, "start", interrupted)
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with pytest.raises(KeyboardInterrupt):
                list(shared_out(str, range(8), 2))
        finally:
            signal.signal(signal.SIGINT, before)
        assert [process.exitcode for process in hired] == [-signal.SIGTERM] * 2

    @pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
    def test_nothing_is_left_behind(self, how: signal.Signals, tmp_path: Path) -> None:
        code = (
            "import os, signal, sys, time\nfrom devsec.crew import shared_out\n"
            # What a shell starts in the background ignores it, and so does all that is started from there.
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "def slow(n):\n    print(os.getpid(), flush=True)\n    time.sleep(0.2)\n    return n\n"
            "list(shared_out(slow, range(500), 2))\n"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )
        assert process.stdout is not None
        assert len({process.stdout.readline() for _ in range(2)}) == 2
        if how is signal.SIGINT:
            os.killpg(process.pid, how)  # as a terminal does it
        else:
            process.kill()
        process.communicate(timeout=30)  # ends when the last that could write has gone
