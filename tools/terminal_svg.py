#!/usr/bin/env python3
"""Draws what a terminal showed as an SVG picture: terminal_svg.py TITLE <text >picture.svg

Understands the colours and bold of SGR sequences and drops all other escapes. docs/demo.svg is
`tmux capture-pane -pe` of a real demo, drawn by this.
"""
import html
import re
import sys
import unicodedata

COLORS = {30: "#6b7684", 31: "#ff8b95", 32: "#6fdcb0", 33: "#ffcf66", 34: "#9cc0ff", 35: "#d6a8ff",
          36: "#7fdbe6", 37: "#e6edf3", 90: "#6b7684"}
CELL, LINE, MARGIN, BAR = 8.4, 19, 18, 34


def cells(text):
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def spans(line):
    """Yields (column, text, css) for each stretch of one style."""
    column, color, bold = 0, "", ""
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if part.startswith("\x1b["):
            for code in (int(number or 0) for number in part[2:-1].split(";")):
                if code == 0:
                    color = bold = ""
                elif code == 1:
                    bold = "font-weight:bold;"
                elif code == 39:
                    color = ""
                elif code in COLORS:
                    color = f"fill:{COLORS[code]};"
        elif part:
            yield column, part, color + bold
            column += cells(part)


def draw(title, text):
    lines = [re.sub(r"\x1b(?!\[[0-9;]*m)(\[[0-9;?]*[A-Za-z]|[()].|.)", "", line).rstrip()
             for line in text.rstrip("\n").split("\n")]
    width = max(cells(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in lines) * CELL + 2 * MARGIN
    height = len(lines) * LINE + BAR + 2 * MARGIN
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
           f'role="img" aria-label="{html.escape(title)}">')
    yield (f'<rect width="{width:.0f}" height="{height:.0f}" rx="10" fill="#0d1520"/>'
           f'<text x="{MARGIN}" y="23" fill="#9fb0c3" font-family="sans-serif" font-size="13">'
           f'{html.escape(title)}</text>')
    yield ('<g font-family="ui-monospace,Menlo,Consolas,monospace" font-size="14" '
           'fill="#e6edf3">')
    for row, line in enumerate(lines):
        y = BAR + MARGIN + row * LINE
        for column, part, css in spans(line):
            style = f' style="{css}"' if css else ""
            length = f' textLength="{cells(part) * CELL:.1f}"' if part.strip() else ""
            yield (f'<text x="{MARGIN + column * CELL:.1f}" y="{y}"{style}{length}>'
                   f"{html.escape(part.replace(' ', chr(0xA0)))}</text>")
    yield "</g></svg>"


if __name__ == "__main__":
    print("\n".join(draw(sys.argv[1], sys.stdin.read())))
