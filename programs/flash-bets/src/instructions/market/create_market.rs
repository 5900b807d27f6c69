use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use bytemuck::Zeroable;
use market_core::{Observers, RuleTerms, TradingHours};
use oracle::{ProviderRole, ProviderSet, VerifyingKey};
use program_kit::{increment, new_account::NewAccount, EventHeader};

use super::{new_custody::NewCustody, terms::FlashMarketTerms};
use crate::{
    error::FlashError,
    instructions::{FlashPriceFeed, Verses},
    state::{
        seeds::{self, require_bump},
        EventBook, Exposure, FeeSplit, FeedBook, FlashMarket, OperatorFees, Risk, Vault, VERSION,
    },
};

/// Remaining accounts: the event's verse and those above it, writable.
#[derive(Accounts)]
pub struct CreateMarket<'info> {
    #[account(mut)]
    pub operator: Signer<'info>,
    #[account(mut, has_one = mint @ FlashError::WrongAccount)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut, address = vault.load()?.token_account @ FlashError::WrongAccount)]
    pub vault_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the vault.
    pub mint: UncheckedAccount<'info>,
    #[account(mut, has_one = vault @ FlashError::WrongAccount)]
    pub event_book: Box<Account<'info, EventBook>>,
    /// PDA: "feed", account vault, arg feed_id
    ///
    /// CHECK: created at that address by the handler unless it is there.
    #[account(mut)]
    pub feed_book: UncheckedAccount<'info>,
    /// PDA: "operator-fees", account vault, account operator
    ///
    /// CHECK: created at that address by the handler unless it is there.
    #[account(mut)]
    pub operator_fees: UncheckedAccount<'info>,
    pub provider_set: AccountLoader<'info, ProviderSet>,
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    /// PDA: "flash", account vault, arg id
    ///
    /// CHECK: created at that address by the handler.
    #[account(mut)]
    pub market: UncheckedAccount<'info>,
    /// PDA: "market-tokens", account market
    ///
    /// CHECK: created at that address by the handler.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
    /// Of a market on a price, and only of one: that of its base feed.
    #[account(mut, has_one = vault @ FlashError::WrongAccount)]
    pub price_feed: Option<AccountLoader<'info, FlashPriceFeed>>,
}

#[event]
pub struct FlashMarketCreated {
    pub header: EventHeader,
    pub market: Pubkey,
    pub vault: Pubkey,
    pub event_book: Pubkey,
    pub operator: Pubkey,
    pub id: u64,
    /// Whose observations settle the market: of one on a price its medians.
    pub feed_id: [u8; 32],
    /// As the operator named it: the base feed of a market on a price.
    pub named_feed_id: [u8; 32],
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub terms: FlashMarketTerms,
    pub fee_split: FeeSplit,
    pub hours: TradingHours,
    pub void_from: i64,
    pub delay_slots: u64,
    pub slow_price_slots: u64,
    pub funding: u64,
    /// After the creation.
    pub vault_cash: u64,
    pub vault_allocated: u64,
}

/// Fixes every term of a market and funds it with its curve's worst loss. `id` is the vault's
/// `next_market_id`.
pub fn handle_create_market<'info>(
    ctx: Context<'info, CreateMarket<'info>>,
    id: u64,
    feed_id: [u8; 32],
    terms: FlashMarketTerms,
) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    check(accounts, id, &feed_id, &terms, &clock)?;
    let mut market = new_market(accounts, id, feed_id, &terms, &clock)?;
    let verses = Verses::of(ctx.remaining_accounts);
    allocate(accounts, verses, &market, &clock)?;
    reserve_windows(accounts, &market, &clock)?;
    report(accounts, &mut market, terms, &clock)?;
    let (vault, id, bump) = (market.vault, id.to_le_bytes(), [market.bump]);
    let seeds: [&[u8]; 4] = [seeds::MARKET, vault.as_ref(), &id, &bump];
    let custody = NewCustody {
        payer: &accounts.operator,
        account: &accounts.market,
        tokens: &accounts.market_tokens,
        mint: &accounts.mint,
        token_program: &accounts.token_program,
        system_program: &accounts.system_program,
    };
    custody.create(&*market, &seeds)?;
    custody.fund(&accounts.vault, &accounts.vault_tokens, market.funding)
}

fn check(
    accounts: &CreateMarket,
    id: u64,
    feed_id: &[u8; 32],
    terms: &FlashMarketTerms,
    clock: &Clock,
) -> Result<()> {
    let now = clock.unix_timestamp;
    let vault = accounts.vault.load()?;
    vault.require_not_paused(now)?;
    vault.require_operator(&accounts.operator, now)?;
    require_eq!(id, vault.next_market_id, FlashError::MarketIdNotNext);
    check_providers(accounts, &terms.rule, now)?;
    oracle::statement::require_field_element(feed_id).map_err(|_| FlashError::NotAFieldElement)?;
    Ok(())
}

/// What the market pins must be usable now, and fit together; whether it still is usable at the end is
/// the oracle's matter. The number of an outcome has no median.
fn check_providers(accounts: &CreateMarket, rule: &RuleTerms, now: i64) -> Result<()> {
    let is_categorical = matches!(rule, RuleTerms::Categorical);
    accounts.verifying_key.load()?.require_pair(
        &*accounts.provider_set.load()?,
        ProviderRole::Primary,
        is_categorical,
        now,
    )
}

/// An open market with the terms, and the accounts that it names.
fn new_market(
    accounts: &CreateMarket,
    id: u64,
    feed_id: [u8; 32],
    terms: &FlashMarketTerms,
    clock: &Clock,
) -> Result<Box<FlashMarket>> {
    let mut market = Box::new(FlashMarket::zeroed());
    market.evidence = oracle::evidence(
        Observers {
            provider_set: accounts.provider_set.key().to_bytes(),
            verifying_key: accounts.verifying_key.key().to_bytes(),
        },
        accounts.verifying_key.load()?.needs_agreement(),
        terms.observed_feed(feed_id),
        terms.observe_at_ms,
        terms.rule.strike_at_ms(),
    )
    .into();
    let vault = accounts.vault.load()?;
    let caps = vault.caps.at(clock.unix_timestamp);
    terms.write(&mut market, &caps, clock)?;
    let proves_medians_of_ticks = accounts.verifying_key.load()?.proves_medians_of_ticks();
    terms.write_price(&mut market, feed_id, proves_medians_of_ticks)?;
    market.version = VERSION;
    market.id = id;
    market.vault = accounts.vault.key();
    let seeds: [&[u8]; 3] = [seeds::MARKET, market.vault.as_ref(), &id.to_le_bytes()];
    market.bump = require_bump(&accounts.market, &seeds)?;
    market.event_book = accounts.event_book.key();
    market.operator = accounts.operator.key();
    market.token_account = accounts.market_tokens.key();
    market.fee_split = vault.fee_split.at(clock.unix_timestamp);
    Ok(market)
}

/// Books the funding in the vault and in every book of the market, within the caps.
fn allocate(
    accounts: &mut CreateMarket,
    verses: Verses,
    market: &FlashMarket,
    clock: &Clock,
) -> Result<()> {
    let funding = market.funding;
    let mut vault = accounts.vault.load_mut()?;
    let caps = vault.fund_next(funding, clock.unix_timestamp)?;
    drop(vault);

    let event = &mut accounts.event_book.exposure;
    event.open(funding, caps.event_funding, FlashError::EventCapExceeded)?;
    verses.add(accounts.event_book.verse, Risk::Funding(funding))?;
    book_feed(accounts, market, caps.feed_funding)?;
    count_for_operator(accounts, market)
}

/// Reserves what may be at stake on a price, within what it costs to move it.
fn reserve_windows(accounts: &CreateMarket, market: &FlashMarket, clock: &Clock) -> Result<()> {
    if !market.price.is_priced() {
        return Ok(());
    }
    let feed = accounts.price_feed.as_ref();
    let mut feed = feed.ok_or(FlashError::PriceFeedMissing)?.load_mut()?;
    require!(
        feed.feed_id == market.price.base_feed,
        FlashError::WrongAccount
    );
    let now = clock.unix_timestamp;
    let cost_per_second = feed.cost_per_second.at(now);
    let (evidence, funding) = (&market.evidence, market.funding);
    market
        .price
        .reserve(evidence, funding, &mut feed.windows, cost_per_second, now)
        .map_err(|error| FlashError::from(error).into())
}

/// Books the funding in the feed's book, which is opened if there is none, within the cap.
fn book_feed(accounts: &CreateMarket, market: &FlashMarket, cap: u64) -> Result<()> {
    let exceeded = FlashError::FeedCapExceeded;
    let account = &accounts.feed_book;
    let (vault, feed_id) = (market.vault, market.booked_feed());
    if let Some(mut feed_book) = find::<FeedBook>(account)? {
        let is_its = feed_book.vault == vault && feed_book.feed_id == feed_id;
        require!(is_its, FlashError::WrongAccount);
        feed_book.exposure.open(market.funding, cap, exceeded)?;
        return store(&feed_book, account);
    }
    let [prefix, of_vault, of_feed] = [seeds::FEED_BOOK, vault.as_ref(), &feed_id];
    let bump = require_bump(account, &[prefix, of_vault, of_feed])?;
    let mut feed_book = FeedBook {
        version: VERSION,
        bump,
        vault,
        feed_id,
        rent_payer: market.operator,
        exposure: Exposure::default(),
        reserved: [0; 64],
    };
    feed_book.exposure.open(market.funding, cap, exceeded)?;
    NewAccount {
        payer: &accounts.operator,
        account,
        system_program: &accounts.system_program,
        seeds: &[prefix, of_vault, of_feed, &[bump]],
    }
    .write(8 + FeedBook::INIT_SPACE, &feed_book)
}

/// Counts the market in what the operator earns, which is opened if there is none.
fn count_for_operator(accounts: &CreateMarket, market: &FlashMarket) -> Result<()> {
    let account = &accounts.operator_fees;
    let (vault, operator) = (market.vault, market.operator);
    if let Some(mut operator_fees) = find::<OperatorFees>(account)? {
        let is_its = operator_fees.vault == vault && operator_fees.operator == operator;
        require!(is_its, FlashError::WrongAccount);
        increment(&mut operator_fees.open_markets).map_err(FlashError::from)?;
        return store(&operator_fees, account);
    }
    let [prefix, of_vault, of_operator] = [seeds::OPERATOR_FEES, vault.as_ref(), operator.as_ref()];
    let bump = require_bump(account, &[prefix, of_vault, of_operator])?;
    increment(&mut accounts.vault.load_mut()?.operator_accounts).map_err(FlashError::from)?;
    NewAccount {
        payer: &accounts.operator,
        account,
        system_program: &accounts.system_program,
        seeds: &[prefix, of_vault, of_operator, &[bump]],
    }
    .write(
        8 + OperatorFees::INIT_SPACE,
        &OperatorFees {
            version: VERSION,
            bump,
            vault,
            operator,
            amount: 0,
            open_markets: 1,
            reserved: [0; 32],
        },
    )
}

/// The account of this program that is there, whichever it is.
fn find<T: AccountDeserialize>(account: &AccountInfo) -> Result<Option<T>> {
    if account.data_is_empty() {
        return Ok(None);
    }
    require_keys_eq!(*account.owner, crate::ID, FlashError::WrongAccount);
    T::try_deserialize(&mut &account.try_borrow_data()?[..]).map(Some)
}

fn store<T: AccountSerialize>(value: &T, account: &AccountInfo) -> Result<()> {
    value.try_serialize(&mut &mut account.try_borrow_mut_data()?[..])
}

fn report(
    accounts: &CreateMarket,
    market: &mut FlashMarket,
    terms: FlashMarketTerms,
    clock: &Clock,
) -> Result<()> {
    let vault = accounts.vault.load()?;
    emit!(FlashMarketCreated {
        header: market.next_event(clock)?,
        market: accounts.market.key(),
        vault: market.vault,
        event_book: market.event_book,
        operator: market.operator,
        id: market.id,
        feed_id: market.evidence.feed_id,
        named_feed_id: market.booked_feed(),
        provider_set: market.evidence.provider_set,
        verifying_key: market.evidence.verifying_key,
        terms,
        fee_split: market.fee_split,
        hours: market.hours,
        void_from: market.void_from,
        delay_slots: market.delay_slots,
        slow_price_slots: market.slow_price_slots,
        funding: market.funding,
        vault_cash: vault.cash,
        vault_allocated: vault.allocated,
    });
    Ok(())
}
