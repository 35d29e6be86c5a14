// What does a console stand on in a test: caches, Temporal, nodes and an API server that knows its users?
import { pino } from 'pino';
import type { ReviewedUser, WantedAccess } from '../../console/server/access-review.ts';
import type { ConsoleAppOptions } from '../../console/server/app.ts';
import { createConsoleApp } from '../../console/server/app.ts';
import { createClaimAnswers } from '../../console/server/claim-answers.ts';
import { ClaimStreams } from '../../console/server/claim-streams.ts';
import { STREAM_TIMING } from '../../console/server/claim-stream.ts';
import type { StreamTiming } from '../../console/server/claim-stream.ts';
import { ConsoleRefusal } from '../../console/server/refusal.ts';
import { createTokenViewers } from '../../console/server/token-viewers.ts';
import { EVERYTHING } from '../../console/server/viewer.ts';
import type { MountsAnswer } from '../../console/model/views.ts';
import type { WorkflowHistory } from '../../console/model/timeline.ts';
import type { PodView } from '../../watch/cluster-view.ts';
import { FakeCluster } from './fake-cluster.ts';

/** Namespaces in which the owner of a token may read; `*` for all. */
export type Rights = Record<string, readonly string[]>;

export class FakeConsole {
  readonly cluster = new FakeCluster();
  readonly streams: ClaimStreams;
  /** Answers of the query `explain`, by workflow id; Temporal is silent about the others. */
  readonly explanations = new Map<string, string>();
  readonly histories = new Map<string, WorkflowHistory>();
  /** Of mount pods that serve another claim. */
  readonly ofOthers = new Set<string>();
  readonly files: ConsoleAppOptions['files'] = new Map();
  mounts: MountsAnswer = { mounts: [], unreachableNodes: [] };
  /** Namespaces that the nodes were asked about; undefined is all. */
  readonly askedMounts: (string[] | undefined)[] = [];
  /** Mount pods whose sharing key was looked at. */
  readonly comparedKeys: string[] = [];
  /** What the API server was asked, as `token <token>` and `<user> <verb> <namespace>`. */
  readonly reviews: string[] = [];
  isApiServerDown = false;
  isTemporalDown = false;
  nowMs = 0;

  readonly #rights: Rights;

  constructor({
    rights = {},
    timing = {},
  }: { rights?: Rights; timing?: Partial<StreamTiming> } = {}) {
    this.#rights = rights;
    this.streams = new ClaimStreams(this.cluster.view, { ...STREAM_TIMING, ...timing });
  }

  /** The listener for port-forwards. */
  buildOpenApp() {
    return this.#build({ admit: () => {}, findViewer: async () => EVERYTHING });
  }

  /** The listener for bearer tokens; without TLS, which is not what is tested. */
  buildTokenApp() {
    const find = createTokenViewers({
      reviewToken: (token) => this.reviewToken(token),
      reviewAccess: (user, access) => this.reviewAccess(user, access),
      nowMs: () => this.nowMs,
    });
    return this.#build({
      admit: () => {},
      findViewer: ({ headers }) => find(headers.authorization),
    });
  }

  /** A token is the name of its owner. */
  async reviewToken(token: string): Promise<{ authenticated?: boolean; user?: ReviewedUser }> {
    this.reviews.push(`token ${token}`);
    if (this.isApiServerDown) throw new Error('connect ECONNREFUSED');
    return Object.hasOwn(this.#rights, token)
      ? { authenticated: true, user: { username: token } }
      : {};
  }

  async reviewAccess(
    user: ReviewedUser,
    { verb, namespace = '*' }: WantedAccess,
  ): Promise<boolean> {
    const { username = '' } = user;
    this.reviews.push(`${username} ${verb} ${namespace}`);
    if (this.isApiServerDown) throw new Error('connect ECONNREFUSED');
    const allowed = this.#rights[username] ?? [];
    return allowed.includes('*') || allowed.includes(namespace);
  }

  #build(admission: Pick<ConsoleAppOptions, 'admit' | 'findViewer'>) {
    const answers = createClaimAnswers({
      view: this.cluster.view,
      workflows: {
        explain: async (id) => (this.isTemporalDown ? undefined : this.explanations.get(id)),
        readHistory: async (id) => this.#readHistory(id),
      },
      readMounts: async (namespaces) => {
        this.askedMounts.push(namespaces && [...namespaces]);
        return this.mounts;
      },
      mayServe: (_claim, pod: PodView) => {
        this.comparedKeys.push(pod.name);
        return !this.ofOthers.has(pod.name);
      },
    });
    const log = pino({ level: 'silent' });
    return createConsoleApp({
      answers,
      streams: this.streams,
      files: this.files,
      log,
      ...admission,
    });
  }

  #readHistory(id: string): WorkflowHistory {
    if (this.isTemporalDown) throw new ConsoleRefusal(503, 'Temporal does not answer');
    const history = this.histories.get(id);
    if (history) return history;
    throw new ConsoleRefusal(404, `Temporal has no workflow ${id}`);
  }
}
