import { apiServerSubnet } from "./addresses/api-server-subnet.ts";
import { dnsServiceIp } from "./addresses/dns-service-ip.ts";
import { forbiddenRange } from "./addresses/forbidden-range.ts";
import { kubenetLimits } from "./addresses/kubenet-limits.ts";
import { networkCombination } from "./addresses/network-combination.ts";
import { podCidrNodes } from "./addresses/pod-cidr-nodes.ts";
import { podCidrOverlap } from "./addresses/pod-cidr-overlap.ts";
import { podSubnetShared } from "./addresses/pod-subnet-shared.ts";
import { poolsOneNetwork } from "./addresses/pools-one-network.ts";
import { serviceCidrOverlap } from "./addresses/service-cidr-overlap.ts";
import { subnetDelegated } from "./addresses/subnet-delegated.ts";
import { subnetLayout } from "./addresses/subnet-layout.ts";
import { subnetMaxCount } from "./addresses/subnet-max-count.ts";
import { subnetPredicted } from "./addresses/subnet-predicted.ts";
import { subnetSurge } from "./addresses/subnet-surge.ts";
import { authorizedRanges } from "./egress/authorized-ranges.ts";
import { basicLoadBalancer } from "./egress/basic-load-balancer.ts";
import { managedNatGateway, natGatewayNeeded, routeNeeded } from "./egress/outbound-type.ts";
import { snatAutomatic, snatPorts } from "./egress/snat-ports.ts";
import type { Rule } from "./rule.ts";

/** Every rule, in order of code. A new rule is one file, one test and one line here. */
export const rules: readonly Rule[] = [
  subnetMaxCount,
  subnetSurge,
  subnetPredicted,
  podCidrNodes,
  serviceCidrOverlap,
  dnsServiceIp,
  forbiddenRange,
  podCidrOverlap,
  subnetDelegated,
  podSubnetShared,
  subnetLayout,
  poolsOneNetwork,
  kubenetLimits,
  networkCombination,
  apiServerSubnet,
  snatPorts,
  snatAutomatic,
  routeNeeded,
  natGatewayNeeded,
  managedNatGateway,
  authorizedRanges,
  basicLoadBalancer,
];
