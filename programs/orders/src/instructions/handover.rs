//! How shares get into a desk's position, and out of it.

use anchor_lang::prelude::*;

use crate::{
    error::OrderError,
    state::{ask_market, seeds, Desk, Held},
};

/// From the desk's position to an owner's, who does not sign.
pub(super) struct Handover<'a, 'info> {
    pub desk: &'a AccountLoader<'info, Desk>,
    pub market: &'a AccountInfo<'info>,
    pub desk_position: &'a AccountInfo<'info>,
    pub owner: &'a Pubkey,
    pub owner_position: &'a AccountInfo<'info>,
    pub market_program: &'a AccountInfo<'info>,
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
        let is_settled = ask_market(self.market, |market| market.is_settled())?;
        require!(!is_settled, OrderError::DeskNotSettled);
        Held::in_account(self.owner_position)?.require_of(&market, self.owner)?;
        let bump = [self.desk.load()?.bump];
        ShareTransfer {
            owner: self.desk.as_ref(),
            market: self.market,
            position: self.desk_position,
            receiver: self.owner_position,
            market_program: self.market_program,
        }
        .make(outcome, shares, &[&seeds::of_desk(&market, &bump)])
    }
}

/// Shares that go from one position of a market, or ticket, to another.
pub(super) struct ShareTransfer<'a, 'info> {
    pub owner: &'a AccountInfo<'info>,
    pub market: &'a AccountInfo<'info>,
    pub position: &'a AccountInfo<'info>,
    pub receiver: &'a AccountInfo<'info>,
    pub market_program: &'a AccountInfo<'info>,
}

impl ShareTransfer<'_, '_> {
    /// # Errors
    /// Those of the market.
    pub fn make(&self, outcome: u8, shares: u64, signer: &[&[&[u8]]]) -> Result<()> {
        let program = *self.market_program.key;
        if program == flash_bets::ID {
            let transfer = flash_bets::cpi::accounts::TransferShares {
                owner: self.owner.clone(),
                market: self.market.clone(),
                ticket: self.position.clone(),
                receiver: self.receiver.clone(),
            };
            let context = CpiContext::new_with_signer(program, transfer, signer);
            return flash_bets::cpi::transfer_shares(context, outcome, shares);
        }
        let transfer = markets::cpi::accounts::TransferShares {
            owner: self.owner.clone(),
            market: self.market.clone(),
            position: self.position.clone(),
            receiver: self.receiver.clone(),
        };
        let context = CpiContext::new_with_signer(program, transfer, signer);
        markets::cpi::transfer_shares(context, outcome, shares)
    }
}
