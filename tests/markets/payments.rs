//! Standard markets, where people are paid whom anybody may have paid: at the associated token account,
//! and elsewhere only if that is there and cannot receive, so that nobody keeps a market from closing.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::{
    addresses::{associated_tokens, markets as addresses},
    instructions::{signed_by, with_fallback},
};
use markets::error::MarketError;
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{ExpectError, MarketsOptions, MarketsWorld, Trader};

use crate::support::{with_account, Spoiling};

const PURSE: u64 = 1_000_000_000_000;

/// An owner whose associated token account cannot receive, and another account of his.
struct Spoiled {
    owner: Trader,
    fallback: Pubkey,
}

impl Spoiled {
    fn new(
        markets: &mut MarketsWorld,
        owner: Trader,
        spoiling: Spoiling,
        freezer: &Keypair,
    ) -> Self {
        let mint = markets.mint;
        let chain = &mut markets.world.chain;
        spoiling.spoil(chain, mint, owner.tokens, &owner.key, freezer);
        let fallback = markets.token_account(owner.address(), 0);
        Self { owner, fallback }
    }

    /// Expects that `instruction` pays its owner at the other account and nowhere else, and that
    /// nobody else's accounts help; gives what it paid.
    fn is_paid(
        &self,
        markets: &mut MarketsWorld,
        instruction: &Instruction,
        somebody: &Trader,
        also_spoiled: &Self,
        refusal: MarketError,
    ) -> u64 {
        let elsewhere = |tokens| with_account(instruction.clone(), self.owner.tokens, tokens);
        for refused in [
            instruction.clone(),
            elsewhere(self.fallback),
            elsewhere(somebody.tokens),
            with_fallback(elsewhere(self.fallback), self.fallback),
            with_fallback(elsewhere(also_spoiled.owner.tokens), self.fallback),
            with_fallback(elsewhere(somebody.tokens), self.fallback),
            with_fallback(instruction.clone(), somebody.tokens),
            with_fallback(instruction.clone(), also_spoiled.fallback),
            with_fallback(instruction.clone(), self.owner.tokens),
        ] {
            markets.send(refused, &[]).expect_refusal(refusal);
        }
        let before = markets.balance(self.fallback);
        markets
            .send(with_fallback(instruction.clone(), self.fallback), &[])
            .expect("a payout at the other account");
        markets.balance(self.fallback) - before
    }
}

/// The creator proposes, disputes, provides and holds shares, and spoils his token account when all of
/// it is due. Everybody is paid, and the market closes, without him.
#[test]
fn spoiled_account_holds_up_nothing() {
    for spoiling in Spoiling::ALL {
        println!("{spoiling:?}");
        let freezer = Keypair::new();
        let mut markets = MarketsWorld::start(&MarketsOptions {
            mint: spoiling.mint(&freezer),
            ..MarketsOptions::default()
        });
        let terms = markets.terms(2);
        let market = markets.market(terms);
        let creator = markets.creator();
        let free = [markets.trader(PURSE), markets.trader(PURSE)];
        let other = markets.trader(PURSE);
        for trader in [&creator, &free[0], &free[1], &other] {
            markets.open(trader, market).expect("a position");
            markets.buy(trader, market, 0, 10_000_000).expect("a buy");
        }
        markets.propose(&creator, market, 0).expect("a proposal");
        markets.dispute(&creator, market).expect("a dispute");
        let deadline = markets.state(market).arbitration_until;
        markets.go_to_second(deadline);
        markets.void(market).expect("a void");

        let bad = Spoiled::new(&mut markets, creator, spoiling, &freezer);
        let other = Spoiled::new(&mut markets, other, spoiling, &freezer);
        let state = markets.state(market);
        let due = |trader: &Trader, markets: &MarketsWorld| {
            let shares = markets.position(market, trader).holdings.shares;
            state.settlement.payout_of(&shares).expect("a payout")
        };

        // He is passed over in a batch, and paid in one with his other account.
        let (dues, his) = (
            free.each_ref().map(|trader| due(trader, &markets)),
            due(&bad.owner, &markets),
        );
        markets
            .redeem(market, &[&bad.owner, &free[0]])
            .expect("the free one's payout");
        let paid = |markets: &MarketsWorld, trader: &Trader| {
            markets.balance(trader.tokens) + 10_000_000 - PURSE
        };
        assert_eq!(paid(&markets, &free[0]), dues[0]);
        let batch = markets.build_redeem(market, &[&free[1], &other.owner]);
        markets
            .send(with_fallback(batch.instruction(), other.fallback), &[])
            .expect("two payouts");
        assert_eq!(paid(&markets, &free[1]), dues[1]);
        let redeem = markets.build_redeem(market, &[&bad.owner]).instruction();
        let refusal = MarketError::NothingRedeemed;
        let got = bad.is_paid(&mut markets, &redeem, &free[0], &other, refusal);
        assert_eq!(got, his);

        let refusal = MarketError::WrongTokenAccount;
        let mut books = markets.state(market);
        let mut liquidity = markets.liquidity(market, &bad.owner);
        let fees = books
            .take_fees(&mut liquidity, markets.moment())
            .expect("fees");
        let value = books.redeem_liquidity(liquidity.shares).expect("a value");
        for (instruction, due) in [
            (
                markets
                    .build_redeem_liquidity(market, &bad.owner)
                    .instruction(),
                value + fees,
            ),
            (
                markets
                    .build_claim_proposal(market, &bad.owner)
                    .instruction(),
                state.proposer_claim,
            ),
            (
                markets
                    .build_claim_dispute(market, &bad.owner)
                    .instruction(),
                state.disputer_claim,
            ),
            (
                markets.build_close(market).instruction(),
                state.creator_fees,
            ),
        ] {
            assert!(due > 0);
            let got = bad.is_paid(&mut markets, &instruction, &free[0], &other, refusal);
            assert_eq!(got, due);
        }
        markets.forget(market);
    }
}

/// With another account given the money still goes to the associated one, as long as it can receive:
/// one instruction is right whatever its owner does with it just before.
#[test]
fn other_account_is_not_paid_while_the_associated_one_can_receive() {
    let mut markets = MarketsWorld::start(&Default::default());
    let terms = markets.terms(2);
    let market = markets.market(terms);
    let (trader, creator) = (markets.trader(PURSE), markets.creator());
    markets.open(&trader, market).expect("a position");
    markets.buy(&trader, market, 0, 10_000_000).expect("a buy");
    markets.resolve(market, 0);
    let held = markets.position(market, &trader).holdings.shares[0];
    let fallback = markets.token_account(trader.address(), 0);
    let purse = markets.balance(trader.tokens);
    let redeem = markets.build_redeem(market, &[&trader]).instruction();
    markets
        .send(with_fallback(redeem, fallback), &[])
        .expect("a payout");
    assert_eq!(markets.balance(trader.tokens), purse + held);
    let creators = markets.token_account(creator.address(), 0);
    for instruction in [
        markets
            .build_redeem_liquidity(market, &creator)
            .instruction(),
        markets.build_claim_proposal(market, &creator).instruction(),
        markets.build_close(market).instruction(),
    ] {
        let purse = markets.balance(creator.tokens);
        markets
            .send(with_fallback(instruction, creators), &[])
            .expect("a payout");
        assert!(markets.balance(creator.tokens) > purse);
    }
    markets.forget(market);
    assert_eq!(markets.balance(fallback) + markets.balance(creators), 0);
}

/// An associated account that is not there is no reason to pay elsewhere: anybody can create it.
#[test]
fn missing_associated_account_is_created_not_passed_by() {
    let mut markets = MarketsWorld::start(&Default::default());
    let terms = markets.terms(2);
    let market = markets.market(terms);
    let key = markets.world.chain.new_actor().expect("an actor");
    let tokens = markets.token_account(key.pubkey(), PURSE);
    let owner = Trader::new(key, tokens);
    markets.open(&owner, market).expect("a position");
    markets.buy(&owner, market, 0, 10_000_000).expect("a buy");
    markets.resolve(market, 0);
    let held = markets.position(market, &owner).holdings.shares[0];
    let mint = markets.mint;
    let associated = associated_tokens(&owner.address(), &mint.address, &mint.program.id());
    let elsewhere = markets.build_redeem(market, &[&owner]).instruction();
    let redeem = with_account(elsewhere.clone(), owner.tokens, associated);
    // Lamports make it no token account.
    markets
        .world
        .chain
        .airdrop(associated, 1_000_000)
        .expect("a gift");
    for refused in [
        elsewhere.clone(),
        redeem.clone(),
        with_fallback(redeem.clone(), owner.tokens),
    ] {
        markets
            .send(refused, &[])
            .expect_refusal(MarketError::NothingRedeemed);
    }
    let created = markets.associated_account(owner.address(), 0);
    assert_eq!(created, associated);
    markets
        .send(with_fallback(redeem, owner.tokens), &[])
        .expect("a payout");
    assert_eq!(markets.balance(associated), held);
    // Nothing is left for the owner's own signature.
    markets
        .send(signed_by(elsewhere, &owner.address()), &[&owner.key])
        .expect_refusal(MarketError::NothingRedeemed);
}

/// What pays nothing after the settlement keeps no market from closing: anybody closes it, without a
/// token account of its owner, and the rent is whose it was.
#[test]
fn worthless_positions_are_closed_by_anybody() {
    let mut markets = MarketsWorld::start(&Default::default());
    let terms = markets.terms(2);
    let market = markets.market(terms);
    let payer = markets.trader(PURSE);
    let owners = [(); 3].map(|()| {
        let key = markets.world.chain.new_actor().expect("an actor");
        let mint = markets.mint;
        let tokens = associated_tokens(&key.pubkey(), &mint.address, &mint.program.id());
        Trader::new(key, tokens)
    });
    let mut accounts = Vec::new();
    for owner in &owners {
        let mut position = markets.build_position(owner, market);
        position.payer = payer.address();
        let mut liquidity = markets.build_liquidity(owner, market);
        liquidity.payer = payer.address();
        markets
            .send_all(
                &[position.instruction(), liquidity.instruction()],
                &[&payer.key, &owner.key],
            )
            .expect("accounts");
        accounts.push(addresses::position(&market, &owner.address()));
        accounts.push(addresses::liquidity(&market, &owner.address()));
    }
    // One has the outcome that loses, one nothing, and one LP shares that are worth nothing: none.
    let mut buy = markets.build_buy(&payer, market, 1, 1_000_000);
    buy.buyer.owner = owners[0].address();
    markets
        .send(buy.instruction(), &[&payer.key])
        .expect("a purchase");
    markets.resolve(market, 0);
    let lamports = |markets: &MarketsWorld, of| markets.chain().lamports(of).expect("lamports");
    let rent: u64 = accounts.iter().map(|of| lamports(&markets, *of)).sum();
    let before = lamports(&markets, payer.address());
    let all: Vec<_> = owners.iter().collect();
    markets.redeem(market, &all).expect("closings");
    for owner in &owners {
        markets.redeem_liquidity(market, owner).expect("a closing");
        assert!(markets
            .chain()
            .find_account(owner.tokens)
            .expect("the chain")
            .is_none());
    }
    assert_eq!(lamports(&markets, payer.address()), before + rent);
    markets.resolve_all(market, &[]);
}

/// A position that is paid a base unit, of an owner without a token account, costs whoever wants the
/// market closed the rent of one: 2,039,280 lamports, against 31,382,640 that the creator gets back.
/// The money of others waits for nothing.
#[test]
fn dust_positions_cost_the_creator_a_token_account_each() {
    let mut markets = MarketsWorld::start(&Default::default());
    let terms = markets.terms(2);
    let market = markets.market(terms);
    let hostile = markets.trader(PURSE);
    let owner = {
        let key = markets.world.chain.new_actor().expect("an actor");
        let mint = markets.mint;
        let tokens = associated_tokens(&key.pubkey(), &mint.address, &mint.program.id());
        Trader::new(key, tokens)
    };
    markets.open(&hostile, market).expect("a position");
    markets.open(&owner, market).expect("a position");
    markets
        .buy(&hostile, market, 0, 1_000_000)
        .expect("a purchase");
    markets
        .transfer_shares(&hostile, &owner, market, 0, 1)
        .expect("a gift");
    markets.resolve(market, 0);
    let creator = markets.creator();
    markets.redeem(market, &[&hostile]).expect("a payout");
    markets
        .redeem_liquidity(market, &creator)
        .expect("a payout");
    markets.claim_proposal(market, &creator).expect("a bond");
    let collect = markets.build_collect_creator(market).instruction();
    markets.send(collect, &[]).expect("fees");
    let state = markets.state(market);
    assert!(state.pool.cash <= 1 + 1 && state.liquidity_fees <= 1);

    markets
        .redeem(market, &[&owner])
        .expect_refusal(MarketError::NothingRedeemed);
    markets
        .close(market)
        .expect_refusal(MarketError::ClaimsOpen);
    let rents = [market, state.token_account].map(|of| markets.chain().lamports(of).expect("rent"));
    assert_eq!(markets.associated_account(owner.address(), 0), owner.tokens);
    let cost = markets.chain().lamports(owner.tokens).expect("rent");
    assert_eq!((cost, rents.iter().sum::<u64>()), (2_039_280, 31_382_640));
    markets.redeem(market, &[&owner]).expect("a payout");
    assert_eq!(markets.balance(owner.tokens), 1);
    markets.close(market).expect("a closing");
}
