"""To which project does a file belong, what does that declare, and in which of its manifests does one more go?

The nearest folder upwards with a manifest is the project. There, the list that is installed for the project counts
before lists that people keep beside it; where two have equal right, nobody is asked to guess.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from devsec.fix.manifest import pip, pyproject, setupcfg, tomltext
from devsec.fix.manifest.files import Files
from devsec.fix.manifest.requirement import Declared
from devsec.fix.manifest.target import Target
from devsec.sources.decode import decode
from devsec.sources.source import Skipped, Source

# A lock, and what makes it anew.
_LOCKS = (("uv.lock", "uv lock"), ("poetry.lock", "poetry lock"), ("pdm.lock", "pdm lock"))


@dataclass
class Project:
    """What the manifests in `folder` say together.

    `path` is the manifest to name; `target` where a package can be added. Without one, `why_not` is the rest of a
    sentence that begins with the path and says what to do. `then` is what has to be done by hand afterwards.
    `aside` when all that stands here are lists for development.
    """

    folder: str
    path: str = ""
    declared: list[Declared] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    target: Target | None = None
    why_not: str = ""
    then: list[str] = field(default_factory=list)
    aside: bool = False


def project_of(path: str, files: Files) -> Project | None:
    """The project that the file at `path` (from the root) belongs to. None where no folder up to the root has one."""
    if posixpath.isabs(path) or path.startswith("../"):
        return None
    folder = posixpath.dirname(path)
    aside: Project | None = None  # lists for documentation or tests alone are no project, but what they declare counts
    while True:
        found = in_folder(folder, files)
        if found is not None and found.aside:
            aside = aside or found
        elif found is not None:
            if aside is not None and aside.folder:
                found.declared += [one._replace(role="") for one in aside.declared]
            return found
        if not folder:
            return aside
        folder = posixpath.dirname(folder)


def in_folder(folder: str, files: Files) -> Project | None:
    """The project whose manifests stand in this folder itself."""
    house = _House(folder, files)
    project = Project(folder)
    for read in (house.pyproject, house.setup_cfg, house.pipfile, house.requirements):
        read(project)
    house.choose(project)
    return project if project.path else None


class _House:
    """Reads the manifests of one folder. The methods add what each declares; `choose` says which one it is."""

    def __init__(self, folder: str, files: Files) -> None:
        self._folder, self._files = folder, files
        self._toml: pyproject.Project | None = None
        self._cfg: setupcfg.Setup | None = None
        self._pipfile: Target | None = None
        self._lists: dict[str, str] = {}
        self._broken: list[Skipped] = []

    def pyproject(self, project: Project) -> None:
        text = self._text("pyproject.toml")
        self._toml = pyproject.read(self._at("pyproject.toml"), text) if text is not None else None
        if self._toml is not None:
            project.declared += self._toml.declared
            project.names |= self._toml.names

    def setup_cfg(self, project: Project) -> None:
        text = self._text("setup.cfg")
        self._cfg = setupcfg.read(self._at("setup.cfg"), text) if text is not None else None
        if self._cfg is not None:
            project.declared += self._cfg.declared
            project.names |= self._cfg.names

    def pipfile(self, project: Project) -> None:
        text = self._text("Pipfile")
        if text is None:
            return
        path = self._at("Pipfile")
        self._pipfile = pyproject.keyed(path, ("packages",))
        document = tomltext.loads(text)
        if document is None:
            self._broken.append(Skipped(path, "is not TOML that can be read"))
        for table, role in (("packages", ""), ("dev-packages", pyproject.DEVELOPMENT)):
            for name, value in tomltext.table(document or {}, table).items():
                project.declared.append(pyproject.entry(name, value, path, role))

    def requirements(self, project: Project) -> None:
        for name in self._list_names():
            text = self._text(name)
            if text is not None:
                self._lists[self._at(name)] = text
        for path, text in self._lists.items():
            project.declared += pip.declarations(path, text, pip.role_of(path), self._text_at)

    # --- which one ---------------------------------------------------------------------------------------------------

    def choose(self, project: Project) -> None:
        for skipped in self._broken:
            self._refuse(project, skipped.path, skipped.reason)
            return
        toml, cfg = self._toml, self._cfg
        chosen = self._listed_in_toml(project)
        if not chosen and cfg is not None and (cfg.why_not or cfg.file or not cfg.bare):
            chosen = self._listed_in_cfg(project, cfg)
        setup_py = self._setup_py()
        if not chosen and self._pipfile is not None:
            project.path, project.target, chosen = self._pipfile.path, self._pipfile, True
        if not chosen and setup_py is not None and "install_requires" in setup_py:
            named = [path for path in self._lists if posixpath.basename(path) in setup_py]
            if not named:
                self._refuse(project, self._at("setup.py"), _PROGRAM, "add it to install_requires there")
                chosen = True
        if not chosen and self._lists:
            chosen = self._by_choice(project)
        if not chosen and toml is not None and toml.target is not None:
            project.path, project.target, chosen = toml.target.path, toml.target, True
        if not chosen and cfg is not None and cfg.target is not None:
            project.path, project.target, chosen = cfg.target.path, cfg.target, True
        if not chosen and setup_py is not None:
            self._refuse(project, self._at("setup.py"), _PROGRAM)
        if project.path:
            project.then += self._to_make_anew(project)

    def _listed_in_toml(self, project: Project) -> bool:
        toml, path = self._toml, self._at("pyproject.toml")
        if toml is None or toml.bare:
            return False
        if toml.why_not:
            self._refuse(project, path, toml.why_not)
        elif toml.target is not None and self._pipfile is not None:
            self._refuse(project, path, f"and {self._pipfile.path} may both be the list", _YOURS)
        elif toml.target is not None:
            project.path, project.target = path, toml.target
        elif toml.files:
            self._in_files(project, path, toml.files)
        elif self._cfg is not None and self._cfg.target is not None and not self._cfg.bare:
            return False
        else:
            self._refuse(project, path, "says that its dependencies are dynamic", "add it where they are made")
        return True

    def _listed_in_cfg(self, project: Project, cfg: setupcfg.Setup) -> bool:
        path = self._at("setup.cfg")
        if cfg.why_not:
            self._refuse(project, path, cfg.why_not)
        elif cfg.file:
            self._in_files(project, path, (cfg.file,))
        elif self._pipfile is not None:
            self._refuse(project, path, f"and {self._pipfile.path} may both be the list", _YOURS)
        else:
            project.path, project.target = path, cfg.target
        return True

    def _in_files(self, project: Project, by: str, names: tuple[str, ...]) -> None:
        """Requirements files that another manifest names as its list."""
        texts = {
            posixpath.normpath(self._at(name)): self._text_at(posixpath.normpath(self._at(name))) for name in names
        }
        there = {path: text for path, text in texts.items() if text is not None}
        for path, text in there.items():
            if path not in self._lists:
                project.declared += pip.declarations(path, text, "", self._text_at)
        if len(there) != 1 or len(texts) != 1:
            self._refuse(project, by, f"takes its dependencies from {' and '.join(names)}", _YOURS)
            return
        (path,) = there
        source = path.removesuffix(".txt") + ".in"
        if path.endswith(".txt") and (inner := self._text_at(source)) is not None:
            project.declared += pip.declarations(source, inner, "", self._text_at)
            project.then.append(_compile(path, there[path]))
            path, there = source, {source: inner}
        project.path = path
        if pip.hashed(there[path]):
            project.why_not = _HASHED
        else:
            project.target = pip.target(path)

    def _by_choice(self, project: Project) -> bool:
        chosen = pip.choose(self._lists)
        bare = (self._toml is not None and self._toml.bare) or (self._cfg is not None and self._cfg.bare)
        if bare and not chosen.main:
            return False  # lists for other things beside a project that has none of its own yet
        if chosen.path:
            project.path = chosen.path
            if pip.hashed(self._lists[chosen.path]):
                project.why_not = _HASHED
            else:
                project.target = pip.target(chosen.path)
        else:
            project.aside = all(pip.role_of(path) for path in self._lists) and self._setup_py() is None
            self._refuse(project, sorted(self._lists)[0], f"may not be the list, since {chosen.why_not}", _YOURS)
        project.then += [_compile(path, self._lists[path]) for path in chosen.compile]
        return True

    def _refuse(self, project: Project, path: str, why: str, do: str = "add it there") -> None:
        project.path, project.target, project.why_not = path, None, f"{why}: {do}"

    def _to_make_anew(self, project: Project) -> Iterator[str]:
        name = posixpath.basename(project.path)
        if name == "Pipfile" and self._text("Pipfile.lock") is not None:
            yield "pipenv lock"
        if name == "pyproject.toml":
            folder = self._folder
            while True:  # the members of a workspace have one lock, at its top
                for lock, command in _LOCKS:
                    if self._files.read(posixpath.join(folder, lock)) is not None:
                        yield command
                if not folder:
                    break
                folder = posixpath.dirname(folder)
        if name in ("pyproject.toml", "setup.cfg"):
            for path, text in self._lists.items():
                if path.endswith(".txt") and not pip.role_of(path) and pip.compiled(text):
                    yield f"make {path} anew"

    # --- reading -----------------------------------------------------------------------------------------------------

    def _list_names(self) -> list[str]:
        here = [name for name in self._files.names(self._folder) if pip.is_list(name)]
        fixed = [name for name in ("requirements.in", "requirements.txt") if name not in here]
        below = [
            f"requirements/{name}"
            for name in self._files.names(self._at("requirements"))
            if name.endswith((".txt", ".in")) and "constraint" not in name
        ]
        return [*here, *fixed, *below]

    def _at(self, name: str) -> str:
        return posixpath.join(self._folder, name)

    def _setup_py(self) -> str | None:
        """The text of a setup.py that builds something: many a module has that name for other reasons."""
        text = self._text("setup.py")
        return text if text is not None and re.search(r"\b(?:setuptools|distutils|skbuild)\b", text) else None

    def _text(self, name: str) -> str | None:
        return self._text_at(self._at(name))

    def _text_at(self, path: str) -> str | None:
        """None when there is no such file. One that cannot be read is noted: nobody may say what it declares."""
        data = None if path.startswith("../") else self._files.read(path)
        if data is None:
            return None
        text = data if isinstance(data, Skipped) else decode(Source(path, data))
        if isinstance(text, Skipped):
            self._broken.append(Skipped(path, "cannot be read: " + text.reason.rstrip(".")))
            return None
        return text.text.decode("utf-8")


_HASHED = "pins hashes, which devsec does not know: add it there with its own"
_PROGRAM = "is a program, which devsec does not change"
_YOURS = "add it to the one that is"


def _compile(path: str, text: str) -> str:
    """The command that makes a requirements file from its source."""
    source = path.removesuffix(".txt") + ".in"
    return f"uv pip compile {source} -o {path}" if "uv pip compile" in text[:2000] else f"pip-compile {source}"
