"""`devsec rules`: which rules are there, what do they say, do their own examples hold?"""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.group("rules", short_help="List, show and prove the rules.")
def command() -> None:
    """The rules: list them, show one, prove them by their own examples."""


@command.command("list", short_help="All rules that count here.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--no-config", is_flag=True, help="Bundled rules and installed packs only.")
def list_(form: str, no_config: bool) -> int:
    """All rules that count here, with the level the repository gives them."""
    from devsec.catalog.terms import terms_of
    from devsec.policy.level import stage_of
    from devsec.run import catalogue, configuration

    config = configuration(".", not no_config)
    rules = catalogue(".", not no_config).rules
    if form == "json":
        import json

        rows = [
            {
                "id": rule.id,
                "title": rule.title,
                "cwe": list(rule.cwe),
                "severity": rule.severity.value,
                "confidence": rule.confidence.value,
                "level": (config.level(rule.id) or rule.level).value,
                "fix": strongest(rule.cures),
                "stage": stage_of(terms_of(rule))[0],
                "final": terms_of(rule).final,
                "deprecated": terms_of(rule).deprecated,
            }
            for rule in rules
        ]
        click.echo(json.dumps({"version": 1, "rules": rows}, indent=2))
        return 0
    from rich.console import Console
    from rich.table import Table

    from devsec.cli.surroundings import colour
    from devsec.report.plain import printable

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("rule", "level", "fix", "cwe", "title"):
        table.add_column(column, no_wrap=column == "rule")
    for rule in rules:
        level = (config.level(rule.id) or rule.level).value
        if terms_of(rule).deprecated:
            level = f"now {terms_of(rule).deprecated}"
        else:
            level = ", ".join([level, *filter(None, [stage_of(terms_of(rule))[0], "final" * terms_of(rule).final])])
        table.add_row(rule.id, level, strongest(rule.cures), " ".join(rule.cwe), printable(rule.title))
    console = Console(highlight=False, no_color=not colour())
    if not console.is_terminal:
        console.width = 200  # somebody's grep: a row is a line
    console.print(table)
    console.print(f"{len(rules)} rule{'s' * (len(rules) != 1)}")
    return 0


def strongest(cures: object) -> str:
    """The best that `devsec fix` can do: safe, hardening, advice, or nothing at all."""
    from devsec.catalog.rule import Cure

    offered = [cure.safety.value if cure.edits else "advice" for cure in cures if isinstance(cure, Cure)]  # type: ignore[attr-defined]
    return next((safety for safety in ("safe", "hardening", "advice") if safety in offered), "")


@command.command("show", short_help="A rule's file as it is.")
@click.argument("rule_id", metavar="ID")
@click.option("--no-config", is_flag=True, help="Bundled rules and installed packs only.")
def show(rule_id: str, no_config: bool) -> int:
    """A rule's file, as its author wrote it."""
    from devsec.report.plain import printable
    from devsec.run import catalogue, one_rule

    rule = one_rule(catalogue(".", not no_config), rule_id)
    text = Path(rule.source).read_text(encoding="utf-8")
    if sys.stdout.isatty():  # as it is for a file; what a terminal would obey is spelled out
        text = "".join(printable(line) + "\n" for line in text.split("\n")).removesuffix("\n")
    click.echo(text, nl=False)
    return 0


@command.command("test", short_help="Do the rules' own examples hold?")
@click.argument("paths", nargs=-1, type=click.Path(path_type=str))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--no-config", is_flag=True, help="Bundled rules, installed packs, and those in PATHS.")
def test(paths: tuple[str, ...], form: str, no_config: bool) -> int:
    """Proves rules by their own examples: those in PATHS (files or folders), or all that count here.

    \b
    holds      as the rule says
    missed     nothing is found in a bad example
    noisy      something is found in a fine one
    wrong fix  the cure makes something else than the good one, or calls what cannot be called so
    not clean  the cure cannot be proved, or the rule finds it still
    gated      the quick look at a file would let a bad example go
    broken     the example is no Python, or is found on other lines
    """
    from devsec.cli.rules_proved import as_json, as_text
    from devsec.errors import UsageError
    from devsec.run import proofs

    proved = proofs(".", paths, not no_config)
    told = as_json(proved) if form == "json" else as_text(proved)
    if not told.rules:
        raise UsageError("there is no rule in " + ", ".join(paths), "A rule is a .yaml file with an id.")
    return 1 if told.wrong else 0


@command.command("try", short_help="What would a rule say about real code?")
@click.argument("rule", metavar="RULE")
@click.argument("paths", nargs=-1, type=click.Path(path_type=str))
@click.option("--diff", is_flag=True, help="What `devsec fix --hardening` would make of it.")
@click.option("--limit", type=click.IntRange(min=0), default=100, show_default=True, help="Matches shown; 0: all.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--no-config", is_flag=True, help="Ignore devsec.toml and [tool.devsec].")
def try_(rule: str, paths: tuple[str, ...], diff: bool, limit: int, form: str, no_config: bool) -> int:
    """Shows what RULE (an id, or a YAML file that need not be in any folder yet) says about the files in PATHS, or in the
    whole repository. Changes nothing."""
    from devsec.cli.surroundings import colour, columns, from_here
    from devsec.outcome import CLEAN, NOT_CHECKED
    from devsec.report.closing import Page
    from devsec.report.trial import as_json, render
    from devsec.trying import tried

    result = tried(rule, paths, configured=not no_config, limit=limit, diff=diff)
    if form == "json":
        click.echo(as_json(result), nl=False)
    else:
        page = Page(columns(), colour(), from_here(result.root))
        click.echo(render(result, page), nl=False, color=page.colour)
    return NOT_CHECKED if result.skipped else CLEAN


@command.command("new", short_help="Begins a rule from a bad line and a good one.")
@click.argument("rule_id", metavar="ID")
@click.option("--bad", metavar="FILE|-|TEXT", default="", help="What should not be written.")
@click.option("--good", metavar="FILE|-|TEXT", default="", help="What to write instead.")
@click.option("--to", "folder", metavar="FOLDER", default="", help="Where the file goes.")
@click.option(
    "--path", metavar="PATH", default="", help="Where the lines would stand: deploy.yaml, Dockerfile, app.py."
)
@click.option("--print", "only_print", is_flag=True, help="Print the rule, write nothing.")
def new(rule_id: str, bad: str, good: str, folder: str, path: str, only_print: bool) -> int:
    """Begins the rule ID from a bad line and a good one: proposes what to find and the cure, with both as its proof, and says what
    is left to write. The file goes to FOLDER: without one, the first of the configuration's `rules`, or the pack in the current
    folder."""
    from devsec.cli.rules_new import begin

    return begin(rule_id, bad, good, folder, path, only_print)


@command.command("schema", short_help="JSON Schema of rule files, for editors.")
@click.option("--roads", "of", flag_value="roads", help="Of files with roads.")
@click.option("--pack", "of", flag_value="pack", help="Of pack.yaml.")
def schema(of: str | None) -> int:
    """Prints the JSON Schema (2020-12) of a rule's file, from which editors complete and underline."""
    import json

    from devsec.catalog.json_schema import of_a_pack, of_a_rule, of_roads

    made = {"roads": of_roads, "pack": of_a_pack}.get(of or "", of_a_rule)()
    click.echo(json.dumps(made, indent=2, ensure_ascii=True))
    return 0
