"""Draws docs/picture.svg from what `devsec check` really prints about the demo's file.

python docs/picture.py
"""

from __future__ import annotations

import io
import os
import pathlib
import subprocess
import sys
import tempfile

from rich.console import Console
from rich.text import Text

from devsec.cli.demo import CODE, FILE

HERE = pathlib.Path(__file__).parent
SHOWN = "import yaml\n\n\n" + CODE[CODE.index("def load_settings") : CODE.index("def reset_token")]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        repository = pathlib.Path(folder)
        env = os.environ | {"FORCE_COLOR": "1", "COLUMNS": "100", "GIT_CONFIG_GLOBAL": os.devnull}
        subprocess.run(["git", "init", "-q"], cwd=repository, env=env, check=True)
        (repository / FILE).write_text(SHOWN)
        subprocess.run(["git", "add", FILE], cwd=repository, env=env, check=True)
        command = [sys.executable, "-m", "devsec"]
        check = subprocess.run([*command, "check"], cwd=repository, env=env, capture_output=True, text=True)
        fix = subprocess.run([*command, "fix", "--hardening"], cwd=repository, env=env, capture_output=True, text=True)
    console = Console(record=True, width=100, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for said, printed in (("git commit", check.stdout), ("devsec fix --hardening", fix.stdout)):
        console.print(Text(f"$ {said}", style="bold"))
        console.print(Text.from_ansi(printed.rstrip("\n")))
        console.print()
    (HERE / "picture.svg").write_text(console.export_svg(title="devsec", unique_id="devsec"))


if __name__ == "__main__":
    main()
