// Vaults: the money behind flash markets. What goes in or out waits for the vault's notice first.
import type { Address, EncodedAccount, Instruction } from '@solana/kit';

import { associatedTokens, flashAddresses } from './addresses.js';
import * as program from './generated/flash-bets/index.js';
import { AccountMissing, type Context, type View, act, expectAccount, findMint } from './market.js';
import { type Mint, createAssociatedTokens, tokenBalance } from './tokens.js';
import type { Receipt, SendOptions } from './transaction.js';

export type VaultView = View<program.Vault>;

export interface DepositMoney extends SendOptions {
	vault: Address;
	/** Base units. */
	amount: bigint;
	/** LP shares to get at least once the notice has passed; with fewer the money comes back. None by default. */
	minShares?: bigint;
}

export interface WithdrawMoney extends SendOptions {
	vault: Address;
	/** LP shares; all by default. */
	shares?: bigint;
	/** Base units to get at least once the notice has passed; for less the shares come back. None by default. */
	minAmount?: bigint;
}

export interface Complete extends SendOptions {
	vault: Address;
	/** Whose it is; the wallet's by default. */
	owner?: Address;
}

/** What an owner has on its way into a vault and out of it. */
export interface Waiting {
	deposit: program.Deposit | null;
	withdrawal: program.Withdrawal | null;
}

const { FLASH_BETS_PROGRAM_ADDRESS: PROGRAM } = program;

export class Vaults {
	constructor(private readonly context: Context) {}

	async list(): Promise<VaultView[]> {
		const prefix = new Uint8Array(program.VAULT_DISCRIMINATOR);
		const accounts = await this.context.chain.getProgramAccounts(PROGRAM, prefix);
		return accounts.map(view);
	}

	async get(vault: Address): Promise<VaultView> {
		const [account] = await this.context.chain.getAccounts([vault]);
		return view(expectAccount(account, vault, PROGRAM, program.VAULT_DISCRIMINATOR, 'vault'));
	}

	/** LP shares that an owner holds. */
	async shares(vault: Address, owner = this.context.wallet.address): Promise<bigint> {
		return tokenBalance(this.context.chain, owner, (await this.find(vault)).shares);
	}

	async waiting(vault: Address, owner = this.context.wallet.address): Promise<Waiting> {
		const places = [flashAddresses.deposit(vault, owner), flashAddresses.withdrawal(vault, owner)];
		const [deposit, withdrawal] = await this.context.chain.getAccounts(await Promise.all(places));
		return {
			deposit: deposit ? program.getDepositDecoder().decode(deposit.data) : null,
			withdrawal: withdrawal ? program.getWithdrawalDecoder().decode(withdrawal.data) : null,
		};
	}

	/**
	 * Hands money to a vault; {@link completeDeposit} gets the LP shares for it once the notice has passed.
	 *
	 * @throws StrobeError
	 */
	async deposit({ vault, amount, minShares = 0n, ...options }: DepositMoney): Promise<Receipt> {
		const { wallet } = this.context;
		const { accounts } = await this.find(vault);
		const request = program.getRequestDepositInstruction({
			...accounts,
			owner: wallet,
			rentPayer: wallet,
			ownerTokens: await this.tokensOf(wallet.address, accounts.mint),
			deposit: await flashAddresses.deposit(vault, wallet.address),
			amount,
			minShares,
		});
		return act(this.context, [request], options);
	}

	/**
	 * Gets whoever deposited LP shares; anybody may, once the notice has passed.
	 *
	 * @throws StrobeError
	 */
	async completeDeposit({ vault, owner = this.context.wallet.address, ...options }: Complete): Promise<Receipt> {
		const { accounts, shares } = await this.find(vault);
		const deposit = await flashAddresses.deposit(vault, owner);
		const waiting = (await this.waiting(vault, owner)).deposit;
		if (!waiting) throw new AccountMissing(deposit, 'deposit');
		const { rentPayer } = waiting;
		const execute = program.getExecuteDepositInstruction({
			...accounts,
			deposit,
			owner,
			rentPayer,
			ownerTokens: await this.tokensOf(owner, accounts.mint),
			ownerLpTokens: await this.tokensOf(owner, shares),
		});
		const opening = [await this.open(owner, accounts.mint), await this.open(owner, shares)];
		return act(this.context, [...opening, execute], options);
	}

	/**
	 * Gives back a deposit that nobody completed in time, or while the vault is paused; anybody may.
	 *
	 * @throws StrobeError
	 */
	async cancelDeposit({ vault, owner = this.context.wallet.address, ...options }: Complete): Promise<Receipt> {
		const { accounts } = await this.find(vault);
		const deposit = await flashAddresses.deposit(vault, owner);
		const waiting = (await this.waiting(vault, owner)).deposit;
		if (!waiting) throw new AccountMissing(deposit, 'deposit');
		const { rentPayer } = waiting;
		const ownerTokens = await this.tokensOf(owner, accounts.mint);
		const cancel = program.getCancelDepositInstruction({ ...accounts, deposit, owner, rentPayer, ownerTokens });
		return act(this.context, [await this.open(owner, accounts.mint), cancel], options);
	}

	/**
	 * Gives LP shares back; {@link completeWithdrawal} pays them once the notice has passed.
	 *
	 * @throws StrobeError
	 */
	async withdraw({ vault, shares, minAmount = 0n, ...options }: WithdrawMoney): Promise<Receipt> {
		const { wallet, chain } = this.context;
		const found = await this.find(vault);
		const request = program.getRequestWithdrawInstruction({
			...found.accounts,
			owner: wallet,
			rentPayer: wallet,
			ownerLpTokens: await this.tokensOf(wallet.address, found.shares),
			withdrawal: await flashAddresses.withdrawal(vault, wallet.address),
			shares: shares ?? (await tokenBalance(chain, wallet.address, found.shares)),
			minAmount,
		});
		return act(this.context, [request], options);
	}

	/**
	 * Pays whoever withdraws, as far as the vault's cash goes; anybody may, once the notice has passed.
	 *
	 * @throws StrobeError
	 */
	async completeWithdrawal({ vault, owner = this.context.wallet.address, ...options }: Complete): Promise<Receipt> {
		const { accounts } = await this.find(vault);
		const withdrawal = await flashAddresses.withdrawal(vault, owner);
		const waiting = (await this.waiting(vault, owner)).withdrawal;
		if (!waiting) throw new AccountMissing(withdrawal, 'withdrawal');
		const { rentPayer } = waiting;
		const ownerTokens = await this.tokensOf(owner, accounts.mint);
		const pay = program.getWithdrawInstruction({ ...accounts, withdrawal, owner, rentPayer, ownerTokens });
		return act(this.context, [await this.open(owner, accounts.mint), pay], options);
	}

	/**
	 * Keeps the LP shares that the wallet gave back, until the notice has passed.
	 *
	 * @throws StrobeError
	 */
	async cancelWithdrawal(vault: Address, options: SendOptions = {}): Promise<Receipt> {
		const { wallet } = this.context;
		const { accounts, shares } = await this.find(vault);
		const withdrawal = await flashAddresses.withdrawal(vault, wallet.address);
		const waiting = (await this.waiting(vault)).withdrawal;
		if (!waiting) throw new AccountMissing(withdrawal, 'withdrawal');
		const { rentPayer } = waiting;
		const ownerLpTokens = await this.tokensOf(wallet.address, shares);
		const cancel = program.getCancelWithdrawInstruction({
			...accounts,
			owner: wallet,
			withdrawal,
			rentPayer,
			ownerLpTokens,
		});
		return act(this.context, [await this.open(wallet.address, shares), cancel], options);
	}

	/** What every action on a vault names, and the mint of its LP shares. */
	private async find(vault: Address) {
		const { state } = await this.get(vault);
		const mint = await findMint(this.context.chain, state.mint);
		const shares = await findMint(this.context.chain, state.lpMint);
		const accounts = {
			vault,
			vaultTokens: state.tokenAccount,
			lpMint: state.lpMint,
			mint,
			tokenProgram: mint.program,
		};
		return { accounts, shares };
	}

	private tokensOf(owner: Address, mint: Mint): Promise<Address> {
		return associatedTokens(owner, mint.address, mint.program);
	}

	private open(owner: Address, mint: Mint): Promise<Instruction> {
		return createAssociatedTokens(this.context.wallet.address, owner, mint);
	}
}

function view({ address, data }: EncodedAccount): VaultView {
	return { address, state: program.getVaultDecoder().decode(data), data };
}
