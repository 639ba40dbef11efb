-- Signatures made while no time-stamp authority answered: each gets its time-stamp later, in the room kept for it.
CREATE TABLE timestamp (
    id            INTEGER PRIMARY KEY,
    letter_id     TEXT    REFERENCES letter (id),
    path          TEXT,
    field         TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    next_at_ms    INTEGER NOT NULL,
    attempts      INTEGER NOT NULL DEFAULT 0,
    cause         TEXT,
    ended_at_ms   INTEGER,
    CHECK ((letter_id IS NULL) <> (path IS NULL))
) STRICT;
CREATE INDEX timestamp_by_turn ON timestamp (state, next_at_ms);
