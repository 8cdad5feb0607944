"""`devsec explain ID`: why does this rule exist, and what is the way back to the road? FILE:LINE is told in explain_line.py."""

from __future__ import annotations

import click


@click.command("explain", short_help="Why a rule exists, or why a line is told as it is.")
@click.argument("rule_id", metavar="ID|FILE:LINE")
@click.option("--no-config", is_flag=True, help="Bundled rules and installed packs only.")
def command(rule_id: str, no_config: bool) -> int:
    """Of a rule: why it exists, what to do instead, and how that looks. Of a line: every step from the rule's level to
    what devsec says about it, and where each is said."""
    from devsec.cli.explain_line import place, told

    asked = place(rule_id)
    if asked is not None:
        return told(*asked, not no_config)

    from rich.console import Console
    from rich.padding import Padding
    from rich.syntax import Syntax
    from rich.text import Text

    from devsec.catalog.terms import terms_of
    from devsec.cli.surroundings import colour
    from devsec.report.plain import printable
    from devsec.run import catalogue, one_rule

    everything = catalogue(".", not no_config)
    rule = one_rule(everything, rule_id)
    console = Console(highlight=False, soft_wrap=False, no_color=not colour())

    def heading(text: str) -> None:
        console.print(Text("\n" + printable(text), style="bold"))

    def body(text: str) -> None:
        console.print(Padding(Text(printable(text)), (0, 0, 0, 2), expand=False))

    console.print(Text(printable(rule.title), style="bold") + Text(f"  {rule.id}", style="dim"))
    body(
        f"{', '.join(rule.cwe)} · severity {rule.severity.value} · confidence {rule.confidence.value} · {rule.level.value}"
    )
    terms = terms_of(rule)
    if terms.deprecated:
        body(f"Deprecated: {terms.deprecated} is looked for in its place")
    for said in terms.said[1:] if terms.said else ():
        body(f"{said.what}, says {said.file}:{said.line}")
    heading("Why")
    body(" ".join(rule.why.split()))
    if rule.cures:
        heading("What to do")
    for cure in rule.cures:
        body(f"{cure.title} ({cure.safety.value})")
        if cure.note:
            body("  " + " ".join(cure.note.split()))
        road = everything.road(cure.road or (cure.call.road if cure.call else ""))
        if road is not None:
            body(f"  The road is {road.name}: {road.call}" + (f", from {road.package}" if road.package else ""))
            if road.docs:
                body("  " + road.docs)
    shown = next((example for example in rule.examples if example.good), None) or next(
        (example for example in rule.examples if example.bad), None
    )
    if shown is not None:
        heading("Before")
        console.print(
            Padding(Syntax(_printable(shown.bad), "python", background_color="default"), (0, 0, 0, 2), expand=False)
        )
        for title, text in shown.good:
            heading("After" + (f": {title}" if title and len(shown.good) > 1 else ""))
            console.print(
                Padding(Syntax(_printable(text), "python", background_color="default"), (0, 0, 0, 2), expand=False)
            )
    if rule.references:
        heading("More")
        for reference in rule.references:
            body(reference)
    return 0


def _printable(text: str) -> str:
    from devsec.report.plain import printable

    return "\n".join(printable(line) for line in text.rstrip("\n").split("\n"))
