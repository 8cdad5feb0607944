"""`devsec ignores`: what is silenced here, why, since when, and who answers for it?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from devsec.outcome import CLEAN, NOT_CHECKED

if TYPE_CHECKING:
    from devsec.report.closing import Page
    from devsec.silences import List, Listed


@click.command("ignores", short_help="List what is silenced, why, since when, and who owns it.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=str))
@click.option("--expired", is_flag=True, help="Only those whose day is over.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--no-config", is_flag=True, help="Ignore devsec.toml and [tool.devsec].")
def command(paths: tuple[str, ...], expired: bool, form: str, no_config: bool) -> int:
    """All comments and entries of the configuration that silence something, in the files git has or in PATHS."""
    from devsec.cli.surroundings import colour, columns, from_here
    from devsec.desk import Request
    from devsec.report.closing import Page
    from devsec.silences import silences

    every = silences(Request(paths=paths, everything=not paths, configured=not no_config))
    if expired:
        every = every._replace(found=tuple(one for one in every.found if one.expired))
    if form == "json":
        import json

        click.echo(json.dumps(_document(every), indent=2, ensure_ascii=True))
    else:
        page = Page(columns(), colour(), from_here(every.root))
        click.echo("\n".join(_told(every, page, expired)), color=page.colour)
    return NOT_CHECKED if every.skipped else CLEAN


def _document(every: List) -> dict[str, Any]:
    from devsec.report.json import name

    rows = [
        {
            "path": name(one.path),
            "line": one.line,
            "rule": name(one.rule),
            "class": one.reason.kind,
            "reason": name(_hidden(every, one, one.reason.text)),
            "until": one.reason.until,
            "ticket": name(_hidden(every, one, one.reason.ticket)),
            "about": name(one.about),
            "since": one.since,
            "owners": [name(owner) for owner in one.owners],
            "expired": one.expired,
            "soon": one.soon,
            "unused": one.unused,
            "nothing": name(_hidden(every, one, one.nothing)),
        }
        for one in every.found
    ]
    skipped = [{"path": name(it.path), "reason": name(it.reason)} for it in every.skipped]
    return {"version": 1, "ignores": rows, "skipped": skipped, "summary": _summary(every)}


def _summary(every: List) -> dict[str, int]:
    from devsec.reasons import CLASSES

    kinds = Counter(one.reason.kind for one in every.found if not one.nothing)
    return {
        "ignores": len(every.found),
        **{kind: kinds[kind] for kind in CLASSES},
        "expired": sum(one.expired for one in every.found),
        "soon": sum(one.soon for one in every.found),
        "unused": sum(one.unused is True for one in every.found),
        "nothing": sum(bool(one.nothing) for one in every.found),
    }


def _told(every: List, page: Page, expired: bool) -> list[str]:
    from devsec.report.closing import count
    from devsec.report.plain import printable

    out = [line for one in every.found for line in _row(every, one, page)]
    for skipped in every.skipped:
        word = page.paint("not checked", fg="magenta", bold=True)
        out.append(f"{word}  {page.path(skipped.path)}: {printable(skipped.reason)}")
    total = _summary(every)
    said = [f"{total[kind]} {kind}" for kind in ("test", "false-positive", "fix-later", "accepted-risk") if total[kind]]
    rest = [f"{total[key]} {key}" for key in ("expired", "unused") if total[key]]
    rest += [f"{total['soon']} soon over"] if total["soon"] else []
    rest += [f"{total['nothing']} without effect"] if total["nothing"] else []
    if not every.found:
        says = "no silence is over" if expired else "nothing is silenced"
    else:
        says = count(total["ignores"], "silence") + (f": {', '.join(said)}" if said else "")
    return [*out, "devsec: " + "; ".join([says, *rest])]


def _row(every: List, one: Listed, page: Page) -> list[str]:
    from devsec.report.plain import printable

    head = [page.paint(f"{page.path(one.path)}:{one.line}", bold=True), printable(one.rule) or "(no rule)"]
    if one.about:
        head.append(f"in {page.path(one.about)}")
    if one.since:
        head.append(f"since {one.since}{_age(one.since)}")
    head.append(" ".join(printable(owner) for owner in one.owners) or "no owner")
    out = ["  ".join(head)]
    if one.reason.text:
        out.append("  " + printable(_hidden(every, one, one.reason.text)))
    for word, colour, says in (
        ("expired", "red", one.expired and f"on {one.reason.until}: what it silenced counts again"),
        ("soon over", "yellow", one.soon and f"on {one.reason.until}"),
        (
            "unused",
            "yellow",
            one.unused and "its rule has nothing to say here; take it out (devsec fix does so in files)",
        ),
        ("no effect", "red", one.nothing),
    ):
        if says:
            out.append(f"  {page.paint(word, fg=colour, bold=True)}  {printable(_hidden(every, one, says))}")
    return out


def _age(since: str) -> str:
    from datetime import date

    from devsec.today import today

    days = (date.fromisoformat(today()) - date.fromisoformat(since)).days
    return f" ({days} day{'s' * (days != 1)})" if days > 0 else ""


def _hidden(every: List, one: Listed, words: str) -> str:
    """No secret of the file is shown, wherever somebody repeats it."""
    from devsec.report.redact import Redactor

    text, findings = every.hidden.get(one.path, (b"", ()))
    return Redactor(text, findings).elsewhere(words) if findings else words
