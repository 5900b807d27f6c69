//! Chains of bets.

use serde_json::Value;

use crate::flash::base_units;
use crate::validator::{Cluster, PROVIDER, TIMELOCK_SECONDS};

/// Of a chain of two legs everything, from terms behind the timelock to the payment.
pub fn chains_live(cluster: &Cluster) {
    let vault = cluster.genesis["vault"].as_str().expect("a vault");
    let (admin, bettor) = (cluster.key("admin"), cluster.key("bettor"));
    let refused = cluster.refused(&admin, &["admin", "vault", vault, "--chain-terms", "100,0"]);
    assert!(
        refused.contains("expected FEE,SPREAD,RESERVE,CASH_OUT_FEE"),
        "{refused}"
    );
    let terms = ["admin", "vault", vault, "--chain-terms", "100,0,10000,100"];
    cluster.run(&admin, &terms);
    cluster.skip(TIMELOCK_SECONDS);

    let legs = [("901", "4301"), ("902", "4302")].map(|(event, feed)| leg(cluster, event, feed));
    let [first, second] = legs.each_ref().map(|(market, _)| market.as_str());
    for (market, _) in &legs {
        let book = cluster.run(&bettor, &["chain", "book", market]);
        assert!(book["signature"].is_string());
        let again = cluster.run(&bettor, &["chain", "book", market]);
        assert_eq!(again["already_done"], true);
    }
    cluster.wait_for("market", second, "trading");
    let (on_first, on_second) = (format!("{first}:0"), format!("{second}:1"));
    let five = [on_first.as_str(); 5];
    let too_many = [&["chain", "open", "--stake", "5"][..], &five].concat();
    let refused = cluster.refused(&bettor, &too_many);
    assert!(refused.contains("up to 4"), "{refused}");
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

/// A market on an event and a feed of its own; its address and when it is observed.
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
    (address.to_string(), market["observe_at_ms"].to_string())
}
