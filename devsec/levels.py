"""The four scales a finding is placed on. Order in each enum is from weak to strong."""

from __future__ import annotations

from enum import Enum


class Severity(str, Enum):
    """How bad it is where it holds. Never changed by context."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Confidence(str, Enum):
    """How sure the rule is. What is less than medium is not shipped."""

    MEDIUM = "medium"
    HIGH = "high"


class Level(str, Enum):
    """What a finding does to a commit."""

    OFF = "off"
    NOTE = "note"
    WARN = "warn"
    BLOCK = "block"


def weaker(one: Level, other: Level) -> bool:
    """Whether the first does less than the second."""
    scale = list(Level)
    return scale.index(one) < scale.index(other)


class Safety(str, Enum):
    """What applying a fix means for behaviour."""

    SAFE = "safe"  # kept
    HARDENING = "hardening"  # same intent, stricter on purpose
    ADVICE = "advice"  # shown, never written
