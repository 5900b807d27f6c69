// Orders on markets of both kinds that anybody executes for their owner: at a limit, in slices, after a trigger.
import {
	type Address,
	AccountRole,
	type EncodedAccount,
	type Instruction,
	type Option,
	none,
	some,
} from '@solana/kit';

import { associatedTokens, flashAddresses, marketsAddresses, ordersAddresses } from './addresses.js';
import * as flash from './generated/flash-bets/index.js';
import * as standard from './generated/markets/index.js';
import * as program from './generated/orders/index.js';
import { AccountMissing, type Context, type View, act, clocked, expectAccount, findMint } from './market.js';
import { type Mint, createAssociatedTokens } from './tokens.js';
import type { Receipt, SendOptions } from './transaction.js';

export type OrderView = View<program.DeskOrder>;

/** When an order begins; the first of what is given decides. Prices are from 0 to 1. */
export interface Trigger {
	/** At this price or one that is worse for the owner. */
	stop?: number;
	/** At this price or one that is better for him. */
	take?: number;
	/** So far from the best average price since the order was placed. */
	trail?: number;
	/** Slots for which the average price has to be beyond; 150 by default. */
	windowSlots?: number;
}

export interface PlaceOrder extends SendOptions {
	market: Address;
	outcome: number;
	side: 'buy' | 'sell';
	/** Base units to spend, fees included, or shares to sell. */
	total: bigint;
	/** The most that a share may cost, or the least that it may return, fees included; from 0 to 1. */
	limit: number;
	/** What the limit moves to by the expiry; only with `slices`. */
	limitTo?: number;
	/** So many equal slices at equal intervals until the expiry. */
	slices?: number;
	/** Base units or shares of one fill, without `slices`; all of it by default. */
	shown?: bigint;
	/** Seconds between two fills at least, without `slices`; none by default. */
	everySeconds?: number;
	/** A day by default. */
	lastsSeconds?: number;
	/**
	 * How far the price before a fill may be from its average, basis points of one; 300 by default, and 1,000
	 * after a trigger, which is a move.
	 */
	maxDeviation?: number;
	/** Lamports for who fires the trigger, fills a slice or returns the order; 10,000 by default. */
	tip?: bigint;
	trigger?: Trigger;
}

export interface Placed extends Receipt {
	order: Address;
}

const { ORDERS_PROGRAM_ADDRESS: PROGRAM } = program;
const { FLASH_BETS_PROGRAM_ADDRESS: FLASH } = flash;
const { MARKETS_PROGRAM_ADDRESS: STANDARD } = standard;
const ONE = 2 ** 63;
const DAY_SECONDS = 86_400;
const WINDOW_SLOTS = 150;
const TIP = 10_000n;
const DEVIATION = 300;
const TRIGGERED_DEVIATION = 1_000;

export class Orders {
	constructor(private readonly context: Context) {}

	/** Every order that is not returned, of a market or of an owner if one is named. */
	async list(of: { market?: Address; owner?: Address } = {}): Promise<OrderView[]> {
		const prefix = new Uint8Array(program.DESK_ORDER_DISCRIMINATOR);
		const accounts = await this.context.chain.getProgramAccounts(PROGRAM, prefix);
		const desk = of.market && (await ordersAddresses.desk(of.market));
		return accounts
			.map(({ address, data }) => view(address, data))
			.filter(({ state }) => (desk ?? state.desk) === state.desk && (of.owner ?? state.owner) === state.owner);
	}

	async get(order: Address): Promise<OrderView> {
		const [account] = await this.context.chain.getAccounts([order]);
		return view(order, expectAccount(account, order, PROGRAM, program.DESK_ORDER_DISCRIMINATOR, 'order').data);
	}

	/**
	 * Places an order; opens the market's desk, and the wallet's position or ticket, if there are none.
	 *
	 * @throws StrobeError
	 */
	async place(order: PlaceOrder): Promise<Placed> {
		const { wallet, chain } = this.context;
		const { market } = order;
		const desk = await ordersAddresses.desk(market);
		const [ofStandard, ofFlash] = await Promise.all([
			marketsAddresses.position(market, wallet.address),
			flashAddresses.ticket(market, wallet.address),
		]);
		const { clock, accounts } = await clocked(chain, [market, desk, ofStandard, ofFlash]);
		const [marketAccount, deskAccount, positionAccount, ticketAccount] = accounts;
		const { mint, vault } = await this.termsOfMarket(marketAccount, market);
		const marketProgram = vault ? FLASH : STANDARD;
		const ownerPosition = vault ? ofFlash : ofStandard;
		const nonce = crypto.getRandomValues(new BigUint64Array(1))[0]!;
		const address = await ordersAddresses.order(desk, wallet.address, nonce);
		const deskTokens = await associatedTokens(desk, mint.address, mint.program);
		const deskPosition = await positionOf(marketProgram, market, desk);
		const instructions: Instruction[] = [];
		if (!deskAccount) {
			const accounts = { payer: wallet, market, mint: mint.address, desk, deskTokens, deskPosition };
			const kind = { marketProgram, ...(vault && { vault }) };
			instructions.push(program.getOpenDeskInstruction({ ...accounts, ...kind, tokenProgram: mint.program }));
		}
		if (vault && !ticketAccount) {
			const open = { rentPayer: wallet, owner: wallet.address, market, ticket: ofFlash };
			instructions.push(flash.getOpenTicketInstruction(open));
		}
		if (!vault && !positionAccount) {
			const open = { payer: wallet, owner: wallet, market, isHeld: false };
			instructions.push(await standard.getOpenPositionInstructionAsync(open));
		}
		instructions.push(
			program.getPlaceOrderInstruction({
				payer: wallet,
				owner: wallet,
				desk,
				market,
				order: address,
				ownerTokens: await associatedTokens(wallet.address, mint.address, mint.program),
				deskTokens,
				ownerPosition,
				deskPosition,
				tokenProgram: mint.program,
				marketProgram,
				nonce,
				terms: termsOf(order, clock.unixTimestamp),
			}),
		);
		return { ...(await act(this.context, instructions, order)), order: address };
	}

	/**
	 * Takes back what one of the wallet's orders holds; at any time.
	 *
	 * @throws StrobeError
	 */
	async cancel(order: Address, options: SendOptions = {}): Promise<Receipt> {
		const { wallet, chain } = this.context;
		const { desk, rentPayer } = (await this.get(order)).state;
		const { market, marketProgram, mint: mintAddress } = await this.desk(desk);
		const mint: Mint = await findMint(chain, mintAddress);
		const owner = wallet.address;
		const cancel = program.getReturnOrderInstruction({
			executor: owner,
			desk,
			order,
			owner,
			rentPayer,
			market,
			ownerTokens: await associatedTokens(owner, mint.address, mint.program),
			deskTokens: await associatedTokens(desk, mint.address, mint.program),
			ownerPosition: await positionOf(marketProgram, market, owner),
			deskPosition: await positionOf(marketProgram, market, desk),
			tokenProgram: mint.program,
			marketProgram,
		});
		const tokens = await createAssociatedTokens(owner, owner, mint);
		return act(this.context, [tokens, cancel], options);
	}

	/**
	 * Fills two orders of a market whose limits cross against each other, in whichever order they are given, for
	 * the tips of slices that are filled whole; anybody.
	 *
	 * @throws StrobeError
	 */
	async match(order: Address, other: Address, options: SendOptions = {}): Promise<Receipt> {
		const { wallet, chain } = this.context;
		const [one, two] = [await this.get(order), await this.get(other)];
		const { desk } = one.state;
		if (desk !== two.state.desk) throw new TypeError(`${order} and ${other} are orders of different markets`);
		const [older, newer] = one.state.beganIn < two.state.beganIn ? [order, other] : [other, order];
		const { market, marketProgram, venue, mint: mintAddress } = await this.desk(desk);
		const mint = await findMint(chain, mintAddress);
		const addresses = marketProgram === FLASH ? flashAddresses : marketsAddresses;
		const pair = program.getMatchOrdersInstruction({
			executor: wallet.address,
			desk,
			older,
			newer,
			venue,
			market,
			deskPosition: await positionOf(marketProgram, market, desk),
			marketTokens: await addresses.marketTokens(market),
			deskTokens: await associatedTokens(desk, mint.address, mint.program),
			tokenProgram: mint.program,
			marketProgram,
		});
		return act(this.context, [pair], options);
	}

	/**
	 * Has the next slice of an order on a market with a bet delay wait there, where it is filled within the order's
	 * bounds; anybody. The wallet pays the rent of the market's order, and half of the order's tip to who executes
	 * it; once the slice is booked the rent is the wallet's again, and the order's tip if it was filled.
	 *
	 * @throws StrobeError
	 */
	async placeSlice(order: Address, options: SendOptions = {}): Promise<Receipt> {
		const { state } = await this.get(order);
		const { market, venue, deskPosition, deskTokens, pending, mint } = await this.sliceOf(order, state.desk);
		const place = program.getPlaceSliceInstruction({
			rentPayer: this.context.wallet,
			desk: state.desk,
			order,
			venue,
			market,
			deskPosition,
			marketTokens: await flashAddresses.marketTokens(market),
			deskTokens,
			pending,
			tokenProgram: mint.program,
			marketProgram: FLASH,
			tipLamports: (state.tipLamports + 1n) / 2n,
		});
		return act(this.context, [place], options);
	}

	/**
	 * Executes a slice that waits in its market, after the bet delay, and books how it ended; anybody. The wallet
	 * gets the tip of the market's order; if somebody else executed it, it only books.
	 *
	 * @throws StrobeError
	 */
	async endSlice(order: Address, options: SendOptions = {}): Promise<Receipt> {
		const { chain, wallet } = this.context;
		const { desk } = (await this.get(order)).state;
		const { market, venue, deskPosition, deskTokens, pending, mint } = await this.sliceOf(order, desk);
		const [waiting, ofMarket] = await chain.getAccounts([pending, market]);
		const found = expectAccount(waiting, pending, FLASH, flash.PENDING_ORDER_DISCRIMINATOR, 'slice');
		const { rentPayer, receipt } = flash.getPendingOrderDecoder().decode(found.data);
		const instructions: Instruction[] = [];
		if (receipt.__kind !== 'Kept') {
			const { data } = expectAccount(ofMarket, market, FLASH, flash.FLASH_MARKET_DISCRIMINATOR, 'market');
			const { evidence, tokenAccount } = flash.getFlashMarketDecoder().decode(data);
			const { observation } = evidence;
			const accounts = { vault: venue, market, marketTokens: tokenAccount, observation };
			const tokenProgram = mint.program;
			const execute = flash.getExecuteOrdersInstruction({ ...accounts, executor: wallet.address, tokenProgram });
			const ended = [pending, deskPosition, desk, deskTokens, rentPayer];
			const remaining = ended.map((address) => ({ address, role: AccountRole.WRITABLE }));
			instructions.push({ ...execute, accounts: [...execute.accounts, ...remaining] });
		}
		const slice = { desk, order, pending, rentPayer, deskPosition, deskTokens };
		instructions.push(program.getBookSliceInstruction({ ...slice, tokenProgram: mint.program }));
		return act(this.context, instructions, options);
	}

	private async sliceOf(order: Address, desk: Address) {
		const { market, venue, mint: mintAddress } = await this.desk(desk);
		const mint = await findMint(this.context.chain, mintAddress);
		return {
			market,
			venue,
			mint,
			deskPosition: await flashAddresses.ticket(market, desk),
			deskTokens: await associatedTokens(desk, mint.address, mint.program),
			pending: await ordersAddresses.slice(market, desk, order),
		};
	}

	private async desk(address: Address): Promise<program.Desk> {
		const [account] = await this.context.chain.getAccounts([address]);
		if (!account) throw new AccountMissing(address, 'desk');
		return program.getDeskDecoder().decode(account.data);
	}

	/** Mint of a market of either kind, and vault of a flash market. */
	private async termsOfMarket(
		account: EncodedAccount | null | undefined,
		market: Address,
	): Promise<{ mint: Mint; vault?: Address }> {
		const { chain } = this.context;
		if (account?.programAddress !== FLASH) {
			const { data } = expectAccount(account, market, STANDARD, standard.MARKET_DISCRIMINATOR, 'market');
			return { mint: await findMint(chain, standard.getMarketDecoder().decode(data).mint) };
		}
		const { data } = expectAccount(account, market, FLASH, flash.FLASH_MARKET_DISCRIMINATOR, 'market');
		const { vault } = flash.getFlashMarketDecoder().decode(data);
		const [found] = await chain.getAccounts([vault]);
		const of = expectAccount(found, vault, FLASH, flash.VAULT_DISCRIMINATOR, 'vault');
		return { mint: await findMint(chain, flash.getVaultDecoder().decode(of.data).mint), vault };
	}
}

/** An owner's position in a standard market, or ticket in a flash market. */
function positionOf(marketProgram: Address, market: Address, owner: Address): Promise<Address> {
	return marketProgram === FLASH ? flashAddresses.ticket(market, owner) : marketsAddresses.position(market, owner);
}

function view(address: Address, data: View<unknown>['data']): OrderView {
	return { address, state: program.getDeskOrderDecoder().decode(data), data };
}

/** A price from 0 to 1 in Q1.63. */
export function price(from: number): bigint {
	if (!(from >= 0 && from <= 1)) throw new RangeError(`A price is from 0 to 1, not ${from}`);
	return BigInt(from * ONE);
}

function termsOf(order: PlaceOrder, now: bigint): program.OrderTermsArgs {
	const { trigger } = order;
	return {
		outcome: order.outcome,
		side: order.side === 'buy' ? program.OrderSide.Buy : program.OrderSide.Sell,
		total: order.total,
		expiresAt: now + BigInt(order.lastsSeconds ?? DAY_SECONDS),
		maxDeviation: order.maxDeviation ?? (trigger ? TRIGGERED_DEVIATION : DEVIATION),
		tipLamports: order.tip ?? TIP,
		plan: planOf(order),
		trigger: trigger ? some(triggerOf(trigger)) : none(),
	};
}

function planOf({ total, limit, limitTo, slices, shown, everySeconds }: PlaceOrder): program.OrderPlanArgs {
	if (slices === undefined) {
		if (limitTo !== undefined) throw new TypeError('A limit moves from slice to slice: say how many slices');
		const [part, intervalSeconds] = [shown ?? total, everySeconds ?? 0];
		return { __kind: 'Iceberg', shown: part, intervalSeconds, limit: price(limit) };
	}
	if (shown !== undefined || everySeconds !== undefined) {
		throw new TypeError('Slices are equal, at equal intervals: say either slices, or shown and everySeconds');
	}
	if (limitTo === undefined) return { __kind: 'Twap', slices, limit: price(limit) };
	return { __kind: 'Gradual', slices, limitFrom: price(limit), limitTo: price(limitTo) };
}

function triggerOf({ stop, take, trail, windowSlots }: Trigger): program.TriggerTermsArgs {
	const given = (from: number | undefined): Option<bigint> => (from === undefined ? none() : some(price(from)));
	return { stop: given(stop), take: given(take), trail: given(trail), windowSlots: windowSlots ?? WINDOW_SLOTS };
}
