//! Chains of bets.

use serde_json::Value;

use crate::flash::base_units;
use crate::validator::{Cluster, PROVIDER, TIMELOCK_SECONDS};

/// In which a lookup table that is out of use can be used no more.
const COOL_DOWN_SECONDS: u64 = 240;

/// Of a chain of two legs everything, from terms behind the timelock to the payment.
pub fn chains_live(cluster: &Cluster) {
    let vault = cluster.genesis["vault"].as_str().expect("a vault");
    let (admin, bettor) = (cluster.key("admin"), cluster.key("bettor"));
    let refused = cluster.refused(&admin, &["admin", "vault", vault, "--chain-terms", "100,0"]);
    assert!(
        refused.contains("expected FEE,SPREAD,RESERVE,CASH_OUT_FEE"),
        "{refused}"
    );
    offer_chains(cluster);

    let legs = [("901", "4301"), ("902", "4302")].map(|(event, feed)| leg(cluster, event, feed));
    let [first, second] = legs.each_ref().map(|(market, _)| market.as_str());
    for (market, _) in &legs {
        let again = cluster.run(&bettor, &["chain", "book", market]);
        assert_eq!(again["already_done"], true);
    }
    cluster.wait_for("market", second, "trading");
    let (on_first, on_second) = (format!("{first}:0"), format!("{second}:1"));
    let same = ["chain", "open", &on_first, &on_first, "--stake", "5"];
    let refused = cluster.refused(&bettor, &same);
    assert!(refused.contains("LegsShareEvent"), "{refused}");

    let open = ["chain", "open", &on_first, &on_second, "--stake", "5"];
    let asked = cluster.run(&bettor, &open);
    let chain = asked["chain"].as_str().expect("a chain");
    let payout = asked["quoted_payout"].as_str().expect("a payout");
    assert!(payout.starts_with("19."), "{payout}");
    let shown = cluster.run(&bettor, &["chain", "show", chain]);
    assert_eq!(shown["state"], "waiting");
    let refused = cluster.refused(&bettor, &["chain", "crank", chain]);
    assert!(refused.contains("nothing is due"), "{refused}");
    cluster.skip(5);
    let cranked = cluster.run(&bettor, &["chain", "crank", chain]);
    assert_eq!(cranked["does"], "executing a chain");
    let shown = cluster.run(&bettor, &["chain", "show", chain]);
    assert_eq!(
        (&shown["state"], &shown["open_legs"]),
        (&"open".into(), &2.into())
    );
    assert_eq!(shown["reserve"], payout);

    let cash_out = ["chain", "cash-out", chain, "--min-return", "100"];
    let refused = cluster.refused(&admin, &cash_out);
    assert!(refused.contains("the key is"), "{refused}");
    cluster.run(&bettor, &cash_out);
    let shown = cluster.run(&bettor, &["chain", "show", chain]);
    assert_eq!(shown["state"], "cashing out");

    for ((market, observe_at_ms), (feed, value)) in legs.iter().zip([("4301", "0"), ("4302", "1")])
    {
        cluster.wait_for("market", market, "locked");
        let proof = cluster.prove(PROVIDER, feed, observe_at_ms, value);
        cluster.run_when_due(&bettor, &["resolve", market, "--proof", &proof]);
    }
    let cranked = cluster.run(&bettor, &["chain", "crank", chain]);
    assert_eq!(cranked["does"], "taking results into a chain");
    let mint = cluster.genesis["mint"].as_str().expect("a mint");
    let balance = || cluster.run(&bettor, &["token", "balance", mint])["base_units"].clone();
    let shown = cluster.run(&bettor, &["chain", "show", chain]);
    assert_eq!(shown["state"], "won");
    let before = balance().as_u64().expect("units");
    let cranked = cluster.run(&bettor, &["chain", "crank", chain]);
    assert_eq!(cranked["does"], "paying or closing a chain");
    let paid = balance().as_u64().expect("units") - before;
    assert_eq!(paid, base_units(payout));
    let gone = cluster.refused(&bettor, &["chain", "show", chain]);
    assert!(gone.contains(chain), "{gone}");
}

/// A chain of nine legs by lookup tables: made, used, taken out of use, and closed for their rent.
pub fn long_chain_lives(cluster: &Cluster) {
    let (admin, bettor) = (cluster.key("admin"), cluster.key("bettor"));
    offer_chains(cluster);
    let legs: Vec<_> = (0..9)
        .map(|leg| (format!("{}", 911 + leg), format!("{}", 4311 + leg)))
        .map(|(event, feed)| leg(cluster, &event, &feed).0)
        .collect();
    cluster.wait_for("market", &legs[8], "trading");
    let on_first: Vec<_> = legs.iter().map(|market| format!("{market}:0")).collect();
    let on_first: Vec<_> = on_first.iter().map(String::as_str).collect();
    let open = [&["chain", "open", "--stake", "1"][..], &on_first].concat();
    let dry = cluster.run(&bettor, &[&open[..], &["--dry-run"]].concat());
    assert_eq!(dry["needs_lookup_table"], true);
    // Nine even legs pay more than the cap of legs of a minute, 500, but for the fee of one per cent each.
    let asked = cluster.run(&bettor, &open);
    let chain = asked["chain"].as_str().expect("a chain");
    let table = asked["lookup_table"].as_str().expect("a table");
    let multiple = asked["multiple"].as_str().expect("a multiple");
    assert!(multiple.starts_with("46"), "{multiple}");
    let close = |table| ["chain", "close-table", table];
    let wrong = cluster.refused(&bettor, &close(chain));
    assert!(wrong.contains("no lookup table"), "{wrong}");
    // Anybody makes one for later; the keeper one for this once, which is taken out of use at once.
    let third = cluster.new_key("third");
    let prepared = cluster.run(&third, &["chain", "crank", chain, "--prepare"]);
    let of_third = prepared["lookup_table"].as_str().expect("a table");
    cluster.skip(5);
    let kept = cluster.run(&admin, &["keep", "--once"]);
    let of_admin = kept["lookup_tables"][0].as_str().expect("a table");
    assert_ne!(of_admin, table);
    let shown = cluster.run(&bettor, &["chain", "show", chain]);
    assert_eq!(
        (&shown["state"], &shown["open_legs"]),
        (&"open".into(), &9.into())
    );

    cluster.run(
        &bettor,
        &["chain", "cash-out", chain, "--min-return", "0.1"],
    );
    let crank = ["chain", "crank", chain, "--lookup-table", of_third];
    let cranked = cluster.run_when_due(&third, &crank);
    assert_eq!(cranked["does"], "cashing a chain out");
    assert_eq!(cranked["lookup_table"], of_third);
    for (key, table) in [(&bettor, table), (&third, of_third)] {
        let deactivated = cluster.run(key, &close(table));
        assert_eq!(deactivated["action"], "deactivating the lookup table");
    }
    let all = [(&bettor, table), (&third, of_third), (&admin, of_admin)];
    for (key, table) in all {
        let early = cluster.refused(key, &close(table));
        assert!(early.contains("can still be used"), "{early}");
    }
    cluster.skip(COOL_DOWN_SECONDS);
    for (key, table) in all {
        let closed = cluster.run(key, &close(table));
        assert_eq!(closed["action"], "closing the lookup table");
        let gone = cluster.refused(key, &close(table));
        assert!(gone.contains("no lookup table"), "{gone}");
    }
}

/// Has the vault offer chains, once the timelock is over.
fn offer_chains(cluster: &Cluster) {
    let vault = cluster.genesis["vault"].as_str().expect("a vault");
    let terms = ["admin", "vault", vault, "--chain-terms", "100,0,10000,100"];
    cluster.run(&cluster.key("admin"), &terms);
    cluster.skip(TIMELOCK_SECONDS);
}

/// A market with a chain book, on an event and a feed of its own; its address and when it is observed.
fn leg(cluster: &Cluster, event: &str, feed: &str) -> (String, String) {
    let vault = cluster.genesis["vault"].as_str().expect("a vault");
    let admin = cluster.key("admin");
    cluster.run(&admin, &["vault", "event", vault, event]);
    let create = [
        ["market", "create", vault, "--event", event, "--feed", feed],
        [
            "--opens-in-seconds",
            "6",
            "--duration-seconds",
            "60",
            "--depth",
            "1000",
            "--json",
        ],
    ];
    let market: Value = cluster.run(&admin, &create.concat());
    let address = market["market"].as_str().expect("an address");
    let book = cluster.run(&cluster.key("bettor"), &["chain", "book", address]);
    assert!(book["signature"].is_string());
    (address.to_string(), market["observe_at_ms"].to_string())
}
