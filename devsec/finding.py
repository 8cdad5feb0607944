"""What a scan says about a place in a text, and what could be done about it."""

from __future__ import annotations

from devsec.levels import Confidence, Level, Safety, Severity
from devsec.record import Record
from devsec.text import Edit, Place, Span


class Fix(Record):
    """One cure. `edits` is empty only for advice.

    `names` are the names the cure relies on: (place in the new text cannot be known yet, so) each is the spelling that
    was inserted and the qualified name it must refer to. `package` is the requirement the sanctioned call comes from,
    "" when it needs none. `note` is shown beside the fix (why it is only advice, what to do next). `setting` is the name
    under which the cured code reads a secret at run time, "" when it reads none. `ignore` is the line for .gitignore that keeps
    the file out of the repository, "" where that is not the cure.
    """

    title: str
    safety: Safety
    edits: tuple[Edit, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    road: str = ""
    package: str = ""
    note: str = ""
    setting: str = ""
    ignore: str = ""


class Finding(Record):
    """A place where a rule holds.

    `snippet` is the matched text with every secret masked; `key` identifies the finding for comparison with a base
    version of the file (it stays in memory: it is made from unmasked text). `secrets` are the places no output may
    show. `fingerprint` is a keyed hash of masked text, stable across line moves. `remark` is what is known of this very
    place (its checksum holds), `revoke` the page where a secret is made worthless; "" when there is none. `where` is the place as the author
    looks for it (`cell 3, line 2`) where that is not the line of the file, else "". `whole` when it is about the file and not
    about a place in it: there may be several, one for each secret that makes the file one that should not be there, and one
    of them is told; of its text nothing is.
    """

    rule: str
    title: str
    message: str
    path: str
    span: Span
    start: Place
    end: Place
    cwe: tuple[str, ...]
    severity: Severity
    confidence: Confidence
    level: Level
    road: str
    snippet: str
    key: str
    fingerprint: str
    fixes: tuple[Fix, ...] = ()
    secrets: tuple[Span, ...] = ()
    remark: str = ""
    revoke: str = ""
    where: str = ""
    whole: bool = False
