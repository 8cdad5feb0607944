from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsec.errors import UsageError
from devsec.sources import tree
from devsec.sources.source import Skipped, Source
from devsec.sources.tree import TOOL_FOLDERS, read, walk


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(path: str, data: bytes = b"x\n") -> None:
    full = Path(path)
    full.parent.mkdir(parents=True, exist_ok=True)
    full.write_bytes(data)


def names(*paths: str) -> list[str]:
    return [found.path for found in walk(paths)]


class TestRead:
    @pytest.mark.parametrize("data", [b"", b"a\r\n\0\xff", b"x" * 5_000_000], ids=["empty", "bytes", "5MB"])
    def test_every_byte(self, data: bytes) -> None:
        write("a.py", data)
        assert read("a.py") == Source("a.py", data)

    def test_below_a_root(self, tmp_path: Path) -> None:
        write("repo/sub/a.py")
        assert read("sub/a.py", str(tmp_path / "repo")) == Source("sub/a.py", b"x\n")

    def test_symlink_is_its_target(self) -> None:
        write("a.py", b"target\n")
        os.symlink("a.py", "link.py")
        assert read("link.py") == Source("link.py", b"target\n")

    @pytest.mark.parametrize("name", ["sp ace.py", "new\nline.py", "é.py"])
    def test_odd_names(self, name: str) -> None:
        write(name)
        assert read(name) == Source(name, b"x\n")

    def test_what_has_no_text(self) -> None:
        os.mkfifo("pipe.py")
        os.mkdir("folder.py")
        os.symlink("nowhere", "dangling.py")
        os.symlink("loop.py", "loop.py")
        listening = socket.socket(socket.AF_UNIX)
        listening.bind("socket.py")
        listening.close()
        for path, said in (
            ("pipe.py", "named pipe"),
            ("folder.py", "folder"),
            ("dangling.py", "symlink to a file that does not exist"),
            ("loop.py", "cannot be read"),
            ("socket.py", "socket"),
            (os.devnull, "device"),
            ("vanished.py", "went away"),
            ("nul\0.py", "cannot be read"),
        ):
            found = read(path)
            assert isinstance(found, Skipped), path
            assert found.path == path
            assert said in found.reason

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_unreadable(self) -> None:
        write("a.py")
        os.chmod("a.py", 0)
        found = read("a.py")
        assert isinstance(found, Skipped)
        assert "Permission denied" in found.reason

    def test_unreadable_as_root_sees_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        write("a.py")
        monkeypatch.setattr("builtins.open", refuse)
        assert read("a.py") == Skipped("a.py", "It cannot be read: Permission denied.")


class TestWalk:
    def test_sorted_and_once_each(self) -> None:
        for path in ("b.py", "a/z.py", "a/b/c.py", "a.py"):
            write(path)
        everything = ["a.py", "a/b/c.py", "a/z.py", "b.py"]
        assert names(".") == everything
        assert names("b.py", "./a", "a/z.py", "a.py", "./b.py") == everything
        assert names() == []

    def test_tool_folders_are_left_out_unless_named(self) -> None:
        for folder in TOOL_FOLDERS:
            write(f"{folder}/x.py")
            write(f"sub/{folder}/x.py")
        write("env/pyvenv.cfg")
        write("env/lib/x.py")
        write("builder/x.py")
        write("dist.py")
        assert names(".") == ["builder/x.py", "dist.py"]
        assert names("build", "sub/.venv/x.py", "env") == [
            "build/x.py",
            "env/lib/x.py",
            "env/pyvenv.cfg",
            "sub/.venv/x.py",
        ]

    def test_symlinks_below_a_folder_are_not_followed(self) -> None:
        write("real/a.py")
        os.symlink("../real", "real/loop")
        os.symlink("a.py", "real/link.py")
        assert names("real") == ["real/a.py"]

    def test_symlinks_named_are_followed(self) -> None:
        write("real/a.py")
        os.symlink("real", "folder")
        os.symlink("real/a.py", "link.py")
        assert names("folder", "link.py") == ["folder/a.py", "link.py"]

    def test_dot_dot_is_not_folded_through_a_symlink(self) -> None:
        write("far/away/x.py")
        write("far/a.py", b"far\n")
        write("a.py", b"near\n")
        os.symlink("far/away", "link")
        assert list(walk(["link/../a.py"])) == [Source("link/../a.py", b"far\n")]

    def test_pipe_below_a_folder_is_no_file_but_named_it_is_said(self) -> None:
        write("d/a.py")
        os.mkfifo("d/pipe.py")
        assert names("d") == ["d/a.py"]
        assert [type(found) for found in walk(["d/pipe.py"])] == [Skipped]

    def test_missing_path_before_anything_is_read(self) -> None:
        write("a.py")
        with pytest.raises(UsageError, match=r"typo\.py") as caught:
            walk(["a.py", "typo.py"])
        assert caught.value.hint

    def test_file_that_goes_away_meanwhile(self) -> None:
        write("a.py")
        write("b.py")
        found = walk(["."])
        next(found)
        os.unlink("b.py")
        (skipped,) = found
        assert isinstance(skipped, Skipped)
        assert "went away" in skipped.reason

    def test_folder_that_cannot_be_listed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        write("a.py")
        write("locked/b.py")
        scandir = os.scandir

        def refuse(path: str) -> object:
            if path.endswith("locked"):
                raise PermissionError(13, "Permission denied")
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refuse)
        assert list(walk(["."])) == [
            Source("a.py", b"x\n"),
            Skipped("locked", "The folder cannot be listed: Permission denied."),
        ]


@given(
    st.lists(
        st.sampled_from(["a", "b.py", ".", "..", "/", "./", "//", "../", ".c", "..d"]), min_size=1, max_size=7
    ).map("".join)
)
def test_a_path_is_spelled_as_its_normal_form_but_for_what_goes_up(path: str) -> None:
    wanted = path if ".." in path.split("/") else os.path.normpath(path)
    assert tree._name(path) == wanted.replace(os.sep, "/")
