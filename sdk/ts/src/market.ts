// What flash and standard markets have in common for whoever uses them.
import {
	type Address,
	type EncodedAccount,
	type Instruction,
	type ReadonlyUint8Array,
	type RpcSubscriptions,
	type SolanaRpcSubscriptionsApi,
	type TransactionSigner,
	getBase64Encoder,
} from '@solana/kit';

import type { Chain } from './chain.js';
import type { ChainClock } from './local-quotes.js';
import type { TradeQuote } from './quotes.js';
import { type Mint, readMint } from './tokens.js';
import { type Receipt, type SendOptions, send } from './transaction.js';

/** With whom and over what the SDK acts. */
export interface Context {
	chain: Chain;
	/** Signs, and pays fees and rent. */
	wallet: TransactionSigner;
	/** For watching markets. */
	subscriptions?: RpcSubscriptions<SolanaRpcSubscriptionsApi> | undefined;
}

/** How far the price may move against a trade between its quote and its execution. */
export interface Slippage extends SendOptions {
	/** Basis points; 100 by default. */
	slippage?: bigint;
}

/** A trade's bound is of its quote. */
export interface TradeOptions extends Slippage {
	/** What the trader was shown; asked anew by default. */
	quote?: TradeQuote;
}

/** What an account held when it was looked at. */
export interface View<T> {
	address: Address;
	state: T;
	/** The account whole, as the node gave it. */
	data: ReadonlyUint8Array;
}

/** A trade as it was quoted and executed. */
export interface Traded extends Receipt {
	quote: TradeQuote;
}

/** There is no account at an address, or one of another kind. */
export class AccountMissing extends Error {
	override readonly name = 'AccountMissing';
	constructor(readonly address: Address, kind: string) {
		super(`There is no ${kind} at ${address}: is it the right cluster, and is it still open?`);
	}
}

const BASIS_POINTS = 10_000n;
const DEFAULT_SLIPPAGE = 100n;

/** The least to accept of what was quoted. */
export function atLeast(quoted: bigint, slippage = DEFAULT_SLIPPAGE): bigint {
	return (quoted * (BASIS_POINTS - slippage)) / BASIS_POINTS;
}

/** The most to pay for what was quoted. */
export function atMost(quoted: bigint, slippage = DEFAULT_SLIPPAGE): bigint {
	return (quoted * (BASIS_POINTS + slippage) + BASIS_POINTS - 1n) / BASIS_POINTS;
}

/** The account at an address, which must be a program's and begin with a discriminator. */
export function expectAccount(
	account: EncodedAccount | null | undefined,
	address: Address,
	program: Address,
	discriminator: { readonly [index: number]: number; readonly length: number },
	kind: string,
): EncodedAccount {
	if (!account || account.programAddress !== program || !startsWith(account.data, discriminator)) {
		throw new AccountMissing(address, kind);
	}
	return account;
}

function startsWith(
	data: EncodedAccount['data'],
	prefix: { readonly [index: number]: number; readonly length: number },
): boolean {
	return Array.from({ length: prefix.length }, (_, index) => index).every(
		(index) => data[index] === prefix[index],
	);
}

/** A mint with its token program. */
export async function findMint(chain: Chain, address: Address): Promise<Mint> {
	const [account] = await chain.getAccounts([address]);
	if (!account) throw new AccountMissing(address, 'mint');
	return readMint(account);
}

const CLOCK = 'SysvarC1ock11111111111111111111111111111111' as Address;
const CLOCK_SECONDS = 32;

/** The chain's clock, and accounts of the same moment. */
export async function clocked(
	chain: Chain,
	addresses: readonly Address[],
): Promise<{ clock: ChainClock; accounts: (EncodedAccount | null)[] }> {
	const [clock, ...accounts] = await chain.getAccounts([CLOCK, ...addresses]);
	if (!clock) throw new AccountMissing(CLOCK, 'clock');
	const bytes = Uint8Array.from(clock.data);
	const fields = new DataView(bytes.buffer);
	const unixTimestamp = fields.getBigInt64(CLOCK_SECONDS, true);
	return { clock: { slot: fields.getBigUint64(0, true), unixTimestamp }, accounts };
}

/** The data of an account now, and after every change until the signal. */
export async function* changes(
	context: Context,
	address: Address,
	signal: AbortSignal,
): AsyncGenerator<EncodedAccount['data']> {
	if (!context.subscriptions) throw new Error('Watching needs subscriptions: connect with a WebSocket address');
	const notifications = await context.subscriptions
		.accountNotifications(address, { commitment: 'confirmed', encoding: 'base64' })
		.subscribe({ abortSignal: signal });
	const [account] = await context.chain.getAccounts([address]);
	if (account) yield account.data;
	for await (const { value } of notifications) yield getBase64Encoder().encode(value.data[0]);
}

/** Distinguishes what a wallet asks for. */
export function newNonce(): bigint {
	return crypto.getRandomValues(new BigUint64Array(1))[0]!;
}

/** Sends instructions as the context's wallet. */
export function act(
	context: Context,
	instructions: readonly Instruction[],
	options: SendOptions,
): Promise<Receipt> {
	return send(context.chain, context.wallet, instructions, options);
}
