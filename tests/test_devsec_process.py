"""Is a forked run what a run with a Python of its own is? Both are asked the same here."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Repo

from tests.devsec_process import devsec, devsec_bytes

BAD = "import legacy\n\nlegacy.old(password=secret)\n"
FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="each run is real where there is no fork (Windows)")
# Says what a process is and has, and ends it.
TELL = """
import gc, json, os, signal, subprocess, sys, threading, warnings
print(json.dumps({
    "argv": sys.argv[1:],
    "folder": os.getcwd(),
    "environ": {name: value for name, value in os.environ.items() if name != "_"},
    "of a child": subprocess.run("echo $SEEN", shell=True, capture_output=True, text=True).stdout,
    "path": sys.path,
    "streams": [(one.encoding, one.errors, one.line_buffering, one.isatty(), one.name) for one in (sys.stdin, sys.stdout, sys.stderr)],
    "same": [sys.stdin is sys.__stdin__, sys.stdout is sys.__stdout__, sys.stderr is sys.__stderr__],
    "signals": [str(signal.getsignal(one)) for one in (signal.SIGINT, signal.SIGPIPE, signal.SIGTERM, signal.SIGCHLD)],
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    "filters": [str(one) for one in warnings.filters],
    "threads": threading.active_count(),
    "collects": gc.isenabled(),
    "open": sorted(os.listdir("/dev/fd"))[:-1],
    "mask": os.umask(0o22),
    "optimised": sys.flags.optimize,
}))
raise SystemExit(0)
"""


def both(*words: str, before: str = "", **more: object) -> subprocess.CompletedProcess[bytes]:
    """The forked run, when it is as the real one in all that can be seen from outside."""
    forked = devsec_bytes(*words, before=before, **more)  # type: ignore[arg-type]
    real = devsec_bytes(*words, before=before, real=True, **more)  # type: ignore[arg-type]
    assert (forked.returncode, forked.stdout, forked.stderr) == (real.returncode, real.stdout, real.stderr)
    return forked


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--version"], 0), (["check"], 1), (["check", "--format", "sarif"], 1), (["check", "--all", "--format", "json"], 1),
        (["fix", "--diff"], 0), (["explain", "old"], 0), (["rules", "list"], 0), (["rules", "schema"], 0), (["ignores"], 0),
        (["check", "--nope"], 2), (["chekc"], 2), (["check", "nowhere.py"], 2), (["--help"], 0), ([], 2),
    ],
)  # fmt: skip
def test_says_and_ends_the_same(repo: Repo, words: list[str], code: int) -> None:
    repo.stage("app.py", BAD)
    assert both(*words).returncode == code


def test_writes_the_same(repo: Repo) -> None:
    for real in (False, True):
        repo.write("app.py", BAD)
        repo.git("add", "app.py")
        assert devsec("fix", real=real).returncode == 0
        assert repo.read("app.py") == "import modern\n\nmodern.old(password=secret)\n"


def test_is_told_the_same(tmp_path: Path) -> None:
    environ = {**os.environ, "SEEN": "by the child", "PYTHONPATH": f"{tmp_path}{os.pathsep}below"}
    environ.pop("HOME", None)
    told = []
    for real in (False, True):
        done = devsec("a b", "\udcff", "é", cwd=tmp_path, env=environ, input="", before=TELL, real=real)
        assert (done.returncode, done.stderr) == (0, "")
        told.append(json.loads(done.stdout))
    forked, real_one = told
    assert forked["argv"] == ["a b", "\udcff", "é"]
    assert forked["folder"] == str(tmp_path.resolve())
    # With `-c` the current folder comes first; `python -m devsec` takes it off.
    assert forked.pop("path") == [path for path in real_one.pop("path") if path != ""]
    assert forked == real_one


def test_standard_input(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    echo = "import sys\nprint(ascii(sys.stdin.read()))\nraise SystemExit(0)\n"
    assert both(before=echo, input="é\r\n\0".encode()).stdout == b"'\\xe9\\r\\n\\x00'\n"
    assert both(before=echo, input=b"").stdout == b"''\n"
    assert len(both(before=echo, input=b"x" * 300_000).stdout) == 300_003
    assert "fixed  app.py:3" in devsec("fix", "-i", input="y\n").stdout


def test_much_is_printed_to_both() -> None:
    done = both(
        before="import sys\nfor n in range(4000):\n    print('o' * 99)\n    print('e' * 99, file=sys.stderr)\nraise SystemExit(7)\n"
    )
    assert (done.returncode, len(done.stdout), len(done.stderr)) == (7, 400_000, 400_000)


def test_where_it_prints_to(repo: Repo, tmp_path: Path) -> None:
    with open(tmp_path / "out", "wb") as file:
        done = devsec("--version", stdout=file)
    assert done.stdout is None
    assert (tmp_path / "out").read_text().startswith("devsec ")


@pytest.mark.parametrize(
    ("before", "code"),
    [
        ("import os\nos._exit(9)\n", 9),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", -signal.SIGKILL),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n", -signal.SIGTERM),
        ("raise SystemExit('words')\n", 1),
        ("raise SystemExit(None)\n", 0),
        ("import atexit\natexit.register(print, 'the end')\nraise SystemExit(4)\n", 4),
        ("import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.2), print('late'))).start()\nraise SystemExit(5)\n", 5),
    ],
    ids=["exit", "kill", "terminate", "words", "nothing", "atexit", "thread"],
)  # fmt: skip
@FORKS
def test_how_it_ends(before: str, code: int) -> None:
    assert both(before=before).returncode == code
    assert devsec("--version").returncode == 0  # and the next one begins


def test_what_is_not_caught(repo: Repo) -> None:
    done = devsec(before="raise ValueError('of a test')\n")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "ValueError: of a test"


def test_raises_as_subprocess_does(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        devsec("chekc", check=True)
    assert caught.value.returncode == 2
    assert "no command 'chekc'" in caught.value.stderr
    with pytest.raises(FileNotFoundError):
        devsec("check", cwd=tmp_path / "nowhere")
    with pytest.raises(subprocess.TimeoutExpired):
        devsec(before="import time\ntime.sleep(600)\n", timeout=0.5)
    assert devsec("--version").returncode == 0


@FORKS
def test_nothing_is_left_for_the_next() -> None:
    leave = (
        "import os, sys, devsec.cli, tempfile\nos.environ['LEFT'] = 'x'\nos.chdir('/')\nsys.path.insert(0, '/left')\n"
        "devsec.left = True\nsys.argv.append('left')\ntempfile.gettempdir()\nos.umask(0)\nprint('kept', end='')\n"
        "sys.stdout.flush()\nos._exit(0)\n"
    )
    look = (
        "import os, sys, devsec.cli, tempfile\nprint(os.environ.get('LEFT'), os.getcwd(), '/left' in sys.path, "
        "hasattr(devsec, 'left'), sys.argv[1:], tempfile.tempdir, os.umask(0) != 0)\nraise SystemExit(0)\n"
    )
    assert devsec(before=leave).stdout == "kept"
    assert devsec(before=look).stdout == f"None {os.getcwd()} False False [] None True\n"


@FORKS
def test_what_python_reads_when_it_starts_is_not_lost() -> None:
    """Such a run is real without being asked for."""
    ask = "import sys\nprint(sys.flags.optimize, sys.stdout.encoding, 'libcst' in sys.modules)\nraise SystemExit(0)\n"
    environ = {**os.environ, "PYTHONOPTIMIZE": "1", "PYTHONIOENCODING": "iso8859-1"}
    assert devsec(before=ask, env=environ).stdout == "1 iso8859-1 False\n"
    assert devsec(before=ask).stdout == f"{sys.flags.optimize} utf-8 True\n"
