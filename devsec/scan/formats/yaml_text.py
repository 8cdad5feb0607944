"""Where do the scalars of a YAML text stand, and under which keys?

Read from libyaml's events: an alias is an event like any other, so nothing is ever expanded, and no tree is built that
could be deep. Kubernetes' `name`/`value` pairs, its Secrets in base64 and Compose's lists of `NAME=value` are read as
what they mean.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from devsec.scan.formats.found import Found, NotThisFormat

MAX_DEPTH = 200
_SEALED = frozenset(
    [
        "SealedSecret",
        "ExternalSecret",
        "ClusterExternalSecret",
        "SecretProviderClass",
        "SecretStore",
        "VaultStaticSecret",
    ]
)


class _Frame:
    """An open mapping or sequence."""

    __slots__ = ("held", "key", "mapping", "named")

    def __init__(self, mapping: bool) -> None:
        self.mapping = mapping
        self.key: str | None = None  # the key whose value comes next
        self.named = ""  # the scalar under `name` or `key`
        self.held: list[Found] = []  # what stood under `value`, until the mapping's `name` is known


def read(text: str) -> Iterator[Found]:
    """Every scalar that is a value. NotThisFormat where libyaml refuses."""
    import yaml  # 30 ms; only where a YAML file is looked at

    if text.count("[") + text.count("{") > 20_000 and re.search(r"[\[{]{200}", text):
        raise NotThisFormat(f"nested more than {MAX_DEPTH} deep", fatal=True)
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: list[Found] = []  # of one document
    stack: list[_Frame] = []
    try:
        for event in yaml.parse(text, Loader=loader):
            kind = type(event).__name__
            if kind == "DocumentEndEvent":
                yield from _of_kubernetes(found)
                found = []
            elif kind in ("MappingStartEvent", "SequenceStartEvent"):
                if len(stack) >= MAX_DEPTH:
                    raise NotThisFormat(f"nested more than {MAX_DEPTH} deep", fatal=True)
                if _awaits_key(stack):
                    stack[-1].key = "?"  # a mapping as a key
                stack.append(_Frame(kind == "MappingStartEvent"))
            elif kind in ("MappingEndEvent", "SequenceEndEvent"):
                frame = stack.pop()
                found += [
                    one._replace(keys=(*one.keys[:-1], frame.named)) if frame.named else one for one in frame.held
                ]
                _done(stack)
            elif kind == "AliasEvent":
                if _awaits_key(stack):
                    stack[-1].key = "?"
                else:
                    _done(stack)
            elif kind == "ScalarEvent":
                if _awaits_key(stack):
                    stack[-1].key = str(getattr(event, "value", ""))
                else:
                    _scalar(event, text, stack, found)
                    _done(stack)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise NotThisFormat(f"not YAML: {str(error).partition(chr(10))[0]}") from None


def _awaits_key(stack: list[_Frame]) -> bool:
    return bool(stack) and stack[-1].mapping and stack[-1].key is None


def _done(stack: list[_Frame]) -> None:
    """A value has been read: the next thing in a mapping is a key."""
    if stack and stack[-1].mapping:
        stack[-1].key = None


def _scalar(event: Any, text: str, stack: list[_Frame], found: list[Found]) -> None:
    if event.tag and not event.tag.startswith("tag:yaml.org,"):
        return  # !vault, !Ref, !Sub, !secret: the value is elsewhere, or not in the clear
    keys = tuple(frame.key for frame in stack if frame.key is not None)
    start, end = event.start_mark.index, event.end_mark.index
    if event.style in ("'", '"'):
        start, end = start + 1, end - 1
    elif event.style in ("|", ">"):
        start = min(end, text.find("\n", start) + 1 or end)
        raw = text[start:end]
        start += len(raw) - len(raw.lstrip())
        end -= len(raw) - len(raw.rstrip())
        end = max(start, end)
    elif event.tag is None and event.value in ("", "~", "null", "true", "false"):
        return
    one = Found(keys, event.value, start, end)
    frame = stack[-1] if stack else None
    if frame is not None and frame.mapping:
        if frame.key in ("name", "Name", "key", "variable"):
            frame.named = event.value
        elif frame.key in ("value", "Value"):
            frame.held.append(one)
            return
    elif keys and keys[-1].lower() in ("environment", "env", "args", "build_args"):
        name, equals, value = event.value.partition("=")
        if equals and re.fullmatch(r"[A-Za-z_]\w*", name) and text[start:end] == event.value:
            one = Found((*keys, name), value, start + len(name) + 1, end)
    found.append(one)


def _of_kubernetes(found: list[Found]) -> Iterator[Found]:
    """A Secret holds base64 of what it holds; a SealedSecret and an ExternalSecret hold none."""
    kind = next((one.value for one in found if one.keys == ("kind",)), "")
    for one in found:
        if kind in _SEALED:
            continue
        if kind == "Secret" and one.keys[:1] == ("data",) and one.value:
            import base64  # only in a Secret

            with contextlib.suppress(ValueError):  # no base64 of a text: as it stands
                one = one._replace(value=base64.b64decode("".join(one.value.split()), validate=True).decode("utf-8"))
            one = one._replace(format="kubernetes secret")
        elif kind == "Secret" and one.keys[:1] == ("stringData",):
            one = one._replace(format="kubernetes secret")
        yield one
