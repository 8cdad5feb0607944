"""Which packs are installed where devsec runs? Found by what packages say of themselves: entry points of the group `devsec.packs`.

They are located and read, never imported: whoever wrote a pack gives data, and a package that fails on import is no less a
pack. A commit pays a stat for each folder on sys.path, and one small file: what was found in a folder is remembered until the
folder changes. (importlib.metadata would read every installed package, and takes 15 ms to be imported.)
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator, Sequence

from devsec import brought
from devsec.catalog import store
from devsec.config import Config
from devsec.errors import ConfigError
from devsec.nearest import did_you_mean
from devsec.record import Record

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from typing import Any


GROUP = "devsec.packs"
NAME = r"[a-z0-9]+(?:-[a-z0-9]+)*"  # of a pack, as a regex
PACK = "pack.yaml"
_RACY_NS = 2_000_000_000  # as in store.py: a folder changed this recently may change again without its time telling


class Installed(Record):
    """A pack by the name its package gives it; `by` is the package with its version, `file` where the package says so."""

    name: str
    folder: str
    by: str
    file: str


class _Entry(Record):
    name: str
    value: str
    by: str
    file: str


def installed() -> tuple[Installed, ...]:
    """The installed packs, sorted by name. ConfigError for one that cannot be found, and for two of one name."""
    places = _places()
    found: dict[str, _Entry] = {}
    packages: dict[str, str] = {}
    for entry in _entries(places):
        package = re.sub(r"[-_.]+", "-", entry.by.partition(" ")[0]).lower()
        home = os.path.dirname(os.path.dirname(entry.file))
        if packages.setdefault(package, home) != home:
            continue  # the same package further along the path: as for Python, the first one counts
        other = found.setdefault(entry.name, entry)
        if other != entry:
            raise ConfigError(
                f"two packs are called {entry.name!r}: {other.by} ({other.file}) and {entry.by} ({entry.file})",
                "Uninstall one of them.",
            )
    return tuple(_located(found[name], places) for name in sorted(found))


def counting(config: Config) -> tuple[Installed, ...]:
    """The installed packs, all of which count. ConfigError when one that the configuration asks for is not among them."""
    found = installed()
    names = [one.name for one in found]
    for name in config.packs:
        if name not in names:
            raise ConfigError(
                f"{config.file}: packs: the pack {name!r} is not installed for {sys.executable}",
                did_you_mean(name, names)
                or "Install its package there; under pre-commit, use the hooks of its repository.",
            )
    return found


def _places() -> list[str]:
    """The folders packages are looked for in: sys.path without the current folder, which `python -m` puts there. What lies
    in the repository that is looked at is not installed."""
    path = sys.path[1:] if sys.path and sys.path[0] in ("", os.getcwd()) else sys.path
    return list(dict.fromkeys(os.path.abspath(place) for place in path if place))


def _entries(places: Sequence[str]) -> list[_Entry]:
    """What packages in these folders say, from memory where nothing has changed."""
    name = store.named("\0".join(places))
    kept = store.read("packs", name)
    memory: dict[str, Any] = kept if isinstance(kept, dict) else {}
    entries: list[_Entry] = []
    changed = False
    for place in places:
        try:
            stamp = os.stat(place).st_mtime_ns
        except OSError:
            continue
        known = _remembered(memory.get(place), stamp)
        if known is None:
            changed = True
            known, watched = _read(place)
            racy = time.time_ns() - stamp < _RACY_NS
            memory[place] = [0 if racy else stamp, watched, [list(entry) for entry in known]]
        entries += known
    if changed:
        store.write("packs", name, {place: memory[place] for place in places if place in memory})
    return entries


def _remembered(kept: Any, stamp: int) -> list[_Entry] | None:
    """The entries of a folder as they were kept; None when they may be others by now."""
    try:
        then, watched, entries = kept
        if then != stamp or any(_stamp(file) != was for file, was in watched.items()):
            return None
        return [_Entry(*map(str, entry)) for entry in entries]
    except (TypeError, ValueError, AttributeError):
        return None


def _read(place: str) -> tuple[list[_Entry], dict[str, int]]:
    """What the packages in a folder say, and the files whose change would not show in the folder's own time."""
    entries: list[_Entry] = []
    watched: dict[str, int] = {}
    try:
        names = sorted(os.listdir(place))
    except OSError:
        return entries, watched
    for name in names:
        if not name.endswith((".dist-info", ".egg-info")):
            continue
        file = os.path.join(place, name, "entry_points.txt")
        stamp = _stamp(file)
        try:
            text = brought.read(file)
        except OSError:
            text = b""
        said = list(_said(text, file, name)) if GROUP.encode() in text else []
        # A develop install writes into its folder what was not there before.
        if said or name.endswith(".egg-info"):
            watched[file] = stamp
        entries += said
    return entries, watched


def _said(text: bytes, file: str, folder: str) -> Iterator[_Entry]:
    """The entries of our group in an entry_points.txt."""
    package, _, version = folder.rpartition(".")[0].partition("-")
    inside = False
    for line in text.decode("utf-8", "replace").splitlines():
        line = line.strip()
        if line.startswith("["):
            inside = line == f"[{GROUP}]"
        elif inside and line and line[0] not in "#;":
            name, _, value = (part.strip() for part in line.partition("="))
            yield _Entry(name, value, f"{package} {version}".strip(), file)


def _stamp(file: str) -> int:
    try:
        return os.stat(file).st_mtime_ns
    except OSError:
        return -1


def _located(entry: _Entry, places: Sequence[str]) -> Installed:
    """Where the pack lies. Raises ConfigError when there is no folder by that name."""
    says = f"{entry.file}: the pack {entry.name!r} of {entry.by}"
    if not re.fullmatch(NAME, entry.name):
        raise ConfigError(f"{says}: no name for a pack", "Its author calls it by lower-case words with dashes.")
    value = entry.value.partition("[")[0].strip()
    parts = value.split(".")
    if not all(part.isidentifier() for part in parts):
        raise ConfigError(
            f"{says} is {entry.value!r}, which is no package",
            'Its author writes acme = "acme_devsec", the folder alone.',
        )
    folders = [os.path.join(place, *parts) for place in places]
    for folder in (*folders, *_of_the_project(entry.file, parts)):
        if os.path.isfile(os.path.join(folder, PACK)):
            return Installed(entry.name, folder, entry.by, entry.file)
    there = next((folder for folder in folders if os.path.isdir(folder)), "")
    if there:
        raise ConfigError(
            f"{says} is {value!r}, and in {there} there is no {PACK}",
            "Its author puts pack.yaml at the top of that folder, and into the wheel (devsec pack test says how).",
        )
    raise ConfigError(
        f"{says} is {value!r}, and no folder on the path is called that",
        "Install it anew. An editable install that works by a hook on import cannot be followed: install it without -e, or "
        "from a project whose package lies at its top or in src/.",
    )


def _of_the_project(file: str, parts: Sequence[str]) -> Iterator[str]:
    """Where an editable install may have its files. It may work by a hook that is code to run; but the installer writes down
    which project it was (https://packaging.python.org/en/latest/specifications/direct-url/)."""
    try:
        data = brought.read(os.path.join(os.path.dirname(file), "direct_url.json"))
        import json
        from urllib.parse import unquote, urlsplit  # only where a pack is not on the path

        direct = json.loads(data)
        if direct["dir_info"]["editable"] is True and direct["url"].startswith("file://"):
            project = unquote(urlsplit(direct["url"]).path)
            yield os.path.join(project, *parts)
            yield os.path.join(project, "src", *parts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return
