// Does anything lie on a node's own disk where only storage should be?
import { parsePlace } from '../mount-table.ts';
import type { Rule } from '../rule.ts';

export const FILE_RULES: Rule[] = [
  {
    id: 'I7',
    sentence: "No file ever lies on the node's disk below the volume roots.",
    graceMs: 0,
    judge: ({ nodeViews, pods }) =>
      nodeViews.flatMap(({ name, files, folders }) => [
        ...folders.map((folder) => ({ object: `folder ${folder} on ${name}`, marks: [] })),
        ...files.map((file) => {
          const uid = parsePlace(file)?.podUid;
          const pod = pods.find(({ metadata }) => metadata.uid === uid);
          return {
            object: `file ${file} on ${name}`,
            marks: [...file.split('/'), pod?.metadata.namespace],
            broken: 'It lies on the disk of the node',
          };
        }),
      ]),
  },
];
