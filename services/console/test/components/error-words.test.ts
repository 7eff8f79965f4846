import { ApiProblem, NetworkError } from '@millrace/client';
import { describe, expect, it } from 'vitest';
import { errorWords } from '@/components/error-note';

describe('the words of an error', () => {
  it('are the detail of the API, further findings, and the id of the request', () => {
    const problem = new ApiProblem({
      type: '/errors/invalid_structure',
      title: 'Invalid workflow structure',
      status: 400,
      detail: 'Invalid workflow structure: the nodes a, b are on a cycle',
      errors: [
        { loc: ['body', 'nodes', 0], msg: 'the nodes a, b are on a cycle', type: 'cycle' },
        { loc: ['body', 'edges', 2], msg: 'the edge leads to nowhere', type: 'unknown_node' },
      ],
      request_id: 'abc',
    });

    expect(errorWords(problem)).toEqual({
      summary: 'Invalid workflow structure: the nodes a, b are on a cycle',
      findings: ['the edge leads to nowhere'],
      requestId: 'abc',
    });
  });

  it('say when nobody answered', () => {
    const words = errorWords(new NetworkError('connection', '/x', 'fetch failed'));

    expect(words.summary).toBe('The platform cannot be reached.');
  });
});
