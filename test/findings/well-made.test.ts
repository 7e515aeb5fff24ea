import { expect, test } from "@jest/globals";
import { runRules } from "../../src/findings/run-rules.ts";
import { predict } from "../../src/simulate/predict.ts";
import type { LoadSettings } from "../../src/simulate/predict-replicas.ts";
import { deployment } from "../support/objects.ts";
import { shop } from "../support/shop.ts";
import { type Source, worldOf } from "../support/world.ts";

/** Sound platforms on which a rule once said something: prediction and rules together, nothing of severity warning or above may come. */

const load = { default: undefined, workloads: new Map() };
const place = "resource_group_name = azurerm_resource_group.rg.name\n location = azurerm_resource_group.rg.location";

const judged = (source: Source, given: LoadSettings = load): readonly string[] => {
  const world = worldOf(source);
  const { platform } = world;
  const objects = world.objects.map(({ object }) => object);
  const predictions = platform.clusters.map((cluster) => predict({ cluster, platform, objects, load: given }).value);
  return runRules({ ...world, predictions }, [], { textOf: () => undefined })
    .filter(({ severity }) => severity !== "info")
    .map(({ severity, code, detail }) => `${severity} ${code} ${detail}`);
};

const claim = (name: string, spec: string): string =>
  `apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: ${name}}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 5Gi}}, ${spec}}\n---\n`;
const volume = (name: string, spec: string): string =>
  `apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: ${name}}\nspec: {capacity: {storage: 5Gi}, accessModes: [ReadWriteOnce], persistentVolumeReclaimPolicy: Retain, csi: {driver: disk.csi.azure.com, volumeHandle: /d/${name}}, ${spec}}\n---\n`;
const user = (spec: string, more = ""): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web${more === "" ? "" : `, ${more}`}}\nspec:\n  replicas: 1\n  strategy: {type: Recreate}\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers: [{name: web, image: "mcr.microsoft.com/web:1"}]\n      ${spec}\n---\n`;
const using = (name: string): string => user(`volumes: [{name: data, persistentVolumeClaim: {claimName: ${name}}}]`);

const rows: readonly (readonly [name: string, source: Source])[] = [
  ["the sample that the rows change", { hcl: shop(), yaml: user("terminationGracePeriodSeconds: 30") }],
  [
    "a claim that names the volume of a class that binds at once",
    {
      hcl: shop(),
      yaml: `${volume("files", "storageClassName: azurefile-csi")}${claim("files", "storageClassName: azurefile-csi, volumeName: files")}${using("files")}`,
    },
  ],
  [
    "a claim that names the volume of a class that waits for the pod",
    {
      hcl: shop(),
      yaml: `${volume("disk", "storageClassName: managed-csi")}${claim("disk", "storageClassName: managed-csi, volumeName: disk")}${using("disk")}`,
    },
  ],
  [
    "a claim without a class, and a volume without one that suits",
    {
      hcl: shop(),
      yaml: `${volume("old", 'storageClassName: ""')}${claim("old", 'storageClassName: ""')}${using("old")}`,
    },
  ],
  [
    "a volume that is kept for the claim, of a class that exists as a name only",
    {
      hcl: shop(),
      yaml: `${volume("kept", "storageClassName: manual, claimRef: {name: kept, namespace: default}")}${claim("kept", "storageClassName: manual")}${using("kept")}`,
    },
  ],
  [
    "generic ephemeral volumes",
    {
      hcl: shop(),
      yaml: user(
        "volumes: [{name: scratch, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], storageClassName: managed-csi, resources: {requests: {storage: 32Gi}}}}}}]",
      ),
    },
  ],
  [
    "a quota for pods without requests where a LimitRange gives them",
    {
      hcl: shop(),
      yaml: `apiVersion: v1\nkind: LimitRange\nmetadata: {name: defaults}\nspec: {limits: [{type: Container, defaultRequest: {cpu: 100m, memory: 128Mi}}]}\n---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: none}\nspec: {hard: {pods: "0"}, scopes: [BestEffort]}\n---\n${user("")}`,
    },
  ],
  [
    "a quota of requests that only limits are written for",
    {
      hcl: shop(),
      yaml: `apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: some}\nspec: {hard: {requests.cpu: "4"}}\n---\n${deployment("cart", { image: "mcr.microsoft.com/web:1" }).replace(/resources: .*/, "resources: {limits: {cpu: 500m, memory: 64Mi}}")}`,
    },
  ],
  ...["node_count = 1", "auto_scaling_enabled = true\n min_count = 0\n max_count = 2"].map(
    (count): readonly [string, Source] => [
      `GPU pods, with ${count.split("\n")[0]}`,
      {
        hcl: shop({ user: `vm_size = "Standard_NC24ads_A100_v4"\n ${count}\n node_taints = ["sku=gpu:NoSchedule"]` }),
        yaml: `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: nvidia-device-plugin, namespace: kube-system}\nspec:\n  selector: {matchLabels: {app: plugin}}\n  template:\n    metadata: {labels: {app: plugin}}\n    spec:\n      nodeSelector: {accelerator: nvidia}\n      tolerations: [{key: sku, operator: Equal, value: gpu, effect: NoSchedule}]\n      containers: [{name: plugin, image: "nvcr.io/nvidia/k8s-device-plugin:v0.17.0"}]\n---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: train}\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n      tolerations: [{key: sku, operator: Equal, value: gpu, effect: NoSchedule}]\n      containers: [{name: train, image: "mcr.microsoft.com/train:1", resources: {limits: {nvidia.com/gpu: 1}}}]\n`,
      },
    ],
  ),
  [
    "a registry whose name the hub's resolver finds, with the firewall as the spoke's DNS server",
    {
      hcl: shop({
        more: `resource "azurerm_virtual_network" "hub" {\n name = "hub"\n ${place}\n address_space = ["10.9.0.0/16"]\n}\nresource "azurerm_subnet" "fw" {\n name = "AzureFirewallSubnet"\n resource_group_name = azurerm_resource_group.rg.name\n virtual_network_name = azurerm_virtual_network.hub.name\n address_prefixes = ["10.9.0.0/26"]\n}\nresource "azurerm_firewall" "hub" {\n name = "fw"\n ${place}\n sku_name = "AZFW_VNet"\n sku_tier = "Standard"\n ip_configuration {\n name = "ip"\n subnet_id = azurerm_subnet.fw.id\n }\n}\nresource "azurerm_container_registry" "acr" {\n name = "acrshop"\n ${place}\n sku = "Premium"\n public_network_access_enabled = false\n}\nresource "azurerm_role_assignment" "acr" {\n scope = azurerm_container_registry.acr.id\n role_definition_name = "AcrPull"\n principal_id = azurerm_kubernetes_cluster.main.kubelet_identity[0].object_id\n}\nresource "azurerm_private_dns_zone" "acr" {\n name = "privatelink.azurecr.io"\n resource_group_name = azurerm_resource_group.rg.name\n}\nresource "azurerm_private_dns_zone_virtual_network_link" "acr" {\n name = "hub"\n resource_group_name = azurerm_resource_group.rg.name\n private_dns_zone_name = azurerm_private_dns_zone.acr.name\n virtual_network_id = azurerm_virtual_network.hub.id\n}\nresource "azurerm_private_endpoint" "acr" {\n name = "pe"\n ${place}\n subnet_id = azurerm_subnet.nodes.id\n private_service_connection {\n name = "acr"\n private_connection_resource_id = azurerm_container_registry.acr.id\n is_manual_connection = false\n subresource_names = ["registry"]\n }\n private_dns_zone_group {\n name = "default"\n private_dns_zone_ids = [azurerm_private_dns_zone.acr.id]\n }\n}\n`,
      }).replace(
        "address_space       =",
        "dns_servers = [azurerm_firewall.hub.ip_configuration[0].private_ip_address]\n  address_space       =",
      ),
      yaml: deployment("cart", { image: "acrshop.azurecr.io/cart:1" }),
    },
  ],
  [
    "a pool that leaves its subnet to the cluster's, with user-defined routing",
    {
      hcl: shop({
        network:
          'network_plugin = "azure"\n network_policy = "azure"\n outbound_type = "userDefinedRouting"\n service_cidr = "172.20.0.0/16"\n dns_service_ip = "172.20.0.10"',
        more: `resource "azurerm_route_table" "rt" {\n name = "rt"\n ${place}\n route {\n name = "all"\n address_prefix = "0.0.0.0/0"\n next_hop_type = "VirtualAppliance"\n next_hop_in_ip_address = "10.9.0.4"\n }\n}\nresource "azurerm_subnet_route_table_association" "rt" {\n subnet_id = azurerm_subnet.nodes.id\n route_table_id = azurerm_route_table.rt.id\n}\n`,
      }).replace(/(name {18}= "user"[\s\S]*?) {2}vnet_subnet_id .*\n/, "$1"),
    },
  ],
  [
    "a registry beside the cluster that no manifest pulls from, under a group where the control plane may change networks",
    {
      hcl: shop({
        networkRole:
          'resource "azurerm_role_assignment" "network" {\n scope = azurerm_resource_group.rg.id\n role_definition_name = "Network Contributor"\n principal_id = azurerm_user_assigned_identity.cluster.principal_id\n}\n',
        more: `resource "azurerm_container_registry" "acr" {\n name = "acrshop"\n ${place}\n sku = "Basic"\n}\n`,
      }),
    },
  ],
  [
    "AcrPull for the kubelet's identity, looked up by the name that AKS gives it",
    {
      hcl: shop({
        more: `resource "azurerm_container_registry" "acr" {\n name = "acrshop"\n ${place}\n sku = "Basic"\n}\ndata "azurerm_user_assigned_identity" "nodes" {\n name = "\${azurerm_kubernetes_cluster.main.name}-agentpool"\n resource_group_name = azurerm_kubernetes_cluster.main.node_resource_group\n}\nresource "azurerm_role_assignment" "acr" {\n scope = azurerm_container_registry.acr.id\n role_definition_name = "AcrPull"\n principal_id = data.azurerm_user_assigned_identity.nodes.principal_id\n}\n`,
      }),
      yaml: deployment("cart", { image: "acrshop.azurecr.io/cart:1" }),
    },
  ],
  [
    "DNS rights for an identity that is looked up by a name not known yet",
    {
      hcl: shop({
        cluster: "web_app_routing {\n dns_zone_ids = [azurerm_dns_zone.apps.id]\n }",
        more: `resource "azurerm_dns_zone" "apps" {\n name = "apps.example"\n resource_group_name = azurerm_resource_group.rg.name\n}\ndata "azurerm_user_assigned_identity" "routing" {\n name = split("/", azurerm_kubernetes_cluster.main.web_app_routing[0].web_app_routing_identity[0].user_assigned_identity_id)[8]\n resource_group_name = azurerm_kubernetes_cluster.main.node_resource_group\n}\nresource "azurerm_role_assignment" "dns" {\n scope = azurerm_dns_zone.apps.id\n role_definition_name = "DNS Zone Contributor"\n principal_id = data.azurerm_user_assigned_identity.routing.principal_id\n}\n`,
      }),
    },
  ],
  [
    "a claim whose class stands in the annotation of old times",
    {
      hcl: shop(),
      yaml: `${claim("shared", "volumeMode: Filesystem").replace("{name: shared}", "{name: shared, annotations: {volume.beta.kubernetes.io/storage-class: azurefile-csi}}").replace("ReadWriteOnce", "ReadWriteMany")}${using("shared")}`,
    },
  ],
  [
    "a Service for one pod of a StatefulSet",
    {
      hcl: shop(),
      yaml: 'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: redis}\nspec:\n  serviceName: redis\n  replicas: 2\n  selector: {matchLabels: {app: redis}}\n  template:\n    metadata: {labels: {app: redis}}\n    spec:\n      containers: [{name: redis, image: "mcr.microsoft.com/redis:1"}]\n---\napiVersion: v1\nkind: Service\nmetadata: {name: redis-0}\nspec: {selector: {app: redis, statefulset.kubernetes.io/pod-name: redis-0}, ports: [{port: 6379}]}\n',
    },
  ],
  [
    "Services of what the Prometheus operator makes",
    {
      hcl: shop(),
      yaml: `apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: main}\nspec: {replicas: 2}\n---\n${user("")}apiVersion: v1\nkind: Service\nmetadata: {name: prometheus}\nspec: {selector: {app: prometheus}, ports: [{port: 9090}]}\n`,
    },
  ],
  [
    "pods for the virtual node",
    {
      hcl: shop({
        cluster: "aci_connector_linux {\n subnet_name = azurerm_subnet.aci.name\n }",
        more: 'resource "azurerm_subnet" "aci" {\n name = "aci"\n resource_group_name = azurerm_resource_group.rg.name\n virtual_network_name = azurerm_virtual_network.main.name\n address_prefixes = ["10.1.8.0/24"]\n delegation {\n name = "aci"\n service_delegation {\n name = "Microsoft.ContainerInstance/containerGroups"\n }\n }\n}\n',
      }),
      yaml: user(
        "nodeSelector: {type: virtual-kubelet}\n      tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}]",
      ),
    },
  ],
  [
    "a role on the resource group that is read out of the subnet's id",
    {
      hcl: shop({
        networkRole:
          'resource "azurerm_role_assignment" "network" {\n scope = regex("(.*?/resourceGroups/[^/]+)", azurerm_subnet.nodes.id)[0]\n role_definition_name = "Network Contributor"\n principal_id = azurerm_user_assigned_identity.cluster.principal_id\n}\n',
        cluster:
          "private_cluster_enabled = true\n private_dns_zone_id = azurerm_private_dns_zone.api.id\n depends_on = [azurerm_role_assignment.api, azurerm_role_assignment.network]",
        more: `resource "azurerm_private_dns_zone" "api" {\n name = "privatelink.westeurope.azmk8s.io"\n resource_group_name = azurerm_resource_group.rg.name\n}\nresource "azurerm_role_assignment" "api" {\n scope = azurerm_private_dns_zone.api.id\n role_definition_name = "Private DNS Zone Contributor"\n principal_id = azurerm_user_assigned_identity.cluster.principal_id\n}\n`,
      }),
    },
  ],
  [
    "a data source that reads one of the pools",
    {
      hcl: shop({
        user: 'vm_size = "Standard_D4s_v5"\n node_count = 1',
        more: 'data "azurerm_kubernetes_cluster_node_pool" "system" {\n name = "system"\n kubernetes_cluster_name = azurerm_kubernetes_cluster.main.name\n resource_group_name = azurerm_resource_group.rg.name\n}\n',
      }),
      yaml: user("nodeSelector: {agentpool: system, kubernetes.azure.com/mode: system}"),
    },
  ],
  [
    "labels that a pipeline fills in",
    {
      hcl: shop(),
      yaml: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, labels: {environment: __ENVIRONMENT__}}\n",
    },
  ],
];

test.each(rows)("nothing is wrong with %s", (_, source) => {
  expect(judged(source)).toEqual([]);
});

test("pods without requests count with what the LimitRange gives them", () => {
  const world = worldOf({
    hcl: shop(),
    yaml: `apiVersion: v1\nkind: LimitRange\nmetadata: {name: defaults}\nspec: {limits: [{type: Container, default: {cpu: "2"}}]}\n---\n${user("")}`,
  });
  const { platform } = world;
  const [cluster] = platform.clusters;
  if (cluster === undefined) throw new Error("the sample has no cluster");
  const used = (objects: typeof world.objects): number =>
    predict({ cluster, platform, objects: objects.map(({ object }) => object), load }).value.pools.reduce(
      (sum, pool) => sum + pool.requested.milliCpu,
      0,
    );
  const without = world.objects.filter(({ object }) => object.kind !== "LimitRange");
  expect(used(world.objects) - used(without)).toBe(2000);
});

test("pods that would wait at a load that nobody gave are a risk, at one that is given an error", () => {
  const source = {
    hcl: shop({ user: 'vm_size = "Standard_D4s_v5"\n node_count = 1' }),
    yaml: `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 4\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      nodeSelector: {agentpool: user}\n      containers: [{name: web, image: "mcr.microsoft.com/web:1", resources: {requests: {cpu: 700m}}}]\n---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  minReplicas: 2\n  maxReplicas: 10\n  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]\n`,
  };
  const about = (all: readonly string[]) => all.filter((text) => text.includes("AKS2002"));
  expect(about(judged(source))).toEqual([expect.stringMatching(/^warning AKS2002 .*at high load/)]);
  const busy = { default: { low: 0.3, high: 0.9 }, workloads: new Map() };
  expect(about(judged(source, busy))).toEqual([expect.stringMatching(/^error AKS2002 .*at high load/)]);
});

test("an azapi pool is told in azapi's words", () => {
  const hcl = `${shop()}resource "azapi_resource" "pool" {\n type = "Microsoft.ContainerService/managedClusters/agentPools@2025-05-01"\n name = "more"\n parent_id = azurerm_kubernetes_cluster.main.id\n body = { properties = { mode = "User", vmSize = "Standard_D4s_v5", count = 2, enableAutoScaling = true, minCount = 1, maxCount = 3 } }\n}\n`;
  expect(judged({ hcl })).toEqual([
    expect.stringMatching(
      /but count 2 is written: .* Leave count out, or add lifecycle \{ ignore_changes = \[body\.properties\.count\] \}/,
    ),
  ]);
});
