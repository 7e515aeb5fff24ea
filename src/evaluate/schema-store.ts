import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { dynamicType, stringType } from "../model/type.ts";
import { type AttributeSchema, type BlockSchema, optionalAttribute, type ResourceSchema } from "./schema.ts";
import { openSchemaFile, type SchemaFile, type SchemaKind } from "./schema-file.ts";
import { compareVersions, parseVersion, satisfies, type VersionConstraint } from "./version-constraint.ts";

/** The schemas that one provider answers with, for the version that the configuration asks for. */
export interface ProviderSchemas {
  /** `hashicorp/azurerm`. */
  readonly source: string;
  /** The schema's version; `undefined` for a provider without schema data and for the built-in one. */
  readonly version: string | undefined;
  readonly find: (kind: SchemaKind, type: string) => ResourceSchema | undefined;
  readonly names: (kind: SchemaKind) => readonly string[];
  /** False where no schema data is at hand: resources of this provider are read without a schema. */
  readonly known: boolean;
  /** True where the configuration asks for a later version than any whose schemas are at hand: it may know more names. */
  readonly isOutdated: boolean;
  /** True for a name that an earlier version knows in the type: what is missing now has been taken away. */
  readonly wasKnown: (kind: SchemaKind, type: string, name?: string) => boolean;
}

/** Versions whose schemas `data/` holds, by provider source, oldest first. */
const versionsOf: Readonly<Record<string, readonly string[]>> = {
  "hashicorp/azurerm": ["2.99.0", "3.116.0", "4.79.0"],
  "hashicorp/azuread": ["2.53.1", "3.7.0"],
  "azure/azapi": ["1.15.0", "2.5.0"],
  "hashicorp/kubernetes": ["2.38.0"],
  "hashicorp/helm": ["2.17.0", "3.0.2"],
  "hashicorp/random": ["3.7.2"],
  "hashicorp/tls": ["4.1.0"],
  "hashicorp/local": ["2.5.3"],
  "hashicorp/null": ["3.2.4"],
  "hashicorp/time": ["0.13.1"],
  "hashicorp/http": ["3.5.0"],
  "hashicorp/external": ["2.3.5"],
  "hashicorp/archive": ["2.7.1"],
  "hashicorp/cloudinit": ["2.3.7"],
  "azure/modtm": ["0.3.5"],
  "gavinbunney/kubectl": ["1.19.0"],
  "alekc/kubectl": ["1.19.0"],
  "anschoewe/curl": ["1.0.2"],
};

const files = new Map<string, SchemaFile>();

/**
 * The schemas of a provider for the constraints that all modules put on it together, or for the locked version: the newest
 * version known that meets them, otherwise the nearest of the same major.
 */
export const providerSchemas = (
  source: string,
  constraints: readonly VersionConstraint[],
  locked: string | undefined,
): ProviderSchemas => {
  if (source === "terraform.io/builtin/terraform") return builtinProvider;
  const versions = versionsOf[source.toLowerCase()];
  const version = versions === undefined ? undefined : chooseVersion(versions, constraints, locked);
  const file = version === undefined ? undefined : schemaFile(source, version);
  return {
    source,
    version,
    known: file !== undefined,
    find: (kind, type) => file?.find(kind, type),
    names: (kind) => file?.names(kind) ?? [],
    isOutdated: version !== undefined && isOutdated(version, constraints, locked),
    wasKnown: (kind, type, name) =>
      (versions ?? []).some((earlier) => {
        const found = earlier === version ? undefined : schemaFile(source, earlier)?.find(kind, type);
        return found !== undefined && (name === undefined || hasName(found.block, name));
      }),
  };
};

/** The lock file or the constraints ask for a later version than the one chosen. */
const isOutdated = (chosen: string, constraints: readonly VersionConstraint[], locked: string | undefined): boolean => {
  const version = parseVersion(chosen);
  const wanted = parseVersion(locked ?? "") ?? nearestWanted(constraints);
  if (version === undefined || wanted === undefined || compareVersions(wanted, version) <= 0) return false;
  return locked !== undefined || !satisfies(version, constraints);
};

/** At any depth. */
const hasName = (block: BlockSchema, name: string): boolean =>
  block.attributes.has(name) ||
  block.blocks.has(name) ||
  [...block.blocks.values()].some((nested) => hasName(nested.block, name));

const schemaFile = (source: string, version: string): SchemaFile | undefined => {
  const name = source.slice(source.lastIndexOf("/") + 1);
  const path = fileURLToPath(new URL(`./data/${name}-${version}.schema`, import.meta.url));
  const open = files.get(path);
  if (open !== undefined) return open;
  if (!existsSync(path)) return undefined;
  const file = openSchemaFile(path);
  files.set(path, file);
  return file;
};

const chooseVersion = (
  versions: readonly string[],
  constraints: readonly VersionConstraint[],
  locked: string | undefined,
): string | undefined => {
  const parsed = versions.map((text) => ({ text, version: parseVersion(text) }));
  const wanted = parseVersion(locked ?? "") ?? nearestWanted(constraints);
  const meeting = parsed.filter(({ version }) => version !== undefined && satisfies(version, constraints));
  if (locked === undefined && meeting.length > 0) return meeting.at(-1)?.text;
  if (wanted === undefined) return versions.at(-1);
  const ofMajor = parsed.filter(({ version }) => version?.numbers[0] === wanted.numbers[0]);
  const lower = ofMajor.filter(({ version }) => version !== undefined && compareVersions(version, wanted) <= 0);
  return (
    lower.at(-1) ??
    ofMajor[0] ??
    parsed.find(({ version }) => version !== undefined && compareVersions(version, wanted) > 0) ??
    parsed.at(-1)
  )?.text;
};

const nearestWanted = (constraints: readonly VersionConstraint[]): VersionConstraint["version"] | undefined =>
  (
    constraints.find(({ operator }) => operator === "=" || operator === "~>") ??
    constraints.find(({ operator }) => operator === ">=" || operator === ">") ??
    constraints[0]
  )?.version;

const attribute = (
  type: AttributeSchema["type"],
  flags: Partial<Pick<AttributeSchema, "required" | "optional" | "computed">>,
): AttributeSchema => ({ ...optionalAttribute(type), optional: false, ...flags });

const schemaOf = (attributes: readonly (readonly [string, AttributeSchema])[]): ResourceSchema => ({
  version: 0,
  block: { attributes: new Map(attributes), blocks: new Map() },
  defaults: new Map(),
  forceNew: new Set(),
  computedBlocks: new Set(),
});

/** `terraform_data` and `terraform_remote_state`, which Terraform itself provides (provider terraform.io/builtin/terraform, 1.11). */
const builtinProvider: ProviderSchemas = {
  source: "terraform.io/builtin/terraform",
  version: undefined,
  known: true,
  find: (kind, type) => {
    if (kind === "resource" && type === "terraform_data") return terraformData;
    return kind === "data" && type === "terraform_remote_state" ? terraformRemoteState : undefined;
  },
  isOutdated: false,
  wasKnown: () => false,
  names: (kind) => (kind === "resource" ? ["terraform_data"] : kind === "data" ? ["terraform_remote_state"] : []),
};

const terraformData = schemaOf([
  ["id", attribute(stringType, { computed: true })],
  ["input", attribute(dynamicType, { optional: true })],
  ["output", attribute(dynamicType, { computed: true })],
  ["triggers_replace", attribute(dynamicType, { optional: true })],
]);

const terraformRemoteState = schemaOf([
  ["backend", attribute(stringType, { required: true })],
  ["config", attribute(dynamicType, { optional: true })],
  ["defaults", attribute(dynamicType, { optional: true })],
  ["outputs", attribute(dynamicType, { computed: true })],
  ["workspace", attribute(stringType, { optional: true })],
]);
