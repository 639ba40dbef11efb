"""pyHanko's verdict on the long-term levels of every signature of a PDF, one JSON object a line.

python pyhanko_ltv.py FILE… --trust ROOT.pem --level {lt,lta}

Nothing is fetched and nothing is lent: what proves that the certificates were good must be in the file. `lt` judges now,
with revocation required; `lta` runs the archive algorithm (EN 319 102-1, 5.6.3) for tomorrow, the time-stamp chain first.
Of each file the store is told first. Exit status 0 means that the files could be examined.
"""

import argparse
import asyncio
import json
import logging
import sys
from datetime import datetime, timedelta, timezone

from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.ades import simulate_future_ades_lta_validation
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, REQUIRE_REVINFO
from pyhanko_certvalidator.registry import SimpleTrustManager


async def now(signature, roots):
    store = DocumentSecurityStore.read_dss(signature.reader)
    contexts = [
        store.as_validation_context({"trust_roots": roots, "allow_fetching": False, "revocation_mode": "require"})
        for _ in range(2)
    ]
    status = await async_validate_pdf_signature(
        signature, signer_validation_context=contexts[0], ts_validation_context=contexts[1]
    )
    stamp = status.timestamp_validity
    return {
        "good": bool(status.bottom_line),
        "said": status.pretty_print_details() if not status.bottom_line else "",
        "timestamp_valid": None if stamp is None else bool(stamp.intact and stamp.valid and stamp.trusted),
    }


async def archived(signature, roots):
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=roots), revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO)
    )
    spec = PdfSignatureValidationSpec(
        SignatureValidationSpec(
            cert_validation_policy=policy,
            revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
        )
    )
    future = datetime.now(timezone.utc) + timedelta(days=1)
    result = await simulate_future_ades_lta_validation(signature, spec, future)
    return {"good": result.ades_subindic.status.name == "PASSED", "said": str(result.ades_subindic)}


async def judge(signature, args, roots):
    line = {"field": signature.field_name}
    try:
        return line | await (now if args.level == "lt" else archived)(signature, roots)
    except Exception as error:  # pyHanko raises many kinds; each is a verdict here
        return line | {"good": False, "said": f"{type(error).__name__}: {error}"}


async def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("files", nargs="+", metavar="FILE")
    arguments.add_argument("--trust", action="append", default=[])
    arguments.add_argument("--level", choices=["lt", "lta"], default="lt")
    args = arguments.parse_args()
    logging.disable(logging.CRITICAL)
    roots = list(load_certs_from_pemder(args.trust))
    for name in args.files:
        await examine(name, args, roots)


async def examine(name, args, roots):
    with open(name, "rb") as file:
        reader = PdfFileReader(file)
        if reader.encrypted:
            reader.decrypt("")
        store = DocumentSecurityStore.read_dss(reader)
        counts = {"certs": len(store.certs), "crls": len(store.crls), "ocsps": len(store.ocsps)}
        stamps = [stamp.field_name for stamp in reader.embedded_timestamp_signatures]
        sys.stdout.write(json.dumps({"file": name, "store": counts, "stamps": stamps}) + "\n")
        for signature in reader.embedded_regular_signatures:
            line = {"file": name} | await judge(signature, args, roots)
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


asyncio.run(main())
