"""What LibCST loses of a text, and where places of what it prints stand in what it read."""

from __future__ import annotations

import pytest

from devsec.scan.drift import Drift, drift_of


def test_nothing_is_lost() -> None:
    assert drift_of(b"x = 1\n", b"x = 1\n") is None


@pytest.mark.parametrize(
    ("read", "printed"),
    [
        pytest.param(b"\x0cx = 1\n", b"x = 1\n", id="a form feed at the start"),
        pytest.param(b"if x:\n    y\n    \x0c    z\n", b"if x:\n    y\n    z\n", id="a form feed in an indentation"),
        pytest.param(b"if x:\n\x0c    y\n    z\n", b"if x:\n\x0c    y\n\x0c    z\n", id="a form feed that is repeated"),
        pytest.param(b"if x:\n    y\n  # a\n # b\nz = 1\n", b"if x:\n    y\n # b\nz = 1\n", id="a comment is lost"),
        pytest.param(b"if x:\r\n y\r\n # a\r\n\r\nz = 1\r\n", b"if x:\r\n y\r\nz = 1\r\n", id="and a blank line, CRLF"),
    ],
)
def test_every_place_is_found_again(read: bytes, printed: bytes) -> None:
    drift = drift_of(read, printed)
    assert isinstance(drift, Drift)
    for name in (b"x", b"y", b"z"):
        if name in read:
            at = printed.index(name)
            assert (drift.start(at), drift.end(at + 1)) == (read.index(name), read.index(name) + 1)


def test_what_is_lost_behind_a_block_does_not_belong_to_it() -> None:
    drift = drift_of(b"if x:\n    y\n  # a\nz\n", b"if x:\n    y\nz\n")
    assert isinstance(drift, Drift)
    assert (drift.end(12), drift.start(12)) == (12, 18)


@pytest.mark.parametrize(
    ("read", "printed"),
    [
        pytest.param(b"x = 1\ny = 2\n", b"x = 1\n", id="code is lost"),
        pytest.param(b"x = 1\n", b"x = 2\n", id="code differs"),
        pytest.param(b"if x:\n    y\n", b"if x:\n  y\n", id="an indentation differs"),
        pytest.param(b"x = 1\n", b"x = 1\n# more\n", id="a comment is made up"),
    ],
)
def test_what_is_not_known_to_happen_is_refused(read: bytes, printed: bytes) -> None:
    assert isinstance(drift_of(read, printed), str)
