use std::{fs, path::Path};

use counter::{Problem, Rendering};
use desk::{Desk, blocking};

use crate::{
    End,
    arguments::{Render, SlipAs},
    evidence::{refused, save},
    output::Output,
};

pub(crate) async fn act(wanted: Render, desk: &Desk, output: &Output) -> Result<End, Problem> {
    let Render { order, r#as, out, replace } = wanted;
    let counter = desk.counter.clone();
    let bytes = blocking(move || counter.rendering(&order, r#as.into())).await??;
    if replace {
        put(&out, &bytes)?
    } else {
        save(&out, &bytes)?
    }
    output.saved("slip", &out);
    Ok(End::Done)
}

/// In the place of what was there, which stays until the new one is whole.
fn put(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = Path::new(&new);
    save(new, bytes)?;
    fs::rename(new, path).map_err(|error| {
        let _ = fs::remove_file(new);
        refused(path, &error)
    })
}

impl From<SlipAs> for Rendering {
    fn from(wanted: SlipAs) -> Self {
        match wanted {
            SlipAs::Escpos58 => Self::Roll58,
            SlipAs::Escpos80 => Self::Roll80,
            SlipAs::PdfA6 => Self::PageA6,
            SlipAs::PdfA4 => Self::PageA4,
            SlipAs::Png => Self::Picture,
            SlipAs::Text => Self::Text,
        }
    }
}
