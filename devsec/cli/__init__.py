"""Where a command starts and how it ends: what is printed on the way out, and the exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from devsec.outcome import FAULT, INTERRUPTED, NOT_CHECKED


def program() -> None:
    """The installed command: as `main`, and then stops at once. Python would first take apart all it has made, which
    nobody would notice but the one who waits (a tenth of a clean commit)."""
    code = NOT_CHECKED
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else code
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or NOT_CHECKED  # it was not said
    os._exit(code)


def main(args: Sequence[str] | None = None) -> None:
    """Runs a command and exits: 0, 1, 2 as the command says, 3 for a fault in devsec, 130 for Ctrl-C."""
    # A hook lives for a tenth of a second and makes many small objects that all stay alive: collecting costs a third
    # of start and parse and frees nothing. run.py collects between files when there are many.
    gc.disable()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show `…` is no reason to stop
    code = _run(list(sys.argv[1:] if args is None else args))
    gc.freeze()  # or the interpreter walks all of it once more on its way out
    sys.exit(code)


def _run(args: list[str]) -> int:
    from devsec.cli.look import is_plain, look
    from devsec.errors import DevsecError

    try:
        return look(tuple(args[1:])) if is_plain(args) else _parse(args)
    except DevsecError as error:
        _complain(error.message, error.hint)
        return NOT_CHECKED
    except KeyboardInterrupt:
        print("devsec: stopped", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read it has gone (`| head`). What is still to be flushed on the way out must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOT_CHECKED
    except Exception as error:
        from devsec.cli.fault import record  # only when devsec is broken

        where = record(error, args)
        _complain(
            f"a fault in devsec itself ({type(error).__name__}); this says nothing about your code",
            f"please report it with {where} (it holds no source text)" if where else "please report it",
        )
        return FAULT


def _parse(args: list[str]) -> int:
    import click

    from devsec.cli.group import devsec

    try:
        code = devsec.main(args, prog_name="devsec", standalone_mode=False)
    except click.UsageError as error:
        _complain(error.format_message(), f"{error.ctx.command_path} --help" if error.ctx else "devsec --help")
        return NOT_CHECKED
    except click.ClickException as error:
        _complain(error.format_message(), "")
        return NOT_CHECKED
    except click.Abort:
        raise KeyboardInterrupt from None
    return code if isinstance(code, int) else 0


def _complain(message: str, hint: str) -> None:
    from devsec.report.plain import printable

    print(
        "\n".join(f"{'devsec: ' if n == 0 else '  '}{printable(line)}" for n, line in enumerate(message.splitlines())),
        file=sys.stderr,
    )
    if hint:
        # A hint may be lines to paste.
        print("hint: " + "\n".join(map(printable, hint.split("\n"))), file=sys.stderr)
