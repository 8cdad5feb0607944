"""What does a reader of a format give back?"""

from __future__ import annotations

from devsec.record import Record


class Found(Record):
    """A value and its place, in characters of the text. `format` says more than the file's name, where a reader knows."""

    keys: tuple[str, ...]
    value: str
    start: int
    end: int
    format: str = ""


class NotThisFormat(Exception):
    """The text is not what the file's name says. `fatal`: and it is not worth reading line by line either."""

    def __init__(self, reason: str, fatal: bool = False) -> None:
        super().__init__(reason)
        self.fatal = fatal
