//! Flash bets, bets and cash-outs: to the base unit, and at the edges of time and amounts.

use anchor_lang::{error::ErrorCode, prelude::Pubkey};
use bytemuck::Zeroable;
use client::{addresses::flash_bets as addresses, instructions::flash_bets::*, quotes};
use flash_bets::{
    error::FlashError,
    state::{Order, MAX_OUTCOMES},
};
use market_core::{
    pool::{Fees, Memory},
    BasisPoints, Now, PoolState, TradingHours,
};
use math::{Money, Price, Shares, Trade};
use testbed::{uniform, ExpectError, FlashWorld, User};

use crate::support::unsigned;

const LIQUIDITY: u64 = 1_000_000_000_000;
const PURSE: u64 = 100_000_000_000;

/// The mathematics of a market, beside the program.
struct Mirror {
    pool: PoolState<MAX_OUTCOMES>,
    hours: TradingHours,
    memory: Memory,
    fees: Fees,
}

impl Mirror {
    /// Of a market with these terms that is to be created now.
    fn open(flash: &FlashWorld, terms: &FlashMarketTerms) -> Self {
        let prior: Vec<_> = terms.prior.iter().map(|price| Price(*price)).collect();
        let slots = |seconds: u32| u64::from(seconds * 1_000).div_ceil(400);
        let opening_slot = flash.chain().slot() + slots(terms.opens_in_seconds);
        let mut pool = PoolState::zeroed();
        pool.open_at(terms.curve.kind(), Money(terms.depth), &prior, opening_slot)
            .expect("a pool");
        let opens_at = flash.chain().now().seconds() + i64::from(terms.opens_in_seconds);
        let locks_at = opens_at + i64::from(terms.duration_seconds);
        Self {
            pool,
            hours: TradingHours::new(opens_at, locks_at, terms.freeze_seconds).expect("hours"),
            memory: Memory {
                slow_price_slots: (slots(terms.duration_seconds) / 16).max(16),
                micro_tau: terms.micro_tau,
            },
            fees: Fees {
                rate: BasisPoints(terms.fee_rate),
                floor: BasisPoints(terms.fee_floor_bps),
            },
        }
    }

    fn buy(&mut self, flash: &FlashWorld, outcome: u8, stake: u64) -> Trade {
        let fill = self.fill(flash, outcome, market_core::Order::Stake(Money(stake)));
        let cost = Money(fill.amount.0 - fill.fee.0);
        Trade {
            shares: fill.shares,
            cost,
            fee: fill.fee,
        }
    }

    fn sell(&mut self, flash: &FlashWorld, outcome: u8, shares: u64) -> Trade {
        let fill = self.fill(flash, outcome, market_core::Order::Sell(Shares(shares)));
        let cost = Money(fill.amount.0 + fill.fee.0);
        Trade {
            shares: fill.shares,
            cost,
            fee: fill.fee,
        }
    }

    fn fill(
        &mut self,
        flash: &FlashWorld,
        outcome: u8,
        order: market_core::Order,
    ) -> market_core::Fill {
        let now = Now::without_halts(flash.chain().slot(), flash.chain().now().seconds());
        let (hours, memory, rate) = (&mut self.hours, self.memory, self.fees);
        self.pool
            .fill(hours, memory, now, None, outcome, order, 0, rate)
            .expect("a trade")
    }

    fn is(&self, flash: &FlashWorld, market: Pubkey) -> bool {
        *flash.market_state(market).pool == self.pool
    }
}

/// A world with one market and one bettor who has a ticket in it.
fn world_of(change: impl FnOnce(&mut FlashMarketTerms)) -> (FlashWorld, Pubkey, User, Mirror) {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let mut terms = flash.terms(2);
    change(&mut terms);
    let event_book = flash.create_event_book();
    let mirror = Mirror::open(&flash, &terms);
    let market = flash.market_on(event_book, terms);
    let user = flash.user(PURSE);
    flash.open_ticket(&user, market).expect("a ticket");
    (flash, market, user, mirror)
}

fn every_curve() -> Vec<(FlashCurve, u8, bool)> {
    let mut curves: Vec<_> = [2, 3, 8, 10]
        .into_iter()
        .flat_map(|outcomes| [false, true].map(|micro_tau| (FlashCurve::Lmsr, outcomes, micro_tau)))
        .collect();
    curves.extend([false, true].map(|micro_tau| (FlashCurve::PmAmm, 2, micro_tau)));
    curves
}

#[test]
fn trades_move_exactly_what_the_mathematics_says() {
    for (curve, outcomes, micro_tau) in every_curve() {
        let (mut flash, market, user, mut mirror) = world_of(|args| {
            args.curve = curve;
            args.prior = uniform(outcomes);
            args.micro_tau = micro_tau;
            args.freeze_seconds = 1;
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
            let trade = mirror.buy(&flash, outcome, stake);
            assert_eq!(quote.trade, trade);
            assert_eq!(trade.cost.0 + trade.fee.0, stake);
            purse -= stake;
            basis += i64::try_from(stake).expect("small");
            assert!(mirror.is(&flash, market));
            assert_eq!(flash.balance(user.tokens), purse);
        }

        flash.go_to(open + 120);
        let held = flash.ticket(market, &user).holdings.shares[0];
        let state = flash.market_state(market);
        let quote = quotes::sell(&state, flash.chain().clock(), 0, Shares(held)).expect("a quote");
        flash.cash_out(&user, market, 0, held).expect("a cash-out");
        let trade = mirror.sell(&flash, 0, held);
        assert_eq!(quote.trade, trade);
        purse += trade.cost.0 - trade.fee.0;
        basis -= i64::try_from(trade.cost.0 - trade.fee.0).expect("small");
        assert!(mirror.is(&flash, market));
        assert_eq!(flash.balance(user.tokens), purse);
        let ticket = flash.ticket(market, &user);
        assert_eq!(
            ticket.holdings.shares,
            &mirror.pool.sold[..usize::from(outcomes)]
        );
        assert_eq!(ticket.holdings.shares[0], 0);
        assert_eq!(ticket.holdings.cost_basis, basis);
    }
}

/// Whoever knows the price he wants gets the trade that leads there, while depth falls with the time:
/// one more share would be beyond it.
#[test]
fn amount_until_a_price_leads_there_and_no_further() {
    for (curve, outcomes, micro_tau) in every_curve() {
        let (mut flash, market, user, _) = world_of(|args| {
            args.curve = curve;
            args.prior = uniform(outcomes);
            args.micro_tau = micro_tau;
            args.freeze_seconds = 1;
        });
        flash.go_to(flash.chain().slot() + 75);
        let until = |flash: &FlashWorld, target: Price| {
            let state = flash.market_state(market);
            quotes::amount_until(&state, flash.chain().clock(), 0, target).expect("a quote")
        };
        let price =
            |flash: &FlashWorld| quotes::prices(&flash.market_state(market)).expect("prices")[0];

        let before = price(&flash);
        let target = Price(before.0 + (Price::ONE.0 - before.0) / 3);
        let Some((Order::Buy { shares, .. }, quote)) = until(&flash, target) else {
            panic!("a higher price is bought up to");
        };
        let (state, clock) = (flash.market_state(market), flash.chain().clock().clone());
        let more = quotes::buy_shares(&state, &clock, 0, Shares(shares + 2)).expect("a quote");
        assert!(quote.prices_after[0] <= target && more.prices_after[0] > target);
        let cost = quote.trade.cost.0 + quote.trade.fee.0;
        flash
            .buy_shares(&user, market, 0, [shares, cost])
            .expect("a purchase at its bound");
        assert_eq!(price(&flash), quote.prices_after[0]);
        assert_eq!(until(&flash, price(&flash)), None, "it is there");

        let target = Price(before.0 + (target.0 - before.0) / 3);
        let Some((Order::Sell { shares, .. }, quote)) = until(&flash, target) else {
            panic!("a lower price is sold down to");
        };
        flash
            .cash_out(&user, market, 0, shares)
            .expect("a sale of what is held");
        assert_eq!(price(&flash), quote.prices_after[0]);
        assert!(quote.prices_after[0] >= target);
        // No more is sold than there is.
        let Some((Order::Sell { shares, .. }, _)) = until(&flash, Price(before.0 / 100)) else {
            panic!("a lower price is sold down to");
        };
        assert_eq!(shares, flash.ticket(market, &user).holdings.shares[0]);
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
    let bought = flash.ticket(market, &user).holdings.shares[0];
    let exact = 1e9 * (2.0 * 0.1f64.exp() - 1.0).ln();
    assert!(
        (exact - 2.0..=exact).contains(&(bought as f64)),
        "{bought} of {exact}"
    );

    flash.cash_out(&user, market, 0, bought).expect("a sale");
    let back = flash.balance(user.tokens);
    assert!((PURSE - 2..=PURSE).contains(&back), "{back}");
    assert_eq!(flash.ticket(market, &user).holdings.shares, [0, 0]);
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

/// By hand: near one a share pays the fee of the floor, here of .05 instead of .01, of what 10⁶ less the
/// fee buys at .99, less the unit by which the cost is rounded up; and nothing else changes.
#[test]
fn late_bets_pay_the_floor() {
    let fee = |floor| {
        let (mut flash, market, user, _) = world_of(|args| {
            let rest = Price::ONE.0 / 100;
            args.prior = vec![Price::ONE.0 - rest, rest];
            args.fee_rate = 100;
            args.fee_floor_bps = floor;
        });
        flash.place(&user, market, 0, 1_000_000).expect("a bet");
        let pool = flash.market_state(market).pool;
        assert_eq!(flash.ticket(market, &user).holdings.shares[0], pool.sold[0]);
        assert_eq!(flash.balance(user.tokens), PURSE - 1_000_000);
        // Sold back, the fee is paid again.
        let sold = pool.sold[0];
        flash.cash_out(&user, market, 0, sold).expect("a sale");
        let both = flash.market_state(market).pool.fees;
        let lost = PURSE - flash.balance(user.tokens);
        assert!((both..=both + 2).contains(&lost), "{lost} of {both}");
        (pool.fees, both)
    };
    assert_eq!(fee(0), (100, 201));
    assert_eq!(fee(500), (504, 1_009));
}

#[test]
fn round_trips_never_profit() {
    for (curve, outcomes, micro_tau) in every_curve() {
        let (mut flash, market, user, _) = world_of(|args| {
            args.curve = curve;
            args.prior = uniform(outcomes);
            args.micro_tau = micro_tau;
            args.freeze_seconds = 1;
            args.fee_rate = 0;
        });
        for stake in [7, 1_001, 999_999_999, 3_333_333_333] {
            let before = flash.balance(user.tokens);
            flash.place(&user, market, 1, stake).expect("a bet");
            let shares = flash.ticket(market, &user).holdings.shares[1];
            // In three parts, which must not beat the whole.
            for part in [shares / 3, shares / 3, shares - 2 * (shares / 3)] {
                flash.cash_out(&user, market, 1, part).expect("a sale");
            }
            assert!(flash.balance(user.tokens) <= before);
        }
    }
}

/// By the second: slots that are shorter or longer than they were change nothing.
#[test]
fn trading_opens_and_freezes_at_its_seconds() {
    for slots in [0, 100, 100_000] {
        let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
        let mut terms = flash.terms(2);
        terms.freeze_seconds = 8;
        let event_book = flash.create_event_book();
        let market = flash.announce_on(event_book, terms);
        let user = flash.user(PURSE);
        flash.open_ticket(&user, market).expect("a ticket");
        let hours = flash.market_state(market).hours;
        let now = flash.chain().now().seconds();
        assert_eq!(
            [hours.opens_at, hours.trading_until, hours.locks_at],
            [now + 5, now + 57, now + 65]
        );
        let go_to = |flash: &mut FlashWorld, second| {
            flash.go_to_second(second);
            flash.world.chain.advance(slots, 0);
        };
        let refused = |flash: &mut FlashWorld, why: FlashError| {
            let bet = flash.place(&user, market, 0, 1_000);
            bet.expect_refusal(why);
            let sale = flash.cash_out(&user, market, 0, 1);
            sale.expect_refusal(why);
        };
        go_to(&mut flash, hours.opens_at - 1);
        refused(&mut flash, FlashError::TradingNotStarted);
        go_to(&mut flash, hours.opens_at);
        flash.place(&user, market, 0, 1_000).expect("at once");
        go_to(&mut flash, hours.trading_until - 1);
        flash.place(&user, market, 0, 1_000).expect("at last");
        flash.cash_out(&user, market, 0, 100).expect("at last");
        go_to(&mut flash, hours.trading_until);
        refused(&mut flash, FlashError::TradingOver);
    }
}

#[test]
fn bounds_of_the_bettor_hold() {
    let (mut flash, market, user, mut mirror) = world_of(|_| ());
    let bought = mirror.buy(&flash, 0, 1_000_000).shares.0;
    let mut bet = flash.build_bet(&user, market, 0, 1_000_000);
    bet.args.min_shares = bought + 1;
    flash
        .send(bet.instruction(), &[&user.key])
        .expect_refusal(FlashError::SlippageExceeded);
    bet.args.min_shares = bought;
    flash.send(bet.instruction(), &[&user.key]).expect("a bet");

    let sold = mirror.sell(&flash, 0, bought);
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
            args.freeze_seconds = 1;
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

        let held = flash.ticket(market, &user).holdings.shares[0];
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
        flash.chain().rent(156),
        "who opens it pays for 156 bytes"
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
fn anybody_opens_a_ticket_for_anybody_and_gets_its_rent_back() {
    let (mut flash, market, user, _) = world_of(|_| ());
    let friend = flash.user(0);
    let lamports = |flash: &FlashWorld, user: &User| {
        let lamports = flash.chain().lamports(user.address());
        lamports.expect("lamports")
    };
    let (of_user, of_friend) = (lamports(&flash, &user), lamports(&flash, &friend));
    let mut open = flash.build_ticket(&friend, market);
    open.rent_payer = user.address();
    flash
        .send(unsigned(open.instruction(), user.address()), &[])
        .expect_refusal(ErrorCode::AccountNotSigner);
    // Lamports at the address do not stop it.
    let address = addresses::ticket(&market, &friend.address());
    flash.world.chain.airdrop(address, 1_000_000).expect("some");
    flash
        .send(open.instruction(), &[&user.key])
        .expect("a ticket");
    let mut bet = flash.build_bet(&user, market, 0, 1_000_000);
    bet.buyer.owner = friend.address();
    flash
        .send(bet.instruction(), &[&user.key])
        .expect("a bet for a friend");
    let shares = flash.ticket(market, &friend).holdings.shares[0];
    assert!(shares > 0);
    assert_eq!(flash.ticket(market, &user).holdings.shares[0], 0);
    // What is sold, and what is paid, is the friend's alone.
    let sale = flash.build_cash_out(&friend, market, 0, 1);
    flash
        .send(unsigned(sale.instruction(), friend.address()), &[])
        .expect_refusal(ErrorCode::AccountNotSigner);
    flash.resolve(market, 0).expect("a resolution");
    flash.settle(market, &[&user, &friend]).expect("a payout");
    assert_eq!(flash.balance(friend.tokens), shares);
    assert_eq!(lamports(&flash, &friend), of_friend);
    let of_ticket = flash.chain().rent(156);
    assert_eq!(lamports(&flash, &user), of_user + of_ticket + 1_000_000);
}

#[test]
fn exact_shares_cost_what_the_quote_says() {
    let (mut flash, market, user, mut mirror) = world_of(|_| ());
    let shares = 1_000_000;
    let order = Order::Buy {
        shares,
        max_cost: u64::MAX,
    };
    let state = flash.market_state(market);
    let fill = state
        .quote(flash.chain().clock(), 0, order)
        .expect("a quote");
    let quote = QuoteOrder {
        market,
        outcome: 0,
        order,
    };
    flash.send(quote.instruction(), &[]).expect("a quote");
    flash
        .buy_shares(&user, market, 0, [shares, fill.amount.0 - 1])
        .expect_refusal(FlashError::SlippageExceeded);
    flash
        .buy_shares(&user, market, 0, [0, 1])
        .expect_refusal(FlashError::ZeroAmount);
    flash
        .buy_shares(&user, market, 0, [shares, fill.amount.0])
        .expect("a purchase");
    let filled = mirror.fill(&flash, 0, market_core::Order::Stake(fill.amount));
    assert!(filled.shares.0.abs_diff(shares) <= 2);
    assert_eq!(flash.balance(user.tokens), PURSE - fill.amount.0);
    assert_eq!(flash.ticket(market, &user).holdings.shares[0], shares);
    assert_eq!(
        flash.ticket(market, &user).holdings.cost_basis,
        i64::try_from(fill.amount.0).expect("small")
    );
}

#[test]
fn bet_opens_the_ticket_that_is_missing_and_takes_one_that_is_there() {
    let (mut flash, market, user, mut mirror) = world_of(|_| ());
    let late = flash.user(PURSE);
    for (user, held) in [(&user, 0), (&late, 0), (&late, 1)] {
        let held: u64 = held * flash.find_shares(market, user);
        flash
            .open_and_place(user, market, 0, 1_000_000)
            .expect("a bet");
        let bought = mirror.buy(&flash, 0, 1_000_000).shares.0;
        assert_eq!(flash.find_shares(market, user), held + bought);
    }
    assert_eq!(flash.market_state(market).open_tickets, 2);
}

#[test]
fn market_without_delay_takes_no_order_account() {
    let (mut flash, market, user, _) = world_of(|_| ());
    let mut bet = flash.build_bet(&user, market, 0, 1_000);
    bet.buyer.order_rent_payer = Some(user.address());
    flash
        .send(bet.instruction(), &[&user.key])
        .expect_refusal(FlashError::DelayNotOffered);
    flash.place(&user, market, 0, 1_000).expect("a bet");
    let mut sale = flash.build_cash_out(&user, market, 0, 1);
    sale.order_rent_payer = Some(user.address());
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
    mirror.buy(&flash, 0, 1_000_000);
    assert!(mirror.is(&flash, market));

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
