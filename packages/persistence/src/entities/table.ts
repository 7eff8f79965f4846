import { EntitySchema, EntitySchemaOptions, type ObjectLiteral } from 'typeorm';

/** The options as a plain shape: TypeORM declares them as a class, which a literal is no instance of. */
type TableOptions<Row> = { [Key in keyof EntitySchemaOptions<Row>]: EntitySchemaOptions<Row>[Key] };

/** Describes how a row shape lies in a table of the migrations: where snake_case becomes camelCase. */
export function table<Row extends ObjectLiteral>(options: TableOptions<Row>): EntitySchema<Row> {
  return new EntitySchema(Object.assign(new EntitySchemaOptions<Row>(), options));
}
