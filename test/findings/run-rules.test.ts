import { expect, test } from "@jest/globals";
import { asFinding } from "../../src/findings/finding.ts";
import type { Rule } from "../../src/findings/rule.ts";
import { rules } from "../../src/findings/rules.ts";
import { runRules } from "../../src/findings/run-rules.ts";
import { applySuppressions } from "../../src/findings/suppressions.ts";
import type { Diagnostic } from "../../src/model/diagnostic.ts";
import { finding, range } from "../support/report.ts";
import { shop } from "../support/shop.ts";
import { worldOf } from "../support/world.ts";

const empty = worldOf({});
const ruleOf = (...found: readonly Diagnostic[]): Rule => ({
  code: "AKS1001",
  title: "t",
  severity: "error",
  explain: "e",
  check: () => found,
});
const run = (...found: readonly Diagnostic[]) => runRules(empty, [], {}, [ruleOf(...found)]);

test("codes are unique, in order, and every rule has a page with its source", () => {
  const codes = rules.map(({ code }) => code);
  expect(codes).toEqual([...new Set(codes)].sort());
  expect(rules.filter(({ explain }) => !explain.includes("Source:")).map(({ code }) => code)).toEqual([]);
});

test("worst first, then by file and line", () => {
  const found = run(
    finding("AKS1003", { severity: "info" }),
    finding("AKS1002", { range: range("b.tf", 1) }),
    finding("AKS1001", { range: range("a.tf", 9) }),
    finding("AKS1001", { range: range("a.tf", 2), subject: "x" }),
  );
  expect(found.map((one) => `${one.range?.file}:${one.range?.start.line}`)).toEqual([
    "a.tf:2",
    "a.tf:9",
    "b.tf:1",
    "main.tf:12",
  ]);
});

test("instances of one block that fail alike are one finding", () => {
  const found = run(
    ...["a", "b", "c"].map((key) =>
      finding("AKS1001", { subject: `azurerm_subnet.n["${key}"]`, detail: `about ${key}` }),
    ),
  );
  expect(found).toHaveLength(1);
  expect(found[0]?.detail).toContain("The same holds for 2 more");
});

test("two different problems of one subject at one place stay two", () => {
  expect(
    run(
      finding("AKS1001", { detail: "one" }),
      finding("AKS1001", { detail: "two" }),
      finding("AKS1001", { detail: "two" }),
    ),
  ).toHaveLength(2);
});

test("what the reading says in general gives way to the rule with the cluster's figures", () => {
  const read = finding("AKS9113", { subject: "CronJob/a/b" });
  expect(
    runRules(empty, [read], {}, [ruleOf(finding("AKS6011", { subject: "CronJob/a/b" }))]).map(({ code }) => code),
  ).toEqual(["AKS6011"]);
});

const hcl = shop({ subnet: "10.1.0.0/24" });
const suppressedBy = (text: string, today?: string) => {
  const world = worldOf({ hcl: text });
  const sources = { textOf: () => text, ...(today === undefined ? {} : { today }) };
  return runRules(world, [], sources).find(({ code }) => code === "AKS1001")?.suppressed;
};

test.each([
  [
    "above the line",
    hcl.replace("  address_prefixes     =", "  # aks-twin:ignore AKS1001 grows later\n  address_prefixes     ="),
  ],
  ["on the line", hcl.replace('"10.1.0.0/24"]', '"10.1.0.0/24"] // aks-twin:ignore AKS1002,AKS1001 grows later')],
  [
    "above the block",
    hcl.replace(
      'resource "azurerm_subnet" "nodes"',
      '# aks-twin:ignore AKS1001 grows later\nresource "azurerm_subnet" "nodes"',
    ),
  ],
])("a comment %s suppresses with its reason", (_, text) => {
  expect(suppressedBy(text)?.reason).toBe("grows later");
});

test.each([
  [
    "for another rule",
    hcl.replace("  address_prefixes     =", "  # aks-twin:ignore AKS1002 no\n  address_prefixes     ="),
  ],
  [
    "of another block",
    hcl.replace(
      'resource "azurerm_virtual_network"',
      '# aks-twin:ignore AKS1001 no\nresource "azurerm_virtual_network"',
    ),
  ],
])("a comment %s does not", (_, text) => {
  expect(suppressedBy(text)).toBeUndefined();
});

test("a suppression ends after its day", () => {
  const text = hcl.replace(
    "  address_prefixes     =",
    "  # aks-twin:ignore AKS1001 soon until=2026-06-30\n  address_prefixes     =",
  );
  expect(suppressedBy(text, "2026-06-30")?.reason).toBe("soon");
  expect(suppressedBy(text, "2026-07-01")).toBeUndefined();
});

test("an annotation suppresses on its object, an entry of the configuration by pattern", () => {
  const world = worldOf({
    yaml: "apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: shop, annotations: { aks-twin/ignore: AKS3011 on purpose } }\nspec: {}",
  });
  const about = (code: string, subject: string) => asFinding(finding(code, { subject }));
  const [byAnnotation, byEntry, open] = applySuppressions(
    [
      about("AKS3011", "Service/shop/web"),
      about("AKS1001", "module.a.azurerm_subnet.x"),
      about("AKS1001", "azurerm_subnet.x"),
    ],
    world,
    { ignore: [{ code: "AKS1001", subject: "module.*", reason: "theirs" }] },
  );
  expect([byAnnotation?.suppressed?.reason, byEntry?.suppressed?.reason, open?.suppressed]).toEqual([
    "on purpose",
    "theirs",
    undefined,
  ]);
});
