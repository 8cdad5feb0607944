"""`devsec pack`: how does an organisation make, prove and see its rules and roads?"""

from __future__ import annotations

from pathlib import Path

import click


@click.group("pack", short_help="Make, prove and list packs of rules and roads.")
def command() -> None:
    """An organisation's rules and roads: make a pack, prove it, see which ones count here."""


@command.command("init", short_help="A repository that is the pack and its pre-commit hooks.")
@click.argument("name")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--ci", type=click.Choice(("github", "gitlab")), default="github", show_default=True, help="Whose CI job."
)
def init(name: str, folder: Path | None, ci: str) -> int:
    """Makes FOLDER (NAME-devsec without one) a repository that is both the pack and the pre-commit hooks that bring it."""
    from devsec.pack_start import files, write
    from devsec.report.plain import printable

    wanted = files(name, ci)
    folder = folder or Path(f"{name}-devsec")
    write(folder, wanted)
    for file in wanted:
        click.echo("made   " + printable((folder / file).as_posix()))
    click.echo(f"devsec: a pack; prove it with devsec pack test {printable(folder.as_posix())}, then commit and tag it")
    return 0


@command.command("test", short_help="Does the pack hold, and would its users get it?")
@click.argument("folder", required=False, default=".", type=click.Path(path_type=Path))
def test(folder: Path) -> int:
    """Proves the pack in FOLDER: it loads, the rules and roads it names are there, its rules' examples hold on its own roads,
    the wheel holds the YAML, the entry point and the hooks lead to it."""
    from devsec.cli.surroundings import colour
    from devsec.pack_proof import tested
    from devsec.report.plain import printable

    painted = colour()
    result = tested(folder)
    for wrong in result.wrong:
        word = click.style(wrong.kind, fg="red", bold=True) if painted else wrong.kind
        first, *more = wrong.text.splitlines() or [""]
        place = f"{printable(wrong.place)}: " if wrong.place else ""
        click.echo(f"{place}{word}  {printable(first)}", color=painted)
        for line in more:
            click.echo("    " + printable(line), color=painted)
        if wrong.hint:
            click.echo("    hint: " + printable(wrong.hint), color=painted)
    if result.wrong:
        count = len(result.wrong)
        click.echo(f"devsec: {count} thing{'s' * (count != 1)} to mend")
        return 1
    examples = f"{result.examples} example{'s' * (result.examples != 1)}"
    rules = f"{result.rules} rule{'s' * (result.rules != 1)}"
    click.echo(f"devsec: {', '.join(result.packs)} holds: {examples} of {rules}")
    return 0


@command.command("list", short_help="Which packs count here, and where from.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--no-config", is_flag=True, help="Installed packs only.")
def list_(form: str, no_config: bool) -> int:
    """The packs that count here: installed where devsec runs, or a folder of this repository."""
    from devsec.report.plain import printable
    from devsec.run import packs

    rows = packs(".", not no_config)
    if form == "json":
        import json

        click.echo(json.dumps({"version": 1, "packs": [row._asdict() for row in rows]}, indent=2))
        return 0
    for row in rows:
        rules = f"{row.rules} rule{'s' * (row.rules != 1)}"
        says = f", says something about {row.changes} more" if row.changes else ""
        click.echo(f"{row.pack}  {printable(row.title)}: {rules}{says}; {printable(row.by)}, {printable(row.folder)}")
    if not rows:
        click.echo("devsec: no pack counts here, only the rules that come with devsec")
    return 0
