"""Places and edits, in bytes and in characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsec.text import Edit, Lines, Place, Span, apply


@pytest.mark.parametrize(
    ("text", "offset", "place"),
    [
        pytest.param("", 0, Place(1, 0), id="empty text"),
        pytest.param("a\nb", 2, Place(2, 0), id="second line"),
        pytest.param("a\nb", 1, Place(1, 1), id="the line ending belongs to its line"),
        pytest.param("a\n", 2, Place(1, 2), id="after the last ending there is no further line"),
        pytest.param("a\r\nb", 3, Place(2, 0), id="CRLF is one ending"),
        pytest.param("a\r\nb", 2, Place(1, 2), id="inside CRLF is still the first line"),
        pytest.param("a\rb", 2, Place(2, 0), id="lone CR ends a line"),
        pytest.param("a\rb\r\nc\nd", 7, Place(4, 0), id="mixed endings"),
        pytest.param("é€x", 5, Place(1, 2), id="columns are characters, not bytes"),
        pytest.param("\U0001f511k", 4, Place(1, 1), id="an astral character is one column"),
        pytest.param("a\fb\x0bc\n", 4, Place(1, 4), id="form feed and vertical tab end no line"),
        pytest.param("a\u2028b", 4, Place(1, 2), id="line separator of Unicode ends no line"),
        pytest.param("\n\n\n", 2, Place(3, 0), id="blank lines"),
    ],
)
def test_place(text: str, offset: int, place: Place) -> None:
    assert Lines(text.encode()).place(offset) == place


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("", [""], id="empty text has one empty line"),
        pytest.param("a", ["a"], id="no final newline"),
        pytest.param("a\n", ["a"], id="final newline"),
        pytest.param("a\r", ["a"], id="final lone CR"),
        pytest.param("a\r\n", ["a"], id="final CRLF"),
        pytest.param("a\r\n\r\nb", ["a", "", "b"], id="blank line between CRLF"),
        pytest.param("a\rb\nc", ["a", "b", "c"], id="lone CR, then LF"),
        pytest.param("\r\r\n\n", ["", "", ""], id="only endings"),
        pytest.param("ä\fö\n", ["ä\fö"], id="form feed stays inside"),
    ],
)
def test_lines(text: str, lines: list[str]) -> None:
    found = Lines(text.encode())
    assert [found.line(number) for number in range(1, len(found) + 1)] == lines
    assert found.start(1) == 0
    assert found.start(len(found) + 1) == len(text.encode())


@given(st.text(alphabet="a€\r\n\f"))
def test_every_offset_is_on_the_line_that_holds_it(text: str) -> None:
    raw = text.encode()
    lines = Lines(raw)
    for offset in range(len(raw) + 1):
        line = lines.place(offset).line
        assert lines.start(line) <= offset
        assert line == len(lines) or offset < lines.start(line + 1)


@pytest.mark.parametrize(
    ("edits", "after"),
    [
        pytest.param([], "hello world", id="none"),
        pytest.param([Edit(Span(0, 5), "bye")], "bye world", id="at the start"),
        pytest.param([Edit(Span(11, 11), "!")], "hello world!", id="insert at the end"),
        pytest.param([Edit(Span(6, 11), "you"), Edit(Span(0, 5), "bye")], "bye you", id="order given does not matter"),
        pytest.param([Edit(Span(0, 5), "a"), Edit(Span(5, 6), "-")], "a-world", id="touching"),
        pytest.param([Edit(Span(5, 5), ","), Edit(Span(5, 6), "_")], "hello,_world", id="insert before a replacement"),
        pytest.param(
            [Edit(Span(5, 5), "a"), Edit(Span(5, 5), "b")], "helloab world", id="two inserts keep their order"
        ),
        pytest.param([Edit(Span(5, 5), "a")] * 2, "helloa world", id="the same edit twice is one edit"),
        pytest.param([Edit(Span(0, 11), "")], "", id="everything away"),
    ],
)
def test_apply(edits: list[Edit], after: str) -> None:
    assert apply(b"hello world", edits) == after.encode()


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param([Edit(Span(0, 5), "a"), Edit(Span(4, 6), "b")], id="share a byte"),
        pytest.param([Edit(Span(0, 9), "a"), Edit(Span(2, 3), "b")], id="one inside the other"),
        pytest.param([Edit(Span(0, 5), "a"), Edit(Span(0, 5), "b")], id="two texts for one place"),
        pytest.param([Edit(Span(0, 5), "a"), Edit(Span(2, 2), "b")], id="an insertion inside a replacement"),
    ],
)
def test_overlapping_edits_are_an_error(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="overlapping"):
        apply(b"hello world", edits)


def test_spans() -> None:
    assert Span(1, 3).overlaps(Span(2, 5))
    assert not Span(1, 3).overlaps(Span(3, 5))
    assert Span(2, 2).overlaps(Span(2, 2))
    assert Span(2, 2).overlaps(Span(2, 4))
    assert not Span(4, 4).overlaps(Span(2, 4))
    assert Span(1, 5).contains(Span(1, 5))
    assert not Span(1, 5).contains(Span(1, 6))


@st.composite
def edited(draw: st.DrawFn) -> tuple[bytes, list[Edit]]:
    """A text and edits of it that do not overlap, on character borders."""
    text = draw(st.text(alphabet=st.sampled_from("ab€\U0001f511\r\n\f\t"), max_size=40))
    borders = [len(text[:n].encode()) for n in range(len(text) + 1)]
    cuts = sorted(draw(st.lists(st.sampled_from(borders), max_size=8, unique=True)))
    words = st.text(alphabet="xyzß\n", max_size=4)
    spans = [Span(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    return text.encode(), [Edit(span, draw(words)) for span in spans]


@given(edited(), st.randoms())
def test_bytes_outside_the_edits_stay(case: tuple[bytes, list[Edit]], random) -> None:  # type: ignore[no-untyped-def]
    text, edits = case
    shuffled = list(edits)
    random.shuffle(shuffled)
    after = apply(text, shuffled)
    # Walk both texts side by side: what is between two edits must be found again, byte for byte, where it belongs.
    old = new = 0
    for edit in edits:
        between = text[old : edit.span.start]
        assert after[new : new + len(between)] == between
        new += len(between)
        assert after[new : new + len(edit.text.encode())] == edit.text.encode()
        new += len(edit.text.encode())
        old = edit.span.end
    assert after[new:] == text[old:]
