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
		const [kind, amount] =
			'stake' in order ? [0, order.stake] : 'buy' in order ? [1, order.buy] : [2, order.sell];
		if (amount < 0n || amount >= MOST) throw new RangeError(`An amount is from 0 to 2^64 - 1, not ${amount}`);
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
	return new StrobeError(...describeCode(program, code), code, program, []);
}
