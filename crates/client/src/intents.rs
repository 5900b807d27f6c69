//! What a bettor wants, as the instructions that do it: accounts are read, the trade is quoted, and what
//! is worse than the quote by more than `slippage` is refused by the program.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use anchor_spl::associated_token::spl_associated_token_account::instruction::create_associated_token_account_idempotent;
use flash_bets::state::{FlashMarket, Vault};
use math::{Money, Shares};
use thiserror::Error;

use crate::{
    addresses::associated_tokens,
    instructions::flash_bets::{
        Buyer, CashOut as CashOutOf, CashOutArgs, OpenTicketAndBet, PlaceBetArgs,
    },
    quotes::{self, Quote},
    transport::{read, Transport, TransportError},
};

const BASIS_POINTS: u128 = 10_000;

/// A stake on an outcome of a flash market, for a ticket of one's own.
#[derive(Clone, Copy, Debug)]
pub struct Bet {
    pub market: Pubkey,
    /// From 0.
    pub outcome: u8,
    /// Base units, fee included.
    pub stake: u64,
    /// How many shares less than quoted to accept, basis points.
    pub slippage: u16,
}

/// Shares of an outcome of a flash market to sell back.
#[derive(Clone, Copy, Debug)]
pub struct CashOut {
    pub market: Pubkey,
    /// From 0.
    pub outcome: u8,
    pub shares: u64,
    /// How much less than quoted to accept, basis points.
    pub slippage: u16,
}

/// What does it, and what it comes to.
#[derive(Clone, Debug)]
pub struct Planned {
    pub instructions: Vec<Instruction>,
    pub quote: Quote,
    /// Whether the order waits for the market's bet delay, until somebody executes it.
    pub is_delayed: bool,
}

/// Why a trade cannot be planned.
#[derive(Debug, Error)]
pub enum IntentError {
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// With the program's name of the error and its sentence.
    #[error("{name}: {message}")]
    Quote { name: String, message: String },
}

impl From<anchor_lang::error::Error> for IntentError {
    fn from(error: anchor_lang::error::Error) -> Self {
        match error {
            anchor_lang::error::Error::AnchorError(error) => Self::Quote {
                name: error.error_name,
                message: error.error_msg,
            },
            other => Self::Quote {
                name: "ProgramError".to_string(),
                message: other.to_string(),
            },
        }
    }
}

impl Bet {
    /// Opens a ticket if there is none, and bets.
    ///
    /// # Errors
    /// [`IntentError::Quote`] if the market would not take it now.
    pub fn plan(&self, chain: &mut dyn Transport, owner: &Pubkey) -> Result<Planned, IntentError> {
        let market: FlashMarket = read(chain, &self.market)?;
        let clock = chain.clock()?;
        let quote = quotes::buy(&market, &clock, self.outcome, Money(self.stake))?;
        let (mint, token_program) = mint_of(chain, &market)?;
        let is_delayed = market.delay_slots > 0;
        let bet = OpenTicketAndBet {
            buyer: Buyer {
                payer: *owner,
                payer_tokens: associated_tokens(owner, &mint, &token_program),
                owner: *owner,
                vault: market.vault,
                market: self.market,
                token_program,
                order_rent_payer: is_delayed.then_some(*owner),
                nonce: clock.slot,
            },
            rent_payer: *owner,
            args: PlaceBetArgs {
                outcome: self.outcome,
                stake: self.stake,
                min_shares: less(quote.trade.shares.0, self.slippage),
                tip_lamports: 0,
            },
        };
        Ok(Planned {
            instructions: vec![bet.instruction()],
            quote,
            is_delayed,
        })
    }
}

impl CashOut {
    /// Opens the owner's associated token account if there is none, and sells.
    ///
    /// # Errors
    /// [`IntentError::Quote`] if the market would not take it now.
    pub fn plan(&self, chain: &mut dyn Transport, owner: &Pubkey) -> Result<Planned, IntentError> {
        let market: FlashMarket = read(chain, &self.market)?;
        let clock = chain.clock()?;
        let quote = quotes::sell(&market, &clock, self.outcome, Shares(self.shares))?;
        let (mint, token_program) = mint_of(chain, &market)?;
        let is_delayed = market.delay_slots > 0;
        let open = create_associated_token_account_idempotent(owner, owner, &mint, &token_program);
        let sale = CashOutOf {
            owner: *owner,
            vault: market.vault,
            market: self.market,
            owner_tokens: associated_tokens(owner, &mint, &token_program),
            token_program,
            order_rent_payer: is_delayed.then_some(*owner),
            nonce: clock.slot,
            args: CashOutArgs {
                outcome: self.outcome,
                shares: self.shares,
                min_return: less(proceeds(&quote), self.slippage),
                tip_lamports: 0,
            },
        };
        Ok(Planned {
            instructions: vec![open, sale.instruction()],
            quote,
            is_delayed,
        })
    }
}

/// What a seller gets, base units: the trade's cost less its fee.
pub fn proceeds(sale: &Quote) -> u64 {
    sale.trade.cost.0.saturating_sub(sale.trade.fee.0)
}

/// `amount` less `basis_points` of it, rounded down.
pub fn less(amount: u64, basis_points: u16) -> u64 {
    let kept = BASIS_POINTS.saturating_sub(u128::from(basis_points));
    let left = u128::from(amount)
        .saturating_mul(kept)
        .div_euclid(BASIS_POINTS);
    u64::try_from(left).unwrap_or(amount)
}

/// The mint that a market is in, and its token program.
fn mint_of(
    chain: &mut dyn Transport,
    market: &FlashMarket,
) -> Result<(Pubkey, Pubkey), TransportError> {
    let vault: Vault = read(chain, &market.vault)?;
    let mint = chain.account(&vault.mint)?;
    let mint = mint.ok_or(TransportError::Missing {
        name: "mint",
        address: vault.mint,
    })?;
    Ok((vault.mint, mint.owner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slippage_rounds_down() {
        assert_eq!(less(10_000, 100), 9_900);
        assert_eq!(less(3, 1), 2);
        assert_eq!(less(u64::MAX, 0), u64::MAX);
        assert_eq!(less(5, 10_000), 0);
    }

    #[test]
    fn an_error_of_a_program_has_its_name() {
        let error = IntentError::from(anchor_lang::error::Error::from(
            flash_bets::error::FlashError::Overflow,
        ));
        assert!(error.to_string().starts_with("Overflow: "), "{error}");
    }
}
