const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * Cuts a JSON list that is larger than one text can be into its items, chunk by chunk: the objects of the outermost array, be it the text
 * itself or a member of the outermost object (a `List`'s items).
 */
export class JsonItems {
  private depth = 0;
  /** The depth at which items lie: 1 in a bare array, 2 in a List; undefined until the array has begun. */
  private itemDepth: number | undefined;
  private isInText = false;
  private isEscaped = false;
  private parts: Buffer[] = [];
  private hasBegun = false;

  /** The items that end in this chunk, as text. */
  push(chunk: Buffer): string[] {
    const items: string[] = [];
    let start = this.parts.length > 0 ? 0 : -1;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (this.isInText) {
        if (this.isEscaped) this.isEscaped = false;
        else if (byte === BACKSLASH) this.isEscaped = true;
        else if (byte === QUOTE) this.isInText = false;
        continue;
      }
      if (byte === QUOTE) this.isInText = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        this.hasBegun = true;
        if (byte === OPEN_BRACKET && this.itemDepth === undefined && this.depth < 2) this.itemDepth = this.depth + 1;
        if (byte === OPEN_BRACE && this.depth === this.itemDepth) start = at;
        this.depth++;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.depth--;
        if (byte === CLOSE_BRACE && this.depth === this.itemDepth && start >= 0) {
          this.parts.push(chunk.subarray(start, at + 1));
          items.push(Buffer.concat(this.parts).toString("utf8"));
          this.parts = [];
          start = -1;
        }
        // After the list other members may follow; another array among them is not items.
        if (byte === CLOSE_BRACKET && this.itemDepth !== undefined && this.depth < this.itemDepth) this.itemDepth = -1;
      }
    }
    if (start >= 0) this.parts.push(chunk.subarray(start));
    return items;
  }

  /** Whether everything opened has been closed. */
  isComplete(): boolean {
    return this.hasBegun && this.depth === 0 && !this.isInText;
  }
}
