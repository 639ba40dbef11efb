//! What a USB token says, as a state and a sentence.

use antin_ops::error::{Code, Error};
use antin_ops::message::{self, Language};
use antin_ops::office::{Office, Role};
use antin_ops::tokens;

use crate::dto::TokenStatus;

/// The token of a role. That it is absent, locked or without a driver is an answer, not a failure.
pub(crate) fn status(
    language: Language,
    office: &Office,
    role: Role,
) -> Result<TokenStatus, Error> {
    let label = Some(office.signer(role)?.token.clone());
    match tokens::status(office, role) {
        Ok(found) => Ok(TokenStatus {
            state: "ready".to_owned(),
            label,
            count_low: found.count_low,
            final_try: found.final_try,
            pin_pad: found.pin_pad,
            subject: Some(found.subject),
            not_after: Some(super::time(found.not_after)),
            advice: None,
        }),
        Err(error) => {
            let Some(state) = unready(error.code) else {
                return Err(error);
            };
            Ok(TokenStatus {
                state: state.to_owned(),
                label,
                count_low: false,
                final_try: false,
                pin_pad: false,
                subject: None,
                not_after: None,
                advice: Some(message::say(language, &error).advice),
            })
        }
    }
}

/// The state that an error of the token stands for.
fn unready(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::TokenAbsent | Code::TokenRemoved => "absent",
        Code::TokenCertificateMissing
        | Code::CertificateExpired
        | Code::CertificateNotYetValid
        | Code::CertificateNotForSigning => "no-certificate",
        Code::TokenModuleNotFound
        | Code::TokenDriver32Bit
        | Code::TokenDriverUnusable
        | Code::TokenDriverFailed => "no-driver",
        Code::PinLocked => "locked",
        _ => return None,
    })
}
