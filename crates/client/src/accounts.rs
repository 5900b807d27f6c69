//! Accounts of the programs from bytes.

use anchor_lang::{prelude::Pubkey, AccountDeserialize, Discriminator, Owner};
use thiserror::Error;

use crate::errors::program_name;

/// Why bytes are not an account of the type asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AccountError {
    #[error(
        "account is owned by {}, expected {}",
        program_name(found),
        program_name(expected)
    )]
    Owner { found: Pubkey, expected: Pubkey },
    #[error("account is not a {expected}: another discriminator")]
    Discriminator { expected: &'static str },
    #[error("{name} has {found} bytes, expected {expected}: the program on this cluster is of another version than this client")]
    Length {
        name: &'static str,
        found: usize,
        expected: usize,
    },
    #[error(
        "{name} is malformed: the program on this cluster is of another version than this client"
    )]
    Malformed { name: &'static str },
}

/// An account type of one of Strobe's programs.
pub trait StrobeAccount: Owner + Discriminator + Sized {
    /// The type's name as the IDL has it.
    const NAME: &'static str;

    /// Reads the bytes after the discriminator has been checked. Use [`decode`].
    ///
    /// # Errors
    /// [`AccountError::Length`], [`AccountError::Malformed`].
    fn from_checked(data: &[u8]) -> Result<Self, AccountError>;
}

/// Reads an account after checking its owner and its discriminator.
///
/// # Errors
/// Each variant of [`AccountError`].
pub fn decode<T: StrobeAccount>(owner: &Pubkey, data: &[u8]) -> Result<T, AccountError> {
    if *owner != T::owner() {
        return Err(AccountError::Owner {
            found: *owner,
            expected: T::owner(),
        });
    }
    if !data.starts_with(T::DISCRIMINATOR) {
        return Err(AccountError::Discriminator { expected: T::NAME });
    }
    T::from_checked(data)
}

macro_rules! borsh {
    ($($account:ty),*) => {$(
        impl StrobeAccount for $account {
            const NAME: &'static str = stringify!($account);

            fn from_checked(mut data: &[u8]) -> Result<Self, AccountError> {
                Self::try_deserialize(&mut data)
                    .map_err(|_| AccountError::Malformed { name: Self::NAME })
            }
        }
    )*};
}

macro_rules! zero_copy {
    ($($account:ty),*) => {$(
        impl StrobeAccount for $account {
            const NAME: &'static str = stringify!($account);

            fn from_checked(data: &[u8]) -> Result<Self, AccountError> {
                let body = &data[Self::DISCRIMINATOR.len()..];
                bytemuck::try_pod_read_unaligned(body).map_err(|_| AccountError::Length {
                    name: Self::NAME,
                    found: data.len(),
                    expected: Self::DISCRIMINATOR.len() + core::mem::size_of::<Self>(),
                })
            }
        }
    )*};
}

use flash_bets::instructions::FlashPriceFeed;
use flash_bets::state::{
    Chain, ChainBook, Deposit, EventBook, FeedBook, FlashMarket, OperatorFees, PendingOrder,
    QuantumGroup, QuantumTicket, RollingChain, Ticket, Vault, Verse, Withdrawal,
};
use leverage::state::{
    CorrelationGroup, LendingPool, LeveredPosition, ListedMarket, PendingOpen, PoolDeposit,
    PoolWithdrawal,
};
use markets::instructions::PriceFeed;
use markets::state::{Dispute, LiquidityPosition, Market, Position, Venue};
use oracle::{Observation, OracleConfig, ProviderSet, ResultRoot, VerifyingKey};
use orders::state::{Batch, Desk, DeskOrder, SealedOrder};

borsh!(OracleConfig);
borsh!(
    Deposit,
    EventBook,
    FeedBook,
    OperatorFees,
    PendingOrder,
    RollingChain,
    Ticket,
    Withdrawal
);
borsh!(PendingOpen, PoolDeposit, PoolWithdrawal);
borsh!(
    Batch,
    DeskOrder,
    Dispute,
    LiquidityPosition,
    Position,
    SealedOrder
);
zero_copy!(
    Chain,
    ChainBook,
    CorrelationGroup,
    LendingPool,
    LeveredPosition,
    ListedMarket,
    Desk,
    Observation,
    ProviderSet,
    ResultRoot,
    VerifyingKey,
    FlashMarket,
    QuantumGroup,
    QuantumTicket,
    FlashPriceFeed,
    Vault,
    Verse,
    Market,
    PriceFeed,
    Venue
);

#[cfg(test)]
mod tests {
    use super::*;

    fn provider_set() -> ProviderSet {
        let mut set: ProviderSet = bytemuck::Zeroable::zeroed();
        set.threshold = 3;
        set
    }

    fn bytes(set: &ProviderSet) -> Vec<u8> {
        [ProviderSet::DISCRIMINATOR, bytemuck::bytes_of(set)].concat()
    }

    #[test]
    fn decode_own_bytes_gives_the_account() {
        let set = decode::<ProviderSet>(&oracle::ID, &bytes(&provider_set()));
        assert_eq!(set.map(|set| set.threshold), Ok(3));
    }

    #[test]
    fn decode_other_owner_is_refused() {
        let found = Pubkey::new_unique();
        assert_eq!(
            decode::<ProviderSet>(&found, &bytes(&provider_set())).map(|_| ()),
            Err(AccountError::Owner {
                found,
                expected: oracle::ID
            })
        );
    }

    #[test]
    fn decode_other_type_is_refused() {
        assert_eq!(
            decode::<Observation>(&oracle::ID, &bytes(&provider_set())).map(|_| ()),
            Err(AccountError::Discriminator {
                expected: "Observation"
            })
        );
    }

    #[test]
    fn decode_other_length_is_refused() {
        let mut data = bytes(&provider_set());
        data.push(0);
        assert_eq!(
            decode::<ProviderSet>(&oracle::ID, &data).map(|_| ()),
            Err(AccountError::Length {
                name: "ProviderSet",
                found: 201,
                expected: 200
            })
        );
        assert_eq!(
            decode::<OracleConfig>(&oracle::ID, OracleConfig::DISCRIMINATOR).map(|_| ()),
            Err(AccountError::Malformed {
                name: "OracleConfig"
            })
        );
    }
}
