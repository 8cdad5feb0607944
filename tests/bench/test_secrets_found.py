"""What `make secrets` counts with: every verdict is about a package that is read, and what tools write is the same for one seed."""

from __future__ import annotations

import re
from itertools import islice

import generated
import secrets_found
from sdists import SDISTS


def test_every_verdict_has_a_place_a_rule_and_a_reason() -> None:
    packages = {requirement.split("==")[0] for requirement in SDISTS}
    judged = secrets_found.verdicts()
    assert judged
    for (package, place, rule), (_, remark) in judged.items():
        assert package in packages
        assert re.fullmatch(r"\S.*:[1-9]\d*", place)
        assert rule in secrets_found.SECRETS
        assert remark


def test_one_seed_makes_the_same_files_again() -> None:
    assert list(islice(generated.files(7, lines=50), 40)) == list(islice(generated.files(7, lines=50), 40))
    assert next(generated.files(7)) != next(generated.files(8))
    kinds = {path.partition("/")[0] for path, _ in generated.files(7, lines=1)}
    assert kinds == set(generated.KINDS)
