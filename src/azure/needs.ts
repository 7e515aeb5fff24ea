import type { OperationKind } from "./role-check.ts";

/** Operations that something of AKS must be allowed, and the built-in roles that the documentation names for it. */
export interface AzureNeed {
  readonly operations: readonly string[];
  readonly kind: OperationKind;
  readonly roles: readonly string[];
  /** What shows where it is missing. */
  readonly failure: string;
}

/**
 * What AKS and its add-ons need on resources outside the node resource group ("Use a managed identity in AKS", "AKS service permissions",
 * "Authenticate with Azure Container Registry", "Provide access to Azure Key Vault", "Private AKS clusters").
 */
export const azureNeeds = {
  pullImages: {
    operations: ["Microsoft.ContainerRegistry/registries/pull/read"],
    kind: "action",
    roles: ["AcrPull"],
    failure: "ImagePullBackOff: failed to authorize, 401 Unauthorized",
  },
  /** A registry in ABAC mode does not look at AcrPull. */
  pullImagesByRepository: {
    operations: [
      "Microsoft.ContainerRegistry/registries/repositories/content/read",
      "Microsoft.ContainerRegistry/registries/repositories/metadata/read",
    ],
    kind: "dataAction",
    roles: ["Container Registry Repository Reader"],
    failure: "ImagePullBackOff: failed to authorize, 401 Unauthorized",
  },
  joinSubnet: {
    operations: [
      "Microsoft.Network/virtualNetworks/subnets/join/action",
      "Microsoft.Network/virtualNetworks/subnets/read",
    ],
    kind: "action",
    roles: ["Network Contributor"],
    failure: "LinkedAuthorizationFailed",
  },
  writeRoutes: {
    operations: ["Microsoft.Network/routeTables/read", "Microsoft.Network/routeTables/write"],
    kind: "action",
    roles: ["Network Contributor"],
    failure: "CustomRouteTableMissingPermission",
  },
  usePublicIp: {
    operations: ["Microsoft.Network/publicIPAddresses/read", "Microsoft.Network/publicIPAddresses/join/action"],
    kind: "action",
    roles: ["Network Contributor"],
    failure: "AuthorizationFailed; EXTERNAL-IP stays pending",
  },
  writePrivateZone: {
    operations: ["Microsoft.Network/privateDnsZones/A/write", "Microsoft.Network/privateDnsZones/read"],
    kind: "action",
    roles: ["Private DNS Zone Contributor"],
    failure: "the API server's name is not written into the zone",
  },
  writeDnsZone: {
    operations: ["Microsoft.Network/dnszones/A/write", "Microsoft.Network/dnszones/TXT/write"],
    kind: "action",
    roles: ["DNS Zone Contributor"],
    failure: "no record for the ingress host",
  },
  assignKubeletIdentity: {
    // The star is part of the operation's name in the role's own definition.
    operations: ["Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action"],
    kind: "action",
    roles: ["Managed Identity Operator"],
    failure: "CustomKubeletIdentityMissingPermissionError",
  },
  readSecret: {
    operations: ["Microsoft.KeyVault/vaults/secrets/getSecret/action"],
    kind: "dataAction",
    roles: ["Key Vault Secrets User"],
    failure: "FailedMount: 403 Forbidden",
  },
  readCertificate: {
    operations: ["Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/certificates/read"],
    kind: "dataAction",
    roles: ["Key Vault Certificate User"],
    failure: "FailedMount: 403 Forbidden",
  },
  readKey: {
    operations: ["Microsoft.KeyVault/vaults/keys/read"],
    kind: "dataAction",
    roles: ["Key Vault Certificate User", "Key Vault Crypto User"],
    failure: "FailedMount: 403 Forbidden",
  },
  encryptEtcd: {
    operations: [
      "Microsoft.KeyVault/vaults/keys/read",
      "Microsoft.KeyVault/vaults/keys/encrypt/action",
      "Microsoft.KeyVault/vaults/keys/decrypt/action",
    ],
    kind: "dataAction",
    roles: ["Key Vault Crypto User"],
    failure: "the cluster's update fails",
  },
  readDiskEncryptionSet: {
    operations: ["Microsoft.Compute/diskEncryptionSets/read"],
    kind: "action",
    roles: ["Reader"],
    failure: "disk creation is refused, 403",
  },
  readAndWriteBlobs: {
    operations: [
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
    ],
    kind: "dataAction",
    roles: ["Storage Blob Data Contributor"],
    failure: "403 AuthorizationPermissionMismatch",
  },
  readBlobs: {
    operations: ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"],
    kind: "dataAction",
    roles: ["Storage Blob Data Reader"],
    failure: "403 AuthorizationPermissionMismatch",
  },
  useStorageKeys: {
    operations: [
      "Microsoft.Storage/storageAccounts/read",
      "Microsoft.Storage/storageAccounts/write",
      "Microsoft.Storage/storageAccounts/listKeys/action",
    ],
    kind: "action",
    roles: ["Storage Account Contributor", "Contributor"],
    failure: "the claim stays Pending: AuthorizationFailed",
  },
} as const satisfies Readonly<Record<string, AzureNeed>>;
