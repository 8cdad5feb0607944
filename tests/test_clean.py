"""Is what held nothing looked at once, and what held something each time? And does the memory of it hold no text?"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from devsec import clean
from devsec.clean import Clean
from devsec.run import MANY
from tests.conftest import Repo

KEY = "ghp_" + "vT3kQ9zXw2LmB7dRfY5hNcJ8sGpA1u0EoC4i"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEVSEC_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_text_is_known_at_its_path_for_these_rules() -> None:
    first = Clean("rules")
    name = first.name("a.py", b"x = 1\n")
    assert first.notes(name) is None
    first.new[name] = 0
    first.save()
    again = Clean("rules")
    assert again.notes(name) == 0
    assert again.name("a.py", b"x = 1\n") == name
    assert again.name("b.py", b"x = 1\n") != name
    assert again.name("a.py", b"x = 2\n") != name
    assert Clean("other rules").notes(name) is None
    assert Clean("rules", off=["weak-hash"]).notes(name) is None
    assert Clean("rules", levels="others").notes(name) is None
    assert Clean("other rules").name("a.py", b"x = 1\n") != name


def test_rules_that_changed_a_moment_ago_are_not_relied_on(cache: Path) -> None:
    racy = Clean("rules-racy")
    racy.new[racy.name("a.py", b"x")] = 0
    racy.save()
    assert not cache.exists()


@pytest.mark.parametrize(
    "spoil", [lambda b: b[:-1], lambda b: b[:20], lambda b: b"", lambda b: b[:-1] + b"?", lambda b: b + b"x" * 17]
)
def test_a_spoiled_memory_is_none(spoil: object, cache: Path) -> None:
    one = Clean("rules")
    one.new[one.name("a.py", b"x")] = 0
    one.save()
    (file,) = cache.glob("clean-*.bin")
    file.write_bytes(spoil(file.read_bytes()))  # type: ignore[operator]
    assert Clean("rules").notes(one.name("a.py", b"x")) is None


def test_two_runs_at_once_lose_nothing() -> None:
    one, other = Clean("rules"), Clean("rules")
    for run, text in ((one, b"1"), (other, b"2")):
        run.new[run.name("a.py", text)] = int(text)
        run.save()
    assert all(Clean("rules").notes(one.name("a.py", text)) == int(text) for text in (b"1", b"2"))


def test_a_ctrl_c_leaves_nothing_half_written(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    run = Clean("rules")
    run.new[run.name("a.py", b"x")] = 0
    monkeypatch.setattr(clean.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.save()
    assert list(cache.iterdir()) == []


def test_it_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setattr(clean, "MOST", 10)
    for round in range(3):
        run = Clean("rules")
        run.new.update({run.name("a.py", f"{round} {n}".encode()): n for n in range(8)})
        run.save()
    assert len(Clean("rules")._known) == 8
    for number in range(6):
        run = Clean(f"rules {number}")
        run.new[run.name("a.py", b"x")] = 0
        run.save()
    assert len(list(cache.glob("clean-*.bin"))) == 3


def test_many_files_the_second_time(repo: Repo, cache: Path) -> None:
    repo.write("devsec.toml", "")  # bundled rules: those of the test were written a moment ago
    for number in range(MANY + 10):
        repo.write(f"src/m{number}.py", f"x = {number}\n")
    repo.write("src/bad.py", f'TOKEN = "{KEY}"\nimport yaml\nyaml.load(f)\n')
    repo.write("src/broken.py", "import yaml\nyaml.load(f\n")
    first = repo.devsec("check", "--all", "--format", "json")
    assert len(list(cache.glob("clean-*.bin"))) == 1
    second = repo.devsec("check", "--all", "--format", "json")
    assert first.returncode == second.returncode == 1
    assert json.loads(first.stdout) == json.loads(second.stdout)
    assert json.loads(first.stdout)["summary"]["files"] >= MANY + 12
    in_words = repo.devsec("check", "--all")
    assert in_words.stdout == repo.devsec("check", "--all").stdout != ""
    for file in cache.rglob("*"):
        assert not file.is_file() or KEY.encode() not in file.read_bytes()


def test_notes_are_counted_without_another_look(repo: Repo, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("devsec.toml", '[levels]\nyaml-load-without-loader = "note"\n')
    for number in range(MANY + 10):
        repo.write(f"src/m{number}.py", f"x = {number}\n")
    repo.write("src/noted.py", "import yaml\nyaml.load(f)\nyaml.load(g)\n")
    repo.write("src/silenced.py", "import yaml\nyaml.load(f)\nyaml.load(g)  # devsec: ignore[weak-hash] no\n")
    first = repo.devsec("check", "--all")
    assert "4 notes" in first.stdout
    assert b"\x02" in next(iter(cache.glob("clean-*.bin"))).read_bytes()[16:]
    assert repo.devsec("check", "--all").stdout == first.stdout
    assert repo.devsec("check", "--all", "-q").returncode == 0
    listed = json.loads(repo.devsec("check", "--all", "--format", "json").stdout)
    assert [one["path"] for one in listed["findings"]] == ["src/noted.py"] * 2 + ["src/silenced.py"] * 2
    # What a level is now decides, not what it was.
    repo.write("devsec.toml", '[levels]\nyaml-load-without-loader = "warn"\n')
    assert "4 warnings" in repo.devsec("check", "--all").stdout


def test_a_note_in_a_file_that_was_not_checked_is_not_remembered(repo: Repo, cache: Path) -> None:
    repo.write("devsec.toml", '[levels]\ngithub-token = "note"\n')
    for number in range(MANY + 10):
        repo.write(f"src/m{number}.py", f"x = {number}\n")
    repo.write("src/broken.py", f'TOKEN = "{KEY}"\nimport yaml\nyaml.load(f\n')
    first = repo.devsec("check", "--all")
    assert first.returncode == 2
    assert "1 note" in first.stdout
    (kept,) = cache.glob("clean-*.bin")
    assert (len(kept.read_bytes()) - 16) % 17 == 0  # a sum, then hashes with a number each
    assert (repo.devsec("check", "--all").returncode, repo.devsec("check", "--all").stdout) == (2, first.stdout)


def settled(*files: Path) -> None:
    """As if they had not changed for a while: what says so cannot be set back, so it is waited for."""
    until = max(os.lstat(file).st_ctime_ns for file in files) + 2_100_000_000
    while time.time_ns() < until:
        time.sleep(0.05)


def test_a_file_is_known_as_it_lies(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("x = 1\n")
    assert Clean("rules").stamp("a.py", str(file)) == b"", "it changed a moment ago"
    settled(file)
    before = Clean("rules")
    stamp = before.stamp("a.py", str(file))
    assert stamp
    assert Clean("rules").stamp("a.py", str(file)) == stamp
    assert Clean("rules").stamp("b.py", str(file)) not in (b"", stamp)
    assert Clean("others").stamp("a.py", str(file)) != stamp
    there = file.stat()
    facts = (there.st_dev, there.st_ino, there.st_size, there.st_mtime_ns, there.st_ctime_ns)
    assert before.name("a.py", b"%d %d %d %d %d" % facts) != stamp, "a text that says so is another thing"
    file.write_text("x = 2\n")
    os.utime(file, ns=(there.st_atime_ns, there.st_mtime_ns))  # as some tools set it back
    assert before.stamp("a.py", str(file)) == b"", "it changed since"
    settled(file)
    assert Clean("rules").stamp("a.py", str(file)) not in (b"", stamp)
    (tmp_path / "link.py").symlink_to(file)
    assert Clean("rules").stamp("a.py", str(tmp_path / "link.py")) == b""
    assert Clean("rules").stamp("a.py", str(tmp_path / "nothing.py")) == b""
    assert Clean("rules").stamp("a.py", str(tmp_path)) == b""


def test_files_that_lie_as_they_did_are_not_read(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("devsec.toml", '[levels]\nyaml-load-without-loader = "note"\n')
    for number in range(MANY + 10):
        repo.write(f"src/m{number}.py", f"x = {number}\n")
    repo.write("src/noted.py", "import yaml\nyaml.load(f)\n")
    repo.write("src/shown.py", "import hashlib\nhashlib.md5(password)\n")
    repo.write("src/picture.py", b"\x89PNG\0\0\0")
    repo.write("src/all.zip", b"PK\x03\x04\0\0")
    settled(*(path for path in repo.root.rglob("*") if path.is_file()))
    first = repo.devsec("check", "--all")
    assert "1 note" in first.stdout
    assert "src/picture.py" in first.stdout
    assert "src/all.zip" in first.stdout
    again = repo.devsec("check", "--all", "--timings")
    assert again.stdout.startswith(first.stdout)
    assert " 1 file " in next(
        line for line in (again.stdout + again.stderr).splitlines() if line.startswith("  read  ")
    )
    # What changes is read, whatever its size and its times say.
    file = repo.root / "src/m7.py"
    there = file.stat()
    file.write_text("import hashlib\nhashlib.md5(password)\n")
    os.utime(file, ns=(there.st_atime_ns, there.st_mtime_ns))
    assert "src/m7.py:2" in repo.devsec("check", "--all").stdout
    # What is asked now decides, not what was asked then.
    assert json.loads(repo.devsec("check", "--all", "--format", "json").stdout)["summary"]["notes"] == 1
    repo.write("devsec.toml", 'exclude = ["src/picture.py"]\n')
    assert "src/picture.py" not in repo.devsec("check", "--all").stdout
