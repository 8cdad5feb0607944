"""`devsec uninstall`: what init wrote goes, and nothing else."""

from __future__ import annotations

import click


@click.command("uninstall", short_help="Take back what init wrote.")
@click.option("-y", "--yes", is_flag=True, help="Without asking.")
@click.option("--dry-run", "--diff", "dry", is_flag=True, help="Only show what would go.")
def command(yes: bool, dry: bool) -> int:
    """Take back what `devsec init` wrote: each file is as it was. What init did not write, or somebody changed since, is
    left, and named."""
    from devsec.cli.offer import offer
    from devsec.setup.plan import taking_back
    from devsec.sources.git import Repository

    repository = Repository.discover(".")
    return offer(taking_back(repository), repository, yes, dry, "Nothing of init's is here.")
