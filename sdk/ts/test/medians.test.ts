// What is said of medians.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { describeReach, medianReach } from '@strobe/sdk';
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
	const said = (threshold: number, size: number) =>
		describeReach(medianReach({ threshold, size }, { aggregation: Aggregation.Median })!);
	assert.equal(said(12, 13), 'Whoever proves the result chooses among the 6th to the 8th of 13 values');
	assert.equal(said(3, 5), 'Whoever proves the result chooses among the 2nd to the 4th of 5 values');
	assert.equal(said(5, 5), 'The result is the 3rd of 5 values');
	assert.equal(said(21, 21), 'The result is the 11th of 21 values');
});
