import type { Body } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { resourceText } from "./address.ts";
import { decodeBody } from "./body-decode.ts";
import { bodyReferences, fixedReferences, knownPart } from "./body-references.ts";
import type { GraphNode } from "./graph-nodes.ts";
import type { CheckRule } from "./module.ts";
import { hasErrors, inputError } from "./problems.ts";
import { goodReferences, type ParsedReference, type Reference, referencesIn } from "./reference.ts";
import type { ProviderSchemas } from "./schema-store.ts";
import type { ModuleInstance, Walk, WalkMode, WalkSettings } from "./walk.ts";
import { checkRecord, evaluateRules } from "./walk-checks.ts";
import { collectImports } from "./walk-imports.ts";
import { checkArguments, evaluateLocal, evaluateOutput, expandModule, rootInstance } from "./walk-modules.ts";
import { pendingFor } from "./walk-pending.ts";
import { checkReferences, evaluateChecked, type Place } from "./walk-references.ts";
import { modeOf } from "./walk-repetition.ts";
import { evaluateResource } from "./walk-resource.ts";
import { evaluateVariable, validateVariable } from "./walk-variables.ts";

export interface WalkResult {
  readonly walk: Walk;
  readonly diagnostics: readonly Diagnostic[];
}

/** Evaluates all nodes in order. What depends on a node in error is still evaluated, in silence: its problems follow from the first. */
export const runWalk = (
  settings: WalkSettings,
  mode: WalkMode,
  order: readonly GraphNode[],
  /** Providers that could not be configured: their resources are as good as failed. */
  unconfigured: ReadonlySet<ProviderSchemas> = new Set(),
): WalkResult => {
  const walk: Walk = {
    ...settings,
    mode,
    instances: new Map([[settings.root, [rootInstance(settings.root)]]]),
    planned: [],
    changing: new Map(),
    changedInstances: new Map(),
    checks: new Map(),
    imports: new Map(),
    pendingFor: (node, instance) => pendingFor(walk, node, instance),
  };
  const diagnostics: Diagnostic[] = [];
  const failed = new Set<GraphNode>();
  for (const node of order) {
    const problems = new ProblemList();
    const tainted =
      node.dependencies.some((dependency) => failed.has(dependency)) ||
      (node.kind === "resource" &&
        unconfigured.size > 0 &&
        unconfigured.has(settings.providerOf(node.module, node.block.providerKey)));
    runNode(walk, node, problems);
    if (tainted || hasErrors(problems)) failed.add(node);
    if (!tainted) diagnostics.push(...problems);
  }
  return { walk, diagnostics };
};

/** A list of problems that gives up growing when an expression fails in thousands of instances. */
class ProblemList extends Array<Diagnostic> {
  override push(...problems: Diagnostic[]): number {
    for (const problem of problems) if (this.length < 1000) super.push(problem);
    return this.length;
  }
}

const runNode = (walk: Walk, node: GraphNode, problems: Diagnostic[]): void => {
  problems.push(...checkNode(walk, node));
  const isFailed = hasErrors(problems);
  if (node.kind === "expand") {
    problems.push(...(walk.mode === "validate" ? checkArguments(node.module, node.block) : []));
    expandModule(walk, node.module, node.block, isFailed ? [] : problems);
    return;
  }
  const sink = isFailed ? [] : problems;
  for (const instance of walk.instances.get(node.module) ?? []) runInstance(walk, node, instance, sink);
};

const runInstance = (walk: Walk, node: GraphNode, instance: ModuleInstance, problems: Diagnostic[]): void => {
  switch (node.kind) {
    case "variable":
      evaluateVariable(walk, instance, node.block, problems);
      break;
    case "validation":
      validateVariable(walk, instance, node.block, problems);
      break;
    case "local":
      evaluateLocal(walk, instance, node.block, problems);
      break;
    case "output":
      evaluateOutput(walk, instance, node.block, problems);
      break;
    case "resource":
      collectImports(walk, node, instance, problems);
      evaluateResource(walk, node, instance, walk.referred.get(node.block.type) ?? new Set(), problems);
      break;
    case "provider":
      evaluateProvider(walk, node, instance, problems);
      break;
    case "check": {
      const record = checkRecord(
        walk,
        { kind: "check", module: node.module, name: node.block.name },
        instance,
        undefined,
      );
      evaluateRules(walk, instance, "Check block assertion", node.block.asserts, {}, record, problems);
      break;
    }
  }
};

const evaluateProvider = (
  walk: Walk,
  node: GraphNode & { readonly kind: "provider" },
  instance: ModuleInstance,
  problems: Diagnostic[],
): void => {
  const { body } = node.block;
  if (walk.mode === "validate" && body.attributes.length === 0 && body.blocks.length === 0) return;
  const schemas = walk.providerOf(node.module, node.block.name);
  const schema = schemas.find("provider", schemas.source.slice(schemas.source.lastIndexOf("/") + 1));
  if (schema === undefined) return;
  decodeBody(body, schema.block, {
    evaluate: (expression, iterators) =>
      evaluateChecked(walk, instance, expression, { iterators }, { repetition: "single" }, problems),
    report: (problem) => problems.push(problem),
  });
};

/** The problems of a node's references, which are the same in all instances of its module. */
const checkNode = (walk: Walk, node: GraphNode): readonly Diagnostic[] => {
  const check = (references: readonly ParsedReference[], place?: Place, module = node.module): readonly Diagnostic[] =>
    checkReferences(walk, module, references, place);
  const ofRules = (rules: readonly CheckRule[], place?: Place): readonly Diagnostic[] =>
    rules.flatMap(({ condition, errorMessage }) => [
      ...check(referencesIn(condition), place),
      ...(errorMessage === undefined ? [] : check(referencesIn(errorMessage), place)),
    ]);
  switch (node.kind) {
    case "variable": {
      const { call, parent } = node.module;
      const argument = call?.arguments.get(node.block.name);
      if (argument === undefined || call === undefined || parent === undefined) return [];
      const repetition = walk.mode === "validate" ? "any" : modeOf(call);
      return check(referencesIn(argument.value), { repetition }, parent);
    }
    case "validation":
      return ofRules(node.block.validations);
    case "local":
      return checkLocal(node, check);
    case "output":
      return [
        ...(node.block.expression === undefined ? [] : check(referencesIn(node.block.expression))),
        ...ofRules(node.block.preconditions),
        ...check(node.block.dependsOn),
      ];
    case "resource":
      return checkResourceNode(node, check, ofRules, (body) => {
        const { mode, type, providerKey } = node.block;
        const schema = walk.providerOf(node.module, providerKey).find(mode === "managed" ? "resource" : mode, type);
        return schema === undefined ? body : knownPart(body, schema.block);
      });
    case "provider":
      return check(fixedReferences(node.block.body));
    case "check":
      return ofRules(node.block.asserts, { repetition: "single", check: node.block.name });
    case "expand": {
      const { parent } = node.module;
      if (parent === undefined) return [];
      const { count, forEach, dependsOn } = node.block;
      return [count, forEach]
        .flatMap((expression) => (expression === undefined ? [] : check(referencesIn(expression), undefined, parent)))
        .concat(check(resourcesOnly(dependsOn), undefined, parent));
    }
    case "close":
      return [];
  }
};

/** Terraform looks no further in `depends_on` of a resource than to the first name that leads nowhere. */
const firstProblems = (problems: readonly (readonly Diagnostic[])[]): readonly Diagnostic[] =>
  problems.find(({ length }) => length > 0) ?? [];

/** In `depends_on` of modules Terraform looks at resources only. */
const resourcesOnly = (references: readonly Reference[]): readonly Reference[] =>
  references.filter(({ subject }) => subject.kind === "resource");

const checkLocal = (
  node: GraphNode & { readonly kind: "local" },
  check: (references: readonly ParsedReference[]) => readonly Diagnostic[],
): readonly Diagnostic[] => {
  const { name, expression } = node.block;
  const references = referencesIn(expression);
  const selfish = goodReferences(references).filter(({ subject }) => subject.kind === "local" && subject.name === name);
  if (selfish.length === 0) return check(references);
  return selfish.map(({ range }) =>
    inputError("Self-referencing local value", `local.${name} cannot be part of its own value.`, range),
  );
};

const checkResourceNode = (
  node: GraphNode & { readonly kind: "resource" },
  check: (references: readonly ParsedReference[], place?: Place) => readonly Diagnostic[],
  ofRules: (rules: readonly CheckRule[], place?: Place) => readonly Diagnostic[],
  known: (body: Body) => Body,
): readonly Diagnostic[] => {
  const { block } = node;
  const place: Place = { repetition: modeOf(block), ...(block.check === undefined ? {} : { check: block.check }) };
  const own = resourceText(block.mode, block.type, block.name);
  const selfish = goodReferences(bodyReferences(block.body)).filter(
    ({ subject }) => subject.kind === "resource" && resourceText(subject.mode, subject.type, subject.name) === own,
  );
  if (selfish.length > 0)
    return selfish.map(({ range }) =>
      inputError("Self-referential block", `${own} cannot refer to itself in its own configuration.`, range),
    );
  return [
    ...[block.count, block.forEach].flatMap((expression) =>
      expression === undefined ? [] : check(referencesIn(expression)),
    ),
    ...check(fixedReferences(known(block.body)), place),
    ...block.replaceTriggeredBy.flatMap((expression) => check(referencesIn(expression), place)),
    ...firstProblems(block.dependsOn.map((reference) => check([reference], { repetition: "any" }))),
    ...block.provisioners.flatMap(({ body }) => check(fixedReferences(body), { ...place, self: block })),
    ...block.connections.flatMap((body) => check(fixedReferences(body), { ...place, self: block })),
    ...ofRules(block.preconditions, place),
    ...ofRules(block.postconditions, { ...place, self: block }),
  ];
};
