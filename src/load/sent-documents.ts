import { isJsonObject, type JsonObject } from "../model/json.ts";
import { parseYamlDocuments } from "./yaml/documents.ts";

/** A document as it would be sent to an API server. */
export interface SentDocument {
  readonly body: JsonObject;
  /** Keys that stand twice, with their line in the document. */
  readonly duplicates: readonly { readonly line: number; readonly key: string }[];
  readonly unreadable?: {
    readonly kind: string;
    readonly apiVersion: string;
    readonly message: string;
    readonly text: string;
  };
}

/** Splits a text into the documents that a client would send one by one; one that is no YAML is kept as it is. */
export const readSentDocuments = (text: string): readonly SentDocument[] =>
  parts(text).flatMap((part) => {
    const { value, diagnostics } = parseYamlDocuments(part, "");
    const broken = diagnostics.find(({ code }) => code === "AKS9101");
    if (broken !== undefined) {
      const line = Math.max(1, (broken.range?.start.line ?? 1) - 1);
      return [
        {
          body: {},
          duplicates: [],
          unreadable: {
            kind: /^kind:\s*(\S+)/m.exec(part)?.[1] ?? "",
            apiVersion: /^apiVersion:\s*(\S+)/m.exec(part)?.[1] ?? "",
            message: `yaml: line ${line}: did not find expected key`,
            text: part,
          },
        },
      ];
    }
    const duplicates = diagnostics
      .filter(({ code }) => code === "AKS9102")
      .map(({ range, detail }) => ({
        line: range?.start.line ?? 0,
        key: /^"(.*)" stands twice/.exec(detail)?.[1] ?? "",
      }));
    return value
      .map((document) => document.value)
      .filter(isJsonObject)
      .map((body) => ({ body, duplicates }));
  });

const parts = (text: string): readonly string[] =>
  text
    .split(/^---\s*$/m)
    .map((part, index) => (index === 0 ? part : part.replace(/^\n/, "")))
    .filter((part) => part.trim() !== "");
