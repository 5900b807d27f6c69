// What a market traded at: the last transactions on it, read from their events, and its prices since.
import type { Address, Rpc, SolanaRpcApi } from '@solana/kit';
import { type StrobeEvent, decodeEvents } from '@strobe/sdk';

/** A price of an outcome at a time. */
export interface Point {
	/** Unix seconds. */
	at: number;
	outcome: number;
	price: number;
}

/** How many transactions back; each is a question to the node. */
const MOST_TRANSACTIONS = 30;
const AT_ONCE = 4;

/** Trades in the last transactions on a market, at the average price of each without its fee. */
export async function tradesOf(rpc: Rpc<SolanaRpcApi>, market: Address, signal: AbortSignal): Promise<Point[]> {
	const found = await rpc.getSignaturesForAddress(market, { limit: MOST_TRANSACTIONS, commitment: 'confirmed' }).send();
	const done = found.filter(({ err }) => err === null).reverse();
	const points: Point[] = [];
	for (let first = 0; first < done.length && !signal.aborted; first += AT_ONCE) {
		const part = done.slice(first, first + AT_ONCE);
		const logs = await Promise.all(part.map(({ signature }) => logsOf(rpc, signature)));
		points.push(...logs.flatMap((log) => decodeEvents(log).flatMap((event) => pointOf(event, market))));
	}
	return points;
}

async function logsOf(
	rpc: Rpc<SolanaRpcApi>,
	signature: Parameters<SolanaRpcApi['getTransaction']>[0],
): Promise<readonly string[]> {
	const config = { commitment: 'confirmed', encoding: 'base64', maxSupportedTransactionVersion: 0 } as const;
	return (await rpc.getTransaction(signature, config).send())?.meta?.logMessages ?? [];
}

function pointOf(event: StrobeEvent, market: Address): Point[] {
	const trade = tradeOf(event);
	if (!trade || trade.market !== market || trade.shares === 0n) return [];
	const { unixTime, outcome, shares, cost } = trade;
	return [{ at: Number(unixTime), outcome, price: Number(cost) / Number(shares) }];
}

/** What was traded, if the event is of a trade; `cost` without the fee. */
function tradeOf(event: StrobeEvent) {
	switch (event.name) {
		case 'BetPlaced':
		case 'Bought': {
			const { market, header, outcome, shares, amount, fee } = event.data;
			return { market, unixTime: header.unixTime, outcome, shares, cost: amount - fee };
		}
		case 'Sold': {
			const { market, header, outcome, shares, amount, fee } = event.data;
			return { market, unixTime: header.unixTime, outcome, shares, cost: amount + fee };
		}
		case 'CashedOut': {
			const { market, header, outcome, order, amount, fee } = event.data;
			const shares = order.__kind === 'Sell' ? order.shares : 0n;
			return { market, unixTime: header.unixTime, outcome, shares, cost: amount + fee };
		}
		default:
			return undefined;
	}
}
