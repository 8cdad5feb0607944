"""`devsec demo`: one commit from refused to clean, in a repository that is thrown away afterwards."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

FILE = "accounts.py"
CODE = '''\
"""Accounts of the shop."""

import hashlib
import random
import string

import requests
import yaml


def load_settings(path):
    with open(path) as file:
        return yaml.load(file, Loader=yaml.Loader)


def reset_token():
    alphabet = string.ascii_letters + string.digits
    return "".join(random.choice(alphabet) for _ in range(32))


def store_password(password):
    return hashlib.md5(password.encode()).hexdigest()


def profile(user):
    return requests.get(f"https://profiles.example/{user}", verify=False, timeout=5)
'''


@click.command("demo", short_help="One commit from refused to clean, in a throw-away repository.")
def command() -> int:
    """Plays one commit through check, fix and check again in a throw-away repository."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="devsec-demo-") as folder:
        # A name of its own, so that no output depends on where the temporary folder is.
        shop = Path(folder, "shop")
        shop.mkdir()
        return _play(shop)


def _play(shop: Path) -> int:
    devsec = [sys.executable, "-m", "devsec"]
    _say("A repository with a first commit, and a file just written and staged.")
    _run(shop, ["git", "init", "--quiet"])
    (shop / "README.md").write_text("# Shop\n", encoding="utf-8")
    _run(shop, ["git", "add", "README.md"])
    _run(shop, ["git", "commit", "--quiet", "--no-verify", "-m", "Begin"])
    (shop / FILE).write_text(CODE, encoding="utf-8")
    _show(shop, ["git", "add", FILE])
    _say("The hook looks at what is staged.")
    first = _show(shop, [*devsec, "check"], "devsec check")
    _say("The cures, as a patch first and then for real.")
    _show(shop, [*devsec, "fix", "--hardening", "--diff"], "devsec fix --hardening --diff")
    _show(shop, [*devsec, "fix", "--hardening"], "devsec fix --hardening")
    _show(shop, ["git", "add", FILE])
    _say("And the commit again.")
    last = _show(shop, [*devsec, "check"], "devsec check")
    if last == 0:
        _show(shop, ["git", "commit", "--quiet", "-m", "Accounts"])
    else:
        _say("What is left is for a human: devsec never writes what it cannot prove.")
    # As a smoke test: something was found at first, and nothing was left unchecked.
    return 0 if first == 1 and last in (0, 1) else 3


def _say(text: str) -> None:
    click.echo(click.style(f"\n# {text}", fg="cyan"))


def _show(shop: Path, words: list[str], called: str = "") -> int:
    click.echo(click.style(f"$ {called or ' '.join(words)}", bold=True))
    return _run(shop, words)


def _run(shop: Path, words: list[str]) -> int:
    import subprocess  # the demo plays the person at the keyboard; devsec itself asks git in one place only

    # A hook of the user's, or the repository the demo is started in, has no part in this.
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    environ |= {f"GIT_{who}_{what}": "devsec demo" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    sys.stdout.flush()
    return subprocess.run(words, cwd=shop, env=environ, check=False).returncode
