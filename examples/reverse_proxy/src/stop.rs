//! The signals that stop the proxy: SIGINT and SIGTERM, or ctrl-c where these are not known.

use std::io;

pub struct Stop {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
}

#[cfg(unix)]
impl Stop {
    /// Installs the handlers at once, so that no signal is missed.
    pub fn prepare() -> io::Result<Self> {
        use tokio::signal::unix::{signal, SignalKind};
        Ok(Stop { signals: [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?] })
    }

    pub async fn wait(&mut self) {
        let [interrupt, terminate] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Stop {
    pub fn prepare() -> io::Result<Self> {
        Ok(Stop {})
    }

    pub async fn wait(&mut self) {
        _ = tokio::signal::ctrl_c().await;
    }
}
