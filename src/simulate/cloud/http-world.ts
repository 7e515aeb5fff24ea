import { objectAt, objectsAt, textAt, textsAt } from "../../kubernetes/fields.ts";
import type { Service } from "../../kubernetes/networking.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import type { JsonObject } from "../../model/json.ts";
import type { HttpBackend, HttpTls } from "./http-route.ts";
import type { PolicyPod } from "./network-policy.ts";
import { type ServiceBackends, serviceBackends } from "./service-backends.ts";
import { policyPods } from "./workload-reach.ts";

/** What routes look up among the objects. */
export interface HttpWorld {
  readonly objects: readonly KubeObject[];
  readonly services: ReadonlyMap<string, Service>;
  readonly pods: readonly PolicyPod[];
  /** Secrets by `namespace/name` and what makes them. */
  readonly secrets: ReadonlyMap<string, Exclude<HttpTls["from"], "missing">>;
}

export const httpWorld = (objects: readonly KubeObject[]): HttpWorld => ({
  objects,
  services: new Map(
    objects
      .filter((object): object is Service => object.kind === "Service" && object.apiVersion === "v1")
      .map((service) => [`${namespaceOf(service)}/${service.metadata.name}`, service]),
  ),
  pods: policyPods(objects),
  secrets: secretsOf(objects),
});

export const namespaceOf = (object: KubeObject): string => object.metadata.namespace ?? "default";

/** The object's fields as plain JSON: kinds that are not modelled, and fields that may hold anything. */
export const fieldsOf = (object: KubeObject): JsonObject => object as unknown as JsonObject;

/** Secrets that are there, or that the Key Vault provider, cert-manager or External Secrets will make. */
const secretsOf = (objects: readonly KubeObject[]): HttpWorld["secrets"] => {
  const found = new Map<string, Exclude<HttpTls["from"], "missing">>();
  for (const object of objects) {
    const fields = fieldsOf(object);
    const namespace = namespaceOf(object);
    const { name, annotations = {} } = object.metadata;
    switch (object.kind) {
      case "Secret":
        found.set(`${namespace}/${name}`, "manifest");
        break;
      case "SecretProviderClass":
        for (const made of objectsAt(fields, "spec", "secretObjects"))
          found.set(`${namespace}/${textAt(made, "secretName")}`, "key vault");
        break;
      case "Certificate":
        found.set(`${namespace}/${textAt(fields, "spec", "secretName")}`, "cert-manager");
        break;
      case "ExternalSecret":
        found.set(`${namespace}/${textAt(fields, "spec", "target", "name") || name}`, "external secret");
        break;
      case "Ingress":
        // The application routing add-on names the secret after the Ingress.
        if (annotations["kubernetes.azure.com/tls-cert-keyvault-uri"] !== undefined)
          found.set(`${namespace}/keyvault-${name}`, "key vault");
        break;
      default:
    }
    const issued = annotations["cert-manager.io/cluster-issuer"] ?? annotations["cert-manager.io/issuer"];
    if (issued === undefined && annotations["kubernetes.io/tls-acme"] !== "true") continue;
    for (const name of certificateNames(object))
      if (!found.has(`${namespace}/${name}`)) found.set(`${namespace}/${name}`, "cert-manager");
  }
  return found;
};

const certificateNames = (object: KubeObject): readonly string[] => {
  const fields = fieldsOf(object);
  if (object.kind === "Ingress") return objectsAt(fields, "spec", "tls").map((tls) => textAt(tls, "secretName"));
  if (object.kind !== "Gateway") return [];
  return objectsAt(fields, "spec", "listeners").flatMap((listener) =>
    objectsAt(listener, "tls", "certificateRefs").map((reference) => textAt(reference, "name")),
  );
};

export const tlsOf = (world: HttpWorld, namespace: string, name: string): HttpTls => {
  const secret = `${namespace}/${name}`;
  return { secret, from: world.secrets.get(secret) ?? "missing" };
};

/** Where a named Service and port lead. */
export const backendOf = (
  world: HttpWorld,
  namespace: string,
  name: string,
  wanted: number | string | undefined,
  weight: number,
): HttpBackend => {
  const key = `${namespace}/${name}`;
  const base = { service: key, port: String(wanted ?? ""), weight };
  const service = world.services.get(key);
  if (service === undefined) return { ...base, workloads: [], problem: `Service ${key} is not in the input` };
  const { kind, ports } = serviceBackends(service, world.pods);
  if (kind === "external") return { ...base, workloads: [], problem: "" };
  const port = ports.find((own) => own.port === wanted || (typeof wanted === "string" && own.name === wanted));
  if (port === undefined)
    return { ...base, workloads: [], problem: `Service ${key} has no port ${wanted ?? "(none is named)"}` };
  const workloads = port.targets.map(({ workload }) => workload);
  const problem = kind === "unselected" || workloads.length > 0 ? "" : noEndpoints(key, port);
  return { ...base, workloads, problem };
};

const noEndpoints = (service: string, { withoutPort }: ServiceBackends["ports"][number]): string =>
  withoutPort.length === 0
    ? `Service ${service} selects no pod of the input`
    : `no container of ${withoutPort.join(", ")} has the port that Service ${service} names`;

/** The controller behind a class, from its IngressClass or GatewayClass where the input has it. */
export const classController = (world: HttpWorld, kind: string, name: string): string => {
  const found = world.objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) return "";
  const spec = objectAt(fieldsOf(found), "spec");
  return textAt(spec, "controller") || textAt(spec, "controllerName");
};

/** Labels of a namespace, with the one that every namespace has. */
export const namespaceLabels = (world: HttpWorld, name: string): Readonly<Record<string, string>> => {
  const found = world.objects.find((object) => object.kind === "Namespace" && object.metadata.name === name);
  return {
    ...textsAt(found === undefined ? {} : fieldsOf(found), "metadata", "labels"),
    "kubernetes.io/metadata.name": name,
  };
};
