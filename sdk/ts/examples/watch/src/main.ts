// Lists the markets on a node, shows one, and trades on it.
import {
	type Address,
	type Rpc,
	type SolanaError,
	type SolanaRpcApi,
	type TransactionSigner,
	address,
	createNoopSigner,
	createSolanaRpc,
	isSolanaError,
	lamports,
} from '@solana/kit';
import {
	AccountMissing,
	type LocalQuote,
	type Mint,
	type Quotes,
	type Strobe,
	StrobeError,
	atLeast,
	connect,
	decimalOdds,
	loadQuotes,
	tokenBalance,
} from '@strobe/sdk';

import { chart } from './chart.js';
import { bar, element, facts, fill, h, table } from './dom.js';
import { exactTokens, moment, odds, parseTokens, percent, short, tokens } from './format.js';
import { type Point, tradesOf } from './history.js';
import {
	type Listed,
	type Observed,
	bet,
	cashOut,
	collect,
	decisionOf,
	hasChances,
	isSettled,
	isTrading,
	listAll,
	mintOf,
	observe,
	outcomes,
	sharesOf,
	status,
	title,
	whenChanged,
} from './listed.js';
import { type NetworkName, findNetwork, requireLocal } from './network.js';
import { connectWallet, localKey, onWallets, usableWallets } from './wallets.js';

const DEFAULT_NODE = 'http://127.0.0.1:8899';
const NODE_KEY = 'strobe-watch-node';
/** Asks for quotes without a wallet; it has no key. */
const NOBODY = createNoopSigner(address('11111111111111111111111111111111'));
const LIST_EVERY_MS = 8_000;
const LOOK_EVERY_MS = 2_000;
const AIRDROP = lamports(2_000_000_000n);
const LEAST_LAMPORTS = 100_000_000n;
/** Stakes whose effect the page shows, in parts of the pool's depth. */
const DEPTH_PARTS = [100n, 20n, 5n, 2n];

/** A node, and who trades on it. */
interface Session {
	url: string;
	rpc: Rpc<SolanaRpcApi>;
	strobe: Strobe;
	network?: NetworkName;
	wallet?: TransactionSigner;
	walletName?: string;
	isLocalKey: boolean;
}

/** The market that is shown. */
interface Shown {
	market: Observed;
	/** When it was looked at, by this machine's clock. */
	lookedAtMs: number;
	mint: Mint;
	trades: Point[];
	/** Prices since the page looks, of every outcome. */
	seen: Point[];
	holdings?: bigint[] | undefined;
	balance?: bigint;
	stop: AbortController;
}

let quotes: Quotes;
let session: Session = open(localStorage.getItem(NODE_KEY) ?? DEFAULT_NODE);
let listed: Listed[] = [];
let shown: Shown | undefined;
let isBusy = false;

const outcomeInput = element<HTMLSelectElement>('outcome');
const amountInput = element<HTMLInputElement>('amount');
const slippageInput = element<HTMLSelectElement>('slippage');
const sendButton = element<HTMLButtonElement>('send');

function open(url: string): Session {
	return { url, rpc: createSolanaRpc(url), strobe: connect({ url, wallet: NOBODY }), isLocalKey: false };
}

/** One sentence on what went wrong. */
function sentence(error: unknown): string {
	if (error instanceof StrobeError) return `${error.sentence} (${error.errorName}).`;
	if (isSolanaError(error)) return `The node ${session.url} refused a question: ${refusalOf(error)}.`;
	if (error instanceof TypeError && /fetch|network/i.test(error.message)) return `The node ${session.url} does not answer.`;
	return error instanceof Error ? error.message : String(error);
}

/** What a node says itself, which the message of a page's build leaves out. */
function refusalOf({ context, message }: SolanaError): string {
	const { statusCode, message: reason, __serverMessage } = context as Record<string, unknown>;
	return String(__serverMessage ?? (statusCode ? `HTTP ${statusCode} ${reason ?? ''}`.trim() : message));
}

function trouble(error?: unknown): void {
	const place = element('trouble');
	place.hidden = error === undefined;
	place.textContent = error === undefined ? '' : sentence(error);
}

/** The chain's clock of now, unix seconds: what it was, and what has passed since. */
function chainNow(): number {
	if (!shown) return Date.now() / 1_000;
	return Number(shown.market.snapshot.clock.unixTimestamp) + (Date.now() - shown.lookedAtMs) / 1_000;
}

// The list

async function refreshList(): Promise<void> {
	const asked = session;
	try {
		asked.network ??= await findNetwork(asked.rpc);
		const found = await listAll(asked.strobe);
		if (asked !== session) return;
		listed = found;
		trouble();
		element('network').textContent = `${asked.network} at ${new URL(asked.url).host}`;
		drawList();
		const wanted = location.hash.slice(1);
		const chosen = listed.find(({ view }) => view.address === wanted) ?? (shown ? undefined : visible()[0]);
		if (chosen && chosen.view.address !== shown?.market.view.address) await show(chosen);
	} catch (error) {
		if (asked !== session) return;
		element('network').textContent = `No answer from ${new URL(asked.url).host}`;
		trouble(error);
	}
}

function visible(): Listed[] {
	const isLive = element<HTMLSelectElement>('filter').value === 'live';
	return listed.filter((market) => !isLive || status(market, chainNow()).live);
}

function drawList(): void {
	const markets = visible();
	const none = element('none');
	none.hidden = markets.length > 0;
	none.textContent = listed.length > 0 ? 'No market is open now.' : 'There is no market on this node.';
	fill(element('list'), ...markets.map(drawListed));
}

function drawListed(market: Listed): HTMLElement {
	const { view } = market;
	const { word, detail } = status(market, chainNow());
	const prices = quotes.prices({ data: view.data });
	const best = prices.indexOf(Math.max(...prices));
	const isShown = view.address === shown?.market.view.address;
	const link = h(
		'a',
		{ href: `#${view.address}`, 'aria-current': isShown ? 'true' : undefined },
		h('strong', {}, title(market)),
		h('span', { class: `chip ${word.split(' ')[0]!.toLowerCase()}` }, word),
		h('span', { class: 'quiet' }, detail),
		h('span', { class: 'quiet' }, `${outcomes(market)[best]} at ${percent(prices[best]!)}`),
		bar(prices[best]!),
	);
	return h('li', {}, link);
}

// The market

async function show(market: Listed): Promise<void> {
	shown?.stop.abort();
	const { strobe, rpc } = session;
	const stop = new AbortController();
	const [observed, mint] = await Promise.all([observe(strobe, market), mintOf(strobe, market)]);
	const mine: Shown = { market: observed, lookedAtMs: Date.now(), mint, trades: [], seen: [], stop };
	shown = mine;
	note(mine);
	const names = outcomes(observed);
	outcomeInput.replaceChildren(...names.map((name, outcome) => h('option', { value: outcome }, name)));
	for (const id of ['market', 'trade']) element(id).hidden = false;
	for (const id of ['done', 'refused', 'decision']) element(id).replaceChildren();
	drawAll();
	const ofMine = <T>(then: (value: T) => void) => (value: T) => {
		if (shown === mine) then(value);
	};
	void whenChanged(strobe, observed, stop.signal, () => void look()).catch(() => {
		// The page looks by itself every two seconds: changes come later, not never.
	});
	void decisionOf(strobe, observed).then(
		ofMine((lines) => element('decision').replaceChildren(...lines.map((line) => h('p', {}, line)))),
		ofMine(trouble),
	);
	void tradesOf(rpc, observed.view.address, stop.signal).then(
		ofMine((trades) => {
			mine.trades = trades;
			drawHistory();
		}),
		ofMine(trouble),
	);
	await look();
}

/** Looks at the market that is shown again, and at what the wallet has in it. */
async function look(): Promise<void> {
	const mine = shown;
	const { strobe, wallet } = session;
	if (!mine || document.hidden) return;
	try {
		const market = await observe(strobe, mine.market);
		const [holdings, balance] = wallet
			? await Promise.all([
					sharesOf(strobe, market, wallet.address),
					tokenBalance(strobe.context.chain, wallet.address, mine.mint),
				])
			: [undefined, undefined];
		if (mine !== shown || strobe !== session.strobe) return;
		const isOlder = market.snapshot.clock.slot < mine.market.snapshot.clock.slot;
		if (isOlder) return;
		Object.assign(mine, { market, holdings, balance, lookedAtMs: Date.now() });
		listed = listed.map((other) => (other.view.address === market.view.address ? market : other));
		note(mine);
		trouble();
		drawAll();
	} catch (error) {
		if (mine !== shown) return;
		if (error instanceof AccountMissing) element('head').replaceChildren(h('p', {}, 'This market is closed.'));
		else trouble(error);
	}
}

/** Keeps the prices of now for the history. */
function note({ market, seen }: Shown): void {
	const at = Number(market.snapshot.clock.unixTimestamp);
	quotes.prices(market.snapshot).forEach((price, outcome) => seen.push({ at, outcome, price }));
}

function drawAll(): void {
	drawList();
	drawHead();
	drawPrices();
	drawHistory();
	drawDepth();
	drawHoldings();
	drawQuote();
}

function drawHead(): void {
	if (!shown) return;
	const { market, mint } = shown;
	const { view } = market;
	const { word, detail } = status(market, chainNow());
	const { pool, feeRate, hours } = view.state;
	const curve = ['', 'LMSR', 'pm-AMM', 'L2'][pool.kind] ?? 'unknown';
	const delay =
		market.kind === 'flash' && market.view.state.delaySlots > 0n
			? [['Bets wait', `${market.view.state.delaySeconds || 'under 1'} s, then take the price of that moment`] as const]
			: [];
	fill(
		element('head'),
		h('h2', {}, title(market)),
		h('p', {}, h('span', { class: `chip ${word.split(' ')[0]!.toLowerCase()}`, id: 'status' }, word), ` ${detail}`),
		facts([
			['Trading ends', moment(hours.tradingUntil)],
			['In the pool', `${tokens(pool.cash, mint.decimals)} tokens`],
			['Curve', `${curve}, depth ${tokens(pool.depth, mint.decimals)}`],
			['Fee', `${(feeRate / 100).toFixed(2)} % of the smaller of price and 1 − price`],
			...delay,
			['Address', view.address],
		]),
	);
}

function drawPrices(): void {
	if (!shown) return;
	const { market, holdings, mint } = shown;
	const prices = quotes.prices(market.snapshot);
	const payouts = market.view.state.settlement.payouts;
	const isOver = isSettled(market);
	const rows = outcomes(market).map((name, outcome) => {
		const price = isOver ? Number(payouts[outcome]) / 2 ** 63 : prices[outcome]!;
		const mine = holdings?.[outcome] ?? 0n;
		return [
			name,
			h('span', { class: 'price' }, bar(price), percent(price)),
			odds(1 / price),
			mine > 0n ? tokens(mine, mint.decimals) : '–',
		];
	});
	const heads = ['Outcome', isOver ? 'A share pays' : 'Price', 'Odds', 'Your shares'];
	const hint = hasChances(market) ? [] : [h('p', { class: 'quiet' }, 'Prices on this curve are no chances: they sum to more than one.')];
	fill(element('prices'), table(heads, rows), ...hint);
}

function drawHistory(): void {
	if (!shown) return;
	const { market, trades, seen } = shown;
	const wanted = Number(outcomeInput.value);
	// Of two chances one is what the other leaves.
	const isPair = market.view.state.pool.outcomes === 2 && hasChances(market);
	const since = seen[0]?.at ?? 0;
	const before = trades.filter(({ at }) => at <= since).flatMap((point) => {
		if (point.outcome === wanted) return [point];
		return isPair ? [{ ...point, outcome: wanted, price: 1 - point.price }] : [];
	});
	const points = [...before, ...seen.filter(({ outcome }) => outcome === wanted)];
	const place = element('history');
	fill(place, chart(points, outcomes(market)[wanted] ?? '', before.length, place.clientWidth));
}

function drawDepth(): void {
	if (!shown) return;
	const { market, mint } = shown;
	const wanted = Number(outcomeInput.value);
	const { depth } = market.view.state.pool;
	if (!isTrading(market, chainNow())) {
		fill(element('depth'), h('p', { class: 'quiet' }, 'Nobody can trade now.'));
		return;
	}
	const rows = DEPTH_PARTS.map((part) => depth / part)
		.filter((stake) => stake > 0n)
		.map((stake) => {
			try {
				const quote = quotes.quoteStake(market.snapshot, wanted, stake);
				return [
					tokens(stake, mint.decimals),
					tokens(quote.shares, mint.decimals),
					odds(decimalOdds(quote)),
					`${percent(quote.before[wanted]!)} → ${percent(quote.after[wanted]!)}`,
				];
			} catch (error) {
				return [tokens(stake, mint.decimals), '–', '–', sentence(error)];
			}
		});
	const name = outcomes(market)[wanted] ?? '';
	fill(element('depth'), table([`Stake on ${name}`, 'Shares', 'Odds', 'Price, before → after'], rows));
}

function drawHoldings(): void {
	if (!shown) return;
	const { market, holdings, balance, mint } = shown;
	const held = outcomes(market).flatMap((name, outcome) => {
		const shares = holdings?.[outcome] ?? 0n;
		return shares > 0n ? [[name, `${tokens(shares, mint.decimals)} shares`] as const] : [];
	});
	const money = balance === undefined ? [] : [['Tokens', tokens(balance, mint.decimals)] as const];
	const children: HTMLElement[] = session.wallet ? [h('h3', {}, 'Yours'), facts([...money, ...held])] : [];
	if (session.isLocalKey && balance === 0n) children.push(tokenHint(mint.address));
	if (isSettled(market) && held.length > 0) {
		const button = h('button', { class: 'main', id: 'collect', disabled: isBusy }, 'Collect the payout');
		button.addEventListener('click', () => void act(async () => {
			const receipt = await collect(session.strobe, market);
			return `Collected. Transaction ${short(receipt.signature)}.`;
		}));
		children.push(button);
	}
	fill(element('holdings'), ...children);
}

function tokenHint(mint: Address): HTMLElement {
	const command = `scripts/strobe token mint ${mint} 1000 --to ${session.wallet!.address} --keypair target/localnet/keys/admin.json`;
	return h('p', { class: 'quiet' }, 'This key has no tokens yet. On the local network give it some: ', h('code', {}, command));
}

// Orders

interface Asked {
	isSale: boolean;
	outcome: number;
	amount: bigint;
	slippage: bigint;
}

function asked({ mint }: Shown): Asked | undefined {
	const isSale = element<HTMLFormElement>('order')['side'].value === 'sell';
	const amount = parseTokens(amountInput.value, mint.decimals);
	const slippage = BigInt(slippageInput.value);
	return amount === undefined ? undefined : { isSale, outcome: Number(outcomeInput.value), amount, slippage };
}

function quoteOf({ market }: Shown, { isSale, outcome, amount }: Asked): LocalQuote {
	const order = isSale ? { sell: amount } : { stake: amount };
	return quotes.quote(market.snapshot, outcome, order);
}

function drawQuote(): void {
	if (!shown) return;
	const { market, mint } = shown;
	const order = asked(shown);
	const isSale = order?.isSale ?? false;
	element('amount-label').textContent = isSale ? 'Shares to sell' : 'Stake, tokens';
	const name = outcomes(market)[Number(outcomeInput.value)] ?? '';
	sendButton.disabled = isBusy || !session.wallet || !order || isSettled(market);
	sendButton.textContent = session.wallet ? (isSale ? `Cash out of ${name}` : `Bet on ${name}`) : 'Connect a wallet first';
	amountInput.setAttribute('aria-invalid', String(!order));
	const place = element('quote');
	if (!order) {
		fill(place, h('p', { class: 'quiet' }, `Write an amount such as 12.5, of at most ${mint.decimals} places.`));
		return;
	}
	try {
		fill(place, drawTrade(quoteOf(shown, order), order, mint.decimals));
	} catch (error) {
		fill(place, h('p', { class: 'quiet' }, sentence(error)));
	}
}

function drawTrade(quote: LocalQuote, { isSale, outcome, slippage }: Asked, decimals: number): HTMLElement {
	const price = `${percent(quote.before[outcome]!)} → ${percent(quote.after[outcome]!)}`;
	const fee = `${tokens(quote.fee, decimals)} tokens`;
	const { amount, shares } = quote;
	if (isSale) {
		return facts([
			['You get', `${tokens(amount, decimals)} tokens`],
			['At least', `${tokens(atLeast(amount, slippage), decimals)} tokens, or nothing happens`],
			['Fee, deducted', fee],
			['Price', price],
		]);
	}
	return facts([
		['You get', `${tokens(shares, decimals)} shares`],
		['If it wins', `${tokens(shares, decimals)} tokens, odds ${odds(decimalOdds(quote))}`],
		['At least', `${tokens(atLeast(shares, slippage), decimals)} shares, or nothing happens`],
		['Fee, included', fee],
		['Price', price],
	]);
}

/** Does something once, and says what became of it. */
async function act(action: () => Promise<string>): Promise<void> {
	if (isBusy) return;
	isBusy = true;
	const [done, refused] = [element('done'), element('refused')];
	done.textContent = 'Waiting for the signature and the chain…';
	refused.textContent = '';
	drawQuote();
	drawHoldings();
	try {
		const { strobe, rpc, isLocalKey } = session;
		if (isLocalKey) await requireLocal(rpc, strobe.context.chain);
		done.textContent = await action();
	} catch (error) {
		done.textContent = '';
		refused.textContent = sentence(error);
	} finally {
		isBusy = false;
		await look();
		drawAll();
	}
}

function submit(): void {
	const mine = shown;
	const order = mine && asked(mine);
	if (!mine || !order || !session.wallet) return;
	void act(async () => {
		const { market, mint } = mine;
		const quote = quoteOf(mine, order);
		const trade = { ...order, quote };
		const traded = await (order.isSale ? cashOut : bet)(session.strobe, market, trade);
		const isWaiting = traded.events.some(({ name }) => name === 'OrderQueued');
		const [shares, amount] = [tokens(quote.shares, mint.decimals), tokens(quote.amount, mint.decimals)];
		const what = order.isSale ? `Sold ${shares} shares for ${amount} tokens` : `Bought ${shares} shares for ${amount} tokens`;
		return `${isWaiting ? 'The order waits until the bet delay is over' : what}. Transaction ${short(traded.signature)}.`;
	});
}

// Wallets and nodes

function drawWallets(): void {
	const children: HTMLElement[] = usableWallets().map((wallet) => {
		const icon = h('img', { src: wallet.icon, alt: '', width: 20, height: 20 });
		const button = h('button', { type: 'button' }, icon, wallet.name);
		button.addEventListener('click', () => void choose(wallet.name, false, async () => {
			session.network ??= await findNetwork(session.rpc);
			return connectWallet(wallet, session.network);
		}));
		return button;
	});
	if (children.length === 0) children.push(h('p', { class: 'quiet' }, 'This browser has no Solana wallet.'));
	const own = h('button', { type: 'button', id: 'own' }, 'A key of this page, on a local network only');
	own.addEventListener('click', () => void choose('Key of this page', true, ownKey));
	element('wallets').replaceChildren(...children, own, h('p', { id: 'wallet-refused', role: 'alert' }));
}

async function ownKey(): Promise<TransactionSigner> {
	const { rpc, strobe } = session;
	await requireLocal(rpc, strobe.context.chain);
	const key = await localKey();
	const { value } = await rpc.getBalance(key.address, { commitment: 'confirmed' }).send();
	if (value < LEAST_LAMPORTS) await rpc.requestAirdrop(key.address, AIRDROP, { commitment: 'confirmed' }).send();
	return key;
}

async function choose(name: string, isLocalKey: boolean, find: () => Promise<TransactionSigner>): Promise<void> {
	const { url } = session;
	try {
		const wallet = await find();
		if (url !== session.url) return;
		session = { ...session, strobe: connect({ url, wallet }), wallet, walletName: name, isLocalKey };
		element('wallet-name').textContent = `${name} ${short(wallet.address)}`;
		element('wallet-name').title = wallet.address;
		element<HTMLDetailsElement>('wallet').open = false;
		await look();
		drawAll();
	} catch (error) {
		element('wallet-refused').textContent = sentence(error);
	}
}

/** Another node has other markets, and no wallet until one is connected for it. */
function useNode(url: string): void {
	shown?.stop.abort();
	shown = undefined;
	listed = [];
	session = open(url);
	localStorage.setItem(NODE_KEY, url);
	for (const id of ['market', 'trade']) element(id).hidden = true;
	element('wallet-name').textContent = 'Connect a wallet';
	element('wallet-refused').textContent = '';
	element<HTMLDetailsElement>('node').open = false;
	element('network').textContent = 'Connecting…';
	element('list').replaceChildren();
	void refreshList();
}

function listen(): void {
	const nodeInput = element<HTMLInputElement>('rpc');
	nodeInput.value = session.url;
	element('node-form').addEventListener('submit', (event) => {
		event.preventDefault();
		useNode(nodeInput.value);
	});
	element('order').addEventListener('submit', (event) => {
		event.preventDefault();
		submit();
	});
	element('order').addEventListener('input', () => {
		drawQuote();
		drawHistory();
		drawDepth();
	});
	element('most').addEventListener('click', () => {
		if (!shown) return;
		const { holdings, balance, mint } = shown;
		const isSale = element<HTMLFormElement>('order')['side'].value === 'sell';
		const most = isSale ? holdings?.[Number(outcomeInput.value)] : balance;
		amountInput.value = exactTokens(most ?? 0n, mint.decimals);
		drawQuote();
	});
	element('filter').addEventListener('change', drawList);
	addEventListener('hashchange', () => {
		const chosen = listed.find(({ view }) => view.address === location.hash.slice(1));
		if (chosen) void show(chosen).catch(trouble);
	});
	onWallets(drawWallets);
}

async function main(): Promise<void> {
	quotes = await loadQuotes();
	drawWallets();
	listen();
	await refreshList();
	setInterval(() => void refreshList(), LIST_EVERY_MS);
	setInterval(() => void look(), LOOK_EVERY_MS);
}

void main().catch(trouble);
