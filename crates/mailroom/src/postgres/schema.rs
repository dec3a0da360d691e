use super::line::{Line, Use, Way, said};
use crate::open::OpenError;

const SCHEMA: i32 = 1;
/// One of those who start together makes the tables, and the others find them. Only those who know
/// this number wait for one another: `gerai-re`.
const LOCK: i64 = 0x6765_7261_692D_7265;

/// As in `sqlite/file.rs`. A channel's row changes with every batch: there is room beside it for its
/// next version, and the index stays as it is.
const TABLES: &str = "
    CREATE TABLE gerai_mailroom (schema integer NOT NULL);

    CREATE TABLE channel (
        id         bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
        name       text NOT NULL,
        secret     bytea NOT NULL UNIQUE,
        made_at    bigint NOT NULL,
        revoked_at bigint,
        newest     bigint NOT NULL DEFAULT 0,
        entries    bigint NOT NULL DEFAULT 0,
        bytes      bigint NOT NULL DEFAULT 0,
        code       bytea,
        code_until bigint NOT NULL DEFAULT 0,
        code_tries integer NOT NULL DEFAULT 0
    ) WITH (fillfactor = 40);

    CREATE TABLE device (
        id         bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
        channel    bigint NOT NULL REFERENCES channel,
        name       text NOT NULL,
        token      bytea NOT NULL UNIQUE,
        paired_at  bigint NOT NULL,
        seen_at    bigint,
        revoked_at bigint,
        acked      bigint NOT NULL
    ) WITH (fillfactor = 50);
    CREATE INDEX device_of_channel ON device (channel);

    CREATE TABLE entry (
        channel     bigint NOT NULL,
        seq         bigint NOT NULL,
        received_at bigint NOT NULL,
        times       bigint NOT NULL,
        sender      text,
        digest      bytea NOT NULL,
        body        bytea NOT NULL,
        PRIMARY KEY (channel, seq)
    );
    CREATE UNIQUE INDEX entry_by_digest ON entry (channel, digest);

    CREATE TABLE read_mark (
        channel bigint NOT NULL,
        at      bigint NOT NULL,
        upto    bigint NOT NULL,
        PRIMARY KEY (channel, at)
    );
";

/// Tables that are nobody's extension, where ours would be made.
const SOMEBODYS: &str = "
    SELECT EXISTS (
        SELECT 1 FROM pg_class
        WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
        AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
    )
";

/// Makes or brings up to date what is there, or says why not.
pub(super) async fn ready(way: &Way) -> Result<(), OpenError> {
    let line = way.line(Use::Durable, |_| {}).await.map_err(|error| way.unreachable(&error))?;
    match made(&line).await {
        Ok(made) => made,
        Err(error) => Err(OpenError::Database(said(&error))),
    }
}

async fn made(line: &Line) -> Result<Result<(), OpenError>, tokio_postgres::Error> {
    let is = async |sql| line.query(sql, &[]).await.map(|rows| rows.first().is_some_and(|row| row.get(0)));
    if is("SELECT pg_is_in_recovery()").await? {
        return Ok(Err(OpenError::OnlyReads));
    }
    if is("SELECT current_setting('fsync') = 'off'").await? {
        return Ok(Err(OpenError::NotDurable));
    }
    line.batch("BEGIN").await?;
    line.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    let found = is("SELECT to_regclass('gerai_mailroom') IS NOT NULL").await?;
    let schema: Option<i32> = match found {
        true => line.query_opt("SELECT max(schema) FROM gerai_mailroom", &[]).await?.and_then(|row| row.get(0)),
        false => None,
    };
    let verdict = match schema {
        Some(SCHEMA) => Ok(()),
        Some(newer) if newer > SCHEMA => Err(OpenError::NewerDatabase),
        None if !found && !is(SOMEBODYS).await? => {
            line.batch(TABLES).await?;
            line.execute("INSERT INTO gerai_mailroom VALUES ($1)", &[&SCHEMA]).await?;
            Ok(())
        }
        _ => Err(OpenError::NotOurDatabase),
    };
    line.batch(if verdict.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    Ok(verdict)
}
