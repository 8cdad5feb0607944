"""A secret in another line than the finding: it is not left behind, and nothing else is masked for it."""

from __future__ import annotations

from devsec.levels import Safety
from tests.scan.kit import findings, found

FIND = "call: m.f\nargs: {key: {at: 0, literal: string}}"
FIX = "{title: T, safety: hardening, args: {set: {key: 'os.environ[\"KEY\"]'}}}"


def test_a_cure_that_would_leave_the_secret_is_advice() -> None:
    near = findings(FIND, "import m\nm.f('canary')\n", fix=FIX, secret=["key"])
    far = findings(FIND, "import m\nKEY = 'canary'\nm.f(KEY)\n", fix=FIX, secret=["key"])
    assert near[0].fixes[0].safety is Safety.HARDENING
    assert far[0].fixes[0].safety is Safety.ADVICE
    assert "another line" in far[0].fixes[0].note


def test_another_argument_may_stand_elsewhere() -> None:
    find = "call: m.f\nargs: {key: {at: 0, literal: string}, name: {at: 1, is: 'n'}}"
    (one,) = findings(find, "import m\nNAME = 'n'\nm.f('canary', NAME)\n", fix=FIX, secret=["key"])
    assert one.fixes[0].safety is Safety.HARDENING


def test_keys_of_a_dict_are_not_masked() -> None:
    find = "call: m.f\nargs: {options: {at: 0, keys: {password: {literal: string}}}}"
    source = "import m\nm.f({'password': 'canary', 'user': 'ann'})\n"
    assert found(find, source, secret=["options"]) == [(2, "m.f({'password': '…', 'user': '…'})")]
