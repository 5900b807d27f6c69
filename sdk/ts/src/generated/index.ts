// Generated from the IDLs by scripts/generate.mjs; do not edit.

export * as flashBets from './flash-bets/index.js';
export * as leverage from './leverage/index.js';
export * as markets from './markets/index.js';
export * as oracle from './oracle/index.js';
export * as orders from './orders/index.js';
