#!/usr/bin/env python3
"""Draw the demo's two signature images: `signature.png` (the leader's hand, blue) and `seal.png`
(the office's round seal, red, marked MẪU: no national emblem, so that nobody takes it for a real one).

Needs Pillow (`pip install pillow`). Run from anywhere; the images land beside this file.
"""

import math
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).parent
FONT = HERE / "../../src-tauri/page/fonts/LiberationSans-Bold.ttf"
SCALE = 4  # drawn larger and reduced: smooth edges

BLUE = (24, 58, 158)
RED = (206, 22, 32)


def curve(points, steps=60):
    """A Catmull-Rom spline through the points."""
    padded = [points[0], *points, points[-1]]
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:]):
        for step in range(steps):
            t = step / steps
            yield tuple(
                0.5 * (2 * b[k] + (c[k] - a[k]) * t
                       + (2 * a[k] - 5 * b[k] + 4 * c[k] - d[k]) * t * t
                       + (3 * b[k] - a[k] - 3 * c[k] + d[k]) * t**3)
                for k in (0, 1)
            )


def stroke(mask, points, width):
    """A pen line: thinner where the pen is fast, and at both ends."""
    draw = ImageDraw.Draw(mask)
    line = list(curve(points))
    speeds = [math.dist(p, q) for p, q in zip(line, line[1:])] or [1.0]
    mean = sum(speeds) / len(speeds)
    pen = width
    for at, ((x, y), speed) in enumerate(zip(line, speeds)):
        wanted = width * min(1.35, max(0.5, 1.25 - 0.3 * speed / mean))
        taper = min(1.0, 0.35 + at / 40, 0.35 + (len(line) - at) / 70)
        pen += (wanted * taper - pen) * 0.12
        radius = pen * SCALE / 2
        x, y = x * SCALE, y * SCALE
        # the gaps between two steps are filled by a line of the same width
        nx, ny = line[at + 1][0] * SCALE, line[at + 1][1] * SCALE
        draw.line([x, y, nx, ny], fill=255, width=max(1, round(pen * SCALE)))
        draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=255)


def inked(mask, size, colour):
    alpha = mask.resize(size, Image.LANCZOS)
    image = Image.new("RGBA", size, (*colour, 0))
    image.putalpha(alpha)
    return image


def signature():
    size = (480, 280)
    mask = Image.new("L", (size[0] * SCALE, size[1] * SCALE), 0)
    # the capital: down, a loop below the line, up and over
    stroke(mask, [(150, 36), (128, 92), (106, 158), (84, 204), (58, 208), (60, 180), (98, 136),
                  (150, 84), (186, 46), (196, 30), (178, 42), (160, 92), (158, 128)], 6.2)
    # the name run together, ending in a long swing
    stroke(mask, [(158, 128), (176, 108), (192, 112), (182, 138), (196, 142), (214, 108), (222, 106),
                  (216, 136), (230, 134), (246, 102), (254, 104), (250, 132), (266, 128), (280, 100),
                  (294, 98), (290, 124), (304, 126), (330, 92), (366, 62), (412, 40), (446, 34),
                  (438, 48), (396, 70), (350, 82)], 5.2)
    # the mark of the tone and the hook
    stroke(mask, [(284, 66), (310, 58), (342, 56), (376, 62)], 4.6)
    # the flourish under the name
    stroke(mask, [(72, 236), (140, 214), (232, 196), (330, 188), (402, 190), (384, 200), (300, 212),
                  (216, 232), (170, 250), (236, 238), (330, 222), (420, 218)], 4.6)
    return inked(mask, size, BLUE)


def around(mask, text, font, radius, middle, top):
    """Letters on a circle, centred at the top (reading clockwise) or at the bottom (anticlockwise)."""
    centre = mask.width / 2
    widths = [font.getlength(letter) + 2.2 * SCALE for letter in text]
    sign = 1 if top else -1
    angle = middle - sign * sum(widths) / radius / 2
    for letter, width in zip(text, widths):
        angle += sign * width / radius / 2
        tile = Image.new("L", (220, 220), 0)
        ImageDraw.Draw(tile).text((110, 110), letter, font=font, fill=255, anchor="mm")
        turn = -math.degrees(angle) - 90 if top else -math.degrees(angle) + 90
        tile = tile.rotate(turn, resample=Image.BICUBIC)
        x = centre + radius * math.cos(angle) - 110
        y = centre + radius * math.sin(angle) - 110
        mask.paste(255, (round(x), round(y)), tile)
        angle += sign * width / radius / 2


def ring(draw, centre, radius, width):
    box = [centre - radius, centre - radius, centre + radius, centre + radius]
    draw.ellipse(box, outline=255, width=round(width))


def seal():
    side = 425  # 36 mm at 300 dots per inch
    full = side * SCALE
    mask = Image.new("L", (full, full), 0)
    draw = ImageDraw.Draw(mask)
    centre = full / 2
    ring(draw, centre, centre - 4 * SCALE, 8 * SCALE)
    ring(draw, centre, centre - 16 * SCALE, 2.5 * SCALE)
    ring(draw, centre, 128 * SCALE, 2.5 * SCALE)
    font = ImageFont.truetype(str(FONT), 34 * SCALE)
    around(mask, "ỦY BAN NHÂN DÂN", font, 161 * SCALE, -math.pi / 2, top=True)
    font = ImageFont.truetype(str(FONT), 28 * SCALE)
    around(mask, "TỈNH THỪA THIÊN HUẾ", font, 161 * SCALE, math.pi / 2, top=False)
    star = []
    for k in range(10):
        radius = (72 if k % 2 == 0 else 72 * 0.382) * SCALE
        angle = -math.pi / 2 + k * math.pi / 5
        star.append((centre + radius * math.cos(angle), centre - 20 * SCALE + radius * math.sin(angle)))
    draw.polygon(star, fill=255)
    font = ImageFont.truetype(str(FONT), 36 * SCALE)
    draw.text((centre, centre + 80 * SCALE), "MẪU", font=font, fill=255, anchor="mm")
    return inked(mask.point(lambda v: round(v * 0.92)), (side, side), RED)


if __name__ == "__main__":
    signature().save(HERE / "signature.png", optimize=True, dpi=(300, 300))
    seal().save(HERE / "seal.png", optimize=True, dpi=(300, 300))
