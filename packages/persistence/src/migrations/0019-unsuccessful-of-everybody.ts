import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who owns an unsuccessful execution, in the index that serves those of everybody: row-level security asks for it, and
 * without it a page of them was read from all those of all owners, whose index knows the owner.
 */
export class UnsuccessfulOfEverybody1764000000019 implements MigrationInterface {
  name = 'UnsuccessfulOfEverybody1764000000019';

  async up(runner: QueryRunner): Promise<void> {
    await this.recreate(runner, 'INCLUDE (owner_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await this.recreate(runner, '');
  }

  private async recreate(runner: QueryRunner, payload: string): Promise<void> {
    await runner.query('DROP INDEX executions_unsuccessful');
    await runner.query(`
      CREATE INDEX executions_unsuccessful ON executions (status, id DESC) ${payload}
      WHERE status IN ('failed', 'cancelled', 'timed_out')`);
  }
}
