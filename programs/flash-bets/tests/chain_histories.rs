//! Chains of one vault in numbers alone: opened, won, lost, void and cashed out in random histories, in the
//! order that is worst for the vault.

use bytemuck::Zeroable;
use flash_bets::state::{
    Caps, Chain, ChainStatus, ChainTerms, LegStatus, ScheduledCaps, ScheduledChainTerms, Vault,
};
use math::{chain::cash_out_value, BasisPoints, Money, Price};
use program_kit::Custody;
use rand::{rngs::StdRng, Rng, SeedableRng};

const NOW: i64 = 1_700_000_000;
const HISTORIES: u32 = 100_000;
const CHAINS: usize = 6;

fn vault(random: &mut StdRng, cash: u64) -> Vault {
    let mut vault = Vault::zeroed();
    vault.cash = cash;
    vault.shares = cash;
    vault.caps = ScheduledCaps::new(Caps {
        market_funding: u64::MAX,
        event_funding: u64::MAX,
        feed_funding: u64::MAX,
        daily_loss: cash,
        opening_lead_seconds: 5,
        utilisation: random.gen_range(1_000..=10_000),
        slot_ms: 400,
    });
    vault.chain_terms = ScheduledChainTerms::new(ChainTerms {
        fee_rate: 100,
        spread: 50,
        reserve: random.gen_range(1_000..=10_000),
        cash_out_fee_rate: 100,
    });
    vault
}

/// A chain that waits, with prices as an offer writes them.
fn chain(random: &mut StdRng) -> Chain {
    let mut chain = Chain::zeroed();
    chain.stake = random.gen_range(1..1_000_000);
    chain.status = ChainStatus::Open as u8;
    chain.fee_rate = 100;
    chain.leg_count = random.gen_range(2..=9);
    chain.open_legs = chain.leg_count;
    let count = usize::from(chain.leg_count);
    for leg in chain.legs.iter_mut().take(count) {
        // Below what is left after the fee, as the program asks.
        leg.price = random.gen_range(Price::ONE.0 / 3..Price::ONE.0 / 100 * 98);
    }
    chain.payout = chain.payout_now().expect("a payout");
    chain.reserve = chain.payout;
    chain
}

fn assert_can_pay(vault: &Vault, open: &[Chain]) {
    let reserved: u64 = open.iter().map(|chain| chain.reserve).sum();
    assert_eq!(
        vault.chain_reserve, reserved,
        "what open chains would be paid"
    );
    vault.assert_solvent().expect("the reserve is there");
}

/// Takes the result of a leg, as `settle_legs` does.
fn end_leg(vault: &mut Vault, chain: &mut Chain, index: usize, status: LegStatus) {
    chain.legs[index].status = status as u8;
    chain.open_legs -= 1;
    if status == LegStatus::Lost {
        chain.status = ChainStatus::Lost as u8;
    }
    let needed = match chain.status == ChainStatus::Lost as u8 {
        true => 0,
        false => chain.payout_now().expect("a payout"),
    };
    assert!(needed <= chain.reserve, "a void leg frees");
    vault
        .free_reserve(chain.reserve - needed)
        .expect("a reserve");
    chain.reserve = needed;
}

/// A leg that is open, and how it ends: mostly as is worst for the vault, which is a win of what would pay
/// most.
fn adversary(random: &mut StdRng, open: &[Chain]) -> (usize, usize, LegStatus) {
    let worst = (0..open.len()).max_by_key(|index| open[*index].reserve);
    let index = match worst {
        Some(worst) if random.gen_bool(0.7) => worst,
        _ => random.gen_range(0..open.len()),
    };
    let legs = open[index].legs();
    let unsettled: Vec<_> = (0..legs.len())
        .filter(|leg| legs[*leg].is(LegStatus::Open))
        .collect();
    let leg = unsettled[random.gen_range(0..unsettled.len())];
    let status = match random.gen_range(0..10) {
        0 => LegStatus::Lost,
        1 => LegStatus::Void,
        _ => LegStatus::Won,
    };
    (index, leg, status)
}

fn play(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let cash = random.gen_range(1_000_000..100_000_000);
    let mut vault = vault(&mut random, cash);
    let mut open = Vec::new();
    let (mut stakes, mut paid_out) = (0, 0);
    for _ in 0..CHAINS {
        let new = chain(&mut random);
        let before = vault;
        vault.chain_stakes += new.stake;
        match vault.open_chain(new.stake, new.payout, NOW) {
            Ok(()) => {
                stakes += new.stake;
                open.push(new);
            }
            Err(_) => vault = before,
        }
        assert_can_pay(&vault, &open);
        if open.is_empty() || random.gen_bool(0.4) {
            continue;
        }
        let (index, leg, status) = adversary(&mut random, &open);
        end_leg(&mut vault, &mut open[index], leg, status);
        paid_out += finish(&mut vault, &mut open, index);
        assert_can_pay(&vault, &open);
    }
    while !open.is_empty() {
        let (index, leg, status) = adversary(&mut random, &open);
        if random.gen_bool(0.1) {
            paid_out += cash_out(&mut random, &mut vault, &mut open, index);
        } else {
            end_leg(&mut vault, &mut open[index], leg, status);
            paid_out += finish(&mut vault, &mut open, index);
        }
        assert_can_pay(&vault, &open);
    }
    assert_eq!(vault.chain_reserve, 0, "nothing stays reserved");
    assert_eq!(vault.chain_stakes, 0, "and nothing waits");
    assert_eq!(vault.cash, cash + stakes - paid_out, "to the base unit");
    let lost = vault.losses.lost(NOW).expect("a sum").0;
    assert!(
        lost <= vault.caps.value.daily_loss,
        "a day's loss is capped"
    );
}

/// Pays a chain that is over, and closes it.
fn finish(vault: &mut Vault, open: &mut Vec<Chain>, index: usize) -> u64 {
    if open[index].is(ChainStatus::Lost) || open[index].open_legs == 0 {
        let chain = open.swap_remove(index);
        vault.free_reserve(chain.reserve).expect("a reserve");
        vault
            .book_chain_paid(chain.stake, chain.reserve, NOW)
            .expect("a payment");
        return chain.reserve;
    }
    0
}

fn cash_out(random: &mut StdRng, vault: &mut Vault, open: &mut Vec<Chain>, index: usize) -> u64 {
    let chain = open.swap_remove(index);
    let legs = chain.legs().iter().filter(|leg| leg.is(LegStatus::Open));
    let prices: Vec<_> = legs
        .map(|_| Price(random.gen_range(0..Price::ONE.0)))
        .collect();
    let value = cash_out_value(Money(chain.reserve), &prices, BasisPoints(100));
    let paid = value.expect("a value").0;
    assert!(paid <= chain.reserve);
    vault.free_reserve(chain.reserve).expect("a reserve");
    vault
        .book_chain_paid(chain.stake, paid, NOW)
        .expect("a payment");
    paid
}

#[test]
fn vault_never_owes_more_than_it_has_in_100_000_histories() {
    for seed in 0..u64::from(HISTORIES) {
        play(seed);
    }
}
