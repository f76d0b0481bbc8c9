/**
 * The house check: what the compiler cannot say about the structure. Pure: takes the files, gives findings; `main.ts` reads the disk.
 * Every rule says why it exists and the way out. There are no exceptions: a rule that is wrong is changed for everybody.
 */

/** Path from the root of the repository with forward slashes -> text. */
export type Files = ReadonlyMap<string, string>;
export type Finding = { rule: string; where: string; what: string; why: string; wayOut: string };

type Rule = { name: string; why: string; wayOut: string; find: (files: Files) => { where: string; what: string }[] };

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s+['"]([^'"]+)['"]|(?:^|[^\w.])import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s+['"]([^'"]+)['"]/g;

/** Files of the repository that `path` imports (types too), as paths from the root. */
export const importsOf = (path: string, text: string): string[] => {
  const folder = path.split('/').slice(0, -1);
  const found: string[] = [];
  for (const match of text.matchAll(importPattern)) {
    const target = match[1] ?? match[2] ?? match[3];
    if (!target?.startsWith('.')) continue;
    const parts = [...folder];
    for (const part of target.split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '.') parts.push(part);
    }
    found.push(parts.join('/'));
  }
  return found;
};

const isCode = (path: string): boolean => /^src\/.*\.tsx?$/.test(path);
const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path) || /^src\/features\/[^/]+\/test\//.test(path);
const featureOf = (path: string): string | null => /^src\/features\/([^/]+)\//.exec(path)?.[1] ?? null;

/** Features in the order of the contents page: the order of its list, not of its imports. */
export const featureOrder = (files: Files): string[] => {
  const text = files.get('src/features.ts') ?? '';
  const folders = new Map(
    [...text.matchAll(/feature as (\w+) \} from '\.\/features\/([^/]+)\/index\.ts'/g)].map(match => [match[1], match[2]]),
  );
  const list = /=\s*\[([^\]]*)\]/.exec(text)?.[1] ?? '';
  return list.split(',').flatMap(name => folders.get(name.trim()) ?? []);
};

const eachImport = function* (files: Files, wanted: (path: string) => boolean): Generator<{ from: string; to: string }> {
  for (const [path, text] of files) {
    if (!isCode(path) || !wanted(path)) continue;
    for (const to of importsOf(path, text)) yield { from: path, to };
  }
};

const order: Rule = {
  name: 'feature-order',
  why: 'One list is the contents page, the wiring and the rule: a reader knows that nothing above depends on anything below.',
  wayOut: 'Offer a slot or an announcement in the earlier feature and fill it from the later one.',
  find: files => {
    const list = featureOrder(files);
    const found: { where: string; what: string }[] = [];
    for (const { from, to } of eachImport(files, path => !isTest(path))) {
      const [mine, other] = [featureOf(from), featureOf(to)];
      if (!mine || !other || mine === other) continue;
      if (list.indexOf(other) === -1) found.push({ where: from, what: `imports ${other}, which is not in src/features.ts` });
      else if (list.indexOf(other) > list.indexOf(mine))
        found.push({ where: from, what: `imports ${other}, which comes after ${mine} in src/features.ts` });
    }
    return found;
  },
};

const frontDoors: Rule = {
  name: 'front-doors',
  why: 'A feature stays free to change inside as long as others only know its front door.',
  wayOut: "Export what you need from the other feature's index.ts (web: web/index.tsx or, as a type, contract.ts).",
  find: files => {
    const found: { where: string; what: string }[] = [];
    for (const { from, to } of eachImport(files, path => !isTest(path))) {
      const [mine, other] = [featureOf(from), featureOf(to)];
      if (!other || mine === other) continue;
      const inside = to.slice(`src/features/${other}/`.length);
      if (!['index.ts', 'contract.ts', 'web/index.tsx', 'storefront/index.ts', 'texts/en.ts'].includes(inside))
        found.push({ where: from, what: `reaches into ${to}` });
    }
    return found;
  },
};

const groundFloors: Rule = {
  name: 'ground-floors',
  why: 'The ground floors carry every feature, so they may know none of them.',
  wayOut: 'Let the feature hand over what is needed: a slot, a parameter, or a field of Feature.',
  find: files =>
    [...eachImport(files, path => /^src\/(platform|ui|storefront)\//.test(path) && !isTest(path))]
      .filter(({ to }) => /^src\/(features|screens|widgets|server)(\/|\.ts)/.test(to) || to === 'src/features.ts')
      .map(({ from, to }) => ({ where: from, what: `imports ${to}` })),
};

const cycles: Rule = {
  name: 'no-cycles',
  why: 'Two files that need each other are one file in two pieces; nobody can read either alone.',
  wayOut: 'Move what both need into a third file, or pass it in.',
  find: files => {
    const graph = new Map<string, string[]>();
    for (const [path, text] of files)
      if (isCode(path))
        graph.set(
          path,
          importsOf(path, text).filter(to => files.has(to)),
        );
    return strongComponents(graph)
      .filter(component => component.length > 1)
      .map(component => ({ where: component[0], what: `goes in a circle: ${component.join(' -> ')}` }));
  },
};

/** Tarjan's algorithm (1972): groups of files that reach each other. */
const strongComponents = (graph: ReadonlyMap<string, readonly string[]>): string[][] => {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const components: string[][] = [];
  const visit = (node: string): void => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    onStack.add(node);
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) {
        visit(next);
        low.set(node, Math.min(low.get(node)!, low.get(next)!));
      } else if (onStack.has(next)) low.set(node, Math.min(low.get(node)!, index.get(next)!));
    }
    if (low.get(node) !== index.get(node)) return;
    const component: string[] = [];
    let last: string;
    do {
      last = stack.pop()!;
      onStack.delete(last);
      component.push(last);
    } while (last !== node);
    components.push(component.reverse());
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return components;
};

const schemaOf = (path: string): string | null => {
  const feature = featureOf(path);
  if (feature) return feature.replaceAll('-', '_');
  return path.startsWith('src/platform/') ? 'platform' : null;
};

const ownSchema: Rule = {
  name: 'own-schema',
  why: 'Each table has one writer, so its rules are in one place.',
  wayOut: 'Call a function of the feature that owns the table, or announce what happened and let it react.',
  find: files => {
    const found: { where: string; what: string }[] = [];
    const pattern =
      /\b(insert\s+into|update|delete\s+from|truncate(?:\s+table)?|create\s+table(?:\s+if\s+not\s+exists)?|alter\s+table|drop\s+table(?:\s+if\s+exists)?)\s+(?:only\s+)?"?([a-z_]+)"?\."?[a-z_]+"?/gi;
    for (const [path, text] of files) {
      const own = schemaOf(path);
      if (!own || isTest(path) || !/\.(ts|sql)$/.test(path) || path.includes('/texts/')) continue;
      for (const match of text.matchAll(pattern)) {
        // ClickHouse's own system tables are read only; excluded.* belongs to an upsert.
        if (match[2] !== own && !['system', 'excluded'].includes(match[2]))
          found.push({ where: path, what: `writes ${match[0].replace(/\s+/g, ' ')}` });
      }
    }
    return found;
  },
};

const customerTables: Rule = {
  name: 'customer-tables',
  why: 'Merge, export and erasure read one registry; a table that is not in it keeps people who were erased.',
  wayOut: "Name the table in the feature's customerTables with how to merge, export and erase it.",
  find: files => {
    const registered = new Set<string>();
    for (const [path, text] of files)
      if (isCode(path) && /customerTables?\b/i.test(text))
        for (const match of text.matchAll(/'([a-z_]+\.[a-z_]+)'/g)) registered.add(match[1]);
    const found: { where: string; what: string }[] = [];
    for (const [path, text] of files) {
      if (!path.endsWith('.sql')) continue;
      for (const match of text.matchAll(
        /create\s+table\s+(?:if\s+not\s+exists\s+)?"?([a-z_]+)"?\."?([a-z_]+)"?\s*\(([\s\S]*?)\n\)/gi,
      )) {
        const table = `${match[1]}.${match[2]}`;
        const columns = match[3].replace(/--.*$/gm, '');
        if (/(^|\n)\s*(customer_id|origin_id)\s/.test(columns) && !registered.has(table))
          found.push({ where: path, what: `${table} holds something about a customer and is not registered` });
      }
    }
    return found;
  },
};

const vocabulary: Rule = {
  name: 'vocabulary',
  why: 'Any folder opens on the same files, so a reader who knows one knows all.',
  wayOut: 'Name files in kebab-case by noun or verb-noun; give each feature README.md and index.ts.',
  find: files => {
    const found: { where: string; what: string }[] = [];
    for (const name of featureOrder(files)) {
      for (const needed of ['README.md', 'index.ts'])
        if (!files.has(`src/features/${name}/${needed}`)) found.push({ where: `src/features/${name}`, what: `has no ${needed}` });
    }
    for (const path of files.keys()) {
      const file = path.split('/').at(-1)!;
      if (!path.startsWith('src/')) continue;
      if (/\.tsx?$/.test(file) && !/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d|\.bench)?\.tsx?$/.test(file))
        found.push({ where: path, what: 'is not named in kebab-case' });
      if (/^src\/features\/[^/]+\/(utils?|helpers?|misc|common|types)\.ts$/.test(path))
        found.push({ where: path, what: 'has a name that says nothing' });
    }
    return found;
  },
};

const migrations: Rule = {
  name: 'migrations',
  why: 'Migrations run by number over all features; two of one number would run in an order nobody chose.',
  wayOut: 'Take the next free number of your feature.',
  find: files => {
    const byNumber = new Map<string, string>();
    const found: { where: string; what: string }[] = [];
    for (const path of [...files.keys()].filter(one => /\/migrations\//.test(one)).sort()) {
      const number = /\/(\d{4})-[a-z0-9-]+\.sql$/.exec(path)?.[1];
      if (!number) found.push({ where: path, what: 'is not named NNNN-what.sql' });
      else if (byNumber.has(number)) found.push({ where: path, what: `has the number of ${byNumber.get(number)}` });
      else byNumber.set(number, path);
      if (/on\s+delete\s+cascade/i.test((files.get(path) ?? '').replace(/--.*$/gm, '')))
        found.push({ where: path, what: 'deletes by CASCADE, which nobody sees happen' });
    }
    return found;
  },
};

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');

/** "orders.list.title", or a register kept across features: "audit.orders.recorded", "error.orders.currency". */
const ownKey = (feature: string, key: string): boolean =>
  key.startsWith(`${feature}.`) || key.startsWith(`audit.${feature}.`) || key.startsWith(`error.${feature}.`);

const texts: Rule = {
  name: 'texts',
  why: 'Every sentence is found by its key; a key that is missing shows itself to a customer.',
  wayOut: "Add the key to the feature's texts/en.ts, beginning with the feature's name.",
  find: files => {
    const found: { where: string; what: string }[] = [];
    const keys = new Set<string>();
    for (const [path, text] of files) {
      // en.ts, and beside it what only the server says (page.ts); other languages follow English.
      if (!/\/texts\/(en|[a-z-]{3,})\.ts$/.test(path)) continue;
      const feature = featureOf(path);
      for (const match of text.matchAll(/^\s*'([^']+)':/gm)) {
        keys.add(match[1].replace(/_(one|other)$/, '')).add(match[1]);
        if (feature && !ownKey(feature, match[1]))
          found.push({ where: path, what: `the key "${match[1]}" does not begin with "${feature}."` });
      }
    }
    for (const [path, text] of files) {
      if (!isCode(path) || isTest(path) || path.includes('/texts/')) continue;
      for (const match of withoutComments(text).matchAll(/\b(?:t|text)\(\s*'([a-z][\w-]*(?:\.[\w-]+)+)'/g))
        if (!keys.has(match[1])) found.push({ where: path, what: `uses the key "${match[1]}", which has no text` });
    }
    return found;
  },
};

export const rules: readonly Rule[] = [
  order,
  frontDoors,
  groundFloors,
  cycles,
  ownSchema,
  customerTables,
  vocabulary,
  migrations,
  texts,
];

export const checkHouse = (files: Files): Finding[] =>
  rules.flatMap(rule => rule.find(files).map(one => ({ rule: rule.name, ...one, why: rule.why, wayOut: rule.wayOut })));
