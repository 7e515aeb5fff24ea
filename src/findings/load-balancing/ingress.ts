import { containsIp, parseIp } from "../../azure/cidr.ts";
import type { AksCluster, ResourceRef, VirtualNetwork } from "../../azure/platform.ts";
import { workloadsOf } from "../../graph/pod-templates.ts";
import { resolve } from "../../graph/resolve.ts";
import type { Ingress, IngressBackend } from "../../kubernetes/networking.ts";
import { addressOf, type SourcedObject } from "../../kubernetes/object.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { hasUnseenObjects, nameOf, onlyCluster, rangesOf } from "../cluster-facts.ts";
import { someText } from "../instance-values.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { type ServiceView, servicesOf } from "./services.ts";
import { hasOpenLink } from "./zone-links.ts";

const appRouting = "webapprouting.kubernetes.azure.com";
const appGateway = "azure-application-gateway";

export const ingressClass: Rule = {
  code: "AKS3017",
  title: "No controller serves the Ingress",
  severity: "warning",
  perCluster: true,
  explain: `An Ingress is served by the controller of its class: webapprouting.kubernetes.azure.com by the application routing add-on (web_app_routing), azure-application-gateway by
AGIC (ingress_application_gateway), others by a controller that you install. The API server takes any name.
What happens: the Ingress never gets an address, and nothing reaches its Services.
Mend: switch the add-on on, install the controller, or correct ingressClassName.
Source: "Managed NGINX ingress with the application routing add-on"; "Ingress in AKS".`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined || cluster.isData) return;
    for (const source of world.objects) {
      if (source.object.kind !== "Ingress") continue;
      const ingress = source.object as Ingress;
      const annotated = ingress.metadata.annotations?.["kubernetes.io/ingress.class"];
      const name =
        ingress.spec?.ingressClassName ?? (annotated === "azure/application-gateway" ? appGateway : annotated);
      if (name === undefined || hasClass(world, name)) continue;
      const addon =
        name === appRouting
          ? cluster.addons.webAppRouting === undefined
            ? "web_app_routing"
            : undefined
          : name === appGateway
            ? cluster.addons.applicationGateway === undefined
              ? "ingress_application_gateway"
              : undefined
            : "";
      if (addon === undefined || (addon === "" && hasController(world, name))) continue;
      if (name === appGateway && hasController(world, "ingress-azure")) continue;
      if (name === "addon-http-application-routing" && known(cluster.addons.httpApplicationRouting) === true) continue;
      // A controller of another kind is often installed outside of the manifests.
      yield violation(ingressClass, {
        subject: addressOf(ingress),
        range: source.rangeAt(["spec", "ingressClassName"]),
        severity: addon !== "" ? "error" : hasUnseenObjects(world) || world.isPartial === true ? "info" : "warning",
        detail: `${addressOf(ingress)} has class "${name}", ${
          addon === ""
            ? "for which the input shows no controller or IngressClass: unless one is installed elsewhere the Ingress gets no address"
            : `but cluster "${nameOf(cluster)}" has no ${addon} block: the Ingress gets no address`
        }. ${addon === "" ? "Install it with this platform, or correct the class." : `Add ${addon}.`}`,
        related: relatedTo(["the cluster", addon === "" ? undefined : cluster.range]),
      });
    }
  },
};

const hasClass = (world: World, name: string): boolean =>
  world.objects.some(
    ({ object }) =>
      (object.kind === "IngressClass" && object.metadata.name === name) ||
      (object.kind === "NginxIngressController" &&
        (object as typeof object & { readonly spec?: { readonly ingressClassName?: string } }).spec
          ?.ingressClassName === name),
  );

/** A controller among the manifests or Helm releases; one of any kind is taken for the one that is meant. */
const hasController = (world: World, name: string): boolean => {
  const words = new RegExp(`ingress|traefik|kong|contour|haproxy|${name.replace(/[^a-z0-9]+/gi, ".*")}`, "i");
  return (
    workloadsOf(world.objects).some(
      ({ kind, spec }) =>
        (kind === "Deployment" || kind === "DaemonSet") &&
        (spec.containers ?? []).some(({ image }) =>
          /ingress.*controller|controller.*ingress|traefik|kong|contour|haproxy|azure-application-gateway/i.test(
            image ?? "",
          ),
        ),
    ) ||
    world.instances.some(
      (instance) => instance.type === "helm_release" && someText(instance.values, (text) => words.test(text)),
    )
  );
};

export const backendMissing: Rule = {
  code: "AKS3022",
  title: "Service or Ingress leads to no pod",
  severity: "warning",
  perCluster: true,
  explain: `A Service sends traffic to the ready pods whose labels match its selector, at a port by number or by the name that the container gives it. An Ingress names a Service of its own
namespace and one of its ports. None of these names is checked by the API server.
What happens: connections are refused, the ingress answers 503.
Mend: correct selector, targetPort, service name or port.
Source: Kubernetes, "Service"; "Ingress".`,
  *check(world) {
    const namespaces = new Set(workloadsOf(world.objects).map(({ namespace }) => namespace));
    const severity = hasUnseenObjects(world) ? "info" : "warning";
    for (const view of servicesOf(world)) {
      // Where the manifests have no workload of the namespace, the pods come from elsewhere.
      if (view.backends === undefined || !namespaces.has(view.namespace)) continue;
      if (view.backends.length === 0) {
        if (hasCustomWorkloads(world, view.namespace)) continue;
        yield violation(backendMissing, {
          subject: view.address,
          severity: isNearMiss(world, view) ? severity : "info",
          range: view.source.rangeAt(["spec", "selector"]),
          summary: "Service selects no pod",
          detail: `${view.address} selects ${Object.entries(view.service.spec.selector ?? {})
            .map(([key, value]) => `${key}=${value}`)
            .join(
              ", ",
            )}, which no pod template of namespace "${view.namespace}" carries: it has no endpoints. Correct the selector or the labels.`,
        });
        continue;
      }
      for (const [index, port] of (view.service.spec.ports ?? []).entries()) {
        const target = port.targetPort;
        if (typeof target !== "string" || /^\d+$/.test(target)) continue;
        const named = view.backends.some(({ spec }) =>
          [...(spec.containers ?? []), ...(spec.initContainers ?? [])].some((container) =>
            (container.ports ?? []).some(({ name }) => name === target),
          ),
        );
        if (named) continue;
        yield violation(backendMissing, {
          subject: view.address,
          range: view.source.rangeAt(["spec", "ports", index, "targetPort"]),
          summary: "Service names a port that no container has",
          detail: `${view.address} sends port ${port.port} to the container port "${target}", which no container of ${view.backends.map(({ address }) => address).join(", ")} has: it has no endpoints there. Correct targetPort or name the container's port.`,
        });
      }
    }
    for (const source of world.objects) {
      if (source.object.kind === "Ingress") yield* ingressBackends(world, source);
    }
  },
};

function* ingressBackends(world: World, source: SourcedObject) {
  const ingress = source.object as Ingress;
  const namespace = ingress.metadata.namespace ?? "default";
  const services = servicesOf(world).filter((view) => view.namespace === namespace);
  if (services.length === 0) return;
  const backends: (readonly [IngressBackend | undefined, readonly (string | number)[]])[] = [
    [ingress.spec?.defaultBackend, ["spec", "defaultBackend"]],
    ...(ingress.spec?.rules ?? []).flatMap((rule, index) =>
      (rule.http?.paths ?? []).map(
        (path, at) => [path.backend, ["spec", "rules", index, "http", "paths", at, "backend"]] as const,
      ),
    ),
  ];
  for (const [backend, path] of backends) {
    const name = backend?.service?.name;
    if (name === undefined) continue;
    const view = services.find((candidate) => candidate.service.metadata.name === name);
    const port = backend?.service?.port;
    const found = view?.service.spec?.ports?.some(
      (candidate) =>
        (port?.number === undefined || candidate.port === port.number) &&
        (port?.name === undefined || candidate.name === port.name),
    );
    if (found === true) continue;
    yield violation(backendMissing, {
      subject: addressOf(ingress),
      range: source.rangeAt(path),
      summary:
        view === undefined
          ? "Ingress names a Service that is not there"
          : "Ingress names a port that the Service does not have",
      detail:
        view === undefined
          ? `${addressOf(ingress)} sends traffic to Service "${name}", which namespace "${namespace}" does not have in the manifests: it answers 503. Correct the name.`
          : `${addressOf(ingress)} sends traffic to port ${port?.number ?? `"${port?.name}"`} of ${view.address}, which has ${(view.service.spec?.ports ?? []).map((own) => (own.name === undefined ? own.port : `${own.name} (${own.port})`)).join(", ")}: it answers 503. Correct the port.`,
      related: relatedTo(["the Service", view?.source.range]),
    });
  }
}

/** A workload of the same name, or with one of the labels at another value, says that the labels were meant to match. */
const isNearMiss = (world: World, view: ServiceView): boolean => {
  const wanted = Object.entries(view.service.spec.selector ?? {});
  return workloadsOf(world.objects).some(
    ({ namespace, name, labels }) =>
      namespace === view.namespace &&
      (name === view.service.metadata.name ||
        wanted.some(([key, value]) => labels[key] !== undefined && labels[key] !== value)),
  );
};

/** API groups that bring no pods of their own. */
const groupsWithoutPods =
  /^(v1|apps\/|batch\/|autoscaling|policy\/|networking\.|gateway\.|rbac\.|storage\.|snapshot\.|discovery\.|scheduling\.|apiextensions\.|admissionregistration\.|cert-manager\.io|monitoring\.coreos|azmonitoring|secrets-store|external-secrets|keda\.sh|security\.istio|telemetry\.istio|kyverno|constraints\.gatekeeper|templates\.gatekeeper|approuting\.)/;

/** Pods may come from kinds that the engine does not know, such as Argo Rollouts or a database operator's. */
const hasCustomWorkloads = (world: World, namespace: string): boolean =>
  world.objects.some(
    ({ object }) =>
      (object.metadata.namespace ?? "default") === namespace &&
      (!groupsWithoutPods.test(object.apiVersion) || prometheusKinds.test(`${object.apiVersion}/${object.kind}`)),
  );

/** What the Prometheus operator makes pods of. */
const prometheusKinds = /^monitoring\.coreos\.com\/\w+\/(Prometheus|PrometheusAgent|Alertmanager|ThanosRuler)$/;

export const customDns: Rule = {
  code: "AKS3021",
  title: "Private cluster with DNS servers of your own",
  severity: "warning",
  explain: `The name of a private API server is in a private DNS zone that only Azure's resolver knows for linked networks. With dns_servers on the network the nodes ask yours, which must
forward to 168.63.129.16 and be in a network that the zone is linked to.
What happens: K8SAPIServerDNSLookupFailVMExtensionError, nodes do not join.
Mend: a forwarder to 168.63.129.16, and a link of the zone to the network of the DNS servers.
Source: "Create a private AKS cluster", hub and spoke with custom DNS; support article of the same error.`,
  *check(world) {
    const { virtualNetworks, subnets } = world.platform;
    for (const cluster of world.platform.clusters) {
      if (cluster.isData || known(cluster.privateCluster) !== true) continue;
      const pool = cluster.pools.find((candidate) => candidate.subnet?.address !== undefined);
      const subnet = subnets.find((candidate) => candidate.address === pool?.subnet?.address);
      const network = virtualNetworks.find((candidate) => candidate.address === subnet?.virtualNetwork.address);
      const servers = (network?.dnsServers ?? []).filter((server) => server !== "168.63.129.16");
      if (network === undefined || servers.length === 0 || isUnknown(network.name)) continue;
      const home = homeOf(world, network, servers);
      if (home !== undefined && !isLinked(world, cluster, home)) {
        yield violation(customDns, {
          subject: cluster.address,
          range: network.rangeAt("dns_servers"),
          detail: `Cluster "${nameOf(cluster)}" is private and network "${nameOf(network)}" asks DNS servers ${servers.join(", ")} in network "${nameOf(home)}", which the cluster's private zone is not linked to: whatever they forward to 168.63.129.16 from there does not know the API server, and the nodes do not join (K8SAPIServerDNSLookupFailVMExtensionError). Use a private_dns_zone_id of your own, linked to "${nameOf(home)}".`,
          evidence: { dnsServers: servers.join(", ") },
          related: relatedTo(["the servers' network", home.range]),
        });
        continue;
      }
      yield violation(customDns, {
        subject: cluster.address,
        range: network.rangeAt("dns_servers"),
        severity: "info",
        detail: `Cluster "${nameOf(cluster)}" is private and network "${nameOf(network)}" uses DNS servers ${servers.join(", ")}: these must forward the API server's name to 168.63.129.16 from a network that the private zone is linked to, or the nodes do not join.`,
        evidence: { dnsServers: servers.join(", ") },
      });
    }
  },
};

/** Another network of the configuration that all of the servers are in. */
const homeOf = (world: World, network: VirtualNetwork, servers: readonly string[]): VirtualNetwork | undefined =>
  world.platform.virtualNetworks.find(
    (candidate) =>
      candidate !== network &&
      servers.every((server) => {
        const address = parseIp(server);
        return address !== undefined && rangesOf(candidate.addressSpace).some((range) => containsIp(range, address));
      }),
  );

/** AKS links the zone that it makes to the cluster's own network alone; links of a zone that is not known here may be anywhere. */
const isLinked = (world: World, cluster: AksCluster, network: VirtualNetwork): boolean => {
  const given = cluster.privateDnsZone;
  const isManaged = given === undefined || (typeof given === "string" && given.toLowerCase() === "system");
  // A link that is made after the cluster, to a zone found by its name, comes too late for the first nodes but serves later ones.
  if (isManaged) return hasOpenLink(world);
  if (typeof given === "string" || isUnknown(given)) return true;
  const zone = resolve(world.platform.privateDnsZones, given as ResourceRef);
  return (
    zone === undefined ||
    zone.isData ||
    hasOpenLink(world) ||
    zone.linkedNetworks.some((link) => resolve(world.platform.virtualNetworks, link) === network)
  );
};
