import { Page } from '@/components/page';

export function VersionsPage() {
  return <Page title="Versions">{null}</Page>;
}
