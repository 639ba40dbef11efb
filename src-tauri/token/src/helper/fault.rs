//! PKCS#11's return codes as this crate's error.

use std::path::Path;

use cryptoki::context::Function;
use cryptoki::error::{Error as Cryptoki, RvError};

use crate::{Error, Unusable};

/// What a failed call means where no more is known than its code. PIN codes without the token's flags land here only
/// from calls other than a login.
pub(super) fn error(fault: Cryptoki) -> Error {
    let (code, function) = match fault {
        Cryptoki::Pkcs11(code, function) => (code, function),
        Cryptoki::NotSupported | Cryptoki::NullFunctionPointer => {
            return Error::Unsupported {
                what: "function".into(),
            };
        }
        other => {
            return Error::Other {
                function: "cryptoki".into(),
                code: other.to_string(),
            };
        }
    };
    match code {
        RvError::DeviceRemoved
        | RvError::TokenNotPresent
        | RvError::SessionHandleInvalid
        | RvError::SessionClosed
        | RvError::SlotIdInvalid => Error::TokenRemoved,
        RvError::PinLocked => Error::PinLocked,
        RvError::PinInvalid | RvError::PinLenRange | RvError::PinTooWeak => Error::PinInvalid,
        RvError::PinExpired => Error::PinExpired,
        RvError::PinIncorrect => Error::PinIncorrect {
            count_low: true,
            final_try: false,
        },
        RvError::Cancel | RvError::FunctionCanceled | RvError::FunctionRejected => Error::Cancelled,
        RvError::UserPinNotInitialized => Error::PinNotInitialised,
        RvError::UserNotLoggedIn => Error::LoginRequired,
        RvError::MechanismInvalid
        | RvError::MechanismParamInvalid
        | RvError::FunctionNotSupported
        | RvError::KeyTypeInconsistent
        | RvError::KeySizeRange
        | RvError::CurveNotSupported => Error::Unsupported {
            what: format!("{}: {}", c_name(function), ckr_name(code)),
        },
        _ => Error::Other {
            function: c_name(function),
            code: ckr_name(code),
        },
    }
}

/// Why a module could not be loaded or initialised.
pub(super) fn unusable(path: &Path, fault: Cryptoki) -> Error {
    let cause = match fault {
        Cryptoki::LibraryLoading(loader) => Unusable::NotLoadable {
            detail: loader.to_string(),
        },
        Cryptoki::MissingSymbol(_) | Cryptoki::NullFunctionPointer => Unusable::NotPkcs11,
        Cryptoki::Pkcs11(code, function) => Unusable::Refused {
            function: c_name(function),
            code: ckr_name(code),
        },
        other => Unusable::Refused {
            function: "cryptoki".into(),
            code: other.to_string(),
        },
    };
    Error::ModuleUnusable {
        path: path.to_path_buf(),
        cause,
    }
}

/// `Sign` → `C_Sign`.
fn c_name(function: Function) -> String {
    format!("C_{function:?}")
}

/// `DeviceError` → `CKR_DEVICE_ERROR`, as vendors' support asks for it.
fn ckr_name(code: RvError) -> String {
    match code {
        RvError::VendorDefined(number) => {
            return format!("CKR_VENDOR_DEFINED+{:#x}", number & 0x7fff_ffff);
        }
        RvError::UnknownErrorCode(number) => return format!("{number:#x}"),
        _ => {}
    }
    let mut name = String::from("CKR");
    for letter in format!("{code:?}").chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_bear_their_name_in_the_standard() {
        assert_eq!(ckr_name(RvError::DeviceError), "CKR_DEVICE_ERROR");
        assert_eq!(
            ckr_name(RvError::VendorDefined(0x8000_0001)),
            "CKR_VENDOR_DEFINED+0x1"
        );
        assert_eq!(c_name(Function::Sign), "C_Sign");
    }

    #[test]
    fn a_function_failure_is_never_a_wrong_pin() {
        let told = error(Cryptoki::Pkcs11(RvError::FunctionFailed, Function::Login));
        assert!(
            matches!(told, Error::Other { ref code, .. } if code == "CKR_FUNCTION_FAILED"),
            "{told:?}"
        );
    }
}
