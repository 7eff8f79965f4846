import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:http';
import { API_ERRORS } from '@millrace/contracts';
import { MessagingUnavailableError } from '@millrace/messaging';
import {
  ApiError,
  close,
  forbidden,
  insufficientScope,
  invalidStructure,
  listen,
  methodNotAllowed,
  notFound,
  parseRequest,
  rateLimited,
  toProblem,
  unauthenticated,
} from '@millrace/service-kit';
import { expect } from 'chai';
import express, { type NextFunction, type Request, type Response } from 'express';
import pg from 'pg';
import * as z from 'zod';

const withCode = (code: string, message = 'driver words') => Object.assign(new Error(message), { code });

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown');
}

describe('toProblem', () => {
  it('answers an ApiError as it says', () => {
    const { status, body, headers, unexpected } = toProblem(notFound('Workflow', 'wf_1'), 'req-1');
    expect(body).to.deep.equal({
      type: '/errors/not_found',
      title: 'Not found',
      status: 404,
      detail: 'Workflow wf_1 not found',
      request_id: 'req-1',
    });
    expect({ status, headers, unexpected }).to.deep.equal({
      status: 404,
      headers: { 'Content-Type': 'application/problem+json' },
      unexpected: false,
    });
  });

  it('knows every code of the catalogue', () => {
    for (const [code, { status, title }] of Object.entries(API_ERRORS)) {
      const { body } = toProblem(new ApiError(code as keyof typeof API_ERRORS, 'x'), 'r');
      expect([body.status, body.title]).to.deep.equal([status, title]);
    }
  });

  it('adds the headers that the status calls for', () => {
    expect(toProblem(unauthenticated(), 'r').headers).to.include({ 'WWW-Authenticate': 'Bearer' });
    expect(toProblem(rateLimited('Wait', 1.2), 'r').headers).to.include({ 'Retry-After': '2' });
    expect(toProblem(methodNotAllowed('PUT', ['GET', 'POST']), 'r').headers).to.include({
      Allow: 'GET, POST',
    });
  });

  it('says the sentences of the contract', () => {
    expect(insufficientScope('workflow:write').detail).to.equal("Operation requires 'workflow:write' scope");
    expect(forbidden('Access denied to this workflow').status).to.equal(403);
    const item = { loc: ['body', 'nodes', 0], msg: 'the cycle a -> b -> a', type: 'cycle' };
    const { detail, errors } = invalidStructure([item]);
    expect(detail).to.equal('Invalid workflow structure: the cycle a -> b -> a');
    expect(errors).to.deep.equal([item]);
  });

  describe('validation', () => {
    const schema = z.strictObject({ name: z.string(), nodes: z.array(z.object({ id: z.string() })) });

    it('names every wrong value with the part of the request', () => {
      const error = thrownBy(() => parseRequest('query', schema, { name: 1, nodes: [{ id: 2 }] }));
      const { status, body } = toProblem(error, 'r');
      expect(status).to.equal(422);
      expect(body.errors?.map(({ loc }) => loc)).to.deep.equal([
        ['query', 'name'],
        ['query', 'nodes', 0, 'id'],
      ]);
      expect(body.detail).to.contain('query.name').and.contain('(and 1 more)');
    });

    it('takes a bare schema error for one of the body', () => {
      const { status, body } = toProblem(schema.safeParse({}).error, 'r');
      expect([status, body.errors?.[0]?.loc]).to.deep.equal([422, ['body', 'name']]);
    });

    it('leads into the alternative that the value came nearest to', () => {
      const either = z.object({ at: z.union([z.string(), z.object({ seconds: z.number() })]) });
      const error = thrownBy(() => parseRequest('body', either, { at: { seconds: 'x' } }));
      expect(toProblem(error, 'r').body.errors?.[0]?.loc).to.deep.equal(['body', 'at', 'seconds']);
    });

    it('shows a hundred findings at most', () => {
      const many = z.array(z.string());
      const error = thrownBy(() => parseRequest('body', many, Array(5_000).fill(1)));
      const { body } = toProblem(error, 'r');
      expect(body.errors).to.have.length(100);
      expect(body.detail).to.contain('4999 more');
    });
  });

  describe('the database away', () => {
    const away: [string, unknown][] = [
      ['ECONNREFUSED', withCode('ECONNREFUSED')],
      ['stopped by its operator (57P01)', withCode('57P01')],
      ['starting (57P03)', withCode('57P03')],
      ['out of connections (53300)', withCode('53300')],
      ['a broken connection (08006)', withCode('08006')],
      ['a deadlock (40P01)', withCode('40P01')],
      ['a pool without a free connection', new Error('timeout exceeded when trying to connect')],
      ['a connection cut', new Error('Connection terminated unexpectedly')],
      ['both addresses refused', new AggregateError([withCode('ECONNREFUSED')])],
      ['wrapped', new Error('QueryFailedError', { cause: withCode('57P01') })],
      ['the queue', new MessagingUnavailableError('dispatch', withCode('ECONNREFUSED'))],
    ];
    for (const [what, error] of away) {
      it(`answers 503 and when to come back: ${what}`, () => {
        const { status, headers, unexpected, body } = toProblem(error, 'r');
        expect({ status, unexpected }).to.deep.equal({ status: 503, unexpected: false });
        expect(headers).to.have.property('Retry-After').that.matches(/^\d+$/);
        expect(body.detail).not.to.contain('driver words');
      });
    }

    it('knows what pg really throws', async () => {
      const pool = new pg.Pool({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 2_000 });
      const error: unknown = await pool.query('SELECT 1').catch((failure: unknown) => failure);
      await pool.end();
      const afterwards: unknown = await pool.query('SELECT 1').catch((failure: unknown) => failure);
      expect([toProblem(error, 'r').status, toProblem(afterwards, 'r').status]).to.deep.equal([503, 503]);
    });
  });

  it('blames the caller for characters that the database cannot hold', () => {
    const { status, body } = toProblem(withCode('22021', 'invalid byte sequence'), 'r');
    expect(status).to.equal(422);
    expect(body.detail).to.contain('U+0000');
  });

  describe('anything else', () => {
    const unknown: [string, unknown][] = [
      ['a bug', new TypeError('secret hunter2')],
      ['a wrong query', withCode('42601', 'syntax error in SELECT hunter2')],
      ['a broken constraint', withCode('23505', 'duplicate key hunter2')],
      ['a thrown text', 'hunter2'],
      ['nothing', undefined],
      ['an error that claims a status of 500', Object.assign(new Error('hunter2'), { status: 500 })],
    ];
    for (const [what, error] of unknown) {
      it(`is 500 without a word of it: ${what}`, () => {
        const { status, body, unexpected } = toProblem(error, 'r');
        expect({ status, unexpected }).to.deep.equal({ status: 500, unexpected: true });
        expect(JSON.stringify(body)).not.to.match(/hunter2|SELECT|at .*:\d+/);
      });
    }
  });

  describe('express and its body parser', () => {
    let server: Server;
    let origin: string;

    before(async () => {
      const app = express();
      app.use(express.json({ limit: '1kb' }));
      app.use(express.urlencoded({ extended: false, parameterLimit: 2 }));
      app.post('/echo/:id', (request, response) => {
        response.json(request.body);
      });
      app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
        const { status, body, headers } = toProblem(error, 'r');
        response.status(status).set(headers).send(JSON.stringify(body));
      });
      server = createServer(app);
      await listen(server, 0, '127.0.0.1');
      const { port } = server.address() as AddressInfo;
      origin = `http://127.0.0.1:${port}`;
    });

    after(() => close(server));

    const json = { 'content-type': 'application/json' };
    const cases: [string, string, Record<string, string>, string, number, string][] = [
      ['malformed JSON', '/echo/1', json, '{"a":', 400, '/errors/malformed_json'],
      ['JSON that is no object', '/echo/1', json, '"text"', 400, '/errors/malformed_json'],
      ['too large a body', '/echo/1', json, JSON.stringify('x'.repeat(2_000)), 413, '/errors/body_too_large'],
      [
        'too many form fields',
        '/echo/1',
        { 'content-type': 'application/x-www-form-urlencoded' },
        'a=1&b=2&c=3',
        413,
        '/errors/body_too_large',
      ],
      [
        'an unknown charset',
        '/echo/1',
        { 'content-type': 'application/json; charset=klingon' },
        '{}',
        415,
        '/errors/unsupported_media_type',
      ],
      [
        'an unknown encoding',
        '/echo/1',
        { ...json, 'content-encoding': 'zip' },
        '{}',
        415,
        '/errors/unsupported_media_type',
      ],
      [
        'a body that is not gzip',
        '/echo/1',
        { ...json, 'content-encoding': 'gzip' },
        '{}',
        400,
        '/errors/bad_request',
      ],
      ['a broken path', '/echo/%E0%A4%A', json, '{}', 400, '/errors/bad_request'],
    ];
    for (const [what, path, headers, body, status, type] of cases) {
      it(`${what} is ${status}`, async () => {
        const response = await fetch(origin + path, { method: 'POST', headers, body });
        expect(response.headers.get('content-type')).to.contain('application/problem+json');
        expect(await response.json()).to.include({ status, type });
        expect(response.status).to.equal(status);
      });
    }
  });
});
