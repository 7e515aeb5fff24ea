import { type Diagnostic, diagnostic } from "../../model/diagnostic.ts";
import type { SourceRange } from "../../model/source-range.ts";

/** After so many errors a file is not worth reading on. */
const mostErrors = 100;

/**
 * Gathers the syntax errors of one text. Like Terraform's, errors of characters come before errors of structure, and an error
 * that only follows from another is not told: after `fail` all is quiet until `recover`.
 */
export class SyntaxErrors {
  readonly #ofCharacters: Diagnostic[] = [];
  readonly #ofStructure: Diagnostic[] = [];
  readonly #toldOnce = new Set<string>();
  #scannedTo = -1;
  #isQuiet = false;
  #isGivenUp = false;

  /** True from an error that leaves the reader without a foothold until it has found one. */
  get isQuiet(): boolean {
    return this.#isQuiet;
  }

  get count(): number {
    return this.#ofCharacters.length + this.#ofStructure.length;
  }

  get isFull(): boolean {
    return this.#isGivenUp || this.count >= mostErrors;
  }

  all(): readonly Diagnostic[] {
    return [...this.#ofCharacters, ...this.#ofStructure];
  }

  /** A character that the language does not have. Text that is read twice complains once; so does a `once` kind of fault. */
  character(summary: string, detail: string, range: SourceRange, once?: string): void {
    if (range.start.offset <= this.#scannedTo || this.isFull) return;
    this.#scannedTo = range.start.offset;
    if (once !== undefined) {
      if (this.#toldOnce.has(once)) return;
      this.#toldOnce.add(once);
    }
    this.#ofCharacters.push(syntaxError(summary, detail, range));
  }

  /** An error after which reading goes on as if nothing had been. */
  note(summary: string, detail: string, range: SourceRange, code?: string): void {
    if (!this.#isQuiet && !this.isFull) this.#ofStructure.push(syntaxError(summary, detail, range, code));
  }

  /** An error after which the reader must look for a new foothold. */
  fail(summary: string, detail: string, range: SourceRange, code?: string): void {
    this.note(summary, detail, range, code);
    this.#isQuiet = true;
  }

  recover(): void {
    this.#isQuiet = this.#isGivenUp;
  }

  /** An error after which the rest of the text is not read. */
  giveUp(summary: string, detail: string, range: SourceRange, code: string): void {
    this.fail(summary, detail, range, code);
    this.#isGivenUp = true;
  }
}

const syntaxError = (summary: string, detail: string, range: SourceRange, code = "AKS9001"): Diagnostic =>
  diagnostic({ code, severity: "error", summary, detail, range });
