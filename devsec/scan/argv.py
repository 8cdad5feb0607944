"""How does a command for the shell read as a list of arguments, with no shell between?

`f"du -sh '{path}'"` becomes `["du", "-sh", path]`. Only where the shell does nothing but take it apart: no pipes, no
variables, no wildcards, and a program at its head.
"""

from __future__ import annotations

import libcst as cst

from devsec.scan import plain, values
from devsec.scan.module import Module
from devsec.scan.names import Names
from devsec.scan.pieces import Piece, Unreadable, read

# What means something to a POSIX shell outside quotes; and between double quotes.
_META = frozenset("|&;<>()$`\\*?[]#~!{}\n\r")
_META_QUOTED = frozenset("$`\\{}")
# What only a shell knows, POSIX's or Windows's.
_BUILTINS = frozenset(
    [
        ".",
        "alias",
        "bg",
        "builtin",
        "call",
        "case",
        "cd",
        "cls",
        "command",
        "copy",
        "del",
        "dir",
        "eval",
        "exec",
        "exit",
        "export",
        "fg",
        "for",
        "hash",
        "if",
        "jobs",
        "move",
        "popd",
        "pushd",
        "read",
        "readonly",
        "ren",
        "return",
        "set",
        "shift",
        "source",
        "start",
        "time",
        "times",
        "trap",
        "type",
        "ulimit",
        "umask",
        "unalias",
        "unset",
        "until",
        "wait",
        "while",
    ]
)
_QUOTES = ("shlex.quote", "pipes.quote")

Word = list["str | Piece"]


def argv(node: cst.BaseExpression, names: Names) -> str:
    """The source of the list. Raises Unreadable."""
    words = _words(node, names)
    head = words[0][0] if words and len(words[0]) == 1 else None
    if not isinstance(head, str):
        raise Unreadable("the program itself is a variable")
    if head in _BUILTINS or "=" in head:
        raise Unreadable(f"`{head}` is the shell's own")
    return "[" + ", ".join(_source(word, names) for word in words) + "]"


def _words(node: cst.BaseExpression, names: Names) -> list[Word]:
    query = read(node, names.module)
    words: list[Word] = []
    quote = ""
    open_word = False
    for piece in query.pieces:
        if piece.node is not None:
            _must_be_one_word(piece, names)
            _put(words, piece, open_word)
            open_word = True
            continue
        raw = piece.raw.replace("%%", "%") if query.filled == "%" else piece.raw
        for character in raw:
            if quote and character == quote:
                quote = ""
            elif not quote and character in "'\"":
                quote = character
                _put(words, "", open_word)
                open_word = True
            elif character in (_META_QUOTED if quote == '"' else _META if not quote else frozenset("\\{}")):
                raise Unreadable(f"the shell is needed for `{character.strip() or 'a line break'}`")
            elif character in " \t" and not quote:
                open_word = False
            else:
                _put(words, character, open_word)
                open_word = True
    if quote:
        raise Unreadable("a quote in it is never closed")
    return words


def _put(words: list[Word], part: str | Piece, open_word: bool) -> None:
    if not open_word:
        words.append([])
    last = words[-1]
    if isinstance(part, str) and last and isinstance(last[-1], str):
        last[-1] += part
    elif part != "" or not last:
        last.append(part)


def _must_be_one_word(piece: Piece, names: Names) -> None:
    assert piece.node is not None
    if piece.stiff:
        raise Unreadable(piece.stiff)
    if any(values.MANY_WORDS.search(plain.words(name)) for name in values.identifiers(piece.node)):
        raise Unreadable("a part looks like several words on purpose")
    if values.is_quoted(piece.node, ("shlex.join", "subprocess.list2cmdline"), names):
        raise Unreadable("a part is several words")
    if isinstance(piece.node, cst.Call) and not _unquoted(piece.node, names) and _joins(piece.node):
        raise Unreadable("a part is several words")


def _joins(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Attribute) and call.func.attr.value == "join"


def _unquoted(node: cst.BaseExpression, names: Names) -> cst.BaseExpression | None:
    """What is quoted, in `shlex.quote(x)`: a list needs no quotes."""
    if not isinstance(node, cst.Call) or len(node.args) != 1:
        return None
    quotes = any(referent.qualified in _QUOTES for referent in names.referents(node.func))
    return node.args[0].value if quotes else None


def _source(word: Word, names: Names) -> str:
    text = "".join(part for part in word if isinstance(part, str))
    parts = [part for part in word if not isinstance(part, str)]
    if not parts:
        return f'"{text}"' if '"' not in text else repr(text)
    if not text and len(parts) == 1:
        return _alone(parts[0], names)
    out = "".join(
        part if isinstance(part, str) else "{" + names.module.source(_node(part, names)) + "}" for part in word
    )
    if '"' in out or "\\" in out or "\n" in out:
        raise Unreadable("a word is put together with quotes or escapes")
    return f'f"{out}"'


def _node(part: Piece, names: Names) -> cst.BaseExpression:
    assert part.node is not None
    return _unquoted(part.node, names) or part.node


def _alone(part: Piece, names: Names) -> str:
    """A list of arguments takes no numbers: what is not text for certain is made text, as the string did."""
    node = _node(part, names)
    source = names.module.source(node)
    certain = part.literal is None or node is not part.node or _is_text(node, names.module)
    return source if certain else f"str({source})"


def _is_text(node: cst.BaseExpression, module: Module) -> bool:
    if isinstance(node, (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString)):
        return True
    return isinstance(node, cst.Call) and module.source(node.func) == "str"
