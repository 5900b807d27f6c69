//! Flash bets, what each role can take in unlimited rounds: the operator with an accomplice, a provider
//! of liquidity. The bounds are those that SECURITY.md names.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token;
use client::{addresses::flash_bets as addresses, instructions::flash_bets::*};
use solana_signer::Signer;
use testbed::{FlashOptions, FlashWorld, Mint, MintOptions, User};

const LIQUIDITY: u64 = 100_000_000_000;
const PURSE: u64 = 1_000_000_000_000;
const DAILY_LOSS: u64 = 5_000_000_000;
const HOUR: i64 = 3_600;

fn guarded() -> (FlashWorld, User) {
    let options = FlashOptions::default();
    let mut flash = FlashWorld::start(&FlashOptions {
        caps: Caps {
            daily_loss: DAILY_LOSS,
            ..options.caps
        },
        ..options
    });
    let provider = flash.user(LIQUIDITY);
    flash.deposit(&provider, LIQUIDITY).expect("a deposit");
    (flash, provider)
}

/// Opens a market at prices that only the operator knows to be wrong, has the accomplice bet nearly all
/// of its funding away, and settles it; whether the vault let it.
fn round(flash: &mut FlashWorld, accomplice: &User, event_book: Pubkey) -> bool {
    let mut terms = flash.lasting(2, 5);
    terms.fee_rate = 0;
    let operator = flash.operator.insecure_clone();
    let create = flash.build_market(event_book, terms);
    let market = addresses::market(&flash.vault, create.id);
    if flash.send(create.instruction(), &[&operator]).is_err() {
        flash.forget(market);
        return false;
    }
    flash.pass_to(flash.market_state(market).hours.opens_at);
    flash
        .open_and_place(accomplice, market, 0, 8_000_000_000)
        .expect("a bet on what will win");
    flash.resolve(market, 0).expect("a resolution");
    flash.settle(market, &[accomplice]).expect("a payout");
    flash.close(market).expect("a closing");
    flash.forget(market);
    true
}

/// Without the bound operator and accomplice took 99 % of the vault in 44 rounds within one slot. With
/// it they take no more than the cap within any day, in as many rounds as they like.
#[test]
fn hostile_operator_takes_no_more_than_the_daily_loss() {
    let (mut flash, _) = guarded();
    let accomplice = flash.user(PURSE);
    let event_book = flash.create_event_book();
    let start = flash.chain().now().seconds();
    let mut takes: Vec<(i64, u64)> = Vec::new();
    while flash.chain().now().seconds() < start + 50 * HOUR {
        let before = flash.balance(accomplice.tokens);
        if round(&mut flash, &accomplice, event_book) {
            let take = flash.balance(accomplice.tokens) - before;
            takes.push((flash.chain().now().seconds(), take));
        } else {
            flash.pass_to(flash.chain().now().seconds() + HOUR);
        }
    }
    let within_a_day_of = |end: i64| {
        let recent = takes
            .iter()
            .filter(|(at, _)| (end - 24 * HOUR..=end).contains(at));
        recent.map(|(_, take)| take).sum::<u64>()
    };
    let most = takes.iter().map(|(at, _)| within_a_day_of(*at)).max();
    let most = most.expect("rounds");
    println!("{} rounds, at most {most} within a day", takes.len());
    assert!(most <= DAILY_LOSS, "{most}");
    // The bound is one that is reached, but for what one market more would be funded with.
    assert!(most > DAILY_LOSS - 700_000_000, "{most}");
    let all: u64 = takes.iter().map(|(_, take)| take).sum();
    assert!(all <= 3 * DAILY_LOSS, "three days begin within 50 hours");
    assert_eq!(all, flash.balance(accomplice.tokens) - PURSE);
}

/// Voids are no way around it: without any provider's help the operator opens a market, the accomplice
/// pushes its price and waits until the slow price has followed, and it goes void.
#[test]
fn hostile_operator_takes_no_more_by_voids() {
    let (mut flash, _) = guarded();
    let accomplice = flash.user(PURSE);
    let event_book = flash.create_event_book();
    let start = flash.chain().now().seconds();
    let mut rounds = 0;
    while flash.chain().now().seconds() < start + 12 * HOUR {
        let mut terms = flash.lasting(2, 600);
        terms.fee_rate = 0;
        let operator = flash.operator.insecure_clone();
        let create = flash.build_market(event_book, terms);
        let market = addresses::market(&flash.vault, create.id);
        if flash.send(create.instruction(), &[&operator]).is_err() {
            flash.forget(market);
            break;
        }
        flash.pass_to(flash.market_state(market).hours.opens_at);
        flash
            .open_and_place(&accomplice, market, 0, 4_000_000_000)
            .expect("a push");
        flash.pass_to(flash.market_state(market).void_from);
        flash.void(market).expect("a void");
        flash.settle(market, &[&accomplice]).expect("a payout");
        flash.close(market).expect("a closing");
        flash.forget(market);
        rounds += 1;
    }
    let taken = flash.balance(accomplice.tokens) - PURSE;
    println!("{taken} taken in {rounds} rounds of voids");
    assert!(rounds > 3 && taken <= DAILY_LOSS, "{taken} in {rounds}");
}

/// A provider who comes and goes around every result, with a deposit and a withdrawal always on their
/// way, gets no more out than he put in: bettors' losses aside, which are everybody's.
#[test]
fn hostile_provider_gains_nothing_by_coming_and_going() {
    let (mut flash, honest) = FlashWorld::with_liquidity(LIQUIDITY);
    let hostile = flash.user(PURSE);
    let bettor = flash.user(PURSE);
    for number in 0..6 {
        // He asks to come in before a market that the vault will win, and to leave before one that it
        // will lose; he knows which, and books nothing himself.
        let is_won = number % 2 == 0;
        if is_won {
            flash
                .request_deposit(&hostile, LIQUIDITY / 10)
                .expect("a request");
        } else {
            let shares = flash.balance(hostile.lp_tokens);
            flash.request_withdraw(&hostile, shares).expect("a request");
        }
        let mut terms = flash.lasting(2, 2 * 3_600);
        terms.fee_rate = 0;
        let market = flash.market(terms);
        flash
            .open_and_place(&bettor, market, 0, 5_000_000_000)
            .expect("a bet");
        if is_won {
            // At cost: the gain is not booked yet, and cannot be before the lock.
            flash.pass_to(flash.deposit_state(&hostile).available_at);
            flash.execute_deposit(&hostile).expect("a deposit");
        } else {
            flash.pass_to(flash.withdrawal_state(&hostile).available_at);
            flash.withdraw(&hostile).expect("a withdrawal");
        }
        let outcome = i64::from(is_won);
        flash.resolve(market, outcome).expect("a resolution");
        flash.settle(market, &[&bettor]).expect("a payout");
        flash.close(market).expect("a closing");
        flash.forget(market);
    }
    let left = flash.balance(hostile.lp_tokens);
    assert_eq!(left, 0);
    let bettors_loss = PURSE - flash.balance(bettor.tokens);
    let hostiles_gain = flash.balance(hostile.tokens).saturating_sub(PURSE);
    println!("{hostiles_gain} of the {bettors_loss} that bettors lost");
    // Of each gain at most his part of the vault, an eleventh, and nothing of a loss is put on others
    // beyond what was in the market, at its cost.
    let won = 3 * 5_000_000_000;
    assert!(hostiles_gain <= won / 10, "{hostiles_gain}");
    let shares = flash.balance(honest.lp_tokens);
    flash.request_withdraw(&honest, shares).expect("a request");
    flash.pass_to(flash.withdrawal_state(&honest).available_at);
    flash.withdraw(&honest).expect("a withdrawal");
    let honest_has = flash.balance(honest.tokens);
    let without_him = LIQUIDITY + bettors_loss;
    println!("the honest one has {honest_has} of {without_him}");
    assert!(honest_has + hostiles_gain + 10 >= without_him);
}

/// A provider who knows every loss beforehand and always leaves before it is booked, with a request
/// always on its way, and comes back after it: open markets count nothing for who leaves, so that he
/// leaves his part of their money behind each time, which is never less than his part of the loss.
#[test]
fn hostile_provider_gains_nothing_by_leaving_before_every_loss() {
    const ROUNDS: u64 = 12;
    let (mut flash, honest) = FlashWorld::with_liquidity(LIQUIDITY);
    let hostile = flash.user(LIQUIDITY);
    let bettor = flash.user(PURSE);
    let mut lost = 0;
    for _ in 0..ROUNDS {
        let money = flash.balance(hostile.tokens);
        flash.deposit(&hostile, money).expect("a deposit");
        let shares = flash.balance(hostile.lp_tokens);
        flash.request_withdraw(&hostile, shares).expect("a request");
        let mut terms = flash.lasting(2, 2 * 3_600);
        terms.fee_rate = 0;
        // Cash for the withdrawal stays free: what is put to use is less than the honest half.
        let market = flash.market(terms);
        let before = flash.balance(bettor.tokens);
        flash
            .open_and_place(&bettor, market, 0, 5_000_000_000)
            .expect("a bet that will win");
        flash.pass_to(flash.withdrawal_state(&hostile).available_at);
        flash.withdraw(&hostile).expect("just before the loss");
        assert_eq!(flash.balance(hostile.lp_tokens), 0);
        flash.resolve(market, 0).expect("a resolution");
        flash.settle(market, &[&bettor]).expect("a payout");
        lost += flash.balance(bettor.tokens) - before;
        flash.close(market).expect("a closing");
        flash.forget(market);
    }
    let hostile_lost = LIQUIDITY - flash.balance(hostile.tokens);
    let vault = flash.vault_state();
    let honest_lost = LIQUIDITY.saturating_sub(vault.cash);
    println!("{lost} lost: {hostile_lost} by who left, {honest_lost} by who stayed");
    assert!(lost > ROUNDS * 680_000_000, "{lost}");
    assert!(
        hostile_lost + 2 * ROUNDS >= honest_lost,
        "{hostile_lost} {honest_lost}"
    );
    assert_eq!(flash.balance(honest.lp_tokens), vault.shares);
}

/// What a deposit takes part in that is executed while a result is known and cannot be booked yet: of a
/// loss and of a gain alike exactly its part of the vault, so of what is in markets at most, and of a
/// day's loss at most. Nobody else loses by it.
#[test]
fn deposit_before_what_is_known_is_booked_takes_its_part_of_it() {
    const DEPOSIT: u64 = LIQUIDITY / 4;
    const STAKE: u64 = 4_000_000_000;
    for is_lost in [true, false] {
        let (mut flash, first) = guarded();
        let late = flash.user(DEPOSIT);
        let bettor = flash.user(PURSE);
        let mut terms = flash.lasting(2, 2 * 3_600);
        terms.fee_rate = 0;
        flash.request_deposit(&late, DEPOSIT).expect("a request");
        let market = flash.market(terms);
        let funding = flash.vault_state().allocated;
        flash
            .open_and_place(&bettor, market, 0, STAKE)
            .expect("a bet whose result everybody knows");
        flash.pass_to(flash.deposit_state(&late).available_at);
        flash.execute_deposit(&late).expect("by anybody");
        // At cost, as if nothing were known.
        assert_eq!(flash.balance(late.lp_tokens), 1_000 * DEPOSIT);
        flash
            .resolve(market, i64::from(!is_lost))
            .expect("a resolution");
        flash.settle(market, &[&bettor]).expect("a payout");
        flash.close(market).expect("a closing");
        let after = LIQUIDITY + DEPOSIT + PURSE - flash.balance(bettor.tokens);
        assert_eq!(flash.vault_state().cash, after);
        let mut exits = [&late, &first].map(|provider| {
            let shares = flash.balance(provider.lp_tokens);
            flash.request_withdraw(provider, shares).expect("a request");
            provider
        });
        exits.reverse();
        flash.pass_to(flash.withdrawal_state(&late).available_at);
        for provider in exits {
            flash.withdraw(provider).expect("a withdrawal");
        }
        let got = [&late, &first].map(|provider| flash.balance(provider.tokens));
        // Four parts are the first one's, one is the late one's.
        let due = [after / 5, after / 5 * 4];
        println!("{got:?} of {after}");
        assert!(got[0].abs_diff(due[0]) <= 5 && got[1].abs_diff(due[1]) <= 5);
        if is_lost {
            let lost = DEPOSIT - got[0];
            assert!(lost <= funding / 5 && lost <= DAILY_LOSS / 5, "{lost}");
            assert!(lost > 680_000_000 / 5, "the bound is one that is reached");
        } else {
            assert!(got[0] - DEPOSIT <= STAKE / 5 + 5);
        }
    }
}

/// What a provider of a deposit of a quarter loses of it who comes in while the first one leaves during a market that is
/// lost; nothing if a bound of so many hundredths of the shares that it would get at once sends it back.
fn newcomer_after_a_leaver(bound_percent: u64) -> Option<u64> {
    const DEPOSIT: u64 = LIQUIDITY / 4;
    let (mut flash, first) = guarded();
    let (late, bettor) = (flash.user(DEPOSIT), flash.user(PURSE));
    let mut terms = flash.lasting(2, 2 * 3_600);
    terms.fee_rate = 0;
    let market = flash.market(terms);
    flash
        .open_and_place(&bettor, market, 0, 4_000_000_000)
        .expect("a bet whose result everybody knows");
    let shares = flash.balance(first.lp_tokens);
    // The last shares stay while a market holds money.
    let leaves = flash.request_withdraw(&first, shares / 100 * 99);
    leaves.expect("a request");
    let mut request = flash.build_deposit(&late, DEPOSIT);
    let now = flash.vault_state().shares_for(DEPOSIT, 0);
    request.args.min_shares = now.expect("shares") / 100 * bound_percent;
    let asked = flash.send(request.instruction(), &[&late.key]);
    asked.expect("a request");
    flash.pass_to(flash.withdrawal_state(&first).available_at);
    flash.withdraw(&first).expect("a withdrawal");
    let executed = flash.execute_deposit(&late);
    if bound_percent > 0 {
        executed.expect("by anybody");
        assert_eq!(flash.balance(late.tokens), DEPOSIT);
        return None;
    }
    executed.expect("by anybody");
    flash.resolve(market, 0).expect("a resolution");
    flash.settle(market, &[&bettor]).expect("a payout");
    flash.close(market).expect("a closing");
    let lp = flash.balance(late.lp_tokens);
    flash.request_withdraw(&late, lp).expect("a request");
    flash.pass_to(flash.withdrawal_state(&late).available_at);
    flash.withdraw(&late).expect("a withdrawal");
    Some(DEPOSIT - flash.balance(late.tokens))
}

/// Who comes in while another leaves has more of what open markets lose than before: a bound on his shares sends him back,
/// since what the other leaves makes a share dearer.
#[test]
fn newcomer_bears_more_of_a_loss_when_another_leaves_unless_bounded() {
    let lost = newcomer_after_a_leaver(0).expect("a deposit");
    println!("{lost} of {} lost", LIQUIDITY / 4);
    assert_eq!(newcomer_after_a_leaver(99), None);
}

/// The mint of wrapped SOL, as on every cluster, and a vault of it with `amount` lamports in it.
fn vault_of_wrapped_sol(flash: &mut FlashWorld, amount: u64) -> (Mint, Pubkey) {
    let mint = flash
        .world
        .chain
        .create_mint(&MintOptions {
            is_native: true,
            ..MintOptions::default()
        })
        .expect("the mint");
    let create = flash.build_vault(mint, &FlashOptions::default());
    let vault = addresses::vault(&mint.address, create.id);
    let admin = flash.world.admin.insecure_clone();
    let token_program = mint.program.id();
    let chain = &mut flash.world.chain;
    chain
        .send(&[create.instruction()], &[&admin])
        .expect("a vault");

    let provider = chain.new_actor().expect("an actor");
    let owner = provider.pubkey();
    let lp_mint = Mint {
        address: addresses::lp_mint(&vault),
        ..mint
    };
    let owner_tokens = chain.create_associated_token_account(mint, owner, 0);
    let owner_tokens = owner_tokens.expect("an account");
    let owner_lp_tokens = chain.create_associated_token_account(lp_mint, owner, 0);
    chain.airdrop(owner_tokens, amount).expect("lamports");
    let sync = spl_token::instruction::sync_native(&token_program, &owner_tokens);
    let request = RequestDeposit {
        owner,
        rent_payer: owner,
        vault,
        owner_tokens,
        token_program,
        args: RequestDepositArgs {
            amount,
            min_shares: 1,
        },
    };
    chain
        .send(
            &[sync.expect("an instruction"), request.instruction()],
            &[&provider],
        )
        .expect("a request");
    chain.advance(9_000, 3_600_000);
    let execute = ExecuteDeposit {
        vault,
        owner,
        rent_payer: owner,
        owner_tokens,
        owner_lp_tokens: owner_lp_tokens.expect("an account"),
        token_program,
    };
    chain
        .send(&[execute.instruction()], &[])
        .expect("a deposit");
    (mint, vault)
}

/// Lamports that somebody sends before to where a market's wrapped SOL will be count as tokens of its
/// account: 2,039,281, a lamport more than its rent, blocked a market's address for good.
#[test]
fn lamports_sent_before_block_no_market_of_wrapped_sol() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let (mint, vault) = vault_of_wrapped_sol(&mut flash, LIQUIDITY);
    let operator = flash.operator.insecure_clone();
    let book = CreateEventBook {
        operator: operator.pubkey(),
        vault,
        id: 1,
        correlation_group: 0,
        verse: None,
    };
    let create = CreateMarket {
        vault,
        mint: mint.address,
        id: 1,
        event_book: addresses::event_book(&vault, 1),
        operator: operator.pubkey(),
        provider_set: flash.world.provider_set,
        verifying_key: flash.world.verifying_key,
        token_program: mint.program.id(),
        feed_id: [7; 32],
        terms: flash.terms(2),
    };
    let market = addresses::market(&vault, 1);
    let tokens = addresses::market_tokens(&market);
    let sent = flash.chain().rent(165) + 1;
    let chain = &mut flash.world.chain;
    chain.airdrop(tokens, sent).expect("lamports");
    chain
        .send(&[book.instruction(), create.instruction()], &[&operator])
        .expect("a market");
    let funding = flash.market_state(market).funding;
    assert_eq!(flash.balance(tokens), funding + 1);
}
