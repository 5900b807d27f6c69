// Standard markets: one call for what a trader or a liquidity provider wants.
import { type Address, AccountRole, type EncodedAccount, type Instruction } from '@solana/kit';

import { associatedTokens, marketsAddresses } from './addresses.js';
import { type Decision, findDecision } from './decision.js';
import { requireSuccess } from './errors.js';
import { type StrobeEvent, decodeEvents } from './events.js';
import * as program from './generated/markets/index.js';
import type { Snapshot } from './local-quotes.js';
import {
	AccountMissing,
	type Context,
	type Slippage,
	type TradeOptions,
	type Traded,
	type View,
	act,
	atLeast,
	atMost,
	changes,
	clocked,
	expectAccount,
	findMint,
} from './market.js';
import { type TradeOrder, type TradeQuote, askPrices, view } from './quotes.js';
import { type Mint, createAssociatedTokens } from './tokens.js';
import { type Receipt, type SendOptions, simulate } from './transaction.js';

export type MarketView = View<program.Market>;

export interface Buy extends TradeOptions {
	market: Address;
	outcome: number;
	/** Base units to pay, fee included; or `shares` to get. */
	stake?: bigint;
	shares?: bigint;
}

export interface Sell extends TradeOptions {
	market: Address;
	outcome: number;
	/** All by default. */
	shares?: bigint;
}

export interface AddLiquidity extends Slippage {
	market: Address;
	/** Base units. */
	amount: bigint;
}

export interface RemoveLiquidity extends Slippage {
	market: Address;
	/** LP shares; all that is not locked by default. */
	shares?: bigint;
}

export interface Redeem extends SendOptions {
	market: Address;
	/** Whose positions; the wallet's by default. About ten fit a transaction. */
	owners?: readonly Address[];
}

export interface RedeemLiquidity extends SendOptions {
	market: Address;
	/** Whose liquidity; the wallet's by default. */
	owner?: Address;
}

/** A market, and what it trades in. */
interface Found {
	view: MarketView;
	mint: Mint;
}

const { MARKETS_PROGRAM_ADDRESS: PROGRAM } = program;

export class StandardMarkets {
	constructor(private readonly context: Context) {}

	/** All markets that are not closed. */
	async list(): Promise<MarketView[]> {
		const prefix = new Uint8Array(program.MARKET_DISCRIMINATOR);
		const accounts = await this.context.chain.getProgramAccounts(PROGRAM, prefix);
		return accounts.map((account) => this.view(account.address, account.data));
	}

	async get(market: Address): Promise<MarketView> {
		const account = await this.account(market);
		const discriminator = program.MARKET_DISCRIMINATOR;
		return this.view(market, expectAccount(account, market, PROGRAM, discriminator, 'standard market').data);
	}

	/**
	 * What an order would trade now.
	 *
	 * @throws StrobeError
	 */
	async quote(market: Address, outcome: number, order: TradeOrder): Promise<TradeQuote> {
		return this.quoted(await this.get(market), outcome, order);
	}

	/** What {@link Quotes} computes quotes of: the market, its venue and the chain's clock, of one moment. */
	async snapshot(market: Address): Promise<MarketView & Snapshot> {
		const { venue } = (await this.get(market)).state;
		const { clock, accounts } = await clocked(this.context.chain, [market, venue]);
		const [found, home] = accounts;
		const view = this.view(
			market,
			expectAccount(found, market, PROGRAM, program.MARKET_DISCRIMINATOR, 'standard market').data,
		);
		const { data } = expectAccount(home, venue, PROGRAM, program.VENUE_DISCRIMINATOR, 'venue');
		return { ...view, venue: data, clock };
	}

	/** Price of each outcome from 0 to 1, for display. */
	async prices(market: MarketView): Promise<number[]> {
		const { depth, outcomes } = market.state.pool;
		return askPrices(outcomes, depth, (outcome, order) => this.quoted(market, outcome, order));
	}

	/** What an owner holds in a market; `null` without a position. */
	async position(market: Address, owner = this.context.wallet.address): Promise<program.Position | null> {
		const account = await this.account(await marketsAddresses.position(market, owner));
		return account ? program.getPositionDecoder().decode(account.data) : null;
	}

	/** What an owner provides to a market; `null` without liquidity. */
	async liquidity(
		market: Address,
		owner = this.context.wallet.address,
	): Promise<program.LiquidityPosition | null> {
		const account = await this.account(await marketsAddresses.liquidity(market, owner));
		return account ? program.getLiquidityPositionDecoder().decode(account.data) : null;
	}

	/**
	 * Buys shares for a stake, or exact shares; opens the position if there is none.
	 *
	 * @throws StrobeError
	 */
	async buy(buy: Buy): Promise<Traded> {
		if ((buy.stake === undefined) === (buy.shares === undefined)) {
			throw new TypeError('Say either the stake or the shares to buy');
		}
		const found = await this.find(buy.market);
		const order = buy.stake === undefined ? { buy: buy.shares! } : { stake: buy.stake };
		const quote = buy.quote ?? (await this.quoted(found.view, buy.outcome, order));
		const { wallet } = this.context;
		const accounts = {
			payer: wallet,
			...(await this.tradeAccounts(found)),
			payerTokens: await this.tokens(found),
		};
		const { outcome } = buy;
		const instruction =
			buy.stake === undefined
				? program.getBuySharesInstruction({
						...accounts,
						outcome,
						shares: buy.shares!,
						maxCost: atMost(quote.amount, buy.slippage),
					})
				: program.getBuyInstruction({
						...accounts,
						outcome,
						stake: buy.stake,
						minShares: atLeast(quote.shares, buy.slippage),
					});
		const opening = await this.openPosition(buy.market);
		return { ...(await act(this.context, [...opening, instruction], buy)), quote };
	}

	/**
	 * Sells shares back at the price of now.
	 *
	 * @throws StrobeError
	 */
	async sell(sell: Sell): Promise<Traded> {
		const found = await this.find(sell.market);
		const shares = sell.shares ?? (await this.position(sell.market))?.holdings.shares[sell.outcome] ?? 0n;
		const quote = sell.quote ?? (await this.quoted(found.view, sell.outcome, { sell: shares }));
		const instruction = program.getSellInstruction({
			owner: this.context.wallet,
			...(await this.tradeAccounts(found)),
			ownerTokens: await this.tokens(found),
			outcome: sell.outcome,
			shares,
			minReturn: atLeast(quote.amount, sell.slippage),
		});
		const instructions = [await this.createTokens(found), instruction];
		return { ...(await act(this.context, instructions, sell)), quote };
	}

	/**
	 * Puts money into a market's pool; opens what the wallet needs for it. The bounds come of what the
	 * simulation gives.
	 *
	 * @throws StrobeError
	 */
	async addLiquidity(add: AddLiquidity): Promise<Receipt> {
		const found = await this.find(add.market);
		const accounts = await this.liquidityAccounts(found);
		const { amount } = add;
		const opening = [...(await this.openPosition(add.market)), ...(await this.openLiquidity(add.market))];
		const build = (minShares: bigint, minReturned: bigint[]) => [
			...opening,
			program.getAddLiquidityInstruction({ ...accounts, amount, minShares, minReturned }),
		];
		const added = (await this.rehearse(build(0n, []))).find((event) => event.name === 'LiquidityAdded');
		if (added?.name !== 'LiquidityAdded') throw new Error('The simulation told nothing of what it added');
		const { shares, returned } = added.data;
		const bounded = build(
			atLeast(shares, add.slippage),
			returned.map((part) => atLeast(part, add.slippage)),
		);
		return act(this.context, bounded, add);
	}

	/**
	 * Takes liquidity out of a market's pool, as money and outcome shares. The bounds come of what the
	 * simulation gives.
	 *
	 * @throws StrobeError
	 */
	async removeLiquidity(remove: RemoveLiquidity): Promise<Receipt> {
		const found = await this.find(remove.market);
		const provided = await this.liquidity(remove.market);
		const shares = remove.shares ?? (provided ? provided.shares - provided.lockedShares : 0n);
		const accounts = await this.liquidityAccounts(found);
		const opening = [await this.createTokens(found), ...(await this.openPosition(remove.market))];
		const build = (minCash: bigint, minReturned: bigint[]) => [
			...opening,
			program.getRemoveLiquidityInstruction({ ...accounts, shares, minCash, minReturned }),
		];
		const removed = (await this.rehearse(build(0n, []))).find((event) => event.name === 'LiquidityRemoved');
		if (removed?.name !== 'LiquidityRemoved') throw new Error('The simulation told nothing of what it removed');
		const { cash, returned } = removed.data;
		const bounded = build(
			atLeast(cash, remove.slippage),
			returned.map((part) => atLeast(part, remove.slippage)),
		);
		return act(this.context, bounded, remove);
	}

	/**
	 * Pays and closes positions in a settled market, for whomever they are.
	 *
	 * @throws StrobeError
	 */
	async redeem(redeem: Redeem): Promise<Receipt> {
		const { chain, wallet } = this.context;
		const { view, mint } = await this.find(redeem.market);
		const owners = redeem.owners ?? [wallet.address];
		const positions = await Promise.all(owners.map((owner) => marketsAddresses.position(redeem.market, owner)));
		const accounts = await chain.getAccounts(positions);
		const instructions: Instruction[] = [];
		const redeemed: Address[] = [];
		for (const [index, owner] of owners.entries()) {
			const address = positions[index]!;
			const account = accounts[index];
			if (!account) throw new AccountMissing(address, 'position');
			const { rentPayer } = program.getPositionDecoder().decode(account.data);
			instructions.push(await createAssociatedTokens(wallet.address, owner, mint));
			const tokens = await associatedTokens(owner, mint.address, mint.program);
			redeemed.push(address, owner, tokens, rentPayer);
		}
		const instruction = program.getRedeemInstruction({
			market: redeem.market,
			marketTokens: view.state.tokenAccount,
			tokenProgram: mint.program,
		});
		const remaining = redeemed.map((address) => ({ address, role: AccountRole.WRITABLE }));
		instructions.push({ ...instruction, accounts: [...instruction.accounts, ...remaining] });
		return act(this.context, instructions, redeem);
	}

	/**
	 * Pays a provider its part of a settled market.
	 *
	 * @throws StrobeError
	 */
	async redeemLiquidity(redeem: RedeemLiquidity): Promise<Receipt> {
		const { wallet } = this.context;
		const { view, mint } = await this.find(redeem.market);
		const owner = redeem.owner ?? wallet.address;
		const address = await marketsAddresses.liquidity(redeem.market, owner);
		const provided = await this.liquidity(redeem.market, owner);
		if (!provided) throw new AccountMissing(address, 'liquidity');
		const instruction = program.getRedeemLiquidityInstruction({
			venue: view.state.venue,
			market: redeem.market,
			liquidity: address,
			owner,
			rentPayer: provided.rentPayer,
			marketTokens: view.state.tokenAccount,
			ownerTokens: await associatedTokens(owner, mint.address, mint.program),
			tokenProgram: mint.program,
		});
		const tokens = await createAssociatedTokens(wallet.address, owner, mint);
		return act(this.context, [tokens, instruction], redeem);
	}

	/** What a market trades in. */
	mint({ state }: MarketView): Promise<Mint> {
		return findMint(this.context.chain, state.mint);
	}

	/** Who decides a market's outcome; unless somebody disputes it, for then the arbiters do. */
	decision({ state }: MarketView): Promise<Decision> {
		return findDecision(this.context.chain, state.evidence);
	}

	/** Who decides a market that is disputed. */
	arbitration({ state }: MarketView): Promise<Decision> {
		const { arbiterSet: providerSet, arbiterKey: verifyingKey } = state;
		return findDecision(this.context.chain, { providerSet, verifyingKey });
	}

	/** The market now and after every change, until the signal. */
	async *watch(market: Address, signal: AbortSignal): AsyncGenerator<MarketView> {
		for await (const bytes of changes(this.context, market, signal)) yield this.view(market, bytes);
	}

	private async account(address: Address): Promise<EncodedAccount | null> {
		return (await this.context.chain.getAccounts([address]))[0] ?? null;
	}

	private async find(market: Address): Promise<Found> {
		const view = await this.get(market);
		return { view, mint: await this.mint(view) };
	}

	private view(address: Address, bytes: EncodedAccount['data']): MarketView {
		return { address, state: program.getMarketDecoder().decode(bytes), data: bytes };
	}

	private quoted({ address, state }: MarketView, outcome: number, order: TradeOrder): Promise<TradeQuote> {
		const { chain, wallet } = this.context;
		const { venue } = state;
		const question = { venue, market: address, outcome, order: tradeOrder(order) };
		return view(chain, wallet, program.getQuoteInstruction(question), program.getTradeReceiptDecoder());
	}

	/** The events of instructions that are not sent. */
	private async rehearse(instructions: readonly Instruction[]): Promise<StrobeEvent[]> {
		const outcome = await simulate(this.context.chain, this.context.wallet, instructions);
		requireSuccess(outcome);
		return decodeEvents(outcome.logs);
	}

	private tokens({ mint }: Found): Promise<Address> {
		return associatedTokens(this.context.wallet.address, mint.address, mint.program);
	}

	private createTokens({ mint }: Found): Promise<Instruction> {
		const { address } = this.context.wallet;
		return createAssociatedTokens(address, address, mint);
	}

	private async tradeAccounts({ view, mint }: Found) {
		return {
			venue: view.state.venue,
			market: view.address,
			position: await marketsAddresses.position(view.address, this.context.wallet.address),
			marketTokens: view.state.tokenAccount,
			tokenProgram: mint.program,
		};
	}

	private async liquidityAccounts(found: Found) {
		return {
			owner: this.context.wallet,
			...(await this.tradeAccounts(found)),
			liquidity: await marketsAddresses.liquidity(found.view.address, this.context.wallet.address),
			ownerTokens: await this.tokens(found),
		};
	}

	/** Opens the wallet's position unless it is there. */
	private async openPosition(market: Address): Promise<Instruction[]> {
		if (await this.position(market)) return [];
		const { wallet } = this.context;
		const open = { payer: wallet, owner: wallet, market, isHeld: false };
		return [await program.getOpenPositionInstructionAsync(open)];
	}

	/** Opens the wallet's liquidity position unless it is there. */
	private async openLiquidity(market: Address): Promise<Instruction[]> {
		if (await this.liquidity(market)) return [];
		const { wallet } = this.context;
		return [await program.getOpenLiquidityInstructionAsync({ payer: wallet, owner: wallet, market })];
	}
}

function tradeOrder(order: TradeOrder): program.TradeOrderArgs {
	if ('stake' in order) return { __kind: 'Stake', amount: order.stake };
	if ('buy' in order) return { __kind: 'Buy', shares: order.buy };
	return { __kind: 'Sell', shares: order.sell };
}
