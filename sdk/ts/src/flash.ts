// Flash bets: one call for what a bettor wants.
import { type Address, AccountRole, type EncodedAccount, type Instruction } from '@solana/kit';

import { associatedTokens, flashAddresses } from './addresses.js';
import type { Chain } from './chain.js';
import { type Decision, findDecision } from './decision.js';
import * as program from './generated/flash-bets/index.js';
import type { Snapshot } from './local-quotes.js';
import {
	AccountMissing,
	type Context,
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
	newNonce,
} from './market.js';
import { type TradeOrder, type TradeQuote, askPrices, view } from './quotes.js';
import { type Mint, createAssociatedTokens } from './tokens.js';
import type { Receipt, SendOptions } from './transaction.js';

export type FlashMarketView = View<program.FlashMarket>;

export interface PlaceBet extends TradeOptions {
	market: Address;
	outcome: number;
	/** Base units, fee included. */
	stake: bigint;
	/** Whose the bet is; the wallet by default. */
	owner?: Address;
	/** Lamports for whoever executes the order; only in a market with a bet delay. */
	tip?: bigint;
}

export interface BuyShares extends TradeOptions {
	market: Address;
	outcome: number;
	/** To get, whatever they cost within the bound. */
	shares: bigint;
	/** Lamports for whoever executes the order; only in a market with a bet delay. */
	tip?: bigint;
}

export interface CashOut extends TradeOptions {
	market: Address;
	outcome: number;
	/** All by default. */
	shares?: bigint;
	/** Lamports for whoever executes the order; only in a market with a bet delay. */
	tip?: bigint;
}

export interface Settle extends SendOptions {
	market: Address;
	/** Whose tickets; the wallet's by default. About ten fit a transaction. */
	owners?: readonly Address[];
}

const { FLASH_BETS_PROGRAM_ADDRESS: PROGRAM } = program;
const U64_MAX = (1n << 64n) - 1n;

export class FlashMarkets {
	constructor(private readonly context: Context) {}

	/** All markets that are not closed. */
	async list(): Promise<FlashMarketView[]> {
		const prefix = new Uint8Array(program.FLASH_MARKET_DISCRIMINATOR);
		const accounts = await this.context.chain.getProgramAccounts(PROGRAM, prefix);
		return accounts.map((account) => this.view(account.address, account.data));
	}

	async get(market: Address): Promise<FlashMarketView> {
		const [account] = await this.context.chain.getAccounts([market]);
		const discriminator = program.FLASH_MARKET_DISCRIMINATOR;
		return this.view(market, expectAccount(account, market, PROGRAM, discriminator, 'flash market').data);
	}

	/**
	 * What an order would trade now; in a market with a bet delay, the price is that of its end.
	 *
	 * @throws StrobeError
	 */
	quote(market: Address, outcome: number, order: TradeOrder): Promise<TradeQuote> {
		const { chain, wallet } = this.context;
		const instruction = program.getQuoteInstruction({ market, outcome, order: withoutBound(order) });
		return view(chain, wallet, instruction, program.getTradeReceiptDecoder());
	}

	/** What {@link Quotes} computes quotes of: the market and the chain's clock, of one moment. */
	async snapshot(market: Address): Promise<FlashMarketView & Snapshot> {
		const { clock, accounts } = await clocked(this.context.chain, [market]);
		const discriminator = program.FLASH_MARKET_DISCRIMINATOR;
		const { data } = expectAccount(accounts[0], market, PROGRAM, discriminator, 'flash market');
		return { ...this.view(market, data), clock };
	}

	/** Price of each outcome from 0 to 1, for display. */
	async prices({ address, state }: FlashMarketView): Promise<number[]> {
		const { depth, outcomes } = state.pool;
		return askPrices(outcomes, depth, (outcome, order) => this.quote(address, outcome, order));
	}

	/** What an owner holds in a market; `null` without a ticket. */
	async ticket(market: Address, owner = this.context.wallet.address): Promise<program.Ticket | null> {
		const address = await flashAddresses.ticket(market, owner);
		const [account] = await this.context.chain.getAccounts([address]);
		return account ? program.getTicketDecoder().decode(account.data) : null;
	}

	/**
	 * Bets a stake on an outcome; opens the ticket if there is none.
	 *
	 * @throws StrobeError
	 */
	async placeBet(bet: PlaceBet): Promise<Traded> {
		const { wallet } = this.context;
		const market = await this.get(bet.market);
		const quote = bet.quote ?? (await this.quote(bet.market, bet.outcome, { stake: bet.stake }));
		const mint = await this.mint(market);
		const owner = bet.owner ?? wallet.address;
		const instruction = program.getOpenTicketAndBetInstruction({
			payer: wallet,
			owner,
			...(await this.tradeAccounts(market, mint, owner)),
			payerTokens: await associatedTokens(wallet.address, mint.address, mint.program),
			rentPayer: wallet,
			args: {
				outcome: bet.outcome,
				stake: bet.stake,
				minShares: atLeast(quote.shares, bet.slippage),
				tipLamports: bet.tip ?? 0n,
			},
		});
		return { ...(await act(this.context, [instruction], bet)), quote };
	}

	/**
	 * Buys exactly so many shares of an outcome; opens the ticket if there is none.
	 *
	 * @throws StrobeError
	 */
	async buyShares(purchase: BuyShares): Promise<Traded> {
		const { wallet } = this.context;
		const market = await this.get(purchase.market);
		const { outcome, shares } = purchase;
		const quote = purchase.quote ?? (await this.quote(purchase.market, outcome, { buy: shares }));
		const mint = await this.mint(market);
		const accounts = await this.tradeAccounts(market, mint, wallet.address);
		const instruction = program.getBuySharesInstruction({
			payer: wallet,
			...accounts,
			payerTokens: await associatedTokens(wallet.address, mint.address, mint.program),
			outcome,
			shares,
			maxCost: atMost(quote.amount, purchase.slippage),
			tipLamports: purchase.tip ?? 0n,
		});
		const { ticket } = accounts;
		const open = { rentPayer: wallet, owner: wallet.address, market: purchase.market, ticket };
		const opening = (await this.ticket(purchase.market)) ? [] : [program.getOpenTicketInstruction(open)];
		return { ...(await act(this.context, [...opening, instruction], purchase)), quote };
	}

	/**
	 * Sells shares back at the price of now.
	 *
	 * @throws StrobeError
	 */
	async cashOut(sale: CashOut): Promise<Traded> {
		const { wallet } = this.context;
		const market = await this.get(sale.market);
		const shares = sale.shares ?? (await this.ticket(sale.market))?.holdings.shares[sale.outcome] ?? 0n;
		const quote = sale.quote ?? (await this.quote(sale.market, sale.outcome, { sell: shares }));
		const mint = await this.mint(market);
		const instruction = program.getCashOutInstruction({
			owner: wallet,
			...(await this.tradeAccounts(market, mint, wallet.address)),
			ownerTokens: await associatedTokens(wallet.address, mint.address, mint.program),
			outcome: sale.outcome,
			shares,
			minReturn: atLeast(quote.amount, sale.slippage),
			tipLamports: sale.tip ?? 0n,
		});
		const tokens = await createAssociatedTokens(wallet.address, wallet.address, mint);
		const instructions = [tokens, instruction];
		return { ...(await act(this.context, instructions, sale)), quote };
	}

	/**
	 * Pays and closes tickets of a settled market, for whomever they are.
	 *
	 * @throws StrobeError
	 */
	async settle(settle: Settle): Promise<Receipt> {
		const { chain, wallet } = this.context;
		const market = await this.get(settle.market);
		const mint = await this.mint(market);
		const owners = settle.owners ?? [wallet.address];
		const tickets = await Promise.all(owners.map((owner) => flashAddresses.ticket(settle.market, owner)));
		const accounts = await chain.getAccounts(tickets);
		const instructions: Instruction[] = [];
		const settled: Address[] = [];
		for (const [index, owner] of owners.entries()) {
			const address = tickets[index]!;
			const account = accounts[index];
			if (!account) throw new AccountMissing(address, 'ticket');
			const { rentPayer } = program.getTicketDecoder().decode(account.data);
			instructions.push(await createAssociatedTokens(wallet.address, owner, mint));
			const tokens = await associatedTokens(owner, mint.address, mint.program);
			settled.push(address, owner, tokens, rentPayer);
		}
		const instruction = program.getSettleTicketsInstruction({
			market: settle.market,
			marketTokens: market.state.tokenAccount,
			tokenProgram: mint.program,
			inOneCall: false,
		});
		const remaining = settled.map((address) => ({ address, role: AccountRole.WRITABLE }));
		instructions.push({ ...instruction, accounts: [...instruction.accounts, ...remaining] });
		return act(this.context, instructions, settle);
	}

	/** Who decides a market's outcome. */
	decision({ state }: FlashMarketView): Promise<Decision> {
		return findDecision(this.context.chain, state.evidence);
	}

	/** The market now and after every change, until the signal. */
	async *watch(market: Address, signal: AbortSignal): AsyncGenerator<FlashMarketView> {
		for await (const bytes of changes(this.context, market, signal)) yield this.view(market, bytes);
	}

	private view(address: Address, bytes: EncodedAccount['data']): FlashMarketView {
		return { address, state: program.getFlashMarketDecoder().decode(bytes), data: bytes };
	}

	/** What a market trades in. */
	mint(market: FlashMarketView): Promise<Mint> {
		return mintOf(this.context.chain, market.state.vault);
	}

	/** What every trade names; in a market with a bet delay also where the order waits, and who pays for that. */
	private async tradeAccounts({ address, state }: FlashMarketView, mint: Mint, owner: Address) {
		const { wallet } = this.context;
		const nonce = newNonce();
		const isDelayed = state.delaySlots > 0n;
		const pending = isDelayed && (await flashAddresses.pendingOrder(address, wallet.address, nonce));
		return {
			vault: state.vault,
			market: address,
			ticket: await flashAddresses.ticket(address, owner),
			marketTokens: state.tokenAccount,
			...(pending ? { pending, rentPayer: wallet } : {}),
			tokenProgram: mint.program,
			nonce,
		};
	}
}

/** What a vault's markets trade in. */
export async function mintOf(chain: Chain, vault: Address): Promise<Mint> {
	const [account] = await chain.getAccounts([vault]);
	const found = expectAccount(account, vault, PROGRAM, program.VAULT_DISCRIMINATOR, 'vault');
	return findMint(chain, program.getVaultDecoder().decode(found.data).mint);
}

/** An order that takes any price, as a question about it is. */
export function withoutBound(order: TradeOrder): program.OrderArgs {
	if ('stake' in order) return { __kind: 'Stake', stake: order.stake, minShares: 0n };
	if ('buy' in order) return { __kind: 'Buy', shares: order.buy, maxCost: U64_MAX };
	return { __kind: 'Sell', shares: order.sell, minReturn: 0n };
}
