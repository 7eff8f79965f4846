/**
 * Forgets the texts used least recently once all of them together are longer than `maxCharacters`: a compiled
 * expression takes memory in proportion to its text, and texts come from users.
 */
export class TextCache<V> {
  readonly #entries = new Map<string, V>();
  #characters = 0;

  constructor(private readonly maxCharacters: number) {}

  getOrMake(text: string, make: (text: string) => V): V {
    const known = this.#entries.get(text);
    if (known !== undefined) {
      this.#entries.delete(text);
      this.#entries.set(text, known);
      return known;
    }
    const made = make(text);
    this.#entries.set(text, made);
    this.#characters += text.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#characters <= this.maxCharacters) break;
      this.#entries.delete(oldest);
      this.#characters -= oldest.length;
    }
    return made;
  }
}
