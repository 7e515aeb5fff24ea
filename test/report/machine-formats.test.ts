import { expect, test } from "@jest/globals";
import { formats } from "../../src/report/formats.ts";
import type { Report } from "../../src/report/report.ts";
import { fullReport, hostile, hostileReport } from "../support/full-report.ts";
import { finding, report } from "../support/report.ts";

const render = async (name: string, value: Report): Promise<string> => (await formats[name]?.())?.(value) ?? "";

test.each(Object.keys(formats))("%s gives the same bytes twice and takes an empty report", async (name) => {
  expect(await render(name, fullReport())).toBe(await render(name, fullReport()));
  expect(await render(name, report())).toBeDefined();
});

test.each(Object.keys(formats))("%s lets no control, mark or markup of the input through", async (name) => {
  const text = await render(name, hostileReport());
  expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202a-\u202e\u2066-\u2069]/);
  if (["html", "markdown", "junit"].includes(name)) expect(text).not.toContain("<script>alert");
  // GitHub reads commands at the start of a line, Azure anywhere in it.
  expect(text.split(/\r?\n/).filter((line) => /^\s*::error::/.test(line))).toEqual([]);
  expect(text.replace(/^##vso\[task.logissue/gm, "").match(/##vso\[/g)).toBeNull();
  if (name === "github")
    expect(
      text
        .trimEnd()
        .split("\n")
        .every((line) => /^::(error|warning|notice) /.test(line)),
    ).toBe(true);
});

test("JUnit has a failed case for each open finding and a skipped one for each suppressed", async () => {
  const text = await render("junit", fullReport());
  expect(text).toContain('tests="3" failures="2" errors="0" skipped="1"');
  expect(text).toContain('<testcase classname="AKS1001" name="azurerm_subnet.nodes">');
});

test("JUnit is well formed for hostile input", async () => {
  const text = await render("junit", hostileReport());
  expect(text.match(/<testcase /g)?.length).toBe(text.match(/<\/testcase>/g)?.length);
  expect(text.replace(/<[^<>]*>/g, "")).not.toMatch(/[<>]/);
});

test("Code Quality has the fields that GitLab reads", async () => {
  const [first] = JSON.parse(await render("code-quality", fullReport()));
  expect(first).toMatchObject({
    check_name: "AKS1001",
    severity: "critical",
    location: { path: "main.tf", lines: { begin: 12 } },
  });
  expect(first.fingerprint).toMatch(/^[0-9a-f]{32}$/);
});

test("annotations stay within ten of a level", async () => {
  const many = report({
    findings: Array.from({ length: 40 }, (_, index) => finding("AKS1001", { subject: `s${index}` })),
  });
  expect((await render("github", many)).trimEnd().split("\n")).toHaveLength(10);
});

test("annotations encode what their syntax gives a meaning", async () => {
  const odd = report({ findings: [finding("AKS1001", { summary: "a: b, c", detail: "100 %\nnext" })] });
  expect(await render("github", odd)).toContain("title=AKS1001 a%3A b%2C c::azurerm_subnet.nodes: 100 %25 next");
  expect(await render("azure-devops", odd)).toContain("code=AKS1001;]a: b, c: azurerm_subnet.nodes: 100 %AZP25 next");
});

test("CSV quotes, and disarms formulas", async () => {
  const text = await render("csv", report({ findings: [finding("AKS1001", { detail: '=cmd(), "x"' })] }));
  expect(text.split("\r\n")[1]).toContain(`"'=cmd(), ""x"""`);
});

test("HTML carries everything with it and shows every part", async () => {
  const text = await render("html", fullReport());
  expect(text).not.toMatch(/(src|href)="(?!#)/);
  for (const words of [
    "AKS1001",
    "made by hand",
    "aks-user-12345678-vmss000000",
    "new IP",
    "Pod/shop/cart-a",
    "Load reaches 80 %",
  ]) {
    expect(text).toContain(words);
  }
});

test("the hostile text reads as text in HTML", async () => {
  const { html } = await import("../../src/report/escape.ts");
  expect(await render("html", hostileReport())).toContain(html(hostile.split("\u001b")[0] ?? ""));
});

test("HTML draws the topology that it is given, and nothing of it is markup", async () => {
  const node = (id: string) => ({ id, kind: "x", source: "kubernetes" as const, range: undefined });
  const graph = {
    nodes: [node("Service/shop/web"), node(hostile)],
    edges: [{ from: "Service/shop/web", to: hostile, kind: "selects" as const, range: undefined }],
  };
  const text = (await formats["html"]?.())?.(fullReport(), { graph }) ?? "";
  expect(text).toContain("<title>Service/shop/web (x)</title>");
  expect(text).not.toContain("<script>alert");
  // The page's own script is one that the engine can read.
  const [, source = ""] = /<script>([\s\S]*)<\/script>/.exec(text) ?? [];
  expect(() => new Function(source)).not.toThrow();
});
