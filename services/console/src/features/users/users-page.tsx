import { Page } from '@/components/page';

export function UsersPage() {
  return <Page title="Users">{null}</Page>;
}
