// The page in a headless Chromium, on what `scripts/localnet` runs; `scripts/test-sdk-cluster` starts both.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, dirname, extname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { getAddressFromPublicKey } from '@solana/kit';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const page = resolve(here, '../dist');
const root = resolve(here, '../../../../..');
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
const home = process.env.STROBE_LOCALNET ?? join(target, 'localnet');
const NODE = 'http://127.0.0.1:8899';
const UNIT = 1_000_000n;
const MAINNET = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d';
const PATIENCE_MS = 60_000;

/** Where a program is; undefined if it is nowhere on the PATH. */
function find(...names) {
    const folders = (process.env.PATH ?? '').split(delimiter);
    return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
}

const browserFile = process.env.STROBE_CHROMIUM ?? find('chromium', 'chromium-browser', 'google-chrome');
const answers = await fetch(`${NODE}/health`).then(
    () => true,
    () => false,
);
const skip = !browserFile
    ? 'there is no Chromium: install it, or name one in STROBE_CHROMIUM'
    : !answers
      ? `nothing answers at ${NODE}: see scripts/localnet`
      : !existsSync(join(page, 'main.js'))
        ? `the page is not built: npm run build`
        : false;

async function strobe(...args) {
    const env = { ...process.env, STROBE_CLUSTER: 'localnet', STROBE_KEYPAIR: join(home, 'keys/admin.json') };
    const { stdout } = await promisify(execFile)(join(target, 'debug/strobe'), args, { env, maxBuffer: 1 << 26 });
    return JSON.parse(stdout);
}

async function rpc(method, ...params) {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const response = await fetch(NODE, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return (await response.json()).result;
}

/** What an owner's token accounts hold of the mint, base units. */
async function balance(owner) {
    const config = { encoding: 'jsonParsed', commitment: 'confirmed' };
    const { value } = await rpc('getTokenAccountsByOwner', owner, { mint: world.mint }, config);
    return value.reduce((sum, { account }) => sum + BigInt(account.data.parsed.info.tokenAmount.amount), 0n);
}

async function until(what, condition, patience = PATIENCE_MS) {
    const end = Date.now() + patience;
    while (Date.now() < end) {
        if (await condition()) return;
        await new Promise((done) => setTimeout(done, 300));
    }
    assert.fail(`not within ${patience} ms: ${what}`);
}

let world;
let server;
let site;
let browser;
let files;

before(async () => {
    if (skip) return;
    const genesis = JSON.parse(await readFile(join(home, 'genesis.json'), 'utf8'));
    const { market } = JSON.parse(await readFile(join(home, 'flash-market.json'), 'utf8'));
    const { market: standard } = JSON.parse(await readFile(join(home, 'standard-market.json'), 'utf8'));
    world = { mint: genesis.mint, vault: genesis.vault, market, standard };
    const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
    server = createServer(async (request, response) => {
        const name = new URL(request.url, 'http://localhost').pathname.slice(1) || 'index.html';
        const bytes = /^[a-z]+\.[a-z]+$/.test(name) && (await readFile(join(page, name)).catch(() => undefined));
        if (!bytes) return void response.writeHead(404).end();
        response.writeHead(200, { 'content-type': types[extname(name)] }).end(bytes);
    });
    await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
    site = `http://127.0.0.1:${server.address().port}/`;
    files = await mkdtemp(join(tmpdir(), 'strobe-watch-'));
    const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
    const more = ['--disable-component-update', '--disable-sync'];
    browser = await chromium.launch({ executablePath: browserFile, args: [...args, ...more] });
});

after(async () => {
    await browser?.close();
    server?.close();
    if (files) await rm(files, { recursive: true });
});

/** The page in a browser that knows nothing yet; fails if the page errs or asks anybody but site and node. */
async function visit(t, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, colorScheme: 'light', ...options });
    const tab = await context.newPage();
    const faults = [];
    tab.on('pageerror', (error) => faults.push(error.message));
    tab.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    tab.on('request', (request) => {
        const { protocol, hostname } = new URL(request.url());
        if (protocol.startsWith('http') && hostname !== '127.0.0.1') faults.push(`asked ${hostname}`);
    });
    t.after(async () => {
        await context.close();
        assert.deepEqual(faults, []);
    });
    return tab;
}

async function show(tab, market) {
    await tab.goto(`${site}#${market}`);
    await tab.locator('#head', { hasText: market }).waitFor({ timeout: PATIENCE_MS });
}

/** Connects the page's own key and gives it tokens. */
async function useOwnKey(tab, amount) {
    await tab.locator('#wallet-name').click();
    await tab.locator('#own').click();
    await tab.locator('#wallet-name', { hasText: 'Key of this page' }).waitFor({ timeout: PATIENCE_MS });
    const owner = await tab.locator('#wallet-name').getAttribute('title');
    await strobe('token', 'mint', world.mint, String(amount), '--to', owner, '--json');
    await tab.locator('#holdings', { hasText: amount.toLocaleString('en') }).waitFor({ timeout: PATIENCE_MS });
    return owner;
}

async function order(tab, { side = 'Bet', outcome, amount }) {
    await tab.locator('.sides span', { hasText: side }).click();
    await tab.locator('#outcome').selectOption(String(outcome));
    if (amount === 'All') await tab.locator('#most').click();
    else await tab.locator('#amount').fill(amount);
    await tab.locator('#send').click();
}

async function done(tab, text) {
    const [said, refused] = [tab.locator('#done', { hasText: text }), tab.locator('#refused:not(:empty)')];
    await said.or(refused).first().waitFor({ timeout: PATIENCE_MS });
    assert.equal(await refused.count(), 0, await tab.locator('#refused').textContent());
}

/** Shares that the page said it bought or sold, base units. */
async function sharesSaid(tab) {
    const [, shares] = /(?:Bought|Sold) ([\d,.]+) shares/.exec(await tab.locator('#done').textContent());
    return Number(shares.replaceAll(',', ''));
}

test('a bet is placed, seen and cashed out', { skip }, async (t) => {
    const tab = await visit(t);
    await show(tab, world.market);
    await until('both kinds are listed', async () => {
        const titles = (await tab.locator('nav li strong').allTextContents()).join();
        return titles.includes('Flash market') && titles.includes('Standard market');
    });
    assert.match(await tab.locator('#network').textContent(), /^localnet at 127\.0\.0\.1:8899$/);
    await tab.locator('#decision', { hasText: 'At least 3 of 5 providers' }).waitFor({ timeout: PATIENCE_MS });
    await tab.locator('#decision', { hasText: 'development key' }).waitFor();
    const owner = await useOwnKey(tab, 1_000);

    await order(tab, { outcome: 0, amount: '25' });
    await done(tab, 'Bought');
    const shares = await sharesSaid(tab);
    assert.ok(shares > 25, String(shares));
    assert.equal(await balance(owner), 975n * UNIT);
    await tab.locator('#holdings', { hasText: 'Outcome 0' }).waitFor({ timeout: PATIENCE_MS });
    await tab.locator('#holdings', { hasText: '975' }).waitFor();
    await tab.locator('nav a[aria-current]').waitFor();

    await order(tab, { side: 'Cash out', outcome: 0, amount: 'All' });
    await done(tab, 'Sold');
    assert.equal(await sharesSaid(tab), shares);
    const left = await balance(owner);
    // What the bet cost is back but for two fees and a unit of rounding.
    assert.ok(left > 974n * UNIT && left < 1_000n * UNIT, String(left));

    // Another visitor has the history from the chain.
    const other = await visit(t);
    await show(other, world.market);
    await until('the history has both trades', async () => {
        const label = await other.locator('#history svg').getAttribute('aria-label');
        return Number(/(\d+) trades/.exec(label)[1]) >= 2;
    });
});

test('a standard market is bought and sold', { skip }, async (t) => {
    const tab = await visit(t);
    await show(tab, world.standard);
    await tab.locator('#decision', { hasText: 'arbiters decide' }).waitFor({ timeout: PATIENCE_MS });
    const owner = await useOwnKey(tab, 500);
    await order(tab, { outcome: 1, amount: '20' });
    await done(tab, 'Bought');
    assert.equal(await balance(owner), 480n * UNIT);
    await order(tab, { side: 'Cash out', outcome: 1, amount: 'All' });
    await done(tab, 'Sold');
    assert.ok((await balance(owner)) > 499n * UNIT);
});

test('a bet is won and paid', { skip, timeout: 300_000 }, async (t) => {
    const feed = String(Date.now());
    await strobe('vault', 'event', world.vault, feed, '--json');
    const terms = ['--event', feed, '--feed', feed, '--opens-in-seconds', '8', '--duration-seconds', '40'];
    const { market, observe_at_ms: at } = await strobe('market', 'create', world.vault, ...terms, '--json');
    const tab = await visit(t);
    await show(tab, market);
    const owner = await useOwnKey(tab, 300);
    await tab.locator('#status', { hasText: 'Trading' }).waitFor({ timeout: PATIENCE_MS });
    await order(tab, { outcome: 1, amount: '30' });
    await done(tab, 'Bought');
    const shares = await sharesSaid(tab);
    assert.equal(await balance(owner), 270n * UNIT);

    await tab.locator('#status', { hasText: 'Waits' }).waitFor({ timeout: 2 * PATIENCE_MS });
    const signed = [];
    for (const provider of [1, 2, 3]) {
        const key = join(home, `keys/provider-${provider}.json`);
        const what = ['--kind', 'event', '--feed', feed, '--observed-at', String(at), '--value', '1'];
        signed.push(await strobe('attest', 'sign', '--key', key, ...what));
    }
    await writeFile(join(files, 'attestations.json'), JSON.stringify(signed));
    const given = ['--providers', join(home, 'providers.json'), '--attestations', join(files, 'attestations.json')];
    const proof = join(files, 'proof');
    await strobe('prove', ...given, '--at', String(at), '--out', proof);
    await strobe('resolve', market, '--proof', proof, '--json');

    await tab.locator('#head', { hasText: 'Outcome 1 won' }).waitFor({ timeout: PATIENCE_MS });
    await tab.locator('#collect').click();
    await done(tab, 'Collected');
    const paid = (await balance(owner)) - 270n * UNIT;
    assert.ok(Math.abs(Number(paid) / Number(UNIT) - shares) < 0.0001, `${paid} for ${shares} shares`);
    await until('nothing is left to collect', async () => (await tab.locator('#collect').count()) === 0);
});

test('what is refused is said in a sentence', { skip }, async (t) => {
    const tab = await visit(t);
    await show(tab, world.market);
    const owner = await useOwnKey(tab, 10);
    await order(tab, { outcome: 0, amount: '11' });
    await tab.locator('#refused', { hasText: 'The token account holds less than this' }).waitFor({ timeout: PATIENCE_MS });
    assert.equal(await balance(owner), 10n * UNIT);
    // What the program would refuse anyway shows before anything is sent.
    await tab.locator('#amount').fill('100000000');
    await tab.locator('#quote', { hasText: 'The trade would push a price below the least price' }).waitFor();
    await tab.locator('#amount').fill('ten');
    await tab.locator('#quote', { hasText: 'Write an amount such as 12.5' }).waitFor();
    assert.equal(await tab.locator('#send').isDisabled(), true);
});

test("a browser's wallet signs", { skip }, async (t) => {
    const { publicKey, privateKey } = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
    const owner = await getAddressFromPublicKey(publicKey);
    await rpc('requestAirdrop', owner, 1_000_000_000);
    await strobe('token', 'mint', world.mint, '100', '--to', owner, '--json');
    await until('the airdrop is there', async () => (await rpc('getBalance', owner)).value > 0);
    const tab = await visit(t);
    const jwk = await crypto.subtle.exportKey('jwk', privateKey);
    await tab.addInitScript(registerWallet, { address: owner, jwk });
    await show(tab, world.market);
    await tab.locator('#wallet-name').click();
    await tab.locator('#wallets button', { hasText: 'Test wallet' }).click();
    await tab.locator('#holdings', { hasText: '100' }).waitFor({ timeout: PATIENCE_MS });
    await order(tab, { outcome: 0, amount: '5' });
    await done(tab, 'Bought');
    assert.equal(await balance(owner), 95n * UNIT);
    assert.deepEqual(await tab.evaluate(() => window.signedFor), ['solana:localnet']);

    // A wallet's own refusal is said as it says it.
    await tab.evaluate(() => (window.refuses = true));
    await order(tab, { outcome: 0, amount: '6' });
    await tab.locator('#refused', { hasText: 'The user said no' }).waitFor({ timeout: PATIENCE_MS });
    assert.equal(await balance(owner), 95n * UNIT);
});

/** Runs in the page before it: a wallet of the Wallet Standard with a key of its own. */
function registerWallet({ address, jwk }) {
    window.signedFor = [];
    const publicKey = Uint8Array.from(atob(jwk.x.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
    const chains = ['solana:localnet'];
    const account = { address, publicKey, chains, features: ['solana:signTransaction'] };
    const signTransaction = async ({ transaction, chain }) => {
        if (window.refuses) throw new Error('The user said no');
        window.signedFor.push(chain);
        const key = await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['sign']);
        const message = transaction.slice(1 + 64 * transaction[0]);
        const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', key, message));
        const signedTransaction = Uint8Array.from(transaction);
        signedTransaction.set(signature, 1);
        return [{ signedTransaction }];
    };
    const wallet = {
        version: '1.0.0',
        name: 'Test wallet',
        icon: 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=',
        chains,
        accounts: [],
        features: {
            'standard:connect': { version: '1.0.0', connect: async () => ({ accounts: [account] }) },
            'solana:signTransaction': { version: '1.0.0', supportedTransactionVersions: ['legacy', 0], signTransaction },
        },
    };
    const register = ({ register: add }) => add(wallet);
    window.addEventListener('wallet-standard:app-ready', ({ detail }) => register(detail));
    window.dispatchEvent(new CustomEvent('wallet-standard:register-wallet', { detail: register }));
}

test("the page's own key is refused on another network", { skip }, async (t) => {
    const tab = await visit(t);
    let genesis = MAINNET;
    await tab.route(`${NODE}/**`, async (route) => {
        const question = route.request().postDataJSON();
        if (question?.method !== 'getGenesisHash' || !genesis) return route.continue();
        const body = JSON.stringify({ jsonrpc: '2.0', id: question.id, result: genesis });
        return route.fulfill({ headers: { 'access-control-allow-origin': '*' }, contentType: 'application/json', body });
    });
    await show(tab, world.market);
    await tab.locator('#network', { hasText: 'mainnet' }).waitFor();
    await tab.locator('#wallet-name').click();
    await tab.locator('#own').click();
    await tab.locator('#wallet-refused', { hasText: 'This node is of mainnet' }).waitFor({ timeout: PATIENCE_MS });
    assert.equal(await tab.locator('#wallet-name').textContent(), 'Connect a wallet');
    assert.deepEqual(await tab.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name)), []);
    assert.equal(await tab.locator('#send').isDisabled(), true);

    // Nor does a key that is connected sign once another network is behind the address.
    genesis = undefined;
    await tab.locator('#own').click();
    await tab.locator('#wallet-name', { hasText: 'Key of this page' }).waitFor({ timeout: PATIENCE_MS });
    genesis = MAINNET;
    await order(tab, { outcome: 0, amount: '1' });
    await tab.locator('#refused', { hasText: 'This node is of mainnet' }).waitFor({ timeout: PATIENCE_MS });
});

test('a node that is silent is said to be, and another takes its place', { skip }, async (t) => {
    const context = await browser.newContext();
    t.after(() => context.close());
    const tab = await context.newPage();
    await tab.addInitScript(() => localStorage.setItem('strobe-watch-node', 'http://127.0.0.1:9'));
    await tab.goto(site);
    await tab.locator('#trouble', { hasText: 'does not answer' }).waitFor({ timeout: PATIENCE_MS });
    await tab.locator('#node summary').click();
    await tab.locator('#rpc').fill(NODE);
    await tab.locator('#node-form button').click();
    await tab.locator('nav li').first().waitFor({ timeout: PATIENCE_MS });
    assert.equal(await tab.locator('#trouble').isHidden(), true);
    // A node that has had too many questions says so, and the page goes on when it answers again.
    await tab.route(`${NODE}/**`, (route) => route.fulfill({ status: 429, headers: { 'access-control-allow-origin': '*' } }));
    await tab.locator('#trouble', { hasText: 'HTTP 429' }).waitFor({ timeout: PATIENCE_MS });
    await tab.unroute(`${NODE}/**`);
    await tab.locator('#trouble').waitFor({ state: 'hidden', timeout: PATIENCE_MS });
});

test('the page works by the keyboard, on a telephone and in the dark', { skip }, async (t) => {
    const tab = await visit(t, { viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
    await show(tab, world.market);
    const overflows = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;
    assert.equal(await tab.evaluate(overflows), false);
    const unnamed = () =>
        [...document.querySelectorAll('input, select, button')].filter(
            (control) => !control.labels?.length && !control.textContent.trim(),
        ).length;
    assert.equal(await tab.evaluate(unnamed), 0);
    const [dark, light] = await Promise.all(
        ['dark', 'light'].map(async (colorScheme, index) => {
            await new Promise((turn) => setTimeout(turn, index * 300));
            await tab.emulateMedia({ colorScheme });
            return tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
        }),
    );
    assert.notEqual(dark, light);
    await tab.locator('#amount').focus();
    await tab.keyboard.press('Control+A');
    await tab.keyboard.type('7');
    await tab.locator('#quote', { hasText: 'You get' }).waitFor();
    // What is drawn anew leaves the keyboard where it is.
    await tab.locator('nav a').last().focus();
    const href = await tab.locator('nav a').last().getAttribute('href');
    await until('the price has moved in the list', () => moved(tab));
    assert.equal(await tab.evaluate(() => document.activeElement.getAttribute('href')), href);
    await tab.keyboard.press('Enter');
    await tab.locator('#head', { hasText: href.slice(1) }).waitFor({ timeout: PATIENCE_MS });
});

/** Bets from elsewhere, and says whether the list shows it. */
async function moved(tab) {
    const text = () => tab.locator('nav a[aria-current]').textContent();
    const before = await text();
    const key = join(home, 'keys/bettor.json');
    await strobe('bet', world.market, '0', '20', '--keypair', key, '--json');
    await new Promise((drawn) => setTimeout(drawn, 5_000));
    return (await text()) !== before;
}

test('screenshots', { skip: skip || (process.env.STROBE_SCREENSHOTS ? false : 'STROBE_SCREENSHOTS names no folder') }, async (t) => {
    const folder = process.env.STROBE_SCREENSHOTS;
    for (const [name, options] of Object.entries({
        light: {},
        dark: { colorScheme: 'dark' },
        telephone: { viewport: { width: 390, height: 844 } },
    })) {
        const tab = await visit(t, options);
        await show(tab, world.market);
        if (name !== 'telephone') {
            await useOwnKey(tab, 1_000);
            await order(tab, { outcome: name === 'light' ? 0 : 1, amount: '60' });
            await done(tab, 'Bought');
            await tab.locator('#holdings', { hasText: 'Outcome' }).waitFor({ timeout: PATIENCE_MS });
        }
        await tab.locator('#decision p').first().waitFor({ timeout: PATIENCE_MS });
        await tab.screenshot({ path: join(folder, `${name}.png`), fullPage: name === 'telephone' });
    }
});
