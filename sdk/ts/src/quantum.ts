// Quantum groups: a question that is traded once for each outcome of another, its condition.
import { type Address, type EncodedAccount, type Instruction } from '@solana/kit';

import { associatedTokens, flashAddresses } from './addresses.js';
import { requireSuccess } from './errors.js';
import { decodeEvents } from './events.js';
import { mintOf, withoutBound } from './flash.js';
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
	clocked,
	expectAccount,
} from './market.js';
import type { TradeOrder, TradeQuote } from './quotes.js';
import { type Mint, createAssociatedTokens } from './tokens.js';
import { type Receipt, type SendOptions, simulate } from './transaction.js';

export type GroupView = View<program.QuantumGroup>;

export interface DepositQuantum extends SendOptions {
	group: Address;
	/** Base units, which count in every branch. */
	amount: bigint;
}

export interface TradeBranch extends TradeOptions {
	group: Address;
	branch: number;
	outcome: number;
	/** Paid with the branch's credit, or for it. */
	order: TradeOrder;
}

export interface MergeBranches extends SendOptions {
	group: Address;
	/** Base units of every branch's credit. */
	amount: bigint;
}

export interface SettleQuantum extends SendOptions {
	group: Address;
	/** Whose ticket; the wallet's by default. */
	owner?: Address;
}

const { FLASH_BETS_PROGRAM_ADDRESS: PROGRAM } = program;
const OPEN = 0;
const COLLAPSED = 1;

export class QuantumGroups {
	constructor(private readonly context: Context) {}

	/** All groups that are not closed. */
	async list(): Promise<GroupView[]> {
		const prefix = new Uint8Array(program.QUANTUM_GROUP_DISCRIMINATOR);
		const accounts = await this.context.chain.getProgramAccounts(PROGRAM, prefix);
		return accounts.map(({ address, data }) => viewOf(address, data));
	}

	async get(group: Address): Promise<GroupView> {
		const [account] = await this.context.chain.getAccounts([group]);
		return viewOf(group, expectGroup(account, group).data);
	}

	/** What {@link Quotes.quoteBranch} computes of: the group and the chain's clock, of one moment. */
	async snapshot(group: Address): Promise<GroupView & Snapshot> {
		const { clock, accounts } = await clocked(this.context.chain, [group]);
		return { ...viewOf(group, expectGroup(accounts[0], group).data), clock };
	}

	/** An owner's credit and shares in each branch; `null` without a ticket. */
	async ticket(group: Address, owner = this.context.wallet.address): Promise<program.QuantumTicket | null> {
		const address = await flashAddresses.quantumTicket(group, owner);
		const [account] = await this.context.chain.getAccounts([address]);
		return account ? program.getQuantumTicketDecoder().decode(account.data) : null;
	}

	/**
	 * What an order of the wallet's would trade now, by its ticket.
	 *
	 * @throws StrobeError
	 */
	async quote(group: Address, branch: number, outcome: number, order: TradeOrder): Promise<TradeQuote> {
		const { chain, wallet } = this.context;
		const trade = await this.build(group, branch, outcome, withoutBound(order));
		const tried = await simulate(chain, wallet, [trade]);
		requireSuccess(tried);
		const traded = decodeEvents(tried.logs).find(({ name }) => name === 'BranchTraded');
		if (traded?.name !== 'BranchTraded') throw new Error('The node does not tell what the program says');
		const { shares, amount, fee } = traded.data;
		return { shares, amount, fee };
	}

	/**
	 * Deposits base units, which count in every branch; opens the ticket if there is none.
	 *
	 * @throws StrobeError
	 */
	async deposit({ group, amount, ...options }: DepositQuantum): Promise<Receipt> {
		const { wallet } = this.context;
		const { state } = await this.get(group);
		const mint = await this.mint(state.vault);
		const deposit = await program.getDepositQuantumInstructionAsync({
			owner: wallet,
			vault: state.vault,
			group,
			groupTokens: state.tokenAccount,
			ownerTokens: await associatedTokens(wallet.address, mint.address, mint.program),
			rentPayer: wallet,
			tokenProgram: mint.program,
			amount,
		});
		return act(this.context, [deposit], options);
	}

	/**
	 * Trades in one branch, with that branch's credit.
	 *
	 * @throws StrobeError
	 */
	async trade(trade: TradeBranch): Promise<Traded> {
		const { group, branch, outcome, order, slippage } = trade;
		const quote = trade.quote ?? (await this.quote(group, branch, outcome, order));
		const bounded = withBound(order, quote, slippage);
		const instruction = await this.build(group, branch, outcome, bounded);
		return { ...(await act(this.context, [instruction], trade)), quote };
	}

	/**
	 * Gets base units back for as much credit of every branch, until the condition's result is taken.
	 *
	 * @throws StrobeError
	 */
	async merge({ group, amount, ...options }: MergeBranches): Promise<Receipt> {
		const { wallet } = this.context;
		const { state } = await this.get(group);
		const mint = await this.mint(state.vault);
		const merge = program.getMergeBranchesInstruction({
			owner: wallet,
			group,
			quantumTicket: await flashAddresses.quantumTicket(group, wallet.address),
			groupTokens: state.tokenAccount,
			ownerTokens: await associatedTokens(wallet.address, mint.address, mint.program),
			tokenProgram: mint.program,
			amount,
		});
		const tokens = await createAssociatedTokens(wallet.address, wallet.address, mint);
		return act(this.context, [tokens, merge], options);
	}

	/**
	 * Pays and closes a ticket, once condition and asset have their results, which the group takes first if
	 * nobody had it do so; whose it may be.
	 *
	 * @throws StrobeError
	 */
	async settle({ group, owner = this.context.wallet.address, ...options }: SettleQuantum): Promise<Receipt> {
		const { wallet } = this.context;
		const { vault, condition, asset, status, tokenAccount } = (await this.get(group)).state;
		const ticket = await this.ticket(group, owner);
		const address = await flashAddresses.quantumTicket(group, owner);
		if (!ticket) throw new AccountMissing(address, 'ticket');
		const mint = await this.mint(vault);
		const steps: Instruction[] = [];
		// Of a void condition the group is settled at the collapse, and takes no result of the asset.
		const isVoid = status === OPEN && (await this.isVoid(condition));
		if (status === OPEN) steps.push(program.getCollapseQuantumInstruction({ vault, group, condition, asset }));
		if ((status === OPEN && !isVoid) || status === COLLAPSED) {
			steps.push(program.getSettleQuantumInstruction({ vault, group, asset }));
		}
		steps.push(
			await createAssociatedTokens(wallet.address, owner, mint),
			program.getSettleQuantumTicketInstruction({
				group,
				quantumTicket: address,
				owner,
				groupTokens: tokenAccount,
				ownerTokens: await associatedTokens(owner, mint.address, mint.program),
				rentPayer: ticket.rentPayer,
				tokenProgram: mint.program,
			}),
		);
		return act(this.context, steps, options);
	}

	private async isVoid(condition: Address): Promise<boolean> {
		const VOID = 4;
		const [account] = await this.context.chain.getAccounts([condition]);
		const found = expectAccount(account, condition, PROGRAM, program.FLASH_MARKET_DISCRIMINATOR, 'flash market');
		return program.getFlashMarketDecoder().decode(found.data).settlement.status === VOID;
	}

	private async build(
		group: Address,
		branch: number,
		outcome: number,
		order: program.OrderArgs,
	): Promise<Instruction> {
		const { wallet } = this.context;
		const { vault, condition, asset } = (await this.get(group)).state;
		const quantumTicket = await flashAddresses.quantumTicket(group, wallet.address);
		const accounts = { owner: wallet, vault, group, condition, asset, quantumTicket };
		return program.getTradeBranchInstruction({ ...accounts, branch, outcome, order });
	}

	private mint(vault: Address): Promise<Mint> {
		return mintOf(this.context.chain, vault);
	}
}

function expectGroup(account: EncodedAccount | null | undefined, group: Address): EncodedAccount {
	return expectAccount(account, group, PROGRAM, program.QUANTUM_GROUP_DISCRIMINATOR, 'quantum group');
}

function viewOf(address: Address, data: EncodedAccount['data']): GroupView {
	return { address, data, state: program.getQuantumGroupDecoder().decode(data) };
}

/** An order that is bound by its quote. */
function withBound(order: TradeOrder, quote: TradeQuote, slippage: bigint | undefined): program.OrderArgs {
	if ('stake' in order) {
		return { __kind: 'Stake', stake: order.stake, minShares: atLeast(quote.shares, slippage) };
	}
	if ('buy' in order) return { __kind: 'Buy', shares: order.buy, maxCost: atMost(quote.amount, slippage) };
	return { __kind: 'Sell', shares: order.sell, minReturn: atLeast(quote.amount, slippage) };
}
