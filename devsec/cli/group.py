"""Which commands are there? Each is loaded when it is used: `check` does not pay for the tables of `rules`."""

from __future__ import annotations

from importlib import import_module

import click

from devsec import __version__

COMMANDS = (
    "check", "completion", "context", "demo", "doctor", "explain", "fix", "ignore", "ignores", "init", "pack", "rules", "uninstall",
)  # fmt: skip


class Lazy(click.Group):
    """Finds the command `name` as `command` in devsec.cli.name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"devsec.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        # While a shell asks what could come next, nothing is wrong yet.
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            from devsec.errors import UsageError
            from devsec.nearest import did_you_mean

            raise UsageError(f"there is no command {args[0]!r}", did_you_mean(args[0], COMMANDS))
        return super().resolve_command(ctx, args)


@click.command(
    cls=Lazy,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Spots code leaving the sanctioned road in what you just staged, and offers the sanctioned call.",
    epilog="Exit codes: 0 nothing blocks, 1 something blocks, 2 something was not checked or asked wrongly, "
    "3 a fault in devsec.",
)
# The version is written down here: asking importlib.metadata for it reads every installed package.
@click.version_option(__version__, prog_name="devsec", message="%(prog)s %(version)s")
def devsec() -> None:
    """The root command; its help is above."""
