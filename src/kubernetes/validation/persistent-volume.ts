import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { listAt, objectAt, objectsAt, textAt } from "../fields.ts";
import { parseQuantity } from "../quantity.ts";
import { forbidden, invalid, notSupported, oneOf, type Problems, required } from "./field-problem.ts";
import { dnsLabel, dnsSubdomain } from "./names.ts";
import { nodeSelector } from "./placement.ts";
import { azureDisk } from "./volumes.ts";

/** Sources in upstream's order; those without a rule are taken as they are. */
const sources: Readonly<Record<string, (source: JsonObject, at: string) => Problems>> = {
  hostPath: (source, at) => path(source, at),
  gcePersistentDisk: () => [],
  awsElasticBlockStore: () => [],
  glusterfs: () => [],
  flocker: () => [],
  nfs: (source, at) => [
    ...needs(source, at, ["server", "path"]),
    ...(textAt(source, "path").startsWith("/")
      ? []
      : [invalid(`${at}.path`, textAt(source, "path"), "must be an absolute path")]),
  ],
  rbd: () => [],
  quobyte: () => [],
  cephfs: () => [],
  iscsi: () => [],
  cinder: () => [],
  fc: () => [],
  azureFile: (source, at) => [
    ...needs(source, at, ["secretName", "shareName"]),
    ...(source["secretNamespace"] === "" ? [required(`${at}.secretNamespace`)] : []),
  ],
  vsphereVolume: () => [],
  photonPersistentDisk: () => [],
  portworxVolume: () => [],
  azureDisk: (source, at) => azureDisk(source, at),
  scaleIO: () => [],
  local: (source, at) => path(source, at),
  storageos: () => [],
  csi: (source, at) => csi(source, at),
};

const needs = (source: JsonObject, at: string, fields: readonly string[]): Problems =>
  fields.filter((field) => textAt(source, field) === "").map((field) => required(`${at}.${field}`));

const path = (source: JsonObject, at: string): Problems => {
  const given = textAt(source, "path");
  if (given === "") return [required(`${at}.path`)];
  return given.split("/").includes("..") ? [invalid(`${at}.path`, given, "must not contain '..'")] : [];
};

const csi = (source: JsonObject, at: string): Problems => {
  const driver = textAt(source, "driver");
  const secrets = [
    "controllerPublishSecretRef",
    "controllerExpandSecretRef",
    "nodePublishSecretRef",
    "nodeExpandSecretRef",
  ];
  return [
    ...driverName(driver, `${at}.driver`),
    ...needs(source, at, ["volumeHandle"]),
    ...secrets.flatMap((field) =>
      isJsonObject(source[field]) ? secretReference(source[field], `${at}.${field}`) : [],
    ),
  ];
};

const driverName = (driver: string, at: string): Problems => {
  if (driver === "") return [required(at)];
  return dnsSubdomain(driver.toLowerCase()).map((text) => invalid(at, driver, text));
};

const secretReference = (reference: JsonObject, at: string): Problems => {
  const [name, namespace] = [textAt(reference, "name"), textAt(reference, "namespace")];
  return [
    ...(name === "" ? [required(`${at}.name`)] : dnsSubdomain(name).map((text) => invalid(`${at}.name`, name, text))),
    ...(namespace === ""
      ? [required(`${at}.namespace`)]
      : dnsLabel(namespace).map((text) => invalid(`${at}.namespace`, namespace, text))),
  ];
};

/** A PersistentVolume (ValidatePersistentVolumeSpec, pkg/apis/core/validation, v1.35). */
export const validateVolume = (spec: JsonObject): Problems => {
  const affinity = objectAt(spec, "nodeAffinity")["required"];
  const [first, ...more] = Object.keys(sources).filter((source) => isJsonObject(spec[source]));
  const rule = first === undefined ? undefined : sources[first];
  const className = textAt(spec, "storageClassName");
  const hasAffinity = objectsAt(affinity, "nodeSelectorTerms").length > 0;
  return [
    ...accessModes(spec),
    ...capacity(spec),
    ...oneOf("spec.persistentVolumeReclaimPolicy", spec["persistentVolumeReclaimPolicy"] ?? "Retain", [
      "Delete",
      "Recycle",
      "Retain",
    ]),
    ...(isJsonObject(affinity) ? nodeSelector(affinity, "spec.nodeAffinity.required") : []),
    ...(first === undefined || rule === undefined ? [] : rule(objectAt(spec, first), `spec.${first}`)),
    ...(first === "local" && !hasAffinity
      ? [required("spec.nodeAffinity", "Local volume requires node affinity")]
      : []),
    ...more.map((source) => forbidden(`spec.${source}`, "may not specify more than 1 volume type")),
    ...(first === undefined && !isJsonObject(spec["flexVolume"])
      ? [required("spec", "must specify a volume type")]
      : []),
    ...(className === ""
      ? []
      : dnsSubdomain(className).map((text) => invalid("spec.storageClassName", className, text))),
    ...(spec["volumeMode"] === undefined ? [] : oneOf("spec.volumeMode", spec["volumeMode"], ["Block", "Filesystem"])),
  ];
};

const accessModes = (spec: JsonObject): Problems => {
  const at = "spec.accessModes";
  const known = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
  const modes = listAt(spec, "accessModes");
  if (modes.length === 0) return [required(at)];
  const others = modes.some((mode) => known.includes(String(mode)) && mode !== "ReadWriteOncePod");
  return [
    ...modes.flatMap((mode) => oneOf(at, mode, known)),
    ...(others && modes.includes("ReadWriteOncePod")
      ? [forbidden(at, "may not use ReadWriteOncePod with other access modes")]
      : []),
  ];
};

const capacity = (spec: JsonObject): Problems => {
  const given = objectAt(spec, "capacity");
  const names = Object.keys(given);
  const shown: Json = names.length === 0 ? (spec["capacity"] ?? null) : given;
  return [
    ...(names.length === 0 ? [required("spec.capacity")] : []),
    ...(given["storage"] === undefined || names.length > 1 ? [notSupported("spec.capacity", shown, ["storage"])] : []),
    ...names.flatMap((name) => {
      const nano = parseQuantity(given[name] as string)?.nano ?? 1n;
      return nano <= 0n ? [invalid(`spec.capacity[${name}]`, String(given[name]), "must be greater than zero")] : [];
    }),
  ];
};
