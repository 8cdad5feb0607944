"""`devsec completion SHELL`: what does a shell have to know to complete devsec's commands and options?"""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")


@click.command("completion", short_help="Print a script that completes commands and options in your shell.")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print a script that completes commands, options and their values.

    \b
    bash  eval "$(devsec completion bash)"           in ~/.bashrc
    zsh   eval "$(devsec completion zsh)"            in ~/.zshrc, after compinit
    fish  devsec completion fish > ~/.config/fish/completions/devsec.fish
    """
    from click.shell_completion import get_completion_class

    from devsec.cli.group import devsec

    kind = get_completion_class(shell)
    assert kind is not None
    # The text alone: asking bash for its version, as click does on the way, needs bash where this runs.
    script = kind(devsec, {}, "devsec", "_DEVSEC_COMPLETE")
    click.echo(kind.source_template % script.source_vars())
    return 0
