import { randomBytes } from 'node:crypto';
import type { JsonValue } from '@millrace/contracts';
import { mapTexts } from './texts.js';

/**
 * What stands for a secret in one attempt, from its expressions to the moment its step reveals it. The nonce is drawn
 * for the attempt when the first expression asks, so nobody who sends text in can write one that is revealed.
 */
export class Placeholders {
  #nonce: string | undefined;

  /** Drawn on the first call; from then on there may be placeholders. */
  get nonce(): string {
    this.#nonce ??= randomBytes(16).toString('hex');
    return this.#nonce;
  }

  /** Every secret that the value names, at any depth, without repeats. */
  namesIn(value: JsonValue): string[] {
    if (this.#nonce === undefined) return [];
    const found = new Set<string>();
    for (const [, hex = ''] of JSON.stringify(value).matchAll(patternOf(this.#nonce))) found.add(nameOf(hex));
    return [...found];
  }

  replace<T extends JsonValue>(value: T, by: (name: string) => string): T {
    if (this.#nonce === undefined) return value;
    const pattern = patternOf(this.#nonce);
    return mapTexts(value, (text) => text.replace(pattern, (_placeholder, hex: string) => by(nameOf(hex))));
  }

  /** As everything recorded shows it. */
  hide<T extends JsonValue>(value: T): T {
    return this.replace(value, shownAs);
  }
}

/** Letters, digits and underscores alone: it comes through JSON, addresses and headers as it is. */
export function placeholderFor(nonce: string, name: string): string {
  return `secret_${nonce}_${Buffer.from(name).toString('hex')}_`;
}

export function shownAs(name: string): string {
  return `[secret:${name}]`;
}

function patternOf(nonce: string): RegExp {
  return new RegExp(`secret_${nonce}_((?:[0-9a-f]{2})+)_`, 'g');
}

function nameOf(hex: string): string {
  return Buffer.from(hex, 'hex').toString();
}
