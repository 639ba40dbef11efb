"""pyHanko's verdict on every signature of a PDF, one JSON object a line.

python pyhanko_verify.py FILE… --trust ROOT.pem [--other CERT]… [--at RFC3339] [--lenient]

Starting pyHanko costs most of its time, so it takes several files; each line names its own.
pyHanko judges hybrid-reference files only when it is lenient.

Exit status 0 means that the files could be examined, whatever the verdicts.
"""

import argparse
import asyncio
import json
import logging
import sys
from datetime import datetime

from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext


def context(args, at):
    return ValidationContext(
        trust_roots=list(load_certs_from_pemder(args.trust)),
        other_certs=list(load_certs_from_pemder(args.other)),
        moment=at,
        best_signature_time=at,
        allow_fetching=False,
        # The throw-away authorities of the tests answer no revocation requests.
        revocation_mode="soft-fail",
    )


def plain(text):
    # In an encrypted file pyHanko gives the strings of a lock still wrapped.
    return str(getattr(text, "decrypted", text))


async def judge(signature, args, at):
    line = {"field": signature.field_name}
    archive = signature.sig_object.get("/Type") == "/DocTimeStamp"
    try:
        if archive:
            status = await async_validate_pdf_timestamp(signature, context(args, at))
        else:
            status = await async_validate_pdf_signature(
                signature,
                signer_validation_context=context(args, at),
                ts_validation_context=context(args, at),
            )
    except Exception as error:  # pyHanko raises many kinds; each is a verdict here
        return line | {"errors": [f"{type(error).__name__}: {error}"]}
    stamp = None if archive else status.timestamp_validity
    return line | {
        "intact": status.intact,
        "valid": status.valid,
        "trusted": status.trusted,
        "bottom_line": status.intact and status.valid and status.trusted if archive else status.bottom_line,
        "coverage": status.coverage.name,
        "modification_level": getattr(status.modification_level, "name", None),
        "docmdp_ok": getattr(status, "docmdp_ok", None),
        "certification": getattr(signature.docmdp_level, "value", None),
        "locked": [plain(name) for name in signature.fieldmdp.fields] if signature.fieldmdp else None,
        "timestamp_valid": None if stamp is None else bool(stamp.intact and stamp.valid and stamp.trusted),
        "revision": signature.signed_revision,
        "mechanism": None if archive else status.pkcs7_signature_mechanism,
        "errors": [],
    }


async def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("files", nargs="+", metavar="FILE")
    arguments.add_argument("--trust", action="append", default=[])
    arguments.add_argument("--other", action="append", default=[])
    arguments.add_argument("--at")
    arguments.add_argument("--lenient", action="store_true")
    args = arguments.parse_args()
    at = datetime.fromisoformat(args.at) if args.at else None
    logging.disable(logging.CRITICAL)
    for name in args.files:
        with open(name, "rb") as file:
            reader = PdfFileReader(file, strict=not args.lenient)
            if reader.encrypted:
                reader.decrypt("")
            for signature in reader.embedded_signatures:
                line = {"file": name} | await judge(signature, args, at)
                sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


asyncio.run(main())
