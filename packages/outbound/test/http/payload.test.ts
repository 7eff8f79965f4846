import { expect } from 'chai';
import type { JsonValue } from '@millrace/contracts';
import type { HttpRequestSpec } from '../../src/http/types.js';
import { closeAll, expectError, reply, response, setup } from '../support/http.js';
import type { Seen } from '../support/server.js';

describe('bodies of guarded HTTP requests', () => {
  afterEach(closeAll);

  async function sent(spec: Partial<HttpRequestSpec>): Promise<Seen> {
    const { server, http } = await setup(reply('{}', 'application/json'));
    response(await http.request({ method: 'POST', ...spec, url: server.origin }));
    const [seen] = server.seen;
    if (seen === undefined) throw new Error('Nothing arrived');
    return seen;
  }

  const written: [spec: Partial<HttpRequestSpec>, type: string, body: string][] = [
    [{ body: 'hi' }, 'text/plain; charset=utf-8', 'hi'],
    [{ body: { a: 'ü' } }, 'application/json', '{"a":"ü"}'],
    [{ body: null }, 'application/json', 'null'],
    [{ body: 'hi', bodyType: 'json' }, 'application/json', '"hi"'],
    [{ body: 5, bodyType: 'text' }, 'text/plain; charset=utf-8', '5'],
    [
      { body: { a: 'x y&z', b: [1, true, null], c: null, 'd[]': '' }, bodyType: 'form' },
      'application/x-www-form-urlencoded;charset=UTF-8',
      'a=x+y%26z&b=1&b=true&d%5B%5D=',
    ],
    [{ body: 'aGk=', bodyType: 'bytes' }, 'application/octet-stream', 'hi'],
    [{ body: 'aG\nk', bodyType: 'bytes' }, 'application/octet-stream', 'hi'],
    [
      { body: { $binary: 'base64', content_type: 'image/x-hi', bytes: 2, data: 'aGk=' }, bodyType: 'bytes' },
      'image/x-hi',
      'hi',
    ],
    [{ body: '<a/>', headers: { 'Content-Type': 'application/xml' } }, 'application/xml', '<a/>'],
  ];
  for (const [spec, type, body] of written) {
    it(`writes ${JSON.stringify(spec)}`, async () => {
      const seen = await sent(spec);
      expect(seen.headers['content-type']).to.equal(type);
      expect(seen.body).to.equal(body);
    });
  }

  it('writes multipart fields and files, and its own content type whatever the headers say', async () => {
    const seen = await sent({
      bodyType: 'multipart',
      headers: { 'Content-Type': 'multipart/form-data' },
      body: {
        title: 'Résumé',
        tag: ['a', 'b'],
        none: null,
        note: { text: 'hello', filename: 'note.md', content_type: 'text/markdown' },
        data: { base64: 'AAEC' },
        again: { $binary: 'base64', content_type: 'image/png', bytes: 2, data: 'aGk=' },
      },
    });

    const [type = '', boundary = ''] = (seen.headers['content-type'] ?? '').split('; boundary=');
    const parts = seen.body
      .split(`--${boundary}`)
      .slice(1, -1)
      .map((part) => part.trim().split('\r\n'));
    const disposition = 'Content-Disposition: form-data; name=';
    expect(type).to.equal('multipart/form-data');
    expect(seen.body.trimEnd()).to.match(/--$/);
    expect(parts).to.deep.equal([
      [`${disposition}"title"`, '', 'Résumé'],
      [`${disposition}"tag"`, '', 'a'],
      [`${disposition}"tag"`, '', 'b'],
      [`${disposition}"note"; filename="note.md"`, 'Content-Type: text/markdown', '', 'hello'],
      [
        `${disposition}"data"; filename="data"`,
        `Content-Type: application/octet-stream`,
        '',
        '\0\u0001\u0002',
      ],
      [`${disposition}"again"; filename="again"`, 'Content-Type: image/png', '', 'hi'],
    ]);
  });

  it('lets no name of a part break out of its header', async () => {
    const seen = await sent({
      bodyType: 'multipart',
      body: { 'a"\r\nX-Evil: 1': { text: 'x', filename: 'b"\r\n\r\nevil' } },
    });
    expect(seen.body).not.to.match(/^X-Evil/m);
    expect(seen.body).not.to.match(/^evil/m);
  });

  it('sends GET with JSON, which searches ask for, and takes null for no body there', async () => {
    const search = await sent({ method: 'GET', body: { q: 1 } });
    const nothing = await sent({ method: 'GET', body: null });

    expect(search.body).to.equal('{"q":1}');
    expect(nothing.body).to.equal('');
    expect(nothing.headers).not.to.have.property('content-type');
  });

  const refused: [spec: Partial<HttpRequestSpec>, words: RegExp][] = [
    [{ method: 'HEAD', body: 'x' }, /HEAD request has no body/],
    [{ method: 'GET', body: { a: 1 }, bodyType: 'form' }, /use POST or PUT/],
    [{ method: 'GET', body: { a: 1 }, bodyType: 'multipart' }, /use POST or PUT/],
    [{ body: [1], bodyType: 'form' }, /object of fields/],
    [{ body: 'a=1', bodyType: 'form' }, /object of fields/],
    [{ body: { a: { b: 1 } }, bodyType: 'form' }, /"a" has to be text/],
    [{ body: { a: 1 }, bodyType: 'text' }, /has to be text/],
    [{ body: 'no base64!', bodyType: 'bytes' }, /not base64/],
    [{ body: 'abcde', bodyType: 'bytes' }, /not base64/],
    [{ body: 7, bodyType: 'bytes' }, /not base64/],
    [{ body: { f: { name: 'x' } }, bodyType: 'multipart' }, /neither a value nor a file/],
    [{ body: { f: { text: 'a', base64: 'YQ==' } }, bodyType: 'multipart' }, /neither a value nor a file/],
    [{ body: { f: { base64: '?' } }, bodyType: 'multipart' }, /not base64/],
    [{ body: { f: { text: 'a', filename: 1 } }, bodyType: 'multipart' }, /filename/],
    [{ body: { f: { text: 'a', content_type: 'a\r\nb: c' } }, bodyType: 'multipart' }, /content_type/],
  ];
  for (const [spec, words] of refused) {
    it(`refuses ${JSON.stringify(spec)}`, async () => {
      const { server, http } = await setup(reply('x'));

      const outcome = await http.request({ method: 'POST', ...spec, url: server.origin });

      expectError(outcome, 'invalid_request');
      expect(outcome.ok ? '' : outcome.error.message).to.match(words);
      expect(server.seen).to.deep.equal([]);
    });
  }

  describe('read back', () => {
    const cases: [
      type: HttpRequestSpec['responseType'],
      contentType: string,
      bytes: Buffer,
      body: JsonValue,
    ][] = [
      ['json', 'text/plain', Buffer.from('{"a":1}'), { a: 1 }],
      ['json', 'application/json', Buffer.from('\ufeff{"a":1}'), { a: 1 }],
      ['json', 'application/json', Buffer.from(''), null],
      ['text', 'application/json', Buffer.from('{"a":1}'), '{"a":1}'],
      ['text', 'text/html; charset="windows-1252"', Buffer.from([0x80]), '€'],
      ['text', 'text/plain; charset=shift_jis', Buffer.from([0x82, 0xa0]), 'あ'],
      ['text', 'text/plain; charset=no-such', Buffer.from('é'), 'é'],
      ['text', 'text/plain; charset=iso-8859-1', Buffer.from('\ufeffé', 'utf16le'), 'é'],
      ['text', 'application/octet-stream', Buffer.from(''), ''],
      [
        'bytes',
        'text/plain',
        Buffer.from('hi'),
        { $binary: 'base64', content_type: 'text/plain', bytes: 2, data: 'aGk=' },
      ],
      ['bytes', 'text/plain', Buffer.from(''), null],
    ];
    for (const [responseType, contentType, bytes, body] of cases) {
      it(`${responseType ?? ''} of ${contentType}: ${JSON.stringify(body)}`, async () => {
        const { server, http } = await setup(reply(bytes, contentType));
        const outcome = await http.request({ url: server.origin, responseType });
        expect(response(outcome).body).to.deep.equal(body);
      });
    }

    it('fails where JSON was asked for and something else came, but only with a status that is expected', async () => {
      const { server, http } = await setup(reply('<html>', 'text/html', 503));
      const spec: HttpRequestSpec = { url: server.origin, responseType: 'json' };

      const strict = await http.request(spec);
      const lenient = await http.request({ ...spec, expects: (status) => status < 400 });

      expectError(strict, 'invalid_response');
      expect(response(lenient).body).to.equal('<html>');
    });
  });
});
