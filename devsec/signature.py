"""Which arguments does a callable take?

The standard library is imported and asked. Nothing else is: importing runs code, and a rule is data. What is installed
beside devsec is read (`devsec/installed.py`); of everything else nothing is known.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import sys
import types
import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any

from devsec.installed import Class, Function, Installed, Instance, Real, Thing, folders
from devsec.record import Record


class Callee(Record):
    """Takes the arguments of any of these signatures."""

    signatures: tuple[inspect.Signature, ...]


class Missing(Record):
    """The name is surely not there. `home` is what was looked at, in words."""

    home: str


@cache
def lookup(name: str) -> Callee | Missing | None:
    """What the callable of a qualified name takes; None when nobody can tell."""
    first = name.partition(".")[0]
    if first in sys.stdlib_module_names:
        real = _of_library(name)
        if real == ():
            return Missing(f"the standard library of Python {sys.version_info.major}.{sys.version_info.minor}")
        return _any_of([_asked(real[0])]) if real else None
    found = _installed().find(name)
    if found == ():
        return Missing(f"the installed {first}")
    return _any_of([_takes(it) for it in found]) if found else None


@cache
def lookup_method(name: str, method: str) -> Callee | Missing | None:
    """What `name(…).method` takes, where `name` is a class; None when nobody can tell."""
    first = name.partition(".")[0]
    if first in sys.stdlib_module_names:
        real = _of_library(name)
        return _any_of([_method_of_real(real[0], method)]) if real else None
    installed = _installed()
    found = installed.find(name)
    if not found:
        return None
    made = [Instance(it) for it in found if isinstance(it, Class)]
    members = installed.members(made, method) if len(made) == len(found) else None
    if members == ():
        return Missing(f"the installed {first}")
    return _any_of([_takes(it) for it in members]) if members else None


def refuses(callee: Callee, call: ast.Call) -> str:
    """Why a call would raise a TypeError before anything runs; "" when it would not, or nobody knows."""
    if any(isinstance(arg, ast.Starred) for arg in call.args) or any(word.arg is None for word in call.keywords):
        return ""  # nobody knows what they hold
    reason = ""
    for signature in callee.signatures:
        try:
            signature.bind(*([None] * len(call.args)), **{word.arg: None for word in call.keywords if word.arg})
        except TypeError as error:
            reason = reason or str(error)
        else:
            return ""
    return reason


@cache
def _installed() -> Installed:
    return Installed(folders(), _of_library)


def _any_of(signatures: Sequence[Sequence[inspect.Signature] | None]) -> Callee | None:
    known = [it for it in signatures if it]
    return Callee(tuple(itertools.chain(*known))) if known and len(known) == len(signatures) else None


# --- the standard library ------------------------------------------------------------------------------------------------


def _of_library(name: str) -> tuple[Any, ...] | None:
    """What a name of the standard library refers to: `(it,)`, `()` when it is not there, None when nobody can tell."""
    parts = name.split(".")
    if parts[0] not in sys.stdlib_module_names or parts[0] in ("antigravity", "this"):
        return None
    at: Any = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated modules say so
        length = 0
        while length < len(parts):
            try:
                at = importlib.import_module(".".join(parts[: length + 1]))
            except ImportError:  # the rest are names in it
                break
            length += 1
        if length == 0:
            return None  # a module of another platform
        for part in parts[length:]:
            try:
                at = getattr(at, part)
            except AttributeError:
                return ()
    return (at,)


def _asked(callee: Any) -> tuple[inspect.Signature, ...] | None:
    try:
        return (inspect.signature(callee),)
    except (TypeError, ValueError):
        return None  # written in C without a word about its arguments


def _method_of_real(one: Any, name: str) -> Sequence[inspect.Signature] | None:
    """None also for what the class does not have: its instances may."""
    if not isinstance(one, type):
        return None
    plain = inspect.getattr_static(one, name, None)
    known = _asked(getattr(one, name)) if plain is not None else None
    if known is None or isinstance(plain, (staticmethod, classmethod)):
        return known
    if isinstance(plain, (types.FunctionType, types.MethodDescriptorType)):
        return [_without_first(known[0])]
    return None


# --- what is installed ---------------------------------------------------------------------------------------------------


def _takes(thing: Thing) -> Sequence[inspect.Signature] | None:
    if isinstance(thing, Function):
        signature = _signature(thing)
        return [_without_first(signature) if thing.bound else signature]
    if isinstance(thing, Class):
        return _making(thing)
    return _asked(thing.value) if isinstance(thing, Real) else None


def _making(one: Class) -> Sequence[inspect.Signature] | None:
    """What calling the class takes."""
    installed = _installed()
    if not installed.ordinary(one):
        return None
    found = installed.members([one], "__init__"), installed.members([one], "__new__")
    if None in found or all(found):
        return None  # not to be seen, or two that have to agree
    makers = found[0] or found[1] or ()
    if not makers:
        return [inspect.Signature()]
    signatures: list[inspect.Signature] = []
    for maker in makers:
        if isinstance(maker, Function):
            signatures.append(_without_first(_signature(maker)))
        else:
            known = _asked(maker.value) if isinstance(maker, Real) else None
            if not known:
                return None
            signatures.append(_without_first(known[0]))
    return signatures


def _without_first(signature: inspect.Signature) -> inspect.Signature:
    parameters = list(signature.parameters.values())
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return (
        signature.replace(parameters=parameters[1:]) if parameters and parameters[0].kind in positional else signature
    )


def _signature(function: Function) -> inspect.Signature:
    spec = function.node.args
    needed = len(spec.posonlyargs) + len(spec.args) - len(spec.defaults)
    made: list[inspect.Parameter] = []

    def add(arg: ast.arg, kind: Any, optional: bool = False) -> None:
        # Stubs forget defaults: that of cryptography's HKDF wants the salt, which HKDF does not.
        default = None if optional or function.stub else inspect.Parameter.empty
        several = kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        made.append(inspect.Parameter(arg.arg, kind, default=inspect.Parameter.empty if several else default))

    for at, arg in enumerate([*spec.posonlyargs, *spec.args]):
        only = at < len(spec.posonlyargs)
        kind = inspect.Parameter.POSITIONAL_ONLY if only else inspect.Parameter.POSITIONAL_OR_KEYWORD
        add(arg, kind, at >= needed)
    if spec.vararg:
        add(spec.vararg, inspect.Parameter.VAR_POSITIONAL)
    for arg, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        add(arg, inspect.Parameter.KEYWORD_ONLY, default is not None)
    if spec.kwarg:
        add(spec.kwarg, inspect.Parameter.VAR_KEYWORD)
    return inspect.Signature(made)
