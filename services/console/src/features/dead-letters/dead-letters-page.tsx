import { Page } from '@/components/page';

export function DeadLettersPage() {
  return <Page title="Dead letters">{null}</Page>;
}
