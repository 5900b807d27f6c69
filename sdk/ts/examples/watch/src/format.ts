// Numbers for people, and back.

/** Base units as tokens, exactly but for what is beyond four places. */
export function tokens(amount: bigint, decimals: number): string {
	const scale = 10n ** BigInt(decimals);
	const fraction = (amount % scale).toString().padStart(decimals, '0').slice(0, 4).replace(/0+$/, '');
	const whole = (amount / scale).toLocaleString('en');
	return fraction ? `${whole}.${fraction}` : whole;
}

/** Every place of an amount, as an input takes it. */
export function exactTokens(amount: bigint, decimals: number): string {
	const digits = amount.toString().padStart(decimals + 1, '0');
	const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
	const whole = digits.slice(0, digits.length - decimals);
	return fraction ? `${whole}.${fraction}` : whole;
}

/** What somebody wrote as an amount of tokens, in base units; undefined if it is none. */
export function parseTokens(text: string, decimals: number): bigint | undefined {
	const found = /^(\d+)(?:\.(\d+))?$/.exec(text.trim().replace(/,/g, ''));
	const fraction = found?.[2] ?? '';
	if (!found || fraction.length > decimals) return undefined;
	return BigInt(found[1]! + fraction.padEnd(decimals, '0'));
}

export function percent(share: number): string {
	return `${(share * 100).toFixed(1)} %`;
}

export function odds(decimal: number): string {
	return Number.isFinite(decimal) && decimal > 0 ? decimal.toFixed(decimal < 10 ? 2 : 1) : '–';
}

export function duration(seconds: number): string {
	const whole = Math.max(0, Math.round(seconds));
	const parts: [number, string][] = [
		[Math.floor(whole / 86_400), 'd'],
		[Math.floor(whole / 3_600) % 24, 'h'],
		[Math.floor(whole / 60) % 60, 'min'],
		[whole % 60, 's'],
	];
	const first = parts.findIndex(([count]) => count > 0);
	if (first < 0) return '0 s';
	return parts
		.slice(first, first + 2)
		.map(([count, unit]) => `${count} ${unit}`)
		.join(' ');
}

export function moment(unixSeconds: bigint | number): string {
	return new Date(Number(unixSeconds) * 1_000).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

export function short(address: string): string {
	return `${address.slice(0, 4)}…${address.slice(-4)}`;
}
