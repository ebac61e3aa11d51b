#!/usr/bin/env python3
"""Terminal output drawn as a picture: columns, colours and characters stay."""
import pathlib
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import terminal_svg  # noqa: E402  (found through the path above)


def texts(terminal):
    """(x, style, text) of everything below the title."""
    root = xml.etree.ElementTree.fromstring("".join(terminal_svg.draw("title", terminal)))
    group = root.find("{http://www.w3.org/2000/svg}g")
    return [(float(text.get("x")), text.get("style"), text.text.replace("\xa0", " "))
            for text in group]


class TerminalSvgTest(unittest.TestCase):
    def test_keeps_blanks_and_characters_that_xml_would_eat(self):
        self.assertEqual(texts("a  <b> & c")[0][2], "a  <b> & c")

    def test_colours_what_follows_a_colour_until_it_ends(self):
        drawn = texts("on \x1b[32m● green\x1b[39m off")
        self.assertEqual([style for _, style, _ in drawn], [None, "fill:#6fdcb0;", None])

    def test_counts_wide_characters_as_two_columns(self):
        first, second = texts("日本\x1b[1mx")
        self.assertAlmostEqual(second[0] - first[0], 4 * terminal_svg.CELL, places=0)

    def test_drops_other_escapes(self):
        self.assertEqual(texts("\x1b[2J\x1b(Bx")[0][2], "x")


if __name__ == "__main__":
    unittest.main()
