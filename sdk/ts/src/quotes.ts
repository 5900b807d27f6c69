// What a trade would do now: the programs' own view of it, asked through a simulation.
import {
	type Decoder,
	type Instruction,
	type TransactionSigner,
} from '@solana/kit';

import type { Chain } from './chain.js';
import { requireSuccess } from './errors.js';
import type { LookupTable } from './lookup-tables.js';
import { simulate } from './transaction.js';

/** What somebody wants to trade: base units to stake, or shares to buy or sell. */
export type TradeOrder = { stake: bigint } | { buy: bigint } | { sell: bigint };

/** A trade that has not been made. */
export interface TradeQuote {
	shares: bigint;
	/** Base units paid with the fee on top, or received with the fee deducted. */
	amount: bigint;
	fee: bigint;
}

/** A price or payout in Q1.63 as a number from 0 to 1. For display alone: it is less exact. */
export function probability(price: bigint): number {
	return Number(price) / 2 ** 63;
}

/**
 * What an instruction that changes nothing returns.
 *
 * @throws StrobeError as the program refuses it
 */
export async function view<T>(
	chain: Chain,
	payer: TransactionSigner,
	instruction: Instruction,
	decoder: Decoder<T>,
	lookupTables: readonly LookupTable[] = [],
): Promise<T> {
	const outcome = await simulate(chain, payer, [instruction], lookupTables);
	requireSuccess(outcome);
	if (!outcome.returnData) throw new Error('The node does not tell what the program returns');
	// A node cuts zeros off at the end.
	const size = 'fixedSize' in decoder ? decoder.fixedSize : 0;
	const bytes = new Uint8Array(Math.max(size, outcome.returnData.length));
	bytes.set(outcome.returnData);
	return decoder.decode(bytes);
}

/** Shares that move the price little, for asking it: a part of the pool's depth. */
const PROBE_PART = 1_000n;
const LEAST_PROBE = 1_000n;

/** What a share of each outcome costs now without the fee, as numbers from 0 to 1 for display. */
export async function askPrices(
	outcomes: number,
	depth: bigint,
	quote: (outcome: number, order: TradeOrder) => Promise<TradeQuote>,
): Promise<number[]> {
	const part = depth / PROBE_PART;
	const buy = part > LEAST_PROBE ? part : LEAST_PROBE;
	const all = Array.from({ length: outcomes }, (_, outcome) => quote(outcome, { buy }));
	return (await Promise.all(all)).map(({ shares, amount, fee }) => Number(amount - fee) / Number(shares));
}
