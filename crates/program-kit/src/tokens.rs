//! Token movements, and what is read of token accounts.

use anchor_lang::{
    prelude::*,
    solana_program::{
        instruction::Instruction, program::invoke_signed_unchecked, program_pack::Pack,
    },
};
use anchor_spl::{
    associated_token,
    token_2022::{
        self,
        spl_token_2022::{
            extension::{
                memo_transfer::MemoTransfer, BaseStateWithExtensions, ExtensionType,
                StateWithExtensions,
            },
            state::{Account as TokenAccountState, Mint as MintState},
        },
        Burn, CloseAccount, MintTo,
    },
    token_interface::{Mint, TokenInterface},
};

use crate::{
    calls::{invoke, Access},
    KitError,
};

/// Extensions of a mint that leave every token where its owner put it, and whole.
const ALLOWED_EXTENSIONS: [ExtensionType; 6] = [
    ExtensionType::MetadataPointer,
    ExtensionType::TokenMetadata,
    ExtensionType::GroupPointer,
    ExtensionType::TokenGroup,
    ExtensionType::GroupMemberPointer,
    ExtensionType::TokenGroupMember,
];

/// Where a token account of either token program holds its mint, owner, amount and state.
const MINT_OFFSET: usize = 0;
const OWNER_OFFSET: usize = 32;
const AMOUNT_OFFSET: usize = 64;
const STATE_OFFSET: usize = 108;

/// State of a token account that is not frozen.
const INITIALIZED: u8 = 1;
const FROZEN: u8 = 2;

/// The instruction of either token program that moves tokens. No admitted mint has a fee or hook, for
/// which alone the checked form is needed.
const TRANSFER: u8 = 3;

/// Bytes of that instruction: its tag and the amount.
const TRANSFER_LEN: u8 = 9;

/// Accounts of that instruction.
const TRANSFER_ACCOUNTS: u8 = 3;

/// The instruction of p-token that carries out several others: for each the number of its accounts,
/// the number of its bytes, and these.
const BATCH: u8 = 255;

/// Tokens that go somewhere.
pub struct Payment<'a, 'info> {
    pub to: &'a AccountInfo<'info>,
    /// Base units.
    pub amount: u64,
}

/// Refuses a mint that allows tokens to be taken, taxed or held back: it is a classic one, or its
/// extensions are harmless.
///
/// # Errors
/// `MintExtensionRefused`; `WrongAccount` if the account is no mint.
pub fn require_plain_mint(mint: &InterfaceAccount<Mint>) -> core::result::Result<(), KitError> {
    let info = mint.to_account_info();
    if *info.owner != token_2022::ID {
        return Ok(());
    }
    let data = info.try_borrow_data().map_err(|_| KitError::WrongAccount)?;
    let extensions = StateWithExtensions::<MintState>::unpack(&data)
        .and_then(|mint| mint.get_extension_types())
        .map_err(|_| KitError::WrongAccount)?;
    let is_plain = extensions
        .iter()
        .all(|extension| ALLOWED_EXTENSIONS.contains(extension));
    is_plain.then_some(()).ok_or(KitError::MintExtensionRefused)
}

/// Base units in a token account.
///
/// # Errors
/// `WrongTokenAccount` if the account is too short to be one.
pub fn token_amount(account: &AccountInfo) -> core::result::Result<u64, KitError> {
    field(account, AMOUNT_OFFSET)
        .map(u64::from_le_bytes)
        .ok_or(KitError::WrongTokenAccount)
}

/// The mint of a token account.
///
/// # Errors
/// `WrongTokenAccount` if the account is too short to be one.
pub fn mint_of(account: &AccountInfo) -> core::result::Result<Pubkey, KitError> {
    field(account, MINT_OFFSET)
        .map(Pubkey::new_from_array)
        .ok_or(KitError::WrongTokenAccount)
}

/// Somebody whom anybody may have paid, and the accounts given for it.
///
/// The owner's associated token account is the place: a program may know no other account of its
/// address. Who signs may be paid at any account. So that no owner keeps others from ending what
/// ends with his payment, `fallback` takes the place of an associated account that is there but cannot
/// receive. One that is not there is no reason: anybody can create it.
#[derive(Clone, Copy)]
pub struct Payee<'a, 'info> {
    pub owner: &'a AccountInfo<'info>,
    pub mint: Pubkey,
    pub token_program: &'a Interface<'info, TokenInterface>,
    /// The owner's associated token account, or any of the owner's if the owner signs.
    pub tokens: &'a AccountInfo<'info>,
    /// Any token account of the owner's.
    pub fallback: Option<&'a AccountInfo<'info>>,
}

impl<'a, 'info> Payee<'a, 'info> {
    /// The account to pay to, which a transfer will reach.
    ///
    /// # Errors
    /// `WrongTokenAccount` if neither is right.
    pub fn required(&self) -> core::result::Result<&'a AccountInfo<'info>, KitError> {
        self.destination().ok_or(KitError::WrongTokenAccount)
    }

    /// As [`Self::destination`]; where nothing is due, any account will do.
    pub fn destination_of(&self, amount: u64) -> Option<&'a AccountInfo<'info>> {
        match amount {
            0 => Some(self.tokens),
            _ => self.destination(),
        }
    }

    /// The account to pay to, which a transfer will reach; `None` if neither is right.
    pub fn destination(&self) -> Option<&'a AccountInfo<'info>> {
        let is_there = *self.tokens.owner == self.token_program.key();
        let destination = if self.can_receive(self.tokens) {
            self.tokens
        } else {
            self.fallback
                .filter(|fallback| is_there && self.can_receive(fallback))?
        };
        let is_due = self.owner.is_signer || self.is_associated(self.tokens.key);
        is_due.then_some(destination)
    }

    /// Whether the account given is the owner's, of the mint, and nothing but frozen, which its owner cannot have
    /// brought about.
    pub fn is_frozen(&self) -> bool {
        let account = self.tokens;
        *account.owner == self.token_program.key()
            && field(account, OWNER_OFFSET) == Some(self.owner.key.to_bytes())
            && field(account, MINT_OFFSET) == Some(self.mint.to_bytes())
            && field(account, STATE_OFFSET) == Some([FROZEN])
            && !wants_memo(account)
    }

    /// Whether a transfer to `account` will reach the owner: it is the owner's, of the mint, not
    /// frozen, and asks for no memo.
    fn can_receive(&self, account: &AccountInfo) -> bool {
        *account.owner == self.token_program.key()
            && field(account, OWNER_OFFSET) == Some(self.owner.key.to_bytes())
            && field(account, MINT_OFFSET) == Some(self.mint.to_bytes())
            && field(account, STATE_OFFSET) == Some([INITIALIZED])
            && !wants_memo(account)
    }

    /// Whether a token account at `address` is the owner's associated one. Its program uses the first
    /// bump that gives no point of the curve. The hash alone, an eighth of the cost, does not tell
    /// which that is, but there is no token account at the addresses of other bumps: nobody can sign
    /// for them.
    fn is_associated(&self, address: &Pubkey) -> bool {
        let (owner, mint) = (self.owner.key.as_ref(), self.mint.as_ref());
        let token_program = self.token_program.key();
        let seeds = [owner, token_program.as_ref(), mint];
        (0..=u8::MAX).rev().any(|bump| {
            Pubkey::try_derive_address(&seeds, Some(bump), &associated_token::ID)
                .is_ok_and(|derived| derived == *address)
        })
    }
}

/// Whether a token account takes no transfer without a memo before it.
fn wants_memo(account: &AccountInfo) -> bool {
    let Ok(data) = account.try_borrow_data() else {
        return true;
    };
    // Without room for an extension there is none.
    if data.len() <= TokenAccountState::LEN {
        return false;
    }
    StateWithExtensions::<TokenAccountState>::unpack(&data)
        .and_then(|state| state.get_extension::<MemoTransfer>().copied())
        .is_ok_and(|extension| extension.require_incoming_transfer_memos.into())
}

/// A field of a token account, read in place: unpacking the whole account costs more.
fn field<const LEN: usize>(account: &AccountInfo, offset: usize) -> Option<[u8; LEN]> {
    let data = account.try_borrow_data().ok()?;
    data.get(offset..)?.first_chunk().copied()
}

/// Moves `amount` base units; nothing if it is 0. `signer` is empty or the seeds of `authority`.
/// No data of the three accounts may be borrowed: the call does not look for that again.
///
/// # Errors
/// Those of the token program.
pub(crate) fn transfer<'info>(
    token_program: &Interface<'info, TokenInterface>,
    from: &AccountInfo<'info>,
    to: &AccountInfo<'info>,
    authority: &AccountInfo<'info>,
    amount: u64,
    signer: &[&[&[u8]]],
) -> Result<()> {
    if amount == 0 {
        return Ok(());
    }
    let mut data = [TRANSFER; TRANSFER_LEN as usize];
    if let Some(place) = data.last_chunk_mut() {
        *place = amount.to_le_bytes();
    }
    let accounts = [
        (from, Access::Write),
        (to, Access::Write),
        (authority, Access::Signer),
    ];
    invoke(token_program.key, accounts, &data, signer)
}

/// Makes several payments in one call, those of 0 left out. `signer` are the seeds of `authority`. No
/// data of the accounts may be borrowed: the call does not look for that again.
///
/// # Errors
/// Those of the token program: that there is no such instruction if it is not p-token.
pub(crate) fn transfer_together<'info>(
    token_program: &Interface<'info, TokenInterface>,
    from: &AccountInfo<'info>,
    authority: &AccountInfo<'info>,
    payments: &[Payment<'_, 'info>],
    signer: &[&[&[u8]]],
) -> Result<()> {
    const LEN: usize = TRANSFER_LEN as usize + 2;
    let (count, accounts) = (payments.len(), usize::from(TRANSFER_ACCOUNTS));
    let mut data = Vec::with_capacity(count.saturating_mul(LEN).saturating_add(1));
    let mut metas = Vec::with_capacity(count.saturating_mul(accounts));
    let mut infos = Vec::with_capacity(count.saturating_add(2));
    infos.extend([from.clone(), authority.clone()]);
    data.push(BATCH);
    for payment in payments.iter().filter(|payment| payment.amount > 0) {
        data.extend_from_slice(&[TRANSFER_ACCOUNTS, TRANSFER_LEN, TRANSFER]);
        data.extend_from_slice(&payment.amount.to_le_bytes());
        metas.extend([
            AccountMeta::new(*from.key, false),
            AccountMeta::new(*payment.to.key, false),
            AccountMeta::new_readonly(*authority.key, true),
        ]);
        infos.push(payment.to.clone());
    }
    if metas.is_empty() {
        return Ok(());
    }
    let instruction = Instruction {
        program_id: token_program.key(),
        accounts: metas,
        data,
    };
    Ok(invoke_signed_unchecked(&instruction, &infos, signer)?)
}

/// Mints `amount` of a mint whose authority has the seeds `signer`.
///
/// # Errors
/// Those of the token program.
pub fn mint_to<'info>(
    token_program: &Interface<'info, TokenInterface>,
    mint: AccountInfo<'info>,
    to: AccountInfo<'info>,
    authority: AccountInfo<'info>,
    amount: u64,
    signer: &[&[&[u8]]],
) -> Result<()> {
    let accounts = MintTo {
        mint,
        to,
        authority,
    };
    token_2022::mint_to(
        CpiContext::new_with_signer(token_program.key(), accounts, signer),
        amount,
    )
}

/// Burns `amount` from an account whose authority signed the transaction.
///
/// # Errors
/// Those of the token program.
pub fn burn<'info>(
    token_program: &Interface<'info, TokenInterface>,
    mint: AccountInfo<'info>,
    from: AccountInfo<'info>,
    authority: AccountInfo<'info>,
    amount: u64,
) -> Result<()> {
    let accounts = Burn {
        mint,
        from,
        authority,
    };
    token_2022::burn(CpiContext::new(token_program.key(), accounts), amount)
}

/// Closes an empty token account whose authority has the seeds `signer`.
///
/// # Errors
/// Those of the token program.
pub fn close_account<'info>(
    token_program: &Interface<'info, TokenInterface>,
    account: AccountInfo<'info>,
    destination: AccountInfo<'info>,
    authority: AccountInfo<'info>,
    signer: &[&[&[u8]]],
) -> Result<()> {
    let accounts = CloseAccount {
        account,
        destination,
        authority,
    };
    token_2022::close_account(CpiContext::new_with_signer(
        token_program.key(),
        accounts,
        signer,
    ))
}
