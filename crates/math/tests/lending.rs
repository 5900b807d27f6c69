//! The book of who lends: its money is its claims after every operation, and lenders lose nothing but
//! what is written off.

use math::{BasisPoints, BorrowRates, LendingBook, MathError, Money, Shares};
use proptest::prelude::*;

const RATES: BorrowRates = BorrowRates {
    idle: BasisPoints(200),
    at_kink: BasisPoints(1_000),
    full: BasisPoints(10_000),
    kink: BasisPoints(8_000),
};

const YEAR: i64 = 31_536_000;

#[test]
fn a_loan_grows_by_the_rate_and_pays_the_lenders() {
    let mut book = LendingBook::new(0);
    let shares = book.deposit(Money(1_000_000)).expect("shares");
    let loan = book.lend(Money(800_000)).expect("a loan");
    book.accrue(RATES, YEAR).expect("interest");
    assert_eq!(book.debt(loan), Ok(Money(880_001)));
    let repaid = book.repay(loan, Money(1_000_000)).expect("a payment");
    assert_eq!((repaid.shares, repaid.paid), (loan, Money(880_001)));
    assert_eq!(book.debt_shares, 0);
    let paid = book.withdraw(shares, Money(0)).expect("a payment");
    // The virtual shares keep less than a thousandth of the interest.
    assert_eq!((paid, book.cash), (Money(1_080_000), 1));
}

/// A loan's interest over so many seconds, looked at in steps of so many.
fn interest(mut book: LendingBook, loan: Shares, seconds: i64, step: i64) -> u64 {
    let before = book.debt(loan).expect("a debt").0;
    let start = book.accrued_until;
    for now in (0..=seconds).step_by(usize::try_from(step).expect("a step")) {
        book.accrue(RATES, start + now).expect("interest");
    }
    book.debt(loan).expect("a debt").0 - before
}

/// A rate is of a year without a look between. Whoever looks, and everything that changes a loan does, has interest
/// bear interest: 100 % a year is 171.8 % looked at every hour.
#[test]
fn interest_bears_interest_at_every_look() {
    let mut book = LendingBook::new(0);
    book.deposit(Money(1_000_000_000)).expect("shares");
    let loan = book.lend(Money(1_000_000_000)).expect("a loan");
    assert_eq!(interest(book, loan, YEAR, YEAR), 1_000_000_000);
    let hourly = interest(book, loan, YEAR, 3_600);
    assert!((1_717_500_000..1_718_282_000).contains(&hourly), "{hourly}");
}

/// Lenders who leave raise the rate of the loans that run: of 100,000 of 1,000,000 for 30 days from 3 % to 100 %.
#[test]
fn lenders_who_leave_raise_the_rate_of_running_loans() {
    const UNIT: u64 = 1_000_000;
    const MONTH: i64 = 30 * 24 * 3_600;
    let mut book = LendingBook::new(0);
    let shares = book.deposit(Money(1_000_000 * UNIT)).expect("shares");
    let loan = book.lend(Money(100_000 * UNIT)).expect("a loan");
    let units = |book, step| interest(book, loan, MONTH, step) / UNIT;
    assert_eq!((units(book, MONTH), units(book, 3_600)), (246, 246));
    let leaving = Shares(shares.0 - 1_000_000);
    let paid = book.withdraw(leaving, Money(100_000 * UNIT));
    assert!(paid.expect("a payment").0 > 899_999 * UNIT);
    assert_eq!((units(book, MONTH), units(book, 3_600)), (8_219, 8_565));
}

#[test]
fn insurance_pays_before_lenders() {
    let mut book = LendingBook::new(0);
    book.deposit(Money(1_000)).expect("shares");
    book.insurance = 30;
    let loan = book.lend(Money(100)).expect("a loan");
    let other = book.lend(Money(100)).expect("a loan");
    let loss = book.write_off(loan, Money(80)).expect("a loss");
    assert_eq!((loss.insurance, loss.lenders), (Money(20), Money(0)));
    let loss = book.write_off(other, Money(40)).expect("a loss");
    assert_eq!((loss.insurance, loss.lenders), (Money(10), Money(50)));
    assert_eq!((book.cash, book.insurance, book.debt_shares), (950, 0, 0));
    // More than is owed is none of a loss.
    let loan = book.lend(Money(100)).expect("a loan");
    let loss = book.write_off(loan, Money(500)).expect("no loss");
    assert_eq!((loss.lenders, book.cash), (Money(0), 950));
}

/// A part of the lenders' money is the same part of it when there is more.
#[test]
fn part_of_the_equity_grows_with_it() {
    let mut book = LendingBook::new(0);
    let third = |book: &LendingBook| book.part_of_equity(Money(1_000));
    assert_eq!(third(&book), Ok(1_000 << 32));
    assert_eq!(book.of_equity(u64::MAX), Ok(Money(0)));
    book.deposit(Money(3_000)).expect("shares");
    let part = third(&book).expect("a part");
    assert_eq!(part, (1 << 32) / 3 + 1);
    assert_eq!(book.of_equity(part), Ok(Money(1_001)));
    book.lend(Money(900)).expect("a loan");
    assert_eq!(book.of_equity(part), Ok(Money(1_001)));
    book.deposit(Money(27_000)).expect("shares");
    assert_eq!(book.of_equity(part), Ok(Money(10_001)));
    assert_eq!(book.of_equity(0), Ok(Money(0)));
}

#[test]
fn what_is_lent_out_cannot_be_withdrawn_or_lent() {
    let mut book = LendingBook::new(0);
    let shares = book.deposit(Money(1_000)).expect("shares");
    book.lend(Money(900)).expect("a loan");
    let before = book;
    assert_eq!(book.withdraw(shares, Money(0)), Err(MathError::Underflow));
    assert_eq!(book.lend(Money(101)), Err(MathError::Underflow));
    assert_eq!(
        book.withdraw(Shares(shares.0 + 1), Money(0)),
        Err(MathError::MoreThanSold)
    );
    assert_eq!(book, before);
    // Whoever leaves before a loss is booked bears his part of what may be lost.
    let half = Shares(shares.0 / 10);
    assert_eq!(book.withdraw(half, Money(900)), Ok(Money(10)));
}

/// What somebody does with a book.
#[derive(Clone, Copy, Debug)]
enum Step {
    Deposit(u64),
    Withdraw(u8, u8),
    Lend(u64),
    Repay(u8, u64),
    WriteOff(u8, u8),
    Insure(u64),
    Wait(u32),
}

fn step() -> impl Strategy<Value = Step> {
    let amount = || prop_oneof![1u64..100, 1u64..1 << 30, 1u64..1 << 40];
    prop_oneof![
        amount().prop_map(Step::Deposit),
        (any::<u8>(), any::<u8>()).prop_map(|(who, part)| Step::Withdraw(who, part)),
        amount().prop_map(Step::Lend),
        (any::<u8>(), amount()).prop_map(|(who, paid)| Step::Repay(who, paid)),
        (any::<u8>(), any::<u8>()).prop_map(|(who, part)| Step::WriteOff(who, part)),
        (0u64..1 << 20).prop_map(Step::Insure),
        (0u32..10_000_000).prop_map(Step::Wait),
    ]
}

/// A book and all who have to do with it.
struct Everybody {
    book: LendingBook,
    now: i64,
    /// What the token account holds.
    tokens: u64,
    lenders: Vec<Shares>,
    loans: Vec<Shares>,
}

impl Everybody {
    /// What the lenders lost by it.
    fn take(&mut self, step: Step) -> u64 {
        let place = |who: u8, count: usize| usize::from(who) % count.max(1);
        match step {
            Step::Deposit(amount) => {
                if let Ok(shares) = self.book.deposit(Money(amount)) {
                    self.lenders.push(shares);
                    self.tokens += amount;
                }
            }
            Step::Withdraw(who, part) => {
                let place = place(who, self.lenders.len());
                if let Some(held) = self.lenders.get_mut(place) {
                    let shares = Shares(held.0 / 255 * u64::from(part));
                    if let Ok(paid) = self.book.withdraw(shares, Money(0)) {
                        held.0 -= shares.0;
                        self.tokens -= paid.0;
                    }
                }
            }
            Step::Lend(amount) => {
                if let Ok(shares) = self.book.lend(Money(amount)) {
                    self.loans.push(shares);
                    self.tokens -= amount;
                }
            }
            Step::Repay(who, offered) => {
                let place = place(who, self.loans.len());
                if let Some(loan) = self.loans.get_mut(place) {
                    let repaid = self.book.repay(*loan, Money(offered)).expect("a payment");
                    assert!(repaid.paid.0 <= offered);
                    loan.0 -= repaid.shares.0;
                    self.tokens += repaid.paid.0;
                }
            }
            Step::WriteOff(who, part) => {
                let place = place(who, self.loans.len());
                if place < self.loans.len() {
                    let loan = self.loans.swap_remove(place);
                    let debt = self.book.debt(loan).expect("a debt").0;
                    let recovered = debt / 255 * u64::from(part);
                    let loss = self.book.write_off(loan, Money(recovered)).expect("a loss");
                    self.tokens += recovered;
                    return loss.lenders.0;
                }
            }
            Step::Insure(amount) => {
                self.book.insurance += amount;
                self.tokens += amount;
            }
            Step::Wait(seconds) => {
                self.now += i64::from(seconds);
                self.book.accrue(RATES, self.now).expect("interest");
            }
        }
        0
    }

    fn check(&self) {
        let book = &self.book;
        assert_eq!(self.tokens, book.cash + book.insurance);
        let sum = |shares: &[Shares]| shares.iter().map(|shares| shares.0).sum::<u64>();
        assert_eq!(sum(&self.lenders), book.supply);
        assert_eq!(sum(&self.loans), book.debt_shares);
    }
}

/// What a share is worth with the virtual ones, as a fraction.
fn share_price(book: &LendingBook) -> (u128, u128) {
    let equity = book.equity().expect("equity").0;
    (u128::from(equity) + 1, u128::from(book.supply) + 1_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// 20,000 operations: money is claims after each, a lender's share falls by losses alone, and in the
    /// end everybody leaves.
    #[test]
    fn books_balance_after_every_operation(steps in prop::collection::vec(step(), 100)) {
        let mut all = Everybody {
            book: LendingBook::new(0),
            now: 0,
            tokens: 0,
            lenders: Vec::new(),
            loans: Vec::new(),
        };
        for step in steps {
            let (equity, supply) = share_price(&all.book);
            let lost = all.take(step);
            all.check();
            let (after, supply_after) = share_price(&all.book);
            // The debt of a loan is rounded up, that of all down: a unit of it may be written off.
            prop_assert!(
                (after + u128::from(lost) + u128::from(lost > 0)) * supply >= equity * supply_after,
                "{step:?}"
            );
        }
        for loan in core::mem::take(&mut all.loans) {
            let repaid = all.book.repay(loan, Money(u64::MAX)).expect("a payment");
            all.tokens += repaid.paid.0;
        }
        for held in core::mem::take(&mut all.lenders) {
            let paid = all.book.withdraw(held, Money(0)).expect("a payment");
            all.tokens -= paid.0;
        }
        all.check();
        prop_assert_eq!((all.book.supply, all.book.debt_shares), (0, 0));
    }
}
