"""Draws what a search costs against the size of the lists: docs/screening-cost.svg.

    cargo test --release -p concord-names --test load speed -- --ignored --nocapture > curve.tsv
    CONCORD_GENERATED=1000000 cargo test … >> curve.tsv
    python3 tests/load/curve.py curve.tsv docs/screening-cost.svg

Reads the lines `curve<TAB>parties<TAB>names<TAB>p50 ns<TAB>p99 ns<TAB>searches a second`; both axes are logarithmic.
"""

import math
import sys

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 420, 70, 30, 30, 60


def main():
    rows = []
    for line in open(sys.argv[1], encoding="utf-8"):
        fields = line.rstrip("\n").split("\t")
        if fields[0] == "curve":
            rows.append((int(fields[2]), int(fields[3]) / 1e3, int(fields[4]) / 1e3))
    rows.sort()
    if len(rows) < 2:
        sys.exit("fewer than two lines begin with `curve`")
    low_x, high_x = math.floor(math.log10(rows[0][0])), math.ceil(math.log10(rows[-1][0]))
    values = [value for row in rows for value in row[1:]]
    low_y, high_y = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def x(names):
        return LEFT + (math.log10(names) - low_x) / (high_x - low_x) * (WIDTH - LEFT - RIGHT)

    def y(micro):
        return HEIGHT - BOTTOM - (math.log10(micro) - low_y) / (high_y - low_y) * (HEIGHT - TOP - BOTTOM)

    def text(at_x, at_y, words, anchor="middle", colour="#333"):
        return f'<text x="{at_x:.0f}" y="{at_y:.0f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for power in range(low_x, high_x + 1):
        at = x(10**power)
        out.append(f'<path d="M{at:.0f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        out.append(text(at, HEIGHT - BOTTOM + 20, f"{10**power:,}"))
    for power in range(low_y, high_y + 1):
        at = y(10**power)
        out.append(f'<path d="M{LEFT} {at:.0f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        out.append(text(LEFT - 8, at + 4, f"{10**power:,} µs", "end"))
    for column, title, colour in ((1, "p50", "#1a6faf"), (2, "p99", "#b5411a")):
        points = " ".join(f"{x(row[0]):.0f},{y(row[column]):.0f}" for row in rows)
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for row in rows:
            out.append(f'<circle cx="{x(row[0]):.0f}" cy="{y(row[column]):.0f}" r="3.5" fill="{colour}"/>')
        out.append(text(x(rows[-1][0]), y(rows[-1][column]) - 10, title, "end", colour))
    out.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 15, "names in the lists"))
    out.append("</svg>\n")
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write("\n".join(out))


if __name__ == "__main__":
    main()
