"""What would every test work out anew of the bundled rules? What is kept of rules on disk counts for a folder, and from two seconds
after a file in it was written: a test with rules of its own is over by then.

Functions that give the same for the same are made to remember it, in the process of a test and in the one that forks
devsec (devsec_process.py): the words that a regex or a shape needs, and the rules that a JSON text holds. Runs with a Python
of their own work them out, as everybody's do.
"""

from __future__ import annotations

import marshal
import os
import tempfile
from functools import cache
from typing import Any
from unittest.mock import patch

from devsec.catalog import codec, load, shelf
from devsec.scan import gate, needs


def remember() -> None:
    """From now on, in this process."""
    needs.needles = cache(needs.needles)
    groups_of = cache(needs.groups_of)
    needs.groups_of = lambda shape: [list(group) for group in groups_of(shape)]
    load.decode = shelf.decode = _remembering(codec.decode)


def fill() -> None:
    """Works it out for the bundled rules."""
    with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, {"DEVSEC_CACHE_DIR": folder}):
        gate.Gate.build(load.load())
        load.load()  # from what the first one kept


def _remembering(decode: Any) -> Any:
    known: dict[tuple[bytes, Any], Any] = {}

    def remembered(data: Any, kind: Any = codec.model.Catalogue) -> Any:
        try:
            key = marshal.dumps(data, 2), kind
        except ValueError:  # too deep: as decoding it says, too
            return decode(data, kind)
        if key not in known:
            known[key] = decode(data, kind)
        return known[key]

    return remembered
