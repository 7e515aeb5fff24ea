import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { evaluateExpression } from "../../src/evaluate/expression.ts";
import type { Scope } from "../../src/evaluate/expression-scope.ts";
import { writeHcl } from "../../src/evaluate/functions-hcl-write.ts";
import { builtinFunctions } from "../../src/evaluate/functions-table.ts";
import { parseYaml } from "../../src/evaluate/functions-yaml-decode.ts";
import { writeYaml } from "../../src/evaluate/functions-yaml-encode.ts";
import { formatValue } from "../../src/evaluate/values-console.ts";
import {
  boolValue,
  mapValue,
  nullValue,
  numberValue,
  objectValue,
  stringValue,
  tupleValue,
} from "../../src/evaluate/values-construct.ts";
import { convertValue } from "../../src/evaluate/values-convert.ts";
import { sameValue } from "../../src/evaluate/values-equality.ts";
import { valueToJsonText } from "../../src/evaluate/values-json.ts";
import { setFromItems } from "../../src/evaluate/values-set.ts";
import { typeOf } from "../../src/evaluate/values-type.ts";
import { canConvert, unify } from "../../src/evaluate/values-unify.ts";
import { parseHclExpression } from "../../src/load/hcl/parse-file.ts";
import { boolType, dynamicType, numberType, stringType, type Type } from "../../src/model/type.ts";
import type { Value } from "../../src/model/value.ts";

const scopeWith = (values: Readonly<Record<string, Value>>): Scope => ({
  resolve: (root) =>
    Object.hasOwn(values, root) ? { value: values[root] ?? nullValue(dynamicType), used: 0 } : undefined,
  functions: builtinFunctions(),
  functionContext: { files: undefined },
  shortCircuit: true,
});

const evaluated = (text: string, values: Readonly<Record<string, Value>> = {}): Value | string => {
  const { value: expression, diagnostics: problems } = parseHclExpression(text, "law.tf");
  if (problems.length > 0) return `${problems[0]?.summary}`;
  const { value, diagnostics } = evaluateExpression(expression, scopeWith(values));
  return diagnostics.length > 0 ? `${diagnostics[0]?.summary}: ${diagnostics[0]?.detail}` : value;
};

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.constantFrom(
    "",
    "true",
    "1",
    "0x1",
    "~",
    "null",
    "a: b",
    "- a",
    "${x}",
    "%{x}",
    "a\nb",
    " a ",
    "é",
    "e\u0301",
    "1e3",
    "<&>",
    "\t",
    "'",
    '"',
  ),
);

const number: fc.Arbitrary<Value> = fc
  .oneof(
    fc.integer().map(String),
    fc
      .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: -20, max: 20 }))
      .map(([m, e]) => `${m}e${e}`),
  )
  .map((written) => {
    const value = convertValue(stringValue(written), numberType);
    return value.kind === "number" ? value : numberValue(0);
  });

const scalar = fc.oneof(
  text.map(stringValue),
  number,
  fc.boolean().map(boolValue),
  fc.constant(nullValue(dynamicType)),
);

/** What JSON can say: no sets, lists or maps. */
const plain: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }).map(tupleValue),
    fc
      .dictionary(
        text.filter((key) => key !== "__proto__").map((key) => key.normalize("NFC")),
        tie("value"),
        { maxKeys: 3 },
      )
      .map((fields) => objectValue(Object.entries(fields))),
  ),
})).value;

const type: fc.Arbitrary<Type> = fc.letrec<{ type: Type }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<Type>(stringType, numberType, boolType, dynamicType),
    fc
      .tuple(fc.constantFrom("list" as const, "set" as const, "map" as const), tie("type"))
      .map(([kind, element]): Type => ({ kind, element })),
    fc.array(tie("type"), { maxLength: 3 }).map((elements): Type => ({ kind: "tuple", elements })),
    fc
      .dictionary(fc.constantFrom("a", "b", "c"), tie("type"), { maxKeys: 3 })
      .map((attributes): Type => ({ kind: "object", attributes: new Map(Object.entries(attributes).sort()) })),
  ),
})).type;

test("jsonencode and jsondecode, yamlencode and yamldecode, encode_expr and the parser give back what went in", () => {
  fc.assert(
    fc.property(plain, (value) => {
      const json = valueToJsonText(value);
      expect(evaluated("jsondecode(json)", { json: stringValue(typeof json === "string" ? json : "?") })).toEqual(
        value,
      );
      expect(parseYaml(writeYaml(value))).toEqual(value);
      expect(evaluated(writeHcl(value))).toEqual(value);
    }),
    { numRuns: 1000 },
  );
});

test("numbers print to what reads as the same number", () => {
  fc.assert(
    fc.property(number, (value) => {
      const printed = formatValue(value);
      expect(evaluated(printed)).toEqual(value);
      expect(evaluated(`tonumber("${printed}")`)).toEqual(value);
    }),
    { numRuns: 2000 },
  );
});

test("a set is the same whatever the order of its members, and however often they are given", () => {
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 6 }),
      fc.array(number, { maxLength: 6 }),
      fc.integer(),
      (texts, numbers, turn) => {
        for (const [element, items] of [
          [stringType, texts.map(stringValue)],
          [numberType, numbers],
        ] as const) {
          const start = items.length === 0 ? 0 : Math.abs(turn) % items.length;
          const turned = [...items.slice(start), ...items.slice(0, start), ...items.slice(0, 2)].reverse();
          expect(setFromItems(element, turned)).toEqual(setFromItems(element, items));
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test("a converted value is of its type, and converting it again changes nothing", () => {
  fc.assert(
    fc.property(plain, type, (value, want) => {
      const once = convertValue(value, want);
      if (once.kind === "failure") return;
      expect(canConvert(typeOf(value), want, true)).toBe(true);
      expect(convertValue(once, want)).toEqual(once);
    }),
    { numRuns: 3000 },
  );
});

test("values can be converted to the type that unify finds for them", () => {
  fc.assert(
    fc.property(fc.array(plain, { minLength: 1, maxLength: 3 }), (values) => {
      const common = unify(values.map(typeOf), true);
      if (common === undefined) return;
      for (const value of values) expect(canConvert(typeOf(value), common, true)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("merge, concat, keys, values, sort and distinct agree with each other", () => {
  const fields = fc.dictionary(fc.constantFrom("a", "b", "c", "d", "é"), text, { maxKeys: 4 });
  fc.assert(
    fc.property(fields, fields, (first, second) => {
      const asMap = (given: Readonly<Record<string, string>>): Value =>
        mapValue(
          stringType,
          Object.entries(given).map(([key, item]) => [key, stringValue(item)]),
        );
      const values = { a: asMap(first), b: asMap(second) };
      for (const law of [
        "merge(a, b) == merge(b, a, b)",
        "merge(merge(a, b), a) == merge(a, b, a)",
        "zipmap(keys(a), values(a)) == a",
        "length(a) == 0 || tomap({ for k in keys(a) : k => a[k] }) == a",
        "length(keys(merge(a, b))) == length(setunion(keys(a), keys(b)))",
        "sort(distinct(concat(values(a), values(b)))) == tolist(toset(concat(values(a), values(b))))",
        "reverse(reverse(values(a))) == values(a)",
        "length(flatten([values(a), [values(b)]])) == length(a) + length(b)",
        'join(",", sort(keys(a))) == join(",", keys(a))',
        "alltrue([for k in keys(a) : contains(keys(merge(a, b)), k)])",
        "setsubtract(keys(a), keys(b)) == setsubtract(keys(a), setintersection(keys(a), keys(b)))",
      ])
        expect([law, evaluated(law, values)]).toEqual([law, boolValue(true)]);
    }),
    { numRuns: 200 },
  );
});

test("whatever is asked, an answer comes and nothing is thrown", () => {
  const names = [...builtinFunctions().keys()].filter((name) => name !== "templatefile");
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.array(plain, { maxLength: 4 }), (name, args) => {
      const values = Object.fromEntries(args.map((arg, index) => [`v${index}`, arg]));
      const answer = evaluated(`${name}(${Object.keys(values).join(", ")})`, values);
      expect(typeof answer === "string" || "kind" in answer).toBe(true);
      const again = evaluated(`${name}(${Object.keys(values).join(", ")})`, values);
      if (typeof answer !== "string" && typeof again !== "string") expect(sameValue(answer, again)).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test("a pattern that backtracking would never finish is matched at once, and an endless expression is given up", () => {
  const started = performance.now();
  expect(evaluated('can(regex("^(x+x+)+y$", join("", [for i in range(1000) : "x"])))')).toEqual(boolValue(false));
  expect(evaluated("[for a in range(1024) : [for b in range(1024) : [for c in range(1024) : a]]]")).toMatch(
    /^Expression too large/,
  );
  expect(performance.now() - started).toBeLessThan(20_000);
});
