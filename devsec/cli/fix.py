"""`devsec fix`: put the sanctioned call in, and say what was done, what was not, and why."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from devsec.cli.surroundings import colour, columns, compare_with, from_here, lasting_index
from devsec.outcome import CLEAN, NOT_CHECKED, exit_code, summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from devsec.fix.manifest.need import Need
    from devsec.fixing import Ask, Fixed
    from devsec.report.closing import Page


@click.command(
    "fix",
    short_help="Cure what check shows.",
    help="Cure what check shows, in the files on disk; nothing is staged unless --staged says so. Without PATHS: the "
    "staged files, new findings only. Exit code 0 when nothing that blocks is left (with --diff: would be left).",
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=str))
@click.option("--diff", is_flag=True, help="Print a patch and change nothing.")
@click.option("--interactive", "-i", is_flag=True, help="Ask about each finding, and show what would change.")
@click.option("--hardening", is_flag=True, help="Also cures that are stricter on purpose.")
@click.option(
    "--staged",
    is_flag=True,
    help="Cure the staged texts: in the index, and the same on disk, where more may have changed.",
)
@click.option(
    "--add-dependencies",
    is_flag=True,
    help="Add the packages that the new calls need to the project's manifest (pyproject.toml, requirements.txt, …).",
)
@click.option("--only", metavar="RULE", multiple=True, help="Only this rule; may be repeated.")
@click.option("--no-config", is_flag=True, help="Ignore devsec.toml and [tool.devsec].")
def command(
    paths: tuple[str, ...],
    diff: bool,
    interactive: bool,
    hardening: bool,
    staged: bool,
    add_dependencies: bool,
    only: tuple[str, ...],
    no_config: bool,
) -> int:
    from devsec.desk import Request
    from devsec.errors import UsageError
    from devsec.fixing import How, fix
    from devsec.report.closing import Page

    if interactive and diff:
        raise UsageError("--interactive shows what would change, and --diff only that", "Use one of them.")
    request = Request(
        paths=paths,
        compare_with=compare_with(os.environ),
        configured=not no_config,
        lasting_index=lasting_index(os.environ),
        index_only=staged,
    )

    def walk(root: str, total: int, firm: Callable[[str], bool]) -> Ask:
        from devsec.cli.walk import Walk

        return Walk(Page(columns(), colour(), from_here(root)), total, firm)

    asked = walk if interactive else None
    how = How(hardening, frozenset(only), write=not diff, staged=staged, walk=asked, declare=add_dependencies)
    fixed = fix(request, how)
    if diff:
        _patches(fixed)
    page = Page(columns(), colour(), from_here(fixed.left.root))
    click.echo("\n".join(_told(fixed, page, diff, hardening, staged)), err=diff, color=page.colour)
    code = exit_code(summary(fixed.left.outcomes))
    return NOT_CHECKED if code == CLEAN and fixed.failed else code


def _patches(fixed: Fixed) -> None:
    """The patch goes out as bytes: it holds pieces of files in whatever encoding they have."""
    from devsec.report.diff import unified
    from devsec.report.redact import Redactor

    for cured in (*fixed.cured, *fixed.manifests):
        redactor = Redactor(cured.text, cured.findings, cured.hidden)
        patch = unified(cured.patch.path, cured.patch.before, cured.patch.after, redactor)
        sys.stdout.buffer.write(patch.data)
        sys.stdout.buffer.flush()  # or what is said about it could come first
        if patch.masked:
            note = "this patch is for reading only: secrets in it are masked. `devsec fix` itself makes the change"
            click.echo(f"devsec: {cured.patch.path}: {note}".encode(errors="surrogateescape"), err=True)


def _told(fixed: Fixed, page: Page, diff: bool, hardening: bool, staged: bool) -> list[str]:
    from devsec.policy.judge import Verdict
    from devsec.report.plain import printable
    from devsec.report.redact import Redactor
    from devsec.report.settings import to_set

    silent = {
        (checked.path, judged.finding.rule, judged.finding.start)
        for checked in fixed.left.checked
        for judged in checked.judged
        if judged.verdict not in (Verdict.BLOCK, Verdict.WARN)
    }
    out: list[str] = []
    done = files = stricter = 0
    for cured in fixed.cured:
        patch, redactor = cured.patch, Redactor(cured.text, cured.findings)
        path = page.path(patch.path)
        files += bool(patch.applied)
        for applied in patch.applied:
            done += 1
            word = page.paint("would fix" if diff else "fixed", fg="green", bold=True)
            title = printable(redactor.elsewhere(applied.title))
            out.append(f"{word}  {path}:{applied.place.line}  {applied.rule}: {title}")
        for finding, reason in cured.silenced:
            word = page.paint("silenced", fg="cyan", bold=True)
            out.append(
                f"{word}  {path}:{finding.start.line}  {printable(finding.rule)}: {printable(redactor.elsewhere(reason))}"
            )
        for line, rules in cured.removed:
            word = page.paint("would take out" if diff else "taken out", fg="green", bold=True)
            out.append(f"{word}  {path}:{line}  `devsec: ignore[{printable(', '.join(rules))}]`: it silenced nothing")
        for line, rules in cured.stuck:
            word = page.paint("left", fg="yellow", bold=True)
            says = "it silences nothing, and could not be taken out for sure: do it by hand"
            out.append(f"{word}  {path}:{line}  `devsec: ignore[{printable(', '.join(rules))}]`: {says}")
        for refused in patch.refused:
            if (patch.path, refused.rule, refused.place) in silent:
                continue
            stricter += refused.reason.startswith("needs --hardening")
            word = page.paint("left", fg="yellow", bold=True)
            reason = printable(redactor.elsewhere(refused.reason))
            out.append(f"{word}  {path}:{refused.place.line}  {refused.rule}: {reason}")
    out += [_need(need, page, diff) for need in fixed.needs]
    names = [applied.setting for cured in fixed.cured for applied in cured.patch.applied if applied.setting]
    word = page.paint("then", fg="yellow", bold=True)
    out += [f"{word}  {printable(says)}" for says in to_set(names, fixed.left.root)]
    out += [f"{word}  {printable(command)}" for command in _untracking(fixed, page)]
    for skipped in (*fixed.failed, *fixed.left.skipped):
        word = page.paint("not fixed" if skipped in fixed.failed else "not checked", fg="magenta", bold=True)
        out.append(f"{word}  {page.path(skipped.path)}: {printable(skipped.reason)}")
    out.append(_closing(fixed, done, files, stricter if not hardening else 0, diff, staged))
    return out


def _untracking(fixed: Fixed, page: Page) -> list[str]:
    """For each file that is left and should not be in git, what takes it out, on one line to copy."""
    from devsec.policy.judge import Verdict
    from devsec.report.untrack import commands

    lines = {
        checked.path: fix.ignore
        for checked in fixed.left.checked
        for judged in checked.judged
        if judged.verdict in (Verdict.BLOCK, Verdict.WARN)
        for fix in judged.finding.fixes
        if fix.ignore
    }
    return [" && ".join(commands(ignore, path, page.path)) for path, ignore in lines.items()]


def _need(need: Need, page: Page, diff: bool) -> str:
    """A package that the new calls need, and what was done about it or is to be."""
    from devsec.report.plain import printable

    package, manifest = printable(need.package), page.path(need.manifest)
    if need.added:
        word = page.paint("would add" if diff else "added", fg="green", bold=True)
        says = f"{word}  {package} to {manifest}" + (", on disk only: git does not track it" if need.loose else "")
    else:
        word = page.paint("needs", fg="yellow", bold=True)
        if not need.manifest:
            says = f"{word}  {package}: no manifest of the project was found, add it to your dependencies"
        elif need.can:
            says = f"{word}  {package}, which {manifest} does not declare: --add-dependencies adds it"
        else:
            says = f"{word}  {package}: {manifest} {printable(need.reason)}"
    return says + "".join(f"; then {printable(it)}" for it in need.then)


def _closing(fixed: Fixed, done: int, files: int, stricter: int, diff: bool, staged: bool) -> str:
    from devsec.report.closing import count

    total = summary(fixed.left.outcomes)
    if done:
        says = (
            f"{'would cure' if diff else 'cured'} {done} finding{'s' * (done != 1)} in {files} file{'s' * (files != 1)}"
        )
    else:
        says = "nothing to cure" if not total.blocking + total.warnings else "cured nothing"
    silenced = sum(len(cured.silenced) for cured in fixed.cured)
    if silenced:
        says += f"; silenced {silenced}"
    removed = sum(len(cured.removed) for cured in fixed.cured)
    if removed:
        says += f"; {'would take' if diff else 'took'} out {count(removed, 'comment')}"
    if total.blocking:
        says += f"; {total.blocking} left that block{'s' * (total.blocking == 1)}"
    if total.warnings:
        says += f"; {total.warnings} warning{'s' * (total.warnings != 1)} left"
    if stricter:
        says += f"; --hardening cures {stricter} more"
    if done + silenced + removed and not diff and staged:
        says += "; staged, and the same on disk"
    elif done + silenced + removed and not diff and fixed.left.staged:
        says += "; look at it with git diff, then git add"
    return "devsec: " + says
