//! Flash bets, accounts that are not the right ones: swapped, foreign, fake, given twice.

use anchor_lang::{error::ErrorCode, prelude::Pubkey, solana_program::instruction::Instruction};
use client::{addresses::flash_bets as addresses, instructions::flash_bets::*};
use flash_bets::error::FlashError;
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{ExpectError, FeeShare, FlashWorld, TokenProgram, User};

use crate::support::{refuse_durable_nonces, refuse_swaps, unsigned, with_account, Swap};

const PURSE: u64 = 10_000_000_000;

/// Two markets of one vault, a second vault, and two bettors with tickets and bets in both markets.
struct Scene {
    flash: FlashWorld,
    market: Pubkey,
    other_market: Pubkey,
    other_vault: Pubkey,
    /// Of another mint, with 10⁹ in it, and the owner `thief`.
    other_money: Pubkey,
    user: User,
    thief: User,
}

impl Scene {
    fn new() -> Self {
        let (mut flash, _) = FlashWorld::with_liquidity(100_000_000_000);
        let terms = flash.terms(2);
        let market = flash.market(terms);
        let terms = flash.terms(2);
        let other_market = flash.market(terms);
        let (user, thief) = (flash.user(PURSE), flash.user(PURSE));
        for user in [&user, &thief] {
            for market in [market, other_market] {
                flash.open_ticket(user, market).expect("a ticket");
                flash.place(user, market, 0, 1_000_000).expect("a bet");
            }
        }
        let mint = flash.new_mint();
        let admin = flash.world.admin.insecure_clone();
        let create = flash.build_vault(mint, &Default::default());
        flash
            .send(create.instruction(), &[&admin])
            .expect("another vault");
        let other_money = flash
            .world
            .chain
            .create_funded_token_account(mint, thief.address(), 1_000_000_000)
            .expect("money of another mint");
        Self {
            other_vault: addresses::vault(&mint.address, 1),
            flash,
            market,
            other_market,
            other_money,
            user,
            thief,
        }
    }

    /// Sends `instruction` with each of `swaps` in turn and expects its refusal.
    fn refuse(&mut self, instruction: &Instruction, signers: &[&Keypair], swaps: &[Swap]) {
        refuse_swaps(&mut self.flash, instruction, signers, swaps);
    }
}

#[test]
fn bet_takes_no_wrong_account() {
    let mut scene = Scene::new();
    let (market, other, user) = (scene.market, scene.other_market, scene.user.address());
    let bet = scene.flash.build_bet(&scene.user, market, 0, 1_000);
    let instruction = bet.instruction();
    let tokens = addresses::market_tokens(&market);
    let key = scene.user.key.insecure_clone();
    let vault = scene.flash.vault;
    let (own_money, thiefs_money) = (scene.user.tokens, scene.thief.tokens);
    let (other_vault, other_money) = (scene.other_vault, scene.other_money);
    let fake = Pubkey::new_unique();
    scene.refuse(
        &instruction,
        &[&key],
        &[
            (vault, other_vault, &FlashError::WrongAccount),
            (vault, market, &ErrorCode::AccountDiscriminatorMismatch),
            (market, other, &FlashError::WrongAccount),
            (
                tokens,
                addresses::market_tokens(&other),
                &FlashError::WrongAccount,
            ),
            (tokens, own_money, &FlashError::WrongAccount),
            (
                addresses::ticket(&market, &user),
                addresses::ticket(&other, &user),
                &FlashError::WrongAccount,
            ),
            (own_money, thiefs_money, &"OwnerMismatch"),
            (own_money, other_money, &"MintMismatch"),
            (own_money, tokens, &"OwnerMismatch"),
            (anchor_spl::token::ID, fake, &ErrorCode::InvalidProgramId),
            (
                anchor_spl::token::ID,
                TokenProgram::Token2022.id(),
                &"IncorrectProgramId",
            ),
        ],
    );
    scene
        .flash
        .send(unsigned(instruction, user), &[])
        .expect_refusal(ErrorCode::AccountNotSigner);
}

#[test]
fn cash_out_takes_no_wrong_account() {
    let mut scene = Scene::new();
    let (market, other, user) = (scene.market, scene.other_market, scene.user.address());
    let sale = scene
        .flash
        .build_cash_out(&scene.user, market, 0, 1_000)
        .instruction();
    let tokens = addresses::market_tokens(&market);
    let key = scene.user.key.insecure_clone();
    let (own_money, thief) = (scene.user.tokens, scene.thief.address());
    let (other_money, vault_tokens) = (
        scene.other_money,
        addresses::vault_tokens(&scene.flash.vault),
    );
    scene.refuse(
        &sale,
        &[&key],
        &[
            (market, other, &FlashError::WrongAccount),
            (tokens, vault_tokens, &FlashError::WrongAccount),
            (
                addresses::ticket(&market, &user),
                addresses::ticket(&market, &thief),
                &FlashError::WrongAccount,
            ),
            (
                addresses::ticket(&market, &user),
                addresses::ticket(&other, &user),
                &FlashError::WrongAccount,
            ),
            (own_money, other_money, &"MintMismatch"),
            (
                anchor_spl::token::ID,
                TokenProgram::Token2022.id(),
                &"IncorrectProgramId",
            ),
        ],
    );
    scene
        .flash
        .send(unsigned(sale.clone(), user), &[])
        .expect_refusal(ErrorCode::AccountNotSigner);
    // The owner may send the money anywhere; to the market itself it is a gift.
    let before = scene.flash.balance(tokens);
    let gift = with_account(sale, own_money, tokens);
    scene
        .flash
        .world
        .chain
        .send(&[gift], &[&key])
        .expect("his own loss");
    assert_eq!(scene.flash.balance(tokens), before);
}

#[test]
fn settlement_takes_no_wrong_account() {
    let mut scene = Scene::new();
    let (market, other) = (scene.market, scene.other_market);
    for market in [market, other] {
        scene.flash.resolve(market, 0).expect("a resolution");
    }
    let settle = scene
        .flash
        .build_settle(market, &[&scene.user])
        .instruction();
    let tokens = addresses::market_tokens(&market);
    let (user, thief) = (scene.user.address(), scene.thief.address());
    let (own_money, thiefs_money) = (scene.user.tokens, scene.thief.tokens);
    let (other_money, lp) = (scene.other_money, scene.user.lp_tokens);
    scene.refuse(
        &settle,
        &[],
        &[
            (market, other, &FlashError::WrongAccount),
            (
                tokens,
                addresses::market_tokens(&other),
                &FlashError::WrongAccount,
            ),
            (
                addresses::ticket(&market, &user),
                addresses::ticket(&other, &user),
                &FlashError::WrongAccount,
            ),
            (
                addresses::ticket(&market, &user),
                addresses::ticket(&market, &thief),
                &FlashError::WrongAccount,
            ),
            (
                addresses::ticket(&market, &user),
                market,
                &FlashError::WrongAccount,
            ),
            (user, thief, &FlashError::WrongAccount),
            (own_money, thiefs_money, &FlashError::NothingSettled),
            (own_money, tokens, &FlashError::NothingSettled),
            (own_money, other_money, &FlashError::NothingSettled),
            (own_money, user, &FlashError::NothingSettled),
            (own_money, lp, &FlashError::NothingSettled),
        ],
    );
    // Both bettors at once, each paid.
    scene
        .flash
        .settle(market, &[&scene.user, &scene.thief])
        .expect("a settlement");
}

#[test]
fn release_and_closing_take_no_wrong_account() {
    let mut scene = Scene::new();
    let (market, other) = (scene.market, scene.other_market);
    for market in [market, other] {
        scene.flash.resolve(market, 0).expect("a resolution");
        scene
            .flash
            .settle(market, &[&scene.user, &scene.thief])
            .expect("a settlement");
    }
    let release = scene.flash.build_release(market).instruction();
    let close = scene.flash.build_close(market).instruction();
    let event = scene.flash.market_state(market).event_book;
    let other_event = scene.flash.market_state(other).event_book;
    let (vault, other_vault) = (scene.flash.vault, scene.other_vault);
    let (operator, thief) = (scene.flash.operator.pubkey(), scene.thief.address());
    let thiefs_money = scene.thief.tokens;
    let swaps: [Swap; 6] = [
        (vault, other_vault, &FlashError::WrongAccount),
        (
            addresses::vault_tokens(&vault),
            thiefs_money,
            &FlashError::WrongAccount,
        ),
        (
            addresses::vault_tokens(&vault),
            addresses::vault_tokens(&other_vault),
            &FlashError::WrongAccount,
        ),
        (market, other, &FlashError::WrongAccount),
        (
            addresses::market_tokens(&market),
            addresses::market_tokens(&other),
            &FlashError::WrongAccount,
        ),
        (event, other_event, &FlashError::WrongAccount),
    ];
    scene.refuse(&release, &[], &swaps);
    scene.refuse(&close, &[], &swaps);
    scene.refuse(&close, &[], &[(operator, thief, &FlashError::WrongAccount)]);
    scene.flash.close(market).expect("a closing");
    let close = CloseEventBook {
        authority: operator,
        vault,
        event_book: event,
        rent_payer: thief,
        verse: None,
    };
    scene
        .flash
        .send_as_operator(close.instruction())
        .expect_refusal(FlashError::WrongAccount);
}

#[test]
fn liquidity_takes_no_wrong_account() {
    let mut scene = Scene::new();
    let thief = scene.thief.key.insecure_clone();
    let (vault, other_vault) = (scene.flash.vault, scene.other_vault);
    let (money, lp, other_money) = (scene.thief.tokens, scene.thief.lp_tokens, scene.other_money);
    let (users_money, users_lp) = (scene.user.tokens, scene.user.lp_tokens);
    let user = scene.user.address();
    let deposit = scene
        .flash
        .build_deposit(&scene.thief, 1_000_000)
        .instruction();
    scene.refuse(
        &deposit,
        &[&thief],
        &[
            (vault, other_vault, &ErrorCode::ConstraintSeeds),
            (
                addresses::vault_tokens(&vault),
                money,
                &FlashError::WrongAccount,
            ),
            (money, users_money, &"OwnerMismatch"),
            (money, other_money, &"MintMismatch"),
            (
                addresses::deposit(&vault, &thief.pubkey()),
                addresses::deposit(&vault, &user),
                &ErrorCode::ConstraintSeeds,
            ),
        ],
    );
    scene
        .flash
        .send(unsigned(deposit, thief.pubkey()), &[])
        .expect_refusal(ErrorCode::AccountNotSigner);

    for owner in [&scene.thief, &scene.user] {
        let flash = &mut scene.flash;
        flash.request_deposit(owner, 1_000_000).expect("a request");
    }
    let available_at = scene.flash.deposit_state(&scene.user).available_at;
    scene.flash.pass_to(available_at);
    let execute = scene.flash.build_execute_deposit(&scene.user).instruction();
    scene.refuse(
        &execute,
        &[],
        &[
            (vault, other_vault, &FlashError::WrongAccount),
            (
                addresses::vault_tokens(&vault),
                addresses::vault_tokens(&other_vault),
                &FlashError::WrongAccount,
            ),
            (
                addresses::lp_mint(&vault),
                addresses::lp_mint(&other_vault),
                &FlashError::WrongAccount,
            ),
            (
                addresses::deposit(&vault, &user),
                addresses::deposit(&vault, &thief.pubkey()),
                &FlashError::WrongAccount,
            ),
            (
                addresses::deposit(&vault, &user),
                addresses::ticket(&scene.market, &user),
                &ErrorCode::AccountDiscriminatorMismatch,
            ),
            (user, thief.pubkey(), &FlashError::WrongAccount),
            (users_lp, lp, &FlashError::WrongTokenAccount),
            (users_lp, users_money, &FlashError::WrongTokenAccount),
            (users_lp, thief.pubkey(), &FlashError::WrongTokenAccount),
        ],
    );
    for owner in [&scene.thief, &scene.user] {
        scene.flash.execute_deposit(owner).expect("a deposit");
    }
    let request = scene.flash.build_deposit(&scene.user, 1_000_000);
    let users_key = scene.user.key.insecure_clone();
    scene
        .flash
        .send(request.instruction(), &[&users_key])
        .expect("a request");
    let last = scene.flash.deposit_state(&scene.user).available_until;
    scene.flash.pass_to(last + 1);
    let cancel = scene.flash.build_cancel_deposit(&scene.user).instruction();
    scene.refuse(
        &cancel,
        &[],
        &[
            (vault, other_vault, &FlashError::WrongAccount),
            (
                addresses::vault_tokens(&vault),
                addresses::vault_tokens(&other_vault),
                &FlashError::WrongAccount,
            ),
            (user, thief.pubkey(), &FlashError::WrongAccount),
            (users_money, money, &FlashError::WrongTokenAccount),
            (users_money, users_lp, &FlashError::WrongTokenAccount),
        ],
    );
    scene.flash.cancel_deposit(&scene.user).expect("an end");
    let request = scene.flash.build_request(&scene.thief, 1_000).instruction();
    scene.refuse(
        &request,
        &[&thief],
        &[
            (lp, users_lp, &"OwnerMismatch"),
            (
                addresses::lp_mint(&vault),
                addresses::lp_mint(&other_vault),
                &FlashError::WrongAccount,
            ),
            (
                addresses::withdrawal(&vault, &thief.pubkey()),
                addresses::withdrawal(&vault, &user),
                &ErrorCode::ConstraintSeeds,
            ),
        ],
    );
    scene
        .flash
        .request_withdraw(&scene.user, 1_000_000)
        .expect("a request");
    scene
        .flash
        .request_withdraw(&scene.thief, 1_000_000)
        .expect("a request");
    let due = scene.flash.withdrawal_state(&scene.thief).available_at;
    scene.flash.pass_to(due);
    let withdraw = scene.flash.build_withdraw(&scene.thief).instruction();
    let vault_tokens = addresses::vault_tokens(&vault);
    scene.refuse(
        &withdraw,
        &[],
        &[
            (
                addresses::withdrawal(&vault, &thief.pubkey()),
                addresses::withdrawal(&vault, &user),
                &FlashError::WrongAccount,
            ),
            (vault, other_vault, &FlashError::WrongAccount),
            (
                vault_tokens,
                addresses::vault_tokens(&other_vault),
                &FlashError::WrongAccount,
            ),
            (money, other_money, &FlashError::WrongTokenAccount),
            (money, users_money, &FlashError::WrongTokenAccount),
        ],
    );
}

#[test]
fn creation_takes_no_wrong_account() {
    let mut scene = Scene::new();
    let operator = scene.flash.operator.insecure_clone();
    let event = scene.flash.create_event_book();
    let terms = scene.flash.terms(2);
    let create = scene.flash.build_market(event, terms);
    let id = create.id;
    let feed_book = addresses::feed_book(&scene.flash.vault, &create.feed_id);
    let create = create.instruction();
    let (vault, other_vault) = (scene.flash.vault, scene.other_vault);
    let mint = scene.flash.mint.address;
    let lp_mint = addresses::lp_mint(&vault);
    let market = addresses::market(&vault, id);
    let (taken, thiefs_money) = (scene.market, scene.thief.tokens);
    let thief = scene.thief.address();
    let feed_of = |market| scene.flash.market_state(market).evidence.feed_id;
    let [feed_book_of_taken, other_feed_book] =
        [taken, scene.other_market].map(|market| addresses::feed_book(&vault, &feed_of(market)));
    let fees = addresses::operator_fees(&vault, &operator.pubkey());
    scene.refuse(
        &create,
        &[&operator],
        &[
            (mint, lp_mint, &FlashError::WrongAccount),
            (vault, other_vault, &FlashError::WrongAccount),
            (
                addresses::vault_tokens(&vault),
                thiefs_money,
                &FlashError::WrongAccount,
            ),
            (market, taken, &FlashError::WrongAccount),
            (
                addresses::market_tokens(&market),
                addresses::market_tokens(&taken),
                &FlashError::WrongAccount,
            ),
            (event, taken, &ErrorCode::AccountDiscriminatorMismatch),
            (feed_book, other_feed_book, &FlashError::WrongAccount),
            (feed_book, event, &ErrorCode::AccountDiscriminatorMismatch),
            (feed_book, thiefs_money, &FlashError::WrongAccount),
            (feed_book, thief, &FlashError::WrongAccount),
            (
                fees,
                feed_book_of_taken,
                &ErrorCode::AccountDiscriminatorMismatch,
            ),
            (fees, thief, &FlashError::WrongAccount),
        ],
    );
}

#[test]
fn admin_instructions_refuse_durable_nonces() {
    let mut scene = Scene::new();
    let admin = scene.flash.world.admin.insecure_clone();
    let vault = scene.flash.vault;
    let mint = scene.flash.new_mint();
    let caps = scene.flash.vault_state().caps.value;
    let authority = admin.pubkey();
    let instructions = [
        scene
            .flash
            .build_vault(mint, &Default::default())
            .instruction(),
        ProposeChange {
            authority,
            vault,
            change: VaultChange::Caps(caps),
        }
        .instruction(),
        ProposeChange {
            authority,
            vault,
            change: VaultChange::Operator(authority),
        }
        .instruction(),
        CancelChange {
            authority,
            vault,
            term: VaultTerm::Operator,
        }
        .instruction(),
        scene.flash.build_close_vault().instruction(),
        Pause { authority, vault }.instruction(),
        Unpause { authority, vault }.instruction(),
    ];
    let refusal = FlashError::DurableNonce;
    refuse_durable_nonces(&mut scene.flash, &instructions, &refusal);
}

#[test]
fn fees_take_no_wrong_account() {
    let mut scene = Scene::new();
    let (market, other_vault) = (scene.market, scene.other_vault);
    scene.flash.resolve(market, 1).expect("a resolution");
    scene.flash.release(market).expect("a release");
    let collect = scene.flash.build_collect(FeeShare::Protocol).instruction();
    let treasury_tokens = scene.flash.treasury_tokens;
    let treasury = scene.flash.treasury.pubkey();
    let vault_tokens = addresses::vault_tokens(&scene.flash.vault);
    let lp_mint = addresses::lp_mint(&scene.flash.vault);
    let thiefs_money = scene.thief.tokens;
    scene.refuse(
        &collect,
        &[],
        &[
            (
                vault_tokens,
                addresses::vault_tokens(&other_vault),
                &FlashError::WrongAccount,
            ),
            (vault_tokens, thiefs_money, &FlashError::WrongAccount),
            (
                treasury_tokens,
                thiefs_money,
                &FlashError::WrongTokenAccount,
            ),
            (
                treasury_tokens,
                vault_tokens,
                &FlashError::WrongTokenAccount,
            ),
            (treasury_tokens, treasury, &FlashError::WrongTokenAccount),
            (treasury_tokens, lp_mint, &FlashError::WrongTokenAccount),
        ],
    );
}

/// A program of somebody else's that lays out an account exactly as this one does.
#[test]
fn accounts_of_another_program_are_refused() {
    let mut scene = Scene::new();
    let market = scene.market;
    let mut account = scene
        .flash
        .chain()
        .find_account(market)
        .expect("the chain")
        .expect("a market");
    account.owner = oracle::ID;
    let fake = Pubkey::new_unique();
    scene.flash.world.chain.set_account(fake, account);
    let observation = scene.flash.observe(market, 0);
    let resolve = Resolve {
        market: fake,
        observation,
        strike_observation: None,
    };
    scene
        .flash
        .send(resolve.instruction(), &[])
        .expect_refusal(ErrorCode::AccountOwnedByWrongProgram);

    let mut account = scene
        .flash
        .chain()
        .find_account(observation)
        .expect("the chain")
        .expect("an observation");
    account.owner = flash_bets::ID;
    scene.flash.world.chain.set_account(fake, account);
    let resolve = Resolve {
        market,
        observation: fake,
        strike_observation: None,
    };
    scene
        .flash
        .send(resolve.instruction(), &[])
        .expect_refusal(ErrorCode::AccountOwnedByWrongProgram);
}

/// What is bought where it is cheap is not sold where it is dear.
#[test]
fn bet_in_one_market_buys_no_shares_of_another() {
    let mut scene = Scene::new();
    let (market, other) = (scene.market, scene.other_market);
    let (flash, user, thief) = (&mut scene.flash, &scene.user, &scene.thief);
    flash.place(user, market, 0, 2_000_000_000).expect("a bet");
    flash.place(user, other, 1, 2_000_000_000).expect("a bet");
    let held = |flash: &FlashWorld, market, user| flash.ticket(market, user).holdings.shares;
    let before = [
        held(flash, market, thief),
        held(flash, other, thief),
        held(flash, other, user),
    ];
    let money = flash.balance(thief.tokens);

    let bet = flash
        .build_open_and_bet(thief, other, 0, 50_000_000)
        .instruction();
    let own = addresses::ticket(&other, &thief.address());
    for ticket in [
        addresses::ticket(&market, &thief.address()),
        addresses::ticket(&market, &user.address()),
        addresses::ticket(&other, &user.address()),
    ] {
        flash
            .send(with_account(bet.clone(), own, ticket), &[&thief.key])
            .expect_refusal(FlashError::WrongAccount);
    }
    let after = [
        held(flash, market, thief),
        held(flash, other, thief),
        held(flash, other, user),
    ];
    assert_eq!(after, before);
    assert_eq!(flash.balance(thief.tokens), money);
    flash.send(bet, &[&thief.key]).expect("a bet");
    assert_eq!(flash.balance(thief.tokens), money - 50_000_000);
}
