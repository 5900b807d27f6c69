//! Accounts that anybody may end for those to whom something is due: whoever it is due to is paid,
//! and the rent goes back.

use anchor_lang::{prelude::*, Owner};
use anchor_spl::token_interface::TokenInterface;

use crate::{tokens::Payee, KitError};

/// An account of a market with something due to somebody, until it is closed.
pub trait Claim: AccountSerialize + AccountDeserialize + Owner + Clone {
    /// The market, who is paid, and who gets the rent.
    fn parties(&self) -> [Pubkey; 3];
}

/// Who gets the rent of an account: who paid it, or `otherwise` where that one has become a program since. What a
/// called program pays to one, its caller does not see, so that the runtime refuses both: anybody could stop a
/// program so that closes what he paid the rent of.
pub fn rent_receiver<'info>(
    rent_payer: &AccountInfo<'info>,
    otherwise: &AccountInfo<'info>,
) -> AccountInfo<'info> {
    if rent_payer.executable {
        otherwise.clone()
    } else {
        rent_payer.clone()
    }
}

/// The accounts that one claim takes, as whoever ends it gives them.
pub struct ClaimAccounts<'info> {
    pub claim: &'info AccountInfo<'info>,
    pub claimant: &'info AccountInfo<'info>,
    /// The claimant's associated token account, or any of the claimant's if that one signs.
    pub tokens: &'info AccountInfo<'info>,
    pub rent_payer: &'info AccountInfo<'info>,
}

impl<'info> ClaimAccounts<'info> {
    /// The claim, which names the other accounts; `None` if it was ended before. One that is given
    /// twice is closed the second time, and no claim any more.
    ///
    /// # Errors
    /// `WrongAccount`, `WrongRentReceiver`.
    #[inline(always)]
    pub fn load<T: Claim>(
        &self,
        market: &Pubkey,
    ) -> core::result::Result<Option<Account<'info, T>>, KitError> {
        if *self.claim.owner != T::owner() {
            return Ok(None);
        }
        let claim = Account::<T>::try_from(self.claim).map_err(|_| KitError::WrongAccount)?;
        let [of_market, claimant, rent_payer] = claim.parties();
        if of_market != *market || claimant != *self.claimant.key {
            return Err(KitError::WrongAccount);
        }
        if rent_payer != *self.rent_payer.key {
            return Err(KitError::WrongRentReceiver);
        }
        Ok(Some(claim))
    }

    /// Who is paid, and where. `fallback` takes the place of an associated token account that
    /// cannot receive.
    pub fn payee<'a>(
        &self,
        mint: Pubkey,
        token_program: &'a Interface<'info, TokenInterface>,
        fallback: Option<&'a AccountInfo<'info>>,
    ) -> Payee<'a, 'info>
    where
        'info: 'a,
    {
        Payee {
            owner: self.claimant,
            mint,
            token_program,
            tokens: self.tokens,
            fallback,
        }
    }
}
