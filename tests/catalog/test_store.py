"""When are rules taken from the cache, when are they read anew, and what if the cache is odd?"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import devsec
from devsec.catalog import load as loading
from devsec.catalog import store, yaml_read
from devsec.catalog.codec import encode
from devsec.catalog.rule import Catalogue
from devsec.catalog.shelf import load_cached
from devsec.errors import ConfigError, RuleError
from tests.catalog.kit import yaml

LATER = 10_000_000_000  # ns; what was written that long ago tells by its times when it changes again


@dataclass
class Shelf:
    """A folder of rules with its cache, the files that were read since the last question, and a clock of its own."""

    folder: Path
    cache: Path
    reads: list[str] = field(default_factory=list)

    def rule(self, id: str, **pieces: str | None) -> Path:
        file = self.folder / f"{id}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml(id=id, **pieces), encoding="utf-8")
        return file

    def signature(self) -> str:
        return store.signature([str(self.folder)])

    def asked(self) -> tuple[Catalogue, list[str]]:
        """The rules as a run gets them, and the names of the files that were read for it."""
        self.reads.clear()
        catalogue = load_cached([str(self.folder)], self.signature())
        return catalogue, list(self.reads)

    def entry(self, name: str = "rules") -> Path:
        return self.cache / f"{name}-{self.signature()}.json"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    made = Shelf(tmp_path / "rules", tmp_path / "cache")
    made.rule("first")
    made.rule("second")
    newest = max(s for f in made.folder.iterdir() for s in (f.stat().st_mtime_ns, f.stat().st_ctime_ns))
    monkeypatch.setattr(store, "time", SimpleNamespace(time_ns=lambda: newest + LATER))
    monkeypatch.setattr(loading, "bundled", lambda: str(tmp_path / "shipped"))
    (tmp_path / "shipped").mkdir()
    monkeypatch.setenv("DEVSEC_CACHE_DIR", str(made.cache))
    real = yaml_read.read

    def read(text: bytes, source: str) -> yaml_read.Node:
        made.reads.append(Path(source).name)
        return real(text, source)

    monkeypatch.setattr(yaml_read, "read", read)
    return made


def put_back(file: Path, times: os.stat_result) -> None:
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


# --- is the cache used?


def test_unchanged_rules_are_read_once(shelf: Shelf) -> None:
    fresh, read = shelf.asked()
    assert read == ["first.yaml", "second.yaml"]
    again, read = shelf.asked()
    assert read == []
    assert again == fresh


def test_what_the_cache_says_is_what_counts(shelf: Shelf) -> None:
    fresh, _ = shelf.asked()
    data = json.loads(shelf.entry().read_bytes())
    data["rules"][0]["title"] = "From the cache"
    shelf.entry().write_text(json.dumps(data))
    cached, read = shelf.asked()
    assert (read, cached.rules[0].title, cached.rules[1]) == ([], "From the cache", fresh.rules[1])


def test_the_folders_of_roads_count(shelf: Shelf) -> None:
    led = shelf.rule("third", fix="{title: C, safety: safe, road: q}")
    road = shelf.folder / "roads.yml"
    road.write_text("{road: q, title: T, call: m.a}")
    shelf.asked()
    road.write_text("{road: q, title: T, call: m.bc}")
    catalogue, read = shelf.asked()
    assert read == ["first.yaml", "roads.yml", "second.yaml", led.name]
    call = catalogue.rules[2].cures[0].call
    assert call
    assert call.source == "m.bc"


# --- is it left alone when something changed?


def content_of_another_size(shelf: Shelf) -> None:
    file = shelf.folder / "first.yaml"
    times = file.stat()
    shelf.rule("first", title="Changed")
    put_back(file, times)


def content_of_the_same_size(shelf: Shelf) -> None:
    file = shelf.folder / "first.yaml"
    before = file.stat()
    shelf.rule("first", severity="low ")
    assert file.stat().st_size == before.st_size
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))


def modification_time(shelf: Shelf) -> None:
    file = shelf.folder / "first.yaml"
    os.utime(file, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns - LATER))


def replaced_with_the_same_times(shelf: Shelf) -> None:
    """As `rsync --times` and `mv` do. Only the time of the change of the entry tells."""
    file = shelf.folder / "first.yaml"
    before = file.stat()
    shelf.rule("first", severity="low ")
    put_back(file, before)
    # A coarse clock may not have moved since the fixture wrote the file: a test must not wait for it.
    if file.stat().st_ctime_ns == before.st_ctime_ns:
        pytest.skip("the clock of this file system is too coarse")


def added(shelf: Shelf) -> None:
    shelf.rule("third")


def added_below(shelf: Shelf) -> None:
    file = shelf.folder / "deep/er/third.yml"
    file.parent.mkdir(parents=True)
    file.write_text(yaml(id="third"))


def removed(shelf: Shelf) -> None:
    (shelf.folder / "second.yaml").unlink()


def moved_below(shelf: Shelf) -> None:
    (shelf.folder / "deep").mkdir()
    (shelf.folder / "second.yaml").rename(shelf.folder / "deep/second.yaml")


@pytest.mark.parametrize(
    "change",
    [
        content_of_another_size,
        content_of_the_same_size,
        modification_time,
        replaced_with_the_same_times,
        added,
        added_below,
        removed,
        moved_below,
    ],
)
def test_what_changed_is_read_anew(shelf: Shelf, change: Any) -> None:
    shelf.asked()
    change(shelf)
    _, read = shelf.asked()
    names = sorted(name for _, _, names in os.walk(shelf.folder) for name in names)
    assert sorted(read) == names
    assert shelf.asked()[1] == []


def test_a_change_that_is_wrong_is_said_each_time(shelf: Shelf) -> None:
    shelf.asked()
    shelf.rule("first", level="blok")
    for _ in range(2):
        with pytest.raises(RuleError, match=r"first\.yaml:6:8: `blok` is not one of"):
            shelf.asked()


@pytest.mark.parametrize("name", ["readme.md", "first.yaml~", "deep/x.json"])
def test_other_files_do_not_count(shelf: Shelf, name: str) -> None:
    before = shelf.signature()
    (shelf.folder / name).parent.mkdir(exist_ok=True)
    (shelf.folder / name).write_text("x")
    assert shelf.signature() == before


def test_a_link_that_leads_nowhere_is_no_reason_to_trust_the_cache(shelf: Shelf) -> None:
    shelf.asked()
    (shelf.folder / "third.yaml").symlink_to("nowhere")
    with pytest.raises(RuleError, match="cannot be read"):
        shelf.asked()


def test_a_folder_that_went_away_is_not_an_empty_one(shelf: Shelf) -> None:
    for file in shelf.folder.iterdir():
        file.unlink()
    assert shelf.asked()[0].rules == ()
    shelf.folder.rmdir()
    with pytest.raises(ConfigError, match="no such folder"):
        shelf.asked()


def test_folders_and_their_order_count(tmp_path: Path) -> None:
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    assert len({store.signature(folders) for folders in ([], [one], [two], [one, two], [two, one])}) == 5


def test_another_devsec_reads_anew(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    before = shelf.signature()
    monkeypatch.setattr(devsec, "__version__", "99")
    assert shelf.signature() != before


def test_a_file_changed_just_now_is_not_trusted(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """It could change again within one tick of its clock."""
    file = shelf.folder / "first.yaml"
    now = file.stat().st_ctime_ns + 10 * LATER
    os.utime(file, ns=(now, now))
    for since, trusted in ((0, False), (1_000_000_000, False), (3_000_000_000, True), (-LATER, False)):
        monkeypatch.setattr(store, "time", SimpleNamespace(time_ns=lambda at=now + since: at))
        assert bool(shelf.asked()[1]) is True
        assert (shelf.asked()[1] == []) is trusted, since
        assert (shelf.cache.exists() and any(shelf.cache.glob("rules-*"))) is trusted
        for entry in shelf.cache.glob("*"):
            entry.unlink()


# --- what if the cache is odd?


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b'{"rules": [', id="cut off"),
        pytest.param(b"null", id="nothing"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{}", id="without rules"),
        pytest.param(b'{"rules": [{"id": "first"}], "roads": []}', id="half a rule"),
        pytest.param(b'{"rules": [{"level": "blok"}], "roads": []}', id="a word that is none"),
        pytest.param(b'{"rules": [], "roads": [], "colour": "red"}', id="more than there is"),
        pytest.param(b"[" * 100_000, id="deeper than JSON goes"),
        pytest.param(
            b'{"rules":[{"find":[{"kind":"call","value":' + b'[{"none_of":' * 400 + b"[]" + b"}]" * 400 + b"}]}],"
            b'"roads":[]}',
            id="deeper than any rule",
        ),
    ],
)  # fmt: skip
def test_what_is_not_sound_is_made_anew(shelf: Shelf, data: bytes) -> None:
    fresh, _ = shelf.asked()
    sound = shelf.entry().read_bytes()
    shelf.entry().write_bytes(data)
    catalogue, read = shelf.asked()
    assert (catalogue, read) == (fresh, ["first.yaml", "second.yaml"])
    assert shelf.entry().read_bytes() == sound
    assert shelf.asked() == (fresh, [])


def test_an_entry_that_is_a_folder(shelf: Shelf) -> None:
    fresh, _ = shelf.asked()
    shelf.entry().unlink()
    shelf.entry().mkdir()
    assert shelf.asked() == (fresh, ["first.yaml", "second.yaml"])
    left = sorted(entry.name for entry in shelf.cache.iterdir() if not entry.name.startswith("bundled-"))
    assert left == [shelf.entry("brief").name, shelf.entry().name], "nothing half-written stays"


def test_a_cache_that_cannot_be_made(shelf: Shelf, capfd: pytest.CaptureFixture[str]) -> None:
    shelf.cache.write_text("a file stands in the way")
    for _ in range(2):
        catalogue, read = shelf.asked()
        assert [rule.id for rule in catalogue.rules] == ["first", "second"]
        assert read == ["first.yaml", "second.yaml"]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("call", ["makedirs", "open", "replace", "scandir"])
def test_a_cache_that_cannot_be_written(shelf: Shelf, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """No rights, no space, no luck. As root everything is allowed, so the system call says no here."""
    fresh = encode(shelf.asked()[0])
    signature = shelf.signature()
    real = getattr(os, call)

    def refuse(path: Any, *rest: Any, **more: Any) -> Any:
        if str(path).startswith(str(shelf.cache)):
            raise OSError(28, "No space left on device", path)
        return real(path, *rest, **more)

    monkeypatch.setattr(os, call, refuse)
    store.write("other", signature, fresh)
    left = sorted(name for name in os.listdir(shelf.cache) if not name.startswith("bundled-"))
    kept = {f"brief-{signature}.json", f"rules-{signature}.json"} | (
        {f"other-{signature}.json"} if call == "scandir" else set()
    )
    assert left == sorted(kept), "nothing half-written stays"


def test_what_another_run_left_half_written_is_no_obstacle_for_long(shelf: Shelf) -> None:
    """Containers number their processes from one again, so that the name may be taken."""
    shelf.cache.mkdir()
    half = Path(f"{shelf.entry()}.{os.getpid()}")
    half.write_text('{"rules":')
    shelf.asked()
    assert not half.exists()
    assert shelf.asked()[1] == ["first.yaml", "second.yaml"]
    assert shelf.asked()[1] == []


def test_only_a_few_entries_are_kept(shelf: Shelf) -> None:
    shelf.cache.mkdir()
    (shelf.cache / "mine.txt").write_text("not devsec's")
    (shelf.cache / "rules-s9.json.7").write_text("being written by another process")
    for number in range(store._KEPT + 3):
        store.write("rules", f"s{number}", [number])
        os.utime(shelf.cache / f"rules-s{number}.json", ns=(number, number))
        store.write("gate", "one", [])
    store.write("rules", "last", [])
    kept = ["last", *(f"s{number}" for number in range(4, store._KEPT + 3))]
    assert sorted(entry.name for entry in shelf.cache.iterdir()) == sorted(
        ["gate-one.json", "mine.txt", "rules-s9.json.7", *(f"rules-{name}.json" for name in kept)]
    )


@pytest.mark.parametrize("call", ["makedirs", "open", "replace"])
def test_a_ctrl_c_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("DEVSEC_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(store.os, call, interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.write("gate", "one", [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps rights elsewhere")
def test_the_cache_is_nobody_elses(shelf: Shelf) -> None:
    shelf.asked()
    assert stat.S_IMODE(shelf.cache.stat().st_mode) == 0o700
    assert stat.S_IMODE(shelf.entry().stat().st_mode) == 0o600


# --- where is it?


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("DEVSEC_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="the XDG specification is for others")
@pytest.mark.parametrize(
    ("environ", "meant"),
    [
        ({}, "{home}/.cache/devsec"),
        ({"XDG_CACHE_HOME": "/xdg"}, "/xdg/devsec"),
        ({"XDG_CACHE_HOME": ""}, "{home}/.cache/devsec"),
        ({"XDG_CACHE_HOME": "relative"}, "{home}/.cache/devsec"),
        ({"DEVSEC_CACHE_DIR": "/own"}, "/own"),
        ({"DEVSEC_CACHE_DIR": "/own", "XDG_CACHE_HOME": "/xdg"}, "/own"),
        ({"DEVSEC_CACHE_DIR": "", "XDG_CACHE_HOME": "/xdg"}, "/xdg/devsec"),
    ],
)
def test_where(nowhere: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], meant: str) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert store.folder() == meant.format(home=nowhere)


def test_where_on_windows(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert store.folder() == os.path.join(str(nowhere), "devsec", "Cache")
    monkeypatch.setenv("LOCALAPPDATA", "C:\\Local")
    assert store.folder() == os.path.join("C:\\Local", "devsec", "Cache")


def test_a_process_finds_what_another_left(shelf: Shelf, nowhere: Path) -> None:
    code = """
import sys
from devsec.catalog import store
from devsec.catalog.shelf import load_cached
folder = sys.argv[1]
signature = store.signature([folder]).removesuffix("-racy")
print(len(load_cached([folder], signature).rules), "yaml" in sys.modules, "devsec.catalog.schema" in sys.modules)
"""
    environ = {**os.environ, "XDG_CACHE_HOME": str(nowhere / "xdg"), "HOME": str(nowhere)}
    said = [
        subprocess.run(
            [sys.executable, "-c", code, str(shelf.folder)], env=environ, capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(2)
    ]
    count = said[0][0]
    assert int(count) >= 2
    assert said == [[count, "True", "True"], [count, "False", "False"]]
    assert [entry.parent for entry in nowhere.rglob("rules-*.json")] == [nowhere / "xdg/devsec"]
