/// What Midtrans was asked about an attempt and what it answered, as it was received. The same
/// answer to the same question in a row is one line with a count.
pub(crate) const TABLE: &str = "
    CREATE TABLE exchanges (
        id       INTEGER PRIMARY KEY AUTOINCREMENT,
        order_id TEXT NOT NULL,
        asked    TEXT NOT NULL,
        sent_at  INTEGER NOT NULL,
        heard_at INTEGER NOT NULL,
        times    INTEGER NOT NULL,
        last_at  INTEGER NOT NULL,
        http     INTEGER,
        told_at  INTEGER,
        outcome  TEXT NOT NULL,
        body     BLOB NOT NULL
    ) STRICT;
    CREATE INDEX exchanges_of_order ON exchanges (order_id, id);
";
