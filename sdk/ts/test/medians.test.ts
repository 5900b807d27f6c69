// What is said of medians.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { medianReach } from '@strobe/sdk';
import { Aggregation } from '@strobe/sdk/programs/oracle';

test('a median says which values a prover can reach', () => {
	const reach = (threshold: number, size: number, aggregation = Aggregation.Median) => {
		const found = medianReach({ threshold, size }, { aggregation });
		return found && [found.first, found.last, found.members];
	};
	assert.deepEqual(reach(12, 13), [6, 8, 13]);
	assert.deepEqual(reach(3, 5), [2, 4, 5]);
	assert.deepEqual(reach(5, 5), [3, 3, 5]);
	assert.equal(reach(3, 5, Aggregation.Agreement), undefined);
});
