import type { Principal } from '@millrace/service-kit';

/** What middleware learns about a request on its way, in one typed place instead of many names. */
export interface RequestFacts {
  readonly requestId: string;
  /** As in the contract, such as `/workflows/{id}`; undefined until a route matched. */
  route?: string;
  principal?: Principal;
}

const facts = new WeakMap<object, RequestFacts>();

/** Called once per response, before anything asks. */
export function noteRequest(response: object, requestId: string): RequestFacts {
  const noted: RequestFacts = { requestId };
  facts.set(response, noted);
  return noted;
}

export function factsOf(response: object): RequestFacts {
  return facts.get(response) ?? noteRequest(response, 'unknown');
}
