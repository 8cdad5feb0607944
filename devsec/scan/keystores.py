"""Is there a key in a keystore? Its certificates are for everybody; nothing is decrypted.

Bounded time: each entry is passed over by its length. Never raises.
"""

from __future__ import annotations

_KEY_BAGS = (b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x01", b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x02")
_MOST = 100_000  # entries


def holds_key(data: bytes) -> bool:
    """Of Java's JKS and JCEKS, of Bouncy Castle's BKS, and of PKCS#12 (.p12, .pfx)."""
    if data[:4] in (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce"):
        return _java(data)
    if data[:1] == b"\x30":
        return _pkcs12(data)
    if data[:4] in (b"\0\0\0\1", b"\0\0\0\2"):
        return _bouncy_castle(data)
    return False


class _Ends(Exception):
    """There are no more bytes."""


class _Bytes:
    """Numbers and texts as java.io.DataInputStream reads them."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self, size: int = 4) -> int:
        return int.from_bytes(self._take(size), "big")

    def skip(self, size: int) -> None:
        if size > len(self._data) - self._at:
            raise _Ends
        self._at += size

    def text(self) -> None:
        self.skip(self.number(2))

    def block(self) -> None:
        self.skip(self.number())

    def _take(self, size: int) -> bytes:
        start = self._at
        self.skip(size)
        return self._data[start : self._at]


def _java(data: bytes) -> bool:
    """Source: OpenJDK, sun.security.provider.JavaKeyStore.engineStore: tag 1 is a private key, 2 a certificate; JCEKS has 3
    for a secret key."""
    it = _Bytes(data)
    try:
        it.skip(4)
        version, entries = it.number(), it.number()
        for _ in range(min(entries, _MOST)):
            tag = it.number()
            if tag != 2:
                return tag in (1, 3)
            it.text()
            it.skip(8)
            if version == 2:
                it.text()
            it.block()
    except _Ends:
        pass
    return False


def _bouncy_castle(data: bytes) -> bool:
    """Source: Bouncy Castle, BcKeyStoreSpi.loadStore: types 2 to 4 are keys, in the clear or sealed, 1 is a certificate."""
    it = _Bytes(data)
    try:
        it.skip(4)
        salt = it.number()
        if not 8 <= salt <= 64:
            return False
        it.skip(salt)
        it.skip(4)
        for _ in range(_MOST):
            kind = it.number(1)
            if kind != 1:
                return kind in (2, 3, 4)
            it.text()
            it.skip(8)
            for _ in range(min(it.number(), 100)):
                it.text()
                it.block()
            it.text()
            it.block()
    except _Ends:
        pass
    return False


def _pkcs12(data: bytes) -> bool:
    """Source: RFC 7292: version 3 first; keys lie in bags of the types keyBag and pkcs8ShroudedKeyBag, whose names stand in
    the clear unless the safe they are in is encrypted as a whole."""
    at = data.find(b"\x02\x01\x03", 0, 12)
    return at in (2, 3, 4, 5, 6) and any(bag in data for bag in _KEY_BAGS)
