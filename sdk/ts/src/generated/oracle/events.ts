// Generated from the IDLs by scripts/generate.mjs; do not edit.

import {
	getAdminAcceptedDecoder,
	getAdminCancelledDecoder,
	getAdminProposedDecoder,
	getConflictReportedDecoder,
	getGuardianCancelledDecoder,
	getGuardianSetDecoder,
	getInitializedDecoder,
	getObservationClosedDecoder,
	getObservationVerifiedDecoder,
	getProposalCancelledDecoder,
	getProviderSetProposedDecoder,
	getResultRootClosedDecoder,
	getResultRootVerifiedDecoder,
	getRetiredDecoder,
	getSuspendedDecoder,
	getVerifyingKeyProposedDecoder,
	type AdminAccepted,
	type AdminCancelled,
	type AdminProposed,
	type ConflictReported,
	type GuardianCancelled,
	type GuardianSet,
	type Initialized,
	type ObservationClosed,
	type ObservationVerified,
	type ProposalCancelled,
	type ProviderSetProposed,
	type ResultRootClosed,
	type ResultRootVerified,
	type Retired,
	type Suspended,
	type VerifyingKeyProposed,
} from './types/index.js';

/** What the program emits. */
export type ProgramEvent =
	| { name: 'AdminAccepted'; data: AdminAccepted }
	| { name: 'AdminCancelled'; data: AdminCancelled }
	| { name: 'AdminProposed'; data: AdminProposed }
	| { name: 'ConflictReported'; data: ConflictReported }
	| { name: 'GuardianCancelled'; data: GuardianCancelled }
	| { name: 'GuardianSet'; data: GuardianSet }
	| { name: 'Initialized'; data: Initialized }
	| { name: 'ObservationClosed'; data: ObservationClosed }
	| { name: 'ObservationVerified'; data: ObservationVerified }
	| { name: 'ProposalCancelled'; data: ProposalCancelled }
	| { name: 'ProviderSetProposed'; data: ProviderSetProposed }
	| { name: 'ResultRootClosed'; data: ResultRootClosed }
	| { name: 'ResultRootVerified'; data: ResultRootVerified }
	| { name: 'Retired'; data: Retired }
	| { name: 'Suspended'; data: Suspended }
	| { name: 'VerifyingKeyProposed'; data: VerifyingKeyProposed };

export const EVENTS = [
	{ name: 'AdminAccepted', discriminator: new Uint8Array([174,12,76,139,158,99,110,254]), decoder: getAdminAcceptedDecoder() },
	{ name: 'AdminCancelled', discriminator: new Uint8Array([7,157,62,193,22,46,146,198]), decoder: getAdminCancelledDecoder() },
	{ name: 'AdminProposed', discriminator: new Uint8Array([129,249,226,227,199,82,110,243]), decoder: getAdminProposedDecoder() },
	{ name: 'ConflictReported', discriminator: new Uint8Array([83,41,94,243,124,142,96,105]), decoder: getConflictReportedDecoder() },
	{ name: 'GuardianCancelled', discriminator: new Uint8Array([62,175,78,89,214,151,107,23]), decoder: getGuardianCancelledDecoder() },
	{ name: 'GuardianSet', discriminator: new Uint8Array([159,49,155,156,176,88,29,190]), decoder: getGuardianSetDecoder() },
	{ name: 'Initialized', discriminator: new Uint8Array([208,213,115,98,115,82,201,209]), decoder: getInitializedDecoder() },
	{ name: 'ObservationClosed', discriminator: new Uint8Array([215,111,244,76,165,51,175,223]), decoder: getObservationClosedDecoder() },
	{ name: 'ObservationVerified', discriminator: new Uint8Array([198,36,36,0,226,103,199,74]), decoder: getObservationVerifiedDecoder() },
	{ name: 'ProposalCancelled', discriminator: new Uint8Array([253,59,104,46,129,78,9,14]), decoder: getProposalCancelledDecoder() },
	{ name: 'ProviderSetProposed', discriminator: new Uint8Array([10,27,199,183,201,208,80,178]), decoder: getProviderSetProposedDecoder() },
	{ name: 'ResultRootClosed', discriminator: new Uint8Array([238,219,186,193,168,188,172,78]), decoder: getResultRootClosedDecoder() },
	{ name: 'ResultRootVerified', discriminator: new Uint8Array([113,57,198,173,225,221,135,179]), decoder: getResultRootVerifiedDecoder() },
	{ name: 'Retired', discriminator: new Uint8Array([106,202,161,255,255,39,222,10]), decoder: getRetiredDecoder() },
	{ name: 'Suspended', discriminator: new Uint8Array([220,179,163,2,249,252,157,102]), decoder: getSuspendedDecoder() },
	{ name: 'VerifyingKeyProposed', discriminator: new Uint8Array([244,97,120,234,87,157,25,157]), decoder: getVerifyingKeyProposedDecoder() },
] as const;
