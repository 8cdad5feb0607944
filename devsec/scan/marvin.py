"""What is the Marvin32 checksum of some bytes? Microsoft puts it into the keys Azure hands out."""

from __future__ import annotations

_WORD = 0xFFFFFFFF


def marvin32(data: bytes, seed: int) -> int:
    """The 32-bit checksum under a 64-bit seed.

    Source: the algorithm is public in SymCrypt (lib/marvin32.c, with the test vectors the tests use) and in the .NET
    runtime (System.Marvin); that keys carry it, in github.com/microsoft/security-utilities (IdentifiableSecrets).
    """
    low, high = seed & _WORD, seed >> 32 & _WORD
    whole = len(data) // 4 * 4
    for start in range(0, whole, 4):
        low, high = _mix(low + int.from_bytes(data[start : start + 4], "little") & _WORD, high)
    # The end is marked by one byte 0x80, so that "a" and "a\0" differ; then one block of nothing.
    rest = (data[whole:] + b"\x80").ljust(4, b"\0")
    low, high = _mix(low + int.from_bytes(rest, "little") & _WORD, high)
    low, high = _mix(low, high)
    return low ^ high


def _mix(low: int, high: int) -> tuple[int, int]:
    high ^= low
    low = (_turn(low, 20) + high) & _WORD
    high = _turn(high, 9) ^ low
    low = (_turn(low, 27) + high) & _WORD
    return low, _turn(high, 19)


def _turn(word: int, bits: int) -> int:
    return (word << bits | word >> 32 - bits) & _WORD
