//! Bets a token on the first outcome of a flash market on a local validator:
//! `cargo run -p strobe-client --features rpc --example bet -- KEYPAIR MARKET`.

use std::{env::args, error::Error};

use client::{
    intents::Bet,
    transport::{Cluster, Rpc, Transport},
};
use solana_keypair::read_keypair_file;
use solana_signer::Signer;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = args().skip(1);
    let key = read_keypair_file(words.next().unwrap_or_default())?;
    let market = words.next().unwrap_or_default().parse()?;
    let mut chain = Rpc::new(&Cluster::Localnet, Default::default());
    let bet = Bet {
        market,
        outcome: 0,
        stake: 1_000_000,
        slippage: 100,
    };
    let planned = bet.plan(&mut chain, &key.pubkey())?;
    let landed = chain.send(&planned.instructions, &[&key])?;
    let shares = planned.quote.trade.shares.0;
    println!("{}: {shares} shares", landed.signature);
    Ok(())
}
