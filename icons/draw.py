"""Draws icon.png and icon.ico: "Ấ" over "T" (Ấn Tín) in a seal's frame, white on the rail's violet.

Run in this folder: python3 draw.py. Only the standard library; the same bytes on every machine.
"""
import math
import struct
import zlib

VIOLET = (0x34, 0x19, 0x4C)  # --rail of the look
# Strokes on a grid of 512: x0, y0, x1, y1, width. Ends are square.
STROKES = [
    (158, 258, 262, 158, 32),
    (238, 158, 342, 258, 32),
    (320, 178, 362, 136, 30),
    (156, 302, 356, 302, 32),
    (256, 302, 256, 384, 32),
]
FRAME = (84, 84, 428, 428, 60, 24)  # x0, y0, x1, y1, corner radius, width


def rounded(x, y, x0, y0, x1, y1, r):
    """Signed distance to a rounded rectangle, negative inside."""
    cx, cy, hx, hy = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2 - r, (y1 - y0) / 2 - r
    dx, dy = abs(x - cx) - hx, abs(y - cy) - hy
    return math.hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - r


def stroke(x, y, x0, y0, x1, y1, width):
    """Signed distance to a stroke with square ends, negative inside."""
    length = math.hypot(x1 - x0, y1 - y0)
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    along = (x - x0) * ux + (y - y0) * uy
    across = abs((x - x0) * uy - (y - y0) * ux)
    return max(-along, along - length, across - width / 2)


def cover(distance, pixel):
    return min(1.0, max(0.0, 0.5 - distance / pixel))


def draw(size):
    pixel = 512 / size
    rows = bytearray()
    for j in range(size):
        rows.append(0)
        for i in range(size):
            x, y = (i + 0.5) * pixel, (j + 0.5) * pixel
            x0, y0, x1, y1, radius, width = FRAME
            frame = abs(rounded(x, y, x0, y0, x1, y1, radius)) - width / 2
            mark = min([frame] + [stroke(x, y, *s) for s in STROKES])
            white = cover(mark, pixel)
            alpha = cover(rounded(x, y, 0, 0, 512, 512, 96), pixel)
            rows += bytes(round(c + (255 - c) * white) for c in VIOLET) + bytes([round(alpha * 255)])
    return bytes(rows)


def png(size):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(draw(size), 9))
        + chunk(b"IEND", b"")
    )


def ico(sizes):
    images = [png(size) for size in sizes]
    head, body = struct.pack("<HHH", 0, 1, len(sizes)), b""
    for size, image in zip(sizes, images):
        offset = 6 + 16 * len(sizes) + len(body)
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(image), offset)
        body += image
    return head + body


if __name__ == "__main__":
    with open("icon.png", "wb") as out:
        out.write(png(512))
    with open("icon.ico", "wb") as out:
        out.write(ico([16, 32, 48, 64, 256]))
