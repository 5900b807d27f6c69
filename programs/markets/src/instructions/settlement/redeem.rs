use anchor_lang::{prelude::*, AccountsClose};
use anchor_spl::token_interface::TokenInterface;

use crate::{
    error::MarketError,
    state::{Market, MarketSigner, Position},
    tokens::{transfer, Payee},
};

#[derive(Accounts)]
pub struct Redeem<'info> {
    #[account(
        mut,
        constraint = market.load()?.token_account == market_tokens.key() @ MarketError::WrongAccount,
    )]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: checked to be an owner's where money goes to it, which is only if his associated token
    /// account cannot receive.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
    // Remaining accounts, in threes and all writable:
    // 0. a position in the market,
    // 1. its owner, who gets the rent,
    // 2. the owner's associated token account, or any of the owner's if the owner signs, which gets
    //    the payout; anything if the payout is 0.
}

#[event]
pub struct PositionRedeemed {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub sequence: u64,
    pub payout: u64,
    pub cost_basis: i64,
    /// After it: what the market holds for the positions that are left.
    pub pool_cash: u64,
}

/// Pays and closes positions in a settled market; anybody, several at once. One that is gone
/// already, or whose owner cannot be paid there, is passed over: nobody can stop a batch by emptying
/// or closing an account of his own just before it.
pub fn handle_redeem<'info>(ctx: Context<'info, Redeem<'info>>) -> Result<()> {
    let accounts = ctx.accounts;
    accounts.market.load()?.require_settled()?;
    let (positions, rest) = ctx.remaining_accounts.as_chunks::<3>();
    require!(
        !positions.is_empty() && rest.is_empty(),
        MarketError::RedemptionAccounts
    );
    let mut is_any_redeemed = false;
    for [position, owner, owner_tokens] in positions {
        is_any_redeemed |= redeem_position(accounts, position, owner, owner_tokens)?;
    }
    require!(is_any_redeemed, MarketError::NothingRedeemed);
    accounts
        .market
        .load()?
        .assert_backed(&accounts.market_tokens)
}

/// Whether the position was redeemed.
fn redeem_position<'info>(
    accounts: &Redeem<'info>,
    position_info: &'info AccountInfo<'info>,
    owner: &'info AccountInfo<'info>,
    owner_tokens: &'info AccountInfo<'info>,
) -> Result<bool> {
    // A position given twice is closed the second time, and no position any more.
    if *position_info.owner != crate::ID {
        return Ok(false);
    }
    let position = Account::<Position>::try_from(position_info)?;
    require_keys_eq!(
        position.market,
        accounts.market.key(),
        MarketError::WrongAccount
    );
    require_keys_eq!(position.owner, owner.key(), MarketError::WrongAccount);

    let mut market = accounts.market.load_mut()?;
    let payout = market.payout_of(&position.shares)?;
    let destination = if payout == 0 {
        Some(owner_tokens)
    } else {
        let payee = Payee {
            owner,
            mint: market.mint,
            token_program: &accounts.token_program,
            tokens: owner_tokens,
            fallback: accounts.fallback_tokens.as_deref(),
        };
        payee.destination()
    };
    let Some(destination) = destination else {
        return Ok(false);
    };
    market.redeem(&position.shares, payout)?;
    market.open_positions = market
        .open_positions
        .checked_sub(1)
        .ok_or(MarketError::Overflow)?;
    emit!(PositionRedeemed {
        market: position.market,
        owner: position.owner,
        sequence: market.next_sequence()?,
        payout,
        cost_basis: position.cost_basis,
        pool_cash: market.pool.cash,
    });
    let signer = MarketSigner::of(&market);
    drop(market);

    transfer(
        &accounts.token_program,
        accounts.market_tokens.to_account_info(),
        destination.clone(),
        accounts.market.to_account_info(),
        payout,
        &[&signer.seeds()],
    )?;
    position.close(owner.clone())?;
    Ok(true)
}
