//! Which cluster is meant, and which one answers.

use std::{fmt, str::FromStr};

use oracle::Network;
use thiserror::Error;

/// A cluster by name, or an RPC node by address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cluster {
    Localnet,
    Devnet,
    Mainnet,
    Url(String),
}

/// What is neither a cluster nor an address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no cluster, expected localnet, devnet, mainnet or a URL that starts with http:// or https://")]
pub struct ClusterError(String);

/// Hash of the first block of each public cluster: what a cluster is, whatever its node's address.
const GENESIS_HASHES: [(&str, Network); 2] = [
    (
        "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d",
        Network::Mainnet,
    ),
    (
        "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG",
        Network::Devnet,
    ),
];

impl Cluster {
    pub fn rpc_url(&self) -> &str {
        match self {
            Self::Localnet => "http://127.0.0.1:8899",
            Self::Devnet => "https://api.devnet.solana.com",
            Self::Mainnet => "https://api.mainnet-beta.solana.com",
            Self::Url(url) => url,
        }
    }

    /// Where the cluster is subscribed to: the RPC address with the scheme of WebSockets, and the next
    /// port if it names one.
    pub fn websocket_url(&self) -> String {
        let url = self.rpc_url();
        let url = match url.split_once("://") {
            Some(("https", rest)) => format!("wss://{rest}"),
            Some((_, rest)) => format!("ws://{rest}"),
            None => url.to_string(),
        };
        let next_port = url
            .trim_end_matches('/')
            .rsplit_once(':')
            .and_then(|(host, port)| {
                let next = port.parse::<u16>().ok()?.checked_add(1)?;
                Some(format!("{host}:{next}"))
            });
        next_port.unwrap_or(url)
    }

    /// The network that a name promises; `None` of an address, which may be any.
    pub fn network(&self) -> Option<Network> {
        match self {
            Self::Localnet => Some(Network::Localnet),
            Self::Devnet => Some(Network::Devnet),
            Self::Mainnet => Some(Network::Mainnet),
            Self::Url(_) => None,
        }
    }
}

/// The network whose first block has this hash: a local one if no public one has.
pub(super) fn network_of(genesis_hash: &str) -> Network {
    GENESIS_HASHES
        .iter()
        .find(|(hash, _)| *hash == genesis_hash)
        .map_or(Network::Localnet, |(_, network)| *network)
}

impl FromStr for Cluster {
    type Err = ClusterError;

    fn from_str(text: &str) -> Result<Self, ClusterError> {
        match text {
            "localnet" | "localhost" | "l" => Ok(Self::Localnet),
            "devnet" | "d" => Ok(Self::Devnet),
            "mainnet" | "mainnet-beta" | "m" => Ok(Self::Mainnet),
            url if url.starts_with("http://") || url.starts_with("https://") => {
                Ok(Self::Url(url.to_string()))
            }
            other => Err(ClusterError(other.to_string())),
        }
    }
}

impl fmt::Display for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Localnet => "localnet",
            Self::Devnet => "devnet",
            Self::Mainnet => "mainnet",
            Self::Url(url) => url,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_both_tools_and_addresses_are_taken() {
        assert_eq!("localhost".parse(), Ok(Cluster::Localnet));
        assert_eq!("mainnet-beta".parse(), Ok(Cluster::Mainnet));
        let url = "http://10.0.0.1:9000";
        assert_eq!(url.parse(), Ok(Cluster::Url(url.to_string())));
        assert_eq!(
            "testnt".parse::<Cluster>(),
            Err(ClusterError("testnt".to_string()))
        );
    }

    #[test]
    fn websocket_is_on_the_next_port() {
        assert_eq!(Cluster::Localnet.websocket_url(), "ws://127.0.0.1:8900");
        assert_eq!(
            Cluster::Devnet.websocket_url(),
            "wss://api.devnet.solana.com"
        );
    }

    #[test]
    fn genesis_hash_tells_the_network() {
        assert_eq!(network_of(GENESIS_HASHES[0].0), Network::Mainnet);
        assert_eq!(
            network_of("11111111111111111111111111111111"),
            Network::Localnet
        );
    }
}
