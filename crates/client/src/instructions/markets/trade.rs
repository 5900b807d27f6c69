//! What traders do.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use anchor_lang::InstructionData;
use markets::accounts;
use markets::instruction;
use markets::instructions::BuyArgs;
use markets::instructions::BuySharesArgs;
use markets::instructions::SellArgs;
use markets::instructions::TradeOrder;
use markets::ID;

use crate::addresses::markets::liquidity;
use crate::addresses::markets::market_tokens;
use crate::addresses::markets::position;
use crate::instructions::build;

/// Opens the owner's position in a market; signed by owner and payer.
#[derive(Clone, Copy, Debug)]
pub struct OpenPosition {
    /// Pays the rent, and gets it on close.
    pub payer: Pubkey,
    pub owner: Pubkey,
    pub market: Pubkey,
    /// Whether only the owner redeems it in the week after the settlement.
    pub is_held: bool,
}

impl OpenPosition {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::OpenPosition {
                payer: self.payer,
                owner: self.owner,
                market: self.market,
                position: position(&self.market, &self.owner),
                system_program: system_program::ID,
            },
            &instruction::OpenPosition {
                is_held: self.is_held,
            },
        )
    }
}

/// Who buys for whom.
#[derive(Clone, Copy, Debug)]
pub struct Buyer {
    /// Whose money it is; signs.
    pub payer: Pubkey,
    pub payer_tokens: Pubkey,
    /// Of the position.
    pub owner: Pubkey,
    pub venue: Pubkey,
    pub market: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl Buyer {
    fn build(&self, data: &impl InstructionData) -> Instruction {
        let accounts = accounts::Buy {
            payer: self.payer,
            venue: self.venue,
            market: self.market,
            position: position(&self.market, &self.owner),
            market_tokens: market_tokens(&self.market),
            payer_tokens: self.payer_tokens,
            token_program: self.token_program,
        };
        build(ID, &accounts, data)
    }
}

/// Buys for an exact stake; signed by the payer.
#[derive(Clone, Copy, Debug)]
pub struct Buy {
    pub buyer: Buyer,
    pub args: BuyArgs,
}

impl Buy {
    pub fn instruction(&self) -> Instruction {
        self.buyer.build(&instruction::Buy { args: self.args })
    }
}

/// Buys an exact number of shares; signed by the payer.
#[derive(Clone, Copy, Debug)]
pub struct BuyShares {
    pub buyer: Buyer,
    pub args: BuySharesArgs,
}

impl BuyShares {
    pub fn instruction(&self) -> Instruction {
        self.buyer
            .build(&instruction::BuyShares { args: self.args })
    }
}

/// Makes complete sets; signed by the payer.
#[derive(Clone, Copy, Debug)]
pub struct Split {
    pub buyer: Buyer,
    /// Base units, and shares of each outcome.
    pub amount: u64,
}

impl Split {
    pub fn instruction(&self) -> Instruction {
        let amount = self.amount;
        self.buyer.build(&instruction::Split { amount })
    }
}

/// Whose shares or liquidity it is, and where the money goes to or comes from.
#[derive(Clone, Copy, Debug)]
pub struct Holder {
    /// Signs.
    pub owner: Pubkey,
    pub owner_tokens: Pubkey,
    pub venue: Pubkey,
    pub market: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl Holder {
    fn build_sale(&self, data: &impl InstructionData) -> Instruction {
        let accounts = accounts::Sell {
            owner: self.owner,
            venue: self.venue,
            market: self.market,
            position: position(&self.market, &self.owner),
            market_tokens: market_tokens(&self.market),
            owner_tokens: self.owner_tokens,
            token_program: self.token_program,
        };
        build(ID, &accounts, data)
    }

    pub(super) fn build_liquidity(&self, data: &impl InstructionData) -> Instruction {
        let accounts = accounts::ChangeLiquidity {
            owner: self.owner,
            venue: self.venue,
            market: self.market,
            liquidity: liquidity(&self.market, &self.owner),
            position: position(&self.market, &self.owner),
            market_tokens: market_tokens(&self.market),
            owner_tokens: self.owner_tokens,
            token_program: self.token_program,
        };
        build(ID, &accounts, data)
    }
}

/// Sells an exact number of shares; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct Sell {
    pub holder: Holder,
    pub args: SellArgs,
}

impl Sell {
    pub fn instruction(&self) -> Instruction {
        self.holder
            .build_sale(&instruction::Sell { args: self.args })
    }
}

/// Turns complete sets into money; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct Merge {
    pub holder: Holder,
    /// Shares of each outcome, and base units.
    pub amount: u64,
}

impl Merge {
    pub fn instruction(&self) -> Instruction {
        let amount = self.amount;
        self.holder.build_sale(&instruction::Merge { amount })
    }
}

/// Asks what an order would trade now; the receipt comes back as return data.
#[derive(Clone, Copy, Debug)]
pub struct Quote {
    pub venue: Pubkey,
    pub market: Pubkey,
    pub outcome: u8,
    pub order: TradeOrder,
}

impl Quote {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Quote {
                venue: self.venue,
                market: self.market,
            },
            &instruction::Quote {
                outcome: self.outcome,
                order: self.order,
            },
        )
    }
}

/// Gives shares to another position in the market; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct TransferShares {
    pub owner: Pubkey,
    pub market: Pubkey,
    /// Has a position in the market.
    pub receiver: Pubkey,
    pub outcome: u8,
    pub shares: u64,
}

impl TransferShares {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::TransferShares {
                owner: self.owner,
                market: self.market,
                position: position(&self.market, &self.owner),
                receiver: position(&self.market, &self.receiver),
            },
            &instruction::TransferShares {
                outcome: self.outcome,
                shares: self.shares,
            },
        )
    }
}

/// Closes an empty position; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct ClosePosition {
    pub owner: Pubkey,
    pub market: Pubkey,
    /// Who paid the position's rent.
    pub rent_payer: Pubkey,
}

impl ClosePosition {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ClosePosition {
                owner: self.owner,
                market: self.market,
                position: position(&self.market, &self.owner),
                rent_payer: self.rent_payer,
            },
            &instruction::ClosePosition {},
        )
    }
}
