"""Where are the rules devsec ships? Asked on every commit, so it imports next to nothing."""

from __future__ import annotations

import os.path

import devsec

# Rules that are no question about a text: the gate does not know them.
BY_DEVSEC = frozenset(["policy-weakened"])


def bundled() -> str:
    """`devsec/_rules` when installed, `rules/` beside the package in a checkout."""
    package = os.path.dirname(os.path.abspath(devsec.__file__))
    installed = os.path.join(package, "_rules")
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(package), "rules")
