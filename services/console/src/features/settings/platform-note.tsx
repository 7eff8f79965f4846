import { HealthStrip } from '@/features/operations/health-strip';

/** What this console talks to, and where its API is described. */
export function PlatformNote() {
  return (
    <div className="flex flex-col gap-2">
      <HealthStrip />
      <p className="text-12 text-muted">
        Everything here is also in the API:{' '}
        <a href="/docs" className="underline">
          its documentation
        </a>
        ,{' '}
        <a href="/openapi.json" className="underline">
          OpenAPI
        </a>
        .
      </p>
    </div>
  );
}
