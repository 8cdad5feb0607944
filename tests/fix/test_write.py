"""What reaches the disk: the new text, or nothing."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from devsec.errors import FixError
from devsec.fix.plan import Patch
from devsec.fix.write import write

BEFORE, AFTER = b"old(1)\r\n", b"new(1)\r\n"
PATCH = Patch("a.py", BEFORE, AFTER)
NOT_ROOT = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everything")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.py"
    path.write_bytes(BEFORE)
    return path


def refused(path: Path, words: str) -> None:
    """Writing says these words and how to go on, and leaves the folder as it was."""
    folder = path.parent
    names = sorted(os.listdir(folder))
    before = {p: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    with pytest.raises(FixError, match=words) as error:
        write(str(path), PATCH)
    assert error.value.hint
    assert sorted(os.listdir(folder)) == names
    assert {p: p.read_bytes() for p in folder.iterdir() if p.is_file()} == before


def test_writes(file: Path) -> None:
    write(str(file), PATCH)
    assert file.read_bytes() == AFTER
    assert os.listdir(file.parent) == ["a.py"]


def test_a_relative_path(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    write("a.py", PATCH)
    assert file.read_bytes() == AFTER


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff \n.py")
    try:
        Path(name).write_bytes(BEFORE)
    except (OSError, UnicodeError):
        pytest.skip("this file system wants UTF-8")
    write(name, PATCH)
    assert Path(name).read_bytes() == AFTER


def test_nothing_to_change_touches_nothing(file: Path) -> None:
    inode = file.stat().st_ino
    write(str(file), Patch("a.py", BEFORE, BEFORE))
    assert file.stat().st_ino == inode


@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o664])
def test_the_mode_is_kept(file: Path, mode: int) -> None:
    file.chmod(mode)
    old = os.umask(0o077)
    try:
        write(str(file), PATCH)
    finally:
        os.umask(old)
    assert stat.S_IMODE(file.stat().st_mode) == mode


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_is_kept(file: Path) -> None:
    os.chown(file, 12345, 23456)
    write(str(file), PATCH)
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 23456)


def test_an_owner_that_cannot_be_kept_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fchown(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    real = os.fstat

    def fstat(handle: int) -> os.stat_result:
        fields = list(real(handle))
        fields[stat.ST_UID] += 1  # as if a new file here belonged to somebody else
        return os.stat_result(fields)

    monkeypatch.setattr(os, "fchown", fchown)
    monkeypatch.setattr(os, "fstat", fstat)
    with pytest.raises(FixError, match="Operation not permitted"):
        write(str(file), PATCH)
    assert file.read_bytes() == BEFORE
    assert os.listdir(file.parent) == ["a.py"]


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no extended attributes here")
def test_extended_attributes_are_kept(file: Path) -> None:
    try:
        os.setxattr(file, "user.origin", b"here")
    except OSError:
        pytest.skip("this file system has none")
    write(str(file), PATCH)
    assert os.getxattr(file, "user.origin") == b"here"


def test_the_time_changes(file: Path) -> None:
    """A byte-code cache goes by it: with the old time and the same size, Python would run the old code."""
    os.utime(file, (1, 1))
    write(str(file), PATCH)
    assert file.stat().st_mtime > 1


def test_a_symlink_is_written_through(file: Path, tmp_path: Path) -> None:
    away = tmp_path / "elsewhere"
    away.mkdir()
    (away / "one").symlink_to(file)
    (away / "two").symlink_to("one")
    write(str(away / "two"), PATCH)
    assert file.read_bytes() == AFTER
    assert (away / "two").is_symlink()
    assert (away / "one").is_symlink()
    assert sorted(os.listdir(away)) == ["one", "two"]


def test_symlinks_in_circles(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(FixError, match="cannot be written"):
        write(str(tmp_path / "a"), PATCH)


def test_changed_since_it_was_read(file: Path) -> None:
    file.write_bytes(b"mine(1)\n")
    refused(file, "has changed since it was read")


def test_changed_while_we_write(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def fsync(handle: int) -> None:
        real(handle)
        file.write_bytes(b"mine(1)\n")  # an editor saves at this very moment

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(FixError, match="has changed since it was read"):
        write(str(file), PATCH)
    assert file.read_bytes() == b"mine(1)\n"
    assert os.listdir(file.parent) == ["a.py"]


def test_replaced_while_we_write(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes, but another file: perhaps with another mode or owner. It is looked at anew."""
    real = os.fsync

    def fsync(handle: int) -> None:
        real(handle)
        other = file.parent / "other"
        other.write_bytes(BEFORE)
        os.replace(other, file)

    monkeypatch.setattr(os, "fsync", fsync)
    refused(file, "was replaced by another file")


def test_gone(file: Path) -> None:
    file.unlink()
    refused(file, "No such file")


def test_not_a_regular_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").mkdir()
    refused(tmp_path / "a.py", "not a regular file")


def test_hard_links_are_not_cut(file: Path) -> None:
    os.link(file, file.parent / "b.py")
    refused(file, "has 2 hard links")
    assert file.samefile(file.parent / "b.py")


def test_a_read_only_file(file: Path) -> None:
    file.chmod(0o444)
    refused(file, "is read-only")


@NOT_ROOT
def test_a_read_only_folder(file: Path) -> None:
    file.parent.chmod(0o555)
    try:
        refused(file, "Permission denied")
    finally:
        file.parent.chmod(0o755)


@pytest.mark.parametrize("where", ["fsync", "replace", "fchmod"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_trouble_on_the_way(file: Path, monkeypatch: pytest.MonkeyPatch, where: str, number: int) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, where, fail)
    refused(file, os.strerror(number))


def test_a_folder_that_takes_no_new_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def mkstemp(**_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", mkstemp)
    refused(file, "Permission denied")


def test_interrupted(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(KeyboardInterrupt):
        write(str(file), PATCH)
    assert file.read_bytes() == BEFORE
    assert os.listdir(file.parent) == ["a.py"]


def test_trouble_after_the_rename_is_no_trouble(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def refuse_folders(path: object, flags: int, *rest: object, **more: object) -> int:
        if flags & os.O_DIRECTORY:
            raise OSError(errno.EINVAL, "Invalid argument")
        return real(path, flags, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse_folders)
    write(str(file), PATCH)
    assert file.read_bytes() == AFTER
