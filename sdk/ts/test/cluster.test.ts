// Over RPC and WebSocket, on what `scripts/localnet` runs.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { createKeyPairSignerFromBytes } from '@solana/kit';
import { type FlashMarketView, StrobeError, connect, loadQuotes } from '@strobe/sdk';

const url = process.env['STROBE_RPC'] ?? 'http://127.0.0.1:8899';
const keypair = process.env['STROBE_KEYPAIR'] ?? join(process.cwd(), '../../target/localnet/keys/bettor.json');

const answers = await fetch(`${url}/health`).then(
	() => true,
	() => false,
);
const skip = answers && existsSync(keypair) ? false : `no cluster at ${url} or no ${keypair}: see scripts/localnet`;
const UNIT = 1_000_000n;

test('a bet is placed, watched and cashed out on a cluster', { skip }, async (t) => {
	const bytes = new Uint8Array(JSON.parse(readFileSync(keypair, 'utf8')));
	const wallet = await createKeyPairSignerFromBytes(bytes);
	const strobe = connect({ url, wallet });
	const open = ({ state }: FlashMarketView) => {
		// The cluster's clock lags behind ours by some seconds.
		const now = BigInt(Math.floor(Date.now() / 1_000)) - 15n;
		return state.hours.opensAt < now && now < state.hours.tradingUntil && state.delaySlots === 0n;
	};
	// A market that was just made opens some seconds later.
	let found: FlashMarketView | undefined;
	for (let tries = 0; !found && tries < 90; tries += 1) {
		if (tries > 0) await new Promise((pause) => setTimeout(pause, 1_000));
		found = (await strobe.flash.list()).find(open);
	}
	assert.ok(found, 'no flash market trades without a delay now');
	const market = found.address;

	const stop = new AbortController();
	const seen: bigint[] = [];
	const watching = (async () => {
		for await (const { state } of strobe.flash.watch(market, stop.signal)) {
			seen.push(state.sequence);
			if (seen.length > 1) break;
		}
	})();
	t.after(() => stop.abort());

	const nothing = strobe.flash.placeBet({ market, outcome: 0, stake: 0n });
	await assert.rejects(nothing, (error: unknown) => error instanceof StrobeError && error.program !== undefined);

	const before = (await strobe.flash.ticket(market))?.holdings.shares[0] ?? 0n;
	const quotes = await loadQuotes();
	const local = quotes.quoteStake(await strobe.flash.snapshot(market), 0, UNIT);
	const bet = await strobe.flash.placeBet({ market, outcome: 0, stake: UNIT, quote: local, slippage: 0n });
	assert.ok(bet.events.some(({ name }) => name === 'BetPlaced'));
	assert.equal((await strobe.flash.ticket(market))?.holdings.shares[0], before + bet.quote.shares);
	await watching;
	assert.ok(seen[1]! > seen[0]!, seen.join());

	const sold = await strobe.flash.cashOut({ market, outcome: 0, shares: bet.quote.shares });
	assert.ok(sold.events.some(({ name }) => name === 'CashedOut'));
	assert.equal((await strobe.flash.ticket(market))?.holdings.shares[0], before);
});
