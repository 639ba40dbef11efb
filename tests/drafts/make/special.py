"""What becomes of a finished file: scanned, scanned and read by a machine."""

import os
import subprocess

from PIL import Image


def _images(data, folder):
    path = os.path.join(folder, "scan.pdf")
    with open(path, "wb") as out:
        out.write(data)
    subprocess.run(["pdftoppm", "-r", "72", "-gray", path, os.path.join(folder, "scan")], check=True)
    names = sorted(n for n in os.listdir(folder) if n.startswith("scan") and n.endswith(".pgm"))
    pages = [Image.open(os.path.join(folder, n)).convert("L") for n in names]
    for n in names:
        os.remove(os.path.join(folder, n))
    return pages


def scanned(data, marks, folder):
    """Pictures of the pages, no text."""
    pages = _images(data, folder)
    out = os.path.join(folder, "scanned.pdf")
    pages[0].save(out, save_all=True, append_images=pages[1:], resolution=72, quality=40)
    with open(out, "rb") as file:
        return file.read(), None


def read_by_machine(data, marks, folder):
    """Pictures of the pages with an invisible layer of text, a little off, as OCR leaves it."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import ContentStream, NameObject, NumberObject

    picture, _ = scanned(data, marks, folder)
    path = os.path.join(folder, "picture.pdf")
    with open(path, "wb") as out:
        out.write(picture)
    writer = PdfWriter(clone_from=PdfReader(path))
    source = PdfReader(os.path.join(folder, "scan.pdf"))
    for page, text in zip(writer.pages, source.pages):
        content = ContentStream(text.get_contents(), source)
        content.operations = [([NumberObject(3)], b"Tr")] + [o for o in content.operations if o[1] not in (b"re", b"f", b"f*", b"W*", b"W", b"n", b"S")]
        layer = page.get_contents().get_data() + b"\nq 1 0 0 1 8 -9 cm\n" + content.get_data() + b"\nQ"
        from pypdf.generic import DecodedStreamObject
        stream = DecodedStreamObject()
        stream.set_data(layer)
        page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
        page["/Resources"][NameObject("/Font")] = text["/Resources"]["/Font"].clone(writer)
    out = os.path.join(folder, "read.pdf")
    writer.write(out)
    with open(out, "rb") as file:
        return file.read(), None
