//! Two calls that cryptoki's safe face does not offer, made on the module's own function list.
//!
//! `C_SetPIN` without PINs, which is how a token with a pad of its own is told to ask for both; and `C_Sign` after a
//! `C_Login` for this one signature, for mechanisms that take their input in one piece (`CKM_ECDSA`, `CKM_RSA_PKCS`).

#![expect(
    unsafe_code,
    reason = "C functions of the module, reached by its own list"
)]

use std::path::Path;
use std::ptr;

use cryptoki::context::Function;
use cryptoki::error::{Error as Cryptoki, Rv};
use cryptoki::session::Session;
use cryptoki_sys::{CK_FUNCTION_LIST, CK_ULONG, Pkcs11};

/// Room for a signature: RSA of 8192 bits, twice what tokens have.
const ROOM: usize = 1024;

/// A module loaded already, reached without cryptoki.
pub(super) struct Raw {
    /// Keeps the library loaded while the list is used.
    _library: Pkcs11,
    list: *const CK_FUNCTION_LIST,
}

impl Raw {
    /// Takes the function list of a module that cryptoki has loaded; the system's loader hands out the same one.
    pub(super) fn of(path: &Path) -> Result<Self, Cryptoki> {
        // SAFETY: the module is loaded in this process already: no initialiser runs a second time.
        let library = unsafe { Pkcs11::new(path) }.map_err(Cryptoki::LibraryLoading)?;
        let get = *library
            .C_GetFunctionList
            .as_ref()
            .map_err(|_| Cryptoki::NullFunctionPointer)?;
        let mut list = ptr::null_mut();
        // SAFETY: the pointer is to room for a pointer, as the function wants.
        Rv::from(unsafe { get(&raw mut list) }).into_result(Function::GetFunctionList)?;
        if list.is_null() {
            return Err(Cryptoki::NullFunctionPointer);
        }
        Ok(Self {
            _library: library,
            list,
        })
    }

    /// Has the token ask for the old and the new PIN at its own pad.
    pub(super) fn change_pin_at_the_pad(&self, session: &Session) -> Result<(), Cryptoki> {
        // SAFETY: the list is not null and lives in the library held here.
        let set = unsafe { &*self.list }
            .C_SetPIN
            .ok_or(Cryptoki::NullFunctionPointer)?;
        // SAFETY: an open session; null PINs of length 0 are PKCS#11's way to say "at the pad".
        let code = unsafe { set(session.handle(), ptr::null_mut(), 0, ptr::null_mut(), 0) };
        Rv::from(code).into_result(Function::SetPIN)
    }

    /// The signature under way in this session, its whole input at once.
    pub(super) fn sign(&self, session: &Session, input: &[u8]) -> Result<Vec<u8>, Cryptoki> {
        // SAFETY: as above.
        let sign = unsafe { &*self.list }
            .C_Sign
            .ok_or(Cryptoki::NullFunctionPointer)?;
        let mut signature = vec![0; ROOM];
        let mut length = CK_ULONG::try_from(ROOM).map_err(Cryptoki::TryFromInt)?;
        let input_length = CK_ULONG::try_from(input.len()).map_err(Cryptoki::TryFromInt)?;
        // SAFETY: an open session; the module only reads the input (its type is of before `const`), and writes no more
        // than the length it is told.
        let code = unsafe {
            sign(
                session.handle(),
                input.as_ptr().cast_mut(),
                input_length,
                signature.as_mut_ptr(),
                &raw mut length,
            )
        };
        Rv::from(code).into_result(Function::Sign)?;
        signature.truncate(usize::try_from(length).map_err(Cryptoki::TryFromInt)?);
        Ok(signature)
    }
}
