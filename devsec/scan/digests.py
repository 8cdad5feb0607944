"""Is this the digest of a file or a text, in a list of such?

Asked of every dict of a Python file, so it is done without a regex.
"""

from __future__ import annotations

from devsec.scan.plain import words

_SAY_SO = frozenset(
    "hash hashes digest digests checksum checksums fingerprint fingerprints integrity etags md5 md5s md5sum md5sums sha1 sha1s"
    " sha1sums sha256 sha256s sha256sum sha256sums sha512 sha512s sha512sums".split()
)
_HEX = frozenset("0123456789abcdef")
_SIZES = (32, 40, 56, 64, 96, 128)  # MD5, SHA-1, SHA-2
_BASE64_SIZES = (24, 28, 40, 44, 64, 88)  # the same in base 64, with its padding


def holds_digests(name: str) -> bool:
    """Whether what stands under that name are digests, whatever each of them is called."""
    return not _SAY_SO.isdisjoint(words(name).split("_"))


def is_digest(value: str) -> bool:
    """Whether it could be one, by its length and its characters."""
    if len(value) in _SIZES and _HEX.issuperset(value):
        return True
    return len(value) in _BASE64_SIZES and value.replace("+", "a").replace("/", "a").rstrip("=").isalnum()
