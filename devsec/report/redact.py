"""What may be shown of a text? Everything but the secrets in it. Every output goes through here."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import AnyStr, Generic

from devsec.finding import Finding
from devsec.text import Span

HIDDEN = "…"
FEW = 64  # texts that are looked for one by one
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
        values = _values(text[span.start : span.end] for span in found)
        self._masks = dict(values)
        self._order = {form: number for number, (form, _) in enumerate(values)}
        self._forms = _Forms(self._masks)
        # The same secret a second time, where no rule looked: in a comment, in another call.
        again = _Forms(form.encode("utf-8", "replace") for form in self._masks).places(text)
        self._spans = _joined([*found, *(_inner(text, Span(at, at + len(form))) for at, form in again)])
        self._ends = [span.end for span in self._spans]

    def part(self, span: Span) -> str:
        """What `span` covers, every secret in it masked. A mask may be shorter than what it hides."""
        out: list[str] = []
        at = span.start
        for number in range(bisect_right(self._ends, at), len(self._spans)):
            secret = self._spans[number]
            if secret.start >= span.end:
                break
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
        for form in sorted(self._forms.inside(text), key=self._order.__getitem__):  # longest first
            text = text.replace(form, self._masks[form])
        return text

    def shows(self, text: str) -> bool:
        """Whether `text` would show a secret as it is."""
        return self.elsewhere(text) != text


class _Forms(Generic[AnyStr]):
    """Which of many texts stand in a text? In time that grows with that text, not with how many there are."""

    def __init__(self, forms: Iterable[AnyStr]) -> None:
        self._all: list[AnyStr] = list(forms)
        self._short: list[AnyStr] = [form for form in self._all if len(form) < SHORTEST]
        self._by_start: dict[AnyStr, list[AnyStr]] = {}
        for form in self._all:
            if len(form) >= SHORTEST:
                self._by_start.setdefault(form[:SHORTEST], []).append(form)

    def inside(self, text: AnyStr) -> set[AnyStr]:
        if len(self._all) <= FEW:
            return {form for form in self._all if form in text}
        return {form for _, form in self.places(text)}

    def places(self, text: AnyStr) -> Iterator[tuple[int, AnyStr]]:
        """Where each begins, every time; in no order."""
        for form in self._all if len(self._all) <= FEW else self._short:
            at = text.find(form)
            while at != -1:
                yield at, form
                at = text.find(form, at + len(form))
        if len(self._all) > FEW:
            for at in range(len(text) - SHORTEST + 1):
                for form in self._by_start.get(text[at : at + SHORTEST], ()):
                    if text.startswith(form, at):
                        yield at, form


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
