//! One small server for what a PKI publishes and answers: CRLs, CA certificates, OCSP, time-stamps. Loopback only.
//!
//! Each service can be slow or off, by [`Responder::set`] or, in another process, by `POST /switch/tsa/off`,
//! `/switch/ocsp/on`, `/switch/crl/slow/5000`. It deliberately is no general HTTP server: one request a connection.

mod http;
mod ocsp;
mod tsa;

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use time::OffsetDateTime;

use crate::Error;
use crate::pki::{Ca, Pki};
use http::{Request, Response};

/// Where the responder takes the time from: tests pass their own.
pub type Clock = Box<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// What can be slow or off by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Revocation lists and CA certificates.
    Crl,
    /// Certificate status.
    Ocsp,
    /// Time-stamps.
    Tsa,
}

/// How a service behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Behaviour {
    /// It answers.
    #[default]
    On,
    /// It answers after a while; VGCA's time-stamps took 2 to 131 seconds in the field.
    Slow(Duration),
    /// It hangs up without a word.
    Off,
}

/// A bound port: its URL is known before the PKI that names it exists.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Binds a port of the loopback interface; 0 lets the system choose.
    ///
    /// # Errors
    /// [`Error::Io`] where the port is taken.
    pub fn bind(port: u16) -> Result<Self, Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// The base URL to be written into certificates.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Starts answering for a PKI.
    pub fn serve(self, pki: Arc<Pki>, clock: Clock) -> Responder {
        let state = Arc::new(State {
            pki,
            clock,
            behaviours: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let (listener, shared) = (self.listener, Arc::clone(&state));
        let thread = thread::spawn(move || accept(&listener, &shared));
        Responder {
            address: self.address,
            state,
            thread: Some(thread),
        }
    }
}

/// A running responder; it stops when dropped.
pub struct Responder {
    address: SocketAddr,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

impl Responder {
    /// Its base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes a service slow, dead, or well again.
    pub fn set(&self, service: Service, behaviour: Behaviour) {
        self.state.set(service, behaviour);
    }

    /// Serves until the process ends.
    pub fn join(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Responder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Responder")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for a connection; if that fails, the thread is gone already.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct State {
    pki: Arc<Pki>,
    clock: Clock,
    behaviours: Mutex<[Behaviour; 3]>,
    stopped: AtomicBool,
}

impl State {
    fn behaviour(&self, service: Service) -> Behaviour {
        let [crl, ocsp, tsa] = *self
            .behaviours
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match service {
            Service::Crl => crl,
            Service::Ocsp => ocsp,
            Service::Tsa => tsa,
        }
    }

    fn set(&self, service: Service, behaviour: Behaviour) {
        let mut behaviours = self
            .behaviours
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let [crl, ocsp, tsa] = &mut *behaviours;
        *match service {
            Service::Crl => crl,
            Service::Ocsp => ocsp,
            Service::Tsa => tsa,
        } = behaviour;
    }
}

fn accept(listener: &TcpListener, state: &Arc<State>) {
    for stream in listener.incoming() {
        if state.stopped.load(Ordering::Relaxed) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let state = Arc::clone(state);
        // A slow answer must not hold up the others.
        thread::spawn(move || {
            // A client that goes away mid-way is its own affair.
            let _ = converse(stream, &state);
        });
    }
}

fn converse(mut stream: TcpStream, state: &State) -> std::io::Result<()> {
    let response = match http::read(&mut stream)? {
        Some(request) => match answer(&request, state) {
            Some(response) => response,
            None => return Ok(()),
        },
        None => Response::status(400),
    };
    http::write(&mut stream, &response)
}

/// The answer to a request; `None` hangs up.
fn answer(request: &Request, state: &State) -> Option<Response> {
    let path: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let service = match path.as_slice() {
        ["switch", service, rest @ ..] => return Some(switch(state, service, rest)),
        ["crl" | "crt", _] => Service::Crl,
        ["ocsp"] => Service::Ocsp,
        ["tsa"] => Service::Tsa,
        _ => return Some(Response::status(404)),
    };
    match state.behaviour(service) {
        Behaviour::On => {}
        Behaviour::Slow(delay) => thread::sleep(delay),
        Behaviour::Off => return None,
    }
    let (pki, now) = (&state.pki, (state.clock)());
    let made = match (request.method.as_str(), path.as_slice()) {
        ("GET", ["crl", "root.crl"]) => crl(pki, Ca::Root, now),
        ("GET", ["crl", "sub.crl"]) => crl(pki, Ca::Sub, now),
        ("GET", ["crt", "root.crt"]) => Ok(Response::body(
            "application/pkix-cert",
            pki.root().der().to_vec(),
        )),
        ("GET", ["crt", "sub.crt"]) => Ok(Response::body(
            "application/pkix-cert",
            pki.sub().der().to_vec(),
        )),
        ("POST", ["ocsp"]) => ocsp::answer(pki, &request.body, now),
        // As VGCA's: it answers time-stamp requests and nothing else.
        ("GET", ["tsa"]) => Ok(Response::status(403)),
        ("POST", ["tsa"]) => tsa::answer(pki, &request.body, now),
        _ => Ok(Response::status(404)),
    };
    Some(made.unwrap_or_else(|_| Response::status(500)))
}

fn crl(pki: &Pki, ca: Ca, now: OffsetDateTime) -> Result<Response, Error> {
    Ok(Response::body("application/pkix-crl", pki.crl(ca, now)?))
}

fn switch(state: &State, service: &str, rest: &[&str]) -> Response {
    let service = match service {
        "crl" => Service::Crl,
        "ocsp" => Service::Ocsp,
        "tsa" => Service::Tsa,
        _ => return Response::status(404),
    };
    let behaviour = match rest {
        ["on"] => Behaviour::On,
        ["off"] => Behaviour::Off,
        ["slow", milliseconds] => match milliseconds.parse() {
            Ok(milliseconds) => Behaviour::Slow(Duration::from_millis(milliseconds)),
            Err(_) => return Response::status(400),
        },
        _ => return Response::status(404),
    };
    state.set(service, behaviour);
    Response::status(204)
}
