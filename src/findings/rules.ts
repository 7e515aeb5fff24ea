import { apiServerSubnet } from "./addresses/api-server-subnet.ts";
import { dnsServiceIp } from "./addresses/dns-service-ip.ts";
import { forbiddenRange } from "./addresses/forbidden-range.ts";
import { kubenetLimits } from "./addresses/kubenet-limits.ts";
import { networkCombination } from "./addresses/network-combination.ts";
import { peeringOverlap } from "./addresses/peering-overlap.ts";
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
import { budgetBlocks, budgetForbidsAll } from "./autoscaling/disruption-budgets.ts";
import { scalerTarget, scalerWithoutRequests, twoScalers } from "./autoscaling/horizontal.ts";
import { disruptionNever, misplacedExpiry, nodePoolRefused } from "./autoscaling/node-pool-objects.ts";
import { limitsAllowNone, limitsReached, nodeClassMissing, noSizeMeets } from "./autoscaling/node-pools.ts";
import { nodePoolsUnread, noNodePool, subnetOfManagedNetwork } from "./autoscaling/node-provisioning.ts";
import { scalerCeiling } from "./autoscaling/scaler-ceiling.ts";
import {
  autoProvisioning,
  maintenanceWindow,
  manyPools,
  neverScaledDown,
  surgeAndUnavailable,
} from "./autoscaling/upgrades.ts";
import { channelAndVersion, poolVersion, removedApi } from "./autoscaling/versions.ts";
import { verticalBeyondNodes, verticalScaler } from "./autoscaling/vertical.ts";
import { authorizedRanges } from "./egress/authorized-ranges.ts";
import { basicLoadBalancer } from "./egress/basic-load-balancer.ts";
import { managedNatGateway, natGatewayNeeded, routeNeeded } from "./egress/outbound-type.ts";
import { privateZoneName } from "./egress/private-zone-name.ts";
import { snatAutomatic, snatPorts } from "./egress/snat-ports.ts";
import { certificateRights, gatewayRights } from "./identity/add-on-rights.ts";
import {
  kubeletIdentityRights,
  privateZoneRights,
  routeTableRights,
  subnetRights,
} from "./identity/control-plane-rights.ts";
import { diskEncryptionRights } from "./identity/disk-encryption.ts";
import { zoneWriter } from "./identity/dns-zone-rights.ts";
import { adminConfigEmpty, secretProvider, vaultAccess, vaultUnreachable } from "./identity/key-vault.ts";
import { emptyPrincipal, outboundRights } from "./identity/outbound-rights.ts";
import { privateName } from "./identity/private-names.ts";
import { anonymousLimit, pullSecretType } from "./identity/pull-secrets.ts";
import { acrAbacMode, acrPullMissing, acrUnreachable } from "./identity/registry-pull.ts";
import { roleOrder } from "./identity/role-order.ts";
import {
  credentialForm,
  federatedSubject,
  podLabelMissing,
  workloadIdentityOff,
} from "./identity/workload-identity.ts";
import { probeOverIpv6, serviceFamily, subnetWithoutIpv6 } from "./load-balancing/address-families.ts";
import { notPublished, recordMissing } from "./load-balancing/dns-missing.ts";
import { labelNobodyHas, recordsClash, zoneWithoutLink } from "./load-balancing/dns-names.ts";
import { recordElsewhere, recordToNobody } from "./load-balancing/dns-targets.ts";
import { backendMissing, customDns, ingressClass } from "./load-balancing/ingress.ts";
import { hostTwice, tlsSecret } from "./load-balancing/ingress-hosts.ts";
import { internalLocal, localTraffic } from "./load-balancing/local-traffic.ts";
import { serviceRefused } from "./load-balancing/refused-services.ts";
import { outboundBlocked, podRangeBlocked, subnetGroupBlocks } from "./load-balancing/security-group.ts";
import {
  dnsLabelTwice,
  httpProbe,
  portConflict,
  privateLinkService,
  sourceRangesTwice,
  tooManyRules,
} from "./load-balancing/service-settings.ts";
import { noBalancerForService, severalBalancers } from "./load-balancing/several-balancers.ts";
import { internalAddress, staticIpGroup, staticIpKind, staticIpRights } from "./load-balancing/static-ip.ts";
import { agentNotOnPool, grafanaRights, ingestionShut, solutionNotNeeded, workspaceKey } from "./monitoring/agents.ts";
import { alertOff, alertTellsNobody } from "./monitoring/alert-actions.ts";
import { alertOnNothing } from "./monitoring/alert-scope.ts";
import { alertOnEmptyTable } from "./monitoring/alert-tables.ts";
import { logsWithoutRule, metricsWithoutRule, ruleWithoutAgent } from "./monitoring/collection-rules.ts";
import {
  noControlPlaneLogs,
  settingCategory,
  settingEmpty,
  settingStorage,
  settingTwice,
} from "./monitoring/diagnostic-settings.ts";
import { flowDestination } from "./monitoring/flows.ts";
import { clusterNotThere } from "./monitoring/lost-cluster.ts";
import { noConfigurationEndpoint } from "./monitoring/private-link.ts";
import { collectionRegion } from "./monitoring/regions.ts";
import { kindNotServed } from "./objects/kinds-not-served.ts";
import { namespaceMissing, objectMissing } from "./objects/missing.ts";
import { probePort } from "./objects/probe-ports.ts";
import { limitRangeRefuses, objectRefused } from "./objects/refused.ts";
import { webhookUnanswered } from "./objects/webhooks.ts";
import { namespaceQuota, podSecurityLevel } from "./placement/admission.ts";
import {
  automaticSafeguards,
  oldRuntime,
  placementGroupZones,
  reservedName,
  spotOnly,
  windowsProfile,
} from "./placement/capacity-limits.ts";
import { gpuPlugin } from "./placement/gpu-plugin.ts";
import { architectureMismatch, osMismatch } from "./placement/os-mismatch.ts";
import {
  claimUnusable,
  deviceMissing,
  noMatchingNode,
  noRoom,
  pendingOther,
  podTooLarge,
  portTaken,
  spreadImpossible,
  tooManyPods,
  untoleratedTaint,
  volumeUnplaceable,
} from "./placement/pending-pods.ts";
import {
  countDrift,
  countOutside,
  labelPrefix,
  maxPodsAllowed,
  nodeResourceGroupName,
  poolLimits,
  poolName,
  smallSystemNodes,
  spotSystemPool,
  windowsPools,
} from "./placement/pool-settings.ts";
import { systemPodsBlocked } from "./placement/system-pods-blocked.ts";
import { vcpuQuota } from "./placement/vcpu-quota.ts";
import { sizeInRegion, zonesInRegion } from "./placement/zones.ts";
import { controllerShutOut } from "./policy/controller-shut-out.ts";
import { ciliumIpBlock, dnsBlocked, policyWithoutEngine } from "./policy/network-policies.ts";
import {
  clusterRemoved,
  dataDeleted,
  immutableField,
  insideNodeGroup,
  poolStillChosen,
  stillUsed,
  versionStep,
  volumeShrinks,
} from "./replacement/removed.ts";
import {
  clusterReplaced,
  poolReplaced,
  poolRotated,
  resourceReplaced,
  rotationNameMissing,
} from "./replacement/replaced.ts";
import type { Rule } from "./rule.ts";
import { diskManyPods, diskSharedMode } from "./storage/access-modes.ts";
import { classMissing } from "./storage/class-missing.ts";
import { diskNeedsSize, skuUnknown, smallPremiumShare } from "./storage/disk-sku.ts";
import { disksLeftBehind } from "./storage/moved-zones.ts";
import { ephemeralOsDisk, smallOsDisk } from "./storage/os-disk.ts";
import { classStays, shareBlocked } from "./storage/share-access.ts";

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
  peeringOverlap,
  podTooLarge,
  noRoom,
  tooManyPods,
  untoleratedTaint,
  noMatchingNode,
  spreadImpossible,
  portTaken,
  deviceMissing,
  pendingOther,
  systemPodsBlocked,
  osMismatch,
  architectureMismatch,
  oldRuntime,
  zonesInRegion,
  placementGroupZones,
  vcpuQuota,
  spotSystemPool,
  spotOnly,
  gpuPlugin,
  smallSystemNodes,
  poolName,
  maxPodsAllowed,
  windowsPools,
  poolLimits,
  nodeResourceGroupName,
  labelPrefix,
  reservedName,
  windowsProfile,
  namespaceQuota,
  objectRefused,
  limitRangeRefuses,
  objectMissing,
  namespaceMissing,
  sizeInRegion,
  probePort,
  snatPorts,
  snatAutomatic,
  routeNeeded,
  natGatewayNeeded,
  managedNatGateway,
  podRangeBlocked,
  authorizedRanges,
  staticIpGroup,
  staticIpKind,
  internalAddress,
  portConflict,
  tooManyRules,
  sourceRangesTwice,
  httpProbe,
  subnetGroupBlocks,
  localTraffic,
  ingressClass,
  basicLoadBalancer,
  privateLinkService,
  dnsLabelTwice,
  customDns,
  backendMissing,
  hostTwice,
  tlsSecret,
  recordToNobody,
  recordElsewhere,
  recordMissing,
  notPublished,
  labelNobodyHas,
  zoneWithoutLink,
  recordsClash,
  subnetWithoutIpv6,
  serviceFamily,
  probeOverIpv6,
  severalBalancers,
  noBalancerForService,
  internalLocal,
  privateZoneName,
  outboundBlocked,
  serviceRefused,
  classMissing,
  diskSharedMode,
  diskManyPods,
  volumeUnplaceable,
  diskNeedsSize,
  smallPremiumShare,
  shareBlocked,
  volumeShrinks,
  dataDeleted,
  ephemeralOsDisk,
  smallOsDisk,
  classStays,
  skuUnknown,
  claimUnusable,
  disksLeftBehind,
  acrPullMissing,
  acrAbacMode,
  acrUnreachable,
  subnetRights,
  privateZoneRights,
  outboundRights,
  kubeletIdentityRights,
  routeTableRights,
  federatedSubject,
  podLabelMissing,
  vaultAccess,
  secretProvider,
  adminConfigEmpty,
  automaticSafeguards,
  staticIpRights,
  workloadIdentityOff,
  credentialForm,
  vaultUnreachable,
  emptyPrincipal,
  roleOrder,
  podSecurityLevel,
  pullSecretType,
  anonymousLimit,
  privateName,
  zoneWriter,
  diskEncryptionRights,
  gatewayRights,
  certificateRights,
  budgetForbidsAll,
  budgetBlocks,
  scalerWithoutRequests,
  scalerTarget,
  countOutside,
  countDrift,
  twoScalers,
  neverScaledDown,
  poolVersion,
  removedApi,
  channelAndVersion,
  maintenanceWindow,
  surgeAndUnavailable,
  autoProvisioning,
  manyPools,
  nodeClassMissing,
  noSizeMeets,
  limitsReached,
  limitsAllowNone,
  disruptionNever,
  misplacedExpiry,
  nodePoolRefused,
  subnetOfManagedNetwork,
  nodePoolsUnread,
  noNodePool,
  webhookUnanswered,
  scalerCeiling,
  kindNotServed,
  verticalScaler,
  verticalBeyondNodes,
  policyWithoutEngine,
  ciliumIpBlock,
  dnsBlocked,
  controllerShutOut,
  logsWithoutRule,
  metricsWithoutRule,
  ruleWithoutAgent,
  collectionRegion,
  flowDestination,
  clusterNotThere,
  settingTwice,
  settingEmpty,
  settingCategory,
  settingStorage,
  noControlPlaneLogs,
  alertOnNothing,
  alertTellsNobody,
  alertOff,
  agentNotOnPool,
  workspaceKey,
  ingestionShut,
  solutionNotNeeded,
  grafanaRights,
  noConfigurationEndpoint,
  alertOnEmptyTable,
  clusterReplaced,
  poolRotated,
  rotationNameMissing,
  poolReplaced,
  stillUsed,
  insideNodeGroup,
  versionStep,
  clusterRemoved,
  immutableField,
  resourceReplaced,
  poolStillChosen,
];
