//! Shares of a liquidity vault, the split of fees, and bonds.
//!
//! Both conversions count a thousand virtual shares and one virtual base unit more than there are.
//! Whoever inflates the first share's price by a donation gives most of it to the virtual shares.

use crate::error::MathError;
use crate::units::{BasisPoints, Money, Shares};
use crate::wide::{divide, divide_ceil};

const VIRTUAL_SHARES: u128 = 1_000;
const VIRTUAL_ASSETS: u128 = 1;

/// Of what comes back to fewer shares than these, the virtual ones would get more than a thousandth, and nobody could
/// ever withdraw it.
pub const LEAST_STAYING: Shares = Shares(1_000_000);

/// Least shares that stay while money is out: a million, but of few shares no more than a thousandth, and one. So what
/// has to stay is worth a thousandth at most where little is left to whom much comes back, and a share is dear.
pub fn least_staying(supply: Shares) -> Shares {
    let part = supply.0.checked_div(1_000).unwrap_or(0);
    Shares(part.saturating_add(1)).min(LEAST_STAYING)
}

/// Shares for a base unit at which a vault is ruined; it opens with a thousand.
const RUINOUS_SHARES: u64 = 1_000_000_000;

/// Whether the shares have lost all but a millionth of what they cost in an empty vault. At such a
/// price a deposit of some size would be of more shares than can be counted. Nobody can be helped
/// by keeping the vault: it may be closed with shares outstanding, which are worth at most a
/// billionth of a base unit each, and opened anew. `equity` is the high estimate.
pub fn is_ruined(supply: Shares, equity: Money) -> bool {
    let backed = u128::from(equity.0).saturating_mul(u128::from(RUINOUS_SHARES));
    supply > Shares::ZERO && backed < u128::from(supply.0)
}

/// Shares for a deposit: `amount · (supply + 1000) / (equity + 1)`, rounded down. `equity` is the
/// high estimate, before the deposit.
///
/// # Errors
/// `NoShares` when they round to zero, `Overflow`.
pub fn shares_for_deposit(
    amount: Money,
    supply: Shares,
    equity: Money,
) -> Result<Shares, MathError> {
    let shares = multiply_divide(
        amount.0,
        counted(supply.0, VIRTUAL_SHARES),
        counted(equity.0, VIRTUAL_ASSETS),
    )?;
    if shares == 0 {
        return Err(MathError::NoShares);
    }
    Ok(Shares(shares))
}

/// Money for shares withdrawn: `shares · (free cash + 1) / (supply + 1000)`, rounded down.
/// `supply` is before the withdrawal.
///
/// # Errors
/// `MoreThanSold` when there are fewer shares than that.
pub fn assets_for_shares(
    shares: Shares,
    supply: Shares,
    free_cash: Money,
) -> Result<Money, MathError> {
    if shares > supply {
        return Err(MathError::MoreThanSold);
    }
    multiply_divide(
        shares.0,
        counted(free_cash.0, VIRTUAL_ASSETS),
        counted(supply.0, VIRTUAL_SHARES),
    )
    .map(|assets| Money(assets.min(free_cash.0)))
}

/// Cash that must stay free for shares whose withdrawal has been asked for:
/// `requested · (equity + 1) / (supply + 1000)`, rounded up, at most `equity`, which is the high
/// estimate. If fewer than [`least_staying`] would stay it is all of `equity`.
///
/// # Errors
/// `MoreThanSold` when there are fewer shares than that, `Overflow`.
pub fn cash_for_withdrawals(
    requested: Shares,
    supply: Shares,
    equity: Money,
) -> Result<Money, MathError> {
    if requested > supply {
        return Err(MathError::MoreThanSold);
    }
    if requested.0 > 0 && supply.0.saturating_sub(requested.0) < least_staying(supply).0 {
        return Ok(equity);
    }
    let product = u128::from(requested.0)
        .checked_mul(counted(equity.0, VIRTUAL_ASSETS))
        .ok_or(MathError::Overflow)?;
    let cash = divide_ceil(product, counted(supply.0, VIRTUAL_SHARES))?;
    u64::try_from(cash.min(u128::from(equity.0)))
        .map(Money)
        .map_err(|_| MathError::Overflow)
}

/// With the virtual ones. No overflow: both are below 2⁶⁴.
fn counted(amount: u64, virtual_ones: u128) -> u128 {
    u128::from(amount).wrapping_add(virtual_ones)
}

fn multiply_divide(amount: u64, numerator: u128, denominator: u128) -> Result<u64, MathError> {
    let product = u128::from(amount)
        .checked_mul(numerator)
        .ok_or(MathError::Overflow)?;
    divide(product, denominator)
        .and_then(|quotient| u64::try_from(quotient).ok())
        .ok_or(MathError::Overflow)
}

/// A fee's parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeParts {
    pub liquidity: Money,
    pub protocol: Money,
    pub operator: Money,
}

/// Splits a fee: the protocol's and the operator's parts are rounded down, the liquidity providers
/// get the rest, so the parts sum to the fee.
///
/// # Errors
/// `SplitAboveWhole` when the two rates sum to more than 10,000.
pub fn split_fee(
    fee: Money,
    protocol: BasisPoints,
    operator: BasisPoints,
) -> Result<FeeParts, MathError> {
    let rates = u32::from(protocol.0).saturating_add(u32::from(operator.0));
    if rates > u32::from(BasisPoints::ONE) {
        return Err(MathError::SplitAboveWhole);
    }
    let protocol = Money(protocol.of_floor(fee.0)?);
    let operator = Money(operator.of_floor(fee.0)?);
    Ok(FeeParts {
        liquidity: fee.checked_sub(protocol)?.checked_sub(operator)?,
        protocol,
        operator,
    })
}

/// What a dispute must put up: a share of the open interest, rounded up, but at least the floor.
///
/// # Errors
/// `Overflow`.
pub fn dispute_bond(
    open_interest: Money,
    share: BasisPoints,
    floor: Money,
) -> Result<Money, MathError> {
    Ok(Money(share.of_ceil(open_interest.0)?).max(floor))
}
