// Chains of bets: a stake on two to nine legs that pays only if all of them win, at odds that are fixed when it
// opens.
import { type Address, AccountRole, type EncodedAccount, type Instruction } from '@solana/kit';

import { associatedTokens, flashAddresses } from './addresses.js';
import { mintOf } from './flash.js';
import * as program from './generated/flash-bets/index.js';
import type { ChainSnapshot } from './local-quotes.js';
import { type LookupTable, createLookupTable } from './lookup-tables.js';
import {
	AccountMissing,
	type Context,
	type Slippage,
	type View,
	act,
	atLeast,
	clocked,
	expectAccount,
	newNonce,
} from './market.js';
import { view } from './quotes.js';
import { type Mint, createAssociatedTokens } from './tokens.js';
import type { Receipt, SendOptions } from './transaction.js';

export type ChainView = View<program.Chain>;

/** A market with a chain book, and an outcome of it. */
export interface Leg {
	market: Address;
	outcome: number;
}

export interface OpenChain extends Slippage {
	/** Each on an event and a feed of its own; those of the same vault. */
	legs: readonly Leg[];
	/** Base units. */
	stake: bigint;
	/** What the owner was shown, of which the bound is; asked anew by default. */
	quote?: program.ChainOdds;
	/** Lamports for whoever opens it. */
	tip?: bigint;
	/** That has the accounts of the legs, for more than four of them; made anew by default. */
	lookupTable?: LookupTable;
}

export interface OpenedChain extends Receipt {
	chain: Address;
	quote: program.ChainOdds;
	/** Of more than four legs: for {@link Chains.execute}, and the wallet's to close after that. */
	lookupTable?: LookupTable | undefined;
}

export interface CashOutChain extends SendOptions {
	chain: Address;
	/** Least base units to accept. */
	minReturn: bigint;
	/** Lamports for whoever executes it. */
	tip?: bigint;
}

export interface ExecuteChain extends SendOptions {
	chain: Address;
	/** As of {@link OpenChain}. */
	lookupTable?: LookupTable;
}

const { FLASH_BETS_PROGRAM_ADDRESS: PROGRAM } = program;
/** Legs whose accounts fit a transaction without a lookup table: when they are priced, and settled. */
const PRICED_AT_ONCE = 4;
const SETTLED_AT_ONCE = 6;
const WAITING = 0;
const LOST = 2;
const LEG_OPEN = 0;
/** Of a market, from which on it has its result. */
const RESOLVED = 3;

interface State {
	address: Address;
	data: EncodedAccount['data'];
	state: program.FlashMarket;
}

export class Chains {
	constructor(private readonly context: Context) {}

	/** Every chain that is not closed, of an owner if one is named. */
	async list(owner?: Address): Promise<ChainView[]> {
		const prefix = new Uint8Array(program.CHAIN_DISCRIMINATOR);
		const accounts = await this.context.chain.getProgramAccounts(PROGRAM, prefix);
		return accounts.map(viewOf).filter(({ state }) => (owner ?? state.owner) === state.owner);
	}

	async get(chain: Address): Promise<ChainView> {
		const [account] = await this.context.chain.getAccounts([chain]);
		return viewOf(expectAccount(account, chain, PROGRAM, program.CHAIN_DISCRIMINATOR, 'chain'));
	}

	/**
	 * Lets chains have legs on a market, once; the wallet pays the rent, and gets it back when the book closes.
	 *
	 * @throws StrobeError
	 */
	async createBook(market: Address, options: SendOptions = {}): Promise<Receipt> {
		const { wallet } = this.context;
		const create = await program.getCreateChainBookInstructionAsync({ rentPayer: wallet, market });
		return act(this.context, [create], options);
	}

	/** What {@link Quotes.quoteChain} computes of: vault, markets and their books, and the clock, of one moment. */
	async snapshot(legs: readonly Leg[]): Promise<ChainSnapshot> {
		const { vault } = await this.plan(legs);
		const books = await Promise.all(legs.map(({ market }) => flashAddresses.chainBook(market)));
		const markets = legs.map(({ market }) => market);
		const { clock, accounts } = await clocked(this.context.chain, [vault, ...markets, ...books]);
		const at = (place: number, address: Address, kind: string) => {
			const account = accounts[place];
			if (!account) throw new AccountMissing(address, kind);
			return account.data;
		};
		return {
			vault: at(0, vault, 'vault'),
			legs: legs.map(({ market, outcome }, index) => ({
				market: at(1 + index, market, 'flash market'),
				book: at(1 + legs.length + index, books[index]!, 'chain book'),
				outcome,
			})),
			clock,
		};
	}

	/** What {@link Quotes.quoteChainCashOut} computes of. */
	async cashOutSnapshot(chain: Address) {
		const { state } = await this.get(chain);
		const open = legsOf(state).filter(({ status }) => status === LEG_OPEN);
		const addresses = [state.vault, chain, ...open.map(({ market }) => market)];
		const { clock, accounts } = await clocked(this.context.chain, addresses);
		const [vault, account, ...markets] = accounts.map((found, index) => {
			if (!found) throw new AccountMissing(addresses[index]!, 'account of the chain');
			return found.data;
		});
		return { vault: vault!, chain: account!, markets, clock };
	}

	/**
	 * What a stake on these legs would pay now, asked of the program. More than four legs need a lookup table:
	 * {@link Quotes.quoteChain} says the same without one.
	 *
	 * @throws StrobeError
	 */
	async quote(legs: readonly Leg[], stake: bigint, lookupTable?: LookupTable): Promise<program.ChainOdds> {
		const request = await this.request(legs, stake, newNonce());
		return this.ask(request.instruction(0n, 0n), lookupTable);
	}

	/**
	 * Asks for a chain: anybody opens it after its delay, at the prices of then, or gives the stake back. More than
	 * four legs take a lookup table, for which three transactions come first.
	 *
	 * @throws StrobeError
	 */
	async open(order: OpenChain): Promise<OpenedChain> {
		const request = await this.request(order.legs, order.stake, newNonce());
		const lookupTable = order.lookupTable ?? (await this.table(order.legs.length, request.instruction(0n, 0n), order));
		const quote = order.quote ?? (await this.ask(request.instruction(0n, 0n), lookupTable));
		const instruction = request.instruction(atLeast(quote.payout, order.slippage), order.tip ?? 0n);
		const receipt = await act(this.context, [instruction], withTable(order, lookupTable));
		return { ...receipt, chain: request.chain, quote, lookupTable };
	}

	/**
	 * Opens a chain whose delay has passed, or cashes one out, or gives back what nobody can execute any more,
	 * whoever asked for it; the wallet gets the tip.
	 *
	 * @throws StrobeError
	 */
	async execute({ chain, lookupTable, ...options }: ExecuteChain): Promise<Receipt> {
		const { state } = await this.get(chain);
		const accounts = await this.ending(chain, state);
		const { clock } = await clocked(this.context.chain, []);
		const isWaiting = state.status === WAITING;
		if (isWaiting && clock.unixTimestamp > state.wait.executableUntil) {
			return act(this.context, [program.getCancelChainInstruction(accounts)], options);
		}
		const legs = legsOf(state).filter(({ status }) => isWaiting || status === LEG_OPEN);
		const markets = await this.markets(legs.map(({ market }) => market));
		const input = { ...accounts, executor: this.context.wallet.address };
		const execute = isWaiting
			? program.getExecuteChainInstruction(input)
			: program.getExecuteCashOutInstruction(input);
		const remaining = await legAccounts(state.vault, markets, AccountRole.WRITABLE);
		const instruction = { ...execute, accounts: [...execute.accounts, ...remaining] };
		const table = lookupTable ?? (await this.table(legs.length, instruction, options));
		return act(this.context, [instruction], withTable(options, table));
	}

	/**
	 * Asks that one of the wallet's chains be cashed out, after its delay, at the prices of then.
	 *
	 * @throws StrobeError
	 */
	async cashOut({ chain, minReturn, tip, ...options }: CashOutChain): Promise<Receipt> {
		const { state } = await this.get(chain);
		const request = program.getRequestCashOutInstruction({
			owner: this.context.wallet,
			vault: state.vault,
			chain,
			minReturn,
			tipLamports: tip ?? 0n,
		});
		return act(this.context, [request], options);
	}

	/**
	 * Takes the results that are there, and pays and closes the chain once all are; whose it may be.
	 *
	 * @throws StrobeError
	 */
	async settle(chain: Address, options: SendOptions = {}): Promise<Receipt> {
		const { wallet } = this.context;
		const { state } = await this.get(chain);
		const open = legsOf(state).filter(({ status }) => status === LEG_OPEN);
		const markets = await this.markets(open.map(({ market }) => market));
		const due = markets.filter(({ state: market }) => state.status === LOST || market.settlement.status >= RESOLVED);
		const isEnd = due.length === open.length;
		let receipt: Receipt | undefined;
		for (let at = 0; at < due.length; at += SETTLED_AT_ONCE) {
			const settle = program.getSettleLegsInstruction({ vault: state.vault, chain });
			const some = due.slice(at, at + SETTLED_AT_ONCE);
			const remaining = await bookAccounts(state.vault, some, AccountRole.WRITABLE);
			const instruction = { ...settle, accounts: [...settle.accounts, ...remaining] };
			receipt = await act(this.context, [instruction], options);
		}
		if (isEnd) {
			const accounts = await this.ending(chain, state);
			const mint = await this.mint(state.vault);
			const tokens = await createAssociatedTokens(wallet.address, state.owner, mint);
			receipt = await act(this.context, [tokens, program.getCloseChainInstruction(accounts)], options);
		}
		if (!receipt) throw new Error(`No leg of ${chain} has a result yet`);
		return receipt;
	}

	private async ask(request: Instruction, lookupTable?: LookupTable): Promise<program.ChainOdds> {
		const { chain, wallet } = this.context;
		return view(chain, wallet, request, program.getChainOddsDecoder(), lookupTable ? [lookupTable] : []);
	}

	/** A table of the instruction's accounts, if so many legs need one. */
	private table(legs: number, instruction: Instruction, options: SendOptions): Promise<LookupTable> | undefined {
		return legs > PRICED_AT_ONCE ? createLookupTable(this.context, instruction, options) : undefined;
	}

	/** The request of a chain by its bound and its tip, and where the chain will be. */
	private async request(legs: readonly Leg[], stake: bigint, nonce: bigint) {
		const { wallet } = this.context;
		const { vault, markets } = await this.plan(legs);
		const mint = await this.mint(vault);
		const chain = await flashAddresses.chain(vault, wallet.address, nonce);
		const accounts = {
			owner: wallet,
			rentPayer: wallet,
			vault,
			vaultTokens: await flashAddresses.vaultTokens(vault),
			ownerTokens: await associatedTokens(wallet.address, mint.address, mint.program),
			chain,
			tokenProgram: mint.program,
			nonce,
		};
		const remaining = await legAccounts(vault, markets, AccountRole.READONLY);
		const outcomes = Uint8Array.from(legs, ({ outcome }) => outcome);
		const instruction = (minPayout: bigint, tipLamports: bigint): Instruction => {
			const args = { stake, minPayout, tipLamports, outcomes };
			const request = program.getRequestChainInstruction({ ...accounts, ...args });
			return { ...request, accounts: [...request.accounts, ...remaining] };
		};
		return { chain, instruction };
	}

	/** The markets of legs, and their vault. */
	private async plan(legs: readonly Leg[]) {
		const markets = await this.markets(legs.map(({ market }) => market));
		const vault = markets[0]?.state.vault;
		if (vault === undefined) throw new RangeError('A chain has two to nine legs');
		return { vault, markets };
	}

	private async markets(addresses: readonly Address[]): Promise<State[]> {
		const accounts = await this.context.chain.getAccounts(addresses);
		return addresses.map((address, index) => {
			const discriminator = program.FLASH_MARKET_DISCRIMINATOR;
			const { data } = expectAccount(accounts[index], address, PROGRAM, discriminator, 'flash market');
			return { address, data, state: program.getFlashMarketDecoder().decode(data) };
		});
	}

	private mint(vault: Address): Promise<Mint> {
		return mintOf(this.context.chain, vault);
	}

	/** What every end of a chain names. */
	private async ending(chain: Address, { vault, owner, rentPayer }: program.Chain) {
		const mint = await this.mint(vault);
		return {
			vault,
			vaultTokens: await flashAddresses.vaultTokens(vault),
			chain,
			owner,
			ownerTokens: await associatedTokens(owner, mint.address, mint.program),
			rentPayer,
			tokenProgram: mint.program,
		};
	}
}

function viewOf({ address, data }: EncodedAccount): ChainView {
	return { address, data, state: program.getChainDecoder().decode(data) };
}

function legsOf({ legs, legCount }: program.Chain): program.ChainLeg[] {
	return legs.slice(0, legCount);
}

function withTable<T extends SendOptions>(options: T, table: LookupTable | undefined): SendOptions {
	return table ? { ...options, lookupTables: [table] } : options;
}

/** Of each leg the market, and the books that count it, in this role. */
async function bookAccounts(
	vault: Address,
	markets: readonly State[],
	role: AccountRole.READONLY | AccountRole.WRITABLE,
) {
	const found = markets.map(async ({ address, state }) => [
		{ address, role: AccountRole.READONLY },
		{ address: await flashAddresses.chainBook(address), role },
		{ address: state.eventBook, role },
		{ address: await flashAddresses.feedBook(vault, state.evidence.feedId), role },
	]);
	return (await Promise.all(found)).flat();
}

/** The same with where the observation is, or would be. */
async function legAccounts(
	vault: Address,
	markets: readonly State[],
	role: AccountRole.READONLY | AccountRole.WRITABLE,
) {
	const found = markets.map(async (market) => [
		...(await bookAccounts(vault, [market], role)),
		{ address: market.state.evidence.observation, role: AccountRole.READONLY },
	]);
	return (await Promise.all(found)).flat();
}
