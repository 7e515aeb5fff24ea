import { networkMode } from "../../azure/network-mode.ts";
import { loadBalancerLimits } from "../../azure/service-limits.ts";
import { containersOf } from "../../graph/pod-templates.ts";
import { isJsonObject } from "../../model/json.ts";
import { known } from "../../model/unknown.ts";
import { plainName } from "../../simulate/cloud/multiple-balancers.ts";
import { lower, managedClusters, onlyCluster } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { loadBalancersOf, type ServiceView } from "./services.ts";

export const portConflict: Rule = {
  code: "AKS3011",
  title: "Two Services ask for the same port of one address",
  severity: "error",
  perCluster: true,
  explain: `Several Services may share an address, but each protocol and port of it belongs to one of them.
What happens: EXTERNAL-IP of the later one stays <pending>, "checkLoadBalancerResourcesConflicts: … is being referenced by an existing loadBalancing rule".
Mend: another port, another address, or one Service.
Source: cloud-provider-azure, checkLoadBalancerResourcesConflicts.`,
  *check(world) {
    const taken = new Map<string, ServiceView>();
    for (const view of loadBalancersOf(world)) {
      const ip = view.requestedIp ?? view.annotation("azure-pip-name");
      if (ip === undefined) continue;
      for (const [index, port] of (view.service.spec?.ports ?? []).entries()) {
        const key = `${ip.toLowerCase()} ${port.protocol ?? "TCP"}/${port.port}`;
        const other = taken.get(key);
        if (other === undefined) taken.set(key, view);
        else if (other !== view) {
          yield violation(portConflict, {
            subject: view.address,
            range: view.source.rangeAt(["spec", "ports", index]),
            detail: `${other.address} and ${view.address} both ask for ${port.protocol ?? "TCP"} port ${port.port} of "${ip}": the later one stays pending. Use another port or another address.`,
            evidence: { port: port.port },
            related: relatedTo([other.address, other.source.rangeAt(["spec", "ports"])]),
          });
          break;
        }
      }
    }
  },
};

export const tooManyRules: Rule = {
  code: "AKS3012",
  title: "More load balancer rules than a node can have",
  severity: "error",
  perCluster: true,
  explain: `Every port of every LoadBalancer Service is a rule, and a network interface behind a Standard load balancer can be in 300 of them.
What happens: Services past that stay <pending>.
Mend: an ingress controller in front of the Services, or several load balancers.
Source: "Use multiple public Standard Load Balancers in AKS".`,
  *check(world) {
    for (const prediction of world.predictions) {
      // Nodes of one of several load balancers are behind its internal twin too.
      const byName = new Map<string, number>();
      for (const { name, rules } of prediction.loadBalancers)
        byName.set(plainName(name), (byName.get(plainName(name)) ?? 0) + rules);
      const rules = Math.max(0, ...byName.values());
      if (rules <= loadBalancerLimits.rules) continue;
      yield violation(tooManyRules, {
        subject: prediction.cluster,
        range: managedClusters(world).find(({ address }) => address === prediction.cluster)?.range,
        detail: `The Services come to ${rules} load balancer rules; a node can be in ${loadBalancerLimits.rules}. Put an ingress controller in front, or use several load balancers.`,
        evidence: { rules, limit: loadBalancerLimits.rules },
      });
    }
  },
};

export const sourceRangesTwice: Rule = {
  code: "AKS3013",
  title: "Allowed sources are given twice",
  severity: "error",
  perCluster: true,
  explain: `spec.loadBalancerSourceRanges and the annotation azure-allowed-ip-ranges exclude each other. Azure's provider then makes address, rule and probe, but no security
rule.
What happens: "cannot set both spec.LoadBalancerSourceRanges and service annotation"; the Service is not reachable.
Mend: one of the two.
Source: cloud-provider-azure, accesscontrol.go.`,
  *check(world) {
    for (const view of loadBalancersOf(world)) {
      const ranges = view.service.spec?.loadBalancerSourceRanges ?? [];
      if (ranges.length === 0 || view.annotation("azure-allowed-ip-ranges") === undefined) continue;
      yield violation(sourceRangesTwice, {
        subject: view.address,
        range: view.source.rangeAt(["spec", "loadBalancerSourceRanges"]),
        detail: `${view.address} sets both spec.loadBalancerSourceRanges and the annotation azure-allowed-ip-ranges: no security rule is written and the Service is not reachable. Keep one of them.`,
      });
    }
  },
};

export const httpProbe: Rule = {
  code: "AKS3014",
  title: "appProtocol turns the health probe into HTTP on /",
  severity: "info",
  perCluster: true,
  explain: `With appProtocol http or https, and no other word, Azure probes a Service by GET / instead of opening a TCP connection. An answer other than 200 there takes every
node out of the load balancer. Ingress-nginx answers 404 on /.
What happens: the Service is unreachable though its pods are ready.
Mend: the annotation azure-load-balancer-health-probe-request-path (such as /healthz), or health-probe-protocol tcp.
Source: cloud-provider-azure, azure_loadbalancer_healthprobe.go.`,
  *check(world) {
    for (const view of loadBalancersOf(world)) {
      if (view.service.spec?.externalTrafficPolicy === "Local") continue;
      if (view.annotation("azure-load-balancer-health-probe-request-path") !== undefined) continue;
      if (view.annotation("azure-load-balancer-health-probe-protocol")?.toLowerCase() === "tcp") continue;
      for (const [index, port] of (view.service.spec?.ports ?? []).entries()) {
        if (!/^https?$/i.test(port.appProtocol ?? "")) continue;
        const own = (name: string): string | undefined => view.annotation(`port_${port.port}_health-probe_${name}`);
        if (own("request-path") !== undefined || own("protocol")?.toLowerCase() === "tcp") continue;
        const path = readinessPath(view);
        const severe = isIngressNginx(view) || (path !== undefined && path !== "/");
        yield violation(httpProbe, {
          subject: view.address,
          range: view.source.rangeAt(["spec", "ports", index, "appProtocol"]),
          severity: severe ? "warning" : "info",
          detail: `${view.address} has appProtocol ${port.appProtocol} on port ${port.port}: Azure probes it by GET /${path === undefined || path === "/" ? "" : `, while its pods are asked for ${path} by their readiness probe`}. If / does not answer 200 the Service is unreachable. Set the annotation azure-load-balancer-health-probe-request-path${path === undefined ? "" : `: ${path}`}.`,
        });
        break;
      }
    }
  },
};

const readinessPath = (view: ServiceView): string | undefined => {
  for (const workload of view.backends ?? []) {
    for (const { container } of containersOf(workload.spec)) {
      const get = container.readinessProbe?.["httpGet"];
      const path = isJsonObject(get) ? get["path"] : undefined;
      if (typeof path === "string") return path;
    }
  }
  return undefined;
};

const isIngressNginx = (view: ServiceView): boolean =>
  view.service.spec?.selector?.["app.kubernetes.io/name"] === "ingress-nginx" ||
  (view.backends ?? []).some(({ spec }) =>
    containersOf(spec).some(({ container }) => /(^|\/)ingress-nginx\/controller([:@]|$)/.test(container.image ?? "")),
  );

export const privateLinkService: Rule = {
  code: "AKS3019",
  title: "Private link service cannot be made for the Service",
  severity: "error",
  perCluster: true,
  explain: `A private link service needs backend pools by node IP configuration (not backend_pool_type "NodeIP") and no pod subnets with static blocks; a load balancer has at
most eight.
What happens: the Service's events show the refusal, and no private link service comes.
Mend: backend_pool_type "NodeIPConfiguration".
Source: "Use an internal load balancer with AKS", connect an Azure Private Link service.`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined) return;
    const views = loadBalancersOf(world).filter((view) => view.annotation("azure-pls-create") === "true");
    const byIp = lower(cluster.network.loadBalancer.backendPoolType) === "nodeip";
    const blocks = cluster.pools.some((pool) => networkMode(cluster, pool) === "podSubnetStatic");
    for (const [index, view] of views.entries()) {
      const beyond = index >= loadBalancerLimits.privateLinkServices;
      if (!byIp && !blocks && !beyond) continue;
      yield violation(privateLinkService, {
        subject: view.address,
        range: view.annotationRange("azure-pls-create"),
        detail: `${view.address} asks for a private link service, but ${
          byIp
            ? 'the cluster has backend_pool_type "NodeIP"'
            : blocks
              ? "its pods have addresses of static blocks"
              : `it is number ${index + 1} and a load balancer has at most ${loadBalancerLimits.privateLinkServices}`
        }: none is made. ${byIp ? 'Use backend_pool_type = "NodeIPConfiguration".' : "Take the annotation away."}`,
        related: relatedTo(["the cluster", cluster.rangeAt("network_profile.load_balancer_profile")]),
      });
    }
  },
};

export const dnsLabelTwice: Rule = {
  code: "AKS3020",
  title: "DNS label is asked for twice",
  severity: "error",
  explain: `A DNS label <label>.<region>.cloudapp.azure.com belongs to one public IP of the region, across all of Azure's customers.
What happens: the second Service stays <pending>, "existing service … consuming the DNS label".
Mend: another label.
Source: cloud-provider-azure, azure-dns-label-name.`,
  *check(world) {
    const taken = new Map<
      string,
      { readonly what: string; readonly range: ServiceView["source"]["range"] | undefined }
    >();
    for (const ip of world.platform.publicIps) {
      const label = known(ip.domainNameLabel)?.toLowerCase();
      if (label !== undefined) taken.set(label, { what: ip.address, range: ip.range });
    }
    for (const view of loadBalancersOf(world)) {
      const label = view.annotation("azure-dns-label-name")?.toLowerCase();
      if (label === undefined || label === "") continue;
      const other = taken.get(label);
      if (other === undefined || usesSameIp(world, view, other.what)) {
        taken.set(label, { what: view.address, range: view.source.range });
        continue;
      }
      yield violation(dnsLabelTwice, {
        subject: view.address,
        range: view.annotationRange("azure-dns-label-name"),
        detail: `${other.what} and ${view.address} both ask for the DNS label "${label}": the second stays pending. Choose another label.`,
        related: relatedTo([other.what, other.range]),
      });
    }
  },
};

const usesSameIp = (world: World, view: ServiceView, what: string): boolean => {
  const name = view.annotation("azure-pip-name");
  return world.platform.publicIps.some((ip) => ip.address === what && name !== undefined && known(ip.name) === name);
};
