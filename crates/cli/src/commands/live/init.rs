//! `strobe init`: the oracle of a new deployment.

use anchor_lang::prelude::Pubkey;
use clap::Args;
use client::instructions::oracle::{Initialize, InitializeArgs};
use oracle::{Network, OracleConfig};
use serde_json::json;

use super::{session::Session, Answer, Run};

const DAY: i64 = 24 * 60 * 60;
/// Of a mainnet deployment; a test cluster has none unless it is asked for.
const MAINNET_TIMELOCK_SECONDS: i64 = 2 * DAY;
/// As long as observations are kept unless another time is asked for: long enough for flash vaults.
const RETENTION_SECONDS: i64 = 7 * DAY;

#[derive(Args)]
pub struct Init {
    /// Who governs [default: the key that signs; has to be named on mainnet].
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<Pubkey>,
    /// Who may pause and suspend [default: the key that signs; has to be named on mainnet].
    #[arg(long, value_name = "ADDRESS")]
    guardian: Option<Pubkey>,
    /// Between a proposal of the admin and its effect [default: 0, on mainnet 48 hours].
    #[arg(long, value_name = "SECONDS")]
    timelock_seconds: Option<i64>,
    /// How long observations are kept before anybody may close them [default: 7 days].
    #[arg(long, value_name = "SECONDS", default_value_t = RETENTION_SECONDS, hide_default_value = true)]
    retention_seconds: i64,
}

impl Run for Init {
    fn run(self, session: &mut Session) -> Answer {
        session.require_program()?;
        let config = client::addresses::oracle::config();
        if let Some(found) = session.find::<OracleConfig>(&config)? {
            session.say("the oracle is initialized already: nothing to do");
            return Ok(json!({
                "action": "init",
                "already_done": true,
                "config": config.to_string(),
                "admin": found.admin.to_string(),
            }));
        }
        let is_mainnet = session.network == Network::Mainnet;
        let payer = session.payer();
        if is_mainnet {
            let named = [self.admin, self.guardian];
            if named
                .iter()
                .any(|address| address.is_none_or(|address| address == payer))
            {
                return Err("on mainnet --admin and --guardian have to be named, and neither may be the key that deploys: both are multisigs".into());
            }
        }
        let usual_timelock = if is_mainnet {
            MAINNET_TIMELOCK_SECONDS
        } else {
            0
        };
        let args = InitializeArgs {
            network: session.network,
            admin: self.admin.unwrap_or(payer),
            guardian: self.guardian.unwrap_or(payer),
            timelock_seconds: self.timelock_seconds.unwrap_or(usual_timelock),
            retention_seconds: self.retention_seconds,
        };
        let initialize = Initialize {
            payer,
            upgrade_authority: payer,
            args,
        };
        let details = json!({
            "config": config.to_string(),
            "network": format!("{:?}", args.network),
            "admin": args.admin.to_string(),
            "guardian": args.guardian.to_string(),
            "timelock_seconds": args.timelock_seconds,
            "retention_seconds": args.retention_seconds,
        });
        session.act("init", &[initialize.instruction()], &[], details)
    }
}
