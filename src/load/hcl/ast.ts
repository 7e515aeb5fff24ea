import type { SourceRange } from "../../model/source-range.ts";

/**
 * A file or a block's inside: attributes and blocks in the order of the text. A `.tf.json` file has attributes alone: there a block is
 * an attribute whose value is an object or a tuple of objects, its labels nested, and only who knows the schema can tell.
 */
export interface Body {
  readonly attributes: readonly Attribute[];
  readonly blocks: readonly Block[];
  /** The whole file, or from `{` to behind `}`. */
  readonly range: SourceRange;
}

export interface Attribute {
  readonly name: string;
  readonly nameRange: SourceRange;
  readonly value: Expression;
  readonly range: SourceRange;
}

export interface Block {
  readonly type: string;
  readonly typeRange: SourceRange;
  readonly labels: readonly { readonly text: string; readonly range: SourceRange }[];
  readonly body: Body;
  /** The header: type and labels, without the body. */
  readonly headerRange: SourceRange;
  readonly range: SourceRange;
}

/** An HCL expression. Every node has the range of its own text. */
export type Expression =
  | LiteralExpression
  | TemplateExpression
  | TemplateWrapExpression
  | VariableExpression
  | GetAttributeExpression
  | IndexExpression
  | SplatExpression
  | CallExpression
  | UnaryExpression
  | BinaryExpression
  | ConditionalExpression
  | TupleExpression
  | ObjectExpression
  | ForExpression
  | ParenthesesExpression
  | InvalidExpression;

/** A number keeps its text, since 0.1 has no exact double; `true`, `false`, `null`, and a string without interpolation. */
export interface LiteralExpression {
  readonly kind: "literal";
  readonly value: { readonly number: string } | string | boolean | null;
  readonly range: SourceRange;
}

/** A quoted or heredoc template with at least one interpolation or directive. Strip markers are already applied to the literal parts. */
export interface TemplateExpression {
  readonly kind: "template";
  readonly parts: readonly TemplatePart[];
  readonly range: SourceRange;
}

/** `"${x}"` and nothing else: the value of `x` itself, with its type. */
export interface TemplateWrapExpression {
  readonly kind: "wrap";
  readonly inner: Expression;
  readonly range: SourceRange;
}

export type TemplatePart =
  | { readonly kind: "text"; readonly text: string; readonly range: SourceRange }
  | { readonly kind: "interpolation"; readonly value: Expression; readonly range: SourceRange }
  | {
      readonly kind: "if";
      readonly condition: Expression;
      readonly then: readonly TemplatePart[];
      readonly otherwise: readonly TemplatePart[];
      readonly range: SourceRange;
    }
  | {
      readonly kind: "for";
      readonly keyName: string | undefined;
      readonly valueName: string;
      readonly collection: Expression;
      readonly body: readonly TemplatePart[];
      readonly range: SourceRange;
    };

/** The root name of a traversal: `var`, `local`, `azurerm_subnet`, `each`. */
export interface VariableExpression {
  readonly kind: "variable";
  readonly name: string;
  readonly range: SourceRange;
}

/** `source.name`; also the legacy `source.0`, whose name is then digits and `legacyIndex` true. */
export interface GetAttributeExpression {
  readonly kind: "attribute";
  readonly source: Expression;
  readonly name: string;
  readonly legacyIndex: boolean;
  readonly nameRange: SourceRange;
  readonly range: SourceRange;
}

export interface IndexExpression {
  readonly kind: "index";
  readonly source: Expression;
  readonly key: Expression;
  readonly range: SourceRange;
}

/** `source[*].a.b` (full) or `source.*.a` (attribute-only). */
export interface SplatExpression {
  readonly kind: "splat";
  readonly style: "full" | "attribute";
  readonly source: Expression;
  /** The steps after the star, in order. */
  readonly steps: readonly SplatStep[];
  readonly range: SourceRange;
}

export type SplatStep =
  | { readonly kind: "attribute"; readonly name: string; readonly legacyIndex: boolean; readonly range: SourceRange }
  | { readonly kind: "index"; readonly key: Expression; readonly range: SourceRange }
  | {
      /** A splat within a full splat, `a[*].b[*].c`: applied to each item by itself, so it gives a list of lists. Always the last step. */
      readonly kind: "splat";
      readonly style: "full" | "attribute";
      readonly steps: readonly SplatStep[];
      readonly range: SourceRange;
    };

/** `name(args)`; a provider's function is `provider::azurerm::normalise_resource_id`. */
export interface CallExpression {
  readonly kind: "call";
  readonly name: string;
  readonly nameRange: SourceRange;
  readonly arguments: readonly Expression[];
  /** The last argument is followed by `...`. */
  readonly expandFinal: boolean;
  readonly range: SourceRange;
}

export interface UnaryExpression {
  readonly kind: "unary";
  readonly operator: "-" | "!";
  readonly operand: Expression;
  readonly range: SourceRange;
}

export type BinaryOperator = "+" | "-" | "*" | "/" | "%" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "&&" | "||";

export interface BinaryExpression {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly operatorRange: SourceRange;
  readonly range: SourceRange;
}

export interface ConditionalExpression {
  readonly kind: "conditional";
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
  readonly range: SourceRange;
}

export interface TupleExpression {
  readonly kind: "tuple";
  readonly items: readonly Expression[];
  readonly range: SourceRange;
}

export interface ObjectExpression {
  readonly kind: "object";
  readonly items: readonly ObjectItem[];
  readonly range: SourceRange;
}

/** A bare identifier key stays a `variable` expression; the evaluator reads it as a string unless it is in parentheses. */
export interface ObjectItem {
  readonly key: Expression;
  readonly value: Expression;
}

export interface ForExpression {
  readonly kind: "for";
  readonly keyName: string | undefined;
  readonly valueName: string;
  readonly collection: Expression;
  /** Set for the object form `{for … : key => value}`. */
  readonly key: Expression | undefined;
  readonly value: Expression;
  readonly condition: Expression | undefined;
  /** `value...`: values of one key are collected into a list. */
  readonly grouping: boolean;
  readonly range: SourceRange;
}

export interface ParenthesesExpression {
  readonly kind: "parentheses";
  readonly inner: Expression;
  readonly range: SourceRange;
}

/** Stands where the text could not be read; a diagnostic has been given. Evaluates to an unknown value. */
export interface InvalidExpression {
  readonly kind: "invalid";
  readonly range: SourceRange;
}
