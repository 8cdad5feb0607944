"""BLAKE2b without OpenSSL, which `hashlib` loads as well: 2 to 7 ms that a commit would pay for nothing."""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:  # an interpreter that builds it in another way
    from hashlib import blake2b

__all__ = ["blake2b"]
