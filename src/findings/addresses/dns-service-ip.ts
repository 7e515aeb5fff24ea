import { containsIp, formatCidr, formatIp, parseIp } from "../../azure/cidr.ts";
import { known } from "../../model/unknown.ts";
import { managedClusters, serviceRanges } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";

export const dnsServiceIp: Rule = {
  code: "AKS1006",
  title: "dns_service_ip does not fit the service CIDR",
  severity: "error",
  explain: `The cluster's DNS Service has a fixed address inside the service CIDR. The first address of the range belongs to the Service
"kubernetes", so it cannot be taken; .10 is usual.
What happens: the apply ends with DnsServiceIpOutOfServiceCidr.
Mend: take the tenth address of service_cidr.
Source: support article "DnsServiceIpOutOfServiceCidr error"; "AKS CNI networking overview".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const text = known(cluster.network.dnsServiceIp);
      const address = text === undefined ? undefined : parseIp(text);
      const range = serviceRanges(cluster).find(({ family }) => family === address?.family);
      if (address === undefined || range === undefined) continue;
      const inside = containsIp(range, address);
      if (inside && address.value !== range.first && address.value !== range.first + 1n) continue;
      const tenth = formatIp({ family: range.family, value: range.first + 10n });
      yield violation(dnsServiceIp, {
        subject: cluster.address,
        range: cluster.rangeAt("network_profile.dns_service_ip"),
        detail: inside
          ? `dns_service_ip ${text} is the ${address.value === range.first ? "network address" : 'address of the Service "kubernetes"'} of service CIDR ${formatCidr(range)}. Use ${tenth}.`
          : `dns_service_ip ${text} lies outside service CIDR ${formatCidr(range)}: Azure refuses the cluster. Use ${tenth}.`,
        evidence: { dnsServiceIp: text ?? "", serviceCidr: formatCidr(range) },
      });
    }
  },
};
