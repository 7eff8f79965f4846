import { clean, pad, width } from './text.js';

/** Aligned columns, two spaces apart, without trailing blanks; one string per line. Cells are made harmless. */
export function table(headers: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [headers, ...rows.map((row) => row.map(clean))];
  const widths = headers.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? ''))));
  return lines.map((line) =>
    line
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** `name  value` lines with the values aligned; entries without a value are left out. */
export function fields(entries: readonly (readonly [name: string, value: string | undefined])[]): string[] {
  const present = entries.filter((entry): entry is [string, string] => entry[1] !== undefined);
  const column = Math.max(0, ...present.map(([name]) => name.length));
  return present.map(([name, value]) => `${pad(name, column)}  ${clean(value)}`.trimEnd());
}
