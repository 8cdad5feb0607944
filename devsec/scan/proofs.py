"""Does a token prove itself? Checksums and structures that a vendor builds into what it gives out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum


class Proof(Enum):
    """What a check says of a token's bytes."""

    PROVED = "proved"  # the checksum or the structure holds
    DOUBTFUL = "doubtful"  # the checksum does not fit: made up, cut short or mistyped
    NOT_IT = "not it"  # the structure rules it out


PROOFS: Mapping[str, Callable[[bytes], Proof]] = {}
