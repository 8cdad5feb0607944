"""Which day is it? Asked only where a date was written down; DEVSEC_TODAY answers in tests, and for whoever looks ahead."""

from __future__ import annotations

import os

from devsec.errors import UsageError


def today() -> str:
    """YYYY-MM-DD, in UTC: the same wherever a commit is looked at. UsageError when DEVSEC_TODAY is no such day."""
    given = os.environ.get("DEVSEC_TODAY", "")
    if not given:
        import time

        return time.strftime("%Y-%m-%d", time.gmtime())
    if not is_day(given):
        raise UsageError(f"DEVSEC_TODAY={given}: not a day", "Write it as 2026-01-31, or leave it unset.")
    return given


def is_day(text: str) -> bool:
    """Whether it is a day of the calendar, written YYYY-MM-DD."""
    from datetime import date  # C; only where a date was written down

    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def in_days(day: str, days: int) -> str:
    """The day so many days after `day`."""
    from datetime import date, timedelta

    return (date.fromisoformat(day) + timedelta(days)).isoformat()
