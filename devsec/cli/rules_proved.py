"""How is a proof of rules told? Each example that does not hold with a diff as soon as it is known, then all by outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from devsec.cli.surroundings import colour
from devsec.prove import Ending
from devsec.record import Record
from devsec.report.plain import printable

if TYPE_CHECKING:
    from devsec.catalog.rule import Rule
    from devsec.prove import Proved

Proofs = Iterable[tuple["Rule", tuple["Proved", ...]]]


class Told(Record):
    rules: int
    wrong: int


def as_text(proofs: Proofs) -> Told:
    painted = colour()
    counted: Counter[Ending] = Counter()
    rules = 0
    for rule, endings in proofs:
        rules += 1
        for ending in endings:
            counted[ending.outcome] += 1
            if ending.outcome is Ending.HOLDS:
                continue
            word = click.style(ending.outcome.value, fg="red", bold=True) if painted else ending.outcome.value
            click.echo(f"{printable(rule.source)}:{ending.line}: {word}  {printable(rule.id)}", color=painted)
            for line in ending.told.splitlines():
                click.echo("    " + printable(line), color=painted)
    if not rules:
        return Told(0, 0)
    examples = counted.total()
    wrong = examples - counted[Ending.HOLDS]
    says = f"{examples} example{'s' * (examples != 1)} of {rules} rule{'s' * (rules != 1)}"
    if wrong:
        kinds = ", ".join(f"{counted[one]} {one.value}" for one in Ending if counted[one] and one is not Ending.HOLDS)
        says = f"{wrong} of {says} do not hold: {kinds}"
    else:
        says += " hold"
    click.echo(f"devsec: {says}", color=painted)
    return Told(rules, wrong)


def as_json(proofs: Proofs) -> Told:
    import json

    from devsec.report.json import name

    counted: Counter[str] = Counter()
    rules = 0
    rows: list[dict[str, Any]] = []
    for rule, endings in proofs:
        rules += 1
        for example, ending in zip(rule.examples, endings, strict=True):
            counted[ending.outcome.value] += 1
            rows.append(
                {
                    "rule": rule.id,
                    "file": name(rule.source),
                    "line": ending.line,
                    "example": "bad" if example.bad else "fine",
                    "outcome": ending.outcome.value,
                    "detail": name(ending.detail),
                    "diff": name(ending.diff),
                }
            )
    if not rules:
        return Told(0, 0)
    wrong = counted.total() - counted[Ending.HOLDS.value]
    outcomes = {one.value: counted[one.value] for one in Ending}
    document = {"version": 1, "results": rows, "summary": {"rules": rules, "examples": len(rows), "outcomes": outcomes}}
    click.echo(json.dumps(document, indent=2, ensure_ascii=True))
    return Told(rules, wrong)
