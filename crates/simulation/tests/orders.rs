//! What orders cost that are cut into slices.

use simulation::orders::slippage;
use simulation::paths::brownian;

/// The more slices the nearer to the path's price, down to the fee; and the further from the start's.
#[test]
fn slices_cost_less_and_risk_more() {
    let paths = brownian(1, 24 * 60, 40).expect("paths");
    let rows = slippage(&paths).expect("figures");
    assert_eq!(rows.len(), 24);
    for plans in rows.chunks(4) {
        for plan in plans {
            println!("{plan:?}");
        }
        for pair in plans.windows(2) {
            assert!(pair[1].above_path < pair[0].above_path, "{pair:?}");
            assert!(pair[1].deviation > pair[0].deviation, "{pair:?}");
        }
        let (once, many) = (plans[0], plans[3]);
        // A fee of a hundredth of the less likely side.
        assert!((0.2..0.8).contains(&many.above_path), "{many:?}");
        assert!(once.above_path > 15.0 * once.stake, "{once:?}");
    }
}
