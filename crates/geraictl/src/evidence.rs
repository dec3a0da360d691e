use std::{
    fs,
    io::{ErrorKind, Write},
    path::Path,
};

use counter::Problem;
use desk::{Desk, blocking};

use crate::{End, arguments::Proof, output::Output};

pub(crate) async fn act(wanted: Proof, desk: &Desk, output: &Output) -> Result<End, Problem> {
    let Proof { order, html, to } = wanted;
    desk.counter.find(&order)?;
    let (counter, check_up) = (desk.counter.clone(), desk.seal.check_up().await?);
    let evidence = blocking(move || counter.evidence(&order, check_up.verdict.as_ref())).await??;
    match to {
        Some(path) => {
            let page = if html { evidence.to_html(output.language) } else { format!("{:#}\n", evidence.to_json()) };
            save(&path, page.as_bytes())?;
            output.saved("order evidence", &path);
        }
        None => output.evidence(&evidence, html),
    }
    Ok(End::Done)
}

/// Over nothing that is there already: it may be the evidence of an earlier day.
pub(crate) fn save(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let mut file = fs::File::create_new(path).map_err(|error| refused(path, &error))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| {
        // Half of it is worse than nothing.
        let _ = fs::remove_file(path);
        refused(path, &error)
    })
}

pub(crate) fn refused(path: &Path, error: &std::io::Error) -> Problem {
    match error.kind() {
        ErrorKind::AlreadyExists => Problem::of("file_exists"),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Problem::of("disk_full"),
        _ => Problem::of("file_unwritable").with("detail", error),
    }
    .with("path", path.display())
}
