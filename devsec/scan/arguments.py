"""Which argument of a call is which, positional or by keyword."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from devsec.catalog.rule import Test


class Arguments:
    """The arguments of one call. `starred`: with `*args` or `**kwargs` nothing can be said to be missing."""

    def __init__(self, args: Sequence[cst.Arg]) -> None:
        self.all = tuple(args)
        self.starred = any(arg.star for arg in args)
        self.positional: list[cst.Arg] = []
        for arg in args:
            if arg.star or arg.keyword is not None:
                break
            self.positional.append(arg)
        self.keywords = {arg.keyword.value: arg for arg in args if arg.keyword is not None}

    def get(self, label: str, tests: Sequence[Test]) -> cst.Arg | None:
        """The argument a rule calls `label`: the keyword, or what stands where a test's `at` says."""
        if label in self.keywords:
            return self.keywords[label]
        at = position(tests)
        if at is not None and at < len(self.positional):
            return self.positional[at]
        return None

    def values(self) -> Iterator[cst.BaseExpression]:
        for arg in self.all:
            if not arg.star:
                yield arg.value


def position(tests: Sequence[Test]) -> int | None:
    """Where the rule says the argument stands when positional."""
    return next((test.at for test in tests if test.at is not None), None)
