import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useRights } from '@/api/session';
import { DebouncedInput } from '@/components/debounced-input';
import { Empty } from '@/components/empty';
import { Loaded } from '@/components/loaded';
import { Page } from '@/components/page';
import { ShowMore } from '@/components/show-more';
import { Button } from '@/components/ui/button';
import { Table, Th } from '@/components/ui/table';
import { useSecrets } from './queries';
import { SecretDialog } from './secret-dialog';
import { SecretRow } from './secret-row';

/** Tokens and passwords that steps send by name. A value goes in and never comes out. */
export function SecretsPage() {
  const { whyNot, isAdmin, username } = useRights();
  const [owner, setOwner] = useState('');
  const [adding, setAdding] = useState(false);
  const ownerChosen = owner === '' ? undefined : owner;
  const query = useSecrets(ownerChosen);
  const secrets = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const refusal = whyNot('workflow:write');
  const add = (
    <Button variant="primary" disabledReason={refusal} onClick={() => setAdding(true)}>
      <Plus aria-hidden className="size-4" />
      New secret
    </Button>
  );
  return (
    <Page
      title="Secrets"
      description={
        <>
          Workflows use one as <code className="font-mono text-12">{'=secret("name")'}</code>. Values can be
          set and replaced, never read.
        </>
      }
      actions={add}
    >
      {isAdmin && (
        <div role="search" aria-label="Filters">
          <DebouncedInput label={`Owner (${username})`} className="w-48" value={owner} onChange={setOwner} />
        </div>
      )}
      <Loaded query={query}>
        {() =>
          secrets.length === 0 ? (
            <Empty title="No secrets yet" action={add}>
              Keep a token here and name it in a step: it is encrypted, and hidden wherever it would appear.
            </Empty>
          ) : (
            <>
              <Table aria-label="Secrets">
                <thead>
                  <tr>
                    <Th>Name</Th>
                    <Th>Description</Th>
                    <Th>Value</Th>
                    <Th>Changed</Th>
                    <Th>Last used</Th>
                    <Th>Used by</Th>
                    <Th>
                      <span className="sr-only">Actions</span>
                    </Th>
                  </tr>
                </thead>
                <tbody>
                  {secrets.map((secret) => (
                    <SecretRow key={secret.name} secret={secret} owner={ownerChosen} />
                  ))}
                </tbody>
              </Table>
              <ShowMore query={query} />
            </>
          )
        }
      </Loaded>
      {adding && <SecretDialog owner={ownerChosen} onClose={() => setAdding(false)} />}
    </Page>
  );
}
