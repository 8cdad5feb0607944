"""What git knows: what is staged, what changed since, what stood there before. The only module that asks git.

git is asked through its plumbing formats (NUL-separated, full object names), with every setting that could change the
answer given on the command line. The environment is passed on whole: in a hook, GIT_INDEX_FILE may name the temporary
index of `git commit -a` or `git commit PATH`. git runs at the root of the work tree, because that is what a relative
GIT_INDEX_FILE is relative to, wherever it was started.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache

from devsec.errors import GitError
from devsec.record import Record
from devsec.sources.child import Child, start
from devsec.sources.real import real
from devsec.sources.source import PEEK, Large

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    import subprocess
    from typing import IO

_NOT_HERE = "Run devsec inside a git work tree, or name the files and folders to look at."

_WHOLE = (
    "This clone is shallow: run `git fetch --unshallow`, or let CI fetch the whole history "
    "(`fetch-depth: 0` for actions/checkout on GitHub, `GIT_DEPTH: 0` on GitLab)."
)

# Settings that no option takes back. (core.quotePath ends at -z; diff.relative means nothing at the root.)
_SETTINGS = (
    *("-c", "core.fsmonitor="),  # a hook or a daemon: nothing to start, and nothing to believe
    *("-c", "diff.autoRefreshIndex=false"),  # would write the index, --no-optional-locks or not
)
_DIFF = (
    *("diff", "--raw", "-z", "--no-abbrev", "--no-color", "--no-ext-diff", "--no-textconv"),
    # As many candidates as git looks at today, whatever diff.renameLimit or the age of git says.
    *("--find-renames=50%", "-l1000"),
    "-O/dev/null",  # takes back diff.orderFile, which is fatal when the file is missing
    "--ita-invisible-in-index",  # `git add -N` is a promise to add, not part of the commit
    "--ignore-submodules=all",  # another repository, with its own commits; saves a `git status` in each
)


class Change(Record):
    """A regular file that a commit, or the work tree, has other than its base.

    status  A added · M changed (or only its mode) · R renamed, perhaps edited · D deleted · U in conflict
    path    where it stands now, from the root, with forward slashes; for D where it stood
    blob    the object with its text; "" when there is none (D, U) or when the text is the one on disk
    base_*  where it stood before and the object with the text it had; "" when it is new

    Symlinks and submodules have no text: what turns into one counts as deleted, what was one counts as added.
    """

    path: str
    blob: str
    mode: str
    base_path: str
    base_blob: str
    status: str


class Added(Record):
    """A regular file as a commit brought it: new there, or with another text than before."""

    commit: str
    path: str
    blob: str


class Entry(Record):
    """A regular file in the index. `away`: not on disk, since the checkout is sparse (git's skip-worktree).
    `unchanged`: its owner told git not to look at the disk (`git update-index --assume-unchanged`)."""

    mode: str
    blob: str
    away: bool = False
    unchanged: bool = False


class Repository(Record):
    """A git work tree: `root` is its top folder, `git_dir` where git keeps what belongs to this work tree alone."""

    root: str
    git_dir: str

    @staticmethod
    def discover(start: str = ".") -> Repository:
        """The work tree that `start` is in. Starts no process where a plain look at the folders answers."""
        if not any(name in os.environ for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_CEILING_DIRECTORIES")):
            found = _look_around(os.path.realpath(start))
            if found:
                return found
        return _ask_git(start)

    def relative(self, path: str) -> str | None:
        """`path` as git names it, or None when it is outside. A symlink is itself, not what it points to."""
        folder, name = os.path.split(path)
        if name in ("", ".", ".."):
            folder, name = os.path.split(os.path.abspath(path))
        folder = os.path.join(os.getcwd(), folder)
        inside = _inside(self.root, folder)
        if inside is not None:
            return inside + name
        return "" if os.path.join(real(os.path.abspath(folder)), name) == self.root.rstrip(os.sep) else None

    def has_head(self) -> bool:
        """False before the first commit."""
        return self._commit("HEAD") != ""

    def staged(self, against: str = "", meanwhile: Callable[[], object] = tuple) -> tuple[Change, ...]:
        """What the index holds other than `HEAD`, or than the commit `against`. Before the first commit, all of it. `meanwhile` is
        called while git looks.

        In the middle of a conflict the file has no staged text yet: status U, for the caller to say so.
        """
        return self._diff("--cached", *([against] if against else []), meanwhile=meanwhile)

    def changes_from(self, commit: str) -> tuple[Change, ...]:
        """What tracked files in the work tree hold other than `commit`. `blob` is always "": the text is on disk.

        `HEAD` before the first commit is the empty tree. A file that was touched but not changed may be listed.
        """
        if commit == "HEAD" and not self.has_head():
            commit = self._empty_tree()
        found = self._diff(commit)
        return tuple(Change(c.path, "", c.mode, c.base_path, c.base_blob, c.status) for c in found)

    def changes_since(self, ref: str) -> tuple[Change, ...]:
        """What this branch and the work tree changed since they left `ref`."""
        return self.changes_from(self.merge_base(ref))

    def merge_base(self, ref: str) -> str:
        """The commit where HEAD left `ref`; the first where there are several."""
        return self.merge_bases(ref)[0]

    def merge_bases(self, ref: str) -> tuple[str, ...]:
        """The commits where HEAD left `ref`: several when each was merged into the other. GitError when there is none,
        with what to fetch. (What a shallow clone does have is an ancestor of both, also when it is not the nearest.)"""
        base = self._commit(ref)
        if not base:
            raise GitError(f"{ref}: git knows no such commit", self._how_to_get(ref))
        if not self.has_head():
            raise GitError("there is no commit yet to compare", "Run devsec without --since before the first commit.")
        status, out, err = self._try("merge-base", "--all", base, "HEAD")
        if status == 1:
            raise GitError(f"{ref} and HEAD have no common ancestor here", self._how_to_join(ref))
        if status:
            raise _refused("merge-base", err)
        return tuple(out.decode("ascii").split())

    def merge_heads(self) -> tuple[str, ...]:
        """The other parents of the merge that is being committed; usually none. Starts no process."""
        try:
            with open(os.path.join(self.git_dir, "MERGE_HEAD"), encoding="ascii") as file:
                return tuple(file.read().split())
        except FileNotFoundError:
            return ()

    def base_blobs(self, commit: str, paths: Iterable[str]) -> dict[str, str]:
        """The object each of `paths` has in `commit`; paths that are no regular file there are left out."""
        wanted = set(paths)
        if not wanted or (commit == "HEAD" and not self.has_head()):
            return {}
        # Few by name, many by listing everything: a command line has an end.
        named = sorted(wanted) if len(wanted) <= 50 else []
        out = self._run("--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", commit, "--", *named)
        blobs: dict[str, str] = {}
        for entry in out.split(b"\0")[:-1]:
            meta, _, name = entry.partition(b"\t")
            mode, _, blob = meta.decode("ascii").split()
            path = os.fsdecode(name)
            if path in wanted and _is_regular(mode):
                blobs[path] = blob
        return blobs

    def blob_at(self, commit: str, path: str) -> str:
        """The object `path` has in `commit`, "" when it is no regular file there."""
        return self.base_blobs(commit, (path,)).get(path, "")

    def tracked(self) -> tuple[str, ...]:
        """The regular files of the work tree that git has or would add: what is ignored, or gone, is left out."""
        out = self._run("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        names = {os.fsdecode(name) for name in out.split(b"\0")[:-1]}
        return tuple(sorted(name for name in names if self._stands_on_disk(name)))

    def commits(self, revisions: Sequence[str]) -> tuple[str, ...]:
        """The commits that `git rev-list` names for these, parents first; all there are without any.

        GitError for what git does not know, and for options: only revisions are taken.
        """
        for revision in revisions:
            if revision.startswith("-"):
                raise GitError(f"{revision}: not a revision", "Name commits, as in v1..v2 or origin/main.. .")
        status, out, err = self._try("rev-list", "--topo-order", "--reverse", *(revisions or ["--all"]), "--")
        if status:
            asked = " ".join(revisions)
            raise GitError(f"{asked}: git knows no such revisions", self._how_to_get(asked)) from _refused("", err)
        return tuple(out.decode("ascii").split())

    def added(self, commits: Sequence[str]) -> Iterator[Added]:
        """What each of `commits` brought, in their order; a merge what none of its parents had. No renames here."""
        if not commits:
            return
        options = ("--stdin", "-r", "-c", "--root", "--raw", "-z", "--no-abbrev", "--no-renames")
        with self._talk(commits, "diff-tree", *options) as (out, status, refused):
            commit = ""
            fields = _fields(out, status, refused)
            for field in fields:
                if not field.startswith(b":"):
                    commit = field.decode("ascii")
                    continue
                words = field.decode("ascii").lstrip(":").split(" ")
                path = next(fields)
                # One mode and one object for each parent, then those of the commit, then what happened.
                mode, blob = words[(len(words) - 1) // 2 - 1], words[-2]
                if _is_regular(mode):
                    yield Added(commit, os.fsdecode(path), blob)

    def dates(self, commits: Sequence[str]) -> dict[str, str]:
        """The day each of `commits` was written (YYYY-MM-DD, by its author's clock)."""
        if not commits:
            return {}
        asked = "".join(f"{commit}\n" for commit in commits).encode("ascii")
        out = self._run(
            *("-c", "log.showSignature=false", "log", "--no-walk=unsorted", "--stdin", "--no-patch", "--no-notes"),
            *("--no-decorate", "--no-color", "--format=%H %as"),
            feed=asked,
        )
        return dict(line.split(" ") for line in out.decode("ascii").splitlines())

    def blame(self, path: str, lines: Iterable[int]) -> dict[int, str]:
        """The day (YYYY-MM-DD, in UTC) on which each of these lines of a file in the work tree was last written. A line that is
        not committed is left out, and so is one whose commit a shallow clone does not tell."""
        asked = [word for line in sorted(set(lines)) for word in ("-L", f"{line},{line}")]
        if not asked:
            return {}
        settings = ("-c", "blame.ignoreRevsFile=", "-c", "core.quotePath=false")
        status, out, _ = self._try(*settings, "blame", "--line-porcelain", "--no-textconv", *asked, "--", path)
        if status:
            return {}  # git has no such file
        edge = self.shallow()
        days: dict[int, str] = {}
        commit, line = "", 0
        for row in out.split(b"\n"):
            words = row.split(b" ")
            if len(words) in (3, 4) and len(words[0]) in (40, 64) and words[2].isdigit():
                commit, line = words[0].decode("ascii", "replace"), int(words[2])
            elif words[0] == b"author-time" and commit.strip("0") and commit not in edge:
                import time

                days[line] = time.strftime("%Y-%m-%d", time.gmtime(int(words[1])))
        return days

    def shallow(self) -> frozenset[str]:
        """The commits whose parents this clone was made without; none in a whole one."""
        answer = os.fsdecode(self._run("rev-parse", "--git-path", "shallow").removesuffix(b"\n"))
        try:
            with open(os.path.join(self.root, answer), encoding="ascii") as file:
                return frozenset(file.read().split())
        except FileNotFoundError:
            return frozenset()

    def read(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Each object once, with its bytes, in the order first asked for: one process, one object in memory."""
        return whole(self.read_up_to(0, blobs))

    def read_up_to(
        self, most: int, blobs: Iterable[str], meanwhile: Callable[[], object] = tuple
    ) -> Iterator[tuple[str, bytes | Large]]:
        """As `read`, but of an object with more than `most` bytes (0: no limit) no more than its beginning is kept. `meanwhile` is
        called while git looks for the first one."""
        wanted = tuple(dict.fromkeys(blobs))
        if not wanted:
            return
        with self._talk(wanted, "cat-file", "--batch", "--buffer") as (out, _, refused):
            meanwhile()
            for blob in wanted:
                yield blob, _object(out, blob, most, refused)

    def answers(self) -> Answers:
        """A git that is asked for one object after the other."""
        return Answers(self._start("cat-file", "--batch", fed=True))

    @contextmanager
    def _talk(
        self, lines: Iterable[str], *args: str
    ) -> Iterator[tuple[IO[bytes], Callable[[], int], Callable[[], GitError]]]:
        """A git that is told `lines` while it answers: where it answers, its status at the end, and what to
        raise when that came too early."""
        from threading import Thread  # a commit without a file asks nothing here

        process = self._start(*args, fed=True)
        assert process.stdin
        assert process.stdout
        assert process.stderr
        stderr: list[bytes] = []
        # Each pipe has its own thread: whichever fills up first, nobody waits for somebody who waits.
        threads = (
            Thread(target=_feed, args=(process.stdin, lines), daemon=True),
            Thread(target=_drain, args=(process.stderr, stderr), daemon=True),
        )
        for thread in threads:
            thread.start()

        def refused() -> GitError:
            threads[1].join()
            return _refused(args[0], b"".join(stderr))

        try:
            yield process.stdout, process.wait, refused
        finally:
            process.kill()  # at the end it has nothing left to do; on trouble nobody reads what it still has to say
            process.wait()
            for thread in threads:
                thread.join()
            process.stdout.close()
            process.stderr.close()

    def _diff(self, *what: str, meanwhile: Callable[[], object] = tuple) -> tuple[Change, ...]:
        status, out, err = self._try(*_DIFF, *what, "--", meanwhile=meanwhile)
        if status:
            # `git diff` also works outside a repository: where git refuses to see this one (somebody else's folder), it
            # complains about the options instead. This says the reason.
            self._run("rev-parse", "--git-dir")
            raise _refused("diff", err)
        return _parse_raw(out)

    def _commit(self, ref: str) -> str:
        """The full name of a commit, "" when there is none by that name."""
        if ref.startswith("-"):  # would be an option; git allows no such name
            return ""
        status, out, err = self._try("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        if status and err:
            raise _refused("rev-parse", err)  # --quiet is silent about unknown names: this is something else
        return "" if status else out.decode("ascii").strip()

    def _empty_tree(self) -> str:
        return self._run("hash-object", "-t", "tree", "--stdin").decode("ascii").strip()  # depends on the hash in use

    def _how_to_get(self, ref: str) -> str:
        """What brings a commit here that git does not know."""
        remotes = os.fsdecode(self._run("remote")).split()
        remote, _, branch = ref.partition("/")
        if branch and remote in ("origin", "upstream") and remote not in remotes:
            return f"There is no remote {remote!r} here: git remote add {remote} URL, then git fetch {remote} {branch}"
        if branch and remote in remotes:
            fetch = f"git fetch {remote} +refs/heads/{branch}:refs/remotes/{remote}/{branch}"
        else:
            fetch = f"git fetch origin {ref}"
        if self._is_shallow():
            return f"Check the name, or fetch it first: {fetch}. {_WHOLE}"
        return f"Check the name, or fetch it first: {fetch}"

    def _how_to_join(self, ref: str) -> str:
        """What brings the commits here that two histories have in common."""
        if self._is_shallow():
            return f"{_WHOLE} Or step by step, until it works: git fetch --deepen=100"
        return f"They are separate histories. Name a commit that HEAD comes from, or merge {ref} first."

    def _is_shallow(self) -> bool:
        return self._run("rev-parse", "--is-shallow-repository").strip() == b"true"

    def _stands_on_disk(self, path: str) -> bool:
        try:
            return stat.S_ISREG(os.lstat(os.path.join(self.root, path)).st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True  # there, but not for us: whoever reads it says why

    def index_file(self) -> str:
        """Where the index is: in a linked work tree, or with GIT_INDEX_FILE, not where one would look."""
        answer = os.fsdecode(self._run("rev-parse", "--git-path", "index").removesuffix(b"\n"))
        return os.path.realpath(os.path.join(self.root, answer))

    def entries(self, paths: Iterable[str], index: str = "") -> dict[str, Entry]:
        """What the index (or the one in the file `index`) has of `paths`; what is not there or in conflict is left out."""
        found: dict[str, Entry] = {}
        # Few by name, many by listing everything: a command line has an end.
        wanted = set(paths)
        named = sorted(wanted) if len(wanted) <= 50 else []
        if not wanted:
            return found
        out = self._run("--literal-pathspecs", "ls-files", "-v", "-s", "-z", "--", *named, index=index)
        for line in out.split(b"\0")[:-1]:
            meta, _, name = line.partition(b"\t")
            tag, mode, blob, stage = meta.decode("ascii").split()
            path = os.fsdecode(name)
            if stage == "0" and path in wanted:
                found[path] = Entry(mode, blob, away=tag in "Ss", unchanged=tag.islower())
        return found

    def store(self, data: bytes) -> str:
        """The object that holds `data`, no filter applied."""
        return self._run("hash-object", "-w", "-t", "blob", "--stdin", feed=data).decode("ascii").strip()

    def put(self, path: str, data: bytes, old: Entry, index: str) -> None:
        """Stages `data` in place of `old` in the index that the file `index` holds."""
        line = f"{old.mode} {self.store(data)} 0\t".encode() + os.fsencode(path) + b"\0"
        self._run("update-index", "-z", "--index-info", feed=line, index=index)
        # Replacing an entry clears its marks; they are the owner's (sparse checkout, `--assume-unchanged`).
        for mark in (*(("--skip-worktree",) * old.away), *(("--assume-unchanged",) * old.unchanged)):
            self._run("update-index", mark, "-z", "--stdin", feed=os.fsencode(path) + b"\0", index=index)

    def refresh(self, index: str) -> None:
        """Lets the index in the file `index` note the times of the files on disk, so that git need not read them again."""
        self._try("update-index", "-q", "--refresh", index=index)  # what differs from the disk is no trouble here

    def checked_out(self, blob: str, path: str) -> bytes:
        """An object as it would stand on disk at `path`: line endings, encoding and filters as the attributes say."""
        return self._run("cat-file", "--filters", f"--path={path}", blob)

    def merge(self, ours: str, base: str, theirs: str) -> bytes | None:
        """The three-way merge of three files on disk; None when both sides changed the same lines."""
        status, out, err = self._try("merge-file", "-p", "-q", "--", ours, base, theirs)
        if status > 127:
            raise _refused("merge-file", err)
        return None if status else out

    def place(self, name: str) -> str:
        """Where git keeps `name` (`hooks`: as core.hooksPath says), in full: for a linked work tree, a submodule or a bare
        parent not where one would look."""
        answer = os.fsdecode(self._run("rev-parse", "--git-path", name).removesuffix(b"\n").removesuffix(b"\r"))
        return os.path.normpath(os.path.join(self.root, answer))

    def common_dir(self) -> str:
        """What all work trees of this repository share."""
        answer = os.fsdecode(self._run("rev-parse", "--git-common-dir").removesuffix(b"\n").removesuffix(b"\r"))
        return os.path.normpath(os.path.join(self.root, answer))

    def setting(self, name: str, *, local: bool = False) -> str:
        """The last value git has for a setting; "" for none. `local`: what the repository itself says."""
        status, out, err = self._try("config", *(["--local"] if local else []), "-z", "--get", name)
        if status > 1:
            raise _refused("config", err)
        return os.fsdecode(out.removesuffix(b"\0")) if status == 0 else ""

    def set_setting(self, name: str, value: str) -> None:
        """Says it in the repository's own configuration, in place of all it said before."""
        self._run("config", "--local", "--replace-all", name, value)

    def drop_settings(self, section: str) -> None:
        """Takes a section with all its settings out of the repository's own configuration."""
        self._run("config", "--local", "--remove-section", section)

    def knows_hooks_in_settings(self) -> bool:
        """Whether git runs what `hook.NAME.command` and `hook.NAME.event` say (from 2.54 on). Older ones know no `git hook
        list`: status 129. Without a hook to list it is 1. (https://git-scm.com/docs/git-hook)"""
        status, _, _ = self._try("hook", "list", "pre-commit")
        return status in (0, 1)

    def remotes(self) -> tuple[str, ...]:
        """The addresses of the remotes; `origin` first."""
        status, out, _ = self._try("config", "-z", "--get-regexp", r"^remote\..*\.url$")
        pairs = [os.fsdecode(line).partition("\n") for line in out.split(b"\0")[:-1]] if status == 0 else []
        return tuple(url for name, _, url in sorted(pairs, key=lambda pair: pair[0] != "remote.origin.url"))

    def _run(self, *args: str, index: str = "", feed: bytes | None = None) -> bytes:
        status, out, err = self._try(*args, index=index, feed=feed)
        if status:
            raise _refused(next(arg for arg in args if not arg.startswith("-")), err)
        return out

    def _try(
        self, *args: str, index: str = "", feed: bytes | None = None, meanwhile: Callable[[], object] = tuple
    ) -> tuple[int, bytes, bytes]:
        process = self._start(*args, index=index, fed=feed is not None)
        try:
            meanwhile()
        except BaseException:
            process.kill()
            process.communicate()
            raise
        out, err = process.communicate(feed)
        return process.wait(), out, err

    def _start(self, *args: str, index: str = "", fed: bool = False) -> Child | subprocess.Popen[bytes]:
        where: tuple[str, ...] = ()
        if "GIT_DIR" in os.environ or "GIT_WORK_TREE" in os.environ:
            # Said again in full: they may be relative to the folder devsec was started in.
            where = (f"--git-dir={self.git_dir}", f"--work-tree={self.root}")
        return _start((*where, *_SETTINGS, *args), self.root, fed, index)


class Answers:
    """What `git cat-file` has to say of objects: each is asked for, and heard to its end, before the next."""

    def __init__(self, process: Child | subprocess.Popen[bytes]) -> None:
        from threading import Thread

        self._process = process
        self._said: list[bytes] = []
        # It may complain of more than a pipe holds.
        self._listener = Thread(target=_drain, args=(process.stderr, self._said), daemon=True)
        self._listener.start()

    def ask(self, blob: str) -> None:
        assert self._process.stdin
        with suppress(OSError):  # git has gone: who hears finds out, and says why
            self._process.stdin.write(blob.encode("utf-8") + b"\n")
            self._process.stdin.flush()

    def hear(self, blob: str, most: int = 0) -> bytes | Large:
        """The object that was asked for; of one with more than `most` bytes (0: no limit) its beginning. Raises GitError."""
        assert self._process.stdout
        return _object(self._process.stdout, blob, most, self._refused)

    def _refused(self) -> GitError:
        self._process.kill()
        self._listener.join()
        return _refused("cat-file", b"".join(self._said))

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert stream
            with suppress(OSError):  # something was left to be said to one who has gone
                stream.close()


def whole(objects: Iterable[tuple[str, bytes | Large]]) -> Iterator[tuple[str, bytes]]:
    """Objects that were read without a limit."""
    for blob, data in objects:
        assert isinstance(data, bytes)
        yield blob, data


def _object(out: IO[bytes], blob: str, most: int, refused: Callable[[], GitError]) -> bytes | Large:
    """The next object that `git cat-file --batch` tells."""
    header = out.readline()
    if not header:
        raise refused()
    words = header.decode("utf-8", "replace").split()
    if len(words) != 3 or not words[2].isdigit():
        raise GitError(
            f"object {blob} is missing from the repository",
            "Run `git fsck`; in a shallow or partial clone, fetch what is missing.",
        )
    size = int(words[2])
    if most and size > most:
        data = out.read(PEEK)
        left = size + 1 - len(data)
        while left > 0 and (dropped := out.read(min(left, 1 << 20))):
            left -= len(dropped)
        if left:
            raise refused()
        return Large(size, data)
    data = out.read(size + 1)  # with the newline that ends it
    if len(data) != size + 1:
        raise refused()
    return data[:-1]


def version() -> str:
    """What git calls itself: `2.39.5`. GitError when there is none."""
    process = _start(("--version",), os.getcwd())
    out, err = process.communicate()
    if process.returncode:
        raise _refused("--version", err)
    return os.fsdecode(out).strip().removeprefix("git version ")


@lru_cache(maxsize=4096)  # of thousands of files most share their folder
def _inside(root: str, folder: str) -> str | None:
    """What stands before the names of the files of a folder as git has them; None when it is outside."""
    full = real(os.path.abspath(folder)).rstrip(os.sep) + os.sep
    root = root.rstrip(os.sep) + os.sep
    return full[len(root) :].replace(os.sep, "/") if full.startswith(root) else None


def _look_around(start: str) -> Repository | None:
    """Walks up to the first `.git`. None when there is none, or when it is not the plain case and git should say."""
    folder = start
    while True:
        dot_git = os.path.join(folder, ".git")
        if os.path.isdir(dot_git):
            return Repository(folder, dot_git) if _is_plain(dot_git) else None
        if os.path.isfile(dot_git):
            git_dir = _gitdir_file(dot_git)
            return Repository(folder, git_dir) if git_dir else None
        inside_git_dir = os.path.isfile(os.path.join(folder, "HEAD")) and os.path.isdir(os.path.join(folder, "objects"))
        parent = os.path.dirname(folder)
        if inside_git_dir or parent == folder:
            return None
        folder = parent


def _is_plain(git_dir: str) -> bool:
    """A repository whose configuration puts its work tree nowhere else (core.worktree, core.bare, an include)."""
    try:
        with open(os.path.join(git_dir, "config"), "rb") as file:
            config = file.read().lower()
    except OSError:
        return False
    if b"worktree" in config or b"[include" in config or re.search(rb"\bbare\b(?!\s*=\s*false\b)", config):
        return False
    return os.path.lexists(os.path.join(git_dir, "HEAD"))


def _gitdir_file(dot_git: str) -> str | None:
    """Where the `.git` file of a linked work tree or of a submodule points."""
    try:
        with open(dot_git, "rb") as file:
            content = file.read(5000)
    except OSError:
        return None
    if not content.startswith(b"gitdir: "):
        return None
    target = os.fsdecode(content[len(b"gitdir: ") :].rstrip(b"\r\n"))
    git_dir = os.path.normpath(os.path.join(os.path.dirname(dot_git), target))
    return git_dir if os.path.lexists(os.path.join(git_dir, "HEAD")) else None


def _ask_git(start: str) -> Repository:
    # One question a process: a folder's name may hold a newline.
    git_dir = _answer(start, "--absolute-git-dir")
    if _answer(start, "--is-bare-repository") == "true":
        raise GitError(f"{git_dir} is a bare repository: it has no work tree and nothing staged", _NOT_HERE)
    return Repository(os.path.realpath(_answer(start, "--show-toplevel")), git_dir)


def _answer(start: str, question: str) -> str:
    process = _start(("rev-parse", question), start)
    out, err = process.communicate()
    if process.returncode:
        raise _refused("rev-parse", err, _NOT_HERE)
    return os.fsdecode(out.removesuffix(b"\n").removesuffix(b"\r"))


def _start(args: tuple[str, ...], cwd: str, fed: bool = False, index: str = "") -> Child | subprocess.Popen[bytes]:
    if not os.path.isdir(cwd):
        raise GitError(f"{cwd}: no such folder")
    try:
        return start(("git", "-C", cwd, *args), {**os.environ, "GIT_INDEX_FILE": index} if index else None, fed)
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise GitError(
            f"git could not be started: {error.strerror}",
            "Install git, or put it on the PATH that devsec sees.",
        ) from None


def _feed(stdin: IO[bytes], lines: Iterable[str]) -> None:
    try:
        with stdin:
            stdin.write("".join(f"{line}\n" for line in lines).encode("utf-8"))
    except OSError:
        pass  # git has gone: the reader finds out, and says why


def _fields(out: IO[bytes], status: Callable[[], int], refused: Callable[[], GitError]) -> Iterator[bytes]:
    """What stands between NUL bytes, while it comes. Raises when git stopped before it had said all."""
    left = b""
    while piece := out.read(1 << 16):
        whole = (left + piece).split(b"\0")
        left = whole.pop()
        yield from whole
    if status() or left:
        raise refused()


def _drain(stderr: IO[bytes], into: list[bytes]) -> None:
    into.append(stderr.read())


def _refused(command: str, stderr: bytes, hint: str = "") -> GitError:
    said = stderr.decode("utf-8", "replace").partition("\nusage:")[0].strip()  # the reason, not two pages of options
    said = said.removeprefix("fatal: ").removeprefix("error: ") or "git said nothing more"
    if "safe.directory" in said:
        hint = "The repository belongs to somebody else. If you trust it, do what git proposes above."
    return GitError(f"git {command}: {said}", hint or "Try the same with git itself in this folder.")


def _is_regular(mode: str) -> bool:
    return mode.startswith("100")


def _parse_raw(out: bytes) -> tuple[Change, ...]:
    """`:mode mode blob blob status NUL path NUL`, with a second path for renames; sorted, whatever git's order."""
    fields = iter(out.split(b"\0")[:-1])
    changes = []
    for meta in fields:
        base_mode, mode, base_blob, blob, status = meta.decode("ascii").removeprefix(":").split(" ")
        base_path = os.fsdecode(next(fields))
        path = os.fsdecode(next(fields)) if status[0] in "RC" else base_path
        change = _change(base_mode, mode, base_blob, blob, status[0], base_path, path)
        if change:
            changes.append(change)
    return tuple(sorted(changes, key=lambda c: (c.path, c.base_path)))


def _change(
    base_mode: str, mode: str, base_blob: str, blob: str, status: str, base_path: str, path: str
) -> Change | None:
    had, has = _is_regular(base_mode), _is_regular(mode)
    if status == "U":
        return Change(path, "", "", path if had else "", base_blob if had else "", "U")
    if had and has:
        return Change(path, blob, mode, base_path, base_blob, "M" if status == "T" else status)
    if has:
        return Change(path, blob, mode, "", "", "A")
    if had:
        return Change(base_path, "", "", base_path, base_blob, "D")
    return None
