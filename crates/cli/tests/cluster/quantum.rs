//! A group of branches, from its creation to the last payment.

use serde_json::{json, Value};

use crate::validator::{Cluster, PROVIDER};

const CONDITION_FEED: &str = "5001";
const ASSET_FEED: &str = "5002";

pub fn group_lives(cluster: &Cluster) {
    let vault = cluster.genesis["vault"].as_str().expect("a vault");
    let (admin, bettor) = (cluster.key("admin"), cluster.key("bettor"));
    cluster.run(&admin, &["vault", "event", vault, "9"]);
    let market = |feed: &str| {
        let create = ["market", "create", vault, "--event", "9", "--feed", feed];
        let hours = [
            "--opens-in-seconds",
            "6",
            "--duration-seconds",
            "120",
            "--json",
        ];
        cluster.run(&admin, &[&create[..], &hours].concat())
    };
    let made = [CONDITION_FEED, ASSET_FEED].map(market);
    let [condition, asset] = [0, 1].map(|of: usize| made[of]["market"].as_str().expect("one"));
    let create = ["quantum", "create", condition, asset];
    let refused = cluster.refused(&admin, &[&create[..], &["--prior", "5000,5000"]].concat());
    assert!(
        refused.contains(
            "--prior is given 1 times, expected once for each of the condition's 2 outcomes"
        ),
        "{refused}"
    );
    let hours = ["--opens-in-seconds", "6", "--json"];
    let created = cluster.run(&admin, &[&create[..], &hours].concat());
    assert_eq!(
        created["prior_basis_points"],
        json!([[5000, 5000], [5000, 5000]])
    );
    let group = created["group"].as_str().expect("a group");
    cluster.skip(10);

    cluster.run(&bettor, &["quantum", "deposit", group, "20"]);
    let bought = cluster.run(&bettor, &["quantum", "buy", group, "1", "0", "10"]);
    cluster.run(&bettor, &["quantum", "buy", group, "0", "1", "5"]);
    cluster.run(&bettor, &["quantum", "sell", group, "0", "1"]);
    let refused = cluster.refused(&bettor, &["quantum", "buy", group, "1", "0", "11"]);
    assert!(refused.contains("NotEnoughCredit"), "{refused}");
    let refused = cluster.refused(&bettor, &["quantum", "merge", group, "11"]);
    assert!(
        refused.contains("a branch of the ticket has a credit of 10"),
        "{refused}"
    );
    cluster.run(&bettor, &["quantum", "merge", group, "4"]);
    let shown = cluster.run(&bettor, &["quantum", "show", group]);
    assert_eq!(shown["state"], "trading");
    assert_eq!(shown["ticket"]["branches"][1]["credit"], "6");
    let shares = &shown["ticket"]["branches"][1]["shares"];
    assert_eq!(*shares, json!([bought["quoted_shares"], "0"]));

    let refused = cluster.refused(&admin, &["quantum", "crank", group]);
    assert!(refused.contains("nothing is due"), "{refused}");
    cluster.skip(130);
    for ((feed, value), made) in [(CONDITION_FEED, "1"), (ASSET_FEED, "0")]
        .into_iter()
        .zip(&made)
    {
        let proof = cluster.prove(PROVIDER, feed, &made["observe_at_ms"].to_string(), value);
        let market = made["market"].as_str().expect("one");
        cluster.run_when_due(&bettor, &["resolve", market, "--proof", &proof]);
    }
    let mint = cluster.genesis["mint"].as_str().expect("a mint");
    let balance = || cluster.run(&bettor, &["token", "balance", mint])["base_units"].clone();
    let before = balance().as_u64().expect("units");
    for does in [
        "collapsing a quantum group",
        "settling a quantum group",
        "releasing the surplus of a quantum group",
        "settling a quantum ticket",
        "closing a quantum group",
    ] {
        let done: Value = cluster.run(&admin, &["quantum", "crank", group]);
        assert_eq!(done["does"], does);
        if does == "releasing the surplus of a quantum group" {
            let shown = cluster.run(&bettor, &["quantum", "show", group]);
            assert_eq!(shown["state"], "settled");
            assert_eq!(shown["survivor"], 1);
        }
    }
    let paid = balance().as_u64().expect("units") - before;
    let shares = bought["quoted_shares"].as_str().expect("shares");
    assert_eq!(paid, 6_000_000 + crate::flash::base_units(shares));
    assert_eq!(
        cluster.run(&bettor, &["quantum", "list", "--vault", vault]),
        json!([])
    );
}
