/**
 * JSON text in pieces, in order, cut anywhere but between the halves of a character. What may have many megabytes is
 * never made one string: to copy it once takes as long as others may have to wait at most.
 */
export type JsonPieces = readonly string[];

/** UTF-16 units. */
export function textLength(pieces: JsonPieces): number {
  return pieces.reduce((length, piece) => length + piece.length, 0);
}

/** A text that is looked at through a window, which grows at its end and is let go of at its beginning. */
export class Window {
  readonly #pieces: JsonPieces;
  readonly #width: number;
  #text = '';
  #from = 0;
  /** The next to be seen: the piece, and where in it. */
  #piece = 0;
  #place = 0;

  /** It grows by `width` UTF-16 units. */
  constructor(text: string | JsonPieces, width: number) {
    this.#pieces = typeof text === 'string' ? [text] : text;
    this.#width = width;
  }

  /** Behind the last place that can be seen. */
  get end(): number {
    return this.#from + this.#text.length;
  }

  get isAtEnd(): boolean {
    return this.#piece >= this.#pieces.length;
  }

  /** Goes on, and lets go of what lies before `keep`. */
  advance(keep: number): void {
    const seen: string[] = [this.slice(keep, this.end)];
    for (let missing = this.#width; missing > 0 && !this.isAtEnd;) {
      const piece = this.#pieces[this.#piece] ?? '';
      const part = piece.slice(this.#place, this.#place + missing);
      seen.push(part);
      missing -= part.length;
      this.#place += part.length;
      if (this.#place < piece.length) continue;
      this.#piece += 1;
      this.#place = 0;
    }
    this.#text = seen.join('');
    this.#from = keep;
  }

  codeAt(place: number): number {
    return this.#text.charCodeAt(place - this.#from);
  }

  slice(from: number, to: number): string {
    return this.#text.slice(from - this.#from, to - this.#from);
  }
}
