"""Which packs are found, without importing any; when are they looked for anew; what is said of one that cannot be found?"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from devsec.catalog import here
from devsec.errors import ConfigError
from tests.packs import entry_points, site

LATER = 10_000_000_000  # ns


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one folder packages are looked for in, and a cache of its own."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path / "bin"), str(tmp_path / "python311.zip"), str(folder)])
    monkeypatch.setenv("DEVSEC_CACHE_DIR", str(tmp_path / "cache"))
    return folder


def names() -> list[str]:
    return [one.name for one in here.installed()]


def refusal() -> str:
    with pytest.raises(ConfigError) as caught:
        here.installed()
    return f"{caught.value.message} | {caught.value.hint}"


def settle(folder: Path) -> None:
    """As if nothing had changed for a while."""
    then = folder.stat().st_mtime_ns - LATER
    os.utime(folder, ns=(then, then))


def test_none(path: Path) -> None:
    assert here.installed() == ()


def test_located_and_never_imported(path: Path) -> None:
    site(path, "zeta")
    site(path, "acme")
    acme, zeta = here.installed()
    info = path / "acme_devsec-1.2.dist-info/entry_points.txt"
    assert acme == here.Installed("acme", str(path / "acme_devsec"), "acme_devsec 1.2", str(info))
    assert zeta.name == "zeta"
    assert not any(name in sys.modules for name in ("acme_devsec", "zeta_devsec"))


def test_a_folder_in_a_package(path: Path) -> None:
    site(path, "acme", {"sub/pack.yaml": "pack: acme\ntitle: T\n"}, value="acme_devsec.sub")
    assert here.installed()[0].folder == str(path / "acme_devsec/sub")


def test_a_folder_without_init_in_several_places(path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "first/acme_devsec").mkdir(parents=True)
    site(path, "acme")
    monkeypatch.setattr(sys, "path", ["", str(tmp_path / "first"), str(path)])
    assert here.installed()[0].folder == str(path / "acme_devsec")


def test_what_lies_in_the_current_folder_is_not_installed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m devsec` puts it on the path: a repository that is looked at must not bring a pack that way."""
    site(path, "acme")
    monkeypatch.chdir(path)
    for first in ("", str(path)):
        monkeypatch.setattr(sys, "path", [first])
        assert here.installed() == ()


def test_an_older_install_of_the_same_package_does_not_count(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    site(path, "acme")
    site(tmp_path / "other", "acme")
    monkeypatch.setattr(sys, "path", ["", str(path), str(tmp_path / "other")])
    assert [one.folder for one in here.installed()] == [str(path / "acme_devsec")]


# --- memory


def test_what_was_found_is_remembered_until_the_folder_changes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site(path, "acme")
    settle(path)
    assert names() == ["acme"]
    reads: list[str] = []
    real = here._read
    monkeypatch.setattr(here, "_read", lambda place: reads.append(place) or real(place))
    assert names() == ["acme"]
    assert reads == []
    site(path, "zeta")
    assert names() == ["acme", "zeta"]
    assert reads == [str(path)]


def test_a_folder_changed_a_moment_ago_is_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site(path, "acme")
    assert names() == ["acme"]
    before = path.stat()
    os.rename(path / "acme_devsec-1.2.dist-info", path / "gone")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert names() == []


def test_an_entry_that_is_written_anew_in_place_is_seen(path: Path) -> None:
    site(path, "acme")
    settle(path)
    assert names() == ["acme"]
    entry_points(path, "acme_devsec", "akme = acme_devsec\n")
    settle(path / "acme_devsec-1.2.dist-info")
    assert names() == ["akme"]


def test_a_develop_install_that_gains_a_pack_is_seen(path: Path) -> None:
    (path / "acme.egg-info").mkdir()
    settle(path)
    assert names() == []
    site(path, "acme")
    (path / "acme.egg-info/entry_points.txt").write_text("[devsec.packs]\nacme = acme_devsec\n")
    (path / "acme_devsec-1.2.dist-info/entry_points.txt").unlink()
    settle(path)
    (found,) = here.installed()
    assert found.by == "acme"


@pytest.mark.parametrize("odd", ["[]", "nonsense", '{"PATH": 1}', '{"PATH": [1, {}, [["a"]]]}', '{"PATH": [0, 3, []]}'])
def test_an_odd_memory_is_made_anew(path: Path, odd: str) -> None:
    site(path, "acme")
    settle(path)
    assert names() == ["acme"]
    (kept,) = (path.parent / "cache").glob("packs-*.json")
    kept.write_text(odd.replace("PATH", json.dumps(str(path))[1:-1]))
    assert names() == ["acme"]


def test_a_pack_whose_folder_has_gone_is_said_in_spite_of_the_memory(path: Path) -> None:
    site(path, "acme")
    settle(path)
    assert names() == ["acme"]
    (path / "acme_devsec/pack.yaml").unlink()
    assert "there is no pack.yaml" in refusal()


# --- editable


def editable(path: Path, project: Path, value: str = "acme_devsec") -> None:
    file = entry_points(path, "acme_devsec", f"acme = {value}\n")
    direct = {"url": project.as_uri(), "dir_info": {"editable": True}}
    (file.parent / "direct_url.json").write_text(json.dumps(direct))


@pytest.mark.parametrize("below", ["", "src/"])
def test_an_editable_install_by_a_hook_is_found_by_its_project(path: Path, tmp_path: Path, below: str) -> None:
    """setuptools leaves code to run; the installer leaves the address of the project."""
    project = tmp_path / "a project"
    (project / below / "acme_devsec").mkdir(parents=True)
    (project / below / "acme_devsec/pack.yaml").write_text("pack: acme\ntitle: T\n")
    editable(path, project)
    (path / "__editable__.acme_devsec-1.2.pth").write_text("import nothing_that_is_there\n")
    assert [one.folder for one in here.installed()] == [str(project / below / "acme_devsec")]


def test_an_editable_install_that_cannot_be_followed(path: Path, tmp_path: Path) -> None:
    editable(path, tmp_path / "project")
    said = refusal()
    assert "no folder on the path is called that" in said
    assert "install it without -e" in said


def test_an_install_that_is_not_editable_does_not_lead_to_its_sources(path: Path, tmp_path: Path) -> None:
    (tmp_path / "project/acme_devsec").mkdir(parents=True)
    (tmp_path / "project/acme_devsec/pack.yaml").write_text("pack: acme\ntitle: T\n")
    file = entry_points(path, "acme_devsec", "acme = acme_devsec\n")
    direct = {"url": (tmp_path / "project").as_uri(), "dir_info": {}}
    (file.parent / "direct_url.json").write_text(json.dumps(direct))
    assert "no folder on the path" in refusal()


# --- bad input


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("acme = nowhere_devsec\n", "is 'nowhere_devsec', and no folder on the path is called that"),
        ("acme = acme_devsec:pack\n", "'acme_devsec:pack', which is no package"),
        ("acme = ../../etc\n", "'../../etc', which is no package"),
        ("acme = /etc\n", "'/etc', which is no package"),
        ("acme =\n", "'', which is no package"),
        ("acme\n", "'', which is no package"),
        ("Acme = acme_devsec\n", "no name for a pack"),
        ("a/b = acme_devsec\n", "no name for a pack"),
    ],
)
def test_an_entry_that_makes_no_sense(path: Path, lines: str, says: str) -> None:
    site(path, "acme")
    file = entry_points(path, "acme_devsec", lines)
    said = refusal()
    assert says in said
    assert said.startswith(str(file))


def test_extras_and_comments_are_no_part_of_it(path: Path) -> None:
    site(path, "acme")
    entry_points(path, "acme_devsec", "# ours\n; too\n\nacme = acme_devsec [more]\n[other]\nzeta = z\n")
    assert names() == ["acme"]


def test_a_folder_without_pack_yaml(path: Path) -> None:
    site(path, "acme")
    (path / "acme_devsec/pack.yaml").unlink()
    assert f"in {path / 'acme_devsec'} there is no pack.yaml" in refusal()


def test_two_packages_with_one_name(path: Path) -> None:
    site(path, "acme")
    entry_points(path, "other_devsec", "acme = acme_devsec\n")
    said = refusal()
    assert "two packs are called 'acme': acme_devsec 1.2" in said
    assert "other_devsec 1.2" in said


def test_bytes_that_are_no_text(path: Path) -> None:
    site(path, "acme")
    file = path / "acme_devsec-1.2.dist-info/entry_points.txt"
    file.write_bytes(b"[devsec.packs]\n\xff\xfe = x\n")
    assert "no name for a pack" in refusal()
