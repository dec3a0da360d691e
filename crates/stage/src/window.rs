use std::{
    env, fs,
    future::Future,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Stdio,
    thread,
};

use fantoccini::{
    Client, ClientBuilder,
    actions::{InputSource, KeyAction, KeyActions},
    elements::{Element, ElementRef},
    error::CmdError,
};
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::{PATIENCE, Program, Session, comes_true, program, programs::signal, until};

/// Keys that are no characters.
pub mod keys {
    #![allow(missing_docs, reason = "the words say it")]
    pub const ENTER: char = '\u{E007}';
    pub const ESCAPE: char = '\u{E00C}';
    pub const TAB: char = '\u{E004}';
    pub const DELETE: char = '\u{E017}';
    pub const CONTROL: char = '\u{E009}';
    pub const ALT: char = '\u{E00A}';
    pub const F1: char = '\u{E031}';
    pub const F3: char = '\u{E033}';
}

/// The real window, on a screen of its own, driven as a person would. Everything ends when it is dropped.
pub struct Window {
    // In this order they go: the window, who drives it, the screen.
    app: u32,
    client: Client,
    runtime: Runtime,
    driver: Program,
    screen: String,
    _xvfb: Program,
}

impl Window {
    /// Opens the window in this session, on a shop PC's screen.
    ///
    /// # Panics
    /// If it does not open.
    pub fn open(session: &Session, arguments: &[&str]) -> Self {
        let mut xvfb = session.command("Xvfb");
        xvfb.args(["-displayfd", "1", "-screen", "0", "1920x1080x24", "-nolisten", "tcp", "-noreset"]);
        xvfb.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut xvfb = Program::start(xvfb, "xvfb");
        let mut number = String::new();
        BufReader::new(xvfb.stdout()).read_line(&mut number).expect("Xvfb says which screen it has");
        let screen = format!(":{}", number.trim());

        let port = free_port();
        let mut driver = session.command("WebKitWebDriver");
        driver.args([format!("--port={port}"), "--host=127.0.0.1".into()]);
        driver.env("DISPLAY", &screen).env("TAURI_WEBVIEW_AUTOMATION", "true");
        driver.stdout(Stdio::null());
        let driver = Program::start(driver, "webkit2gtk-driver");
        until("WebKitWebDriver listens", || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());

        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let wanted = json!({ "binary": program("gerai"), "args": arguments });
        let capabilities = [("webkitgtk:browserOptions".to_owned(), wanted)].into_iter().collect();
        let client = runtime.block_on(async {
            let (mut builder, address) = (ClientBuilder::new(HttpConnector::new()), format!("http://127.0.0.1:{port}"));
            tokio::time::timeout(PATIENCE, builder.capabilities(capabilities).connect(&address)).await
        });
        // Who drives it is its parent, and it is the only child.
        let app = || processes().find(|&(_, parent)| parent == driver.pid()).map(|(pid, _)| pid);
        let client = match client {
            Ok(Ok(client)) => client,
            trouble => {
                app().into_iter().for_each(|pid| signal(pid, Signal::KILL));
                panic!("the window did not open: {trouble:?}");
            }
        };
        let window = Self { app: app().expect("the window is there"), client, runtime, driver, screen, _xvfb: xvfb };
        window.set_size(1366, 768);
        until("the page is there", || window.is("return document.body.innerText.trim() !== ''", &[]));
        window
    }

    /// The number of the window's process.
    pub fn pid(&self) -> u32 {
        self.app
    }

    /// The screen it is on, as `DISPLAY` has it.
    pub fn screen(&self) -> &str {
        &self.screen
    }

    /// Closes the window in an orderly way, and returns when it is gone.
    pub fn close(self) {
        // Asked to end, the window is gone a moment after the answer.
        let _ = self.runtime.block_on(self.client.clone().close());
        until("the window is gone", || !self.is_there());
    }

    /// Ends the window as a power cut would.
    pub fn kill(self) {
        drop(self);
    }

    /// Sets the size of the page.
    pub fn set_size(&self, width: u32, height: u32) {
        self.wait_for(self.client.set_window_rect(0, 0, width, height));
        until("the window has its size", || {
            self.is(
                "return innerWidth === arguments[0] && innerHeight === arguments[1]",
                &[json!(width), json!(height)],
            )
        });
    }

    /// Waits for fonts and for whatever moves to have come to rest.
    pub fn settle(&self) {
        self.run(
            "const ends = (moving) => Number.isFinite(moving.effect.getComputedTiming().endTime);
             await document.fonts.ready;
             await Promise.all(document.getAnimations().filter(ends).map((moving) => moving.finished.catch(() => 0)))",
        );
    }

    /// Saves what the window shows once it has settled.
    pub fn screenshot(&self, path: impl AsRef<Path>) {
        self.settle();
        self.run(
            "// WebKit takes the picture when it paints next, and where nothing moves it would wait for good.
             const speck = document.createElement('i');
             speck.id = 'speck';
             speck.style.cssText = 'position: fixed; inset: auto auto 0 0; width: 1px; height: 1px; background: #00000003';
             document.body.append(speck);
             const blink = () => { speck.hidden = !speck.hidden; if (speck.isConnected) setTimeout(blink, 16); };
             blink();",
        );
        let picture = self.wait_for(self.client.screenshot());
        self.run("document.getElementById('speck').remove()");
        let folder = path.as_ref().parent().expect("a picture lies in a folder");
        fs::create_dir_all(folder).and_then(|()| fs::write(&path, picture)).expect("the picture can be saved");
    }

    /// Presses keys one after the other, whatever has the focus.
    pub fn press(&self, keys: impl IntoIterator<Item = char>) {
        let strokes = keys.into_iter().flat_map(|value| [KeyAction::Down { value }, KeyAction::Up { value }]);
        self.strike(strokes);
    }

    /// Types a text.
    pub fn type_in(&self, text: &str) {
        self.press(text.chars());
    }

    /// Presses a key while another is held.
    pub fn press_with(&self, held: char, value: char) {
        let (hold, let_go) = (KeyAction::Down { value: held }, KeyAction::Up { value: held });
        self.strike([hold, KeyAction::Down { value }, KeyAction::Up { value }, let_go]);
    }

    /// Waits until something of that role and name is on screen, and clicks it.
    pub fn click(&self, role: &str, name: &str) {
        let element = self.find(role, name);
        self.wait_for(element.click());
    }

    /// Waits for a text field, and puts that text in the place of what was there.
    pub fn fill(&self, name: &str, text: &str) {
        let field = self.find("textbox", name);
        self.wait_for(field.click());
        self.press_with(keys::CONTROL, 'a');
        self.press([keys::DELETE]);
        self.type_in(text);
    }

    /// What stands in a text field.
    pub fn text_in(&self, name: &str) -> String {
        self.wait_for(self.find("textbox", name).prop("value")).unwrap_or_default()
    }

    /// Waits until something of that role and name is on screen.
    pub fn see_the(&self, role: &str, name: &str) {
        self.find(role, name);
    }

    /// Whether something of that role and name is on screen now.
    pub fn has(&self, role: &str, name: &str) -> bool {
        self.look_for(role, name).is_some()
    }

    /// Waits until this text is on screen.
    pub fn see(&self, text: &str) {
        if !comes_true(PATIENCE, || self.shows(text)) {
            panic!("the window never showed {text:?}, but\n{}", self.text());
        }
    }

    /// Waits until this text is not on screen any more.
    pub fn see_no_more(&self, text: &str) {
        if !comes_true(PATIENCE, || !self.shows(text)) {
            panic!("the window went on showing {text:?} in\n{}", self.text());
        }
    }

    /// Whether this text is on screen now.
    pub fn shows(&self, text: &str) -> bool {
        tidy(&self.text()).contains(&tidy(text))
    }

    /// All text on screen.
    pub fn text(&self) -> String {
        self.run("return document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// Runs a script in the page and returns what it returns. It may `await`.
    pub fn run(&self, script: &str) -> Value {
        self.run_with(script, &[])
    }

    /// Runs a script with arguments.
    pub fn run_with(&self, script: &str, arguments: &[Value]) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1], given = [...arguments].slice(0, -1);
             (async function () {{ {script} }})(...given).then(
               (value) => done({{ value: value ?? null }}), (error) => done({{ error: String(error) }}))"
        );
        let mut answer = self.wait_for(self.client.execute_async(&script, arguments.to_vec()));
        assert!(answer["error"].is_null(), "in the page: {}", answer["error"]);
        answer["value"].take()
    }

    fn is(&self, script: &str, arguments: &[Value]) -> bool {
        self.run_with(script, arguments) == json!(true)
    }

    fn find(&self, role: &str, name: &str) -> Element {
        let mut found = None;
        comes_true(PATIENCE, || {
            found = self.look_for(role, name);
            found.is_some()
        });
        found.unwrap_or_else(|| panic!("the window never had the {role} {name:?}, but\n{}", self.text()))
    }

    fn look_for(&self, role: &str, name: &str) -> Option<Element> {
        let found = self.wait_for(self.client.execute(FIND, vec![json!(role), json!(name)]));
        let reference = found.get("element-6066-11e4-a52e-4f735466cecf")?.as_str()?.to_owned();
        Some(Element::from_element_id(self.client.clone(), ElementRef::from(reference)))
    }

    fn strike(&self, strokes: impl IntoIterator<Item = KeyAction>) {
        let actions = strokes.into_iter().fold(KeyActions::new("keyboard".into()), |all, stroke| all.then(stroke));
        self.wait_for(self.client.perform_actions(actions));
    }

    fn is_there(&self) -> bool {
        processes().any(|(pid, parent)| pid == self.app && parent == self.driver.pid())
    }

    fn wait_for<T>(&self, answer: impl Future<Output = Result<T, CmdError>>) -> T {
        let answer = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, answer).await });
        answer.expect("the window answers in time").expect("the window does as it is told")
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if thread::panicking()
            && let Ok(Ok(picture)) =
                self.runtime.block_on(async { tokio::time::timeout(PATIENCE, self.client.screenshot()).await })
        {
            let path = last_sight();
            let _ =
                fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).and_then(|()| fs::write(&path, picture));
            eprintln!("the last the window showed is in {}", path.display());
        }
        if self.is_there() {
            signal(self.app, Signal::KILL);
            // Its driver collects it.
            comes_true(PATIENCE, || !self.is_there());
        }
    }
}

/// Where a failed test leaves its picture: in the target folder, under the test's name.
fn last_sight() -> PathBuf {
    let test = env::current_exe().unwrap_or_default();
    let folder = test.ancestors().find(|folder| folder.join("gerai").is_file()).unwrap_or(Path::new("."));
    folder.join("failed").join(thread::current().name().unwrap_or("window")).with_extension("png")
}

fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    listener.local_addr().expect("it has a number").port()
}

/// Every process that is not a corpse, and its parent.
fn processes() -> impl Iterator<Item = (u32, u32)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        // The name stands in brackets and may hold anything; state and parent come after it.
        let mut after = stat.rsplit_once(") ")?.1.split(' ');
        let state = after.next()?;
        (state != "Z").then_some((pid, after.next()?.parse().ok()?))
    })
}

/// The first visible element of that role whose accessible name is this, or else begins with it.
const FIND: &str = r#"
const [role, wanted] = arguments;
const selectors = {
  button: 'button', textbox: 'input:not([type=radio], [type=checkbox]), textarea', radio: 'input[type=radio]',
  switch: 'input[type=checkbox], [role=switch]', heading: 'h1, h2, h3, h4', dialog: 'dialog[open]',
};
const tidy = (text) => text.replace(/\s+/g, ' ').trim();
const words = (element) => {
  const copy = element.cloneNode(true);
  copy.querySelectorAll('[aria-hidden=true]').forEach((hidden) => hidden.remove());
  return tidy(copy.textContent);
};
const name = (element) => {
  const by = element.getAttribute('aria-labelledby');
  if (by) return tidy(by.split(' ').map((id) => words(document.getElementById(id))).join(' '));
  if (element.getAttribute('aria-label')) return tidy(element.getAttribute('aria-label'));
  return words(element.labels?.[0] ?? element);
};
const visible = (element) => element.checkVisibility({ visibilityProperty: true });
const found = [...document.querySelectorAll(selectors[role] ?? `[role=${role}]`)].filter(visible);
const element = found.find((each) => name(each) === tidy(wanted)) ?? found.find((each) => name(each).startsWith(tidy(wanted)));
// A radio button may be drawn by its label; that is what a hand would hit.
return element ? (role === 'radio' || role === 'switch' ? element.closest('label') ?? element : element) : null;
"#;
