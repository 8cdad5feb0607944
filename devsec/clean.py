"""Which texts were looked at before, by these rules and at this path, and held nothing, or only what is counted and not shown? They
need not be looked at again.

Kept in the user's cache: for each set of rules one file of hashes and numbers only, and one of what was found and is shown, without
the text it was found in (woven.py). No text and no path is in them, so that they can give nothing away.

A file is known by its text. One that lies on disk as it did need not even be read: as git's index, by its size, its number and
the times of its last change, which must be some seconds old to say anything.
"""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Iterable
from typing import Any

from devsec.blake import blake2b
from devsec.catalog import store

_SIZE = 16  # bytes of a hash
_ENTRY = _SIZE + 1  # and a number
MOST = 400_000  # hashes that are kept: 7 MB; with more than that it starts anew
MOST_NOTES = 250
PASSED = {255: "binary file", 254: "archive"}  # in place of a number of notes: a file without a text, and what it is
_SETTLED = 2 * 10**9  # nanoseconds; file systems that count in seconds may not show a change before
MOST_FOUND = 4 << 20  # bytes of what was found; with more than that it starts anew
_KEPT = 3  # sets of rules


class Clean:
    """`rules` is the signature of the rules; `off` those that are switched off; `levels` what else decides what is shown. Of odd rules
    (changed a moment ago, so that the signature says nothing) nothing is known and nothing kept.

    `new` is what was learned: by the name of a text how many notes it holds; `found` what is shown of one, without its text.
    """

    def __init__(self, rules: str, off: Iterable[str] = (), levels: str = "") -> None:
        self._racy = not store.keeps(rules)
        key = blake2b("\0".join([rules, _program(), levels, *sorted(off)]).encode(), digest_size=_SIZE)
        self._salt = key.digest()
        self._settled = time.time_ns() - _SETTLED
        self._path = os.path.join(store.folder(), f"clean-{key.hexdigest()}.bin")
        self._beside = os.path.join(store.folder(), f"found-{key.hexdigest()}.json")
        self._known: dict[bytes, int] = {} if self._racy else self._read()
        self._shown: dict[str, Any] = {} if self._racy else self._read_shown()
        self.new: dict[bytes, int] = {}
        self.found: dict[bytes, Any] = {}

    def name(self, path: str, data: bytes) -> bytes:
        """What a text at a path is called here."""
        return self._called(data, b"\0", path)

    def _called(self, data: bytes, kind: bytes, path: str) -> bytes:
        digest = blake2b(data, digest_size=_SIZE, key=self._salt)
        digest.update(kind + os.fsencode(path))
        return digest.digest()

    def stamp(self, path: str, file: str) -> bytes:
        """What a file at a path is called as it lies on disk; b"" for one that changed a moment before this run, or since."""
        try:
            there = os.lstat(file)
        except (OSError, ValueError):
            return b""
        last = max(there.st_mtime_ns, there.st_ctime_ns)
        if not stat.S_ISREG(there.st_mode) or last > self._settled or os.name == "nt":  # there ctime tells no change
            return b""
        facts = (there.st_dev, there.st_ino, there.st_size, there.st_mtime_ns, there.st_ctime_ns)
        return self._called(b"%d %d %d %d %d" % facts, b"\1", path)  # no text is called so, whatever it says

    def knows_any(self) -> bool:
        """Whether anything is known; if not, no file need be looked up."""
        return bool(self._known)

    def notes(self, name: bytes) -> int | None:
        """How many notes a text holds, and nothing else; None when that is not known."""
        return self._known.get(name)

    def shown(self, name: bytes) -> Any:
        """What was found in a text, as woven.py has it; None when that is not known."""
        return self._shown.get(name.hex()) if self._shown else None

    def save(self) -> None:
        """Keeps what is new. Silent when it cannot: the next run is slower, that is all. Of two runs at once the one that ends
        later has both."""
        new = {
            name: notes
            for name, notes in self.new.items()
            if (notes <= MOST_NOTES or notes in PASSED) and self._known.get(name) != notes
        }
        if self._racy:
            return
        self._save_shown()
        if not new:
            return
        known = self._read()
        known = {**known, **new} if len(known) + len(new) <= MOST else new
        body = b"".join(name + bytes([known[name]]) for name in sorted(known)[:MOST])
        self._write(self._path, body)

    def _save_shown(self) -> None:
        new = {name.hex(): woven for name, woven in self.found.items() if woven is not None}
        new = {name: woven for name, woven in new.items() if name not in self._shown}
        if not new:
            return
        body = json.dumps({**self._read_shown(), **new}, separators=(",", ":")).encode()
        self._write(self._beside, body if len(body) <= MOST_FOUND else json.dumps(new).encode())

    def _write(self, path: str, body: bytes) -> None:
        temporary = f"{path}.{os.getpid()}"
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(handle, "wb") as file:
                file.write(_sum(body) + body)
            os.replace(temporary, path)
            self._forget_old()
        except OSError:
            store.take_away(temporary)
        except BaseException:  # a Ctrl-C leaves nothing half-written either
            store.take_away(temporary)
            raise

    def _read_shown(self) -> dict[str, Any]:
        try:
            with open(self._beside, "rb") as file:
                content = file.read(_SIZE + MOST_FOUND + 1)
            if content[:_SIZE] != _sum(content[_SIZE:]):
                return {}
            shown = json.loads(content[_SIZE:])
        except (OSError, ValueError, RecursionError):
            return {}
        return shown if isinstance(shown, dict) else {}

    def _read(self) -> dict[bytes, int]:
        try:
            with open(self._path, "rb") as file:
                content = file.read(_SIZE + _ENTRY * MOST + 1)
        except OSError:
            return {}
        body = content[_SIZE:]
        if content[:_SIZE] != _sum(body) or len(body) % _ENTRY:
            return {}  # cut short, or not ours
        return {body[at : at + _SIZE]: body[at + _SIZE] for at in range(0, len(body), _ENTRY)}

    def _forget_old(self) -> None:
        folder = os.path.dirname(self._path)
        for beginning, end in (("clean-", ".bin"), ("found-", ".json")):
            entries = [e for e in os.scandir(folder) if e.name.startswith(beginning) and e.name.endswith(end)]
            entries.sort(key=lambda e: e.stat().st_mtime_ns, reverse=True)
            for entry in entries[_KEPT:]:
                os.unlink(entry.path)


def _program() -> str:
    """Changes when devsec does: what another one called clean says nothing. By the times of its files, for those who work on
    it; the rules' signature has its version."""
    newest = 0
    for folder, _, files in os.walk(os.path.dirname(__file__)):
        newest = max(
            [newest, *(os.stat(os.path.join(folder, file)).st_mtime_ns for file in files if file.endswith(".py"))]
        )
    return str(newest)


def _sum(body: bytes) -> bytes:
    return blake2b(body, digest_size=_SIZE).digest()
