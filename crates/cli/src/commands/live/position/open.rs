//! Asking for a position.

use std::error::Error;

use anchor_lang::prelude::Pubkey;
use clap::Args;
use client::{
    addresses::leverage as addresses,
    instructions::leverage::{Holding, RequestOpen, RequestOpenArgs},
    intents::less,
    transport::Transport,
};
use leverage::state::{LeveredPosition, PendingOpen};
use serde_json::json;

use super::OpenedListing;
use crate::commands::live::{mint::Tokens, session::Session, Answer, Run};

#[derive(Args)]
pub struct Open {
    /// Where a pool lends on the market: `strobe pool show` lists them.
    listing: Pubkey,
    /// Number of the outcome, from 0.
    outcome: u8,
    /// Tokens of your own.
    margin: Tokens,
    /// Tokens of the pool's.
    loan: Tokens,
    /// How many shares less than both would buy now to accept, basis points.
    #[arg(long, value_name = "BASIS_POINTS", default_value_t = 200, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    slippage: u16,
    /// Tells two positions of yours at one listing apart [default: the first that is free].
    #[arg(long)]
    nonce: Option<u64>,
}

impl Open {
    /// The nonce that is given, or the first without a position or a request.
    fn nonce(&self, session: &mut Session) -> Result<u64, Box<dyn Error>> {
        if let Some(nonce) = self.nonce {
            return Ok(nonce);
        }
        let owner = session.payer();
        let mut nonce = 0;
        loop {
            let position = addresses::levered_position(&self.listing, &owner, nonce);
            let request = addresses::pending_open(&self.listing, &owner, nonce);
            let is_free = session.find::<LeveredPosition>(&position)?.is_none()
                && session.find::<PendingOpen>(&request)?.is_none();
            if is_free {
                return Ok(nonce);
            }
            nonce += 1;
        }
    }
}

impl Run for Open {
    fn run(self, session: &mut Session) -> Answer {
        let OpenedListing {
            view,
            mint,
            accounts,
        } = session.listing(&self.listing)?;
        let standard = session.standard(&accounts.market)?;
        standard.require_trading(self.outcome)?;
        let (margin, loan) = (mint.base_units(&self.margin)?, mint.base_units(&self.loan)?);
        let clock = session.chain.clock()?;
        let parameters = view.listing.parameters.at(clock.unix_timestamp);
        let least = parameters.least_loan;
        if loan < least {
            let least = mint.show(least);
            return Err(format!("open refused: the least loan here is {least}").into());
        }
        let shares = view.try_open(self.outcome, [margin, loan], 0, &clock);
        let shares = shares.map_err(|error| refusal(&error))?.0;
        let holding = Holding {
            listing: accounts,
            owner: session.payer(),
            nonce: self.nonce(session)?,
        };
        let args = RequestOpenArgs {
            outcome: self.outcome,
            margin,
            loan,
            min_shares: less(shares, self.slippage),
        };
        let request = RequestOpen {
            holding,
            rent_payer: holding.owner,
            owner_tokens: mint.tokens_of(&holding.owner),
            args,
        };
        let details = json!({
            "listing": self.listing.to_string(),
            "request": holding.pending_open().to_string(),
            "position": holding.position().to_string(),
            "nonce": holding.nonce,
            "outcome": self.outcome,
            "margin": mint.show(margin),
            "loan": mint.show(loan),
            "quoted_shares": mint.show(shares),
            "min_shares": mint.show(args.min_shares),
        });
        let answer = session.act("open", &[request.instruction()], &[], details)?;
        session.say(&format!(
            "after {} s anybody opens it: `strobe position execute {}`, or `strobe keep`",
            parameters.delay_seconds,
            holding.pending_open()
        ));
        Ok(answer)
    }
}

/// Why it would not be opened now, and how to mend it.
fn refusal(error: &anchor_lang::error::Error) -> String {
    let anchor_lang::error::Error::AnchorError(error) = error else {
        return format!("open refused: {error}");
    };
    let mend = match error.error_name.as_str() {
        "LoanAboveCap" | "AllLoansAboveCap" => "; ask for a smaller loan, or put more margin in",
        "TooManyShares" | "TooEasilyUnderWater" | "WorstLossAboveCap" => {
            "; ask for a smaller position, or wait until others have closed theirs"
        }
        "DeviationTooGreat" => "; wait until the slow price has followed",
        "NotEnoughCash" => "; `strobe pool show` says what the pool can lend",
        "ListingNotOpen" | "ReduceOnly" => "; `strobe pool show` says from when on it lends",
        _ => "",
    };
    let (name, message) = (&error.error_name, &error.error_msg);
    format!("open refused: {name}: {message}{mend}")
}
