// Sealed orders on standard markets: all of a batch put in the same money, and show side and limit only once the
// price is fixed.
import { type Address, type ReadonlyUint8Array, getAddressEncoder, getU64Encoder } from '@solana/kit';

import { associatedTokens, marketsAddresses, ordersAddresses } from './addresses.js';
import * as standard from './generated/markets/index.js';
import * as program from './generated/orders/index.js';
import { AccountMissing, type Context, type View, act, clocked, expectAccount, findMint } from './market.js';
import { price } from './orders.js';
import { type Mint, createAssociatedTokens } from './tokens.js';
import type { Receipt, SendOptions } from './transaction.js';

export type BatchView = View<program.Batch>;
export type SealedOrderView = View<program.SealedOrder>;

export interface OpenBatch extends SendOptions {
	/** Has a desk, which the first order at it opens. */
	market: Address;
	/** Each order puts in ten to this power base units; from 3 to 18. */
	denominationPower: number;
	/** First unix second after the commitments, a multiple of 900; by default the next that is two minutes away. */
	commitUntil?: bigint;
}

export interface SealOrder extends SendOptions {
	batch: Address;
	/** Of which to buy shares, 0 or 1; who has the other sells it so. */
	outcome: number;
	/** The most that a share may cost, from 0 to 1. */
	limit: number;
	/** The greatest bond to put up beside the money, base units. */
	maxBond: bigint;
	/** Lamports for who returns the order, and as many for who prices and crosses the batch; 10,000 by default. */
	tip?: bigint;
}

export interface OpenedBatch extends Receipt {
	batch: Address;
}

/** What an owner of a sealed order shows in the end. */
export interface SealedTerms {
	outcome: number;
	/** Q1.63. */
	limit: bigint;
	/** 32 random bytes, so that nobody finds the rest by trying. */
	salt: Uint8Array;
}

export interface Sealed extends Receipt {
	order: Address;
	/** To be kept until they are revealed: without them the bond is lost. */
	terms: SealedTerms;
}

const { ORDERS_PROGRAM_ADDRESS: PROGRAM } = program;
const DOMAIN = 'strobe sealed order 1';
const GRID_SECONDS = 900n;
const LEAST_SECONDS = 120n;
const SALT_BYTES = 32;
const TIP = 10_000n;

export class Batches {
	constructor(private readonly context: Context) {}

	/** Every batch that is not closed, or those of a market. */
	async list(of: { market?: Address } = {}): Promise<BatchView[]> {
		const prefix = new Uint8Array(program.BATCH_DISCRIMINATOR);
		const accounts = await this.context.chain.getProgramAccounts(PROGRAM, prefix);
		const desk = of.market && (await ordersAddresses.desk(of.market));
		const views = accounts.map(({ address, data }) => {
			return { address, state: program.getBatchDecoder().decode(data), data };
		});
		return views.filter(({ state }) => (desk ?? state.desk) === state.desk);
	}

	async get(batch: Address): Promise<BatchView> {
		const [account] = await this.context.chain.getAccounts([batch]);
		const { data } = expectAccount(account, batch, PROGRAM, program.BATCH_DISCRIMINATOR, 'batch');
		return { address: batch, state: program.getBatchDecoder().decode(data), data };
	}

	async order(order: Address): Promise<SealedOrderView> {
		const [account] = await this.context.chain.getAccounts([order]);
		const found = expectAccount(account, order, PROGRAM, program.SEALED_ORDER_DISCRIMINATOR, 'sealed order');
		return { address: order, state: program.getSealedOrderDecoder().decode(found.data), data: found.data };
	}

	/**
	 * Opens a batch; anybody.
	 *
	 * @throws StrobeError
	 */
	async open({ market, denominationPower, commitUntil, ...options }: OpenBatch): Promise<OpenedBatch> {
		const { wallet, chain } = this.context;
		const { clock } = await clocked(chain, []);
		const earliest = clock.unixTimestamp + LEAST_SECONDS;
		const until = commitUntil ?? ((earliest + GRID_SECONDS - 1n) / GRID_SECONDS) * GRID_SECONDS;
		const desk = await ordersAddresses.desk(market);
		const batch = await ordersAddresses.batch(desk, denominationPower, until);
		const open = program.getOpenBatchInstruction({
			payer: wallet,
			desk,
			market,
			batch,
			denominationPower,
			commitUntil: until,
		});
		return { ...(await act(this.context, [open], options)), batch };
	}

	/**
	 * Puts an order into a batch; opens the wallet's position if there is none. Nothing of its terms is sent but
	 * their hash.
	 *
	 * @throws StrobeError
	 */
	async seal({ batch, outcome, limit, maxBond, tip, ...options }: SealOrder): Promise<Sealed> {
		const { wallet, chain } = this.context;
		const { desk, market, venue, mint } = await this.accounts((await this.get(batch)).state.desk);
		const ownerPosition = await marketsAddresses.position(market, wallet.address);
		const [position] = await chain.getAccounts([ownerPosition]);
		const nonce = crypto.getRandomValues(new BigUint64Array(1))[0]!;
		const order = await ordersAddresses.sealedOrder(batch, wallet.address, nonce);
		const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
		const terms = { outcome, limit: price(limit), salt };
		const seal = program.getSealOrderInstruction({
			payer: wallet,
			owner: wallet,
			desk,
			venue,
			market,
			batch,
			sealedOrder: order,
			ownerTokens: await associatedTokens(wallet.address, mint.address, mint.program),
			deskTokens: await associatedTokens(desk, mint.address, mint.program),
			ownerPosition,
			tokenProgram: mint.program,
			nonce,
			commitment: await commitment(terms, order),
			maxBond,
			tipLamports: tip ?? TIP,
		});
		const open = { payer: wallet, owner: wallet, market, isHeld: false };
		const opens = position ? [] : [await standard.getOpenPositionInstructionAsync(open)];
		return { ...(await act(this.context, [...opens, seal], options)), order, terms };
	}

	/**
	 * Shows what a sealed order buys, once the batch's price is fixed; whoever has its terms.
	 *
	 * @throws StrobeError
	 */
	async reveal(order: Address, terms: SealedTerms, options: SendOptions = {}): Promise<Receipt> {
		const { batch } = (await this.order(order)).state;
		const { desk } = (await this.get(batch)).state;
		const reveal = program.getRevealOrderInstruction({ desk, batch, sealedOrder: order, ...terms });
		return act(this.context, [reveal], options);
	}

	/**
	 * Begins to average a batch's price, or fixes it: twice, within two minutes of the commitments; anybody, for a
	 * tip.
	 *
	 * @throws StrobeError
	 */
	async price(batch: Address, options: SendOptions = {}): Promise<Receipt> {
		const { desk, market, venue } = await this.accounts((await this.get(batch)).state.desk);
		const executor = this.context.wallet.address;
		const fix = program.getPriceBatchInstruction({ executor, desk, venue, market, batch });
		return act(this.context, [fix], options);
	}

	/**
	 * Crosses the sides of a batch, or makes it void where nothing can cross; anybody, for a tip.
	 *
	 * @throws StrobeError
	 */
	async cross(batch: Address, options: SendOptions = {}): Promise<Receipt> {
		const { desk, market, venue, mint } = await this.accounts((await this.get(batch)).state.desk);
		const cross = program.getCrossBatchInstruction({
			executor: this.context.wallet.address,
			desk,
			batch,
			venue,
			market,
			deskPosition: await marketsAddresses.position(market, desk),
			marketTokens: await marketsAddresses.marketTokens(market),
			deskTokens: await associatedTokens(desk, mint.address, mint.program),
			tokenProgram: mint.program,
		});
		return act(this.context, [cross], options);
	}

	/**
	 * Gives the wallet what one of its sealed orders came to once the batch is done, or takes it back before the
	 * commitments end.
	 *
	 * @throws StrobeError
	 */
	async take(order: Address, options: SendOptions = {}): Promise<Receipt> {
		const { wallet } = this.context;
		const { batch, rentPayer } = (await this.order(order)).state;
		const { desk, market, mint } = await this.accounts((await this.get(batch)).state.desk);
		const owner = wallet.address;
		const take = program.getReturnSealedOrderInstruction({
			executor: owner,
			desk,
			batch,
			sealedOrder: order,
			owner,
			rentPayer,
			market,
			ownerTokens: await associatedTokens(owner, mint.address, mint.program),
			deskTokens: await associatedTokens(desk, mint.address, mint.program),
			ownerPosition: await marketsAddresses.position(market, owner),
			deskPosition: await marketsAddresses.position(market, desk),
			tokenProgram: mint.program,
		});
		const tokens = await createAssociatedTokens(owner, owner, mint);
		return act(this.context, [tokens, take], options);
	}

	private async accounts(
		desk: Address,
	): Promise<{ desk: Address; market: Address; venue: Address; mint: Mint }> {
		const [account] = await this.context.chain.getAccounts([desk]);
		if (!account) throw new AccountMissing(desk, 'desk');
		const { market, venue, mint } = program.getDeskDecoder().decode(account.data);
		return { desk, market, venue, mint: await findMint(this.context.chain, mint) };
	}
}

/** SHA-256 of a domain, the order's address and the terms: of no other order, and not to be found by trying. */
async function commitment(terms: SealedTerms, order: Address): Promise<ReadonlyUint8Array> {
	const parts = [
		new TextEncoder().encode(DOMAIN),
		getAddressEncoder().encode(order),
		new Uint8Array([terms.outcome]),
		getU64Encoder().encode(terms.limit),
		terms.salt,
	];
	const bytes = new Uint8Array(parts.flatMap((part) => [...part]));
	return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
