"""How does a page keep a part that another program writes? Between two comments with the part's name."""

from __future__ import annotations


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"


def empty(name: str) -> str:
    """A place for it."""
    return "".join(_marks(name))


def held(page: str, name: str) -> str:
    """What the page has between the marks, "" without them."""
    start, end = _marks(name)
    return page.partition(start)[2].partition(end)[0] if start in page else ""


def put(page: str, name: str, text: str) -> str:
    """The page with that text between the marks: in place of what is there, or at the end."""
    start, end = _marks(name)
    if start not in page:
        return f"{page.rstrip()}\n\n{start}{text}{end}"
    before, _, rest = page.partition(start)
    return before + start + text + end + rest.partition(end)[2]
