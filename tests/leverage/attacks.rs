//! What must not pay, and what must not be stopped.

use anchor_lang::error::ErrorCode;
use client::{
    addresses::{leverage as addresses, markets as market_addresses},
    instructions::leverage::*,
    instructions::markets::{CreateMarketArgs, Curve},
    instructions::{signed_by, with_fallback},
};
use leverage::{error::LoanError, instructions::MIN_FEE_RATE};
use market_core::math::{
    slow_price::{near_width, FAR_FLOOR},
    Fees, Order, Price,
};
use markets::{error::MarketError, state::HOLD_SECONDS};
use testbed::{ExpectError, KeySource, LeverageWorld, Trader, DEPTH, LENT, UNIT};

use super::common::{held, money, sale};

pub fn request(outcome: u8, margin: u64, loan: u64) -> RequestOpenArgs {
    RequestOpenArgs {
        outcome,
        margin,
        loan,
        min_shares: 0,
    }
}

/// Buys the outcome that is lent against, or all others, holds the price, opens the greatest loan that is
/// given of those tried, trades back and leaves the loan: what is gained, base units, if it was given, and
/// what a sale of the loan's shares misses of its debt.
fn pump_and_leave(
    curve: Curve,
    pump: u64,
    by_selling: bool,
    hold_seconds: i64,
) -> Option<(i64, u64)> {
    let mut world =
        LeverageWorld::start_with(KeySource::Random, 2, |args: &mut CreateMarketArgs| {
            args.curve = curve;
            args.fee_rate = MIN_FEE_RATE;
        });
    let attacker = world.trader();
    let market = world.listing.market;
    let pumped = if by_selling {
        // Sets cost what they are worth; of the other outcome all is sold.
        world.markets.split(&attacker, market, pump).expect("sets");
        world
            .markets
            .sell(&attacker, market, 1, pump)
            .expect("a sale");
        pump
    } else {
        world
            .markets
            .buy(&attacker, market, 0, pump)
            .expect("a purchase");
        held(&world, &attacker, 0)
    };
    let then = world.markets.seconds() + hold_seconds;
    world.markets.go_to_second(then);
    for (nonce, loan) in [1_200, 900, 700, 500, 350, 250, 150, 70]
        .into_iter()
        .enumerate()
    {
        let (nonce, loan) = (nonce as u64, loan * UNIT);
        // A margin with which the loan is at the cap, or above it.
        let open = world.open(&attacker, nonce, 0, loan * 9 / 10, loan);
        if open.is_ok() {
            let shares = world.markets.sell(&attacker, market, 0, pumped);
            shares.expect("a sale");
            let (debt, _) = world.owed(&attacker, nonce);
            let value = sale(&world, 0, world.position(&attacker, nonce).shares);
            let rest = sale_of_rest(&world, &attacker);
            let now = world.markets.balance(attacker.tokens) + rest;
            let gained = i64::try_from(now).expect("money") - i64::try_from(LENT).expect("money");
            return Some((gained, debt.saturating_sub(value)));
        }
        world.take_back(&attacker, nonce).expect("a return");
    }
    None
}

/// What the shares that the attacker still has would return, each outcome's alone.
fn sale_of_rest(world: &LeverageWorld, attacker: &Trader) -> u64 {
    let shares = [held(world, attacker, 0), held(world, attacker, 1)];
    let outcomes = [(0, shares[0]), (1, shares[1])].into_iter();
    let outcomes = outcomes.filter(|(_, shares)| *shares > 0);
    outcomes
        .map(|(outcome, shares)| sale(world, outcome, shares))
        .sum()
}

/// Without fees, with nobody who answers, the price held not at all, for a time constant of the slow price
/// and for two: the loan is worth less to who leaves it than its margin, and lenders lose nothing.
#[test]
fn pumped_price_does_not_pay() {
    let mut given = 0;
    for curve in [Curve::Lmsr, Curve::PmAmm { micro_tau: false }] {
        for by_selling in [false, true] {
            for (pump, hold) in [
                (50, 0),
                (300, 0),
                (3_000, 0),
                (800, 3_600),
                (1_200, 3_600),
                (3_000, 3_600),
                (1_500, 7_200),
            ] {
                let taken = pump_and_leave(curve, pump * UNIT, by_selling, hold);
                println!("{curve:?} {by_selling} {pump} held {hold} s: {taken:?}");
                let Some((gained, missing)) = taken else {
                    continue;
                };
                given += 1;
                assert!(gained < 0, "{gained} gained");
                assert_eq!(missing, 0, "lenders lose");
            }
        }
    }
    assert!(given >= 8, "loans are given at all: {given}");
}

/// What is done with a price that was held at its end, once it was lowered.
#[derive(Clone, Copy, PartialEq)]
enum Lowered {
    /// A loan is asked for at once.
    AtOnce,
    /// It is held near the slow price first, for the time constant.
    AndHeld,
    /// Somebody has stopped new loans before.
    AfterAStop,
}

/// An unlikely outcome, whose price the attacker holds.
struct HeldPrice {
    world: LeverageWorld,
    attacker: Trader,
}

impl HeldPrice {
    /// Bought until it is nearly sure.
    fn pushed(curve: Curve, pump: u64) -> Self {
        let mut world = LeverageWorld::start_with(KeySource::Random, 2, |args| {
            args.curve = curve;
            args.fee_rate = MIN_FEE_RATE;
            args.weights = vec![2, 98];
        });
        let attacker = world.trader();
        let market = world.listing.market;
        let bought = world.markets.buy(&attacker, market, 0, pump);
        bought.expect("a purchase");
        Self { world, attacker }
    }

    fn hold(&mut self, seconds: i64) {
        let then = self.world.markets.seconds() + seconds;
        self.world.markets.go_to_second(then);
    }

    fn sell(&mut self, shares: u64) {
        let (market, attacker) = (self.world.listing.market, &self.attacker);
        let sold = self.world.markets.sell(attacker, market, 0, shares);
        sold.expect("a sale");
    }

    /// Sells until the price is above the slow one by so many hundredths of what is given of that.
    fn lower(&mut self, width: impl Fn(u64) -> u64, hundredths: u64) {
        // What is sold first has the slow price counted.
        self.sell(UNIT);
        let pool = self.world.markets.state(self.world.listing.market).pool;
        let slow = pool.slow_prices[0];
        let target = slow + width(slow) / 100 * hundredths;
        let until = pool.amount_until(0, Price(target), Fees::default());
        if let Some((Order::Sell(shares), _)) = until.expect("an order") {
            self.sell(shares.0);
        }
    }

    /// Opens the greatest of some loans that is given, sells the rest and leaves the loan: what is gained, base units,
    /// if one was given.
    fn borrow(&mut self) -> Option<i64> {
        for loan in [210, 180, 150, 125, 105, 90, 75, 60, 45, 30, 20] {
            let (nonce, loan) = (loan, loan * UNIT);
            let opened = self
                .world
                .open(&self.attacker, nonce, 0, loan * 9 / 10, loan);
            if opened.is_err() {
                let back = self.world.take_back(&self.attacker, nonce);
                back.expect("a return");
                continue;
            }
            let rest = held(&self.world, &self.attacker, 0);
            if rest > 0 {
                self.sell(rest);
            }
            return Some(money(&self.world, &self.attacker) - LENT.cast_signed());
        }
        None
    }

    fn refused(&mut self, error: LoanError) {
        let refused = self.world.open(&self.attacker, 0, 0, 27 * UNIT, 30 * UNIT);
        refused.expect_refusal(error);
    }
}

fn less_likely_side(slow: u64) -> u64 {
    slow.min(Price::ONE.0 - slow)
}

/// Lowers a price that was held at its end until the loan is just allowed, opens it, sells the rest and leaves the
/// loan: what is gained, base units, if it was given.
fn push_and_lower(curve: Curve, pump: u64, hold_seconds: i64, lowered: Lowered) -> Option<i64> {
    let mut price = HeldPrice::pushed(curve, pump);
    price.hold(hold_seconds);
    if lowered == Lowered::AfterAStop {
        price.world.trip_by_price(0).expect("a stop");
    }
    if lowered == Lowered::AndHeld {
        price.lower(|slow| near_width(Price(slow), FAR_FLOOR), 96);
        let market = price.world.listing.market;
        let slots = price.world.markets.state(market).slow_price_slots;
        let slot = price.world.markets.chain().slot() + slots;
        price.world.markets.go_to(slot);
    }
    // The purchase raises it by what is left of a tenth.
    price.lower(less_likely_side, 2);
    match lowered {
        Lowered::AtOnce => price.refused(LoanError::PriceNotCalm),
        Lowered::AndHeld => return price.borrow(),
        Lowered::AfterAStop => price.refused(LoanError::ReduceOnly),
    }
    None
}

/// A price at the end moves the slow one by as much in minutes as one that is just allowed does in hours, and is
/// taken back before the loan: nothing is lent then, until it has stood near the slow price for the time constant. What
/// that yields, if nobody answers for so long, is bounded by what is lent, and is nothing for who held it at the end
/// for a minute.
#[test]
fn price_lowered_before_the_loan_pays_if_nobody_answers_for_the_time_constant() {
    for curve in [Curve::Lmsr, Curve::PmAmm { micro_tau: false }] {
        let pump = match curve {
            Curve::Lmsr => 80_000,
            _ => 40_000,
        };
        let gained = |hold, lowered| push_and_lower(curve, pump * UNIT, hold, lowered);
        for hold in [60, 900, 3_600] {
            assert_eq!(gained(hold, Lowered::AtOnce), None);
        }
        assert_eq!(gained(900, Lowered::AfterAStop), None);
        let [short, quarter, hour] = [60, 900, 3_600].map(|hold| gained(hold, Lowered::AndHeld));
        println!("{curve:?}: {short:?}, {quarter:?}, {hour:?}");
        assert!(short.is_none_or(|gained| gained < 0), "{short:?}");
        let most = (DEPTH / 4 * 3 / 10).cast_signed();
        for gained in [quarter, hour] {
            assert!(
                gained.is_some_and(|gained| gained > 0 && gained < most),
                "{gained:?}"
            );
        }
    }
}

/// Only liquidity that cannot leave is counted: when all that can has left, every loan at the cap is
/// worth more than its debt.
#[test]
fn provider_who_leaves_puts_no_loan_under_water() {
    let mut world = LeverageWorld::with_pool(KeySource::Random, 2, |_| {});
    let args = LeverageWorld::market_terms(&mut world.markets, 2);
    let market = world.markets.market(args);
    world.listing.market = market;
    let creator = world.markets.creator();
    let shares = world.markets.liquidity(market, &creator).shares;
    world
        .markets
        .lock(&creator, market, shares / 4 + 1)
        .expect("a lock");
    world.list().expect("a listing");
    let lender = world.lender();
    world.deposit(&lender, 1, LENT).expect("a deposit");
    world.markets.go_to_second(world.state().open_from);
    let owner = world.trader();
    // Within the locked quarter of the depth.
    let mut nonce = 0;
    for loan in [300, 200, 100, 60, 30, 20, 20, 20, 20] {
        nonce += 1;
        let open = world.open(&owner, nonce, 0, loan * UNIT, loan * UNIT);
        if open.is_err() {
            world.take_back(&owner, nonce).expect("a return");
        }
    }
    world.markets.open(&creator, market).expect("a position");
    let debts = world.pool_state().book.lent().expect("a sum").0;
    assert!(debts > 100 * UNIT, "{debts}");
    let lent_on = world.state().shares[0];
    assert!(lent_on <= DEPTH / 4 * 3 / 10 + 1);
    let before = sale(&world, 0, lent_on);
    world
        .markets
        .remove(&creator, market, shares * 3 / 4 - 1)
        .expect("a removal");
    let after = sale(&world, 0, lent_on);
    println!("{debts} lent, value {before}, when the provider has left {after}");
    assert!(debts * 100 <= after * 55, "within the target still");
}

/// Towards the lock less and less is lent, and then nothing: whoever knows the result has nobody to buy
/// dead shares for.
#[test]
fn dead_outcome_is_not_lent_on_before_the_lock() {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    let until = world
        .markets
        .state(world.listing.market)
        .hours
        .trading_until;
    let mut greatest = vec![];
    for left in [2 * 60 * 60, 60 * 60, 20 * 60, 2 * 60] {
        world.markets.go_to_second(until - left);
        let mut given = 0;
        for part in 1..=9 {
            let nonce = left.unsigned_abs() * 10 + part;
            let loan = 20 * part;
            let open = world.open(&owner, nonce, 0, (200 - loan) * UNIT, loan * UNIT);
            if open.is_err() {
                world.take_back(&owner, nonce).expect("a return");
                break;
            }
            given = loan;
            world.close(&owner, nonce).expect("a sale");
        }
        greatest.push(given);
    }
    println!(
        "greatest loan of 200, two hours, one, 20 and 2 minutes before the lock: {greatest:?}"
    );
    assert!(greatest.windows(2).all(|pair| pair[0] >= pair[1]));
    assert_eq!(greatest[3], 0);
    let late = world.build_request(&owner, 1, request(0, UNIT, 20 * UNIT));
    world.markets.go_to_second(until);
    world
        .send(&[late.instruction()], &[&owner.key])
        .expect_refusal(LoanError::TradingOver);
}

/// Many small loans are held to what one great one is.
#[test]
fn loans_of_an_outcome_are_bounded_together() {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    let mut nonce = 0;
    let refused = loop {
        nonce += 1;
        assert!(nonce < 40, "{:?}", world.state().shares);
        if let Err(error) = world.open(&owner, nonce, 0, 100 * UNIT, 100 * UNIT) {
            break error;
        }
        // The price comes back, as if somebody sold.
        let seller = world.trader();
        let market = world.listing.market;
        world
            .markets
            .buy(&seller, market, 1, 190 * UNIT)
            .expect("a purchase");
    };
    println!("after {nonce} loans: {refused}");
    let (debts, shares) = (
        world.pool_state().book.lent().expect("a sum").0,
        world.state().shares[0],
    );
    assert!(shares <= DEPTH * 3 / 10);
    assert!(debts * 100 <= sale(&world, 0, shares) * 60, "{debts}");
}

/// All loans of a market are a hundredth of the pool at most.
#[test]
fn loans_of_a_market_are_bounded_together() {
    let mut world = LeverageWorld::with_pool(KeySource::Random, 2, |_| {});
    world.list().expect("a listing");
    let lender = world.lender();
    world.deposit(&lender, 1, 40_000 * UNIT).expect("a deposit");
    world.markets.go_to_second(world.state().open_from);
    let owner = world.trader();
    let open = world.open(&owner, 1, 0, 450 * UNIT, 400 * UNIT);
    open.expect_refusal(LoanError::WorstLossAboveCap);
    world.take_back(&owner, 1).expect("a return");
    world
        .open(&owner, 1, 0, 450 * UNIT, 390 * UNIT)
        .expect("a position");
    // Nor against what wins where the other loses: the price may go to one end and then to the other.
    for (nonce, outcome) in [(2, 0), (3, 1)] {
        let open = world.open(&owner, nonce, outcome, 100 * UNIT, 20 * UNIT);
        open.expect_refusal(LoanError::WorstLossAboveCap);
    }
}

/// Lamports at an address keep nothing from being created there, and a token account that stands already
/// is taken.
#[test]
fn addresses_are_not_blocked_beforehand() {
    let mut world = LeverageWorld::with_pool(KeySource::Random, 2, |_| {});
    let (owner, lender) = (world.trader(), world.lender());
    let holding = world.holding(&owner, 1);
    let deposit = addresses::deposit(&world.listing.pool.pool, &lender.address(), 1);
    for address in [
        world.listing.listing(),
        world.listing.listing_position(),
        holding.pending_open(),
        holding.position(),
        deposit,
        addresses::withdrawal(&deposit),
    ] {
        world
            .markets
            .world
            .chain
            .airdrop(address, 2_000_000)
            .expect("lamports");
    }
    let listing = world.listing.listing();
    let tokens = world.markets.associated_account(listing, 0);
    assert_eq!(tokens, world.listing.listing_tokens());
    world.list().expect("a listing");
    world.deposit(&lender, 1, LENT).expect("a deposit");
    world.markets.go_to_second(world.state().open_from);
    world
        .open(&owner, 1, 0, 450 * UNIT, 450 * UNIT)
        .expect("a position");
    world.close(&owner, 1).expect("a sale");
    world.claim(&owner, 1).expect("a payment");
    world.close_position(&owner, 1).expect("an end");
    world.withdraw(&lender, 1).expect("a withdrawal");
    world.delist().expect("an end");
}

/// Money and shares that nobody asked for move no price, and end with the insurance.
#[test]
fn donations_are_the_insurances() {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    world
        .open(&owner, 1, 0, 450 * UNIT, 450 * UNIT)
        .expect("a position");
    let before = world.pool_state();
    let (pool, listing) = (
        world.listing.pool.pool_tokens(),
        world.listing.listing_tokens(),
    );
    let mint = world.markets.mint;
    for (tokens, amount) in [(pool, 77 * UNIT), (listing, 5 * UNIT)] {
        let chain = &mut world.markets.world.chain;
        chain.mint_to(mint, tokens, amount).expect("a donation");
    }
    let market = world.listing.market;
    let giver = world.trader();
    world
        .markets
        .split(&giver, market, 10 * UNIT)
        .expect("sets");
    let transfer = client::instructions::markets::TransferShares {
        owner: giver.address(),
        market,
        receiver: world.listing.listing(),
        outcome: 0,
        shares: 10 * UNIT,
    };
    world
        .send(&[transfer.instruction()], &[&giver.key])
        .expect("a gift");
    let pool = world.pool_state();
    assert_eq!(
        (pool.book.cash, pool.book.supply),
        (before.book.cash, before.book.supply)
    );
    world.close(&owner, 1).expect("a sale");
    world.claim(&owner, 1).expect("a payment");
    world.close_position(&owner, 1).expect("an end");
    world.delist().expect_refusal(MarketError::PositionNotEmpty);
    world.markets.resolve(market, 0);
    world.settle_market().expect("a settlement");
    let insured = world.pool_state().book.insurance;
    world.delist().expect("an end");
    assert_eq!(world.pool_state().book.insurance, insured + 15 * UNIT);
}

/// An owner whose associated token account cannot receive keeps nobody from liquidating, settling or closing;
/// what is his waits.
#[test]
fn owners_account_blocks_nobody() {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    world
        .open(&owner, 1, 0, 450 * UNIT, 450 * UNIT)
        .expect("a position");
    let thief = world.trader();
    let chain = &mut world.markets.world.chain;
    let given = chain.give_away(owner.tokens, &owner.key, thief.address());
    given.expect("given away");
    let market = world.listing.market;
    world.markets.resolve(market, 0);
    world.settle_market().expect("a settlement");
    world.settle_position(&owner, 1).expect("a settlement");
    world
        .claim(&owner, 1)
        .expect_refusal(LoanError::WrongTokenAccount);
    world
        .close_position(&owner, 1)
        .expect_refusal(LoanError::PositionInUse);
    let claim = world.position(&owner, 1).claim;
    let lender = world.lender();
    world.withdraw(&lender, 1).expect("a withdrawal");
    let stolen = with_fallback(world.build_claim(&owner, 1).instruction(), thief.tokens);
    world
        .send(&[stolen], &[])
        .expect_refusal(LoanError::WrongTokenAccount);
    let other = world.markets.token_account(owner.address(), 0);
    let paid = with_fallback(world.build_claim(&owner, 1).instruction(), other);
    world.send(&[paid], &[]).expect("a payment");
    assert_eq!(world.markets.balance(other), claim);
    world.close_position(&owner, 1).expect("an end");
    world.delist().expect("an end");
}

/// Who signs may be paid anywhere of his.
#[test]
fn owner_is_paid_where_he_says() {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    world
        .open(&owner, 1, 0, 450 * UNIT, 450 * UNIT)
        .expect("a position");
    world.close(&owner, 1).expect("a sale");
    let other = world.markets.token_account(owner.address(), 0);
    let mut claim = world.build_claim(&owner, 1);
    claim.owner_tokens = other;
    let unsigned = claim.instruction();
    world
        .send(&[unsigned], &[])
        .expect_refusal(LoanError::WrongTokenAccount);
    let due = world.position(&owner, 1).claim;
    let signed = signed_by(claim.instruction(), &owner.address());
    world.send(&[signed], &[&owner.key]).expect("a payment");
    assert_eq!(world.markets.balance(other), due);
    world
        .claim(&owner, 1)
        .expect_refusal(LoanError::NothingToCollect);
}

/// Nothing is done twice, and an address is used again only after an end.
#[test]
fn nothing_is_replayed() {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    world
        .open(&owner, 1, 0, 450 * UNIT, 300 * UNIT)
        .expect("a position");
    world
        .execute(&owner, 1)
        .expect_refusal(ErrorCode::AccountNotInitialized);
    world
        .give_back(&owner, 1)
        .expect_refusal(ErrorCode::AccountNotInitialized);
    // A request for the same address waits for the position's end, or goes back.
    world
        .request(&owner, 1, request(1, 450 * UNIT, 300 * UNIT))
        .expect("a request");
    world.wait_for_execution();
    world
        .execute(&owner, 1)
        .expect_refusal("AccountAlreadyInUse");
    world.close(&owner, 1).expect("a sale");
    world
        .execute(&owner, 1)
        .expect_refusal("AccountAlreadyInUse");
    world.claim(&owner, 1).expect("a payment");
    world.close_position(&owner, 1).expect("an end");
    world
        .close_position(&owner, 1)
        .expect_refusal(ErrorCode::AccountOwnedByWrongProgram);
    world.execute(&owner, 1).expect("a position");
    assert_eq!(world.position(&owner, 1).outcome, 1);
}

/// Bounds of a request: outcome, size, and what its owner wants at least.
#[test]
fn requests_out_of_range_are_refused() {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    for (args, error) in [
        (request(2, UNIT, 100 * UNIT), LoanError::OutcomeOutOfRange),
        (request(0, 0, 100 * UNIT), LoanError::ZeroAmount),
        (request(0, UNIT, 20 * UNIT - 1), LoanError::LoanTooSmall),
    ] {
        let refused = world.build_request(&owner, 1, args);
        world
            .send(&[refused.instruction()], &[&owner.key])
            .expect_refusal(error);
    }
    let mut args = request(0, 100 * UNIT, 100 * UNIT);
    args.min_shares = 400 * UNIT;
    world.request(&owner, 1, args).expect("a request");
    world.wait_for_execution();
    world
        .execute(&owner, 1)
        .expect_refusal(MarketError::SlippageExceeded);
    let greedy = request(0, 100 * UNIT, u64::MAX);
    world.request(&owner, 2, greedy).expect("a request");
    world.wait_for_execution();
    world
        .execute(&owner, 2)
        .expect_refusal(LoanError::NotEnoughCash);
    world.markets.pause().expect("a pause");
    world.execute(&owner, 1).expect_refusal(MarketError::Paused);
    // A pause stops no exit.
    world.take_back(&owner, 1).expect("a return");
    world.take_back(&owner, 2).expect("a return");
    assert_eq!(world.markets.balance(owner.tokens), LENT);
}

/// Listing that nobody settled in the week in which only it redeems: a stranger may, and the market is
/// closed, but all that was paid is there.
#[test]
fn listing_that_nobody_settled_is_paid_by_the_average() {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    world
        .open(&owner, 1, 0, 450 * UNIT, 300 * UNIT)
        .expect("a position");
    let shares = world.position(&owner, 1).shares;
    let market = world.listing.market;
    world.markets.resolve(market, 0);
    let settled_at = world.markets.state(market).settled_at;
    world.markets.go_to_second(settled_at + HOLD_SECONDS);
    let admin = solana_signer::Signer::pubkey(&world.admin());
    let redeem = client::instructions::markets::Redeem {
        market,
        token_program: world.markets.token_program(),
        positions: vec![client::instructions::markets::RedeemedPosition {
            owner: world.listing.listing(),
            rent_payer: admin,
            owner_tokens: world.listing.listing_tokens(),
        }],
    };
    world
        .markets
        .send(redeem.instruction(), &[])
        .expect("a redemption");
    world.settle_market().expect("a settlement");
    world.settle_position(&owner, 1).expect("a settlement");
    let claim = world.position(&owner, 1).claim;
    assert!(
        claim > shares - 303 * UNIT && claim < shares - 300 * UNIT,
        "{claim}"
    );
    let fake = market_addresses::position(&market, &owner.address());
    assert_ne!(fake, world.listing.listing_position());
}

/// A healthy position, somebody with borrowed money, and what he gains by pushing the price down, doing
/// `hunt` with the position and trading back, all within a slot; and whether something was sold.
fn hunt(
    world: &mut LeverageWorld,
    hunter: &Trader,
    owner: &Trader,
    push: u64,
    hunt: fn(&mut LeverageWorld, &Trader),
) -> i64 {
    let market = world.listing.market;
    let before = money(world, hunter);
    let held_before = held(world, hunter, 1);
    world
        .markets
        .buy(hunter, market, 1, push)
        .expect("a purchase");
    hunt(world, owner);
    let bought = held(world, hunter, 1) - held_before;
    world
        .markets
        .sell(hunter, market, 1, bought)
        .expect("a sale");
    let reward = world.markets.balance(world.keeper.tokens);
    money(world, hunter) - before + i64::try_from(reward).expect("money")
}

/// Nobody has a healthy position sold by a price that he makes and takes back: not at once, not with a mark
/// that he made so before, not shortly before the lock. Each push costs its fees.
#[test]
fn healthy_position_is_not_hunted() {
    for push in [2_000, 6_000, 12_000] {
        let mut world = LeverageWorld::start();
        let (owner, hunter) = (world.trader(), world.trader());
        world
            .open(&owner, 1, 0, 450 * UNIT, 450 * UNIT)
            .expect("a position");
        let before = world.position(&owner, 1);
        let sell = |world: &mut LeverageWorld, owner: &Trader| {
            let refused = world.liquidate(&[(owner, 1)]);
            refused.expect_refusal(LoanError::NothingToLiquidate);
        };
        let mark = |world: &mut LeverageWorld, owner: &Trader| {
            world.monitor(owner, 1).expect("a look");
        };
        let at_once = hunt(&mut world, &hunter, &owner, push * UNIT, sell);
        let marked = hunt(&mut world, &hunter, &owner, push * UNIT, mark);
        // The price stands where it was, and so does the average since the mark.
        world.wait_for_execution();
        let later = hunt(&mut world, &hunter, &owner, push * UNIT, sell);
        let until = world
            .markets
            .state(world.listing.market)
            .hours
            .trading_until;
        let decay = i64::from(world.parameters().decay_seconds);
        world.markets.go_to_second(until - decay / 8);
        world.monitor(&owner, 1).expect("a mark");
        world.wait_for_execution();
        let at_the_end = hunt(&mut world, &hunter, &owner, push * UNIT, |world, owner| {
            let refused = world.force_deleverage(&[(owner, 1)]);
            refused.expect_refusal(LoanError::NothingToLiquidate);
        });
        println!("{push}: {at_once} {marked} {later} {at_the_end}");
        for gained in [at_once, marked, later, at_the_end] {
            assert!(gained < 0, "{gained}");
        }
        let after = world.position(&owner, 1);
        assert_eq!((after.shares, after.claim), (before.shares, 0));
    }
}

/// Around the sale that is due, the price can be pushed by 2 % of the less likely side at most: what that
/// takes of the owner is less than its fees cost, or a small part of what he has.
#[test]
fn sandwich_around_a_deleverage_is_bounded() {
    let mut most = i64::MIN;
    for push in [50, 100, 200, 300, 400] {
        let mut world = LeverageWorld::start();
        let (owner, hunter) = (world.trader(), world.trader());
        world
            .open(&owner, 1, 0, 450 * UNIT, 450 * UNIT)
            .expect("a position");
        let until = world
            .markets
            .state(world.listing.market)
            .hours
            .trading_until;
        let decay = i64::from(world.parameters().decay_seconds);
        world.markets.go_to_second(until - decay / 8);
        world.monitor(&owner, 1).expect("a mark");
        world.wait_for_execution();
        let gained = hunt(&mut world, &hunter, &owner, push * UNIT, |world, owner| {
            world.force_deleverage(&[(owner, 1)]).ok();
        });
        let is_sold = world.position(&owner, 1).debt_shares == 0;
        let reward = world.markets.balance(world.keeper.tokens);
        let gained = gained - i64::try_from(reward).expect("money");
        println!("pushed {push}: sold {is_sold}, {gained} beside the reward of {reward}");
        most = most.max(if is_sold { gained } else { i64::MIN });
    }
    assert!(most < 3 * UNIT as i64, "{most}");
}

/// Who borrowed pushes the price away, closes the own loan into the push and trades back, all with money
/// that is there for one transaction: what the lenders and the insurance lose is not the borrower's gain.
#[test]
fn owner_who_closes_into_a_push_takes_nothing_of_the_lenders() {
    let mut lost = vec![];
    for (fee_rate, push) in [
        (MIN_FEE_RATE, 60_000),
        (25, 30_000),
        (50, 23_000),
        (100, 16_000),
    ] {
        let mut world =
            LeverageWorld::start_with(KeySource::Random, 2, |args: &mut CreateMarketArgs| {
                args.fee_rate = fee_rate;
            });
        let owner = world.trader();
        let market = world.listing.market;
        let opened = world.open(&owner, 1, 0, 550 * UNIT, 500 * UNIT);
        opened.expect("a loan");
        let before = world.pool_state();
        let had = before.book.equity().expect("money").0 + before.book.insurance;
        let pushed = world.markets.buy(&owner, market, 1, push * UNIT);
        pushed.expect("a purchase");
        let closed = world.close(&owner, 1).is_ok();
        let others = held(&world, &owner, 1);
        world
            .markets
            .sell(&owner, market, 1, others)
            .expect("a sale");
        if closed && world.position(&owner, 1).claim > 0 {
            world.claim(&owner, 1).expect("a claim");
        }
        let after = world.pool_state();
        let has = after.book.equity().expect("money").0 + after.book.insurance;
        let gained = world.markets.balance(owner.tokens) as i64 - LENT as i64;
        println!("fee {fee_rate}: closed {closed}, owner gained {gained}, pool {had} -> {has}");
        lost.push(had.saturating_sub(has));
    }
    assert_eq!(lost, [0; 4]);
}

/// Whoever has a position looked at every second makes its owner owe a base unit more at most; else
/// a token of few decimals would be worth it.
#[test]
fn nobody_makes_a_fee_grow_by_counting_it_often() {
    let fee = |looks_each_second: bool| {
        let mut world = LeverageWorld::start_with(KeySource::seeded(7), 2, |_| {});
        let owner = world.trader();
        let opened = world.open(&owner, 1, 0, 30 * UNIT, 20 * UNIT);
        opened.expect("a position");
        let from = world.markets.seconds();
        for second in 1..=300 {
            if looks_each_second {
                world.markets.go_to_second(from + second);
                world.monitor(&owner, 1).expect("a look");
            }
        }
        world.markets.go_to_second(from + 300);
        world.owed(&owner, 1)
    };
    let ((debt, once), (same, often)) = (fee(false), fee(true));
    println!("a fee of {once} counted once, {often} counted 300 times; of {debt} and {same}");
    assert!(same.abs_diff(debt) <= 1);
    assert!(often >= once && often <= once + 1, "{often}");
}
