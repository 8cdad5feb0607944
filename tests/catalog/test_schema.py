"""Every mistake the schema knows: where it says it stands, what it says, and what it says to do about it."""

from __future__ import annotations

import ast
import re
import traceback
from pathlib import Path

import pytest

from devsec.catalog import agreed, scalars, schema, templates
from devsec.errors import RuleError
from tests.catalog.kit import FILE, Complaint, complaint, roads, rule, unmarked, yaml

MISTAKES = [
    # --- the rule itself
    pytest.param("§just text\n", "a rule is a mapping", "with the keys id, title", id="text"),
    pytest.param("§{}\n", "a rule needs `id`", "required: id, title, cwe", id="nothing"),
    *[
        pytest.param("§" + yaml(**{key: None}), f"a rule needs `{key}`", key, id=f"no {key}")
        for key in ("id", "title", "cwe", "severity", "confidence", "level", "why", "find", "examples")
    ],
    pytest.param(yaml(**{"§titel": "x"}), "a rule has no key `titel`", "Did you mean 'title'?", id="key of a rule"),
    pytest.param(yaml(**{"§zzz": "x"}), "a rule has no key `zzz`", "", id="key like no other"),
    pytest.param(yaml() + "§exampels:\n  - bad: x\n", "a rule has no key `exampels`", "'examples'", id="long value"),
    pytest.param(yaml(id="§A-Rule"), "`A-Rule` is no rule id", "lower-case words joined by dashes", id="capitals"),
    pytest.param(yaml(id="§a_rule"), "`a_rule` is no rule id", "", id="underscore"),
    pytest.param(yaml(id="§a-rule-"), "`a-rule-` is no rule id", "", id="dash at the end"),
    pytest.param(yaml(id="§../a"), "`../a` is no rule id", "", id="id that is a path"),
    pytest.param(yaml(id='§"a-rule\\n"'), "is no rule id", "", id="id with a line break"),
    pytest.param(yaml(id="§12"), "text is expected here", "quote it", id="id that is a number"),
    pytest.param(yaml(title="§[a]"), "text is expected here", "", id="title that is a list"),
    pytest.param(yaml(title="§{a: b}"), "text is expected here", "", id="title that is a mapping"),
    pytest.param(yaml(title="§true"), "text is expected here", "quote it when it looks like", id="title a constant"),
    pytest.param(yaml(why="§''"), "text is expected here", "", id="empty why"),
    pytest.param(yaml(why="§>-\n   \n"), "text is expected here", "", id="blank why"),
    pytest.param(yaml(cwe="§cwe-79"), "`cwe-79` is no CWE", "such as CWE-295", id="small cwe"),
    pytest.param(yaml(cwe="§CWE-0"), "`CWE-0` is no CWE", "", id="cwe zero"),
    pytest.param(yaml(cwe="§CWE-123456"), "`CWE-123456` is no CWE", "", id="cwe too long"),
    pytest.param(yaml(cwe="§[CWE-1, '79']"), "`79` is no CWE", "", id="cwe in a list"),
    pytest.param(yaml(cwe="§79"), "text is expected here", "", id="cwe a number"),
    pytest.param(yaml(cwe="§[]"), "is a list", "at least one entry", id="no cwe"),
    pytest.param(yaml(cwe="[CWE-1, §[CWE-2]]"), "text is expected here", "", id="cwe in a list in a list"),
    pytest.param(yaml(severity="§hihg"), "`hihg` is not one of low, medium, high, critical", "'high'", id="severity"),
    pytest.param(yaml(severity="§3"), "`3` is not one of", "Known: critical, high", id="severity a number"),
    pytest.param(yaml(severity="§[high]"), "`['high']` is not one of", "", id="severity a list"),
    pytest.param(yaml(severity="§{high: 1}"), "`{'high': 1}` is not one of", "", id="severity a mapping"),
    pytest.param(yaml(confidence="§low"), "`low` is not one of medium, high", "", id="confidence"),
    pytest.param(yaml(level="§blok"), "`blok` is not one of off, note, warn, block", "'block'", id="level"),
    pytest.param(yaml(level="§BLOCK"), "`BLOCK` is not one of", "", id="level in capitals"),
    pytest.param(yaml(references="§5"), "text is expected here", "", id="references"),
    pytest.param(yaml(secret="§[y]"), "no part is called `y`", "Known: left, match, right, value, x", id="secret"),
    pytest.param(yaml(secret="§vlaue"), "no part is called `vlaue`", "Did you mean 'value'?", id="secret misspelt"),
    # --- terms
    pytest.param(yaml(final="§false"), "only `true` means something here", "leave the key out", id="final"),
    pytest.param(yaml(unsilenceable="§yes"), "only `true` means something here", "", id="unsilenceable"),
    pytest.param(yaml(in_tests="§1"), "only `true` means something here", "", id="in_tests"),
    pytest.param(yaml(**{"§finall": "true"}), "a rule has no key `finall`", "Did you mean 'final'?", id="finall"),
    pytest.param(yaml(stage="§shaddow"), "`shaddow` is not one of shadow, warn, block", "'shadow'", id="stage"),
    pytest.param(yaml(warn_from="§2027-3-1"), "`2027-3-1` is no date", "such as 2027-03-01", id="short date"),
    pytest.param(yaml(block_from="§2027-02-30"), "`2027-02-30` is no date", "", id="no such day"),
    pytest.param(yaml(block_from="§20270301"), "text is expected here", "", id="date without dashes"),
    pytest.param(yaml(block_from="§2027-W10-1"), "is no date", "", id="date of a week"),
    pytest.param(yaml(warn_from="2027-03-02", block_from="§2027-03-01"), "it would warn from 2027-03-02 on, after", "before", id="dates"),
    pytest.param(yaml(deprecated="§New Rule"), "`New Rule` is no rule id", "acme/no-raw-requests", id="deprecated"),
    pytest.param(yaml(deprecated="§a/b/c"), "`a/b/c` is no rule id", "", id="deprecated twice in a pack"),
    pytest.param(yaml(when="§public"), "a line of `when` is a mapping", "level, exposure", id="when text"),
    pytest.param(yaml(when="§[]"), "`when` is a list", "at least one entry", id="when nothing"),
    pytest.param(yaml(when="[§{exposure: public}]"), "a line of `when` needs `level`", "", id="when without level"),
    pytest.param(yaml(when="§{level: block}"), "it asks nothing of the context", "one of exposure", id="when always"),
    pytest.param(yaml(when="{§exposur: public, level: warn}"), "has no key `exposur`", "'exposure'", id="key of when"),
    pytest.param(yaml(when="{exposure: §pubic, level: warn}"), "`pubic` is not one of internal, partner, public", "'public'", id="exposure"),
    pytest.param(yaml(when="{data: §secret, level: warn}"), "`secret` is not one of none, standard, sensitive", "", id="data"),
    pytest.param(yaml(when="{lifecycle: §tests, level: warn}"), "`tests` is not one of test, experimental", "'test'", id="lifecycle"),
    pytest.param(yaml(when="{labels: §5, level: warn}"), "text is expected here", "", id="labels"),
    pytest.param(yaml(when="{labels: pci, level: §blok}"), "`blok` is not one of off", "'block'", id="level of when"),
    # --- shapes
    pytest.param(yaml(find="{file: §5}"), "text is expected here", "", id="name of a file"),
    pytest.param(yaml(find="{file: §'a\\b'}"), "matches no path", "", id="glob of a file"),
    pytest.param(yaml(find="{file: §'.aws/'}"), "`.aws/` names a folder", "such as id_rsa", id="folder"),
    pytest.param(yaml(find="{file: §['!a', '!b']}"), "`file` names no file", "take back", id="no file"),
    pytest.param(yaml(find="{file: a, holds: §keys}"), "`keys` is not one of keystore", "", id="what a file holds"),
    pytest.param(yaml(find="{file: a, starts: §FEE}"), "`FEE` is no bytes", "?? for any byte", id="half a byte"),
    pytest.param(yaml(find="{file: a, starts: §['00', xy]}"), "`xy` is no bytes", "quote them", id="no hex"),
    pytest.param(yaml(find="{file: a, starts: §12}"), "text is expected here", "quote it", id="hex without quotes"),
    pytest.param(yaml(find="{text: §{regex: 'a|'}}"), "matches where nothing stands", "one character", id="regex of nothing"),
    pytest.param(yaml(find="{text: {regex: §'" + "(a)" * 101 + "'}}"), "more than 100 groups", "(?:…)", id="groups"),
    pytest.param(yaml(find="{file: a, regex: §'(?=x)'}"), "RE2 does not take this regex", "", id="regex of a file"),
    pytest.param(yaml(find="{file: a, §value: {is: 1}}"), "`value` does not go with `file`", "holds, starts", id="value of a file"),
    pytest.param(yaml(find="{text: {regex: abc}, §holds: secret}"), "`holds` does not go with `text`", "", id="text that holds"),
    pytest.param(
        yaml(find="{file: a}", fix="§{title: F, safety: safe, delete: true}", examples="[{bad: x, good: y}, {fine: z}]"),
        "a `file` is cured outside of its text", "`safety: advice`", id="edit of a file",
    ),
    pytest.param(yaml(fix=None, examples="[{bad: §xyz, hex: true}, {fine: z}]"), "`xyz` is no bytes", "two hex digits", id="hex"),
    pytest.param(yaml(fix=None, examples="[{bad: x, hex: §1}, {fine: z}]"), "only `true` means something", "", id="hex 1"),
    pytest.param(yaml(examples="[{bad: '00', §good: '01', hex: true}, {fine: z}]"), "bytes have no cure that edits", "", id="hex cured"),
    pytest.param(yaml(find="§m.f"), "a shape is a mapping", "call", id="find that is a name"),
    pytest.param(yaml(find="§[]"), "`find` is a list", "at least one entry", id="nothing to find"),
    pytest.param(yaml(find="§{args: {x: {is: 1}}}"), "a shape has exactly one of call, method", "list", id="no shape"),
    pytest.param(
        yaml(find="§{call: m.f, string: {regex: x}}"), "here are call and string", "several shapes in a list",
        id="two shapes in one",
    ),
    pytest.param(yaml(find="{§cal: m.f}"), "a shape has no key `cal`", "Did you mean 'call'?", id="key of a shape"),
    pytest.param(
        yaml(find="[{call: m.f, args: {x: {is: 1}}}, {call: m.g, §agrs: {x: {is: 1}}}]"),
        "a shape has no key `agrs`", "Did you mean 'args'?", id="key of the second shape",
    ),
    pytest.param(
        yaml(find="{call: m.f, §left: {is: 1}}"), "`left` does not go with `call`", "with `call` go: args",
        id="key of another shape",
    ),
    pytest.param(
        yaml(find="{string: {regex: x}, §on: m.f}"), "`on` does not go with `string`", "nothing else",
        id="key beside a shape that takes none",
    ),
    pytest.param(
        yaml(find="\n  pattern: f($X)\n  §args:\n    x: {is: 1}"), "`args` does not go with `pattern`", "where",
        id="key with a long value",
    ),
    pytest.param(yaml(find="{call: §requests.get()}"), "is no qualified name", "such as requests.get", id="brackets"),
    pytest.param(yaml(find="{call: §'a b'}"), "`a b` is no qualified name", "", id="name with a blank"),
    pytest.param(yaml(find="{call: §a..b}"), "`a..b` is no qualified name", "", id="name with a hole"),
    pytest.param(yaml(find="{call: §a.f*}"), "`a.f*` is no qualified name", "", id="star in a segment"),
    pytest.param(yaml(find="{call: §'a.{b,}'}"), "`a.` is no qualified name", "", id="empty alternative"),
    pytest.param(yaml(find="{call: §'a.{b'}"), "has a brace without its other half", "", id="open brace"),
    pytest.param(yaml(find="{call: §'a.b}'}"), "has a brace without its other half", "", id="closing brace"),
    pytest.param(
        yaml(find=f"{{call: §'m.{'{a,b}' * 10}'}}"), "stands for more than 500 names", "", id="too many alternatives"
    ),
    pytest.param(yaml(find=f"{{call: §'{'{a}' * 2000}'}}"), "has more than 20 braces", "", id="too many braces"),
    pytest.param(yaml(find="{import: §5}"), "text is expected here", "", id="a number imported"),
    pytest.param(yaml(find="{decorator: §'@app.route'}"), "`@app.route` is no qualified name", "", id="decorator"),
    pytest.param(
        yaml(find="§{method: get}"), "a `method` without `on` matches any receiver", "imports: NAMES", id="any receiver"
    ),
    pytest.param(yaml(find="{method: §s.get, on: m.S}"), "`s.get` is no method name", "`on`", id="method with a dot"),
    pytest.param(yaml(find="{method: get, on: §'m.()S'}"), "is no qualified name", "", id="brackets before a name"),
    pytest.param(yaml(find="{method: get, on: §m.S()()}"), "is no qualified name", "", id="brackets twice"),
    pytest.param(yaml(find="{assign: §'a[0]'}"), "`a[0]` is no target", "a.b.c, .attribute", id="target"),
    pytest.param(yaml(find="{assign: §'[key]'}"), "`[key]` is no target", "", id="subscript without quotes"),
    pytest.param(yaml(find="{assign: §'*'}"), "`*` needs a `target`", "say which targets", id="any target"),
    pytest.param(yaml(find="{compare: §'<>'}"), "`<>` is no comparison", "quote it", id="operator"),
    pytest.param(yaml(find="{string: §x}"), "`string` is a mapping", "regex, entropy, length", id="string"),
    pytest.param(yaml(find="{string: §{}}"), "`string` needs a regex, an entropy or a length", "", id="any string"),
    pytest.param(yaml(find="{string: {§regexp: x}}"), "`string` has no key `regexp`", "'regex'", id="key of a string"),
    pytest.param(
        yaml(find="{setting: {names: true}, value: {§kind: string}}"), "`kind` cannot be asked of a setting", "strength",
        id="value of a setting",
    ),
    pytest.param(yaml(find="{text: §{entropy: 3}}"), "`text` needs a regex", "", id="any text"),
    pytest.param(yaml(find="{pattern: §'f($X'}"), "the pattern is no Python: '(' was never closed", "...", id="pattern"),
    pytest.param(yaml(find="{pattern: §'a; b'}"), "a pattern is one expression or one statement", "", id="two of them"),
    pytest.param(yaml(find="{pattern: §'# x'}"), "a pattern is one expression or one statement", "", id="a comment"),
    pytest.param(
        yaml(find="{pattern: f($URL), where: §{ULR: {is: 1}}}"), "the pattern has no $ULR", "Did you mean 'URL'?",
        id="where",
    ),
    # --- contexts
    pytest.param(
        yaml(find="[{call: m.f}, §{call: m.g, paths: '*.py'}]", paths="'*.txt'"),
        "`paths` stands both here and at the top of the rule", "keep one", id="context twice",
    ),
    pytest.param(yaml(paths="§'*.{yml,yaml}'"), "`*.{yml,yaml}` matches no path", "several go into a list", id="glob"),
    pytest.param(yaml(paths="§['*.py', 'a\\b']"), "`a\\b` matches no path", "forward slashes", id="backslash"),
    pytest.param(yaml(paths="§./a.py"), "`./a.py` matches no path", "", id="glob from here"),
    pytest.param(yaml(paths="§'!../a.py'"), "`!../a.py` matches no path", "", id="glob from above"),
    pytest.param(yaml(paths="§'!'"), "`!` matches no path", "", id="no glob"),
    pytest.param(yaml(paths="§a//b"), "`a//b` matches no path", "", id="two slashes"),
    pytest.param(yaml(imports="§a-b"), "`a-b` is no qualified name", "", id="imports"),
    pytest.param(yaml(assigned_to="§(a"), "RE2 does not take this regex: missing ): (a", "look-around", id="assigned"),
    pytest.param(
        yaml(find="{method: get, imports: m, §made_with: {x: {is: 1}}}"), "the call that `on` names", "on: NAMES",
        id="made with, without on",
    ),
    pytest.param(yaml(inside="§loop"), "a surrounding is a mapping", "function, class", id="surrounding"),
    pytest.param(yaml(inside="§{}"), "an empty surrounding", "one of function", id="empty surrounding"),
    pytest.param(yaml(inside="{§functoin: x}"), "a surrounding has no key `functoin`", "'function'", id="its key"),
    pytest.param(yaml(not_inside="[{loop: true}, {loop: §false}]"), "only `true` means", "leave", id="not a loop"),
    pytest.param(yaml(inside="{scope: §modul}"), "`modul` is not one of module, class, function", "'mod", id="scope"),
    pytest.param(yaml(inside="{class: §'[a'}"), "RE2 does not take this regex: missing ]: [a", "", id="class"),
    # --- tests
    pytest.param(yaml(find="{call: m.f, args: §[x]}"), "`args` is a mapping", "at least one entry", id="args a list"),
    pytest.param(yaml(find="{call: m.f, args: §{}}"), "`args` is a mapping", "", id="no args"),
    pytest.param(yaml(find="{call: m.f, args: {x: §1}}"), "a test is a mapping", "such as {is: false}", id="constant"),
    pytest.param(yaml(find="{call: m.f, args: {x: §[]}}"), "`a test` is a list", "at least one", id="no tests"),
    pytest.param(yaml(find="{call: m.f, args: {x: §{}}}"), "a test that asks nothing", "{present: true}", id="asks 0"),
    pytest.param(yaml(find="{call: m.f, args: {x: §{at: 0}}}"), "a test that asks nothing", "", id="only where"),
    pytest.param(yaml(find="{call: m.f, args: {x: {§iss: 1}}}"), "a test has no key `iss`", "'is'", id="key of a test"),
    pytest.param(
        yaml(find="{call: m.f, args: {x: {not: [{is: 1}, {contains: {§lenght: 1}}]}}}"),
        "a test has no key `lenght`", "Did you mean 'length'?", id="key deep inside",
    ),
    pytest.param(
        yaml(find="{call: m.f, args: {x: §{missing: true, is: 1}}}"), "what is missing has no value to test", "list",
        id="missing and more",
    ),
    pytest.param(yaml(find="{call: m.f, args: {x: {is: 1, in: §[2]}}}"), "`is` and `in` are one test", "", id="is, in"),
    pytest.param(
        yaml(find="{call: m.f, args: {x: {regex: a, quoted_by: §m.q}}}"), "`quoted_by` needs `dynamic: true`", "",
        id="quoted by",
    ),
    pytest.param(yaml(find="{call: m.f, args: {x: {is: §[1]}}}"), "a constant is expected here", "null", id="is a list"),
    pytest.param(yaml(find="{call: m.f, args: {x: {in: §1}}}"), "`in` is a list", "", id="in one"),
    pytest.param(yaml(find="{call: m.f, args: {x: {in: [1, §{a: 1}]}}}"), "a constant is expected", "", id="in a mapping"),
    pytest.param(yaml(find="{call: m.f, args: {x: {at: §-1, is: 1}}}"), "a whole number from 0", "", id="before all"),
    pytest.param(yaml(find="{call: m.f, args: {x: {at: §true, is: 1}}}"), "a whole number from 0", "", id="at true"),
    pytest.param(yaml(find="{call: m.f, args: {x: {length: §1.5}}}"), "a whole number from 0", "", id="half a length"),
    pytest.param(yaml(find="{call: m.f, args: {x: {less_than: §ten}}}"), "a number is expected here", "", id="ten"),
    pytest.param(yaml(find="{call: m.f, args: {x: {more_than: §true}}}"), "a number is expected here", "", id="true"),
    pytest.param(yaml(find="{string: {entropy: §high}}"), "a number is expected here", "", id="entropy"),
    pytest.param(yaml(find="{call: m.f, args: {x: {present: §false}}}"), "only `true` means something", "", id="false"),
    pytest.param(yaml(find="{call: m.f, args: {x: {dynamic: §yes}}}"), "only `true` means something", "", id="yes"),
    pytest.param(yaml(find="{call: m.f, args: {x: {literal: §txet}}}"), "`txet` is not one of", "'text'", id="literal"),
    pytest.param(yaml(find="{call: m.f, args: {x: {literal: §false}}}"), "`False` is not one of", "", id="no literal"),
    pytest.param(yaml(find="{call: m.f, args: {x: {kind: [name, §nmae]}}}"), "`nmae` is not one of", "'name'", id="kind"),
    pytest.param(yaml(find="{call: m.f, args: {x: {names: §5}}}"), "text is expected here", "", id="names"),
    pytest.param(
        yaml(find="{call: m.f, args: {x: {regex: §'a(?=b)'}}}"),
        "RE2 does not take this regex: invalid perl operator: (?=", "no look-around and no back-references", id="RE2",
    ),
    pytest.param(yaml(find="{text: {regex: §'(a)\\1'}}"), "invalid escape sequence: \\1", "", id="back-reference"),
    pytest.param(yaml(find="{text: {regex: §'a{1001}'}}"), "invalid repetition size: {1001}", "", id="repetition"),
    pytest.param(yaml(find="{call: m.f, args: {x: {refers_to: §a-b}}}"), "`a-b` is no qualified name", "", id="refers"),
    pytest.param(
        yaml(find="{call: m.f, args: {x: {is: 1, on: §m.S}}}"), "`on` needs a `call` or `method` beside it", "", id="on"
    ),
    pytest.param(
        yaml(find="{call: m.f, args: {x: {is: 1, args: §{y: {is: 1}}}}}"), "`args` needs a `call` or `method`", "",
        id="args of nothing",
    ),
    pytest.param(
        yaml(find="{call: m.f, args: {x: §{call: m.g, method: h}}}"), "here are call and method", "", id="two shapes"
    ),
    pytest.param(
        yaml(find="{call: m.f, args: {x: {call: m.g, §on: m.S}}}"), "`on` does not go with `call`", "args", id="on, call"
    ),
    pytest.param(yaml(find="{call: m.f, args: {x: {keys: §[a]}}}"), "`keys` is a mapping", "", id="keys"),
    # --- cures
    pytest.param(yaml(fix="§m.g"), "a cure is a mapping", "title, safety", id="fix that is a name"),
    pytest.param(yaml(fix="§{safety: safe, call: m.g}"), "a cure needs `title`", "required: title, safety", id="title"),
    pytest.param(yaml(fix="§{title: Cure, call: m.g}"), "a cure needs `safety`", "", id="safety"),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, §cal: m.g}"), "a cure has no key `cal`", "'call'", id="key of a cure"
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: §save, call: m.g}"), "`save` is not one of safe, hardening, advice", "'safe'",
        id="safety misspelt",
    ),
    pytest.param(
        yaml(fix="§{title: Cure, safety: safe, note: Think.}"), "a cure that does nothing", "`safety: advice`",
        id="does nothing",
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, args: {§dorp: [x]}}"), "`args` of a cure has no key `dorp`", "'drop'",
        id="key of args",
    ),
    pytest.param(yaml(fix="{title: Cure, safety: safe, args: §[x]}"), "`args` of a cure is a mapping", "drop", id="list"),
    pytest.param(yaml(fix="{title: Cure, safety: safe, args: {set: §x}}"), "`set` is a mapping", "", id="set"),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, args: {rename: {x: §5}}}"), "text is expected here", "", id="rename"
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, §delete: true, args: {drop: [x]}}"),
        "what is deleted cannot be changed as well", "", id="delete and args",
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, call: m.g, §take_out: {road: secret.get}}"),
        "a secret that is taken out cannot be changed", "", id="take_out and call",
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, take_out: {road: secret.get, name: §token}}"),
        "`token` is no name of an environment variable", "such as GITHUB_TOKEN", id="name of a setting",
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, call: m.g, §delete: true}"), "what is deleted cannot be changed", "",
        id="delete and call",
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, value: m.g, §delete: true}"), "what is deleted cannot be changed", "",
        id="delete and value",
    ),
    pytest.param(yaml(fix="{title: Cure, safety: safe, delete: §no}"), "only `true` means", "", id="not deleted"),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, call: m.g, §value: m.h}"), "a cure has `call` or `value`, not both",
        "two cures in a list", id="call and value",
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, call: m.g($x), §args: {drop: [x]}}"),
        "`call` puts an expression in place of the whole match", "`args` go with a name", id="call and args",
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, call: §m.g(}"), "`m.g(` is no Python expression: '(' was never closed",
        "names, calls and $holes", id="expression",
    ),
    pytest.param(yaml(fix="{title: Cure, safety: safe, value: §x = 1}"), "is no Python expression", "", id="statement"),
    pytest.param(yaml(fix="{title: Cure, safety: safe, value: §f($)}"), "is no Python expression", "", id="bare dollar"),
    pytest.param(
        yaml(fix=f"{{title: Cure, safety: safe, value: §{'not ' * 20000}x}}"),
        "x` is no Python expression: nested too deeply", "", id="depth",
    ),
    pytest.param(
        yaml(find=f"{{pattern: §{'not ' * 20000}x}}"), "the pattern is no Python: nested", "", id="depth of a pattern"
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, call: f($y), with: {y: §')'}}"), "`)` is no Python expression", "",
        id="expression of a hole",
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, args: {wrap: §{x: f($x)}}}"), "`f($x)` is no name", "put around `x`",
        id="wrap",
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, args: {wrap_holes: §{x: f()}}}"), "`f()` is no name", "", id="wrap holes"
    ),
    pytest.param(
        yaml(fix="§{title: Cure, safety: safe, call: m.g($y)}"), "nothing fills $y", "Known: match, x",
        id="label that is not declared",
    ),
    pytest.param(
        yaml(fix="§{title: Cure, safety: safe, args: {set: {x: f($xx)}}}"), "nothing fills $xx", "", id="hole in set"
    ),
    pytest.param(
        yaml(fix="§{title: Cure, safety: safe, call: f($y), with: {y: $z}}"), "nothing fills $z", "", id="hole in a hole"
    ),
    pytest.param(
        yaml(fix="§{title: Cure, safety: safe, value: f($left)}"), "nothing fills $left", "", id="hole of a comparison"
    ),
    pytest.param(
        yaml(find="{pattern: f($URL)}", fix="§{title: Cure, safety: safe, call: g($ULR)}"), "nothing fills $ULR",
        "Did you mean 'URL'?", id="hole of the pattern",
    ),
    pytest.param(
        yaml(fix="[{title: Cure, safety: safe, call: m.g}, §{title: Other, safety: safe, call: m.g($y)}]"),
        "nothing fills $y", "", id="hole of the second cure",
    ),
    pytest.param(
        yaml(fix="§[{title: Cure, safety: safe, call: m.g}, {title: Cure, safety: safe, call: m.h}]"),
        "two cures have the same title", "say in each title what it does", id="title twice",
    ),
    # --- roads, as cures lead to them
    pytest.param(
        "# a note\n" + yaml(fix="{title: Cure, safety: safe, road: §tls.contxt}"), "there is no road `tls.contxt`",
        "Did you mean 'tls.context'?", id="road",
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: advice, road: §nowhere}", examples="[{bad: x}, {fine: z}]"),
        "there is no road `nowhere`", "Known: secret.get, tls.context", id="road of advice",
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, road: §nowhere, args: {drop: [x]}}"), "there is no road `nowhere`",
        "", id="road beside args",
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, args: {set: {x: {road: §nowhere}}}}"), "there is no road `nowhere`",
        "", id="road in set",
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, road: §secret.get}"),
        "nothing fills $name of the road `secret.get`", "say with: {name: …}", id="hole of a road",
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, args: {set: {x: {§raod: tls.context}}}}"),
        "an expression has no key `raod`", "Did you mean 'road'?", id="key of an expression",
    ),
    pytest.param(
        yaml(fix="{title: Cure, safety: safe, args: {set: {x: §{with: {name: x}}}}}"), "an expression needs `road`",
        "", id="expression without a road",
    ),
    # --- examples
    pytest.param(yaml(examples="§{bad: x, good: y}"), "`examples` is a list", "at least one entry", id="one example"),
    pytest.param(yaml(examples="§[]"), "`examples` is a list", "", id="no examples"),
    pytest.param(yaml(examples="[§x]"), "an example is a mapping", "bad, good, fine", id="example that is text"),
    pytest.param(yaml(examples="[{§bda: x}]"), "an example has no key `bda`", "'bad'", id="key of an example"),
    pytest.param(yaml(examples="[§{bad: x, fine: x}]"), "an example is `bad` or `fine`", "one of them", id="both"),
    pytest.param(yaml(examples="[§{path: x.py}]"), "an example is `bad` or `fine`", "", id="neither"),
    pytest.param(
        yaml(examples="[{bad: x, good: y}, {fine: z, good: §y}]"), "what is fine needs no cure", "`good` goes with `bad`",
        id="good and fine",
    ),
    pytest.param(yaml(examples="§[{fine: z}]"), "no `bad` example", "show what the rule finds", id="no bad"),
    pytest.param(yaml(examples="§[{bad: x, good: y}]"), "no `fine` example", "nearest code that is", id="no fine"),
    pytest.param(yaml(examples="[{bad: §1}, {fine: z}]"), "text is expected here", "", id="bad number"),
    pytest.param(
        yaml(examples="§[{bad: x}, {fine: z}]"), "no `good` shows what “Cure” makes of a `bad`", "proof", id="no good"
    ),
    pytest.param(
        yaml(
            fix="[{title: Cure, safety: safe, call: m.g}, {title: Other, safety: safe, call: m.h}]",
            examples="§[{bad: x, good: y}, {fine: z}]",
        ),
        "no `good` shows what “Other” makes", "", id="no good for the second cure",
    ),
    pytest.param(
        yaml(fix=None, examples="[{bad: x, good: §y}, {fine: z}]"), "no cure of this rule edits", "write a `fix`",
        id="good without a fix",
    ),
    pytest.param(
        yaml(examples="[{bad: x, good: §{Curee: y}}, {fine: z}]"), "no cure is titled `Curee`", "Did you mean 'Cure'?",
        id="good of no cure",
    ),
    pytest.param(
        yaml(
            fix="[{title: Cure, safety: safe, call: m.g}, {title: Hint, safety: advice}]",
            examples="[{bad: x, good: §{Cure: y, Hint: y}}, {fine: z}]",
        ),
        "no cure is titled `Hint`", "", id="good of advice",
    ),
    pytest.param(yaml(examples="[{bad: x, lines: §1}]"), "`lines` is a list", "", id="lines"),
    pytest.param(yaml(examples="[{bad: x, lines: [1, §two]}]"), "a whole number from 0", "", id="line two"),
    pytest.param(yaml(examples="[{bad: x, path: §[a]}]"), "text is expected here", "", id="path"),
]  # fmt: skip

ROAD_MISTAKES = [
    pytest.param("§[]\n", "`roads` is a list", "at least one entry", id="no roads"),
    pytest.param("- §x\n", "a road is a mapping", "road, title, call", id="road that is text"),
    pytest.param("§{road: a.b, call: f}\n", "a road needs `title`", "required: road, title, call", id="no title"),
    pytest.param("- {road: a, title: T, call: f}\n- §{road: b, title: T}\n", "a road needs `call`", "", id="no call"),
    pytest.param("{road: a, title: T, call: f, §dosc: x}\n", "a road has no key `dosc`", "'docs'", id="key of a road"),
    pytest.param("{road: §A.b, title: T, call: f}\n", "`A.b` is no road name", "such as secret.get", id="name"),
    pytest.param("{road: §a..b, title: T, call: f}\n", "`a..b` is no road name", "", id="name with a hole"),
    pytest.param("{road: a, title: T, call: §f(}\n", "`f(` is no Python expression", "", id="call"),
    pytest.param("{road: a, title: T, call: f, imports: §5}\n", "text is expected here", "", id="imports"),
    pytest.param("{road: a, title: T, call: f, package: §5}\n", "text is expected here", "", id="package"),
]  # fmt: skip


def refusal(text: str) -> tuple[RuleError, Complaint]:
    with pytest.raises(RuleError) as caught:
        rule(text)
    return caught.value, complaint(caught.value)


def test_what_the_mistakes_are_made_from_is_sound() -> None:
    assert rule(yaml()).id == "a-rule"


@pytest.mark.parametrize(("text", "message", "hint"), MISTAKES)
def test_mistake(text: str, message: str, hint: str) -> None:
    text, place = unmarked(text)
    _, said = refusal(text)
    assert (said.place, message in said.message, hint in said.hint) == (place, True, True), said
    assert "Node(" not in said.message, "in the words of the file, not of the program"


@pytest.mark.parametrize(("text", "message", "hint"), ROAD_MISTAKES)
def test_mistake_of_a_road(text: str, message: str, hint: str) -> None:
    text, place = unmarked(text)
    with pytest.raises(RuleError) as caught:
        roads(text)
    said = complaint(caught.value)
    assert (said.place, message in said.message, hint in said.hint) == (place, True, True), said


def test_every_complaint_of_the_schema_has_its_mistake() -> None:
    """A complaint nobody has provoked may point anywhere."""
    raised: set[tuple[str, int]] = set()
    for case, read in [(c, rule) for c in MISTAKES] + [(c, roads) for c in ROAD_MISTAKES]:
        try:
            read(unmarked(str(case.values[0]))[0])
        except RuleError as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            raised.add((frame.filename, frame.lineno or 0))
    for module in (schema, scalars, agreed, templates):
        file = str(module.__file__)
        for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise):
                lines = range(node.lineno, (node.end_lineno or 0) + 1)
                assert any((file, line) in raised for line in lines), f"{file}:{node.lineno}"


def test_a_file_is_named_as_it_was_given() -> None:
    error, _ = refusal(yaml(id="A"))
    assert re.match(rf"{FILE}:1:5: ", error.message)
