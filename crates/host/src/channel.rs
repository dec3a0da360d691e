//! `gerai-relay channel`: the channels of shops.

use std::io::{self, Write};

use clap::{ArgMatches, Args, Subcommand};
use host::GivenPlace;
use mailroom::{ChannelRow, Code, Keeping, PathSecret, Registry, Store};
use serde_json::{Value, json};

use crate::{now, outside, sentence};

/// What can be done with a channel.
#[derive(Subcommand)]
pub enum Channel {
    /// Make a channel for a shop
    ///
    /// Prints the address to enter in Midtrans' dashboard as Payment Notification URL, and the code
    /// that pairs the shop's first till; give both to the merchant. They are shown this once. The code
    /// is good for ten minutes; a further one comes from `channel code`, or from a paired till.
    New(New),
    /// List the channels
    List(List),
    /// Draw another code that pairs a till with a channel
    Code(One),
    /// Close a channel for good, to Midtrans and to its tills, and delete what it holds
    Revoke(One),
}

#[derive(Args)]
pub struct New {
    #[command(flatten)]
    place: GivenPlace,
    /// What you call the shop
    #[arg(long, value_name = "NAME", default_value = "")]
    name: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct List {
    #[command(flatten)]
    place: GivenPlace,
    /// Print JSON, one channel a line
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct One {
    #[command(flatten)]
    place: GivenPlace,
    /// The number of the channel, as `channel list` shows it
    #[arg(value_name = "CHANNEL")]
    channel: mailroom::Channel,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Channel {
    /// Does it, or says in a sentence why not.
    pub async fn run(self, flags: &ArgMatches) -> Result<(), String> {
        let place = match &self {
            Self::New(new) => &new.place,
            Self::List(list) => &list.place,
            Self::Code(one) | Self::Revoke(one) => &one.place,
        };
        let (place, url) = place.clone().place(flags).map_err(|wrong| wrong.to_string())?;
        let store = Store::open(&place, Keeping::default()).await.map_err(|error| sentence(&error.to_string()))?;
        self.on(store, url).await
    }

    async fn on(self, registry: impl Registry, url: host::PublicUrl) -> Result<(), String> {
        let done = match self {
            Self::New(New { name, json, .. }) => {
                let outside = outside()?;
                let (secret, code) = (PathSecret::draw(outside.draw()), Code::draw(outside.draw()));
                let made = async {
                    let channel = registry.new_channel(name.trim(), secret.hash(), now()).await?;
                    Ok((channel, registry.new_code(channel, code, now()).await?))
                };
                made.await.map(|(channel, until)| {
                    let address = url.notification_url(&secret);
                    let made = json!({
                        "channel": channel.number(),
                        "notification_url": address,
                        "pairing_code": code.to_string(),
                        "until": until.millis(),
                    });
                    say(json, &made, &format!("Channel:      {channel}\nAddress:      {address}\nPairing code: {code}, good for ten minutes"));
                })
            }
            Self::List(List { json, .. }) => {
                registry.channels().await.map(|rows| rows.iter().for_each(|row| list(json, row)))
            }
            Self::Code(One { channel, json, .. }) => {
                let code = Code::draw(outside()?.draw());
                registry.new_code(channel, code, now()).await.map(|until| {
                    let drawn = json!({ "channel": channel.number(), "pairing_code": code.to_string(), "until": until.millis() });
                    say(json, &drawn, &format!("Pairing code: {code}, good for ten minutes"));
                })
            }
            Self::Revoke(One { channel, json, .. }) => registry.revoke_channel(channel, now()).await.map(|()| {
                say(
                    json,
                    &json!({ "channel": channel.number(), "revoked": true }),
                    &format!("Channel {channel} is closed."),
                );
            }),
        };
        done.map_err(|trouble| match trouble {
            mailroom::Trouble::NoSuchChannel => "There is no such channel; gerai-relay channel list shows them.".into(),
            trouble => sentence(&format!("{trouble}; see that the store is in order, and try again")),
        })
    }
}

fn list(json: bool, row: &ChannelRow) {
    let told = json!({
        "channel": row.channel.number(),
        "name": row.name,
        "made_at": row.made_at.millis(),
        "revoked_at": row.revoked_at.map(till::Time::millis),
        "devices": row.devices,
        "entries": row.entries,
        "bytes": row.bytes,
        "newest": row.newest.number(),
    });
    let state = if row.revoked_at.is_some() { "revoked" } else { "open" };
    let line = format!(
        "{}\t{state}\t{} tills\t{} kept\t{} came\t{}",
        row.channel, row.devices, row.entries, row.newest, row.name
    );
    say(json, &told, &line);
}

fn say(json: bool, told: &Value, line: &str) {
    // Nobody has to read it.
    let _ = if json { writeln!(io::stdout(), "{told}") } else { writeln!(io::stdout(), "{line}") };
}
