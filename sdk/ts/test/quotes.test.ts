// The quotes in WebAssembly against the programs, to the base unit.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import type { Address } from '@solana/kit';
import {
	type Quotes,
	type Snapshot,
	type TradeOrder,
	type TradeQuote,
	StrobeError,
	decimalOdds,
	loadQuotes,
} from '@strobe/sdk';
import { flashBets } from '@strobe/sdk/programs';

import { UNIT, startFlashWorld } from './flash-world.js';
import { random } from './random.js';
import { startStandardWorld } from './standard-world.js';
import { SKIP, type World } from './world.js';

const ORDERS = 40;
const PURSE = 1_000_000n * UNIT;

/** A market of either kind, as far as the two are alike. */
interface Tried {
	world: World;
	outcomes: number;
	/** Seconds between two orders at most. */
	longestPause: bigint;
	owner: Address;
	snapshot(): Promise<Snapshot>;
	/** The program's own quote. */
	ask(outcome: number, order: TradeOrder): Promise<TradeQuote>;
	/** Executes the order at its quote exactly. */
	execute(outcome: number, order: TradeOrder, quote: TradeQuote): Promise<unknown>;
}

function drawOrder(next: (bound: bigint) => bigint, held: bigint): TradeOrder {
	const kind = next(3n);
	if (kind === 0n && held > 1_000n) return { sell: 1n + next(held) };
	const amount = 1_000n + next(20n * UNIT);
	return kind === 1n ? { buy: amount } : { stake: amount };
}

function isCostAbovePayout(error: unknown): boolean {
	if (error instanceof StrobeError && error.errorName === 'CostAbovePayout') return true;
	throw error;
}

/** Draws orders, has each quoted twice, and executed with no slippage. */
async function compare(quotes: Quotes, tried: Tried, seed: bigint): Promise<void> {
	const { world, owner } = tried;
	const next = random(seed);
	const held = Array.from({ length: tried.outcomes }, () => 0n);
	for (let count = 0; count < ORDERS; count += 1) {
		const outcome = Number(next(BigInt(tried.outcomes)));
		const order = drawOrder(next, held[outcome]!);
		const at = await tried.snapshot();
		const local = quotes.quote(at, outcome, order);
		const { shares, amount, fee, before, after } = local;
		const asked = await tried.ask(outcome, order);
		assert.deepEqual({ shares, amount, fee }, { shares: asked.shares, amount: asked.amount, fee: asked.fee });
		assert.deepEqual(before, quotes.prices(at));

		const money = await world.balance(owner);
		// A position on an L2 curve may not cost more than it can ever pay, which is not the quote's matter.
		if (await tried.execute(outcome, order, local).then(() => false, isCostAbovePayout)) continue;
		const moved = (await world.balance(owner)) - money;
		const isSale = 'sell' in order;
		assert.equal(moved, isSale ? amount : -amount);
		held[outcome]! += isSale ? -shares : shares;
		assert.deepEqual(quotes.prices(await tried.snapshot()), after);
		assert.ok(isSale ? after[outcome]! <= before[outcome]! : after[outcome]! >= before[outcome]!);
		world.setTime(world.now() + next(tried.longestPause));
	}
}

const HALF = 1n << 62n;
const { Lmsr, PmAmm } = flashBets.FlashCurve;
const FLASH: Record<string, Partial<flashBets.FlashMarketTermsArgs>> = {
	'an LMSR': { curve: Lmsr },
	'an LMSR of four outcomes with a least fee': {
		curve: Lmsr,
		prior: [HALF, HALF / 2n, HALF / 4n, HALF / 4n],
		feeFloorBps: 500,
	},
	'a pm-AMM': { curve: PmAmm },
	'a pm-AMM whose depth falls': { curve: PmAmm, microTau: true, freezeSeconds: 2 },
};

for (const [name, terms] of Object.entries(FLASH)) {
	test(`quotes of ${name} are what flash bets charge`, { skip: SKIP }, async () => {
		const { world, market } = await startFlashWorld(terms);
		const { wallet, strobe } = await world.user(PURSE);
		const tried: Tried = {
			world,
			outcomes: (await strobe.flash.get(market)).state.pool.outcomes,
			longestPause: 2n,
			owner: wallet.address,
			snapshot: () => strobe.flash.snapshot(market),
			ask: (outcome, order) => strobe.flash.quote(market, outcome, order),
			async execute(outcome, order, quote) {
				const bound = { market, outcome, quote, slippage: 0n };
				if ('sell' in order) return strobe.flash.cashOut({ ...bound, shares: order.sell });
				if ('buy' in order) return strobe.flash.buyShares({ ...bound, shares: order.buy });
				return strobe.flash.placeBet({ ...bound, stake: order.stake });
			},
		};
		await compare(await loadQuotes(), tried, 3n);
	});
}

const STANDARD: Record<string, Parameters<typeof startStandardWorld>[0]> = {
	'an LMSR': {},
	'an LMSR of seven outcomes': { outcomes: 7 },
	'a pm-AMM': { curve: { __kind: 'PmAmm', microTau: false } },
	'a pm-AMM whose depth falls': { curve: { __kind: 'PmAmm', microTau: true } },
	'an L2 curve of sixteen bins': {
		curve: { __kind: 'L2' },
		rule: { __kind: 'Scalar', low: 0n, high: 160n },
		outcomes: 16,
	},
};

for (const [name, terms] of Object.entries(STANDARD)) {
	test(`quotes of ${name} are what standard markets charge`, { skip: SKIP }, async () => {
		const { world, market } = await startStandardWorld(terms);
		const { wallet, strobe } = await world.user(PURSE);
		const tried: Tried = {
			world,
			outcomes: (await strobe.markets.get(market)).state.pool.outcomes,
			longestPause: 60n,
			owner: wallet.address,
			snapshot: () => strobe.markets.snapshot(market),
			ask: (outcome, order) => strobe.markets.quote(market, outcome, order),
			async execute(outcome, order, quote) {
				const bound = { market, outcome, quote, slippage: 0n };
				if ('sell' in order) return strobe.markets.sell({ ...bound, shares: order.sell });
				const size = 'buy' in order ? { shares: order.buy } : { stake: order.stake };
				return strobe.markets.buy({ ...bound, ...size });
			},
		};
		await compare(await loadQuotes(), tried, 4n);
	});
}

const refusalOf = async (question: () => unknown): Promise<string> => {
	try {
		await question();
		return 'nothing';
	} catch (error) {
		return (error as StrobeError).message;
	}
};

test('what the programs refuse is refused by the same name and sentence', { skip: SKIP }, async () => {
	const quotes = await loadQuotes();
	const flash = await startFlashWorld();
	const standard = await startStandardWorld();
	const { strobe } = await flash.world.user(UNIT);
	const { strobe: trader } = await standard.world.user(UNIT);
	const orders: [number, TradeOrder][] = [
		[0, { stake: 0n }],
		[0, { buy: 0n }],
		[0, { sell: 1n << 40n }],
		[2, { stake: UNIT }],
		[0, { stake: 1n << 62n }],
		[0, { buy: (1n << 64n) - 1n }],
	];
	const check = async () => {
		for (const [outcome, order] of orders) {
			const at = await strobe.flash.snapshot(flash.market);
			const said = await refusalOf(() => quotes.quote(at, outcome, order));
			assert.notEqual(said, 'nothing');
			assert.equal(said, await refusalOf(() => strobe.flash.quote(flash.market, outcome, order)));
			const then = await trader.markets.snapshot(standard.market);
			const heard = await refusalOf(() => quotes.quote(then, outcome, order));
			assert.notEqual(heard, 'nothing');
			assert.equal(heard, await refusalOf(() => trader.markets.quote(standard.market, outcome, order)));
		}
	};
	await check();
	flash.world.setTime(flash.observeAtMs / 1_000n);
	standard.world.setTime(standard.world.now() + 3_600n);
	await check();
	const over = await strobe.flash.snapshot(flash.market);
	assert.match(await refusalOf(() => quotes.quoteStake(over, 0, UNIT)), /^TradingOver \(/);
});

test('other bytes are no market', { skip: SKIP }, async () => {
	const quotes = await loadQuotes();
	const { world, market } = await startStandardWorld();
	const { strobe } = await world.user(UNIT);
	const at = await strobe.markets.snapshot(market);
	const damaged = [
		{ ...at, venue: undefined },
		{ ...at, venue: at.data },
		{ ...at, data: at.data.slice(0, -1) },
		{ ...at, data: new Uint8Array(1 << 20) },
		{ ...at, data: new Uint8Array() },
	];
	for (const bytes of damaged) assert.throws(() => quotes.quoteBuy(bytes, 0, UNIT), TypeError);
	assert.throws(() => quotes.quoteBuy(at, 0, -1n), RangeError);
	// The prices alone need no venue.
	assert.deepEqual(quotes.prices({ data: at.data }), quotes.prices(at));
	assert.equal(decimalOdds({ shares: 3n * UNIT, amount: 2n * UNIT, fee: 0n }), 1.5);
});

test('the module can come as a file', { skip: SKIP }, async () => {
	const file = await readFile(fileURLToPath(import.meta.resolve('@strobe/sdk/quotes.wasm')));
	const { world, market } = await startFlashWorld();
	const { strobe } = await world.user(UNIT);
	const at = await strobe.flash.snapshot(market);
	const expected = (await loadQuotes()).quoteStake(at, 0, UNIT);
	assert.deepEqual((await loadQuotes(file)).quoteStake(at, 0, UNIT), expected);
	assert.deepEqual((await loadQuotes(await WebAssembly.compile(file))).quoteStake(at, 0, UNIT), expected);
});
