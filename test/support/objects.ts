import type { KubeObject, SourcedObject } from "../../src/kubernetes/object.ts";
import { parseYamlDocuments } from "../../src/load/yaml/documents.ts";

/** Kubernetes objects from YAML text, with their ranges; what the text leaves out stays out. */
export const objects = (text: string, file = "k8s.yaml"): readonly SourcedObject[] => {
  const { value, diagnostics } = parseYamlDocuments(text, file);
  if (diagnostics.length > 0) throw new Error(`the test's YAML cannot be read: ${diagnostics[0]?.detail}`);
  return value.map((document) => ({
    object: document.value as unknown as KubeObject,
    range: document.range,
    rangeAt: document.rangeAt,
  }));
};

/** A Deployment of one container; `podSpec` is YAML of further fields of the pod's spec, indented by six. */
export const deployment = (
  name: string,
  options: { replicas?: number; image?: string; podSpec?: string; requests?: string } = {},
): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  replicas: ${options.replicas ?? 2}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: main
          image: ${options.image ?? "acrshop.azurecr.io/app:1"}
          resources: { requests: ${options.requests ?? "{ cpu: 100m, memory: 128Mi }"} }
${options.podSpec ?? ""}
---`;
