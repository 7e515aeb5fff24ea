import { type Diagnostic, diagnostic } from "../model/diagnostic.ts";
import type { ModuleNode } from "./module-tree.ts";
import { inputError } from "./problems.ts";
import { parseVersion, satisfies, type Version } from "./version-constraint.ts";

export interface LanguageVersion {
  /** `1.13.3`. */
  readonly text: string;
  /** From 1.12 on `&&` and `||` stop at the side that decides. */
  readonly shortCircuit: boolean;
  readonly problems: readonly Diagnostic[];
}

/** The last release of each line, newest first (releases of hashicorp/terraform). */
const releases = [
  "1.13.3",
  "1.12.2",
  "1.11.4",
  "1.10.5",
  "1.9.8",
  "1.8.5",
  "1.7.5",
  "1.6.6",
  "1.5.7",
  "1.4.7",
  "1.3.10",
  "1.2.9",
  "1.1.9",
  "1.0.11",
  "0.15.5",
  "0.14.11",
  "0.13.7",
  "0.12.31",
];

/**
 * Whose language a configuration is read in: the version asked for, which `required_version` must then allow, or otherwise the newest
 * known that it allows.
 */
export const languageVersion = (root: ModuleNode, asked: string | undefined): LanguageVersion => {
  const required = requiredVersions(root);
  const allows = (version: Version): boolean => required.every(({ constraints }) => satisfies(version, constraints));
  const chosen = asked ?? releases.find((text) => allows(versionOf(text)));
  const text = chosen ?? releases[0] ?? "1.13.3";
  const version = versionOf(text);
  const [major, minor] = version.numbers;
  return {
    text,
    shortCircuit: major > 1 || (major === 1 && minor >= 12),
    problems: required
      .filter(({ constraints }) => !satisfies(version, constraints))
      .map((each) => problem(each, text, asked !== undefined)),
  };
};

type Required = NonNullable<ModuleNode["module"]>["requiredVersions"][number];

const requiredVersions = (node: ModuleNode): readonly Required[] => [
  ...(node.module?.requiredVersions ?? []),
  ...[...node.children.values()].flatMap(requiredVersions),
];

/** `1.11` means the last of its patch releases. */
const versionOf = (text: string): Version => {
  const version = parseVersion(text) ?? { numbers: [1, 13, 3], written: 3, preRelease: "" };
  return version.written < 3 ? { ...version, numbers: [version.numbers[0], version.numbers[1], 99] } : version;
};

const problem = (required: Required, text: string, isAsked: boolean): Diagnostic =>
  isAsked
    ? inputError(
        "Unsupported Terraform Core version",
        `The configuration asks for Terraform "${required.text}", and is evaluated as ${text}. Give another version with --terraform-version, or change the constraint.`,
        required.range,
      )
    : diagnostic({
        code: "AKS9131",
        severity: "info",
        summary: "The configuration asks for a Terraform version that is not known here",
        detail: `No known version meets "${required.text}", so it is read as Terraform ${text} would.`,
        range: required.range,
      });
