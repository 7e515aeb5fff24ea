import type { LabelSelector } from "../../kubernetes/object.ts";
import type { Labels } from "../../kubernetes/selectors.ts";
import { labelKey, labelValueProblems } from "../../kubernetes/validation/names.ts";

type LabelTest = (labels: Labels) => boolean;

/**
 * Reads the text of a selector, such as `app=web,tier in (a,b),!legacy`: a test of labels, or what is wrong with it, in
 * upstream's words. Source: `apimachinery/pkg/labels/selector.go`, v0.35.
 */
export const parseSelectorText = (text: string): LabelTest | string => {
  const tokens = tokensOf(text);
  const tests: LabelTest[] = [];
  let at = 0;
  const peek = (): Token => tokens[at] ?? END;
  const take = (): Token => {
    const token = peek();
    at += 1;
    return token;
  };
  while (peek() !== END) {
    if (!startsRequirement(peek())) return `found '${peek().text}', expected: !, identifier, or 'end of string'`;
    const requirement = parseRequirement(peek, take);
    if (typeof requirement === "string") return `unable to parse requirement: ${requirement}`;
    tests.push(testOf(requirement));
    const after = take();
    if (after === END) break;
    if (after.text !== ",") return `found '${after.text}', expected: ',' or 'end of string'`;
    if (!startsRequirement(peek())) return `found '${peek().text}', expected: identifier after ','`;
  }
  return (labels) => tests.every((test) => test(labels));
};

/** `name` covers the words `in` and `notin`, which are operators only where one is expected. */
interface Token {
  readonly kind: "name" | "sign" | "error" | "end";
  readonly text: string;
}

const END: Token = { kind: "end", text: "" };
const SIGNS = "=!(),<>";
const KNOWN_SIGNS = new Set([")", ",", "!", "==", "=", ">", "<", "!=", "("]);

const tokensOf = (text: string): readonly Token[] => {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const sign = text[at] ?? "";
    if (" \t\r\n".includes(sign)) {
      at += 1;
      continue;
    }
    const rest = text.slice(at);
    if (SIGNS.includes(sign)) {
      const pair = rest.slice(0, 2);
      const found = KNOWN_SIGNS.has(pair) ? pair : sign;
      tokens.push({ kind: "sign", text: found });
      at += found.length;
    } else {
      const name = /^[^=!(),<> \t\r\n]+/.exec(rest)?.[0] ?? sign;
      tokens.push({ kind: "name", text: name });
      at += name.length;
    }
  }
  return tokens;
};

const startsRequirement = ({ kind, text }: Token): boolean => kind === "name" || text === "!";

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

const BINARY_OPERATORS = ["!=", "<", "=", "==", ">", "in", "notin"];

const parseRequirement = (peek: () => Token, take: () => Token): Requirement | string => {
  let name = take();
  const negated = name.text === "!";
  if (negated) name = take();
  if (name.kind !== "name") return `found '${name.text}', expected: identifier`;
  const key = name.text;
  const wrongKey = labelKey(key);
  if (wrongKey.length > 0) return `<nil>: Invalid value: ${JSON.stringify(key)}: ${wrongKey.join("; ")}`;
  if (negated) return { key, operator: "!", values: [] };
  if (peek() === END || peek().text === ",") return { key, operator: "exists", values: [] };
  const operator = take();
  if (!BINARY_OPERATORS.includes(operator.text)) {
    return `found '${operator.text}', expected: ${EXPECTED_OPERATORS}`;
  }
  const values = operator.text.endsWith("in") ? parseValues(peek, take) : parseExactValue(peek, take);
  if (typeof values === "string") return values;
  const requirement = { key, operator: operator.text, values: [...new Set(values)].sort() };
  return requirementProblem(requirement) ?? requirement;
};

/** In upstream's order. */
const EXPECTED_OPERATORS = "in, notin, =, ==, !=, gt, lt";

const parseExactValue = (peek: () => Token, take: () => Token): readonly string[] | string => {
  if (peek() === END || peek().text === ",") return [""];
  const { kind, text } = take();
  return kind === "name" ? [text] : `found '${text}', expected: identifier`;
};

const parseValues = (peek: () => Token, take: () => Token): readonly string[] | string => {
  const open = take();
  if (open.text !== "(") return `found '${open.text}' expected: '('`;
  const first = peek();
  if (first.text === ")") {
    take();
    return [""];
  }
  if (first.kind !== "name" && first.text !== ",") return `found '${first.text}', expected: ',', ')' or identifier`;
  const values = parseList(peek, take);
  if (typeof values === "string") return values;
  take();
  return values;
};

/** Names with commas between them; a comma without a name beside it stands for an empty one. */
const parseList = (peek: () => Token, take: () => Token): readonly string[] | string => {
  const values: string[] = [];
  while (true) {
    const { kind, text } = take();
    if (kind === "name") {
      values.push(text);
      if (peek().text === ")") return values;
      if (peek().text !== ",") return `found '${peek().text}', expected: ',' or ')'`;
      continue;
    }
    if (text !== ",") return `found '${text}', expected: ',', or identifier`;
    if (values.length === 0 || peek().text === ")" || peek().text === ",") values.push("");
    if (peek().text === ")") return values;
  }
};

const testOf = ({ key, operator, values }: Requirement): LabelTest => {
  switch (operator) {
    case "!":
      return (labels) => labels[key] === undefined;
    case "exists":
      return (labels) => labels[key] !== undefined;
    case "!=":
    case "notin":
      return (labels) => labels[key] === undefined || !values.includes(labels[key]);
    case "<":
    case ">": {
      const limit = BigInt(values[0] ?? "0");
      return (labels) => {
        const value = labels[key];
        if (value === undefined || !INTEGER.test(value)) return false;
        return operator === ">" ? BigInt(value) > limit : BigInt(value) < limit;
      };
    }
    default:
      return (labels) => labels[key] !== undefined && values.includes(labels[key]);
  }
};

const INTEGER = /^-?\d+$/;

/** What is wrong with a requirement whose operator is known: upstream's `NewRequirement`. */
const requirementProblem = ({ key, operator, values }: Requirement): string | undefined => {
  const problems: string[] = [];
  const wrongKey = labelKey(key);
  if (wrongKey.length > 0) problems.push(`key: Invalid value: ${JSON.stringify(key)}: ${wrongKey.join("; ")}`);
  if ((operator === "in" || operator === "notin") && values.length === 0) {
    problems.push("values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty");
  }
  if ((operator === "exists" || operator === "!") && values.length > 0) {
    const text = JSON.stringify(values);
    problems.push(`values: Invalid value: ${text}: values set must be empty for exists and does not exist`);
  }
  if (operator === "<" || operator === ">") {
    const wrong = values.filter((value) => !INTEGER.test(value));
    for (const value of wrong) {
      const at = `values[0]: Invalid value: ${JSON.stringify(value)}`;
      problems.push(`${at}: for 'Gt', 'Lt' operators, the value must be an integer`);
    }
  }
  values.forEach((value, index) => {
    const wrong = labelValueProblems(value);
    if (wrong.length === 0) return;
    problems.push(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${wrong.join("; ")}`);
  });
  if (problems.length < 2) return problems[0];
  return `[${[...new Set(problems)].join(", ")}]`;
};

const OPERATORS: Readonly<Record<string, string>> = { In: "in", NotIn: "notin", Exists: "exists", DoesNotExist: "!" };

/** What upstream's `LabelSelectorAsSelector` has against a selector; undefined when it can be read. */
export const metricSelectorProblem = (selector: LabelSelector): string | undefined => {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const problem = requirementProblem({ key, operator: "=", values: [value] });
    if (problem !== undefined) return problem;
  }
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const known = OPERATORS[operator];
    if (known === undefined) return `${JSON.stringify(operator)} is not a valid label selector operator`;
    const problem = requirementProblem({ key, operator: known, values: values ?? [] });
    if (problem !== undefined) return problem;
  }
  return undefined;
};
