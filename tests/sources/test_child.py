"""A program is started, fed and heard out as by `subprocess`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from devsec.sources import child

ECHO = "import sys; data = sys.stdin.buffer.read(); sys.stdout.buffer.write(data); sys.stderr.write(str(len(data)))"
pytestmark = pytest.mark.skipif(not hasattr(os, "posix_spawnp"), reason="needs posix_spawn, which Windows has not")


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


@pytest.fixture(params=["spawned", "by subprocess"])
def start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    if request.param == "by subprocess":
        monkeypatch.delattr(os, "posix_spawnp")
    return child.start


@pytest.fixture(autouse=True)
def nothing_stays_open() -> Iterator[None]:
    before = sorted(os.listdir("/dev/fd"))
    yield
    assert sorted(os.listdir("/dev/fd")) == before


@pytest.mark.parametrize("size", [0, 5, 1 << 22], ids=["nothing", "a little", "more than a pipe holds"])
def test_it_is_fed_and_heard(start: Any, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    process = start(python(ECHO), None, True)
    assert process.communicate(data) == (data, str(size).encode())
    assert process.returncode == process.wait() == 0


def test_it_fills_both_pipes_at_once(start: Any) -> None:
    process = start(python("import os\nfor i in range(300): os.write(2, b'e' * 1000); os.write(1, b'o' * 1000)"))
    assert process.communicate() == (b"o" * 300_000, b"e" * 300_000)


def test_one_that_does_not_listen(start: Any) -> None:
    process = start(python("import os, sys; os.close(0); print('so'); sys.exit(3)"), None, True)
    assert process.communicate(b"x" * (1 << 20)) == (b"so\n", b"")
    assert process.returncode == 3


def test_without_food_there_is_nothing_to_read(start: Any) -> None:
    assert start(python(ECHO)).communicate() == (b"", b"0")


def test_a_signal_is_told(start: Any) -> None:
    process = start(python("import time; time.sleep(60)"))
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    process.kill()  # it has gone


def test_it_has_the_environment(start: Any) -> None:
    shows = python("import os; print(os.environ.get('DEVSEC_TEST'))")
    assert start(shows, {**os.environ, "DEVSEC_TEST": "so"}).communicate()[0] == b"so\n"
    assert start(shows).communicate()[0] == b"None\n"


def test_it_has_signals_and_files_as_ever(start: Any) -> None:
    code = "import os, signal; print(signal.getsignal(signal.SIGPIPE) is signal.SIG_IGN, sorted(map(int, os.listdir('/dev/fd')))[:3])"
    ignoring = python("import signal; signal.signal(signal.SIGPIPE, signal.SIG_DFL)\n" + code)
    assert start(ignoring).communicate()[0] == b"False [0, 1, 2]\n"
    dies = ("sh", "-c", "kill -PIPE $$; echo alive")  # a shell keeps what was ignored when it was started
    assert start(dies).communicate()[0] == b""


@pytest.mark.parametrize(("words", "error"), [(("no-such-program",), FileNotFoundError), (("/etc/passwd",), PermissionError)])  # fmt: skip
def test_what_cannot_be_started(start: Any, words: tuple[str, ...], error: type[OSError]) -> None:
    with pytest.raises(error):
        start(words)


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_a_closed_stream_of_ours_does_no_harm(closed: int) -> None:
    """A hook may be started without them; what is opened then has their numbers."""
    code = (
        f"import os; os.close({closed})\nfrom devsec.sources.child import start\n"
        f"out, err = start(({sys.executable!r}, '-c', {ECHO!r}), None, True).communicate(b'abc')\n"
        "os._exit(0 if (out, err) == (b'abc', b'3') else 9)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
