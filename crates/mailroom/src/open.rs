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
}

impl FromStr for Place {
    type Err = Infallible;

    /// `postgres://…` or `postgresql://…`; everything else is a file.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let url = text.starts_with("postgres://") || text.starts_with("postgresql://");
        Ok(if url { Self::Postgres(text.to_owned()) } else { Self::File(text.into()) })
    }
}

/// Without the password.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => file.display().fmt(f),
            Self::Postgres(url) => match (url.split_once("://"), url.rsplit_once('@')) {
                (Some((scheme, _)), Some((_, rest))) => write!(f, "{scheme}://…@{rest}"),
                _ => f.write_str(url),
            },
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}
