-- The first form of the office's records. Times are milliseconds since 1970, identities and digests are text.

CREATE TABLE letter (
    id            TEXT    PRIMARY KEY,
    state         TEXT    NOT NULL,
    file_name     TEXT    NOT NULL,
    source        TEXT    NOT NULL,
    original      TEXT    NOT NULL,
    content       TEXT    NOT NULL,
    pages         INTEGER NOT NULL,
    urgency       TEXT    NOT NULL,
    urgency_rank  INTEGER NOT NULL,
    metadata      TEXT    NOT NULL,
    places        TEXT    NOT NULL,
    code          TEXT,
    issued_on     TEXT,
    created_at_ms INTEGER NOT NULL,
    signed_at_ms  INTEGER,
    issued_at_ms  INTEGER
) STRICT;
CREATE INDEX letter_by_state ON letter (state, urgency_rank, created_at_ms);

-- Every file a letter has ever been, the first one first.
CREATE TABLE letter_version (
    letter_id TEXT    NOT NULL REFERENCES letter (id),
    n         INTEGER NOT NULL,
    content   TEXT    NOT NULL,
    state     TEXT    NOT NULL,
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (letter_id, n)
) STRICT;

CREATE TABLE dispatch (
    id               TEXT    PRIMARY KEY,
    letter_id        TEXT    NOT NULL,
    state            TEXT    NOT NULL,
    manifest         BLOB    NOT NULL,
    manifest_digest  TEXT    NOT NULL,
    content          TEXT    NOT NULL,
    doc_key          TEXT    NOT NULL,
    urgency_rank     INTEGER NOT NULL,
    created_at_ms    INTEGER NOT NULL,
    deadline_ms      INTEGER NOT NULL,
    next_at_ms       INTEGER,
    lease_owner      TEXT,
    lease_until_ms   INTEGER,
    attempts         INTEGER NOT NULL DEFAULT 0,
    submit_attempts  INTEGER NOT NULL DEFAULT 0,
    cause_code       TEXT,
    cause_detail     TEXT,
    submitted_at_ms  INTEGER,
    closed_at_ms     INTEGER
) STRICT;
CREATE INDEX dispatch_by_turn ON dispatch (state, urgency_rank DESC, created_at_ms);
CREATE INDEX dispatch_by_letter ON dispatch (letter_id);

CREATE TABLE delivery (
    dispatch_id TEXT    NOT NULL REFERENCES dispatch (id),
    ordinal     INTEGER NOT NULL,
    recipient   TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    at_ms       INTEGER,
    reason      TEXT,
    PRIMARY KEY (dispatch_id, recipient)
) STRICT;

CREATE TABLE attempt (
    dispatch_id   TEXT    NOT NULL REFERENCES dispatch (id),
    n             INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    started_at_ms INTEGER NOT NULL,
    ended_at_ms   INTEGER,
    outcome       TEXT,
    http_status   INTEGER,
    PRIMARY KEY (dispatch_id, n)
) STRICT;

-- Receipts are evidence: kept whether they verify or not, and two of one place in a chain are both kept.
CREATE TABLE receipt (
    digest         TEXT    PRIMARY KEY,
    receipt_id     TEXT    NOT NULL,
    issuer         TEXT    NOT NULL,
    chain          TEXT    NOT NULL,
    seq            INTEGER NOT NULL,
    prev           TEXT,
    kind           TEXT    NOT NULL,
    dispatch_id    TEXT    NOT NULL,
    recipient      TEXT,
    event_at_ms    INTEGER NOT NULL,
    der            BLOB    NOT NULL,
    verified       INTEGER NOT NULL,
    verdict        TEXT    NOT NULL,
    received_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX receipt_by_dispatch ON receipt (dispatch_id, seq);
CREATE INDEX receipt_by_chain ON receipt (issuer, chain, seq);

CREATE TABLE incoming (
    delivery_id     TEXT    PRIMARY KEY,
    dispatch_id     TEXT    NOT NULL,
    manifest        BLOB    NOT NULL,
    manifest_digest TEXT    NOT NULL,
    content         TEXT    NOT NULL,
    doc_key         TEXT    NOT NULL,
    sender          TEXT    NOT NULL,
    urgency_rank    INTEGER NOT NULL,
    received_at_ms  INTEGER NOT NULL,
    state           TEXT    NOT NULL,
    verdict         TEXT,
    duplicate_of    TEXT,
    arrival_year    INTEGER,
    arrival_number  INTEGER,
    decided_at_ms   INTEGER,
    reason          TEXT,
    UNIQUE (arrival_year, arrival_number)
) STRICT;
CREATE INDEX incoming_by_state ON incoming (state, urgency_rank DESC, received_at_ms);
CREATE INDEX incoming_by_document ON incoming (doc_key);

-- What is still to be said to the province about deliveries. The identity is the Idempotency-Key, the body is frozen.
CREATE TABLE op (
    id             TEXT    PRIMARY KEY,
    ordinal        INTEGER NOT NULL UNIQUE,
    delivery_id    TEXT    NOT NULL REFERENCES incoming (delivery_id),
    code           TEXT    NOT NULL,
    body           BLOB    NOT NULL,
    state          TEXT    NOT NULL,
    created_at_ms  INTEGER NOT NULL,
    next_at_ms     INTEGER,
    lease_owner    TEXT,
    lease_until_ms INTEGER,
    attempts       INTEGER NOT NULL DEFAULT 0,
    cause_code     TEXT,
    cause_detail   TEXT,
    done_at_ms     INTEGER
) STRICT;
CREATE INDEX op_by_delivery ON op (delivery_id, ordinal);

CREATE TABLE cursor (
    mailbox  TEXT    PRIMARY KEY,
    value    TEXT    NOT NULL,
    at_ms    INTEGER NOT NULL
) STRICT;
