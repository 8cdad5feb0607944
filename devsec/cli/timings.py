"""What does `devsec check --timings` say in the end? Where the milliseconds went, and the funnel: what each step left for the next."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from devsec import watch
from devsec.watch import Amount, Watch

_STEPS = {
    watch.CHOOSE: "choose what to look at (git)",
    watch.READ: "read it",
    watch.RULES: "have the rules at hand",
    watch.GATE: "gate: do a rule's words stand in it?",
    watch.TEXT: "tokens, settings, files",
    watch.PARSE: "CPython's tree",
    watch.CANDIDATES: "candidates: could a statement match?",
    watch.LIBCST: "LibCST: does it match, and the cure",
    watch.JUDGE: "judge: is it news, and what does it do?",
    watch.TELL: "tell",
}
_FUNNEL = {
    watch.READ: ("read", "file"),
    watch.GATE: ("past the gate", "file"),
    watch.PARSE: ("parsed by CPython", "file"),
    watch.LIBCST: ("with candidates", "statement"),
    watch.JUDGE: ("found", "finding"),
}
_BAR = 30  # characters


@contextmanager
def told() -> Iterator[None]:
    """Keeps the time until the end, and tells."""
    before = time.process_time()
    kept, start = watch.begin(), time.perf_counter()
    try:
        yield
    finally:
        watch.end()
        click.echo(text(kept, before, time.perf_counter() - start), err=True, nl=False)


def text(kept: Watch, before: float, whole: float) -> str:
    """`before` are the seconds that Python took until devsec began, `whole` those since."""
    out = ["where the time went                               ms\n"]
    rows = [("start Python and devsec", before)]
    rows += [(words, kept.seconds.get(step, 0.0)) for step, words in _STEPS.items()]
    shared = sum(seconds for _, seconds in rows[1:])
    if shared <= whole:
        rows.append(("between them", whole - shared))
    out += [f"  {words:<42} {1000 * seconds:8.1f}\n" for words, seconds in rows if seconds >= 0.00005]
    out.append(
        f"  {'in all':<42} {1000 * (before + whole):8.1f}" + (", shared over cores\n" if shared > whole else "\n")
    )
    out.append("what each step left\n")
    most = max([1, *(amount.size for amount in kept.amounts.values())])
    for what, (words, unit) in _FUNNEL.items():
        amount = kept.amounts.get(what, Amount())
        number = f"{amount.number:,} {unit}{'s' * (amount.number != 1)}"
        size = f"{amount.size / 1000:12,.1f} KB  " + "#" * -(-_BAR * amount.size // most) if unit != "finding" else ""
        out.append(f"  {words:<18} {number:>18}{size}".rstrip() + "\n")
    return "".join(out)
