/// A code of authentication over each entry of the log and its predecessor's.
pub(crate) const TABLE: &str = "
    CREATE TABLE chain (
        seq INTEGER PRIMARY KEY REFERENCES log (seq),
        mac BLOB NOT NULL
    ) STRICT;
";

/// Entries up to this one were written before there was a chain.
pub(crate) const BEGINS_AFTER: &str = "chain_begins_after";
