import { containsCidr, formatCidr, formatIp, overlaps } from "../../azure/cidr.ts";
import { known } from "../../model/unknown.ts";
import { nameOf, networkOf, rangesOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const subnetLayout: Rule = {
  code: "AKS1011",
  title: "Subnet does not fit its virtual network",
  severity: "error",
  explain: `A subnet must lie in the address space of its virtual network, and no two subnets of a network may overlap. An IPv6 range of a subnet is a /64, no more and no less.
What happens: the apply ends with NetcfgInvalidSubnet or NetcfgSubnetRangesOverlap.
Mend: move or shrink the subnet, or enlarge the network's address space.
Source: Azure Virtual Network, "Add, change, or delete a virtual network subnet"; "What is IPv6 for Azure Virtual Network?".`,
  *check(world) {
    const subnets = world.platform.subnets.filter((subnet) => !subnet.isData);
    for (const [index, subnet] of subnets.entries()) {
      const network = networkOf(world, subnet);
      const ranges = rangesOf(subnet.addressPrefixes);
      const spaces = network === undefined ? [] : rangesOf(network.addressSpace);
      const outside = ranges.find((range) => spaces.length > 0 && !spaces.some((space) => containsCidr(space, range)));
      if (network !== undefined && !network.isData && outside !== undefined) {
        yield violation(subnetLayout, {
          subject: subnet.address,
          range: subnet.rangeAt("address_prefixes"),
          summary: "Subnet lies outside its virtual network",
          detail: `Subnet "${nameOf(subnet)}" (${formatCidr(outside)}) lies outside network "${nameOf(network)}" (${(known(network.addressSpace) ?? []).join(", ")}): Azure refuses it. Choose a prefix inside the address space, or enlarge that.`,
          evidence: { prefix: formatCidr(outside) },
          related: relatedTo(["the address space", network.rangeAt("address_space")]),
        });
        continue;
      }
      const long = ranges.find(({ family, length }) => family === 6 && length !== 64);
      if (long !== undefined) {
        yield violation(subnetLayout, {
          subject: subnet.address,
          range: subnet.rangeAt("address_prefixes"),
          summary: "IPv6 range of a subnet is not a /64",
          detail: `Subnet "${nameOf(subnet)}" has IPv6 range ${formatCidr(long)}; Azure takes a /64 only. Use ${formatIp({ family: 6, value: long.first })}/64.`,
          evidence: { prefix: formatCidr(long) },
        });
        continue;
      }
      const other = subnets.slice(0, index).find((candidate) => {
        const same = network !== undefined && networkOf(world, candidate) === network;
        return same && rangesOf(candidate.addressPrefixes).some((range) => ranges.some((own) => overlaps(own, range)));
      });
      if (other === undefined) continue;
      yield violation(subnetLayout, {
        subject: subnet.address,
        range: subnet.rangeAt("address_prefixes"),
        summary: "Two subnets of a network overlap",
        detail: `Subnet "${nameOf(subnet)}" (${(known(subnet.addressPrefixes) ?? []).join(", ")}) overlaps subnet "${nameOf(other)}" (${(known(other.addressPrefixes) ?? []).join(", ")}) of the same network: Azure refuses the second. Move one of them.`,
        related: relatedTo([`subnet "${nameOf(other)}"`, other.rangeAt("address_prefixes")]),
      });
    }
  },
};
