// Strobe for TypeScript: markets, trades and what became of them.
import {
	type TransactionSigner,
	createSolanaRpc,
	createSolanaRpcSubscriptions,
} from '@solana/kit';

import { Batches } from './batches.js';
import { rpcChain } from './chain.js';
import { Chains } from './chains.js';
import { FlashMarkets } from './flash.js';
import { Loans } from './loans.js';
import type { Context } from './market.js';
import { Orders } from './orders.js';
import { QuantumGroups } from './quantum.js';
import { StandardMarkets } from './standard.js';
import { Vaults } from './vaults.js';

export * from './addresses.js';
export * from './batches.js';
export * from './chain.js';
export * from './chains.js';
export * from './decision.js';
export * from './errors.js';
export * from './events.js';
export {
	type BuyShares,
	type CashOut,
	type FlashMarketView,
	FlashMarkets,
	type PlaceBet,
	type Settle,
} from './flash.js';
export { PROGRAM_ERRORS } from './generated/program-errors.js';
export { PROGRAM_EVENTS } from './generated/program-events.js';
export * from './loans.js';
export * from './local-quotes.js';
export * from './lookup-tables.js';
export {
	AccountMissing,
	type Context,
	type Slippage,
	type TradeOptions,
	type Traded,
	type View,
	atLeast,
	atMost,
} from './market.js';
export * from './medians.js';
export {
	type OrderView,
	Orders,
	type PlaceOrder,
	type Placed,
	type Trigger,
} from './orders.js';
export * from './quantum.js';
export { type TradeOrder, type TradeQuote, probability } from './quotes.js';
export * from './standard.js';
export * from './tokens.js';
export * from './transaction.js';
export * from './vaults.js';

/** Markets of both kinds, orders, loans and vaults, for one wallet. */
export class Strobe {
	readonly flash: FlashMarkets;
	/** Of legs on flash markets. */
	readonly chains: Chains;
	/** A flash market's question, once for each outcome of another. */
	readonly quantum: QuantumGroups;
	readonly markets: StandardMarkets;
	/** On markets of both kinds. */
	readonly orders: Orders;
	/** Of sealed orders, on standard markets. */
	readonly batches: Batches;
	/** Against shares of standard markets. */
	readonly loans: Loans;
	/** Behind flash markets. */
	readonly vaults: Vaults;
	constructor(readonly context: Context) {
		this.flash = new FlashMarkets(context);
		this.chains = new Chains(context);
		this.quantum = new QuantumGroups(context);
		this.markets = new StandardMarkets(context);
		this.orders = new Orders(context);
		this.batches = new Batches(context);
		this.loans = new Loans(context);
		this.vaults = new Vaults(context);
	}
}

export interface ConnectOptions {
	/** Of the RPC node. */
	url: string;
	/** Of its WebSocket; by default the same host, and of an address with a port the next one. */
	webSocketUrl?: string;
	/** Signs, and pays fees and rent. */
	wallet: TransactionSigner;
}

/** Markets behind an RPC node. Sends nothing yet. */
export function connect(options: ConnectOptions): Strobe {
	return new Strobe({
		chain: rpcChain(createSolanaRpc(options.url)),
		wallet: options.wallet,
		subscriptions: createSolanaRpcSubscriptions(options.webSocketUrl ?? webSocketOf(options.url)),
	});
}

function webSocketOf(url: string): string {
	const address = new URL(url);
	address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
	if (address.port) address.port = String(Number(address.port) + 1);
	return address.toString();
}
