"""`devsec init`: commits and CI of this repository go through devsec from now on."""

from __future__ import annotations

import click


@click.command("init", short_help="Set devsec up in this repository: the hook, a CI job.")
@click.option(
    "--hook",
    type=click.Choice(("pre-commit", "native", "lefthook", "none")),
    default=None,
    help="How commits reach devsec: an entry for pre-commit (or prek), git's own hook, lefthook.  "
    "[default: what the repository uses]",
)
@click.option(
    "--ci",
    type=click.Choice(("github", "gitlab", "none")),
    default=None,
    help="Whose CI gets a job.  [default: whose the repository has]",
)
@click.option("--repo", metavar="URL", default="", help="Where pre-commit gets devsec from: a mirror, or `local`.")
@click.option("--rev", metavar="TAG", default="", help="The tag of it.")
@click.option(
    "--install", metavar="PACKAGE", default="devsec", help="What pip gets in CI: a pack that brings devsec along."
)
@click.option(
    "--exclude", metavar="GLOB", multiple=True, help="What is never looked at, for the configuration. Repeatable."
)
@click.option("-y", "--yes", is_flag=True, help="Write without asking.")
@click.option("--dry-run", "--diff", "dry", is_flag=True, help="Only show what would be written.")
def command(
    hook: str | None,
    ci: str | None,
    repo: str,
    rev: str,
    install: str,
    exclude: tuple[str, ...],
    yes: bool,
    dry: bool,
) -> int:
    """Set devsec up in this repository. Shows what it writes, asks once, keeps every other byte; again: writes nothing."""
    from devsec.cli.offer import offer
    from devsec.errors import UsageError
    from devsec.setup.plan import Wanted, setting_up
    from devsec.setup.precommit import HOME, Source
    from devsec.sources.git import Repository

    repository = Repository.discover(".")
    source = Source()
    source = source._replace(**{k: v for k, v in (("repo", repo), ("rev", rev)) if v})
    if repo not in ("", "local", HOME) and not rev:
        raise UsageError(f"--repo {repo}: which tag of it?", "Say it: --rev v1.0.0")
    wanted = Wanted(hook or "", ci or "", source, (("exclude", exclude),) if exclude else (), install)
    plan = setting_up(repository, wanted)
    return offer(plan, repository, yes, dry, "Everything is there already.")
