//! Mints and token accounts on the embedded chain.

use anchor_lang::{
    prelude::Pubkey,
    solana_program::{instruction::Instruction, program_error::ProgramError},
};
use anchor_spl::associated_token::{
    get_associated_token_address_with_program_id,
    spl_associated_token_account::instruction::create_associated_token_account,
};
use anchor_spl::token::spl_token::native_mint;
use anchor_spl::token_2022::spl_token_2022::{
    extension::{
        confidential_transfer, default_account_state, interest_bearing_mint, memo_transfer,
        metadata_pointer, pausable, transfer_fee, transfer_hook, BaseStateWithExtensions,
        ExtensionType, StateWithExtensions,
    },
    instruction::{self as token, AuthorityType},
    state::{Account as TokenAccount, AccountState, Mint as MintState},
};
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_system_interface::instruction::{create_account, transfer};

use crate::{Chain, ChainError, SendError};

/// Which of the two token programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenProgram {
    #[default]
    Token,
    Token2022,
}

impl TokenProgram {
    pub fn id(self) -> Pubkey {
        match self {
            Self::Token => anchor_spl::token::ID,
            Self::Token2022 => anchor_spl::token_2022::ID,
        }
    }
}

/// An extension of a Token-2022 mint, with its authority, where it has one, the chain's fee payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MintExtension {
    CloseAuthority,
    ConfidentialTransfer,
    DefaultFrozen,
    InterestBearing,
    MetadataPointer,
    NonTransferable,
    Pausable,
    PermanentDelegate,
    /// Of one percent.
    TransferFee,
    /// Without a program yet: the authority may name one at any time.
    TransferHook,
}

impl MintExtension {
    fn kind(self) -> ExtensionType {
        match self {
            Self::CloseAuthority => ExtensionType::MintCloseAuthority,
            Self::ConfidentialTransfer => ExtensionType::ConfidentialTransferMint,
            Self::DefaultFrozen => ExtensionType::DefaultAccountState,
            Self::InterestBearing => ExtensionType::InterestBearingConfig,
            Self::MetadataPointer => ExtensionType::MetadataPointer,
            Self::NonTransferable => ExtensionType::NonTransferable,
            Self::Pausable => ExtensionType::Pausable,
            Self::PermanentDelegate => ExtensionType::PermanentDelegate,
            Self::TransferFee => ExtensionType::TransferFeeConfig,
            Self::TransferHook => ExtensionType::TransferHook,
        }
    }

    fn initialize(self, mint: &Pubkey, authority: &Pubkey) -> Result<Instruction, ProgramError> {
        let program = &TokenProgram::Token2022.id();
        match self {
            Self::CloseAuthority => {
                token::initialize_mint_close_authority(program, mint, Some(authority))
            }
            Self::ConfidentialTransfer => confidential_transfer::instruction::initialize_mint(
                program,
                mint,
                Some(*authority),
                true,
                None,
            ),
            Self::DefaultFrozen => {
                default_account_state::instruction::initialize_default_account_state(
                    program,
                    mint,
                    &AccountState::Frozen,
                )
            }
            Self::InterestBearing => {
                interest_bearing_mint::instruction::initialize(program, mint, Some(*authority), 100)
            }
            Self::MetadataPointer => metadata_pointer::instruction::initialize(
                program,
                mint,
                Some(*authority),
                Some(*mint),
            ),
            Self::NonTransferable => token::initialize_non_transferable_mint(program, mint),
            Self::Pausable => pausable::instruction::initialize(program, mint, authority),
            Self::PermanentDelegate => {
                token::initialize_permanent_delegate(program, mint, authority)
            }
            Self::TransferFee => transfer_fee::instruction::initialize_transfer_fee_config(
                program,
                mint,
                Some(authority),
                Some(authority),
                100,
                u64::MAX,
            ),
            Self::TransferHook => {
                transfer_hook::instruction::initialize(program, mint, Some(*authority), None)
            }
        }
    }
}

/// What kind of mint to make. The default is a classic one with six decimals that nobody can freeze.
#[derive(Clone, Debug)]
pub struct MintOptions {
    pub program: TokenProgram,
    pub decimals: u8,
    pub freeze_authority: Option<Pubkey>,
    /// Only with [`TokenProgram::Token2022`].
    pub extensions: Vec<MintExtension>,
    /// Wrapped SOL, at the address and with what it has on every cluster.
    pub is_native: bool,
}

impl Default for MintOptions {
    fn default() -> Self {
        Self {
            program: TokenProgram::Token,
            decimals: 6,
            freeze_authority: None,
            extensions: Vec::new(),
            is_native: false,
        }
    }
}

/// A mint whose authority is the chain's fee payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mint {
    pub address: Pubkey,
    pub program: TokenProgram,
}

fn not_a_token(address: Pubkey) -> impl FnOnce(ProgramError) -> ChainError {
    move |cause| ChainError::Token { address, cause }
}

impl Chain {
    /// Makes a mint.
    ///
    /// # Errors
    /// [`ChainError::SetUp`] if the token program refuses the combination of options.
    pub fn create_mint(&mut self, options: &MintOptions) -> Result<Mint, ChainError> {
        if options.is_native {
            return self.native_mint();
        }
        let key = self.new_key();
        let (address, authority) = (key.pubkey(), self.fee_payer());
        let program = options.program.id();
        let kinds: Vec<_> = options.extensions.iter().map(|one| one.kind()).collect();
        let bytes = ExtensionType::try_calculate_account_len::<MintState>(&kinds)
            .map_err(not_a_token(address))?;

        let mut instructions = vec![self.create(&address, bytes, &program)];
        for extension in &options.extensions {
            let initialize = extension.initialize(&address, &authority);
            instructions.push(initialize.map_err(not_a_token(address))?);
        }
        let initialize = token::initialize_mint2(
            &program,
            &address,
            &authority,
            options.freeze_authority.as_ref(),
            options.decimals,
        );
        instructions.push(initialize.map_err(not_a_token(address))?);
        self.set_up(&instructions, &[&key])?;
        Ok(Mint {
            address,
            program: options.program,
        })
    }

    /// Wrapped SOL; and lamports of the fee payer's for as much of it as anybody asks for.
    fn native_mint(&mut self) -> Result<Mint, ChainError> {
        let like = self.create_mint(&MintOptions {
            decimals: 9,
            ..MintOptions::default()
        })?;
        let account = |chain: &Self, address| {
            let account = chain.find_account(address)?;
            account.ok_or(ChainError::NoAccount(address))
        };
        let mut native = account(self, like.address)?;
        // No authority.
        native.data[..36].fill(0);
        self.set_account(native_mint::ID, native);
        let mut payer = account(self, self.fee_payer())?;
        payer.lamports = u64::MAX / 4;
        self.set_account(self.fee_payer(), payer);
        Ok(Mint {
            address: native_mint::ID,
            ..like
        })
    }

    /// Makes an empty token account of `owner`.
    ///
    /// # Errors
    /// [`ChainError::NoAccount`] or [`ChainError::Token`] if there is no such mint.
    pub fn create_token_account(
        &mut self,
        mint: Mint,
        owner: Pubkey,
    ) -> Result<Pubkey, ChainError> {
        let key = self.new_key();
        let (address, program) = (key.pubkey(), mint.program.id());
        let account = self
            .find_account(mint.address)?
            .ok_or(ChainError::NoAccount(mint.address))?;
        let bytes = StateWithExtensions::<MintState>::unpack(&account.data)
            .and_then(|state| state.get_extension_types())
            .and_then(|of_mint| {
                let required = ExtensionType::get_required_init_account_extensions(&of_mint);
                ExtensionType::try_calculate_account_len::<TokenAccount>(&required)
            })
            .map_err(not_a_token(mint.address))?;
        let initialize = token::initialize_account3(&program, &address, &mint.address, &owner)
            .map_err(not_a_token(address))?;
        self.set_up(
            &[self.create(&address, bytes, &program), initialize],
            &[&key],
        )?;
        Ok(address)
    }

    /// Makes the associated token account of `owner`, with `amount` base units in it.
    ///
    /// # Errors
    /// [`ChainError::SetUp`] if there is one already.
    pub fn create_associated_token_account(
        &mut self,
        mint: Mint,
        owner: Pubkey,
        amount: u64,
    ) -> Result<Pubkey, ChainError> {
        let program = mint.program.id();
        let create =
            create_associated_token_account(&self.fee_payer(), &owner, &mint.address, &program);
        self.set_up(&[create], &[])?;
        let account = get_associated_token_address_with_program_id(&owner, &mint.address, &program);
        if amount > 0 {
            self.mint_to(mint, account, amount)?;
        }
        Ok(account)
    }

    /// Makes a token account of `owner` with `amount` base units in it.
    ///
    /// # Errors
    /// As [`Chain::create_token_account`].
    pub fn create_funded_token_account(
        &mut self,
        mint: Mint,
        owner: Pubkey,
        amount: u64,
    ) -> Result<Pubkey, ChainError> {
        let account = self.create_token_account(mint, owner)?;
        self.mint_to(mint, account, amount)?;
        Ok(account)
    }

    /// Mints base units into a token account; of wrapped SOL lamports that are sent there.
    ///
    /// # Errors
    /// [`ChainError::SetUp`] if the token program refuses.
    pub fn mint_to(&mut self, mint: Mint, account: Pubkey, amount: u64) -> Result<(), ChainError> {
        let authority = self.fee_payer();
        let program = mint.program.id();
        if mint.address == native_mint::ID {
            let sync = token::sync_native(&program, &account).map_err(not_a_token(account))?;
            return self.set_up(&[transfer(&authority, &account, amount), sync], &[]);
        }
        let instruction =
            token::mint_to(&program, &mint.address, &account, &authority, &[], amount)
                .map_err(not_a_token(account))?;
        self.set_up(&[instruction], &[])
    }

    /// Freezes a token account.
    ///
    /// # Errors
    /// [`ChainError::SetUp`] if `authority` may not.
    pub fn freeze(
        &mut self,
        mint: Mint,
        account: Pubkey,
        authority: &Keypair,
    ) -> Result<(), ChainError> {
        let (program, owner) = (mint.program.id(), authority.pubkey());
        let instruction = token::freeze_account(&program, &account, &mint.address, &owner, &[])
            .map_err(not_a_token(account))?;
        self.set_up(&[instruction], &[authority])
    }

    /// Unfreezes a token account.
    ///
    /// # Errors
    /// [`ChainError::SetUp`] if `authority` may not.
    pub fn thaw(
        &mut self,
        mint: Mint,
        account: Pubkey,
        authority: &Keypair,
    ) -> Result<(), ChainError> {
        let (program, owner) = (mint.program.id(), authority.pubkey());
        let instruction = token::thaw_account(&program, &account, &mint.address, &owner, &[])
            .map_err(not_a_token(account))?;
        self.set_up(&[instruction], &[authority])
    }

    /// Makes a classic token account that of `new_owner`.
    ///
    /// # Errors
    /// [`ChainError::SetUp`] if `owner` may not.
    pub fn give_away(
        &mut self,
        account: Pubkey,
        owner: &Keypair,
        new_owner: Pubkey,
    ) -> Result<(), ChainError> {
        let (program, kind) = (TokenProgram::Token.id(), AuthorityType::AccountOwner);
        let (old, new) = (owner.pubkey(), Some(&new_owner));
        let instruction = token::set_authority(&program, &account, new, kind, &old, &[])
            .map_err(not_a_token(account))?;
        self.set_up(&[instruction], &[owner])
    }

    /// Has a token account of Token-2022 take no transfer without a memo.
    ///
    /// # Errors
    /// [`ChainError::SetUp`] if `owner` may not.
    pub fn require_memos(&mut self, account: Pubkey, owner: &Keypair) -> Result<(), ChainError> {
        let (program, payer, owner_key) = (
            TokenProgram::Token2022.id(),
            self.fee_payer(),
            owner.pubkey(),
        );
        let kinds = [ExtensionType::MemoTransfer];
        let room = token::reallocate(&program, &account, &payer, &owner_key, &[], &kinds)
            .map_err(not_a_token(account))?;
        let enable = memo_transfer::instruction::enable_required_transfer_memos(
            &program,
            &account,
            &owner_key,
            &[],
        )
        .map_err(not_a_token(account))?;
        self.set_up(&[room, enable], &[owner])
    }

    /// Base units in a token account.
    ///
    /// # Errors
    /// [`ChainError::NoAccount`], [`ChainError::Token`].
    pub fn token_balance(&self, address: Pubkey) -> Result<u64, ChainError> {
        let account = self
            .find_account(address)?
            .ok_or(ChainError::NoAccount(address))?;
        StateWithExtensions::<TokenAccount>::unpack(&account.data)
            .map(|state| state.base.amount)
            .map_err(not_a_token(address))
    }

    /// Base units that exist of a mint.
    ///
    /// # Errors
    /// [`ChainError::NoAccount`], [`ChainError::Token`].
    pub fn token_supply(&self, mint: Pubkey) -> Result<u64, ChainError> {
        let account = self
            .find_account(mint)?
            .ok_or(ChainError::NoAccount(mint))?;
        StateWithExtensions::<MintState>::unpack(&account.data)
            .map(|state| state.base.supply)
            .map_err(not_a_token(mint))
    }

    fn create(&self, address: &Pubkey, bytes: usize, owner: &Pubkey) -> Instruction {
        let space = bytes as u64;
        create_account(&self.fee_payer(), address, self.rent(bytes), space, owner)
    }

    fn set_up(&mut self, what: &[Instruction], signers: &[&Keypair]) -> Result<(), ChainError> {
        self.send(what, signers)
            .map(|_| ())
            .map_err(|error: SendError| Box::new(error).into())
    }
}
