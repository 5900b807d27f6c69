//! What a node tells of an account without being asked, over WebSocket.

use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

use anchor_lang::prelude::Pubkey;
use serde_json::{json, Value};
use tungstenite::{stream::MaybeTlsStream, Error, Message, WebSocket};

use super::super::{Cluster, TransportError};

/// A subscription to an account.
pub struct AccountWatch {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    url: String,
}

impl AccountWatch {
    /// Subscribes to the changes of an account that are confirmed.
    ///
    /// # Errors
    /// [`TransportError::Silent`] if the node has no WebSocket next to its RPC port or does not answer.
    pub fn open(cluster: &Cluster, address: &Pubkey) -> Result<Self, TransportError> {
        let url = cluster.websocket_url();
        let connected = tungstenite::connect(&url);
        let (socket, _) = connected.map_err(|cause| silent(&url, &cause))?;
        let mut watch = Self { socket, url };
        let subscribe = json!({
            "jsonrpc": "2.0",
            "id": 1,
            "method": "accountSubscribe",
            "params": [address.to_string(), { "encoding": "base64", "commitment": "confirmed" }],
        });
        let sent = watch.socket.send(Message::text(subscribe.to_string()));
        sent.map_err(|cause| silent(&watch.url, &cause))?;
        Ok(watch)
    }

    /// Waits until the account changes, or `longest` is over; whether it changed.
    ///
    /// # Errors
    /// [`TransportError::Silent`] if the connection ends, [`TransportError::Rpc`] if the node does not
    /// take the subscription.
    pub fn wait(&mut self, longest: Duration) -> Result<bool, TransportError> {
        let end = Instant::now() + longest;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            self.set_timeout(left)
                .map_err(|cause| silent(&self.url, &cause))?;
            let message = match self.socket.read() {
                Ok(Message::Text(text)) => serde_json::from_str(&text).unwrap_or(Value::Null),
                Ok(_) => continue,
                Err(Error::Io(cause)) if is_timeout(&cause) => return Ok(false),
                Err(cause) => return Err(silent(&self.url, &cause)),
            };
            if let Some(message) = message["error"]["message"].as_str() {
                return Err(TransportError::Rpc {
                    url: self.url.clone(),
                    message: message.to_string(),
                });
            }
            if message["method"] == "accountNotification" {
                return Ok(true);
            }
        }
    }

    fn set_timeout(&self, timeout: Duration) -> Result<(), Error> {
        let stream = match self.socket.get_ref() {
            MaybeTlsStream::Rustls(stream) => &stream.sock,
            MaybeTlsStream::Plain(stream) => stream,
            // No other kind is compiled in.
            _ => return Ok(()),
        };
        Ok(stream.set_read_timeout(Some(timeout))?)
    }
}

fn is_timeout(cause: &std::io::Error) -> bool {
    use std::io::ErrorKind::{TimedOut, WouldBlock};
    matches!(cause.kind(), TimedOut | WouldBlock)
}

fn silent(url: &str, cause: &Error) -> TransportError {
    TransportError::Silent {
        url: url.to_string(),
        cause: cause.to_string(),
    }
}
