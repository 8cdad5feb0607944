"""`devsec doctor`: is devsec set up here, and does it run as it should?"""

from __future__ import annotations

import click


@click.command("doctor", short_help="Say what is set up, what is not, and how long the hook takes.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(form: str) -> int:
    """Say what is set up here, what is not, and how long a commit waits. Exit code 1 when something is to mend."""
    from devsec.cli.surroundings import colour
    from devsec.report.plain import printable
    from devsec.setup.doctor import MEND, NOTE, examine

    found = []
    paint = {MEND: "red", NOTE: "yellow"}
    for one in examine():
        found.append(one)
        if form == "text":  # as it comes: the last ones take a second
            state = click.style(f"{one.state:<5}", fg=paint.get(one.state, "green"))
            click.echo(f"{state} {one.what:<14} {printable(one.text)}", color=colour())
            if one.hint:
                click.echo("\n".join(f"{'':<20} {printable(line)}" for line in one.hint.splitlines()))
    mend = any(one.state == MEND for one in found)
    if form == "json":
        import json

        from devsec.report.json import name

        said = [{key: name(value) for key, value in one._asdict().items()} for one in found]
        click.echo(json.dumps({"version": 1, "fine": not mend, "checks": said}, indent=2))
    return 1 if mend else 0
