import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { configure } from "../../src/commands/review.ts";
import { runCommand } from "../support/run-command.ts";
import { shop } from "../support/shop.ts";

/** A repository with the sample in infra/shop and the configuration at its root. */
const repository = (configuration: string): string => {
  const root = mkdtempSync(join(tmpdir(), "aks-twin-"));
  mkdirSync(join(root, ".git"));
  cpSync("samples/online-shop", join(root, "infra/shop"), {
    recursive: true,
    filter: (path) => !path.includes("expected") && !path.endsWith("aks-twin.yaml") && !path.endsWith("/k8s"),
  });
  cpSync("samples/online-shop/k8s", join(root, "manifests/shop"), { recursive: true });
  writeFileSync(join(root, "aks-twin.yaml"), configuration);
  return root;
};

const policies = `manifests: manifests/shop
failOn: warning
policies:
  - code: ORG001
    title: At most four pods of a workload
    severity: warning
    each: workloads
    expression: item.namespace == "kube-system" || item.pods <= 4
  - code: ORG002
    title: No node at all
    expression: nodes.size() == 0
suppress:
  - code: ORG002
    reason: we need some
rules:
  ORG001: error
`;

test("a configuration above the folder holds, with its policies, severities and suppressions", async () => {
  const cwd = repository(policies);
  const { out, code } = await runCommand(configure, ["infra/shop", "--format", "json"], { cwd });
  expect(code).toBe(2);
  const report = JSON.parse(out);
  expect(report.worlds.after.nodes.length).toBeGreaterThan(3);
  const ours = report.findings.filter((finding: { code: string }) => finding.code.startsWith("ORG"));
  expect(
    ours.map((finding: Record<string, { file?: string; reason?: string }>) => [
      finding["code"],
      finding["severity"],
      finding["subject"],
      finding["range"]?.file,
      finding["suppression"]?.reason,
    ]),
  ).toEqual(
    expect.arrayContaining([
      ["ORG002", "error", undefined, "aks-twin.yaml", "we need some"],
      ["ORG001", "error", "DaemonSet/shop/log-agent", expect.stringMatching(/^manifests\/shop\//), undefined],
    ]),
  );
});

test("--show-config names the place of each value, and the flags before the file", async () => {
  const cwd = repository(policies);
  const { out, err, code } = await runCommand(
    configure,
    ["infra/shop", "--show-config", "--fail-on", "none", "--var", "name=x"],
    { cwd },
  );
  expect([err, code]).toEqual(["", 0]);
  expect(out.split("\n")).toEqual([
    "Read from aks-twin.yaml.",
    'manifests      ["../../manifests/shop"]  (aks-twin.yaml:1:12)',
    "clusters       manifests run on the first cluster  (default)",
    "variableFiles  none  (default)",
    "mocks          none  (default)",
    "subnets        those of the configuration  (default)",
    "peeredRanges   the networks that the configuration peers  (default)",
    "modules        where Terraform looks  (default)",
    "skus           the sizes that aks-twin knows  (default)",
    "usage          no quota  (default)",
    "prices         no prices  (default)",
    "load           what is requested  (default)",
    'failOn         "none"  (--fail-on)',
    'rules          {"ORG001":"error"}  (aks-twin.yaml:16:3)',
    'suppress       ["ORG002"]  (aks-twin.yaml:13:3)',
    'policies       ["ORG001","ORG002"]  (aks-twin.yaml:4:3)',
    "variable name  (--var)",
    "",
  ]);
});

test("--show-config tells what is wrong in the file and exits with 1", async () => {
  const cwd = repository("failOn: fatal\n");
  const { err, code } = await runCommand(configure, ["infra/shop", "--show-config"], { cwd });
  expect(code).toBe(1);
  expect(err).toMatch(/^aks-twin\.yaml:1:9: The configuration file has a wrong value: "failOn" must be/);
});

test("against a base only what breaks a policy anew counts", async () => {
  const cwd = repository(policies);
  const same = await runCommand(configure, ["infra/shop", "--base", "infra/shop", "--format", "json"], { cwd });
  expect(same.code).toBe(0);
  expect(JSON.parse(same.out).changes.nothingChanged).toBe(true);
});

const networkOf = async (yaml: string, hcl: string) => {
  const folder = mkdtempSync(join(tmpdir(), "aks-twin-"));
  writeFileSync(join(folder, "main.tf"), hcl);
  writeFileSync(join(folder, "aks-twin.yaml"), yaml);
  const { out } = await runCommand(configure, [folder, "--format", "json"]);
  const { worlds, findings } = JSON.parse(out);
  const told = findings.map(({ code, detail }: { code: string; detail: string }) => `${code} ${detail}`).join("\n");
  return { subnets: worlds.after.subnets, told };
};

test("subnets that the configuration only names have the prefix and the use that aks-twin.yaml gives", async () => {
  const hcl = shop().replaceAll(
    "vnet_subnet_id = azurerm_subnet.nodes.id",
    'vnet_subnet_id = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/far"',
  );
  const { subnets, told } = await networkOf("subnets: { far: { prefix: 10.9.0.0/22, used: 40 } }\n", hcl);
  expect(subnets[0]).toMatchObject({ name: "far", prefix: "10.9.0.0/22", usable: 1019 });
  expect(subnets[0].parts).toContainEqual({ what: "others, as aks-twin.yaml says", used: 40, reserved: 0 });
  expect(told).not.toContain("AKS9302");
  expect((await networkOf("subnets: { far: { prefix: 10.9.0.0 } }\n", hcl)).told).toMatch(/AKS9401 "subnets\.far"/);
});

test("ranges that aks-twin.yaml says are peered are held against those of the cluster", async () => {
  const network = 'network_plugin = "azure"\n network_plugin_mode = "overlay"\n pod_cidr = "10.244.0.0/16"';
  const clear = await networkOf("peeredRanges: [10.99.0.0/16]\n", shop({ network }));
  expect(clear.told).not.toMatch(/AKS1005|AKS1008|AKS1016/);
  const { told } = await networkOf("peeredRanges: { office: 10.244.0.0/14, hub: 10.1.128.0/17 }\n", shop({ network }));
  expect(told).toMatch(/AKS1008 Pod CIDR 10\.244\.0\.0\/16 .* overlaps the peered range "office"/);
  expect(told).toMatch(/AKS1016 Network "vnet" .* overlaps range "hub"/);
});
