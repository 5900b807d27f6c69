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
	getProviderSetCancelledDecoder,
	getProviderSetProposedDecoder,
	getProviderSetRetiredDecoder,
	getProviderSetSuspendedDecoder,
	getResultRootClosedDecoder,
	getResultRootVerifiedDecoder,
	getVerifyingKeyCancelledDecoder,
	getVerifyingKeyProposedDecoder,
	getVerifyingKeyRetiredDecoder,
	getVerifyingKeySuspendedDecoder,
	type AdminAccepted,
	type AdminCancelled,
	type AdminProposed,
	type ConflictReported,
	type GuardianCancelled,
	type GuardianSet,
	type Initialized,
	type ObservationClosed,
	type ObservationVerified,
	type ProviderSetCancelled,
	type ProviderSetProposed,
	type ProviderSetRetired,
	type ProviderSetSuspended,
	type ResultRootClosed,
	type ResultRootVerified,
	type VerifyingKeyCancelled,
	type VerifyingKeyProposed,
	type VerifyingKeyRetired,
	type VerifyingKeySuspended,
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
	| { name: 'ProviderSetCancelled'; data: ProviderSetCancelled }
	| { name: 'ProviderSetProposed'; data: ProviderSetProposed }
	| { name: 'ProviderSetRetired'; data: ProviderSetRetired }
	| { name: 'ProviderSetSuspended'; data: ProviderSetSuspended }
	| { name: 'ResultRootClosed'; data: ResultRootClosed }
	| { name: 'ResultRootVerified'; data: ResultRootVerified }
	| { name: 'VerifyingKeyCancelled'; data: VerifyingKeyCancelled }
	| { name: 'VerifyingKeyProposed'; data: VerifyingKeyProposed }
	| { name: 'VerifyingKeyRetired'; data: VerifyingKeyRetired }
	| { name: 'VerifyingKeySuspended'; data: VerifyingKeySuspended };

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
	{ name: 'ProviderSetCancelled', discriminator: new Uint8Array([133,13,182,165,218,249,44,144]), decoder: getProviderSetCancelledDecoder() },
	{ name: 'ProviderSetProposed', discriminator: new Uint8Array([10,27,199,183,201,208,80,178]), decoder: getProviderSetProposedDecoder() },
	{ name: 'ProviderSetRetired', discriminator: new Uint8Array([155,66,181,15,105,103,118,126]), decoder: getProviderSetRetiredDecoder() },
	{ name: 'ProviderSetSuspended', discriminator: new Uint8Array([189,167,216,217,37,192,102,119]), decoder: getProviderSetSuspendedDecoder() },
	{ name: 'ResultRootClosed', discriminator: new Uint8Array([238,219,186,193,168,188,172,78]), decoder: getResultRootClosedDecoder() },
	{ name: 'ResultRootVerified', discriminator: new Uint8Array([113,57,198,173,225,221,135,179]), decoder: getResultRootVerifiedDecoder() },
	{ name: 'VerifyingKeyCancelled', discriminator: new Uint8Array([190,121,216,232,95,110,100,76]), decoder: getVerifyingKeyCancelledDecoder() },
	{ name: 'VerifyingKeyProposed', discriminator: new Uint8Array([244,97,120,234,87,157,25,157]), decoder: getVerifyingKeyProposedDecoder() },
	{ name: 'VerifyingKeyRetired', discriminator: new Uint8Array([229,139,17,197,164,118,155,135]), decoder: getVerifyingKeyRetiredDecoder() },
	{ name: 'VerifyingKeySuspended', discriminator: new Uint8Array([92,177,170,113,185,171,177,57]), decoder: getVerifyingKeySuspendedDecoder() },
] as const;
