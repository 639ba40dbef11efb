/// Every command of the desk. The build script turns the list into `allow-…` permissions; `bindings.rs` holds
/// the handler, the capability and `ui/src/ipc/bindings.ts` to it.
pub(crate) const NAMES: &[&str] = &[
    "office",
    "set_language",
    "set_theme",
    "letters",
    "letter",
    "choose_pdf",
    "add_letter",
    "open_document",
    "notices",
    "token_status",
    "sign",
    "refusal",
    "issue",
    "agencies",
    "dispatches",
    "incoming",
    "incoming_letter",
    "accept",
    "refuse",
    "sync",
];
