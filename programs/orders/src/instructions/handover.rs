//! How an owner gets shares of the desk's position.

use anchor_lang::prelude::*;
use markets::{program::Markets, state::Position};

use crate::{
    error::OrderError,
    state::{ask_market, seeds, Desk},
};

/// From the desk's position to an owner's, who does not sign.
pub(super) struct Handover<'a, 'info> {
    pub desk: &'a AccountLoader<'info, Desk>,
    pub market: &'a UncheckedAccount<'info>,
    pub desk_position: &'a UncheckedAccount<'info>,
    pub owner: &'a Pubkey,
    pub owner_position: &'a UncheckedAccount<'info>,
    pub markets_program: &'a Program<'info, Markets>,
}

impl Handover<'_, '_> {
    /// # Errors
    /// [`OrderError::DeskNotSettled`] of a settled market, `WrongAccount` if the position is not the
    /// owner's; those of the transfer.
    pub fn give(&self, outcome: u8, shares: u64) -> Result<()> {
        if shares == 0 {
            return Ok(());
        }
        let market = self.market.key();
        let is_settled = ask_market(self.market, |market| market.settlement.is_settled())?;
        require!(!is_settled, OrderError::DeskNotSettled);
        let data = self.owner_position.try_borrow_data()?;
        let position = Position::try_deserialize(&mut &data[..])?;
        let is_owners = position.owner == *self.owner && position.market == market;
        require!(is_owners, OrderError::WrongAccount);
        drop(data);
        let bump = [self.desk.load()?.bump];
        let signer: &[&[&[u8]]] = &[&seeds::of_desk(&market, &bump)];
        let transfer = markets::cpi::accounts::TransferShares {
            owner: self.desk.to_account_info(),
            market: self.market.to_account_info(),
            position: self.desk_position.to_account_info(),
            receiver: self.owner_position.to_account_info(),
        };
        let program = self.markets_program.key();
        let context = CpiContext::new_with_signer(program, transfer, signer);
        markets::cpi::transfer_shares(context, outcome, shares)
    }
}
