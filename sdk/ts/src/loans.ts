// Loans against shares of standard markets: positions that are bought with more than their owner's money, and
// lenders' pools.
import { type Address, type Instruction } from '@solana/kit';

import { associatedTokens, leverageAddresses, marketsAddresses } from './addresses.js';
import * as program from './generated/leverage/index.js';
import * as standard from './generated/markets/index.js';
import { type Context, type View, act, expectAccount, findMint } from './market.js';
import { type Mint, createAssociatedTokens } from './tokens.js';
import type { Receipt, SendOptions } from './transaction.js';

export type PositionView = View<program.LeveredPosition>;
export type RequestView = View<program.PendingOpen>;
export type PoolView = View<program.LendingPool>;
export type ListingView = View<program.ListedMarket>;

export interface OpenPosition extends SendOptions {
	listing: Address;
	outcome: number;
	/** Base units of the owner's, and of the pool's. */
	margin: bigint;
	loan: bigint;
	/** The fewest shares that both have to buy when anybody opens it. */
	minShares: bigint;
}

export interface Requested extends Receipt {
	/** Until it is opened; the position after that. */
	request: Address;
	position: Address;
}

export interface Deposited extends Receipt {
	deposit: Address;
}

const { LEVERAGE_PROGRAM_ADDRESS: PROGRAM } = program;

/** What a transaction about a listing needs. */
interface Listing {
	listing: Address;
	state: program.ListedMarket;
	mint: Mint;
	listingTokens: Address;
	listingPosition: Address;
	poolTokens: Address;
}

export class Loans {
	constructor(private readonly context: Context) {}

	/** Every position, of a listing or of an owner if one is named. */
	async positions(of: { listing?: Address; owner?: Address } = {}): Promise<PositionView[]> {
		const prefix = new Uint8Array(program.LEVERED_POSITION_DISCRIMINATOR);
		const accounts = await this.context.chain.getProgramAccounts(PROGRAM, prefix);
		return accounts
			.map(({ address, data }) => ({ address, data, state: program.getLeveredPositionDecoder().decode(data) }))
			.filter(({ state }) => (of.listing ?? state.listing) === state.listing)
			.filter(({ state }) => (of.owner ?? state.owner) === state.owner);
	}

	async position(address: Address): Promise<PositionView> {
		const data = await this.read(address, program.LEVERED_POSITION_DISCRIMINATOR, 'position');
		return { address, data, state: program.getLeveredPositionDecoder().decode(data) };
	}

	/** A position that is asked for and not opened yet. */
	async request(address: Address): Promise<RequestView> {
		const data = await this.read(address, program.PENDING_OPEN_DISCRIMINATOR, 'request');
		return { address, data, state: program.getPendingOpenDecoder().decode(data) };
	}

	async pool(address: Address): Promise<PoolView> {
		const data = await this.read(address, program.LENDING_POOL_DISCRIMINATOR, 'pool');
		return { address, data, state: program.getLendingPoolDecoder().decode(data) };
	}

	/** A market that a pool lends on. */
	async listing(address: Address): Promise<ListingView> {
		const data = await this.read(address, program.LISTED_MARKET_DISCRIMINATOR, 'listing');
		return { address, data, state: program.getListedMarketDecoder().decode(data) };
	}

	/**
	 * Asks for a position, which anybody opens after the listing's delay, at the prices of then, or gives back.
	 *
	 * @throws StrobeError
	 */
	async open(order: OpenPosition): Promise<Requested> {
		const { wallet } = this.context;
		const { listing, state, mint, listingTokens } = await this.listed(order.listing);
		const nonce = crypto.getRandomValues(new BigUint64Array(1))[0]!;
		const request = await leverageAddresses.request(listing, wallet.address, nonce);
		const { outcome, margin, loan, minShares } = order;
		const open = program.getRequestOpenInstruction({
			rentPayer: wallet,
			owner: wallet,
			listing,
			market: state.market,
			pendingOpen: request,
			ownerTokens: await associatedTokens(wallet.address, mint.address, mint.program),
			listingTokens,
			tokenProgram: mint.program,
			nonce,
			args: { outcome, margin, loan, minShares },
		});
		const position = await leverageAddresses.position(listing, wallet.address, nonce);
		return { ...(await act(this.context, [open], order)), request, position };
	}

	/**
	 * Opens a request whose delay has passed, whoever asked for it; the wallet gets its tip.
	 *
	 * @throws StrobeError
	 */
	async execute(request: Address, options: SendOptions = {}): Promise<Receipt> {
		const { wallet } = this.context;
		const { owner, nonce, rentPayer, listing: of } = (await this.request(request)).state;
		const { state, mint, ...accounts } = await this.listed(of);
		const execute = program.getExecuteOpenInstruction({
			...accounts,
			executor: wallet,
			pool: state.pool,
			group: state.group,
			pendingOpen: request,
			position: await leverageAddresses.position(of, owner, nonce),
			rentPayer,
			venue: state.venue,
			market: state.market,
			marketTokens: await marketsAddresses.marketTokens(state.market),
			tokenProgram: mint.program,
		});
		return act(this.context, [execute], options);
	}

	/**
	 * Takes back the margin of one of the wallet's requests.
	 *
	 * @throws StrobeError
	 */
	async cancel(request: Address, options: SendOptions = {}): Promise<Receipt> {
		const owner = this.context.wallet.address;
		const { listing: of, rentPayer } = (await this.request(request)).state;
		const { listing, state, mint, listingTokens } = await this.listed(of);
		const cancel = program.getCancelOpenInstruction({
			executor: owner,
			listing,
			market: state.market,
			pendingOpen: request,
			owner,
			rentPayer,
			ownerTokens: await associatedTokens(owner, mint.address, mint.program),
			listingTokens,
			tokenProgram: mint.program,
		});
		const tokens = await createAssociatedTokens(owner, owner, mint);
		return act(this.context, [tokens, cancel], options);
	}

	/**
	 * Sells shares of one of the wallet's positions, all of them if no number is given, for at least `minReturn`
	 * base units: they pay its debt first.
	 *
	 * @throws StrobeError
	 */
	async close(position: Address, minReturn: bigint, shares?: bigint, options: SendOptions = {}): Promise<Receipt> {
		const { listing: of } = (await this.position(position)).state;
		const { state, mint, ...listed } = await this.listed(of);
		const accounts = {
			...listed,
			owner: this.context.wallet,
			pool: state.pool,
			group: state.group,
			position,
			venue: state.venue,
			market: state.market,
			marketTokens: await marketsAddresses.marketTokens(state.market),
			tokenProgram: mint.program,
			minReturn,
		};
		const sale =
			shares === undefined
				? program.getCloseInstruction(accounts)
				: program.getReduceInstruction({ ...accounts, shares });
		return act(this.context, [sale], options);
	}

	/**
	 * Pays all that one of the wallet's positions owes in tokens, at most `maxPaid` base units, and takes its shares
	 * out; opens the wallet's position in the market if there is none.
	 *
	 * @throws StrobeError
	 */
	async repay(position: Address, maxPaid: bigint, options: SendOptions = {}): Promise<Receipt> {
		const { wallet, chain } = this.context;
		const { listing: of } = (await this.position(position)).state;
		const { listing, state, mint, listingPosition, poolTokens } = await this.listed(of);
		const { market } = state;
		const ownerPosition = await marketsAddresses.position(market, wallet.address);
		const [found] = await chain.getAccounts([ownerPosition]);
		const instructions: Instruction[] = [];
		if (!found) {
			const open = { payer: wallet, owner: wallet, market, isHeld: false };
			instructions.push(await standard.getOpenPositionInstructionAsync(open));
		}
		instructions.push(
			program.getRepayInstruction({
				owner: wallet,
				pool: state.pool,
				group: state.group,
				listing,
				position,
				market,
				listingPosition,
				ownerPosition,
				ownerTokens: await associatedTokens(wallet.address, mint.address, mint.program),
				poolTokens,
				tokenProgram: mint.program,
				maxPaid,
			}),
		);
		return act(this.context, instructions, options);
	}

	/**
	 * Pays of a position's debt in tokens, whoever owns it.
	 *
	 * @throws StrobeError
	 */
	async addMargin(position: Address, amount: bigint, options: SendOptions = {}): Promise<Receipt> {
		const { wallet } = this.context;
		const { listing: of } = (await this.position(position)).state;
		const { listing, state, mint, poolTokens } = await this.listed(of);
		const add = program.getAddMarginInstruction({
			payer: wallet,
			pool: state.pool,
			group: state.group,
			listing,
			position,
			payerTokens: await associatedTokens(wallet.address, mint.address, mint.program),
			poolTokens,
			tokenProgram: mint.program,
			amount,
		});
		return act(this.context, [add], options);
	}

	/**
	 * Pays a position's owner what was left of sales, whoever that is.
	 *
	 * @throws StrobeError
	 */
	async withdraw(position: Address, options: SendOptions = {}): Promise<Receipt> {
		const { listing: of, owner } = (await this.position(position)).state;
		const { listing, mint, listingTokens } = await this.listed(of);
		const take = program.getWithdrawClaimInstruction({
			listing,
			position,
			owner,
			ownerTokens: await associatedTokens(owner, mint.address, mint.program),
			listingTokens,
			tokenProgram: mint.program,
		});
		const tokens = await createAssociatedTokens(this.context.wallet.address, owner, mint);
		return act(this.context, [tokens, take], options);
	}

	/**
	 * Asks for a deposit in a pool, which anybody executes after its notice if its shares are due at least `minDue` base
	 * units then, as if all that is lent were lost; else the money goes back.
	 *
	 * @throws StrobeError
	 */
	async deposit(pool: Address, amount: bigint, minDue: bigint, options: SendOptions = {}): Promise<Deposited> {
		const { wallet, chain } = this.context;
		const mint = await findMint(chain, (await this.pool(pool)).state.mint);
		const nonce = crypto.getRandomValues(new BigUint64Array(1))[0]!;
		const deposit = await leverageAddresses.deposit(pool, wallet.address, nonce);
		const ask = program.getRequestDepositInstruction({
			owner: wallet,
			rentPayer: wallet,
			pool,
			poolTokens: await leverageAddresses.poolTokens(pool),
			ownerTokens: await associatedTokens(wallet.address, mint.address, mint.program),
			deposit,
			tokenProgram: mint.program,
			nonce,
			amount,
			minDue,
		});
		return { ...(await act(this.context, [ask], options)), deposit };
	}

	/**
	 * Asks for the withdrawal of shares of one of the wallet's deposits, for at least `minAmount` base units.
	 *
	 * @throws StrobeError
	 */
	async leave(deposit: Address, shares: bigint, minAmount: bigint, options: SendOptions = {}): Promise<Receipt> {
		const { wallet } = this.context;
		const data = await this.read(deposit, program.POOL_DEPOSIT_DISCRIMINATOR, 'deposit');
		const { pool } = program.getPoolDepositDecoder().decode(data);
		const ask = program.getRequestWithdrawInstruction({
			owner: wallet,
			rentPayer: wallet,
			pool,
			deposit,
			withdrawal: await leverageAddresses.withdrawal(deposit),
			shares,
			minAmount,
		});
		return act(this.context, [ask], options);
	}

	private async read(address: Address, discriminator: View<unknown>['data'], name: string): Promise<View<unknown>['data']> {
		const [account] = await this.context.chain.getAccounts([address]);
		return expectAccount(account, address, PROGRAM, discriminator, name).data;
	}

	private async listed(listing: Address): Promise<Listing> {
		const { state } = await this.listing(listing);
		const mint = await findMint(this.context.chain, state.mint);
		return {
			listing,
			state,
			mint,
			listingTokens: await associatedTokens(listing, mint.address, mint.program),
			listingPosition: await marketsAddresses.position(state.market, listing),
			poolTokens: await leverageAddresses.poolTokens(state.pool),
		};
	}
}
