use std::io::BufRead;

use counter::Problem;
use desk::{Keyring, Place, blocking};
use secrecy::SecretString;
use till::Environment;

use crate::{End, arguments::KeyVerb, output::Output};

/// The key comes in on standard input: an argument could be read by every program of the machine.
pub(crate) async fn act(
    verb: KeyVerb,
    environment: Environment,
    url: Option<&str>,
    output: &Output,
) -> Result<End, Problem> {
    let not_needed = || Problem::of("key_not_needed");
    let keyring = Keyring::of(environment, url.is_some()).ok_or_else(not_needed)?;
    let place = Place::of(environment, url)?.ok_or_else(not_needed)?;
    match verb {
        KeyVerb::Set => {
            let typed = blocking(one_line).await?;
            place.parse(typed.clone())?;
            keyring.set(typed).await?;
            output.done("key set");
        }
        KeyVerb::Probe => {
            place.probe(place.key().await?).await?;
            output.done("key probe");
        }
        KeyVerb::Forget => {
            keyring.forget().await?;
            output.done("key forget");
        }
    }
    Ok(End::Done)
}

fn one_line() -> SecretString {
    let mut line = String::new();
    // A line that cannot be read is as good as an empty one, and that is said.
    let _ = std::io::stdin().lock().read_line(&mut line);
    SecretString::from(line)
}
