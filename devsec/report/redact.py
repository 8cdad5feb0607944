"""What may be shown of a text? Everything but the secrets in it. Every output goes through here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress

from devsec.finding import Finding
from devsec.text import Span

HIDDEN = "…"
SHORTEST = 6  # of a text that is taken for the secret wherever it stands
_QUOTED = re.compile(rb"""\A([A-Za-z]{0,2})('''|\"\"\"|'|\")(.*)\2\Z""", re.DOTALL)


def masked(secret: str) -> str:
    """A long secret keeps what tells its owner which one it is; a short one keeps nothing."""
    if len(secret) < 16:
        return HIDDEN
    return secret[:4] + HIDDEN + secret[-2:]


class Redactor:
    """Shows one text without its secrets: by place in that text, by value everywhere else."""

    def __init__(self, text: bytes, findings: Iterable[Finding], hidden: Iterable[Span] = ()) -> None:
        self._text = text
        secrets = [*(span for finding in findings for span in finding.secrets), *hidden]
        found = _joined(_inner(text, span) for span in secrets if span.end <= len(text))
        self._values = _values(text[span.start : span.end] for span in found)
        # The same secret a second time, where no rule looked: in a comment, in another call.
        self._spans = _joined([*found, *_occurrences(text, [form for form, _ in self._values])])

    def part(self, span: Span) -> str:
        """What `span` covers, every secret in it masked. A mask may be shorter than what it hides."""
        out: list[str] = []
        at = span.start
        for secret in self._spans:
            if secret.end <= at or secret.start >= span.end:
                continue
            out.append(self.elsewhere(_decode(self._text[at : max(at, secret.start)])))
            whole = _decode(self._text[secret.start : secret.end])
            if secret.start >= span.start and secret.end <= span.end:
                out.append(masked(whole) if "\n" not in whole else HIDDEN)
            else:
                out.append(HIDDEN)  # a secret over several lines, of which this is a piece
            at = min(secret.end, span.end)
        out.append(self.elsewhere(_decode(self._text[at : span.end])))
        return "".join(out)

    def elsewhere(self, text: str) -> str:
        """Any other text (an edit, a snippet, a line of a patch) without the values of the secrets."""
        for form, replacement in self._values:
            if form in text:
                text = text.replace(form, replacement)
        return text

    def shows(self, text: str) -> bool:
        """Whether `text` would show a secret as it is."""
        return self.elsewhere(text) != text


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _inner(text: bytes, span: Span) -> Span:
    """Without the quotes of a literal: they are no secret, and code reads better with them."""
    quoted = _QUOTED.match(text[span.start : span.end])
    if quoted is None:
        return span
    return Span(span.start + quoted.start(3), span.start + quoted.end(3))


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in sorted(set(spans)):
        if span.start == span.end:
            continue
        if joined and span.start < joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _values(secrets: Iterable[bytes]) -> list[tuple[str, str]]:
    """What to replace by what, longest first. Short values are only replaced where they stand in quotes."""
    pairs: dict[str, str] = {}
    for secret in secrets:
        whole = _decode(secret)
        lines = whole.splitlines()
        for value in {whole, *(line.strip() for line in lines if len(lines) > 1)}:
            mask = masked(value) if len(lines) == 1 else HIDDEN
            for form in _other_forms(value):
                pairs.setdefault(form, HIDDEN)
            if len(value) >= SHORTEST:
                pairs[value] = mask
                pairs[value.encode("unicode_escape").decode("ascii")] = mask
            elif value.strip():
                for quote in "'\"":
                    pairs[quote + value + quote] = quote + mask + quote
    return sorted(pairs.items(), key=lambda pair: (-len(pair[0]), pair[0]))


def _other_forms(value: str) -> set[str]:
    """The same secret as it may stand somewhere else: without its escapes, in base64, in a URL.

    What three bytes become in base64 depends on how many stand before them: hence three encodings, without the
    characters at their ends that neighbours have a part in.
    """
    from base64 import urlsafe_b64encode  # with its kin 2 ms, and only where there is a secret
    from urllib.parse import quote

    plain = {value}
    if "\\" in value:
        plain |= {piece.strip() for piece in value.replace("\\r", "").split("\\n")}
        with suppress(UnicodeError):
            plain.add(value.encode("latin-1", "backslashreplace").decode("unicode_escape"))
    forms = set(plain)
    for text in plain:
        data = text.encode("utf-8", "surrogatepass")
        forms.add(quote(data, safe=""))
        for before, lost in ((0, 0), (1, 2), (2, 3)):
            bits = 8 * (before + len(data))
            encoded = urlsafe_b64encode(bytes(before) + data).decode("ascii")[lost : bits // 6]
            forms |= {encoded, encoded.replace("-", "+").replace("_", "/")}
    return {form for form in forms if len(form) >= SHORTEST and form != value}


def _occurrences(text: bytes, forms: Iterable[str]) -> Iterable[Span]:
    for form in forms:
        wanted = form.encode("utf-8", "replace")
        at = text.find(wanted)
        while at != -1:
            yield _inner(text, Span(at, at + len(wanted)))
            at = text.find(wanted, at + len(wanted))
