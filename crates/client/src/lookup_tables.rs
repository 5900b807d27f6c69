//! Lookup tables: by them a transaction of version 0 names more accounts than a legacy one has room for.
//! A table is made, used from the next slot on, deactivated, and closed once nothing can use it any more.

use std::collections::BTreeSet;

use anchor_lang::{
    prelude::Pubkey,
    solana_program::instruction::{AccountMeta, Instruction},
    system_program,
};
use solana_account::Account;
use solana_message::{AddressLookupTableAccount, Message};
use solana_sdk_ids::{address_lookup_table, sysvar::slot_hashes};

use crate::transport::MAX_TRANSACTION_BYTES;

/// Slots after the deactivation in which a table can still be used: as many as have their hash remembered.
pub const COOL_DOWN_SLOTS: u64 = 513;
/// Addresses that fit the transaction that adds them.
const ADDED_AT_ONCE: usize = 25;
/// Bytes of a signature, and of what sets the compute budget.
const SIGNATURE: usize = 64;
const BUDGET: usize = 64;
/// Of a table: where it says when it was deactivated, and where its addresses begin.
const DEACTIVATED_AT: usize = 4;
const META: usize = 56;

/// The program's instructions, by their number.
const CREATE: u32 = 0;
const EXTEND: u32 = 2;
const DEACTIVATE: u32 = 3;
const CLOSE: u32 = 4;

/// A table that is not there yet.
#[derive(Clone, Debug)]
pub struct NewTable {
    pub table: AddressLookupTableAccount,
    /// What makes it, a transaction each, signed by the authority, who pays.
    pub steps: Vec<Vec<Instruction>>,
}

impl NewTable {
    /// Of every account of an instruction that does not sign. `recent_slot` is one that the chain has the
    /// hash of.
    pub fn new(authority: Pubkey, recent_slot: u64, instruction: &Instruction) -> Self {
        let metas = instruction.accounts.iter().filter(|meta| !meta.is_signer);
        let addresses: BTreeSet<_> = metas.map(|meta| meta.pubkey).collect();
        let addresses: Vec<_> = addresses.into_iter().collect();
        let (key, create) = create(authority, recent_slot);
        let mut steps: Vec<_> = addresses
            .chunks(ADDED_AT_ONCE)
            .map(|added| vec![extend(key, authority, added)])
            .collect();
        match steps.first_mut() {
            Some(first) => first.insert(0, create),
            None => steps.push(vec![create]),
        }
        Self {
            table: AddressLookupTableAccount { key, addresses },
            steps,
        }
    }
}

/// Whether a legacy transaction of `payer` has room for the instructions.
pub fn fits(instructions: &[Instruction], payer: &Pubkey) -> bool {
    let message = Message::new(instructions, Some(payer));
    let signatures = usize::from(message.header.num_required_signatures).saturating_mul(SIGNATURE);
    let bytes = [message.serialize().len(), signatures, BUDGET, 1];
    bytes.into_iter().sum::<usize>() <= MAX_TRANSACTION_BYTES
}

/// The table of an account; `None` if it is none.
pub fn read(key: Pubkey, account: &Account) -> Option<AddressLookupTableAccount> {
    if account.owner != address_lookup_table::ID {
        return None;
    }
    let bytes = account.data.get(META..)?;
    let addresses = bytes.chunks_exact(size_of::<Pubkey>());
    let addresses = addresses.map(|bytes| Pubkey::try_from(bytes).ok());
    Some(AddressLookupTableAccount {
        key,
        addresses: addresses.collect::<Option<_>>()?,
    })
}

/// The slot of a table's deactivation; `None` of one that is active or no table.
pub fn deactivated_at(account: &Account) -> Option<u64> {
    let bytes = account.data.get(DEACTIVATED_AT..)?.first_chunk()?;
    let slot = u64::from_le_bytes(*bytes);
    (account.owner == address_lookup_table::ID && slot != u64::MAX).then_some(slot)
}

/// Slots of which the account at [`SLOT_HASHES`] has the hash, the newest first.
pub fn recent_slots(hashes: &Account) -> impl Iterator<Item = u64> + '_ {
    const ENTRY: usize = size_of::<u64>() + 32;
    let entries = hashes.data.get(size_of::<u64>()..).unwrap_or_default();
    let slots = entries
        .chunks_exact(ENTRY)
        .filter_map(|entry| entry.first_chunk());
    slots.map(|slot| u64::from_le_bytes(*slot))
}

/// Where [`recent_slots`] are read.
pub const SLOT_HASHES: Pubkey = slot_hashes::ID;

/// Takes a table out of use.
pub fn deactivate(table: Pubkey, authority: Pubkey) -> Instruction {
    let accounts = vec![
        AccountMeta::new(table, false),
        AccountMeta::new_readonly(authority, true),
    ];
    numbered(DEACTIVATE, &[], accounts)
}

/// Closes a table that has been out of use for [`COOL_DOWN_SLOTS`]; the authority gets its rent.
pub fn close(table: Pubkey, authority: Pubkey) -> Instruction {
    let accounts = vec![
        AccountMeta::new(table, false),
        AccountMeta::new_readonly(authority, true),
        AccountMeta::new(authority, false),
    ];
    numbered(CLOSE, &[], accounts)
}

fn create(authority: Pubkey, recent_slot: u64) -> (Pubkey, Instruction) {
    let slot = recent_slot.to_le_bytes();
    let seeds: [&[u8]; 2] = [authority.as_ref(), &slot];
    let (table, bump) = Pubkey::find_program_address(&seeds, &address_lookup_table::ID);
    let accounts = vec![
        AccountMeta::new(table, false),
        AccountMeta::new_readonly(authority, true),
        AccountMeta::new(authority, true),
        AccountMeta::new_readonly(system_program::ID, false),
    ];
    let data = [&slot[..], &[bump]].concat();
    (table, numbered(CREATE, &data, accounts))
}

fn extend(table: Pubkey, authority: Pubkey, added: &[Pubkey]) -> Instruction {
    let accounts = vec![
        AccountMeta::new(table, false),
        AccountMeta::new_readonly(authority, true),
        AccountMeta::new(authority, true),
        AccountMeta::new_readonly(system_program::ID, false),
    ];
    let mut data = (added.len() as u64).to_le_bytes().to_vec();
    data.extend(added.iter().flat_map(|address| address.to_bytes()));
    numbered(EXTEND, &data, accounts)
}

fn numbered(number: u32, arguments: &[u8], accounts: Vec<AccountMeta>) -> Instruction {
    Instruction {
        program_id: address_lookup_table::ID,
        accounts,
        data: [&number.to_le_bytes()[..], arguments].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_accounts(count: usize) -> Instruction {
        let accounts = (0..count).map(|_| AccountMeta::new(Pubkey::new_unique(), false));
        Instruction {
            program_id: Pubkey::new_unique(),
            accounts: accounts.collect(),
            data: vec![0; 8],
        }
    }

    #[test]
    fn nine_legs_need_a_table_and_four_do_not() {
        let payer = Pubkey::new_unique();
        assert!(fits(&[of_accounts(8 + 4 * 5)], &payer));
        assert!(!fits(&[of_accounts(8 + 9 * 5)], &payer));
    }

    #[test]
    fn every_step_fits_and_all_accounts_are_in() {
        let authority = Pubkey::new_unique();
        let instruction = of_accounts(54);
        let new = NewTable::new(authority, 7, &instruction);
        assert_eq!(new.table.addresses.len(), 54);
        assert_eq!(new.steps.len(), 3);
        for step in &new.steps {
            assert!(fits(step, &authority));
        }
    }

    #[test]
    fn table_is_read_back_and_says_when_it_was_deactivated() {
        let addresses = [Pubkey::new_unique(), Pubkey::new_unique()];
        let mut data = vec![0; META];
        data[DEACTIVATED_AT..DEACTIVATED_AT + 8].copy_from_slice(&u64::MAX.to_le_bytes());
        data.extend(addresses.iter().flat_map(|address| address.to_bytes()));
        let mut account = Account {
            owner: address_lookup_table::ID,
            data,
            ..Account::default()
        };
        let key = Pubkey::new_unique();
        let table = read(key, &account).expect("a table");
        assert_eq!((table.key, table.addresses), (key, addresses.to_vec()));
        assert_eq!(deactivated_at(&account), None);
        account.data[DEACTIVATED_AT..DEACTIVATED_AT + 8].copy_from_slice(&9_u64.to_le_bytes());
        assert_eq!(deactivated_at(&account), Some(9));
        account.owner = Pubkey::new_unique();
        assert!(read(key, &account).is_none());
    }
}
