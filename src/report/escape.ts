/**
 * What came from the input is never trusted by a format: names in a manifest may hold terminal controls, marks that turn the
 * reading direction, markup or workflow commands. One function for each kind of target.
 */

// C0 and C1 controls, soft hyphen, bidi marks, zero-width characters, line and paragraph separators, byte order mark, tags.
const hidden =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;

const asEscape = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
};

/** One line of visible text: controls, bidi marks and zero-width characters become `\u202e`; line ends become spaces. */
export const plainLine = (text: string): string => text.replace(/\r\n|\r|\n|\t/g, " ").replace(hidden, asEscape);

/** As `plainLine`, but keeps line ends. */
export const plainText = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map(plainLine)
    .join("\n");

/**
 * What CI systems take for a command in a job's log is broken up: `##vso[` and `##[` anywhere (Azure Pipelines, GitHub), `::name` at
 * the start of a line (GitHub).
 */
export const withoutCommands = (text: string): string =>
  text.replace(/##(?=(?:vso)?\[)/gi, "# #").replace(/^(\s*)::(?=[a-z])/gim, "$1: :");

/** Text in HTML, also inside a quoted attribute. */
export const html = (text: string): string =>
  plainText(text)
    .replace(/[&<>"'`]/g, (character) => `&#${character.codePointAt(0)};`)
    .replace(/##(?=(?:vso)?\[)/gi, "#&#35;");

/**
 * Text in GitHub and GitLab Markdown, also inside a table's cell: no markup, link, mention, reference, emoji, formula or HTML comes
 * through. What has no meaning in its place stays as it is, so that the source can be read too.
 */
export const markdown = (text: string): string =>
  plainLine(text)
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    // First, since what follows writes `&#…;` itself: references to issues, merge requests and milestones.
    .replace(/[#!%](?=\d)/g, entity)
    .replace(/[\\`*[\]|~$@]/g, entity)
    // Links that need no brackets, and emoji.
    .replace(/:(?=\/\/|[\w+-]+:)|(?<=www)\./gi, entity)
    // Emphasis: an underscore inside a word has no meaning.
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, entity)
    // Headings, lists and quick actions at the start of a line.
    .replace(/^(\s*)([-+=#/])/, (_, blanks: string, character: string) => blanks + entity(character))
    .replace(/^(\s*\d+)([.)])(?=\s)/, (_, number: string, character: string) => number + entity(character));

const entity = (character: string): string => `&#${character.codePointAt(0)};`;

/** A name as Markdown code; falls back to escaped text where backticks or bars in it would break the span. */
export const markdownCode = (text: string): string => {
  const line = plainLine(text);
  return /[`|<>\\]/.test(line) || line.trim() === "" ? markdown(text) : `\`${line}\``;
};

/** Text in XML, also inside a quoted attribute; characters that XML 1.0 forbids are shown as escapes. */
export const xml = (text: string): string =>
  plainText(text)
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|[\ufffe\uffff]/g, asEscape)
    .replace(/[&<>"'\n]/g, (character) => `&#${character.codePointAt(0)};`)
    .replace(/##(?=(?:vso)?\[)/gi, "#&#35;");

/** A cell of a CSV file (RFC 4180); a leading sign that spreadsheets take for a formula gets an apostrophe. */
export const csvCell = (text: string): string => {
  const line = withoutCommands(plainLine(text));
  const harmless = /^[=+\-@]/.test(line) && !/^-?\d+(\.\d+)?$/.test(line) ? `'${line}` : line;
  return /[",]/.test(harmless) ? `"${harmless.replace(/"/g, '""')}"` : harmless;
};

/** JSON text whose hidden characters are written as escapes, so that it is also safe to print; the data stays the same. */
export const safeJson = (value: unknown, indent = 2): string =>
  JSON.stringify(value, null, indent)
    .replace(/##(?=(?:vso)?\[)/gi, "#\\u0023")
    .replace(/[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g, asEscape);

/** JSON inside a page's `<script>`: nothing of it ends the element, and strings are visible text, as `html` leaves them. */
export const pageJson = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === "string" ? plainLine(each) : each))
    .replace(/[<>&\u2028\u2029]/g, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`)
    .replace(/##(?=(?:vso)?\[)/gi, "#\\u0023");
