import { expect, test } from "@jest/globals";
import { kubernetesObjectsOf } from "../../src/evaluate/kubernetes-objects.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { evaluated } from "../support/evaluated.ts";

const objectsOf = (text: string) => kubernetesObjectsOf(evaluated(text)).objects;

const documentOf = (text: string): JsonObject | undefined => objectsOf(text)[0]?.document;

const deployment = `
resource "kubernetes_deployment_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }
  spec {
    replicas = 3
    selector {
      match_labels = { app = "web" }
    }
    strategy {
      rolling_update {
        max_surge       = "25%"
        max_unavailable = 1
      }
    }
    template {
      metadata {
        labels = { app = "web" }
      }
      spec {
        affinity {
          pod_anti_affinity {
            required_during_scheduling_ignored_during_execution {
              topology_key = "kubernetes.io/hostname"
              label_selector {
                match_labels = { app = "web" }
              }
            }
          }
          node_affinity {
            required_during_scheduling_ignored_during_execution {
              node_selector_term {
                match_expressions {
                  key      = "kubernetes.io/os"
                  operator = "In"
                  values   = ["linux"]
                }
              }
            }
          }
        }
        toleration {
          key      = "spot"
          operator = "Exists"
        }
        container {
          name  = "web"
          image = "acr.azurecr.io/web:1"
          port {
            container_port = 8080
          }
          env {
            name = "KEY"
            value_from {
              secret_key_ref {
                name = "s"
                key  = "k"
              }
            }
          }
          resources {
            requests = { cpu = "250m" }
          }
          readiness_probe {
            http_get {
              path = "/ready"
              port = 8080
            }
          }
          security_context {
            run_as_user = 1000
          }
        }
        volume {
          name = "config"
          config_map {
            name         = "config"
            default_mode = "0440"
          }
        }
        volume {
          name = "scratch"
          empty_dir {}
        }
      }
    }
  }
}
`;

test("a deployment's blocks become the fields that the API has", () => {
  expect(documentOf(deployment)).toEqual({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "shop" },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: "web" } },
      strategy: { rollingUpdate: { maxSurge: "25%", maxUnavailable: 1 } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: {
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "web" } } },
              ],
            },
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [
                  { matchExpressions: [{ key: "kubernetes.io/os", operator: "In", values: ["linux"] }] },
                ],
              },
            },
          },
          tolerations: [{ key: "spot", operator: "Exists" }],
          containers: [
            {
              name: "web",
              image: "acr.azurecr.io/web:1",
              ports: [{ containerPort: 8080 }],
              env: [{ name: "KEY", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }],
              resources: { requests: { cpu: "250m" } },
              readinessProbe: { httpGet: { path: "/ready", port: 8080 } },
              securityContext: { runAsUser: 1000 },
            },
          ],
          volumes: [
            { name: "config", configMap: { name: "config", defaultMode: 0o440 } },
            { name: "scratch", emptyDir: {} },
          ],
        },
      },
    },
  });
});

test("each field knows where it was written", () => {
  const [object] = objectsOf(deployment);
  const place = object?.rangeAt(["spec", "template", "spec", "containers", 0, "image"]);
  expect(deployment.slice(place?.start.offset, place?.end.offset)).toContain('"acr.azurecr.io/web:1"');
  const nearest = object?.rangeAt(["spec", "template", "spec", "containers", 0, "livenessProbe", "exec"]);
  expect(deployment.slice(nearest?.start.offset, nearest?.end.offset)).toMatch(/^container/);
});

const named = (type: string, inside: string): string => `
resource "${type}" "x" {
  metadata {
    name = "x"
  }
  ${inside}
}`;

test.each([
  [
    "kubernetes_service",
    'spec {\n type = "LoadBalancer"\n selector = { app = "web" }\n port {\n port = 80\n target_port = 8080\n }\n }',
    {
      apiVersion: "v1",
      kind: "Service",
      spec: { type: "LoadBalancer", selector: { app: "web" }, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ],
  [
    "kubernetes_ingress_v1",
    'spec {\n rule {\n host = "a"\n http {\n path {\n path = "/"\n path_type = "Prefix"\n backend {\n service {\n name = "w"\n port {\n number = 80\n }\n }\n }\n }\n }\n }\n }',
    {
      kind: "Ingress",
      spec: {
        rules: [
          {
            host: "a",
            http: {
              paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "w", port: { number: 80 } } } }],
            },
          },
        ],
      },
    },
  ],
  [
    "kubernetes_network_policy_v1",
    'spec {\n pod_selector {}\n policy_types = ["Ingress"]\n ingress {\n from {\n namespace_selector {\n match_labels = { a = "b" }\n }\n }\n ports {\n port = "8080"\n protocol = "TCP"\n }\n }\n }',
    {
      kind: "NetworkPolicy",
      spec: {
        podSelector: {},
        policyTypes: ["Ingress"],
        ingress: [
          { from: [{ namespaceSelector: { matchLabels: { a: "b" } } }], ports: [{ port: 8080, protocol: "TCP" }] },
        ],
      },
    },
  ],
  [
    "kubernetes_persistent_volume_v1",
    'spec {\n capacity = { storage = "1Gi" }\n access_modes = ["ReadWriteOnce"]\n persistent_volume_source {\n csi {\n driver = "disk.csi.azure.com"\n volume_handle = "/x"\n }\n }\n }',
    {
      kind: "PersistentVolume",
      spec: {
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteOnce"],
        csi: { driver: "disk.csi.azure.com", volumeHandle: "/x" },
      },
    },
  ],
  [
    "kubernetes_pod_disruption_budget_v1",
    'spec {\n min_available = "2"\n selector {\n match_labels = { a = "b" }\n }\n }',
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      spec: { minAvailable: 2, selector: { matchLabels: { a: "b" } } },
    },
  ],
  [
    "kubernetes_cron_job",
    'spec {\n schedule = "* * * * *"\n job_template {\n metadata {}\n spec {\n template {\n metadata {}\n spec {}\n }\n }\n }\n }',
    { apiVersion: "batch/v1beta1", kind: "CronJob" },
  ],
  [
    "kubernetes_storage_class_v1",
    'storage_provisioner = "disk.csi.azure.com"\n reclaim_policy = "Retain"\n parameters = { skuName = "Premium_LRS" }',
    {
      kind: "StorageClass",
      provisioner: "disk.csi.azure.com",
      reclaimPolicy: "Retain",
      parameters: { skuName: "Premium_LRS" },
    },
  ],
  ["kubernetes_secret_v1", 'data = { a = "b" }', { kind: "Secret", data: { a: "Yg==" } }],
  [
    "kubernetes_role_v1",
    'rule {\n api_groups = [""]\n resources = ["pods"]\n verbs = ["get"]\n }',
    { kind: "Role", rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] },
  ],
])("%s", (type, inside, expected) => {
  expect(documentOf(named(type, inside))).toMatchObject(expected);
});

test("manifests are what they are, a release is listed, and what is not known is told", () => {
  const { objects, releases, diagnostics } = kubernetesObjectsOf(
    evaluated(`
terraform {
  required_providers {
    kubectl = {
      source = "alekc/kubectl"
    }
    helm = {
      source  = "hashicorp/helm"
      version = "~> 2.17"
    }
  }
}
resource "kubernetes_manifest" "m" {
  manifest = {
    apiVersion = "v1"
    kind       = "ConfigMap"
    metadata   = { name = "m" }
    data       = { known = "1", later = terraform_data.t.id }
  }
}
resource "kubectl_manifest" "k" {
  yaml_body = yamlencode({ apiVersion = "v1", kind = "Namespace", metadata = { name = "k" } })
}
resource "kubectl_manifest" "unknown" {
  yaml_body = terraform_data.t.id
}
resource "terraform_data" "t" {}
resource "helm_release" "ingress" {
  name       = "ingress"
  namespace  = "ingress"
  chart      = "ingress-nginx"
  repository = "https://example.com/charts"
  values     = ["replicas: 2"]
  set {
    name  = "a.b"
    value = "c"
  }
}
resource "kubernetes_manifest" "later" {
  manifest = {
    apiVersion = "v1"
    kind       = "ConfigMap"
    metadata   = { name = terraform_data.unknown.id }
  }
}
resource "terraform_data" "unknown" {}`),
  );
  expect(objects.map(({ address, document }) => [address, document])).toEqual([
    ["kubectl_manifest.k", { apiVersion: "v1", kind: "Namespace", metadata: { name: "k" } }],
    ["kubernetes_manifest.m", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m" }, data: { known: "1" } }],
  ]);
  expect(releases).toMatchObject([
    {
      name: "ingress",
      namespace: "ingress",
      chart: "ingress-nginx",
      values: ["replicas: 2"],
      set: [{ name: "a.b", value: "c" }],
    },
  ]);
  expect(diagnostics.map(({ code, subject }) => [code, subject])).toEqual([
    ["AKS9042", "kubectl_manifest.unknown"],
    ["AKS9042", "kubernetes_manifest.later"],
  ]);
});
