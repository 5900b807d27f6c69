use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use market_core::TradeReceipt;

use super::purchases::Purchase;
use crate::{
    error::FlashError,
    state::{FlashMarket, Order, Ticket, Vault},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct PlaceBetArgs {
    pub outcome: u8,
    /// Base units, fee included.
    pub stake: u64,
    /// Least number of shares to accept.
    pub min_shares: u64,
    /// Lamports for whoever executes the order; without meaning in a market without bet delay.
    pub tip_lamports: u64,
}

/// Of every instruction that buys for a ticket that is there, whoever's it is.
#[derive(Accounts)]
pub struct PlaceBet<'info> {
    /// Pays for the shares; need not be the owner of the ticket.
    pub payer: Signer<'info>,
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut, has_one = vault @ FlashError::WrongAccount)]
    pub market: AccountLoader<'info, FlashMarket>,
    // `dup`: Anchor need not hash its address, it is the only account that is written at the end.
    #[account(mut, dup, has_one = market @ FlashError::WrongAccount)]
    pub ticket: Account<'info, Ticket>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub payer_tokens: UncheckedAccount<'info>,
    /// For markets with a bet delay, and only for them.
    ///
    /// PDA: "pending", account market, account payer, arg nonce
    ///
    /// CHECK: created at that address by the handler.
    #[account(mut)]
    pub pending: Option<UncheckedAccount<'info>>,
    /// Pays rent and tip of a pending order, and gets the rent back.
    #[account(mut)]
    pub rent_payer: Option<Signer<'info>>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Option<Program<'info, System>>,
}

impl<'info> PlaceBet<'info> {
    /// The purchase that these accounts are for.
    pub fn purchase(&mut self, nonce: u64, tip_lamports: u64) -> Purchase<'_, 'info> {
        Purchase {
            payer: &self.payer,
            vault: &self.vault,
            market: &self.market,
            ticket: &mut self.ticket,
            market_tokens: &self.market_tokens,
            payer_tokens: &self.payer_tokens,
            pending: self.pending.as_ref(),
            rent_payer: self.rent_payer.as_ref(),
            token_program: &self.token_program,
            system_program: self.system_program.as_ref(),
            nonce,
            tip_lamports,
        }
    }
}

/// Bets a stake on an outcome, at once or, in a market with a bet delay, after the delay: then there
/// is no receipt.
pub fn handle_place_bet(
    ctx: Context<PlaceBet>,
    nonce: u64,
    args: PlaceBetArgs,
) -> Result<Option<TradeReceipt>> {
    let order = Order::Stake {
        stake: args.stake,
        min_shares: args.min_shares,
    };
    ctx.accounts
        .purchase(nonce, args.tip_lamports)
        .make(args.outcome, order)
}
