//! Vault and flash markets.

use std::process::{Command, Stdio};

use serde_json::{json, Value};

use crate::validator::{Cluster, PROVIDER};

const FEED: &str = "4242";

pub fn market_lives(cluster: &Cluster) {
    let vault = cluster.genesis["vault"].as_str().expect("a vault");
    let (admin, bettor) = (cluster.key("admin"), cluster.key("bettor"));
    vault_takes_and_gives(cluster, vault);

    cluster.run(&admin, &["vault", "event", vault, "1"]);
    let again = cluster.run(&admin, &["vault", "event", vault, "1"]);
    assert_eq!(again["already_done"], true);
    let create = [
        ["market", "create", vault, "--event", "1", "--feed", FEED],
        [
            "--opens-in-seconds",
            "6",
            "--duration-seconds",
            "30",
            "--depth",
            "1000",
            "--json",
        ],
    ];
    let market = cluster.run(&admin, &create.concat());
    let address = market["market"].as_str().expect("an address");
    let observe_at_ms = market["observe_at_ms"].to_string();
    // The embedded chain has no WebSocket.
    let watch = cluster.is_validator().then(|| {
        Command::new(env!("CARGO_BIN_EXE_strobe"))
            .args(["market", "watch", address, "--cluster", &cluster.url])
            .args(["--keypair", &bettor])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it watches")
    });

    let shown = cluster.wait_for("market", address, "trading");
    assert_eq!(shown["prices_percent"], json!(["50.00", "50.00"]));
    let listed = cluster.run(&bettor, &["market", "list", "--trading"]);
    assert_eq!(listed[0]["market"], address);
    let would = cluster.run(&bettor, &["bet", address, "1", "50", "--dry-run"]);
    assert_eq!(would["dry_run"], true);
    let bet = cluster.run(&bettor, &["bet", address, "1", "50"]);
    let shares = bet["quoted_shares"].as_str().expect("shares");
    cluster.run(&bettor, &["bet", address, "0", "5"]);
    cluster.run(&bettor, &["cash-out", address, "0"]);
    let held = cluster.run(&bettor, &["bets"]);
    assert_eq!(held[0]["shares"], json!(["0", shares]));
    let refused = cluster.refused(&bettor, &["cash-out", address, "0", "1"]);
    assert!(
        refused.contains("there are 0 shares of outcome 0, asked for are 1"),
        "{refused}"
    );
    let refused = cluster.refused(&bettor, &["bet", address, "1", "9000000"]);
    assert!(refused.contains("the stake is 9000000, but "), "{refused}");
    let refused = cluster.refused(&bettor, &["bet", address, "2", "50"]);
    assert!(refused.contains("has outcomes 0 to 1, not 2"), "{refused}");
    let refused = cluster.refused(&bettor, &["vault", "event", vault, "2"]);
    assert!(
        refused.contains("vault event refused: NotOperator"),
        "{refused}"
    );

    cluster.wait_for("market", address, "locked");
    let refused = cluster.refused(&bettor, &["bet", address, "1", "50"]);
    assert!(refused.contains("is locked, not trading"), "{refused}");
    let refused = cluster.refused(&bettor, &["settle", address]);
    assert!(
        refused.contains("`strobe resolve` comes first"),
        "{refused}"
    );

    let proof = cluster.prove(PROVIDER, FEED, &observe_at_ms, "1");
    let resolve = ["resolve", address, "--proof", &proof];
    let resolved = cluster.run_when_due(&bettor, &resolve);
    assert_eq!(resolved["winning_outcome"], 1);
    let again = cluster.run(&bettor, &["resolve", address]);
    assert_eq!(again["already_done"], true);
    if let Some(watch) = watch {
        let watched = watch.wait_with_output().expect("it ends");
        let said = String::from_utf8(watched.stderr).expect("UTF-8");
        assert!(watched.status.success(), "{said}");
        // What is between two looks is not seen.
        for line in ["announced; 0: 50.00 %", "trading; 0: 4", "resolved; "] {
            assert!(said.contains(line), "{line} is not in {said}");
        }
    }

    let mint = cluster.genesis["mint"].as_str().expect("a mint");
    let balance = || cluster.run(&bettor, &["token", "balance", mint])["base_units"].clone();
    let before = balance().as_u64().expect("units");
    let settled = cluster.run(&bettor, &["settle", address]);
    assert_eq!(settled["paid"][0]["payout"], shares);
    let paid = balance().as_u64().expect("units") - before;
    assert_eq!(paid, base_units(shares));
    assert_eq!(cluster.run(&bettor, &["bets"]), json!([]));
}

/// Notices are longer than a test: what is asked for is there, and cannot be had yet.
fn vault_takes_and_gives(cluster: &Cluster, vault: &str) {
    let admin = cluster.key("admin");
    if cluster.is_validator() {
        let verify = ["verify-deployment", "--bytecode", &cluster.bytecode];
        assert_eq!(cluster.run(&admin, &verify)["verified"], true);
    }
    assert_eq!(cluster.run(&admin, &["init"])["already_done"], true);

    let mint = cluster.run(&admin, &["token", "create", "--decimals", "2"]);
    let mint = mint["mint"].as_str().expect("a mint");
    cluster.run(&admin, &["token", "mint", mint, "12.34"]);
    let created = cluster.run(
        &admin,
        &["vault", "create", mint, "--market-funding", "100"],
    );
    let other = created["vault"].as_str().expect("a vault");
    cluster.run(&admin, &["vault", "deposit", other, "12.34"]);
    let shown = cluster.run(&admin, &["vault", "show", other]);
    assert_eq!(shown["pending_deposits"], "12.34");
    let refused = cluster.refused(&admin, &["vault", "deposit", other]);
    assert!(
        refused.contains("the deposit's notice ends in"),
        "{refused}"
    );
    let venue = cluster.run(&admin, &["standard", "venue", mint]);
    assert!(venue["signature"].is_string());
    let again = cluster.run(&admin, &["standard", "venue", mint]);
    assert_eq!(again["already_done"], true);

    cluster.run(&admin, &["vault", "withdraw", vault, "1000000"]);
    let refused = cluster.refused(&admin, &["vault", "withdraw", vault]);
    assert!(
        refused.contains("the withdrawal's notice ends in"),
        "{refused}"
    );
}

/// What was asked for is there once its notice is over.
pub fn notices_pass(cluster: &Cluster) {
    let admin = cluster.key("admin");
    cluster.skip(3_600);
    let vault = cluster.genesis["vault"].as_str().expect("a vault");
    let mint = cluster.genesis["mint"].as_str().expect("a mint");
    let balance = || {
        let balance = cluster.run(&admin, &["token", "balance", mint]);
        balance["base_units"].as_u64().expect("units")
    };
    let before = balance();
    cluster.run(&admin, &["vault", "withdraw", vault]);
    assert!(balance() > before);

    cluster.run(&admin, &["admin", "vault", vault, "--market-funding", "50"]);
    cluster.run(&admin, &["vault", "deposit", vault, "5"]);
    cluster.skip(3_600);
    let before = cluster.run(&admin, &["vault", "show", vault]);
    cluster.run(&admin, &["vault", "deposit", vault]);
    let after = cluster.run(&admin, &["vault", "show", vault]);
    let shares = |shown: &Value| shown["lp_shares"].as_u64().expect("shares");
    assert!(shares(&after) > shares(&before));
}

pub fn base_units(tokens: &str) -> u64 {
    let (whole, fraction) = tokens.split_once('.').unwrap_or((tokens, ""));
    format!("{whole}{fraction:0<6}").parse().expect("a number")
}
