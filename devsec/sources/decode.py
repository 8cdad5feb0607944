"""From the bytes of a file to its text, and back to the same bytes.

Everything after this counts in `Text.text`: the UTF-8 of the decoded text without BOM. Line endings are not touched.
"""

from __future__ import annotations

import re

from devsec.errors import FixError
from devsec.record import Record
from devsec.sources.source import WIDE_BOMS, Skipped, Source, is_python
from devsec.text import Lines

_UTF8_BOM = b"\xef\xbb\xbf"

# PEP 263. A lone \r ends a line for Python's tokenizer too.
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_COOKIE = re.compile(rb"[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"[ \t\f]*(?:#[^\r\n]*)?(?:[\r\n]|\Z)")


class Text(Record):
    """The text of one file. `text` is UTF-8 without BOM; `bom` and `encoding` say how it stood in the file.

    `exact` is False for the few encodings (UTF-7, Shift JIS with variants) that write one text in several ways, when
    this file used another one than Python's encoder would: it can be read, but not written back byte for byte.
    """

    text: bytes
    encoding: str = "utf-8"
    bom: bytes = b""
    exact: bool = True


def decode(source: Source) -> Text | Skipped:
    """Python is read by Python's own rules (PEP 263); other text as UTF-8, UTF-16 or UTF-32 by BOM, else Latin-1."""
    if is_python(source.path, source.data):
        return _decode_python(source.path, source.data)
    return _decode_other(source.path, source.data)


def encode(text: bytes, like: Text) -> bytes:
    """Returns the bytes of a file that holds `text` the way `like` was held. FixError when the encoding cannot."""
    if not like.exact:
        raise FixError(
            f"the file cannot be written back byte for byte in its encoding, {like.encoding}",
            "Save the file as UTF-8, or make the change by hand.",
        )
    if like.encoding == "utf-8":
        return like.bom + text
    try:
        return like.bom + text.decode("utf-8").encode(like.encoding)
    except UnicodeEncodeError as error:
        character = f"U+{ord(error.object[error.start]):04X}"
        raise FixError(
            f"the file's encoding, {like.encoding}, has no character {character}",
            "Save the file as UTF-8, or make the change by hand.",
        ) from None


def _decode_python(path: str, data: bytes) -> Text | Skipped:
    if b"\0" in data:
        return Skipped(path, _why_nul(data))
    bom = _UTF8_BOM if data.startswith(_UTF8_BOM) else b""
    body = data[len(bom) :]
    head = _head(body)
    named = _cookie(head)
    encoding = "utf-8" if named is None else _codec(named)
    if encoding is None:
        return Skipped(path, f"Its encoding declaration names {named}, which Python does not know.")
    if bom and encoding != "utf-8":
        return Skipped(path, f"It begins with a UTF-8 BOM, but its encoding declaration says {named}.")
    if encoding == "utf-8":
        return _utf8(path, body, bom)
    if not _holds_ascii(encoding):
        return Skipped(path, f"Its encoding declaration says {named}, in which that line would read otherwise.")
    return _by_codec(path, body, encoding)


def _holds_ascii(encoding: str) -> bool:
    """False for UTF-16, EBCDIC, punycode: a file in one of these cannot hold its own declaration."""
    try:
        return b"# coding: x\n".decode(encoding) == "# coding: x\n"
    except UnicodeError:
        return False


def _by_codec(path: str, body: bytes, encoding: str) -> Text | Skipped:
    try:
        decoded = body.decode(encoding)
        text = decoded.encode("utf-8")  # fails on the lone surrogates that UTF-7 and unicode_escape let through
    except UnicodeDecodeError as error:
        return Skipped(path, _undecodable(body, error.start, encoding))
    except UnicodeError:
        return Skipped(path, f"It is not valid {encoding}, the encoding it declares.")
    return Text(text, encoding, exact=_comes_back(decoded, encoding, body))


def _comes_back(decoded: str, encoding: str, body: bytes) -> bool:
    try:
        return decoded.encode(encoding) == body
    except UnicodeError:
        return False


def _decode_other(path: str, data: bytes) -> Text | Skipped:
    for bom, encoding in WIDE_BOMS:
        if data.startswith(bom):
            try:
                return Text(data[len(bom) :].decode(encoding).encode("utf-8"), encoding, bom)
            except UnicodeError:
                return Skipped(path, f"It begins with the BOM of {encoding}, but is not valid {encoding}.")
    bom = _UTF8_BOM if data.startswith(_UTF8_BOM) else b""
    body = data[len(bom) :]
    text = _utf8(path, body, bom)
    if isinstance(text, Text):
        return text
    return Text(body.decode("latin-1").encode("utf-8"), "latin-1", bom)  # every byte is a character: nothing is lost


def _utf8(path: str, body: bytes, bom: bytes) -> Text | Skipped:
    if not body.isascii():
        try:
            body.decode("utf-8")
        except UnicodeDecodeError as error:
            return Skipped(path, _undecodable(body, error.start, "utf-8"))
    return Text(body, "utf-8", bom)


def _head(body: bytes) -> bytes:
    """The lines that may hold an encoding declaration: the first, and the second when the first is blank or comment."""
    end = _end_of_line(body, 0)
    if _BLANK.match(body):
        end = _end_of_line(body, end)
    return body[:end]


def _end_of_line(body: bytes, start: int) -> int:
    found = _LINE.match(body, start)
    return found.end() if found else start


def _cookie(head: bytes) -> str | None:
    if b"coding" not in head:
        return None
    start = 0
    while start < len(head):
        found = _COOKIE.match(head, start)
        if found:
            return found[1].decode("ascii")
        start = _end_of_line(head, start)
    return None


def _codec(named: str) -> str | None:
    """Python's name for an encoding of text, or None. `utf-8-unix` and `latin-1-dos`, as Emacs writes them, count."""
    import codecs  # already loaded by Python itself; here because few files declare an encoding

    plain = named[:12].lower().replace("_", "-")
    if plain == "utf-8" or plain.startswith("utf-8-"):
        return "utf-8"
    for latin in ("latin-1", "iso-8859-1", "iso-latin-1"):
        if plain == latin or plain.startswith(latin + "-"):
            return "latin-1"
    try:
        name = codecs.lookup(named).name
        b"x".decode(name)  # refuses rot13, hex and the like, which are no encodings of text
    except LookupError:
        return None
    except UnicodeError:
        pass  # an encoding of text, but not of this
    return name


def _why_nul(data: bytes) -> str:
    for bom, encoding in WIDE_BOMS:
        if data.startswith(bom):
            return f"It is saved as {encoding}, which Python cannot read. Save it as UTF-8."
    return f"It holds a NUL byte on line {_line(data, data.index(0))}, so Python cannot read it."


def _undecodable(body: bytes, at: int, encoding: str) -> str:
    return f"Line {_line(body, at)} holds a byte that is not valid {encoding}."


def _line(data: bytes, at: int) -> int:
    return Lines(data).place(at).line
