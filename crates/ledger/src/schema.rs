use std::collections::BTreeSet;

use rusqlite::{Connection, TransactionBehavior};
use till::{Environment, TillId};

use crate::{
    chain, closings, exchanges, feed, inbox, kept, log, matters, open::Trouble, others, papers, projection, strays,
};

/// The schema this program reads and writes.
pub(crate) const SCHEMA: i32 = 4;

/// Makes an empty ledger, unless another program made it while we waited for our turn.
pub(crate) fn make(writer: &mut Connection, environment: Environment, till: TillId) -> rusqlite::Result<()> {
    let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version != 0 {
        return Ok(());
    }
    let tables = [kept::TABLE, log::TABLE, projection::TABLES, inbox::TABLES];
    for table in tables.into_iter().chain(SINCE_2).chain([closings::TABLE]).chain(SINCE_4) {
        transaction.execute_batch(table)?;
    }
    kept::write(&transaction, "environment", environment.word())?;
    kept::write(&transaction, "till", &till.to_string())?;
    let settings = serde_json::to_string(&kept::Settings::of_new(environment)).unwrap_or_default();
    kept::write(&transaction, "settings", &settings)?;
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    transaction.commit()
}

/// Brings an older ledger up to date: whole, or not at all.
pub(crate) fn migrate(writer: &mut Connection) -> Result<(), Trouble> {
    let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version < 2 {
        for table in SINCE_2 {
            transaction.execute_batch(table)?;
        }
        // Up to here the log has no chain; what stands there is taken as it is.
        let head = log::head(&transaction)?;
        kept::write(&transaction, chain::BEGINS_AFTER, &head.to_string())?;
        exchanges::begin_after(&transaction, head)?;
        transaction.execute_batch(inbox::SINCE_2)?;
        // The lists are computed from the log, so their new columns are simply computed too.
        transaction.execute_batch("DROP TABLE attempts; DROP TABLE sales;")?;
        transaction.execute_batch(projection::TABLES)?;
        projection::renew_all(&transaction)?;
        strays::since_2(&transaction)?;
    }
    if version < 3 {
        closings::since_3(&transaction)?;
    }
    if version < 4 {
        for table in SINCE_4 {
            transaction.execute_batch(table)?;
        }
        transaction.execute_batch(feed::SINCE_4)?;
        others::since_4(&transaction)?;
    }
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    Ok(transaction.commit()?)
}

/// Whether every table is there that business needs, with every column. The chain sees to its own, and
/// who takes a trigger away has something in mind that the chain finds.
pub(crate) fn is_whole(ledger: &Connection) -> rusqlite::Result<bool> {
    let names = |connection: &Connection| -> rusqlite::Result<BTreeSet<String>> {
        let select = "SELECT tables.name || '.' || columns.name
                      FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
                      WHERE tables.type = 'table' AND tables.name NOT LIKE 'chain%'";
        connection.prepare(select)?.query_map([], |row| row.get(0))?.collect()
    };
    let mut new = Connection::open_in_memory()?;
    make(&mut new, Environment::Training, TillId::draw([0; 4]))?;
    Ok(names(ledger)?.is_superset(&names(&new)?))
}

/// What came with the second schema.
const SINCE_2: [&str; 4] = [chain::TABLE, exchanges::TABLE, matters::TABLE, strays::TABLE];
/// And with the fourth.
const SINCE_4: [&str; 3] = [feed::TABLE, others::TABLE, papers::TABLE];
