"""How does devsec stand in the configuration of lefthook?"""

from __future__ import annotations

import re

from devsec.errors import UsageError
from devsec.setup import yamltext
from devsec.setup.lines import MARK, apart, append, insert, take

# https://lefthook.dev/configuration: the names it takes. Those that are no YAML we only recognise.
FILES = tuple(
    f"{folder}{dot}lefthook.{end}"
    for end in ("yml", "yaml", "toml", "json", "jsonc")
    for folder, dot in (("", ""), ("", "."), (".config/", ""))
)
RUN = "run: devsec check"


def there(text: str, file: str) -> bool:
    """Whether devsec is run before a commit, whoever wrote that."""
    if not file.endswith((".yml", ".yaml")):
        return re.search(r"\bdevsec\b", text) is not None
    hook = yamltext.value(yamltext.top(text, file), "pre-commit")
    jobs = yamltext.items(yamltext.value(hook, "jobs")) + yamltext.values(yamltext.value(hook, "commands"))
    return any("devsec" in yamltext.scalar(yamltext.value(job, "run")).split() for job in jobs)


def add(text: str, file: str) -> str:
    """The text with devsec among what runs before a commit. UsageError, with what to write, where that cannot be done."""
    if not file.endswith((".yml", ".yaml")):
        raise UsageError(f"{file}: devsec only adds to YAML", f"Add a command to its pre-commit hook yourself: {RUN}")
    found = yamltext.entry(yamltext.top(text, file), "pre-commit")
    if found is None:
        new = append(text, f"pre-commit:{MARK}\n  commands:\n    devsec:\n      {RUN}")
        return _sure(text, new, file)
    hook = found[1]
    commands, jobs = yamltext.entry(hook, "commands"), yamltext.value(hook, "jobs")
    if commands is not None and yamltext.in_lines(commands[1]):
        column = commands[1].start_mark.column
        step = column - commands[0].start_mark.column
        block = f"{' ' * column}devsec:{MARK}\n{' ' * (column + step)}{RUN}"
        return _sure(text, insert(text, yamltext.after(text, commands[1]), block), file)
    if yamltext.in_lines(jobs):
        column = jobs.start_mark.column
        dash = "-".ljust(jobs.value[0].start_mark.column - column)
        block = f"{' ' * column}{dash}name: devsec{MARK}\n{' ' * (column + len(dash))}{RUN}"
        return _sure(text, insert(text, yamltext.after(text, jobs), block), file)
    if commands is None and jobs is None and yamltext.in_lines(hook):
        lead = " " * hook.start_mark.column
        block = f"{lead}commands:{MARK}\n{lead}  devsec:\n{lead}    {RUN}"
        return _sure(text, insert(text, yamltext.after(text, hook), block), file)
    return _refuse(file)


def taken(text: str) -> str | None:
    """The text without what `add` put there; None when that is not there as it was written."""
    own = rf"(?P<in> *)devsec:{MARK}\n(?P=in) +{RUN}"
    job = rf"(?P<in> *)-(?P<gap> +)name: devsec{MARK}\n(?P=in) (?P=gap){RUN}"
    commands = rf"(?P<in> +)commands:{MARK}\n(?P=in)  devsec:\n(?P=in)    {RUN}"
    whole = rf"pre-commit:{MARK}\n  commands:\n    devsec:\n      {RUN}"
    for pattern in (own, job, commands, apart(whole)):
        without = take(text, pattern)
        if without is not None:
            return without
    return None


def _sure(before: str, now: str, file: str) -> str:
    return now if yamltext.still_says(before, now) and there(now, file) else _refuse(file)


def _refuse(file: str) -> str:
    raise UsageError(
        f"{file}: its pre-commit hook is laid out in a way that devsec does not add to",
        f"Add a command to it yourself:\ndevsec:\n  {RUN}",
    )
