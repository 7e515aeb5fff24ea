import type { HostZone } from "../../graph/dns-records.ts";
import { type Workload, workloadsOf } from "../../graph/pod-templates.ts";
import { resolve } from "../../graph/resolve.ts";
import { listAt, objectsAt, textAt } from "../../kubernetes/fields.ts";
import type { Json } from "../../model/json.ts";
import { known } from "../../model/unknown.ts";
import { hasUnseenObjects } from "../cluster-facts.ts";
import { someText } from "../instance-values.ts";
import type { World } from "../rule.ts";
import type { PublishedHost } from "./published-hosts.ts";

/** An external-dns of the manifests, by its arguments (external-dns, "Flags"). */
export interface ExternalDns {
  readonly workload: Workload;
  readonly provider: string;
  readonly sources: readonly string[];
  readonly domains: readonly string[];
  readonly namespace: string | undefined;
  readonly classes: readonly string[];
  readonly resourceGroup: string | undefined;
  /** True where arguments select by something that is not read here. */
  readonly isOpen: boolean;
}

export const externalDnsOf = (world: World): readonly ExternalDns[] =>
  workloadsOf(world.objects).flatMap((workload) => {
    const container = (workload.spec.containers ?? []).find(({ image }) =>
      /(^|[/-])external-dns([:@]|$)/.test(image ?? ""),
    );
    if (container === undefined) return [];
    const fields = container as unknown as Json;
    const args = [...listAt(fields, "command"), ...listAt(fields, "args")].filter((text) => typeof text === "string");
    const read = (name: string): readonly string[] => argumentsOf(args, name);
    const fromEnvironment =
      objectsAt(fields, "env").some((variable) => textAt(variable, "name").startsWith("EXTERNAL_DNS_")) ||
      listAt(fields, "envFrom").length > 0;
    return [
      {
        workload,
        provider: read("provider").at(-1) ?? "",
        sources: read("source"),
        domains: read("domain-filter").filter((domain) => domain !== ""),
        namespace: read("namespace").at(-1) || undefined,
        classes: read("ingress-class"),
        resourceGroup: read("azure-resource-group").at(-1) || undefined,
        isOpen:
          fromEnvironment ||
          read("source").length === 0 ||
          args.some((text) => /\$[({]|\{\{/.test(text) || openArguments.test(text)),
      },
    ];
  });

const openArguments =
  /^--(annotation-filter|label-filter|regex-domain-(filter|exclusion)|exclude-domains|zone-(id|name)-filter|fqdn-template|gateway-|ignore-|service-type-filter|default-targets|managed-record-types|exclude-record-types|policy=create-only)/;

/** `--name=value` and `--name value`. */
const argumentsOf = (args: readonly string[], name: string): readonly string[] =>
  args.flatMap((text, index) => {
    if (text.startsWith(`--${name}=`)) return [text.slice(name.length + 3)];
    const next = args[index + 1];
    return text === `--${name}` && next !== undefined ? [next] : [];
  });

/** Something that writes records and whose choice of hosts cannot be read: from a chart, from GitOps, from objects of its own. */
export const hasUnreadWriter = (world: World): boolean =>
  delivered(world) ||
  world.objects.some(({ object }) =>
    /^(DNSEndpoint|ExternalDNS|ClusterExternalDNS|DNSRecord|RecordSet)$/.test(object.kind),
  ) ||
  world.instances.some(
    ({ type, values }) =>
      (type === "helm_release" && someText(values, (text) => /external-?dns/i.test(text))) ||
      /^(null_resource|terraform_data|azurerm_resource_group_template_deployment|azapi_resource_action)$/.test(type),
  );

/** Well-known charts of Helm in Terraform write no records; what other charts, Argo CD or Flux bring is not seen. */
const delivered = (world: World): boolean => {
  if (!hasUnseenObjects(world)) return false;
  const isRelease = ({ type, mode }: World["instances"][number]): boolean =>
    type === "helm_release" && mode === "managed";
  const writesNone = world.instances.filter(isRelease).every(({ values }) => {
    const chart = values.fields.get("chart");
    return chart?.kind === "string" && chartsWithoutRecords.test(chart.value);
  });
  return !writesNone || hasUnseenObjects({ ...world, instances: world.instances.filter((one) => !isRelease(one)) });
};

const chartsWithoutRecords =
  /(^|\/)(ingress-nginx|nginx-ingress|nginx-ingress-controller|traefik|cert-manager|kube-prometheus-stack|prometheus|grafana|loki|loki-stack|metrics-server|keda|redis|postgresql|rabbitmq|velero|kured|workload-identity-webhook|csi-secrets-store-provider-azure|gatekeeper|kyverno|reloader|elasticsearch|kibana|fluent-bit|opentelemetry-collector)$/;

/**
 * Whether the application routing add-on publishes the host: its own external-dns writes the hosts of Ingresses into the zones of
 * dns_zone_ids ("Set up a custom domain name and SSL certificate with the application routing add-on").
 */
export const addOnPublishes = (world: World, { kind }: PublishedHost, { zone }: HostZone): boolean => {
  if (kind === "Service") return false;
  const zones = [...(world.platform.dnsZones ?? []), ...world.platform.privateDnsZones];
  return world.platform.clusters.some(({ addons }) =>
    (addons.webAppRouting?.dnsZones ?? []).some((reference) => {
      const found = resolve(zones, reference);
      return found === undefined || found === zone;
    }),
  );
};

/** Why an external-dns leaves a host alone; `undefined` where it publishes it, "unsure" where nobody can tell. */
export const leavesAlone = (
  dns: ExternalDns,
  host: PublishedHost,
  { zone, isPrivate }: HostZone,
): string | undefined => {
  const wanted = { Ingress: "ingress", HTTPRoute: "gateway-httproute", Service: "service" }[host.kind];
  if (dns.isOpen || !/^azure(-dns|-private-dns)?$/.test(dns.provider)) return "unsure";
  if (isPrivate !== (dns.provider === "azure-private-dns"))
    return `it has --provider=${dns.provider}, which does not write ${isPrivate ? "private" : "public"} zones`;
  if (!dns.sources.includes(wanted)) return `it has no --source=${wanted}`;
  if (dns.domains.length > 0 && !dns.domains.some((domain) => isWithin(host.host, domain)))
    return `--domain-filter is ${dns.domains.join(", ")}`;
  const namespace = host.source.object.metadata.namespace ?? "default";
  if (dns.namespace !== undefined && dns.namespace !== namespace) return `it has --namespace=${dns.namespace}`;
  if (host.kind === "Ingress" && dns.classes.length > 0 && !dns.classes.includes(host.ingressClass ?? ""))
    return `--ingress-class is ${dns.classes.join(", ")}`;
  const group = known(zone.resourceGroup);
  if (dns.resourceGroup !== undefined && group !== undefined && dns.resourceGroup.toLowerCase() !== group.toLowerCase())
    return `it has --azure-resource-group=${dns.resourceGroup}, and the zone is in "${group}"`;
  const controller = host.source.object.metadata.annotations?.["external-dns.alpha.kubernetes.io/controller"];
  if (controller !== undefined && controller !== "dns-controller") return `${host.address} names another controller`;
  return undefined;
};

/** A filter is the end of a name, with or without a dot in front of it (external-dns, "Domain Filter"). */
const isWithin = (host: string, domain: string): boolean => {
  const end = domain.toLowerCase().replace(/\.$/, "");
  if (end.startsWith(".")) return host.endsWith(end);
  return host === end || host.endsWith(`.${end}`);
};
