use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use crate::PATIENCE;

/// A receipt printer on the network, as good as the shop's: it says how it is and when all is printed.
pub struct NetworkPrinter {
    address: String,
    mood: Arc<Mutex<Mood>>,
    papers: Receiver<Vec<u8>>,
}

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It prints.
    Fine,
    /// The roll is empty.
    OutOfPaper,
    /// It hangs up in the middle of a paper.
    HangsUp,
}

const ASKS: [u8; 2] = [0x10, 0x04];
const ASKS_IN_TURN: [u8; 3] = [0x1d, b'r', 1];
/// Before so many bytes no paper is over.
const MIDDLE: usize = 200;

impl NetworkPrinter {
    /// Switches it on.
    ///
    /// # Panics
    /// If no port is free.
    pub fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = listener.local_addr().expect("it has a number").to_string();
        let (tell, papers) = channel();
        let mood = Arc::new(Mutex::new(Mood::Fine));
        let now = mood.clone();
        thread::spawn(move || {
            for line in listener.incoming().flatten() {
                let mood = *now.lock().expect("nobody panics with it");
                // Whoever hangs up on it has no paper.
                let _ = talk(line, mood, &tell);
            }
        });
        Self { address, mood, papers }
    }

    /// Where it is, as a shop's printer is given.
    pub fn at(&self) -> String {
        format!("network:{}", self.address)
    }

    /// From the next paper on it is like this.
    ///
    /// # Panics
    /// If it broke.
    pub fn is(&self, mood: Mood) {
        *self.mood.lock().expect("nobody panics with it") = mood;
    }

    /// Waits for the next paper that comes out, whole.
    ///
    /// # Panics
    /// If none comes.
    pub fn paper(&self) -> Vec<u8> {
        self.papers.recv_timeout(PATIENCE).expect("a paper comes out")
    }
}

impl Default for NetworkPrinter {
    fn default() -> Self {
        Self::new()
    }
}

fn talk(mut line: TcpStream, mood: Mood, papers: &Sender<Vec<u8>>) -> std::io::Result<()> {
    let mut got = Vec::new();
    let mut part = [0; 4096];
    loop {
        let count = line.read(&mut part)?;
        if count == 0 {
            return Ok(());
        }
        got.extend_from_slice(&part[..count]);
        // Questions come before a paper and one by one.
        while got.len() >= 3 && got[..2] == ASKS {
            let status: [u8; 4] = if mood == Mood::OutOfPaper { [0x1a, 0x32, 0x12, 0x72] } else { [0x12; 4] };
            line.write_all(&[status[usize::from(got[2].clamp(1, 4)) - 1]])?;
            got.drain(..3);
        }
        if mood == Mood::HangsUp && got.len() > MIDDLE {
            return Ok(());
        }
        if got.ends_with(&ASKS_IN_TURN) {
            got.truncate(got.len() - ASKS_IN_TURN.len());
            // Nobody may be waiting for it.
            let _ = papers.send(std::mem::take(&mut got));
            line.write_all(&[0])?;
        }
    }
}
