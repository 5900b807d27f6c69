//! `strobe token`: a token to bet with on a test cluster.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::{self, state::Mint as MintState};
use clap::{Args, Subcommand};
use client::transport::Transport;
use oracle::Network;
use serde_json::json;
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_system_interface::instruction::create_account;

use super::{mint::Tokens, session::Session, Answer, Live, Run};

/// Bytes of a mint of the classic token program.
const MINT_BYTES: usize = <MintState as anchor_lang::solana_program::program_pack::Pack>::LEN;
const LAMPORTS_PER_SOL: f64 = 1e9;

#[derive(Subcommand)]
pub enum Token {
    /// Makes a mint that the key can mint from.
    Create(Live<Create>),
    /// Mints tokens to an owner.
    Mint(Live<MintTo>),
    /// What an owner has of a token, and its SOL.
    Balance(Live<Balance>),
    /// Takes SOL from the faucet of a test cluster.
    Airdrop(Live<Airdrop>),
}

#[derive(Args)]
pub struct Create {
    #[arg(long, default_value_t = 6)]
    decimals: u8,
    /// File of the mint's own key, for an address that is known beforehand.
    #[arg(long, value_name = "FILE")]
    mint_keypair: Option<std::path::PathBuf>,
}

#[derive(Args)]
pub struct MintTo {
    mint: Pubkey,
    /// Tokens, such as 1000 or 0.5.
    amount: Tokens,
    /// Who gets them [default: the key that signs].
    #[arg(long, value_name = "ADDRESS")]
    to: Option<Pubkey>,
}

#[derive(Args)]
pub struct Balance {
    mint: Pubkey,
    /// Whose [default: the key that signs].
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<Pubkey>,
}

#[derive(Args)]
pub struct Airdrop {
    /// SOL.
    #[arg(default_value_t = 10.0)]
    amount: f64,
    /// Who gets it [default: the key that signs].
    #[arg(long, value_name = "ADDRESS")]
    to: Option<Pubkey>,
}

impl Token {
    pub fn run(self) -> Answer {
        match self {
            Self::Create(command) => command.run(),
            Self::Mint(command) => command.run(),
            Self::Balance(command) => command.run(),
            Self::Airdrop(command) => command.run(),
        }
    }
}

impl Run for Create {
    fn run(self, session: &mut Session) -> Answer {
        let mint = match &self.mint_keypair {
            Some(path) => super::session::read_key(path)?,
            None => Keypair::new(),
        };
        let address = mint.pubkey();
        let details = json!({ "mint": address.to_string(), "decimals": self.decimals });
        if session.chain.account(&address)?.is_some() {
            let found = session.mint(&address)?;
            session.say("the mint is there already");
            return Ok(json!({
                "action": "token create",
                "already_done": true,
                "mint": address.to_string(),
                "decimals": found.decimals,
            }));
        }
        let payer = session.payer();
        let create = create_account(
            &payer,
            &address,
            session.chain.rent(MINT_BYTES)?,
            u64::try_from(MINT_BYTES)?,
            &spl_token::ID,
        );
        let initialize = spl_token::instruction::initialize_mint2(
            &spl_token::ID,
            &address,
            &payer,
            None,
            self.decimals,
        )?;
        session.act("token create", &[create, initialize], &[&mint], details)
    }
}

impl Run for MintTo {
    fn run(self, session: &mut Session) -> Answer {
        let mint = session.mint(&self.mint)?;
        let amount = mint.base_units(&self.amount)?;
        let payer = session.payer();
        let owner = self.to.unwrap_or(payer);
        let tokens = mint.tokens_of(&owner);
        let open = mint.open_tokens(&payer, &owner);
        let give = anchor_spl::token_2022::spl_token_2022::instruction::mint_to(
            &mint.token_program,
            &mint.address,
            &tokens,
            &payer,
            &[],
            amount,
        )?;
        let details = json!({
            "mint": mint.address.to_string(),
            "owner": owner.to_string(),
            "tokens": tokens.to_string(),
            "amount": mint.show(amount),
        });
        session.act("token mint", &[open, give], &[], details)
    }
}

impl Run for Balance {
    fn run(self, session: &mut Session) -> Answer {
        let mint = session.mint(&self.mint)?;
        let owner = self.owner.unwrap_or_else(|| session.payer());
        let tokens = mint.tokens_of(&owner);
        let units = session.token_balance(&tokens)?;
        let lamports = session.chain.balance(&owner)?;
        session.say(&format!("{owner} has {} tokens", mint.show(units)));
        Ok(json!({
            "owner": owner.to_string(),
            "tokens": tokens.to_string(),
            "amount": mint.show(units),
            "base_units": units,
            "lamports": lamports,
        }))
    }
}

impl Run for Airdrop {
    fn run(self, session: &mut Session) -> Answer {
        if session.network == Network::Mainnet {
            return Err("mainnet has no faucet".into());
        }
        let receiver = self.to.unwrap_or_else(|| session.payer());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a wish, checked to be in range"
        )]
        let lamports = match self.amount {
            sol if (0.0..1e6).contains(&sol) => (sol * LAMPORTS_PER_SOL) as u64,
            _ => return Err("the amount of SOL must be from 0 to 1,000,000".into()),
        };
        let signature = session.chain.airdrop(&receiver, lamports)?;
        session.say(&format!("{receiver} got {} SOL", self.amount));
        Ok(json!({
            "action": "token airdrop",
            "receiver": receiver.to_string(),
            "lamports": lamports,
            "signature": signature.to_string(),
        }))
    }
}
