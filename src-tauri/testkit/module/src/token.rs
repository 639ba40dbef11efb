//! What a token keeps between processes: the tries left, its PIN, and whether it is plugged in.

use std::fs::{self, File};
use std::path::PathBuf;

use cryptoki_sys::{
    CK_FLAGS, CK_RV, CKF_LOGIN_REQUIRED, CKF_PROTECTED_AUTHENTICATION_PATH, CKF_RNG,
    CKF_TOKEN_INITIALIZED, CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY,
    CKF_USER_PIN_INITIALIZED, CKF_USER_PIN_LOCKED, CKR_FUNCTION_CANCELED, CKR_GENERAL_ERROR,
    CKR_OK, CKR_PIN_INCORRECT, CKR_PIN_LEN_RANGE, CKR_PIN_LOCKED,
};

use crate::script::Token;
use crate::state::folder;
use crate::{tries_left, unplugged};

impl Token {
    pub(crate) fn is_present(&self) -> bool {
        !folder().join(unplugged(&self.serial)).exists()
    }

    pub(crate) fn pull(serial: &str) {
        let _ = fs::write(folder().join(unplugged(serial)), "");
    }

    pub(crate) fn flags(&self) -> CK_FLAGS {
        let left = self.left();
        let pad = self.pad.as_ref();
        [
            (
                true,
                CKF_RNG | CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED | CKF_TOKEN_INITIALIZED,
            ),
            (true, self.flags),
            (pad.is_some(), CKF_PROTECTED_AUTHENTICATION_PATH),
            (left < self.tries && left > 0, CKF_USER_PIN_COUNT_LOW),
            (left == 1, CKF_USER_PIN_FINAL_TRY),
            (left == 0, CKF_USER_PIN_LOCKED),
        ]
        .into_iter()
        .filter(|(is_set, _)| *is_set)
        .fold(0, |flags, (_, flag)| flags | flag)
    }

    /// Judges a PIN and counts it, as one step for all processes. `None` is the token's own pad.
    pub(crate) fn enter(&self, pin: Option<&[u8]>) -> CK_RV {
        let Ok(_alone) = self.lock() else {
            return CKR_GENERAL_ERROR;
        };
        let typed;
        let pin = match (pin, self.pad.is_some()) {
            (Some(pin), false) => pin,
            (None, true) => {
                typed = self.typed();
                if typed.is_empty() {
                    return CKR_FUNCTION_CANCELED;
                }
                typed.as_bytes()
            }
            // A PIN sent past the pad is a try like any other, and a wrong one.
            (Some(_), true) => b"",
            (None, false) => return CKR_PIN_LEN_RANGE,
        };
        let left = self.left();
        if left == 0 {
            return CKR_PIN_LOCKED;
        }
        if self.pad.is_none() && !self.takes(pin) {
            return CKR_PIN_LEN_RANGE;
        }
        if pin == self.pin_now().as_bytes() {
            self.keep(tries_left(&self.serial), self.tries.to_string());
            return CKR_OK;
        }
        self.keep(tries_left(&self.serial), (left - 1).to_string());
        if left == 1 && self.locks_loudly {
            return CKR_PIN_LOCKED;
        }
        CKR_PIN_INCORRECT
    }

    /// Judges the old PIN and keeps the new one.
    pub(crate) fn change(&self, old: Option<&[u8]>, new: Option<&[u8]>) -> CK_RV {
        if self.pad.is_none() && !new.is_some_and(|new| self.takes(new)) {
            return CKR_PIN_LEN_RANGE;
        }
        let code = self.enter(old);
        if code != CKR_OK {
            return code;
        }
        let Ok(_alone) = self.lock() else {
            return CKR_GENERAL_ERROR;
        };
        let typed;
        let new = match new {
            Some(new) => new,
            None => {
                typed = self.typed();
                typed.as_bytes()
            }
        };
        self.keep(
            format!("pin-{}", self.serial),
            String::from_utf8_lossy(new).into_owned(),
        );
        CKR_OK
    }

    fn takes(&self, pin: &[u8]) -> bool {
        let (shortest, longest) = self.pin_length;
        u64::try_from(pin.len()).is_ok_and(|length| (shortest..=longest).contains(&length))
    }

    /// What the person types at the pad next.
    fn typed(&self) -> String {
        let name = format!("typed-{}", self.serial);
        let done: usize = self.read(&name).and_then(|n| n.parse().ok()).unwrap_or(0);
        self.keep(name, (done + 1).to_string());
        let words = self.pad.as_deref().unwrap_or_default();
        words.get(done).cloned().unwrap_or_default()
    }

    fn left(&self) -> u32 {
        self.read(&tries_left(&self.serial))
            .and_then(|left| left.parse().ok())
            .unwrap_or(self.tries)
    }

    fn pin_now(&self) -> String {
        self.read(&format!("pin-{}", self.serial))
            .unwrap_or_else(|| self.pin.clone())
    }

    fn lock(&self) -> std::io::Result<File> {
        let file = File::create(folder().join(format!("lock-{}", self.serial)))?;
        file.lock()?;
        Ok(file)
    }

    fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(folder().join(name)).ok()
    }

    fn keep(&self, name: String, content: String) {
        let path: PathBuf = folder().join(name);
        let _ = fs::write(path, content);
    }
}
