-- What the province holds. Times are RFC 3339 in the documents themselves; rows carry only what is looked up.

CREATE TABLE IF NOT EXISTS series (
    agency        TEXT    NOT NULL,
    document_type TEXT    NOT NULL,
    normative     INTEGER NOT NULL,
    year          INTEGER NOT NULL,
    last          INTEGER NOT NULL,
    PRIMARY KEY (agency, document_type, normative, year)
) STRICT;

CREATE TABLE IF NOT EXISTS number (
    letter_id     TEXT    PRIMARY KEY,
    agency        TEXT    NOT NULL,
    document_type TEXT    NOT NULL,
    normative     INTEGER NOT NULL,
    year          INTEGER NOT NULL,
    number        INTEGER NOT NULL,
    granted       TEXT    NOT NULL,
    UNIQUE (agency, document_type, normative, year, number)
) STRICT;

-- Which agency may see which content: it uploaded it, or it was sent to it.
CREATE TABLE IF NOT EXISTS content (
    agency   TEXT    NOT NULL,
    sha256   TEXT    NOT NULL,
    length   INTEGER NOT NULL,
    complete INTEGER NOT NULL,
    PRIMARY KEY (agency, sha256)
) STRICT;

CREATE TABLE IF NOT EXISTS dispatch (
    id       TEXT PRIMARY KEY,
    sender   TEXT NOT NULL,
    doc_key  TEXT NOT NULL,
    content  TEXT NOT NULL,
    manifest BLOB NOT NULL,
    digest   TEXT NOT NULL,
    receipt  BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS dispatch_by_document ON dispatch (doc_key);

-- `recipient` is the code the manifest used, `mailbox` the directory's own code of the same agency.
CREATE TABLE IF NOT EXISTS delivery (
    id          TEXT    PRIMARY KEY,
    dispatch_id TEXT    NOT NULL REFERENCES dispatch (id),
    ordinal     INTEGER NOT NULL,
    recipient   TEXT    NOT NULL,
    mailbox     TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    UNIQUE (dispatch_id, mailbox)
) STRICT;

-- Append only. One chain for each sender.
CREATE TABLE IF NOT EXISTS receipt (
    chain       TEXT    NOT NULL,
    seq         INTEGER NOT NULL,
    digest      TEXT    NOT NULL UNIQUE,
    dispatch_id TEXT    NOT NULL,
    delivery_id TEXT,
    kind        TEXT    NOT NULL,
    der         BLOB    NOT NULL,
    PRIMARY KEY (chain, seq)
) STRICT;
CREATE INDEX IF NOT EXISTS receipt_by_dispatch ON receipt (dispatch_id, seq);

-- What clients see of each mailbox, in the order of commits: there is one writer, so a later seq is never committed earlier.
CREATE TABLE IF NOT EXISTS change (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    mailbox     TEXT    NOT NULL,
    delivery_id TEXT,
    receipt     TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS change_by_mailbox ON change (mailbox, seq);

-- Kept for ever: a client may be away longer than any period of expiry.
CREATE TABLE IF NOT EXISTS idempotency (
    agency  TEXT NOT NULL,
    key     TEXT NOT NULL,
    request TEXT NOT NULL,
    receipt BLOB NOT NULL,
    PRIMARY KEY (agency, key)
) STRICT;
