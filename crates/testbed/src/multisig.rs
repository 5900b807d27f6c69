//! A multisig that stands in for the ones that clusters have: a program that signs for an address of
//! its own when enough of that address's members have signed. It keeps no proposals, so that all of them
//! sign one transaction; what it calls sees the same, a program's address that signs.

use anchor_lang::{
    prelude::{AccountInfo, Pubkey},
    solana_program::{
        entrypoint::ProgramResult,
        instruction::{AccountMeta, Instruction},
        program::invoke_signed,
        program_error::ProgramError,
    },
};

/// Where the program is.
pub const ID: Pubkey = Pubkey::from_str_const("Mu1tisig11111111111111111111111111111111111");

/// Seeds of an address are at most 16, two of which are others than members.
const MAX_MEMBERS: usize = 13;

/// An address that `threshold` of `members` act for.
#[derive(Clone, Debug)]
pub struct Multisig {
    pub threshold: u8,
    pub members: Vec<Pubkey>,
}

impl Multisig {
    pub fn address(&self) -> Pubkey {
        find(self.threshold, &self.members).0
    }

    /// Has the address do `instruction` on the signatures of `voters`.
    pub fn execute(&self, instruction: &Instruction, voters: &[Pubkey]) -> Instruction {
        let own = self.address();
        let members = self
            .members
            .iter()
            .map(|member| AccountMeta::new_readonly(*member, voters.contains(member)));
        let mut accounts: Vec<_> = members.collect();
        accounts.push(AccountMeta::new_readonly(instruction.program_id, false));
        accounts.extend(instruction.accounts.iter().map(|meta| AccountMeta {
            is_signer: meta.is_signer && meta.pubkey != own,
            ..meta.clone()
        }));
        let count = u8::try_from(self.members.len()).unwrap_or(u8::MAX);
        let data = [&[self.threshold, count], instruction.data.as_slice()].concat();
        Instruction {
            program_id: ID,
            accounts,
            data,
        }
    }
}

fn find(threshold: u8, members: &[Pubkey]) -> (Pubkey, u8) {
    let threshold = [threshold];
    let mut seeds: Vec<&[u8]> = vec![b"vault", &threshold];
    seeds.extend(members.iter().map(AsRef::<[u8]>::as_ref));
    Pubkey::find_program_address(&seeds, &ID)
}

/// Accounts: the members, the program to call, its accounts. Data: threshold, number of members, the
/// instruction's.
pub(crate) fn process(_: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    let [threshold, count, data @ ..] = data else {
        return Err(ProgramError::InvalidInstructionData);
    };
    let (members, rest) = accounts
        .split_at_checked(usize::from(*count))
        .filter(|(members, _)| members.len() <= MAX_MEMBERS)
        .ok_or(ProgramError::NotEnoughAccountKeys)?;
    let (program, accounts) = rest
        .split_first()
        .ok_or(ProgramError::NotEnoughAccountKeys)?;
    // Somebody who is a member twice has one vote.
    let voters: std::collections::BTreeSet<_> = members
        .iter()
        .filter(|member| member.is_signer)
        .map(|member| *member.key)
        .collect();
    if *threshold == 0 || voters.len() < usize::from(*threshold) {
        return Err(ProgramError::MissingRequiredSignature);
    }
    let members: Vec<_> = members.iter().map(|member| *member.key).collect();
    let (own, bump) = find(*threshold, &members);
    let metas = accounts.iter().map(|account| AccountMeta {
        pubkey: *account.key,
        is_signer: account.is_signer || *account.key == own,
        is_writable: account.is_writable,
    });
    let instruction = Instruction {
        program_id: *program.key,
        accounts: metas.collect(),
        data: data.to_vec(),
    };
    let (threshold, bump) = ([*threshold], [bump]);
    let mut seeds: Vec<&[u8]> = vec![b"vault", &threshold];
    seeds.extend(members.iter().map(AsRef::<[u8]>::as_ref));
    seeds.push(&bump);
    invoke_signed(&instruction, accounts, &[&seeds])
}
