// A market of either kind, as far as the page treats them alike.
import type { Address } from '@solana/kit';
import {
	type Decision,
	type FlashMarketView,
	type MarketView,
	type Mint,
	type Receipt,
	type Snapshot,
	type Strobe,
	type Traded,
	type TradeQuote,
	describeReach,
} from '@strobe/sdk';

import { duration, moment } from './format.js';

/** One of the two, and where it comes from. */
export type Listed = { kind: 'flash'; view: FlashMarketView } | { kind: 'standard'; view: MarketView };
export type Observed = Listed & { snapshot: Snapshot };

const OPEN = 0;
const PROPOSED = 1;
const DISPUTED = 2;
const RESOLVED = 3;
const NO_OUTCOME = 255;
const L2 = 3;
const PLAIN_FEED_BYTES = 8;

/** A kind of rule, by its number in the account. */
const [CATEGORICAL, THRESHOLD, SCALAR] = [0, 1, 2];

export function isSettled({ view }: Listed): boolean {
	return view.state.settlement.status >= RESOLVED;
}

export function isTrading(listed: Listed, now: number): boolean {
	const { hours, settlement } = listed.view.state;
	const isOpen = settlement.status === OPEN && now >= Number(hours.opensAt) && now < Number(hours.tradingUntil);
	return isOpen && !isSuspended(listed, now);
}

function isSuspended(listed: Listed, now: number): boolean {
	if (listed.kind === 'standard') return false;
	const { from, until } = listed.view.state.suspension;
	return now >= Number(from) && now < Number(until);
}

/** Whether the prices are chances: those of an L2 curve are none. */
export function hasChances({ view }: Listed): boolean {
	return view.state.pool.kind !== L2;
}

/** Where the market is in its life, and what that waits for. */
export function status(listed: Listed, now: number): { word: string; detail: string; live: boolean } {
	const { hours, settlement } = listed.view.state;
	const until = (second: bigint) => duration(Number(second) - now);
	if (settlement.status === RESOLVED) {
		const winner = settlement.winningOutcome;
		const detail = winner === NO_OUTCOME ? 'Each outcome has its part' : `${outcomes(listed)[winner]} won`;
		return { word: 'Settled', detail, live: false };
	}
	if (settlement.status > RESOLVED) return { word: 'Void', detail: 'It pays the average prices', live: false };
	if (listed.kind === 'standard' && settlement.status === PROPOSED) {
		const { disputeUntil } = listed.view.state;
		return { word: 'Proposed', detail: `Disputed until ${moment(disputeUntil)}, or final`, live: false };
	}
	if (settlement.status === DISPUTED) return { word: 'Disputed', detail: 'The arbiters have to say', live: false };
	if (now < Number(hours.opensAt)) return { word: 'Opens soon', detail: `in ${until(hours.opensAt)}`, live: true };
	if (now >= Number(hours.tradingUntil)) {
		return { word: 'Waits', detail: 'Trading is over; the result is to be proven', live: false };
	}
	if (isSuspended(listed, now)) return { word: 'Suspended', detail: 'By its operator, for now', live: true };
	return { word: 'Trading', detail: `${until(hours.tradingUntil)} left`, live: true };
}

/** What each outcome is called: chains know numbers alone. */
export function outcomes({ view }: Listed): string[] {
	const { rule, pool } = view.state;
	const strikes = rule.strikes.slice(0, rule.strikeCount);
	const all = Array.from({ length: pool.outcomes }, (_, outcome) => outcome);
	if (rule.kind === CATEGORICAL) return all.map((outcome) => `Outcome ${outcome}`);
	if (rule.kind === THRESHOLD) {
		if (rule.strikePending) return ['Below the opening', 'At or above the opening'];
		return all.map((outcome) => {
			if (outcome === 0) return `Below ${strikes[0]}`;
			const low = strikes[outcome - 1];
			return outcome === strikes.length ? `${low} or above` : `${low} to ${strikes[outcome]}`;
		});
	}
	const [low, high] = [Number(strikes[0]), Number(strikes[1])];
	if (rule.kind === SCALAR) {
		const edge = (bin: number) => Number((low + ((high - low) * bin) / pool.outcomes).toFixed(2));
		return all.map((bin) => `${edge(bin)} to ${edge(bin + 1)}`);
	}
	return [`Long, ${low} to ${high}`, `Short, ${high} to ${low}`];
}

/** The feed's number, or the beginning of its hash. */
export function feed({ view }: Listed): string {
	const bytes = [...view.state.evidence.feedId];
	const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
	const isPlain = bytes.slice(0, -PLAIN_FEED_BYTES).every((byte) => byte === 0);
	return isPlain ? BigInt(`0x${hex}`).toString() : `${hex.slice(0, 12)}…`;
}

export function title(listed: Listed): string {
	return `${listed.kind === 'flash' ? 'Flash' : 'Standard'} market on feed ${feed(listed)}`;
}

export async function listAll(strobe: Strobe): Promise<Listed[]> {
	const [flash, standard] = await Promise.all([strobe.flash.list(), strobe.markets.list()]);
	return [
		...flash.map((view): Listed => ({ kind: 'flash', view })),
		...standard.map((view): Listed => ({ kind: 'standard', view })),
	].sort((one, other) => Number(one.view.state.hours.tradingUntil - other.view.state.hours.tradingUntil));
}

export async function observe(strobe: Strobe, { kind, view }: Listed): Promise<Observed> {
	if (kind === 'flash') {
		const snapshot = await strobe.flash.snapshot(view.address);
		return { kind, view: snapshot, snapshot };
	}
	const snapshot = await strobe.markets.snapshot(view.address);
	return { kind, view: snapshot, snapshot };
}

/** Told of every change of the market until the signal. */
export async function whenChanged(
	strobe: Strobe,
	{ kind, view }: Listed,
	signal: AbortSignal,
	changed: () => void,
): Promise<void> {
	const markets = kind === 'flash' ? strobe.flash : strobe.markets;
	for await (const _ of markets.watch(view.address, signal)) changed();
}

export function mintOf(strobe: Strobe, listed: Listed): Promise<Mint> {
	return listed.kind === 'flash' ? strobe.flash.mint(listed.view) : strobe.markets.mint(listed.view);
}

/** Shares of each outcome that an owner holds; undefined for one who never traded here. */
export async function sharesOf(strobe: Strobe, { kind, view }: Listed, owner: Address): Promise<bigint[] | undefined> {
	const held =
		kind === 'flash'
			? await strobe.flash.ticket(view.address, owner)
			: await strobe.markets.position(view.address, owner);
	return held?.holdings.shares.slice(0, view.state.pool.outcomes);
}

export interface Trade {
	outcome: number;
	/** Base units to stake, or shares to sell. */
	amount: bigint;
	quote: TradeQuote;
	slippage: bigint;
}

export function bet(strobe: Strobe, { kind, view }: Listed, trade: Trade): Promise<Traded> {
	const { outcome, amount: stake, quote, slippage } = trade;
	const order = { market: view.address, outcome, stake, quote, slippage };
	return kind === 'flash' ? strobe.flash.placeBet(order) : strobe.markets.buy(order);
}

export function cashOut(strobe: Strobe, { kind, view }: Listed, trade: Trade): Promise<Traded> {
	const { outcome, amount: shares, quote, slippage } = trade;
	const order = { market: view.address, outcome, shares, quote, slippage };
	return kind === 'flash' ? strobe.flash.cashOut(order) : strobe.markets.sell(order);
}

export function collect(strobe: Strobe, { kind, view }: Listed): Promise<Receipt> {
	const market = view.address;
	return kind === 'flash' ? strobe.flash.settle({ market }) : strobe.markets.redeem({ market });
}

/** Who decides the outcome, in plain words. */
export async function decisionOf(strobe: Strobe, listed: Listed): Promise<string[]> {
	const { observeAtMs } = listed.view.state.evidence;
	const at = moment(observeAtMs / 1_000n);
	if (listed.kind === 'flash') {
		const decision = await strobe.flash.decision(listed.view);
		return [
			...wordsOf(decision, `what they saw at ${at}`),
			`Without a proof by ${moment(listed.view.state.voidFrom)} the market is void and pays its average prices.`,
		];
	}
	const [decision, arbiters] = await Promise.all([
		strobe.markets.decision(listed.view),
		strobe.markets.arbitration(listed.view),
	]);
	const { disputeWindowSeconds, proposalUntil } = listed.view.state;
	return [
		...wordsOf(decision, `what they saw at ${at}`),
		`Anybody may dispute a proposed result for ${duration(disputeWindowSeconds)}, against a bond. Then ${arbiters.threshold} of ${arbiters.members} arbiters decide.`,
		`Without a proposal by ${moment(proposalUntil)} the market is void and pays its average prices.`,
	];
}

function wordsOf({ threshold, members, reach, isDevelopment }: Decision, what: string): string[] {
	const signed = reach
		? `At least ${threshold} of ${members} providers sign ${what}, and the market takes the median.`
		: `At least ${threshold} of ${members} providers have to sign the same value for ${what}.`;
	return [
		`${signed} The chain verifies a proof of the signatures; no operator can set the outcome.`,
		...(reach ? [`${describeReach(reach)}.`] : []),
		`A proof shows signatures, not the world: if ${threshold} providers sign something false, the market pays by it.`,
		...(isDevelopment ? ['The key of the proofs is a development key: whoever made it could forge one.'] : []),
	];
}
