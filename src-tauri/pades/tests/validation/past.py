"""Authorities whose past can be made up: certificates, lists and time-stamps of any date, and pyHanko's verdict at any.

Reads one JSON object a line, answers with one. The world is made at the start; nothing is written to disk.
"""

import asyncio
import json
import logging
import sys
from datetime import datetime, timedelta, timezone
from io import BytesIO

from asn1crypto import crl, keys, x509 as asn1x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation.ades import ades_basic_validation, ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.poe import POEManager
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleCertificateStore, SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer

WORLD = {}
CLOCK = {}


def made_then(manager, current_dt_override=None, made=POEManager.__init__):
    made(manager, current_dt_override or CLOCK["now"])


# What is only here exists since the judge looks at it, and that is not today.
POEManager.__init__ = made_then


def when(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def certificate(name, issuer, begin, end, usage, purposes=(), critical=True):
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    above = WORLD.get(issuer)
    authority = usage == "ca"
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above["cert"].subject if above else subject)
        .public_key(key.public_key())
        .serial_number(len(WORLD) + 100)
        .not_valid_before(when(begin))
        .not_valid_after(when(end))
        .add_extension(x509.BasicConstraints(authority, None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.KeyUsage(not authority, usage == "leaf", False, False, False, authority, authority, False, False), True
        )
    )
    if above:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(above["key"].public_key())
        builder = builder.add_extension(identifier, False)
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(purposes)), critical)
    made = builder.sign((above or {"key": key})["key"], hashes.SHA256())
    WORLD[name] = {"key": key, "cert": made}


def world():
    stamping = [ExtendedKeyUsageOID.TIME_STAMPING]
    certificate("root", None, "2010-01-01", "2060-01-01", "ca")
    certificate("sub", "root", "2010-01-01", "2060-01-01", "ca")
    certificate("leader", "sub", "2020-01-01", "2022-01-01", "leaf")
    certificate("seal", "sub", "2020-01-01", "2026-01-01", "leaf")
    certificate("tsa1", "root", "2019-01-01", "2023-01-01", "tsa", stamping)
    certificate("tsa2", "root", "2021-06-01", "2028-01-01", "tsa", stamping)
    certificate("tsa3", "root", "2027-01-01", "2035-01-01", "tsa", stamping)
    certificate("quiet", "root", "2019-01-01", "2035-01-01", "tsa", stamping, critical=False)
    # `cryptography` dates every answer today, and a responder must be in force then.
    certificate("responder", "sub", "2020-06-01", "2060-01-01", "tsa", [ExtendedKeyUsageOID.OCSP_SIGNING])
    certificate("busy", "root", "2019-01-01", "2035-01-01", "tsa", stamping + [ExtendedKeyUsageOID.CODE_SIGNING])


def der(name):
    return WORLD[name]["cert"].public_bytes(serialization.Encoding.DER)


def revocations(order):
    issuer = WORLD[order["issuer"]]
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer["cert"].subject)
        .last_update(when(order["from"]))
        .next_update(when(order["until"]))
        .add_extension(x509.CRLNumber(1), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer["key"].public_key()), False)
    )
    for name, date, reason in order["revoked"]:
        entry = x509.RevokedCertificateBuilder()
        entry = entry.serial_number(WORLD[name]["cert"].serial_number).revocation_date(when(date))
        builder = builder.add_revoked_certificate(
            entry.add_extension(x509.CRLReason(x509.ReasonFlags(reason)), False).build()
        )
    return builder.sign(issuer["key"], hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def answered(order):
    """Good news about a certificate, by a delegated responder whose own certificate is left out."""
    at = when(order["at"])
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=WORLD[order["name"]]["cert"],
        issuer=WORLD["sub"]["cert"],
        algorithm=hashes.SHA256(),
        cert_status=ocsp.OCSPCertStatus.GOOD,
        this_update=at,
        next_update=at + timedelta(days=1),
        revocation_time=None,
        revocation_reason=None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, WORLD["responder"]["cert"])
    return builder.sign(WORLD["responder"]["key"], hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def stamp(order):
    one = WORLD[order["authority"]]
    private = one["key"].private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    authority = DummyTimeStamper(
        asn1x509.Certificate.load(der(order["authority"])),
        keys.PrivateKeyInfo.load(private),
        SimpleCertificateStore(),
        fixed_dt=when(order["at"]),
    )
    token = asyncio.run(authority.async_timestamp(bytes.fromhex(order["digest"]), "sha256"))
    return token.dump()


def judge(order):
    reader = PdfFileReader(BytesIO(bytes.fromhex(order["pdf"])))
    CLOCK["now"] = at = when(order["at"])
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=[asn1x509.Certificate.load(der("root"))]),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
    )
    lists = [CRLContainer(crl.CertificateList.load(bytes.fromhex(one))) for one in order["crls"]]
    spec = PdfSignatureValidationSpec(
        SignatureValidationSpec(
            cert_validation_policy=policy,
            revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
            local_knowledge=LocalKnowledge(
                known_crls=lists, known_certs=[asn1x509.Certificate.load(der(name)) for name in WORLD]
            ),
        )
    )
    timing = ValidationTimingInfo(at, at, True)
    signature = reader.embedded_regular_signatures[0]
    try:
        if order["stamped"]:
            said = asyncio.run(ades_lta_validation(signature, spec, timing))
        else:
            digest = signature.compute_digest()
            basic = spec.signature_validation_spec
            said = asyncio.run(ades_basic_validation(signature.signed_data, basic, timing, raw_digest=digest))
    except Exception as error:  # pyHanko raises many kinds; each is a verdict here
        return {"said": type(error).__name__, "why": str(error)}
    return {"said": said.ades_subindic.name, "why": str(said.failure_msg)}


def answer(order):
    match order["do"]:
        case "certificate":
            return {"hex": der(order["name"]).hex()}
        case "revocations":
            return {"hex": revocations(order).hex()}
        case "answer":
            return {"hex": answered(order).hex()}
        case "stamp":
            return {"hex": stamp(order).hex()}
        case "sign":
            key = WORLD[order["name"]]["key"]
            return {"hex": key.sign(bytes.fromhex(order["bytes"]), padding.PKCS1v15(), hashes.SHA256()).hex()}
        case "judge":
            return judge(order)


logging.disable(logging.CRITICAL)
world()
for line in sys.stdin:
    sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
    sys.stdout.flush()
