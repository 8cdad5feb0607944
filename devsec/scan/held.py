"""Does a file hold what makes it one that should not be in a repository, and where?

A name says what a file is for, its bytes whether it is that today: a `.env` with empty values, a `.pem` with certificates and
a keystore of certificate authorities are for everybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from devsec.globs import matches
from devsec.scan import keyfiles
from devsec.scan.keyfiles import Key
from devsec.scan.proofs import PROOFS, Proof
from devsec.scan.secret_names import names_secret
from devsec.scan.settings import Setting, Unreadable, settings
from devsec.scan.strength import judge
from devsec.sources.source import Skipped
from devsec.text import Span

_MOST = 1000  # keys, logins
_NOWHERE = Span(0, 0)  # of bytes that are no text


def keystore(path: str, data: bytes, text: bytes) -> list[Span]:
    from devsec.scan.keystores import holds_key

    return [_NOWHERE] if holds_key(data) else []


def private_key(path: str, data: bytes, text: bytes) -> list[Span]:
    """Keys in PEM armour, of PuTTY, in DER and of OpenPGP."""
    found = list(_armoured(text))
    at = text.find(b"PuTTY-User-Key-File-")
    if at != -1 and keyfiles.putty(text[at:]) is Key.YES:
        found.append(Span(at, len(text)))
    return found or ([_NOWHERE] if _is_der(data) or _is_openpgp(data) else [])


def secret(path: str, data: bytes, text: bytes) -> list[Span] | Skipped:
    """Values that are secrets beyond doubt, since their names say so and they were drawn at random or made up as a
    password; logins in addresses; private keys."""
    read = settings(_read_as(path), text)
    if isinstance(read, Unreadable):
        return Skipped(path, read.reason)
    found = [setting.span for setting in read if _is_secret(setting)]
    keys = [*_armoured(text), *_logins(text), *_passwords_of_postgres(path, text)]
    return sorted({*found, *(span for span in keys if not any(span.overlaps(one) for one in found))})


HOLDS: dict[str, Callable[[str, bytes, bytes], list[Span] | Skipped]] = {
    "keystore": keystore,
    "private-key": private_key,
    "secret": secret,
}


def found_by(regex: str, data: bytes) -> bool:
    """Whether a rule's regex is found in the bytes, each of which is a character."""
    return _compiled(regex).search(data) is not None


# --- secrets

# Files whose format their name does not tell as format_of reads it: the first that matches decides.
_READ_AS = (
    (
        ("**/.kube/config", "kubeconfig", "kubeconfig.*", "*.kubeconfig", "*-kubeconfig", "**/.gem/credentials"),
        "x.yaml",
    ),
    (("*.tfstate.backup", "*.tfstate.*"), "x.tfstate"),
    ((".git-credentials", ".pgpass", ".vault-token"), "x.txt"),
    ((".terraformrc", "terraform.rc"), "x.tf"),
)


def _read_as(path: str) -> str:
    return next((name for globs, name in _READ_AS if matches(path.lower(), globs)), path)


def _is_secret(setting: Setting) -> bool:
    value = setting.value
    if not value:
        return False
    if (
        setting.keys[-1].lower() in ("auth", "_auth")
        and PROOFS["docker-auth"](value.encode("utf-8", "replace")) is Proof.PROVED
    ):
        return True
    if value.startswith("LS0tLS1CRUdJTi") and PROOFS["base64-of-pem"](value.encode("utf-8", "replace")) is Proof.PROVED:
        return True
    return names_secret(setting.name) and judge(value, setting.name).at_least("strong")


_LOGIN = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s:/@\"'<>]{0,80}:[^\s@/\"'<>]{4,200}@[^\s/?#:\"'<>]{1,200}")


def _logins(text: bytes) -> Iterator[Span]:
    at = text.find(b"://")
    for _ in range(_MOST):
        if at == -1:
            return
        begin = max(text.rfind(sign, max(0, at - 32), at) for sign in (b"\n", b" ", b'"', b"'", b"=", b"(")) + 1
        found = _LOGIN.match(text, begin or max(0, at - 32))
        if found and PROOFS["url-credentials"](found.group()) is Proof.PROVED:
            yield Span(*found.span())
        at = text.find(b"://", at + 3)


_PGPASS = re.compile(
    rb"^(?!#)[^:\n]{1,200}:(?:\d{1,5}|\*):[^:\n]{1,200}:[^:\n]{1,200}:([^\r\n]{4,200})\r?$", re.MULTILINE
)


def _passwords_of_postgres(path: str, text: bytes) -> Iterator[Span]:
    """Source: PostgreSQL's manual, "The Password File": `hostname:port:database:username:password`."""
    if matches(path.lower(), (".pgpass", "pgpass.conf")):
        for found in _PGPASS.finditer(text):
            if judge(found[1].decode("utf-8", "replace"), "password").at_least("strong"):
                yield Span(*found.span(1))


# --- private keys


def _armoured(text: bytes) -> Iterator[Span]:
    at = text.find(b"-----BEGIN ")
    for _ in range(_MOST):
        if at == -1:
            return
        close = text.find(b"-----END ", at, at + keyfiles.LONGEST)
        end = text.find(b"-----", close + 9, close + 60) if close != -1 else -1
        if end != -1 and b"PRIVATE KEY" in text[at : at + 60]:
            if keyfiles.pem(text[at : end + 5]) is Key.YES:
                yield Span(at, end + 5)
            at = end
        at = text.find(b"-----BEGIN ", at + 5)


_PBES2 = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05"


def _is_der(data: bytes) -> bool:
    """A key by itself: a sequence as long as the file that begins with the version 0 or 1 and goes on as a key does.

    Sources: RFC 5958 (PKCS#8), RFC 8017 A.1.2 (RSA), RFC 5915 (EC), RFC 8018 A.4 (what an encrypted one begins with).
    """
    if data[:1] != b"\x30" or keyfiles.der_length(data) != len(data) or len(data) < 40:
        return False
    inside = data[2 + (data[1] & 0x7F if data[1] & 0x80 else 0) :][:24]
    if inside[:1] == b"\x30":
        return inside[2:12] == _PBES2
    after = inside[3:4]
    plain = (inside[:3] == b"\x02\x01\x00" and after in (b"\x30", b"\x02")) or (
        inside[:3] == b"\x02\x01\x01" and after in (b"\x30", b"\x04")
    )
    # A key of RSA goes on with a number of at least 64 bytes; anything else that begins so is short.
    return plain and not (after == b"\x02" and inside[4] < 0x41)


def _is_openpgp(data: bytes) -> bool:
    """A packet of tag 5, a secret key, of version 4 or later. Source: RFC 9580 4.2, 5.5.3."""
    if len(data) < 64:
        return False
    if data[0] & 0xFC == 0x94:
        return data[0] & 3 < 3 and data[1 + (1, 2, 4)[data[0] & 3]] in (4, 5, 6)
    return data[0] == 0xC5 and data[2 if data[1] < 192 else 3] in (4, 5, 6)


@lru_cache(maxsize=256)
def _compiled(source: str) -> Any:
    import re2  # 4 ms

    options = re2.Options()
    options.log_errors = False
    options.encoding = re2.Options.Encoding.LATIN1
    return re2.compile(source.encode("latin-1", "replace"), options)
