//! Instruction data of every program, damaged at random, with the accounts of instructions that are
//! right: whatever is taken, all books still balance.

#[test]
fn flash_bets_books_balance_whatever_the_data() {
    strobe_fuzz::flash_bets_data().search();
}

#[test]
fn markets_books_balance_whatever_the_data() {
    strobe_fuzz::markets_data().search();
}

#[test]
fn orders_books_balance_whatever_the_data() {
    strobe_fuzz::orders_data().search();
}

#[test]
fn leverage_books_balance_whatever_the_data() {
    strobe_fuzz::leverage_data().search();
}

#[test]
fn oracle_records_stay_whatever_the_data() {
    strobe_fuzz::oracle_data().search();
}
