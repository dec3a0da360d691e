//! `gerai-relay doctor`: whether a relay set like this would work.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

use clap::ArgMatches;
use host::{Given, Settings, good_until};
use mailroom::{Place, Registry, Store};

use crate::{now, sentence, serving, system};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Whoever renews certificates does it a month before; when two weeks are left, nobody has.
const RENEWED_BEFORE: u64 = 14;
const PATIENCE: Duration = Duration::from_secs(2);

/// What was found about one thing: what is well, or what is not and what to do.
type Found = Result<String, String>;

/// Says about each thing whether it is well; an error if one of them is not.
pub async fn run(given: Given, flags: &ArgMatches) -> Result<(), String> {
    let settings = given.settings(flags).map_err(|wrong| wrong.to_string())?;
    let mut wrong = 0;
    let found = [
        store(&settings).await,
        listening(settings.listen),
        certificate(&settings),
        address(&settings),
        proxy(&settings),
        descriptors(&settings),
    ];
    for found in found {
        match found {
            Ok(said) => println!("ok     {said}"),
            Err(said) => {
                wrong += 1;
                println!("WRONG  {said}");
            }
        }
    }
    match wrong {
        0 => Ok(()),
        1 => Err("One thing is wrong; see above.".into()),
        wrong => Err(format!("{wrong} things are wrong; see above.")),
    }
}

async fn store(settings: &Settings) -> Found {
    if let Place::File(file) = &settings.place
        && !file.exists()
    {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(std::path::Path::new("."));
        return if folder.is_dir() {
            Ok(format!("There is no store at {} yet; `serve` makes it.", file.display()))
        } else {
            Err(format!("There is no folder {}; make it, or choose another place with --store.", folder.display()))
        };
    }
    let store =
        Store::open(&settings.place, settings.limits.keeping()).await.map_err(|error| sentence(&error.to_string()))?;
    let channels = store.channels().await.map_err(|trouble| sentence(&trouble.to_string()))?;
    let open = channels.iter().filter(|channel| channel.revoked_at.is_none()).count();
    Ok(format!("The store opens, and has {open} channels."))
}

fn listening(listen: SocketAddr) -> Found {
    match TcpListener::bind(listen) {
        Ok(_) => Ok(format!("{listen} is free to listen on.")),
        Err(_) if alive(listen) => Ok(format!("A relay is at work at {listen}.")),
        Err(error) => Err(sentence(&host::StartError::of_bind(error, listen).to_string())),
    }
}

/// Whether somebody there answers as we would, in the clear.
fn alive(at: SocketAddr) -> bool {
    let asked = || {
        let mut line = TcpStream::connect_timeout(&at, PATIENCE)?;
        line.set_read_timeout(Some(PATIENCE))?;
        line.write_all(b"GET /healthz HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        line.read_to_string(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    asked().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("alive\n"))
}

fn certificate(settings: &Settings) -> Found {
    let Some(files) = &settings.tls else {
        return Ok("It speaks in the clear; whoever is in front of it has to speak TLS 1.2.".into());
    };
    let until = good_until(files, now()).map_err(|error| sentence(&error.to_string()))?;
    let days = until.since(now()).as_secs() / DAY.as_secs();
    if days < RENEWED_BEFORE {
        return Err(format!("The certificate {} is good for {days} days only; renew it.", files.certificate.display()));
    }
    Ok(format!("The certificate is good for {days} days."))
}

fn address(settings: &Settings) -> Found {
    match &settings.public_url {
        Some(url) if url.is_public() => Ok(format!("Midtrans reaches it at {url}, if that leads here.")),
        Some(url) => Err(format!(
            "Midtrans cannot call {url}: it takes a name that everybody can reach, at port 80 or 443; correct --public-url."
        )),
        None => Err("It is not said how Midtrans reaches this relay; say so with --public-url.".into()),
    }
}

fn proxy(settings: &Settings) -> Found {
    let in_front =
        settings.tls.is_none() && settings.public_url.as_ref().is_some_and(|url| url.to_string().starts_with("https:"));
    if in_front && !settings.proxies.any() {
        return Err("A proxy seems to be in front of it and none is trusted, so that all of Midtrans counts as one address; name it with --trusted-proxy.".into());
    }
    Ok(if settings.proxies.any() {
        "It believes a proxy for whom that speaks."
    } else {
        "It believes nobody for whom they speak."
    }
    .into())
}

fn descriptors(settings: &Settings) -> Found {
    let (may, needed) = (system::take_descriptors(), serving::needed(&settings.limits));
    if may < needed {
        return Err(format!(
            "This account may have {may} files open, and {needed} are needed for all connections; raise LimitNOFILE or ulimit -n, or lower the limits."
        ));
    }
    Ok("It may have as many files open as it needs.".into())
}
