"""How long does the whole of a big history take? `devsec check --history` on 10,000 commits.

    python bench/history.py [--commits 10000] [--runs 1] [--loose]

Builds a repository with `git fast-import` from releases of packages on PyPI (wheels, unpacked as data): first what really
changed from release to release, one to four files a commit; then, until there are enough commits, small edits (comments
and blank lines, so that Python stays Python) of files drawn at random with a fixed seed. Some commits bring a token and
a later one takes it out again. Then the repository is packed the way `git clone` would have it (unless --loose: packed as
`fast-import` left it), and `git log -p` and devsec are timed.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time
import zipfile

WORK = pathlib.Path(__file__).parent / ".work" / "history"
RELEASES = {
    "django": ["3.2", "4.0", "4.1", "4.2", "5.0", "5.1"],
    "celery": ["5.0.0", "5.1.0", "5.2.0", "5.3.0", "5.4.0"],
    "ansible-core": ["2.14.0", "2.15.0", "2.16.0", "2.17.0"],
    "requests": ["2.28.0", "2.30.0", "2.31.0", "2.32.3"],
    "paramiko": ["2.12.0", "3.0.0", "3.4.0", "3.5.0"],
    "jupyterlab": ["3.6.0", "4.0.0"],
}
TOKENS = 40


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commits", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--loose", action="store_true")
    args = parser.parse_args()
    repo = WORK / f"repo-{args.commits}"
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "DEVSEC_CACHE_DIR": str(WORK / "cache")}
    if not repo.is_dir():
        build(repo, args.commits, env)
        if not args.loose:
            subprocess.run(["git", "repack", "-q", "-a", "-d", "-f"], cwd=repo, env=env, check=True)
    count = subprocess.run(
        ["git", "count-objects", "-v", "-H"], cwd=repo, env=env, check=True, capture_output=True, text=True
    ).stdout
    print("; ".join(count.split("\n")[:5]))
    for _ in range(args.runs):
        print(f"git log -p --all   {seconds(['git', 'log', '-p', '--all'], repo, env):6.1f} s")
        command = [sys.executable, "-m", "devsec", "check", "--history"]
        print(f"devsec --history   {seconds(command, repo, env):6.1f} s   {last_line(WORK / 'out')}")
    return 0


def seconds(command: list[str], repo: pathlib.Path, env: dict[str, str]) -> float:
    start = time.perf_counter()
    with open(WORK / "out", "wb") as out:
        subprocess.run(command, cwd=repo, env=env, check=False, stdout=out)
    return time.perf_counter() - start


def last_line(path: pathlib.Path) -> str:
    return path.read_bytes().rstrip(b"\n").rsplit(b"\n", 1)[-1].decode("utf-8", "replace")


def build(repo: pathlib.Path, commits: int, env: dict[str, str]) -> None:
    shutil.rmtree(repo, ignore_errors=True)
    repo.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=repo, env=env, check=True)
    process = subprocess.Popen(["git", "fast-import", "--quiet"], cwd=repo, env=env, stdin=subprocess.PIPE)
    assert process.stdin
    for number, files in enumerate(steps(commits)):
        message = b"step %d" % number
        out = [
            b"commit refs/heads/main\n",
            b"committer bench <bench@example.org> %d +0000\n" % (1_600_000_000 + number * 600),
            b"data %d\n%s\n" % (len(message), message),
        ]
        for path, data in files:
            out.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
        process.stdin.write(b"".join(out))
    process.stdin.close()
    if process.wait():
        raise SystemExit("git fast-import failed")


def steps(commits: int):
    """The files each commit writes."""
    rng = random.Random(7)
    now: dict[str, bytes] = {}
    made = 0
    for package, versions in RELEASES.items():
        for version in versions:
            release = unpack(package, version)
            changed = []
            for path in sorted(p for p in release.rglob("*") if p.is_file()):
                name = f"{package}/{path.relative_to(release).as_posix()}"
                data = path.read_bytes()
                if ".dist-info" not in name and now.get(name) != data:
                    changed.append((name, data))
            if version == versions[0]:
                batches = [changed]
            else:
                rng.shuffle(changed)
                batches = []
                while changed:
                    size = rng.randint(1, 4)
                    batches.append(changed[:size])
                    changed = changed[size:]
            for batch in batches:
                if made == commits:
                    return
                now.update(batch)
                made += 1
                yield batch
    names = [name for name, data in now.items() if b"\0" not in data[:8000] and len(data) > 400]
    busy = rng.sample(names, len(names) // 8)  # most commits are to few files
    lent: list[tuple[str, bytes]] = []  # files with a token, as they were
    while made < commits:
        if lent and rng.random() < 0.05:
            batch = [lent.pop()]
        else:
            batch = [
                (name, edited(now[name], rng))
                for name in rng.sample(busy if rng.random() < 0.8 else names, rng.randint(1, 4))
            ]
            if rng.random() < TOKENS / commits:
                name, data = batch[0]
                lent.append(batch[0])
                token = "".join(
                    rng.choice("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") for _ in range(32)
                )
                batch[0] = (name, data + b'\nOPENAI_API_KEY = "%s"\n' % token.encode())
        now.update(batch)
        made += 1
        yield batch


def edited(data: bytes, rng: random.Random) -> bytes:
    """Some lines go and some come; what is Python stays so: comments come in (and out again), blank lines go."""
    lines = data.split(b"\n")
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(lines))
        line = lines[at]
        if not line.strip() or line.lstrip().startswith(b"# since "):
            if len(lines) > 20:
                del lines[at]
            continue
        words = rng.sample([word for word in data[:4000].split() if word.isalnum()] or [b"x"], 1)
        indent = line[: len(line) - len(line.lstrip())]
        lines.insert(at, indent + b"# since %d: %s" % (rng.randrange(10_000), b" ".join(words)))
    return b"\n".join(lines)


def unpack(package: str, version: str) -> pathlib.Path:
    folder = WORK / f"{package}-{version}"
    if not folder.is_dir():
        download = WORK / "download"
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", str(download),
             f"{package}=={version}"],
            check=True,
        )  # fmt: skip
        stem = package.replace("-", "_")
        wheel = next(p for p in sorted(download.iterdir()) if p.name.lower().startswith(f"{stem}-{version}-"))
        with zipfile.ZipFile(wheel) as zipped:
            zipped.extractall(folder)
    return folder


if __name__ == "__main__":
    sys.exit(main())
