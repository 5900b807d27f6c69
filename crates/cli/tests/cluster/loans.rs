//! Loans against shares: a pool, a listing, a position that is opened, changed and repaid, and one that is
//! liquidated.

use serde_json::Value;

use crate::validator::{Cluster, TIMELOCK_SECONDS};

const HOUR: u64 = 60 * 60;
/// Of the pool, and as long as the market's dispute window at least.
const NOTICE_SECONDS: &str = "3600";

fn text(answer: &Value, field: &str) -> String {
    let text = answer[field].as_str();
    text.unwrap_or_else(|| panic!("no {field} in {answer}"))
        .to_string()
}

fn amount(answer: &Value, field: &str) -> f64 {
    text(answer, field).parse().expect("a number")
}

pub fn loans_live(cluster: &Cluster) {
    let mint = cluster.genesis["mint"].as_str().expect("a mint");
    let (admin, bettor) = (cluster.key("admin"), cluster.key("bettor"));
    let create = [
        "standard",
        "create",
        mint,
        "--feed",
        "778",
        "--depth",
        "800",
        "--one-key-for-both",
        "--json",
    ];
    let market = text(&cluster.run(&admin, &create), "market");
    let pool = ["pool", "create", mint, "--notice-seconds", NOTICE_SECONDS];
    let pool = text(&cluster.run(&admin, &pool), "pool");
    let again = cluster.refused(&admin, &["pool", "create", mint]);
    assert!(again.contains("another --id"), "{again}");

    let list = ["pool", "list-market", &pool, &market];
    let refused = cluster.refused(&admin, &list);
    assert!(refused.contains("TooLittleLocked"), "{refused}");
    assert!(refused.contains("lock a quarter"), "{refused}");
    cluster.run(&admin, &["standard", "lock-liquidity", &market]);
    let refused = cluster.refused(&bettor, &list);
    assert!(refused.contains("NotAdmin"), "{refused}");
    let would = cluster.run(&admin, &[&list[..], &["--dry-run"]].concat());
    assert_eq!(would["dry_run"], true);
    let listing = text(&cluster.run(&admin, &list), "listing");
    let again = cluster.refused(&admin, &list);
    assert!(again.contains("listed already"), "{again}");

    lend(cluster, &pool);
    let open = ["position", "open", &listing, "0", "30", "25"];
    let refused = cluster.refused(&bettor, &open);
    assert!(refused.contains("ListingNotOpen"), "{refused}");
    cluster.skip(4 * HOUR + TIMELOCK_SECONDS);
    let refused = cluster.refused(&bettor, &["position", "open", &listing, "0", "10", "25"]);
    assert!(refused.contains("LoanAboveCap"), "{refused}");
    assert!(refused.contains("put more margin in"), "{refused}");
    let refused = cluster.refused(&bettor, &["position", "open", &listing, "0", "30", "2"]);
    assert!(refused.contains("least loan here is 20"), "{refused}");

    pool_is_governed(cluster, &pool, &listing);
    pool_comes_and_goes(cluster, mint, &market);
    position_is_repaid(cluster, &listing);
    position_is_liquidated(cluster, &listing, &market);
    let shown = cluster.run(&bettor, &["pool", "show", &pool]);
    assert_eq!(shown["listings"][0]["listing"], listing.as_str());
    lender_leaves(cluster, &pool);
    let refused = cluster.refused(&admin, &["pool", "delist", &listing]);
    assert!(
        refused.contains("open positions 1, open requests 0"),
        "{refused}"
    );
    let refused = cluster.refused(&admin, &["pool", "close", &pool]);
    assert!(refused.contains("open listings 1"), "{refused}");
}

/// Stopped and let go again, its terms and those of its loans changed.
fn pool_is_governed(cluster: &Cluster, pool: &str, listing: &str) {
    let (admin, bettor) = (cluster.key("admin"), cluster.key("bettor"));
    for (target, what) in [(pool, "pool"), (listing, "listing")] {
        let refused = cluster.refused(&bettor, &["pool", "trip", target]);
        assert!(refused.contains("NotAdminOrGuardian"), "{refused}");
        let tripped = cluster.run(&admin, &["pool", "trip", target]);
        assert_eq!(tripped[what], target);
        let again = cluster.refused(&admin, &["pool", "trip", target]);
        assert!(again.contains("AlreadyTripped"), "{again}");
        let refused = cluster.refused(&bettor, &["pool", "release", target]);
        assert!(refused.contains("NotAdmin"), "{refused}");
        cluster.run(&admin, &["pool", "release", target]);
    }
    let mint = cluster.genesis["mint"].as_str().expect("a mint");
    let neither = cluster.refused(&admin, &["pool", "trip", mint]);
    assert!(
        neither.contains("neither a pool nor a listing"),
        "{neither}"
    );

    for command in ["set-terms", "set-parameters"] {
        let target = if command == "set-terms" {
            pool
        } else {
            listing
        };
        let refused = cluster.refused(&admin, &["pool", command, target]);
        assert!(refused.contains("nothing is to change"), "{refused}");
    }
    let terms = ["pool", "set-terms", pool, "--kink", "7000"];
    let refused = cluster.refused(&bettor, &terms);
    assert!(refused.contains("NotAdmin"), "{refused}");
    cluster.run(&admin, &terms);
    let loose = ["pool", "set-parameters", listing, "--opening", "9000"];
    let refused = cluster.refused(&admin, &loose);
    assert!(refused.contains("ParametersOutOfRange"), "{refused}");
    let tighter = ["pool", "set-parameters", listing, "--opening", "5900"];
    let changed = cluster.run(&admin, &tighter);
    assert_eq!(changed["opening_basis_points"], 5_900);
    let shown = cluster.run(&bettor, &["pool", "show", pool]);
    assert_eq!(shown["kink_basis_points"], 8_000);
    cluster.skip(TIMELOCK_SECONDS);
    let shown = cluster.run(&bettor, &["pool", "show", pool]);
    assert_eq!(shown["kink_basis_points"], 7_000);
}

/// One that lends to nobody, whose only deposit nobody executes.
fn pool_comes_and_goes(cluster: &Cluster, mint: &str, market: &str) {
    let (admin, bettor) = (cluster.key("admin"), cluster.key("bettor"));
    let notice = ["--notice-seconds", NOTICE_SECONDS];
    let create = [&["pool", "create", mint, "--id", "2"][..], &notice].concat();
    let pool = text(&cluster.run(&admin, &create), "pool");
    let list = ["pool", "list-market", &pool, market];
    let listing = text(&cluster.run(&admin, &list), "listing");
    let deposit = cluster.run(&bettor, &["pool", "deposit", &pool, "50"]);
    let deposit = text(&deposit, "deposit");
    let refused = cluster.refused(&admin, &["pool", "cancel", &deposit]);
    assert!(refused.contains("ExecutionPossible"), "{refused}");
    let refused = cluster.refused(&admin, &["pool", "close", &pool]);
    assert!(
        refused.contains("open deposits 1, open listings 1"),
        "{refused}"
    );
    cluster.skip(2 * HOUR);
    let cancelled = cluster.run(&admin, &["pool", "cancel", &deposit]);
    assert_eq!(cancelled["cancels"], "deposit");
    let refused = cluster.refused(&bettor, &["pool", "delist", &listing]);
    assert!(refused.contains("NotAdmin"), "{refused}");
    cluster.run(&admin, &["pool", "delist", &listing]);
    cluster.run(&admin, &["pool", "close", &pool]);
    let gone = cluster.refused(&bettor, &["pool", "show", &pool]);
    assert!(gone.contains(&pool), "{gone}");
}

fn lend(cluster: &Cluster, pool: &str) {
    let (admin, bettor) = (cluster.key("admin"), cluster.key("bettor"));
    let deposit = cluster.run(&admin, &["pool", "deposit", pool, "20000"]);
    let deposit = text(&deposit, "deposit");
    let refused = cluster.refused(&bettor, &["pool", "execute", &deposit]);
    assert!(refused.contains("its notice ends in"), "{refused}");
    let refused = cluster.refused(&admin, &["pool", "withdraw", &deposit]);
    assert!(refused.contains("waits for its notice"), "{refused}");
    cluster.skip(HOUR + 1);
    let done = cluster.run(&bettor, &["pool", "execute", &deposit]);
    assert_eq!(done["executes"], "deposit");
    let shown = cluster.run(&bettor, &["pool", "show", pool]);
    assert_eq!(amount(&shown, "cash"), 20_000.0);
}

/// Asked for, opened by somebody else, reduced, paid of and repaid for its shares.
fn position_is_repaid(cluster: &Cluster, listing: &str) {
    let (admin, bettor) = (cluster.key("admin"), cluster.key("bettor"));
    let open = ["position", "open", listing, "0", "30", "25"];
    let opened = cluster.run(&bettor, &open);
    let (request, position) = (text(&opened, "request"), text(&opened, "position"));
    let shown = cluster.run(&bettor, &["position", "show", &request]);
    assert_eq!(shown["state"], "requested");
    let refused = cluster.refused(&admin, &["position", "execute", &request]);
    assert!(refused.contains("the delay ends in"), "{refused}");
    cluster.skip(11);
    cluster.run(&admin, &["position", "execute", &request]);
    let shown = cluster.run(&admin, &["position", "show", &position]);
    assert!(amount(&shown, "shares") > 90.0, "{shown}");
    assert!((25.0..25.01).contains(&amount(&shown, "debt")), "{shown}");
    let listed = cluster.run(&bettor, &["position", "list", "--listing", listing]);
    assert_eq!(listed.as_array().expect("a list").len(), 1);

    let refused = cluster.refused(&admin, &["position", "close", &position]);
    assert!(refused.contains("is a position of"), "{refused}");
    let refused = cluster.refused(&admin, &["position", "liquidate", &position]);
    assert!(refused.contains("nothing is due"), "{refused}");
    cluster.run(&bettor, &["position", "close", &position, "10"]);
    cluster.run(&admin, &["position", "add-margin", &position, "5"]);
    let shown = cluster.run(&admin, &["position", "show", &position]);
    let debt = amount(&shown, "debt");
    assert!((14.0..16.0).contains(&debt), "{shown}");
    let repaid = cluster.run(&bettor, &["position", "repay", &position]);
    assert_eq!(repaid["shares"], shown["shares"]);
    let shown = cluster.run(&bettor, &["position", "show", &position]);
    assert_eq!(
        (amount(&shown, "debt"), amount(&shown, "shares")),
        (0.0, 0.0)
    );
    let refused = cluster.refused(&bettor, &["position", "withdraw", &position]);
    assert!(refused.contains("NothingToCollect"), "{refused}");
}

/// Somebody buys the other outcome; what is due is marked, and sold for once the mark is old enough.
fn position_is_liquidated(cluster: &Cluster, listing: &str, market: &str) {
    let (admin, bettor) = (cluster.key("admin"), cluster.key("bettor"));
    let open = ["position", "open", listing, "1", "30", "25"];
    let opened = cluster.run(&bettor, &open);
    let (request, position) = (text(&opened, "request"), text(&opened, "position"));
    cluster.skip(11);
    // By `strobe keep`.
    let kept = cluster.run(&admin, &["keep", "--once"]);
    assert!(kept["done"].as_u64() >= Some(1), "{kept}");
    let gone = cluster.refused(&admin, &["position", "show", &request]);
    assert!(gone.contains(&request), "{gone}");
    cluster.run(&admin, &["standard", "buy", market, "0", "450"]);
    let marked = cluster.run(&admin, &["position", "liquidate", &position]);
    assert_eq!(marked["does"], "marking a position");
    let refused = cluster.refused(&admin, &["position", "liquidate", &position]);
    assert!(refused.contains("nothing is due"), "{refused}");
    cluster.skip(11);
    let sold = cluster.run(&admin, &["position", "liquidate", &position]);
    assert_eq!(sold["does"], "liquidating positions");
    let shown = cluster.run(&bettor, &["position", "show", &position]);
    assert!(amount(&shown, "debt") < 25.0, "{shown}");
}

fn lender_leaves(cluster: &Cluster, pool: &str) {
    let (admin, bettor) = (cluster.key("admin"), cluster.key("bettor"));
    let deposit = cluster.run(&admin, &["pool", "deposit", pool, "100"]);
    let deposit = text(&deposit, "deposit");
    cluster.skip(HOUR + 1);
    cluster.run(&bettor, &["pool", "execute", &deposit]);
    let refused = cluster.refused(&bettor, &["pool", "withdraw", &deposit]);
    assert!(refused.contains("is a deposit of"), "{refused}");
    let leaves = ["pool", "withdraw", &deposit, "--min-amount", "50"];
    let withdrawal = text(&cluster.run(&admin, &leaves), "withdrawal");
    cluster.skip(HOUR + 1);
    let done = cluster.run(&bettor, &["pool", "execute", &withdrawal]);
    assert_eq!(done["executes"], "withdrawal");
    let gone = cluster.refused(&admin, &["pool", "withdraw", &deposit]);
    assert!(gone.contains(&deposit), "{gone}");
}
