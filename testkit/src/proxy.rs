//! A TCP proxy that can be cut: between a program and its server, for one program alone.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What becomes of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// They go on.
    Whole,
    /// They wait; connections stay open. What waited is delivered late.
    Held,
    /// There are none: connections are reset, new ones as well.
    Broken,
}

/// Forwards connections from a port of its own to a server. Dropping it resets them.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    line: watch::Sender<Line>,
    open: Arc<AtomicUsize>,
    listener: JoinHandle<()>,
}

impl Proxy {
    /// One before the server on this port of the loopback interface, which need not be there yet.
    ///
    /// # Errors
    ///
    /// There is no free port.
    pub async fn start(server: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (line, watched) = watch::channel(Line::Whole);
        let open = Arc::new(AtomicUsize::new(0));
        let target = SocketAddr::from((Ipv4Addr::LOCALHOST, server));
        let listener = tokio::spawn(listen(listener, target, watched, Arc::clone(&open)));
        Ok(Self {
            port,
            line,
            open,
            listener,
        })
    }

    /// The port to connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Connections that the server has not closed yet. After a client was killed, none means that the server has done all that
    /// the client had asked of it.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// Holds everything back, in both directions, as a network does that loses packets.
    pub fn hold(&self) {
        self.line.send_replace(Line::Held);
    }

    /// Resets all connections, and new ones as well.
    pub fn reset(&self) {
        self.line.send_replace(Line::Broken);
    }

    /// Lets everything through again.
    pub fn heal(&self) {
        self.line.send_replace(Line::Whole);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn listen(
    listener: TcpListener,
    server: SocketAddr,
    line: watch::Receiver<Line>,
    open: Arc<AtomicUsize>,
) {
    // Connections end with the listener.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else {
            continue;
        };
        let counted = Counted::new(&open);
        let line = line.clone();
        connections.spawn(async move {
            forward(client, server, line).await;
            drop(counted);
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Counts one connection for as long as it lives.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(open: &Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(open))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// One connection, to its end.
async fn forward(mut client: TcpStream, server: SocketAddr, mut line: watch::Receiver<Line>) {
    let mut breaks = line.clone();
    let both = async {
        whole(&mut line).await;
        let Ok(mut server) = TcpStream::connect(server).await else {
            return;
        };
        // Small packets must not wait for one another.
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        tokio::join!(
            copy(from_client, to_server, line.clone()),
            copy(from_server, to_client, line.clone())
        );
    };
    tokio::select! {
        () = both => return,
        _ = breaks.wait_for(|line| *line == Line::Broken) => {}
    }
    // A reset, not an orderly end.
    let _ = client.set_zero_linger();
}

/// Copies one direction to its end. When nobody takes the bytes any more, the rest is read all the same: the end of a server's
/// bytes tells that it has done its work.
async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut line: watch::Receiver<Line>,
) {
    let mut buffer = vec![0; 16 * 1024];
    let mut taken = true;
    loop {
        // A connection that was reset has ended as well.
        let read = from.read(&mut buffer).await.unwrap_or(0);
        whole(&mut line).await;
        if read == 0 {
            let _ = to.shutdown().await;
            return;
        }
        taken = taken && to.write_all(&buffer[..read]).await.is_ok();
    }
}

async fn whole(line: &mut watch::Receiver<Line>) {
    // The proxy went away: so do its connections.
    let _ = line.wait_for(|line| *line == Line::Whole).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// How long a silence is watched.
    const SILENCE: Duration = Duration::from_millis(50);

    /// A server that echoes one byte after the other, for one connection.
    async fn echo() -> (u16, JoinHandle<()>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            while let Ok(byte) = stream.read_u8().await {
                stream.write_u8(byte).await.expect("it is taken");
            }
        });
        (port, server)
    }

    async fn connect(proxy: &Proxy) -> TcpStream {
        let address = (Ipv4Addr::LOCALHOST, proxy.port());
        TcpStream::connect(address)
            .await
            .expect("the proxy listens")
    }

    #[tokio::test]
    async fn what_is_held_is_delivered_late() {
        let (port, _server) = echo().await;
        let proxy = Proxy::start(port).await.expect("started");
        let mut client = connect(&proxy).await;
        client.write_u8(1).await.expect("sent");
        assert_eq!(client.read_u8().await.expect("echoed"), 1);
        proxy.hold();
        client.write_u8(2).await.expect("sent");
        let silent = tokio::time::timeout(SILENCE, client.read_u8()).await;
        assert!(silent.is_err(), "{silent:?}");
        proxy.heal();
        assert_eq!(client.read_u8().await.expect("echoed"), 2);
    }

    #[tokio::test]
    async fn a_reset_ends_connections_and_new_ones() {
        let (port, _server) = echo().await;
        let proxy = Proxy::start(port).await.expect("started");
        let mut client = connect(&proxy).await;
        client.write_u8(1).await.expect("sent");
        assert_eq!(client.read_u8().await.expect("echoed"), 1);
        proxy.reset();
        assert!(client.read_u8().await.is_err());
        assert!(connect(&proxy).await.read_u8().await.is_err());
    }

    #[tokio::test]
    async fn a_connection_counts_until_the_server_has_ended_it() {
        let (port, server) = echo().await;
        let proxy = Proxy::start(port).await.expect("started");
        let mut client = connect(&proxy).await;
        client.write_u8(1).await.expect("sent");
        assert_eq!(client.read_u8().await.expect("echoed"), 1);
        assert_eq!(proxy.connections(), 1);
        drop(client);
        server.await.expect("the server saw the end");
        while proxy.connections() > 0 {
            tokio::task::yield_now().await;
        }
    }
}
