/** Sections as text for a terminal and as Markdown for the documentation. */
import type { Figure, Ratio, Section } from './results.js';

export interface RunFacts {
  readonly date: string;
  readonly command: string;
  readonly machine: string;
  readonly stores: string;
  readonly node: string;
  readonly rounds: number;
  /** Too short to mean anything: the figures say that it works. */
  readonly quick: boolean;
}

export function toText(section: Section): string {
  const rows = [
    ...section.ratios.map((ratio) => [ratio.name, ratioText(ratio.median), spread(ratio), ratio.aim]),
    ...section.figures.map((figure) => [figure.name, valueText(figure), spread(figure), '']),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return [`\n── ${section.title}`, ...section.notes.map((note) => `   ${note}`), ...lines].join('\n');
}

/** Ratios first, for they are the figures; absolute numbers below them, as orientation. */
export function toMarkdown(sections: readonly Section[], facts: RunFacts): string {
  const head = facts.quick
    ? ['**Preliminary**: a quick look, too short and too disturbed to be compared with anything.']
    : [];
  head.push(
    `Measured ${facts.date} by \`${facts.command}\` on ${facts.machine}: ${facts.stores}, Node ${facts.node}. ` +
      `Medians of ${facts.rounds} interleaved ${facts.rounds === 1 ? 'round' : 'rounds'}.`,
  );
  return [...head, ...sections.flatMap(sectionMarkdown)].join('\n\n');
}

function sectionMarkdown({ title, notes, ratios, figures }: Section): string[] {
  const parts = [`### ${title}`];
  if (notes.length > 0) parts.push(notes.map((note) => `- ${note}`).join('\n'));
  if (ratios.length > 0) {
    const rows = ratios.map(
      (ratio) => `| ${ratio.name} | **${ratioText(ratio.median)}** | ${spread(ratio)} | ${ratio.aim} |`,
    );
    parts.push(['| ratio | median | range | aim |', '|---|---:|---:|---|', ...rows].join('\n'));
  }
  if (figures.length > 0) {
    const rows = figures.map((figure) => `| ${figure.name} | ${valueText(figure)} | ${spread(figure)} |`);
    parts.push(['| for orientation | median | range |', '|---|---:|---:|', ...rows].join('\n'));
  }
  return parts;
}

function spread({ rounds, ...rest }: Ratio | Figure): string {
  const show = 'unit' in rest ? number : ratioText;
  return rounds.length < 2 ? '' : `${show(Math.min(...rounds))} to ${show(Math.max(...rounds))}`;
}

const ratioText = (value: number): string => value.toFixed(2);

function valueText({ median, unit }: Figure): string {
  return `${number(median)} ${unit}`;
}

function number(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value >= 10 ? 1 : 2);
}
