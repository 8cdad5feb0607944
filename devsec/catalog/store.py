"""Where is what was compiled from the rules kept between runs? In the user's cache, keyed by the rule files.

This runs before anything else on every commit: it imports next to nothing. The cache holds JSON, never pickles: whoever can
write to it must not be able to run code. Whatever is odd about it reads as missing, and is made anew.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence

import devsec
from devsec.blake import blake2b

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from typing import Any


DEEPEST = 40  # folders in folders; `load` refuses more, and no stack ends here
_KEPT = 4  # entries of one name: a few branches with different rules side by side
_RACY_NS = 2_000_000_000  # a file changed this recently may change again without its times telling


def signature(folders: Sequence[str], names: Sequence[str] = ()) -> str:
    """Changes whenever a rule file of the folders does. As git's index does, from names, sizes and times. `names` are what
    installed packs are called."""
    said = [devsec.__version__, *names]
    newest = 0
    for folder in folders:
        said += ("folder", folder)
        for name, stat in _rule_files(os.fspath(folder), ""):
            said.append(name)
            if stat is not None:
                changed, moved = stat.st_mtime_ns, stat.st_ctime_ns
                newest = max(newest, changed, moved)
                said.append(f"{stat.st_size} {changed} {moved}")
    racy = time.time_ns() - newest < _RACY_NS
    return blake2b(os.fsencode("\0".join(said)), digest_size=16).hexdigest() + ("-racy" if racy else "")


def named(text: str) -> str:
    """A signature for what is known under a text, such as a list of folders."""
    return blake2b(f"{devsec.__version__}\0{text}".encode(errors="surrogateescape"), digest_size=16).hexdigest()


def keeps(signature: str) -> bool:
    """Whether anything is kept for rules of this signature: not while they may change again without its telling."""
    return not signature.endswith("-racy")


def read(name: str, signature: str) -> Any:
    """What was written under this name for these rules; None when there is nothing, or nothing sound."""
    if not keeps(signature):
        return None
    try:
        with open(_path(name, signature), "rb") as file:
            import json  # only when there is something to read

            return json.loads(file.read())
    except (OSError, ValueError, RecursionError):
        return None


class Parts:
    """What `write_parts` kept: each part is read when it is asked for. Of the rules a commit needs three, not all 700 KB."""

    def __init__(self, places: dict[str, Any], bodies: bytes) -> None:
        self._places = places
        self._bodies = bodies

    def get(self, name: str) -> Any:
        """Raises KeyError, ValueError or TypeError for what is not there or not sound."""
        import json

        start, end = self._places[name]
        return json.loads(self._bodies[start:end])


def read_parts(name: str, signature: str) -> Parts | None:
    """What was written under this name by `write_parts`; None when there is nothing, or nothing sound."""
    if not keeps(signature):
        return None
    try:
        with open(_path(name, signature), "rb") as file:
            import json

            places = json.loads(file.readline())
            return Parts(places, file.read()) if isinstance(places, dict) else None
    except (OSError, ValueError, RecursionError):
        return None


def write(name: str, signature: str, data: Any) -> None:
    """Keeps `data` (made of lists, dicts and scalars). Silent when it cannot: the next run is slower, that is all."""
    if keeps(signature):
        _keep(name, signature, _bytes(data))


def write_parts(name: str, signature: str, parts: dict[str, Any]) -> None:
    """As `write`, for `read_parts`: a line that says where each part stands, and the parts."""
    if not keeps(signature):
        return
    places: dict[str, tuple[int, int]] = {}
    bodies = bytearray()
    for part, data in parts.items():
        start = len(bodies)
        bodies += _bytes(data)
        places[part] = (start, len(bodies))
    _keep(name, signature, _bytes(places) + b"\n" + bytes(bodies))


def _bytes(data: Any) -> bytes:
    import json

    return json.dumps(data, separators=(",", ":")).encode()


def _keep(name: str, signature: str, content: bytes) -> None:
    path = _path(name, signature)
    temporary = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
        _forget_old(os.path.dirname(path), name)
    except OSError:
        take_away(temporary)
    except BaseException:  # a Ctrl-C leaves nothing half-written either
        take_away(temporary)
        raise


def take_away(temporary: str) -> None:
    """What was being written. Silent when it is not there."""
    try:
        os.unlink(temporary)
    except OSError:
        return


def folder() -> str:
    """`$DEVSEC_CACHE_DIR`, else `devsec` in the user's cache folder."""
    if given := os.environ.get("DEVSEC_CACHE_DIR"):
        return given
    if sys.platform == "win32":
        return os.path.join(os.environ.get("LOCALAPPDATA", os.path.expanduser("~")), "devsec", "Cache")
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # the XDG specification says to ignore relative ones
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "devsec")


def _path(name: str, signature: str) -> str:
    return os.path.join(folder(), f"{name}-{signature}.json")


def _forget_old(cache: str, name: str) -> None:
    entries = [e for e in os.scandir(cache) if e.name.startswith(name + "-") and e.name.endswith(".json")]
    entries.sort(key=lambda e: e.stat().st_mtime_ns, reverse=True)
    for entry in entries[_KEPT:]:
        os.unlink(entry.path)


def _rule_files(folder: str, below: str) -> list[tuple[str, os.stat_result | None]]:
    """(path below the folder, stat) of its YAML files, sorted, links not followed into folders. None for what
    cannot be read."""
    if below.count(os.sep) > DEEPEST:
        return [(below, None)]
    try:
        with os.scandir(os.path.join(folder, below)) as scan:
            entries = sorted((entry.name, entry) for entry in scan)
    except OSError:
        # `load` says what is wrong with it; it must be asked, so this is not the signature of an empty folder.
        return [(below, None)]
    before = below and below + os.sep
    found: list[tuple[str, os.stat_result | None]] = []
    for name, entry in entries:
        if entry.is_dir(follow_symlinks=False):
            found += _rule_files(folder, before + name)
        elif name.endswith((".yaml", ".yml")):
            try:
                found.append((before + name, entry.stat()))
            except OSError:
                found.append((before + name, None))
    return found
