//! Flash bets, where people are paid whom anybody may have paid: at the associated token account, and
//! elsewhere only if that is there and cannot receive. Nobody holds up a batch, an order or a deposit.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::{
    addresses::{associated_tokens, flash_bets as addresses},
    instructions::{signed_by, with_fallback},
};
use flash_bets::error::FlashError;
use math::Shares;
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{ExpectError, FeeShare, FlashOptions, FlashWorld, Mint, TokenBytecode, User};

use crate::support::{with_account, Spoiling};

const PURSE: u64 = 10_000_000_000;
const LIQUIDITY: u64 = 1_000_000_000_000;

/// A vault with liquidity whose mint's accounts can be spoiled.
struct Scene {
    flash: FlashWorld,
    spoiling: Spoiling,
    freezer: Keypair,
    /// Somebody whose account is all right, and somebody else whose is not.
    somebody: User,
    also_spoiled: User,
    also_fallback: Pubkey,
}

impl Scene {
    fn new(spoiling: Spoiling) -> Self {
        println!("{spoiling:?}");
        let freezer = Keypair::new();
        let mut flash = FlashWorld::start(&FlashOptions {
            mint: spoiling.mint(&freezer),
            ..FlashOptions::default()
        });
        let provider = flash.user(LIQUIDITY);
        flash.deposit(&provider, LIQUIDITY).expect("a deposit");
        let (somebody, also_spoiled) = (flash.user(PURSE), flash.user(0));
        let also_fallback = flash.token_account(also_spoiled.address(), 0);
        let mut scene = Self {
            flash,
            spoiling,
            freezer,
            somebody,
            also_spoiled,
            also_fallback,
        };
        let (key, tokens) = (
            scene.also_spoiled.key.insecure_clone(),
            scene.also_spoiled.tokens,
        );
        scene.spoil(tokens, &key);
        scene
    }

    fn all() -> impl Iterator<Item = Self> {
        Spoiling::ALL.into_iter().map(Self::new)
    }

    fn spoil(&mut self, account: Pubkey, owner: &Keypair) {
        let mint = self.flash.mint;
        let chain = &mut self.flash.world.chain;
        self.spoiling
            .spoil(chain, mint, account, owner, &self.freezer);
    }

    /// Spoils the owner's associated account; gives another one of the owner's.
    fn spoil_account_of(&mut self, owner: &Keypair, account: Pubkey) -> Pubkey {
        self.spoil(account, owner);
        self.flash.token_account(owner.pubkey(), 0)
    }

    /// Expects that `instruction`, which would pay at `spoiled`, pays at `fallback` of the same owner
    /// and nowhere else, and that nobody else's accounts help; gives what it paid.
    fn pays(
        &mut self,
        instruction: &Instruction,
        spoiled: Pubkey,
        fallback: Pubkey,
        refusal: FlashError,
    ) -> u64 {
        let (healthy, other, others) = (
            self.somebody.tokens,
            self.also_spoiled.tokens,
            self.also_fallback,
        );
        let elsewhere = |tokens| with_account(instruction.clone(), spoiled, tokens);
        for refused in [
            instruction.clone(),
            elsewhere(fallback),
            elsewhere(healthy),
            with_fallback(elsewhere(fallback), fallback),
            with_fallback(elsewhere(other), fallback),
            with_fallback(elsewhere(healthy), fallback),
            with_fallback(instruction.clone(), healthy),
            with_fallback(instruction.clone(), others),
            with_fallback(instruction.clone(), spoiled),
        ] {
            self.flash.send(refused, &[]).expect_refusal(refusal);
        }
        let before = self.flash.balance(fallback);
        self.flash
            .send(with_fallback(instruction.clone(), fallback), &[])
            .expect("a payment to the other account");
        self.flash.balance(fallback) - before
    }
}

#[test]
fn spoiled_accounts_hold_up_no_batch() {
    for mut scene in Scene::all() {
        let flash = &mut scene.flash;
        let args = flash.terms(2);
        let market = flash.market(args);
        let users: Vec<User> = (0..4).map(|_| flash.user(PURSE)).collect();
        for user in &users {
            flash.open_ticket(user, market).expect("a ticket");
            flash.place(user, market, 0, 1_000_000).expect("a bet");
        }
        flash.resolve(market, 0).expect("a resolution");
        let [bad, first, second, third] = users.as_slice() else {
            panic!("four users");
        };
        let fallback = scene.spoil_account_of(&bad.key, bad.tokens);
        let flash = &mut scene.flash;
        let paid = |flash: &FlashWorld, user: &User| flash.balance(user.tokens) + 1_000_000 - PURSE;
        let held = |flash: &FlashWorld, user: &User| flash.ticket(market, user).holdings.shares[0];
        let due = [first, second, third].map(|user| held(flash, user));

        // Somebody has settled the first one of the batch already.
        flash.settle(market, &[first]).expect("a settlement");
        flash
            .settle(market, &[first])
            .expect_refusal(FlashError::NothingSettled);
        flash
            .settle(market, &[first, bad, second])
            .expect("the second one's settlement");
        assert_eq!([first, second].map(|user| paid(flash, user)), due[..2]);

        let his = held(flash, bad);
        let settle = flash.build_settle(market, &[bad]).instruction();
        let refusal = FlashError::NothingSettled;
        let got = scene.pays(&settle, bad.tokens, fallback, refusal);
        assert_eq!(got, his);
        scene.flash.settle(market, &[third]).expect("the last one");
        scene.flash.close(market).expect("a closing");
    }
}

#[test]
fn pending_sale_is_passed_over_in_a_batch() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let (market, users) = delayed(&mut flash);
    flash
        .cash_out(&users[0], market, 0, 1_000_000)
        .expect("an order");
    let nonce = flash.nonce;
    flash.resolve(market, 0).expect("a resolution");
    let all: Vec<&User> = users.iter().collect();
    flash.settle(market, &all).expect("the other's settlement");
    flash
        .settle(market, &[&users[0]])
        .expect_refusal(FlashError::NothingSettled);
    flash.execute(&users[0], market, nonce).expect("its end");
    flash.settle(market, &[&users[0]]).expect("a settlement");
    flash.close(market).expect("a closing");
}

/// A market with a bet delay of two seconds and four more to execute, and two who hold shares.
fn delayed(flash: &mut FlashWorld) -> (Pubkey, [User; 2]) {
    let mut args = flash.terms(2);
    args.delay_ms = 2_000;
    args.execution_seconds = 4;
    args.freeze_seconds = 4;
    let market = flash.market(args);
    let users = [flash.user(PURSE), flash.user(PURSE)];
    for user in &users {
        flash.open_ticket(user, market).expect("a ticket");
        flash.place(user, market, 0, 5_000_000).expect("an order");
        let nonce = flash.nonce;
        flash.go_to(flash.chain().slot() + 5);
        flash.execute(user, market, nonce).expect("a bet");
    }
    (market, users)
}

/// Whoever could hold up his own order would have an option: to let it be executed, or not.
#[test]
fn orders_end_whatever_their_owner_does() {
    for mut scene in Scene::all() {
        let (market, [user, _]) = delayed(&mut scene.flash);
        let flash = &mut scene.flash;
        let shares = flash.ticket(market, &user).holdings.shares[0] / 2;
        flash.cash_out(&user, market, 0, shares).expect("an order");
        let sale = flash.nonce;
        flash.place(&user, market, 1, 1_000_000).expect("an order");
        let bet = flash.nonce;
        flash.place(&user, market, 1, 2_000_000).expect("an order");
        let late = flash.nonce;
        flash.suspend(market, 1).expect("a suspension");
        flash.resume(market).expect("an end of it");
        let fallback = scene.spoil_account_of(&user.key, user.tokens);

        // Returned, for the suspension, while it could have been executed.
        let flash = &mut scene.flash;
        flash.go_to(flash.chain().slot() + 5);
        let refusal = FlashError::WrongTokenAccount;
        let execute = flash.build_execute(&user, market, bet).instruction();
        let got = scene.pays(&execute, user.tokens, fallback, refusal);
        assert_eq!(got, 1_000_000);
        // Cancelled.
        let flash = &mut scene.flash;
        flash.pass_to(flash.chain().now().seconds() + 5);
        let cancel = flash.build_execute(&user, market, late).instruction();
        let got = scene.pays(&cancel, user.tokens, fallback, refusal);
        assert_eq!(got, 2_000_000);
        // Shares go back to the ticket, whatever is wrong with the account.
        scene
            .flash
            .execute(&user, market, sale)
            .expect("a cancellation");
    }
}

#[test]
fn sales_are_executed_whatever_their_owner_does() {
    for mut scene in Scene::all() {
        let (market, [user, _]) = delayed(&mut scene.flash);
        let flash = &mut scene.flash;
        let shares = flash.ticket(market, &user).holdings.shares[0] / 2;
        flash.cash_out(&user, market, 0, shares).expect("an order");
        let nonce = flash.nonce;
        let fallback = scene.spoil_account_of(&user.key, user.tokens);
        let flash = &mut scene.flash;
        flash.go_to(flash.chain().slot() + 5);
        let state = flash.market_state(market);
        let quote = client::quotes::sell(&state, flash.chain().clock(), 0, Shares(shares))
            .expect("a quote");
        let execute = flash.build_execute(&user, market, nonce).instruction();
        let refusal = FlashError::WrongTokenAccount;
        let got = scene.pays(&execute, user.tokens, fallback, refusal);
        assert_eq!(got, quote.trade.cost.0 - quote.trade.fee.0);
    }
}

/// Whoever could hold up his own deposit would have an option too.
#[test]
fn deposits_end_whatever_their_owner_does() {
    for mut scene in Scene::all() {
        let flash = &mut scene.flash;
        // A market that the vault has won, which is booked after the requests.
        let args = flash.terms(2);
        let market = flash.market(args);
        flash
            .open_ticket(&scene.somebody, market)
            .expect("a ticket");
        flash
            .place(&scene.somebody, market, 0, PURSE / 2)
            .expect("a bet");
        flash.resolve(market, 1).expect("a resolution");
        let [returned, minted, cancelled] = [0; 3].map(|_| flash.user(1_000_000));
        for (owner, min_shares) in [(&returned, 1_000_000_000), (&minted, 1), (&cancelled, 1)] {
            let mut request = flash.build_deposit(owner, 1_000_000);
            request.args.min_shares = min_shares;
            flash
                .send(request.instruction(), &[&owner.key])
                .expect("a request");
        }
        flash.release(market).expect("a gain");
        flash.pass_to(flash.deposit_state(&cancelled).available_at);

        let refusal = FlashError::WrongTokenAccount;
        let fallback = scene.spoil_account_of(&returned.key, returned.tokens);
        let execute = scene.flash.build_execute_deposit(&returned).instruction();
        let got = scene.pays(&execute, returned.tokens, fallback, refusal);
        assert_eq!(got, 1_000_000);

        scene.mint_elsewhere(&minted);

        let fallback = scene.spoil_account_of(&cancelled.key, cancelled.tokens);
        let last = scene.flash.deposit_state(&cancelled).available_until;
        scene.flash.pass_to(last + 1);
        let cancel = scene.flash.build_cancel_deposit(&cancelled).instruction();
        let got = scene.pays(&cancel, cancelled.tokens, fallback, refusal);
        assert_eq!(got, 1_000_000);
    }
}

impl Scene {
    /// Executes the deposit of an owner whose account for LP shares is spoiled. Nobody can freeze it.
    fn mint_elsewhere(&mut self, owner: &User) {
        let lp_mint = Mint {
            address: addresses::lp_mint(&self.flash.vault),
            program: self.flash.mint.program,
        };
        let chain = &mut self.flash.world.chain;
        let fallback = chain
            .create_token_account(lp_mint, owner.address())
            .expect("another account");
        let execute = self.flash.build_execute_deposit(owner).instruction();
        let elsewhere = with_account(execute.clone(), owner.lp_tokens, fallback);
        let refusal = FlashError::WrongTokenAccount;
        self.flash
            .send(elsewhere.clone(), &[])
            .expect_refusal(refusal);
        if self.spoiling == Spoiling::Frozen {
            let by_owner = signed_by(elsewhere, &owner.address());
            self.flash
                .send(by_owner, &[&owner.key])
                .expect("where the owner wants it");
        } else {
            self.spoiling.spoil(
                &mut self.flash.world.chain,
                lp_mint,
                owner.lp_tokens,
                &owner.key,
                &self.freezer,
            );
            self.flash
                .send(execute.clone(), &[])
                .expect_refusal(refusal);
            self.flash
                .send(with_fallback(execute, fallback), &[])
                .expect("shares in the other account");
        }
        assert!(self.flash.balance(fallback) > 0);
        assert_eq!(self.flash.balance(owner.lp_tokens), 0);
    }
}

#[test]
fn fees_are_paid_to_spoiled_receivers_and_nobody_else() {
    for mut scene in Scene::all() {
        let flash = &mut scene.flash;
        let mut args = flash.terms(2);
        args.fee_rate = 500;
        let market = flash.market(args);
        flash
            .open_ticket(&scene.somebody, market)
            .expect("a ticket");
        flash
            .place(&scene.somebody, market, 0, 105_000_000)
            .expect("a bet");
        flash.resolve(market, 1).expect("a resolution");
        flash.release(market).expect("a release");
        let vault = flash.vault_state();
        for (share, due) in [
            (FeeShare::Protocol, vault.protocol_fees),
            (FeeShare::Operator, vault.operator_fees),
        ] {
            let flash = &mut scene.flash;
            let collect = flash.build_collect(share);
            let (right, wrong) = match share {
                FeeShare::Protocol => (&flash.treasury, &flash.operator),
                FeeShare::Operator => (&flash.operator, &flash.treasury),
            };
            let (key, wrong) = (right.insecure_clone(), wrong.pubkey());
            let swapped = with_account(collect.instruction(), key.pubkey(), wrong);
            flash
                .send(swapped, &[])
                .expect_refusal(FlashError::WrongAccount);
            let fallback = scene.spoil_account_of(&key, collect.receiver_tokens);
            let refusal = FlashError::WrongTokenAccount;
            let got = scene.pays(
                &collect.instruction(),
                collect.receiver_tokens,
                fallback,
                refusal,
            );
            assert!(due > 0);
            assert_eq!(got, due);
        }
    }
}

/// Nobody has another one paid where he does not look: a program may know no account of its address
/// but the associated one. With a second account given the money still goes there, as long as it can.
#[test]
fn payments_go_to_the_associated_account_unless_the_owner_signs() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let args = flash.terms(2);
    let market = flash.market(args);
    let users = [flash.user(PURSE), flash.user(PURSE)];
    for user in &users {
        flash.open_ticket(user, market).expect("a ticket");
        flash.place(user, market, 0, 1_000_000).expect("a bet");
    }
    flash.resolve(market, 0).expect("a resolution");
    let held = users
        .each_ref()
        .map(|user| flash.ticket(market, user).holdings.shares[0]);
    let others = users
        .each_ref()
        .map(|user| flash.token_account(user.address(), 0));
    let settle = users
        .each_ref()
        .map(|user| flash.build_settle(market, &[user]).instruction());
    let purse = flash.balance(users[0].tokens);
    flash
        .send(with_fallback(settle[0].clone(), others[0]), &[])
        .expect("a payout");
    assert_eq!(flash.balance(users[0].tokens), purse + held[0]);
    let elsewhere = with_account(settle[1].clone(), users[1].tokens, others[1]);
    flash
        .send(elsewhere.clone(), &[])
        .expect_refusal(FlashError::NothingSettled);
    flash
        .send(signed_by(elsewhere, &users[1].address()), &[&users[1].key])
        .expect("where the owner wants it");
    assert_eq!(flash.balance(others[1]), held[1]);
    flash.close(market).expect("a closing");
}

/// An associated account that is not there is no reason to pay elsewhere: anybody can create it.
#[test]
fn missing_associated_account_is_created_not_passed_by() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let args = flash.terms(2);
    let market = flash.market(args);
    let mut user = flash.user(0);
    let key = flash.world.chain.new_actor().expect("an actor");
    user.tokens = flash.token_account(key.pubkey(), PURSE);
    user.key = key;
    flash.open_ticket(&user, market).expect("a ticket");
    flash.place(&user, market, 0, 1_000_000).expect("a bet");
    flash.resolve(market, 0).expect("a resolution");
    let held = flash.ticket(market, &user).holdings.shares[0];
    let mint = flash.mint;
    let associated = associated_tokens(&user.address(), &mint.address, &mint.program.id());
    let elsewhere = flash.build_settle(market, &[&user]).instruction();
    let settle = with_account(elsewhere.clone(), user.tokens, associated);
    flash
        .world
        .chain
        .airdrop(associated, 1_000_000)
        .expect("a gift");
    for refused in [
        elsewhere,
        settle.clone(),
        with_fallback(settle.clone(), user.tokens),
    ] {
        flash
            .send(refused, &[])
            .expect_refusal(FlashError::NothingSettled);
    }
    assert_eq!(flash.associated_account(user.address(), 0), associated);
    flash
        .send(with_fallback(settle, user.tokens), &[])
        .expect("a payout");
    assert_eq!(flash.balance(associated), held);
    flash.close(market).expect("a closing");
}

/// One call of the token program pays eight tickets where that is p-token. Where it is not, the call is
/// refused, nothing has happened, and the same tickets are paid one by one; to the base unit alike.
#[test]
fn tickets_are_paid_in_one_call_or_one_by_one() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let terms = flash.terms(2);
    let market = flash.market(terms);
    let users: Vec<User> = (0..8).map(|_| flash.user(PURSE)).collect();
    for (user, number) in users.iter().zip(0u8..) {
        flash
            .open_and_place(user, market, number % 2, 1_000_000)
            .expect("a bet");
    }
    flash.resolve(market, 0).expect("a resolution");
    let all: Vec<&User> = users.iter().collect();
    let due = users
        .iter()
        .map(|user| flash.balance(user.tokens) + flash.ticket(market, user).holdings.shares[0]);
    let due: Vec<u64> = due.collect();
    let mut settle = flash.build_settle(market, &all);
    settle.in_one_call = true;
    let paid = flash.send(settle.instruction(), &[]);
    match TokenBytecode::from_env().expect("a token program") {
        TokenBytecode::PToken => assert!(paid.is_ok(), "{paid:?}"),
        TokenBytecode::SplToken => {
            assert!(paid.is_err());
            assert_eq!(flash.market_state(market).open_tickets, 8);
            flash.settle(market, &all).expect("one by one");
        }
    }
    for (user, due) in users.iter().zip(due) {
        assert_eq!(flash.balance(user.tokens), due);
        assert_eq!(flash.see(addresses::ticket(&market, &user.address())), None);
    }
    // Who lost is paid nothing, in no call at all.
    let terms = flash.terms(2);
    let market = flash.market(terms);
    flash
        .open_and_place(&users[0], market, 1, 1_000_000)
        .expect("a bet");
    flash.resolve(market, 0).expect("a resolution");
    let mut settle = flash.build_settle(market, &[&users[0]]);
    settle.in_one_call = true;
    flash.send(settle.instruction(), &[]).expect("a closing");
}

#[test]
fn rolling_chains_end_in_another_account_of_their_owners() {
    for mut scene in Scene::all() {
        let flash = &mut scene.flash;
        let markets = [60, 120].map(|seconds| {
            let event_book = flash.create_event_book();
            let mut terms = flash.lasting(2, seconds);
            (terms.delay_ms, terms.execution_seconds) = (2_000, 4);
            flash.announce_on(event_book, terms)
        });
        let opens_at = flash.market_state(markets[1]).hours.opens_at;
        flash.pass_to(opens_at);
        let legs = markets.map(|market| (market, 0));
        let user = flash.user(PURSE);
        let mut open = || {
            flash
                .open_rolling(&user, &legs, 1_000_000)
                .expect("a chain");
            flash.nonce
        };
        let [returned, stopped] = [open(), open()];
        flash.pass_rolling_delay(&user, stopped);
        flash.execute_rolling(&user, stopped).expect("a leg");
        flash.suspend(markets[0], 6).expect("a suspension");
        let fallback = scene.spoil_account_of(&user.key, user.tokens);
        let flash = &scene.flash;
        let execute = flash.build_execute_rolling(&user, returned).instruction();
        let refusal = FlashError::WrongTokenAccount;
        let paid = scene.pays(&execute, user.tokens, fallback, refusal);
        assert_eq!(paid, 1_000_000);

        let flash = &mut scene.flash;
        flash.resolve(markets[0], 0).expect("a result");
        flash.pause().expect("a pause");
        let advance = flash.build_advance(&user, stopped).instruction();
        let paid = scene.pays(&advance, user.tokens, fallback, refusal);
        assert!(paid > 1_900_000, "{paid}");
    }
}
