import type { JsonObject } from '@millrace/contracts';
import { expect } from 'chai';
import fc from 'fast-check';
import { toCommittedRange, toFrame } from '../src/frames.js';

const EXECUTION = '01936d5e-8f00-7abc-8def-0123456789ab';

describe('toCommittedRange', () => {
  it('writes the very JSON of the frames, whatever the data', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.date({ noInvalidDate: true }),
        (values, at) => {
          const text = JSON.stringify(values);
          const data = JSON.parse(text) as JsonObject;
          const common = { executionId: EXECUTION, workflowId: 'wf_a', at };

          const range = toCommittedRange({
            ...common,
            fromSeq: 7,
            events: [
              { type: 'started', data: text },
              { type: 'completed', data: text },
            ],
          });

          expect(range).to.deep.include({ fromSeq: 7, toSeq: 8, terminal: true });
          expect(range.frameTexts?.map((frame): unknown => JSON.parse(frame))).to.deep.equal([
            toFrame({ ...common, seq: 7, type: 'started', data }),
            toFrame({ ...common, seq: 8, type: 'completed', data }),
          ]);
        },
      ),
    );
  });
});
