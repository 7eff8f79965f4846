import { expect } from 'chai';
import { isTerminal } from '@millrace/contracts';
import { eventually } from '../../support/poll.js';
import { expectAccessible } from './support/accessible.js';
import type { ContextOptions, Visit } from './support/browser.js';
import { consolePlatform, PASSWORDS, type ConsolePlatform } from './support/platform.js';
import { useWindows } from './support/windows.js';
import { FAILING, GREETING } from './support/workflows.js';

describe('the pages of the console', function () {
  this.timeout(120_000);
  let platform: ConsolePlatform;
  const window = useWindows();

  before(async function () {
    this.timeout(240_000);
    platform = await consolePlatform();
  });

  const open = (options: ContextOptions, path = '/'): Promise<Visit> => window(path, options);

  const ended = (id: string): Promise<void> =>
    eventually(
      async () => {
        const { status } = await platform.api.admin.executions.get(id);
        expect(isTerminal(status), status).to.equal(true);
      },
      { timeoutMs: 30_000 },
    );

  describe('signing in', () => {
    it('leads to the page that was asked for, and survives a reload without a token that scripts could read', async () => {
      const { page, context } = await open({}, '/executions?range=1h');
      await page.getByLabel('User name').fill('admin');
      await page.getByLabel('Password').fill(PASSWORDS.admin);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Executions' }).waitFor();
      await page.reload();
      await page.getByRole('heading', { name: 'Executions' }).waitFor();

      expect(new URL(page.url()).search).to.include('range');
      const stored: unknown = await page.evaluate('JSON.stringify(localStorage) + document.cookie');
      expect(stored).not.to.match(/eyJ|refresh/);
      const cookies = await context.cookies();
      expect(cookies.map(({ httpOnly, sameSite }) => [httpOnly, sameSite])).to.deep.equal([[true, 'Strict']]);
    });

    it('says what is wrong with a wrong password', async () => {
      const { page } = await open({}, '/');
      await page.getByLabel('User name').fill('admin');
      await page.getByLabel('Password').fill('not the password');
      await page.getByRole('button', { name: 'Sign in' }).click();

      await page.getByRole('alert').getByText('Incorrect username or password').waitFor();
    });

    it('out leaves nothing behind, in other tabs neither', async () => {
      const first = await open({ as: 'user' });
      await first.page.getByRole('heading', { name: 'Home' }).waitFor();
      const second = await first.context.newPage();
      await second.goto('/executions');
      await second.getByRole('heading', { name: 'Executions' }).waitFor();
      await first.page.getByRole('button', { name: 'Account of user' }).click();
      await first.page.getByRole('menuitem', { name: 'Sign out' }).click();

      await first.page.getByRole('button', { name: 'Sign in' }).waitFor();
      await second.getByRole('button', { name: 'Sign in' }).waitFor();
    });
  });

  describe('rights', () => {
    it('a viewer sees controls disabled with the reason, and the API refuses the same', async () => {
      const { page, context } = await open({ as: 'user' }, '/workflows');
      const create = page.getByRole('button', { name: 'New workflow' }).first();
      await create.waitFor();
      await create.hover();

      await page.getByRole('tooltip', { name: /workflow:write/ }).waitFor();
      expect(await create.getAttribute('aria-disabled')).to.equal('true');
      await create.click({ force: true });
      expect(new URL(page.url()).pathname).to.equal('/workflows');
      const refused = await context.request.post('/api/v1/workflows/drafts', {
        data: { name: 'x' },
        headers: { authorization: `Bearer ${await tokenOf('user')}` },
      });
      expect(refused.status()).to.equal(403);
      expect(await refused.text()).to.include('workflow:write');
    });

    async function tokenOf(username: 'admin' | 'user'): Promise<string> {
      const { auth } = platform.api[username];
      return (await auth.login({ username, password: PASSWORDS[username] })).access_token;
    }
  });

  describe('executions', () => {
    it('keep their filters over a reload and Back', async () => {
      const workflow = await platform.api.admin.workflows.create(GREETING);
      const done = await platform.api.admin.workflows.execute(workflow.id, { name: 'Ada' });
      await ended(done.execution_id);
      const { page } = await open({ as: 'admin' }, '/executions');
      await page.getByRole('button', { name: /^Completed/ }).click();
      await page.waitForURL(/status/);
      await page.getByRole('searchbox', { name: 'Owner' }).fill('admin');
      await page.waitForURL(/owner=admin/);
      const filtered = page.url();
      await page.reload();
      await page.getByRole('table', { name: 'Executions' }).waitFor();
      expect(page.url()).to.equal(filtered);
      expect(await page.getByRole('searchbox', { name: 'Owner' }).inputValue()).to.equal('admin');
      await page.getByRole('row').nth(1).getByRole('link').click();
      await page.waitForURL(/executions\/exec_/);
      await page.goBack();
      await page.getByRole('table', { name: 'Executions' }).waitFor();

      expect(page.url()).to.equal(filtered);
      expect(await page.getByRole('button', { name: /^Completed/ }).getAttribute('aria-pressed')).to.equal(
        'true',
      );
    });

    it('are cancelled in bulk, with a report', async () => {
      const workflow = await platform.api.admin.workflows.create({
        name: 'Long wait',
        nodes: [{ id: 'sleep', type: 'delay', data: { config: { seconds: 3_600 } } }],
      });
      const started = await Promise.all(
        [1, 2, 3].map(() => platform.api.admin.workflows.execute(workflow.id)),
      );
      const { page } = await open({ as: 'admin' }, `/executions?workflow=${workflow.id}`);
      await page.getByRole('row').nth(3).waitFor();
      await page.getByRole('checkbox', { name: 'Choose all that are shown' }).click();
      await page
        .getByRole('region', { name: 'Chosen executions' })
        .getByRole('button', { name: 'Cancel' })
        .click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel 3 executions' }).click();
      await page.getByRole('dialog').getByText('3 done').waitFor();
      await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();

      for (const { execution_id: id } of started) {
        await ended(id);
        expect((await platform.api.admin.executions.get(id)).status).to.equal('cancelled');
      }
    });
  });

  describe('dead letters', () => {
    it('are retried as a group, and leave the list', async () => {
      const workflow = await platform.api.admin.workflows.create(FAILING);
      for (const { execution_id: id } of await Promise.all(
        [1, 2].map(() => platform.api.admin.workflows.execute(workflow.id)),
      ))
        await ended(id);
      await platform.api.admin.workflows.update(workflow.id, { ...GREETING, name: 'Mended' });
      const { page } = await open({ as: 'admin' }, `/dead-letters?workflow=${workflow.id}`);
      const group = page.getByRole('listitem').filter({ hasText: 'expression' });
      await group.getByRole('button', { name: 'Retry all' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('The newest version').click();
      await dialog.getByRole('button', { name: 'Retry all' }).click();
      await dialog.getByText('2 done, 2 new executions').waitFor();
      await dialog.getByRole('button', { name: 'Close' }).last().click();

      await page.getByText('No failure needs a look').waitFor();
      const { items } = await platform.api.admin.executions.list({ workflow: workflow.id });
      expect(items.filter(({ retry_of: of }) => of !== null)).to.have.length(2);
    });
  });

  describe('approvals', () => {
    it('are decided on a phone', async () => {
      const workflow = await platform.api.admin.workflows.create({
        name: 'Release',
        nodes: [{ id: 'ask', type: 'approval', data: { config: { message: 'Ship it?' } } }],
      });
      const { execution_id: id } = await platform.api.admin.workflows.execute(workflow.id);
      const { page } = await open({ as: 'admin', viewport: { width: 390, height: 800 } }, '/approvals');
      const card = page.getByRole('article', { name: 'Release, ask' });
      await card.getByLabel('Comment').fill('Numbers checked');
      await card.getByRole('button', { name: 'Approve' }).click();
      await ended(id);

      const [ask] = await platform.api.admin.executions.steps(id);
      expect(ask?.output).to.deep.include({ decision: 'approved', comment: 'Numbers checked' });
    });
  });

  for (const theme of ['light', 'dark'] as const) {
    describe(`in the ${theme} theme`, () => {
      for (const [path, heading] of [
        ['/', 'Home'],
        ['/workflows', 'Workflows'],
        ['/executions', 'Executions'],
        ['/operations', 'Operations'],
        ['/dead-letters', 'Dead letters'],
        ['/approvals?view=open', 'Approvals'],
        ['/events', 'Events'],
        ['/secrets', 'Secrets'],
        ['/api-keys', 'API keys'],
        ['/users', 'Users'],
        ['/settings', 'Settings'],
      ] as const) {
        it(`${heading} has nothing that axe finds serious`, async () => {
          const { page } = await open({ as: 'admin', theme }, path);
          await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
          await page.waitForLoadState('networkidle');

          await expectAccessible(page, `${heading}, ${theme}`);
        });
      }

      it('the sign-in has nothing that axe finds serious', async () => {
        const { page } = await open({ theme }, '/sign-in');
        await page.getByRole('button', { name: 'Sign in' }).waitFor();

        await expectAccessible(page, `sign-in, ${theme}`);
      });
    });
  }

  it('stand still for those who asked for less motion', async () => {
    const { page } = await open({ as: 'admin', reducedMotion: true }, '/');
    await page.getByRole('heading', { name: 'Home' }).waitFor();

    const moving: unknown = await page.evaluate(
      `document.getAnimations().filter((one) => one.playState === 'running' && one.effect.getComputedTiming().duration > 10).length`,
    );
    expect(moving).to.equal(0);
  });
});
