//! Standard markets, what events say: each kind, read through the client, against what the accounts and
//! balances are after it.

use std::collections::BTreeSet;

use anchor_lang::{prelude::Pubkey, AnchorDeserialize, Discriminator};
use client::instructions::markets::*;
use market_core::NO_OUTCOME;
use markets::{
    instructions as events,
    state::{Market, Terms, Venue},
};
use math::Price;
use program_kit::EventHeader;
use solana_signer::Signer;
use testbed::{feed, MarketsWorld, ProgramKind, Receipt, SendError, Trader};

const PURSE: u64 = 1_000_000_000_000;

/// A market, and the kinds of events that were read of it.
struct Story {
    markets: MarketsWorld,
    market: Pubkey,
    seen: BTreeSet<[u8; 8]>,
}

impl Story {
    fn new(markets: MarketsWorld) -> Self {
        Self {
            markets,
            market: Pubkey::default(),
            seen: BTreeSet::new(),
        }
    }

    /// Opens a market and reads what is said of it.
    fn create(&mut self, change: impl FnOnce(&mut CreateMarketArgs)) {
        let mut args = self.markets.terms(2);
        args.fee_rate = 300;
        change(&mut args);
        let creator = self.markets.creator();
        let create = self.markets.build_market(&creator, args);
        self.market = create.market();
        let before = self.markets.balance(creator.tokens);
        let receipt = self.markets.create(&creator, &create);
        let event: events::MarketCreated = self.read(receipt);
        let state = self.markets.state(self.market);
        assert_eq!(event.market, self.market);
        assert_eq!(
            [event.venue, event.mint, event.creator],
            [
                self.markets.venue,
                self.markets.mint.address,
                creator.address()
            ]
        );
        // Whole: the market's address ends with the hash of them.
        assert_eq!(event.terms.hash(), state.terms_hash);
        assert_eq!(event.terms.args.id, create.args.id);
        assert_eq!(event.curve, state.pool.kind);
        assert_eq!(
            [event.funding, event.creator_bond],
            [state.pool.cash, state.creator_bond]
        );
        assert_eq!(
            before - self.markets.balance(creator.tokens),
            event.funding + event.creator_bond
        );
        assert_eq!(
            [event.trading_until, event.proposal_until],
            [state.hours.trading_until, state.proposal_until]
        );
        assert_eq!(event.slow_price_slots, state.slow_price_slots);
    }

    /// The one event of a transaction: of this kind, and with its header first, which is the last of
    /// its market's or venue's.
    #[track_caller]
    fn read<T: Discriminator + AnchorDeserialize>(
        &mut self,
        receipt: Result<Receipt, SendError>,
    ) -> T {
        let receipt = receipt.expect("an event");
        let emitted: Vec<_> = receipt
            .events
            .iter()
            .filter(|event| event.program == markets::ID)
            .collect();
        let [event] = emitted.as_slice() else {
            panic!("{} events", emitted.len());
        };
        let kind = event.data[..8].try_into().expect("a discriminator");
        self.seen.insert(kind);
        let header = EventHeader::deserialize(&mut &event.data[8..]).expect("a header");
        let clock = self.markets.chain().clock();
        assert_eq!(
            (header.slot, header.unix_time),
            (clock.slot, clock.unix_timestamp)
        );
        let subject = Pubkey::try_from(&event.data[32..64]).expect("an address");
        let sequence = if let Some(feed) = self.find_feed(subject) {
            Some(feed.sequence)
        } else if subject == self.market {
            let market = self.markets.find::<Market>(subject);
            market.map(|market| market.sequence)
        } else {
            let venue = self.markets.find::<Venue>(subject);
            venue.map(|venue| venue.sequence)
        };
        // A market that is closed says so with its last.
        assert!(sequence.is_none_or(|sequence| sequence == header.sequence));
        event.read().expect("an event of this kind")
    }

    fn find_feed(&self, address: Pubkey) -> Option<events::PriceFeed> {
        let account = self.markets.chain().find_account(address);
        let account = account.expect("the chain answers")?;
        client::accounts::decode(&account.owner, &account.data).ok()
    }

    fn price_feeds(&mut self) {
        let admin = self.markets.world.admin.insecure_clone();
        let (venue, authority, feed_id) = (self.markets.venue, admin.pubkey(), [7; 32]);
        let set = SetPriceFeed {
            authority,
            venue,
            feed_id,
            cost_per_second: 5,
        };
        let receipt = self.markets.send(set.instruction(), &[&admin]);
        let event: events::PriceFeedSet = self.read(receipt);
        let state: events::PriceFeed = self.markets.read(event.price_feed);
        assert_eq!([event.venue, event.authority], [venue, authority]);
        assert_eq!([event.feed_id, state.feed_id], [feed_id; 2]);
        assert_eq!(
            [event.old_cost_per_second, event.new_cost_per_second],
            [0, state.cost_per_second.pending]
        );
        assert_eq!(event.active_from, state.cost_per_second.active_from);
        let close = ClosePriceFeed {
            admin: authority,
            venue,
            feed_id,
            rent_payer: authority,
        };
        let receipt = self.markets.send(close.instruction(), &[&admin]);
        let closed: events::PriceFeedClosed = self.read(receipt);
        assert_eq!(closed.price_feed, event.price_feed);
        assert_eq!((closed.venue, closed.feed_id), (venue, feed_id));
    }

    fn trader(&mut self) -> Trader {
        let trader = self.markets.trader(PURSE);
        self.markets.open_provider(&trader, self.market);
        trader
    }

    fn balance(&self, trader: &Trader) -> u64 {
        self.markets.balance(trader.tokens)
    }

    fn held(&self, trader: &Trader) -> Vec<u64> {
        self.markets.position(self.market, trader).holdings.shares
    }

    fn trades(&mut self) {
        let (market, trader) = (self.market, self.trader());
        let other = self.trader();
        let both = [market, trader.address()];

        let mut buy = self.markets.build_buy(&trader, market, 0, 80_000_000);
        buy.buyer.owner = other.address();
        let receipt = self.markets.send(buy.instruction(), &[&trader.key]);
        let event: events::Bought = self.read(receipt);
        let state = self.markets.state(market);
        assert_eq!([event.market, event.payer], both);
        assert_eq!((event.owner, event.outcome), (other.address(), 0));
        assert_eq!(event.shares, self.held(&other)[0]);
        assert_eq!(event.amount, PURSE - self.balance(&trader));
        let fees = [
            state.liquidity_fees,
            state.protocol_fees,
            state.creator_fees,
        ];
        assert_eq!(event.fee, fees.iter().sum::<u64>());
        assert_eq!(
            [event.pool_cash, event.outcome_sold],
            [state.pool.cash, state.pool.sold[0]]
        );

        let purse = self.balance(&trader);
        let receipt = self.markets.split(&trader, market, 9_000_000);
        let event: events::SetsSplit = self.read(receipt);
        assert_eq!([event.market, event.payer], both);
        assert_eq!(event.owner, trader.address());
        assert_eq!(event.amount, purse - self.balance(&trader));
        assert_eq!(event.pool_cash, self.markets.state(market).pool.cash);

        let receipt = self.markets.merge(&trader, market, 2_000_000);
        let event: events::SetsMerged = self.read(receipt);
        assert_eq!([event.market, event.owner], both);
        assert_eq!(event.amount, 9_000_000 - self.held(&trader)[0]);
        assert_eq!(event.pool_cash, self.markets.state(market).pool.cash);

        let (purse, before) = (self.balance(&trader), self.markets.state(market));
        let receipt = self.markets.sell(&trader, market, 1, 3_000_000);
        let event: events::Sold = self.read(receipt);
        let state = self.markets.state(market);
        assert_eq!([event.market, event.owner], both);
        assert_eq!(event.outcome, 1);
        assert_eq!(event.shares, 7_000_000 - self.held(&trader)[1]);
        assert_eq!(event.amount, self.balance(&trader) - purse);
        assert_eq!(event.fee, before.pool.cash - state.pool.cash - event.amount);
        assert_eq!(
            [event.pool_cash, event.outcome_sold],
            [state.pool.cash, state.pool.sold[1]]
        );

        let basis = self.markets.position(market, &trader).holdings.cost_basis;
        let receipt = self
            .markets
            .transfer_shares(&trader, &other, market, 1, 1_000_000);
        let event: events::SharesTransferred = self.read(receipt);
        assert_eq!([event.market, event.from], both);
        assert_eq!((event.to, event.outcome), (other.address(), 1));
        assert_eq!(event.shares, self.held(&other)[1]);
        let left = self.markets.position(market, &trader).holdings.cost_basis;
        assert_eq!(event.cost, basis - left);
    }

    fn liquidity(&mut self) {
        let (market, provider) = (self.market, self.trader());
        let other = self.trader();
        let both = [market, provider.address()];

        let before = self.markets.state(market);
        let receipt = self.markets.add(&provider, market, 400_000_000);
        let event: events::LiquidityAdded = self.read(receipt);
        let (state, liquidity) = (
            self.markets.state(market),
            self.markets.liquidity(market, &provider),
        );
        assert_eq!([event.market, event.owner], both);
        assert_eq!(event.amount, PURSE - self.balance(&provider));
        assert_eq!(
            event.unvested_fees,
            state.liquidity_fees - before.liquidity_fees
        );
        assert!(event.unvested_fees > 0);
        assert_eq!(event.shares, liquidity.shares);
        assert_eq!(event.returned, self.held(&provider));
        assert_eq!(
            [event.liquidity_supply, event.pool_cash, event.depth],
            [state.liquidity_supply, state.pool.cash, state.pool.depth]
        );

        let shares = liquidity.shares / 4;
        let receipt = self.markets.lock(&provider, market, shares);
        let event: events::LiquidityLocked = self.read(receipt);
        assert_eq!([event.market, event.owner], both);
        assert_eq!(
            [event.shares, event.locked_shares, event.locked_liquidity],
            [
                shares,
                self.markets.liquidity(market, &provider).locked_shares,
                self.markets.state(market).locked_liquidity
            ]
        );

        let transfer = TransferLiquidity {
            owner: provider.address(),
            venue: self.markets.venue,
            market,
            receiver: other.address(),
            shares,
        };
        let receipt = self.markets.send(transfer.instruction(), &[&provider.key]);
        let event: events::LiquidityTransferred = self.read(receipt);
        assert_eq!([event.market, event.from], both);
        assert_eq!(event.to, other.address());
        assert_eq!(event.shares, self.markets.liquidity(market, &other).shares);

        let (purse, held) = (self.balance(&provider), self.held(&provider));
        let receipt = self.markets.remove(&provider, market, shares);
        let event: events::LiquidityRemoved = self.read(receipt);
        let state = self.markets.state(market);
        assert_eq!([event.market, event.owner], both);
        assert_eq!(event.cash, self.balance(&provider) - purse);
        assert_eq!(
            event.shares,
            liquidity.shares - shares - self.markets.liquidity(market, &provider).shares
        );
        let more = self.held(&provider);
        let returned: Vec<_> = more.iter().zip(held).map(|(new, old)| new - old).collect();
        assert_eq!(event.returned, returned);
        assert_eq!(
            [event.liquidity_supply, event.pool_cash, event.depth],
            [state.liquidity_supply, state.pool.cash, state.pool.depth]
        );

        let later = self.markets.chain().slot() + 1_000;
        self.markets.go_to(later);
        let purse = self.balance(&provider);
        let receipt = self.markets.collect(&provider, market);
        let event: events::LiquidityFeesCollected = self.read(receipt);
        assert_eq!([event.market, event.owner], both);
        assert_eq!(event.amount, self.balance(&provider) - purse);
        assert!(event.amount > 0);
    }

    fn fees(&mut self) {
        let (market, creator, venue) = (self.market, self.markets.creator(), self.markets.venue);
        let purse = self.balance(&creator);
        let collect = self.markets.build_collect_creator(market).instruction();
        let receipt = self.markets.send(collect, &[]);
        let event: events::CreatorFeesCollected = self.read(receipt);
        assert_eq!([event.market, event.creator], [market, creator.address()]);
        assert_eq!(event.amount, self.balance(&creator) - purse);

        let before = self.markets.venue_state().protocol_fees;
        let release = self.markets.build_release(market).instruction();
        let receipt = self.markets.send(release, &[]);
        let event: events::ProtocolFeesReleased = self.read(receipt);
        assert_eq!([event.market, event.venue], [market, venue]);
        let state = self.markets.venue_state();
        assert_eq!(event.amount, state.protocol_fees - before);

        let collect = self.markets.build_collect_protocol().instruction();
        let receipt = self.markets.send(collect, &[]);
        let event: events::ProtocolFeesCollected = self.read(receipt);
        let treasury = self.markets.treasury.pubkey();
        assert_eq!([event.venue, event.treasury], [venue, treasury]);
        let paid = self.markets.balance(self.markets.treasury_tokens);
        assert_eq!([event.amount, paid], [state.protocol_fees; 2]);
    }

    /// Proposes `value`, and reads what is said of it.
    fn proposal(&mut self, value: i64) {
        let (market, creator) = (self.market, self.markets.creator());
        let purse = self.balance(&creator);
        let source = self.markets.observe(market, value);
        let receipt = self.markets.propose_on(&creator, market, source);
        let event: events::ResolutionProposed = self.read(receipt);
        let state = self.markets.state(market);
        assert_eq!([event.market, event.proposer], [market, state.proposer]);
        assert_eq!([event.source, state.proposal_source], [source; 2]);
        assert_eq!([event.value, event.result], [value, state.proposed_result]);
        assert_eq!(
            [event.bond, state.bond],
            [purse - self.balance(&creator); 2]
        );
        assert_eq!(event.dispute_until, state.dispute_until);
    }

    fn dispute(&mut self, value: i64) {
        let (market, disputer) = (self.market, self.markets.trader(PURSE));
        let dispute = self.markets.build_dispute(&disputer, market);
        let receipt = self.markets.send(dispute.instruction(), &[&disputer.key]);
        let event: events::ResolutionDisputed = self.read(receipt);
        let state = self.markets.state(market);
        assert_eq!([event.market, event.disputer], [market, state.disputer]);
        assert_eq!(event.evidence_hash, dispute.args.evidence_hash);
        assert_eq!(event.reason, dispute.args.reason);
        assert_eq!(
            [event.bond; 2],
            [state.bond, PURSE - self.balance(&disputer)]
        );
        assert_eq!(event.arbitration_until, state.arbitration_until);

        let source = self.markets.arbitrate(market, value);
        let resolve = self.markets.build_resolve_dispute(market, source);
        let receipt = self.markets.send(resolve.instruction(), &[]);
        let event: events::DisputeResolved = self.read(receipt);
        let state = self.markets.state(market);
        assert_eq!([event.market, event.source], [market, source]);
        assert_eq!([event.value, event.result], [value; 2]);
        assert_eq!(
            u64::try_from(value),
            Ok(u64::from(state.settlement.winning_outcome))
        );
        assert!(!event.is_proposal_right && state.proposed_result != value);
        assert_eq!(
            [event.proposer_claim, event.disputer_claim],
            [0, state.bond + state.bond / 2]
        );

        let purse = self.balance(&disputer);
        let receipt = self.markets.claim_dispute(market, &disputer);
        let event: events::DisputeBondClaimed = self.read(receipt);
        assert_eq!([event.market, event.disputer], [market, disputer.address()]);
        assert_eq!(event.amount, self.balance(&disputer) - purse);
    }

    /// Settled: pays `trader`, who has a position and liquidity, and then all others, and closes.
    fn payouts(&mut self, trader: &Trader) {
        let market = self.market;
        let both = [market, trader.address()];
        let (purse, position) = (self.balance(trader), self.markets.position(market, trader));
        let receipt = self.markets.redeem(market, &[trader]);
        let event: events::PositionRedeemed = self.read(receipt);
        assert_eq!([event.market, event.owner], both);
        assert_eq!(event.payout, self.balance(trader) - purse);
        assert_eq!(event.cost_basis, position.holdings.cost_basis);
        assert_eq!(event.pool_cash, self.markets.state(market).pool.cash);

        let before = self.markets.state(market);
        let (purse, liquidity) = (self.balance(trader), self.markets.liquidity(market, trader));
        let receipt = self.markets.redeem_liquidity(market, trader);
        let event: events::LiquidityRedeemed = self.read(receipt);
        let state = self.markets.state(market);
        assert_eq!([event.market, event.owner], both);
        assert_eq!(event.shares, liquidity.shares);
        assert_eq!(
            [event.value, event.fees],
            [
                before.pool.cash - state.pool.cash,
                before.liquidity_fees - state.liquidity_fees
            ]
        );
        assert_eq!(event.value + event.fees, self.balance(trader) - purse);
    }

    fn closing(&mut self) {
        let (market, venue, creator) = (self.market, self.markets.venue, self.markets.creator());
        let tokens = self.markets.state(market).token_account;
        self.markets.donate(tokens, 77);
        let state = self.markets.state(market);
        let (purse, before) = (self.balance(&creator), self.markets.venue_state());
        let receipt = self.markets.close(market);
        let event: events::MarketClosed = self.read(receipt);
        assert_eq!([event.market, event.venue], [market, venue]);
        assert_eq!(event.header.sequence, state.sequence + 1);
        assert_eq!(
            [event.creator_fees, event.protocol_fees, event.donated],
            [state.creator_fees, state.protocol_fees, 77]
        );
        assert_eq!(event.dust, state.pool.cash + state.liquidity_fees);
        assert_eq!(self.balance(&creator) - purse, event.creator_fees);
        assert_eq!(
            self.markets.venue_state().protocol_fees - before.protocol_fees,
            event.protocol_fees + event.dust + event.donated
        );
    }

    fn venue(&mut self) {
        let mint = self.markets.new_mint();
        let (admin, guardian) = (
            self.markets.world.admin.insecure_clone(),
            self.markets.world.guardian.insecure_clone(),
        );
        let terms = self.markets.venue_state().terms.value;
        let create = self.markets.build_venue(mint, terms);
        let receipt = self.markets.send(create.instruction(), &[&admin]);
        let event: events::VenueCreated = self.read(receipt);
        let state: Venue = self.markets.read(event.venue);
        assert_eq!([event.mint, state.mint], [mint.address; 2]);
        assert_eq!(event.treasury, state.treasury.value);
        assert_eq!((event.terms, state.terms.value), (terms, terms));

        let venue = self.markets.venue;
        let higher = Terms {
            protocol_fee_share: terms.protocol_fee_share + 1,
            ..terms
        };
        let set = SetVenueTerms {
            authority: admin.pubkey(),
            venue,
            terms: higher,
        };
        let receipt = self.markets.send(set.instruction(), &[&admin]);
        let event: events::VenueTermsSet = self.read(receipt);
        let state = self.markets.venue_state();
        assert_eq!([event.venue, event.authority], [venue, admin.pubkey()]);
        assert_eq!(
            [event.old, event.new],
            [state.terms.value, state.terms.pending]
        );
        assert_eq!(event.new, higher);
        assert_eq!(event.active_from, state.terms.active_from);
        assert!(event.active_from > self.markets.seconds());

        let successor = Pubkey::new_unique();
        let set = SetTreasury {
            admin: admin.pubkey(),
            venue,
            treasury: successor,
        };
        let receipt = self.markets.send(set.instruction(), &[&admin]);
        let event: events::TreasurySet = self.read(receipt);
        let state = self.markets.venue_state();
        assert_eq!(event.venue, venue);
        assert_eq!(
            [event.old, event.new],
            [state.treasury.value, state.treasury.pending]
        );
        assert_eq!(
            (event.new, event.active_from),
            (successor, state.treasury.active_from)
        );

        let receipt = self.markets.pause();
        let event: events::VenuePaused = self.read(receipt);
        assert_eq!([event.venue, event.authority], [venue, guardian.pubkey()]);
        let now = self.markets.seconds();
        assert!(self.markets.venue_state().pauses.is_paused(now));
        let unpause = Unpause {
            admin: admin.pubkey(),
            venue,
        };
        let receipt = self.markets.send(unpause.instruction(), &[&admin]);
        let event: events::VenueUnpaused = self.read(receipt);
        assert_eq!(event.venue, venue);
        let pauses = self.markets.venue_state().pauses;
        assert!(pauses.is_paused(event.active_from - 1) && !pauses.is_paused(event.active_from));
    }
}

/// On bytecode: natively programs log no events.
#[test]
fn every_event_says_what_is_so_after_it() {
    let mut story = Story::new(MarketsWorld::start(&Default::default()));
    if story.markets.chain().kind() != ProgramKind::Sbf {
        return;
    }
    // Traded, provided for, disputed.
    story.create(|_| {});
    story.trades();
    story.liquidity();
    story.fees();
    let trader = story.trader();
    let (market, creator) = (story.market, story.markets.creator());
    story
        .markets
        .split(&trader, market, 5_000_000)
        .expect("sets");
    story
        .markets
        .add(&trader, market, 6_000_000)
        .expect("liquidity");
    story.proposal(1);
    story.dispute(0);
    story.payouts(&trader);
    // Who traded before is not the story's any more.

    // An LMSR that becomes a pm-AMM, and is final without a dispute.
    story.create(|args| args.offers_switch = true);
    let (market, trader) = (story.market, story.trader());
    story
        .markets
        .buy(&trader, market, 0, 70_000_000)
        .expect("a buy");
    story
        .markets
        .add(&trader, market, 9_000_000)
        .expect("liquidity");
    let until = story.markets.state(market).hours.locks_at;
    story.markets.go_to_second(until - 60);
    let receipt = story.markets.switch(market);
    let event: events::CurveSwitched = story.read(receipt);
    let depth = story.markets.state(market).pool.depth;
    assert_eq!((event.market, event.depth), (market, depth));
    story.proposal(0);
    let (purse, until) = (
        story.balance(&creator),
        story.markets.state(market).dispute_until,
    );
    story.markets.go_to_second(until);
    let receipt = story.markets.finalize(market);
    let event: events::MarketFinalized = story.read(receipt);
    let state = story.markets.state(market);
    assert_eq!(event.market, market);
    assert_eq!([event.value, event.result], [0; 2]);
    assert_eq!(state.settlement.winning_outcome, 0);
    assert_eq!(event.proposer_claim, state.proposer_claim);
    let receipt = story.markets.claim_proposal(market, &creator);
    let claimed: events::ProposalBondClaimed = story.read(receipt);
    assert_eq!(
        [claimed.market, claimed.proposer],
        [market, creator.address()]
    );
    assert_eq!(
        [claimed.amount, event.proposer_claim],
        [story.balance(&creator) - purse; 2]
    );
    story.payouts(&trader);
    story
        .markets
        .redeem_liquidity(market, &creator)
        .expect("the rest");
    story.closing();

    // Up or down, its strike set and contradicted, and void.
    story.create(|args| {
        let strike_at_ms = args.observe_at_ms;
        args.rule = RuleTerms::ThresholdAtOpening { strike_at_ms };
        args.observe_at_ms += 60 * 60 * 1_000;
    });
    let market = story.market;
    let (id, opening) = {
        let state = story.markets.state(market);
        (state.id, state.evidence.strike_at_ms)
    };
    let source = story.markets.observe_at(market, opening, 1_234);
    let receipt = story.markets.set_strike(market, source);
    let event: events::StrikeSet = story.read(receipt);
    assert_eq!([event.market, event.source], [market, source]);
    let strike = story.markets.state(market).rule.strike();
    assert_eq!((event.strike, strike), (1_234, Some(1_234)));
    let report = story.markets.world.report_conflict(feed(id), opening, 5);
    let report = report.expect("a report").instruction();
    story.markets.send(report, &[]).expect("a contradiction");
    let conflict = DisputeConflict {
        venue: story.markets.venue,
        market,
        observation: source,
    };
    let receipt = story.markets.send(conflict.instruction(), &[]);
    let event: events::ResolutionDisputed = story.read(receipt);
    let state = story.markets.state(market);
    assert_eq!([event.market, event.disputer], [market, Pubkey::default()]);
    assert_eq!(
        (event.bond, event.reason, event.evidence_hash),
        (0, 0, [0; 32])
    );
    assert_eq!(event.arbitration_until, state.arbitration_until);
    story.markets.go_to_second(state.arbitration_until);
    let receipt = story.markets.void(market);
    let event: events::MarketVoided = story.read(receipt);
    let settlement = story.markets.state(market).settlement;
    assert_eq!(event.market, market);
    assert_eq!(event.payouts, settlement.payouts[..2]);
    let sum = event.payouts.iter().sum::<u64>();
    // Rounded down, each by less than 2⁻⁵⁶.
    assert!((Price::ONE.0 - 256..=Price::ONE.0).contains(&sum), "{sum}");
    assert_eq!(settlement.winning_outcome, NO_OUTCOME);

    story.venue();
    story.price_feeds();
    let idl: serde_json::Value =
        serde_json::from_str(include_str!("../../idl/markets.json")).expect("the IDL");
    let kinds = idl["events"].as_array().expect("events");
    let unseen: Vec<_> = kinds
        .iter()
        .filter(|kind| {
            let bytes = kind["discriminator"].as_array().expect("eight bytes");
            let bytes: Vec<_> = bytes.iter().filter_map(|byte| byte.as_u64()).collect();
            !story.seen.iter().any(|seen| {
                seen.iter()
                    .map(|byte| u64::from(*byte))
                    .eq(bytes.iter().copied())
            })
        })
        .map(|kind| &kind["name"])
        .collect();
    assert!(unseen.is_empty(), "not looked at: {unseen:?}");
}
