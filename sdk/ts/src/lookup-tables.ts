// Lookup tables: by them a transaction names more accounts than it has room for. A table is made, used from the
// next slot on, deactivated, and closed for its rent once nothing can use it any more.
import {
	type Address,
	type Instruction,
	type TransactionSigner,
	AccountRole,
	getAddressEncoder,
	getProgramDerivedAddress,
	isSignerRole,
} from '@solana/kit';

import { type Context, AccountMissing, act, clocked } from './market.js';
import type { Receipt, SendOptions } from './transaction.js';

/** A lookup table and what is in it. */
export interface LookupTable {
	address: Address;
	addresses: readonly Address[];
}

const PROGRAM = 'AddressLookupTab1e1111111111111111111111111' as Address;
const SLOT_HASHES = 'SysvarS1otHashes111111111111111111111111111' as Address;
const SYSTEM_PROGRAM = '11111111111111111111111111111111' as Address;
/** Where the newest slot is in the account of the hashes. */
const NEWEST_SLOT = 8;
/** Addresses that fit the transaction that adds them. */
const ADDED_AT_ONCE = 25;
const POLL_MS = 400;
/** Looks at the clock until a table can be used. */
const MOST_LOOKS = 50;

/** The program's instructions, by their number. */
const CREATE = 0;
const EXTEND = 2;
const DEACTIVATE = 3;
const CLOSE = 4;

/**
 * Makes a table of every account of an instruction that does not sign, and waits until it can be used. The wallet
 * pays its rent, and gets it back by {@link deactivateLookupTable} and {@link closeLookupTable}.
 *
 * @throws StrobeError
 */
export async function createLookupTable(
	context: Context,
	instruction: Instruction,
	options: SendOptions = {},
): Promise<LookupTable> {
	const { chain, wallet } = context;
	const unsigned = (instruction.accounts ?? []).filter(({ role }) => !isSignerRole(role));
	const addresses = [...new Set(unsigned.map(({ address }) => address))];
	const [hashes] = await chain.getAccounts([SLOT_HASHES]);
	if (!hashes) throw new AccountMissing(SLOT_HASHES, 'list of slots');
	const slot = Uint8Array.from(hashes.data).slice(NEWEST_SLOT, NEWEST_SLOT + 8);
	const seeds = [getAddressEncoder().encode(wallet.address), slot];
	const [address, bump] = await getProgramDerivedAddress({ programAddress: PROGRAM, seeds });
	const create = numbered(CREATE, [...slot, bump], payers(address, wallet));
	for (let at = 0; at < addresses.length; at += ADDED_AT_ONCE) {
		const added = addresses.slice(at, at + ADDED_AT_ONCE);
		const extend = numbered(EXTEND, encodeAddresses(added), payers(address, wallet));
		await act(context, at === 0 ? [create, extend] : [extend], options);
	}
	const { clock } = await clocked(chain, []);
	for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
		if ((await clocked(chain, [])).clock.slot > clock.slot) return { address, addresses };
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
	throw new Error(`The chain stands still: the lookup table ${address} cannot be used yet`);
}

/**
 * Takes a table of the wallet's out of use.
 *
 * @throws StrobeError
 */
export function deactivateLookupTable(context: Context, table: Address, options: SendOptions = {}): Promise<Receipt> {
	const { wallet } = context;
	const accounts = [{ address: table, role: AccountRole.WRITABLE }, signing(wallet, AccountRole.READONLY_SIGNER)];
	return act(context, [numbered(DEACTIVATE, [], accounts)], options);
}

/**
 * Closes a table that has been out of use for 513 slots; the wallet gets its rent.
 *
 * @throws StrobeError
 */
export function closeLookupTable(context: Context, table: Address, options: SendOptions = {}): Promise<Receipt> {
	const { wallet } = context;
	const accounts = [
		{ address: table, role: AccountRole.WRITABLE },
		signing(wallet, AccountRole.READONLY_SIGNER),
		{ address: wallet.address, role: AccountRole.WRITABLE },
	];
	return act(context, [numbered(CLOSE, [], accounts)], options);
}

type Accounts = NonNullable<Instruction['accounts']>;

function signing(signer: TransactionSigner, role: AccountRole.READONLY_SIGNER | AccountRole.WRITABLE_SIGNER) {
	return { address: signer.address, role, signer };
}

/** What making a table names: the table, whose it is, who pays for it. */
function payers(table: Address, wallet: TransactionSigner): Accounts {
	return [
		{ address: table, role: AccountRole.WRITABLE },
		signing(wallet, AccountRole.READONLY_SIGNER),
		signing(wallet, AccountRole.WRITABLE_SIGNER),
		{ address: SYSTEM_PROGRAM, role: AccountRole.READONLY },
	];
}

function encodeAddresses(addresses: readonly Address[]): number[] {
	const length = new Uint8Array(8);
	new DataView(length.buffer).setBigUint64(0, BigInt(addresses.length), true);
	return [...length, ...addresses.flatMap((address) => [...getAddressEncoder().encode(address)])];
}

function numbered(number: number, rest: readonly number[], accounts: Accounts): Instruction {
	return { programAddress: PROGRAM, accounts, data: Uint8Array.from([number, 0, 0, 0, ...rest]) };
}
