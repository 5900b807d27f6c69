//! Creating accounts at program addresses, cheaply and whatever was done to the address before.

use anchor_lang::{
    prelude::*,
    system_program::{self, Allocate, Assign, CreateAccount, Transfer},
};
use solana_curve25519::edwards::{validate_edwards, PodEdwardsPoint};

/// What the runtime hashes into a program address after the seeds and the program.
const MARKER: &[u8] = b"ProgramDerivedAddress";

/// The program address of `seeds` and its bump, the greatest one that gives an address off the
/// curve: what `Pubkey::find_program_address` gives for 1,500 compute units a try, for 400.
///
/// `None` only if every bump gave a point of the curve, for which no seeds are known.
pub fn find(seeds: &[&[u8]], program_id: &Pubkey) -> Option<(Pubkey, u8)> {
    let mut bytes = seeds.concat();
    let bump_at = bytes.len();
    bytes.push(u8::MAX);
    bytes.extend_from_slice(program_id.as_ref());
    bytes.extend_from_slice(MARKER);
    (0..=u8::MAX).rev().find_map(|bump| {
        *bytes.get_mut(bump_at)? = bump;
        let hash = solana_sha256_hasher::hash(&bytes).to_bytes();
        (!validate_edwards(&PodEdwardsPoint(hash))).then(|| (Pubkey::from(hash), bump))
    })
}

/// Creates an account of this program with `space` bytes of zeros at the program address that
/// `signer_seeds`, bump included, give. The runtime checks that they give that address.
///
/// Anybody can send lamports to an address before there is an account: those count towards the
/// rent, and cannot keep the account from being created.
///
/// # Errors
/// Those of the system program; `AccountAlreadyInUse` if there is an account already.
pub fn create<'info>(
    payer: &AccountInfo<'info>,
    account: &AccountInfo<'info>,
    system_program: &Program<'info, System>,
    signer_seeds: &[&[u8]],
    space: u64,
    owner: &Pubkey,
) -> Result<()> {
    let rent = Rent::get()?.minimum_balance(usize::try_from(space)?);
    let signer = &[signer_seeds];
    let system = system_program.key();
    let (from, to) = (payer.clone(), account.clone());
    let present = account.lamports();
    if present == 0 {
        let create = CpiContext::new(system, CreateAccount { from, to }).with_signer(signer);
        return system_program::create_account(create, rent, space, owner);
    }
    let missing = rent.saturating_sub(present);
    if missing > 0 {
        let transfer = CpiContext::new(system, Transfer { from, to });
        system_program::transfer(transfer, missing)?;
    }
    let account_to_allocate = account.clone();
    let allocate = Allocate {
        account_to_allocate,
    };
    system_program::allocate(CpiContext::new(system, allocate).with_signer(signer), space)?;
    let account_to_assign = account.clone();
    let assign = Assign { account_to_assign };
    system_program::assign(CpiContext::new(system, assign).with_signer(signer), owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn find_agrees_with_the_runtime() {
        for _ in 0..200 {
            let (program, key) = (Pubkey::new_unique(), Pubkey::new_unique());
            let all: [&[u8]; 3] = [b"obs", key.as_ref(), &[7; 8]];
            for seeds in [&all[..0], &all[..1], &all] {
                assert_eq!(
                    find(seeds, &program),
                    Some(Pubkey::find_program_address(seeds, &program))
                );
            }
        }
    }
}
