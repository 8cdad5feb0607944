"""What does Backstage say of a folder? The components in its `catalog-info.yaml`.

https://backstage.io/docs/features/software-catalog/descriptor-format : `spec.lifecycle` and `spec.type`, tags, and labels and
annotations under names that organisations use for this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from devsec.catalog.yaml_read import Node, read
from devsec.contexts import WORDS, Entry
from devsec.errors import RuleError
from devsec.record import Record
from devsec.suggest.proposal import Proposed, as_glob, entry, sayable

NAMES = ("catalog-info.yaml", "catalog-info.yml")
_LIFECYCLES = {
    **{word: word for word in WORDS["lifecycle"]},
    "prod": "production",
    "live": "production",
    "poc": "experimental",
    "alpha": "experimental",
    "beta": "experimental",
    "retired": "deprecated",
}
_EXPOSURES = {
    **{word: word for word in WORDS["exposure"]},
    "external": "public",
    "internet": "public",
    "internet-facing": "public",
    "public-facing": "public",
    "private": "internal",
}
_DATA = {
    **{word: word for word in WORDS["data"]},
    "confidential": "sensitive",
    "restricted": "sensitive",
    "secret": "sensitive",
    "personal": "sensitive",
    "pii": "sensitive",
    "phi": "sensitive",
    "pci": "sensitive",
}
_MEANT = {"exposure": _EXPOSURES, "data": _DATA, "lifecycle": _LIFECYCLES}
# Under which names, after the last `/`, labels and annotations speak of it.
_KEYS = {
    "exposure": "exposure",
    "visibility": "exposure",
    "audience": "exposure",
    "data": "data",
    "data-class": "data",
    "data-classification": "data",
    "data-sensitivity": "data",
    "lifecycle": "lifecycle",
}
# Tags that are labels: rules of a pack may ask for them.
_LABELS = ("pci", "pci-dss", "pii", "phi", "gdpr", "hipaa", "sox")
_SENSITIVE = ("pci", "pci-dss", "pii", "phi", "hipaa", "sensitive", "confidential")
_LOCATION = "backstage.io/source-location"
_DOCUMENT = re.compile(r"(?m)^---(?:[ \t].*)?$")


class _Fact(Record):
    key: str
    word: str
    because: str


def proposed(path: str, data: bytes) -> Proposed:
    """The contexts that the file at `path` speaks of."""
    entries: list[Entry] = []
    remarks: list[str] = []
    seen: dict[tuple[str, str], str] = {}
    try:
        documents = list(_documents(data, path))
    except (RuleError, UnicodeDecodeError) as error:
        reason = error.message if isinstance(error, RuleError) else f"{path}: not UTF-8"
        return Proposed((), (f"{reason}: not read",))
    for node in documents:
        if _text(node, "kind").lower() != "component" or not _text(node, "apiVersion").startswith("backstage.io/"):
            continue
        folder = _folder(node, path)
        glob = as_glob(folder)
        if not glob or not sayable(path):
            remarks.append(f"{path}: no glob says {folder!r}: left out")
            continue
        values: dict[str, str] = {}
        why: list[str] = []
        for fact in _facts(node):
            said = values.get(fact.key) or seen.get((glob, fact.key))
            if said and said != fact.word:
                remarks.append(f"{path}: {fact.key} of {glob} is {said} and {fact.word}: the first counts")
                continue
            if fact.key not in values and (glob, fact.key) not in seen:
                values[fact.key] = fact.word
                why.append(fact.because)
            seen.setdefault((glob, fact.key), fact.word)
        labels = tuple(sorted({tag for tag in _list(node, "tags") if tag in _LABELS}))
        more = [label for label in labels if f"tag {label}" not in why]
        if more:
            why.append("tags " + ", ".join(more))
        if values or labels:
            name = _text(_at(node, "metadata"), "name") or "a component"
            entries.append(entry((glob,), f"{path}: {name} has {', '.join(dict.fromkeys(why))}", values, labels))
    return Proposed(tuple(entries), tuple(remarks))


def _documents(data: bytes, path: str) -> Iterator[Node]:
    for text in _DOCUMENT.split(data.decode("utf-8-sig").replace("\r\n", "\n")):
        if any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
            yield read(text.encode(), path)


def _facts(node: Node) -> Iterator[_Fact]:
    spec = _at(node, "spec")
    lifecycle = _text(spec, "lifecycle")
    if lifecycle.lower() in _LIFECYCLES:
        yield _Fact("lifecycle", _LIFECYCLES[lifecycle.lower()], f"lifecycle {lifecycle}")
    for kind in ("labels", "annotations"):
        for name, value in _entries(_at(_at(node, "metadata"), kind)).items():
            key = _KEYS.get(name.rpartition("/")[2].lower().replace("_", "-"), "")
            word = str(value.plain()).lower()
            if key and word in _MEANT[key]:
                yield _Fact(key, _MEANT[key][word], f"{name} {word}")
    for tag in _list(node, "tags"):
        if tag in _EXPOSURES:
            yield _Fact("exposure", _EXPOSURES[tag], f"tag {tag}")
        if tag in _SENSITIVE:
            yield _Fact("data", "sensitive", f"tag {tag}")
    if _text(spec, "type").lower() == "website":
        yield _Fact("exposure", "public", "type website")


def _folder(node: Node, path: str) -> str:
    """Where the component's code is: the file's own folder, unless an annotation names another one of the same repository."""
    own = path.rpartition("/")[0]
    location = _text(_at(_at(node, "metadata"), "annotations"), _LOCATION)
    found = re.fullmatch(r"url:https://[^\s?#]+?/(?:-/)?(?:tree|blob|src)/[^/\s?#]+/([^\s?#]*)", location)
    if found is None:
        return own
    named = found[1].strip("/")
    return own if not named or ".." in named.split("/") or not own.startswith(named) else named


def _entries(node: Node | None) -> Mapping[str, Node]:
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _at(node: Node | None, key: str) -> Node | None:
    return _entries(node).get(key)


def _text(node: Node | None, key: str) -> str:
    value = _at(node, key)
    return value.value if value is not None and isinstance(value.value, str) else ""


def _list(node: Node, key: str) -> list[str]:
    value = _at(_at(node, "metadata"), key)
    items = value.value if value is not None and isinstance(value.value, list) else []
    return [item.value.lower() for item in items if isinstance(item.value, str)]
