//! Creating accounts at program addresses, cheaply and whatever was done to the address before.

use std::{io::Write, slice};

use anchor_lang::{
    prelude::*,
    solana_program::{instruction::Instruction, program::invoke_signed_unchecked},
    system_program::{self, Allocate, Assign, Transfer},
    ZeroCopy,
};
use solana_curve25519::edwards::{validate_edwards, PodEdwardsPoint};

/// What the runtime hashes into a program address after the seeds and the program.
const MARKER: &[u8] = b"ProgramDerivedAddress";

/// Every bump, to take slices of.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated at compile time, where a panic is an error of the build"
)]
static BUMPS: [u8; 256] = {
    let mut bumps = [0; 256];
    let mut bump = u8::MAX;
    while bump > 0 {
        bumps[bump as usize] = bump;
        bump -= 1;
    }
    bumps
};

/// Bytes that every account pays rent for beside its own.
const ACCOUNT_STORAGE_OVERHEAD: u64 = 128;

/// Little-endian tag of `SystemInstruction::CreateAccount`.
const CREATE_ACCOUNT: [u8; 4] = [0; 4];

/// The bump under which `address` is the program address of `seeds`: the greatest one that gives an
/// address off the curve, as `Pubkey::find_program_address` has it for 1,500 compute units a try.
///
/// That `address` itself is off the curve is not checked here: the runtime does when the program
/// signs for it. Where it does not sign, ask [`find_address`]. `None` if it is another address.
pub fn bump_of(address: &Pubkey, seeds: &[&[u8]], program_id: &Pubkey) -> Option<u8> {
    let is_it = |hash: &[u8; 32]| *hash == address.to_bytes();
    first_bump(seeds, program_id, |hash| is_it(hash) || is_off_curve(hash))
        .filter(|(hash, _)| is_it(hash))
        .map(|(_, bump)| bump)
}

/// The program address of `seeds`, as `Pubkey::find_program_address` finds it, at a quarter of the
/// cost. `None` if there is none, which does not happen.
pub fn find_address(seeds: &[&[u8]], program_id: &Pubkey) -> Option<Pubkey> {
    first_bump(seeds, program_id, is_off_curve).map(|(hash, _)| Pubkey::new_from_array(hash))
}

fn is_off_curve(hash: &[u8; 32]) -> bool {
    !validate_edwards(&PodEdwardsPoint(*hash))
}

/// The greatest bump whose hash is the one that is looked for, and the hash.
fn first_bump(
    seeds: &[&[u8]],
    program_id: &Pubkey,
    is_wanted: impl Fn(&[u8; 32]) -> bool,
) -> Option<([u8; 32], u8)> {
    // Slices of the parts cost less than their concatenation.
    let mut parts = Vec::with_capacity(seeds.len().saturating_add(3));
    parts.extend_from_slice(seeds);
    let bump_at = parts.len();
    parts.extend_from_slice(&[&[], program_id.as_ref(), MARKER]);
    for bump in BUMPS.iter().rev() {
        *parts.get_mut(bump_at)? = slice::from_ref(bump);
        let hash = solana_sha256_hasher::hashv(&parts).to_bytes();
        if is_wanted(&hash) {
            return Some((hash, *bump));
        }
    }
    None
}

/// An account that is to be created at a program address of the running program.
///
/// Anybody can send lamports to an address before there is an account. Anchor's `init` needs a
/// recent system program for such an address; here they count towards the rent, and cannot keep
/// the account from being created.
pub struct NewAccount<'a, 'info> {
    pub payer: &'a AccountInfo<'info>,
    pub account: &'a AccountInfo<'info>,
    pub system_program: &'a Program<'info, System>,
    /// Seeds of its address, bump included. The runtime checks that they give that address.
    pub seeds: &'a [&'a [u8]],
}

impl<'info> NewAccount<'_, 'info> {
    /// Creates an account of `space` bytes, discriminator included, and writes `value` into it.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub fn write<T: AccountSerialize + Owner>(&self, space: usize, value: &T) -> Result<()> {
        self.create(space, &T::owner())?;
        let mut data = self.account.try_borrow_mut_data()?;
        value.try_serialize(&mut &mut data[..])
    }

    /// Creates an account that holds `value` as it is in memory.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub fn write_zero_copy<T: ZeroCopy + Discriminator + Owner>(&self, value: &T) -> Result<()> {
        let bytes = bytemuck::bytes_of(value);
        let space = T::DISCRIMINATOR.len().saturating_add(bytes.len());
        self.create(space, &T::owner())?;
        let mut data = self.account.try_borrow_mut_data()?;
        let mut account: &mut [u8] = &mut data;
        account.write_all(T::DISCRIMINATOR)?;
        account.write_all(bytes)?;
        Ok(())
    }

    /// Creates an account of `space` zeros.
    ///
    /// # Errors
    /// Those of the system program; `AccountAlreadyInUse` if there is an account already.
    pub fn create(&self, space: usize, owner: &Pubkey) -> Result<()> {
        let rent = minimum_balance(&Rent::get()?, space)?;
        let space = u64::try_from(space)?;
        let present = self.account.lamports();
        if present == 0 {
            return self.create_empty_address(rent, space, owner);
        }
        let signer = &[self.seeds];
        let system = self.system_program.key();
        let (from, to) = (self.payer.clone(), self.account.clone());
        let missing = rent.saturating_sub(present);
        if missing > 0 {
            let transfer = CpiContext::new(system, Transfer { from, to });
            system_program::transfer(transfer, missing)?;
        }
        let allocate = Allocate {
            account_to_allocate: self.account.clone(),
        };
        system_program::allocate(CpiContext::new(system, allocate).with_signer(signer), space)?;
        let assign = Assign {
            account_to_assign: self.account.clone(),
        };
        system_program::assign(CpiContext::new(system, assign).with_signer(signer), owner)
    }

    /// Puts lamports into the account beside its rent; nothing if there are none.
    ///
    /// # Errors
    /// Those of the system program.
    pub fn add_lamports(&self, lamports: u64) -> Result<()> {
        if lamports == 0 {
            return Ok(());
        }
        let (from, to) = (self.payer.clone(), self.account.clone());
        let transfer = CpiContext::new(self.system_program.key(), Transfer { from, to });
        system_program::transfer(transfer, lamports)
    }

    /// `SystemInstruction::CreateAccount`, whose encoder would cost as much again as the call.
    fn create_empty_address(&self, rent: u64, space: u64, owner: &Pubkey) -> Result<()> {
        let mut data = [0; 52];
        let (tag, rest) = data.split_at_mut(4);
        tag.copy_from_slice(&CREATE_ACCOUNT);
        let (lamports, rest) = rest.split_at_mut(8);
        lamports.copy_from_slice(&rent.to_le_bytes());
        let (size, program) = rest.split_at_mut(8);
        size.copy_from_slice(&space.to_le_bytes());
        program.copy_from_slice(owner.as_ref());
        let create = Instruction {
            program_id: system_program::ID,
            accounts: vec![
                AccountMeta::new(*self.payer.key, true),
                AccountMeta::new(*self.account.key, true),
            ],
            data: data.to_vec(),
        };
        let accounts = [self.payer.clone(), self.account.clone()];
        // Nobody can have borrowed data of an account that does not exist yet.
        Ok(invoke_signed_unchecked(&create, &accounts, &[self.seeds])?)
    }
}

/// Lamports that an account of `space` bytes must hold: [`Rent::minimum_balance`] without its
/// arithmetic in floating point, as far as the cluster's factor is one that clusters have had.
///
/// # Errors
/// `ArithmeticOverflow`.
#[allow(deprecated)] // The fields will have other names, not other meanings.
fn minimum_balance(rent: &Rent, space: usize) -> Result<u64> {
    const ONE: u64 = 1f64.to_bits();
    const TWO: u64 = 2f64.to_bits();
    let lamports = u64::try_from(space)?
        .checked_add(ACCOUNT_STORAGE_OVERHEAD)
        .and_then(|bytes| bytes.checked_mul(rent.lamports_per_byte_year));
    let lamports = match rent.exemption_threshold.to_bits() {
        ONE => lamports,
        TWO => lamports.and_then(|lamports| lamports.checked_mul(2)),
        _ => return Ok(rent.minimum_balance(space)),
    };
    Ok(lamports.ok_or(ProgramError::ArithmeticOverflow)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(deprecated)]
    fn minimum_balance_agrees_with_the_runtime() {
        for exemption_threshold in [1.0, 2.0, 0.5, 3.0] {
            let rent = Rent {
                exemption_threshold,
                ..Rent::default()
            };
            for space in [0, 1, 208, 10 << 20] {
                assert_eq!(
                    minimum_balance(&rent, space).ok(),
                    Some(rent.minimum_balance(space))
                );
            }
        }
    }

    #[test]
    fn bump_agrees_with_the_runtime() {
        for _ in 0..200 {
            let (program, key) = (Pubkey::new_unique(), Pubkey::new_unique());
            let all: [&[u8]; 3] = [b"obs", key.as_ref(), &[7; 8]];
            for seeds in [&all[..0], &all[..1], &all] {
                let (address, bump) = Pubkey::find_program_address(seeds, &program);
                assert_eq!(bump_of(&address, seeds, &program), Some(bump));
                assert_eq!(find_address(seeds, &program), Some(address));
                assert_eq!(bump_of(&key, seeds, &program), None);
                let lesser = (0..bump).rev().find_map(|bump| {
                    let bump = [bump];
                    let with_bump = [seeds, &[&bump[..]]].concat();
                    Pubkey::create_program_address(&with_bump, &program).ok()
                });
                assert_eq!(bump_of(&lesser.unwrap(), seeds, &program), None);
            }
        }
    }
}
