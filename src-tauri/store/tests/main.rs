//! The store from outside: what it promises about letters, outbox, inbox and crashes.

mod store {
    mod crash;
    mod inbox;
    mod letters;
    mod outbox;
    mod sample;
}
