//! Bets a second on one core: `scripts/throughput [BETS]`.
//!
//! Signed transactions of one bet each, one after the other through the bank of
//! solana-program-test: signatures verified, bytecode compiled at its first call, every write
//! committed. No network and no consensus.

use std::time::{Duration, Instant};

use client::instructions::flash_bets::FlashCurve;
use testbed::{FlashOptions, FlashWorld, KeySource, TOKEN_VARIABLE, VARIABLE};

const SEED: u64 = 1;
const PURSE: u64 = 1_000_000_000_000;
const STAKE: u64 = 1_000_000;
/// Bets before the clock runs.
const WARM_UP: usize = 100;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bets = std::env::args()
        .nth(1)
        .map_or(Ok(5_000), |count| count.parse())?;
    // The worlds ask the environment.
    std::env::set_var(VARIABLE, "sbf");
    println!("| {bets} bets each | token program | bets a second | microseconds a bet |");
    println!("|---|---|---:|---:|");
    for token_program in ["p-token", "spl-token"] {
        std::env::set_var(TOKEN_VARIABLE, token_program);
        for (market, outcomes, curve) in [
            ("LMSR, 2 outcomes", 2, FlashCurve::Lmsr),
            ("LMSR, 8 outcomes", 8, FlashCurve::Lmsr),
            ("pm-AMM", 2, FlashCurve::PmAmm),
        ] {
            let spent = place(bets, outcomes, curve)?;
            let micros = spent.as_secs_f64() * 1e6 / f64::from(bets);
            println!(
                "| {market} | {token_program} | {:.0} | {micros:.0} |",
                1e6 / micros
            );
        }
    }
    Ok(())
}

/// How long it takes to process `bets` bets on one market, signing not counted.
fn place(
    bets: u32,
    outcomes: u8,
    curve: FlashCurve,
) -> Result<Duration, Box<dyn std::error::Error>> {
    let mut flash = FlashWorld::start(&FlashOptions {
        keys: KeySource::seeded(SEED),
        ..FlashOptions::default()
    });
    let lender = flash.user(PURSE);
    flash.deposit(&lender, PURSE)?;
    let mut terms = flash.terms(outcomes);
    terms.curve = curve;
    let market = flash.market(terms);
    let user = flash.user(PURSE);
    flash.open_ticket(&user, market)?;

    let mut signed = Vec::new();
    let count = WARM_UP + usize::try_from(bets)?;
    for (number, outcome) in (0..).zip((0..outcomes).cycle()).take(count) {
        // Each of another stake: no two are the same transaction.
        let bet = flash.build_bet(&user, market, outcome, STAKE + number);
        let chain = &mut flash.world.chain;
        signed.push(chain.sign(&[bet.instruction()], &[&user.key])?);
    }
    let measured = signed.split_off(WARM_UP);
    for bet in signed {
        flash.world.chain.process(bet)?;
    }
    let start = Instant::now();
    for bet in measured {
        flash.world.chain.process(bet)?;
    }
    let spent = start.elapsed();
    flash.check();
    Ok(spent)
}
