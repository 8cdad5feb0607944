"""A catalogue of one rule from the YAML of its `find` and `fix`. The proof the schema asks for is filled in."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from devsec.catalog.rule import Catalogue
from devsec.catalog.schema import resolve_roads, roads_from, rule_from
from devsec.catalog.yaml_read import read


def catalogue(find: str, fix: str = "", secret: Sequence[str] = (), roads: str = "") -> Catalogue:
    text = "\n".join(
        [
            "id: probe\ntitle: A probe\ncwe: CWE-1\nseverity: high\nconfidence: high\nlevel: block\nwhy: Because.",
            "find:\n" + textwrap.indent(find, "  "),
            "fix: " + fix if fix else "",
            f"secret: [{', '.join(secret)}]" if secret else "",
            "examples: [{bad: x, good: x}, {fine: x}]"
            if fix and "advice" not in fix
            else "examples: [{bad: x}, {fine: x}]",
        ]
    )
    rule = rule_from(read(text.encode(), "probe.yaml"))
    roads = roads or "{road: secret.get, title: Read a secret, call: 'os.environ[$name]', imports: [os]}"
    known = {road.name: road for road in roads_from(read(roads.encode(), "roads.yaml"))}
    return Catalogue((resolve_roads(rule, known),), tuple(known.values()))
