"""Which values open nothing because whoever gave them out prints them for everybody?

Samples of specifications and the fixed keys of emulators: copied into thousands of documents, tests and set-ups. Each is split, so
that no other scanner takes this list for a leak.
"""

from __future__ import annotations

_SAMPLES = frozenset(
    [
        # RFC 6749, sections 2.3.1, 4 and 5: passwords of clients, codes and tokens
        "gX1fB" + "at3bV",
        "7Fjfp0ZBr1K" + "tDRbnfVdmIw",
        "2YotnFZFEjr1" + "zCsicMWpAA",
        "tGzv3JOkF0XG" + "5Qx2TlKWIA",
        # RFC 6750, section 2.1
        "mF_9.B5" + "f-4.1JqM",
        # RFC 7591, section 3.2.1, and RFC 7636, appendix B
        "cf136dc3c1fc93f3" + "1185e5885805d",
        "dBjftJeZ4CVP-mB92K27u" + "hbUJU1p1r_wW1gFWFOEjXk",
        # Amazon's S3 manuals before they wrote EXAMPLE into their samples
        "uV3F3YluFJax1cknvbcG" + "wgjvx4QpvB+leU8dUj2o",
        "OtxrzxIsfpFjA7SwPzIL" + "wy8Bw21TLhquhboDYROV",
        # Microsoft's manuals: Azurite and the emulator of Cosmos DB
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6" + "IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
        "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2n" + "Q9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==",
        # Google's manual, "Incoming webhooks": the same in the address of every Chat webhook, where the token is the secret
        "AIza" + "SyDdI0hCZtE6vySjMm-WEfRq3CPzqKqqsHI",
    ]
)


def is_published(value: str) -> bool:
    return value in _SAMPLES
