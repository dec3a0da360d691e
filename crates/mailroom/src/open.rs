use std::{convert::Infallible, fmt, path::PathBuf, str::FromStr};

/// Where a mailroom lies.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// In a file of SQLite.
    File(PathBuf),
    /// In a database of PostgreSQL, by its URL.
    Postgres(String),
}

/// Why a mailroom cannot be opened, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be made, read or written.
    #[error("{0} cannot be opened: {1}; choose another place, or let this account write there")]
    File(PathBuf, String),
    /// The file is no mailroom.
    #[error("{0} is a file of something else; choose another place, or move it away")]
    NotOurs(PathBuf),
    /// A newer version wrote the file.
    #[error("{0} was written by a newer version; install that one")]
    Newer(PathBuf),
    /// The file is damaged.
    #[error("{0} is damaged; put back a copy, or move it away and pair the tills anew")]
    Damaged(PathBuf),
    /// The URL of the database cannot be read.
    #[error(
        "the URL of the database cannot be used: {0}; it is like postgres://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full"
    )]
    Url(String),
    /// The certificates that the database is verified by cannot be read.
    #[error("the certificates in {0} cannot be read: {1}; correct sslrootcert in the URL of the database")]
    Roots(PathBuf, String),
    /// Nothing answers there, or not as it should.
    #[error(
        "the database cannot be reached: {0}; see that it runs and that the URL is right, with sslmode=disable if it speaks no TLS and the way there is private"
    )]
    Unreachable(String),
    /// It knows the user or the password not.
    #[error("the database does not let us in: {0}; correct user and password in its URL")]
    NotAllowed(String),
    /// The server has no database of this name.
    #[error("{0}; make it with createdb, or correct the URL")]
    NoDatabase(String),
    /// Something else lies in the database.
    #[error("the database holds tables of something else; choose an empty one")]
    NotOurDatabase,
    /// A newer version wrote the database.
    #[error("the database was written by a newer version; install that one")]
    NewerDatabase,
    /// The server is a copy that only reads.
    #[error("the database server only reads; name the one that writes")]
    OnlyReads,
    /// The server does not wait for its disk.
    #[error("the database server runs with fsync = off and would lose what it has promised to keep; set fsync = on")]
    NotDurable,
    /// It does not do what it must.
    #[error("the database cannot be used: {0}; let its user make tables there")]
    Database(String),
}

impl FromStr for Place {
    type Err = Infallible;

    /// `postgres://…` or `postgresql://…`; everything else is a file.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let url = text.starts_with("postgres://") || text.starts_with("postgresql://");
        Ok(if url { Self::Postgres(text.to_owned()) } else { Self::File(text.into()) })
    }
}

/// Without anything that could be a password, which may stand in two places of a URL.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => file.display().fmt(f),
            Self::Postgres(url) => match url::Url::parse(url) {
                Ok(url) => {
                    write!(f, "{}://{}", url.scheme(), url.host_str().unwrap_or_default())?;
                    url.port().map_or(Ok(()), |port| write!(f, ":{port}"))?;
                    f.write_str(url.path())
                }
                Err(_) => f.write_str("postgres://…"),
            },
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}
