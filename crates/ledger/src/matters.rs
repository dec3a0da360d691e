/// What the owner has to look at that belongs to no sale: a notification nobody can place, an entry
/// somebody has tampered with, a ledger that had to be restored. The same matter comes up once.
pub(crate) const TABLE: &str = "
    CREATE TABLE matters (
        id        INTEGER PRIMARY KEY AUTOINCREMENT,
        at        INTEGER NOT NULL,
        kind      TEXT NOT NULL,
        key       TEXT NOT NULL,
        detail    TEXT NOT NULL,
        seen_at   INTEGER,
        seen_by   TEXT,
        deed      TEXT,
        UNIQUE (kind, key)
    ) STRICT;
";
