"""What does `devsec fix --staged` leave when it is killed? Kills it before each thing it does, and at random moments.

    python bench/kill.py [--random 200] [--every 1]

Each time in a repository of its own with two half-staged files. Afterwards every file must be the old or the new one,
the index the old or the new one, no lock or temporary file may be there, `git fsck` must be content, and the same
command must complete what was begun. SIGKILL goes to the whole process group, git's processes included.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
OLD = {
    name: f"import yaml\n\n\ndef load_{name[0]}(text):\n    return yaml.load(text)\n\n\nTAIL = 1\n"
    for name in ("a.py", "b.py")
}
MORE = "# not staged yet\n"
NEW = {name: text.replace("yaml.load(", "yaml.safe_load(") for name, text in OLD.items()}

# Runs devsec and kills its own group before the n-th thing that leaves a trace, counted from where it begins to write.
DRIVER = """
import os, signal, sys
at, seen, begun = int(sys.argv[1]), 0, False
WATCHED = {"open", "os.rename", "os.link", "os.remove", "os.chmod", "os.chown", "os.setxattr", "os.listxattr",
           "subprocess.Popen", "fsync"}
def before(event, args):
    global seen, begun
    if event not in WATCHED:
        return
    begun = begun or "devsec-" in str(args) or "--git-path" in str(args)
    if begun:
        seen += 1
        if seen == at:
            os.killpg(0, signal.SIGKILL)
sys.addaudithook(before)
real = os.fsync
def fsync(handle):
    sys.audit("fsync", handle)
    real(handle)
    sys.audit("fsync", handle)
os.fsync = fsync
from devsec.cli import main
try:
    main(["fix", "--staged"])
finally:
    os.write(2, b"things done: %d\\n" % seen)
"""


def git(root: Path, *args: str) -> bytes:
    return subprocess.run(("git", *args), cwd=root, check=True, capture_output=True).stdout


def repository(root: Path) -> None:
    """Two files that are staged with a finding each, and have more on disk."""
    git(root, "init", "-q")
    for name, text in OLD.items():
        (root / name).write_text(text, encoding="utf-8")
    git(root, "add", ".")
    for name, text in OLD.items():
        (root / name).write_text(text + MORE, encoding="utf-8")


def trouble(root: Path) -> str:
    """What is wrong with what is left; "" when nothing is."""
    deadline = time.monotonic() + 10  # the guard needs a moment to clear away
    while litter(root) and time.monotonic() < deadline:
        time.sleep(0.01)
    if litter(root):
        return f"left behind: {litter(root)}"
    for name in OLD:
        if (root / name).read_text(encoding="utf-8") not in (OLD[name] + MORE, NEW[name] + MORE):
            return f"{name} is neither old nor new"
    staged = {name: git(root, "show", f":{name}").decode() for name in OLD}
    if staged not in (OLD, NEW):
        return "the index is neither old nor new"
    if staged == NEW and any((root / name).read_text(encoding="utf-8") != NEW[name] + MORE for name in OLD):
        return "the index is new and a file is not"
    git(root, "fsck", "--strict")
    return ""


def litter(root: Path) -> list[str]:
    return [str(p.relative_to(root)) for p in root.rglob("*") if "devsec-" in p.name or p.name.endswith(".lock")]


def completed(root: Path) -> str:
    """What is wrong after the same command ran undisturbed."""
    done = subprocess.run((sys.executable, "-m", "devsec", "fix", "--staged"), cwd=root, capture_output=True, text=True)
    if done.returncode:
        return f"the next run ended with {done.returncode}: {done.stdout}{done.stderr}"
    wrong = [n for n in OLD if (root / n).read_text(encoding="utf-8") != NEW[n] + MORE]
    wrong += [f":{n}" for n in OLD if git(root, "show", f":{n}").decode() != NEW[n]]
    return f"not completed: {wrong}" if wrong else trouble(root)


def killed_before(number: int, root: Path) -> bool:
    """Runs until thing `number`; False when it ended before."""
    repository(root)
    done = subprocess.run(
        (sys.executable, "-c", DRIVER, str(number)), cwd=root, capture_output=True, start_new_session=True
    )
    return done.returncode == -signal.SIGKILL


def killed_after(seconds: float, root: Path) -> bool:
    repository(root)
    process = subprocess.Popen(
        (sys.executable, "-m", "devsec", "fix", "--staged"),
        cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    time.sleep(seconds)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--random", type=int, default=200, help="how many times at a random moment")
    parser.add_argument("--every", type=int, default=1, help="only before every so many of the things it does")
    wanted = parser.parse_args()
    bad = points = 0
    while True:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            thing = points * wanted.every + 1
            if not killed_before(thing, root):
                break
            points += 1
            wrong = trouble(root) or completed(root)
            if wrong:
                bad += 1
                print(f"killed before thing {thing}: {wrong}")
    with tempfile.TemporaryDirectory() as folder:
        repository(Path(folder))
        begin = time.monotonic()
        subprocess.run((sys.executable, "-m", "devsec", "fix", "--staged"), cwd=folder, check=True, capture_output=True)
        whole = time.monotonic() - begin
    chance, hits, new = random.Random(4), 0, 0
    for _ in range(wanted.random):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            hits += killed_after(chance.uniform(0.4, 1.05) * whole, root)
            new += git(root, "show", ":a.py").decode() == NEW["a.py"]
            wrong = trouble(root) or completed(root)
            if wrong:
                bad += 1
                print(f"killed at a random moment: {wrong}")
    print(f"killed before {points} of the things it does, and {hits} of {wanted.random} times at a random moment")
    print(f"(after {new} of these the index was the new one): {bad} times something was wrong")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
