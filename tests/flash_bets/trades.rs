//! Flash bets, bets and cash-outs: to the base unit, and at the edges of time and amounts.

use anchor_lang::{error::ErrorCode, prelude::Pubkey};
use client::{addresses::flash_bets as addresses, instructions::flash_bets::*, quotes};
use flash_bets::{error::FlashError, state::MAX_OUTCOMES};
use math::{
    BasisPoints, Conditions, CurveKind, MicroTau, Money, Pool, Price, Shares, SlowPrice, Trade,
};
use testbed::{uniform, ExpectError, FlashWorld, User};

const LIQUIDITY: u64 = 1_000_000_000_000;
const PURSE: u64 = 100_000_000_000;

/// The mathematics of a market, beside the program.
struct Mirror {
    pool: Pool<MAX_OUTCOMES>,
    conditions: Conditions,
    rate: BasisPoints,
}

impl Mirror {
    /// Of a market that opens in `slot` and lasts `slots`.
    fn open(args: &CreateMarketArgs, slot: u64, slots: u64) -> Self {
        let kind = match args.curve {
            Curve::Lmsr => CurveKind::Lmsr,
            Curve::PmAmm => CurveKind::PmAmm,
        };
        let prior: Vec<_> = args.prior.iter().map(|price| Price(*price)).collect();
        let mut pool = Pool::EMPTY;
        pool.open(kind, Money(args.depth), &prior, slot)
            .expect("a pool");
        let schedule = MicroTau {
            open_slot: slot,
            lock_slot: slot + slots,
        };
        let tau = slots / 16;
        Self {
            pool,
            conditions: Conditions {
                now: slot,
                schedule: args.micro_tau.then_some(schedule),
                smoothing: SlowPrice {
                    tau,
                    max_step: Price(Price::ONE.0 / tau),
                },
            },
            rate: BasisPoints(args.fee_rate),
        }
    }

    fn buy(&mut self, slot: u64, outcome: usize, stake: u64) -> Trade {
        self.conditions.now = slot;
        self.pool
            .buy_now(self.conditions, None, outcome, Money(stake), self.rate)
            .expect("a buy")
    }

    fn sell(&mut self, slot: u64, outcome: usize, shares: u64) -> Trade {
        self.conditions.now = slot;
        self.pool
            .sell_now(self.conditions, None, outcome, Shares(shares), self.rate)
            .expect("a sale")
    }
}

/// A world with one market and one bettor who has a ticket in it.
fn world_of(change: impl FnOnce(&mut CreateMarketArgs)) -> (FlashWorld, Pubkey, User, Mirror) {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let mut args = flash.terms(2);
    change(&mut args);
    let mirror = Mirror::open(&args, flash.chain().slot(), 150);
    let market = flash.market(args);
    let user = flash.user(PURSE);
    flash.open_ticket(&user, market).expect("a ticket");
    (flash, market, user, mirror)
}

fn every_curve() -> Vec<(Curve, u8, bool)> {
    let mut curves: Vec<_> = [2, 3, 8, 10]
        .into_iter()
        .flat_map(|outcomes| [false, true].map(|micro_tau| (Curve::Lmsr, outcomes, micro_tau)))
        .collect();
    curves.extend([false, true].map(|micro_tau| (Curve::PmAmm, 2, micro_tau)));
    curves
}

#[test]
fn trades_move_exactly_what_the_mathematics_says() {
    for (curve, outcomes, micro_tau) in every_curve() {
        let (mut flash, market, user, mut mirror) = world_of(|args| {
            args.curve = curve;
            args.prior = uniform(outcomes);
            args.micro_tau = micro_tau;
            args.freeze = 1_000;
        });
        let last = outcomes - 1;
        let open = flash.chain().slot();
        let mut purse = PURSE;
        let funding = flash.market_state(market).funding;
        assert_eq!(funding, mirror.pool.cash);
        let mut basis = 0i64;

        for (slot, outcome, stake) in [
            (open, 0, 100_000_000),
            (open, last, 3_000_000_000),
            (open + 75, 0, 1_234_567),
        ] {
            flash.go_to(slot);
            let state = flash.market_state(market);
            let quote =
                quotes::buy(&state, flash.chain().clock(), outcome, Money(stake)).expect("a quote");
            flash.place(&user, market, outcome, stake).expect("a bet");
            let trade = mirror.buy(slot, outcome.into(), stake);
            assert_eq!(quote.trade, trade);
            assert_eq!(trade.cost.0 + trade.fee.0, stake);
            purse -= stake;
            basis += i64::try_from(stake).expect("small");
            assert_eq!(flash.market_state(market).pool.pool(), &mirror.pool);
            assert_eq!(flash.balance(user.tokens), purse);
        }

        flash.go_to(open + 120);
        let held = flash.ticket(market, &user).shares[0];
        let state = flash.market_state(market);
        let quote = quotes::sell(&state, flash.chain().clock(), 0, Shares(held)).expect("a quote");
        flash.cash_out(&user, market, 0, held).expect("a cash-out");
        let trade = mirror.sell(open + 120, 0, held);
        assert_eq!(quote.trade, trade);
        purse += trade.cost.0 - trade.fee.0;
        basis -= i64::try_from(trade.cost.0 - trade.fee.0).expect("small");
        assert_eq!(flash.market_state(market).pool.pool(), &mirror.pool);
        assert_eq!(flash.balance(user.tokens), purse);
        let ticket = flash.ticket(market, &user);
        assert_eq!(ticket.shares, &mirror.pool.sold[..usize::from(outcomes)]);
        assert_eq!(ticket.shares[0], 0);
        assert_eq!(ticket.cost_basis, basis);
    }
}

/// By hand: with b = 10⁹, p = ½ and no fee, 10⁸ buy `b ln(2 e^0.1 − 1) = 190,841,230.3` shares;
/// selling them returns the 10⁸ less rounding.
#[test]
fn lmsr_bet_by_hand() {
    let (mut flash, market, user, _) = world_of(|args| args.fee_rate = 0);
    // b ln 2 rounded up, and the reserve for rounding.
    assert_eq!(flash.market_state(market).funding, 693_147_181 + 16);
    flash.place(&user, market, 0, 100_000_000).expect("a bet");
    let bought = flash.ticket(market, &user).shares[0];
    let exact = 1e9 * (2.0 * 0.1f64.exp() - 1.0).ln();
    assert!(
        (exact - 2.0..=exact).contains(&(bought as f64)),
        "{bought} of {exact}"
    );

    flash.cash_out(&user, market, 0, bought).expect("a sale");
    let back = flash.balance(user.tokens);
    assert!((PURSE - 2..=PURSE).contains(&back), "{back}");
    assert_eq!(flash.ticket(market, &user).shares, [0, 0]);
}

/// By hand: a fee of `rate · min(p, 1 − p)` a share, so one percent of the stake's cost while the
/// price is below one half.
#[test]
fn fee_by_hand() {
    let (mut flash, market, user, _) = world_of(|args| {
        args.prior = uniform(10);
        args.fee_rate = 500;
    });
    flash.place(&user, market, 3, 105_000_000).expect("a bet");
    let pool = flash.market_state(market).pool;
    assert!(
        (4_999_999..=5_000_001).contains(&pool.fees),
        "{}",
        pool.fees
    );
    assert_eq!(
        flash.balance(flash.market_state(market).token_account),
        pool.cash + pool.fees
    );
}

#[test]
fn round_trips_never_profit() {
    for (curve, outcomes, micro_tau) in every_curve() {
        let (mut flash, market, user, _) = world_of(|args| {
            args.curve = curve;
            args.prior = uniform(outcomes);
            args.micro_tau = micro_tau;
            args.freeze = 1_000;
            args.fee_rate = 0;
        });
        for stake in [7, 1_001, 999_999_999, 3_333_333_333] {
            let before = flash.balance(user.tokens);
            flash.place(&user, market, 1, stake).expect("a bet");
            let shares = flash.ticket(market, &user).shares[1];
            // In three parts, which must not beat the whole.
            for part in [shares / 3, shares / 3, shares - 2 * (shares / 3)] {
                flash.cash_out(&user, market, 1, part).expect("a sale");
            }
            assert!(flash.balance(user.tokens) <= before);
        }
    }
}

#[test]
fn trading_opens_and_freezes_at_its_slots() {
    let (mut flash, market, user, _) = world_of(|args| {
        args.opens_in = 4_000;
        args.freeze = 8_000;
    });
    let state = flash.market_state(market);
    let now = flash.chain().slot();
    assert_eq!(
        (state.open_slot, state.freeze_slot, state.lock_slot),
        (now + 10, now + 10 + 150 - 20, now + 10 + 150)
    );

    flash.go_to(state.open_slot - 1);
    flash
        .place(&user, market, 0, 1_000)
        .expect_refusal(FlashError::TradingNotStarted);
    flash
        .cash_out(&user, market, 0, 1)
        .expect_refusal(FlashError::TradingNotStarted);
    flash.go_to(state.open_slot);
    flash
        .place(&user, market, 0, 1_000)
        .expect("the first slot");
    flash.go_to(state.freeze_slot - 1);
    flash.place(&user, market, 0, 1_000).expect("the last slot");
    flash
        .cash_out(&user, market, 0, 100)
        .expect("the last slot");
    flash.go_to(state.freeze_slot);
    flash
        .place(&user, market, 0, 1_000)
        .expect_refusal(FlashError::TradingOver);
    flash
        .cash_out(&user, market, 0, 1)
        .expect_refusal(FlashError::TradingOver);
}

#[test]
fn bounds_of_the_bettor_hold() {
    let (mut flash, market, user, mut mirror) = world_of(|_| ());
    let slot = flash.chain().slot();
    let bought = mirror.buy(slot, 0, 1_000_000).shares.0;
    let mut bet = flash.build_bet(&user, market, 0, 1_000_000);
    bet.args.min_shares = bought + 1;
    flash
        .send(bet.instruction(), &[&user.key])
        .expect_refusal(FlashError::SlippageExceeded);
    bet.args.min_shares = bought;
    flash.send(bet.instruction(), &[&user.key]).expect("a bet");

    let sold = mirror.sell(slot, 0, bought);
    let mut sale = flash.build_cash_out(&user, market, 0, bought);
    sale.args.min_return = sold.cost.0 - sold.fee.0 + 1;
    flash
        .send(sale.instruction(), &[&user.key])
        .expect_refusal(FlashError::SlippageExceeded);
    sale.args.min_return -= 1;
    flash
        .send(sale.instruction(), &[&user.key])
        .expect("a sale");
}

#[test]
fn amounts_out_of_range_are_refused() {
    for (curve, outcomes, micro_tau) in every_curve() {
        let (mut flash, market, user, _) = world_of(|args| {
            args.curve = curve;
            args.prior = uniform(outcomes);
            args.micro_tau = micro_tau;
            args.freeze = 1_000;
        });
        flash
            .place(&user, market, 0, 0)
            .expect_refusal(FlashError::ZeroAmount);
        flash
            .place(&user, market, outcomes, 1_000)
            .expect_refusal(FlashError::OutcomeOutOfRange);
        flash
            .place(&user, market, u8::MAX, 1_000)
            .expect_refusal(FlashError::OutcomeOutOfRange);
        flash.place(&user, market, 0, 3_000_000_000).expect("a bet");
        flash
            .place(&user, market, 0, PURSE / 2)
            .expect_refusal(FlashError::PriceOutOfRange);
        flash
            .place(&user, market, 0, u64::MAX)
            .expect_refusal(FlashError::PriceOutOfRange);

        let held = flash.ticket(market, &user).shares[0];
        flash
            .cash_out(&user, market, 0, 0)
            .expect_refusal(FlashError::ZeroAmount);
        flash
            .cash_out(&user, market, 0, held + 1)
            .expect_refusal(FlashError::NotEnoughShares);
        flash
            .cash_out(&user, market, 0, u64::MAX)
            .expect_refusal(FlashError::NotEnoughShares);
        flash
            .cash_out(&user, market, outcomes, 1)
            .expect_refusal(FlashError::OutcomeOutOfRange);
        flash.cash_out(&user, market, 0, held).expect("everything");
    }
}

/// At the greatest depth a base unit is below what the mathematics can tell from nothing.
#[test]
fn dust_is_refused() {
    let (mut flash, _) = FlashWorld::with_liquidity(5_000_000_000_000_000);
    let mut args = flash.terms(2);
    args.depth = 1_000_000_000_000_000;
    args.prior = vec![
        Price::ONE.0 / 100 * 97,
        Price::ONE.0 - Price::ONE.0 / 100 * 97,
    ];
    let market = flash.market(args);
    let user = flash.user(PURSE);
    flash.open_ticket(&user, market).expect("a ticket");
    flash
        .place(&user, market, 0, 1)
        .expect_refusal(FlashError::Dust);
    flash.place(&user, market, 1, 1_000).expect("a bet");
    // A share worth three hundredths of a base unit returns none.
    flash
        .cash_out(&user, market, 1, 1)
        .expect_refusal(FlashError::Dust);
}

#[test]
fn stake_beyond_the_purse_is_refused_by_the_token_program() {
    let (mut flash, market, _, _) = world_of(|_| ());
    let poor = flash.user(999);
    flash.open_ticket(&poor, market).expect("a ticket");
    flash
        .place(&poor, market, 0, 1_000)
        .expect_refusal("InsufficientFunds");
    flash.place(&poor, market, 0, 999).expect("all of it");
}

#[test]
fn ticket_opens_once_and_only_while_the_market_is_open() {
    let (mut flash, market, user, _) = world_of(|_| ());
    let before = flash.chain().lamports(user.address()).expect("lamports");
    assert_eq!(
        100_000_000_000 - before,
        flash.chain().rent(104),
        "the owner pays for 104 bytes"
    );
    flash
        .open_ticket(&user, market)
        .expect_refusal("AccountAlreadyInUse");

    flash.resolve(market, 0).expect("a resolution");
    let late = flash.user(1_000);
    flash
        .open_ticket(&late, market)
        .expect_refusal(FlashError::MarketNotOpen);
    flash
        .place(&user, market, 0, 1_000)
        .expect_refusal(FlashError::MarketNotOpen);
    flash
        .cash_out(&user, market, 0, 1)
        .expect_refusal(FlashError::MarketNotOpen);
}

#[test]
fn nobody_opens_anothers_ticket() {
    let (mut flash, market, user, _) = world_of(|_| ());
    let victim = flash.user(0);
    let mut open = flash.build_ticket(&victim, market).instruction();
    open.accounts[0].is_signer = false;
    flash
        .send(open.clone(), &[])
        .expect_refusal(ErrorCode::AccountNotSigner);
    // The thief signs for himself, but names the victim's address for the ticket.
    open.accounts[0] = flash.build_ticket(&user, market).instruction().accounts[0].clone();
    flash
        .send(open, &[&user.key])
        .expect_refusal(ErrorCode::ConstraintSeeds);
    // Lamports at the address do not stop its owner either.
    let address = addresses::ticket(&market, &victim.address());
    flash.world.chain.airdrop(address, 1_000_000).expect("some");
    flash.open_ticket(&victim, market).expect("a ticket");
}

#[test]
fn market_without_delay_takes_no_order_account() {
    let (mut flash, market, user, _) = world_of(|_| ());
    let mut bet = flash.build_bet(&user, market, 0, 1_000);
    bet.is_delayed = true;
    flash
        .send(bet.instruction(), &[&user.key])
        .expect_refusal(FlashError::DelayNotOffered);
    flash.place(&user, market, 0, 1_000).expect("a bet");
    let mut sale = flash.build_cash_out(&user, market, 0, 1);
    sale.is_delayed = true;
    flash
        .send(sale.instruction(), &[&user.key])
        .expect_refusal(FlashError::DelayNotOffered);
}

#[test]
fn donation_to_a_market_moves_no_price_and_goes_to_the_protocol() {
    let (mut flash, market, user, mut mirror) = world_of(|_| ());
    let prices = quotes::prices(&flash.market_state(market)).expect("prices");
    let tokens = addresses::market_tokens(&market);
    flash.donate(tokens, 77_777_777_777);
    assert_eq!(
        quotes::prices(&flash.market_state(market)).expect("prices"),
        prices
    );
    flash.place(&user, market, 0, 1_000_000).expect("a bet");
    mirror.buy(flash.chain().slot(), 0, 1_000_000);
    assert_eq!(flash.market_state(market).pool.pool(), &mirror.pool);

    flash.resolve(market, 1).expect("a resolution");
    flash.settle(market, &[&user]).expect("a settlement");
    flash.release(market).expect("a release");
    let before = flash.vault_state();
    flash.close(market).expect("a closing");
    let after = flash.vault_state();
    assert_eq!(after.protocol_fees - before.protocol_fees, 77_777_777_777);
    assert_eq!(after.cash, before.cash);
}

/// Complete sets without end, of a mint with as many tokens as there can be: the market refuses what
/// its curve could not be evaluated at any more, and can still be sold into and voided.
#[test]
fn sets_beyond_the_range_are_refused() {
    let (mut flash, _) = FlashWorld::with_liquidity(1_000_000_000_000_000);
    let mut args = flash.terms(2);
    args.depth = 1_000_000_000_000_000;
    let market = flash.market(args);
    let user = flash.user(10_000_000_000_000_000_000);
    flash.open_ticket(&user, market).expect("a ticket");
    let mut stakes = [6_000_000_000_000_000, 12_000_000_000_000_000]
        .into_iter()
        .zip([0u8, 1])
        .chain(
            [(12_000_000_000_000_000, 0u8), (12_000_000_000_000_000, 1)]
                .into_iter()
                .cycle(),
        );
    let refused = stakes.find_map(|(stake, outcome)| {
        let bet = flash.build_bet(&user, market, outcome, stake);
        let result = flash.send(bet.instruction(), &[&user.key]);
        result.is_err().then_some(result)
    });
    refused
        .expect("an end")
        .expect_refusal(FlashError::Overflow);
    flash
        .cash_out(&user, market, 0, 1_000_000_000_000_000)
        .expect("a sale");
    let deadline = flash.market_state(market).void_from;
    flash.go_to_second(deadline);
    flash.void(market).expect("a void");
    flash.settle(market, &[&user]).expect("a settlement");
    flash.close(market).expect("a closing");
}
