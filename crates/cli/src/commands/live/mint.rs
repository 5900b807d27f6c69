//! Amounts of a token, as people write them.

use std::{error::Error, str::FromStr};

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction, AccountDeserialize};
use anchor_spl::{
    associated_token::spl_associated_token_account::instruction::create_associated_token_account_idempotent,
    token_interface,
};
use client::{
    addresses::associated_tokens,
    transport::{Transport, TransportError},
};
use thiserror::Error;

use super::session::Session;

/// What a command has to know of a mint.
#[derive(Clone, Copy, Debug)]
pub struct Mint {
    pub address: Pubkey,
    pub token_program: Pubkey,
    pub decimals: u8,
}

/// A number of tokens, not base units: `12`, `0.5`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    whole: String,
    fraction: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TokensError {
    #[error(
        "{0:?} is no amount of tokens, expected digits and at most one point, such as 12 or 0.5"
    )]
    NotANumber(String),
    #[error("the token has {decimals} decimals, but the amount has {found}")]
    TooFine { decimals: u8, found: usize },
    #[error("the amount is above 2^64 base units")]
    TooMuch,
}

#[derive(Debug, Error)]
#[error("{address} is no mint: it is an account of {owner}")]
struct NotAMint {
    address: Pubkey,
    owner: Pubkey,
}

impl Session {
    /// # Errors
    /// If there is none at the address.
    pub fn mint(&mut self, address: &Pubkey) -> Result<Mint, Box<dyn Error>> {
        let account = self
            .chain
            .account(address)?
            .ok_or(TransportError::Missing {
                name: "mint",
                address: *address,
            })?;
        let not_a_mint = NotAMint {
            address: *address,
            owner: account.owner,
        };
        if ![anchor_spl::token::ID, anchor_spl::token_2022::ID].contains(&account.owner) {
            return Err(not_a_mint.into());
        }
        let mint = token_interface::Mint::try_deserialize(&mut account.data.as_slice())
            .map_err(|_| not_a_mint)?;
        Ok(Mint {
            address: *address,
            token_program: account.owner,
            decimals: mint.decimals,
        })
    }

    /// Base units in a token account; 0 if there is none.
    ///
    /// # Errors
    /// If the cluster does not answer.
    pub fn token_balance(&mut self, tokens: &Pubkey) -> Result<u64, Box<dyn Error>> {
        let account = self.chain.account(tokens)?;
        let read = account.and_then(|account| {
            token_interface::TokenAccount::try_deserialize(&mut account.data.as_slice()).ok()
        });
        Ok(read.map_or(0, |tokens| tokens.amount))
    }
}

impl Mint {
    /// Where an owner's tokens are.
    pub fn tokens_of(&self, owner: &Pubkey) -> Pubkey {
        associated_tokens(owner, &self.address, &self.token_program)
    }

    /// Opens an owner's token account, if there is none.
    pub fn open_tokens(&self, payer: &Pubkey, owner: &Pubkey) -> Instruction {
        create_associated_token_account_idempotent(payer, owner, &self.address, &self.token_program)
    }

    /// Base units of an amount.
    ///
    /// # Errors
    /// [`TokensError::TooFine`], [`TokensError::TooMuch`].
    pub fn base_units(&self, tokens: &Tokens) -> Result<u64, TokensError> {
        let decimals = usize::from(self.decimals);
        if tokens.fraction.len() > decimals {
            return Err(TokensError::TooFine {
                decimals: self.decimals,
                found: tokens.fraction.len(),
            });
        }
        let digits = format!("{}{:0<decimals$}", tokens.whole, tokens.fraction);
        digits.parse().map_err(|_| TokensError::TooMuch)
    }

    /// Base units of the shares of an outcome to sell: all that are held, unless it is said.
    ///
    /// # Errors
    /// If there are fewer, or none.
    pub fn sale(
        &self,
        outcome: u8,
        asked: Option<&Tokens>,
        held: Option<u64>,
    ) -> Result<u64, Box<dyn Error>> {
        let held = held.unwrap_or(0);
        let shares = match asked {
            Some(shares) => self.base_units(shares)?,
            None => held,
        };
        if shares == 0 || shares > held {
            return Err(format!(
                "nothing is sold: there are {} shares of outcome {outcome}, asked for are {}",
                self.show(held),
                self.show(shares)
            )
            .into());
        }
        Ok(shares)
    }

    /// An amount as people write it.
    pub fn show(&self, base_units: u64) -> String {
        let decimals = usize::from(self.decimals);
        let digits = format!("{base_units:0>width$}", width = decimals.saturating_add(1));
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(decimals));
        match fraction.trim_end_matches('0') {
            "" => whole.to_string(),
            fraction => format!("{whole}.{fraction}"),
        }
    }
}

impl FromStr for Tokens {
    type Err = TokensError;

    fn from_str(text: &str) -> Result<Self, TokensError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let is_empty = whole.is_empty() && fraction.is_empty();
        let ends_in_point = text.ends_with('.');
        if is_empty || ends_in_point || !is_number(whole) || !is_number(fraction) {
            return Err(TokensError::NotANumber(text.to_string()));
        }
        Ok(Self {
            whole: if whole.is_empty() { "0" } else { whole }.to_string(),
            fraction: fraction.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mint(decimals: u8) -> Mint {
        Mint {
            address: Pubkey::default(),
            token_program: Pubkey::default(),
            decimals,
        }
    }

    fn parsed(text: &str, decimals: u8) -> Result<u64, TokensError> {
        mint(decimals).base_units(&text.parse()?)
    }

    #[test]
    fn amounts_are_exact() {
        assert_eq!(parsed("12", 6), Ok(12_000_000));
        assert_eq!(parsed("0.000001", 6), Ok(1));
        assert_eq!(parsed(".5", 1), Ok(5));
        assert_eq!(parsed("7", 0), Ok(7));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", ".", "1.", "-1", "1,5", "1e3", "1.2.3"] {
            assert_eq!(
                parsed(text, 6),
                Err(TokensError::NotANumber(text.to_string()))
            );
        }
        let too_fine = TokensError::TooFine {
            decimals: 6,
            found: 7,
        };
        assert_eq!(parsed("0.0000001", 6), Err(too_fine));
        assert_eq!(parsed("18446744073709551616", 0), Err(TokensError::TooMuch));
    }

    #[test]
    fn what_is_shown_is_read_back() {
        for units in [0, 1, 500_000, 1_000_000, 12_345_678, u64::MAX] {
            assert_eq!(parsed(&mint(6).show(units), 6), Ok(units));
        }
        assert_eq!(mint(6).show(1_500_000), "1.5");
    }
}
