import { expect } from 'chai';
import ts from 'typescript';
import * as z from 'zod';
import { work } from '../support/offline.js';
import { LENDING } from '../support/samples.js';

function syntaxErrors(path: string, content: string): string[] {
  const { diagnostics = [] } = ts.transpileModule(content, {
    fileName: path,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, allowJs: true },
  });
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

const HOSTILE = `# */ evil \`\${x}\` "quotes" \\ """
- The system shall delete */ everything " and ' \\
An Order has a class, a delete flag, an 1st item, a total (number) and \`\`.
function return(a: string): void
function import(new: string, class?: number): Promise<string>
`;

const checks = z.object({
  checkPoint: z.custom<(value: unknown) => unknown>((value) => typeof value === 'function'),
});

describe('offline code generation', () => {
  for (const language of ['typescript', 'javascript'] as const) {
    for (const [name, specification] of [
      ['lending', LENDING],
      ['hostile', HOSTILE],
      ['empty', ''],
    ] as const) {
      it(`writes ${language} that parses (${name})`, async () => {
        const { files } = work('code_generation', { specification }, { language });
        expect(files.length).to.be.greaterThan(1);
        for (const { path, content } of files) {
          expect(syntaxErrors(path, content), content).to.deep.equal([]);
          expect(path).to.match(language === 'typescript' ? /\.ts$/ : /\.js$/);
        }
      });
    }
  }

  it('reads entities, signatures, prose, routes and requirements', async () => {
    const result = work('code_generation', { specification: LENDING });

    expect(result.language).to.equal('typescript');
    expect(result.module_name).to.equal('library-lending');
    expect(result.entities.map(({ name }) => name)).to.deep.equal(['Book', 'Member', 'Loan']);
    expect(result.entities[0]?.fields).to.deep.equal([
      { name: 'title', type: 'string', optional: false },
      { name: 'isbn', type: 'string', optional: false },
      { name: 'subtitle', type: 'string', optional: true },
      { name: 'authors', type: 'string[]', optional: false },
      { name: 'copiesCount', type: 'number', optional: false },
    ]);
    expect(result.entities[2]?.fields.map(({ type }) => type)).to.deep.equal([
      'Book',
      'Member',
      'Date',
      'Date',
    ]);
    const byName = new Map(result.functions.map((one) => [one.name, one]));
    expect(byName.get('lendBook')).to.deep.include({
      async: true,
      returns: 'Loan',
      parameters: [
        { name: 'book', type: 'Book', optional: false },
        { name: 'member', type: 'Member', optional: false },
        { name: 'days', type: 'number', optional: true },
      ],
    });
    expect(byName.get('isOverdue')).to.deep.include({ returns: 'boolean' });
    expect(byName.get('listBooks')).to.deep.include({ returns: 'Book[]', async: true });
    expect([...byName.keys()]).to.include.members([
      'calculateFine',
      'deleteLoan',
      'sendReminderMail',
      'searchBooks',
      'exportLoans',
    ]);
  });

  it('writes checks that run', async () => {
    const { files } = work(
      'code_generation',
      { specification: 'A Point has x (number), y (number) and an optional label.' },
      { language: 'javascript' },
    );
    const content = files.find(({ path }) => path === 'src/entities.js')?.content ?? '';
    const module: unknown = await import(`data:text/javascript,${encodeURIComponent(content)}`);
    const { checkPoint } = checks.parse(module);
    expect(checkPoint({ x: 1, y: 2 })).to.deep.equal({ x: 1, y: 2 });
    expect(() => checkPoint({ x: 1, y: '2' })).to.throw(TypeError, 'Point.y must be a number');
  });

  it('writes Python whose signatures its own parser finds again', async () => {
    const generated = work('code_generation', { specification: LENDING, language: 'python' });
    const tested = work('testing', { files: generated.files });
    expect(generated.language).to.equal('python');
    const names = tested.targets.filter(({ path }) => path.endsWith('service.py')).map(({ name }) => name);
    expect(names).to.deep.equal(generated.functions.map(({ name }) => name));
    expect(generated.functions.map(({ name }) => name)).to.include('send_reminder_mail');
  });

  it('works from requirements and tasks of predecessors', async () => {
    const requirements = work(
      'requirement_engineering',
      'The app must validate passwords. Users should reset their password by email.',
    );
    const result = work('code_generation', { requirement_engineering: { ...requirements } });
    expect(result.functions.map(({ name }) => name)).to.deep.equal(['validatePasswords', 'resetPassword']);
    const planned = work('code_generation', {
      planning: {
        tasks: [
          { title: 'Implement invoice export', kind: 'implementation' },
          { title: 'Deploy it', kind: 'deployment' },
        ],
      },
    });
    expect(planned.functions.map(({ name }) => name)).to.deep.equal(['implementInvoiceExport']);
  });
});
