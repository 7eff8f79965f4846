import { Page } from '@/components/page';
import { Section } from '@/components/ui/card';
import { Appearance } from './appearance';
import { ChangePassword } from './change-password';
import { PlatformNote } from './platform-note';
import { Profile } from './profile';
import { Sessions } from './sessions';

/** What concerns this person: looks, account, sessions. */
export function SettingsPage() {
  return (
    <Page title="Settings">
      <div className="flex max-w-3xl flex-col gap-8">
        <Section title="Appearance">
          <Appearance />
        </Section>
        <Section title="Profile">
          <Profile />
        </Section>
        <Section title="Password">
          <ChangePassword />
        </Section>
        <Section title="Sessions">
          <Sessions />
        </Section>
        <Section title="Platform">
          <PlatformNote />
        </Section>
      </div>
    </Page>
  );
}
