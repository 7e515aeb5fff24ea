import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { configure } from "../../src/commands/explain.ts";
import { runCommand } from "../support/run-command.ts";
import { shop } from "../support/shop.ts";

const explain = (...args: readonly string[]) => runCommand(configure, args);

test("a rule's page comes with its source", async () => {
  expect((await explain("aks1001")).out).toMatch(/^AKS1001 /);
});

test("a Pending workload is told what it lacks", async () => {
  const { out } = await explain("Deployment/shop/search", "--dir", "samples/online-shop-change");
  expect(out).toMatch(/search-\w+-\w+ stays Pending/);
  expect(out).toMatch(/Mi memory more on/);
});

test("a placed pod is told why it is there", async () => {
  const { out } = await explain("shop/redis-0", "--dir", "samples/online-shop");
  expect(out).toMatch(/^shop\/redis-0 runs on aks-user-/);
});

test("the default-deny policy of the sample leaves what its labels allow", async () => {
  const { out } = await explain("--reach", "--dir", "samples/online-shop");
  expect(out).toContain("Policies are enforced by calico.");
  expect(out).toMatch(/Deployment\/shop\/web +→ {2}Deployment\/shop\/cart: all/);
});

test("without bindings the admin group alone is allowed anything", async () => {
  const question = ["--can-i", "delete pods", "--namespace", "shop", "--dir"];
  expect((await explain(...question, "samples/online-shop")).out).toMatch(/^Group [-1]+: admin_group_object_ids.*\n$/);
  const folder = mkdtempSync(join(tmpdir(), "aks-twin-"));
  writeFileSync(join(folder, "main.tf"), shop());
  expect((await explain(...question, folder)).out).toContain("Nobody may delete pods");
});

test("a binding may name the roles that every cluster has", async () => {
  const folder = mkdtempSync(join(tmpdir(), "aks-twin-"));
  writeFileSync(join(folder, "main.tf"), shop());
  mkdirSync(join(folder, "k8s"));
  writeFileSync(
    join(folder, "k8s/roles.yaml"),
    `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: devs, namespace: shop }
subjects: [{ kind: Group, name: devs, apiGroup: rbac.authorization.k8s.io }]
roleRef: { kind: ClusterRole, name: edit, apiGroup: rbac.authorization.k8s.io }
`,
  );
  const ask = async (question: string, ...args: readonly string[]) =>
    (await explain("--can-i", question, "--dir", folder, ...args)).out;
  const dev = ["--as", "bob", "--as-group", "devs", "--namespace", "shop"];
  expect(await ask("create deployments.apps", ...dev)).toMatch(
    /^yes - .*RoleBinding "devs\/shop" of ClusterRole "edit"/,
  );
  expect(await ask("create rolebindings.rbac.authorization.k8s.io", ...dev)).toMatch(/^no/);
  expect(await ask("create deployments.apps", "--as", "bob", "--namespace", "shop")).toMatch(/^no/);
  expect(await ask("create deployments.apps", "--namespace", "shop")).toBe(
    'Group devs: RoleBinding "devs/shop" of ClusterRole "edit" to Group "devs"\n',
  );
});

test("what is not there is said", async () => {
  const { err, code } = await explain("Deployment/shop/nowhere", "--dir", "samples/online-shop");
  expect([code, err]).toEqual([1, expect.stringContaining('no pod or workload "Deployment/shop/nowhere"')]);
});

test("a URL is told its Ingress, Service and pods", async () => {
  const shop = ["--dir", "samples/online-shop"];
  const { out } = await explain("--route", "https://www.shop.example/cart", ...shop);
  expect(out).toMatch(/^Answered through Ingress\/shop\/web/);
  expect(out).toMatch(/Service shop\/web, port http: Deployment\/shop\/web \(\d+ pods run/);
  const json = JSON.parse((await explain("--route", "www.shop.example", "--json", ...shop)).out);
  expect(json).toMatchObject({ nothing: "", taken: [{ answers: true, route: { source: "Ingress/shop/web" } }] });
  expect((await explain("--route", "https://other.example", ...shop)).out).toMatch(/^Nothing answers\. No Ingress/);
  expect(await explain("--route", "ftp://shop", ...shop)).toMatchObject({ code: 1, out: "" });
});

test("identities are told what they may do, and by which line", async () => {
  const shop = ["--identity", "--dir", "samples/online-shop"];
  const { out } = await explain(...shop);
  expect(out).toMatch(
    /may pull images on azurerm_container_registry\.shop: AcrPull by azurerm_role_assignment\.kubelet_pull \(/,
  );
  expect(JSON.parse((await explain(...shop, "--json")).out).workloads).toHaveLength(2);
});

test("a Service is told its endpoints, port by port", async () => {
  const shop = ["--dir", "samples/online-shop"];
  const { out } = await explain("--service", "shop/redis", ...shop);
  expect(out).toMatch(/^Service shop\/redis, headless/);
  expect(out).toMatch(/Port 6379 \(redis, TCP\) reaches 3 pods of StatefulSet\/shop\/redis port 6379 on 3 nodes/);
  const { ports } = JSON.parse((await explain("--service", "web", "--json", ...shop)).out);
  expect(ports[0].endpoints).toHaveLength(12);
  expect(ports[0].endpoints[0]).toMatchObject({ workload: "Deployment/shop/web", port: 8080 });
  expect((await explain("--service", ...shop)).out.trimEnd().split("\n")).toHaveLength(13);
  expect(await explain("--service", "nowhere", ...shop)).toMatchObject({ code: 1, out: "" });
});

test("a URL is told the DNS record of its host", async () => {
  const folder = mkdtempSync(join(tmpdir(), "aks-twin-"));
  const place = "resource_group_name = azurerm_resource_group.rg.name";
  const more = `
resource "azurerm_dns_zone" "shop" {
  name = "shop.example"
  ${place}
}
resource "azurerm_public_ip" "web" {
  name = "pip"
  location = "westeurope"
  allocation_method = "Static"
  ${place}
}
resource "azurerm_dns_a_record" "www" {
  name = "www"
  zone_name = azurerm_dns_zone.shop.name
  ttl = 300
  records = [azurerm_public_ip.web.ip_address]
  ${place}
}`;
  writeFileSync(join(folder, "main.tf"), shop({ more }));
  expect((await explain("--route", "https://www.shop.example", "--dir", folder)).out).toContain(
    "Name, in zone shop.example: azurerm_dns_a_record.www (www.shop.example) leads to azurerm_public_ip.web.\n",
  );
  expect((await explain("--route", "https://api.shop.example", "--dir", folder)).out).toContain(
    "Name, in zone shop.example: the configuration has no record for api.shop.example.\n",
  );
  const json = JSON.parse((await explain("--route", "https://www.shop.example", "--json", "--dir", folder)).out);
  expect(json.dns).toMatchObject([{ zone: "shop.example", records: [{ address: "azurerm_dns_a_record.www" }] }]);
});

const entraShop = (rbac: boolean): string => {
  const folder = mkdtempSync(join(tmpdir(), "aks-twin-"));
  const block = `azure_active_directory_role_based_access_control {
    azure_rbac_enabled     = ${rbac}
    tenant_id              = "00000000-0000-0000-0000-000000000000"
    admin_group_object_ids = ["22222222-2222-2222-2222-222222222222"]
  }`;
  const role = `resource "azurerm_role_assignment" "dev" {
  scope                = "\${azurerm_kubernetes_cluster.main.id}/namespaces/shop"
  role_definition_name = "Azure Kubernetes Service RBAC Reader"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
}`;
  writeFileSync(join(folder, "main.tf"), shop({ cluster: block, more: role }));
  return folder;
};

test("Azure RBAC answers where the cluster has it", async () => {
  const ask = async (folder: string, ...args: readonly string[]) =>
    (await explain("--can-i", "list pods", "--dir", folder, ...args)).out;
  const identity = ["--as", "azurerm_user_assigned_identity.cluster", "--namespace", "shop"];
  const on = entraShop(true);
  expect(await ask(on, ...identity)).toBe(
    'yes - Azure RBAC: role "Azure Kubernetes Service RBAC Reader" over namespace shop of azurerm_kubernetes_cluster.main (azurerm_role_assignment.dev)\n',
  );
  expect(await ask(on, ...identity.slice(0, 2))).toMatch(
    /^no - .*gives Microsoft\.ContainerService\/managedClusters\/pods\/read\n$/,
  );
  expect(await ask(on, "--namespace", "shop")).toBe(
    'Group 22222222-2222-2222-2222-222222222222: admin_group_object_ids, which AKS binds to cluster-admin\nAzure principal azurerm_user_assigned_identity.cluster: role "Azure Kubernetes Service RBAC Reader" over namespace shop of azurerm_kubernetes_cluster.main (azurerm_role_assignment.dev)\n',
  );
  expect(await ask(entraShop(false), ...identity)).toMatch(/^no - .*no azure_rbac_enabled/);
  expect(await ask(on, "--as", "jane@example.com", "--as-group", "22222222-2222-2222-2222-222222222222")).toMatch(
    /^yes - "2{8}-.*" is in admin_group_object_ids/,
  );
  expect(JSON.parse(await ask(on, ...identity, "--json"))).toMatchObject({
    allowed: true,
    reason: expect.stringContaining("azurerm_role_assignment.dev"),
    azure: { allowed: "yes" },
  });
});

test("who may fetch the administrator's credential may do anything, unless local accounts are disabled", async () => {
  const role = `resource "azurerm_role_assignment" "ops" {
  scope                = azurerm_kubernetes_cluster.main.id
  role_definition_name = "Azure Kubernetes Service Cluster Admin Role"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}`;
  const ask = async (cluster: string, ...args: readonly string[]) => {
    const folder = mkdtempSync(join(tmpdir(), "aks-twin-"));
    writeFileSync(join(folder, "main.tf"), shop({ cluster, more: role }));
    return (await explain("--can-i", "delete nodes", "--dir", folder, ...args)).out;
  };
  const ops = ["--as", "33333333-3333-3333-3333-333333333333"];
  expect(await ask("", ...ops)).toMatch(
    /^yes - role "Azure Kubernetes Service Cluster Admin Role" .*administrator's credential/,
  );
  expect(await ask("")).toMatch(/^Azure principal principal:3{8}-/);
  const entra =
    'azure_active_directory_role_based_access_control {\n tenant_id = "00000000-0000-0000-0000-000000000000"\n }';
  expect(await ask(`local_account_disabled = true\n${entra}`, ...ops)).toMatch(/^no/);
});

test("--monitoring tells what is collected of which cluster, and what is not", async () => {
  const { out } = await explain("--monitoring", "samples/online-shop");
  expect(out).toMatch(/^azurerm_kubernetes_cluster\.shop\n {2}container logs, events and inventory: not collected/);
  expect(out).toContain("  platform metrics: by Azure, without configuration, to Azure Monitor Metrics\n");
  const { out: json } = await explain("--monitoring", "--dir", "samples/online-shop", "--json");
  expect(JSON.parse(json)).toMatchObject([{ cluster: "azurerm_kubernetes_cluster.shop", alerts: [], dashboards: [] }]);
  const { err } = await explain("--monitoring", "samples/online-shop", "--cluster", "other");
  expect(err).toContain('there is no cluster "other"');
});
