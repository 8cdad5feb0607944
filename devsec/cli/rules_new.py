"""Where do the bad and the good line of a new rule come from, and where does its file go?"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import click

from devsec.catalog.here import PACK
from devsec.errors import OutputError, UsageError
from devsec.report.plain import printable

_FILE = re.compile(r"[\w./\\~-]+\.[A-Za-z]{1,5}")
_MOST = 64 << 10  # bytes of an example; a rule's file takes 256 KiB


def begin(id: str, bad: str, good: str, folder: str, path: str, only_print: bool) -> int:
    """Asks for what is missing, writes the file, and says what to do next."""
    from devsec.desk import Desk, Request
    from devsec.run import catalogue
    from devsec.scaffold.new import new

    if bad == "-" and good == "-":
        raise UsageError("--bad and --good cannot both come from standard input", "Put one of them into a file.")
    place = None if only_print else _place(id, folder)  # what cannot be written is said before anything is asked
    first, named = _text(bad, "bad")
    second, also = _text(good, "good")
    made = new(id, first, second, path or named or also, catalogue(".", True))
    if place is None:
        click.echo(made.text, nl=False)
        return 0
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with open(place, "x", encoding="utf-8", newline="\n") as file:
            file.write(made.text)
    except FileExistsError:
        raise UsageError(f"{place} is there already", "Take another id; nothing was written.") from None
    except OSError as error:
        raise OutputError(f"{place} could not be written: {error.strerror}", "Nothing was written.") from error
    shown = printable(place.as_posix())
    click.echo(f"made  {shown}" + ("" if made.cured else "  (the cure is advice)"))
    for note in made.notes:
        first_line, *more = note.splitlines()
        click.echo(f"note  {printable(first_line)}")
        for line in more:
            click.echo("      " + printable(line))
    desk = Desk(Request(paths=(".",)))
    real = os.path.realpath(place)
    if not any(
        real.startswith(os.path.realpath(one) + os.sep)
        for one in (*desk.folders, *(it.folder for it in desk.installed))
    ):
        click.echo(
            f"note  {printable(place.parent.as_posix())} is no folder that counts here: name it in `rules` of devsec.toml"
        )
    click.echo("devsec: its examples hold; write what is marked with WRITE, then")
    click.echo(f"  devsec rules test {shown}")
    click.echo(f"  devsec rules try {shown}")
    return 0


def _text(given: str, which: str) -> tuple[str, str]:
    """The text, and the name of the file it came from where that tells its language."""
    if given == "-":
        return _decoded(sys.stdin.buffer.read(_MOST + 1), f"--{which} -"), ""
    if not given:
        return _asked(which), ""
    try:
        is_file = "\n" not in given and os.path.isfile(given)
    except ValueError:  # a NUL
        is_file = False
    if not is_file:
        if _FILE.fullmatch(given) and ("/" in given or Path(given).suffix in _SUFFIXES):
            raise UsageError(
                f"--{which} {given}: no such file", "A line of code is taken as it is; this looks like a file's name."
            )
        return _decoded(given.encode("utf-8", "surrogateescape"), f"--{which}"), ""
    try:
        with open(given, "rb") as file:
            data = file.read(_MOST + 1)
    except OSError as error:
        raise UsageError(f"--{which} {given}: {error.strerror}", "Name a file that can be read.") from None
    name = Path(given).name
    return _decoded(data, f"--{which} {given}"), "" if name.endswith((".py", ".pyi", ".pyw")) else name


def _decoded(data: bytes, what: str) -> str:
    if len(data) > _MOST:
        raise UsageError(f"{what}: larger than {_MOST >> 10} KiB", "An example is a few lines; cut it down.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{what}: not UTF-8", "An example is text.") from None


_SUFFIXES = (".py", ".pyi", ".yaml", ".yml", ".json", ".toml", ".ini", ".cfg", ".txt", ".sh", ".tf", ".xml")


def _asked(which: str) -> str:
    """From the person at the terminal: lines up to an empty one."""
    if not sys.stdin.isatty():
        raise UsageError(
            f"--{which} is missing", 'Such as --bad "requests.get(url, verify=False)" --good "requests.get(url)".'
        )
    what = {"bad": "What should not be written", "good": "What to write instead"}[which]
    click.echo(f"{what} (an empty line ends it):", err=True)
    lines: list[str] = []
    for line in sys.stdin:
        if not line.strip():
            break
        lines.append(line)
    return "".join(lines)


def _place(id: str, folder: str) -> Path:
    """Where the file goes. Nothing that is there is written over."""
    place = _folder(folder) / f"{id}.yaml"
    for there in (place, place.with_suffix(".yml")):
        if os.path.lexists(there):
            raise UsageError(f"{there} is there already", "Take another id, or edit that file; nothing was written.")
    return place


def _folder(folder: str) -> Path:
    from devsec.desk import Desk, Request

    if folder:
        if os.path.lexists(folder) and not os.path.isdir(folder):
            raise UsageError(f"--to {folder} is no folder", "The file is called after the rule.")
        return Path(folder)
    desk = Desk(Request(paths=(".",)))
    if desk.folders:
        return Path(os.path.relpath(desk.folders[0]))
    packs = [file.parent for file in (Path(PACK), *sorted(Path(".").glob(f"*/{PACK}"))) if file.is_file()]
    if len(packs) == 1 or (packs and packs[0] == Path(".")):
        return packs[0] / "rules" if (packs[0] / "rules").is_dir() else packs[0]
    raise UsageError(
        "where does the rule go? No folder of rules counts here, and there is no pack in this folder",
        'Say --to FOLDER, and name it in devsec.toml: rules = ["FOLDER"].',
    )
