//! Standard markets, what must not work: accounts that are not the right ones, times and terms out of
//! range, powers that nobody has, and exits that somebody would like to block.

use anchor_lang::{error::ErrorCode, prelude::Pubkey, solana_program::instruction::Instruction};
use client::{
    addresses::markets as addresses,
    instructions::{markets::*, signed_by},
};
use markets::{error::MarketError, state::Position};
use oracle::error::OracleError;
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{
    ExpectError, Expected, MarketsOptions, MarketsWorld, MintExtension, MintOptions,
    PassedOnByMarkets, TokenProgram, Trader,
};

use crate::support::{refuse_durable_nonces, refuse_swaps, unsigned, with_account, Swap};

const PURSE: u64 = 1_000_000_000_000;

/// Two markets of one venue, a second venue, and two people with positions in both markets.
struct Scene {
    markets: MarketsWorld,
    market: Pubkey,
    other_market: Pubkey,
    other_venue: Pubkey,
    /// Of another mint, with 10⁹ in it, and the owner `thief`.
    other_money: Pubkey,
    user: Trader,
    thief: Trader,
}

impl Scene {
    fn new() -> Self {
        let mut markets = MarketsWorld::start(&Default::default());
        let terms = markets.terms(2);
        let market = markets.market(terms);
        let terms = markets.terms(2);
        let other_market = markets.market(terms);
        let (user, thief) = (markets.trader(PURSE), markets.trader(PURSE));
        for trader in [&user, &thief] {
            for market in [market, other_market] {
                markets.open(trader, market).expect("a position");
                markets.open_provider(trader, market);
                markets.buy(trader, market, 0, 10_000_000).expect("a buy");
                markets.split(trader, market, 1_000_000).expect("sets");
                markets.add(trader, market, 1_000_000).expect("liquidity");
            }
        }
        let mint = markets.new_mint();
        let admin = markets.world.admin.insecure_clone();
        let create = markets.build_venue(mint, MarketsOptions::default().terms);
        markets
            .send(create.instruction(), &[&admin])
            .expect("another venue");
        let other_money = markets
            .world
            .chain
            .create_funded_token_account(mint, thief.address(), 1_000_000_000)
            .expect("money of another mint");
        Self {
            other_venue: addresses::venue(&mint.address),
            markets,
            market,
            other_market,
            other_money,
            user,
            thief,
        }
    }

    /// Sends `instruction` with each of `swaps` in turn and expects its refusal.
    fn refuse(&mut self, instruction: &Instruction, signers: &[&Keypair], swaps: &[Swap]) {
        refuse_swaps(&mut self.markets, instruction, signers, swaps);
    }
}

fn tradable(market: &Pubkey, trader: &Trader) -> Pubkey {
    addresses::position(market, &trader.address())
}

#[test]
fn money_in_takes_no_wrong_account() {
    let mut scene = Scene::new();
    let (market, other, user) = (scene.market, scene.other_market, scene.user.address());
    let key = scene.user.key.insecure_clone();
    let tokens = addresses::market_tokens(&market);
    let (venue, thief) = (scene.markets.venue, scene.thief.address());
    let (own_money, thiefs_money) = (scene.user.tokens, scene.thief.tokens);
    let (other_venue, other_money) = (scene.other_venue, scene.other_money);
    let position = tradable(&market, &scene.user);
    let swaps: Vec<Swap> = vec![
        (venue, other_venue, &MarketError::WrongAccount),
        (venue, market, &ErrorCode::AccountDiscriminatorMismatch),
        (market, other, &MarketError::WrongAccount),
        (
            tokens,
            addresses::market_tokens(&other),
            &MarketError::WrongAccount,
        ),
        (tokens, own_money, &MarketError::WrongAccount),
        (
            position,
            tradable(&other, &scene.user),
            &MarketError::WrongAccount,
        ),
        (own_money, thiefs_money, &"OwnerMismatch"),
        (own_money, other_money, &"MintMismatch"),
        (
            anchor_spl::token::ID,
            Pubkey::new_unique(),
            &ErrorCode::InvalidProgramId,
        ),
        (
            anchor_spl::token::ID,
            TokenProgram::Token2022.id(),
            &"IncorrectProgramId",
        ),
    ];
    for instruction in [
        scene
            .markets
            .build_buy(&scene.user, market, 0, 1_000)
            .instruction(),
        scene
            .markets
            .build_buy_shares(&scene.user, market, 0, 1_000)
            .instruction(),
        scene
            .markets
            .build_split(&scene.user, market, 1_000)
            .instruction(),
        scene
            .markets
            .build_add(&scene.user, market, 100_000)
            .instruction(),
    ] {
        scene.refuse(&instruction, &[&key], &swaps);
        scene
            .markets
            .send(unsigned(instruction, user), &[])
            .expect_refusal(ErrorCode::AccountNotSigner);
    }
    let liquidity = addresses::liquidity(&market, &user);
    let add = scene
        .markets
        .build_add(&scene.user, market, 100_000)
        .instruction();
    scene.refuse(
        &add,
        &[&key],
        &[
            (
                position,
                tradable(&market, &scene.thief),
                &MarketError::WrongAccount,
            ),
            (
                liquidity,
                addresses::liquidity(&market, &thief),
                &MarketError::WrongAccount,
            ),
            (
                liquidity,
                addresses::liquidity(&other, &user),
                &MarketError::WrongAccount,
            ),
        ],
    );
}

#[test]
fn money_out_takes_no_wrong_account() {
    let mut scene = Scene::new();
    let (market, other, user) = (scene.market, scene.other_market, scene.user.address());
    let key = scene.user.key.insecure_clone();
    let tokens = addresses::market_tokens(&market);
    let own_money = scene.user.tokens;
    let (venue_tokens, other_money) = (
        addresses::venue_tokens(&scene.markets.venue),
        scene.other_money,
    );
    let position = tradable(&market, &scene.user);
    let swaps: Vec<Swap> = vec![
        (market, other, &MarketError::WrongAccount),
        (tokens, venue_tokens, &MarketError::WrongAccount),
        (
            position,
            tradable(&market, &scene.thief),
            &MarketError::WrongAccount,
        ),
        (
            position,
            tradable(&other, &scene.user),
            &MarketError::WrongAccount,
        ),
        (own_money, other_money, &"MintMismatch"),
    ];
    for instruction in [
        scene
            .markets
            .build_sell(&scene.user, market, 0, 100_000)
            .instruction(),
        scene
            .markets
            .build_merge(&scene.user, market, 1_000)
            .instruction(),
        scene
            .markets
            .build_remove(&scene.user, market, 100_000)
            .instruction(),
    ] {
        scene.refuse(&instruction, &[&key], &swaps);
        scene
            .markets
            .send(unsigned(instruction, user), &[])
            .expect_refusal(ErrorCode::AccountNotSigner);
    }
    // Fees vest with time.
    let later = scene.markets.chain().slot() + 1_000;
    scene.markets.go_to(later);
    // What anybody may send pays nobody but the owner.
    let collect = scene
        .markets
        .build_collect(&scene.user, market)
        .instruction();
    let thiefs_money = scene.thief.tokens;
    scene.refuse(
        &collect,
        &[],
        &[
            (own_money, thiefs_money, &MarketError::WrongTokenAccount),
            (
                addresses::liquidity(&market, &user),
                addresses::liquidity(&other, &user),
                &MarketError::WrongAccount,
            ),
            (tokens, venue_tokens, &MarketError::WrongAccount),
        ],
    );
    let creators = scene.markets.creator.tokens;
    let collect = scene.markets.build_collect_creator(market).instruction();
    scene.refuse(
        &collect,
        &[],
        &[(creators, thiefs_money, &MarketError::WrongTokenAccount)],
    );
    let release = scene.markets.build_release(market).instruction();
    let (venue, other_venue) = (scene.markets.venue, scene.other_venue);
    scene.refuse(
        &release,
        &[],
        &[
            (venue, other_venue, &MarketError::WrongAccount),
            (
                venue_tokens,
                addresses::market_tokens(&other),
                &MarketError::WrongAccount,
            ),
        ],
    );
    scene
        .markets
        .send(release, &[])
        .expect("fees for the venue");
    let collect = scene.markets.build_collect_protocol().instruction();
    let treasury = scene.markets.treasury_tokens;
    scene.refuse(
        &collect,
        &[],
        &[(treasury, thiefs_money, &MarketError::WrongTokenAccount)],
    );
}

#[test]
fn the_end_takes_no_wrong_account() {
    let mut scene = Scene::new();
    let (market, other) = (scene.market, scene.other_market);
    let key = scene.thief.key.insecure_clone();
    let observation = scene.markets.observe(market, 0);
    let propose = scene
        .markets
        .build_propose(&scene.thief, market, observation)
        .instruction();
    let (set, arbiters) = (scene.markets.world.provider_set, scene.markets.arbiter_set);
    let tokens = addresses::market_tokens(&market);
    let (own_money, users_money) = (scene.thief.tokens, scene.user.tokens);
    scene.refuse(
        &propose,
        &[&key],
        &[
            (set, arbiters, &MarketError::WrongProviderSet),
            (market, other, &MarketError::WrongFeed),
            (
                tokens,
                addresses::market_tokens(&other),
                &MarketError::WrongAccount,
            ),
            (own_money, users_money, &"OwnerMismatch"),
            (observation, set, &ErrorCode::AccountDiscriminatorMismatch),
        ],
    );
    scene
        .markets
        .send(unsigned(propose.clone(), key.pubkey()), &[])
        .expect_refusal(ErrorCode::AccountNotSigner);
    scene.markets.send(propose, &[&key]).expect("a proposal");
    let dispute = scene
        .markets
        .build_dispute(&scene.thief, market)
        .instruction();
    scene.refuse(
        &dispute,
        &[&key],
        &[
            (
                addresses::dispute(&market),
                addresses::dispute(&other),
                &ErrorCode::ConstraintSeeds,
            ),
            (own_money, users_money, &"OwnerMismatch"),
        ],
    );
    scene.markets.send(dispute, &[&key]).expect("a dispute");
    scene.markets.resolve_dispute(market, 0).expect("a word");
    scene.markets.resolve(other, 0);

    let position = tradable(&market, &scene.user);
    let redeem = scene
        .markets
        .build_redeem(market, &[&scene.user])
        .instruction();
    let (user, thief) = (scene.user.address(), scene.thief.address());
    let other_money = scene.other_money;
    scene.refuse(
        &redeem,
        &[],
        &[
            (
                position,
                tradable(&other, &scene.user),
                &MarketError::WrongAccount,
            ),
            (user, thief, &MarketError::WrongAccount),
            (users_money, own_money, &MarketError::NothingRedeemed),
            (users_money, other_money, &MarketError::NothingRedeemed),
            (
                position,
                addresses::liquidity(&market, &user),
                &MarketError::WrongAccount,
            ),
            (
                tokens,
                addresses::market_tokens(&other),
                &MarketError::WrongAccount,
            ),
        ],
    );
    let redeem = scene
        .markets
        .build_redeem_liquidity(market, &scene.user)
        .instruction();
    scene.refuse(
        &redeem,
        &[],
        &[
            (
                addresses::liquidity(&market, &user),
                addresses::liquidity(&other, &user),
                &MarketError::WrongAccount,
            ),
            (user, thief, &MarketError::WrongAccount),
            (users_money, own_money, &MarketError::WrongTokenAccount),
        ],
    );
    let claim = scene
        .markets
        .build_claim_proposal(market, &scene.thief)
        .instruction();
    scene.refuse(
        &claim,
        &[],
        &[(own_money, users_money, &MarketError::WrongTokenAccount)],
    );
    let claim = scene
        .markets
        .build_claim_dispute(market, &scene.thief)
        .instruction();
    scene.refuse(
        &claim,
        &[],
        &[
            (thief, user, &MarketError::WrongAccount),
            (market, other, &MarketError::WrongAccount),
        ],
    );
    let close = scene.markets.build_close(market).instruction();
    let creator = scene.markets.creator.address();
    let (venue, other_venue) = (scene.markets.venue, scene.other_venue);
    scene.refuse(
        &close,
        &[],
        &[
            (creator, thief, &MarketError::WrongAccount),
            (venue, other_venue, &MarketError::WrongAccount),
        ],
    );
}

/// A frozen or closed account of one owner holds up nobody else, in the same batch either.
#[test]
fn frozen_owner_blocks_nobody() {
    let freezer = Keypair::new();
    let mut markets = MarketsWorld::start(&MarketsOptions {
        mint: MintOptions {
            freeze_authority: Some(freezer.pubkey()),
            ..MintOptions::default()
        },
        ..MarketsOptions::default()
    });
    let terms = markets.terms(2);
    let market = markets.market(terms);
    let (frozen, free) = (markets.trader(PURSE), markets.trader(PURSE));
    for trader in [&frozen, &free] {
        markets.open(trader, market).expect("a position");
        markets.buy(trader, market, 0, 10_000_000).expect("a buy");
    }
    markets
        .propose(&frozen, market, 1)
        .expect("a proposal of who will be frozen");
    markets.dispute(&free, market).expect("a dispute");
    let (mint, account) = (markets.mint, frozen.tokens);
    markets
        .world
        .chain
        .freeze(mint, account, &freezer)
        .expect("a freeze");
    markets.resolve_dispute(market, 0).expect("an end");
    let held = markets.position(market, &free).holdings.shares[0];
    let purse = markets.balance(free.tokens);
    markets
        .redeem(market, &[&frozen, &free])
        .expect("the free one's payout");
    assert_eq!(markets.balance(free.tokens), purse + held);
    markets
        .redeem(market, &[&frozen])
        .expect_refusal(MarketError::NothingRedeemed);
    let creator = markets.creator();
    markets
        .redeem_liquidity(market, &creator)
        .expect("a payout");
    markets.claim_dispute(market, &free).expect("a bond");
    // Another account of his will do, if he signs.
    let tokens = markets.token_account(frozen.address(), 0);
    let other = Trader::new(frozen.key.insecure_clone(), tokens);
    let redeem = markets.build_redeem(market, &[&other]).instruction();
    markets
        .send(redeem.clone(), &[])
        .expect_refusal(MarketError::NothingRedeemed);
    markets
        .send(signed_by(redeem, &other.address()), &[&other.key])
        .expect("a payout");
    markets.close(market).expect("a closing");
}

/// Nobody has another one paid where he does not look: a program may know no account of its address
/// but the associated one.
#[test]
fn payouts_go_to_the_associated_account_unless_the_owner_signs() {
    let mut markets = MarketsWorld::start(&Default::default());
    let terms = markets.terms(2);
    let market = markets.market(terms);
    let trader = markets.trader(PURSE);
    let creator = markets.creator();
    markets.open(&trader, market).expect("a position");
    markets.open_provider(&trader, market);
    markets
        .add(&trader, market, 100_000_000)
        .expect("liquidity");
    markets.buy(&trader, market, 0, 100_000_000).expect("a buy");
    let [lost, creators_lost] =
        [trader.address(), creator.address()].map(|owner| markets.token_account(owner, 0));
    let treasury = markets.treasury.insecure_clone();
    let treasury_lost = markets.token_account(treasury.pubkey(), 0);

    // Fees vest with time.
    let later = markets.chain().slot() + 1_000;
    markets.go_to(later);
    let collect = markets.build_collect(&trader, market).instruction();
    refuse_elsewhere(&mut markets, collect, &trader.key, trader.tokens, lost);
    let collect = markets.build_collect_creator(market).instruction();
    refuse_elsewhere(
        &mut markets,
        collect,
        &creator.key,
        creator.tokens,
        creators_lost,
    );
    let release = markets.build_release(market).instruction();
    markets.send(release, &[]).expect("fees for the venue");
    let collect = markets.build_collect_protocol().instruction();
    let usual = markets.treasury_tokens;
    refuse_elsewhere(&mut markets, collect, &treasury, usual, treasury_lost);

    markets
        .buy(&trader, market, 0, 100_000_000)
        .expect("creator's fees");
    markets.propose(&trader, market, 0).expect("a proposal");
    markets.dispute(&trader, market).expect("a dispute");
    markets.resolve_dispute(market, 0).expect("a word");
    let claim = markets.build_claim_proposal(market, &trader).instruction();
    refuse_elsewhere(&mut markets, claim, &trader.key, trader.tokens, lost);
    markets.claim_dispute(market, &trader).expect("its end");
    let redeem = markets
        .build_redeem_liquidity(market, &trader)
        .instruction();
    refuse_elsewhere(&mut markets, redeem, &trader.key, trader.tokens, lost);
    let redeem = markets.build_redeem(market, &[&trader]).instruction();
    let elsewhere = with_account(redeem, trader.tokens, lost);
    markets
        .send(elsewhere.clone(), &[])
        .expect_refusal(MarketError::NothingRedeemed);
    markets
        .send(signed_by(elsewhere, &trader.address()), &[&trader.key])
        .expect("a payout where the owner wants it");
    markets
        .redeem_liquidity(market, &creator)
        .expect("a payout");
    let close = markets.build_close(market).instruction();
    refuse_elsewhere(
        &mut markets,
        close,
        &creator.key,
        creator.tokens,
        creators_lost,
    );
    markets.forget(market);
}

/// Expects that `instruction` pays `owner` at `other` in place of `usual` with his signature only.
fn refuse_elsewhere(
    markets: &mut MarketsWorld,
    instruction: Instruction,
    owner: &Keypair,
    usual: Pubkey,
    other: Pubkey,
) {
    let elsewhere = with_account(instruction, usual, other);
    markets
        .send(elsewhere.clone(), &[])
        .expect_refusal(MarketError::WrongTokenAccount);
    let before = markets.balance(other);
    markets
        .send(signed_by(elsewhere, &owner.pubkey()), &[owner])
        .expect("a payout where the owner wants it");
    assert!(markets.balance(other) > before);
}

/// An owner whose account asks for memos holds up nobody else in his batch.
#[test]
fn memo_that_is_asked_for_blocks_nobody() {
    let mut markets = MarketsWorld::start(&MarketsOptions {
        mint: MintOptions {
            program: TokenProgram::Token2022,
            ..MintOptions::default()
        },
        ..MarketsOptions::default()
    });
    let terms = markets.terms(2);
    let market = markets.market(terms);
    let (fussy, free) = (markets.trader(PURSE), markets.trader(PURSE));
    for trader in [&fussy, &free] {
        markets.open(trader, market).expect("a position");
        markets.buy(trader, market, 0, 10_000_000).expect("a buy");
    }
    markets.resolve(market, 0);
    markets
        .world
        .chain
        .require_memos(fussy.tokens, &fussy.key)
        .expect("an extension");
    let held = markets.position(market, &free).holdings.shares[0];
    let purse = markets.balance(free.tokens);
    markets
        .redeem(market, &[&fussy, &free])
        .expect("the free one's payout");
    assert_eq!(markets.balance(free.tokens), purse + held);
    markets
        .redeem(market, &[&fussy])
        .expect_refusal(MarketError::NothingRedeemed);
}

#[test]
fn owner_and_payer_may_be_two_and_the_payer_gets_the_rent() {
    let mut markets = MarketsWorld::start(&Default::default());
    let terms = markets.terms(2);
    let market = markets.market(terms);
    let (owner, payer) = (markets.trader(PURSE), markets.trader(0));
    let mut open = markets.build_position(&owner, market);
    open.payer = payer.address();
    let instruction = open.instruction();
    markets
        .send(
            unsigned(instruction.clone(), owner.address()),
            &[&payer.key],
        )
        .expect_refusal(ErrorCode::AccountNotSigner);
    markets
        .send(instruction.clone(), &[&payer.key, &owner.key])
        .expect("a position");
    markets
        .send(instruction, &[&payer.key, &owner.key])
        .expect_refusal("AccountAlreadyInUse");
    let position = tradable(&market, &owner);
    let rent = markets.chain().lamports(position).expect("lamports");
    let before = markets.chain().lamports(payer.address()).expect("lamports");
    markets.resolve(market, 0);
    let mut redeem = markets.build_redeem(market, &[&owner]);
    redeem.positions[0].rent_payer = owner.address();
    markets
        .send(redeem.instruction(), &[])
        .expect_refusal(MarketError::WrongRentReceiver);
    markets.redeem(market, &[&owner]).expect("a closing");
    let after = markets.chain().lamports(payer.address()).expect("lamports");
    assert_eq!(after, before + rent);
}

/// Lamports at an address, sent before there is an account, do not keep it from being created.
#[test]
fn prefunded_addresses_do_not_stop_creation() {
    let mut markets = MarketsWorld::start(&Default::default());
    let args = markets.terms(2);
    let creator = markets.creator();
    let market = markets.build_market(&creator, args.clone()).market();
    let trader = markets.trader(PURSE);
    for address in [
        market,
        addresses::market_tokens(&market),
        addresses::liquidity(&market, &creator.address()),
        addresses::dispute(&market),
        tradable(&market, &trader),
        addresses::liquidity(&market, &trader.address()),
    ] {
        markets
            .world
            .chain
            .airdrop(address, 1_000_000)
            .expect("a gift");
    }
    let market = markets.market(args);
    markets.open(&trader, market).expect("a position");
    markets.open_provider(&trader, market);
    markets.propose(&trader, market, 0).expect("a proposal");
    markets.dispute(&trader, market).expect("a dispute");
}

#[test]
fn mints_that_can_take_back_are_refused() {
    let mut markets = MarketsWorld::start(&Default::default());
    let admin = markets.world.admin.insecure_clone();
    let terms = MarketsOptions::default().terms;
    for extension in [
        MintExtension::CloseAuthority,
        MintExtension::ConfidentialTransfer,
        MintExtension::DefaultFrozen,
        MintExtension::InterestBearing,
        MintExtension::NonTransferable,
        MintExtension::Pausable,
        MintExtension::PermanentDelegate,
        MintExtension::TransferFee,
        MintExtension::TransferHook,
    ] {
        println!("{extension:?}");
        let mint = markets
            .world
            .chain
            .create_mint(&MintOptions {
                program: TokenProgram::Token2022,
                extensions: vec![extension],
                freeze_authority: Some(admin.pubkey()),
                ..MintOptions::default()
            })
            .expect("a mint");
        let create = markets.build_venue(mint, terms).instruction();
        markets
            .send(create, &[&admin])
            .expect_refusal(MarketError::MintExtensionRefused);
    }
    let mut markets = MarketsWorld::start(&MarketsOptions {
        mint: MintOptions {
            program: TokenProgram::Token2022,
            extensions: vec![MintExtension::MetadataPointer],
            ..MintOptions::default()
        },
        ..MarketsOptions::default()
    });
    let terms = markets.terms(2);
    let market = markets.market(terms);
    let trader = markets.trader(PURSE);
    markets.open(&trader, market).expect("a position");
    markets
        .buy(&trader, market, 0, 1_000_000)
        .expect("a buy with a harmless mint");
    markets.resolve_all(market, &[&trader]);
}

#[test]
fn venue_is_the_admins_and_terms_rise_behind_the_timelock() {
    let mut markets = MarketsWorld::start(&Default::default());
    let (admin, guardian) = (
        markets.world.admin.insecure_clone(),
        markets.world.guardian.insecure_clone(),
    );
    let stranger = markets.trader(0).key;
    let venue = markets.venue;
    let terms = markets.venue_state().terms.value;
    let set = |authority: &Keypair, terms: Terms| {
        SetVenueTerms {
            authority: authority.pubkey(),
            venue,
            terms,
        }
        .instruction()
    };
    let mut lower = terms;
    lower.protocol_fee_share -= 1;
    lower.min_liquidity_fee_share += 1;
    lower.min_resolution_seconds += 1;
    lower.max_dispute_window_seconds -= 1;
    markets
        .send(set(&stranger, lower), &[&stranger])
        .expect_refusal(PassedOnByMarkets(OracleError::NotAdminOrGuardian));
    markets
        .send(set(&guardian, lower), &[&guardian])
        .expect("lower at once");
    assert_eq!(markets.venue_state().terms.value, lower);
    markets
        .send(set(&guardian, terms), &[&guardian])
        .expect_refusal(MarketError::NotAdmin);
    let mut bond = lower;
    bond.bond_floor -= 1;
    markets
        .send(set(&guardian, bond), &[&guardian])
        .expect_refusal(MarketError::NotAdmin);
    markets
        .send(set(&admin, terms), &[&admin])
        .expect("a proposal");
    let now = |markets: &MarketsWorld| markets.chain().now().seconds();
    assert_eq!(markets.venue_state().terms.at(now(&markets)), lower);
    markets.world.pass_timelock();
    assert_eq!(markets.venue_state().terms.at(now(&markets)), terms);

    let broken: [fn(&mut Terms); 11] = [
        |terms| terms.bond_floor = 0,
        |terms| terms.bond_cap = 1,
        |terms| terms.min_dispute_window_seconds = 59,
        |terms| terms.max_dispute_window_seconds = terms.min_dispute_window_seconds - 1,
        |terms| terms.min_resolution_seconds = 2 * 60 * 60 - 1,
        |terms| terms.min_resolution_seconds = 90 * 24 * 60 * 60 + 1,
        |terms| terms.creator_bond_share = 10_001,
        |terms| terms.protocol_fee_share = 10_001,
        |terms| terms.min_liquidity_fee_share = 10_001 - terms.protocol_fee_share,
        |terms| terms.max_fee_rate = 501,
        |terms| terms.slot_ms = 49,
    ];
    for change in broken {
        let mut terms = terms;
        change(&mut terms);
        markets
            .send(set(&admin, terms), &[&admin])
            .expect_refusal(MarketError::TermsOutOfRange);
    }

    for (instruction, signer, expected) in [
        (
            Pause {
                authority: stranger.pubkey(),
                venue,
            }
            .instruction(),
            &stranger,
            &PassedOnByMarkets(OracleError::NotAdminOrGuardian) as &dyn Expected,
        ),
        (
            Unpause {
                admin: guardian.pubkey(),
                venue,
            }
            .instruction(),
            &guardian,
            &MarketError::NotAdmin,
        ),
        (
            Unpause {
                admin: admin.pubkey(),
                venue,
            }
            .instruction(),
            &admin,
            &MarketError::NotPaused,
        ),
    ] {
        markets
            .send(instruction, &[signer])
            .expect_refusal(expected);
    }
    let mint = markets.new_mint();
    let mut create = markets.build_venue(mint, terms);
    create.admin = stranger.pubkey();
    markets
        .send(create.instruction(), &[&stranger])
        .expect_refusal(MarketError::NotAdmin);
    create.admin = admin.pubkey();
    create.args.treasury = Pubkey::default();
    markets
        .send(create.instruction(), &[&admin])
        .expect_refusal(MarketError::DefaultKey);
}

#[test]
fn admin_instructions_refuse_durable_nonces() {
    let mut markets = MarketsWorld::start(&Default::default());
    let admin = markets.world.admin.insecure_clone();
    let (venue, terms) = (markets.venue, markets.venue_state().terms.value);
    let mint = markets.new_mint();
    let instructions = [
        markets.build_venue(mint, terms).instruction(),
        SetVenueTerms {
            authority: admin.pubkey(),
            venue,
            terms,
        }
        .instruction(),
        Pause {
            authority: admin.pubkey(),
            venue,
        }
        .instruction(),
        Unpause {
            admin: admin.pubkey(),
            venue,
        }
        .instruction(),
    ];
    refuse_durable_nonces(&mut markets, &instructions, &MarketError::DurableNonce);
}

fn up_down(strike_at_ms: u64) -> RuleTerms {
    RuleTerms::ThresholdAtOpening { strike_at_ms }
}

#[test]
fn observation_times_at_their_edges_are_taken() {
    let mut markets = MarketsWorld::start(&Default::default());
    let changes: [fn(&mut CreateMarketArgs); 6] = [
        |args| args.observe_at_ms -= 60_000,
        |args| {
            args.opens_at += 86_400;
            args.locks_at += 86_400;
            args.observe_at_ms += 86_400_000;
        },
        |args| args.observe_at_ms += 3_600_000,
        |args| args.observe_at_ms += (60 * 60 + 90 * 24 * 60 * 60) * 1_000,
        |args| {
            args.rule = up_down(args.observe_at_ms - 60_000);
            args.observe_at_ms += 3_600_000;
        },
        |args| {
            args.rule = up_down(args.observe_at_ms + 59_000);
            args.observe_at_ms += 3_600_000;
        },
    ];
    for change in changes {
        let mut args = markets.terms(2);
        change(&mut args);
        markets.market(args);
    }
}

#[test]
fn terms_of_a_market_have_their_ranges() {
    type Case = (fn(&mut CreateMarketArgs), MarketError);
    let mut markets = MarketsWorld::start(&Default::default());
    let creator = markets.creator();
    let cases: Vec<Case> = vec![
        (
            |args| args.locks_at = args.opens_at + 59,
            MarketError::DurationOutOfRange,
        ),
        (
            |args| args.locks_at = args.opens_at + 731 * 24 * 60 * 60,
            MarketError::DurationOutOfRange,
        ),
        (
            |args| {
                args.opens_at += 31 * 24 * 60 * 60;
                args.locks_at += 31 * 24 * 60 * 60;
            },
            MarketError::DurationOutOfRange,
        ),
        (
            |args| {
                args.opens_at -= 61;
                args.locks_at -= 61;
            },
            MarketError::DurationOutOfRange,
        ),
        (
            |args| args.frozen_seconds = 60 * 60,
            MarketError::HoursInvalid,
        ),
        (
            |args| args.proposal_seconds = 2 * 60 * 60 - 1,
            MarketError::ResolutionTimeOutOfRange,
        ),
        (
            |args| args.arbitration_seconds = 2 * 60 * 60 - 1,
            MarketError::ResolutionTimeOutOfRange,
        ),
        (
            |args| args.arbitration_seconds = 91 * 24 * 60 * 60,
            MarketError::ResolutionTimeOutOfRange,
        ),
        (
            |args| args.dispute_window_seconds = 59,
            MarketError::DisputeWindowOutOfRange,
        ),
        (
            |args| args.dispute_window_seconds = 8 * 24 * 60 * 60,
            MarketError::DisputeWindowOutOfRange,
        ),
        (
            |args| args.observe_at_ms -= 61_000,
            MarketError::ObservationTimeOutOfRange,
        ),
        (
            |args| args.observe_at_ms += (60 * 60 + 90 * 24 * 60 * 60 + 1) * 1_000,
            MarketError::ObservationTimeOutOfRange,
        ),
        (
            |args| args.observe_at_ms += 61_000,
            MarketError::ObservationTimeOutOfRange,
        ),
        (
            |args| args.observe_at_ms += 60 * 60 * 1_000 - 1_000,
            MarketError::ObservationTimeOutOfRange,
        ),
        (
            |args| args.observe_at_ms += 1_000,
            MarketError::ObservationTimeOutOfRange,
        ),
        // An answer that may be known long before the market opens.
        (
            |args| {
                args.opens_at += 61;
                args.locks_at += 61;
            },
            MarketError::ObservationTimeOutOfRange,
        ),
        (
            |args| {
                args.opens_at += 24 * 60 * 60;
                args.locks_at += 24 * 60 * 60;
                args.observe_at_ms += 3_600_000;
            },
            MarketError::ObservationTimeOutOfRange,
        ),
        // The last price of an up/down market comes after trading, its first near the opening.
        (
            |args| args.rule = up_down(args.observe_at_ms - 1),
            MarketError::ObservationTimeOutOfRange,
        ),
        (
            |args| {
                args.rule = up_down(args.observe_at_ms - 60_001);
                args.observe_at_ms += 3_600_000;
            },
            MarketError::ObservationTimeOutOfRange,
        ),
        (
            |args| {
                args.rule = up_down(args.observe_at_ms + 61_000);
                args.observe_at_ms += 3_600_000;
            },
            MarketError::ObservationTimeOutOfRange,
        ),
        (
            |args| {
                args.outcomes = 3;
                args.rule = up_down(args.observe_at_ms);
                args.observe_at_ms += 3_600_000;
            },
            MarketError::RuleOutcomes,
        ),
        (|args| args.fee_rate = 501, MarketError::FeeRateOutOfRange),
        (
            |args| args.creator_fee_share = 8_001,
            MarketError::FeeSplitOutOfRange,
        ),
        // The protocol's part is 2,000, and the providers' 1,000 at least.
        (
            |args| args.creator_fee_share = 7_001,
            MarketError::LiquidityFeeShareTooLow,
        ),
        (
            |args| args.feed_id = [0xff; 32],
            MarketError::NotAFieldElement,
        ),
        (
            |args| args.outcomes = 1,
            MarketError::OutcomeCountOutOfRange,
        ),
        (
            |args| args.outcomes = 65,
            MarketError::OutcomeCountOutOfRange,
        ),
        (
            |args| (args.curve, args.outcomes) = (Curve::L2, 65),
            MarketError::OutcomeCountOutOfRange,
        ),
        (
            |args| (args.curve, args.outcomes) = (Curve::PmAmm { micro_tau: false }, 3),
            MarketError::OutcomeCountOutOfRange,
        ),
        (
            |args| args.weights = vec![1; 3],
            MarketError::OutcomeCountOutOfRange,
        ),
        (
            |args| args.weights = vec![0, 1],
            MarketError::PriorOutOfRange,
        ),
        (
            |args| args.weights = vec![0, 0],
            MarketError::PriorOutOfRange,
        ),
        (
            |args| args.weights = vec![1, 100_000],
            MarketError::PriorOutOfRange,
        ),
        (|args| args.depth = 999, MarketError::DepthOutOfRange),
        (|args| args.depth = u64::MAX, MarketError::DepthOutOfRange),
        (
            |args| args.rule = RuleTerms::Threshold { strikes: vec![] },
            MarketError::StrikesInvalid,
        ),
        (
            |args| {
                args.outcomes = 3;
                args.rule = RuleTerms::Threshold {
                    strikes: vec![5, 5],
                };
            },
            MarketError::StrikesInvalid,
        ),
        (
            |args| args.rule = RuleTerms::Scalar { low: 1, high: 1 },
            MarketError::BoundsInvalid,
        ),
        (
            |args| {
                args.outcomes = 3;
                args.rule = RuleTerms::Linear { low: 0, high: 1 };
                args.tolerance = 0;
            },
            MarketError::RuleOutcomes,
        ),
        (
            |args| {
                args.rule = RuleTerms::Linear {
                    low: 0,
                    high: 1_000,
                };
                args.tolerance = 11;
            },
            MarketError::ToleranceOutOfRange,
        ),
    ];
    for (number, (change, expected)) in cases.into_iter().enumerate() {
        println!("case {number}");
        let mut args = markets.terms(2);
        change(&mut args);
        markets.try_market(&creator, args).expect_refusal(expected);
    }
}

#[test]
fn sets_of_the_wrong_role_are_refused_at_creation() {
    let mut markets = MarketsWorld::start(&Default::default());
    let creator = markets.creator();
    let (primary, arbiters) = (markets.world.provider_set, markets.arbiter_set);
    let other_mint = markets.new_mint();
    let args = markets.terms(2);
    let mut create = markets.build_market(&creator, args);
    let market = create.market();
    create.provider_set = arbiters;
    let swapped = create.instruction();
    create.provider_set = primary;
    create.arbiter_set = primary;
    let no_arbiters = create.instruction();
    create.arbiter_set = arbiters;
    let right = create.instruction();
    for (instruction, expected) in [
        (
            swapped,
            &PassedOnByMarkets(OracleError::WrongProviderRole) as &dyn Expected,
        ),
        (
            no_arbiters,
            &PassedOnByMarkets(OracleError::WrongProviderRole),
        ),
        (
            with_account(right.clone(), markets.mint.address, other_mint.address),
            &MarketError::WrongAccount,
        ),
    ] {
        markets
            .send(instruction, &[&creator.key])
            .expect_refusal(expected);
    }
    markets
        .send(unsigned(right.clone(), creator.address()), &[])
        .expect_refusal(ErrorCode::AccountNotSigner);
    markets
        .send(right.clone(), &[&creator.key])
        .expect("a market");
    markets
        .send(right, &[&creator.key])
        .expect_refusal("AccountAlreadyInUse");
    // Nobody else can be made its provider, or hold its positions, by address alone.
    let thief = markets.trader(PURSE);
    let mut open = markets.build_position(&thief, market);
    open.owner = creator.address();
    markets
        .send(
            unsigned(open.instruction(), creator.address()),
            &[&thief.key],
        )
        .expect_refusal(ErrorCode::AccountNotSigner);
    let none = tradable(&market, &creator);
    assert!(markets.find::<Position>(none).is_none());
}
