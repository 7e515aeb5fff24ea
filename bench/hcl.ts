import { parseHcl } from "../src/load/hcl/parse-file.ts";

/** Reads generated configurations, many small files and one large, and prints megabytes a second once warm. */
export const run = (): void => {
  const files = Array.from({ length: 100 }, (_, at) => configuration(at, 12));
  report("100 files of 5 kB", 20, files);
  report("one file of 50,000 lines", 3, [configuration(0, 2_400)]);
};

const report = (name: string, rounds: number, files: readonly string[]): void => {
  const size = files.reduce((sum, text) => sum + text.length, 0);
  for (let warm = 0; warm < 3; warm++) readAll(files);
  const start = performance.now();
  for (let round = 0; round < rounds; round++) readAll(files);
  const seconds = (performance.now() - start) / 1000;
  process.stdout.write(`hcl: ${name}: ${((size * rounds) / seconds / 1e6).toFixed(1)} MB/s\n`);
};

const readAll = (files: readonly string[]): void => {
  for (const text of files) {
    if (parseHcl(text, "main.tf").diagnostics.length > 0) throw new Error("the generated configuration is valid");
  }
};

/** Text as people write it: 21 lines a resource. */
const configuration = (seed: number, resources: number): string =>
  Array.from(
    { length: resources },
    (_, at) => `# Pool ${at} of ${seed}.
resource "azurerm_kubernetes_cluster_node_pool" "pool_${at}" {
  for_each = { for name, pool in var.pools : name => pool if pool.enabled }

  name                  = substr("\${each.key}\${local.suffix}", 0, 12)
  kubernetes_cluster_id = azurerm_kubernetes_cluster.main.id
  vm_size               = each.value.size == null ? "Standard_D${(at % 8) + 2}s_v5" : each.value.size
  auto_scaling_enabled  = true
  min_count             = ${at % 3}
  max_count             = ${(at % 7) + 3}
  vnet_subnet_id        = azurerm_subnet.nodes[each.value.zone].id
  node_taints           = ["workload=\${each.key}:NoSchedule", "spot=true:NoSchedule"]
  zones                 = [for zone in range(3) : tostring(zone + 1)]

  upgrade_settings {
    max_surge = "33%"
  }
  tags = merge(local.tags, {
    pool = each.key
  })
}

`,
  ).join("");
