import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { listAt, objectAt, objectsAt, textAt } from "../fields.ts";
import { parseQuantity } from "../quantity.ts";
import { fieldReference } from "./containers.ts";
import { duplicate, forbidden, invalid, notSupported, oneOf, type Problems, required } from "./field-problem.ts";
import { validateSelector } from "./metadata.ts";
import { dnsLabel, dnsSubdomain } from "./names.ts";

/** The order in which upstream looks for a volume's source; a second one is refused. */
const order = [
  "emptyDir",
  "hostPath",
  "gitRepo",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "secret",
  "nfs",
  "iscsi",
  "glusterfs",
  "persistentVolumeClaim",
  "rbd",
  "cinder",
  "cephfs",
  "flexVolume",
  "flocker",
  "downwardAPI",
  "fc",
  "azureFile",
  "configMap",
  "vsphereVolume",
  "quobyte",
  "azureDisk",
  "storageos",
  "projected",
  "photonPersistentDisk",
  "portworxVolume",
  "scaleIO",
  "csi",
  "ephemeral",
  "image",
];

/** A pod's volumes (ValidateVolumes, pkg/apis/core/validation, v1.35). */
export const validateVolumes = (spec: JsonObject, at: string): Problems => {
  const names = new Set<string>();
  return objectsAt(spec, "volumes").flatMap((volume, index) => {
    const place = `${at}[${index}]`;
    const name = textAt(volume, "name");
    const ofSource = source(volume, place);
    const ofName =
      name === "" ? [required(`${place}.name`)] : dnsLabel(name).map((text) => invalid(`${place}.name`, name, text));
    const again = names.has(name) ? [duplicate(`${place}.name`, name)] : [];
    names.add(name);
    return [...ofSource, ...ofName, ...again];
  });
};

/** The names of volumes without fault: only these may be mounted. */
export const validVolumeNames = (spec: JsonObject, at: string): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const [index, volume] of objectsAt(spec, "volumes").entries()) {
    const name = textAt(volume, "name");
    if (!names.has(name) && dnsLabel(name).length === 0 && source(volume, `${at}[${index}]`).length === 0)
      names.add(name);
  }
  return names;
};

/** Upstream's own spelling of some fields in messages. */
const spelled: Readonly<Record<string, string>> = { cephfs: "cephFS", downwardAPI: "downwarAPI" };

const source = (volume: JsonObject, at: string): Problems => {
  const present = order.filter((name) => isJsonObject(volume[name]));
  if (present.length === 0) return [required(at, "must specify a volume type")];
  return present.flatMap((name, index) =>
    index > 0
      ? [forbidden(`${at}.${spelled[name] ?? name}`, "may not specify more than 1 volume type")]
      : ofSource(name, objectAt(volume, name), `${at}.${name}`),
  );
};

/** An Azure disk in the tree, of a volume or a pod. */
export const azureDisk = (source: JsonObject, at: string): Problems => {
  const { cachingMode, kind } = source;
  const address = textAt(source, "diskURI");
  const managed = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
  const blob = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";
  return [
    ...needs(source, at, "diskName", "diskURI"),
    ...(cachingMode === undefined ? [] : oneOf(`${at}.cachingMode`, cachingMode, ["None", "ReadOnly", "ReadWrite"])),
    ...(kind === undefined ? [] : oneOf(`${at}.kind`, kind, ["Dedicated", "Managed", "Shared"])),
    ...(kind === "Managed" && !address.startsWith("/subscriptions/")
      ? [notSupported(`${at}.diskURI`, address, [managed])]
      : []),
    ...(kind !== undefined && kind !== "Managed" && !address.startsWith("https://")
      ? [notSupported(`${at}.diskURI`, address, [blob])]
      : []),
  ];
};

const needs = (value: JsonObject, at: string, ...fields: readonly string[]): Problems =>
  fields
    .filter((field) => value[field] === undefined || value[field] === "")
    .map((field) => required(`${at}.${field}`));

const mode = (at: string, value: Json | undefined): Problems =>
  typeof value === "number" && (value < 0 || value > 0o777)
    ? [invalid(at, value, "must be a number between 0 and 0777 (octal), both inclusive")]
    : [];

const items = (value: JsonObject, at: string): Problems =>
  objectsAt(value, "items").flatMap((item, index) => {
    const place = `${at}.items[${index}]`;
    return [
      ...needs(item, place, "key", "path"),
      ...localPath(textAt(item, "path"), `${place}.path`),
      ...mode(`${place}.mode`, item["mode"]),
    ];
  });

const localPath = (path: string, at: string): Problems => [
  ...(path.startsWith("/") ? [invalid(at, path, "must be a relative path")] : []),
  ...(path.split("/").includes("..") ? [invalid(at, path, "must not contain '..'")] : []),
  ...(path.startsWith("..") && !path.startsWith("../") ? [invalid(at, path, "must not start with '..'")] : []),
];

const hostPathTypes = [
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
];

const ofSource = (name: string, value: JsonObject, at: string): Problems => {
  switch (name) {
    case "emptyDir": {
      const limit = value["sizeLimit"];
      const nano = typeof limit === "string" || typeof limit === "number" ? parseQuantity(limit)?.nano : undefined;
      return nano !== undefined && nano < 0n
        ? [forbidden(`${at}.sizeLimit`, "SizeLimit field must be a valid resource quantity")]
        : [];
    }
    case "hostPath":
      return [
        ...needs(value, at, "path"),
        ...(textAt(value, "path").split("/").includes("..")
          ? [invalid(`${at}.path`, textAt(value, "path"), "must not contain '..'")]
          : []),
        ...oneOf(`${at}.type`, value["type"] ?? "", hostPathTypes),
      ];
    case "secret":
      return [
        ...needs(value, at, "secretName"),
        ...mode(`${at}.defaultMode`, value["defaultMode"]),
        ...items(value, at),
      ];
    case "configMap":
      return [...needs(value, at, "name"), ...mode(`${at}.defaultMode`, value["defaultMode"]), ...items(value, at)];
    case "persistentVolumeClaim":
      return needs(value, at, "claimName");
    case "nfs":
      return [
        ...needs(value, at, "server", "path"),
        ...(textAt(value, "path").startsWith("/")
          ? []
          : [invalid(`${at}.path`, textAt(value, "path"), "must be an absolute path")]),
      ];
    case "azureFile":
      return needs(value, at, "secretName", "shareName");
    case "azureDisk":
      return azureDisk(value, at);
    case "image":
      // A template's is looked at when its pods are made.
      return at.startsWith("spec.volumes[") ? needs(value, at, "reference") : [];
    case "csi":
      return needs(value, at, "driver");
    case "downwardAPI":
      return [...mode(`${at}.defaultMode`, value["defaultMode"]), ...downwardItems(value, at)];
    case "projected":
      return [...mode(`${at}.defaultMode`, value["defaultMode"]), ...projected(value, at)];
    case "ephemeral": {
      const template = value["volumeClaimTemplate"];
      return isJsonObject(template)
        ? validateClaimSpec(objectAt(template, "spec"), `${at}.volumeClaimTemplate.spec`)
        : [required(`${at}.volumeClaimTemplate`)];
    }
    default:
      return [];
  }
};

const fileFields = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

const downwardItems = (value: JsonObject, at: string): Problems =>
  objectsAt(value, "items").flatMap((item, index) => {
    const place = `${at}.items[${index}]`;
    const path = textAt(item, "path");
    return [
      ...(path === "" ? [required(`${place}.path`)] : localPath(path, `${place}.path`)),
      ...(isJsonObject(item["fieldRef"])
        ? fieldReference(item["fieldRef"], `${place}.fieldRef`, fileFields)
        : isJsonObject(item["resourceFieldRef"])
          ? []
          : [required(place, "one of fieldRef and resourceFieldRef is required")]),
      ...mode(`${place}.mode`, item["mode"]),
    ];
  });

const projected = (value: JsonObject, at: string): Problems =>
  objectsAt(value, "sources").flatMap((given, index) => {
    const place = `${at}.sources[${index}]`;
    const kinds = [
      "secret",
      "configMap",
      "downwardAPI",
      "serviceAccountToken",
      "clusterTrustBundle",
      "podCertificate",
    ].filter((kind) => isJsonObject(given[kind]));
    if (kinds.length > 1)
      return [forbidden(`${place}.${kinds[1]}`, "may not specify more than 1 volume type per source")];
    return kinds.flatMap((kind) => {
      const inner = objectAt(given, kind);
      const where = `${place}.${kind}`;
      switch (kind) {
        case "secret":
        case "configMap":
          return [...needs(inner, where, "name"), ...items(inner, where)];
        case "downwardAPI":
          return downwardItems(inner, where);
        case "serviceAccountToken":
          return token(inner, where);
        default:
          return [];
      }
    });
  });

const token = (value: JsonObject, at: string): Problems => {
  const seconds = value["expirationSeconds"];
  return [
    ...(typeof seconds === "number" && seconds < 600
      ? [invalid(`${at}.expirationSeconds`, seconds, "may not specify a duration less than 10 minutes")]
      : []),
    ...(typeof seconds === "number" && seconds > 2 ** 32
      ? [invalid(`${at}.expirationSeconds`, seconds, "may not specify a duration larger than 2^32 seconds")]
      : []),
    ...needs(value, at, "path"),
  ];
};

const accessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/** The spec of a claim (ValidatePersistentVolumeClaimSpec). */
export const validateClaimSpec = (spec: JsonObject, at: string): Problems => {
  const modes = listAt(spec, "accessModes");
  const storage = objectAt(spec, "resources", "requests")["storage"];
  const nano = typeof storage === "string" || typeof storage === "number" ? parseQuantity(storage)?.nano : undefined;
  const [selector, source, reference] = [spec["selector"], spec["dataSource"], spec["dataSourceRef"]];
  const isMixed =
    modes.includes("ReadWriteOncePod") &&
    modes.some((value) => value !== "ReadWriteOncePod" && accessModes.includes(String(value)));
  return [
    ...(modes.length === 0 ? [required(`${at}.accessModes`, "at least 1 access mode is required")] : []),
    ...(isJsonObject(selector) ? validateSelector(`${at}.selector`, selector) : []),
    ...modes.flatMap((value) => oneOf(`${at}.accessModes`, value, accessModes)),
    ...(isMixed ? [forbidden(`${at}.accessModes`, "may not use ReadWriteOncePod with other access modes")] : []),
    ...(storage === undefined
      ? [required(`${at}.resources[storage]`)]
      : nano !== undefined && nano <= 0n
        ? [invalid(`${at}.resources[storage]`, String(storage), "must be greater than zero")]
        : []),
    ...className(spec, "storageClassName", at),
    ...(spec["volumeMode"] === undefined ? [] : oneOf(`${at}.volumeMode`, spec["volumeMode"], ["Block", "Filesystem"])),
    ...(isJsonObject(source) ? dataSource(source, `${at}.dataSource`) : []),
    ...(isJsonObject(reference) ? dataSource(reference, `${at}.dataSourceRef`) : []),
    ...className(spec, "volumeAttributesClassName", at),
  ];
};

const className = (spec: JsonObject, field: string, at: string): Problems => {
  const name = textAt(spec, field);
  return name === "" ? [] : dnsSubdomain(name).map((text) => invalid(`${at}.${field}`, name, text));
};

/** What a new volume is filled from. */
const dataSource = (source: JsonObject, at: string): Problems => {
  const group = textAt(source, "apiGroup");
  const isCore = group === "" && textAt(source, "kind") !== "PersistentVolumeClaim";
  return [
    ...needs(source, at, "name", "kind"),
    ...(isCore
      ? [invalid(at, textAt(source, "kind"), "must be 'PersistentVolumeClaim' when referencing the default apiGroup")]
      : []),
    ...(group === "" ? [] : dnsSubdomain(group).map((text) => invalid(`${at}.apiGroup`, group, text))),
  ];
};
