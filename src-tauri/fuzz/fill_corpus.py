#!/usr/bin/env python3
"""Fills corpus/ from the seeds beside this file, from tests/letter and, if it is given, from a folder of third-party
corpora (`fill_corpus.py ../shared/corpora`). Files above 32 KiB are left out: the fuzzer makes small ones of its own."""

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LARGEST = 32 * 1024
PEM = re.compile(rb"-----BEGIN [A-Z0-9 ]+-----(.+?)-----END", re.S)


def put(target: str, data: bytes) -> None:
    if not 0 < len(data) <= LARGEST:
        return
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha256(data).hexdigest()[:20]).write_bytes(data)


def der_of(data: bytes) -> list[bytes]:
    """The DER inside PEM, or the bytes themselves."""
    found = PEM.findall(data)
    return [base64.b64decode(text) for text in found] if found else [data]


def pdf(data: bytes) -> None:
    put("xref", data)
    if b"/ByteRange" in data:
        put("byte_range", data)
    for text in re.findall(rb"/Contents\s*<([0-9a-fA-F\s]{200,})>", data):
        digits = re.sub(rb"\s", b"", text)
        cms = bytes.fromhex(digits[: len(digits) // 2 * 2].decode()).rstrip(b"\0")
        put("cms", cms)
        if b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04" in cms:  # id-ct-TSTInfo
            put("tst", cms)
    for body in re.findall(rb"\bobj\s(.{1,4000}?)\bendobj", data, re.S)[:40]:
        put("object", body)


def read(path: Path) -> None:
    data = path.read_bytes()
    kind = path.suffix.lower()
    if data[:5] == b"%PDF-" or kind in (".pdf", ".qdf", ".fuzz"):
        pdf(data)
    elif kind in (".crt", ".cer", ".pem", ".der"):
        for der in der_of(data):
            put("certificate", der)
    elif kind == ".crl":
        for der in der_of(data):
            put("crl", der)
    elif kind == ".ors":
        for der in der_of(data), [base64.b64decode(data)] if data[:1] != b"0" else []:
            for one in der:
                put("ocsp", one)
    elif kind == ".json":
        for text in re.findall(r"-----BEGIN (CERTIFICATE|X509 CRL)-----(.+?)-----END", json.dumps(json.loads(data))):
            put("crl" if "CRL" in text[0] else "certificate", base64.b64decode(text[1].replace("\\n", "")))


def main() -> None:
    for path in sorted((HERE / "seeds").rglob("*")):
        if path.is_file() and path.parent != HERE / "seeds":
            put(path.parent.name, path.read_bytes())
        elif path.is_file():
            read(path)
    for folder in [HERE / "../../tests/letter", *map(Path, sys.argv[1:])]:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                try:
                    read(path)
                except (ValueError, OSError) as error:
                    print(f"{path}: left out: {error}", file=sys.stderr)
    for folder in sorted((HERE / "corpus").iterdir()):
        print(f"{folder.name}: {sum(1 for _ in folder.iterdir())}")


if __name__ == "__main__":
    main()
