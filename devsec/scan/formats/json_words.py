"""Which words stand in a JSON text, as its strings mean them? For the gate: bytes in, bytes out, and places are lost.

`"\\nimport"` holds the word `import` and no `nimport`. Asked of notebooks only, so nothing else pays for it.
"""

from __future__ import annotations

import re

_UNICODE = re.compile(rb"\\u([0-9a-fA-F]{4})")
_HELD = b"\x00\x01"  # no text has it: a NUL byte makes a file binary


# A picture among the outputs of a notebook: base64 holds any short word sooner or later, and means none.
_PICTURE = re.compile(rb'"(?:image/(?:png|jpeg|gif|webp)|application/pdf|png|jpeg)"\s*:\s*"[0-9A-Za-z+/=\\]{200,}"')


def without_pictures(data: bytes) -> bytes:
    """The bytes without the pictures that notebooks carry in base64. Places are lost."""
    return _PICTURE.sub(b'""', data) if len(data) > 1000 else data


def unescaped(data: bytes) -> bytes:
    """The bytes with every escape of JSON taken for what it means."""
    if b"\\" not in data:
        return data
    out = data.replace(b"\\\\", _HELD)
    for written, meant in ((b"\\n", b"\n"), (b"\\t", b"\t"), (b"\\r", b"\r"), (b'\\"', b'"'), (b"\\/", b"/")):
        out = out.replace(written, meant)
    if b"\\u" in out:
        out = _UNICODE.sub(_character, out)
    return out.replace(_HELD, b"\\")


def _character(found: re.Match[bytes]) -> bytes:
    return chr(int(found[1], 16)).encode("utf-8", "replace")
