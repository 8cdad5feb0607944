"""A folder lies where the system says it lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devsec.sources.real import real


@pytest.mark.parametrize(
    "folder", ["", "a", "a/b", "link", "link/b", "link/b/up", "loop", "loop/x", "a/../link", "./a/", "none/here"]
)
def test_as_realpath(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "a" / "b" / "up").symlink_to("..")
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.chdir(tmp_path)
    real.cache_clear()
    assert real(os.path.join(tmp_path, folder)) == os.path.realpath(os.path.join(tmp_path, folder))
    assert real(folder) == os.path.realpath(folder)
    real.cache_clear()
