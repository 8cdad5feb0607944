"""Is a text that says it is a private key one? Its body is decoded and looked at; no key is ever used.

Every function takes the bytes as they stand in a file, also escaped (`\\n`), indented, quoted or joined line by line, and
answers YES, CUT (it begins like a key and something of it is missing or changed) or NO. Bounded time, never raises.
"""

from __future__ import annotations

import re
from enum import Enum

LONGEST = 1 << 16  # no armoured key is longer; what is, is not decoded

_BEGIN = re.compile(rb"-{4,5} ?BEGIN ((?:[A-Z0-9]+ )*?PRIVATE KEY(?: BLOCK)?) ?-{4,5}")
_END = re.compile(rb"-{4,5} ?END (?:[A-Z0-9]+ )*?PRIVATE KEY(?: BLOCK)? ?-{4,5}")
# What stands around the lines of a key when it is written in a program or a configuration file.
_ESCAPES = re.compile(rb"\\+[nrt]|\\+u000[aAdD]|&#(?:10|13|x[aAdD]);|%0[aAdD]")
# A plus is in the alphabet of base64, and joins strings in JavaScript and Java: `" +` at the end of a line.
_JOINED = re.compile(
    rb"""["'][ \t]{0,80}\+?[ \t]{0,80}(?:\\?\r?\n|(?=["']))[ \t]{0,80}(?:\+[ \t]{1,80})?(?:[rbRB]?["'])?"""
)
# Comment signs and list dashes. A slash and a plus may begin a line of base64: they go only where a blank follows.
_LEAD = re.compile(rb"""^[ \t]*(?:(?:[#>*|]+[ \t]*|//+[ \t]+|-[ \t]+))*(?:[rbRB]?["'])?""", re.MULTILINE)
_AROUND = b"\"',;()[]{}\\<> \t\r"
_HEADER = re.compile(rb"^[A-Z][A-Za-z-]{2,20}: ?[^\n]*(?:\n|$)", re.MULTILINE)
_BODY = re.compile(rb"[A-Za-z0-9+/]+={0,2}")


class Key(Enum):
    YES = "yes"
    CUT = "cut"
    NO = "no"


def pem(text: bytes) -> Key:
    """A key in PEM armour: PKCS#8, PKCS#1, SEC 1, DSA, encrypted or not, OpenSSH, SSH2, PGP.

    Sources: RFC 7468 (armour, and sections 10 and 11 for PKCS#8), RFC 1421 4.6 (the headers of an encrypted key), X.690 8.1.3
    (how long a DER value is), OpenSSH PROTOCOL.key (`openssh-key-v1`), RFC 9580 6.2 (PGP armour), RFC 9580 4.2 (packet tags).
    """
    begin = _BEGIN.search(text)
    end = _END.search(text, begin.end()) if begin else None
    if begin is None or len(text) > LONGEST:
        return Key.NO
    label, inside = begin[1], text[begin.end() : end.start() if end else len(text)]
    old_style = b"ENCRYPTED" in inside and b"Proc-Type" in inside
    inside = _HEADER.sub(b"", _bare(inside))
    if label.startswith(b"PGP"):
        return _pgp(inside)
    data = _decoded(inside)
    if data is None:
        return Key.NO
    if data.startswith(b"openssh-key-v1\0"):
        return Key.YES if end and len(data) >= 64 else Key.CUT
    if data.startswith(b"\x3f\x6f\xf9\xeb"):  # the magic number of ssh.com's keys, read by PuTTY's import.c
        return Key.YES if end else Key.CUT
    if old_style:  # what was DER is now a cipher's blocks of 8 or 16 bytes: nothing else can be told
        return Key.YES if end and len(data) >= 32 and len(data) % 8 == 0 else Key.CUT
    if label == b"OPENSSH PRIVATE KEY" or not data.startswith(b"\x30"):
        return Key.NO
    length = der_length(data)
    if length is None or len(data) < 32:  # the shortest there is, an Ed25519 key, has 48 bytes
        return Key.NO
    if end and length > 2 * len(data):  # somebody shortened it, and closed the armour again: it opens nothing
        return Key.NO
    return Key.YES if end and length == len(data) else Key.CUT


def putty(text: bytes) -> Key:
    """A key of PuTTY: `Private-Lines: n` is followed by n lines of base64, and by a MAC.

    Source: the PuTTY user manual, appendix C, "PPK file format".
    """
    lines = [line.strip(b" \t\r\"',") for line in _ESCAPES.sub(b"\n", text[:LONGEST]).split(b"\n")]
    for index, line in enumerate(lines):
        said = re.fullmatch(rb"Private-Lines: (\d{1,3})", line)
        if said:
            body = lines[index + 1 : index + 1 + int(said[1])]
            if not body or any(_BODY.fullmatch(part) is None for part in body):
                return Key.NO
            after = lines[index + 1 + int(said[1]) :]
            return Key.YES if after and after[0].startswith(b"Private-") and len(body) == int(said[1]) else Key.CUT
    return Key.NO


def bech32(text: bytes) -> bool:
    """Whether the checksum of a Bech32 text holds, of any length and in one case.

    Source: BIP 173 ("Bech32", reference implementation's generator); c2sp.org/age: identities are Bech32 of any length.
    """
    lower = text.lower()
    if text not in (lower, text.upper()) or b"1" not in lower or len(text) > 1024:
        return False
    at = lower.rindex(b"1")
    values = [b"qpzry9x8gf2tvdw0s3jn54khce6mua7l".find(byte) for byte in lower[at + 1 :]]
    if at == 0 or len(values) < 6 or min(values) < 0:
        return False
    name = lower[:at]
    check = 1
    for value in [*(byte >> 5 for byte in name), 0, *(byte & 31 for byte in name), *values]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            if top >> bit & 1:
                check ^= generator
    return check == 1


def nkey_seed(text: bytes) -> bool:
    """Whether a NATS seed is base32 whose last two bytes are the CRC-16 of the rest, low byte first.

    Source: github.com/nats-io/nkeys, README ("CRC-16 checksum … seeds start with S") and crc16.go (polynomial 0x1021, from 0).
    """
    import base64
    import binascii

    try:
        data = base64.b32decode(text + b"=" * (-len(text) % 8))
    except ValueError:
        return False
    # 0x90 >> 3 is the letter S; the second letter, of whom the key is, spans both bytes.
    return len(data) == 36 and data[0] & 0xF8 == 0x90 and binascii.crc_hqx(data[:-2], 0) == data[-2] | data[-1] << 8


def _pgp(inside: bytes) -> Key:
    lines = [line.strip(_AROUND) for line in inside.split(b"\n")]
    sums = [line for line in lines if re.fullmatch(rb"=[A-Za-z0-9+/]{4}", line)]
    data = _decoded(b"\n".join(line for line in lines if line not in sums))
    # A packet of tag 5 (secret key) or 7 (secret subkey), in the old or the new way of writing the tag.
    if data is None or len(data) < 16 or not (data[0] & 0xFC in (0x94, 0x9C) or data[0] in (0xC5, 0xC7)):
        return Key.NO
    if not sums:  # RFC 9580 6.1: the checksum need not be there
        return Key.YES
    wanted = _decoded(sums[-1][1:])
    return Key.YES if wanted is not None and int.from_bytes(wanted, "big") == _crc24(data) else Key.CUT


def _crc24(data: bytes) -> int:
    """RFC 9580 6.1.1."""
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= 0x1864CFB
    return crc & 0xFFFFFF


def _bare(text: bytes) -> bytes:
    """The lines without what a program or a configuration file puts around them."""
    return _LEAD.sub(b"", _JOINED.sub(b"\n", _ESCAPES.sub(b"\n", text)))


def _decoded(body: bytes) -> bytes | None:
    """The bytes that lines of base64 stand for; None when they are no base64."""
    import base64

    parts = [part.strip(_AROUND) for part in body.split()]
    joined = b"".join(part for part in parts if part not in (b"+", b"|"))
    if _BODY.fullmatch(joined) is None or len(joined) % 4 == 1:
        return None
    try:
        return base64.b64decode(joined.rstrip(b"=") + b"=" * (-len(joined.rstrip(b"=")) % 4))
    except ValueError:
        return None


def der_length(data: bytes) -> int | None:
    """How long the first value of some DER says it is, its head included."""
    if len(data) < 2 or data[1] == 0x80:
        return None
    if data[1] < 0x80:
        return 2 + data[1]
    width = data[1] & 0x7F
    if width > 3 or len(data) < 2 + width:
        return None
    return 2 + width + int.from_bytes(data[2 : 2 + width], "big")
