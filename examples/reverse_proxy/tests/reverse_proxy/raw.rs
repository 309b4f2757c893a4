//! Both ends of the proxy as bytes: a client that writes what it likes, and a store that reads what really arrives.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::proxy::{folder, within, Proxy};

pub struct Connection(pub TcpStream);

impl Connection {
    pub async fn to(address: &str) -> Self {
        Connection(within(TcpStream::connect(address)).await.expect("a connection"))
    }

    pub async fn accept(listener: &TcpListener) -> Self {
        Connection(within(listener.accept()).await.expect("a connection").0)
    }

    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        within(self.0.write_all(bytes.as_ref())).await.expect("bytes written");
    }

    /// Reads until the bytes end so.
    pub async fn read_until(&mut self, end: &str) -> String {
        let mut bytes = Vec::new();
        while !bytes.ends_with(end.as_bytes()) {
            match within(self.0.read_u8()).await {
                Ok(byte) => bytes.push(byte),
                Err(error) => panic!("{error} after {:?}", String::from_utf8_lossy(&bytes)),
            }
        }
        bytes.iter().map(|byte| char::from(*byte)).collect()
    }

    pub async fn read_head(&mut self) -> String {
        self.read_until("\r\n\r\n").await
    }

    pub async fn read_to_end(&mut self) -> String {
        let mut bytes = Vec::new();
        within(self.0.read_to_end(&mut bytes)).await.expect("the end");
        bytes.iter().map(|byte| char::from(*byte)).collect()
    }
}

/// A client's connection to a proxy before a store that a test plays.
pub struct Between {
    pub proxy: Proxy,
    pub client: Connection,
    pub listener: TcpListener,
    _folder: tempfile::TempDir,
}

impl Between {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let store = listener.local_addr().expect("an address").to_string();
        let folder = folder();
        let proxy = Proxy::start(&store, &folder).await;
        let client = Connection::to(&proxy.public).await;
        Between { proxy, client, listener, _folder: folder }
    }

    /// Sends a request, and returns what arrives at the store up to `end`, and the store's connection.
    pub async fn forward(&mut self, request: impl AsRef<[u8]>, end: &str) -> (String, Connection) {
        self.client.write(request).await;
        let mut store = Connection::accept(&self.listener).await;
        (store.read_until(end).await, store)
    }
}

/// The first line, and the others in alphabetical order: theirs has no meaning.
pub fn sorted(head: &str) -> Vec<String> {
    let mut lines: Vec<String> = head.split("\r\n").map(str::to_owned).collect();
    lines[1..].sort();
    lines
}
