import { setPreferences, usePreferences } from '@/app/preferences';
import { Card } from '@/components/ui/card';
import { Segmented } from '@/components/ui/choice';
import { Field } from '@/components/ui/field';
import { Select } from '@/components/ui/select';
import { formatTime } from '@/lib/format';
import { useNow } from '@/lib/use-now';

const THEMES = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;
const DENSITIES = [
  { value: 'comfortable', label: 'Comfortable' },
  { value: 'compact', label: 'Compact' },
] as const;

const DEVICE = 'device';
const ZONES = [
  { value: DEVICE, label: `This device (${Intl.DateTimeFormat().resolvedOptions().timeZone})` },
  { value: 'UTC', label: 'UTC' },
  ...Intl.supportedValuesOf('timeZone')
    .filter((zone) => zone !== 'UTC')
    .map((zone) => ({ value: zone, label: zone })),
];

/** Kept in this browser and in effect at once. */
export function Appearance() {
  const { theme, density, timeZone } = usePreferences();
  const now = useNow();
  return (
    <Card className="flex flex-col gap-4 p-4">
      <div className="flex flex-wrap gap-6">
        <div className="flex flex-col gap-1">
          <span className="text-12 font-medium">Theme</span>
          <Segmented
            label="Theme"
            value={theme}
            options={THEMES}
            onChange={(value) => setPreferences({ theme: value })}
          />
        </div>
        <div className="flex flex-col gap-1">
          <span className="text-12 font-medium">Rows</span>
          <Segmented
            label="Rows"
            value={density}
            options={DENSITIES}
            onChange={(value) => setPreferences({ density: value })}
          />
        </div>
      </div>
      <Field label="Time zone" hint={`It is ${formatTime(new Date(now), timeZone)}.`} className="max-w-80">
        {(control) => (
          <Select
            {...control}
            value={timeZone ?? DEVICE}
            options={ZONES}
            onChange={(zone) => setPreferences({ timeZone: zone === DEVICE ? undefined : zone })}
          />
        )}
      </Field>
    </Card>
  );
}
