// The programs' own computation in WebAssembly: quotes without a node, as many as wanted, at once.
import { type Address, type ReadonlyUint8Array, getBase64Encoder } from '@solana/kit';

import { StrobeError, describeCode } from './errors.js';
import { FLASH_BETS_PROGRAM_ADDRESS, FLASH_MARKET_DISCRIMINATOR } from './generated/flash-bets/index.js';
import { MARKETS_PROGRAM_ADDRESS } from './generated/markets/programs/index.js';
import { type TradeOrder, type TradeQuote, probability } from './quotes.js';

/** The chain's clock. */
export interface ChainClock {
	slot: bigint;
	/** Unix seconds. */
	unixTimestamp: bigint;
}

/** What a quote is computed from: accounts as a node gave them, and the clock then. */
export interface Snapshot {
	/** A flash or a standard market's account, whole. */
	data: ReadonlyUint8Array;
	/** The account of a standard market's venue, whole. */
	venue?: ReadonlyUint8Array | undefined;
	clock: ChainClock;
}

/** What a chain is quoted of: accounts whole, as a node gave them, and the clock then. */
export interface ChainSnapshot {
	vault: ReadonlyUint8Array;
	legs: readonly { market: ReadonlyUint8Array; book: ReadonlyUint8Array; outcome: number }[];
	clock: ChainClock;
}

/** What the cash-out of a chain is quoted of: the markets are those of its open legs, in their order. */
export interface CashOutSnapshot {
	vault: ReadonlyUint8Array;
	chain: ReadonlyUint8Array;
	markets: readonly ReadonlyUint8Array[];
	clock: ChainClock;
}

/** A chain that has not been opened. The decimals are in units of 10⁻¹². */
export interface ChainQuote {
	payout: bigint;
	multiple: bigint;
	chance: bigint;
	expected: bigint;
	/** Of each leg, from 0 to 1 for display. */
	prices: number[];
}

/** A trade that has not been made, and the price of each outcome around it, from 0 to 1 for display. */
export interface LocalQuote extends TradeQuote {
	before: number[];
	after: number[];
}

/** What `crates/quotes-wasm` exports. */
interface Module {
	memory: WebAssembly.Memory;
	market_buffer(): number;
	market_capacity(): number;
	venue_buffer(): number;
	venue_capacity(): number;
	answer_buffer(): number;
	parts_buffer(): number;
	parts_capacity(): number;
	quote_chain(legs: number, slot: bigint, unixSeconds: bigint, stake: bigint): number;
	quote_cash_out(openLegs: number, slot: bigint, unixSeconds: bigint): number;
	quote_branch(
		slot: bigint,
		unixSeconds: bigint,
		branch: number,
		outcome: number,
		kind: number,
		amount: bigint,
	): number;
	prices(marketBytes: number, venueBytes: number): number;
	quote(
		marketBytes: number,
		venueBytes: number,
		slot: bigint,
		unixSeconds: bigint,
		outcome: number,
		kind: number,
		amount: bigint,
	): number;
}

const NO_MARKET = 1;
const MOST = 1n << 64n;

/** Where each number of an answer is. */
const SHARES = 0;
const AMOUNT = 1;
const FEE = 2;
const OUTCOMES = 3;
const PRICES = 4;

/** The programs' quotes, loaded: every call answers at once. */
export class Quotes {
	private readonly module: Module;

	/** Use {@link loadQuotes}. */
	constructor(instance: WebAssembly.Instance) {
		this.module = instance.exports as unknown as Module;
	}

	/**
	 * What an order would trade: what the program charges if it is executed at the snapshot's clock.
	 *
	 * @throws StrobeError as the program would refuse the order
	 */
	quote(at: Snapshot, outcome: number, order: TradeOrder): LocalQuote {
		const [kind, amount] = numbersOf(order);
		const { slot, unixTimestamp } = at.clock;
		return this.ask(at, (market, venue) =>
			this.module.quote(market, venue, slot, unixTimestamp, outcome, kind, amount),
		);
	}

	/** Buys for so many base units, fee included. */
	quoteStake(at: Snapshot, outcome: number, stake: bigint): LocalQuote {
		return this.quote(at, outcome, { stake });
	}

	/** Buys exactly so many shares. */
	quoteBuy(at: Snapshot, outcome: number, shares: bigint): LocalQuote {
		return this.quote(at, outcome, { buy: shares });
	}

	/** Sells exactly so many shares. */
	quoteSell(at: Snapshot, outcome: number, shares: bigint): LocalQuote {
		return this.quote(at, outcome, { sell: shares });
	}

	/** The spot price of each outcome, from 0 to 1 for display; on an L2 curve they do not sum to one. */
	prices(at: Pick<Snapshot, 'data' | 'venue'>): number[] {
		return this.ask(at, (market, venue) => this.module.prices(market, venue)).before;
	}

	/**
	 * What a stake on legs would pay if the chain opened at the snapshot's clock.
	 *
	 * @throws StrobeError as the program would refuse the chain; caps of the vault are not looked at
	 */
	quoteChain({ vault, legs, clock }: ChainSnapshot, stake: bigint): ChainQuote {
		requireAmount(stake);
		const parts = [vault, ...legs.flatMap(({ market, book, outcome }) => [market, book, Uint8Array.of(outcome)])];
		const at = this.askParts(parts, () =>
			this.module.quote_chain(legs.length, clock.slot, clock.unixTimestamp, stake),
		);
		return {
			payout: at(0),
			multiple: at(1),
			chance: at(2),
			expected: at(3),
			prices: legs.map((_, leg) => probability(at(PRICES + leg))),
		};
	}

	/**
	 * Base units that an open chain would be cashed out for at the snapshot's clock.
	 *
	 * @throws StrobeError as the program would refuse it
	 */
	quoteChainCashOut({ vault, chain, markets, clock }: CashOutSnapshot): bigint {
		const at = this.askParts([vault, chain, ...markets], () =>
			this.module.quote_cash_out(markets.length, clock.slot, clock.unixTimestamp),
		);
		return at(0);
	}

	/**
	 * What an order would trade in a branch of a group, and what a share of each outcome costs there before it.
	 *
	 * @throws StrobeError as the program would refuse the order; what a ticket holds is not looked at
	 */
	quoteBranch(
		{ data, clock }: Snapshot,
		branch: number,
		outcome: number,
		order: TradeOrder,
	): TradeQuote & { prices: number[] } {
		const [kind, amount] = numbersOf(order);
		const at = this.askParts([data], () =>
			this.module.quote_branch(clock.slot, clock.unixTimestamp, branch, outcome, kind, amount),
		);
		const prices = Array.from({ length: Number(at(OUTCOMES)) }, (_, place) => probability(at(PRICES + place)));
		return { shares: at(SHARES), amount: at(AMOUNT), fee: at(FEE), prices };
	}

	/** Asks about accounts one after the other; gives where each number of the answer is. */
	private askParts(parts: readonly ReadonlyUint8Array[], question: () => number): (place: number) => bigint {
		const { module } = this;
		const length = parts.reduce((sum, part) => sum + part.length, 0);
		if (length > module.parts_capacity()) throw noMarket();
		const bytes = new Uint8Array(module.memory.buffer, module.parts_buffer(), module.parts_capacity());
		// What was there before is no part of this question.
		bytes.fill(0);
		let offset = 0;
		for (const part of parts) {
			bytes.set(part, offset);
			offset += part.length;
		}
		const code = question();
		if (code === NO_MARKET) throw noMarket();
		if (code !== 0) throw refused(FLASH_BETS_PROGRAM_ADDRESS, code >>> 0);
		const answer = new DataView(module.memory.buffer, module.answer_buffer());
		return (place) => answer.getBigUint64(8 * place, true);
	}

	private ask(
		{ data, venue = new Uint8Array() }: Pick<Snapshot, 'data' | 'venue'>,
		question: (marketBytes: number, venueBytes: number) => number,
	): LocalQuote {
		const { module } = this;
		if (data.length > module.market_capacity() || venue.length > module.venue_capacity()) throw noMarket();
		const { buffer } = module.memory;
		new Uint8Array(buffer, module.market_buffer(), data.length).set(data);
		new Uint8Array(buffer, module.venue_buffer(), venue.length).set(venue);
		const code = question(data.length, venue.length);
		if (code === NO_MARKET) throw noMarket();
		if (code !== 0) throw refusal(data, code >>> 0);
		// The memory may have grown, which makes the old buffer useless.
		const answer = new DataView(module.memory.buffer, module.answer_buffer());
		const at = (place: number) => answer.getBigUint64(8 * place, true);
		const outcomes = Number(at(OUTCOMES));
		const prices = Array.from({ length: 2 * outcomes }, (_, place) => probability(at(PRICES + place)));
		return {
			shares: at(SHARES),
			amount: at(AMOUNT),
			fee: at(FEE),
			before: prices.slice(0, outcomes),
			after: prices.slice(outcomes),
		};
	}
}

/**
 * Loads the programs' quotes.
 *
 * @param source The module, for whoever serves or compiles it in his own way: `@strobe/sdk/quotes.wasm`. By
 * default it is in the package's code. A page's Content-Security-Policy has to allow `'wasm-unsafe-eval'`.
 */
export async function loadQuotes(source?: BufferSource | WebAssembly.Module): Promise<Quotes> {
	const module =
		source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source ?? (await ownModule()));
	return new Quotes(await WebAssembly.instantiate(module));
}

async function ownModule(): Promise<BufferSource> {
	const { QUOTES_MODULE } = await import('./quotes-module.js');
	return Uint8Array.from(getBase64Encoder().encode(QUOTES_MODULE));
}

/**
 * The effective decimal odds of a purchase: what a base unit paid, fee included, pays if the outcome wins. For
 * display.
 */
export function decimalOdds({ shares, amount }: TradeQuote): number {
	return Number(shares) / Number(amount);
}

function noMarket(): Error {
	return new TypeError('The bytes are no market of this version of the SDK, or those of its venue are missing');
}

function refusal(data: ReadonlyUint8Array, code: number): StrobeError {
	const isFlash = [...FLASH_MARKET_DISCRIMINATOR].every((byte, index) => data[index] === byte);
	const program: Address = isFlash ? FLASH_BETS_PROGRAM_ADDRESS : MARKETS_PROGRAM_ADDRESS;
	return refused(program, code);
}

function refused(program: Address, code: number): StrobeError {
	return new StrobeError(...describeCode(program, code), code, program, []);
}

/** Kind and amount of an order, as the module takes them. */
function numbersOf(order: TradeOrder): readonly [kind: number, amount: bigint] {
	const [kind, amount] =
		'stake' in order ? ([0, order.stake] as const) : 'buy' in order ? ([1, order.buy] as const) : ([2, order.sell] as const);
	requireAmount(amount);
	return [kind, amount];
}

function requireAmount(amount: bigint): void {
	if (amount < 0n || amount >= MOST) throw new RangeError(`An amount is from 0 to 2^64 - 1, not ${amount}`);
}
