import { Page } from '@/components/page';

export function BuilderPage() {
  return <Page title="Builder">{null}</Page>;
}
