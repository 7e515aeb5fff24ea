import type { Expression } from "../load/hcl/ast.ts";
import { addressNames, inModule } from "./address.ts";
import { bodyReferences } from "./body-references.ts";
import type {
  CheckBlock,
  CheckRule,
  LocalBlock,
  ModuleCallBlock,
  OutputBlock,
  ProviderBlock,
  ResourceBlock,
  VariableBlock,
} from "./module.ts";
import type { ModuleNode } from "./module-tree.ts";
import { goodReferences, type ParsedReference, type Reference, referencesIn, resourceKey } from "./reference.ts";

/** One step of the evaluation: a thing declared in a module, for all instances of that module together. */
export type GraphNode = {
  /** As Terraform names it in a cycle. */
  readonly label: string;
  readonly module: ModuleNode;
  dependencies: readonly GraphNode[];
} & (
  | { readonly kind: "variable"; readonly block: VariableBlock }
  | { readonly kind: "validation"; readonly block: VariableBlock }
  | { readonly kind: "local"; readonly block: LocalBlock }
  | { readonly kind: "output"; readonly block: OutputBlock }
  | { readonly kind: "resource"; readonly block: ResourceBlock }
  | { readonly kind: "provider"; readonly block: ProviderBlock }
  | { readonly kind: "check"; readonly block: CheckBlock }
  | { readonly kind: "expand"; readonly block: ModuleCallBlock }
  | { readonly kind: "close"; readonly block: ModuleCallBlock }
);

export interface Graph {
  readonly root: ModuleNode;
  /** In a fixed order: module by module, kind by kind, name by name. */
  readonly nodes: readonly GraphNode[];
  readonly find: (module: ModuleNode, kind: GraphNode["kind"], name: string) => GraphNode | undefined;
}

/** Makes the nodes of all modules and ties each to what it refers to. */
export const buildGraph = (root: ModuleNode): Graph => {
  const nodes: GraphNode[] = [];
  const index = new Map<ModuleNode, Map<string, Map<string, GraphNode>>>();
  const add = (node: DistributiveOmit<GraphNode, "dependencies">, name: string): void => {
    const whole = { ...node, dependencies: [] } as GraphNode;
    nodes.push(whole);
    entry(entry(index, node.module), node.kind).set(name, whole);
  };
  addModule(root, add);
  const graph: Graph = { root, nodes, find: (module, kind, name) => index.get(module)?.get(kind)?.get(name) };
  for (const node of nodes) node.dependencies = dependenciesOf(node, graph);
  closeModules(nodes, graph);
  return graph;
};

/** The map under a key, made when it is first asked for. */
const entry = <K, L, V>(map: Map<K, Map<L, V>>, key: K): Map<L, V> => {
  let inner = map.get(key);
  if (inner === undefined) {
    inner = new Map();
    map.set(key, inner);
  }
  return inner;
};

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Add = (node: DistributiveOmit<GraphNode, "dependencies">, name: string) => void;

const sorted = <T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1));

const addModule = (module: ModuleNode, add: Add): void => {
  const label = (text: string, suffix: string): string => `${inModule(module.address, text)}${suffix}`;
  const { module: content, call } = module;
  if (call !== undefined) add({ kind: "expand", block: call, module, label: `${module.address} (expand)` }, "");
  if (content !== undefined) {
    for (const [name, block] of sorted(content.variables)) {
      const suffix = module.parent === undefined ? "" : " (expand)";
      add({ kind: "variable", block, module, label: label(`var.${name}`, suffix) }, name);
      if (block.validations.length > 0)
        add({ kind: "validation", block, module, label: label(`var.${name}`, " (validation)") }, name);
    }
    for (const [name, block] of sorted(content.providers))
      add({ kind: "provider", block, module, label: label(`provider["${name}"]`, "") }, name);
    for (const [name, block] of sorted(content.locals))
      add({ kind: "local", block, module, label: label(`local.${name}`, " (expand)") }, name);
    for (const [name, block] of sorted(content.resources))
      add({ kind: "resource", block, module, label: label(name, "") }, name);
  }
  for (const [, child] of sorted(module.children)) addModule(child, add);
  if (content !== undefined) {
    for (const [name, block] of sorted(content.outputs))
      add(
        {
          kind: "output",
          block,
          module,
          label: label(`output.${name}`, module.parent === undefined ? "" : " (expand)"),
        },
        name,
      );
    for (const [name, block] of sorted(content.checks))
      add({ kind: "check", block, module, label: label(`check.${name}`, "") }, name);
  }
  if (call !== undefined) add({ kind: "close", block: call, module, label: `${module.address} (close)` }, "");
};

const expressionReferences = (expressions: readonly (Expression | undefined)[]): readonly ParsedReference[] =>
  expressions.flatMap((expression) => (expression === undefined ? [] : referencesIn(expression)));

const ruleReferences = (rules: readonly CheckRule[]): readonly ParsedReference[] =>
  expressionReferences(rules.flatMap(({ condition, errorMessage }) => [condition, errorMessage]));

/** All references of a resource block: its body, repetition, conditions and triggers. */
export const resourceReferences = (block: ResourceBlock): readonly ParsedReference[] => [
  ...expressionReferences([block.count, block.forEach]),
  ...bodyReferences(block.body),
  ...expressionReferences(block.replaceTriggeredBy),
  ...ruleReferences([...block.preconditions, ...block.postconditions]),
  ...block.provisioners.flatMap(({ body }) => bodyReferences(body)),
  ...block.connections.flatMap(bodyReferences),
];

/** The references that a node itself writes. */
export const nodeReferences = (node: GraphNode): readonly ParsedReference[] => {
  switch (node.kind) {
    case "variable": {
      const argument = node.module.call?.arguments.get(node.block.name);
      return argument === undefined ? [] : referencesIn(argument.value);
    }
    case "validation":
      return ruleReferences(node.block.validations);
    case "local":
      return referencesIn(node.block.expression);
    case "output":
      return [
        ...expressionReferences([node.block.expression]),
        ...ruleReferences(node.block.preconditions),
        ...node.block.dependsOn,
      ];
    case "resource":
      return [...resourceReferences(node.block), ...node.block.dependsOn];
    case "provider":
      return bodyReferences(node.block.body);
    case "check":
      return ruleReferences(node.block.asserts);
    case "expand":
      return [...expressionReferences([node.block.count, node.block.forEach]), ...node.block.dependsOn];
    case "close":
      return [];
  }
};

const dependenciesOf = (node: GraphNode, graph: Graph): readonly GraphNode[] => {
  const found = new Set<GraphNode>();
  const { module } = node;
  const take = (target: GraphNode | undefined): void => {
    if (target !== undefined) found.add(target);
  };
  const refer = (references: readonly ParsedReference[], from: ModuleNode): void => {
    for (const reference of goodReferences(references))
      for (const target of targetsOf(reference, from, graph)) take(target);
  };
  const isCall = node.kind === "expand" || node.kind === "variable";
  refer(nodeReferences(node), isCall ? (module.parent ?? module) : module);
  if (node.kind !== "expand") take(graph.find(module, "expand", ""));
  else if (module.parent !== undefined) take(graph.find(module.parent, "expand", ""));
  if (node.kind === "local") found.delete(node);
  if (node.kind === "validation") {
    take(graph.find(module, "variable", node.block.name));
    found.delete(node);
  }
  if (node.kind === "resource") {
    take(providerNode(module, node.block.providerKey, graph));
    refer(importReferences(node, graph), graph.root);
    found.delete(node);
  }
  return [...found];
};

/** What the `import` blocks about a resource refer to. */
const importReferences = (node: GraphNode, graph: Graph): readonly ParsedReference[] =>
  (graph.root.module?.imports ?? []).flatMap((block) =>
    addressNames(block.to) === node.label ? expressionReferences([block.id, block.forEach]) : [],
  );

/** What stands in a module, and the ends of the modules that it calls. */
const closeModules = (nodes: readonly GraphNode[], graph: Graph): void => {
  const inside = new Map<ModuleNode, GraphNode[]>();
  for (const node of nodes) {
    if (node.kind === "close") continue;
    const members = inside.get(node.module);
    if (members === undefined) inside.set(node.module, [node]);
    else members.push(node);
  }
  for (const node of nodes) {
    if (node.kind !== "close") continue;
    const children = [...node.module.children.values()].flatMap((child) => graph.find(child, "close", "") ?? []);
    node.dependencies = [...(inside.get(node.module) ?? []), ...children];
  }
};

/** The provider block that configures a resource, found through the modules that pass it on. */
export const providerNode = (module: ModuleNode, key: string, graph: Graph): GraphNode | undefined => {
  const own = graph.find(module, "provider", key);
  if (own !== undefined) return own;
  if (module.parent === undefined || module.call === undefined) return undefined;
  const passed = module.call.providers.get(key) ?? (key.includes(".") ? undefined : key);
  return passed === undefined ? undefined : providerNode(module.parent, passed, graph);
};

/** The nodes that a reference waits for. A whole module is waited for to its end, an output of it for itself. */
export const targetsOf = (reference: Reference, module: ModuleNode, graph: Graph): readonly GraphNode[] => {
  const { subject } = reference;
  switch (subject.kind) {
    case "variable":
      return [
        ...some(graph.find(module, "variable", subject.name)),
        ...some(graph.find(module, "validation", subject.name)),
      ];
    case "local":
      return some(graph.find(module, "local", subject.name));
    case "resource":
      return some(graph.find(module, "resource", resourceKey(subject.mode, subject.type, subject.name)));
    case "module": {
      const child = module.children.get(subject.name);
      if (child === undefined) return [];
      if (subject.output !== undefined) {
        const output = graph.find(child, "output", subject.output);
        if (output !== undefined) return [output];
      }
      return some(graph.find(child, "close", ""));
    }
    default:
      return [];
  }
};

const some = (node: GraphNode | undefined): readonly GraphNode[] => (node === undefined ? [] : [node]);
