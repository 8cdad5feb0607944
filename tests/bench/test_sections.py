"""Two programs write one page; neither takes away what the other wrote."""

from __future__ import annotations

import sections


def test_a_section_is_put_in_its_place_and_nothing_else_moves() -> None:
    page = f"# Page\n\n{sections.empty('secrets')}\n## Packages\n"
    once = sections.put(page, "secrets", "one\n")
    assert once == "# Page\n\n<!-- secrets -->\none\n<!-- end of secrets -->\n\n## Packages\n"
    assert sections.held(once, "secrets") == "one\n"
    assert sections.put(sections.put(once, "secrets", "two\n"), "secrets", "one\n") == once


def test_a_page_without_a_place_for_it_gets_one_at_its_end() -> None:
    page = sections.put("# Page\n", "secrets", "one\n")
    assert page == "# Page\n\n<!-- secrets -->\none\n<!-- end of secrets -->\n"
    assert sections.held("# Page\n", "secrets") == ""
