//! HTTP servers inside the test program.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread;

use axum::Router;
use tokio::sync::oneshot;

/// A server on loopback, which ends when this is dropped.
pub(crate) struct Web {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Web {
    /// Serves on a free port.
    pub(crate) fn serve(router: Router) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let (sender, started) = mpsc::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                sender.send(listener.local_addr().unwrap()).unwrap();
                let serving = axum::serve(listener, router);
                tokio::select! {
                    served = serving => served.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        Self { address: started.recv().unwrap(), stop: Some(stop), thread: Some(thread) }
    }

    /// `localhost:<port>`.
    pub(crate) fn host(&self) -> String {
        format!("localhost:{}", self.address.port())
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
