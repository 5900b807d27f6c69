use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use bytemuck::Zeroable;
use market_core::{TradingHours, NO_OUTCOME};
use oracle::{ProviderSet, VerifyingKey};
use program_kit::{increment, EventHeader};

use crate::{
    error::FlashError,
    instructions::{
        market::{NewCustody, MIN_DURATION_SECONDS},
        Verses,
    },
    state::{
        seeds::{self, require_bump},
        EventBook, FeedBook, FlashMarket, OperatorFees, QuantumGroup, Risk, Vault, VERSION,
    },
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct QuantumTerms {
    /// `b` of each branch's LMSR, base units.
    pub depth: u64,
    /// Opening prices: a row for each outcome of the condition, in it one for each outcome of the asset,
    /// basis points that sum to 10,000.
    pub priors: Vec<Vec<u16>>,
    /// From now to the opening; not less than the vault's lead.
    pub opens_in_seconds: u32,
}

/// Remaining accounts: the verse of the asset's event and those above it, writable.
#[derive(Accounts)]
pub struct CreateQuantum<'info> {
    #[account(mut)]
    pub operator: Signer<'info>,
    #[account(mut, has_one = mint @ FlashError::WrongAccount)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut, address = vault.load()?.token_account @ FlashError::WrongAccount)]
    pub vault_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the vault.
    pub mint: UncheckedAccount<'info>,
    /// Tells which branch comes true.
    #[account(mut, has_one = vault @ FlashError::GroupMarkets)]
    pub condition: AccountLoader<'info, FlashMarket>,
    /// On the question that the branches trade.
    #[account(
        mut,
        has_one = vault @ FlashError::GroupMarkets,
        has_one = event_book @ FlashError::WrongAccount,
        has_one = operator @ FlashError::WrongAccount,
    )]
    pub asset: AccountLoader<'info, FlashMarket>,
    #[account(address = condition.load()?.evidence.provider_set @ FlashError::WrongProviderSet)]
    pub condition_set: AccountLoader<'info, ProviderSet>,
    #[account(address = condition.load()?.evidence.verifying_key @ FlashError::WrongVerifyingKey)]
    pub condition_key: AccountLoader<'info, VerifyingKey>,
    #[account(address = asset.load()?.evidence.provider_set @ FlashError::WrongProviderSet)]
    pub asset_set: AccountLoader<'info, ProviderSet>,
    #[account(address = asset.load()?.evidence.verifying_key @ FlashError::WrongVerifyingKey)]
    pub asset_key: AccountLoader<'info, VerifyingKey>,
    #[account(mut)]
    pub event_book: Box<Account<'info, EventBook>>,
    /// The only one of this vault and feed.
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
        constraint = feed_book.feed_id == asset.load()?.evidence.feed_id @ FlashError::WrongAccount,
    )]
    pub feed_book: Box<Account<'info, FeedBook>>,
    /// The only one of this vault and operator.
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
        has_one = operator @ FlashError::WrongAccount,
    )]
    pub operator_fees: Box<Account<'info, OperatorFees>>,
    /// PDA: "quantum", account vault, arg id
    ///
    /// CHECK: created at that address by the handler.
    #[account(mut)]
    pub group: UncheckedAccount<'info>,
    /// PDA: "market-tokens", account group
    ///
    /// CHECK: created at that address by the handler.
    #[account(mut)]
    pub group_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct QuantumCreated {
    pub header: EventHeader,
    pub group: Pubkey,
    pub vault: Pubkey,
    pub condition: Pubkey,
    pub asset: Pubkey,
    pub event_book: Pubkey,
    pub feed_id: [u8; 32],
    pub operator: Pubkey,
    pub id: u64,
    pub terms: QuantumTerms,
    pub branches: u8,
    pub outcomes: u8,
    pub fee_rate: u16,
    pub fee_floor_bps: u16,
    pub hours: TradingHours,
    pub slow_price_slots: u64,
    pub funding: u64,
    /// After the creation.
    pub vault_cash: u64,
    pub vault_allocated: u64,
}

/// Opens a branch for each outcome of the condition, in which the asset's question is traded, and funds
/// them with one branch's worst loss: only one comes true. `id` is the vault's `next_market_id`. Fees are
/// those of the asset's market; trading ends with that of the asset or the condition, whichever is earlier,
/// and so before either's result.
pub fn handle_create_quantum<'info>(
    ctx: Context<'info, CreateQuantum<'info>>,
    id: u64,
    terms: QuantumTerms,
) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    check(accounts, id, &clock)?;
    check_providers(accounts, clock.unix_timestamp)?;
    let mut group = new_group(accounts, id, &terms, &clock)?;
    let verses = Verses::of(ctx.remaining_accounts);
    allocate(accounts, verses, group.funding, &clock)?;
    report(accounts, &mut group, terms, &clock)?;
    let (vault, id, bump) = (group.vault, id.to_le_bytes(), [group.bump]);
    let seeds: [&[u8]; 4] = [seeds::QUANTUM_GROUP, vault.as_ref(), &id, &bump];
    let custody = NewCustody {
        payer: &accounts.operator,
        account: &accounts.group,
        tokens: &accounts.group_tokens,
        mint: &accounts.mint,
        token_program: &accounts.token_program,
        system_program: &accounts.system_program,
    };
    custody.create(&*group, &seeds)?;
    custody.fund(&accounts.vault, &accounts.vault_tokens, group.funding)
}

fn check(accounts: &CreateQuantum, id: u64, clock: &Clock) -> Result<()> {
    let now = clock.unix_timestamp;
    let vault = accounts.vault.load()?;
    vault.require_not_paused(now)?;
    vault.require_operator(&accounts.operator, now)?;
    require_eq!(id, vault.next_market_id, FlashError::MarketIdNotNext);
    require_keys_neq!(
        accounts.condition.key(),
        accounts.asset.key(),
        FlashError::GroupMarkets
    );
    let (condition, asset) = (accounts.condition.load()?, accounts.asset.load()?);
    require!(
        condition.settlement.is_open() && asset.settlement.is_open(),
        FlashError::GroupMarkets
    );
    require!(
        !condition.may_resolve_early() && !asset.may_resolve_early(),
        FlashError::GroupResultEarly
    );
    require_eq!(asset.delay_slots, 0, FlashError::AssetHasDelay);
    require!(
        !condition.price.is_priced() && !asset.price.is_priced(),
        FlashError::GroupOnPrice
    );
    Ok(())
}

/// A group is a new market: it takes no providers and keys that were retired or suspended since the
/// markets were opened.
fn check_providers(accounts: &CreateQuantum, now: i64) -> Result<()> {
    accounts.condition_set.load()?.require_offered(now)?;
    accounts.condition_key.load()?.require_offered(now)?;
    accounts.asset_set.load()?.require_offered(now)?;
    accounts.asset_key.load()?.require_offered(now)
}

/// An open group, and the accounts that it names.
fn new_group(
    accounts: &CreateQuantum,
    id: u64,
    terms: &QuantumTerms,
    clock: &Clock,
) -> Result<Box<QuantumGroup>> {
    let vault = accounts.vault.load()?;
    let caps = vault.caps.at(clock.unix_timestamp);
    let (condition, asset) = (accounts.condition.load()?, accounts.asset.load()?);
    let mut group = Box::<QuantumGroup>::new(Zeroable::zeroed());
    group.version = VERSION;
    group.id = id;
    group.vault = accounts.vault.key();
    let seeds: [&[u8]; 3] = [
        seeds::QUANTUM_GROUP,
        group.vault.as_ref(),
        &id.to_le_bytes(),
    ];
    group.bump = require_bump(&accounts.group, &seeds)?;
    group.branches = condition.pool.outcomes;
    group.survivor = NO_OUTCOME;
    group.fee_rate = asset.fee_rate;
    group.fee_floor_bps = asset.fee_floor_bps;
    group.fee_split = vault.fee_split.at(clock.unix_timestamp);
    group.condition = accounts.condition.key();
    group.asset = accounts.asset.key();
    group.event_book = asset.event_book;
    group.feed_id = asset.evidence.feed_id;
    group.operator = accounts.operator.key();
    group.token_account = accounts.group_tokens.key();
    group.slow_price_slots = asset.slow_price_slots;
    require_gte!(
        terms.opens_in_seconds,
        caps.opening_lead_seconds,
        FlashError::OpensTooSoon
    );
    let opens_at = clock
        .unix_timestamp
        .checked_add(terms.opens_in_seconds.into())
        .map(|opens_at| opens_at.max(asset.hours.opens_at))
        .ok_or(FlashError::Overflow)?;
    let until = asset.hours.trading_until.min(condition.hours.trading_until);
    group.hours = TradingHours::new(opens_at, until, 0).map_err(FlashError::from)?;
    require_gte!(
        group.hours.duration_seconds(),
        u64::from(MIN_DURATION_SECONDS),
        FlashError::DurationOutOfRange
    );
    group.observed_at = [opens_at; crate::state::MAX_BRANCHES];
    let until_opening = opens_at.saturating_sub(clock.unix_timestamp);
    let until_opening = u32::try_from(until_opening).map_err(|_| FlashError::DurationOutOfRange)?;
    let opening_slot = clock
        .slot
        .checked_add(caps.slots(until_opening.saturating_mul(1_000)))
        .ok_or(FlashError::Overflow)?;
    group.open_branches(
        terms.depth,
        &terms.priors,
        asset.pool.outcomes,
        opening_slot,
    )?;
    Ok(group)
}

/// Books the funding in the vault and in every book of the asset's market, within the caps, and keeps both
/// markets until the group has their results.
fn allocate(
    accounts: &mut CreateQuantum,
    verses: Verses,
    funding: u64,
    clock: &Clock,
) -> Result<()> {
    let mut vault = accounts.vault.load_mut()?;
    let caps = vault.fund_next(funding, clock.unix_timestamp)?;
    let event = &mut accounts.event_book.exposure;
    event.open(funding, caps.event_funding, FlashError::EventCapExceeded)?;
    verses.add(accounts.event_book.verse, Risk::Funding(funding))?;
    let feed = &mut accounts.feed_book.exposure;
    feed.open(funding, caps.feed_funding, FlashError::FeedCapExceeded)?;
    increment(&mut accounts.operator_fees.open_markets).map_err(FlashError::from)?;
    increment(&mut accounts.condition.load_mut()?.open_groups).map_err(FlashError::from)?;
    increment(&mut accounts.asset.load_mut()?.open_groups).map_err(FlashError::from)?;
    Ok(())
}

fn report(
    accounts: &CreateQuantum,
    group: &mut QuantumGroup,
    terms: QuantumTerms,
    clock: &Clock,
) -> Result<()> {
    let vault = accounts.vault.load()?;
    emit!(QuantumCreated {
        header: group.next_event(clock)?,
        group: accounts.group.key(),
        vault: group.vault,
        condition: group.condition,
        asset: group.asset,
        event_book: group.event_book,
        feed_id: group.feed_id,
        operator: group.operator,
        id: group.id,
        terms,
        branches: group.branches,
        outcomes: accounts.asset.load()?.pool.outcomes,
        fee_rate: group.fee_rate,
        fee_floor_bps: group.fee_floor_bps,
        hours: group.hours,
        slow_price_slots: group.slow_price_slots,
        funding: group.funding,
        vault_cash: vault.cash,
        vault_allocated: vault.allocated,
    });
    Ok(())
}
