//! No instruction takes another account than the right one: neither that of another pool, listing or
//! owner, nor one of its own twice, nor a signer that did not sign.

use std::collections::BTreeMap;

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::instructions::{leverage::*, signed_by};
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{LeverageWorld, SendError, Trader, LENT, UNIT};

/// Two pools with a listing each, in each of which the same people have a deposit and a position.
struct Two {
    world: LeverageWorld,
    owner: Trader,
    stranger: Trader,
    /// Each account of the first, and what stands in its place in the second.
    other: BTreeMap<Pubkey, Pubkey>,
}

impl Two {
    fn start() -> Self {
        let mut world = LeverageWorld::start();
        let (owner, stranger) = (world.trader(), world.trader());
        let first = world.listing;
        let second = second_listing(&mut world, &owner);
        let pairs = |listing: &ListingAccounts, person: &Trader| {
            let holding = Holding {
                listing: *listing,
                owner: person.address(),
                nonce: 1,
            };
            let market_position =
                client::addresses::markets::position(&listing.market, &person.address());
            vec![
                listing.pool.pool,
                listing.pool.pool_tokens(),
                listing.group,
                listing.market,
                listing.market_tokens(),
                listing.listing(),
                listing.listing_tokens(),
                listing.listing_position(),
                holding.position(),
                holding.pending_open(),
                market_position,
            ]
        };
        let mut other = BTreeMap::new();
        for person in [&owner, &world.lender()] {
            other.extend(
                pairs(&first, person)
                    .into_iter()
                    .zip(pairs(&second, person)),
            );
        }
        other.insert(owner.address(), stranger.address());
        other.insert(owner.tokens, stranger.tokens);
        other.insert(world.lender.address(), stranger.address());
        other.insert(world.lender.tokens, stranger.tokens);
        other.insert(world.admin().pubkey(), stranger.address());
        world.listing = first;
        Self {
            world,
            owner,
            stranger,
            other,
        }
    }

    /// Sends an instruction with one account wrong after the other, then as it is. `free` are accounts
    /// that whoever sends it may choose; of a request its rent payer too.
    #[track_caller]
    fn play(
        &mut self,
        name: &str,
        instruction: Instruction,
        signers: &[&Keypair],
        free: &[Pubkey],
    ) {
        let addresses: Vec<_> = instruction
            .accounts
            .iter()
            .map(|meta| meta.pubkey)
            .collect();
        for (index, meta) in instruction.accounts.iter().enumerate() {
            let is_optional = meta.pubkey == leverage::ID;
            let is_rent_payer = name.starts_with("request") && index == rent_payer_at(name);
            if free.contains(&meta.pubkey) || is_optional || is_rent_payer {
                continue;
            }
            let others = addresses
                .iter()
                .copied()
                .chain(self.other.get(&meta.pubkey).copied());
            for wrong in others.filter(|wrong| *wrong != meta.pubkey) {
                let mut changed = instruction.clone();
                changed.accounts[index].pubkey = wrong;
                self.refuse(name, index, changed, signers);
            }
            if meta.is_signer {
                let mut unsigned = instruction.clone();
                for same in &mut unsigned.accounts {
                    same.is_signer &= same.pubkey != meta.pubkey;
                }
                self.refuse(name, index, unsigned, signers);
            }
        }
        self.world
            .send(&[instruction], signers)
            .unwrap_or_else(|error| panic!("{name}: {error:?}"));
    }

    #[track_caller]
    fn refuse(&mut self, name: &str, index: usize, instruction: Instruction, signers: &[&Keypair]) {
        let stranger = self.stranger.key.insecure_clone();
        let needed: Vec<_> = instruction
            .accounts
            .iter()
            .filter(|meta| meta.is_signer)
            .collect();
        let given = signers.iter().copied().chain([&stranger]);
        let given: Vec<_> = given
            .filter(|key| needed.iter().any(|meta| meta.pubkey == key.pubkey()))
            .collect();
        let account = instruction.accounts[index].pubkey;
        match self.world.markets.send_unchecked(&[instruction], &given) {
            Err(SendError::Refused(_) | SendError::Sign(_)) => {}
            other => panic!("{name} took account {index} as {account}: {other:?}"),
        }
    }
}

/// Where a request has its rent payer, who may be anybody that signs.
fn rent_payer_at(name: &str) -> usize {
    usize::from(name != "request_open")
}

/// Another pool with a group, which lends on nothing yet.
pub fn second_pool(world: &mut LeverageWorld) -> (PoolAccounts, Pubkey) {
    let admin = world.admin();
    let create = CreatePool {
        admin: admin.pubkey(),
        mint: world.markets.mint.address,
        token_program: world.markets.token_program(),
        id: 2,
        terms: LeverageWorld::pool_terms(),
    };
    let group = CreateGroup {
        admin: admin.pubkey(),
        pool: create.pool(),
        id: 1,
    };
    for instruction in [create.instruction(), group.instruction()] {
        world.markets.send(instruction, &[&admin]).expect("a pool");
    }
    let pool = PoolAccounts {
        pool: create.pool(),
        ..world.listing.pool
    };
    world.markets.count_in(pool.pool_tokens());
    (pool, group.group())
}

/// A second pool that lends on a second market, with a deposit, a request and a position of each.
fn second_listing(world: &mut LeverageWorld, owner: &Trader) -> ListingAccounts {
    let args = LeverageWorld::market_terms(&mut world.markets, 2);
    let market = world.markets.market(args);
    let creator = world.markets.creator();
    let shares = world.markets.liquidity(market, &creator).shares;
    world
        .markets
        .lock(&creator, market, shares)
        .expect("a lock");
    let (pool, group) = second_pool(world);
    world.listing = ListingAccounts {
        pool,
        group,
        market,
        ..world.listing
    };
    world.list().expect("a listing");
    let lender = world.lender();
    world.deposit(&lender, 1, LENT).expect("a deposit");
    world.markets.go_to_second(world.state().open_from);
    world.markets.open(owner, market).expect("a position");
    world
        .open(owner, 1, 0, 450 * UNIT, 300 * UNIT)
        .expect("a position");
    world.request(owner, 2, request()).expect("a request");
    world.listing
}

fn request() -> RequestOpenArgs {
    RequestOpenArgs {
        outcome: 0,
        margin: 150 * UNIT,
        loan: 100 * UNIT,
        min_shares: 0,
    }
}

#[test]
fn accounts_of_another_position_or_listing_are_refused() {
    let mut two = Two::start();
    let owner = Trader::new(two.owner.key.insecure_clone(), two.owner.tokens);
    let keeper = two.world.keeper.key.insecure_clone();
    let free = [keeper.pubkey(), two.world.keeper.tokens];
    let world = &two.world;
    let open = world.build_request(&owner, 1, request()).instruction();
    let execute = world.build_execute(&owner, 1).instruction();
    let monitor = world.build_monitor(&owner, 1).instruction();
    let sale = world.build_sale(&owner, 1);
    let add = AddMargin {
        holding: world.holding(&owner, 1),
        payer: owner.address(),
        payer_tokens: owner.tokens,
        amount: UNIT,
    };
    two.play("request_open", open.clone(), &[&owner.key], &[]);
    let cancel = two.world.build_cancel(&owner, 1).instruction();
    let cancel = signed_by(cancel, &owner.address());
    two.play("cancel_open", cancel, &[&owner.key], &free);
    two.world.send(&[open], &[&owner.key]).expect("a request");
    two.world.wait_for_execution();
    two.play("execute_open", execute, &[&keeper], &free);
    two.play("monitor_health", monitor, &[], &free);
    // Who pays may be anybody, and so may any of his accounts.
    let payer = [owner.address(), owner.tokens];
    two.play("add_margin", add.instruction(), &[&owner.key], &payer);
    two.play("reduce", sale.reduce(UNIT), &[&owner.key], &[]);
    let repay = two.world.build_repay(&owner, 1);
    let again = two.world.build_request(&owner, 3, request()).instruction();
    two.world.remember(&owner, 3);
    two.world.send(&[again], &[&owner.key]).expect("a request");
    two.world.wait_for_execution();
    two.world.execute(&owner, 3).expect("a position");
    two.play("repay", repay.instruction(), &[&owner.key], &[]);
    let close = ClosePosition {
        holding: two.world.holding(&owner, 1),
        rent_payer: owner.address(),
    };
    two.play("close_position", close.instruction(), &[], &[]);
    let sale = two.world.build_sale(&owner, 3);
    two.play("close", sale.close(), &[&owner.key], &[]);
    let claim = two.world.build_claim(&owner, 3);
    two.play("withdraw_claim", claim.instruction(), &[], &[]);
}

#[test]
fn accounts_of_another_deposit_or_pool_are_refused() {
    let mut two = Two::start();
    let lender = two.world.lender();
    let world = &two.world;
    let request = world.build_deposit(&lender, 5, UNIT).instruction();
    let end = world.build_end_deposit(&lender, 5);
    let withdraw = world.build_withdraw(&lender, 5, 1_000 * UNIT).instruction();
    let execute = world.build_execute_withdraw(&lender, 5).instruction();
    two.world.remember_deposit(&lender, 5);
    two.play("request_deposit", request.clone(), &[&lender.key], &[]);
    let state = two.world.deposit_state(&lender, 5);
    two.world.markets.go_to_second(state.available_until + 1);
    two.play("cancel_deposit", end.cancel(), &[], &[]);
    two.world
        .send(&[request], &[&lender.key])
        .expect("a request");
    let state = two.world.deposit_state(&lender, 5);
    two.world.markets.go_to_second(state.available_at);
    two.play(
        "execute_deposit",
        end.execute(),
        &[],
        &[lender.address(), lender.tokens],
    );
    two.play("request_withdraw", withdraw.clone(), &[&lender.key], &[]);
    let state = two.world.withdrawal_state(&lender, 5);
    two.world.markets.go_to_second(state.available_until + 1);
    let cancel = CancelWithdraw {
        pool: two.world.listing.pool.pool,
        owner: lender.address(),
        nonce: 5,
        rent_payer: lender.address(),
    };
    two.play("cancel_withdraw", cancel.instruction(), &[], &[]);
    two.world
        .send(&[withdraw], &[&lender.key])
        .expect("a request");
    let state = two.world.withdrawal_state(&lender, 5);
    two.world.markets.go_to_second(state.available_at);
    two.play("execute_withdraw", execute, &[], &[]);
}

#[test]
fn accounts_of_another_market_are_refused_at_the_end() {
    let mut two = Two::start();
    let owner = Trader::new(two.owner.key.insecure_clone(), two.owner.tokens);
    let admin = two.world.admin();
    two.world
        .open(&owner, 1, 0, 450 * UNIT, 300 * UNIT)
        .expect("a position");
    let market = two.world.listing.market;
    two.world.markets.resolve(market, 0);
    let settle = SettleMarket {
        listing: two.world.listing,
        rent_payer: admin.pubkey(),
    };
    two.play("settle_market", settle.instruction(), &[], &[]);
    let settle = SettlePosition {
        holding: two.world.holding(&owner, 1),
    };
    two.play("settle_position", settle.instruction(), &[], &[]);
    two.world.claim(&owner, 1).expect("a payment");
    two.world.close_position(&owner, 1).expect("an end");
    let stranger = two.stranger.key.insecure_clone();
    let delist = Delist {
        authority: stranger.pubkey(),
        listing: two.world.listing,
        rent_payer: admin.pubkey(),
    };
    // Anybody, and of a settled market neither the market nor its position is looked at.
    let free = [stranger.pubkey(), two.world.listing.listing_position()];
    two.play("delist", delist.instruction(), &[&stranger], &free);
}

#[test]
fn accounts_of_another_market_are_refused_in_a_liquidation() {
    let mut two = Two::start();
    let owner = Trader::new(two.owner.key.insecure_clone(), two.owner.tokens);
    two.world
        .open(&owner, 1, 0, 450 * UNIT, 450 * UNIT)
        .expect("a position");
    let other = two.world.trader();
    let market = two.world.listing.market;
    let buy = two.world.markets.buy(&other, market, 1, 12_000 * UNIT);
    buy.expect("a purchase");
    let trip = TripByPrice {
        listing: two.world.listing,
        outcome: 0,
    };
    two.play("trip_by_price", trip.instruction(), &[], &[]);
    let then = two.world.markets.seconds() + 4 * 60 * 60;
    two.world.markets.go_to_second(then);
    let call = CallDeleverage {
        listing: two.world.listing,
        outcome: 0,
    };
    two.play("call_deleverage", call.instruction(), &[], &[]);
    two.world.monitor(&owner, 1).expect("a mark");
    two.world.wait_for_execution();
    let liquidate = two.world.build_liquidate(&[(&owner, 1)]).liquidate();
    let free = [two.world.keeper.tokens];
    two.play("liquidate", liquidate, &[], &free);
    assert_eq!(two.world.pool_state().book.debt_shares, 0);
}
