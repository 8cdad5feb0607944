"""Which day is it? The one place that asks a clock, so that a run on another day can be tried: `DEVSEC_TODAY=2027-03-01`.

Asked only where something that was said has a date.
"""

from __future__ import annotations

import os
import time

from devsec.errors import ConfigError


def today() -> str:
    """The day as YYYY-MM-DD, by the clock of this machine. ConfigError when DEVSEC_TODAY is none."""
    given = os.environ.get("DEVSEC_TODAY", "")
    if not given:
        return time.strftime("%Y-%m-%d")
    if not is_day(given):
        raise ConfigError(f"DEVSEC_TODAY is {given!r}: not a day", "Write it as in 2027-03-01, or leave it out.")
    return given


def is_day(text: str) -> bool:
    """Whether it is a day of the calendar, as YYYY-MM-DD. Such days compare as text does."""
    import datetime  # only where there is a date

    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
