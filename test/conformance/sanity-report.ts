// What did csi-sanity run, and what did it leave out? (Ginkgo's JSON report)

/** One spec of csi-sanity. */
export interface Spec {
  /** `Node Service NodePublishVolume should fail when …` */
  title: string;
  /** Its outermost container, `Node Service`. */
  suite: string;
  state: string;
  /** Why it failed, or was skipped by itself; empty when the focus left it out. */
  message: string;
}

interface GinkgoReport {
  SpecReports: {
    LeafNodeType: string;
    LeafNodeText: string;
    ContainerHierarchyTexts: string[] | null;
    State: string;
    Failure?: { Message?: string };
  }[];
}

/** Pure: every spec of a report, in its order. */
export function parseSanityReport(text: string): Spec[] {
  const reports = JSON.parse(text) as GinkgoReport[];
  return reports
    .flatMap(({ SpecReports }) => SpecReports)
    .filter((spec) => spec.LeafNodeType === 'It')
    .map((spec) => {
      const containers = spec.ContainerHierarchyTexts ?? [];
      return {
        title: [...containers, spec.LeafNodeText].join(' '),
        suite: containers[0] ?? '',
        state: spec.State,
        message: spec.Failure?.Message ?? '',
      };
    });
}
