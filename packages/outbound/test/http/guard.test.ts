import { expect } from 'chai';
import { createGuardedHttp } from '../../src/http/client.js';
import type { GuardedHttpOptions, HttpOutcome } from '../../src/http/types.js';

/** Nothing may be dialled: a resolver that answers is part of each test. */
async function attempt(url: string, options: GuardedHttpOptions = {}): Promise<HttpOutcome> {
  const http = createGuardedHttp({
    connectTimeoutMs: 2_000,
    resolve: (name) =>
      Promise.reject(Object.assign(new Error(`no such name ${name}`), { code: 'ENOTFOUND' })),
    ...options,
  });
  const outcome = await http.request({ url });
  await http.close();
  return outcome;
}

function codeOf(outcome: HttpOutcome): string {
  return outcome.ok ? `status ${String(outcome.response.status)}` : outcome.error.code;
}

const HOSTILE = [
  'http://127.0.0.1/',
  'http://127.1/',
  'http://127.0.1/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0x7f.1/',
  'http://0177.0.0.1/',
  'http://017700000001/',
  'http://127。0。0。1/',
  'http://①②⑦.⓪.⓪.①/',
  'http://%31%32%37.0.0.1/',
  'http://127.0.0.1./',
  'http://0/',
  'http://0.0.0.0/',
  'http://10.0.0.1/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.168.1.1/',
  'http://169.254.169.254/latest/meta-data/',
  'http://0xa9fea9fe/',
  'http://100.64.0.1/',
  'http://100.100.100.200/',
  'http://168.63.129.16/',
  'http://192.0.0.192/',
  'http://192.0.2.1/',
  'http://198.18.0.1/',
  'http://224.0.0.1/',
  'http://240.0.0.1/',
  'http://255.255.255.255/',
  'http://[::]/',
  'http://[::1]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::ffff:0:127.0.0.1]/',
  'http://[::127.0.0.1]/',
  'http://[::7f00:1]/',
  'http://[64:ff9b::127.0.0.1]/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[64:ff9b:1::1]/',
  'http://[2002:7f00:1::]/',
  'http://[2002:a9fe:a9fe::1]/',
  'http://[2001:0:7f00:1::]/',
  'http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/',
  'http://[fd00:ec2::254]/',
  'http://[fc00::1]/',
  'http://[fe80::1]/',
  'http://[fec0::1]/',
  'http://[ff02::1]/',
  'http://[100::1]/',
  'http://[2001:db8::1]/',
  'http://[4000::1]/',
  'http://[2001:470:1f0b:1::5efe:7f00:1]/',
  'http://[2001:470:1f0b:1:200:5efe:a9fe:a9fe]/',
  'http://[::ffff:169.254.169.254]/',
  'http://[0:0:0:0:0:ffff:7f00:0001]/',
  'http://[0000:0000:0000:0000:0000:FFFF:0A00:0001]/',
  'http://[64:ff9b::192.168.0.1]/',
  'http://[2002:c0a8:1::]/',
  'http://[3fff::1]/',
  'http://[5f00::1]/',
  'http://[fd20:ce::254]/',
  'http://0.1.2.3/',
  'http://192.88.99.1/',
  'http://203.0.113.9/',
  'http://198.51.100.1/',
  'http://239.255.255.250/',
  'http://１２７.0.0.1/',
  'http://127.0.0.1\t/',
  'http://127.0.0.1:80\n/',
  ' http://127.0.0.1/ ',
  'http:127.0.0.1/',
  'http:\\\\127.0.0.1\\',
  'http:////127.0.0.1/',
  'http://127.0.0.1\\@8.8.8.8/',
  'http://0x7f.0x0.0x0.0x1/',
  'http://0177.1/',
  'http://00000177.0.0.1/',
  'http://4294967295/',
  'http://0xffffffff/',
  'http://3232235521/',
  'HTTP://127.0.0.1/',
  'https://127.0.0.1/',
  'http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/',
  'http://localhost%E3%80%82/',
  'http://LOCALHOST.LOCALDOMAIN/',
  'http://localhost/',
  'http://LOCALHOST:8080/',
  'http://localhost./',
  'http://a.localhost/',
  'http://ip6-localhost/',
];

describe('SSRF guard', () => {
  for (const url of HOSTILE) {
    it(`refuses ${JSON.stringify(url)}`, async () => {
      expect(codeOf(await attempt(url))).to.equal('blocked_address');
    });
  }

  for (const url of [
    'http://127.0.0.1@8.8.8.8/',
    'http://user:pw@example.com/',
    'http://@127.0.0.1:secret@8.8.8.8/',
    'http://8.8.8.8:0/',
    'http://127.0.0.1:00/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'file://127.0.0.1/etc/passwd',
    'gopher://127.0.0.1:6379/_INFO',
    'ws://127.0.0.1/',
    'data:text/plain,hi',
    'blob:http://127.0.0.1/x',
    'unix:/var/run/docker.sock',
  ]) {
    it(`calls ${url} an invalid URL`, async () => {
      expect(codeOf(await attempt(url))).to.equal('invalid_url');
    });
  }

  for (const url of [
    '',
    'example.com',
    '/path',
    'http://',
    'http://[::1',
    'http://a b/',
    'http://[fe80::1%25eth0]/',
    'javascript:1',
    'http://127.0.0.1%00.example.com/',
    'http://256.0.0.1/',
    'http://1.2.3.4.5/',
    'http://[::ffff:0x7f.1]/',
    'http://example.com:99999/',
    'http://exa mple.com/',
    '//127.0.0.1/',
  ]) {
    it(`calls ${JSON.stringify(url)} an invalid URL`, async () => {
      expect(codeOf(await attempt(url))).to.equal('invalid_url');
    });
  }

  for (const address of [
    '10.1.2.3',
    '169.254.169.254',
    '::1',
    '::ffff:10.0.0.1',
    'fe80::1%eth0',
    '64:ff9b::a00:1',
    '::',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.251',
    '2002:a00:1::',
    '0177.0.0.1',
    '127.1',
    '0x7f000001',
    'nonsense',
  ]) {
    it(`refuses a name that resolves to ${address}`, async () => {
      const family = address.includes(':') ? 6 : 4;
      const outcome = await attempt('http://innocent.example/', {
        resolve: () => Promise.resolve([{ address, family }]),
      });
      expect(codeOf(outcome)).to.equal('blocked_address');
    });
  }

  it('says which address and why, and blames the workflow, not a retryable accident', async () => {
    const outcome = await attempt('http://169.254.169.254/');
    if (outcome.ok) throw new Error('The metadata service was reached');
    expect(outcome.error).to.include({ retryable: false, fault: 'workflow' });
    expect(outcome.error.message).to.match(/169\.254\.169\.254 is a link-local address/);
  });

  it('reports a name without addresses as dns_failed, which may pass', async () => {
    const outcome = await attempt('http://missing.example/');
    expect(outcome).to.have.nested.property('error.code', 'dns_failed');
    expect(outcome).to.have.nested.property('error.retryable', true);
  });

  it('judges a name in Unicode by what it resolves to', async () => {
    const asked: string[] = [];
    const outcome = await attempt('http://bücher。example/', {
      resolve: (name) => {
        asked.push(name);
        return Promise.resolve([{ address: '10.0.0.1', family: 4 }]);
      },
    });
    expect(codeOf(outcome)).to.equal('blocked_address');
    expect(asked).to.deep.equal(['xn--bcher-kva.example']);
  });

  it('refuses blocked ports', async () => {
    expect(codeOf(await attempt('http://example.com:25/', { blockedPorts: [25] }))).to.equal('blocked_port');
  });

  it('keeps metadata closed for a name the operator opened, unless the address itself is opened', async () => {
    const resolve = () => Promise.resolve([{ address: '169.254.169.254', family: 4 }]);
    const outcome = await attempt('http://metadata.internal/', { allow: ['*.internal'], resolve });
    expect(codeOf(outcome)).to.equal('blocked_address');
  });

  for (const entry of [
    'http://x',
    'a b',
    '10.0.0.0/33',
    '10.0.0.0/x',
    '*',
    '*.',
    'host:99999',
    '',
    '10.0.0.0/8/8',
  ]) {
    it(`does not start with the allowlist entry ${JSON.stringify(entry)}`, () => {
      expect(() => createGuardedHttp({ allow: [entry] })).to.throw(RangeError);
    });
  }
});
