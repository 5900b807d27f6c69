/** Numbers below a bound, the same for the same seed (splitmix64). */
export function random(seed: bigint): (bound: bigint) => bigint {
	const mask = (1n << 64n) - 1n;
	let state = seed;
	return (bound) => {
		state = (state + 0x9e37_79b9_7f4a_7c15n) & mask;
		let mixed = state;
		mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & mask;
		mixed = ((mixed ^ (mixed >> 27n)) * 0x94d0_49bb_1331_11ebn) & mask;
		return (mixed ^ (mixed >> 31n)) % bound;
	};
}
