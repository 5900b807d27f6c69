//! What a desk trades in its market.

use anchor_lang::{prelude::*, InstructionData};
use anchor_spl::token_interface::TokenInterface;
use flash_bets::instructions::{CashOutArgs, PlaceBetArgs};
use markets::instructions::{BuyArgs, SellArgs};
use program_kit::{call, Access, Called};

use crate::{
    error::OrderError,
    state::{seeds, Desk, Fill, OrderSide},
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

impl<'a, 'info> Trading<'a, 'info> {
    /// Buys or sells at once.
    ///
    /// # Errors
    /// Those of the market; so below.
    pub fn trade(&self, side: OrderSide, outcome: u8, fill: Fill) -> Result<()> {
        match side {
            _ if self.is_flash() => self.in_flash_market(side, outcome, fill, None),
            OrderSide::Buy => {
                let args = BuyArgs {
                    outcome,
                    stake: fill.amount,
                    min_shares: fill.bound,
                };
                self.in_market(&markets::instruction::Buy { args })
            }
            OrderSide::Sell => {
                let args = SellArgs {
                    outcome,
                    shares: fill.amount,
                    min_return: fill.bound,
                };
                self.in_market(&markets::instruction::Sell { args })
            }
        }
    }

    /// Has a trade wait in a flash market, with a receipt.
    ///
    /// # Errors
    /// Those of the market; so below.
    pub fn trade_later(
        &self,
        side: OrderSide,
        outcome: u8,
        fill: Fill,
        waiting: Waiting<'a, 'info>,
    ) -> Result<()> {
        self.in_flash_market(side, outcome, fill, Some(waiting))?;
        self.keep_receipt(waiting)
    }

    fn keep_receipt(&self, waiting: Waiting<'a, 'info>) -> Result<()> {
        let accounts = [
            (self.desk.as_ref(), Access::Signer),
            (waiting.rent_payer, Access::Signer),
            (self.market, Access::Write),
            (waiting.pending, Access::Write),
        ];
        self.call(accounts, &flash_bets::instruction::KeepReceipt {})
    }

    /// # Errors
    /// [`OrderError::NoSets`] on a flash market; so below.
    pub fn split(&self, sets: u64) -> Result<()> {
        require!(!self.is_flash(), OrderError::NoSets);
        self.in_market(&markets::instruction::Split { amount: sets })
    }

    pub fn merge(&self, sets: u64) -> Result<()> {
        require!(!self.is_flash(), OrderError::NoSets);
        self.in_market(&markets::instruction::Merge { amount: sets })
    }

    fn is_flash(&self) -> bool {
        *self.market_program.key == flash_bets::ID
    }

    /// Of `buy`, `sell`, `split` or `merge`, which take the same accounts.
    fn in_market(&self, arguments: &impl InstructionData) -> Result<()> {
        let [desk, venue, market, position, market_tokens, desk_tokens] = self.accounts();
        let token_program = (self.token_program.as_ref(), Access::Read);
        let accounts = [
            desk,
            venue,
            market,
            position,
            market_tokens,
            desk_tokens,
            token_program,
        ];
        self.call(accounts, arguments)
    }

    /// `place_bet` or `cash_out`, which take the same accounts.
    fn in_flash_market(
        &self,
        side: OrderSide,
        outcome: u8,
        fill: Fill,
        waiting: Option<Waiting<'a, 'info>>,
    ) -> Result<()> {
        let (nonce, tip_lamports) =
            waiting.map_or((0, 0), |waiting| (waiting.nonce, waiting.tip_lamports));
        let accounts = self.in_flash_market_accounts(waiting);
        match side {
            OrderSide::Buy => {
                let args = PlaceBetArgs {
                    outcome,
                    stake: fill.amount,
                    min_shares: fill.bound,
                    tip_lamports,
                };
                self.call(accounts, &flash_bets::instruction::PlaceBet { nonce, args })
            }
            OrderSide::Sell => {
                let args = CashOutArgs {
                    outcome,
                    shares: fill.amount,
                    min_return: fill.bound,
                    tip_lamports,
                };
                self.call(accounts, &flash_bets::instruction::CashOut { nonce, args })
            }
        }
    }

    fn in_flash_market_accounts(
        &self,
        waiting: Option<Waiting<'a, 'info>>,
    ) -> [Called<'a, 'info>; 10] {
        let [desk, vault, market, ticket, market_tokens, desk_tokens] = self.accounts();
        // An account that there is not stands as the called program's own, which has to be among those given.
        let none = (self.market_program, Access::Read);
        let [pending, rent_payer, system_program] = waiting.map_or([none; 3], |waiting| {
            [
                (waiting.pending, Access::Write),
                (waiting.rent_payer, Access::Payer),
                (waiting.system_program, Access::Read),
            ]
        });
        let token_program = (self.token_program.as_ref(), Access::Read);
        [
            desk,
            vault,
            market,
            ticket,
            market_tokens,
            desk_tokens,
            pending,
            rent_payer,
            token_program,
            system_program,
        ]
    }

    /// Those that every trade starts with.
    fn accounts(&self) -> [Called<'a, 'info>; 6] {
        [
            (self.desk.as_ref(), Access::Signer),
            (self.venue, Access::Read),
            (self.market, Access::Write),
            (self.desk_position, Access::Write),
            (self.market_tokens, Access::Write),
            (self.desk_tokens, Access::Write),
        ]
    }

    fn call<const N: usize>(
        &self,
        accounts: [Called<'_, 'info>; N],
        arguments: &impl InstructionData,
    ) -> Result<()> {
        let (market, bump) = (self.market.key(), [self.desk.load()?.bump]);
        let signer = seeds::of_desk(&market, &bump);
        call(*self.market_program.key, accounts, arguments, &signer)
    }
}
