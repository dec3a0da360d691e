use std::net::IpAddr;

use bytes::Bytes;
use till::Time;

use crate::{
    contract::{Appended, Channel, Device, Mailroom, Page, Seq, Trouble},
    keeping::Keeping,
    open::{OpenError, Place},
    postgres::Postgres,
    registry::{ChannelRow, DeviceRow, NotPaired, Paired, Purged, Registry, Whose},
    secrets::{Code, SecretHash},
    sqlite::Sqlite,
};

/// A mailroom, wherever it lies.
pub enum Store {
    /// In a file.
    Sqlite(Sqlite),
    /// In a database.
    Postgres(Box<Postgres>),
}

impl Store {
    /// Opens the mailroom at this place, and makes it if there is none.
    pub async fn open(place: &Place, keeping: Keeping) -> Result<Self, OpenError> {
        match place {
            Place::File(file) => Sqlite::open(file, keeping).map(Self::Sqlite),
            Place::Postgres(url) => Postgres::open(url, keeping).await.map(|room| Self::Postgres(Box::new(room))),
        }
    }
}

/// Hands a call on to wherever it lies.
macro_rules! hands_on {
    ($(async fn $call:ident(&self $(, $name:ident: $type:ty)*) -> $result:ty;)*) => {$(
        async fn $call(&self $(, $name: $type)*) -> $result {
            match self {
                Self::Sqlite(room) => room.$call($($name),*).await,
                Self::Postgres(room) => room.$call($($name),*).await,
            }
        }
    )*};
}

impl Mailroom for Store {
    hands_on! {
        async fn append(&self, channel: Channel, body: Bytes, from: Option<IpAddr>, at: Time) -> Result<Appended, Trouble>;
        async fn read(&self, channel: Channel, after: Seq, limit: u32) -> Result<Page, Trouble>;
        async fn ack(&self, channel: Channel, device: Device, upto: Seq) -> Result<(), Trouble>;
        async fn wait(&self, channel: Channel, after: Seq) -> ();
    }
}

impl Registry for Store {
    hands_on! {
        async fn new_channel(&self, name: &str, secret: SecretHash, at: Time) -> Result<Channel, Trouble>;
        async fn channels(&self) -> Result<Vec<ChannelRow>, Trouble>;
        async fn revoke_channel(&self, channel: Channel, at: Time) -> Result<(), Trouble>;
        async fn find_channel(&self, secret: SecretHash) -> Result<Option<Channel>, Trouble>;
        async fn new_code(&self, channel: Channel, code: Code, at: Time) -> Result<Time, Trouble>;
        async fn pair(&self, channel: Channel, code: Code, name: &str, token: SecretHash, at: Time) -> Result<Paired, NotPaired>;
        async fn device_of(&self, token: SecretHash, at: Time) -> Result<Option<Whose>, Trouble>;
        async fn devices(&self, channel: Channel) -> Result<Vec<DeviceRow>, Trouble>;
        async fn revoke_device(&self, channel: Channel, device: Device, at: Time) -> Result<(), Trouble>;
        async fn purge(&self, now: Time) -> Result<Purged, Trouble>;
    }
}
