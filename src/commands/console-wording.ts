import { nameSuggestion } from "../evaluate/name-suggestion.ts";
import type { Diagnostic } from "../model/diagnostic.ts";

/**
 * The details in which Terraform's console words what is wrong with an expression's syntax or references. Elsewhere our own
 * details stand; the console is held to the letter, so that its output can be compared with `terraform console`.
 */
export const consoleDetail = ({ summary, detail, range }: Diagnostic): string => {
  const names = [...detail.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? "");
  const reference = Object.hasOwn(references, summary) ? references[summary] : undefined;
  if (reference !== undefined) return reference(names, detail);
  if (summary === "Unexpected end of template") return endOfTemplate(detail);
  if (summary === "Unclosed template interpolation sequence")
    return `There is no closing brace for this interpolation sequence before the end of the ${range !== undefined && range.start.offset === range.end.offset ? "file" : "quoted template"}. This might be caused by incorrect nesting inside the given expression.`;
  const fixed = Object.hasOwn(syntax, summary) ? syntax[summary] : undefined;
  if (typeof fixed === "string") return fixed;
  for (const [pattern, text] of fixed ?? []) if (pattern.test(detail)) return text;
  return detail;
};

const endOfTemplate = (detail: string): string => {
  const match = /^The (if|for) directive at (.*):(\d+):(\d+)(?:-(\d+))? /.exec(detail);
  if (match === null) return unbalanced;
  const [, kind, file, line, column, end] = match;
  return `The ${kind} directive at ${file}:${line},${column}${end === undefined ? "" : `-${end}`} is missing its corresponding end${kind} directive.`;
};

type Wording = (names: readonly string[], detail: string) => string;

const suggestion = (detail: string): string => /Did you mean "[^"]*"\?/.exec(detail)?.[0] ?? "";

const behind = (text: string, hint: string): string => (hint === "" ? text : `${text} ${hint}`);

const references: Readonly<Record<string, Wording>> = {
  "Reference to undeclared input variable": ([name], detail) =>
    `An input variable with the name "${name}" has not been declared. ${suggestion(detail) || `This variable can be declared with a variable "${name}" {} block.`}`,
  "Reference to undeclared local value": ([name], detail) =>
    behind(`A local value with the name "${name}" has not been declared.`, suggestion(detail)),
  "Reference to undeclared module": ([name], detail) =>
    behind(`No module call named "${name}" is declared in the root module.`, suggestion(detail)),
  "Reference to undeclared resource": ([type, name], detail) => {
    const isManaged = !/^(?:A data|An ephemeral)/.test(detail);
    const mode = isManaged ? "A managed" : detail.startsWith("A data") ? "A data" : "An ephemeral";
    const data = /Did you mean the data source (\S+)\?$/.exec(detail)?.[1];
    return `${mode} resource "${type}" "${name}" has not been declared in the root module.${data === undefined ? "" : `\n\nDid you mean the data resource ${data}?`}`;
  },
  'Reference to "count" in non-counted context': () =>
    'The "count" object can only be used in "module", "resource", and "data" blocks, and only when the "count" argument is set.',
  'Reference to "each" in context without for_each': () =>
    'The "each" object can be used only in "module" or "resource" blocks, and only when the "for_each" argument is set.',
  'Invalid "count" attribute': (names) =>
    `The "count" object does not have an attribute named "${names.at(-1)}". The only supported attribute is count.index, which is the index of each instance of a resource block that has the "count" argument set.`,
  'Invalid "each" attribute': (names) =>
    `The "each" object does not have an attribute named "${names.at(-1)}". The supported attributes are each.key and each.value, the current key and value pair of the "for_each" attribute set.`,
  'Invalid "path" attribute': (names, detail) => {
    const name = names.at(suggestion(detail) === "" ? -1 : -2);
    return behind(
      `The "path" object does not have an attribute named "${name}".`,
      suggestion(detail) || "The supported attributes are path.cwd, path.module, and path.root.",
    ).replace(/(?<=\.) The supported attributes.*/, "");
  },
  'Invalid "terraform" attribute': (names) =>
    `The "terraform" object does not have an attribute named "${names.at(-1)}". The only supported attributes are terraform.workspace, the name of the currently-selected workspace, and terraform.applying, a boolean which is true only during apply.`,
  'Invalid "self" reference': () =>
    'The "self" object is not available in this context. This object can be used only in resource provisioner, connection, and postcondition blocks.',
  "Invalid reference": ([name], detail) => {
    if (/cannot be used as a whole/.test(detail))
      return `The "${name}" object cannot be accessed directly. Instead, access one of its attributes.`;
    if (/attributes and no index/.test(detail)) return `The "${name}" object does not support this operation.`;
    if (/must be followed by two/.test(detail))
      return `The "${name}" object must be followed by two attribute names: the ${name === "data" ? "data source" : name === "ephemeral" ? "ephemeral resource" : "resource"} type and the resource name.`;
    return "A reference to a resource type must be followed by at least one attribute access, specifying the resource name.";
  },
  "Call to unknown function": (_names, detail) => detail,
  "Invalid escape sequence": ([symbol], detail) => {
    if (detail.includes("4 hexadecimal")) return "The \\u escape sequence must be followed by four hexadecimal digits.";
    if (detail.includes("8 hexadecimal"))
      return "The \\U escape sequence must be followed by eight hexadecimal digits.";
    return `The symbol "${symbol}" is not a valid escape sequence selector.`;
  },
  "Invalid legacy index syntax": (_names, detail) =>
    `When using the legacy index syntax, chaining two indexes together is not permitted. Use the proper index syntax instead, like ${/as in (.*)\.$/.exec(detail)?.[1]}.`,
  "Invalid template control keyword": ([keyword = ""]) => {
    const near = nameSuggestion(keyword, ["if", "for", "else", "endif", "endfor"]);
    return behind(
      `"${keyword}" is not a valid template control keyword.`,
      near === undefined ? "" : `Did you mean "${near}"?`,
    );
  },
  "Unexpected else directive": () => unbalanced,
  "Unexpected endfor directive": () => unbalanced,
  "Unexpected endif directive": () => unbalanced,
  "Unsupported attribute": ([name], detail) =>
    detail.startsWith("This resource has no")
      ? behind(`This object has no argument, nested block, or exported attribute named "${name}".`, suggestion(detail))
      : detail,
  "Reserved symbol name": ([name]) =>
    `The symbol name "${name}" is reserved for use in a future Terraform version. If you are using a provider that already uses this as a resource type name, add the prefix "resource." to force interpretation as a resource type name.`,
};

const unbalanced = "The control directives within this template are unbalanced.";

const bitwise = "Bitwise operators are not supported.";

/** One text for a summary, or several by what our own detail says. */
const syntax: Readonly<Record<string, string | readonly (readonly [RegExp, string])[]>> = {
  "Extra characters after expression":
    "An expression was successfully parsed, but extra characters were found after it.",
  "Invalid attribute name": "An attribute name is required after a dot.",
  "Invalid character": [
    [/single/i, 'Single quotes are not valid. Use double quotes (") to enclose strings.'],
    [
      /;|semicolon/,
      'The ";" character is not valid. Use newlines to separate arguments and blocks, and commas to separate items in collection values.',
    ],
    [
      /`|backtick/i,
      'The "`" character is not valid. To create a multi-line string, use the "heredoc" syntax, like "<<EOT".',
    ],
    [
      /curly|straight/i,
      '"Curly quotes" are not valid here. These can sometimes be inadvertently introduced when sharing code via documents or discussion forums. It might help to replace the character with a "straight quote".',
    ],
    [/./, "This character is not used within the language."],
  ],
  "Invalid 'for' expression": [
    [/ after 'for'/, "For expression requires variable name after 'for'."],
    [/after the comma/, "For expression requires value variable name after comma."],
    [/the word 'in'/, "For expression requires the 'in' keyword after its name declarations."],
    [/a colon/, "For expression requires a colon after the collection expression."],
    [/ends here/, "Extra characters after the end of the 'for' expression."],
    [/may not have a key/, "Key expression is not valid when building a tuple."],
    [/may not group/, "Grouping ellipsis (...) cannot be used when building a tuple."],
    [/needs a key/, "Key expression is required when building an object."],
  ],
  "Invalid number literal": "Failed to recognize the value of this number literal.",
  "Missing argument separator": "A comma is required to separate each function argument from the next.",
  "Missing attribute separator": "Expected a newline or comma to mark the beginning of the next attribute.",
  "Missing attribute value": 'Expected an attribute value, introduced by an equals sign ("=").',
  "Missing close bracket on index": 'The index operator must end with a closing bracket ("]").',
  "Missing close bracket on splat index":
    'The star for a full splat operator must be immediately followed by a closing bracket ("]").',
  "Missing closing parenthesis":
    "An expanded function argument (with ...) must be immediately followed by closing parentheses.",
  "Missing expression": "Expected the start of an expression, but found the end of the file.",
  "Missing false expression in conditional":
    "The conditional operator (...?...:...) requires a false expression, delimited by a colon.",
  "Missing key/value separator": 'Expected an equals sign ("=") to mark the beginning of the attribute value.',
  "Nested splat expression not allowed":
    "A splat expression (*) cannot be used inside another attribute-only splat expression.",
  "Unbalanced parentheses": "Expected a closing parenthesis to terminate the expression.",
  "Unsupported operator": [
    [/\*\*|power|pow\(/i, '"**" is not a supported operator. Exponentiation is not supported as an operator.'],
    [/&&/, `${bitwise} Did you mean boolean AND ("&&")?`],
    [/\|\|/, `${bitwise} Did you mean boolean OR ("||")?`],
    [/not|!/i, `${bitwise} Did you mean boolean NOT ("!")?`],
    [/./, bitwise],
  ],
  "Unterminated function call":
    "There is no closing parenthesis for this function call before the end of the file. This may be caused by incorrect parenthesis nesting elsewhere in this file.",
  "Unterminated object constructor expression":
    "There is no corresponding closing brace before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.",
  "Unterminated template string": "No closing marker was found for the string.",
  "Unterminated tuple constructor expression":
    "There is no corresponding closing bracket before the end of the file. This may be caused by incorrect bracket nesting elsewhere in this file.",
};
