use anchor_lang::{prelude::*, AccountsExit};
use anchor_spl::token_interface::TokenInterface;
use math::{chain::MAX_LEGS, BasisPoints, Price};
use program_kit::{new_account::NewAccount, tokens::mint_of, EventHeader, Purse};

use super::leg::{book_taken, take_leg};
use crate::{
    error::FlashError,
    instructions::{OrderMoment, MIN_CHAIN_LEGS},
    state::{
        seeds::{self, require_bump},
        FlashMarket, RollingChain, RollingHolding, RollingLeg, Vault, VERSION,
    },
};

/// Accounts of a leg after the first among the remaining ones.
const ACCOUNTS_OF_LEG: usize = 2;

/// What a leg is paid with.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// What the leg before paid, of the first the stake.
    Roll,
    /// That and a loan against the shares, which no flash market offers: held through the result it has to be
    /// paid back out of the win, and fairly priced leaves what the stake alone would pay.
    Borrow,
}

/// A leg, as its owner wants it.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollingStep {
    pub kind: StepKind,
    pub outcome: u8,
    /// Most that a share may cost on average, fee included, Q1.63.
    pub max_price: u64,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct OpenRollingArgs {
    /// Base units.
    pub stake: u64,
    /// Lamports for each step that somebody moves it on by.
    pub tip_lamports: u64,
    /// Most that a share may cost above its slow price, basis points of that; up to 10,000.
    pub max_above_slow: u16,
    /// In the order in which they are bought.
    pub steps: Vec<RollingStep>,
}

/// Remaining accounts, in twos for each leg after the first:
/// 0. its market,
/// 1. the market's token account.
#[derive(Accounts)]
#[instruction(nonce: u64)]
pub struct OpenRolling<'info> {
    /// Pays the stake.
    pub owner: Signer<'info>,
    /// Pays rent and tips, and gets the rent back.
    #[account(mut)]
    pub rent_payer: Signer<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// PDA: "rolling", account owner, arg nonce
    ///
    /// CHECK: created at that address by the handler.
    #[account(mut)]
    pub rolling_chain: UncheckedAccount<'info>,
    pub vault: AccountLoader<'info, Vault>,
    /// Of the first leg.
    #[account(mut, has_one = vault @ FlashError::WrongAccount)]
    pub market: AccountLoader<'info, FlashMarket>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the market as where its observation is, or would be.
    pub observation: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct RollingOpened {
    pub header: EventHeader,
    /// Of its first leg.
    pub market: Pubkey,
    pub chain: Pubkey,
    pub owner: Pubkey,
    pub rent_payer: Pubkey,
    pub nonce: u64,
    /// Base units.
    pub stake: u64,
    /// Of each step, and of all together.
    pub tip_lamports: u64,
    pub tips_lamports: u64,
    pub max_above_slow: u16,
    pub legs: Vec<RollingLeg>,
}

/// Opens a rolling chain and takes its first leg, at once or after the market's bet delay.
pub fn handle_open_rolling<'info>(
    ctx: Context<'info, OpenRolling<'info>>,
    nonce: u64,
    args: OpenRollingArgs,
) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    require_gt!(args.stake, 0, FlashError::ZeroAmount);
    require_gte!(
        BasisPoints::ONE,
        args.max_above_slow,
        FlashError::AboveSlowOutOfRange
    );
    let (legs, delayed) = legs_of(accounts, &args.steps, ctx.remaining_accounts)?;
    let steps = u64::try_from(legs.len().saturating_add(delayed))?;
    let tips_lamports = args
        .tip_lamports
        .checked_mul(steps)
        .ok_or(FlashError::Overflow)?;
    let new = new_chain(accounts, nonce, &args, legs)?;
    create(accounts, &new, tips_lamports)?;
    let mut chain = Account::<RollingChain>::try_from(accounts.rolling_chain.as_ref())?;
    let mut market = accounts.market.load_mut()?;
    emit!(RollingOpened {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        chain: chain.key(),
        owner: chain.owner,
        rent_payer: chain.rent_payer,
        nonce,
        stake: args.stake,
        tip_lamports: chain.tip_lamports,
        tips_lamports,
        max_above_slow: chain.max_above_slow,
        legs: chain.legs.clone(),
    });
    let moment = OrderMoment {
        now: accounts.vault.load()?.now(&clock),
        is_observed: market.find_result(&accounts.observation)?.is_some(),
        clock,
    };
    let taken = take_leg(&mut market, &chain, chain.current()?, args.stake, &moment)?;
    book_taken(&mut market, &mut chain, taken, &moment.clock)?;
    drop(market);
    chain.exit(&crate::ID)?;
    let (market, tokens) = (&accounts.market, &accounts.market_tokens);
    let purse = Purse::new(market, tokens, &accounts.token_program)?;
    purse.receive(&accounts.owner_tokens, &accounts.owner, args.stake)
}

/// The legs, whose markets are open, of one mint and all different; and how many of them have a bet delay.
fn legs_of<'info>(
    accounts: &OpenRolling,
    steps: &[RollingStep],
    remaining: &'info [AccountInfo<'info>],
) -> Result<(Vec<RollingLeg>, usize)> {
    let (others, rest) = remaining.as_chunks::<ACCOUNTS_OF_LEG>();
    require!(rest.is_empty(), FlashError::RollingLegAccounts);
    require!(
        others.len().saturating_add(1) == steps.len()
            && (usize::from(MIN_CHAIN_LEGS)..=MAX_LEGS).contains(&steps.len()),
        FlashError::ChainLegCount
    );
    let mint = mint_of(&accounts.market_tokens).map_err(FlashError::from)?;
    let mut legs = Vec::with_capacity(steps.len());
    let mut delayed = 0usize;
    let mut add = |step, address, market: &FlashMarket, tokens: &AccountInfo| {
        require_keys_eq!(market.token_account, *tokens.key, FlashError::WrongAccount);
        let is_its = mint_of(tokens).is_ok_and(|other| other == mint);
        require!(is_its, FlashError::LegsOfOtherMint);
        let leg = leg_of(step, address, market, &legs)?;
        legs.push(leg);
        delayed = delayed.saturating_add(usize::from(market.delay_slots > 0));
        Ok(())
    };
    let (first, later) = steps.split_first().ok_or(FlashError::ChainLegCount)?;
    let (market, tokens) = (&accounts.market, &accounts.market_tokens);
    add(first, market.key(), &*market.load()?, tokens)?;
    for (step, [market, tokens]) in later.iter().zip(others) {
        let market = AccountLoader::<FlashMarket>::try_from(market)?;
        add(step, market.key(), &*market.load()?, tokens)?;
    }
    Ok((legs, delayed))
}

fn leg_of(
    step: &RollingStep,
    address: Pubkey,
    market: &FlashMarket,
    before: &[RollingLeg],
) -> core::result::Result<RollingLeg, FlashError> {
    let refused = if step.kind != StepKind::Roll {
        Some(FlashError::BorrowNotOffered)
    } else if !(1..=Price::ONE.0).contains(&step.max_price) {
        Some(FlashError::RollingPriceOutOfRange)
    } else if before.iter().any(|leg| leg.market == address) {
        Some(FlashError::LegsShareMarket)
    } else if step.outcome >= market.pool.outcomes {
        Some(FlashError::OutcomeOutOfRange)
    } else {
        None
    };
    refused.map_or(Ok(()), Err)?;
    market.settlement.require_open()?;
    Ok(RollingLeg {
        market: address,
        outcome: step.outcome,
        max_price: step.max_price,
    })
}

/// A chain that has nothing yet.
fn new_chain(
    accounts: &OpenRolling,
    nonce: u64,
    args: &OpenRollingArgs,
    legs: Vec<RollingLeg>,
) -> Result<RollingChain> {
    let owner = accounts.owner.key();
    let seeds: [&[u8]; 3] = [seeds::ROLLING_CHAIN, owner.as_ref(), &nonce.to_le_bytes()];
    Ok(RollingChain {
        version: VERSION,
        bump: require_bump(&accounts.rolling_chain, &seeds)?,
        leg: 0,
        owner,
        rent_payer: accounts.rent_payer.key(),
        nonce,
        tip_lamports: args.tip_lamports,
        holding: RollingHolding::Shares { amount: 0 },
        max_above_slow: args.max_above_slow,
        reserved: [0; 30],
        legs,
    })
}

/// Creates the chain's account and puts the tips into it.
fn create(accounts: &OpenRolling, chain: &RollingChain, tips_lamports: u64) -> Result<()> {
    let nonce = chain.nonce.to_le_bytes();
    let account = NewAccount {
        payer: &accounts.rent_payer,
        account: &accounts.rolling_chain,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::ROLLING_CHAIN,
            chain.owner.as_ref(),
            &nonce,
            &[chain.bump],
        ],
    };
    account.write(RollingChain::space(chain.legs.len()), chain)?;
    account.add_lamports(tips_lamports)
}
