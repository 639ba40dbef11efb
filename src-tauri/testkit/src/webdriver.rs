//! The real window, driven: Xvfb for a screen, WebKitWebDriver for hands and eyes.
//!
//! A [`Window`] owns everything it started (screen, driver, desk, the desk's helpers) and ends all of it when
//! dropped, whatever state the test left it in. The W3C WebDriver calls used here are the few a journey needs.
//! Screenshots are taken from the screen, not through the driver: its screenshot call sometimes never answers.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};

use crate::process::{self, Guard};

/// How long a wait lasts before it is a failure: generous, because a loaded machine starts a web view in 10 s.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two looks at the page.
const GLANCE: Duration = Duration::from_millis(50);
/// The key under which W3C WebDriver returns an element's reference.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Why the window could not be driven.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A program the tests need did not start; it comes from the packages `cargo xtask test` installs.
    #[error("starting {program}")]
    Start {
        /// What was to be started.
        program: &'static str,
        /// Why it did not.
        source: crate::Error,
    },
    /// A program started, but did not do what it was started for.
    #[error("{program} did not become ready")]
    NotReady {
        /// Which program.
        program: &'static str,
    },
    /// The driver could not be reached.
    #[error("calling WebKitWebDriver")]
    Http(#[from] reqwest::Error),
    /// The driver refused a call.
    #[error("WebKitWebDriver: {error}: {message}")]
    Driver {
        /// The error code of W3C WebDriver, for example `no such element`.
        error: String,
        /// The driver's own words.
        message: String,
    },
    /// Something awaited did not come.
    #[error("waited for {what}; see {screen}; the page says: {page}")]
    Timeout {
        /// What was awaited.
        what: String,
        /// A picture of the screen at that moment.
        screen: String,
        /// The start of the page's text.
        page: String,
    },
    /// The screen could not be saved.
    #[error("taking a screenshot into {path}")]
    Screenshot {
        /// Where it should have gone.
        path: String,
    },
}

/// A virtual screen.
#[derive(Debug)]
pub struct Screen {
    _xvfb: Guard,
    name: String,
}

impl Screen {
    /// Starts a screen of `width` × `height` pixels under a free display name.
    ///
    /// # Errors
    /// [`Error::Start`] and [`Error::NotReady`].
    pub fn start(width: u32, height: u32) -> Result<Self, Error> {
        const PROGRAM: &str = "Xvfb";
        let mut command = process::command(PROGRAM);
        command
            .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"])
            .arg(format!("{width}x{height}x24"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut xvfb = Guard::spawn(command).map_err(|source| Error::Start {
            program: PROGRAM,
            source,
        })?;
        let mut number = String::new();
        if let Some(stdout) = xvfb.child().stdout.take() {
            // Xvfb writes the line once it accepts clients; end of file means that it has died.
            let _ = BufReader::new(stdout).read_line(&mut number);
        }
        if number.trim().is_empty() {
            return Err(Error::NotReady { program: PROGRAM });
        }
        Ok(Self {
            _xvfb: xvfb,
            name: format!(":{}", number.trim()),
        })
    }

    /// The value for `DISPLAY`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Saves what the screen shows as a PNG.
    ///
    /// # Errors
    /// [`Error::Screenshot`].
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let failed = || Error::Screenshot {
            path: path.display().to_string(),
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|_| failed())?;
        }
        let status = Command::new("import")
            .args(["-display", &self.name, "-window", "root"])
            .arg(path)
            .status();
        if status.is_ok_and(|s| s.success()) {
            Ok(())
        } else {
            Err(failed())
        }
    }
}

/// WebKitWebDriver and everything it started, as one process group.
#[derive(Debug)]
struct Driver {
    guard: Guard,
    base: String,
}

impl Driver {
    fn start(screen: &Screen, environment: &[(OsString, OsString)]) -> Result<Self, Error> {
        const PROGRAM: &str = "WebKitWebDriver";
        let failed = |source| Error::Start {
            program: PROGRAM,
            source,
        };
        let port = free_port().map_err(|error| failed(error.into()))?;
        let mut command = process::command(PROGRAM);
        command
            .arg("--host=127.0.0.1")
            .arg(format!("--port={port}"))
            .env("DISPLAY", screen.name())
            .env_remove("WAYLAND_DISPLAY")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            // A virtual screen has no graphics buffers to share.
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .process_group(0);
        let guard = Guard::spawn(command).map_err(failed)?;
        Ok(Self {
            guard,
            base: format!("http://127.0.0.1:{port}"),
        })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The group, not the process: a driver that dies alone leaves the desk and its helpers running.
        let group = i32::try_from(self.guard.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            // Gone already is as good.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// The desk's window under a driver.
#[derive(Debug)]
pub struct Window {
    // Dropped in this order: the driver's group first, the screen under it last.
    driver: Driver,
    screen: Screen,
    client: reqwest::blocking::Client,
    session: String,
}

impl Window {
    /// Starts `program` with `arguments` on a new screen of `size` pixels and takes hold of its window.
    ///
    /// # Errors
    /// Any of [`Error`].
    pub fn open(
        program: &Path,
        arguments: &[&str],
        environment: &[(OsString, OsString)],
        size: (u32, u32),
    ) -> Result<Self, Error> {
        // reqwest asks for a TLS provider even where only loopback HTTP is spoken; a second installation is refused.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let screen = Screen::start(size.0, size.1)?;
        let driver = Driver::start(&screen, environment)?;
        let client = reqwest::blocking::Client::builder()
            .no_proxy()
            .timeout(PATIENCE * 2)
            .build()?;
        let mut window = Self {
            driver,
            screen,
            client,
            session: String::new(),
        };
        window.wait_for_driver()?;
        let options = json!({ "binary": program, "args": arguments });
        let capabilities = json!({ "alwaysMatch": { "webkitgtk:browserOptions": options } });
        let reply = window.call("POST", "/session", &json!({ "capabilities": capabilities }))?;
        let id = reply
            .get("sessionId")
            .and_then(Value::as_str)
            .unwrap_or_default();
        window.session = format!("/session/{id}");
        Ok(window)
    }

    fn wait_for_driver(&self) -> Result<(), Error> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if self.call("GET", "/status", &Value::Null).is_ok() {
                return Ok(());
            }
            thread::sleep(GLANCE);
        }
        Err(Error::NotReady {
            program: "WebKitWebDriver",
        })
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, Error> {
        let url = format!("{}{path}", self.driver.base);
        let request = match method {
            "GET" => self.client.get(url),
            _ => self.client.post(url).json(body),
        };
        let response = request.send()?;
        let ok = response.status().is_success();
        let mut reply: Value = response.json()?;
        let value = reply.get_mut("value").map(Value::take).unwrap_or_default();
        if ok {
            return Ok(value);
        }
        let word = |key| {
            value
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        Err(Error::Driver {
            error: word("error"),
            message: word("message"),
        })
    }

    fn find(&self, css: &str) -> Result<String, Error> {
        let query = json!({ "using": "css selector", "value": css });
        let found = self.call("POST", &format!("{}/element", self.session), &query)?;
        let id = found
            .get(ELEMENT)
            .and_then(Value::as_str)
            .unwrap_or_default();
        Ok(format!("{}/element/{id}", self.session))
    }

    /// The screen the window is on.
    #[must_use]
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// Repeats `look` until it returns something.
    ///
    /// # Errors
    /// [`Error::Timeout`] with the start of the page's text after a minute.
    pub fn wait_until<T>(
        &self,
        what: &str,
        mut look: impl FnMut(&Self) -> Option<T>,
    ) -> Result<T, Error> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(self) {
                return Ok(found);
            }
            if Instant::now() >= until {
                return Err(self.timeout(what));
            }
            thread::sleep(GLANCE);
        }
    }

    fn timeout(&self, what: &str) -> Error {
        let screen = std::env::temp_dir().join("antin-window-timeout.png");
        let saved = self.screen.save(&screen);
        let page = self.text("body").unwrap_or_default();
        Error::Timeout {
            what: what.to_owned(),
            screen: saved.map_or_else(|error| error.to_string(), |()| screen.display().to_string()),
            page: page.chars().take(1500).collect(),
        }
    }

    /// Waits until an element is there.
    ///
    /// # Errors
    /// [`Error::Timeout`].
    pub fn wait(&self, css: &str) -> Result<(), Error> {
        self.wait_until(css, |w| w.find(css).ok()).map(drop)
    }

    /// Waits until the first element of `css` shows `words`; returns its text.
    ///
    /// # Errors
    /// [`Error::Timeout`].
    pub fn wait_text(&self, css: &str, words: &str) -> Result<String, Error> {
        let what = format!("“{words}” in {css}");
        self.wait_until(&what, |w| {
            w.text(css).ok().filter(|text| text.contains(words))
        })
    }

    /// The text of an element. The driver's own notion of it leaves out lines that are clamped.
    ///
    /// # Errors
    /// [`Error::Driver`] when there is no such element.
    pub fn text(&self, css: &str) -> Result<String, Error> {
        let script = "return document.querySelector(arguments[0]).innerText";
        let text = self.execute(script, &json!([css]))?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until an element can be clicked, and clicks it.
    ///
    /// # Errors
    /// [`Error::Timeout`].
    pub fn click(&self, css: &str) -> Result<(), Error> {
        self.wait_until(&format!("{css} to click"), |w| {
            let element = w.find(css).ok()?;
            let enabled = w
                .call("GET", &format!("{element}/enabled"), &Value::Null)
                .ok()?;
            if enabled != Value::Bool(true) {
                return None;
            }
            w.call("POST", &format!("{element}/click"), &json!({})).ok()
        })
        .map(drop)
    }

    /// Clicks the first of the elements of `css` whose text contains `words`.
    ///
    /// # Errors
    /// [`Error::Timeout`].
    pub fn click_text(&self, css: &str, words: &str) -> Result<(), Error> {
        let script = "const [css, words] = arguments; \
            document.querySelectorAll('[data-webdriver]').forEach(e => delete e.dataset.webdriver); \
            const found = [...document.querySelectorAll(css)].find(e => e.innerText.includes(words)); \
            if (found) found.dataset.webdriver = 'here'; return !!found;";
        self.wait_until(&format!("“{words}” among {css}"), |w| {
            let found = w.execute(script, &json!([css, words])).ok()?;
            (found == Value::Bool(true)).then_some(())
        })?;
        self.click("[data-webdriver=here]")
    }

    /// Puts the cursor into a field and types. A line break is the Enter key.
    ///
    /// # Errors
    /// [`Error::Timeout`] when there is no such field.
    pub fn type_into(&self, css: &str, text: &str) -> Result<(), Error> {
        let keys = json!({ "text": text.replace('\n', "\u{e007}") });
        self.wait_until(&format!("{css} to type into"), |w| {
            let element = w.find(css).ok()?;
            w.call("POST", &format!("{element}/value"), &keys).ok()
        })
        .map(drop)
    }

    /// Runs the body of a function in the page; `arguments` must be an array.
    ///
    /// # Errors
    /// [`Error::Driver`] when the script throws.
    pub fn execute(&self, script: &str, arguments: &Value) -> Result<Value, Error> {
        let body = json!({ "script": script, "args": arguments });
        self.call("POST", &format!("{}/execute/sync", self.session), &body)
    }

    /// Waits for two animation frames, so that the screen shows what the document says, and saves the screen.
    ///
    /// # Errors
    /// [`Error::Driver`] and [`Error::Screenshot`].
    pub fn save_screen(&self, path: &Path) -> Result<(), Error> {
        let script = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(1)));";
        let body = json!({ "script": script, "args": [] });
        self.call("POST", &format!("{}/execute/async", self.session), &body)?;
        self.screen.save(path)
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}
