import { join } from 'node:path';
import { SyntaxKind, type Node } from 'typescript/unstable/ast';
import { API, SymbolFlags, type Checker, type Project, type Symbol } from 'typescript/unstable/sync';
import { repoRoot } from '../support/repo.ts';

/** Something that a user can name or call, with what its doc comment says. */
export interface Documented {
  readonly name: string;
  /** Its declarations without bodies and comments, on one line each. */
  readonly signatures: readonly string[];
  readonly doc: string;
  /** The text of `@default`. */
  readonly defaults: readonly string[];
  /** The texts of `@throws`, without the type. */
  readonly throws: readonly string[];
}

export interface Exported extends Documented {
  readonly kind: 'function' | 'class' | 'interface' | 'type' | 'value';
  /** The public ones of a class or an interface. */
  readonly members: readonly Documented[];
}

/** What an entry of the package exports, from the sources as the compiler reads them. */
export function exportsOf(entry: string): Exported[] {
  const api = new API({ cwd: repoRoot });
  try {
    const config = join(repoRoot, 'tsconfig.json');
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    const file = project?.program.getSourceFile(join(repoRoot, entry));
    const module = file && project?.checker.getSymbolAtLocation(file);
    if (!project || !module) throw new Error(`${entry} is no module of ${config}`);
    const { checker } = project;
    const all = checker.getExportsOfModule(module).map((symbol) => {
      const target = symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      return toExported(symbol.name, target, project);
    });
    return all.map((own) => ({ ...own, members: own.members.map((member) => withInherited(member, own, all)) }));
  } finally {
    api.close();
  }
}

function toExported(name: string, symbol: Symbol, project: Project): Exported {
  const nodes = nodesOf(symbol, project);
  const [node] = nodes;
  if (!node) throw new Error(`${name} has no declaration`);
  const kind = kindOf(node);
  const members = kind === 'class' || kind === 'interface' ? membersOf(symbol, project) : [];
  return { ...toDocumented(name, symbol, nodes, project.checker), kind, members };
}

/** What a class says nothing of, an interface that it implements may. */
function withInherited(member: Documented, { signatures }: Exported, all: readonly Exported[]): Documented {
  if (member.doc !== '') return member;
  const bases = all.filter(
    ({ kind, name }) =>
      kind === 'interface' && new RegExp(`\\b${name}\\b`).test(signatures[0]?.split(' implements ')[1] ?? ''),
  );
  const documented = bases
    .flatMap(({ members }) => members)
    .find(({ name, doc }) => name === member.name && doc !== '');
  return documented ? { ...documented, signatures: member.signatures } : member;
}

function nodesOf(symbol: Symbol, project: Project): Node[] {
  return symbol.declarations.flatMap((handle) => handle.resolve(project) ?? []);
}

function kindOf({ kind }: Node): Exported['kind'] {
  switch (kind) {
    case SyntaxKind.FunctionDeclaration:
      return 'function';
    case SyntaxKind.ClassDeclaration:
      return 'class';
    case SyntaxKind.InterfaceDeclaration:
      return 'interface';
    case SyntaxKind.TypeAliasDeclaration:
      return 'type';
    default:
      return 'value';
  }
}

/** Its own; what is there for other files of the library alone (`@internal`) is left out. */
function membersOf(symbol: Symbol, project: Project): Documented[] {
  const { checker } = project;
  const owners = nodesOf(symbol, project);
  const isOwn = (node: Node): boolean =>
    owners.some(
      (owner) => owner.getSourceFile() === node.getSourceFile() && owner.pos <= node.pos && node.end <= owner.end,
    );
  return checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).flatMap((member) => {
    const nodes = nodesOf(member, project).filter(isOwn);
    const isInternal = member.getJsDocTags(checker).some(({ name }) => name === 'internal');
    if (nodes.length === 0 || isInternal || /^(?:__)?[#_@]/.test(member.name) || nodes.some(isPrivate)) return [];
    return [toDocumented(member.name, member, nodes, checker)];
  });
}

function isPrivate(node: Node): boolean {
  return /^(?:\w+ )*(?:private|protected|declare private) /.test(node.getText());
}

function toDocumented(name: string, symbol: Symbol, nodes: readonly Node[], checker: Checker): Documented {
  const tags = symbol.getJsDocTags(checker);
  const textsOf = (wanted: string): string[] =>
    tags.filter(({ name }) => name === wanted).map(({ text }) => flat(text ?? ''));
  const declared = nodes.map(signatureOf).filter((text) => text !== '');
  return {
    name,
    // Of overloads the last one is that of the implementation.
    signatures: [...new Set(declared.length > 1 ? declared.slice(0, -1) : declared)],
    doc: flat(symbol.getDocumentationComment(checker)),
    defaults: textsOf('default'),
    throws: textsOf('throws').map((text) => text.replace(/^\{ShellwrightError\}\s*/, '')),
  };
}

/** The declaration up to its body, without comments. */
function signatureOf(node: Node): string {
  const body = bodyStart(node);
  const text = node.getText();
  const head = body === undefined ? text : text.slice(0, body - node.getStart());
  const isGetter = node.kind === SyntaxKind.GetAccessor;
  return flat((isGetter ? head.replace('()', '') : head).replaceAll(/\/\*\*?[^]*?\*\/|(?<=\s)\/\/.*/g, ''))
    .replace(
      /^(?:export|declare|public|override|async|readonly|get|abstract) (?:(?:declare|override|async|readonly|abstract|get) )*/,
      '',
    )
    .replace(/[;{]$/, '')
    .trim();
}

function bodyStart(node: Node): number | undefined {
  const { body, members, initializer } = node as Node & { body?: Node; members?: { pos: number }; initializer?: Node };
  if (node.kind === SyntaxKind.TypeLiteral) return undefined;
  return body?.getStart() ?? members?.pos ?? (initializer && initializer.pos - 1);
}

function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
