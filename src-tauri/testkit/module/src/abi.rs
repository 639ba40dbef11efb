//! The C functions.
//!
//! Each begins with [`enter`], where the script may strike; what is left is a small, well-behaved token.

#![expect(
    unsafe_code,
    reason = "PKCS#11 is a C interface: callers hand over pointers"
)]
#![allow(non_snake_case, reason = "the names are the standard's")]

use std::ffi::c_void;
use std::sync::LazyLock;

use cryptoki_sys::*;

use crate::key;
use crate::script::{Object, Token};
use crate::state::{Asked, Operation, Session, enter, note, script, state, token_in, token_of};

/// The outcome of a call, with `?` for every code that is not `CKR_OK`.
type Outcome = Result<(), CK_RV>;

fn code(outcome: Outcome) -> CK_RV {
    match outcome {
        Ok(()) => CKR_OK,
        Err(code) => code,
    }
}

static FUNCTIONS: LazyLock<CK_FUNCTION_LIST> = LazyLock::new(|| CK_FUNCTION_LIST {
    version: CK_VERSION {
        major: 2,
        minor: 40,
    },
    C_Initialize: Some(initialize),
    C_Finalize: Some(finalize),
    C_GetInfo: Some(get_info),
    C_GetFunctionList: Some(C_GetFunctionList),
    C_GetSlotList: Some(get_slot_list),
    C_GetSlotInfo: Some(get_slot_info),
    C_GetTokenInfo: Some(get_token_info),
    C_GetMechanismList: Some(get_mechanism_list),
    C_GetMechanismInfo: Some(get_mechanism_info),
    C_SetPIN: Some(set_pin),
    C_OpenSession: Some(open_session),
    C_CloseSession: Some(close_session),
    C_CloseAllSessions: Some(close_all_sessions),
    C_GetSessionInfo: Some(get_session_info),
    C_Login: Some(login),
    C_Logout: Some(logout),
    C_GetAttributeValue: Some(get_attribute_value),
    C_FindObjectsInit: Some(find_objects_init),
    C_FindObjects: Some(find_objects),
    C_FindObjectsFinal: Some(find_objects_final),
    C_SignInit: Some(sign_init),
    C_Sign: Some(sign),
    C_SignUpdate: Some(sign_update),
    C_SignFinal: Some(sign_final),
    ..CK_FUNCTION_LIST::default()
});

/// The one symbol that a PKCS#11 module exports.
///
/// # Safety
/// `list` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn C_GetFunctionList(list: *mut *mut CK_FUNCTION_LIST) -> CK_RV {
    if list.is_null() {
        return CKR_ARGUMENTS_BAD;
    }
    // SAFETY: not null, and the caller vouches for the room. Callers only read the list.
    unsafe { list.write(std::ptr::from_ref(&*FUNCTIONS).cast_mut()) };
    CKR_OK
}

/// Reads address zero, as broken modules do.
pub(crate) fn read_nothing() -> ! {
    // SAFETY: none: the process is meant to die here, by the system's hand.
    unsafe {
        std::ptr::null::<u8>().read_volatile();
    }
    std::process::abort()
}

/// The caller's bytes; `None` for a null pointer.
///
/// # Safety
/// The pointer is null or points to that many bytes, for as long as the call lasts.
unsafe fn bytes<'a>(pointer: *const u8, length: CK_ULONG) -> Option<&'a [u8]> {
    let length = usize::try_from(length).ok()?;
    // SAFETY: not null here; the length is the caller's word, as everywhere in PKCS#11.
    (!pointer.is_null()).then(|| unsafe { std::slice::from_raw_parts(pointer, length) })
}

/// Writes a structure or a number to where the caller wants it.
///
/// # Safety
/// The pointer is null or points to room for the value.
unsafe fn put<T>(room: *mut T, value: T) -> Outcome {
    if room.is_null() {
        return Err(CKR_ARGUMENTS_BAD);
    }
    // SAFETY: not null; the caller vouches for the room.
    unsafe { room.write(value) };
    Ok(())
}

/// Answers a list or bytes by PKCS#11's two-step custom: the count alone, or the values too. `claim` replaces the count
/// where the caller asks for it.
///
/// # Safety
/// `count` is null or points to a number, and `room` is null or points to room for as many values as that says.
unsafe fn put_list<T: Copy>(
    values: &[T],
    room: *mut T,
    count: *mut CK_ULONG,
    claim: Option<u64>,
) -> Outcome {
    if count.is_null() {
        return Err(CKR_ARGUMENTS_BAD);
    }
    let length = CK_ULONG::try_from(values.len()).map_err(|_| CKR_HOST_MEMORY)?;
    // SAFETY: not null; the caller vouches for it.
    let offered = unsafe { count.read() };
    if room.is_null() {
        // SAFETY: as above.
        return unsafe { put(count, claim.unwrap_or(length)) };
    }
    // SAFETY: as above.
    unsafe { put(count, length) }?;
    if offered < length {
        return Err(CKR_BUFFER_TOO_SMALL);
    }
    // SAFETY: the caller vouches for `offered` places, and `length` of them are written.
    unsafe { room.copy_from_nonoverlapping(values.as_ptr(), values.len()) };
    Ok(())
}

/// A text padded with blanks.
fn padded<const N: usize>(text: &[u8]) -> [u8; N] {
    let mut field = [b' '; N];
    for (place, byte) in field.iter_mut().zip(text) {
        *place = *byte;
    }
    field
}

unsafe extern "C" fn initialize(_: *mut c_void) -> CK_RV {
    code(enter("C_Initialize", None).map(drop))
}

unsafe extern "C" fn finalize(_: *mut c_void) -> CK_RV {
    note("C_Finalize");
    let outcome = enter("C_Finalize", None).map(drop);
    state().sessions.clear();
    state().logged_in.clear();
    code(outcome)
}

unsafe extern "C" fn get_info(info: *mut CK_INFO) -> CK_RV {
    let known = CK_INFO {
        cryptokiVersion: CK_VERSION {
            major: 2,
            minor: 40,
        },
        manufacturerID: padded(b"An Tin tests"),
        libraryDescription: padded(b"Scripted faults"),
        ..CK_INFO::default()
    };
    // SAFETY: the caller's pointer, checked in `put`.
    code(enter("C_GetInfo", None).and_then(|_| unsafe { put(info, known) }))
}

unsafe extern "C" fn get_slot_list(
    with_token: CK_BBOOL,
    slots: *mut CK_SLOT_ID,
    count: *mut CK_ULONG,
) -> CK_RV {
    let answer = |asked: Asked| {
        let listed: Vec<CK_SLOT_ID> = script()
            .tokens
            .iter()
            .filter(|token| with_token == CK_FALSE || token.is_present())
            .map(|token| token.slot)
            .collect();
        // SAFETY: the caller's pointers, checked in `put_list`.
        unsafe { put_list(&listed, slots, count, asked.claim) }
    };
    code(enter("C_GetSlotList", None).and_then(answer))
}

unsafe extern "C" fn get_slot_info(slot: CK_SLOT_ID, info: *mut CK_SLOT_INFO) -> CK_RV {
    let present = token_in(slot).map_or(0, |_| CKF_TOKEN_PRESENT);
    let known = CK_SLOT_INFO {
        slotDescription: padded(b"Scripted reader"),
        manufacturerID: padded(b"An Tin tests"),
        flags: CKF_REMOVABLE_DEVICE | CKF_HW_SLOT | present,
        ..CK_SLOT_INFO::default()
    };
    // SAFETY: the caller's pointer, checked in `put`.
    code(enter("C_GetSlotInfo", None).and_then(|_| unsafe { put(info, known) }))
}

unsafe extern "C" fn get_token_info(slot: CK_SLOT_ID, info: *mut CK_TOKEN_INFO) -> CK_RV {
    let answer = |_| {
        let token = token_in(slot).ok_or(CKR_TOKEN_NOT_PRESENT)?;
        let (shortest, longest) = token.pin_length;
        let known = CK_TOKEN_INFO {
            label: padded(&token.label),
            manufacturerID: padded(b"An Tin tests"),
            model: padded(b"Scripted"),
            serialNumber: padded(token.serial.as_bytes()),
            flags: token.flags(),
            ulMaxPinLen: longest,
            ulMinPinLen: shortest,
            utcTime: [b'0'; 16],
            ..CK_TOKEN_INFO::default()
        };
        // SAFETY: the caller's pointer, checked in `put`.
        unsafe { put(info, known) }
    };
    code(enter("C_GetTokenInfo", None).and_then(answer))
}

fn mechanisms(token: &Token) -> Vec<CK_MECHANISM_TYPE> {
    let all = key::MECHANISMS.into_iter();
    all.filter(|one| token.mechanisms.is_empty() || token.mechanisms.contains(one))
        .collect()
}

unsafe extern "C" fn get_mechanism_list(
    slot: CK_SLOT_ID,
    list: *mut CK_MECHANISM_TYPE,
    count: *mut CK_ULONG,
) -> CK_RV {
    let answer = |asked: Asked| {
        let token = token_in(slot).ok_or(CKR_TOKEN_NOT_PRESENT)?;
        // SAFETY: the caller's pointers, checked in `put_list`.
        unsafe { put_list(&mechanisms(&token), list, count, asked.claim) }
    };
    code(enter("C_GetMechanismList", None).and_then(answer))
}

unsafe extern "C" fn get_mechanism_info(
    slot: CK_SLOT_ID,
    mechanism: CK_MECHANISM_TYPE,
    info: *mut CK_MECHANISM_INFO,
) -> CK_RV {
    let answer = |_| {
        let token = token_in(slot).ok_or(CKR_TOKEN_NOT_PRESENT)?;
        if !mechanisms(&token).contains(&mechanism) {
            return Err(CKR_MECHANISM_INVALID);
        }
        let known = CK_MECHANISM_INFO {
            ulMinKeySize: 256,
            ulMaxKeySize: 4096,
            flags: CKF_SIGN,
        };
        // SAFETY: the caller's pointer, checked in `put`.
        unsafe { put(info, known) }
    };
    code(enter("C_GetMechanismInfo", None).and_then(answer))
}

unsafe extern "C" fn open_session(
    slot: CK_SLOT_ID,
    flags: CK_FLAGS,
    _: *mut c_void,
    _: CK_NOTIFY,
    handle: *mut CK_SESSION_HANDLE,
) -> CK_RV {
    let answer = |_| {
        token_in(slot).ok_or(CKR_TOKEN_NOT_PRESENT)?;
        let mut state = state();
        state.last_session += 1;
        let number = state.last_session;
        let session = Session {
            slot,
            may_write: flags & CKF_RW_SESSION != 0,
            ..Session::default()
        };
        state.sessions.insert(number, session);
        // SAFETY: the caller's pointer, checked in `put`.
        unsafe { put(handle, number) }
    };
    code(enter("C_OpenSession", None).and_then(answer))
}

unsafe extern "C" fn close_session(session: CK_SESSION_HANDLE) -> CK_RV {
    let answer = |_| {
        let mut state = state();
        let closed = state.sessions.remove(&session);
        let slot = closed.ok_or(CKR_SESSION_HANDLE_INVALID)?.slot;
        if state.sessions.values().all(|other| other.slot != slot) {
            state.logged_in.remove(&slot);
        }
        Ok(())
    };
    code(enter("C_CloseSession", None).and_then(answer))
}

unsafe extern "C" fn close_all_sessions(slot: CK_SLOT_ID) -> CK_RV {
    let answer = |_| {
        let mut state = state();
        state.sessions.retain(|_, session| session.slot != slot);
        state.logged_in.remove(&slot);
        Ok(())
    };
    code(enter("C_CloseAllSessions", None).and_then(answer))
}

unsafe extern "C" fn get_session_info(
    session: CK_SESSION_HANDLE,
    info: *mut CK_SESSION_INFO,
) -> CK_RV {
    let answer = |_| {
        token_of(session)?;
        let state = state();
        let known = state.sessions.get(&session);
        let known = known.ok_or(CKR_SESSION_HANDLE_INVALID)?;
        let user = state.logged_in.contains(&known.slot);
        let known = CK_SESSION_INFO {
            slotID: known.slot,
            state: match (known.may_write, user) {
                (false, false) => CKS_RO_PUBLIC_SESSION,
                (false, true) => CKS_RO_USER_FUNCTIONS,
                (true, false) => CKS_RW_PUBLIC_SESSION,
                (true, true) => CKS_RW_USER_FUNCTIONS,
            },
            flags: CKF_SERIAL_SESSION,
            ulDeviceError: 0,
        };
        // SAFETY: the caller's pointer, checked in `put`.
        unsafe { put(info, known) }
    };
    code(enter("C_GetSessionInfo", None).and_then(answer))
}

unsafe extern "C" fn login(
    session: CK_SESSION_HANDLE,
    user: CK_USER_TYPE,
    pin: *mut CK_UTF8CHAR,
    length: CK_ULONG,
) -> CK_RV {
    // SAFETY: the caller's pointer and length.
    let pin = unsafe { bytes(pin, length) };
    let context = user == CKU_CONTEXT_SPECIFIC;
    note(if context {
        "C_Login context"
    } else {
        "C_Login"
    });
    let answer = |_| {
        let token = token_of(session)?;
        if !context && state().logged_in.contains(&token.slot) {
            return Err(CKR_USER_ALREADY_LOGGED_IN);
        }
        match token.enter(pin) {
            CKR_OK => {}
            code => return Err(code),
        }
        let mut state = state();
        state.logged_in.insert(token.slot);
        let session = state.sessions.get_mut(&session);
        if let Some(operation) = session.and_then(|session| session.operation.as_mut()) {
            operation.wants_pin = false;
        }
        Ok(())
    };
    code(enter("C_Login", pin).and_then(answer))
}

unsafe extern "C" fn logout(session: CK_SESSION_HANDLE) -> CK_RV {
    let answer = |_| {
        let token = token_of(session)?;
        state().logged_in.remove(&token.slot);
        Ok(())
    };
    code(enter("C_Logout", None).and_then(answer))
}

unsafe extern "C" fn set_pin(
    session: CK_SESSION_HANDLE,
    old: *mut CK_UTF8CHAR,
    old_length: CK_ULONG,
    new: *mut CK_UTF8CHAR,
    new_length: CK_ULONG,
) -> CK_RV {
    // SAFETY: the caller's pointers and lengths.
    let (old, new) = unsafe { (bytes(old, old_length), bytes(new, new_length)) };
    note("C_SetPIN");
    let answer = |_| {
        let token = token_of(session)?;
        let may_write = state().sessions.get(&session).is_some_and(|s| s.may_write);
        if !may_write {
            return Err(CKR_SESSION_READ_ONLY);
        }
        match token.change(old, new) {
            CKR_OK => Ok(()),
            code => Err(code),
        }
    };
    code(enter("C_SetPIN", old).and_then(answer))
}

/// The kinds of PKCS#11 objects under one `CKA_ID`; a handle is the object's place times this many, plus the kind.
const KINDS: u64 = 4;
const CERTIFICATE: u64 = 1;
const PRIVATE_KEY: u64 = 2;
const PUBLIC_KEY: u64 = 3;

fn exists(object: &Object, kind: u64, logged_in: bool) -> bool {
    match kind {
        CERTIFICATE => object.certificate.is_some(),
        PRIVATE_KEY => object.key.is_some() && logged_in,
        PUBLIC_KEY => object.public,
        _ => false,
    }
}

/// An attribute's value; `None` where the object has none of that type.
fn attribute(object: &Object, kind: u64, wanted: CK_ATTRIBUTE_TYPE) -> Option<Vec<u8>> {
    let number = |value: CK_ULONG| value.to_ne_bytes().to_vec();
    Some(match wanted {
        CKA_CLASS => number(match kind {
            CERTIFICATE => CKO_CERTIFICATE,
            PRIVATE_KEY => CKO_PRIVATE_KEY,
            _ => CKO_PUBLIC_KEY,
        }),
        CKA_TOKEN => vec![CK_TRUE],
        CKA_PRIVATE => vec![u8::from(kind == PRIVATE_KEY)],
        CKA_ID => object.id.clone(),
        CKA_LABEL => object.label.clone(),
        CKA_CERTIFICATE_TYPE if kind == CERTIFICATE => number(CKC_X_509),
        CKA_VALUE if kind == CERTIFICATE => object.certificate.as_ref()?.bytes.clone(),
        CKA_ALWAYS_AUTHENTICATE if kind == PRIVATE_KEY => {
            vec![u8::from(object.always_authenticate)]
        }
        CKA_SIGN if kind == PRIVATE_KEY => vec![CK_TRUE],
        _ => return None,
    })
}

unsafe extern "C" fn find_objects_init(
    session: CK_SESSION_HANDLE,
    template: *mut CK_ATTRIBUTE,
    count: CK_ULONG,
) -> CK_RV {
    let answer = |_| {
        let token = token_of(session)?;
        let count = usize::try_from(count).map_err(|_| CKR_ARGUMENTS_BAD)?;
        let template = if template.is_null() {
            &[]
        } else {
            // SAFETY: not null; the caller vouches for the count.
            unsafe { std::slice::from_raw_parts(template, count) }
        };
        let mut state = state();
        let logged_in = state.logged_in.contains(&token.slot);
        let session = state.sessions.get_mut(&session);
        let session = session.ok_or(CKR_SESSION_HANDLE_INVALID)?;
        session.found.clear();
        for (place, object) in (0u64..).zip(&token.objects) {
            for kind in (CERTIFICATE..KINDS).filter(|&kind| exists(object, kind, logged_in)) {
                let fits = template.iter().all(|wanted| {
                    // SAFETY: each attribute's pointer and length are the caller's.
                    let value = unsafe { bytes(wanted.pValue.cast(), wanted.ulValueLen) };
                    attribute(object, kind, wanted.type_).as_deref()
                        == Some(value.unwrap_or_default())
                });
                if fits {
                    session.found.push(place * KINDS + kind);
                }
            }
        }
        Ok(())
    };
    code(enter("C_FindObjectsInit", None).and_then(answer))
}

unsafe extern "C" fn find_objects(
    session: CK_SESSION_HANDLE,
    room: *mut CK_OBJECT_HANDLE,
    most: CK_ULONG,
    count: *mut CK_ULONG,
) -> CK_RV {
    let answer = |_| {
        token_of(session)?;
        let mut state = state();
        let session = state.sessions.get_mut(&session);
        let session = session.ok_or(CKR_SESSION_HANDLE_INVALID)?;
        let most = usize::try_from(most).map_err(|_| CKR_ARGUMENTS_BAD)?;
        let now = session.found.len().min(most);
        let handles: Vec<CK_OBJECT_HANDLE> = session.found.drain(..now).collect();
        if room.is_null() {
            return Err(CKR_ARGUMENTS_BAD);
        }
        // SAFETY: not null; the caller vouches for `most` places, and no more are written.
        unsafe { room.copy_from_nonoverlapping(handles.as_ptr(), handles.len()) };
        let number = CK_ULONG::try_from(handles.len()).map_err(|_| CKR_HOST_MEMORY)?;
        // SAFETY: the caller's pointer, checked in `put`.
        unsafe { put(count, number) }
    };
    code(enter("C_FindObjects", None).and_then(answer))
}

unsafe extern "C" fn find_objects_final(session: CK_SESSION_HANDLE) -> CK_RV {
    let answer = |_| token_of(session).map(drop);
    code(enter("C_FindObjectsFinal", None).and_then(answer))
}

/// The object of a handle, and which of its kinds is meant.
fn object_of(token: &Token, handle: CK_OBJECT_HANDLE) -> Result<(&Object, u64), CK_RV> {
    let place = usize::try_from(handle / KINDS).map_err(|_| CKR_OBJECT_HANDLE_INVALID)?;
    let logged_in = state().logged_in.contains(&token.slot);
    token
        .objects
        .get(place)
        .map(|object| (object, handle % KINDS))
        .filter(|(object, kind)| exists(object, *kind, logged_in))
        .ok_or(CKR_OBJECT_HANDLE_INVALID)
}

unsafe extern "C" fn get_attribute_value(
    session: CK_SESSION_HANDLE,
    handle: CK_OBJECT_HANDLE,
    template: *mut CK_ATTRIBUTE,
    count: CK_ULONG,
) -> CK_RV {
    let answer = |_| {
        let token = token_of(session)?;
        let (object, kind) = object_of(&token, handle)?;
        let count = usize::try_from(count).map_err(|_| CKR_ARGUMENTS_BAD)?;
        if template.is_null() {
            return Err(CKR_ARGUMENTS_BAD);
        }
        // SAFETY: not null; the caller vouches for the count.
        let template = unsafe { std::slice::from_raw_parts_mut(template, count) };
        let mut outcome = Ok(());
        for wanted in template {
            let Some(value) = attribute(object, kind, wanted.type_) else {
                wanted.ulValueLen = CK_UNAVAILABLE_INFORMATION;
                outcome = Err(CKR_ATTRIBUTE_TYPE_INVALID);
                continue;
            };
            let claim = object
                .certificate
                .as_ref()
                .filter(|_| wanted.type_ == CKA_VALUE)
                .and_then(|stored| stored.claimed);
            let room = wanted.pValue.cast::<u8>();
            // SAFETY: the caller's room, of the length beside it.
            let put = unsafe { put_list(&value, room, &raw mut wanted.ulValueLen, claim) };
            outcome = outcome.and(put);
        }
        outcome
    };
    code(enter("C_GetAttributeValue", None).and_then(answer))
}

unsafe extern "C" fn sign_init(
    session: CK_SESSION_HANDLE,
    mechanism: *mut CK_MECHANISM,
    key: CK_OBJECT_HANDLE,
) -> CK_RV {
    let answer = |_| {
        let token = token_of(session)?;
        if mechanism.is_null() {
            return Err(CKR_ARGUMENTS_BAD);
        }
        // SAFETY: not null; the caller vouches for it.
        let mechanism = unsafe { mechanism.read() }.mechanism;
        if !mechanisms(&token).contains(&mechanism) {
            return Err(CKR_MECHANISM_INVALID);
        }
        let (object, kind) = object_of(&token, key).map_err(|_| CKR_KEY_HANDLE_INVALID)?;
        let key = object.key.clone().filter(|_| kind == PRIVATE_KEY);
        let operation = Operation {
            mechanism,
            key: key.ok_or(CKR_KEY_HANDLE_INVALID)?,
            input: Vec::new(),
            wants_pin: object.always_authenticate,
            done: None,
        };
        let mut state = state();
        let session = state.sessions.get_mut(&session);
        session.ok_or(CKR_SESSION_HANDLE_INVALID)?.operation = Some(operation);
        Ok(())
    };
    code(enter("C_SignInit", None).and_then(answer))
}

unsafe extern "C" fn sign(
    session: CK_SESSION_HANDLE,
    data: *mut CK_BYTE,
    length: CK_ULONG,
    room: *mut CK_BYTE,
    count: *mut CK_ULONG,
) -> CK_RV {
    // SAFETY: the caller's pointer and length.
    let data = unsafe { bytes(data, length) }.unwrap_or_default();
    let answer = |asked| {
        token_of(session)?;
        // SAFETY: the caller's pointers, checked beneath.
        unsafe { finish(session, data, room, count, asked) }
    };
    code(enter("C_Sign", None).and_then(answer))
}

unsafe extern "C" fn sign_update(
    session: CK_SESSION_HANDLE,
    data: *mut CK_BYTE,
    length: CK_ULONG,
) -> CK_RV {
    // SAFETY: the caller's pointer and length.
    let data = unsafe { bytes(data, length) }.unwrap_or_default();
    let answer = |_| {
        token_of(session)?;
        let mut state = state();
        let session = state.sessions.get_mut(&session);
        let session = session.ok_or(CKR_SESSION_HANDLE_INVALID)?;
        let operation = session.operation.as_mut();
        let operation = operation.ok_or(CKR_OPERATION_NOT_INITIALIZED)?;
        if !key::takes_parts(operation.mechanism) {
            session.operation = None;
            return Err(CKR_FUNCTION_NOT_SUPPORTED);
        }
        operation.input.extend_from_slice(data);
        Ok(())
    };
    code(enter("C_SignUpdate", None).and_then(answer))
}

unsafe extern "C" fn sign_final(
    session: CK_SESSION_HANDLE,
    room: *mut CK_BYTE,
    count: *mut CK_ULONG,
) -> CK_RV {
    let answer = |asked| {
        token_of(session)?;
        // SAFETY: the caller's pointers, checked beneath.
        unsafe { finish(session, &[], room, count, asked) }
    };
    code(enter("C_SignFinal", None).and_then(answer))
}

/// Computes the signature at the first asking, for its length, and ends the operation once it was handed out.
///
/// # Safety
/// As [`put_list`].
unsafe fn finish(
    handle: CK_SESSION_HANDLE,
    data: &[u8],
    room: *mut CK_BYTE,
    count: *mut CK_ULONG,
    asked: Asked,
) -> Outcome {
    let mut state = state();
    let session = state.sessions.get_mut(&handle);
    let session = session.ok_or(CKR_SESSION_HANDLE_INVALID)?;
    let operation = session.operation.as_mut();
    let operation = operation.ok_or(CKR_OPERATION_NOT_INITIALIZED)?;
    if operation.wants_pin {
        session.operation = None;
        return Err(CKR_USER_NOT_LOGGED_IN);
    }
    if operation.done.is_none() {
        operation.input.extend_from_slice(data);
        operation.done = key::sign(&operation.key, operation.mechanism, &operation.input);
    }
    let Some(mut signature) = operation.done.clone() else {
        session.operation = None;
        return Err(CKR_FUNCTION_FAILED);
    };
    if asked.wrong {
        signature.reverse();
    }
    if asked.half {
        signature.truncate(signature.len() / 2);
    }
    if !room.is_null() {
        session.operation = None;
        note("C_Sign");
    }
    // SAFETY: the caller's pointers.
    unsafe { put_list(&signature, room, count, asked.claim) }
}
