"""A patch as `git apply` takes it, in the bytes of the file; masked where it would show a secret."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from devsec.report.redact import Redactor


@dataclass(frozen=True)
class Unified:
    """`masked` when a secret was hidden: then it is for reading, and `git apply` would refuse it."""

    data: bytes
    masked: bool


def unified(path: str, before: bytes, after: bytes, redactor: Redactor) -> Unified:
    """b"" when nothing changes. Lines end at \\n only, as git counts them; everything else is content."""
    out: list[bytes] = []
    masked = False
    old, new = _split(before), _split(after)
    for number, raw in enumerate(difflib.diff_bytes(difflib.unified_diff, old, new, lineterm=b"\n")):
        if number < 2:
            out.append((b"--- " if number == 0 else b"+++ ") + _name(b"ab"[number : number + 1], path) + b"\n")
            continue
        line = raw
        shown = redactor.elsewhere(raw.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        if shown != raw and not raw.startswith(b"@@"):
            line, masked = shown, True
        out.append(line)
        if not line.endswith(b"\n"):
            out.append(b"\n\\ No newline at end of file\n")
    return Unified(b"".join(out), masked)


def _split(data: bytes) -> list[bytes]:
    pieces = data.split(b"\n")
    lines = [piece + b"\n" for piece in pieces[:-1]]
    return [*lines, pieces[-1]] if pieces[-1] else lines


def _name(side: bytes, path: str) -> bytes:
    """Quoted the way git quotes: whatever is not printable ASCII in octal."""
    raw = side + b"/" + path.encode("utf-8", "surrogateescape")
    if all(32 <= byte < 127 and byte not in b'"\\' for byte in raw):
        # A tab ends a name with spaces, so that nobody reads a timestamp out of it.
        return raw + b"\t" if b" " in raw else raw
    escapes = {9: b"\\t", 10: b"\\n", 13: b"\\r", 34: b'\\"', 92: b"\\\\"}
    quoted = b"".join(escapes.get(byte) or (bytes([byte]) if 32 <= byte < 127 else b"\\%03o" % byte) for byte in raw)
    return b'"' + quoted + b'"'
