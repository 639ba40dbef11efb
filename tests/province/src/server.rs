//! The server in its own thread, stopped when it is dropped.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread::JoinHandle,
};

use tokio::{net, runtime, sync::oneshot};

use crate::{Error, Province, http};

/// A running server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Server {
    /// Listens on `address`; port 0 lets the system choose. On return, connections are accepted.
    pub fn start(province: Province, address: SocketAddr) -> Result<Self, Error> {
        let listener = TcpListener::bind(address).map_err(Error::Listen)?;
        listener.set_nonblocking(true).map_err(Error::Listen)?;
        let address = listener.local_addr().map_err(Error::Listen)?;
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(Error::Listen)?;
        let (stop, stopped) = oneshot::channel();
        let router = http::router(Arc::new(province));
        let serve = async move {
            let listener = net::TcpListener::from_std(listener)?;
            // An error means that the sender is gone, which is as good as its word.
            axum::serve(listener, router)
                .with_graceful_shutdown(async { drop(stopped.await) })
                .await
        };
        let thread = std::thread::Builder::new()
            .name("province".to_owned())
            .spawn(move || runtime.block_on(serve))
            .map_err(Error::Listen)?;
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets the requests under way finish, then ends.
    pub fn stop(mut self) -> Result<(), Error> {
        self.end()
    }

    fn end(&mut self) -> Result<(), Error> {
        drop(self.stop.take());
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(outcome)) => outcome.map_err(Error::Listen),
            Some(Err(_)) => Err(Error::Listen(io::Error::other("the server panicked"))),
            None => Ok(()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::error!(%error, "the server did not end well");
        }
    }
}
