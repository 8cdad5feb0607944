"""Does the cost follow what changed, and not the size of the repository, of a file, or of the catalogue?

    python bench/scale.py monorepo  [--files 100000] [--runs 5]   3 files staged, in a small and in a large repository
    python bench/scale.py drop      [--files 5000]                a vendor drop: so many files staged at once, and renamed
    python bench/scale.py curves    [--runs 3]                    files made to be slow, at four sizes
    python bench/scale.py rules     [--runs 9]                    a clean commit with 100 rules and with 1,000

Everything is made in bench/.work/scale; nothing is downloaded but the packages whose text is used (wheels, as data).
"""

from __future__ import annotations

import argparse
import itertools
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import commit

WORK = pathlib.Path(__file__).parent / ".work" / "scale"
BESIDE = pathlib.Path(sys.executable).parent
DEVSEC = [str(BESIDE / "devsec"), "check"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["monorepo", "drop", "curves", "rules"])
    parser.add_argument("--files", type=int, default=0)
    parser.add_argument("--runs", type=int, default=0)
    args = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") and k != "PYTHONDONTWRITEBYTECODE"}
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "DEVSEC_CACHE_DIR": str(WORK / "cache")}
    if args.what == "monorepo":
        monorepo(env, args.files or 100_000, args.runs or 5)
    elif args.what == "drop":
        drop(env, args.files or 5_000)
    elif args.what == "curves":
        curves(env, args.runs or 3)
    else:
        rules(env, args.runs or 9)
    return 0


def sources() -> list[bytes]:
    """Real Python, to fill repositories with."""
    releases = [commit.unpack(*one) for one in (("django", "5.1"), ("celery", "5.4.0"), ("ansible-core", "2.17.0"))]
    return [file.read_bytes() for release in releases for file in sorted(release.rglob("*.py"))]


def new_repository(name: str, env: dict[str, str]) -> tuple[pathlib.Path, commit.Git]:
    repo = WORK / name
    shutil.rmtree(repo, ignore_errors=True)
    repo.mkdir(parents=True)
    git = commit.Git(repo, env)
    git("init", "-q")
    for key, value in (("user.email", "bench@example.org"), ("user.name", "bench"), ("gc.auto", "0")):
        git("config", key, value)
    return repo, git


def filled(name: str, number: int, env: dict[str, str]) -> tuple[pathlib.Path, commit.Git]:
    """A repository of so many files, committed."""
    repo, git = new_repository(name, env)
    texts = sources()
    for n in range(number):
        file = repo / f"part{n // 5000}" / f"team{n // 100 % 50}" / f"m{n}.py"
        if n % 100 == 0:
            file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(texts[n % len(texts)])
    git("add", "-A")
    git("commit", "-q", "-m", "all of it")
    return repo, git


def warmed(repo: pathlib.Path, env: dict[str, str]) -> None:
    """As after the first commits: the rules are compiled and no longer new."""
    subprocess.run(DEVSEC, cwd=repo, env=env, capture_output=True, check=False)
    time.sleep(2.5)
    subprocess.run(DEVSEC, cwd=repo, env=env, capture_output=True, check=False)


def timed(command: list[str], folder: pathlib.Path, env: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def monorepo(env: dict[str, str], number: int, runs: int) -> None:
    pairs = [filled(f"of-{size}", size, env)[0] for size in (100, number)]
    for repo in pairs:
        for n in range(3):
            with (repo / "part0" / "team0" / f"m{n}.py").open("a") as file:
                file.write("\n\ndef added(a):\n    return a + 1\n")
        subprocess.run(["git", "add", "-A"], cwd=repo, env=env, check=True)
        warmed(repo, env)
    rows: dict[str, list[float]] = {}
    for _ in range(runs):
        for repo in pairs:
            rows.setdefault(f"{repo.name} git", []).append(timed(["git", "diff", "--cached"], repo, env))
            rows.setdefault(f"{repo.name} devsec", []).append(timed(DEVSEC, repo, env))
    took = {name: statistics.median(times) for name, times in rows.items()}
    for name, seconds in took.items():
        print(f"  {name:20} {1000 * seconds:7.0f} ms")
    small, large = (took[f"{repo.name} devsec"] - took[f"{repo.name} git"] for repo in pairs)
    print(f"  beyond what git takes, large / small: {large / small:.2f}   (the goal is 1.10)")


def drop(env: dict[str, str], number: int) -> None:
    repo, git = new_repository("drop", env)
    (repo / "README").write_text("x\n")
    git("add", "-A")
    git("commit", "-q", "-m", "before")
    texts = sources()
    for n in range(number):
        file = repo / "vendor" / f"p{n // 100}" / f"m{n}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(texts[n % len(texts)] + f"\n# {n}\n".encode())
    warmed(repo, env)
    git("add", "-A")
    size = sum(file.stat().st_size for file in (repo / "vendor").rglob("*.py"))
    seconds = timed(DEVSEC, repo, env)
    print(f"  {number:,} new files, {size / 1e6:.0f} MB: {seconds:.1f} s   (the goal is 10)")
    print(f"  git diff --cached: {timed(['git', 'diff', '--cached'], repo, env):.1f} s")
    git("commit", "-q", "-m", "dropped")
    git("mv", "vendor", "third_party")
    print(f"  all of them renamed: {timed(DEVSEC, repo, env):.1f} s")
    for file in (repo / "third_party").rglob("*.py"):
        file.write_bytes(file.read_bytes().replace(b"import", b"import ", 1))
    git("add", "-A")
    print(f"  renamed, and a line changed in each: {timed(DEVSEC, repo, env):.1f} s")


# What grows with n in each: a file that is made to be slow to look at.
MAKERS: dict[str, tuple[str, Callable[[int], Iterator[str]]]] = {
    "generated, all of it clean": ("generated.py", lambda n: (f"field_{i} = Field(name='f{i}', size={i})\n" for i in range(n * 100))),
    "thousands of candidates": ("candidates.py", lambda n: itertools.chain(["import hashlib\n"], (f"x{i} = hashlib.sha1(data[{i}])\n" for i in range(n * 10)))),
    "thousands of candidates in one function": (
        "function.py",
        lambda n: itertools.chain(["import hashlib\ndef f(data):\n"], (f"    x{i} = hashlib.sha1(data[{i}])\n" for i in range(n * 10))),
    ),
    "candidates that are none": ("none.py", lambda n: itertools.chain(["import requests\n"], (f"requests.get(u{i}, verify=v{i}, timeout={i})\n" for i in range(n * 20)))),
    "a class of many methods": (
        "methods.py",
        lambda n: itertools.chain(
            ["import hashlib\nclass A:\n"],
            (f"    def m{i}(self):\n        self.a{i} = hashlib.md5(self.a{i - 1}).digest()\n" for i in range(n * 5)),
        ),
    ),
    "deep nesting": ("deep.py", lambda n: (f"x{i} = " + "[" * 40 + "1" + "]" * 40 + "\n" for i in range(n * 10))),
    "one long line": ("line.js", lambda n: (f"var a{i}='{'x9Y' * 10}';" for i in range(n * 50))),
    "one long line of secrets' names": ("line.json", lambda n: itertools.chain(["{"], (f'"api_key_{i}": "${{KEY_{i}}}", ' for i in range(n * 50)), ['"x": 1}'])),
    "many imports": ("imports.py", lambda n: itertools.chain((f"from m{i} import a{i} as b{i}\n" for i in range(n * 25)), ["import yaml\nyaml.load(b1)\n"])),
    "chains of aliases": ("aliases.py", lambda n: itertools.chain(["import yaml\na0 = yaml\n"], (f"a{i} = a{i - 1}\n" for i in range(1, n * 25)), ["a1.load(f)\n"])),
    "methods that a client may reach": ("client.py", lambda n: itertools.chain(["import flask\nclass A:\n"], (f"    def f{i}(self):\n        self.x{i} = self.y{i}.args\n    def g{i}(self):\n        return flask.redirect(self.x{i})\n" for i in range(n * 4)))),
    "many names for one thing": ("names_of_one.py", lambda n: itertools.chain((f"from yaml import load as l{i}\n" for i in range(n)), (f"def f{i}(a):\n    l{i}(a)\n" for i in range(n)))),
    "a text added to again and again": ("again.py", lambda n: itertools.chain(["import os\ndef f(x):\n"], (f"    x = x + y({i})\n" for i in range(n * 2)), ["    os.system(x)\n"])),
    "names put in names": ("names.py", lambda n: itertools.chain(["import os\na0 = 'a'\n"], (f"a{i + 1} = f'{{a{i}}}{{a{i}}}'\n" for i in range(n * 2)), [f"os.system('a ' + a{n * 2} + b)\n"])),
    "tokens, all false": ("tokens.txt", lambda n: (f"ghp_{i:036d}\n" for i in range(n * 50))),
    "a sum of many strings": ("sum.py", lambda n: itertools.chain(["import os\nos.system('a '"], (f" + b{i} + ' c '" for i in range(n * 2)), [")\n"])),
}  # fmt: skip
SIZES = (25, 50, 100, 200)


def curves(env: dict[str, str], runs: int) -> None:
    print(f"  {'seconds at a size of':42}" + "".join(f"{size:>9}" for size in SIZES) + "   growth   at most KB")
    for name, (file, make) in MAKERS.items():
        folder = WORK / "curves"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        took = []
        for size in SIZES:
            (folder / file).write_text("".join(make(size)))
            took.append(min(timed([*DEVSEC, "--no-config", file], folder, env) for _ in range(runs)))
        (folder / file).write_text("")
        idle = min(timed([*DEVSEC, "--no-config", file], folder, env) for _ in range(runs))
        (folder / file).write_text("".join(make(SIZES[-1])))
        # How the part that is due to the text grows when that is made twice as large; 2 is linear.
        growth = (took[-1] - idle) / max(took[-2] - idle, 0.001)
        kb = (folder / file).stat().st_size / 1000
        print(f"  {name:42}" + "".join(f"{seconds:9.2f}" for seconds in took) + f"   x {growth:.1f}  {kb:10,.0f}")


RULE = """\
id: made-{n}
title: Made up
cwe: CWE-1
severity: low
confidence: high
level: note
why: It is made up.
find:
  call: module{n}.sub{n}.function{n}
  args:
    flag{n}: {{is: true}}
examples:
  - bad: |
      import module{n}.sub{n}
      module{n}.sub{n}.function{n}(flag{n}=True)
  - fine: |
      x = 1
"""


def rules(env: dict[str, str], runs: int) -> None:
    bundled = len(list((pathlib.Path(__file__).parent.parent / "rules").rglob("*.yaml")))
    repo, git = filled("rules", 20, env)
    for n in range(3):
        with (repo / "part0" / "team0" / f"m{n}.py").open("a") as file:
            file.write("\n\ndef added(a):\n    return a + 1\n")
    git("add", "-A")
    took: dict[int, float] = {}
    for number in (0, 100, 1000):
        folder = repo / "more"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for n in range(number):
            (folder / f"made-{n}.yaml").write_text(RULE.format(n=n))
        (repo / "devsec.toml").write_text('rules = ["more"]\n')
        time.sleep(2.5)
        warmed(repo, env)
        took[number] = statistics.median(timed(DEVSEC, repo, env) for _ in range(runs))
        print(f"  {bundled} bundled rules and {number:5} more: {1000 * took[number]:6.0f} ms")
    print(f"  900 more rules: {100 * (took[1000] / took[100] - 1):.0f} % (the goal is 20)")


if __name__ == "__main__":
    sys.exit(main())
