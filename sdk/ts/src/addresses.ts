// Where each account of a program is.
import {
	type Address,
	type ProgramDerivedAddress,
	type ReadonlyUint8Array,
	getAddressEncoder,
	getI64Encoder,
	getProgramDerivedAddress,
	getU64Decoder,
	getU64Encoder,
} from '@solana/kit';

import * as flash from './generated/flash-bets/pdas/index.js';
import * as leverage from './generated/leverage/pdas/index.js';
import { LEVERAGE_PROGRAM_ADDRESS } from './generated/leverage/programs/index.js';
import * as standard from './generated/markets/pdas/index.js';
import { MARKETS_PROGRAM_ADDRESS } from './generated/markets/programs/index.js';
import {
	type CreateMarketArgsArgs,
	type TermsArgs,
	getCreateMarketArgsEncoder,
	getTermsEncoder,
} from './generated/markets/types/index.js';
import * as oracle from './generated/oracle/pdas/index.js';
import * as orders from './generated/orders/pdas/index.js';
import { ORDERS_PROGRAM_ADDRESS } from './generated/orders/programs/index.js';

export const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA' as Address;
export const ASSOCIATED_TOKEN_PROGRAM = 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL' as Address;

const key = (address: Address): ReadonlyUint8Array => getAddressEncoder().encode(address);

/** An address without its bump. */
const first = async (found: Promise<ProgramDerivedAddress>): Promise<Address> => (await found)[0];

/** The associated token account of an owner: where anybody may have the owner paid. */
export function associatedTokens(owner: Address, mint: Address, tokenProgram = TOKEN_PROGRAM): Promise<Address> {
	const seeds = [key(owner), key(tokenProgram), key(mint)];
	return first(getProgramDerivedAddress({ programAddress: ASSOCIATED_TOKEN_PROGRAM, seeds }));
}

/** Accounts of the oracle. */
export const oracleAddresses = {
	config: () => first(oracle.findConfigPda()),
	providerSet: (id: number, epoch: number) => first(oracle.findProviderSetPda({ id, epoch })),
	verifyingKey: (circuitId: number, keyVersion: number) =>
		first(oracle.findVerifyingKeyPda({ circuitId, keyVersion })),
	/** `feedId` is a field element, big-endian; `observeAtMs` is unix time in milliseconds. */
	observation: (seeds: oracle.ObservationSeeds) => first(oracle.findObservationPda(seeds)),
};

/** Accounts of the flash bets. */
export const flashAddresses = {
	/** The vault of this id among those of a mint. */
	vault: (mint: Address, id: bigint | number) => first(flash.findVaultPda({ mint, id })),
	vaultTokens: (vault: Address) => first(flash.findVaultTokensPda({ vault })),
	lpMint: (vault: Address) => first(flash.findLpMintPda({ vault })),
	deposit: (vault: Address, owner: Address) => first(flash.findDepositPda({ vault, owner })),
	withdrawal: (vault: Address, owner: Address) => first(flash.findWithdrawalPda({ vault, owner })),
	eventBook: (vault: Address, id: bigint | number) => first(flash.findEventBookPda({ vault, id })),
	feedBook: (vault: Address, feedId: ReadonlyUint8Array) => first(flash.findFeedBookPda({ vault, feedId })),
	operatorFees: (vault: Address, operator: Address) => first(flash.findOperatorFeesPda({ vault, operator })),
	market: (vault: Address, id: bigint | number) => first(flash.findMarketPda({ vault, id })),
	marketTokens: (market: Address) => first(flash.findMarketTokensPda({ market })),
	ticket: (market: Address, owner: Address) => first(flash.findTicketPda({ market, owner })),
	quantumTicket: (group: Address, owner: Address) => first(flash.findQuantumTicketPda({ group, owner })),
	/** Of the chains that an owner has in a vault, the one of this nonce. */
	chain: (vault: Address, owner: Address, nonce: bigint | number) =>
		first(flash.findChainPda({ vault, owner, nonce })),
	chainBook: (market: Address) => first(flash.findChainBookPda({ market })),
	/** Counted by the vault, with its markets. */
	quantumGroup: (vault: Address, id: bigint | number) => first(flash.findGroupPda({ vault, id })),
	/** Of the orders that `placer` has in a market, the one of this nonce. */
	pendingOrder: (market: Address, placer: Address, nonce: bigint | number) =>
		first(flash.findPendingPda({ market, payer: placer, nonce })),
};

/** Accounts of the standard markets. */
export const marketsAddresses = {
	venue: (mint: Address) => first(standard.findVenuePda({ mint })),
	venueTokens: (venue: Address) => first(standard.findVenueTokensPda({ venue })),
	/** `termsHash` is that of {@link hashTerms}. */
	market: (venue: Address, creator: Address, termsHash: ReadonlyUint8Array) =>
		first(standard.findMarketPda({ venue, creator, termsHash })),
	marketTokens: (market: Address) => first(standard.findMarketTokensPda({ market })),
	position: (market: Address, owner: Address) => first(standard.findPositionPda({ market, owner })),
	liquidity: (market: Address, owner: Address) =>
		first(standard.findOpenLiquidityLiquidityPda({ market, owner })),
	dispute: (market: Address) => first(standard.findDisputePda({ market })),
};

/** Accounts of the orders on markets of both kinds. */
export const ordersAddresses = {
	desk: (market: Address) => first(orders.findDeskPda({ market })),
	/** Of the orders that an owner has at a desk, the one of this nonce. */
	order: (desk: Address, owner: Address, nonce: bigint | number) =>
		first(orders.findOrderPda({ desk, owner, nonce })),
	/** Where the next slice of an order waits in a market with a bet delay. */
	slice: (market: Address, desk: Address, order: Address) =>
		flashAddresses.pendingOrder(market, desk, getU64Decoder().decode(key(order))),
	/** Of sealed orders of ten to a power base units, whose commitments end before a second. */
	batch: (desk: Address, denominationPower: number, commitUntil: bigint | number) => {
		const power = new Uint8Array([denominationPower]);
		const until = getI64Encoder().encode(commitUntil);
		const seeds = ['batch', key(desk), power, until];
		return first(getProgramDerivedAddress({ programAddress: ORDERS_PROGRAM_ADDRESS, seeds }));
	},
	/** Of the sealed orders that an owner has in a batch, the one of this nonce. */
	sealedOrder: (batch: Address, owner: Address, nonce: bigint | number) =>
		first(orders.findSealedOrderPda({ batch, owner, nonce })),
};

/** Accounts of the loans against shares. */
export const leverageAddresses = {
	/** The pool of this id among those of a mint. */
	pool: (mint: Address, id: bigint | number) => first(leverage.findPoolPda({ mint, id })),
	poolTokens: (pool: Address) => first(leverage.findPoolTokensPda({ pool })),
	group: (pool: Address, id: bigint | number) => first(leverage.findGroupPda({ pool, id })),
	/** Of the deposits that an owner has in a pool, the one of this nonce. */
	deposit: (pool: Address, owner: Address, nonce: bigint | number) =>
		first(leverage.findDepositPda({ pool, owner, nonce })),
	withdrawal: (deposit: Address) => first(leverage.findWithdrawalPda({ deposit })),
	listing: (pool: Address, market: Address) => first(leverage.findListingPda({ pool, market })),
	/** Of the requests that an owner has at a listing, the one of this nonce. */
	request: (listing: Address, owner: Address, nonce: bigint | number) =>
		first(leverage.findPendingOpenPda({ listing, owner, nonce })),
	/** Of the positions that an owner has at a listing, the one of this nonce. */
	position: (listing: Address, owner: Address, nonce: bigint | number) => {
		const seeds = [new TextEncoder().encode('levered'), key(listing), key(owner), getU64Encoder().encode(nonce)];
		return first(getProgramDerivedAddress({ programAddress: LEVERAGE_PROGRAM_ADDRESS, seeds }));
	},
};

/** Everything that a standard market is bound by. */
export interface MarketTerms {
	providerSet: Address;
	verifyingKey: Address;
	arbiterSet: Address;
	arbiterKey: Address;
	/** The venue's, in force at the creation. */
	venueTerms: TermsArgs;
	args: CreateMarketArgsArgs;
}

const TERMS_DOMAIN = 'strobe:markets:terms:v1';

/** The hash that ends a standard market's address: nowhere else can a market with these terms be. */
export async function hashTerms(terms: MarketTerms): Promise<Uint8Array> {
	const parts = [
		new TextEncoder().encode(TERMS_DOMAIN),
		key(MARKETS_PROGRAM_ADDRESS),
		// That the terms could be serialized.
		new Uint8Array([1]),
		key(terms.providerSet),
		key(terms.verifyingKey),
		key(terms.arbiterSet),
		key(terms.arbiterKey),
		getTermsEncoder().encode(terms.venueTerms),
		getCreateMarketArgsEncoder().encode(terms.args),
	];
	const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
	let offset = 0;
	for (const part of parts) {
		bytes.set(part, offset);
		offset += part.length;
	}
	return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
