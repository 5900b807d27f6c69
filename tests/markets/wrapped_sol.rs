//! Standard markets of wrapped SOL, whose token accounts count lamports as tokens: what somebody sends
//! before an account is there, or later, blocks nothing, moves no price, and is the protocol's in the end.

use client::{addresses::markets as addresses, instructions::markets::Curve};
use markets::state::Venue;
use testbed::{MarketsOptions, MarketsWorld, MintOptions};

const PURSE: u64 = 1_000_000_000_000;

fn wrapped_sol() -> MintOptions {
    MintOptions {
        is_native: true,
        ..MintOptions::default()
    }
}

/// Lamports sent to where a market and its tokens will be: one more than the rent is a token in the
/// account from its first moment.
#[test]
fn lamports_sent_before_block_no_market_of_wrapped_sol() {
    for curve in [Curve::Lmsr, Curve::PmAmm { micro_tau: false }] {
        let mut markets = MarketsWorld::start(&MarketsOptions {
            mint: wrapped_sol(),
            ..MarketsOptions::default()
        });
        let mut args = markets.terms(2);
        args.curve = curve;
        let creator = markets.creator();
        let create = markets.build_market(&creator, args);
        let market = create.market();
        let tokens = addresses::market_tokens(&market);
        let sent = markets.chain().rent(165) + 1;
        for address in [tokens, market, addresses::dispute(&market)] {
            let chain = &mut markets.world.chain;
            chain.airdrop(address, sent).expect("lamports");
        }
        markets.count_donation(tokens, 1);
        let before = markets.balance(creator.tokens);
        markets.create(&creator, &create).expect("a market");
        let state = markets.state(market);
        let funding = state.pool.cash;
        assert_eq!(markets.balance(tokens), funding + 1);
        assert_eq!(markets.balance(creator.tokens), before - funding);

        // More of it, as lamports and as tokens, moves no price and no payout.
        let (trader, provider) = (markets.trader(PURSE), markets.trader(PURSE));
        markets.open(&trader, market).expect("a position");
        markets.open_provider(&provider, market);
        markets.donate(tokens, 5);
        assert_eq!(markets.balance(tokens), funding + 6);
        let quote = |markets: &MarketsWorld| {
            let order = market_core::pool::Order::Stake(math::Money(50_000_000));
            markets.quote(market, 0, order).expect("a quote").fill
        };
        let quoted = quote(&markets);
        markets.donate(tokens, 700_000_000);
        assert_eq!(quote(&markets), quoted);
        markets
            .buy(&trader, market, 0, 50_000_000)
            .expect("a purchase");
        let held = markets.position(market, &trader).holdings.shares[0];
        assert_eq!(held, quoted.shares.0);
        markets
            .add(&provider, market, 10_000_000)
            .expect("liquidity");
        markets.propose(&creator, market, 0).expect("a proposal");
        markets.dispute(&creator, market).expect("a dispute");
        markets.resolve_dispute(market, 0).expect("a word");
        markets.claim_dispute(market, &creator).expect("a bond");
        let purse = markets.balance(trader.tokens);
        let protocol = markets.state(market).protocol_fees;
        markets.redeem(market, &[&trader]).expect("a payout");
        assert_eq!(markets.balance(trader.tokens), purse + held);
        let lamports = markets.chain().lamports(creator.address()).expect("SOL");
        markets.resolve_all(market, &[&trader, &provider]);
        // The rent is the creator's, but for none of the tokens; these are the protocol's.
        let rent = markets.chain().lamports(creator.address()).expect("SOL") - lamports;
        assert!(rent > sent, "{rent}");
        let fees = markets.venue_state().protocol_fees;
        assert!(
            (fees - protocol).abs_diff(700_000_006) <= 4,
            "{fees} with {protocol} of fees, and rounding"
        );
    }
}

/// Nor do lamports at the address of a venue's tokens block the venue of wrapped SOL.
#[test]
fn lamports_sent_before_block_no_venue_of_wrapped_sol() {
    let mut markets = MarketsWorld::start(&MarketsOptions::default());
    let mint = markets
        .world
        .chain
        .create_mint(&wrapped_sol())
        .expect("the mint");
    let venue = addresses::venue(&mint.address);
    let tokens = addresses::venue_tokens(&venue);
    let sent = markets.chain().rent(165) + 1;
    for address in [venue, tokens] {
        let chain = &mut markets.world.chain;
        chain.airdrop(address, sent).expect("lamports");
    }
    let admin = markets.world.admin.insecure_clone();
    let create = markets.build_venue(mint, MarketsOptions::default().terms);
    markets
        .send(create.instruction(), &[&admin])
        .expect("a venue");
    assert_eq!(markets.balance(tokens), 1);
    assert_eq!(markets.read::<Venue>(venue).protocol_fees, 0);
}
