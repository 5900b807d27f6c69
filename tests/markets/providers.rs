//! Standard markets, what a provider could take from others, and what one locks and gives away.

use anchor_lang::prelude::Pubkey;
use client::instructions::markets::*;
use markets::error::MarketError;
use math::vesting::VESTING_SLOTS;
use testbed::{ExpectError, MarketsWorld, Trader};

const PURSE: u64 = 1_000_000_000_000;

/// A market of the world's creator, who is to be its provider, and a trader with a position in it.
fn world_of(
    outcomes: u8,
    change: impl FnOnce(&mut CreateMarketArgs),
) -> (MarketsWorld, Pubkey, Trader, Trader) {
    let mut markets = MarketsWorld::start(&Default::default());
    let mut args = markets.terms(outcomes);
    change(&mut args);
    let market = markets.market(args);
    let (creator, trader) = (markets.creator(), markets.trader(PURSE));
    markets.open(&trader, market).expect("a position");
    markets.open_provider(&creator, market);
    (markets, market, creator, trader)
}

fn l2(args: &mut CreateMarketArgs) {
    args.curve = Curve::L2;
    args.rule = RuleTerms::Scalar { low: 0, high: 100 };
    args.fee_rate = 0;
}

/// The creator of an L2 market takes nothing of what holders paid: neither whole nor in parts does
/// liquidity leave while their shares can be sold, and all of them are sold back for what they cost.
#[test]
fn l2_provider_does_not_leave_with_what_holders_can_sell() {
    for bins in [16, 64] {
        let (mut markets, market, creator, trader) = world_of(bins, l2);
        let funding = markets.state(market).pool.cash;
        let before = markets.balance(creator.tokens);
        for bin in [0, 3] {
            markets
                .buy(&trader, market, bin, 400_000_000)
                .expect("a purchase");
        }
        let supply = markets.state(market).liquidity_supply;
        for shares in [1, supply / 2, supply] {
            markets
                .remove(&creator, market, shares)
                .expect_refusal(MarketError::SharesOutstanding);
        }
        let held = markets.position(market, &trader).holdings.shares;
        for bin in [3, 0] {
            markets
                .sell(&trader, market, bin, held[usize::from(bin)])
                .expect("a sale");
        }
        let lost = PURSE - markets.balance(trader.tokens);
        assert!(lost <= 4, "{lost} of rounding");

        // Then he may leave, with his funding and the rounding.
        markets.remove(&creator, market, supply).expect("an exit");
        assert_eq!(markets.balance(creator.tokens), before + funding + lost);
        markets.resolve_all(market, &[&trader]);
    }
}

/// Nor after trading: what is left when the winners are paid is the provider's.
#[test]
fn l2_provider_is_paid_after_the_winners() {
    let (mut markets, market, creator, trader) = world_of(16, l2);
    markets
        .buy(&trader, market, 0, 800_000_000)
        .expect("a purchase");
    let held = markets.position(market, &trader).holdings.shares[0];
    markets.go_to_second(markets.state(market).hours.trading_until);
    let supply = markets.state(market).liquidity_supply;
    markets
        .remove(&creator, market, supply)
        .expect_refusal(MarketError::SharesOutstanding);
    markets.resolve(market, 0);
    let cash = markets.state(market).pool.cash;
    let (providers, holders) = (
        markets.balance(creator.tokens),
        markets.balance(trader.tokens),
    );
    markets.redeem(market, &[&trader]).expect("a payout");
    markets
        .redeem_liquidity(market, &creator)
        .expect("the rest");
    assert_eq!(markets.balance(trader.tokens), holders + held);
    assert_eq!(markets.balance(creator.tokens), providers + cash - held);
}

/// A void of an L2 market pays its holder no less than nearly all that he could have sold for just
/// before, where chances that sum to one paid a third.
#[test]
fn l2_void_pays_what_the_curve_would_have() {
    let (mut markets, market, _, trader) = world_of(16, l2);
    for bin in 0..2 {
        markets
            .buy(&trader, market, bin, 150_000_000)
            .expect("a purchase");
    }
    let state = markets.state(market);
    // Long enough for the slow prices to come to the spot.
    markets.go_to_second(state.hours.trading_until - 1);
    markets.poke(market).expect("a poke");
    markets.go_to_second(state.proposal_until);
    let purse = markets.balance(trader.tokens);
    markets.void(market).expect("a void");
    markets.redeem(market, &[&trader]).expect("a payout");
    let paid = markets.balance(trader.tokens) - purse;
    assert!(
        (270_000_000..=300_000_000).contains(&paid),
        "{paid} of 300,000,000"
    );
    markets.resolve_all(market, &[]);
}

/// Who buys bin after bin of an L2 curve is stopped before he has paid more than any of them pays.
#[test]
fn l2_purchase_beyond_every_payout_is_refused() {
    let (mut markets, market, _, trader) = world_of(16, l2);
    let mut cost = 0;
    let bought = (0..4)
        .take_while(|bin| {
            let bought = markets.buy_shares(&trader, market, *bin, 200_000_000);
            if bought.is_ok() {
                cost = PURSE - markets.balance(trader.tokens);
            }
            bought.is_ok()
        })
        .count();
    assert!(cost <= 200_000_000, "{cost} for a payout of 200,000,000");
    assert!(bought < 4, "four bins would cost 251");
    let next = u8::try_from(bought).expect("few");
    markets
        .buy_shares(&trader, market, next, 200_000_000)
        .expect_refusal(MarketError::CostAbovePayout);
    // A loss that was taken does not lock him out.
    for (bin, held) in (0..).zip(markets.position(market, &trader).holdings.shares) {
        if held > 0 {
            markets.sell(&trader, market, bin, held).expect("a sale");
        }
    }
    markets
        .buy_shares(&trader, market, 3, 200_000_000)
        .expect("a purchase");
    markets.resolve_all(market, &[&trader]);
}

/// Liquidity that comes before a trade and goes after it, in one slot, takes nothing of its fee.
#[test]
fn liquidity_for_a_moment_takes_no_fees() {
    let (mut markets, market, creator, trader) = world_of(2, |args| args.fee_rate = 500);
    let visitor = markets.trader(PURSE);
    markets.open_provider(&visitor, market);
    markets
        .add(&visitor, market, 500_000_000_000)
        .expect("liquidity");
    markets
        .buy(&trader, market, 0, 500_000_000)
        .expect("a purchase");
    let fees = markets.state(market).liquidity_fees;
    assert!(fees > 5_000_000, "{fees}");
    let shares = markets.liquidity(market, &visitor).shares;
    markets.remove(&visitor, market, shares).expect("an exit");
    markets
        .collect(&visitor, market)
        .expect_refusal(MarketError::NothingToCollect);
    assert_eq!(markets.state(market).liquidity_fees, fees);

    // All of it is the one's who stays, in time. The end of trading changes nothing about that.
    let until = markets.state(market).hours.trading_until;
    markets.go_to_second(until);
    let purse = markets.balance(creator.tokens);
    markets.collect(&creator, market).expect("fees");
    let vested = markets.balance(creator.tokens) - purse;
    assert!(vested < fees && markets.state(market).liquidity_fees > 1);
    let later = markets.chain().slot() + 20 * VESTING_SLOTS;
    markets.go_to(later);
    markets.collect(&creator, market).expect("the rest");
    assert!(fees - (markets.balance(creator.tokens) - purse) <= 1);
    markets.resolve_all(market, &[&trader, &visitor]);
}

/// Who moves the price before a removal takes of the outcome shares what the bound on money leaves
/// open: with bounds on both it is refused.
#[test]
fn removals_are_not_sandwiched() {
    for (curve, outcomes) in [
        (Curve::Lmsr, 2),
        (Curve::Lmsr, 16),
        (Curve::PmAmm { micro_tau: false }, 2),
    ] {
        println!("{curve:?}, {outcomes} outcomes");
        let (mut markets, market, _, trader) = world_of(outcomes, |args| args.curve = curve);
        let provider = markets.trader(PURSE);
        markets.open_provider(&provider, market);
        markets
            .add(&provider, market, 500_000_000)
            .expect("liquidity");
        markets
            .buy(&trader, market, 0, 600_000_000)
            .expect("a purchase");
        let shares = markets.liquidity(market, &provider).shares;

        // What he would get now.
        let mut copy = *markets.state(market);
        copy.observe(markets.moment()).expect("prices");
        let supply = math::Shares(copy.liquidity_supply);
        let removed = copy
            .pool
            .remove_liquidity(math::Shares(shares), supply)
            .expect("an exit");
        let mut remove = markets.build_remove(&provider, market, shares);
        remove.args.min_cash = removed.cash.0 / 100 * 99;
        let bounded = RemoveLiquidityArgs {
            min_returned: removed.returned[..usize::from(outcomes)]
                .iter()
                .map(|shares| shares / 100 * 99)
                .collect(),
            ..remove.args.clone()
        };

        // The sandwich gives more money and far fewer shares.
        let held = markets.position(market, &trader).holdings.shares[0];
        markets.sell(&trader, market, 0, held).expect("a sale");
        remove.args = bounded;
        let key = provider.key.insecure_clone();
        markets
            .send(remove.instruction(), &[&key])
            .expect_refusal(MarketError::SlippageExceeded);
        markets
            .buy(&trader, market, 0, 600_000_000)
            .expect("a purchase");
        let position = markets.position(market, &provider).holdings.shares;
        let purse = markets.balance(provider.tokens);
        markets
            .send(remove.instruction(), &[&key])
            .expect("an exit at the price that he saw");
        assert!(markets.balance(provider.tokens) - purse >= remove.args.min_cash);
        let returned = markets.position(market, &provider).holdings.shares;
        for ((old, new), least) in position
            .iter()
            .zip(&returned)
            .zip(&remove.args.min_returned)
        {
            assert!(new - old >= *least);
        }
        markets.resolve_all(market, &[&trader, &provider]);
    }
}

#[test]
fn locked_liquidity_stays_until_trading_is_over() {
    let (mut markets, market, creator, trader) = world_of(2, |_| {});
    let supply = markets.state(market).liquidity_supply;
    let locked = supply / 4;
    markets.lock(&creator, market, locked).expect("a lock");
    markets
        .lock(&creator, market, supply - locked + 1)
        .expect_refusal(MarketError::NotEnoughShares);
    markets
        .lock(&creator, market, 0)
        .expect_refusal(MarketError::ZeroAmount);
    assert_eq!(markets.state(market).locked_liquidity, locked);
    for shares in [supply, supply - locked + 1] {
        markets
            .remove(&creator, market, shares)
            .expect_refusal(MarketError::SharesLocked);
    }
    // Nor does it leave through somebody else's hands.
    let friend = markets.trader(PURSE);
    markets.open_provider(&friend, market);
    let give = |markets: &mut MarketsWorld, shares| {
        let transfer = TransferLiquidity {
            owner: creator.address(),
            venue: markets.venue,
            market,
            receiver: friend.address(),
            shares,
        };
        markets.send(transfer.instruction(), &[&creator.key])
    };
    give(&mut markets, supply - locked + 1).expect_refusal(MarketError::SharesLocked);
    give(&mut markets, supply - locked).expect("a gift");
    assert_eq!(markets.liquidity(market, &friend).shares, supply - locked);
    markets
        .remove(&friend, market, supply - locked)
        .expect("an exit");
    markets
        .buy(&trader, market, 0, 1_000_000)
        .expect("what is locked trades");

    markets.go_to_second(markets.state(market).hours.trading_until);
    markets
        .lock(&creator, market, 1)
        .expect_refusal(MarketError::TradingOver);
    markets.remove(&creator, market, locked).expect("an exit");
    markets.resolve_all(market, &[&trader, &friend]);
}

/// Who gives his liquidity away keeps the fees that vested before.
#[test]
fn liquidity_is_given_away_and_fees_stay() {
    let (mut markets, market, creator, trader) = world_of(2, |args| args.fee_rate = 500);
    let friend = markets.trader(PURSE);
    markets.open_provider(&friend, market);
    markets
        .buy(&trader, market, 0, 100_000_000)
        .expect("a purchase");
    let later = markets.chain().slot() + 1_500;
    markets.go_to(later);
    let supply = markets.state(market).liquidity_supply;
    let transfer = TransferLiquidity {
        owner: creator.address(),
        venue: markets.venue,
        market,
        receiver: friend.address(),
        shares: supply,
    };
    markets
        .send(transfer.instruction(), &[&creator.key])
        .expect("a gift");
    markets
        .collect(&friend, market)
        .expect_refusal(MarketError::NothingToCollect);
    let close = CloseLiquidity {
        owner: creator.address(),
        market,
        rent_payer: creator.address(),
    };
    markets
        .send(close.instruction(), &[&creator.key])
        .expect_refusal(MarketError::PositionNotEmpty);
    markets.collect(&creator, market).expect("fees");
    markets
        .send(close.instruction(), &[&creator.key])
        .expect("a closing");
    let purse = markets.balance(friend.tokens);
    markets.resolve(market, 1);
    let cash = markets.state(market).pool.cash;
    let fees = markets.state(market).liquidity_fees;
    markets.redeem_liquidity(market, &friend).expect("all");
    let got = markets.balance(friend.tokens) - purse;
    assert!(got >= cash - 1 && got <= cash + fees, "{got}");
    assert!(got + 1 >= cash + fees, "the rest of the fees too");
}
