//! What a desk trades in its market.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use flash_bets::{
    cpi::accounts::{CashOut, KeepReceipt, PlaceBet},
    instructions::{CashOutArgs, PlaceBetArgs},
};
use markets::{
    cpi::accounts::{Buy, Sell},
    instructions::{BuyArgs, SellArgs},
};

use crate::{
    error::OrderError,
    state::{seeds, Desk, Fill},
};

/// The accounts of a trade of a desk's, in the market's program, which the desk names. That the position is
/// the desk's the caller checks: the programs take any of the market.
pub(super) struct Trading<'a, 'info> {
    pub desk: &'a AccountLoader<'info, Desk>,
    pub venue: &'a AccountInfo<'info>,
    pub market: &'a AccountInfo<'info>,
    pub desk_position: &'a AccountInfo<'info>,
    pub market_tokens: &'a AccountInfo<'info>,
    pub desk_tokens: &'a AccountInfo<'info>,
    pub token_program: &'a Interface<'info, TokenInterface>,
    pub market_program: &'a AccountInfo<'info>,
}

/// That of an instruction's accounts, which have the names of its fields but for the market's program.
macro_rules! trading {
    ($accounts:expr, $market_program:ident) => {
        $crate::instructions::trading::Trading {
            desk: &$accounts.desk,
            venue: $accounts.venue.as_ref(),
            market: &$accounts.market,
            desk_position: &$accounts.desk_position,
            market_tokens: &$accounts.market_tokens,
            desk_tokens: &$accounts.desk_tokens,
            token_program: &$accounts.token_program,
            market_program: &$accounts.$market_program,
        }
    };
}
pub(super) use trading;

/// Where a bet waits in a flash market with a bet delay, and who pays for that.
#[derive(Clone, Copy)]
pub(super) struct Waiting<'a, 'info> {
    pub pending: &'a AccountInfo<'info>,
    pub rent_payer: &'a AccountInfo<'info>,
    pub system_program: &'a AccountInfo<'info>,
    pub nonce: u64,
    /// Lamports for whoever executes it.
    pub tip_lamports: u64,
}

impl<'info> Trading<'_, 'info> {
    /// # Errors
    /// Those of the market; so below.
    pub fn buy(&self, outcome: u8, stake: u64, min_shares: u64) -> Result<()> {
        if self.is_flash() {
            let args = PlaceBetArgs {
                outcome,
                stake,
                min_shares,
                tip_lamports: 0,
            };
            return self.signed(self.bettor(None), |context| {
                flash_bets::cpi::place_bet(context, 0, args).map(|_| ())
            });
        }
        let args = BuyArgs {
            outcome,
            stake,
            min_shares,
        };
        self.signed(self.payer(), |context| {
            markets::cpi::buy(context, args).map(|_| ())
        })
    }

    pub fn sell(&self, outcome: u8, shares: u64, min_return: u64) -> Result<()> {
        if self.is_flash() {
            let args = CashOutArgs {
                outcome,
                shares,
                min_return,
                tip_lamports: 0,
            };
            return self.signed(self.holder(None), |context| {
                flash_bets::cpi::cash_out(context, 0, args).map(|_| ())
            });
        }
        let args = SellArgs {
            outcome,
            shares,
            min_return,
        };
        self.signed(self.owner(), |context| {
            markets::cpi::sell(context, args).map(|_| ())
        })
    }

    /// Has a purchase wait in a flash market, with a receipt.
    ///
    /// # Errors
    /// Those of the market; so below.
    pub fn buy_later(&self, outcome: u8, fill: Fill, waiting: Waiting<'_, 'info>) -> Result<()> {
        let args = PlaceBetArgs {
            outcome,
            stake: fill.amount,
            min_shares: fill.bound,
            tip_lamports: waiting.tip_lamports,
        };
        self.signed(self.bettor(Some(waiting)), |context| {
            flash_bets::cpi::place_bet(context, waiting.nonce, args).map(|_| ())
        })?;
        self.keep_receipt(waiting)
    }

    pub fn sell_later(&self, outcome: u8, fill: Fill, waiting: Waiting<'_, 'info>) -> Result<()> {
        let args = CashOutArgs {
            outcome,
            shares: fill.amount,
            min_return: fill.bound,
            tip_lamports: waiting.tip_lamports,
        };
        self.signed(self.holder(Some(waiting)), |context| {
            flash_bets::cpi::cash_out(context, waiting.nonce, args).map(|_| ())
        })?;
        self.keep_receipt(waiting)
    }

    fn keep_receipt(&self, waiting: Waiting<'_, 'info>) -> Result<()> {
        let keep = KeepReceipt {
            placer: self.desk.to_account_info(),
            rent_payer: waiting.rent_payer.clone(),
            market: self.market.clone(),
            pending: waiting.pending.clone(),
        };
        self.signed(keep, flash_bets::cpi::keep_receipt)
    }

    /// # Errors
    /// [`OrderError::NoSets`] on a flash market; so below.
    pub fn split(&self, sets: u64) -> Result<()> {
        require!(!self.is_flash(), OrderError::NoSets);
        self.signed(self.payer(), |context| {
            markets::cpi::split(context, sets).map(|_| ())
        })
    }

    pub fn merge(&self, sets: u64) -> Result<()> {
        require!(!self.is_flash(), OrderError::NoSets);
        self.signed(self.owner(), |context| {
            markets::cpi::merge(context, sets).map(|_| ())
        })
    }

    fn is_flash(&self) -> bool {
        *self.market_program.key == flash_bets::ID
    }

    fn payer(&self) -> Buy<'info> {
        Buy {
            payer: self.desk.to_account_info(),
            venue: self.venue.clone(),
            market: self.market.clone(),
            position: self.desk_position.clone(),
            market_tokens: self.market_tokens.clone(),
            payer_tokens: self.desk_tokens.clone(),
            token_program: self.token_program.to_account_info(),
        }
    }

    fn owner(&self) -> Sell<'info> {
        Sell {
            owner: self.desk.to_account_info(),
            venue: self.venue.clone(),
            market: self.market.clone(),
            position: self.desk_position.clone(),
            market_tokens: self.market_tokens.clone(),
            owner_tokens: self.desk_tokens.clone(),
            token_program: self.token_program.to_account_info(),
        }
    }

    fn bettor(&self, waiting: Option<Waiting<'_, 'info>>) -> PlaceBet<'info> {
        PlaceBet {
            payer: self.desk.to_account_info(),
            vault: self.venue.clone(),
            market: self.market.clone(),
            ticket: self.desk_position.clone(),
            market_tokens: self.market_tokens.clone(),
            payer_tokens: self.desk_tokens.clone(),
            pending: waiting.map(|waiting| waiting.pending.clone()),
            rent_payer: waiting.map(|waiting| waiting.rent_payer.clone()),
            token_program: self.token_program.to_account_info(),
            system_program: self.system_program(waiting),
        }
    }

    fn holder(&self, waiting: Option<Waiting<'_, 'info>>) -> CashOut<'info> {
        CashOut {
            owner: self.desk.to_account_info(),
            vault: self.venue.clone(),
            market: self.market.clone(),
            ticket: self.desk_position.clone(),
            market_tokens: self.market_tokens.clone(),
            owner_tokens: self.desk_tokens.clone(),
            pending: waiting.map(|waiting| waiting.pending.clone()),
            rent_payer: waiting.map(|waiting| waiting.rent_payer.clone()),
            token_program: self.token_program.to_account_info(),
            system_program: self.system_program(waiting),
        }
    }

    /// An account that there is not stands as the called program's own, which has to be among those given.
    fn system_program(&self, waiting: Option<Waiting<'_, 'info>>) -> Option<AccountInfo<'info>> {
        let system_program = waiting.map(|waiting| waiting.system_program.clone());
        Some(system_program.unwrap_or_else(|| self.market_program.clone()))
    }

    fn signed<T: ToAccountMetas + ToAccountInfos<'info>>(
        &self,
        accounts: T,
        call: impl FnOnce(CpiContext<'_, '_, '_, 'info, T>) -> Result<()>,
    ) -> Result<()> {
        let (market, bump) = (self.market.key(), [self.desk.load()?.bump]);
        let signer: &[&[&[u8]]] = &[&seeds::of_desk(&market, &bump)];
        let program = *self.market_program.key;
        call(CpiContext::new_with_signer(program, accounts, signer))
    }
}
